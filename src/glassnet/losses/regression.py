"""Losses for real-valued targets; each is followed by its gradient.

Everywhere below, e = y_pred - y_true is the error and n the length of the last axis.
"""

from __future__ import annotations

import math

import numpy as np

from glassnet._validation import real_in
from glassnet.activations import softplus
from glassnet.losses.base import Loss, gradient_function, loss_function

__all__ = [
    "Huber",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "huber",
    "huber_gradient",
    "log_cosh",
    "log_cosh_gradient",
    "mean_absolute_error",
    "mean_absolute_error_gradient",
    "mean_squared_error",
    "mean_squared_error_gradient",
]


@loss_function
def mean_squared_error(y_true, y_pred):
    """Mean of the squared errors of each sample, ``l = Σ e² / n``.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ...)

    References
    ----------
    C. F. Gauss, Theoria motus corporum coelestium, 1809.
    """
    return np.mean((y_pred - y_true) ** 2, axis=-1)


@gradient_function
def mean_squared_error_gradient(y_true, y_pred):
    """Gradient of `mean_squared_error` by `y_pred`, ``2 e / n``.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ..., n)
    """
    return 2 * (y_pred - y_true) / y_pred.shape[-1]


@loss_function
def mean_absolute_error(y_true, y_pred):
    """Mean of the absolute errors of each sample, ``l = Σ |e| / n``.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ...)

    References
    ----------
    P.-S. Laplace, Mémoire sur la probabilité des causes par les évènemens, 1774.
    """
    return np.mean(np.abs(y_pred - y_true), axis=-1)


@gradient_function
def mean_absolute_error_gradient(y_true, y_pred):
    """Gradient of `mean_absolute_error` by `y_pred`, ``sign(e) / n``, with 0 at the kink e = 0.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ..., n)
    """
    return np.sign(y_pred - y_true) / y_pred.shape[-1]


@loss_function
def huber(y_true, y_pred, delta=1.0):
    """Square for small errors, straight line for large ones, averaged over each sample.

    ``l = Σ h(e) / n`` with ``h(e) = e²/2`` where ``|e| <= δ``, and ``δ |e| - δ²/2`` beyond.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)
    delta : float
        Where the line takes over, in the unit of the errors, positive.

    Returns
    -------
    ndarray, shape (batch, ...)

    References
    ----------
    P. J. Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35,
    1964.
    """
    delta = _delta(delta)
    size = np.abs(y_pred - y_true)
    inner = np.minimum(size, delta)  # one formula for both branches, and no large square
    return np.mean(inner**2 / 2 + delta * (size - inner), axis=-1)


@gradient_function
def huber_gradient(y_true, y_pred, delta=1.0):
    """Gradient of `huber` by `y_pred`: the error, clipped to [-δ, δ], over n.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)
    delta : float
        Positive.

    Returns
    -------
    ndarray, shape (batch, ..., n)
    """
    delta = _delta(delta)
    return np.clip(y_pred - y_true, -delta, delta) / y_pred.shape[-1]


@loss_function
def log_cosh(y_true, y_pred):
    """Mean of log cosh of the errors of each sample: a parabola near 0, straight lines far out.

    ``log cosh e = log((exp(e) + exp(-e)) / 2) = |e| + softplus(-2|e|) - log 2``; the last form
    has no exponential that could overflow.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ...)

    References
    ----------
    P. J. Green, Bayesian reconstructions from emission tomography data using a modified EM
    algorithm, IEEE Transactions on Medical Imaging 9, 1990.
    """
    size = np.abs(y_pred - y_true)
    return np.mean(size + softplus(-2 * size) - math.log(2), axis=-1)


@gradient_function
def log_cosh_gradient(y_true, y_pred):
    """Gradient of `log_cosh` by `y_pred`, ``tanh(e) / n``.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ..., n)
    """
    return np.tanh(y_pred - y_true) / y_pred.shape[-1]


def _delta(delta):
    return real_in(delta, "delta", 0, open_low=True, open_high=True)


class MeanSquaredError(Loss):
    """`mean_squared_error`, reduced; the twin of ``keras.losses.MeanSquaredError``."""

    per_sample = staticmethod(mean_squared_error)
    per_sample_gradient = staticmethod(mean_squared_error_gradient)


class MeanAbsoluteError(Loss):
    """`mean_absolute_error`, reduced; the twin of ``keras.losses.MeanAbsoluteError``."""

    per_sample = staticmethod(mean_absolute_error)
    per_sample_gradient = staticmethod(mean_absolute_error_gradient)


class Huber(Loss):
    """`huber`, reduced; the twin of ``keras.losses.Huber``.

    Parameters
    ----------
    delta : float
        Where the line takes over from the square, positive.
    reduction, name
        See `Loss`.
    """

    per_sample = staticmethod(huber)
    per_sample_gradient = staticmethod(huber_gradient)
    options = ("delta",)

    def __init__(self, delta=1.0, reduction="sum_over_batch_size", name=None):
        super().__init__(reduction, name)
        self.delta = _delta(delta)


class LogCosh(Loss):
    """`log_cosh`, reduced; the twin of ``keras.losses.LogCosh``."""

    per_sample = staticmethod(log_cosh)
    per_sample_gradient = staticmethod(log_cosh_gradient)
