"""Environments side by side, episodes of them, and the record of a training."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.layers import Dense
from glassnet.models import Sequential
from glassnet.rl import (
    CartPole,
    EpisodeLog,
    GreedyPolicy,
    SoftmaxPolicy,
    SyncVectorEnvironment,
    VectorCartPole,
    VectorEnvironment,
    VectorStep,
    epsilon_greedy_actions,
    maze,
    run_episode,
    run_episodes,
    sample_actions,
)


def generator(seed=0):
    return np.random.default_rng(seed)


def network(dtype=np.float32):
    net = Sequential([Dense(2)])
    net.build((None, 4), generator(), dtype)
    return net


def test_one_by_one_is_as_all_at_once():
    both = VectorCartPole(3), SyncVectorEnvironment([CartPole() for _ in range(3)])
    both[0].reset(generator())
    both[1].reset(generator())
    for i, cart in enumerate(both[1].environments):
        cart.start(both[0].state[:, i])
    actions = generator(2)
    for _ in range(8):
        chosen = actions.integers(0, 2, 3)
        first, second = (each.step(chosen) for each in both)
        np.testing.assert_allclose(first.next_observation, second.next_observation, atol=1e-6)
        assert np.array_equal(first.terminated, second.terminated)
        assert not first.ended.any()


@pytest.mark.parametrize(
    "environments", [[], [CartPole(), maze()], [CartPole()] * 2], ids=["none", "kinds", "twice"]
)
def test_environments_that_do_not_go_together(environments):
    with pytest.raises(ValueError, match="Received"):
        SyncVectorEnvironment(environments)


def test_the_base_class_asks_for_its_methods():
    with pytest.raises(TypeError, match=r"advance.*begin"):
        VectorEnvironment()


def test_an_episode_cut_off_by_the_caller_has_not_ended():
    (episode,) = run_episodes(VectorCartPole(1), SoftmaxPolicy(network()), generator(), 4)
    assert not episode.terminated
    assert (len(episode.observations), len(episode.actions), episode.total) == (5, 4, 4.0)


def test_what_comes_after_an_end_is_left_out():
    episodes = run_episodes(VectorCartPole(20), lambda x, rng: np.ones(20, int), generator())
    lengths = {len(episode.actions) for episode in episodes}
    assert len(lengths) > 1
    for episode in episodes:
        assert episode.terminated
        assert episode.total == len(episode.actions) == len(episode.observations) - 1
        assert abs(episode.observations[-1][2]) > 0.2  # fallen
        assert max(abs(seen[2]) for seen in episode.observations[:-1]) < 0.21


def test_the_log_keeps_returns_lengths_and_times():
    log = EpisodeLog(2)
    assert np.isnan(log.mean_return())
    nothing = np.zeros((2, 1))
    for reward, ended in ([1, 2], [0, 1]), ([3, 4], [0, 0]), ([5, 6], [1, 1]):
        flags = np.array(ended, bool)
        log.update(VectorStep(nothing, np.array(reward), flags, ~flags & False, nothing))
    assert log.returns == [2, 9, 10]
    assert log.lengths == [1, 3, 2]
    assert log.steps == [2, 6, 6]
    assert (log.total_steps, log.mean_return(2), log.mean_return()) == (6, 9.5, 7.0)
    with pytest.raises(ValueError, match="Received"):
        log.mean_return(0)


def test_policies_take_one_observation_or_many():
    x = generator().standard_normal((9, 4))
    for policy in (SoftmaxPolicy(network()), GreedyPolicy(network())):
        assert isinstance(policy(x[0], generator()), int)
        actions = policy(x, generator())
        assert actions.shape == (9,)
        assert set(actions.tolist()) <= {0, 1}
        episode = run_episode(CartPole(), policy, generator(), 3)
        assert all(isinstance(action, int) for action in episode.actions)


def test_greedy_policies_are_greedy():
    net, x = network(), generator().standard_normal((50, 4)).astype(np.float32)
    best = net.forward(x).argmax(axis=1)
    assert np.array_equal(GreedyPolicy(net)(x, generator()), best)
    assert 0 < np.mean(GreedyPolicy(net, 1.0)(x, generator()) == best) < 1


def test_certain_logits_are_certain():
    logits = np.array([[1e4, 0, 0], [0, 1e4, 0], [0, 0, 1e4]], np.float32)
    for seed in range(20):
        assert sample_actions(logits, generator(seed)).tolist() == [0, 1, 2]


def test_actions_are_integers_and_depend_on_the_seed_alone():
    values = generator().standard_normal((30, 3))
    for draw in (sample_actions, lambda v, rng: epsilon_greedy_actions(v, 0.5, rng)):
        first, again, other = (draw(values, generator(seed)) for seed in (1, 1, 2))
        assert first.dtype == np.int64
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)


@pytest.mark.parametrize("epsilon", [-0.1, 1.1, "often"])
def test_a_bad_epsilon(epsilon):
    with pytest.raises(ValueError, match="Received"):
        GreedyPolicy(network(), epsilon)


def test_a_network_that_is_no_policy():
    with pytest.raises(ValueError, match="build"):
        SoftmaxPolicy(Sequential([Dense(2)]))
    net = Sequential([Dense(2)])
    net.build((None, 3, 4), generator())
    with pytest.raises(ValueError, match="Received"):
        SoftmaxPolicy(net)
