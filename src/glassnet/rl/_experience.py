"""What the tabular methods share: episodes, schedules, tables, and the results they give."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from glassnet._validation import positive_int, real_in
from glassnet.rl.updates import monte_carlo_update, n_step_return


class Learning(NamedTuple):
    """What an agent has learnt about actions, and how it fared on the way."""

    q: np.ndarray
    """Value of every action, minus infinity where it is forbidden; shape (states, actions)."""
    returns: np.ndarray
    """Sum of the rewards, without discount, of every episode; float64, shape (episodes,)."""
    lengths: np.ndarray
    """Steps of every episode; int64, shape (episodes,)."""

    @property
    def policy(self):
        """The best action of each state, the lowest number among equals; shape (states,)."""
        return self.q.argmax(axis=1)

    @property
    def values(self):
        """The value of the best action of each state, 0 if all are forbidden; shape (states,)."""
        best = self.q.max(axis=1)
        return np.where(best == -np.inf, 0, best).astype(self.q.dtype)


class Prediction(NamedTuple):
    """What has been learnt about the value of states under a policy."""

    values: np.ndarray
    """Shape (states,)."""
    returns: np.ndarray
    """Sum of the rewards, without discount, of every episode; float64, shape (episodes,)."""
    lengths: np.ndarray
    """Steps of every episode; int64, shape (episodes,)."""

    @property
    def mean_return(self):
        """The mean of the returns."""
        return float(self.returns.mean())


class Agent:
    """A table that learns in an environment: schedules, callbacks and the count of episodes.

    Parameters
    ----------
    environment : Environment
        With numbered states.
    rng : numpy.random.Generator
    table : ndarray
        Learnt in place.
    max_steps : int
    on_update, on_episode : callable or None
    """

    def __init__(self, environment, rng, table, max_steps=10_000, on_update=None, on_episode=None):
        self.environment, self.rng, self.table = environment, rng, table
        self.max_steps = positive_int(max_steps, "max_steps")
        self.on_update, self.on_episode = on_update, on_episode
        self.returns, self.lengths = [], []

    def run(self, episodes, learn):
        """Call ``learn(episode)`` for every episode; it plays it by `experience`."""
        for episode in range(positive_int(episodes, "episodes")):
            self.returns.append(0.0)
            self.lengths.append(0)
            learn(episode)
            if self.on_episode is not None:
                self.on_episode(episode, self.table)

    def experience(self, choose, ahead=False):
        """Yield (state, action, step, next action) while an episode lasts.

        What is learnt from one step is known when the action of the next is chosen. With `ahead`
        it is chosen before, and handed out; else the next action is None.
        """
        state = self.environment.reset(self.rng)
        action = choose(state)
        for _ in range(self.max_steps):
            step = self.environment.step(action)
            self.returns[-1] += step.reward
            self.lengths[-1] += 1
            next_action = choose(step.observation) if ahead and not step.terminated else None
            yield state, action, step, next_action
            if step.ended:
                return
            state = step.observation
            action = choose(state) if next_action is None else next_action

    def note(self, state, action, target, error):
        """Tell `on_update` what has just been learnt."""
        if self.on_update is not None:
            self.on_update(state, action, target, error)

    def history(self):
        """Return the returns and the lengths of all episodes."""
        return np.array(self.returns, np.float64), np.array(self.lengths, np.int64)

    def learn_n_steps(self, experience, n, alpha, gamma, with_actions):
        """Move every entry visited towards the return of the n steps after it.

        The table is one of actions if `with_actions`, else one of states.
        """
        waiting, last_value = deque(), 0.0
        for state, action, step, next_action in experience:
            waiting.append((state, action, step.reward))
            after = (step.observation, next_action) if with_actions else step.observation
            last_value = 0.0 if step.terminated else self.table[after]
            if len(waiting) == n:
                self._learn_oldest(waiting, last_value, alpha, gamma, with_actions)
        while waiting:  # the last steps are followed by fewer than n
            self._learn_oldest(waiting, last_value, alpha, gamma, with_actions)

    def _learn_oldest(self, waiting, last_value, alpha, gamma, with_actions):
        target = n_step_return([reward for _, _, reward in waiting], last_value, gamma)
        state, action, _ = waiting.popleft()
        index = (state, action) if with_actions else state
        self.note(state, action, *monte_carlo_update(self.table, index, target, alpha))


def schedule(value, name):
    """Return a function of the episode whose values lie in [0, 1], from it or from a number."""
    if not callable(value):
        value = real_in(value, name, 0, 1)
        return lambda episode: value
    return lambda episode: real_in(value(episode), name, 0, 1)


def action_table(environment, q):
    """Return a table to learn in: zeros or a copy of `q`, minus infinity for forbidden actions."""
    states = _num_states(environment)
    q = _table(q, (states, environment.num_actions), "q")
    if environment.legal_actions is not None:
        q[~environment.legal_actions] = -np.inf
    return q


def state_table(environment, values):
    """Return an array to learn in: zeros or a copy of `values`."""
    return _table(values, (_num_states(environment),), "values")


def _num_states(environment):
    if environment.num_states is None:
        raise ValueError(
            "A table needs an environment with numbered states. "
            f"Received: {type(environment).__name__} with observations of shape "
            f"{environment.observation_shape}"
        )
    return environment.num_states


def _table(given, shape, name):
    table = np.zeros(shape, np.float64) if given is None else np.array(given)
    if table.shape != shape or table.dtype.kind != "f":
        raise ValueError(
            f"`{name}` must hold floats in shape {shape}. "
            f"Received: shape={table.shape}, dtype={table.dtype}"
        )
    return table
