"""What an agent acts in, one step after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from glassnet._validation import as_float, positive_int, real_in

__all__ = [
    "DiscreteEnvironment",
    "Environment",
    "Episode",
    "Step",
    "discounted_returns",
    "run_episode",
]


class Step(NamedTuple):
    """What an environment answers to an action."""

    observation: int | np.ndarray
    """What the agent sees next: the number of a state, or an array."""
    reward: float
    terminated: bool
    """Whether the episode has come to its end; nothing can be earned after it."""
    truncated: bool
    """Whether a limit of steps has cut the episode off, though it could have gone on."""

    @property
    def ended(self):
        """Whether the episode is over, for either reason."""
        return self.terminated or self.truncated


class Environment(ABC):
    """The agent's counterpart: it answers every action with an observation and a reward.

    A subclass defines `reset` and `step`, and says which actions there are.

    Attributes
    ----------
    num_actions : int
        The actions are the numbers from 0 to `num_actions` - 1.
    num_states : int or None
        Observations are numbers below it; None if they are arrays.
    observation_shape : tuple of int
        Of the arrays; ``()`` if observations are numbers.
    legal_actions : ndarray of bool, shape (num_states, num_actions), or None
        False for an action that a state forbids; None if no state forbids any.
    """

    num_actions: int
    num_states: int | None = None
    observation_shape: tuple = ()
    legal_actions: np.ndarray | None = None

    @abstractmethod
    def reset(self, rng):
        """Begin an episode and return the first observation.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of whatever is left to chance in this episode.
        """

    @abstractmethod
    def step(self, action):
        """Do `action` and return a `Step`.

        Raises
        ------
        RuntimeError
            Before `reset` and after the end of an episode.
        ValueError
            If there is no such action.
        """


class DiscreteEnvironment(Environment):
    """An environment with numbered states; the checks around `begin` and `advance`.

    A subclass sets `num_states` and `num_actions`, and defines ``begin(rng) -> state`` and
    ``advance(state, action, rng) -> Step``.

    Attributes
    ----------
    state : int or None
        The present state; None if no episode is under way.
    """

    state: int | None = None
    _rng = None

    def reset(self, rng):
        """Begin an episode and return the number of its first state."""
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"`rng` must be a numpy.random.Generator. Received: rng={rng!r}")
        self._rng = rng
        self.state = self.begin(rng)
        return self.state

    def step(self, action):
        """Do `action` in the present state and return a `Step`.

        Raises
        ------
        RuntimeError
            If no episode is under way.
        ValueError
            If the present state has no such action.
        """
        state = self.state
        if state is None:
            raise RuntimeError(f"{type(self).__name__}: step called without an episode; reset it.")
        known = isinstance(action, (int, np.integer)) and 0 <= action < self.num_actions
        if not known or isinstance(action, bool):
            raise ValueError(
                f"`action` must be a number from 0 to {self.num_actions - 1}. "
                f"Received: action={action!r}"
            )
        if self.legal_actions is not None and not self.legal_actions[state, action]:
            raise ValueError(f"State {state} forbids this action. Received: action={action!r}")
        step = self.advance(state, action, self._rng)
        self.state = None if step.ended else step.observation
        return step

    @abstractmethod
    def begin(self, rng):
        """Return the number of the first state of an episode."""

    @abstractmethod
    def advance(self, state, action, rng):
        """Return the `Step` that `action` leads to from `state`."""


class Episode(NamedTuple):
    """What happened from `reset` to the end; the action at t leads to the observation at t + 1."""

    observations: list
    """One more than there are actions."""
    actions: list
    rewards: np.ndarray
    """float64, shape (steps,)."""
    terminated: bool
    """Whether the episode has come to its end, and was not cut off."""

    @property
    def total(self):
        """The sum of the rewards."""
        return float(self.rewards.sum())

    def returns(self, gamma):
        """Return the discounted return from every step on; see `discounted_returns`."""
        return discounted_returns(self.rewards, gamma)


def discounted_returns(rewards, gamma):
    r"""Discounted return from every step to the end of the episode.

    .. math:: G_t = r_{t+1} + \gamma r_{t+2} + \gamma^2 r_{t+3} + \dots = r_{t+1} + \gamma G_{t+1}

    Parameters
    ----------
    rewards : array_like, shape (steps,)
        ``rewards[t]`` is what the action at time t has earned.
    gamma : float
        Discount, from 0 to 1.

    Returns
    -------
    ndarray, shape (steps,)
    """
    rewards, gamma = as_float(rewards, "rewards"), real_in(gamma, "gamma", 0, 1)
    if rewards.ndim != 1:
        raise ValueError(f"`rewards` must have shape (steps,). Received: shape={rewards.shape}")
    returns, later = np.empty_like(rewards), 0.0
    for t in reversed(range(len(rewards))):
        later = rewards[t] + gamma * later
        returns[t] = later
    return returns


def run_episode(environment, policy, rng, max_steps=10_000):
    """Let a policy act from the start of an episode to its end.

    Parameters
    ----------
    environment : Environment
    policy : callable
        ``policy(observation, rng)`` returns an action.
    rng : numpy.random.Generator
        For the environment and for the policy.
    max_steps : int
        Steps after which the episode is cut off.

    Returns
    -------
    Episode
    """
    observation = environment.reset(rng)
    observations, actions, rewards, terminated = [observation], [], [], False
    for _ in range(positive_int(max_steps, "max_steps")):
        action = policy(observation, rng)
        step = environment.step(action)
        observation = step.observation
        observations.append(observation)
        actions.append(action)
        rewards.append(step.reward)
        if step.ended:
            terminated = step.terminated
            break
    return Episode(observations, actions, np.array(rewards, np.float64), terminated)
