"""Policy gradients and actor-critic: against Keras' gradients, and all episodes there are."""

from __future__ import annotations

import numpy as np

from glassnet import layers, optimizers, rl
from glassnet.models import Sequential

from ..comparisons import compare
from ..precision import float64, load_keras
from ..report import Report, compare_arrays
from ..twins import keras_twin
from .registry import case

STATES, ACTIONS, BATCH = 6, 3, 11


def network(outputs, inputs, rng, hidden=5):
    """A network with random weights, biases included; linear if `hidden` is 0."""
    body = [layers.Dense(hidden, "tanh")] if hidden else []
    net = Sequential([*body, layers.Dense(outputs)])
    net.build((None, inputs), rng, np.float64)
    net.set_weights([rng.standard_normal(value.shape) for value in net.get_weights()])
    return net


def after_sgd(tape, loss, twins):
    """Weights of the twins after a step of 0.1 against the gradient."""
    variables = [variable for twin in twins for variable in twin.trainable_variables]
    slopes = tape.gradient(loss, [variable.value for variable in variables])
    return [v.numpy() - 0.1 * g.numpy() for v, g in zip(variables, slopes, strict=True)]


def weight_rows(net, value, expected):
    ours = [*net.get_weights(), *(value.get_weights() if value else ())]
    pairs = enumerate(zip(ours, expected, strict=True))
    return [compare_arrays(f"weight {i} afterwards", *pair) for i, pair in pairs]


def layered_mdp(rng):
    """Three decisions and an end: states 0 and 1, then 2 and 3, then 4, then 5."""
    transitions = np.zeros((STATES, ACTIONS, STATES))
    for state, following in ((0, [2, 3]), (1, [2, 3]), (2, [4]), (3, [4]), (4, [5]), (5, [5])):
        share = rng.dirichlet(np.ones(len(following)), ACTIONS)
        transitions[state][:, following] = share
    rewards = 2 + rng.standard_normal((STATES, ACTIONS))
    start = np.array([0.3, 0.7, 0, 0, 0, 0])
    return rl.TabularMDP(transitions, rewards, np.arange(STATES) == 5, start)


def all_episodes(mdp, policy):
    """Every possible episode: probability, states (the last one included), actions, rewards."""
    pending = [(p, [s], [], []) for s, p in enumerate(mdp.start) if p > 0]
    while pending:
        p, states, actions, rewards = pending.pop()
        s = states[-1]
        if mdp.terminal[s]:
            yield p, states, actions, rewards
            continue
        for a in range(mdp.num_actions):
            for t in np.flatnonzero(mdp.transitions[s, a]):
                chance = p * policy[s, a] * mdp.transitions[s, a, t]
                earned = [*rewards, mdp.rewards[s, a]]
                pending.append((chance, [*states, int(t)], [*actions, a], earned))


def gradient_of(f, x, step=1e-5):
    """Central differences, entry by entry."""
    slopes = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        shift = np.zeros_like(x)
        shift[i] = step
        slopes[i] = (f(x + shift) - f(x - shift)) / (2 * step)
    return slopes


def enumerated_return(mdp, logits, gamma):
    """Expected discounted return, episode by episode."""
    policy = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return sum(
        p * sum(gamma**t * r for t, r in enumerate(rewards))
        for p, _, _, rewards in all_episodes(mdp, policy)
    )


@case(
    "rl.policy_gradient_loss, surrogate loss",
    "rl.policy_gradient_loss",
    "rl.policy_gradient_loss_gradient",
)
def _policy_gradient_loss(rng):
    tensorflow, _ = load_keras()
    actions, advantages = rng.integers(0, ACTIONS, BATCH), rng.standard_normal(BATCH)

    def theirs(logits):
        logs = tensorflow.nn.log_softmax(logits)
        chosen = tensorflow.gather(logs, actions, axis=1, batch_dims=1)
        spread = -tensorflow.reduce_sum(tensorflow.exp(logs) * logs, axis=1)
        return -tensorflow.reduce_mean(advantages * chosen + 0.3 * spread)

    return compare(
        lambda logits: rl.policy_gradient_loss(logits, actions, advantages, 0.3),
        theirs,
        2 * rng.standard_normal((BATCH, ACTIONS)),
        backward=lambda dy, logits: (
            dy * rl.policy_gradient_loss_gradient(logits, actions, advantages, 0.3)
        ),
        rng=rng,
    )


