"""Keras twins of the Transformer's layers, composed of Keras' own; KerasHub is not needed."""

from __future__ import annotations

import functools

import numpy as np

from ..layers import TokenAndPositionEmbedding, TransformerBlock, TransformerDecoder
from .precision import load_keras
from .twins import MaskedDropout, register_twin

__all__: list[str] = []


def _masks(block):
    return [block.dropouts[name].mask for name in sorted(block.dropouts)]


@register_twin(TransformerBlock, drawn=_masks)
def _block_twin(block):
    decodes = isinstance(block, TransformerDecoder)
    crosses = isinstance(block.input_shape, list)
    dim = block.output_shape[-1]
    return _block_class()(block.get_config(), dim, decodes, crosses)


@functools.cache
def _block_class():
    tensorflow, keras = load_keras()
    layers = keras.layers

    class Block(layers.Layer):
        """Both kinds of block; the order in which the parts are made is that of the weights."""

        def __init__(self, config, dim, decodes, crosses):
            super().__init__()
            self.supports_masking = True
            self.first, self.causal = config["normalize_first"], decodes
            self.rate = config["dropout"]
            attended = ["self_attention", "cross_attention"][: 1 + crosses]
            sublayers = [*attended, "feedforward"]
            heads, epsilon = config["num_heads"], config["layer_norm_epsilon"]
            self.attentions = {
                name: layers.MultiHeadAttention(heads, dim // heads) for name in attended
            }
            for attention in self.attentions.values():  # a float would be rounded to float32
                attention._inverse_sqrt_key_dim = np.float64((dim // heads) ** -0.5)
            self.norms = {name: layers.LayerNormalization(epsilon=epsilon) for name in sublayers}
            self.dropouts = {name: MaskedDropout(self.rate) for name in sublayers}
            self.hidden = layers.Dense(config["intermediate_dim"], config["activation"])
            self.out = layers.Dense(dim)
            self.in_order = [p for n in attended for p in (self.attentions[n], self.norms[n])]
            dense, norm = [self.hidden, self.out], [self.norms["feedforward"]]
            self.in_order += dense + norm if decodes else norm + dense

        def build(self, input_shape):
            several = isinstance(input_shape, list)
            shapes = input_shape if several else [input_shape]
            for attention, shape in zip(self.attentions.values(), shapes, strict=True):
                attention.build(shapes[0], shape)
            for norm in self.norms.values():
                norm.build(shapes[0])
            self.hidden.build(shapes[0])
            self.out.build((*shapes[0][:-1], self.hidden.units))
            self.built = True

        @property
        def trainable_variables(self):
            return [v for part in self.in_order for v in part.trainable_variables]

        def set_drawn(self, index, keep):
            self.dropouts[sorted(self.dropouts)[index]].set_mask(keep)

        def set_weights(self, weights):
            for variable, value in zip(self.trainable_variables, weights, strict=True):
                variable.assign(value)

        def call(self, inputs, training=False, mask=None):
            several = isinstance(inputs, (list, tuple))
            # a mask that Keras has attached to a tensor would reach the attention by itself
            x, memory = map(tensorflow.identity, inputs if several else (inputs, 0))
            own, theirs = mask if several and mask is not None else (mask, None)
            steps = x.shape[1]
            seen = np.tri(steps, dtype=bool)[None] if self.causal else np.ones((1, steps, steps))
            seen = seen.astype(bool) if own is None else seen * np.asarray(own)[:, None] > 0
            around = functools.partial(self._around, training=training)
            x = around(x, "self_attention", lambda x, f: f(x, x, attention_mask=seen))
            if several:
                part = None if theirs is None else np.asarray(theirs)[:, None]
                x = around(x, "cross_attention", lambda x, f: f(x, memory, attention_mask=part))
            return around(x, "feedforward", lambda x, _: self.out(self.hidden(x)))

        def _around(self, x, name, function, training):
            norm, attention = self.norms[name], self.attentions.get(name)
            drop = functools.partial(self.dropouts[name], training=training and self.rate > 0)
            if self.first:
                return layers.add([x, drop(function(norm(x), attention))])
            return norm(layers.add([x, drop(function(x, attention))]))

    return Block


@register_twin(TokenAndPositionEmbedding)
def _token_twin(embedding):
    return _token_class()(embedding.get_config())


@functools.cache
def _token_class():
    tensorflow, keras = load_keras()

    class Tokens(keras.layers.Layer):
        def __init__(self, config):
            super().__init__()
            sizes = config["vocabulary_size"], config["sequence_length"]
            self.dim = config["embedding_dim"]
            self.tokens, self.places = (keras.layers.Embedding(n, self.dim) for n in sizes)
            self.learned = config["positions"] == "learned"

        def build(self, input_shape):
            self.tokens.build()
            if self.learned:
                self.places.build()
            self.built = True

        def call(self, inputs, training=False):
            time = np.arange(inputs.shape[1])
            if self.learned:
                return self.tokens(inputs) + self.places(time)
            angle = time[:, None] / 10000 ** (2 * np.arange(self.dim // 2) / self.dim)
            number = np.exp(1j * angle)  # real part the cosine, imaginary part the sine
            waves = np.dstack([number.imag, number.real]).reshape(len(time), self.dim)
            return self.tokens(inputs) * tensorflow.sqrt(np.float64(self.dim)) + waves

    return Tokens
