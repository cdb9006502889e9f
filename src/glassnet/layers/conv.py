"""Convolution layers over sequences and images."""

from __future__ import annotations

import numpy as np

from glassnet import initializers
from glassnet._validation import positive_int
from glassnet.layers._convolution import Convolution, as_rows
from glassnet.layers._windows import windows_over
from glassnet.layers.base import initializer_config
from glassnet.layers.conv_fast import fast_correlation, fast_input_gradient, fast_kernel_gradient

__all__ = ["Conv1D", "Conv2D", "conv_backward", "conv_forward"]


def conv_forward(x, kernel, bias=None, strides=1, padding="valid", dilation_rate=1, groups=1):
    """Slide a kernel over the input: at every tap one matrix product, summed over the taps.

    It is a cross-correlation, as in every library: the kernel is not turned around.

    Parameters
    ----------
    x : ndarray, shape ``(batch, *lengths, channels)``
        Any number of spatial axes.
    kernel : ndarray, shape ``(*size, channels / groups, filters)``
    bias : ndarray, shape (filters,), optional
    strides, dilation_rate : int or tuple of int
        Steps from window to window, and from tap to tap.
    padding : str
        "valid", "same" or "causal".
    groups : int
        The channels and the filters are divided into so many groups; each group of filters sees
        only its group of channels.

    Returns
    -------
    y : ndarray, shape ``(batch, *counts, filters)``
    cache : tuple
        What `conv_backward` needs.
    """
    windows = windows_over(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation_rate)
    padded = windows.pad(x)
    filters = kernel.shape[-1]
    y = np.zeros((len(x), *windows.counts, filters), np.result_type(x, kernel))
    for inputs, outputs in _channel_groups(kernel, groups):
        for tap in windows.taps():
            y[..., outputs] += windows.at(padded, tap)[..., inputs] @ kernel[tap][:, outputs]
    if bias is not None:
        y += bias  # the same at every place
    return y, (padded, kernel, windows, groups)


def conv_backward(dy, cache):
    """Gradients of a scalar loss through `conv_forward`.

    Parameters
    ----------
    dy : ndarray, shape ``(batch, *counts, filters)``
        Gradient of the loss with respect to y.
    cache : tuple
        From `conv_forward`.

    Returns
    -------
    dx : ndarray, shape ``(batch, *lengths, channels)``
    grads : dict
        ``"kernel"``, shape ``(*size, channels / groups, filters)``, and ``"bias"``, shape
        (filters,).
    """
    padded, kernel, windows, groups = cache
    dpadded, dkernel = np.zeros_like(padded), np.zeros_like(kernel)
    for inputs, outputs in _channel_groups(kernel, groups):
        g = dy[..., outputs]
        for tap in windows.taps():
            seen = windows.at(padded, tap)[..., inputs]
            dkernel[tap][:, outputs] = as_rows(seen).T @ as_rows(g)  # summed over batch and places
            windows.at(dpadded, tap)[..., inputs] += g @ kernel[tap][:, outputs].T
    return windows.crop(dpadded), {"kernel": dkernel, "bias": as_rows(dy).sum(axis=0)}


def _channel_groups(kernel, groups):
    """Pairs of slices: the channels of a group, and its filters."""
    channels, filters = kernel.shape[-2], kernel.shape[-1] // groups
    for group in range(groups):
        yield (
            slice(group * channels, (group + 1) * channels),
            slice(group * filters, (group + 1) * filters),
        )


