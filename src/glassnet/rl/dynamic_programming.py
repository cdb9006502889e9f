"""Values and best policies of a process that is known: Bellman's equations and their iterations.

A policy is a table: one action for each state, shape (states,), or the probability of each action
in each state, shape (states, actions). Values are an array of shape (states,), 0 where the episode
has ended.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet._validation import as_float, positive_int, real_in

__all__ = [
    "Evaluation",
    "Plan",
    "bellman_expectation",
    "bellman_optimality",
    "greedy_policy",
    "policy_evaluation",
    "policy_iteration",
    "policy_probabilities",
    "policy_values",
    "q_from_v",
    "value_iteration",
]


class Evaluation(NamedTuple):
    """What `policy_evaluation` has found."""

    values: np.ndarray
    """Shape (states,)."""
    history: np.ndarray
    """Largest change of a value in every sweep, shape (sweeps,)."""
    bound: float
    """How far a value can be from the exact one; infinite where nothing is known."""

    @property
    def sweeps(self):
        """How many sweeps it took."""
        return len(self.history)


class Plan(NamedTuple):
    """What `value_iteration` or `policy_iteration` has found."""

    values: np.ndarray
    """Shape (states,)."""
    policy: np.ndarray
    """The action to take in each state; int64, shape (states,)."""
    history: np.ndarray
    """Largest change of a value in every iteration, shape (iterations,)."""
    bound: float
    """How far a value can be from the optimal one; infinite where nothing is known."""

    @property
    def iterations(self):
        """How many sweeps, or improvements of the policy, it took."""
        return len(self.history)


def q_from_v(values, mdp, gamma):
    r"""Value of every action, if the next states are worth `values`.

    .. math:: q(s, a) = r(s, a) + \gamma \sum_{s'} p(s' \mid s, a)\, v(s')

    Parameters
    ----------
    values : ndarray, shape (states,)
    mdp : TabularMDP
    gamma : float
        Discount, from 0 to 1.

    Returns
    -------
    ndarray, shape (states, actions)
    """
    return mdp.rewards + gamma * (mdp.transitions @ values)


def bellman_expectation(values, policy, mdp, gamma):
    r"""One sweep towards the values of a policy.

    .. math:: (T_\pi v)(s) = \sum_a \pi(a \mid s)\, q(s, a)

    Two arrays of values are closer together after it, by the factor `gamma` at least.

    Parameters
    ----------
    values : ndarray, shape (states,)
    policy : ndarray, shape (states,) or (states, actions)
    mdp : TabularMDP
    gamma : float

    Returns
    -------
    ndarray, shape (states,)
    """
    return (policy_probabilities(policy, mdp) * q_from_v(values, mdp, gamma)).sum(axis=1)


def bellman_optimality(values, mdp, gamma):
    r"""One sweep towards the values of the best policy.

    .. math:: (T v)(s) = \max_a q(s, a)

    A contraction too: :math:`\lVert Tv - Tw \rVert_\infty \le \gamma \lVert v - w \rVert_\infty`.

    Parameters
    ----------
    values : ndarray, shape (states,)
    mdp : TabularMDP
    gamma : float

    Returns
    -------
    ndarray, shape (states,)
    """
    return q_from_v(values, mdp, gamma).max(axis=1)


def greedy_policy(q):
    """Best action of each state, the one with the lowest number among equals; shape (states,).

    Parameters
    ----------
    q : ndarray, shape (states, actions)
    """
    return as_float(q, "q").argmax(axis=1)


def policy_values(mdp, policy, gamma):
    r"""Exact values of a policy, the solution of a linear system.

    .. math:: (I - \gamma P_\pi)\, v = r_\pi, \qquad
        P_\pi(s, s') = \sum_a \pi(a \mid s)\, p(s' \mid s, a)

    Parameters
    ----------
    mdp : TabularMDP
    policy : array_like, shape (states,) or (states, actions)
    gamma : float
        Discount, from 0 to 1.

    Returns
    -------
    ndarray, shape (states,)

    Raises
    ------
    ValueError
        If there is no discount and the policy never ends an episode from some state.
    """
    gamma = real_in(gamma, "gamma", 0, 1)
    policy = policy_probabilities(policy, mdp)
    moves = np.einsum("sa,sat->st", policy, mdp.transitions)
    earned = (policy * mdp.rewards).sum(axis=1)
    if gamma == 1:
        _require_an_end(moves, mdp.terminal)
    values, going_on = np.zeros_like(earned), ~mdp.terminal
    system = np.eye(going_on.sum(), dtype=moves.dtype) - gamma * moves[going_on][:, going_on]
    values[going_on] = np.linalg.solve(system, earned[going_on])
    return values


def policy_evaluation(mdp, policy, gamma, tolerance=1e-8, max_sweeps=100_000, on_sweep=None):
    r"""Values of a policy by sweeps of `bellman_expectation`, from 0.

    The error left after a sweep that changed no value by more than :math:`\delta` is at most
    :math:`\gamma\delta/(1-\gamma)`. It stops when this bound is at most `tolerance`; without
    discount there is no such bound, and it stops when :math:`\delta` is.

    Parameters
    ----------
    mdp : TabularMDP
    policy : array_like, shape (states,) or (states, actions)
    gamma : float
        Discount, from 0 to 1.
    tolerance : float
    max_sweeps : int
        Sweeps after which to stop in any case.
    on_sweep : callable, optional
        ``on_sweep(sweep, values)`` is called after every sweep, counted from 1.

    Returns
    -------
    Evaluation
    """
    policy = policy_probabilities(policy, mdp)

    def sweep(values):
        return bellman_expectation(values, policy, mdp, gamma)

    values, history = _iterate(sweep, mdp, gamma, tolerance, max_sweeps, on_sweep)
    return Evaluation(values, history, _error_bound(history[-1], gamma))


def value_iteration(mdp, gamma, tolerance=1e-8, max_iterations=100_000, on_sweep=None):
    """Values of the best policy by sweeps of `bellman_optimality`, from 0.

    It stops as `policy_evaluation` does. The policy is greedy for the values found.

    Parameters
    ----------
    mdp : TabularMDP
    gamma : float
        Discount, from 0 to 1.
    tolerance : float
    max_iterations : int
    on_sweep : callable, optional
        ``on_sweep(sweep, values)`` is called after every sweep, counted from 1.

    Returns
    -------
    Plan
        Without discount, where waiting for ever costs nothing, its policy may do so.

    References
    ----------
    Bellman (1957), Dynamic Programming.
    """

    def sweep(values):
        return bellman_optimality(values, mdp, gamma)

    values, history = _iterate(sweep, mdp, gamma, tolerance, max_iterations, on_sweep)
    policy = greedy_policy(q_from_v(values, mdp, gamma))
    return Plan(values, policy, history, _error_bound(history[-1], gamma))


def policy_iteration(mdp, gamma, policy=None, max_iterations=1000, on_sweep=None):
    """The best policy, by solving for the values of one and acting greedily on them, in turns.

    An action is changed only for one that is better by more than rounding, so it always ends: no
    policy comes twice, and there are finitely many.

    Parameters
    ----------
    mdp : TabularMDP
    gamma : float
        Discount, from 0 to 1.
    policy : array_like, shape (states,) or (states, actions), optional
        To begin with; unless given, every action is equally likely.
    max_iterations : int
    on_sweep : callable, optional
        ``on_sweep(iteration, values)`` is called with the values of every policy.

    Returns
    -------
    Plan
        Its values are exact, unless `max_iterations` were too few; then the bound is infinite.

    Raises
    ------
    ValueError
        If there is no discount and a policy never ends an episode from some state.

    References
    ----------
    Howard (1960), Dynamic Programming and Markov Processes.
    """
    if policy is None:
        policy = np.full_like(mdp.rewards, 1 / mdp.num_actions)
    values, history = np.zeros_like(mdp.rewards[:, 0]), []
    for iteration in range(1, positive_int(max_iterations, "max_iterations") + 1):
        new = policy_values(mdp, policy, gamma)
        history.append(np.abs(new - values).max())
        values = new
        if on_sweep is not None:
            on_sweep(iteration, values.copy())
        q = q_from_v(values, mdp, gamma)
        improved = _improved(policy, q, values)
        if np.array_equal(improved, policy):
            return Plan(values, policy, np.array(history), 0.0)
        policy = improved
    return Plan(values, policy, np.array(history), np.inf)


def policy_probabilities(policy, mdp):
    """Return a policy as the probability of each action, shape (states, actions).

    Parameters
    ----------
    policy : array_like, shape (states,) or (states, actions)
        An action for each state, or probabilities already.
    mdp : TabularMDP

    Raises
    ------
    ValueError
        If an action does not exist or a row is no distribution.
    """
    table = as_float(policy, "policy")
    shape = mdp.num_states, mdp.num_actions
    if table.shape == shape[:1]:
        if not np.isin(table, np.arange(shape[1])).all():
            raise ValueError(
                f"`policy` must hold actions from 0 to {shape[1] - 1}. Received: policy={policy!r}"
            )
        return np.eye(shape[1], dtype=mdp.rewards.dtype)[table.astype(np.int64)]
    tolerance = 100 * np.finfo(table.dtype).eps
    if table.shape != shape or not (
        np.all(table >= 0) and np.all(np.abs(table.sum(axis=1) - 1) <= tolerance)
    ):
        raise ValueError(
            f"`policy` must have shape {shape[:1]}, or {shape} with rows that sum to 1. "
            f"Received: shape={table.shape}, policy={policy!r}"
        )
    return table.astype(mdp.rewards.dtype, copy=False)


def _iterate(sweep, mdp, gamma, tolerance, max_sweeps, on_sweep):
    """Sweep until the bound on the error, or the change, is at most `tolerance`."""
    gamma, tolerance = real_in(gamma, "gamma", 0, 1), real_in(tolerance, "tolerance", 0)
    values, history = np.zeros_like(mdp.rewards[:, 0]), []
    for number in range(1, positive_int(max_sweeps, "max_sweeps") + 1):
        new = sweep(values)
        history.append(np.abs(new - values).max())
        values = new
        if on_sweep is not None:
            on_sweep(number, values.copy())
        left = history[-1] if gamma == 1 else _error_bound(history[-1], gamma)
        if left <= tolerance:
            break
    return values, np.array(history)


def _improved(policy, q, values):
    """Return the policy with the best action wherever it is better by more than rounding."""
    best = greedy_policy(q)
    if np.ndim(policy) == 2:  # the first policy only
        return best
    rounding = 1000 * np.finfo(q.dtype).eps * (1 + np.abs(q).max())
    return np.where(q.max(axis=1) > values + rounding, best, policy)


def _error_bound(change, gamma):
    """How far from the fixed point a contraction by `gamma` may be after a step of `change`."""
    if gamma == 1:
        return 0.0 if change == 0 else np.inf
    return float(gamma * change / (1 - gamma))


def _require_an_end(moves, terminal):
    """Raise ValueError unless every state can come to a terminal one by the moves given."""
    ends = terminal
    for _ in range(len(terminal)):
        ends = ends | (moves[:, ends] > 0).any(axis=1)
    if not ends.all():
        raise ValueError(
            "Without discount a policy must be able to end the episode from every state. "
            f"Received: one that stays on for ever from state {ends.argmin()}"
        )
