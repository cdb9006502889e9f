"""Learning by doing: the value of every action, from experience alone.

The mathematics of each method is in `updates`; here it meets an environment. Step size and epsilon
are numbers from 0 to 1, or functions of the number of the episode.
"""

from __future__ import annotations

from glassnet._validation import positive_int, real_in
from glassnet.rl._experience import Agent, Learning, action_table, schedule
from glassnet.rl.exploration import epsilon_greedy, epsilon_greedy_probabilities
from glassnet.rl.updates import (
    double_q_update,
    expected_sarsa_update,
    q_learning_update,
    sarsa_update,
)

__all__ = [
    "Learning",
    "double_q_learning",
    "expected_sarsa",
    "n_step_sarsa",
    "q_learning",
    "sarsa",
]


def q_learning(
    environment, episodes, rng, alpha=0.1, gamma=1.0, epsilon=0.1, behaviour=None, **options
):
    """Q-learning: act by one policy, learn the values of the best one.

    Parameters
    ----------
    environment : Environment
        With numbered states.
    episodes : int
    rng : numpy.random.Generator
        For the environment and for the choice of actions.
    alpha : float or callable
        Step size, or a function of the number of the episode, such as :func:`linear_decay` gives.
    gamma : float
        Discount, from 0 to 1.
    epsilon : float or callable
        Probability of an action at random, or a function of the number of the episode; see
        :func:`epsilon_greedy`.
    behaviour : callable, optional
        ``behaviour(values, episode, rng)`` returns an action for an array of action values;
        instead of the epsilon-greedy choice. Whatever it does, the best policy is learnt.
    **options
        ``q``, an array of shape (states, actions) to begin with, whose kind of float is kept and
        which is not changed itself; zeros unless given. ``max_steps``, after which an episode is
        cut off, 10,000 unless given. ``on_update(state, action, target, error)``, called after
        every update. ``on_episode(episode, q)``, called after every episode with the array that is
        learnt in; copy it to keep it.

    Returns
    -------
    Learning

    References
    ----------
    Watkins and Dayan (1992), Q-learning, which proves that it converges if every action is done
    again and again and the step sizes fall like those of Robbins and Monro.
    """
    agent, alpha, gamma, epsilon = _prepared(environment, rng, alpha, gamma, epsilon, options)
    q = agent.table

    def learn(episode):
        step_size = alpha(episode)
        for state, action, step, _ in agent.experience(
            _chooser(agent, episode, epsilon, behaviour)
        ):
            target_and_error = q_learning_update(
                q, state, action, step.reward, step.observation, step.terminated, step_size, gamma
            )
            agent.note(state, action, *target_and_error)

    agent.run(episodes, learn)
    return Learning(q, *agent.history())


def sarsa(environment, episodes, rng, alpha=0.1, gamma=1.0, epsilon=0.1, **options):
    """Sarsa: learn the values of the policy that acts, explorations included.

    Parameters
    ----------
    environment, episodes, rng, alpha, gamma, epsilon, **options
        See :func:`q_learning`.

    Returns
    -------
    Learning

    References
    ----------
    Rummery and Niranjan (1994), On-line Q-learning using connectionist systems.
    """
    agent, alpha, gamma, epsilon = _prepared(environment, rng, alpha, gamma, epsilon, options)
    q = agent.table

    def learn(episode):
        step_size, choose = alpha(episode), _chooser(agent, episode, epsilon)
        for state, action, step, next_action in agent.experience(choose, ahead=True):
            after = step.observation, next_action, step.terminated
            target_and_error = sarsa_update(q, state, action, step.reward, *after, step_size, gamma)
            agent.note(state, action, *target_and_error)

    agent.run(episodes, learn)
    return Learning(q, *agent.history())


