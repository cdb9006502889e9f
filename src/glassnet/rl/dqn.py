"""Q-learning with a network in the place of the table."""

from __future__ import annotations

import copy

import numpy as np

from glassnet import losses
from glassnet._validation import as_float, as_labels, positive_int, real_in, same_shape
from glassnet.optimizers import average_weights
from glassnet.rl._networks import descend
from glassnet.rl.policies import GreedyPolicy, epsilon_greedy_actions
from glassnet.rl.vector import EpisodeLog

__all__ = ["DQN", "dqn_loss", "dqn_loss_gradient", "dqn_targets", "update_target"]


def dqn_targets(rewards, terminated, next_q, gamma, choosing_q=None):
    r"""What the value of the action taken should have been, judged from one step later.

    .. math:: y = r + \gamma \max_a q^-(s', a)

    With `choosing_q`, double Q-learning: one network chooses, the other judges,

    .. math:: y = r + \gamma\, q^-\bigl(s', \arg\max_a q(s', a)\bigr).

    After the end of an episode (terminated) nothing follows, and y = r. An episode that was only
    cut off would have gone on: its last state keeps its value.

    Parameters
    ----------
    rewards : array_like, shape (batch,)
    terminated : array_like of bool, shape (batch,)
    next_q : array_like, shape (batch, actions)
        Values of the actions in the next state, from the target network.
    gamma : float
        Discount, from 0 to 1.
    choosing_q : array_like, shape (batch, actions), optional
        From the network that learns.

    Returns
    -------
    ndarray, shape (batch,)

    References
    ----------
    Mnih et al. (2015), Human-level control through deep reinforcement learning; van Hasselt, Guez
    and Silver (2016), Deep reinforcement learning with double Q-learning.
    """
    next_q, rewards = as_float(next_q, "next_q"), as_float(rewards, "rewards")
    if next_q.ndim != 2:
        raise ValueError(
            f"`next_q` must have shape (batch, actions). Received: shape={next_q.shape}"
        )
    choosing_q = next_q if choosing_q is None else as_float(choosing_q, "choosing_q")
    same_shape(choosing_q, next_q, "choosing_q", "next_q")
    same_shape(rewards, next_q[:, 0], "rewards", "next_q[:, 0]")
    same_shape(terminated, rewards, "terminated", "rewards")
    best = choosing_q.argmax(axis=1)
    later = np.where(terminated, 0, next_q[np.arange(len(best)), best])
    return rewards + real_in(gamma, "gamma", 0, 1) * later


def dqn_loss(q, actions, targets, delta=1.0):
    """Mean Huber loss between the values of the actions taken and their targets.

    Parameters
    ----------
    q : ndarray, shape (batch, actions)
        From the network that learns.
    actions : array_like of int, shape (batch,)
    targets : array_like, shape (batch,)
        Constants, though they depend on the network.
    delta : float
        Errors beyond it count only in proportion; see :func:`glassnet.losses.huber`.

    Returns
    -------
    float
        Of the values' kind.
    """
    taken, targets, _ = _taken(q, actions, targets)
    return np.mean(losses.huber(targets[:, np.newaxis], taken[:, np.newaxis], delta=delta))


def dqn_loss_gradient(q, actions, targets, delta=1.0):
    """Gradient of `dqn_loss` by `q`: the clipped error, in the column of the action taken.

    Parameters
    ----------
    q, actions, targets, delta
        As for `dqn_loss`.

    Returns
    -------
    ndarray, shape (batch, actions)
    """
    taken, targets, actions = _taken(q, actions, targets)
    slope = losses.huber_gradient(targets[:, np.newaxis], taken[:, np.newaxis], delta=delta)[:, 0]
    gradient = np.zeros_like(q)
    gradient[np.arange(len(actions)), actions] = slope / len(actions)  # the others had no part
    return gradient


def update_target(target, network, rate=1.0):
    """Move the weights of the target network towards those of the network that learns, in place.

    Parameters
    ----------
    target, network : Sequential
        Of the same layers.
    rate : float
        The share of the way: 1 copies them, a small number lets the target follow slowly.

    References
    ----------
    Mnih et al. (2015) copy every so many steps; Lillicrap et al. (2016), Continuous control with
    deep reinforcement learning, follow slowly at every step.
    """
    rate = real_in(rate, "rate", 0, 1)
    for average, param in zip(target.trainable_weights, network.trainable_weights, strict=True):
        average_weights(average, param, 1 - rate)


