"""Convolutions channel by channel."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from glassnet import initializers
from glassnet._validation import positive_int
from glassnet.layers._convolution import Convolution, as_rows
from glassnet.layers._windows import windows_over
from glassnet.layers.base import initializer_config

__all__ = [
    "DepthwiseConv2D",
    "SeparableConv2D",
    "depthwise_conv_backward",
    "depthwise_conv_forward",
]


def depthwise_conv_forward(x, kernel, strides=1, padding="valid", dilation_rate=1):
    """Slide kernels of its own over every channel; no channel sees another.

    Parameters
    ----------
    x : ndarray, shape ``(batch, *lengths, channels)``
    kernel : ndarray, shape ``(*size, channels, multiplier)``
        As many kernels for each channel as the multiplier says.
    strides, dilation_rate : int or tuple of int
    padding : str
        "valid" or "same".

    Returns
    -------
    y : ndarray, shape ``(batch, *counts, channels * multiplier)``
        Side by side what the kernels of the first channel give, then of the second, and so on.
    cache : tuple
        What `depthwise_conv_backward` needs.
    """
    windows = windows_over(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation_rate)
    padded = windows.pad(x)
    y = np.zeros((len(x), *windows.counts, *kernel.shape[-2:]), np.result_type(x, kernel))
    for tap in windows.taps():
        y += windows.at(padded, tap)[..., np.newaxis] * kernel[tap]
    return y.reshape(*y.shape[:-2], math.prod(kernel.shape[-2:])), (padded, kernel, windows)


def depthwise_conv_backward(dy, cache):
    """Gradients of a scalar loss through `depthwise_conv_forward`.

    Parameters
    ----------
    dy : ndarray, shape ``(batch, *counts, channels * multiplier)``
        Gradient of the loss with respect to y.
    cache : tuple
        From `depthwise_conv_forward`.

    Returns
    -------
    dx : ndarray, shape ``(batch, *lengths, channels)``
    grads : dict
        ``"kernel"``, shape ``(*size, channels, multiplier)``.
    """
    padded, kernel, windows = cache
    dpadded, dkernel = np.zeros_like(padded), np.zeros_like(kernel)
    dy = dy.reshape(*dy.shape[:-1], *kernel.shape[-2:])
    everywhere = tuple(range(dy.ndim - 2))  # the batch and all places
    for tap in windows.taps():
        seen = windows.at(padded, tap)[..., np.newaxis]
        dkernel[tap] = (seen * dy).sum(axis=everywhere)
        windows.at(dpadded, tap)[...] += (dy * kernel[tap]).sum(axis=-1)  # it fed every kernel
    return windows.crop(dpadded), {"kernel": dkernel}


class DepthwiseConv2D(Convolution):
    """Convolution of every channel by itself, the twin of ``keras.layers.DepthwiseConv2D``.

    Takes inputs of shape (batch, height, width, channels), gives
    (batch, rows, columns, channels * depth_multiplier).

    Parameters
    ----------
    kernel_size : int or tuple of two int
        Height and width of a window, in taps.
    strides : int or tuple of two int
        Places from one window to the next. Keras takes only equal ones.
    padding : str
        "valid" or "same".
    depth_multiplier : int
        Kernels for each channel.
    dilation_rate : int or tuple of two int
        Places from one tap to the next.
    activation : str or ActivationPair, optional
    use_bias : bool
        Whether a bias is added, one for each channel of the output.
    depthwise_initializer, bias_initializer : str or Initializer
        Where the weights start: the kernel, shape ``(*kernel_size, channels, depth_multiplier)``,
        and the bias.
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``depthwise_regularizer``, ``bias_regularizer``, ``depthwise_constraint`` and
        ``bias_constraint``; see `Layer`.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, `strides` and `dilation_rate` are both above 1, or an
        input is smaller than a window.

    References
    ----------
    Howard et al. (2017). MobileNets: efficient convolutional neural networks for mobile vision
    applications.
    """

    weight_words: ClassVar = {"kernel": "depthwise", "bias": "bias"}

    def __init__(
        self,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        depth_multiplier=1,
        *,
        dilation_rate=(1, 1),
        activation=None,
        use_bias=True,
        depthwise_initializer="glorot_uniform",
        bias_initializer="zeros",
        name=None,
        **weight_rules,
    ):
        super().__init__(
            kernel_size,
            strides,
            padding,
            dilation_rate,
            activation,
            use_bias,
            bias_initializer,
            name,
            **weight_rules,
        )
        self.depth_multiplier = positive_int(depth_multiplier, "depth_multiplier")
        self.depthwise_initializer = initializers.get(depthwise_initializer)

    def create_kernels(self, channels, rng, dtype):
        """Draw a kernel of shape ``(*kernel_size, channels, depth_multiplier)``."""
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.params["kernel"] = self.depthwise_initializer(shape, rng, dtype)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, *counts, channels * depth_multiplier)``."""
        counts = self.counts(input_shape)
        return (input_shape[0], *counts, input_shape[-1] * self.depth_multiplier)

    def convolve(self, x):
        """Return the output without the bias, and what the gradients need."""
        return depthwise_conv_forward(
            x, self.params["kernel"], self.strides, self.padding, self.dilation_rate
        )

    def gradients(self, dz, cache, input_gradient):
        """Return dx and the gradient of the kernel."""
        return depthwise_conv_backward(dz, cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "depth_multiplier": self.depth_multiplier,
            "depthwise_initializer": initializer_config(self.depthwise_initializer),
        }


