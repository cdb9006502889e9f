"""Masks: which steps of a sequence are there, and which only fill it up.

A mask is an array of booleans, shape (batch, time), True where a step counts. A layer that reads it
has ``uses_mask = True`` and takes it as ``forward(x, mask=mask)``; every layer says with
``compute_mask`` what mask belongs to its output. ``Sequential`` hands it from one to the next.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import real_in
from glassnet.layers.base import Layer

__all__ = ["Masking", "masking_backward", "masking_forward"]


def as_mask(mask, shape, name="mask"):
    """Return `mask` as booleans, or raise ValueError if it has another shape or other values."""
    mask = np.asarray(mask)
    if mask.shape != tuple(shape):
        raise ValueError(f"`{name}` must have shape {tuple(shape)}. Received: shape={mask.shape}")
    if mask.dtype != bool and not np.isin(mask, (0, 1)).all():
        raise ValueError(f"`{name}` must hold 0 and 1 only. Received: other values")
    return mask.astype(bool)


def masking_forward(x, mask_value=0.0):
    """Set steps whose features all have one value to zero, and say which they are not.

    Parameters
    ----------
    x : ndarray, shape (batch, time, features)
    mask_value : float

    Returns
    -------
    y : ndarray, shape of x
    mask : ndarray of bool, shape (batch, time)
        True where a step counts; `masking_backward` needs it.
    """
    mask = np.any(x != mask_value, axis=-1)
    return np.where(mask[..., np.newaxis], x, np.zeros((), x.dtype)), mask


def masking_backward(dy, mask):
    """Gradient through `masking_forward`: what was set to zero had no influence.

    Parameters
    ----------
    dy : ndarray, shape of x
    mask : ndarray of bool, shape (batch, time)
        From `masking_forward`.

    Returns
    -------
    ndarray, shape of x
    """
    return np.where(mask[..., np.newaxis], dy, np.zeros((), dy.dtype))


class Masking(Layer):
    """Marks the steps that only fill a sequence up, the twin of ``keras.layers.Masking``.

    Parameters
    ----------
    mask_value : float
        A step all of whose features have this value is skipped by the layers that follow.
    name : str, optional

    Raises
    ------
    ValueError
        If `mask_value` is no number, or the input has fewer than two axes.
    """

    supports_masking = True

    def __init__(self, mask_value=0.0, name=None):
        super().__init__(name)
        self.mask_value = real_in(mask_value, "mask_value")

    def compute_output_shape(self, input_shape):
        """Return `input_shape`."""
        if len(input_shape) < 2:
            raise ValueError(
                f"Layer {self.name!r} needs inputs of shape (batch, ..., features). "
                f"Received: input_shape={tuple(input_shape)}"
            )
        return tuple(input_shape)

    def compute_mask(self, x, mask=None):
        """Return True where a step of x counts, shape (batch, time); `mask` is not looked at."""
        return masking_forward(self.as_input(x), self.mask_value)[1]

    def forward(self, x, training=False):
        """Return x with the masked steps set to zero, shape of x."""
        y, self._cache = masking_forward(self._check_input(x), self.mask_value)
        return y

    def backward(self, dy):
        """Return dx, shape of x."""
        return masking_backward(self._check_gradient(dy), self._cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"mask_value": self.mask_value}
