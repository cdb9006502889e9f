"""How likely a restricted Boltzmann machine finds its data: sums over all of its states.

The weights are as in `glassnet.models.boltzmann`. Exact sums are for small machines; for others
there is an estimate.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int
from glassnet.activations import sigmoid, softplus
from glassnet.models.boltzmann import (
    free_energy,
    hidden_probabilities,
    mean_statistics,
    sample_bits,
    visible_probabilities,
)

__all__ = [
    "annealed_log_partition",
    "binary_states",
    "likelihood_gradient",
    "log_likelihood",
    "log_partition",
]

MOST_UNITS = 20
"""Sums over all states of more units than these, a million states, would take too long."""

_BLOCK = 2**12  # states handled at a time, so that they fit in the cache


def binary_states(units, start=0, stop=None, dtype=np.float64):
    """List the states of some units in the order of binary numbers, the first unit the lowest bit.

    Parameters
    ----------
    units : int
    start, stop : int
        Which to list, all 2 to the power of `units` if not given.
    dtype : numpy dtype

    Returns
    -------
    ndarray, shape (stop - start, units)
        0 and 1.
    """
    numbers = np.arange(start, 2 ** positive_int(units, "units") if stop is None else stop)
    return (numbers[:, np.newaxis] >> np.arange(units) & 1).astype(dtype)


def log_partition(kernel, visible_bias, hidden_bias):
    r"""Logarithm of :math:`Z = \sum_{v, h} e^{-E(v, h)}`, by going through all states.

    One side is summed in closed form, as in the free energy, and the states of the side with fewer
    units are gone through.

    Parameters
    ----------
    kernel, visible_bias, hidden_bias : ndarray

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If both sides have more than 20 units.
    """
    blocks = [
        np.logaddexp.reduce(-free_energy(states, *weights))
        for states, weights in _smaller_side(kernel, visible_bias, hidden_bias)
    ]
    return float(np.logaddexp.reduce(blocks))


def log_likelihood(v, kernel, visible_bias, hidden_bias):
    """Logarithm of the probability of visible states, -F(v) - log Z, for small machines.

    Parameters
    ----------
    v : ndarray, shape (batch, visible)
    kernel, visible_bias, hidden_bias : ndarray

    Returns
    -------
    ndarray, shape (batch,)

    Raises
    ------
    ValueError
        As `log_partition`.
    """
    weights = kernel, visible_bias, hidden_bias
    log_z = np.asarray(log_partition(*weights), kernel.dtype)
    return -free_energy(v, *weights) - log_z


def likelihood_gradient(v, kernel, visible_bias, hidden_bias):
    """Gradient of the mean log-likelihood of `v`, exactly: what contrastive divergence estimates.

    Parameters
    ----------
    v : ndarray, shape (batch, visible)
    kernel, visible_bias, hidden_bias : ndarray

    Returns
    -------
    dict of str to ndarray
        ``"kernel"``, ``"visible_bias"`` and ``"hidden_bias"``; it points uphill.

    Raises
    ------
    ValueError
        As `log_partition`.
    """
    log_z = log_partition(kernel, visible_bias, hidden_bias)
    ours, others = np.zeros(min(kernel.shape)), np.zeros(max(kernel.shape))
    products = np.zeros((len(ours), len(others)))
    for states, weights in _smaller_side(kernel, visible_bias, hidden_bias):
        p = np.exp(-free_energy(states, *weights) - log_z)
        given = hidden_probabilities(states, weights[0], weights[2])
        ours += p @ states
        others += p @ given
        products += (p[:, np.newaxis] * states).T @ given
    if kernel.shape[0] > kernel.shape[1]:  # it was the hidden side that was gone through
        ours, others, products = others, ours, products.T
    negative = {"kernel": products, "visible_bias": ours, "hidden_bias": others}
    positive = mean_statistics(v, hidden_probabilities(v, kernel, hidden_bias))
    return {key: positive[key] - negative[key].astype(kernel.dtype) for key in positive}


def _smaller_side(kernel, visible_bias, hidden_bias):
    """Yield all states of the side with fewer units, in blocks, with the machine seen from it.

    The energy treats both sides alike: with W transposed and the biases exchanged, the hidden units
    are the visible ones.
    """
    weights = tuple(part.astype(np.float64) for part in (kernel, visible_bias, hidden_bias))
    if kernel.shape[0] > kernel.shape[1]:
        weights = weights[0].T, weights[2], weights[1]
    units = len(weights[1])
    if units > MOST_UNITS:
        raise ValueError(
            f"Only up to {MOST_UNITS} units on the smaller side can be gone through. "
            f"Received: {kernel.shape[0]} visible and {kernel.shape[1]} hidden units"
        )
    for start in range(0, 2**units, _BLOCK):
        yield binary_states(units, start, min(start + _BLOCK, 2**units)), weights


def annealed_log_partition(kernel, visible_bias, hidden_bias, rng, temperatures=1000, runs=100):
    r"""Estimate log Z by annealed importance sampling, where there are too many states to sum.

    From the machine with W = 0 and b = 0, whose Z is known, to the one asked for, in small steps
    :math:`\beta` from 0 to 1 that multiply W and b. Each run collects the ratios
    :math:`e^{-F_{\beta'}(v)} / e^{-F_\beta(v)}` along a Gibbs chain; their product has the mean
    :math:`Z / Z_0`.

    Parameters
    ----------
    kernel, visible_bias, hidden_bias : ndarray
    rng : numpy.random.Generator
    temperatures : int
        Steps from 0 to 1.
    runs : int
        Independent chains.

    Returns
    -------
    log_z : float
    spread : float
        Relative standard error of Z, seen from the runs; well below 1 if they can be trusted.

    References
    ----------
    Salakhutdinov and Murray (2008), *On the quantitative analysis of deep belief networks*.
    """
    temperatures, runs = positive_int(temperatures, "temperatures"), positive_int(runs, "runs")
    kernel, visible_bias, hidden_bias = (
        part.astype(np.float64) for part in (kernel, visible_bias, hidden_bias)
    )
    log_z0 = np.sum(softplus(visible_bias)) + len(hidden_bias) * np.log(2.0)
    v = sample_bits(np.broadcast_to(sigmoid(visible_bias), (runs, len(visible_bias))), rng)
    log_ratio = np.zeros(runs)
    for step in range(temperatures):
        low, high = step / temperatures, (step + 1) / temperatures
        log_ratio += free_energy(v, low * kernel, visible_bias, low * hidden_bias)
        log_ratio -= free_energy(v, high * kernel, visible_bias, high * hidden_bias)
        h = sample_bits(hidden_probabilities(v, high * kernel, high * hidden_bias), rng)
        v = sample_bits(visible_probabilities(h, high * kernel, visible_bias), rng)
    log_mean = np.logaddexp.reduce(log_ratio) - np.log(runs)
    spread = np.std(np.exp(log_ratio - log_mean)) / np.sqrt(runs)
    return float(log_z0 + log_mean), float(spread)
