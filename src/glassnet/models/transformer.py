"""Translation by attention alone."""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int
from glassnet.layers import (
    Dense,
    Dropout,
    LayerNormalization,
    TokenAndPositionEmbedding,
    TransformerDecoder,
    TransformerEncoder,
)
from glassnet.models.decoding import PADDING
from glassnet.models.encoder_decoder import EncoderDecoder

__all__ = ["Transformer"]


class Transformer(EncoderDecoder):
    """Encoder blocks that read, decoder blocks that write and look at what was read.

    The weights lie in the order of `layers`: ``source_embedding``, the encoder's blocks,
    ``target_embedding``, the decoder's blocks, ``predict``. With `normalize_first` a
    LayerNormalization closes either stack, since the last sum would else not be normalised.

    Parameters
    ----------
    source_vocabulary_size, target_vocabulary_size : int
        Numbers of tokens, 0 for the padding included.
    sequence_length : int
        The longest sequence, on either side.
    embedding_dim : int
        Features of every step.
    intermediate_dim : int
        Units inside the dense part of a block.
    num_heads : int
    num_layers : int
        Blocks of the encoder, and as many of the decoder.
    dropout : float
        Share dropped in training: of the embeddings, and of each sublayer's output.
    activation : str or ActivationPair
        Inside the dense part of a block.
    normalize_first : bool
        Pre-norm instead of post-norm.
    positions : str
        ``"sinusoidal"`` or ``"learned"``, see `glassnet.layers.TokenAndPositionEmbedding`.
    start_token, end_token : int
        Which of the target's tokens open and close a sequence.
    name : str, optional

    Raises
    ------
    ValueError
        If a number is out of its range, or a name is unknown.

    References
    ----------
    Vaswani et al. (2017). Attention is all you need.
    """

    def __init__(
        self,
        source_vocabulary_size,
        target_vocabulary_size,
        sequence_length,
        embedding_dim,
        intermediate_dim,
        num_heads,
        num_layers=1,
        dropout=0.0,
        activation="relu",
        normalize_first=False,
        positions="sinusoidal",
        start_token=1,
        end_token=2,
        name=None,
    ):
        sizes = source_vocabulary_size, target_vocabulary_size
        super().__init__(*sizes, start_token, end_token, name)
        self.embedding_dim = positive_int(embedding_dim, "embedding_dim")
        self.num_layers = positive_int(num_layers, "num_layers")
        block = intermediate_dim, num_heads, dropout, activation
        self.source_embedding, self.target_embedding = (
            TokenAndPositionEmbedding(
                size, sequence_length, embedding_dim, positions=positions, name=f"{side}_embedding"
            )
            for size, side in zip(sizes, ("source", "target"), strict=True)
        )
        stacks = []
        for side, kind in (("encoder", TransformerEncoder), ("decoder", TransformerDecoder)):
            stack = [Dropout(dropout, name=f"{side}_dropout")]
            for i in range(num_layers):
                name = f"{side}_{i + 1}"
                stack.append(kind(*block, normalize_first=normalize_first, name=name))
            if normalize_first:
                stack.append(LayerNormalization(epsilon=1e-5, name=f"{side}_norm"))
            stacks.append(stack)
        self.encoder, self.decoder = stacks
        self.predict_layer = Dense(sizes[1], name="predict")
        self.layers = [self.source_embedding, *self.encoder]
        self.layers += [self.target_embedding, *self.decoder, self.predict_layer]

    def shapes(self):
        """Return the shape of the input of every layer, in the order of `layers`."""
        tokens, vectors = (None, None), (None, None, self.embedding_dim)
        decoder = [
            [vectors, vectors] if isinstance(layer, TransformerDecoder) else vectors
            for layer in self.decoder
        ]
        return [tokens, *[vectors] * len(self.encoder), tokens, *decoder, vectors]

    def run(self, source, target, training):
        """Return the logits for tokens that have been checked."""
        memory = self._encode(source, training)
        return self._decode(target, memory, source != PADDING, training)

    def _encode(self, source, training=False):
        """Return the memory, shape (batch, steps, embedding_dim)."""
        x = self.source_embedding.forward(source)
        for layer in self.encoder:
            options = {"mask": source != PADDING} if isinstance(layer, TransformerEncoder) else {}
            x = layer.forward(x, training=training, **options)
        return x

    def _decode(self, target, memory, mask, training=False):
        """Return the logits; no step sees a later one, nor the padding of source or target."""
        x = self.target_embedding.forward(target)
        for layer in self.decoder:
            if isinstance(layer, TransformerDecoder):
                masks = [target != PADDING, mask]
                x = layer.forward([x, memory], training=training, mask=masks)
            else:
                x = layer.forward(x, training=training)
        return self.predict_layer.forward(x)

    def run_back(self, dy):
        """Go back through `run`, and fill the gradients of all layers."""
        dy, dmemory = self.predict_layer.backward(dy), 0
        for layer in reversed(self.decoder):
            if isinstance(layer, TransformerDecoder):
                dy, by_memory = layer.backward(dy)
                dmemory = dmemory + by_memory  # every block looks at the same memory
            else:
                dy = layer.backward(dy)
        self.target_embedding.backward(dy)
        for layer in reversed(self.encoder):
            dmemory = layer.backward(dmemory)
        self.source_embedding.backward(dmemory)

    def start(self, source):
        """Return the state from which `step` goes on: the memory, its mask, no token so far."""
        memory = self._encode(source)
        return memory, source != PADDING, np.empty((len(source), 0), np.int64)

    def step(self, tokens, state):
        """Return the log probabilities of the next token, and the new state.

        All tokens so far are decoded anew, since each block looks back at those before.
        """
        memory, mask, written = state
        written = np.concatenate([written, tokens[:, np.newaxis]], axis=1)
        logits = self._decode(written, memory, mask)[:, -1]
        return self._log_probabilities(logits), (memory, mask, written)

    @property
    def attention_scores(self):
        """Weights of the source steps in the last `forward`, one array a decoder block.

        Each has shape (batch, heads, time, steps).
        """
        blocks = [layer for layer in self.decoder if isinstance(layer, TransformerDecoder)]
        return [block.parts["cross_attention"].weights_of_values for block in blocks]

    def __repr__(self):
        sizes = f"{self.source_vocabulary_size}, {self.target_vocabulary_size}"
        return f"Transformer({sizes}, embedding_dim={self.embedding_dim}, {self.num_layers} layers)"