def expected_sarsa(environment, episodes, rng, alpha=0.1, gamma=1.0, epsilon=0.1, **options):
    """Expected Sarsa: like Sarsa, with the average over the next actions.

    Parameters
    ----------
    environment, episodes, rng, alpha, gamma, epsilon, **options
        See :func:`q_learning`.

    Returns
    -------
    Learning

    References
    ----------
    van Seijen, van Hasselt, Whiteson and Wiering (2009), A theoretical and empirical analysis of
    Expected Sarsa.
    """
    agent, alpha, gamma, epsilon = _prepared(environment, rng, alpha, gamma, epsilon, options)
    q = agent.table

    def learn(episode):
        step_size, share = alpha(episode), epsilon(episode)
        choose = _chooser(agent, episode, epsilon)
        for state, action, step, _ in agent.experience(choose):
            target = step.observation
            probabilities = q[target]  # not looked at, if the episode is over
            if not step.terminated:
                probabilities = epsilon_greedy_probabilities(q[target], share)
            after = target, probabilities, step.terminated
            target_and_error = expected_sarsa_update(
                q, state, action, step.reward, *after, step_size, gamma
            )
            agent.note(state, action, *target_and_error)

    agent.run(episodes, learn)
    return Learning(q, *agent.history())


def double_q_learning(environment, episodes, rng, alpha=0.1, gamma=1.0, epsilon=0.1, **options):
    """Double Q-learning: two tables, each judged by the other; a coin decides which one learns.

    Actions are chosen by the sum of both. The result, and what ``on_episode`` gets, is their mean.

    Parameters
    ----------
    environment, episodes, rng, alpha, gamma, epsilon, **options
        See :func:`q_learning`; ``q`` is the beginning of both tables.

    Returns
    -------
    Learning

    References
    ----------
    van Hasselt (2010), Double Q-learning.
    """
    agent, alpha, gamma, epsilon = _prepared(environment, rng, alpha, gamma, epsilon, options)
    tables, mean = (agent.table.copy(), agent.table.copy()), agent.table

    def learn(episode):
        step_size, choose = alpha(episode), _chooser(agent, episode, epsilon)
        for state, action, step, _ in agent.experience(choose):
            q, other = tables if rng.random() < 0.5 else tables[::-1]
            after = step.observation, step.terminated
            target_and_error = double_q_update(
                q, other, state, action, step.reward, *after, step_size, gamma
            )
            mean[state, action] = (q[state, action] + other[state, action]) / 2
            agent.note(state, action, *target_and_error)

    agent.run(episodes, learn)
    return Learning(mean, *agent.history())


def n_step_sarsa(environment, episodes, rng, n, alpha=0.1, gamma=1.0, epsilon=0.1, **options):
    """Sarsa with the rewards of n steps: one step is Sarsa, a whole episode is Monte Carlo.

    Parameters
    ----------
    environment, episodes, rng
        See :func:`q_learning`.
    n : int
        Steps whose rewards are waited for.
    alpha, gamma, epsilon, **options
        See :func:`q_learning`.

    Returns
    -------
    Learning

    References
    ----------
    Sutton and Barto (2018), section 7.2.
    """
    agent, alpha, gamma, epsilon = _prepared(environment, rng, alpha, gamma, epsilon, options)
    n = positive_int(n, "n")

    def learn(episode):
        experience = agent.experience(_chooser(agent, episode, epsilon), ahead=True)
        agent.learn_n_steps(experience, n, alpha(episode), gamma, with_actions=True)

    agent.run(episodes, learn)
    return Learning(agent.table, *agent.history())


def _prepared(environment, rng, alpha, gamma, epsilon, options):
    """Return an agent and the checked arguments, step size and epsilon as functions."""
    options = dict(options)
    table = action_table(environment, options.pop("q", None))
    agent = Agent(environment, rng, table, **options)
    gamma = real_in(gamma, "gamma", 0, 1)
    return agent, schedule(alpha, "alpha"), gamma, schedule(epsilon, "epsilon")


def _chooser(agent, episode, epsilon, behaviour=None):
    """Return the rule by which actions are chosen in this episode, a function of the state."""
    table, rng = agent.table, agent.rng
    if behaviour is not None:
        return lambda state: behaviour(table[state], episode, rng)
    share = epsilon(episode)
    return lambda state: epsilon_greedy(table[state], share, rng)
