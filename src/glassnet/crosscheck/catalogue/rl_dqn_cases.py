"""Deep Q-networks and replay: against Keras' gradients, exact values, and a queue."""

from __future__ import annotations

from collections import deque

import numpy as np

from glassnet import layers, optimizers, rl
from glassnet.models import Sequential

from ..comparisons import compare
from ..precision import float64, load_keras
from ..report import Report, compare_arrays
from ..twins import keras_twin
from .registry import case
from .rl_deep_cases import ACTIONS, BATCH, STATES, after_sgd, network, weight_rows


@case("rl.dqn_loss, against Keras", "rl.dqn_loss", "rl.dqn_loss_gradient")
def _dqn_loss(rng):
    tensorflow, keras = load_keras()
    actions, targets = rng.integers(0, ACTIONS, BATCH), 2 * rng.standard_normal(BATCH)

    def theirs(q):
        taken = tensorflow.gather(q, actions, axis=1, batch_dims=1)
        return keras.losses.Huber(0.7, dtype="float64")(targets, taken)

    return compare(
        lambda q: rl.dqn_loss(q, actions, targets, 0.7),
        theirs,
        rng.standard_normal((BATCH, ACTIONS)),
        backward=lambda dy, q: dy * rl.dqn_loss_gradient(q, actions, targets, 0.7),
        rng=rng,
    )


@case("rl.dqn_targets, step by step", "rl.dqn_targets")
def _dqn_targets(rng):
    judge, choice = rng.standard_normal((2, BATCH, ACTIONS))
    rewards, terminated = rng.standard_normal(BATCH), rng.random(BATCH) < 0.4
    plain, double = [], []
    for r, end, q, c in zip(rewards, terminated, judge, choice, strict=True):
        plain.append(r if end else r + 0.9 * max(q))
        double.append(r if end else r + 0.9 * q[max(range(ACTIONS), key=c.__getitem__)])
    rows = [
        compare_arrays("max", rl.dqn_targets(rewards, terminated, judge, 0.9), plain),
        compare_arrays("double", rl.dqn_targets(rewards, terminated, judge, 0.9, choice), double),
    ]
    return Report("targets", rows)


@case("rl.update_target, entry by entry", "rl.update_target")
def _update_target(rng):
    target, net = network(2, 3, rng), network(2, 3, rng)
    theirs = [
        0.8 * a + 0.2 * b for a, b in zip(target.get_weights(), net.get_weights(), strict=True)
    ]
    rl.update_target(target, net, 0.2)
    return Report("target network", weight_rows(target, None, theirs))


@case("rl.DQN, updates against Keras", "rl.DQN", "rl.Transitions")
def _dqn(rng):
    """Three updates; the target network moves after the second."""
    tensorflow, keras = load_keras()
    rows = []
    for double in (False, True):
        net = network(ACTIONS, 4, rng)
        agent = rl.DQN(net, optimizers.SGD(0.1), 0.9, double, 0.7, 2, 0.4, reward_scale=2.0)
        agent.target.set_weights([rng.standard_normal(w.shape) for w in net.get_weights()])
        with float64():
            twin, target = keras_twin(net), keras_twin(agent.target)
            for number in range(3):
                batch = rl.Transitions(
                    rng.standard_normal((BATCH, 4)),
                    rng.integers(0, ACTIONS, BATCH),
                    rng.standard_normal(BATCH),
                    rng.standard_normal((BATCH, 4)),
                    rng.random(BATCH) < 0.4,
                )
                judged = target(batch.next_observations).numpy()
                choosing = (twin if double else target)(batch.next_observations).numpy()
                best = judged[np.arange(batch.size), choosing.argmax(axis=1)]
                goal = 2.0 * batch.rewards + 0.9 * best * ~batch.terminated
                with tensorflow.GradientTape() as tape:
                    q = tensorflow.gather(
                        twin(batch.observations), batch.actions, axis=1, batch_dims=1
                    )
                    loss = keras.losses.Huber(0.7, dtype="float64")(goal, q)
                twin.set_weights(after_sgd(tape, loss, [twin]))
                if number == 1:
                    pairs = zip(target.get_weights(), twin.get_weights(), strict=True)
                    target.set_weights([0.6 * a + 0.4 * b for a, b in pairs])
                ours = agent.update(batch)
                name = f"loss {number}, double={double}"
                rows.append(compare_arrays(name, ours, loss.numpy()))
            rows += weight_rows(net, None, twin.get_weights())
            rows += weight_rows(agent.target, None, target.get_weights())
    return Report("DQN", rows)


@case("rl.DQN, one-hot states against exact values", "rl.DQN", "rl.OneHotEnvironment")
def _dqn_tabular(rng):
    """With a weight for each state and action and all transitions in every batch, a table."""
    following = rng.integers(0, STATES, (STATES, ACTIONS))
    following[0, 0] = STATES - 1
    rewards = rng.standard_normal((STATES, ACTIONS))
    terminal = np.arange(STATES) == STATES - 1
    mdp = rl.TabularMDP(np.eye(STATES)[following], rewards, terminal, 0)
    exact = np.zeros((STATES, ACTIONS))
    for _ in range(200):  # sweeps, by the definition
        best = np.where(terminal, 0, exact.max(axis=1))
        exact = np.where(terminal[:, np.newaxis], 0, rewards + 0.7 * best[following])
    encode = rl.OneHotEnvironment(mdp, np.float64).encode
    states, actions = (each.ravel() for each in np.indices((STATES - 1, ACTIONS)))
    reached = following[states, actions]
    batch = rl.Transitions(
        encode(states), actions, rewards[states, actions], encode(reached), terminal[reached]
    )
    net = Sequential([layers.Dense(ACTIONS, use_bias=False, kernel_initializer="zeros")])
    net.build((None, STATES), rng, np.float64)
    full = optimizers.SGD(float(batch.size))  # the loss is a mean; this step meets the target
    agent = rl.DQN(net, full, 0.7, delta=100.0, target_period=1)
    for _ in range(100):
        agent.update(batch)
    return Report("DQN as a table", [compare_arrays("q", net.get_weights()[0], exact)])


@case("rl.ReplayBuffer, against a queue", "rl.ReplayBuffer", "rl.Transitions")
def _replay(rng):
    from scipy.stats import chi2

    buffer, queue, number = rl.ReplayBuffer(7, (2,), np.float64), deque(maxlen=7), 0
    rows = []
    for batch in (3, 5, 2, 7, 1, 4):
        x = number + np.arange(batch)
        number += batch
        seen, after = np.stack([x, -x], axis=1), np.stack([x + 0.5, x], axis=1)
        buffer.add(seen, x % 3, 10.0 * x, after, x % 2 == 0)
        queue.extend(zip(seen, x % 3, 10.0 * x, after, x % 2 == 0, strict=True))
        for name, ours, theirs in zip(
            rl.Transitions._fields, buffer.contents(), zip(*queue, strict=True), strict=True
        ):
            rows.append(compare_arrays(f"{name} after {number}", ours, np.stack(theirs), 0, 0))
    drawn = buffer.sample(7000, rng)
    rows.append(compare_arrays("reward and action", drawn.rewards / 10 % 3, drawn.actions, 0, 0))
    counts = np.bincount(drawn.rewards.astype(int) // 10, minlength=number)[-7:]
    statistic = np.sum((counts - 1000) ** 2 / 1000)
    excess = max(statistic - chi2.ppf(0.999, 6), 0.0)
    rows.append(compare_arrays("chi-squared beyond its 99.9 % quantile", excess, 0.0))
    return Report("replay buffer", rows)
