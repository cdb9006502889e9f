"""Slot machines with several arms: decisions without states, only exploration."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet._validation import as_float, positive_int, real_in

__all__ = ["BanditRun", "play_bandits", "upper_confidence_bounds"]


class BanditRun(NamedTuple):
    """What many players of the same rule have done, each with bandits of its own."""

    actions: np.ndarray
    """The arm of every step; int64, shape (steps, runs)."""
    rewards: np.ndarray
    """Shape (steps, runs)."""
    estimates: np.ndarray
    """What every player thinks of the arms in the end, shape (runs, arms)."""
    means: np.ndarray
    """What the arms earn on average, shape (runs, arms)."""

    @property
    def optimal(self):
        """Share of the players that take their best arm at each step, shape (steps,)."""
        return (self.actions == self.means.argmax(axis=1)).mean(axis=1)

    @property
    def regret(self):
        """What the players have missed up to each step, on average, shape (steps,)."""
        taken = np.take_along_axis(self.means, self.actions.T, axis=1)
        missed = self.means.max(axis=1, keepdims=True) - taken
        return missed.mean(axis=0).cumsum()


def upper_confidence_bounds(estimates, counts, step, confidence):
    r"""Estimate of each arm plus a bonus that is larger the less it was tried.

    .. math:: q(a) + c \sqrt{\frac{\ln t}{n(a)}}

    Parameters
    ----------
    estimates : ndarray, shape (..., arms)
    counts : ndarray of int, shape (..., arms)
        How often each arm was taken; the bound of an arm never taken is infinite.
    step : int
        The t above, counted from 1.
    confidence : float
        The c above.

    Returns
    -------
    ndarray, shape (..., arms)

    References
    ----------
    Auer, Cesa-Bianchi and Fischer (2002), Finite-time analysis of the multiarmed bandit problem.
    """
    tried = np.maximum(counts, 1).astype(estimates.dtype)
    bonus = confidence * np.sqrt(np.log(estimates.dtype.type(step)) / tried)
    return np.where(counts > 0, estimates + bonus, np.inf).astype(estimates.dtype)


def play_bandits(means, steps, rng, epsilon=0.0, confidence=None, initial=0.0, alpha=None):
    """Play many bandits at the same time by one rule; rewards are normal with deviation 1.

    Each player takes the arm of the highest estimate, by lot among equals, or with probability
    `epsilon` any arm.

    Parameters
    ----------
    means : array_like, shape (runs, arms)
        Average reward of every arm, a row for each player.
    steps : int
    rng : numpy.random.Generator
    epsilon : float
    confidence : float, optional
        Take the highest of `upper_confidence_bounds` instead of the highest estimate.
    initial : float
        First estimate of every arm; a high one makes the player try them all.
    alpha : float, optional
        Step size of the estimates; the plain average of the rewards unless given.

    Returns
    -------
    BanditRun

    References
    ----------
    Sutton and Barto (2018), chapter 2.
    """
    means = as_float(means, "means")
    if means.ndim != 2 or not np.isfinite(means).all():
        raise ValueError(
            f"`means` must be finite, of shape (runs, arms). Received: shape={means.shape}"
        )
    steps, epsilon = positive_int(steps, "steps"), real_in(epsilon, "epsilon", 0, 1)
    runs, arms = means.shape
    rows = np.arange(runs)
    estimates = np.full_like(means, real_in(initial, "initial"))
    counts = np.zeros(means.shape, np.int64)
    actions, rewards = np.zeros((steps, runs), np.int64), np.zeros((steps, runs), means.dtype)
    for t in range(steps):
        scores = estimates
        if confidence is not None:
            scores = upper_confidence_bounds(estimates, counts, t + 1, confidence)
        best = scores == scores.max(axis=1, keepdims=True)
        action = np.argmax(best * (1 - rng.random(means.shape)), axis=1)  # by lot among equals
        explore = rng.random(runs) < epsilon
        action = np.where(explore, rng.integers(arms, size=runs), action)
        reward = (means[rows, action] + rng.standard_normal(runs)).astype(means.dtype)
        counts[rows, action] += 1
        share = 1 / counts[rows, action] if alpha is None else alpha
        estimates[rows, action] += (share * (reward - estimates[rows, action])).astype(means.dtype)
        actions[t], rewards[t] = action, reward
    return BanditRun(actions, rewards, estimates, means)
