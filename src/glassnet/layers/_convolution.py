"""What the convolution layers have in common."""

from __future__ import annotations

from typing import ClassVar

from glassnet import activations, initializers
from glassnet.layers._windows import (
    as_config,
    as_tuple,
    checked_padding,
    window_counts,
)
from glassnet.layers.base import Layer, initializer_config, known_axis


def as_rows(x):
    """Return all places of all samples as rows, shape (rows, channels)."""
    return x.reshape(-1, x.shape[-1])


class Convolution(Layer):
    """What the convolution layers share: options, bias and activation.

    A subclass has `rank`, the number of spatial axes, and defines `create_kernels`;
    ``convolve(x)``, which returns the output before bias and activation, and a cache; and
    ``gradients(dz, cache, input_gradient)``, which returns dx, or None if it is not wanted, and
    the gradient of every kernel.
    """

    rank = 2
    weight_words: ClassVar = {"kernel": "kernel", "bias": "bias"}

    def __init__(
        self,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        activation=None,
        use_bias=True,
        bias_initializer="zeros",
        name=None,
        **weight_rules,
    ):
        super().__init__(name, **weight_rules)
        self.kernel_size = as_tuple(kernel_size, self.rank, "kernel_size")
        self.strides = as_tuple(strides, self.rank, "strides")
        self.padding = checked_padding(padding, self.rank)
        self.dilation_rate = as_tuple(dilation_rate, self.rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "Only one of `strides` and `dilation_rate` may be above 1. Received: "
                f"strides={self.strides}, dilation_rate={self.dilation_rate}"
            )
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.bias_initializer = initializers.get(bias_initializer)

    def create_weights(self, input_shape, rng, dtype):
        """Draw the kernels, and a bias with one entry for each channel of the output."""
        self.create_kernels(input_shape[-1], rng, dtype)
        if self.use_bias:
            channels = self.compute_output_shape(input_shape)[-1]
            self.params["bias"] = self.bias_initializer((channels,), rng, dtype)

    def counts(self, input_shape):
        """Return the spatial lengths of the output; they are those of the windows."""
        known_axis(input_shape, -1, self)
        return window_counts(
            input_shape, self.kernel_size, self.strides, self.padding, self.dilation_rate, self
        )

    def forward(self, x, training=False):
        """Return f(convolution of x + bias), shape ``(batch, *counts, filters)``."""
        x = self._check_input(x)
        z, cache = self.convolve(x)
        if self.use_bias:
            z += self.params["bias"]
        y = self.activation.forward(z)
        self._cache = cache, z, y
        return y

    def backward(self, dy):
        """Fill `grads` and return dx, shape of x."""
        return self._fill_grads(dy, input_gradient=True)

    def backward_params(self, dy):
        """Fill `grads` without working out dx."""
        self._fill_grads(dy, input_gradient=False)

    def _fill_grads(self, dy, input_gradient):
        """Fill `grads` and return dx, or None if it is not wanted."""
        dy = self._check_gradient(dy)
        cache, z, y = self._cache
        dz = self.activation.backward(dy, z, y)
        dx, self.grads = self.gradients(dz, cache, input_gradient)
        if self.use_bias:
            self.grads["bias"] = as_rows(dz).sum(axis=0)  # the bias was added at every place
        return dx

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "kernel_size": as_config(self.kernel_size),
            "strides": as_config(self.strides),
            "padding": self.padding,
            "dilation_rate": as_config(self.dilation_rate),
            "activation": self.activation.name,
            "use_bias": self.use_bias,
            "bias_initializer": initializer_config(self.bias_initializer),
        }
