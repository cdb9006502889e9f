"""Regularisers: penalties on large weights, added to the loss.

Each is called as ``regularizer(w)`` and gives a number; ``regularizer.gradient(w)`` is what it adds
to the gradient of the loss by w. A layer takes them by weight, as ``kernel_regularizer="l2"``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from glassnet._config import Configured, instance_of
from glassnet._validation import real_in

__all__ = ["L1", "L1L2", "L2", "REGULARIZERS", "Regularizer", "get"]


class Regularizer(Configured, ABC):
    """What all regularisers share: the options they were made with.

    A subclass keeps its options as attributes of the same names and defines the penalty and its
    `gradient`.
    """

    @abstractmethod
    def __call__(self, w):
        """Return the penalty on the weights.

        Parameters
        ----------
        w : ndarray, any shape

        Returns
        -------
        float
        """

    @abstractmethod
    def gradient(self, w):
        """Return the gradient of the penalty by the weights.

        Parameters
        ----------
        w : ndarray, any shape

        Returns
        -------
        ndarray, shape and dtype of w
        """


class L1(Regularizer):
    r"""The sum of the absolute values, :math:`\lambda \sum_i |w_i|`: the lasso.

    It pulls every weight towards 0 with the same force, however small the weight is, so that many
    end up there. At 0 there is no slope; like Keras we take 0 from between -1 and 1.

    Parameters
    ----------
    l1 : float, at least 0
        The strength :math:`\lambda`.

    Raises
    ------
    ValueError
        If `l1` is no number of at least 0.

    References
    ----------
    Tibshirani (1996), *Regression shrinkage and selection via the lasso*.
    """

    def __init__(self, l1=0.01):
        self.l1 = _strength(l1, "l1")

    def __call__(self, w):
        """Return the penalty on the weights `w`, a float."""
        return float(self.l1 * np.abs(w).sum())

    def gradient(self, w):
        """Return its gradient by the weights, shape and dtype of `w`."""
        return self.l1 * np.sign(w)


class L2(Regularizer):
    r"""The sum of the squares, :math:`\lambda \sum_i w_i^2`: ridge regression.

    It pulls every weight towards 0 in proportion to its size. There is no factor 1/2 in front, as
    in Keras, so the gradient is :math:`2 \lambda w`.

    Parameters
    ----------
    l2 : float, at least 0
        The strength :math:`\lambda`.

    Raises
    ------
    ValueError
        If `l2` is no number of at least 0.

    References
    ----------
    Hoerl and Kennard (1970), *Ridge regression: biased estimation for nonorthogonal problems*.
    """

    def __init__(self, l2=0.01):
        self.l2 = _strength(l2, "l2")

    def __call__(self, w):
        """Return the penalty on the weights `w`, a float."""
        return float(self.l2 * np.square(w).sum())

    def gradient(self, w):
        """Return its gradient by the weights, shape and dtype of `w`."""
        return 2 * self.l2 * w


class L1L2(Regularizer):
    """Both penalties together: the elastic net.

    Parameters
    ----------
    l1, l2 : float, at least 0
        The strengths; as in Keras a term that is not asked for is left out.

    Raises
    ------
    ValueError
        If one is no number of at least 0.

    References
    ----------
    Zou and Hastie (2005), *Regularization and variable selection via the elastic net*.
    """

    def __init__(self, l1=0.0, l2=0.0):
        self.l1, self.l2 = _strength(l1, "l1"), _strength(l2, "l2")

    def __call__(self, w):
        """Return the penalty on the weights `w`, a float."""
        return float(self.l1 * np.abs(w).sum() + self.l2 * np.square(w).sum())

    def gradient(self, w):
        """Return its gradient by the weights, shape and dtype of `w`."""
        return self.l1 * np.sign(w) + 2 * self.l2 * w


REGULARIZERS = {"l1": L1, "l2": L2, "l1l2": L1L2, "l1_l2": L1L2}
"""Every regulariser by its names."""


def get(identifier):
    """Return the regulariser meant by `identifier`.

    Parameters
    ----------
    identifier : str, Regularizer, dict or None
        A name in ``REGULARIZERS`` or of one of its classes, for its defaults; an instance
        (returned as it is); a Keras configuration, ``{"class_name": ..., "config": {...}}``; or
        None, for none.

    Returns
    -------
    Regularizer or None

    Raises
    ------
    ValueError
        If the name is not known; the message lists those that are.
    """
    if identifier is None:
        return None
    return instance_of(identifier, Regularizer, REGULARIZERS, "regularizer")


def _strength(value, name):
    return real_in(value, name, 0, np.inf, open_high=True)
