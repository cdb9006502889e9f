"""Layers that make one array of several: sums, products, side by side."""

from __future__ import annotations

import math

import numpy as np

from glassnet.layers.base import Layer
from glassnet.layers.masking import as_mask

__all__ = [
    "Add",
    "Concatenate",
    "Multiply",
    "add_backward",
    "add_forward",
    "concatenate_backward",
    "concatenate_forward",
    "masked_multiply_backward",
    "masked_multiply_forward",
    "multiply_backward",
    "multiply_forward",
]


def add_forward(xs):
    """Add up arrays of one shape.

    Parameters
    ----------
    xs : list of ndarray

    Returns
    -------
    y : ndarray, shape of each
    count : int
        How many there were, which `add_backward` needs.
    """
    return sum(xs[1:], start=xs[0]), len(xs)


def add_backward(dy, count):
    """Gradients through `add_forward`: each term had the same influence.

    Parameters
    ----------
    dy : ndarray
    count : int
        From `add_forward`.

    Returns
    -------
    list of ndarray
        `dy` itself for each input.
    """
    return [dy] * count


def multiply_forward(xs):
    """Multiply arrays of one shape, entry by entry.

    Parameters
    ----------
    xs : list of ndarray

    Returns
    -------
    y : ndarray, shape of each
    xs : list of ndarray
        What `multiply_backward` needs.
    """
    return math.prod(xs[1:], start=xs[0]), xs


def multiply_backward(dy, xs):
    """Gradients through `multiply_forward`: for each factor the product of the others.

    Parameters
    ----------
    dy : ndarray
    xs : list of ndarray
        From `multiply_forward`.

    Returns
    -------
    list of ndarray
        Nothing is divided, so factors may be zero.
    """
    return [dy * math.prod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))]


def masked_multiply_forward(xs, masks):
    """Multiply arrays, leaving out of each product the factors that a mask marks as missing.

    Parameters
    ----------
    xs : list of ndarray, shape (batch, time, ...)
    masks : list of ndarray of bool, shape (batch, time), or of None
        True where a step of an input counts. Where one does not, 1 takes its place; if all inputs
        have a mask and no factor is left, the product is 0.

    Returns
    -------
    y : ndarray, shape of each
    cache : tuple
        What `masked_multiply_backward` needs.
    """
    there = [_beside(mask, x) for mask, x in zip(masks, xs, strict=True)]
    factors = [np.where(m, x, np.ones((), x.dtype)) for m, x in zip(there, xs, strict=True)]
    y, factors = multiply_forward(factors)
    any_left = np.logical_or.reduce(np.broadcast_arrays(*there))  # always, without a mask
    return y * any_left, (factors, there, any_left)


def masked_multiply_backward(dy, cache):
    """Gradients through `masked_multiply_forward`: what was left out had no influence.

    Parameters
    ----------
    dy : ndarray
    cache : tuple
        From `masked_multiply_forward`.

    Returns
    -------
    list of ndarray
    """
    factors, there, any_left = cache
    gradients = multiply_backward(dy * any_left, factors)
    return [gradient * m for gradient, m in zip(gradients, there, strict=True)]


def _beside(mask, x):
    """Return a mask with axes of length 1 for those that it has not; all True if there is none."""
    if mask is None:
        return np.ones((1,) * x.ndim, bool)
    return mask.reshape(mask.shape + (1,) * (x.ndim - mask.ndim))


def concatenate_forward(xs, axis=-1):
    """Put arrays side by side.

    Parameters
    ----------
    xs : list of ndarray
        Of one shape but for `axis`.
    axis : int

    Returns
    -------
    y : ndarray
    cache : tuple
        What `concatenate_backward` needs.
    """
    ends = np.cumsum([x.shape[axis] for x in xs])
    return np.concatenate(xs, axis), (ends, axis)


def concatenate_backward(dy, cache):
    """Gradients through `concatenate_forward`: to each input its part.

    Parameters
    ----------
    dy : ndarray
    cache : tuple
        From `concatenate_forward`.

    Returns
    -------
    list of ndarray
        Views of `dy`.
    """
    ends, axis = cache
    return np.split(dy, ends[:-1], axis)


class _Merge(Layer):
    """A layer with several inputs of one shape; a subclass has the pair of functions."""

    def compute_output_shape(self, input_shape):
        """Return the shape that all inputs have."""
        return self._agreed(input_shape, "of one shape")

    def forward(self, x, training=False):
        """Return one array for a list of arrays."""
        xs = self._check_input(x)
        self.compute_output_shape(self._x_shape)
        y, self._cache = self._merge_forward(xs)
        return y

    def compute_mask(self, x, mask=None):
        """Return True where a step of any input counts, or None if one input has no mask.

        Parameters
        ----------
        x : list of ndarray
        mask : list of ndarray of bool, shape (batch, time), or of None, optional
            One for each input.
        """
        if mask is None or any(each is None for each in mask):
            return None
        return np.logical_or.reduce(mask)

    def backward(self, dy):
        """Return a list with the gradient by every input."""
        return self._merge_backward(self._check_gradient(dy), self._cache)

    def _agreed(self, shapes, what, free=None):
        """Return a shape that holds whatever is known of `shapes`, which may differ along `free`.

        Raises ValueError if there are less than two, or two differ elsewhere.
        """
        if not isinstance(shapes, list) or len(shapes) < 2:
            raise ValueError(
                f"Layer {self.name!r} takes a list of at least two inputs. "
                f"Received: input_shape={shapes}"
            )
        if len({len(shape) for shape in shapes}) == 1:
            lengths = [set(axis) - {None} for axis in zip(*shapes, strict=True)]
            if all(len(axis) < 2 or i == free for i, axis in enumerate(lengths)):
                return tuple(axis.pop() if axis else None for axis in lengths)
        raise ValueError(f"Layer {self.name!r} takes inputs {what}. Received: input_shape={shapes}")


