"""Experience kept for later: learning from old steps again, in random order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet._validation import positive_int

__all__ = ["ReplayBuffer", "Transitions"]


class Transitions(NamedTuple):
    """A batch of steps; the first axis counts them."""

    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    next_observations: np.ndarray
    terminated: np.ndarray
    """Whether nothing can be earned afterwards; False where a limit of steps cut an episode off."""

    @property
    def size(self):
        """Number of steps."""
        return len(self.actions)


class ReplayBuffer:
    """The latest steps, in arrays that are written round and round.

    Parameters
    ----------
    capacity : int
        Number of steps that are kept; after that, each new one takes the place of the oldest.
    observation_shape : tuple of int
        Of one observation.
    dtype : numpy dtype
        Kind of float of observations and rewards.

    References
    ----------
    Lin (1992), Self-improving reactive agents based on reinforcement learning, planning and
    teaching; Mnih et al. (2015).
    """

    def __init__(self, capacity, observation_shape, dtype=np.float32):
        self.capacity = positive_int(capacity, "capacity")
        shape = (self.capacity, *observation_shape)
        self._data = Transitions(
            observations=np.zeros(shape, dtype),
            actions=np.zeros(self.capacity, np.int64),
            rewards=np.zeros(self.capacity, dtype),
            next_observations=np.zeros(shape, dtype),
            terminated=np.zeros(self.capacity, bool),
        )
        self._next = self._size = 0

    def __len__(self):
        """Return the number of steps in the buffer."""
        return self._size

    def add(self, observations, actions, rewards, next_observations, terminated):
        """Put in a batch of steps, in their order.

        Parameters
        ----------
        observations, next_observations : array_like, shape (batch, ...)
        actions : array_like of int, shape (batch,)
        rewards : array_like, shape (batch,)
        terminated : array_like of bool, shape (batch,)

        Raises
        ------
        ValueError
            If the shapes do not fit, or there are more steps than the buffer holds; nothing is
            changed then.
        """
        given = Transitions(
            *map(np.asarray, (observations, actions, rewards, next_observations, terminated))
        )
        batch = given.actions.size
        for name, new, own in zip(given._fields, given, self._data, strict=True):
            if new.shape != (batch, *own.shape[1:]):
                raise ValueError(
                    f"`{name}` must have shape {(batch, *own.shape[1:])}. "
                    f"Received: shape={new.shape}"
                )
        if batch > self.capacity:
            raise ValueError(f"The buffer holds {self.capacity} steps. Received: {batch} at once")
        places = (self._next + np.arange(batch)) % self.capacity
        for new, own in zip(given, self._data, strict=True):
            own[places] = new
        self._next = (self._next + batch) % self.capacity
        self._size = min(self._size + batch, self.capacity)

    def sample(self, batch_size, rng):
        """Draw steps, each as likely as any other at every draw; one may come twice.

        Parameters
        ----------
        batch_size : int
        rng : numpy.random.Generator

        Returns
        -------
        Transitions

        Raises
        ------
        RuntimeError
            If the buffer is empty.
        """
        if self._size == 0:
            raise RuntimeError("ReplayBuffer: sample called before anything was put in.")
        rows = rng.integers(self._size, size=positive_int(batch_size, "batch_size"))
        return Transitions(*(array[rows] for array in self._data))

    def contents(self):
        """Return copies of all steps, the oldest first, as `Transitions`."""
        first = self._next if self._size == self.capacity else 0
        rows = (first + np.arange(self._size)) % self.capacity
        return Transitions(*(array[rows] for array in self._data))
