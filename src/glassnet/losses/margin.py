"""Losses that ask for a margin, y·s >= 1, between label y = ±1 and score s = y_pred."""

from __future__ import annotations

import numpy as np

from glassnet.losses.base import Loss, gradient_function, loss_function

__all__ = [
    "Hinge",
    "SquaredHinge",
    "hinge",
    "hinge_gradient",
    "squared_hinge",
    "squared_hinge_gradient",
]


@loss_function
def hinge(y_true, y_pred):
    """Mean by which each sample's scores miss the margin, ``l = Σ max(1 - y s, 0) / n``.

    Parameters
    ----------
    y_true : ndarray, shape (batch, ..., n)
        Labels, all -1 or 1, or all 0 or 1 (then 0 stands for -1).
    y_pred : ndarray, shape (batch, ..., n)
        Scores, any real numbers.

    Returns
    -------
    ndarray, shape (batch, ...)

    References
    ----------
    C. Cortes and V. Vapnik, Support-vector networks, Machine Learning 20, 1995.
    """
    return np.mean(np.maximum(1 - signs(y_true) * y_pred, 0), axis=-1)


@gradient_function
def hinge_gradient(y_true, y_pred):
    """Gradient of `hinge` by `y_pred`: ``-y / n`` up to the margin, 0 beyond.

    At the kink ``y s = 1`` it is the slope from below, as in Keras.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ..., n)
    """
    y = signs(y_true)
    return np.where(y * y_pred > 1, 0, -y) / y.shape[-1]


@loss_function
def squared_hinge(y_true, y_pred):
    """As `hinge`, each miss squared, ``l = Σ max(1 - y s, 0)² / n``.

    Parameters
    ----------
    y_true : ndarray, shape (batch, ..., n)
        Labels, all -1 or 1, or all 0 or 1 (then 0 stands for -1).
    y_pred : ndarray, shape (batch, ..., n)
        Scores, any real numbers.

    Returns
    -------
    ndarray, shape (batch, ...)

    References
    ----------
    Y. Tang, Deep learning using linear support vector machines, 2013.
    """
    return np.mean(np.maximum(1 - signs(y_true) * y_pred, 0) ** 2, axis=-1)


@gradient_function
def squared_hinge_gradient(y_true, y_pred):
    """Gradient of `squared_hinge` by `y_pred`, ``-2 y max(1 - y s, 0) / n``.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ..., n)
    """
    y = signs(y_true)
    return -2 * y * np.maximum(1 - y * y_pred, 0) / y.shape[-1]


def signs(y_true):
    """Return labels as -1 and 1, whether they came as -1 and 1 or as 0 and 1.

    Raises
    ------
    ValueError
        If there are other values, or all three: 0 would then have no meaning.
    """
    if np.all((y_true == 0) | (y_true == 1)):
        return 2 * y_true - 1
    if np.all(np.abs(y_true) == 1):
        return y_true
    raise ValueError(
        "`y_true` must hold labels -1 and 1, or labels 0 and 1. "
        f"Received: {[float(label) for label in np.unique(y_true)[:5]]}"
    )


class Hinge(Loss):
    """`hinge`, reduced; the twin of ``keras.losses.Hinge``."""

    per_sample = staticmethod(hinge)
    per_sample_gradient = staticmethod(hinge_gradient)


class SquaredHinge(Loss):
    """`squared_hinge`, reduced; the twin of ``keras.losses.SquaredHinge``."""

    per_sample = staticmethod(squared_hinge)
    per_sample_gradient = staticmethod(squared_hinge_gradient)
