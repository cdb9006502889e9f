"""Vectors for tokens."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from glassnet import initializers
from glassnet._validation import as_labels, positive_int
from glassnet.layers.base import Layer, initializer_config

__all__ = ["Embedding", "embedding_backward", "embedding_forward"]


def embedding_forward(x, embeddings):
    """Look up the vector of each token.

    The same as the product of a one-hot matrix with `embeddings`, without the zeros.

    Parameters
    ----------
    x : ndarray of int, shape (batch, ...)
        Tokens from 0 to input_dim - 1.
    embeddings : ndarray, shape (input_dim, output_dim)
        One row for each token.

    Returns
    -------
    y : ndarray, shape (batch, ..., output_dim)
    cache : tuple
        What `embedding_backward` needs.
    """
    return embeddings[x], (x, embeddings)


def embedding_backward(dy, cache):
    """Gradient of a scalar loss through `embedding_forward`.

    Parameters
    ----------
    dy : ndarray, shape (batch, ..., output_dim)
        Gradient of the loss with respect to y.
    cache : tuple
        From `embedding_forward`.

    Returns
    -------
    dx : None
        Tokens are integers and have no gradient.
    grads : dict
        ``"embeddings"``, shape (input_dim, output_dim).
    """
    x, embeddings = cache
    dembeddings = np.zeros_like(embeddings)
    np.add.at(dembeddings, x, dy)  # += would count a token that comes twice only once
    return None, {"embeddings": dembeddings}


class Embedding(Layer):
    """A vector to learn for each token, the twin of ``keras.layers.Embedding``.

    Parameters
    ----------
    input_dim : int
        Number of tokens, which are the integers below it.
    output_dim : int
        Length of the vectors.
    embeddings_initializer : str or Initializer
        Where the vectors start.
    mask_zero : bool
        Whether the token 0 only fills a sequence up, so that layers that follow skip it.
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``embeddings_regularizer`` and ``embeddings_constraint``; see `Layer`.

    Raises
    ------
    ValueError
        If a size is not a positive integer, or a token is no integer from 0 to `input_dim` - 1.

    References
    ----------
    Bengio, Ducharme, Vincent and Jauvin (2003). A neural probabilistic language model.
    """

    weight_words: ClassVar = {"embeddings": "embeddings"}

    def __init__(
        self,
        input_dim,
        output_dim,
        embeddings_initializer="random_uniform",
        mask_zero=False,
        name=None,
        **weight_rules,
    ):
        super().__init__(name, **weight_rules)
        self.input_dim = positive_int(input_dim, "input_dim")
        self.output_dim = positive_int(output_dim, "output_dim")
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.mask_zero = bool(mask_zero)

    def create_weights(self, input_shape, rng, dtype):
        """Draw the vectors, shape (input_dim, output_dim)."""
        shape = self.input_dim, self.output_dim
        self.params["embeddings"] = self.embeddings_initializer(shape, rng, dtype)

    def compute_output_shape(self, input_shape):
        """Return `input_shape` with `output_dim` as a further axis."""
        return (*input_shape, self.output_dim)

    def as_input(self, x):
        """Return the tokens as integers, each below `input_dim`."""
        return as_labels(x, self.input_dim, f"input of {self.name}")

    def compute_mask(self, x, mask=None):
        """Return True where a token is not 0 if `mask_zero`, shape of x, else None."""
        return self.as_input(x) != 0 if self.mask_zero else None

    def forward(self, x, training=False):
        """Return the vectors of the tokens x, shape (batch, ..., output_dim)."""
        x = self._check_input(x)
        y, self._cache = embedding_forward(x, self.params["embeddings"])
        return y

    def backward(self, dy):
        """Fill `grads` and return None: tokens have no gradient."""
        dx, self.grads = embedding_backward(self._check_gradient(dy), self._cache)
        return dx

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializer_config(self.embeddings_initializer),
            "mask_zero": self.mask_zero,
        }
