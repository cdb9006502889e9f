"""Replay, targets, and deep Q-networks."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import gradcheck, optimizers
from glassnet.layers import Dense
from glassnet.models import Sequential
from glassnet.rl import (
    DQN,
    OneHotEnvironment,
    ReplayBuffer,
    SyncVectorEnvironment,
    TabularMDP,
    Transitions,
    VectorCartPole,
    dqn_loss,
    dqn_loss_gradient,
    dqn_targets,
    linear_decay,
    update_target,
    value_iteration,
)


def generator(seed=0):
    return np.random.default_rng(seed)


def network(dtype=np.float32, outputs=2, inputs=4):
    net = Sequential([Dense(8, "tanh"), Dense(outputs)])
    net.build((None, inputs), generator(3), dtype)
    return net


def batch(n, start=0):
    x = np.arange(start, start + n)
    return np.stack([x, -x], axis=1), x % 2, 1.0 * x, np.stack([x + 1, x], axis=1), x % 3 == 0


def test_the_buffer_keeps_the_latest_steps_in_order():
    buffer = ReplayBuffer(5, (2,))
    assert len(buffer) == 0
    buffer.add(*batch(3))
    assert len(buffer) == 3
    assert buffer.contents().rewards.tolist() == [0, 1, 2]
    buffer.add(*batch(4, 3))
    assert len(buffer) == 5
    contents = buffer.contents()
    assert contents.rewards.tolist() == [2, 3, 4, 5, 6]
    assert np.array_equal(contents.observations[:, 0], contents.rewards)
    assert np.array_equal(contents.next_observations[:, 0], contents.rewards + 1)
    assert np.array_equal(contents.terminated, contents.rewards % 3 == 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_buffer_keeps_its_dtype_and_copies(dtype):
    buffer, steps = ReplayBuffer(4, (2,), dtype), batch(4)
    buffer.add(*steps)
    steps[0][...] = 99
    drawn = buffer.sample(6, generator())
    assert drawn.size == 6
    assert drawn.observations.dtype == drawn.rewards.dtype == dtype
    drawn.rewards[...] = 99
    assert buffer.contents().rewards.max() == 3
    assert buffer.contents().observations.max() == 3


def test_every_step_is_drawn_as_often():
    buffer = ReplayBuffer(8, (2,))
    buffer.add(*batch(8))
    buffer.add(*batch(3, 8))  # has gone round
    counts = np.bincount(buffer.sample(16_000, generator()).rewards.astype(int), minlength=11)
    assert counts[:3].tolist() == [0, 0, 0]
    assert np.sum((counts[3:] - 2000) ** 2 / 2000) < 24.3  # 99.9 % of chi-squared with 7 degrees


def test_only_what_is_there_is_drawn():
    buffer = ReplayBuffer(100, (2,))
    with pytest.raises(RuntimeError, match="before"):
        buffer.sample(1, generator())
    buffer.add(*batch(2, 7))
    assert set(buffer.sample(50, generator()).rewards.tolist()) == {7, 8}


@pytest.mark.parametrize("which", range(5))
def test_a_batch_that_does_not_fit_changes_nothing(which):
    buffer, steps = ReplayBuffer(9, (2,)), list(batch(3))
    buffer.add(*steps)
    steps[which] = np.zeros((3, 3))
    with pytest.raises(ValueError, match="Received"):
        buffer.add(*steps)
    assert buffer.contents().rewards.tolist() == [0, 1, 2]


def test_more_than_the_buffer_holds():
    with pytest.raises(ValueError, match="Received: 4 at once"):
        ReplayBuffer(3, (2,)).add(*batch(4))


def test_nothing_follows_an_end_but_something_a_cut():
    q = np.array([[1.0, 3.0], [1.0, 3.0]])
    assert dqn_targets([1.0, 1.0], [True, False], q, 0.5).tolist() == [1, 2.5]
    choice = np.array([[2.0, 0.0], [2.0, 0.0]])
    assert dqn_targets([1.0, 1.0], [True, False], q, 0.5, choice).tolist() == [1, 1.5]


def test_double_targets_are_never_larger():
    q, choice = generator().standard_normal((2, 50, 4))
    plain = dqn_targets(np.zeros(50), np.zeros(50, bool), q, 0.9)
    assert np.all(dqn_targets(np.zeros(50), np.zeros(50, bool), q, 0.9, choice) <= plain)


def test_the_gradient_of_the_loss():
    rng = generator()
    q, actions, targets = rng.standard_normal((6, 3)), rng.integers(0, 3, 6), rng.normal(0, 2, 6)
    slopes = gradcheck.numerical_gradient(lambda z: dqn_loss(z, actions, targets, 0.8), q)
    ours = dqn_loss_gradient(q, actions, targets, 0.8)
    np.testing.assert_allclose(ours, slopes, rtol=1e-7, atol=1e-9)
    assert np.count_nonzero(ours) == 6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_stay(dtype):
    q = generator().standard_normal((5, 3)).astype(dtype)
    actions, targets = np.array([0, 1, 2, 0, 1]), np.ones(5)
    assert dqn_loss(q, actions, targets).dtype == dtype
    assert dqn_loss_gradient(q, actions, targets).dtype == dtype
    assert dqn_targets(np.ones(5, dtype), np.zeros(5, bool), q, 0.9).dtype == dtype
    agent = DQN(network(dtype), optimizers.Adam(), double=True)
    buffer = ReplayBuffer(50, (4,))
    agent.train(VectorCartPole(2), 6, generator(), buffer, 0.5, 4, 4)
    assert {weight.dtype for weight in agent.network.get_weights()} == {np.dtype(dtype)}
    assert {grad.dtype for grad in agent.network.gradients} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    ("q", "actions", "targets"),
    [
        (np.zeros((2, 3)), [0, 3], [0, 0]),
        (np.zeros((2, 3)), [0], [0, 0]),
        (np.zeros((2, 3)), [0, 1], [0]),
        (np.zeros(3), [0], [0]),
    ],
)
def test_losses_of_what_does_not_fit(q, actions, targets):
    for function in (dqn_loss, dqn_loss_gradient):
        with pytest.raises(ValueError, match="Received"):
            function(q, actions, targets)


@pytest.mark.parametrize(
    "arguments",
    [([0.0], [False], np.zeros((2, 3)), 0.9), ([0.0, 0], [False], np.zeros((2, 3)), 0.9),
     ([0.0, 0], [False] * 2, np.zeros((2, 3)), 0.9, np.zeros((2, 2))),
     ([0.0, 0], [False] * 2, np.zeros((2, 3)), 1.9), ([0.0], [False], np.zeros(3), 0.9)],
)  # fmt: skip
def test_targets_of_what_does_not_fit(arguments):
    with pytest.raises(ValueError, match="Received"):
        dqn_targets(*arguments)


def test_the_target_network_is_a_copy_and_moves_in_time():
    agent = DQN(network(), optimizers.SGD(0.5), target_period=3)
    start = agent.target.get_weights()
    rng = generator()
    for number in range(1, 4):
        agent.update(
            Transitions(
                rng.standard_normal((5, 4)),
                rng.integers(0, 2, 5),
                rng.standard_normal(5),
                rng.standard_normal((5, 4)),
                np.zeros(5, bool),
            )
        )
        ours = zip(agent.target.get_weights(), start, strict=True)
        assert all(np.array_equal(*pair) for pair in ours) == (number < 3)
    both = zip(agent.target.get_weights(), agent.network.get_weights(), strict=True)
    assert all(np.array_equal(*pair) for pair in both)


@pytest.mark.parametrize("rate", [0.0, 0.25, 1.0])
def test_the_target_moves_by_its_share(rate):
    target, net = network(), network()
    target.set_weights([np.zeros_like(w) for w in target.get_weights()])
    update_target(target, net, rate)
    for moved, goal in zip(target.get_weights(), net.get_weights(), strict=True):
        np.testing.assert_allclose(moved, rate * goal, rtol=1e-6)
    with pytest.raises(ValueError, match="Received"):
        update_target(target, net, 1.5)


@pytest.mark.parametrize("double", [False, True])
def test_a_small_process_is_learnt_from_experience(double):
    """Acting at random in one-hot states, the values come close to the exact ones."""
    rng = generator(2)
    following = rng.integers(0, 5, (5, 2))
    following[0] = [1, 4]
    mdp = TabularMDP(np.eye(5)[following], rng.standard_normal((5, 2)), np.arange(5) == 4)
    exact = value_iteration(mdp, 0.8).values
    net = Sequential([Dense(2, use_bias=False, kernel_initializer="zeros")])
    net.build((None, 5), rng, np.float64)
    agent = DQN(net, optimizers.SGD(2.0), 0.8, double, delta=10.0, target_period=10)
    worlds = SyncVectorEnvironment([OneHotEnvironment(mdp.with_start()) for _ in range(4)])
    agent.train(worlds, 1500, rng, ReplayBuffer(2000, (5,)), 1.0, 64, 100)
    np.testing.assert_allclose(net.get_weights()[0][:4].max(axis=1), exact[:4], atol=1e-3)


def test_training_is_reproducible_and_stops_when_told():
    runs = []
    for _ in range(2):
        agent = DQN(network(), optimizers.Adam())
        epsilon = linear_decay(1.0, 0.1, 30)
        buffer = ReplayBuffer(60, (4,))
        log = agent.train(
            VectorCartPole(3), 99, generator(1), buffer, epsilon, 8, 20, 2, lambda n, log: n == 40
        )
        assert (len(buffer), log.total_steps) == (60, 41 * 3)
        assert agent.updates == 2 * (41 - 6)  # after six decisions there are 20 steps or nearly so
        runs.append((log.returns, agent.network.get_weights()))
    assert runs[0][0] == runs[1][0]
    assert all(np.array_equal(*pair) for pair in zip(runs[0][1], runs[1][1], strict=True))


@pytest.mark.parametrize(
    "options",
    [{"gamma": 1.1}, {"delta": 0}, {"target_period": 0}, {"target_rate": 0}, {"reward_scale": -1}],
)
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match="Received"):
        DQN(network(), optimizers.SGD(), **options)


def test_an_epsilon_out_of_range():
    agent = DQN(network(), optimizers.SGD())
    for epsilon in (1.5, lambda step: -1):
        with pytest.raises(ValueError, match="Received"):
            agent.train(VectorCartPole(2), 3, generator(), ReplayBuffer(9, (4,)), epsilon)