class Add(_Merge):
    """The sum of several inputs, the twin of ``keras.layers.Add``: a residual connection.

    Takes a list of arrays of one shape; unlike in Keras nothing is broadcast.

    Parameters
    ----------
    name : str, optional

    Raises
    ------
    ValueError
        If there are less than two inputs, or their shapes differ.

    References
    ----------
    He, Zhang, Ren and Sun (2016). Deep residual learning for image recognition.
    """

    _merge_forward = staticmethod(add_forward)
    _merge_backward = staticmethod(add_backward)


class Multiply(_Merge):
    """The product of several inputs, entry by entry: the twin of ``keras.layers.Multiply``.

    Takes a list of arrays of one shape; unlike in Keras nothing is broadcast. With masks, a step
    that does not count is left out of the product.

    Parameters
    ----------
    name : str, optional

    Raises
    ------
    ValueError
        If there are less than two inputs, or their shapes differ.
    """

    uses_mask = True

    def forward(self, x, training=False, mask=None):
        """Return the product of a list of arrays.

        Parameters
        ----------
        x : list of ndarray, shape (batch, ...)
        training : bool
            Makes no difference.
        mask : list of array_like of bool, shape (batch, time), or of None, optional
            One for each input: where it is False, the step is left out of the product.
        """
        xs = self._check_input(x)
        self.compute_output_shape(self._x_shape)
        if mask is None:
            y, cache = multiply_forward(xs)
            self._cache = multiply_backward, cache
            return y
        masks = [
            None if each is None else as_mask(each, part.shape[: np.ndim(each)])
            for part, each in zip(xs, mask, strict=True)
        ]
        y, cache = masked_multiply_forward(xs, masks)
        self._cache = masked_multiply_backward, cache
        return y

    def backward(self, dy):
        """Return a list with the gradient by every input."""
        dy = self._check_gradient(dy)
        through, cache = self._cache
        return through(dy, cache)


class Concatenate(_Merge):
    """Several inputs side by side, the twin of ``keras.layers.Concatenate``.

    Takes a list of arrays of one shape but for `axis`.

    Parameters
    ----------
    axis : int
        Not the batch.
    name : str, optional

    Raises
    ------
    ValueError
        If there are less than two inputs, or their shapes differ along another axis.

    References
    ----------
    Szegedy et al. (2015). Going deeper with convolutions.
    """

    def __init__(self, axis=-1, *, name=None):
        super().__init__(name)
        if not isinstance(axis, (int, np.integer)) or isinstance(axis, bool) or axis == 0:
            raise ValueError(f"`axis` must be an integer other than 0. Received: axis={axis!r}")
        self.axis = int(axis)

    def compute_output_shape(self, input_shape):
        """Return the shape of the inputs, with the sum of their lengths along `axis`."""
        rank = len(input_shape[0]) if isinstance(input_shape, list) else 0
        if rank and not (-rank < self.axis < rank):
            raise ValueError(
                f"Layer {self.name!r}: `axis` must be an axis of the inputs, not the batch. "
                f"Received: axis={self.axis}, input_shape={input_shape}"
            )
        axis = self.axis % max(rank, 1)
        shape = list(self._agreed(input_shape, f"that differ along axis {axis} only", axis))
        lengths = [each[axis] for each in input_shape]
        shape[axis] = None if None in lengths else sum(lengths)
        return tuple(shape)

    def forward(self, x, training=False):
        """Return one array for a list of arrays."""
        xs = self._check_input(x)
        self.compute_output_shape(self._x_shape)
        y, self._cache = concatenate_forward(xs, self.axis)
        return y

    def compute_mask(self, x, mask=None):
        """Return True where any feature of a step counts; an input without a mask counts fully.

        Parameters
        ----------
        x : list of ndarray
        mask : list of ndarray of bool, shape (batch, time), or of None, optional
            One for each input.
        """
        if mask is None or all(each is None for each in mask):
            return None
        masks = [
            np.ones(np.shape(part), bool)
            if each is None
            else np.broadcast_to(each[..., np.newaxis], np.shape(part))
            for part, each in zip(x, mask, strict=True)
        ]
        return np.concatenate(masks, self.axis).any(axis=-1)

    def backward(self, dy):
        """Return a list with the gradient by every input."""
        return concatenate_backward(self._check_gradient(dy), self._cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"axis": self.axis}
