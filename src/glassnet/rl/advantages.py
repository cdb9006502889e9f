"""How much better an action turned out than expected: temporal differences, and sums of them.

Arrays of shape (time, ...): the first axis counts the steps, any further ones environments.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, real_in, same_shape

__all__ = ["generalized_advantages", "td_errors"]


def td_errors(rewards, values, next_values, terminated, gamma):
    r"""Temporal differences: what a step brought, minus what was expected.

    .. math:: \delta_t = r_{t+1} + \gamma\, v(s_{t+1}) - v(s_t)

    with :math:`v(s_{t+1}) = 0` where the episode has come to its end. Where it was only cut off
    (truncated), the state goes on to have its value.

    Parameters
    ----------
    rewards : array_like, shape (time, ...)
    values : array_like, same shape
        Estimated value of the state before the step.
    next_values : array_like, same shape
        Of the state the step has led to.
    terminated : array_like of bool, same shape
    gamma : float
        Discount, from 0 to 1.

    Returns
    -------
    ndarray, same shape

    References
    ----------
    Sutton (1988), Learning to predict by the methods of temporal differences.
    """
    rewards, values = as_float(rewards, "rewards"), as_float(values, "values")
    next_values, gamma = as_float(next_values, "next_values"), real_in(gamma, "gamma", 0, 1)
    terminated = _flags(terminated, "terminated", values)
    same_shape(rewards, values, "rewards", "values")
    same_shape(next_values, values, "next_values", "values")
    later = np.where(terminated, 0, next_values)
    return rewards + gamma * later - values


def generalized_advantages(deltas, ended, gamma, gae_lambda):
    r"""Generalised advantage estimates, sums of temporal differences that count less and less.

    .. math:: A_t = \sum_{k \ge 0} (\gamma\lambda)^k\, \delta_{t+k}
        = \delta_t + \gamma\lambda\, A_{t+1}

    up to the end of the episode, or of the data. With :math:`\lambda = 0` it is the temporal
    difference, which trusts the value of the next state. With :math:`\lambda = 1` the values in
    between cancel: it is the discounted return minus the value of the first state, the last state
    of a cut-off stretch standing in for what would have followed, as in A2C.

    Parameters
    ----------
    deltas : array_like, shape (time, ...)
        From `td_errors`.
    ended : array_like of bool, same shape
        Where an episode is over, terminated or truncated: nothing after it belongs to it.
    gamma, gae_lambda : float
        From 0 to 1.

    Returns
    -------
    ndarray, same shape

    References
    ----------
    Schulman, Moritz, Levine, Jordan and Abbeel (2016), High-dimensional continuous control using
    generalized advantage estimation.
    """
    deltas, gamma = as_float(deltas, "deltas"), real_in(gamma, "gamma", 0, 1)
    decay = gamma * real_in(gae_lambda, "gae_lambda", 0, 1)
    ended = _flags(ended, "ended", deltas)
    advantages, later = np.empty_like(deltas), np.zeros_like(deltas[0])
    for t in reversed(range(len(deltas))):
        later = deltas[t] + decay * np.where(ended[t], 0, later)
        advantages[t] = later
    return advantages


def _flags(flags, name, like):
    """Return `flags` as booleans in the shape of `like`, or raise ValueError."""
    flags = np.asarray(flags)
    if flags.dtype != bool or flags.shape != like.shape or flags.ndim == 0:
        raise ValueError(
            f"`{name}` must hold booleans in shape {like.shape}. "
            f"Received: shape={flags.shape}, dtype={flags.dtype}"
        )
    return flags