@case("rl.action_log_probabilities", "rl.action_log_probabilities", "rl.score_function")
def _score(rng):
    _, keras = load_keras()
    actions = rng.integers(0, ACTIONS, BATCH)
    return compare(
        lambda logits: rl.action_log_probabilities(logits, actions),
        lambda logits: (
            -keras.losses.sparse_categorical_crossentropy(actions, logits, from_logits=True)
        ),
        2 * rng.standard_normal((BATCH, ACTIONS)),
        backward=lambda dy, logits: dy[:, np.newaxis] * rl.score_function(logits, actions),
        rng=rng,
    )


@case("rl.entropy", "rl.entropy", "rl.entropy_gradient")
def _entropy(rng):
    _, keras = load_keras()
    return compare(
        rl.entropy,
        lambda z: -keras.ops.sum(keras.ops.softmax(z) * keras.ops.log_softmax(z), axis=-1),
        2 * rng.standard_normal((2, BATCH, ACTIONS)),
        backward=lambda dy, logits: dy[..., np.newaxis] * rl.entropy_gradient(logits),
        rng=rng,
    )


@case("rl.normalize_advantages, against scikit-learn", "rl.normalize_advantages")
def _normalize(rng):
    from sklearn.preprocessing import scale

    x = 3 + 2 * rng.standard_normal(BATCH)
    ours = rl.normalize_advantages(x, epsilon=1e-14)
    return Report("advantages", [compare_arrays("values", ours, scale(x))])


@case(
    "rl.exact_policy_gradient, against the enumerated return",
    "rl.exact_policy_gradient",
    "rl.expected_return",
)
def _theorem(rng):
    mdp, logits, gamma = layered_mdp(rng), rng.standard_normal((STATES, ACTIONS)), 0.8
    slopes = gradient_of(lambda z: enumerated_return(mdp, z, gamma), logits)
    value = rl.expected_return(mdp, logits, gamma)
    rows = [
        compare_arrays("J", value, enumerated_return(mdp, logits, gamma)),
        compare_arrays(
            "gradient of J", rl.exact_policy_gradient(mdp, logits, gamma), slopes, 1e-7, 1e-9
        ),
    ]
    return Report("policy gradient theorem", rows, "Finite differences are good to about 1e-9.")


@case("rl.discounted_visits, against powers of the matrix", "rl.discounted_visits")
def _visits(rng):
    transitions = rng.dirichlet(np.ones(STATES), (STATES, ACTIONS))
    terminal = np.arange(STATES) == 2
    start = np.insert(rng.dirichlet(np.ones(STATES - 1)), 2, 0.0)
    mdp = rl.TabularMDP(transitions, np.zeros((STATES, ACTIONS)), terminal, start)
    policy, gamma = rng.dirichlet(np.ones(ACTIONS), STATES), 0.8
    share, total = mdp.start * ~terminal, np.zeros(STATES)
    for t in range(200):
        total += gamma**t * share
        share = sum(share[s] * policy[s, a] * transitions[s, a] for s in range(6) for a in range(3))
        share = share * ~terminal
    return Report("visits", [compare_arrays("d", rl.discounted_visits(mdp, policy, gamma), total)])


