"""The gradient of the expected return by the logits of a policy, estimated from what happened."""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, as_labels, real_in
from glassnet.activations import log_softmax, softmax

__all__ = [
    "action_log_probabilities",
    "entropy",
    "entropy_gradient",
    "normalize_advantages",
    "policy_gradient_loss",
    "policy_gradient_loss_gradient",
    "score_function",
]


def action_log_probabilities(logits, actions):
    r"""Logarithm of the probability of the action that was taken, :math:`\log \pi(a \mid s)`.

    Parameters
    ----------
    logits : ndarray, shape (batch, actions)
        One row for each state; the probabilities are their softmax.
    actions : array_like of int, shape (batch,)

    Returns
    -------
    ndarray, shape (batch,)

    Raises
    ------
    ValueError
        If an action does not exist, or there is not one for each row.
    """
    logits, actions = _checked(logits, actions)
    return np.take_along_axis(log_softmax(logits), actions[:, np.newaxis], axis=1)[:, 0]


def score_function(logits, actions):
    r"""Gradient of the log-probability of the action taken, by the logits z.

    .. math:: \frac{\partial \log \pi(a)}{\partial z_k} = [k = a] - \pi(k)

    The chosen action's logit goes up, all others go down; the entries add up to 0, and so does the
    expected score of every action.

    Parameters
    ----------
    logits : ndarray, shape (batch, actions)
    actions : array_like of int, shape (batch,)

    Returns
    -------
    ndarray, shape (batch, actions)

    References
    ----------
    Williams (1992), where it is called the characteristic eligibility.
    """
    logits, actions = _checked(logits, actions)
    score = -softmax(logits)
    score[np.arange(len(actions)), actions] += 1
    return score


def entropy(logits):
    r"""How undecided a policy is, :math:`H = -\sum_a \pi(a) \log \pi(a)`, in nats.

    Parameters
    ----------
    logits : ndarray, shape (..., actions)

    Returns
    -------
    ndarray, shape (...)
        From 0, always the same action, to the logarithm of their number.
    """
    logs = log_softmax(logits)
    return -np.sum(np.exp(logs) * logs, axis=-1)


def entropy_gradient(logits):
    r"""Gradient of `entropy` by the logits z.

    .. math:: \frac{\partial H}{\partial z_k} = -\pi(k) \, (\log \pi(k) + H)

    Parameters
    ----------
    logits : ndarray, shape (..., actions)

    Returns
    -------
    ndarray, shape (..., actions)
    """
    logs = log_softmax(logits)
    probabilities = np.exp(logs)
    h = -np.sum(probabilities * logs, axis=-1, keepdims=True)
    return -probabilities * (logs + h)


def policy_gradient_loss(logits, actions, advantages, entropy_weight=0.0):
    r"""Loss whose gradient is minus the estimate of the policy gradient.

    .. math:: L = -\frac1n \sum_{i=1}^n \bigl( A_i \log \pi(a_i \mid s_i) + \beta H_i \bigr)

    Its value says nothing about how good the policy is; only its gradient has a meaning, and only
    at the policy that has chosen the actions.

    Parameters
    ----------
    logits : ndarray, shape (batch, actions)
    actions : array_like of int, shape (batch,)
        What was done.
    advantages : array_like, shape (batch,)
        By how much it turned out better than expected; constants, whatever they depend on.
    entropy_weight : float
        The :math:`\beta` that rewards a policy for staying undecided, at least 0.

    Returns
    -------
    float
        Of the logits' kind.

    Raises
    ------
    ValueError
        If an action does not exist, or the shapes do not fit.

    References
    ----------
    Williams (1992), Simple statistical gradient-following algorithms for connectionist
    reinforcement learning; the entropy as in Mnih et al. (2016).
    """
    logits, actions = _checked(logits, actions)
    advantages, weight = _weights(advantages, entropy_weight, logits)
    gain = advantages * action_log_probabilities(logits, actions) + weight * entropy(logits)
    return -np.mean(gain)


def policy_gradient_loss_gradient(logits, actions, advantages, entropy_weight=0.0):
    r"""Gradient of `policy_gradient_loss` by the logits.

    .. math:: \frac{\partial L}{\partial z_{ik}} = -\frac1n \Bigl( A_i \bigl([k = a_i] -
        \pi(k \mid s_i)\bigr) + \beta \frac{\partial H_i}{\partial z_{ik}} \Bigr)

    Parameters
    ----------
    logits, actions, advantages, entropy_weight
        As for `policy_gradient_loss`.

    Returns
    -------
    ndarray, shape (batch, actions)
    """
    logits, actions = _checked(logits, actions)
    advantages, weight = _weights(advantages, entropy_weight, logits)
    ascent = advantages[:, np.newaxis] * score_function(logits, actions)
    if weight > 0:
        ascent += weight * entropy_gradient(logits)
    return -ascent / len(logits)


def normalize_advantages(advantages, epsilon=1e-8):
    """Shift and scale advantages to mean 0 and standard deviation 1.

    The size of the step then no longer depends on the unit of the rewards. But where every action
    is as good as any other, it blows up what is nothing but noise.

    Parameters
    ----------
    advantages : array_like, any shape
    epsilon : float
        Added to the standard deviation; positive.

    Returns
    -------
    ndarray, same shape
    """
    advantages = as_float(advantages, "advantages")
    epsilon = real_in(epsilon, "epsilon", 0, open_low=True)
    return (advantages - advantages.mean()) / (advantages.std() + epsilon)


def _checked(logits, actions):
    """Return both as arrays, or raise ValueError unless there is an action for each row."""
    logits = as_float(logits, "logits")
    if logits.ndim != 2 or 0 in logits.shape:
        raise ValueError(
            f"`logits` must have shape (batch, actions). Received: shape={logits.shape}"
        )
    actions = as_labels(actions, logits.shape[1], "actions")
    if actions.shape != logits.shape[:1]:
        raise ValueError(
            f"`actions` must have shape ({len(logits)},). Received: shape={actions.shape}"
        )
    return logits, actions


def _weights(advantages, entropy_weight, logits):
    advantages = as_float(advantages, "advantages")
    if advantages.shape != logits.shape[:1]:
        raise ValueError(
            f"`advantages` must have shape ({len(logits)},). Received: shape={advantages.shape}"
        )
    weight = real_in(entropy_weight, "entropy_weight", 0)
    return advantages.astype(logits.dtype, copy=False), weight
