"""What models that translate have in common: two vocabularies, training, and decoding."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from glassnet._validation import positive_int
from glassnet.activations import log_softmax
from glassnet.models.batches import checked_inputs
from glassnet.models.decoding import PADDING, beam_search, greedy_decode
from glassnet.models.layered import LayeredModel

__all__ = ["EncoderDecoder"]


class EncoderDecoder(LayeredModel):
    """A model that reads a source and writes a target; the base of `Seq2Seq` and `Transformer`.

    Its input is a pair of integer arrays: source tokens, shape (batch, steps), and the target
    tokens up to the one to be predicted, shape (batch, time): with teacher forcing the true ones.
    The output is the logits of each next token, shape (batch, time, target_vocabulary_size). With
    targets `t` that open with a start token and close with an end token, ::

        model.compile(optimizer, SparseCategoricalCrossentropy(from_logits=True, ignore_class=0))
        model.fit((source, t[:, :-1]), t[:, 1:])

    trains, and leaves the padding, token 0, out of the loss. The model itself does not look at the
    padding of the source, either.

    A subclass has `layers`, which begin with `source_embedding`, and `target_embedding`, and
    defines `shapes`, `run`, `run_back`, `start` and `step`.

    Parameters
    ----------
    source_vocabulary_size, target_vocabulary_size : int
        Numbers of tokens, 0 for the padding included.
    start_token, end_token : int
        Which of the target's tokens open and close a sequence.
    name : str, optional

    Raises
    ------
    ValueError
        If a size is not a positive integer, or a token is not in the target's vocabulary.

    References
    ----------
    Sutskever, Vinyals and Le (2014). Sequence to sequence learning with neural networks.
    """

    def __init__(
        self, source_vocabulary_size, target_vocabulary_size, start_token, end_token, name
    ):
        self.source_vocabulary_size = positive_int(source_vocabulary_size, "source_vocabulary_size")
        size = positive_int(target_vocabulary_size, "target_vocabulary_size")
        self.target_vocabulary_size = size
        self.start_token = positive_int(start_token, "start_token")
        self.end_token = positive_int(end_token, "end_token")
        if max(start_token, end_token) >= size or start_token == end_token:
            raise ValueError(
                f"`start_token` and `end_token` must be two tokens below {size}. "
                f"Received: start_token={start_token}, end_token={end_token}"
            )
        self.name = name or type(self).__name__.lower()
        self.layers, self.built = [], False

    def build(self, rng, dtype=np.float32):
        """Create the weights of all layers; a second call draws new ones.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the weights, the random masks, and the order of the samples in `fit`.
        dtype : numpy dtype
            Kind of float of the weights.
        """
        self.built = False
        for layer, shape in zip(self.layers, self.shapes(), strict=True):
            layer.build(shape, rng, dtype)
        self.rng, self.dtype = rng, np.dtype(dtype)
        self.built = True

    @abstractmethod
    def shapes(self):
        """Return the shape of the input of every layer, in the order of `layers`."""

    def forward(self, x, training=False):
        """Return the logits of each next token, shape (batch, time, target_vocabulary_size).

        Parameters
        ----------
        x : tuple of ndarray of int
            Source tokens, shape (batch, steps), and target tokens, shape (batch, time).
        training : bool
            Whether to drop, in a model that does.
        """
        self.require_built()
        return self.run(*checked_inputs(x, self.input_layers, self.dtype), training)

    def backward(self, dy, input_gradient=True):
        """Fill the gradients of all layers, from the last to the first.

        Parameters
        ----------
        dy : ndarray, shape of the output
            Gradient of the loss by the output of the last `forward`.
        input_gradient : bool
            Makes no difference: tokens have no gradient.

        Returns
        -------
        None
        """
        self.require_built()
        self.run_back(dy)

    @abstractmethod
    def run(self, source, target, training):
        """Return the logits for tokens that have been checked."""

    @abstractmethod
    def run_back(self, dy):
        """Go back through `run`, and fill the gradients of all layers."""

    @abstractmethod
    def start(self, source):
        """Return the state from which `step` goes on, a tuple of arrays, for source tokens."""

    @abstractmethod
    def step(self, tokens, state):
        """Return the log probabilities of the next token, and the new state.

        Parameters
        ----------
        tokens : ndarray of int, shape (batch,)
            The last token of each sequence.
        state : tuple of ndarray
            From `start`, or from the step before.

        Returns
        -------
        log_probabilities : ndarray, shape (batch, target_vocabulary_size)
            That of the padding is minus infinity.
        state : tuple of ndarray
        """

    def translate(self, source, max_length, beam_width=1, length_penalty=0.0):
        """Return the target tokens for source tokens, one after the other.

        What it writes is what it reads at the next step; nothing is left for `backward`.

        Parameters
        ----------
        source : array_like of int, shape (batch, steps)
        max_length : int
            Tokens after which a sequence is cut off.
        beam_width : int
            How many beginnings are kept; 1 takes the likeliest token at every step.
        length_penalty : float
            See `beam_search`.

        Returns
        -------
        ndarray of int, shape (batch, length)
            Without the start token, with the end token where it came, filled up with 0.
        """
        self.require_built()
        source = checked_inputs(source, self.source_embedding, self.dtype)
        options = self.start(source), self.start_token, self.end_token, max_length
        if beam_width == 1:
            return greedy_decode(self.step, *options)[0]
        return beam_search(self.step, *options, beam_width, length_penalty)[0][:, 0]

    @property
    def input_layers(self):
        """The layers that take source and target."""
        return [self.source_embedding, self.target_embedding]

    @property
    def input_shape(self):
        """Shapes of source and target, with the batch axis."""
        return [(None, None), (None, None)]

    @property
    def output_shape(self):
        """Shape of the output, with the batch axis."""
        return self.compute_output_shape(self.input_shape)

    def compute_output_shape(self, input_shape):
        """Return (batch, time, target_vocabulary_size) for the shapes of source and target."""
        return (*input_shape[1], self.target_vocabulary_size)

    def _log_probabilities(self, logits):
        """Those of the tokens that can come next; the padding is none of them."""
        log_p = log_softmax(logits)
        log_p[:, PADDING] = -np.inf
        return log_p
