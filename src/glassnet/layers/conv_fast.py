"""Convolution by large matrix products: the sums of `conv`, arranged for speed.

For a kernel of K by K taps, the usual arrangement copies every place of the input K² times. Here
the K taps along a row are laid side by side, K copies, and the rows are used where they are: the
windows of the row below are the same memory, read from one row further on. So K matrix products,
each over K times the channels, give the convolution. A few images are done at a time, so that the
copies are still in the processor's cache when they are multiplied.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["fast_correlation", "fast_input_gradient", "fast_kernel_gradient"]

_BUFFER = 2**20  # bytes of copies at a time


def fast_correlation(x, kernel, windows, groups=1):
    """Slide a kernel over images: `conv_forward` without the bias.

    Parameters
    ----------
    x : ndarray, shape ``(batch, *lengths, channels)``
        One or two spatial axes.
    kernel : ndarray, shape ``(*size, channels / groups, filters)``
    windows : Windows
        Where the windows lie on the lengths.
    groups : int

    Returns
    -------
    ndarray, shape ``(batch, *counts, filters)``
    """
    images, flat, w = _as_images(x, kernel, windows)
    y = np.empty((len(x), math.prod(w.counts), kernel.shape[-1]), np.result_type(x, kernel))
    for some, inputs, outputs in _portions(images, kernel, w, groups):
        columns = _columns(images[some, ..., inputs], w)
        rows = [row[:, outputs] for row in flat]
        total = _row_windows(columns, 0, w) @ rows[0]
        for i, row in enumerate(rows[1:], 1):
            total += _row_windows(columns, i, w) @ row
        y[some, :, outputs] = total
    return y.reshape(len(x), *windows.counts, kernel.shape[-1])


def fast_input_gradient(dy, kernel, windows, groups=1):
    """Gradient of a scalar loss by the input of `fast_correlation`.

    Parameters
    ----------
    dy : ndarray, shape ``(batch, *counts, filters)``
        Gradient of the loss with respect to the output.
    kernel, windows, groups
        As handed to `fast_correlation`.

    Returns
    -------
    ndarray, shape ``(batch, *lengths, channels)``
    """
    channels = kernel.shape[-2] * groups
    dx = np.empty((len(dy), *windows.lengths, channels), np.result_type(dy, kernel))
    images, flat, w = _as_images(dx, kernel, windows)
    dy = dy.reshape(len(dy), math.prod(w.counts), dy.shape[-1])
    for some, inputs, outputs in _portions(images, kernel, w, groups):
        part = images[some, ..., inputs]
        n, _, width, channels = padded_shape = w.padded_shape(part)
        height, count, taps = padded_shape[1], w.counts[1], w.size[1]
        columns = np.zeros((n, height, count, taps, channels), dx.dtype)
        for i, row in enumerate(flat):
            given = dy[some, :, outputs] @ row[:, outputs].T
            _rows_at(columns, i, w)[...] += given.reshape(n, *w.counts, taps, channels)
        padded = np.zeros((n, height, width, channels), dx.dtype)
        for j in range(taps):
            first, stride = j * w.dilation_rate[1], w.strides[1]
            padded[:, :, first : first + (count - 1) * stride + 1 : stride] += columns[..., j, :]
        part[...] = w.crop(padded)
    return dx


def fast_kernel_gradient(dy, x, kernel_shape, windows, groups=1):
    """Gradient of a scalar loss by the kernel of `fast_correlation`.

    Parameters
    ----------
    dy : ndarray, shape ``(batch, *counts, filters)``
        Gradient of the loss with respect to the output.
    x : ndarray, shape ``(batch, *lengths, channels)``
    kernel_shape : tuple
        ``(*size, channels / groups, filters)``
    windows, groups
        As handed to `fast_correlation`.

    Returns
    -------
    ndarray, shape ``(*size, channels / groups, filters)``
    """
    dkernel = np.zeros(kernel_shape, np.result_type(dy, x))
    images, flat, w = _as_images(x, dkernel, windows)  # flat is a view: it fills dkernel
    dy = dy.reshape(len(dy), math.prod(w.counts), dy.shape[-1])
    for some, inputs, outputs in _portions(images, dkernel, w, groups):
        columns = _columns(images[some, ..., inputs], w)
        for i, row in enumerate(flat):
            seen = _row_windows(columns, i, w)
            row[:, outputs] += (seen.swapaxes(1, 2) @ dy[some, :, outputs]).sum(axis=0)
    return dkernel


def _as_images(x, kernel, windows):
    """Return `x` with two spatial axes, each row of the kernel as a matrix, and the windows."""
    w = windows.with_rows()
    flat = kernel.reshape(w.size[0], -1, kernel.shape[-1])
    return x.reshape(len(x), *w.lengths, x.shape[-1]), flat, w


def _portions(images, kernel, w, groups):
    """Go through the groups of channels and, in each, a few images at a time."""
    channels, filters = kernel.shape[-2], kernel.shape[-1] // groups
    height = w.padded_shape(images)[1]
    each = height * w.counts[1] * w.size[1] * channels * images.itemsize
    step = max(1, round(_BUFFER / each))
    for group in range(groups):
        inputs = slice(group * channels, (group + 1) * channels)
        outputs = slice(group * filters, (group + 1) * filters)
        for start in range(0, len(images), step):
            yield slice(start, start + step), inputs, outputs


def _columns(images, w):
    """Lay the taps along a row side by side: (images, padded rows, windows in a row, taps * c)."""
    padded = w.pad(images)
    reach = w.dilation_rate[1] * (w.size[1] - 1) + 1
    seen = sliding_window_view(padded, reach, axis=2)  # (images, rows, places, c, reach)
    seen = seen[:, :, :: w.strides[1], :, :: w.dilation_rate[1]].swapaxes(3, 4)
    n, height, _, channels = padded.shape
    columns = np.empty((n, height, w.counts[1], w.size[1], channels), images.dtype)
    columns[...] = seen
    return columns.reshape(n, height, w.counts[1], -1)


def _rows_at(columns, i, w):
    """Return the view of the rows that all windows see at row i of the kernel."""
    first, stride = i * w.dilation_rate[0], w.strides[0]
    return columns[:, first : first + (w.counts[0] - 1) * stride + 1 : stride]


def _row_windows(columns, i, w):
    """Return these rows as a matrix for each image, without a copy if the stride is 1."""
    return _rows_at(columns, i, w).reshape(len(columns), -1, columns.shape[-1])
