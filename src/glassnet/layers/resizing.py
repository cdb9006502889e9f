"""Images made larger: by repetition, by interpolation, by a frame of zeros."""

from __future__ import annotations

import numpy as np

from glassnet._validation import one_of
from glassnet.layers._windows import as_tuple, needs_rank
from glassnet.layers.base import Layer

__all__ = [
    "UpSampling2D",
    "ZeroPadding2D",
    "bilinear_backward",
    "bilinear_forward",
    "interpolation_matrix",
    "nearest_backward",
    "nearest_forward",
    "zero_padding_backward",
    "zero_padding_forward",
]


def nearest_forward(x, size):
    """Repeat every row and every column.

    Parameters
    ----------
    x : ndarray, shape (batch, height, width, channels)
    size : tuple of two int
        How often a row, and a column, occurs.

    Returns
    -------
    y : ndarray, shape (batch, size[0] * height, size[1] * width, channels)
    shape : tuple
        The shape of `x`, which `nearest_backward` needs.
    """
    return x.repeat(size[0], axis=1).repeat(size[1], axis=2), x.shape


def nearest_backward(dy, shape):
    """Gradient through `nearest_forward`: the sum over the repetitions of each entry.

    Parameters
    ----------
    dy : ndarray, shape (batch, size[0] * height, size[1] * width, channels)
    shape : tuple
        From `nearest_forward`.

    Returns
    -------
    ndarray, shape (batch, height, width, channels)
    """
    batch, height, width, channels = shape
    rows, columns = dy.shape[1] // height, dy.shape[2] // width
    return dy.reshape(batch, height, rows, width, columns, channels).sum(axis=(2, 4))


def interpolation_matrix(length, factor, dtype=np.float64):
    """Weights by which an axis is made longer, linearly between the centres of its entries.

    Parameters
    ----------
    length : int
        Of the axis.
    factor : int
        How many times as long it becomes.
    dtype : numpy dtype

    Returns
    -------
    ndarray, shape (factor * length, length)
        Every row sums to one. Beyond the centres of the first and the last entry they are used
        unchanged.
    """
    places = (np.arange(factor * length) + 0.5) / factor - 0.5  # entry i is centred at i
    places = np.clip(places, 0, length - 1)
    return np.maximum(1 - np.abs(places[:, np.newaxis] - np.arange(length)), 0).astype(dtype)


def bilinear_forward(x, size):
    """Interpolate linearly along the columns and along the rows.

    Parameters
    ----------
    x : ndarray, shape (batch, height, width, channels)
    size : tuple of two int
        How many times as high and as wide the output is.

    Returns
    -------
    y : ndarray, shape (batch, size[0] * height, size[1] * width, channels)
    cache : tuple
        What `bilinear_backward` needs.
    """
    down = interpolation_matrix(x.shape[1], size[0], x.dtype)
    across = interpolation_matrix(x.shape[2], size[1], x.dtype)
    return across @ _along_rows(down, x), (down, across)


def bilinear_backward(dy, cache):
    """Gradient through `bilinear_forward`: both matrices, transposed.

    Parameters
    ----------
    dy : ndarray, shape (batch, size[0] * height, size[1] * width, channels)
    cache : tuple
        From `bilinear_forward`.

    Returns
    -------
    ndarray, shape (batch, height, width, channels)
    """
    down, across = cache
    return _along_rows(down.T, across.T @ dy)


def _along_rows(matrix, x):
    """Multiply the height axis of `x` by `matrix`."""
    batch, height, width, channels = x.shape
    product = matrix @ x.reshape(batch, height, width * channels)
    return product.reshape(batch, len(matrix), width, channels)


