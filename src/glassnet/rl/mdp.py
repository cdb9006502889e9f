"""Markov decision processes: environments whose probabilities are known."""

from __future__ import annotations

import copy
import itertools
from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from glassnet._validation import as_float
from glassnet.rl.environments import DiscreteEnvironment, Step

__all__ = ["TabularMDP"]


class TabularMDP(DiscreteEnvironment):
    r"""A Markov decision process whose probabilities and rewards are known, as tables.

    Dynamic programming reads the tables; an agent that learns only sees what is drawn from them.

    Parameters
    ----------
    transitions : array_like, shape (states, actions, states)
        Probability :math:`p(s' \mid s, a)` that action a leads from s to s'; every row sums to 1.
        The rows of a terminal state are not read: it is never left.
    rewards : array_like, shape (states, actions) or (states, actions, states)
        Expected reward r(s, a) of an action, or reward r(s, a, s') of a transition. Those of a
        terminal state are taken as 0.
    terminal : array_like of bool, shape (states,)
        True for a state in which an episode ends.
    start : array_like, shape (states,), or int, optional
        Probability of each state to be the first, or the first state itself. Unless given, every
        state that is not terminal is as likely as any other.

    Attributes
    ----------
    transitions : ndarray, shape (states, actions, states)
    rewards : ndarray, shape (states, actions)
        Expected rewards.
    transition_rewards : ndarray, shape (states, actions, states), or None
        If they were given.
    terminal : ndarray of bool, shape (states,)
    start : ndarray, shape (states,)

    Raises
    ------
    ValueError
        If a shape does not fit, a row is no distribution, a number is not finite, or every state
        is terminal.

    References
    ----------
    Bellman (1957), Dynamic Programming; Sutton and Barto (2018), chapter 3.
    """

    def __init__(self, transitions, rewards, terminal, start=None):
        transitions, rewards = as_float(transitions, "transitions"), as_float(rewards, "rewards")
        terminal = np.array(terminal)
        if transitions.ndim != 3 or transitions.shape[0] != transitions.shape[2]:
            raise ValueError(
                "`transitions` must have shape (states, actions, states). "
                f"Received: shape={transitions.shape}"
            )
        states, actions, _ = transitions.shape
        if rewards.shape not in ((states, actions), transitions.shape):
            raise ValueError(
                f"`rewards` must have shape {(states, actions)} or {transitions.shape}. "
                f"Received: shape={rewards.shape}"
            )
        if terminal.shape != (states,) or terminal.dtype != bool or terminal.all():
            raise ValueError(
                f"`terminal` must hold {states} booleans, not all of them True. "
                f"Received: terminal={terminal!r}"
            )
        if not np.isfinite(rewards).all():
            raise ValueError(f"`rewards` must be finite. Received: {rewards!r}")
        self.num_states, self.num_actions = states, actions
        dtype = np.result_type(transitions, rewards)
        self.terminal = _frozen(terminal)
        self.transitions = _frozen(_absorbing(transitions.astype(dtype), terminal))
        _check_rows(self.transitions, "transitions")
        open_states = ~terminal.reshape(-1, *[1] * (rewards.ndim - 1))
        rewards = np.where(open_states, rewards, 0).astype(dtype)
        self.transition_rewards = _frozen(rewards) if rewards.ndim == 3 else None
        expected = (self.transitions * rewards).sum(axis=2) if rewards.ndim == 3 else rewards
        self.rewards = _frozen(expected)
        self._begin_in(start)
        self._outcomes = {}  # by state and action, made when first drawn from

    @classmethod
    def from_table(cls, table, start=None):
        """Make the process that a table of Gymnasium's toy environments describes.

        A state is terminal if a transition ends the episode in it. Where several entries of one
        action lead to one state, their probabilities are added and their rewards averaged.

        Parameters
        ----------
        table : dict
            ``table[state][action]`` lists tuples (probability, next state, reward, terminated).
        start : array_like, shape (states,), or int, optional
            As for the class. States that cannot be reached from it are not checked.

        Returns
        -------
        TabularMDP

        Raises
        ------
        ValueError
            If one transition into a state ends the episode and another does not, for then the
            state alone does not say whether the episode is over.
        """
        states, actions = len(table), len(table[0])
        transitions = np.zeros((states, actions, states), np.float64)
        sums = np.zeros_like(transitions)
        ends, goes_on = np.zeros(states, bool), np.zeros((states, states), bool)
        for s, a in itertools.product(range(states), range(actions)):
            for probability, target, reward, terminated in table[s][a]:
                transitions[s, a, target] += probability
                sums[s, a, target] += probability * reward
                ends[target] |= terminated and probability > 0
                goes_on[s, target] |= not terminated and probability > 0
        rewards = np.divide(sums, transitions, out=np.zeros_like(sums), where=transitions > 0)
        mdp = cls(transitions, rewards, ends, start)
        sources = mdp.reachable() & ~ends
        clash = ends & goes_on[sources].any(axis=0)
        if clash.any():
            raise ValueError(
                "A transition into a terminal state must end the episode. Received: one into state "
                f"{clash.argmax()} that does not; give `start` if that can never happen"
            )
        return mdp

    def with_start(self, start=None):
        """Return the same process with other first states, given as for the class."""
        other = copy.copy(self)
        other.state = None
        other._begin_in(start)
        return other

    def reachable(self):
        """Return which states an episode can come to, bool, shape (states,)."""
        leads = self.transitions.max(axis=1) > 0
        found, new = self.start > 0, self.start > 0
        while new.any():
            new = leads[new].any(axis=0) & ~found
            found = found | new
        return found

    def _begin_in(self, start):
        self.start = _frozen(_start_distribution(start, self.terminal, self.rewards.dtype))
        self._starts = _Outcomes.of(self.start)

    def begin(self, rng):
        """Return a state drawn from the start distribution."""
        return self._starts.draw(rng)

    def advance(self, state, action, rng):
        """Return the `Step` to a next state that is drawn from its row of the table."""
        key = state, int(action)
        if key not in self._outcomes:
            self._outcomes[key] = _Outcomes.of(self.transitions[key])
        target = self._outcomes[key].draw(rng)
        index = key if self.transition_rewards is None else (*key, target)
        table = self.rewards if self.transition_rewards is None else self.transition_rewards
        return Step(target, float(table[index]), bool(self.terminal[target]), False)


