"""Vectors for tokens and for the positions they stand at, added up."""

from __future__ import annotations

import numpy as np

from glassnet import initializers
from glassnet._validation import as_labels, one_of, positive_int
from glassnet.layers.base import Layer, initializer_config
from glassnet.layers.embedding import embedding_backward, embedding_forward
from glassnet.layers.positions import sinusoidal_positions

__all__ = [
    "TokenAndPositionEmbedding",
    "token_and_position_backward",
    "token_and_position_forward",
]


def token_and_position_forward(x, embeddings, positions, scale=1.0):
    r"""Vector of each token and of its place, :math:`y_t = s\,E_{x_t} + P_t`.

    Parameters
    ----------
    x : ndarray of int, shape (batch, time)
        Tokens from 0 to vocabulary_size - 1.
    embeddings : ndarray, shape (vocabulary_size, dim)
        The vectors E of the tokens.
    positions : ndarray, shape (length, dim)
        The vectors P of the positions, at least as many as there are steps.
    scale : float
        The factor s.

    Returns
    -------
    y : ndarray, shape (batch, time, dim)
    cache : tuple
        What `token_and_position_backward` needs.
    """
    vectors, cache = embedding_forward(x, embeddings)
    return scale * vectors + positions[: x.shape[1]], (cache, positions, scale)


def token_and_position_backward(dy, cache):
    """Gradients of a scalar loss through `token_and_position_forward`.

    Parameters
    ----------
    dy : ndarray, shape (batch, time, dim)
    cache : tuple
        From `token_and_position_forward`.

    Returns
    -------
    dx : None
        Tokens are integers and have no gradient.
    grads : dict
        ``"embeddings"`` and ``"positions"``, of the shapes of the arguments.
    """
    embedding_cache, positions, scale = cache
    dx, grads = embedding_backward(scale * dy, embedding_cache)
    dpositions = np.zeros_like(positions)
    dpositions[: dy.shape[1]] = dy.sum(axis=0)  # a position is the same in all sequences
    return dx, grads | {"positions": dpositions}


class TokenAndPositionEmbedding(Layer):
    """Vectors for tokens and positions, KerasHub's ``TokenAndPositionEmbedding``.

    The weights, in order: ``embeddings``, shape (vocabulary_size, embedding_dim), and with
    ``positions="learned"`` also ``positions``, shape (sequence_length, embedding_dim).

    Parameters
    ----------
    vocabulary_size : int
        Number of tokens, which are the integers below it.
    sequence_length : int
        The longest sequence.
    embedding_dim : int
        Length of the vectors.
    embeddings_initializer : str or Initializer
        Where the vectors start.
    mask_zero : bool
        Whether the token 0 only fills a sequence up.
    positions : str
        ``"learned"`` as in KerasHub, or ``"sinusoidal"`` as in the paper: fixed waves, beside
        which the vectors of the tokens are scaled up by the root of their length.
    name : str, optional

    Raises
    ------
    ValueError
        If a size is not a positive integer, `positions` is unknown, a sequence is too long, or a
        token is no integer from 0 to `vocabulary_size` - 1.

    References
    ----------
    Vaswani et al. (2017). Attention is all you need, sections 3.4 and 3.5.
    """

    def __init__(
        self,
        vocabulary_size,
        sequence_length,
        embedding_dim,
        embeddings_initializer="glorot_uniform",
        mask_zero=False,
        positions="learned",
        name=None,
    ):
        super().__init__(name)
        self.vocabulary_size = positive_int(vocabulary_size, "vocabulary_size")
        self.sequence_length = positive_int(sequence_length, "sequence_length")
        self.embedding_dim = positive_int(embedding_dim, "embedding_dim")
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.mask_zero = bool(mask_zero)
        self.positions = one_of(positions, ("learned", "sinusoidal"), "positions")
        if positions == "sinusoidal" and embedding_dim % 2:
            raise ValueError(
                f"Sinusoidal positions need an even `embedding_dim`. "
                f"Received: embedding_dim={embedding_dim}"
            )

    def create_weights(self, input_shape, rng, dtype):
        """Draw the vectors, or compute those of the positions."""
        draw, dim = self.embeddings_initializer, self.embedding_dim
        self.params["embeddings"] = draw((self.vocabulary_size, dim), rng, dtype)
        if self.positions == "learned":
            self.params["positions"] = draw((self.sequence_length, dim), rng, dtype)
        else:
            self._waves = sinusoidal_positions(self.sequence_length, dim, dtype)

    def compute_output_shape(self, input_shape):
        """Return (batch, time, embedding_dim)."""
        if len(input_shape) != 2 or (input_shape[1] or 0) > self.sequence_length:
            raise ValueError(
                f"Layer {self.name!r} needs tokens of shape (batch, time) with at most "
                f"{self.sequence_length} steps. Received: input_shape={tuple(input_shape)}"
            )
        return (*input_shape, self.embedding_dim)

    def as_input(self, x):
        """Return the tokens as integers, each below `vocabulary_size`."""
        return as_labels(x, self.vocabulary_size, f"input of {self.name}")

    def compute_mask(self, x, mask=None):
        """Return True where a token is not 0 if `mask_zero`, shape of x, else None."""
        return self.as_input(x) != 0 if self.mask_zero else None

    def forward(self, x, training=False):
        """Return the vectors for the tokens x, shape (batch, time, embedding_dim)."""
        x = self._check_input(x)
        self.compute_output_shape(x.shape)
        embeddings, scale = self.params["embeddings"], 1.0
        if self.positions == "learned":
            positions = self.params["positions"]
        else:
            positions, scale = self._waves, float(self.embedding_dim**0.5)
        y, self._cache = token_and_position_forward(x, embeddings, positions, scale)
        return y

    def backward(self, dy):
        """Fill `grads` and return None: tokens have no gradient."""
        dx, grads = token_and_position_backward(self._check_gradient(dy), self._cache)
        self.grads = {key: grads[key] for key in self.params}
        return dx

    def get_config(self):
        """Return the constructor's arguments as a dict, under the names KerasHub gives them."""
        return super().get_config() | {
            "vocabulary_size": self.vocabulary_size,
            "sequence_length": self.sequence_length,
            "embedding_dim": self.embedding_dim,
            "embeddings_initializer": initializer_config(self.embeddings_initializer),
            "mask_zero": self.mask_zero,
            "positions": self.positions,
        }
