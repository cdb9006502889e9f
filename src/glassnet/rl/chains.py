"""Two small processes that show what a method of learning does: a random walk and a trap."""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int, real_in
from glassnet.rl.environments import DiscreteEnvironment, Step
from glassnet.rl.mdp import TabularMDP

__all__ = ["MaximizationBias", "random_walk"]


def random_walk(length=5):
    r"""A row of states with an end on either side; only the right end is rewarded, by 1.

    Action 0 goes to the left, 1 to the right, and an episode begins in the middle. If either is
    equally likely, the value of state i, without discount, is the chance of ending on the right,

    .. math:: v_i = \frac{i}{n + 1}, \qquad i = 1, \dots, n.

    Parameters
    ----------
    length : int
        Number n of states between the ends, which are state 0 and state n + 1.

    Returns
    -------
    TabularMDP

    References
    ----------
    Sutton and Barto (2018), example 6.2.
    """
    length = positive_int(length, "length")
    transitions = np.zeros((length + 2, 2, length + 2), np.float64)
    inner = np.arange(1, length + 1)
    transitions[inner, 0, inner - 1] = 1
    transitions[inner, 1, inner + 1] = 1
    rewards = np.zeros((length + 2, 2), np.float64)
    rewards[length, 1] = 1
    terminal = np.ones(length + 2, bool)
    terminal[inner] = False
    return TabularMDP(transitions, rewards, terminal, start=(length + 1) // 2)


class MaximizationBias(DiscreteEnvironment):
    """A trap for whoever takes a maximum of estimates for an estimate of the maximum.

    In state 0 action 1 ends the episode, and action 0 leads to state 1, neither with a reward. In
    state 1 each of many actions ends it, with a random reward that is negative on average; yet some
    of them have so far been lucky. State 2 is the end. So action 1 is the best at first.

    Parameters
    ----------
    choices : int
        Number of actions in state 1, at least 2.
    mean, deviation : float
        Of the normal distribution of the rewards there.

    References
    ----------
    Sutton and Barto (2018), example 6.7 and figure 6.5.
    """

    num_states = 3

    def __init__(self, choices=10, mean=-0.1, deviation=1.0):
        self.num_actions = positive_int(choices, "choices")
        if self.num_actions < 2:
            raise ValueError(f"`choices` must be at least 2. Received: choices={choices}")
        self.mean = real_in(mean, "mean")
        self.deviation = real_in(deviation, "deviation", 0)
        self.legal_actions = np.zeros((3, self.num_actions), bool)
        self.legal_actions[0, :2] = self.legal_actions[1] = True

    def begin(self, rng):
        """Return state 0."""
        return 0

    def advance(self, state, action, rng):
        """Return the `Step` that follows an action."""
        if state == 0:
            return Step(1, 0.0, False, False) if action == 0 else Step(2, 0.0, True, False)
        return Step(2, float(rng.normal(self.mean, self.deviation)), True, False)