class DQN:
    """Deep Q-network: Q-learning from a replay buffer, towards a target network.

    Parameters
    ----------
    network : Sequential
        Value of every action from observations; built.
    optimizer : Optimizer
    gamma : float
        Discount, from 0 to 1.
    double : bool
        Whether the network that learns chooses the action that the target network judges.
    delta : float
        Of the Huber loss.
    target_period : int
        Updates from one move of the target network to the next.
    target_rate : float
        Share of the way it moves; see `update_target`.
    reward_scale : float
        Rewards are multiplied by it before anything is learnt from them, so that the values, about
        the reward of a step over 1 - `gamma`, are near to 1, where networks start.

    Attributes
    ----------
    target : Sequential
        The target network, at first a copy of `network`.
    updates : int
        Updates made so far.

    References
    ----------
    Mnih et al. (2015), Human-level control through deep reinforcement learning; van Hasselt, Guez
    and Silver (2016) for `double`.
    """

    def __init__(
        self,
        network,
        optimizer,
        gamma=0.99,
        double=False,
        delta=1.0,
        target_period=1000,
        target_rate=1.0,
        reward_scale=1.0,
    ):
        self.act = GreedyPolicy(network)
        self.network, self.optimizer = network, optimizer
        self.gamma = real_in(gamma, "gamma", 0, 1)
        self.double = bool(double)
        self.delta = real_in(delta, "delta", 0, np.inf, open_low=True)
        self.target_period = positive_int(target_period, "target_period")
        self.target_rate = real_in(target_rate, "target_rate", 0, 1, open_low=True)
        self.reward_scale = real_in(reward_scale, "reward_scale", 0, np.inf, open_low=True)
        self.target = copy.deepcopy(network)
        self.updates = 0

    def train(
        self,
        environment,
        steps,
        rng,
        buffer,
        epsilon=0.1,
        batch_size=64,
        learning_starts=1000,
        updates_per_step=1,
        callback=None,
    ):
        """Act, remember and learn.

        Parameters
        ----------
        environment : VectorEnvironment
        steps : int
            Decisions, each for all environments at once.
        rng : numpy.random.Generator
            For the environments, the exploration and the samples.
        buffer : ReplayBuffer
            Filled here; it may hold experience already.
        epsilon : float or callable
            Share of random actions, or ``epsilon(step)`` that returns it; see
            :func:`glassnet.rl.linear_decay`.
        batch_size : int
            Steps from the buffer for every update.
        learning_starts : int
            Steps in the buffer before the first update.
        updates_per_step : int
            After every decision.
        callback : callable, optional
            ``callback(step, log)``, after every decision; training stops if it returns True.

        Returns
        -------
        EpisodeLog
        """
        log = EpisodeLog(environment.num_environments)
        observation = environment.reset(rng)
        for number in range(positive_int(steps, "steps")):
            share = real_in(epsilon(number) if callable(epsilon) else epsilon, "epsilon", 0, 1)
            q = self.network.forward(observation.astype(self.network.dtype, copy=False))
            actions = epsilon_greedy_actions(q, share, rng)
            step = environment.step(actions)
            buffer.add(observation, actions, step.reward, step.next_observation, step.terminated)
            observation = step.observation
            log.update(step)
            if len(buffer) >= learning_starts:
                for _ in range(updates_per_step):
                    self.update(buffer.sample(batch_size, rng))
            if callback is not None and callback(number, log):
                break
        return log

    def update(self, batch):
        """Make one step with the network, and move the target network if it is time.

        Parameters
        ----------
        batch : Transitions

        Returns
        -------
        float
            The loss before the step.
        """
        targets = self.targets(batch)
        q = self.network.forward(self._rows(batch.observations), training=True)
        loss = float(dqn_loss(q, batch.actions, targets, self.delta))
        gradient = dqn_loss_gradient(q, batch.actions, targets, self.delta)
        descend(self.network, self.optimizer, gradient)
        self.updates += 1
        if self.updates % self.target_period == 0:
            update_target(self.target, self.network, self.target_rate)
        return loss

    def targets(self, batch):
        """Return the targets of a batch of `Transitions`, shape (batch,)."""
        x = self._rows(batch.next_observations)
        choosing_q = self.network.forward(x) if self.double else None
        rewards = (self.reward_scale * batch.rewards).astype(self.network.dtype, copy=False)
        next_q = self.target.forward(x)
        return dqn_targets(rewards, batch.terminated, next_q, self.gamma, choosing_q)

    def _rows(self, observations):
        return observations.astype(self.network.dtype, copy=False)


def _taken(q, actions, targets):
    """Return the values of the actions taken, their targets, and the actions, all checked."""
    q, targets = as_float(q, "q"), as_float(targets, "targets")
    if q.ndim != 2 or 0 in q.shape:
        raise ValueError(f"`q` must have shape (batch, actions). Received: shape={q.shape}")
    actions = as_labels(actions, q.shape[1], "actions")
    same_shape(actions, q[:, 0], "actions", "q[:, 0]")
    same_shape(targets, actions, "targets", "actions")
    return q[np.arange(len(q)), actions], targets.astype(q.dtype, copy=False), actions
