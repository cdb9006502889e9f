"""The policy gradient theorem, exactly, where all probabilities are known."""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, real_in
from glassnet.activations import softmax, softmax_backward
from glassnet.rl.dynamic_programming import policy_probabilities, policy_values, q_from_v

__all__ = ["discounted_visits", "exact_policy_gradient", "expected_return"]


def expected_return(mdp, logits, gamma):
    r"""Expected discounted return of a softmax policy, :math:`J = \sum_s \mu(s)\, v(s)`.

    Parameters
    ----------
    mdp : TabularMDP
        With the start distribution :math:`\mu`.
    logits : array_like, shape (states, actions)
    gamma : float
        Discount, from 0 to 1.

    Returns
    -------
    float
    """
    return float(mdp.start @ policy_values(mdp, softmax(_table(mdp, logits)), gamma))


def discounted_visits(mdp, policy, gamma):
    r"""How often a policy is expected to visit each state, later visits counting less.

    .. math:: d(s) = \sum_{t \ge 0} \gamma^t \Pr(s_t = s), \qquad
        d = \mu + \gamma P_\pi^{\mathsf T} d

    Terminal states are not counted: nothing is decided there.

    Parameters
    ----------
    mdp : TabularMDP
    policy : array_like, shape (states,) or (states, actions)
    gamma : float
        Discount, from 0 to 1.

    Returns
    -------
    ndarray, shape (states,)

    References
    ----------
    Sutton, McAllester, Singh and Mansour (2000), Policy gradient methods for reinforcement
    learning with function approximation.
    """
    gamma = real_in(gamma, "gamma", 0, 1)
    policy = policy_probabilities(policy, mdp)
    policy_values(mdp, policy, gamma)  # raises if episodes may go on for ever without discount
    moves = np.einsum("sa,sat->st", policy, mdp.transitions)
    visits, going_on = np.zeros_like(mdp.start), ~mdp.terminal
    system = np.eye(going_on.sum(), dtype=moves.dtype) - gamma * moves[going_on][:, going_on].T
    visits[going_on] = np.linalg.solve(system, mdp.start[going_on])
    return visits


def exact_policy_gradient(mdp, logits, gamma):
    r"""Gradient of `expected_return` by the logits of a softmax policy.

    .. math:: \nabla J = \sum_s d(s) \sum_a \nabla \pi(a \mid s)\, q(s, a)

    The theorem is in what is missing: neither the visits d nor the values q are differentiated,
    though both depend on the policy.

    Parameters
    ----------
    mdp : TabularMDP
    logits : array_like, shape (states, actions)
    gamma : float
        Discount, from 0 to 1.

    Returns
    -------
    ndarray, shape (states, actions)

    References
    ----------
    Sutton, McAllester, Singh and Mansour (2000).
    """
    policy = softmax(_table(mdp, logits))
    q = q_from_v(policy_values(mdp, policy, gamma), mdp, gamma)
    visits = discounted_visits(mdp, policy, gamma)
    return visits[:, np.newaxis] * softmax_backward(q, policy)


def _table(mdp, logits):
    logits = as_float(logits, "logits")
    if logits.shape != (mdp.num_states, mdp.num_actions):
        raise ValueError(
            f"`logits` must have shape {(mdp.num_states, mdp.num_actions)}. "
            f"Received: shape={logits.shape}"
        )
    return logits
