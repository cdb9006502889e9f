"""Convolution turned around: from each place of the input to a window of the output."""

from __future__ import annotations

import numpy as np

from glassnet import initializers
from glassnet._validation import positive_int
from glassnet.layers._convolution import Convolution, as_rows
from glassnet.layers._windows import needs_rank, windows_over
from glassnet.layers.base import initializer_config, known_axis
from glassnet.layers.conv_fast import fast_correlation, fast_input_gradient, fast_kernel_gradient

__all__ = ["Conv2DTranspose", "conv_transpose_backward", "conv_transpose_forward"]


def conv_transpose_forward(
    x, kernel, bias=None, strides=1, padding="valid", output_padding=None, dilation_rate=1
):
    """Let every place of the input add its multiple of the kernel to a window of the output.

    The windows are those of a convolution whose input has the shape of this output. This is that
    convolution's backward pass, whence the name: its matrix is transposed.

    Parameters
    ----------
    x : ndarray, shape ``(batch, *lengths, channels)``
    kernel : ndarray, shape ``(*size, filters, channels)``
    bias : ndarray, shape (filters,), optional
    strides, dilation_rate : int or tuple of int
        Steps from window to window, and from tap to tap, both in the output.
    padding : str
        "valid" or "same".
    output_padding : int or tuple of int, optional
        Places by which the output is longer than it need be, less than the stride. Without it the
        output is `strides` times as long as the input, longer with "valid" if the windows jut out.
    dilation_rate : int or tuple of int

    Returns
    -------
    y : ndarray, shape ``(batch, *output lengths, filters)``
    cache : tuple
        What `conv_transpose_backward` needs.
    """
    windows = transposed_windows(
        x.shape[1:-1], kernel.shape[:-2], strides, padding, output_padding, dilation_rate
    )
    y = np.empty((len(x), *windows.lengths, kernel.shape[-2]), np.result_type(x, kernel))
    padded = np.zeros(windows.padded_shape(y), y.dtype)
    for tap in windows.taps():
        windows.at(padded, tap)[...] += x @ kernel[tap].T
    y[...] = windows.crop(padded)  # what falls on the padding is lost
    if bias is not None:
        y += bias
    return y, (x, kernel, windows)


def conv_transpose_backward(dy, cache):
    """Gradients of a scalar loss through `conv_transpose_forward`.

    Parameters
    ----------
    dy : ndarray, shape ``(batch, *output lengths, filters)``
        Gradient of the loss with respect to y.
    cache : tuple
        From `conv_transpose_forward`.

    Returns
    -------
    dx : ndarray, shape ``(batch, *lengths, channels)``
        A convolution of dy with the kernel.
    grads : dict
        ``"kernel"``, shape ``(*size, filters, channels)``, and ``"bias"``, shape (filters,).
    """
    x, kernel, windows = cache
    padded = windows.pad(dy)
    dx, dkernel = np.zeros_like(x), np.zeros_like(kernel)
    for tap in windows.taps():
        reached = windows.at(padded, tap)
        dx += reached @ kernel[tap]
        dkernel[tap] = as_rows(reached).T @ as_rows(x)
    return dx, {"kernel": dkernel, "bias": as_rows(dy).sum(axis=0)}