class SeparableConv2D(Convolution):
    """A depthwise convolution, then one that mixes the channels at every place.

    It is the twin of ``keras.layers.SeparableConv2D``: a kernel that is the product of a window for
    each channel and a matrix between channels, with far fewer weights than a full one. Takes inputs
    of shape (batch, height, width, channels), gives (batch, rows, columns, filters).

    Parameters
    ----------
    filters : int
        Channels of the output.
    kernel_size : int or tuple of two int
        Height and width of a window, in taps.
    strides : int or tuple of two int
        Places from one window to the next. Keras takes only equal ones.
    padding : str
        "valid" or "same".
    dilation_rate : int or tuple of two int
        Places from one tap to the next.
    depth_multiplier : int
        Depthwise kernels for each channel.
    activation : str or ActivationPair, optional
    use_bias : bool
        Whether a bias is added, one for each filter.
    depthwise_initializer, pointwise_initializer, bias_initializer : str or Initializer
        Where the weights start: the depthwise kernel, shape
        ``(*kernel_size, channels, depth_multiplier)``, the pointwise kernel, shape
        ``(1, 1, channels * depth_multiplier, filters)``, and the bias, shape (filters,).
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``depthwise_regularizer``, ``pointwise_regularizer``, ``bias_regularizer``,
        ``depthwise_constraint``, ``pointwise_constraint`` and ``bias_constraint``; see `Layer`.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, `strides` and `dilation_rate` are both above 1, or an
        input is smaller than a window.

    References
    ----------
    Chollet (2017). Xception: deep learning with depthwise separable convolutions.
    """

    weight_words: ClassVar = {
        "depthwise_kernel": "depthwise",
        "pointwise_kernel": "pointwise",
        "bias": "bias",
    }

    def __init__(
        self,
        filters,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        *,
        dilation_rate=(1, 1),
        depth_multiplier=1,
        activation=None,
        use_bias=True,
        depthwise_initializer="glorot_uniform",
        pointwise_initializer="glorot_uniform",
        bias_initializer="zeros",
        name=None,
        **weight_rules,
    ):
        super().__init__(
            kernel_size,
            strides,
            padding,
            dilation_rate,
            activation,
            use_bias,
            bias_initializer,
            name,
            **weight_rules,
        )
        self.filters = positive_int(filters, "filters")
        self.depth_multiplier = positive_int(depth_multiplier, "depth_multiplier")
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)

    def create_kernels(self, channels, rng, dtype):
        """Draw the depthwise kernel, then the pointwise one."""
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.params["depthwise_kernel"] = self.depthwise_initializer(shape, rng, dtype)
        shape = (1, 1, channels * self.depth_multiplier, self.filters)
        self.params["pointwise_kernel"] = self.pointwise_initializer(shape, rng, dtype)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, *counts, filters)``."""
        return (input_shape[0], *self.counts(input_shape), self.filters)

    def convolve(self, x):
        """Return the output without the bias, and what the gradients need."""
        each, cache = depthwise_conv_forward(
            x, self.params["depthwise_kernel"], self.strides, self.padding, self.dilation_rate
        )
        return each @ self.params["pointwise_kernel"][0, 0], (each, cache)

    def gradients(self, dz, cache, input_gradient):
        """Return dx and the gradients of both kernels."""
        each, cache = cache
        pointwise = self.params["pointwise_kernel"]
        dpointwise = as_rows(each).T @ as_rows(dz)
        dx, depthwise = depthwise_conv_backward(dz @ pointwise[0, 0].T, cache)
        return dx, {
            "depthwise_kernel": depthwise["kernel"],
            "pointwise_kernel": dpointwise.reshape(pointwise.shape),
        }

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return (
            {"filters": self.filters}
            | super().get_config()
            | {
                "depth_multiplier": self.depth_multiplier,
                "depthwise_initializer": initializer_config(self.depthwise_initializer),
                "pointwise_initializer": initializer_config(self.pointwise_initializer),
            }
        )
