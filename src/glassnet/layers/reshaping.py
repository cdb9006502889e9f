"""Layers that only arrange the entries of a sample anew."""

from __future__ import annotations

import math

from glassnet._validation import positive_int
from glassnet.layers.base import Layer

__all__ = [
    "Flatten",
    "Reshape",
    "flatten_backward",
    "flatten_forward",
    "reshape_backward",
    "reshape_forward",
]


def flatten_forward(x):
    """Lay the entries of every sample out in one row.

    Parameters
    ----------
    x : ndarray, shape (batch, ...)

    Returns
    -------
    y : ndarray, shape (batch, product of the other axes)
        A view of `x` where NumPy can make one.
    shape : tuple
        The shape of `x`, which `flatten_backward` needs.
    """
    return x.reshape(x.shape[0], math.prod(x.shape[1:])), x.shape


def flatten_backward(dy, shape):
    """Put every entry of the gradient back where its input was.

    Parameters
    ----------
    dy : ndarray, shape (batch, product of the other axes)
    shape : tuple
        From `flatten_forward`.

    Returns
    -------
    ndarray, shape (batch, ...)
    """
    return dy.reshape(shape)


class Flatten(Layer):
    """Every sample as one row, the twin of ``keras.layers.Flatten``.

    Parameters
    ----------
    name : str, optional
    """

    def compute_output_shape(self, input_shape):
        """Return (batch, product of the other axes)."""
        axes = tuple(input_shape[1:])
        return (input_shape[0], None if None in axes else math.prod(axes))

    def forward(self, x, training=False):
        """Return y, shape (batch, product of the other axes)."""
        y, self._cache = flatten_forward(self._check_input(x))
        return y

    def backward(self, dy):
        """Return dx, shape (batch, ...)."""
        return flatten_backward(self._check_gradient(dy), self._cache)


def reshape_forward(x, target_shape):
    """Arrange the entries of every sample anew, in their order.

    Parameters
    ----------
    x : ndarray, shape (batch, ...)
    target_shape : tuple of int
        New shape of one sample, without the batch axis and with as many entries.

    Returns
    -------
    y : ndarray, shape ``(batch, *target_shape)``
        A view of `x` where NumPy can make one.
    shape : tuple
        The shape of `x`, which `reshape_backward` needs.
    """
    return x.reshape(x.shape[:1] + tuple(target_shape)), x.shape


def reshape_backward(dy, shape):
    """Put every entry of the gradient back where its input was.

    Parameters
    ----------
    dy : ndarray, shape ``(batch, *target_shape)``
    shape : tuple
        From `reshape_forward`.

    Returns
    -------
    ndarray, shape (batch, ...)
    """
    return dy.reshape(shape)


class Reshape(Layer):
    """Every sample in another shape, the twin of ``keras.layers.Reshape``.

    Parameters
    ----------
    target_shape : tuple of int
        Shape of one sample, without the batch axis. One axis may be -1: what the others leave.
    name : str, optional

    Raises
    ------
    ValueError
        If more than one axis is -1, or a sample of the input has another number of entries.
    """

    def __init__(self, target_shape, name=None):
        super().__init__(name)
        if not isinstance(target_shape, (tuple, list)):
            raise ValueError(
                f"`target_shape` must be a tuple of integers. Received: {target_shape!r}"
            )
        if list(target_shape).count(-1) > 1:
            raise ValueError(f"Only one axis of `target_shape` may be -1. Received: {target_shape}")
        self.target_shape = tuple(
            -1 if axis == -1 else positive_int(axis, "target_shape") for axis in target_shape
        )

    def compute_output_shape(self, input_shape):
        """Return ``(batch, *target_shape)``, with the axis that was -1 worked out."""
        batch, *axes = input_shape
        if None in axes:  # cannot be compared before an input is seen
            return (batch, *(None if axis == -1 else axis for axis in self.target_shape))
        size, known = math.prod(axes), math.prod(axis for axis in self.target_shape if axis != -1)
        rest = size // known
        if size != known * (rest if -1 in self.target_shape else 1):
            raise ValueError(
                f"Layer {self.name!r} cannot give {size} entries the shape {self.target_shape}. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        return (batch, *(rest if axis == -1 else axis for axis in self.target_shape))

    def forward(self, x, training=False):
        """Return y, shape ``(batch, *target_shape)``."""
        x = self._check_input(x)
        y, self._cache = reshape_forward(x, self.compute_output_shape(x.shape)[1:])
        return y

    def backward(self, dy):
        """Return dx, shape (batch, ...)."""
        return reshape_backward(self._check_gradient(dy), self._cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"target_shape": self.target_shape}
