"""Pooling over all places: one number for each channel of a sample."""

from __future__ import annotations

import math

import numpy as np

from glassnet.layers._windows import needs_rank
from glassnet.layers.base import Layer
from glassnet.layers.masking import as_mask

__all__ = [
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "global_average_pool_backward",
    "global_average_pool_forward",
    "global_max_pool_backward",
    "global_max_pool_forward",
    "masked_average_pool_backward",
    "masked_average_pool_forward",
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


def masked_average_pool_forward(x, mask, keepdims=False):
    """Take the mean of each channel over the steps that count.

    Parameters
    ----------
    x : ndarray, shape (batch, time, channels)
    mask : ndarray of bool, shape (batch, time)
        At least one step of every sample counts.
    keepdims : bool
        Whether the axis of time stays, with length 1.

    Returns
    -------
    y : ndarray, shape (batch, channels)
    shares : ndarray, shape (batch, time, 1)
        How much each step counts, which `masked_average_pool_backward` needs.
    """
    shares = mask[..., np.newaxis].astype(x.dtype)
    shares /= shares.sum(axis=1, keepdims=True)
    return _reduced((shares * x).sum(axis=1, keepdims=True), keepdims), shares


def masked_average_pool_backward(dy, shares):
    """Gradient through `masked_average_pool_forward`: to each step its share.

    Parameters
    ----------
    dy : ndarray, shape (batch, channels)
    shares : ndarray, shape (batch, time, 1)
        From `masked_average_pool_forward`.

    Returns
    -------
    ndarray, shape (batch, time, channels)
    """
    return shares * dy.reshape(len(dy), 1, dy.shape[-1])


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

    Takes inputs of shape (batch, length, channels), gives (batch, channels). With a mask only the
    steps that count are averaged.

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
    uses_mask = True
    _pool_forward = staticmethod(global_average_pool_forward)
    _pool_backward = staticmethod(global_average_pool_backward)

    def forward(self, x, training=False, mask=None):
        """Return y, shape (batch, channels).

        Parameters
        ----------
        x : ndarray, shape (batch, time, channels)
        training : bool
            Makes no difference.
        mask : array_like of bool, shape (batch, time), optional
            True where a step counts; at least one of every sample.
        """
        if mask is None:
            return super().forward(x, training)
        x = self._check_input(x)
        mask = as_mask(mask, x.shape[:2])
        if not mask.any(axis=1).all():
            empty = int(np.argmin(mask.any(axis=1)))
            raise ValueError(
                f"Layer {self.name!r} needs a step to average over. "
                f"Received: a mask that leaves none of sample {empty}"
            )
        y, shares = masked_average_pool_forward(x, mask, self.keepdims)
        self._cache = shares
        return y

    def backward(self, dy):
        """Return dx, shape of x."""
        if isinstance(self._cache, np.ndarray):  # the shares of a masked forward
            return masked_average_pool_backward(self._check_gradient(dy), self._cache)
        return super().backward(dy)


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
