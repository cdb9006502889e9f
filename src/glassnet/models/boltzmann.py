r"""The mathematics of the restricted Boltzmann machine: energies, probabilities, gradients.

Visible units v and hidden units h are 0 or 1. A state has the energy

.. math:: E(v, h) = -a^\top v - b^\top h - v^\top W h

and the probability :math:`e^{-E(v, h)} / Z`. Everywhere `kernel` is W, shape (visible, hidden),
`visible_bias` is a, shape (visible,), and `hidden_bias` is b, shape (hidden,). A batch has one
state per row.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int
from glassnet.activations import sigmoid, softplus

__all__ = [
    "contrastive_divergence",
    "energy",
    "free_energy",
    "gibbs_step",
    "hidden_probabilities",
    "sample_bits",
    "visible_probabilities",
]


def energy(v, h, kernel, visible_bias, hidden_bias):
    r"""Energy of states, :math:`E(v, h) = -a^\top v - b^\top h - v^\top W h`.

    Parameters
    ----------
    v : ndarray, shape (batch, visible)
    h : ndarray, shape (batch, hidden)
    kernel, visible_bias, hidden_bias : ndarray

    Returns
    -------
    ndarray, shape (batch,)

    References
    ----------
    Smolensky (1986), *Information processing in dynamical systems: foundations of harmony theory*.
    """
    return -(v @ visible_bias) - h @ hidden_bias - np.sum((v @ kernel) * h, axis=1)


def free_energy(v, kernel, visible_bias, hidden_bias):
    r"""Free energy of visible states, :math:`F(v) = -\log \sum_h e^{-E(v, h)}`.

    Given v, the hidden units enter the energy one by one, so that the sum over their
    :math:`2^n` states is a product: :math:`F(v) = -a^\top v - \sum_j \log(1 + e^{(W^\top v+b)_j})`.

    Parameters
    ----------
    v : ndarray, shape (batch, visible)
    kernel, visible_bias, hidden_bias : ndarray

    Returns
    -------
    ndarray, shape (batch,)
    """
    return -(v @ visible_bias) - np.sum(softplus(v @ kernel + hidden_bias), axis=1)


def hidden_probabilities(v, kernel, hidden_bias):
    r"""Probability that each hidden unit is 1 given v, :math:`\sigma(W^\top v + b)`.

    Parameters
    ----------
    v : ndarray, shape (batch, visible)
    kernel, hidden_bias : ndarray

    Returns
    -------
    ndarray, shape (batch, hidden)
    """
    return sigmoid(v @ kernel + hidden_bias)


def visible_probabilities(h, kernel, visible_bias):
    r"""Probability that each visible unit is 1 given h, :math:`\sigma(W h + a)`.

    Parameters
    ----------
    h : ndarray, shape (batch, hidden)
    kernel, visible_bias : ndarray

    Returns
    -------
    ndarray, shape (batch, visible)
    """
    return sigmoid(h @ kernel.T + visible_bias)


def sample_bits(probabilities, rng):
    """Draw each entry on its own: 1 with the given probability, else 0.

    Parameters
    ----------
    probabilities : ndarray, any shape
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, same shape and dtype
        0 and 1.
    """
    kind = np.float32 if probabilities.dtype == np.float32 else np.float64
    return (rng.random(probabilities.shape, kind) < probabilities).astype(probabilities.dtype)


def gibbs_step(h, kernel, visible_bias, hidden_bias, rng):
    """Draw visible units given the hidden ones, then hidden units given these: one Gibbs step.

    Parameters
    ----------
    h : ndarray, shape (batch, hidden)
        The state of the chains, one a row.
    kernel, visible_bias, hidden_bias : ndarray
    rng : numpy.random.Generator

    Returns
    -------
    v : ndarray, shape (batch, visible)
    p : ndarray, shape (batch, hidden)
        The probabilities of the hidden units given these visible ones.
    h : ndarray, shape (batch, hidden)
        The bits drawn with them.

    References
    ----------
    Geman and Geman (1984), *Stochastic relaxation, Gibbs distributions, and the Bayesian
    restoration of images*.
    """
    v = sample_bits(visible_probabilities(h, kernel, visible_bias), rng)
    p = hidden_probabilities(v, kernel, hidden_bias)
    return v, p, sample_bits(p, rng)


def contrastive_divergence(v0, kernel, visible_bias, hidden_bias, rng, k=1, start=None):
    """Estimate the gradient of the mean log-likelihood of `v0`: positive minus negative phase.

    The gradient is a difference of two means of v hᵀ: over the data, and over the model. For the
    second, chains run `k` Gibbs steps from the data (CD-k), or on from where they stopped the last
    time (persistent CD, with `start`). It points uphill: add it to the parameters, or hand its
    negative to an optimiser, which goes downhill.

    Parameters
    ----------
    v0 : ndarray, shape (batch, visible)
        Data, 0 and 1 or probabilities.
    kernel, visible_bias, hidden_bias : ndarray
    rng : numpy.random.Generator
    k : int
        Gibbs steps, at least 1.
    start : ndarray, shape (chains, hidden), optional
        Hidden states to start from; drawn given the data if not given.

    Returns
    -------
    grads : dict of str to ndarray
        ``"kernel"``, ``"visible_bias"`` and ``"hidden_bias"``.
    h : ndarray, shape (chains, hidden)
        Where the chains stopped; the next `start` of persistent CD.

    References
    ----------
    Hinton (2002), *Training products of experts by minimizing contrastive divergence*;
    Tieleman (2008), *Training restricted Boltzmann machines using approximations to the likelihood
    gradient*.
    """
    p0 = hidden_probabilities(v0, kernel, hidden_bias)
    h = sample_bits(p0, rng) if start is None else start
    for _ in range(positive_int(k, "k")):
        v, p, h = gibbs_step(h, kernel, visible_bias, hidden_bias, rng)
    positive = mean_statistics(v0, p0)
    negative = mean_statistics(v, p)  # p is less noisy than the bits h drawn from it
    return {key: positive[key] - negative[key] for key in positive}, h


def mean_statistics(v, h):
    """Mean over a batch of what each parameter multiplies in the energy: v hᵀ, v and h."""
    return {
        "kernel": v.T @ h / len(v),
        "visible_bias": v.mean(axis=0),
        "hidden_bias": h.mean(axis=0),
    }
