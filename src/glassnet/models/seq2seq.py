"""Translation by recurrent networks: one reads, one writes, with or without attention."""

from __future__ import annotations

import numpy as np

from glassnet._validation import one_of, positive_int
from glassnet.layers import (
    GRU,
    LSTM,
    AdditiveAttention,
    Attention,
    Concatenate,
    Dense,
    Embedding,
)
from glassnet.models.decoding import PADDING
from glassnet.models.encoder_decoder import EncoderDecoder

__all__ = ["Seq2Seq"]

CELLS = {"gru": GRU, "lstm": LSTM}


class Seq2Seq(EncoderDecoder):
    r"""Two recurrent networks: the last state of the one that reads starts the one that writes.

    With attention, each state h of the decoder is compared with all outputs of the encoder, and
    what their average c adds goes into the prediction:
    :math:`\tilde h = \tanh([c, h] W + b)`. The weights lie in the order of `layers`.

    Parameters
    ----------
    source_vocabulary_size, target_vocabulary_size : int
        Numbers of tokens, 0 for the padding included.
    embedding_dim : int
        Length of the vectors of tokens.
    units : int
        Length of the states.
    cell : str
        ``"gru"`` or ``"lstm"``.
    attention : str, optional
        How states are compared: ``"dot"`` by their product (Luong), ``"additive"`` by a small
        network (Bahdanau). Either way the comparison follows the recurrent step, as Luong has it.
    start_token, end_token : int
        Which of the target's tokens open and close a sequence.
    name : str, optional

    Attributes
    ----------
    layers : list of Layer
        ``source_embedding``, ``encoder``, ``target_embedding``, ``decoder``; with attention
        ``query`` and ``key`` (additive only), ``attention``, ``concatenate`` and ``combine``; then
        ``predict``. Each is an attribute of that name too, but the attention's is
        ``attention_layer``.

    Raises
    ------
    ValueError
        If a size is not a positive integer, a name is unknown, or a token is out of range.

    References
    ----------
    Sutskever, Vinyals and Le (2014). Sequence to sequence learning with neural networks. Cho et al.
    (2014). Learning phrase representations using RNN encoder-decoder for statistical machine
    translation. Bahdanau, Cho and Bengio (2015). Neural machine translation by jointly learning to
    align and translate. Luong, Pham and Manning (2015). Effective approaches to attention-based
    neural machine translation.
    """

    def __init__(
        self,
        source_vocabulary_size,
        target_vocabulary_size,
        embedding_dim,
        units,
        cell="gru",
        attention=None,
        start_token=1,
        end_token=2,
        name=None,
    ):
        sizes = source_vocabulary_size, target_vocabulary_size
        super().__init__(*sizes, start_token, end_token, name)
        self.embedding_dim = positive_int(embedding_dim, "embedding_dim")
        self.units = positive_int(units, "units")
        self.cell = one_of(cell, tuple(CELLS), "cell")
        self.attention = one_of(attention, (None, "dot", "additive"), "attention")
        recurrent, attends = CELLS[cell], attention is not None
        self.source_embedding = Embedding(sizes[0], embedding_dim, name="source_embedding")
        self.encoder = recurrent(units, return_sequences=attends, return_state=True, name="encoder")
        self.target_embedding = Embedding(sizes[1], embedding_dim, name="target_embedding")
        self.decoder = recurrent(units, return_sequences=True, return_state=True, name="decoder")
        self.layers = [self.source_embedding, self.encoder, self.target_embedding, self.decoder]
        self.attention_layer = None
        if attention == "additive":
            self.query = Dense(units, use_bias=False, name="query")
            self.key = Dense(units, use_bias=False, name="key")
            self.layers += [self.query, self.key]
        if attends:
            kind = AdditiveAttention if attention == "additive" else Attention
            self.attention_layer = kind(name="attention")
            self.concatenate = Concatenate(name="concatenate")
            self.combine = Dense(units, "tanh", name="combine")
            self.layers += [self.attention_layer, self.concatenate, self.combine]
        self.predict_layer = Dense(sizes[1], name="predict")
        self.layers.append(self.predict_layer)

    def shapes(self):
        """Return the shape of the input of every layer, in the order of `layers`."""
        tokens, vectors = (None, None), (None, None, self.embedding_dim)
        states = (None, None, self.units)
        attended = []
        if self.attention == "additive":
            attended = [states, states]
        if self.attention is not None:
            inputs = [states] * (3 if self.attention == "additive" else 2)
            attended += [inputs, [states, states], (None, None, 2 * self.units)]
        return [tokens, vectors, tokens, vectors, *attended, states]

    def run(self, source, target, training):
        """Return the logits for tokens that have been checked."""
        memory, *states = self._encode(source)
        logits, _ = self._decode(target, memory, source != PADDING, states)
        return logits

    def _encode(self, source):
        """Return the encoder's output, and its last states; the padding changes no state."""
        vectors = self.source_embedding.forward(source)
        return self.encoder.forward(vectors, mask=source != PADDING)

    def _decode(self, target, memory, mask, states):
        """Return the logits, and the decoder's last states."""
        vectors = self.target_embedding.forward(target)
        y, *states = self.decoder.forward(vectors, initial_state=states)
        if self.attention is not None:
            y = self._attend(y, memory, mask)
        return self.predict_layer.forward(y), states

    def _attend(self, y, memory, mask):
        """Return the decoder's states together with what they find in the memory."""
        given = [y, memory]
        if self.attention == "additive":
            given = [self.query.forward(y), memory, self.key.forward(memory)]
        context = self.attention_layer.forward(given, mask=[None, mask])
        return self.combine.forward(self.concatenate.forward([context, y]))

    def run_back(self, dy):
        """Go back through `run`, and fill the gradients of all layers."""
        dy, dmemory = self.predict_layer.backward(dy), None
        if self.attention is not None:
            dy, dmemory = self._attend_backward(dy)
        nothing = [np.zeros_like(dy[:, 0]) for _ in self.decoder.state_names]
        self.target_embedding.backward(self.decoder.backward([dy, *nothing]))
        dstates = self.decoder.state_gradients  # all that the encoder hears of without attention
        dmemory = np.zeros_like(dstates[0]) if dmemory is None else dmemory
        self.source_embedding.backward(self.encoder.backward([dmemory, *dstates]))

    def _attend_backward(self, dy):
        """Return the gradients by the decoder's states and by the memory."""
        dcontext, dy = self.concatenate.backward(self.combine.backward(dy))
        dquery, dmemory, *dkey = self.attention_layer.backward(dcontext)
        if self.attention == "additive":
            dquery = self.query.backward(dquery)
            dmemory = dmemory + self.key.backward(dkey[0])
        return dy + dquery, dmemory

    def start(self, source):
        """Return the state from which `step` goes on: the encoder's last states, and its memory."""
        memory, *states = self._encode(source)
        return (*states, memory, source != PADDING)

    def step(self, tokens, state):
        """Return the log probabilities of the next token, and the new state."""
        *states, memory, mask = state
        logits, states = self._decode(tokens[:, np.newaxis], memory, mask, states)
        return self._log_probabilities(logits[:, 0]), (*states, memory, mask)

    @property
    def attention_scores(self):
        """Weights of the source steps in the last `forward`, shape (batch, time, steps), or None.

        They belong to the target tokens that were the input, one row for each that was predicted.
        """
        return getattr(self.attention_layer, "weights_of_values", None)

    def __repr__(self):
        sizes = f"{self.source_vocabulary_size}, {self.target_vocabulary_size}"
        return (
            f"Seq2Seq({sizes}, embedding_dim={self.embedding_dim}, units={self.units}, "
            f"cell={self.cell!r}, attention={self.attention!r})"
        )
