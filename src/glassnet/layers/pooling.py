"""Pooling: one number for each window of each channel, its maximum or its mean."""

from __future__ import annotations

import math

import numpy as np

from glassnet.layers._windows import (
    as_config,
    as_tuple,
    checked_padding,
    window_counts,
    windows_over,
)
from glassnet.layers.base import Layer

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "average_pool_backward",
    "average_pool_forward",
    "max_pool_backward",
    "max_pool_forward",
]


def max_pool_forward(x, pool_size, strides=None, padding="valid"):
    """Keep the greatest entry of each window.

    Parameters
    ----------
    x : ndarray, shape ``(batch, *lengths, channels)``
        Any number of spatial axes.
    pool_size : int or tuple of int
    strides : int or tuple of int, optional
        Steps from window to window; `pool_size` if not given, so that windows do not overlap.
    padding : str
        "valid", or "same": padding counts as minus infinity, so it is never kept.

    Returns
    -------
    y : ndarray, shape ``(batch, *counts, channels)``
    cache : tuple
        What `max_pool_backward` needs.
    """
    windows = windows_over(x.shape[1:-1], pool_size, strides or pool_size, padding)
    padded = windows.pad(x, value=-np.inf)
    y = np.full((len(x), *windows.counts, x.shape[-1]), -np.inf, x.dtype)
    winner = np.zeros(y.shape, np.min_scalar_type(math.prod(windows.size)))
    for number, tap in enumerate(windows.taps()):
        entry = windows.at(padded, tap)
        greater = entry > y  # at a tie, the first one stays
        np.copyto(y, entry, where=greater)
        winner[greater] = number
    return y, (winner, windows)


def max_pool_backward(dy, cache):
    """Gradient through `max_pool_forward`: all of it to the entry that was kept.

    Parameters
    ----------
    dy : ndarray, shape ``(batch, *counts, channels)``
    cache : tuple
        From `max_pool_forward`.

    Returns
    -------
    ndarray, shape ``(batch, *lengths, channels)``
        If several entries of a window were the greatest, the first one has it.
    """
    winner, windows = cache
    dpadded = np.zeros(windows.padded_shape(dy), dy.dtype)
    for number, tap in enumerate(windows.taps()):
        windows.at(dpadded, tap)[...] += np.where(winner == number, dy, 0)
    return windows.crop(dpadded)


def average_pool_forward(x, pool_size, strides=None, padding="valid"):
    """Take the mean of each window.

    Parameters
    ----------
    x : ndarray, shape ``(batch, *lengths, channels)``
        Any number of spatial axes.
    pool_size : int or tuple of int
    strides : int or tuple of int, optional
        Steps from window to window; `pool_size` if not given, so that windows do not overlap.
    padding : str
        "valid", or "same": padding is left out of the mean.

    Returns
    -------
    y : ndarray, shape ``(batch, *counts, channels)``
    cache : tuple
        What `average_pool_backward` needs.
    """
    windows = windows_over(x.shape[1:-1], pool_size, strides or pool_size, padding)
    inside = windows.pad(np.ones((1, *windows.lengths, 1), x.dtype))
    entries = sum(windows.at(inside, tap) for tap in windows.taps())  # in each window
    padded = windows.pad(x)
    y = sum(windows.at(padded, tap) for tap in windows.taps()) / entries
    return y, (entries, windows)


def average_pool_backward(dy, cache):
    """Gradient through `average_pool_forward`: an equal share to every entry of the window.

    Parameters
    ----------
    dy : ndarray, shape ``(batch, *counts, channels)``
    cache : tuple
        From `average_pool_forward`.

    Returns
    -------
    ndarray, shape ``(batch, *lengths, channels)``
    """
    entries, windows = cache
    dpadded = np.zeros(windows.padded_shape(dy), dy.dtype)
    share = dy / entries
    for tap in windows.taps():
        windows.at(dpadded, tap)[...] += share  # windows may overlap
    return windows.crop(dpadded)