def transposed_windows(lengths, size, strides, padding, output_padding, dilation_rate):
    """Place as many windows as the input has places over an output of the length this takes.

    Parameters
    ----------
    lengths : tuple of int
        Of the input.
    size, strides, dilation_rate, output_padding
        As for `conv_transpose_forward`.

    Returns
    -------
    Windows
        Over the output: its ``counts`` are `lengths`, its ``lengths`` those of the output.

    Raises
    ------
    ValueError
        If no output of this length has so many windows.
    """
    rank = len(lengths)
    size, strides, dilations = (
        value if isinstance(value, tuple) else (value,) * rank
        for value in (size, strides, dilation_rate)
    )
    extra = output_padding if isinstance(output_padding, tuple) else (output_padding,) * rank
    outputs = []
    for n, k, stride, dilation, more in zip(lengths, size, strides, dilations, extra, strict=True):
        reach = dilation * (k - 1) + 1  # places from the first tap to the last
        if more is None:
            outputs.append(n * stride + (max(reach - stride, 0) if padding == "valid" else 0))
        else:
            hidden = 2 * (reach // 2) if padding == "same" else 0
            outputs.append((n - 1) * stride + reach - hidden + more)
    wrong = f"Received: lengths={tuple(lengths)}, size={size}, strides={strides}, padding="
    wrong += f"{padding!r}, output_padding={output_padding}"
    if min(outputs) < 1:
        raise ValueError(f"Nothing would be left of the output. {wrong}")
    windows = windows_over(tuple(outputs), size, strides, padding, dilations)
    if windows.counts != tuple(lengths):
        raise ValueError(f"An output of {tuple(outputs)} has {windows.counts} windows. {wrong}")
    return windows


class Conv2DTranspose(Convolution):
    """Convolution turned around, to make images larger: ``keras.layers.Conv2DTranspose``.

    Takes inputs of shape (batch, height, width, channels), gives (batch, rows, columns, filters).

    Parameters
    ----------
    filters : int
        Channels of the output.
    kernel_size : int or tuple of two int
        Height and width of the window that each place of the input adds to, in taps.
    strides : int or tuple of two int
        Places of the output from one window to the next.
    padding : str
        "same": the output is `strides` times as large. "valid": larger, if windows jut out.
    output_padding : int or tuple of two int, optional
        Places by which the output is larger than it need be, less than the stride.
    dilation_rate : int or tuple of two int
        Places of the output from one tap to the next.
    activation : str or ActivationPair, optional
    use_bias : bool
        Whether a bias is added, one for each filter.
    kernel_initializer, bias_initializer : str or Initializer
        Where the weights start: the kernel, shape ``(*kernel_size, filters, channels)``, and the
        bias, shape (filters,).
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``kernel_regularizer``, ``bias_regularizer``, ``kernel_constraint`` and ``bias_constraint``;
        see `Layer`.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, `strides` and `dilation_rate` are both above 1,
        `output_padding` is not below the stride, or no output fits the options.

    References
    ----------
    Zeiler, Krishnan, Taylor and Fergus (2010). Deconvolutional networks. Dumoulin and Visin (2016).
    A guide to convolution arithmetic for deep learning.
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        output_padding=None,
        *,
        dilation_rate=(1, 1),
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
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
        self.output_padding = _checked_output_padding(output_padding, self.strides)
        self.kernel_initializer = initializers.get(kernel_initializer)

    def create_kernels(self, channels, rng, dtype):
        """Draw a kernel of shape ``(*kernel_size, filters, channels)``."""
        shape = (*self.kernel_size, self.filters, channels)
        self.params["kernel"] = self.kernel_initializer(shape, rng, dtype)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, *output lengths, filters)``."""
        needs_rank(input_shape, self.rank, self)
        known_axis(input_shape, -1, self)
        extra = self.output_padding or (None,) * self.rank
        outputs = []
        for n, k, stride, more, dilation in zip(
            input_shape[1:-1],
            self.kernel_size,
            self.strides,
            extra,
            self.dilation_rate,
            strict=True,
        ):
            options = (k,), (stride,), self.padding, (more,), (dilation,)
            known = n is not None
            outputs.append(transposed_windows((n,), *options).lengths[0] if known else None)
        return (input_shape[0], *outputs, self.filters)

    def convolve(self, x):
        """Return the output without the bias, and what the gradients need."""
        windows = transposed_windows(
            x.shape[1:-1],
            self.kernel_size,
            self.strides,
            self.padding,
            self.output_padding,
            self.dilation_rate,
        )
        return fast_input_gradient(x, self.params["kernel"], windows), (x, windows)

    def gradients(self, dz, cache, input_gradient):
        """Return dx, if it is wanted, and the gradient of the kernel."""
        x, windows = cache
        kernel = self.params["kernel"]
        dx = fast_correlation(dz, kernel, windows) if input_gradient else None
        return dx, {"kernel": fast_kernel_gradient(x, dz, kernel.shape, windows)}

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return (
            {"filters": self.filters}
            | super().get_config()
            | {
                "output_padding": self.output_padding,
                "kernel_initializer": initializer_config(self.kernel_initializer),
            }
        )


def _checked_output_padding(output_padding, strides):
    """Return None, or one whole number for each axis, from 0 to its stride less 1."""
    if output_padding is None:
        return None
    each = output_padding if isinstance(output_padding, (tuple, list)) else [output_padding] * 2
    allowed = [range(stride) for stride in strides]
    if len(each) != len(strides) or not all(
        isinstance(more, (int, np.integer)) and not isinstance(more, bool) and more in below
        for more, below in zip(each, allowed, strict=True)
    ):
        raise ValueError(
            f"`output_padding` must be whole numbers below the strides {strides}. "
            f"Received: output_padding={output_padding!r}"
        )
    return tuple(int(more) for more in each)