class _Outcomes(NamedTuple):
    """The possible ones among numbered outcomes, and their cumulated probabilities."""

    numbers: list
    cumulated: list

    @classmethod
    def of(cls, probabilities):
        numbers = np.flatnonzero(probabilities)
        return cls(numbers.tolist(), np.cumsum(probabilities[numbers], dtype=np.float64).tolist())

    def draw(self, rng):
        """Return one of the numbers; what is certain needs no random number."""
        if len(self.numbers) == 1:
            return self.numbers[0]
        place = bisect_right(self.cumulated, rng.random() * self.cumulated[-1])
        return self.numbers[place]


def _absorbing(transitions, terminal):
    """Let every terminal state lead to itself, whatever the table says."""
    transitions[terminal] = 0
    ends = np.flatnonzero(terminal)
    transitions[ends, :, ends] = 1
    return transitions


def _check_rows(rows, name):
    """Raise ValueError unless every row is a distribution, as far as rounding allows."""
    tolerance = 100 * np.finfo(rows.dtype).eps
    if not (np.all(rows >= 0) and np.all(np.abs(rows.sum(axis=-1) - 1) <= tolerance)):
        bad = ~((rows >= 0).all(axis=-1) & (np.abs(rows.sum(axis=-1) - 1) <= tolerance))
        place = tuple(index.tolist() for index in np.argwhere(bad)[0])
        raise ValueError(
            f"Every row of `{name}` must hold probabilities that sum to 1. "
            f"Received: {rows[place]} in row {place}"
        )


def _start_distribution(start, terminal, dtype):
    """Return the probability of each state to be the first."""
    if start is None:
        return (~terminal / np.sum(~terminal)).astype(dtype)
    if isinstance(start, (int, np.integer)) and not isinstance(start, bool):
        if not 0 <= start < len(terminal):
            raise ValueError(
                f"`start` must lie between 0 and {len(terminal) - 1}. Received: start={start}"
            )
        start = np.arange(len(terminal)) == start
    start = as_float(start, "start").astype(dtype)
    if start.shape != terminal.shape or np.any(start[terminal] != 0):
        raise ValueError(
            f"`start` must have shape {terminal.shape} and be 0 for terminal states. "
            f"Received: start={start!r}"
        )
    _check_rows(start, "start")
    return start


def _frozen(array):
    """Return a copy that cannot be written to: samples are drawn from what was read once."""
    array = np.array(array)
    array.flags.writeable = False
    return array
