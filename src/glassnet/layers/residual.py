r"""What Transformer blocks are made of: sublayers, each with a residual sum and a normalisation.

A sublayer f (attention, or two dense layers applied to every step) stands in one of two places:

.. math::

    \text{post-norm:}\quad y = \operatorname{LN}(x + f(x)), \qquad
    \text{pre-norm:}\quad y = x + f(\operatorname{LN}(x)) .
"""

from __future__ import annotations

from abc import abstractmethod

from glassnet import activations, initializers
from glassnet._validation import positive_int, real_in
from glassnet.layers.base import Layer, initializer_config, known_axis
from glassnet.layers.core import Dense, Dropout
from glassnet.layers.multi_head import MultiHeadAttention
from glassnet.layers.sample_normalization import LayerNormalization

__all__ = ["TransformerBlock", "residual_backward", "residual_forward"]


def residual_forward(x, inner, norm, normalize_first=False):
    """Add to x what a sublayer makes of it, and normalise after the sum or before the sublayer.

    Parameters
    ----------
    x : ndarray, shape (batch, time, features)
    inner : callable
        The sublayer f: takes an array and returns one of the same shape.
    norm : callable
        The normalisation LN, likewise.
    normalize_first : bool
        False is post-norm, LN(x + f(x)); True is pre-norm, x + f(LN(x)).

    Returns
    -------
    ndarray, shape of x

    References
    ----------
    Vaswani et al. (2017), section 5.4, has the first; Xiong et al. (2020), On layer normalization
    in the Transformer architecture, compare the two.
    """
    if normalize_first:
        return x + inner(norm(x))
    return norm(x + inner(x))


def residual_backward(dy, inner_backward, norm_backward, normalize_first=False):
    """Gradient through `residual_forward`: the sum hands it on to both of its terms.

    Parameters
    ----------
    dy : ndarray, shape of x
        Gradient of the loss by y.
    inner_backward, norm_backward : callable
        Take the gradient by the output of f or LN, return that by its input.
    normalize_first : bool

    Returns
    -------
    ndarray, shape of x
    """
    if normalize_first:
        return dy + norm_backward(inner_backward(dy))
    dsum = norm_backward(dy)
    return dsum + inner_backward(dsum)


class TransformerBlock(Layer):
    """What `TransformerEncoder` and `TransformerDecoder` share: arguments, parts and sublayers.

    A subclass says in `layout` which parts it has, in the order of their weights.

    Parameters
    ----------
    intermediate_dim, num_heads, dropout, activation, layer_norm_epsilon, kernel_initializer
        See `TransformerEncoder`.
    bias_initializer, normalize_first, name
        See `TransformerEncoder`.

    Attributes
    ----------
    parts : dict of str to Layer
        The layers that the block is made of.
    """

    uses_mask = True
    supports_masking = True

    def __init__(
        self,
        intermediate_dim,
        num_heads,
        dropout=0.0,
        activation="relu",
        layer_norm_epsilon=1e-5,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        normalize_first=False,
        name=None,
    ):
        super().__init__(name)
        self.intermediate_dim = positive_int(intermediate_dim, "intermediate_dim")
        self.num_heads = positive_int(num_heads, "num_heads")
        self.dropout = real_in(dropout, "dropout", 0, 1, open_high=True)
        self.activation = activations.get(activation)
        self.layer_norm_epsilon = real_in(layer_norm_epsilon, "layer_norm_epsilon", 0)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.normalize_first = bool(normalize_first)
        self.parts, self.dropouts = {}, {}

    def create_weights(self, input_shape, rng, dtype):
        """Build the parts; `params` holds the arrays of all, with the part's name in front."""
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        self.parts, self.dropouts = {}, {}
        for name, part, shape in self.layout(*shapes):
            part.build(shape, rng, dtype)
            self.parts[name] = part
            self.params |= {f"{name}_{key}": value for key, value in part.params.items()}
            if name.endswith("_norm"):  # there is one for each sublayer
                drop = self.dropouts[name.removesuffix("_norm")] = Dropout(self.dropout)
                drop.build(shape, rng, dtype)

    @abstractmethod
    def layout(self, shape, memory_shape=None):
        """Return (name, layer, shape of its input) for each part."""

    def compute_output_shape(self, input_shape):
        """Return `input_shape`."""
        if len(input_shape) != 3 or isinstance(input_shape, list):
            raise ValueError(
                f"Layer {self.name!r} needs inputs of shape (batch, time, features). "
                f"Received: input_shape={input_shape}"
            )
        if known_axis(input_shape, -1, self) < self.num_heads:
            raise ValueError(
                f"Layer {self.name!r} needs at least one feature a head. "
                f"Received: num_heads={self.num_heads}, input_shape={tuple(input_shape)}"
            )
        return tuple(input_shape)

    def compute_mask(self, x, mask=None):
        """Return the mask of the sequence that goes through the block."""
        return mask[0] if isinstance(mask, (list, tuple)) else mask

    def _attention(self, features):
        """Heads that share the features among them, as many for each as fit."""
        initial = self.kernel_initializer, self.bias_initializer
        return MultiHeadAttention(
            self.num_heads,
            features // self.num_heads,
            kernel_initializer=initial[0],
            bias_initializer=initial[1],
        )

    def _dense(self, units, activation=None):
        initial = {
            "kernel_initializer": self.kernel_initializer,
            "bias_initializer": self.bias_initializer,
        }
        return Dense(units, activation, **initial)

    def _norm(self):
        return LayerNormalization(epsilon=self.layer_norm_epsilon)

    def _around(self, name, x, inner, training):
        """Return what the sublayer `name` makes of x, with dropout, residual and normalisation."""
        drop = self.dropouts[name]
        return residual_forward(
            x,
            lambda x: drop.forward(inner(x), training=training),
            self.parts[f"{name}_norm"].forward,
            self.normalize_first,
        )

    def _back_around(self, name, dy, inner_backward):
        drop = self.dropouts[name]
        return residual_backward(
            dy,
            lambda dy: inner_backward(drop.backward(dy)),
            self.parts[f"{name}_norm"].backward,
            self.normalize_first,
        )

    def _feed_forward(self, x):
        """Two dense layers, the same for every step."""
        hidden = self.parts["feedforward_intermediate"].forward(x)
        return self.parts["feedforward_output"].forward(hidden)

    def _feed_forward_backward(self, dy):
        dhidden = self.parts["feedforward_output"].backward(dy)
        return self.parts["feedforward_intermediate"].backward(dhidden)

    def _collect(self):
        """Fill `grads` from the parts."""
        self.grads = {
            f"{name}_{key}": value
            for name, part in self.parts.items()
            for key, value in part.grads.items()
        }

    def get_config(self):
        """Return the constructor's arguments as a dict, under the names KerasHub gives them."""
        return super().get_config() | {
            "intermediate_dim": self.intermediate_dim,
            "num_heads": self.num_heads,
            "dropout": self.dropout,
            "activation": self.activation.name,
            "layer_norm_epsilon": self.layer_norm_epsilon,
            "kernel_initializer": initializer_config(self.kernel_initializer),
            "bias_initializer": initializer_config(self.bias_initializer),
            "normalize_first": self.normalize_first,
        }
