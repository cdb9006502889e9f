"""Losses that compare distributions or counts; each is followed by its gradient."""

from __future__ import annotations

import numpy as np

from glassnet.losses.base import EPSILON, Loss, gradient_function, loss_function, within

__all__ = [
    "KLDivergence",
    "Poisson",
    "kl_divergence",
    "kl_divergence_gradient",
    "poisson",
    "poisson_gradient",
]


@loss_function
def kl_divergence(y_true, y_pred):
    """Kullback-Leibler divergence of p from y, ``l = Σ y log(y / p)``.

    Both are kept at or above ε = 1e-7, as in Keras.

    Parameters
    ----------
    y_true : ndarray, shape (batch, ..., n)
        Probabilities y.
    y_pred : ndarray, shape (batch, ..., n)
        Probabilities p.

    Returns
    -------
    ndarray, shape (batch, ...)
        In nats.

    References
    ----------
    S. Kullback and R. A. Leibler, On information and sufficiency, Annals of Mathematical
    Statistics 22, 1951.
    """
    y = np.maximum(within(y_true, "y_true", 0, 1), EPSILON)
    p = np.maximum(within(y_pred, "y_pred", 0, 1), EPSILON)
    return np.sum(y * np.log(y / p), axis=-1)


@gradient_function
def kl_divergence_gradient(y_true, y_pred):
    """Gradient of `kl_divergence` by `y_pred`, ``-y / p``, and 0 where p is below ε.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ..., n)
    """
    y = np.maximum(within(y_true, "y_true", 0, 1), EPSILON)
    p = np.maximum(within(y_pred, "y_pred", 0, 1), EPSILON)
    return np.where(y_pred < EPSILON, 0, -y / p)


@loss_function
def poisson(y_true, y_pred):
    """Negative log-likelihood of counts y at rates r, ``l = Σ (r - y log(r + ε)) / n``.

    The constant log y! is left out; ε = 1e-7.

    Parameters
    ----------
    y_true : ndarray, shape (batch, ..., n)
        Counts y, at least 0.
    y_pred : ndarray, shape (batch, ..., n)
        Rates r, at least 0.

    Returns
    -------
    ndarray, shape (batch, ...)

    References
    ----------
    J. A. Nelder and R. W. M. Wedderburn, Generalized linear models, Journal of the Royal
    Statistical Society A 135, 1972.
    """
    counts, rates = within(y_true, "y_true", 0, np.inf), within(y_pred, "y_pred", 0, np.inf)
    return np.mean(rates - counts * np.log(rates + EPSILON), axis=-1)


@gradient_function
def poisson_gradient(y_true, y_pred):
    """Gradient of `poisson` by `y_pred`, ``(1 - y / (r + ε)) / n``.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (batch, ..., n)

    Returns
    -------
    ndarray, shape (batch, ..., n)
    """
    counts, rates = within(y_true, "y_true", 0, np.inf), within(y_pred, "y_pred", 0, np.inf)
    return (1 - counts / (rates + EPSILON)) / rates.shape[-1]


class KLDivergence(Loss):
    """`kl_divergence`, reduced; the twin of ``keras.losses.KLDivergence``."""

    per_sample = staticmethod(kl_divergence)
    per_sample_gradient = staticmethod(kl_divergence_gradient)


class Poisson(Loss):
    """`poisson`, reduced; the twin of ``keras.losses.Poisson``."""

    per_sample = staticmethod(poisson)
    per_sample_gradient = staticmethod(poisson_gradient)