class UpSampling2D(Layer):
    """Larger images, the twin of ``keras.layers.UpSampling2D``.

    Takes inputs of shape (batch, height, width, channels), gives
    (batch, size[0] * height, size[1] * width, channels).

    Parameters
    ----------
    size : int or tuple of two int
        How many times as high and as wide the output is.
    interpolation : str
        "nearest": every entry is repeated. "bilinear": linear between the centres of the entries.
    name : str, optional

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or the input has another number of axes.
    """

    def __init__(self, size=(2, 2), *, interpolation="nearest", name=None):
        super().__init__(name)
        self.size = as_tuple(size, 2, "size")
        self.interpolation = one_of(interpolation, ("nearest", "bilinear"), "interpolation")

    def compute_output_shape(self, input_shape):
        """Return (batch, size[0] * height, size[1] * width, channels)."""
        needs_rank(input_shape, 2, self)
        batch, *lengths, channels = input_shape
        larger = (
            None if n is None else n * factor for n, factor in zip(lengths, self.size, strict=True)
        )
        return (batch, *larger, channels)

    def forward(self, x, training=False):
        """Return y, shape (batch, size[0] * height, size[1] * width, channels)."""
        x = self._check_input(x)
        enlarge = nearest_forward if self.interpolation == "nearest" else bilinear_forward
        y, self._cache = enlarge(x, self.size)
        return y

    def backward(self, dy):
        """Return dx, shape (batch, height, width, channels)."""
        dy = self._check_gradient(dy)
        reduce = nearest_backward if self.interpolation == "nearest" else bilinear_backward
        return reduce(dy, self._cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"size": self.size, "interpolation": self.interpolation}


def zero_padding_forward(x, padding):
    """Put zeros around every image.

    Parameters
    ----------
    x : ndarray, shape (batch, height, width, channels)
    padding : tuple of two tuples of two int
        Rows above and below, columns on the left and on the right.

    Returns
    -------
    ndarray, shape (batch, above + height + below, left + width + right, channels)
    """
    return np.pad(x, ((0, 0), *padding, (0, 0)))


def zero_padding_backward(dy, padding):
    """Gradient through `zero_padding_forward`: what belongs to the image itself.

    Parameters
    ----------
    dy : ndarray, shape (batch, above + height + below, left + width + right, channels)
    padding : tuple of two tuples of two int
        As handed to `zero_padding_forward`.

    Returns
    -------
    ndarray, shape (batch, height, width, channels)
    """
    (above, below), (left, right) = padding
    return dy[:, above : dy.shape[1] - below, left : dy.shape[2] - right]


class ZeroPadding2D(Layer):
    """A frame of zeros around every image, the twin of ``keras.layers.ZeroPadding2D``.

    Takes inputs of shape (batch, height, width, channels).

    Parameters
    ----------
    padding : int, tuple of two int, or tuple of two tuples of two int
        Zeros on every side; above and below, and on both sides; or
        ``((above, below), (left, right))``.
    name : str, optional

    Raises
    ------
    ValueError
        If `padding` is nothing of this kind, or the input has another number of axes.
    """

    def __init__(self, padding=(1, 1), *, name=None):
        super().__init__(name)
        sides = padding if isinstance(padding, (tuple, list)) else (padding,) * 2
        pairs = [pair if isinstance(pair, (tuple, list)) else (pair,) * 2 for pair in sides]
        if [len(pair) for pair in pairs] != [2, 2] or not all(
            isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n >= 0
            for pair in pairs
            for n in pair
        ):
            raise ValueError(
                "`padding` must be an integer, two integers or two pairs of integers, none below "
                f"0. Received: padding={padding!r}"
            )
        self.padding = tuple(tuple(map(int, pair)) for pair in pairs)

    def compute_output_shape(self, input_shape):
        """Return (batch, above + height + below, left + width + right, channels)."""
        needs_rank(input_shape, 2, self)
        batch, *lengths, channels = input_shape
        larger = (
            None if n is None else n + sum(pair)
            for n, pair in zip(lengths, self.padding, strict=True)
        )
        return (batch, *larger, channels)

    def forward(self, x, training=False):
        """Return y, the images in their frames."""
        x = self._check_input(x)
        self._cache = (self.padding,)
        return zero_padding_forward(x, self.padding)

    def backward(self, dy):
        """Return dx, shape of x."""
        return zero_padding_backward(self._check_gradient(dy), *self._cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"padding": self.padding}