@case("rl.Reinforce, expectation over all episodes", "rl.Reinforce")
def _reinforce(rng):
    """The mean step is the gradient of J, with a baseline too, which makes steps vary less."""
    mdp, logits = layered_mdp(rng), rng.standard_normal((STATES, ACTIONS))
    exact = gradient_of(lambda z: enumerated_return(mdp, z, 1.0), logits)
    policy = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    baseline = rl.policy_values(mdp, policy, 1.0)[:, np.newaxis]
    rows, spreads = [], []
    for title, extra in (("no baseline", False), ("baseline", True)):
        net, value = network(ACTIONS, STATES, rng, 0), network(1, STATES, rng, 0)
        value.set_weights([baseline, np.zeros(1)])
        own = (value, optimizers.SGD(0.0)) if extra else ()
        agent = rl.Reinforce(net, optimizers.SGD(1.0), *own, gamma=1.0)
        mean, square = np.zeros_like(logits), 0.0
        for p, states, actions, rewards in all_episodes(mdp, policy):
            net.set_weights([logits, np.zeros(ACTIONS)])
            seen = list(np.eye(STATES)[states])
            agent.update([rl.Episode(seen, actions, np.array(rewards), True)])
            step = net.get_weights()[0] - logits
            mean += p * step
            square += p * np.sum(step**2)
        rows.append(compare_arrays(f"mean step, {title}", mean, exact, 1e-7, 1e-9))
        spreads.append(square - np.sum(mean**2))
    less = max(spreads[1] - 0.7 * spreads[0], 0.0)
    rows.append(compare_arrays("variance with a baseline, beyond 0.7 of that without", less, 0.0))
    return Report("REINFORCE", rows, "Finite differences are good to about 1e-9.")


@case("rl.Reinforce, an update against Keras", "rl.Reinforce")
def _reinforce_update(rng):
    """Two episodes, the second one cut off, with baseline, discount, entropy and scale."""
    tensorflow, _ = load_keras()
    net, value = network(ACTIONS, 4, rng), network(1, 4, rng)
    episodes = [
        rl.Episode(
            list(rng.standard_normal((n + 1, 4))),
            rng.integers(0, ACTIONS, n).tolist(),
            rng.standard_normal(n),
            n == 5,
        )
        for n in (5, 7)
    ]
    with float64():
        twins = [keras_twin(net), keras_twin(value)]
        x = np.concatenate([each.observations[:-1] for each in episodes])
        actions = np.concatenate([each.actions for each in episodes])
        follows = float(twins[1](episodes[1].observations[-1][np.newaxis])[0, 0])
        targets = [
            sum(0.9**k * 0.5 * r for k, r in enumerate(each.rewards[t:]))
            + (0.0 if each.terminated else 0.9 ** (len(each.rewards) - t) * follows)
            for each in episodes
            for t in range(len(each.rewards))
        ]
        with tensorflow.GradientTape() as tape:
            judged = twins[1](x)[:, 0]
            logs = tensorflow.nn.log_softmax(twins[0](x))
            chosen = tensorflow.gather(logs, actions, axis=1, batch_dims=1)
            spread = -tensorflow.reduce_sum(tensorflow.exp(logs) * logs, axis=1)
            gain = tensorflow.stop_gradient(targets - judged) * chosen + 0.3 * spread
            loss = tensorflow.reduce_mean((judged - targets) ** 2)
            loss -= tensorflow.reduce_sum(gain) / len(episodes)
        expected = after_sgd(tape, loss, twins)
    rates = optimizers.SGD(0.1), optimizers.SGD(0.1)
    agent = rl.Reinforce(net, rates[0], value, rates[1], 0.9, 0.3, reward_scale=0.5)
    agent.update(episodes)
    return Report("REINFORCE", weight_rows(net, value, expected))


@case("rl.td_errors, step by step", "rl.td_errors")
def _td_errors(rng):
    r, v, w = rng.standard_normal((3, 7, 2))
    terminated = rng.random((7, 2)) < 0.3
    theirs = [
        [r[t, i] - v[t, i] + (0 if terminated[t, i] else 0.9 * w[t, i]) for i in range(2)]
        for t in range(7)
    ]
    ours = rl.td_errors(r, v, w, terminated, 0.9)
    return Report("temporal differences", [compare_arrays("delta", ours, theirs)])