class _Conv(Convolution):
    """A convolution whose filters see all channels of their group; Conv1D and Conv2D."""

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        *,
        groups=1,
        kernel_initializer="glorot_uniform",
        **options,
    ):
        super().__init__(kernel_size, strides, padding, **options)
        self.filters = positive_int(filters, "filters")
        self.groups = positive_int(groups, "groups")
        if self.filters % self.groups:
            raise ValueError(
                "`filters` must be a multiple of `groups`. "
                f"Received: filters={filters}, groups={groups}"
            )
        self.kernel_initializer = initializers.get(kernel_initializer)

    def create_kernels(self, channels, rng, dtype):
        """Draw a kernel of shape ``(*kernel_size, channels / groups, filters)``."""
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.params["kernel"] = self.kernel_initializer(shape, rng, dtype)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, *counts, filters)``."""
        counts = self.counts(input_shape)
        if input_shape[-1] % self.groups:
            raise ValueError(
                f"Layer {self.name!r} divides the channels into {self.groups} groups. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        return (input_shape[0], *counts, self.filters)

    def convolve(self, x):
        """Return the output without the bias, and what the gradients need."""
        windows = windows_over(
            x.shape[1:-1], self.kernel_size, self.strides, self.padding, self.dilation_rate
        )
        return fast_correlation(x, self.params["kernel"], windows, self.groups), (x, windows)

    def gradients(self, dz, cache, input_gradient):
        """Return dx, if it is wanted, and the gradient of the kernel."""
        x, windows = cache
        kernel = self.params["kernel"]
        dx = fast_input_gradient(dz, kernel, windows, self.groups) if input_gradient else None
        return dx, {"kernel": fast_kernel_gradient(dz, x, kernel.shape, windows, self.groups)}

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return (
            {"filters": self.filters}
            | super().get_config()
            | {
                "groups": self.groups,
                "kernel_initializer": initializer_config(self.kernel_initializer),
            }
        )


class Conv1D(_Conv):
    """Convolution over sequences, the twin of ``keras.layers.Conv1D``.

    Takes inputs of shape (batch, time, channels), gives (batch, windows, filters).

    Parameters
    ----------
    filters : int
        Number of filters, the channels of the output.
    kernel_size : int
        Taps of a window.
    strides : int
        Places from one window to the next.
    padding : str
        "valid", "same", or "causal": an output sees no input that is later than itself.
    dilation_rate : int
        Places from one tap to the next.
    groups : int
        The channels and the filters are divided into so many groups that do not see each other.
    activation : str or ActivationPair, optional
        Applied to the convolution; none means linear.
    use_bias : bool
        Whether a bias is added, one for each filter.
    kernel_initializer, bias_initializer : str or Initializer
        Where the weights start: the kernel, shape (kernel_size, channels / groups, filters), and
        the bias, shape (filters,).
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``kernel_regularizer``, ``bias_regularizer``, ``kernel_constraint`` and ``bias_constraint``;
        see `Layer`.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, `strides` and `dilation_rate` are both above 1, the
        groups do not divide channels and filters, or an input is shorter than a window.

    References
    ----------
    Waibel, Hanazawa, Hinton, Shikano and Lang (1989). Phoneme recognition using time-delay neural
    networks. Causal and dilated: van den Oord et al. (2016). WaveNet.
    """

    rank = 1

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        *,
        dilation_rate=1,
        groups=1,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        name=None,
        **weight_rules,
    ):
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            groups=groups,
            kernel_initializer=kernel_initializer,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            bias_initializer=bias_initializer,
            name=name,
            **weight_rules,
        )


class Conv2D(_Conv):
    """Convolution over images, the twin of ``keras.layers.Conv2D``.

    Takes inputs of shape (batch, height, width, channels), gives (batch, rows, columns, filters).

    Parameters
    ----------
    filters : int
        Number of filters, the channels of the output.
    kernel_size : int or tuple of two int
        Height and width of a window, in taps.
    strides : int or tuple of two int
        Places from one window to the next.
    padding : str
        "valid", or "same": as many windows as places, divided by the stride and rounded up.
    dilation_rate : int or tuple of two int
        Places from one tap to the next.
    groups : int
        The channels and the filters are divided into so many groups that do not see each other.
    activation : str or ActivationPair, optional
        Applied to the convolution; none means linear.
    use_bias : bool
        Whether a bias is added, one for each filter.
    kernel_initializer, bias_initializer : str or Initializer
        Where the weights start: the kernel, shape ``(*kernel_size, channels / groups, filters)``,
        and the bias, shape (filters,).
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``kernel_regularizer``, ``bias_regularizer``, ``kernel_constraint`` and ``bias_constraint``;
        see `Layer`.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, `strides` and `dilation_rate` are both above 1, the
        groups do not divide channels and filters, or an input is smaller than a window.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner (1998). Gradient-based learning applied to document
    recognition. Groups: Krizhevsky, Sutskever and Hinton (2012). ImageNet classification with deep
    convolutional neural networks. Dilation: Yu and Koltun (2016). Multi-scale context aggregation
    by dilated convolutions.
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        *,
        dilation_rate=(1, 1),
        groups=1,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        name=None,
        **weight_rules,
    ):
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            groups=groups,
            kernel_initializer=kernel_initializer,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            bias_initializer=bias_initializer,
            name=name,
            **weight_rules,
        )
