"""Constraints: conditions on weights, restored after every step of the optimiser.

Each is called as ``constraint(w)`` and gives the weights that take the place of w. A layer takes
them by weight, as ``kernel_constraint="non_neg"``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from glassnet._config import Configured, instance_of
from glassnet._validation import real_in

__all__ = [
    "CONSTRAINTS",
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "get",
    "norms",
]

_EPSILON = 1e-7
"""Keeps the divisor off 0, as in Keras: a norm is met to seven digits, not exactly."""


def norms(w, axis=0):
    """Euclidean length of the weights along one axis or several.

    Parameters
    ----------
    w : ndarray, any shape
    axis : int or sequence of int
        What belongs to one vector: 0 for the kernel of a dense layer, whose columns are the weights
        into one unit; ``[0, 1, 2]`` for the filters of a convolution of images.

    Returns
    -------
    ndarray, shape of w, with length 1 along `axis`
    """
    axis = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    return np.sqrt(np.square(w).sum(axis=axis, keepdims=True))


class Constraint(Configured, ABC):
    """What all constraints share: the options they were made with.

    A subclass keeps its options as attributes of the same names.
    """

    @abstractmethod
    def __call__(self, w):
        """Return weights that fulfil the condition.

        Parameters
        ----------
        w : ndarray
            Not written to.

        Returns
        -------
        ndarray, shape and dtype of w
        """


class NonNeg(Constraint):
    """No weight is negative: those that are become 0."""

    def __call__(self, w):
        """Return `w` without its negative entries, shape and dtype of `w`."""
        return np.maximum(w, 0)


class UnitNorm(Constraint):
    """The weights into each unit have length 1.

    Parameters
    ----------
    axis : int or sequence of int
        What belongs to one unit; see `norms`.
    """

    def __init__(self, axis=0):
        self.axis = _checked_axis(axis)

    def __call__(self, w):
        """Return `w`, each vector divided by its length, shape and dtype of `w`."""
        return w / (_EPSILON + norms(w, self.axis))


class MaxNorm(Constraint):
    """The weights into each unit have at most a given length: longer vectors are shortened.

    Parameters
    ----------
    max_value : float, at least 0
        The greatest length.
    axis : int or sequence of int
        What belongs to one unit; see `norms`.

    Raises
    ------
    ValueError
        If `max_value` is no number of at least 0, or `axis` no integer.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), *Dropout: a simple way to
    prevent neural networks from overfitting*, section 5.1.
    """

    def __init__(self, max_value=2, axis=0):
        self.max_value = real_in(max_value, "max_value", 0)
        self.axis = _checked_axis(axis)

    def __call__(self, w):
        """Return `w`, vectors that are too long shortened, shape and dtype of `w`."""
        lengths = norms(w, self.axis)
        return w * (np.minimum(lengths, self.max_value) / (_EPSILON + lengths))


class MinMaxNorm(Constraint):
    """The weights into each unit have a length between two bounds.

    Parameters
    ----------
    min_value, max_value : float, at least 0
        The bounds, in this order.
    rate : float
        Share of the way to the bounds that a step goes, in [0, 1]: 1 restores the condition at
        once, less moves the length towards it from step to step.
    axis : int or sequence of int
        What belongs to one unit; see `norms`.

    Raises
    ------
    ValueError
        If a bound or the rate lies outside its range, or `axis` is no integer.
    """

    def __init__(self, min_value=0.0, max_value=1.0, rate=1.0, axis=0):
        self.min_value = real_in(min_value, "min_value", 0)
        self.max_value = real_in(max_value, "max_value", self.min_value)
        self.rate = real_in(rate, "rate", 0, 1)
        self.axis = _checked_axis(axis)

    def __call__(self, w):
        """Return `w`, vectors that are too long or too short changed, shape and dtype of `w`."""
        lengths = norms(w, self.axis)
        allowed = np.clip(lengths, self.min_value, self.max_value)
        desired = self.rate * allowed + (1 - self.rate) * lengths
        return w * (desired / (_EPSILON + lengths))


CONSTRAINTS = {
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
    "max_norm": MaxNorm,
    "min_max_norm": MinMaxNorm,
}
"""Every constraint by its name."""


def get(identifier):
    """Return the constraint meant by `identifier`.

    Parameters
    ----------
    identifier : str, Constraint, dict or None
        A name in ``CONSTRAINTS`` or of one of its classes, for its defaults; an instance (returned
        as it is); a Keras configuration, ``{"class_name": ..., "config": {...}}``; or None, for
        none.

    Returns
    -------
    Constraint or None

    Raises
    ------
    ValueError
        If the name is not known; the message lists those that are.
    """
    if identifier is None:
        return None
    return instance_of(identifier, Constraint, CONSTRAINTS, "constraint")


def _checked_axis(axis):
    """Return `axis` as int or list of int, or raise ValueError if it is neither."""
    axes = axis if isinstance(axis, (list, tuple)) else [axis]
    if not axes or not all(
        isinstance(each, (int, np.integer)) and not isinstance(each, bool) for each in axes
    ):
        raise ValueError(f"`axis` must be an integer or several. Received: axis={axis!r}")
    return [int(each) for each in axes] if isinstance(axis, (list, tuple)) else int(axis)