class _Pooling(Layer):
    """Pooling over windows; a subclass has `rank` and the pair of functions."""

    def __init__(self, pool_size, strides=None, padding="valid", *, name=None):
        super().__init__(name)
        self.pool_size = as_tuple(pool_size, self.rank, "pool_size")
        self.strides = as_tuple(pool_size if strides is None else strides, self.rank, "strides")
        self.padding = checked_padding(padding, 2)  # none of them can be causal

    def compute_output_shape(self, input_shape):
        """Return ``(batch, *counts, channels)``."""
        ones = (1,) * self.rank
        options = self.pool_size, self.strides, self.padding, ones
        return (input_shape[0], *window_counts(input_shape, *options, self), input_shape[-1])

    def forward(self, x, training=False):
        """Return y, shape ``(batch, *counts, channels)``."""
        x = self._check_input(x)
        y, self._cache = self._pool_forward(x, self.pool_size, self.strides, self.padding)
        return y

    def backward(self, dy):
        """Return dx, shape of x."""
        return self._pool_backward(self._check_gradient(dy), self._cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "pool_size": as_config(self.pool_size),
            "strides": as_config(self.strides),
            "padding": self.padding,
        }


class MaxPooling1D(_Pooling):
    """The greatest entry of each window, the twin of ``keras.layers.MaxPooling1D``.

    Takes inputs of shape (batch, length, channels), gives (batch, windows, channels).

    Parameters
    ----------
    pool_size : int
        Places of a window along the axis.
    strides : int, optional
        Places from one window to the next; `pool_size` if not given.
    padding : str
        "valid": only windows that lie inside. "same": as many windows as places, divided by the
        stride and rounded up; what lies outside is left out.
    name : str, optional

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or an input is smaller than a window.
    """

    rank = 1
    _pool_forward = staticmethod(max_pool_forward)
    _pool_backward = staticmethod(max_pool_backward)

    def __init__(self, pool_size=2, strides=None, padding="valid", *, name=None):
        super().__init__(pool_size, strides, padding, name=name)


class MaxPooling2D(_Pooling):
    """The greatest entry of each window, the twin of ``keras.layers.MaxPooling2D``.

    Takes inputs of shape (batch, height, width, channels), gives (batch, rows, columns, channels).

    Parameters
    ----------
    pool_size : int or tuple of two int
        Places of a window along each axis.
    strides : int or tuple of two int, optional
        Places from one window to the next; `pool_size` if not given.
    padding : str
        "valid": only windows that lie inside. "same": as many windows as places, divided by the
        stride and rounded up; what lies outside is left out.
    name : str, optional

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or an input is smaller than a window.

    References
    ----------
    Ranzato, Huang, Boureau and LeCun (2007). Unsupervised learning of invariant feature
    hierarchies with applications to object recognition.
    """

    rank = 2
    _pool_forward = staticmethod(max_pool_forward)
    _pool_backward = staticmethod(max_pool_backward)

    def __init__(self, pool_size=(2, 2), strides=None, padding="valid", *, name=None):
        super().__init__(pool_size, strides, padding, name=name)


class AveragePooling1D(_Pooling):
    """The mean of each window, the twin of ``keras.layers.AveragePooling1D``.

    Takes inputs of shape (batch, length, channels), gives (batch, windows, channels).

    Parameters
    ----------
    pool_size : int
        Places of a window along the axis.
    strides : int, optional
        Places from one window to the next; `pool_size` if not given.
    padding : str
        "valid": only windows that lie inside. "same": as many windows as places, divided by the
        stride and rounded up; what lies outside is left out, also of the
        count it is divided by.
    name : str, optional

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or an input is smaller than a window.
    """

    rank = 1
    _pool_forward = staticmethod(average_pool_forward)
    _pool_backward = staticmethod(average_pool_backward)


class AveragePooling2D(_Pooling):
    """The mean of each window, the twin of ``keras.layers.AveragePooling2D``.

    Takes inputs of shape (batch, height, width, channels), gives (batch, rows, columns, channels).

    Parameters
    ----------
    pool_size : int or tuple of two int
        Places of a window along each axis.
    strides : int or tuple of two int, optional
        Places from one window to the next; `pool_size` if not given.
    padding : str
        "valid": only windows that lie inside. "same": as many windows as places, divided by the
        stride and rounded up; what lies outside is left out, also of the
        count it is divided by.
    name : str, optional

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or an input is smaller than a window.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner (1998). Gradient-based learning applied to document
    recognition.
    """

    rank = 2
    _pool_forward = staticmethod(average_pool_forward)
    _pool_backward = staticmethod(average_pool_backward)
