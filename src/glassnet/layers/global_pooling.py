"""Pooling over all places: one number for each channel of a sample."""

from __future__ import annotations

import math

import numpy as np

from glassnet.layers._windows import needs_rank
from glassnet.layers.base import Layer

__all__ = [
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "global_average_pool_backward",
    "global_average_pool_forward",
    "global_max_pool_backward",
    "global_max_pool_forward",
]


def global_max_pool_forward(x, keepdims=False):
    """Keep the greatest entry of each channel.

    Parameters
    ----------
    x : ndarray, shape ``(batch, *lengths, channels)``
    keepdims : bool
        Whether the spatial axes stay, with length 1.

    Returns
    -------
    y : ndarray, shape (batch, channels)
    cache : tuple
        What `global_max_pool_backward` needs.
    """
    greatest = x.max(axis=_spatial(x), keepdims=True)
    return _reduced(greatest, keepdims), (x, greatest)


def global_max_pool_backward(dy, cache):
    """Gradient through `global_max_pool_forward`.

    Parameters
    ----------
    dy : ndarray, shape (batch, channels)
    cache : tuple
        From `global_max_pool_forward`.

    Returns
    -------
    ndarray, shape ``(batch, *lengths, channels)``
        If several entries were the greatest, equal shares go to all of them: here TensorFlow takes
        a reduction, not a window.
    """
    x, greatest = cache
    kept = (x == greatest).astype(dy.dtype)
    return kept * (dy.reshape(greatest.shape) / kept.sum(axis=_spatial(x), keepdims=True))


def global_average_pool_forward(x, keepdims=False):
    """Take the mean of each channel.

    Parameters
    ----------
    x : ndarray, shape ``(batch, *lengths, channels)``
    keepdims : bool
        Whether the spatial axes stay, with length 1.

    Returns
    -------
    y : ndarray, shape (batch, channels)
    shape : tuple
        The shape of `x`, which `global_average_pool_backward` needs.
    """
    return _reduced(x.mean(axis=_spatial(x), keepdims=True), keepdims), x.shape


def global_average_pool_backward(dy, shape):
    """Gradient through `global_average_pool_forward`: an equal share to every entry.

    Parameters
    ----------
    dy : ndarray, shape (batch, channels)
    shape : tuple
        From `global_average_pool_forward`.

    Returns
    -------
    ndarray, shape ``(batch, *lengths, channels)``
    """
    batch, *lengths, channels = shape
    share = dy.reshape(batch, *(1 for _ in lengths), channels) / math.prod(lengths)
    return np.broadcast_to(share, shape).copy()


def _spatial(x):
    """The axes between the batch and the channels."""
    return tuple(range(1, x.ndim - 1))


def _reduced(y, keepdims):
    """`y` with or without its spatial axes, which have length 1."""
    return y if keepdims else y.reshape(len(y), y.shape[-1])


class _GlobalPooling(Layer):
    """Pooling over all places; a subclass has `rank` and the pair of functions."""

    def __init__(self, keepdims=False, *, name=None):
        super().__init__(name)
        self.keepdims = bool(keepdims)

    def compute_output_shape(self, input_shape):
        """Return (batch, channels), with axes of length 1 between them if `keepdims`."""
        needs_rank(input_shape, self.rank, self)
        between = (1,) * self.rank if self.keepdims else ()
        return (input_shape[0], *between, input_shape[-1])

    def forward(self, x, training=False):
        """Return y, shape (batch, channels)."""
        x = self._check_input(x)
        y, self._cache = self._pool_forward(x, self.keepdims)
        return y

    def backward(self, dy):
        """Return dx, shape of x."""
        return self._pool_backward(self._check_gradient(dy), self._cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"keepdims": self.keepdims}


class GlobalMaxPooling1D(_GlobalPooling):
    """The greatest entry of each channel, the twin of ``keras.layers.GlobalMaxPooling1D``.

    Takes inputs of shape (batch, length, channels), gives (batch, channels).

    Parameters
    ----------
    keepdims : bool
        Whether the output keeps an axis of length 1 between batch and channels.
    name : str, optional

    Raises
    ------
    ValueError
        If the input has another number of axes.
    """

    rank = 1
    _pool_forward = staticmethod(global_max_pool_forward)
    _pool_backward = staticmethod(global_max_pool_backward)


class GlobalMaxPooling2D(_GlobalPooling):
    """The greatest entry of each channel, the twin of ``keras.layers.GlobalMaxPooling2D``.

    Takes inputs of shape (batch, height, width, channels), gives (batch, channels).

    Parameters
    ----------
    keepdims : bool
        Whether the output keeps two axes of length 1 between batch and channels.
    name : str, optional

    Raises
    ------
    ValueError
        If the input has another number of axes.
    """

    rank = 2
    _pool_forward = staticmethod(global_max_pool_forward)
    _pool_backward = staticmethod(global_max_pool_backward)


class GlobalAveragePooling1D(_GlobalPooling):
    """The mean of each channel, the twin of ``keras.layers.GlobalAveragePooling1D``.

    Takes inputs of shape (batch, length, channels), gives (batch, channels).

    Parameters
    ----------
    keepdims : bool
        Whether the output keeps an axis of length 1 between batch and channels.
    name : str, optional

    Raises
    ------
    ValueError
        If the input has another number of axes.
    """

    rank = 1
    _pool_forward = staticmethod(global_average_pool_forward)
    _pool_backward = staticmethod(global_average_pool_backward)


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean of each channel, the twin of ``keras.layers.GlobalAveragePooling2D``.

    Takes inputs of shape (batch, height, width, channels), gives (batch, channels).

    Parameters
    ----------
    keepdims : bool
        Whether the output keeps two axes of length 1 between batch and channels.
    name : str, optional

    Raises
    ------
    ValueError
        If the input has another number of axes.

    References
    ----------
    Lin, Chen and Yan (2014). Network in network.
    """

    rank = 2
    _pool_forward = staticmethod(global_average_pool_forward)
    _pool_backward = staticmethod(global_average_pool_backward)
