"""Several environments side by side, so that a network decides for all of them at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from glassnet._validation import positive_int
from glassnet.rl.environments import Episode

__all__ = ["EpisodeLog", "SyncVectorEnvironment", "VectorEnvironment", "VectorStep", "run_episodes"]


class VectorStep(NamedTuple):
    """What one step of every environment brings; the first axis counts the environments."""

    observation: np.ndarray
    """To decide upon next; where an episode has ended, the first observation of a new one."""
    reward: np.ndarray
    """Shape (environments,)."""
    terminated: np.ndarray
    """Whether the episode has come to its end; bool, shape (environments,)."""
    truncated: np.ndarray
    """Whether a limit of steps has cut it off; bool, shape (environments,)."""
    next_observation: np.ndarray
    """What the action has led to; where an episode has ended, its last observation."""

    @property
    def ended(self):
        """Where an episode is over, for either reason; bool, shape (environments,)."""
        return self.terminated | self.truncated


class VectorEnvironment(ABC):
    """Several environments of one kind, which start anew by themselves; the base of all such.

    A subclass sets the attributes and defines ``begin(rng) -> observations`` and
    ``advance(actions, rng) -> VectorStep``.

    Attributes
    ----------
    num_environments, num_actions : int
    observation_shape : tuple of int
        Of one environment.
    """

    num_environments: int
    num_actions: int
    observation_shape: tuple
    _rng = None

    def reset(self, rng):
        """Begin an episode in every environment.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of whatever is left to chance, in the episodes that follow too.

        Returns
        -------
        ndarray, shape (environments, ...)
        """
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"`rng` must be a numpy.random.Generator. Received: rng={rng!r}")
        self._rng = rng
        return self.begin(rng)

    def step(self, actions):
        """Act in every environment; where an episode ends, the next one begins at once.

        Parameters
        ----------
        actions : array_like of int, shape (environments,)

        Returns
        -------
        VectorStep

        Raises
        ------
        RuntimeError
            Before `reset`.
        ValueError
            If there is not one action for each environment, or no such action.
        """
        if self._rng is None:
            raise RuntimeError(f"{type(self).__name__}: step called before reset.")
        actions = np.asarray(actions)
        if actions.shape != (self.num_environments,) or actions.dtype.kind not in "iu":
            raise ValueError(
                f"`actions` must hold {self.num_environments} whole numbers. "
                f"Received: shape={actions.shape}, dtype={actions.dtype}"
            )
        if actions.min() < 0 or actions.max() >= self.num_actions:
            raise ValueError(
                f"`actions` must lie between 0 and {self.num_actions - 1}. "
                f"Received: {actions.min()} to {actions.max()}"
            )
        return self.advance(actions, self._rng)

    @abstractmethod
    def begin(self, rng):
        """Return the first observations, shape (environments, ...)."""

    @abstractmethod
    def advance(self, actions, rng):
        """Return the `VectorStep` that the checked `actions` lead to."""


class SyncVectorEnvironment(VectorEnvironment):
    """Environments that take their steps one after the other, but wait for each other.

    Parameters
    ----------
    environments : sequence of Environment
        Of one kind, each a different object.

    Raises
    ------
    ValueError
        If there are none, one occurs twice, or they are not of one kind.
    """

    def __init__(self, environments):
        self.environments = list(environments)
        kinds = {(each.num_actions, tuple(each.observation_shape)) for each in self.environments}
        if len(kinds) != 1:
            raise ValueError(
                "`environments` must be of one kind. Received: (actions, shape of observations) = "
                f"{sorted(kinds)}"
            )
        if len({id(each) for each in self.environments}) < len(self.environments):
            raise ValueError(
                "`environments` must be different objects. Received: one of them twice"
            )
        self.num_environments = len(self.environments)
        ((self.num_actions, self.observation_shape),) = kinds

    def begin(self, rng):
        """Return the first observations, shape (environments, ...)."""
        return np.stack([each.reset(rng) for each in self.environments])

    def advance(self, actions, rng):
        """Return the `VectorStep` that the checked `actions` lead to."""
        pairs = zip(self.environments, actions.tolist(), strict=True)
        reached, reward, terminated, truncated = zip(
            *(each.step(action) for each, action in pairs), strict=True
        )
        next_observation, observation = np.stack(reached), np.stack(reached)
        terminated, truncated = np.array(terminated, bool), np.array(truncated, bool)
        for i in np.flatnonzero(terminated | truncated):
            observation[i] = self.environments[i].reset(rng)
        reward = np.array(reward, np.float64)
        return VectorStep(observation, reward, terminated, truncated, next_observation)


def run_episodes(environment, policy, rng, max_steps=10_000):
    """Play one episode in every environment from its start to its end.

    Parameters
    ----------
    environment : VectorEnvironment
    policy : callable
        ``policy(observations, rng)`` returns an action for each of the environments.
    rng : numpy.random.Generator
        For the environments and for the policy.
    max_steps : int
        Steps after which the episodes that still go on are cut off.

    Returns
    -------
    list of Episode
        One for each environment.
    """
    observation = environment.reset(rng)
    steps, going_on = [], np.ones(environment.num_environments, bool)
    lengths = np.zeros(environment.num_environments, np.int64)
    terminated = np.zeros(environment.num_environments, bool)
    for _ in range(positive_int(max_steps, "max_steps")):
        actions = policy(observation, rng)
        step = environment.step(actions)
        steps.append((observation, actions, step))
        lengths += going_on
        terminated |= going_on & step.terminated
        going_on = going_on & ~step.ended  # what an environment does after its end is not looked at
        observation = step.observation
        if not going_on.any():
            break
    return [_episode(steps[:n], i, bool(terminated[i])) for i, n in enumerate(lengths)]


def _episode(steps, i, terminated):
    """Return the episode that environment `i` has had in `steps`."""
    observations = [observation[i] for observation, _, _ in steps]
    observations.append(steps[-1][2].next_observation[i])
    actions = [int(actions[i]) for _, actions, _ in steps]
    rewards = np.array([step.reward[i] for _, _, step in steps], np.float64)
    return Episode(observations, actions, rewards, terminated)


class EpisodeLog:
    """A record of the episodes that end while an agent learns.

    Parameters
    ----------
    num_environments : int

    Attributes
    ----------
    returns : list of float
        Sum of the rewards, without discount, of every episode, in the order of their ends.
    lengths : list of int
        Steps of every episode.
    steps : list of int
        Steps of all environments together when the episode ended.
    """

    def __init__(self, num_environments):
        self.num_environments = positive_int(num_environments, "num_environments")
        self.returns, self.lengths, self.steps = [], [], []
        self.total_steps = 0
        self._return = np.zeros(self.num_environments, np.float64)
        self._length = np.zeros(self.num_environments, np.int64)

    def update(self, step):
        """Take note of a `VectorStep`."""
        self.total_steps += self.num_environments
        self._return += step.reward
        self._length += 1
        for i in np.flatnonzero(step.ended):
            self.returns.append(float(self._return[i]))
            self.lengths.append(int(self._length[i]))
            self.steps.append(self.total_steps)
            self._return[i] = self._length[i] = 0

    def mean_return(self, last=100):
        """Mean return of the `last` episodes, NaN if there is none yet."""
        recent = self.returns[-positive_int(last, "last") :]
        return sum(recent) / len(recent) if recent else float("nan")