@case("rl.generalized_advantages, identities", "rl.generalized_advantages")
def _gae(rng):
    """The double sum; TD errors for 0; the return minus the value for 1."""
    time, n, gamma, lam = 9, 2, 0.9, 0.7
    rewards, values = rng.standard_normal((2, time, n))
    last = rng.standard_normal(n)
    ended = np.zeros((time, n), bool)
    ended[3, 0] = ended[6, 1] = ended[1, 1] = True  # all of them ends for good
    following = np.vstack([values[1:], last])
    deltas = rewards + gamma * np.where(ended, 0, following) - values

    def reach(t, i):
        """Steps from t to the end of its episode, or of the data."""
        stops = [k for k in range(t, time) if ended[k, i]]
        return (stops[0] if stops else time - 1) - t + 1

    def total(terms, decay):
        return [
            [sum(decay**k * terms[t + k, i] for k in range(reach(t, i))) for i in range(n)]
            for t in range(time)
        ]

    returns = np.array(total(rewards, gamma))
    for t, i in np.ndindex(time, n):
        if not ended[t:, i].any():
            returns[t, i] += gamma ** (time - t) * last[i]
    gae = [rl.generalized_advantages(deltas, ended, gamma, each) for each in (lam, 0.0, 1.0)]
    rows = [
        compare_arrays("lambda=0.7, double sum", gae[0], total(deltas, gamma * lam)),
        compare_arrays("lambda=0, TD error", gae[1], deltas),
        compare_arrays("lambda=1, return minus value", gae[2], returns - values),
    ]
    return Report("advantages", rows)


@case(
    "rl.ActorCritic, an update against Keras",
    "rl.ActorCritic",
    "rl.Rollout",
    "rl.collect_rollout",
)
def _actor_critic(rng):
    tensorflow, _ = load_keras()
    net, value = network(2, 4, rng), network(1, 4, rng)
    carts = rl.VectorCartPole(3, max_steps=6, dtype=np.float64)
    policy = rl.SoftmaxPolicy(net)
    rollout, _ = rl.collect_rollout(carts, carts.reset(rng), policy, 9, rng)
    rollout = rollout._replace(  # rewards and ends that are not all the same
        rewards=rng.standard_normal((9, 3)),
        terminated=rollout.ended & (rng.random((9, 3)) < 0.5),
    )
    size = rollout.size
    flat = {k: v.reshape(size, *v.shape[2:]) for k, v in rollout._asdict().items()}
    with float64():
        twins = [keras_twin(net), keras_twin(value)]
        now, later = (
            twins[1](flat[key]).numpy().reshape(9, 3)
            for key in ("observations", "next_observations")
        )
        later = np.where(rollout.terminated, 0, later)
        advantages = np.zeros((9, 3))
        for t, i in np.ndindex(9, 3):
            for k in range(t, 9):
                delta = 0.5 * rollout.rewards[k, i] + 0.9 * later[k, i] - now[k, i]
                advantages[t, i] += (0.9 * 0.7) ** (k - t) * delta
                if rollout.ended[k, i]:
                    break
        targets, weights = (advantages + now).reshape(-1), advantages.reshape(-1)
        with tensorflow.GradientTape() as tape:
            logs = tensorflow.nn.log_softmax(twins[0](flat["observations"]))
            chosen = tensorflow.gather(logs, flat["actions"], axis=1, batch_dims=1)
            spread = -tensorflow.reduce_sum(tensorflow.exp(logs) * logs, axis=1)
            value_loss = tensorflow.reduce_mean(
                (twins[1](flat["observations"])[:, 0] - targets) ** 2
            )
            policy_loss = -tensorflow.reduce_mean(weights * chosen + 0.3 * spread)
            loss = value_loss + policy_loss
        expected = after_sgd(tape, loss, twins)
    rates = optimizers.SGD(0.1), optimizers.SGD(0.1)
    agent = rl.ActorCritic(net, value, *rates, 0.9, 0.7, 0.3, reward_scale=0.5)
    logs = agent.update(rollout)
    rows = [
        compare_arrays("policy loss", logs["policy_loss"], policy_loss.numpy()),
        compare_arrays("value loss", logs["value_loss"], value_loss.numpy()),
    ]
    return Report("actor-critic", rows + weight_rows(net, value, expected))
