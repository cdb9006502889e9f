"""Exercises of chapter 14: returns, Bellman's equation, learning from steps, policy gradient."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


@task(
    "rl.discounted_returns",
    lambda rng: [(rng.standard_normal(n), gamma) for n, gamma in ((6, 0.9), (11, 0.5), (4, 0.99))],
    about="What an action has earned is known only at the end. One pass from the back gives the "
    "returns of all steps, {eq}`eq-rl-return-recursion`, derived in {ref}`sec-rl-return`.",
    hints=(
        "The last return is the last reward. How does the one before follow from it?",
        "Go from the last step to the first and keep one number: rewards[t] + gamma * later.",
    ),
)
def discounted_returns(rewards, gamma):
    """Return the discounted return from every step to the end of the episode.

    Parameters
    ----------
    rewards : ndarray, shape (T,)
        Entry t is what the action at time t has earned.
    gamma : float
        The discount, from 0 to 1.

    Returns
    -------
    ndarray, shape (T,)
    """
    returns, later = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        later = rewards[t] + gamma * later
        returns[t] = later
    return returns


@discounted_returns.mistake(
    "You run from the first step to the last, so each entry holds the past. A return looks ahead."
)
def _(rewards, gamma):
    return discounted_returns.reference(rewards[::-1], gamma)[::-1]


@discounted_returns.mistake(
    "The last step is left out: its return, the last reward, is missing in all the others too."
)
def _(rewards, gamma):
    return np.append(discounted_returns.reference(rewards[:-1], gamma), 0)


@discounted_returns.mistake(
    "All rewards are discounted as seen from time 0. At time t the reward of step t counts in full."
)
def _(rewards, gamma):
    return np.cumsum((gamma ** np.arange(len(rewards)) * rewards)[::-1])[::-1]


@discounted_returns.mistake(
    "One discount too many: the reward that the action itself earns is not discounted."
)
def _(rewards, gamma):
    return gamma * discounted_returns.reference(rewards, gamma)


@discounted_returns.mistake(
    "The discount is missing: a late reward counts as much as an early one."
)
def _(rewards, gamma):
    return np.cumsum(rewards[::-1])[::-1]


def _processes(rng):
    """Return values, transitions, rewards, ends and a discount; sizes all different."""
    cases = []
    for states, actions, gamma in ((4, 3, 0.9), (6, 2, 0.5), (5, 4, 1.0)):
        terminal = np.arange(states) == states - 2
        values = np.where(terminal, 0, rng.standard_normal(states))
        transitions = rng.dirichlet(np.ones(states), (states, actions))
        cases.append((values, transitions, rng.standard_normal((states, actions)), terminal, gamma))
    return cases


@task(
    "rl.bellman_backup",
    _processes,
    about="One sweep of value iteration: the right-hand side of Bellman's optimality equation, "
    "{eq}`eq-rl-optimality`, for all states at once. Repeated, it converges, by "
    "{prf:ref}`thm-rl-value-iteration`.",
    hints=(
        "First the value of each action in each state, an array of shape (S, A).",
        "transitions @ values sums over the last axis, the next states; then add the rewards.",
        "Take the largest over the actions, and put 0 where the state is terminal.",
    ),
)
def bellman_backup(values, transitions, rewards, terminal, gamma):
    """Return the values after one sweep of value iteration, from the old ones only.

    Parameters
    ----------
    values : ndarray, shape (S,)
        0 in terminal states.
    transitions : ndarray, shape (S, A, S)
        Entry (s, a, t) is the probability to get from s to t by a.
    rewards : ndarray, shape (S, A)
    terminal : ndarray of bool, shape (S,)
        Nothing is earned any more in these.
    gamma : float

    Returns
    -------
    ndarray, shape (S,)
    """
    q = rewards + gamma * transitions @ values
    return np.where(terminal, 0, q.max(axis=1))


@bellman_backup.mistake(
    "You take the mean over the actions: that is the value of acting at random. What does the "
    "best action bring?"
)
def _(values, transitions, rewards, terminal, gamma):
    return np.where(terminal, 0, (rewards + gamma * transitions @ values).mean(axis=1))


@bellman_backup.mistake(
    "The best reward and the best future are taken apart, from two different actions. One action "
    "brings both: add first."
)
def _(values, transitions, rewards, terminal, gamma):
    future = gamma * transitions @ values
    return np.where(terminal, 0, rewards.max(axis=1) + future.max(axis=1))


@bellman_backup.mistake("The discount is missing: what comes a step later counts gamma times.")
def _(values, transitions, rewards, terminal, gamma):
    return bellman_backup.reference(values, transitions, rewards, terminal, 1)


@bellman_backup.mistake("Terminal states get a value. Nothing is earned there: it has to be 0.")
def _(values, transitions, rewards, terminal, gamma):
    return (rewards + gamma * transitions @ values).max(axis=1)


@bellman_backup.mistake(
    "You sum over the states one comes from. The last axis of transitions is where one gets to."
)
def _(values, transitions, rewards, terminal, gamma):
    q = rewards + gamma * np.einsum("sat,s->ta", transitions, values)
    return np.where(terminal, 0, q.max(axis=1))


@bellman_backup.mistake(
    "You overwrite the array that you still read from, so later states see new values. This task "
    "asks for a sweep from the old values only."
)
def _(values, transitions, rewards, terminal, gamma):
    new = values.copy()
    for s in np.flatnonzero(~terminal):
        new[s] = np.max(rewards[s] + gamma * transitions[s] @ new)
    return new


def _tables(rng):
    """Return tables of action values with and without ties, and shares of exploration."""
    ties = np.array([[1.0, 3.0, 3.0, 0.0], [2.0, 2.0, 2.0, 2.0], [-1.0, -5.0, -1.0, -1.0]])
    return [(rng.standard_normal((3, 5)), 0.1), (ties, 0.3), (rng.standard_normal((4, 2)), 0.6)]


@task(
    "rl.epsilon_greedy_probabilities",
    _tables,
    about="The most common way to explore, as in {ref}`sec-rl-control`: with probability epsilon "
    "any action, the best one included, else the best; best ones that are equal share. Expected "
    "Sarsa needs these numbers, {eq}`eq-rl-targets`.",
    hints=(
        "Two ways lead to an action: the dice, and being the best. Their probabilities add.",
        "best = q == q.max(axis=1, keepdims=True) marks the best of each row, all of them.",
    ),
)
def epsilon_greedy_probabilities(q, epsilon):
    """Return the probability of each action in each state.

    Parameters
    ----------
    q : ndarray, shape (S, A)
        Values of the actions.
    epsilon : float
        Probability to draw from all actions alike; else one of the best is drawn.

    Returns
    -------
    ndarray, shape (S, A)
    """
    best = q == q.max(axis=1, keepdims=True)
    share = best / best.sum(axis=1, keepdims=True)
    return epsilon / q.shape[1] + (1 - epsilon) * share


@epsilon_greedy_probabilities.mistake(
    "If several actions are equally good, only the first counts as the best: `argmax` does that. "
    "Here they share."
)
def _(q, epsilon):
    best = np.arange(q.shape[1]) == q.argmax(axis=1)[:, np.newaxis]
    return epsilon / q.shape[1] + (1 - epsilon) * best


@epsilon_greedy_probabilities.mistake(
    "At a tie each of the best gets all of 1 - epsilon, so the row adds to more than one."
)
def _(q, epsilon):
    return epsilon / q.shape[1] + (1 - epsilon) * (q == q.max(axis=1, keepdims=True))


@epsilon_greedy_probabilities.mistake(
    "The best action is left out when exploring. The dice may fall on it too: epsilon is shared by "
    "all actions."
)
def _(q, epsilon):
    p = np.full(q.shape, epsilon / (q.shape[1] - 1))
    p[np.arange(len(q)), q.argmax(axis=1)] = 1 - epsilon
    return p


def _steps(rng):
    """Return tables and steps: to another state, to the same one, to the end."""
    steps = (1, 2, -0.5, 3, False), (0, 1, 2.0, 0, False), (3, 0, 1.0, 2, True)
    sizes = ((4, 3), 0.5, 0.9), ((2, 4), 0.1, 0.7), ((5, 2), 0.25, 1.0)
    return [
        (rng.standard_normal(shape), step, alpha, gamma)
        for step, (shape, alpha, gamma) in zip(steps, sizes, strict=True)
    ]


@task(
    "rl.q_learning_update",
    _steps,
    about="What Q-learning does with one step, {eq}`eq-rl-targets` in {eq}`eq-rl-update`. Only a "
    "step that terminates has no future, {ref}`sec-rl-truncation`.",
    hints=(
        "The target is the reward and, unless it is over, the discounted best of next_state.",
        "Move one entry, q[state, action], by alpha times (target - entry).",
        "Work on a copy: the table that was given must stay as it is.",
    ),
)
def q_learning_update(q, step, alpha, gamma):
    """Return a new table after one update of Q-learning; `q` itself stays.

    Parameters
    ----------
    q : ndarray, shape (S, A)
    step : tuple (state, action, reward, next_state, terminated)
        int, int, float, int, bool.
    alpha, gamma : float
        Step size and discount.

    Returns
    -------
    ndarray, shape (S, A)
    """
    state, action, reward, next_state, terminated = step
    future = 0 if terminated else gamma * q[next_state].max()
    new = q.copy()
    new[state, action] += alpha * (reward + future - q[state, action])
    return new


def _moved(q, state, action, change):
    new = q.copy()
    new[state, action] += change
    return new


@q_learning_update.mistake("The last step of an episode changes nothing. Its reward counts too.")
def _(q, step, alpha, gamma):
    return q.copy() if step[4] else q_learning_update.reference(q, step, alpha, gamma)


@q_learning_update.mistake("Right, but you write into the table that was given. Copy it first.")
def _(q, step, alpha, gamma):
    q[...] = q_learning_update.reference(q, step, alpha, gamma)
    return q


@q_learning_update.mistake(
    "`terminated` is ignored: after the last step nothing can be earned, whatever the table says."
)
def _(q, step, alpha, gamma):
    return q_learning_update.reference(q, (*step[:4], False), alpha, gamma)


@q_learning_update.mistake(
    "You look for the best action in `state`. What counts is where one gets."
)
def _(q, step, alpha, gamma):
    s, a, reward, _, end = step
    return _moved(q, s, a, alpha * (reward + (not end) * gamma * q[s].max() - q[s, a]))


@q_learning_update.mistake(
    "The old entry is not subtracted: a table that is right would go on growing."
)
def _(q, step, alpha, gamma):
    s, a, reward, after, end = step
    return _moved(q, s, a, alpha * (reward + (not end) * gamma * q[after].max()))


@q_learning_update.mistake(
    "You suppose that the same action is done again. Q-learning takes the best one of next_state."
)
def _(q, step, alpha, gamma):
    s, a, reward, after, end = step
    return _moved(q, s, a, alpha * (reward + (not end) * gamma * q[after, a] - q[s, a]))


def _batches(rng):
    """Return logits, actions and advantages: wide, square, and one with large logits."""
    cases = [
        (
            rng.standard_normal(shape),
            rng.integers(0, shape[1], shape[0]),
            rng.standard_normal(shape[0]),
        )
        for shape in ((5, 3), (4, 4), (2, 6))
    ]
    return [*cases, (1500 * cases[0][0], *cases[0][1:])]


@task(
    "rl.policy_gradient",
    _batches,
    about="The policy gradient trains a classifier whose labels are its own actions, each weighted "
    "by how well it turned out: {eq}`eq-rl-score` in {eq}`eq-rl-reinforce`. "
    "{ref}`sec-rl-policy-gradient` derives it.",
    hints=(
        "By the logits, the gradient of log p[action] is one-hot(action) minus p.",
        "Weight row i with advantages[i]; it needs an axis more to meet a table of shape (N, A).",
        "It is the gradient of a mean over N steps, and the way *up*: no minus sign.",
    ),
)
def policy_gradient(logits, actions, advantages):
    """Return the gradient of the mean of advantage * log(probability of the action).

    Parameters
    ----------
    logits : ndarray, shape (N, A)
        Of a softmax policy, a row for each step; large ones too.
    actions : ndarray of int, shape (N,)
        What was done.
    advantages : ndarray, shape (N,)
        How much better than expected it turned out; constants.

    Returns
    -------
    ndarray, shape (N, A)
    """
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    score = np.eye(logits.shape[1])[actions] - p
    return advantages[:, np.newaxis] * score / len(logits)


@policy_gradient.mistake(
    "The sign is that of a loss: this is the way down. Asked is the gradient of what is to grow."
)
def _(logits, actions, advantages):
    return -policy_gradient.reference(logits, actions, advantages)


@policy_gradient.mistake("A sum over the steps, not a mean: it grows with the length of the data.")
def _(logits, actions, advantages):
    return policy_gradient.reference(logits, actions, advantages) * len(logits)


@policy_gradient.mistake(
    "Only the logit of the action that was done gets a gradient. Softmax ties the others to it."
)
def _(logits, actions, advantages):
    return np.eye(logits.shape[1])[actions] * advantages[:, np.newaxis] / len(logits)


@policy_gradient.mistake("Right for small logits, but the exponential overflows for large ones.")
def _(logits, actions, advantages):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (np.eye(logits.shape[1])[actions] - p) * advantages[:, np.newaxis] / len(logits)


@policy_gradient.mistake(
    "This is the gradient of the probability. Its logarithm is asked for, else rare actions would "
    "hardly be learnt."
)
def _(logits, actions, advantages):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    chosen = p[np.arange(len(p)), actions][:, np.newaxis]
    return policy_gradient.reference(logits, actions, advantages) * chosen
