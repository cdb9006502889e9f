"""Learning from whole episodes: averages of the returns that were observed.

An episode that is cut off has no return, so nothing is learnt from it.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import real_in
from glassnet.rl._experience import (
    Agent,
    Learning,
    Prediction,
    action_table,
    schedule,
    state_table,
)
from glassnet.rl.environments import discounted_returns
from glassnet.rl.exploration import epsilon_greedy
from glassnet.rl.updates import monte_carlo_update

__all__ = ["monte_carlo_control", "monte_carlo_prediction"]


def monte_carlo_prediction(
    environment,
    policy,
    episodes,
    rng,
    alpha=None,
    gamma=1.0,
    first_visit=True,
    values=None,
    **options,
):
    """Value of every state under a policy, the average return after visits to it.

    Parameters
    ----------
    environment : Environment
        With numbered states.
    policy : callable
        ``policy(state, rng)`` returns an action.
    episodes : int
    rng : numpy.random.Generator
    alpha : float or callable, optional
        Step size towards each return, or a function of the number of the episode; the plain
        average unless given.
    gamma : float
        Discount, from 0 to 1.
    first_visit : bool
        Whether only the first visit of an episode to a state counts, or every one.
    values : ndarray, shape (states,), optional
        To begin with; zeros unless given.
    **options
        ``max_steps``, ``on_update``, ``on_episode``, as for :func:`q_learning`.

    Returns
    -------
    Prediction

    References
    ----------
    Sutton and Barto (2018), section 5.1.
    """
    agent = Agent(environment, rng, state_table(environment, values), **options)
    learn = _learner(agent, alpha, gamma, first_visit, with_actions=False)

    def play(episode):
        learn(episode, list(agent.experience(lambda state: policy(state, rng))))

    agent.run(episodes, play)
    return Prediction(agent.table, *agent.history())


def monte_carlo_control(
    environment,
    episodes,
    rng,
    alpha=None,
    gamma=1.0,
    epsilon=0.1,
    first_visit=True,
    q=None,
    **options,
):
    """Value of every action under the epsilon-greedy policy, which improves while they are learnt.

    Parameters
    ----------
    environment, episodes, rng
        See :func:`monte_carlo_prediction`.
    alpha : float or callable, optional
        Step size towards each return; the plain average unless given.
    gamma : float
        Discount, from 0 to 1.
    epsilon : float or callable
        Probability of an action at random, or a function of the number of the episode.
    first_visit : bool
        Whether only the first visit of an episode to a state and action counts, or every one.
    q : ndarray, shape (states, actions), optional
        To begin with; zeros unless given.
    **options
        ``max_steps``, ``on_update``, ``on_episode``, as for :func:`q_learning`.

    Returns
    -------
    Learning

    References
    ----------
    Sutton and Barto (2018), section 5.4.
    """
    agent = Agent(environment, rng, action_table(environment, q), **options)
    learn = _learner(agent, alpha, gamma, first_visit, with_actions=True)
    epsilon = schedule(epsilon, "epsilon")

    def play(episode):
        share = epsilon(episode)

        def choose(state):
            return epsilon_greedy(agent.table[state], share, rng)

        learn(episode, list(agent.experience(choose)))

    agent.run(episodes, play)
    return Learning(agent.table, *agent.history())


def _learner(agent, alpha, gamma, first_visit, with_actions):
    """Return a function that learns from the number of an episode and its list of steps."""
    gamma = real_in(gamma, "gamma", 0, 1)
    alpha = None if alpha is None else schedule(alpha, "alpha")
    visits = np.zeros(agent.table.shape, np.int64)

    def learn(episode, steps):
        if not steps[-1][2].terminated:
            return
        returns = discounted_returns([float(step.reward) for _, _, step, _ in steps], gamma)
        seen = set()
        for (state, action, _, _), observed in zip(steps, returns, strict=True):
            index = (state, action) if with_actions else state
            if first_visit and index in seen:
                continue
            seen.add(index)
            visits[index] += 1
            step_size = 1 / visits[index] if alpha is None else alpha(episode)
            result = monte_carlo_update(agent.table, index, observed, float(step_size))
            agent.note(state, action, *result)

    return learn
