"""How to choose between the action that seems best and one that may turn out better.

An action whose value is minus infinity is forbidden: no rule here chooses it.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, real_in
from glassnet.activations import softmax

__all__ = [
    "draw_action",
    "epsilon_greedy",
    "epsilon_greedy_probabilities",
    "linear_decay",
    "softmax_probabilities",
    "table_policy",
]


def epsilon_greedy(values, epsilon, rng):
    """Choose any action with probability `epsilon`, else the best, by lot among equals.

    Parameters
    ----------
    values : ndarray, shape (actions,)
        Value of each action in the present state.
    epsilon : float
        From 0 to 1.
    rng : numpy.random.Generator

    Returns
    -------
    int
    """
    explore = epsilon > 0 and rng.random() < epsilon
    choices = np.flatnonzero(values > -np.inf if explore else values == values.max())
    return int(choices[0] if len(choices) == 1 else choices[rng.integers(len(choices))])


def epsilon_greedy_probabilities(values, epsilon):
    r"""Probability with which `epsilon_greedy` chooses each action.

    .. math:: \pi(a) = \frac{\varepsilon}{n} + \frac{1 - \varepsilon}{m}\,[a \text{ is best}]

    for n actions, m of which are best.

    Parameters
    ----------
    values : ndarray, shape (..., actions)
    epsilon : float

    Returns
    -------
    ndarray, shape (..., actions)
    """
    values = as_float(values, "values")
    allowed = values > -np.inf
    best = values == values.max(axis=-1, keepdims=True)
    shares = [which / which.sum(axis=-1, keepdims=True) for which in (allowed, best)]
    return (epsilon * shares[0] + (1 - epsilon) * shares[1]).astype(values.dtype)


def softmax_probabilities(values, temperature):
    r"""Boltzmann's distribution: the better an action seems, the more often it is chosen.

    .. math:: \pi(a) = \frac{e^{q(a)/\tau}}{\sum_b e^{q(b)/\tau}}

    Parameters
    ----------
    values : ndarray, shape (..., actions)
    temperature : float
        The positive :math:`\tau`, in the units of the values: low for the best action, high for
        any.

    Returns
    -------
    ndarray, shape (..., actions)
    """
    values = as_float(values, "values")
    temperature = real_in(temperature, "temperature", 0, open_low=True)
    return softmax((values - values.max(axis=-1, keepdims=True)) / temperature)


def draw_action(probabilities, rng):
    """Return an action drawn from a distribution, shape (actions,), as an int."""
    cumulated = np.cumsum(probabilities, dtype=np.float64)
    return int(np.searchsorted(cumulated, rng.random() * cumulated[-1], side="right"))


def table_policy(policy):
    """Return the policy of a table as a function, for :func:`glassnet.rl.run_episode`.

    Parameters
    ----------
    policy : array_like, shape (states,) or (states, actions)
        An action for each state, or the probability of each action.

    Returns
    -------
    callable
        ``policy(state, rng)`` returns an action.
    """
    table = np.array(policy)
    if table.ndim == 1 and table.dtype.kind in "iu":
        return lambda state, rng: int(table[state])
    if table.ndim != 2 or table.dtype.kind != "f":
        raise ValueError(
            "`policy` must hold an action for each state, or probabilities of actions. "
            f"Received: shape={table.shape}, dtype={table.dtype}"
        )
    return lambda state, rng: draw_action(table[state], rng)


def linear_decay(first, last, episodes):
    """Return a schedule that goes from `first` to `last` in a straight line, then stays there.

    Parameters
    ----------
    first, last : float
        At episode 0 and from episode `episodes` on.
    episodes : int

    Returns
    -------
    callable
        ``schedule(episode)`` returns a float.
    """
    first, last = real_in(first, "first"), real_in(last, "last")
    episodes = real_in(episodes, "episodes", 1)
    return lambda episode: first + (last - first) * min(episode / episodes, 1.0)
