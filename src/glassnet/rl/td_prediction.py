"""Learning the value of states before the episode is over: temporal differences."""

from __future__ import annotations

from glassnet._validation import positive_int, real_in
from glassnet.rl._experience import Agent, Prediction, schedule, state_table
from glassnet.rl.updates import td_update

__all__ = ["Prediction", "n_step_td", "td_prediction"]


def td_prediction(environment, policy, episodes, rng, alpha=0.1, gamma=1.0, values=None, **options):
    """TD(0): value of every state under a policy, from each step and the value of the next state.

    Parameters
    ----------
    environment : Environment
        With numbered states.
    policy : callable
        ``policy(state, rng)`` returns an action.
    episodes : int
    rng : numpy.random.Generator
    alpha : float or callable
        Step size, or a function of the number of the episode.
    gamma : float
        Discount, from 0 to 1.
    values : ndarray, shape (states,), optional
        To begin with; zeros unless given.
    **options
        ``max_steps``, ``on_update``, ``on_episode``, as for :func:`q_learning`.

    Returns
    -------
    Prediction

    References
    ----------
    Sutton (1988), Learning to predict by the methods of temporal differences.
    """
    agent = Agent(environment, rng, state_table(environment, values), **options)
    values, alpha, gamma = agent.table, schedule(alpha, "alpha"), real_in(gamma, "gamma", 0, 1)

    def learn(episode):
        step_size = alpha(episode)
        for state, action, step, _ in agent.experience(lambda state: policy(state, rng)):
            target_and_error = td_update(
                values, state, step.reward, step.observation, step.terminated, step_size, gamma
            )
            agent.note(state, action, *target_and_error)

    agent.run(episodes, learn)
    return Prediction(values, *agent.history())


def n_step_td(environment, policy, episodes, rng, n, alpha=0.1, gamma=1.0, values=None, **options):
    """TD with the rewards of n steps: one step is TD(0), a whole episode is Monte Carlo.

    Parameters
    ----------
    environment, policy, episodes, rng
        See :func:`td_prediction`.
    n : int
        Steps whose rewards are waited for.
    alpha, gamma, values, **options
        See :func:`td_prediction`.

    Returns
    -------
    Prediction

    References
    ----------
    Sutton and Barto (2018), section 7.1.
    """
    agent = Agent(environment, rng, state_table(environment, values), **options)
    n, alpha, gamma = positive_int(n, "n"), schedule(alpha, "alpha"), real_in(gamma, "gamma", 0, 1)

    def learn(episode):
        experience = agent.experience(lambda state: policy(state, rng))
        agent.learn_n_steps(experience, n, alpha(episode), gamma, with_actions=False)

    agent.run(episodes, learn)
    return Prediction(agent.table, *agent.history())
