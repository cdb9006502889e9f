"""What one step of experience does to a table: the updates of tabular learning.

Each moves one entry a share `alpha` of the way towards a target and leaves the others alone; it
returns the target, and how far the entry was from it. A step that ends the episode has nothing
after it, so its target is the reward alone.
"""

from __future__ import annotations

__all__ = [
    "double_q_update",
    "expected_sarsa_update",
    "monte_carlo_update",
    "n_step_return",
    "q_learning_update",
    "sarsa_update",
    "td_update",
]


def monte_carlo_update(table, index, observed, alpha):
    r"""Move an entry towards the return that was observed.

    .. math:: v(s) \leftarrow v(s) + \alpha\, [G - v(s)]

    Parameters
    ----------
    table : ndarray
        Values of states or of actions; changed in place.
    index : int or tuple of int
        The state, or state and action.
    observed : float
        The return G.
    alpha : float
        Step size; 1/n at the n-th visit makes the entry the average of the returns.

    Returns
    -------
    target, error : float
        The return, and the return minus the old entry.
    """
    error = observed - table[index]
    table[index] += alpha * error
    return observed, error


def td_update(values, state, reward, next_state, terminated, alpha, gamma):
    r"""TD(0): move a state's value towards the reward and the value of the next state.

    .. math:: v(s) \leftarrow v(s) + \alpha\, [r + \gamma\, v(s') - v(s)]

    Parameters
    ----------
    values : ndarray, shape (states,)
        Changed in place.
    state, next_state : int
    reward : float
    terminated : bool
        Whether the episode is over, so that nothing follows the reward.
    alpha, gamma : float
        Step size and discount.

    Returns
    -------
    target, error : float
        The error is the temporal difference, the bracket.

    References
    ----------
    Sutton (1988), Learning to predict by the methods of temporal differences.
    """
    target = reward + (0 if terminated else gamma * values[next_state])
    error = target - values[state]
    values[state] += alpha * error
    return target, error


def sarsa_update(q, state, action, reward, next_state, next_action, terminated, alpha, gamma):
    r"""Sarsa: the next action counts that will really be done.

    .. math:: q(s, a) \leftarrow q(s, a) + \alpha\, [r + \gamma\, q(s', a') - q(s, a)]

    Parameters
    ----------
    q : ndarray, shape (states, actions)
        Changed in place.
    state, action, next_state, next_action : int
        What was done in `state`, and what will be done in `next_state`.
    reward, terminated, alpha, gamma
        See `td_update`.

    Returns
    -------
    target, error : float

    References
    ----------
    Rummery and Niranjan (1994), On-line Q-learning using connectionist systems.
    """
    target = reward + (0 if terminated else gamma * q[next_state, next_action])
    error = target - q[state, action]
    q[state, action] += alpha * error
    return target, error


def expected_sarsa_update(
    q, state, action, reward, next_state, probabilities, terminated, alpha, gamma
):
    r"""Expected Sarsa: the average over the next actions, which chance would only scatter.

    .. math:: q(s, a) \leftarrow q(s, a)
        + \alpha\, \Bigl[r + \gamma \sum_{a'} \pi(a' \mid s')\, q(s', a') - q(s, a)\Bigr]

    Parameters
    ----------
    q : ndarray, shape (states, actions)
        Changed in place.
    state, action, next_state : int
    probabilities : ndarray, shape (actions,)
        Of the actions in `next_state`.
    reward, terminated, alpha, gamma
        See `td_update`.

    Returns
    -------
    target, error : float

    References
    ----------
    van Seijen, van Hasselt, Whiteson and Wiering (2009), A theoretical and empirical analysis of
    Expected Sarsa.
    """
    possible = probabilities > 0  # a forbidden action is worth minus infinity, and never done
    expected = probabilities[possible] @ q[next_state, possible]
    target = reward + (0 if terminated else gamma * expected)
    error = target - q[state, action]
    q[state, action] += alpha * error
    return target, error


def q_learning_update(q, state, action, reward, next_state, terminated, alpha, gamma):
    r"""Q-learning: the best next action counts, whichever will be done.

    .. math:: q(s, a) \leftarrow q(s, a)
        + \alpha\, \bigl[r + \gamma \max_{a'} q(s', a') - q(s, a)\bigr]

    Parameters
    ----------
    q : ndarray, shape (states, actions)
        Changed in place.
    state, action, next_state : int
    reward, terminated, alpha, gamma
        See `td_update`.

    Returns
    -------
    target, error : float

    References
    ----------
    Watkins (1989), Learning from delayed rewards; Watkins and Dayan (1992), Q-learning.
    """
    target = reward + (0 if terminated else gamma * q[next_state].max())
    error = target - q[state, action]
    q[state, action] += alpha * error
    return target, error


def double_q_update(q, other, state, action, reward, next_state, terminated, alpha, gamma):
    r"""Double Q-learning: one table says which action is best, the other what it is worth.

    .. math:: q(s, a) \leftarrow q(s, a)
        + \alpha\, \bigl[r + \gamma\, q'\bigl(s', \arg\max_{a'} q(s', a')\bigr) - q(s, a)\bigr]

    A maximum of estimates is too large on average; an estimate made from other experience is not.

    Parameters
    ----------
    q : ndarray, shape (states, actions)
        The table to be updated, in place; a coin decides which of the two it is.
    other : ndarray, shape (states, actions)
        The other table, :math:`q'`.
    state, action, next_state : int
    reward, terminated, alpha, gamma
        See `td_update`.

    Returns
    -------
    target, error : float

    References
    ----------
    van Hasselt (2010), Double Q-learning.
    """
    best = q[next_state].argmax()
    target = reward + (0 if terminated else gamma * other[next_state, best])
    error = target - q[state, action]
    q[state, action] += alpha * error
    return target, error


def n_step_return(rewards, last_value, gamma):
    r"""Return of n rewards and of what the state or action after them is thought to be worth.

    .. math:: G = r_1 + \gamma r_2 + \dots + \gamma^{n-1} r_n + \gamma^n v

    With one reward it is the target of `td_update`; with all rewards of an episode and v = 0 the
    return that Monte Carlo methods observe.

    Parameters
    ----------
    rewards : sequence of float
    last_value : float
        The v above; 0 after the end of an episode.
    gamma : float

    Returns
    -------
    float
    """
    total = last_value
    for reward in reversed(rewards):
        total = reward + gamma * total
    return total
