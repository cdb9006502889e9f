"""A policy that learns from the judgement of a value network, while that learns from rewards."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet._validation import positive_int, real_in
from glassnet.rl._networks import descend, require_value_network, two_optimizers
from glassnet.rl.advantages import generalized_advantages, td_errors
from glassnet.rl.policies import SoftmaxPolicy
from glassnet.rl.policy_gradient import (
    entropy,
    normalize_advantages,
    policy_gradient_loss,
    policy_gradient_loss_gradient,
)
from glassnet.rl.vector import EpisodeLog

__all__ = ["ActorCritic", "Rollout", "collect_rollout"]


class Rollout(NamedTuple):
    """A stretch of experience; every array has the shape (time, environments, ...)."""

    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    terminated: np.ndarray
    """Whether the step ended the episode for good; bool."""
    ended: np.ndarray
    """Whether the step ended it at all, a limit of steps included; bool."""
    next_observations: np.ndarray
    """What each step has led to, the last observation of an episode included."""

    @property
    def size(self):
        """Number of steps of all environments together."""
        return self.actions.size


def collect_rollout(environment, observation, policy, length, rng, log=None):
    """Take `length` steps in every environment.

    Parameters
    ----------
    environment : VectorEnvironment
        After a reset; it goes on from where it is.
    observation : ndarray, shape (environments, ...)
        What it shows at present.
    policy : callable
        ``policy(observations, rng)`` returns an action for each environment.
    length : int
    rng : numpy.random.Generator
        For the policy.
    log : EpisodeLog, optional
        Told of every step.

    Returns
    -------
    rollout : Rollout
    observation : ndarray, shape (environments, ...)
        What the environments show afterwards, to go on from.
    """
    steps = []
    for _ in range(length):
        actions = policy(observation, rng)
        step = environment.step(actions)
        row = (observation, actions, step.reward, step.terminated, step.ended)
        steps.append((*row, step.next_observation))
        observation = step.observation
        if log is not None:
            log.update(step)
    return Rollout(*map(np.stack, zip(*steps, strict=True))), observation


class ActorCritic:
    """Advantage actor-critic, many environments at a time (A2C).

    Every update takes a stretch of experience from the present policy, estimates the advantage of
    each action with the value network, makes one step with each of the two networks, and throws
    the experience away.

    Parameters
    ----------
    policy : Sequential
        The actor: logits of the actions from observations; built.
    value : Sequential
        The critic: one number from an observation; built. A network of its own.
    policy_optimizer, value_optimizer : Optimizer
        Two different ones.
    gamma : float
        Discount, from 0 to 1.
    gae_lambda : float
        From 0 to 1; see :func:`generalized_advantages`.
    entropy_weight : float
        See :func:`policy_gradient_loss`.
    reward_scale : float
        Rewards are multiplied by it before anything is learnt from them. It should bring the
        values, about the reward of a step over 1 - `gamma`, near to 1, where networks start.
    normalize : bool
        Whether each update scales its advantages by :func:`normalize_advantages`.

    Raises
    ------
    ValueError
        If a network does not give what it should, or an argument is out of range.

    References
    ----------
    Mnih et al. (2016), Asynchronous methods for deep reinforcement learning, here in step;
    Schulman et al. (2016) for the advantages; Pardo et al. (2018), Time limits in reinforcement
    learning, for episodes that are cut off.
    """

    def __init__(
        self,
        policy,
        value,
        policy_optimizer,
        value_optimizer,
        gamma=0.99,
        gae_lambda=0.95,
        entropy_weight=0.01,
        reward_scale=1.0,
        normalize=False,
    ):
        self.act = SoftmaxPolicy(policy)
        require_value_network(value, policy)
        two_optimizers(policy_optimizer, value_optimizer)
        self.policy, self.value = policy, value
        self.policy_optimizer, self.value_optimizer = policy_optimizer, value_optimizer
        self.gamma = real_in(gamma, "gamma", 0, 1)
        self.gae_lambda = real_in(gae_lambda, "gae_lambda", 0, 1)
        self.entropy_weight = real_in(entropy_weight, "entropy_weight", 0)
        self.reward_scale = real_in(reward_scale, "reward_scale", 0, np.inf, open_low=True)
        self.normalize = bool(normalize)

    def train(self, environment, updates, rng, rollout_length=32, callback=None):
        """Collect and learn, `updates` times.

        Parameters
        ----------
        environment : VectorEnvironment
        updates : int
        rng : numpy.random.Generator
            For the environments and for the actions.
        rollout_length : int
            Steps of every environment from one update to the next.
        callback : callable, optional
            ``callback(update, log)``, after every update; training stops if it returns True.

        Returns
        -------
        EpisodeLog
        """
        length = positive_int(rollout_length, "rollout_length")
        log = EpisodeLog(environment.num_environments)
        observation = environment.reset(rng)
        for update in range(positive_int(updates, "updates")):
            rollout, observation = collect_rollout(
                environment, observation, self.act, length, rng, log
            )
            self.update(rollout)
            if callback is not None and callback(update, log):
                break
        return log

    def update(self, rollout):
        """Make one step with each network.

        Parameters
        ----------
        rollout : Rollout
            From the policy as it is now.

        Returns
        -------
        dict of str to float
            Losses of policy and value before the step, and the mean entropy.
        """
        x = _rows(rollout.observations, self.policy)
        advantages, targets, values = self.judge(rollout)
        if self.normalize:
            advantages = normalize_advantages(advantages)
        logits = self.policy.forward(x, training=True)
        chosen = rollout.actions.reshape(-1), advantages.reshape(-1), self.entropy_weight
        logs = {
            "policy_loss": float(policy_gradient_loss(logits, *chosen)),
            "value_loss": float(np.mean((values - targets) ** 2)),
            "entropy": float(entropy(logits).mean()),
        }
        gradient = policy_gradient_loss_gradient(logits, *chosen)
        descend(self.policy, self.policy_optimizer, gradient)
        descend(self.value, self.value_optimizer, 2 * (values - targets) / len(values))
        return logs

    def judge(self, rollout):
        """Estimate how good every action of a rollout was.

        Parameters
        ----------
        rollout : Rollout

        Returns
        -------
        advantages : ndarray, shape (time, environments)
        targets : ndarray, shape (time * environments, 1)
            What the value network should have said about each observation.
        values : ndarray, shape (time * environments, 1)
            What it has said.
        """
        shape = rollout.actions.shape
        # The pass that is to be reversed comes last: a network remembers only one.
        next_values = self.value.forward(_rows(rollout.next_observations, self.value))
        values = self.value.forward(_rows(rollout.observations, self.value), training=True)
        deltas = td_errors(
            (self.reward_scale * rollout.rewards).astype(values.dtype),
            values.reshape(shape),
            next_values.reshape(shape),
            rollout.terminated,
            self.gamma,
        )
        advantages = generalized_advantages(deltas, rollout.ended, self.gamma, self.gae_lambda)
        return advantages, advantages.reshape(-1, 1) + values, values


def _rows(observations, network):
    """Return observations of all steps and environments as the rows of one batch."""
    rows = observations.reshape(-1, *observations.shape[2:])
    return rows.astype(network.dtype, copy=False)
