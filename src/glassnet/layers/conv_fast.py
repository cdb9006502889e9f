"""Convolution by large matrix products: the sums of `conv`, arranged for speed.

For a kernel of K by K taps, the usual arrangement copies every place of the input K² times. Here
the K taps along a row are laid side by side, K copies, and the rows are used where they are: the
windows of the row below are the same memory, read from one row further on. So K matrix products,
each over K times the channels, give the convolution. A few images are done at a time, in memory
that is used again for the next ones, so that the copies are still in the processor's cache when
they are multiplied.
"""

from __future__ import annotations

import math

import numpy as np

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
    room, few = _room(images, kernel, w)
    terms = np.empty((few, y.shape[1], kernel.shape[-1] // groups), y.dtype)
    for some, inputs, outputs in _portions(len(x), few, kernel, groups):
        columns = _columns(images[some, ..., inputs], w, room)
        total, term = y[some, :, outputs], terms[: len(columns)]
        np.matmul(_row_windows(columns, 0, w), flat[0][:, outputs], out=total)
        for i, row in enumerate(flat[1:], 1):
            total += np.matmul(_row_windows(columns, i, w), row[:, outputs], out=term)
    return y.reshape(len(x), *windows.counts, kernel.shape[-1])


def fast_input_gradient(dy, kernel, windows, groups=1):
    """Gradient of a scalar loss by the input of `fast_correlation`.

    An entry of x at place p went, with tap i, into the output at p - i. So with stride 1 dx is
    itself a correlation: of dy, with the kernel turned around. With larger strides every output
    gives to each place of its window its share, and the shares are added where they belong.

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
    if max(windows.strides) == 1:
        return fast_correlation(dy, _turned(kernel, groups), _turned_windows(windows), groups)
    channels = kernel.shape[-2] * groups
    dx = np.empty((len(dy), *windows.lengths, channels), np.result_type(dy, kernel))
    images, flat, w = _as_images(dx, kernel, windows)
    dy = dy.reshape(len(dy), math.prod(w.counts), dy.shape[-1])
    room, few = _room(images, kernel, w)
    for some, inputs, outputs in _portions(len(dx), few, kernel, groups):
        part = images[some, ..., inputs]
        columns = room[: len(part)]
        columns.fill(0)
        for i, row in enumerate(flat):
            rows = _rows_at(columns, i, w)
            rows += (dy[some, :, outputs] @ row[:, outputs].T).reshape(rows.shape)
        padded = np.zeros(w.padded_shape(part), dx.dtype)
        for j in range(w.size[1]):
            _places_at(padded, j, w)[...] += columns[..., j, :]
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
    room, few = _room(images, dkernel, w)
    for some, inputs, outputs in _portions(len(x), few, dkernel, groups):
        columns = _columns(images[some, ..., inputs], w, room)
        for i, row in enumerate(flat):
            seen = _row_windows(columns, i, w)
            row[:, outputs] += (seen.swapaxes(1, 2) @ dy[some, :, outputs]).sum(axis=0)
    return dkernel


def _as_images(x, kernel, windows):
    """Return `x` with two spatial axes, each row of the kernel as a matrix, and the windows."""
    w = windows.with_rows()
    flat = kernel.reshape(w.size[0], -1, kernel.shape[-1])
    return x.reshape(len(x), *w.lengths, x.shape[-1]), flat, w


def _turned(kernel, groups):
    """Return the kernel turned around, from the filters of a group to its channels."""
    *size, channels, filters = kernel.shape
    kernel = np.flip(kernel, range(len(size))).reshape(*size, channels, groups, filters // groups)
    return kernel.swapaxes(-1, -3).reshape(*size, filters // groups, groups * channels)


def _turned_windows(w):
    """Return the windows over dy of stride 1: there are as many as x has places."""
    reach = [d * (k - 1) for d, k in zip(w.dilation_rate, w.size, strict=True)]
    padding = ((r - a, r - b) for r, (a, b) in zip(reach, w.padding, strict=True))
    return w._replace(lengths=w.counts, counts=w.lengths, padding=tuple(padding))


def _room(images, kernel, w):
    """Return memory for the columns of a few images, and how many these are."""
    height = w.padded_shape(images)[1]
    shape = height, w.counts[1], w.size[1], kernel.shape[-2]
    few = _BUFFER // (math.prod(shape) * images.itemsize)
    few = max(1, min(few, len(images)))
    return np.empty((few, *shape), images.dtype), few


def _portions(count, few, kernel, groups):
    """Go through the groups of channels and, in each, through the images, a few at a time."""
    channels, filters = kernel.shape[-2], kernel.shape[-1] // groups
    for group in range(groups):
        inputs = slice(group * channels, (group + 1) * channels)
        outputs = slice(group * filters, (group + 1) * filters)
        for start in range(0, count, few):
            yield slice(start, start + few), inputs, outputs


def _columns(images, w, room):
    """Lay the taps along a row side by side: (images, padded rows, windows in a row, taps, c)."""
    padded, columns = w.pad(images), room[: len(images)]
    for j in range(w.size[1]):
        columns[..., j, :] = _places_at(padded, j, w)
    return columns


def _places_at(padded, j, w):
    """Return the view of the places that all windows of a row see at tap j."""
    first, stride = j * w.dilation_rate[1], w.strides[1]
    return padded[:, :, first : first + (w.counts[1] - 1) * stride + 1 : stride]


def _rows_at(columns, i, w):
    """Return the view of the rows that all windows see at row i of the kernel."""
    first, stride = i * w.dilation_rate[0], w.strides[0]
    return columns[:, first : first + (w.counts[0] - 1) * stride + 1 : stride]


def _row_windows(columns, i, w):
    """Return these rows as a matrix for each image, without a copy if the stride is 1."""
    rows = _rows_at(columns, i, w)
    return rows.reshape(len(columns), math.prod(w.counts), -1)
