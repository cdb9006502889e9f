"""Policy gradients: formulas, the theorem, REINFORCE."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import gradcheck, optimizers
from glassnet.layers import Dense
from glassnet.models import Sequential
from glassnet.rl import (
    Episode,
    Reinforce,
    TabularMDP,
    VectorCartPole,
    action_log_probabilities,
    discounted_visits,
    entropy,
    entropy_gradient,
    exact_policy_gradient,
    expected_return,
    normalize_advantages,
    policy_gradient_loss,
    policy_gradient_loss_gradient,
    policy_values,
    score_function,
)


def generator(seed=0):
    return np.random.default_rng(seed)


def network(outputs, inputs=4, dtype=np.float32):
    net = Sequential([Dense(outputs)])
    net.build((None, inputs), generator(), dtype)
    return net


def small_mdp(dtype=np.float64):
    rng = generator(4)
    transitions = rng.dirichlet(np.ones(4), (4, 2)).astype(dtype)
    transitions /= transitions.sum(axis=-1, keepdims=True)
    rewards = rng.standard_normal((4, 2)).astype(dtype)
    return TabularMDP(transitions, rewards, np.arange(4) == 3)


@pytest.mark.parametrize("weight", [0.0, 0.4])
def test_the_gradient_of_the_loss(weight):
    rng = generator(1)
    logits, advantages = rng.standard_normal((5, 3)), rng.standard_normal(5)
    chosen = rng.integers(0, 3, 5), advantages, weight
    slopes = gradcheck.numerical_gradient(lambda z: policy_gradient_loss(z, *chosen), logits)
    ours = policy_gradient_loss_gradient(logits, *chosen)
    np.testing.assert_allclose(ours, slopes, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_stay(dtype):
    rng = generator()
    logits, actions = rng.standard_normal((5, 3)).astype(dtype), rng.integers(0, 3, 5)
    advantages = rng.standard_normal(5)  # float64, whatever the logits are
    for value in (
        action_log_probabilities(logits, actions),
        score_function(logits, actions),
        entropy(logits),
        entropy_gradient(logits),
        policy_gradient_loss(logits, actions, advantages, 0.1),
        policy_gradient_loss_gradient(logits, actions, advantages, 0.1),
        normalize_advantages(advantages.astype(dtype)),
        discounted_visits(small_mdp(dtype), np.zeros(4, int), 0.9),
        exact_policy_gradient(small_mdp(dtype), np.zeros((4, 2), dtype), 0.9),
    ):
        assert value.dtype == dtype


def test_the_expected_score_is_zero():
    logits = generator().standard_normal((1, 4))
    probabilities = np.exp(action_log_probabilities(np.tile(logits, (4, 1)), range(4)))
    scores = score_function(np.tile(logits, (4, 1)), range(4))
    assert np.isclose(probabilities.sum(), 1)
    np.testing.assert_allclose(probabilities @ scores, 0, atol=1e-15)


def test_extreme_logits_give_finite_numbers():
    logits = np.array([[1e4, -1e4], [-1e4, 1e4]], np.float32)
    assert np.allclose(entropy(logits), 0)
    assert np.isfinite(policy_gradient_loss_gradient(logits, [0, 0], [1.0, 1.0], 1.0)).all()
    assert np.isclose(entropy(np.zeros(3)), np.log(3))


@pytest.mark.parametrize(
    ("logits", "actions", "advantages", "weight"),
    [
        (np.zeros((2, 3)), [0, 3], [1, 1], 0),
        (np.zeros((2, 3)), [0, -1], [1, 1], 0),
        (np.zeros((2, 3)), [0], [1, 1], 0),
        (np.zeros((2, 3)), [0, 1], [1, 1, 1], 0),
        (np.zeros((2, 3)), [0, 1], [[1], [1]], 0),
        (np.zeros((2, 3)), [0, 0.5], [1, 1], 0),
        (np.zeros((2, 3)), [0, 1], [1, 1], -0.1),
        (np.zeros(3), [0], [1], 0),
        (np.zeros((0, 3)), [], [], 0),
    ],
)
def test_what_does_not_fit(logits, actions, advantages, weight):
    for function in (policy_gradient_loss, policy_gradient_loss_gradient):
        with pytest.raises(ValueError, match="Received"):
            function(logits, actions, advantages, weight)


def test_equal_advantages_become_zero_not_infinite():
    assert np.array_equal(normalize_advantages(np.full(4, 0.5)), np.zeros(4))
    with pytest.raises(ValueError, match="Received"):
        normalize_advantages([1.0, 2.0], epsilon=0)


@pytest.mark.parametrize("gamma", [0.0, 0.7, 1.0])
def test_the_theorem(gamma):
    """The gradient through the linear system equals the sum that differentiates neither d nor q."""
    mdp, logits = small_mdp(), generator(2).standard_normal((4, 2))
    slopes = gradcheck.numerical_gradient(lambda z: expected_return(mdp, z, gamma), logits)
    np.testing.assert_allclose(exact_policy_gradient(mdp, logits, gamma), slopes, atol=1e-8)


def test_visits_and_rewards_give_the_value():
    mdp, policy = small_mdp(), generator().dirichlet(np.ones(2), 4)
    visits = discounted_visits(mdp, policy, 0.9)
    earned = visits @ (policy * mdp.rewards).sum(axis=1)
    assert np.isclose(earned, mdp.start @ policy_values(mdp, policy, 0.9))
    assert visits[3] == 0


def test_logits_of_another_process():
    with pytest.raises(ValueError, match="Received"):
        exact_policy_gradient(small_mdp(), np.zeros((3, 2)), 0.9)


def test_a_rewarded_action_becomes_more_likely():
    net = network(2)
    x, episode = np.ones((1, 4)), Episode([np.ones(4), np.ones(4)], [1], np.array([1.0]), True)
    before = net.forward(x)[0]
    Reinforce(net, optimizers.SGD(0.1)).update([episode])
    after = net.forward(x)[0]
    assert after[1] - after[0] > before[1] - before[0]


def test_returns_of_an_episode_that_was_cut_off():
    value = network(1)
    value.set_weights([np.zeros((4, 1)), [8.0]])
    seen = [np.zeros(4)] * 3
    agent = Reinforce(network(2), optimizers.SGD(), value, optimizers.SGD(), gamma=0.5)
    assert agent.returns(Episode(seen, [0, 0], np.array([1.0, 1]), False)).tolist() == [3.5, 5]
    assert agent.returns(Episode(seen, [0, 0], np.array([1.0, 1]), True)).tolist() == [1.5, 1]
    plain = Reinforce(network(2), optimizers.SGD(), gamma=0.5, reward_scale=2.0)
    assert plain.returns(Episode(seen, [0, 0], np.array([1.0, 1]), False)).tolist() == [3, 2]


def test_training_is_reproducible_and_improves():
    runs = []
    for _ in range(2):
        value = Sequential([Dense(16, "tanh"), Dense(1)])
        value.build((None, 4), generator(1))
        net = network(2)
        agent = Reinforce(
            net, optimizers.Adam(0.05), value, optimizers.Adam(0.02), reward_scale=0.05
        )
        runs.append(agent.train(VectorCartPole(10, 200), 40, generator(7)))
    assert np.array_equal(*runs)
    assert runs[0].shape == (40, 10)
    assert runs[0][-5:].mean() > 2 * runs[0][:3].mean()


def test_training_stops_when_told():
    seen = []

    def stop(update, returns):
        seen.append(returns.shape)
        return update == 1

    agent = Reinforce(network(2), optimizers.SGD(0.0), normalize=True)
    assert agent.train(VectorCartPole(2), 9, generator(), callback=stop).shape == (2, 2)
    assert seen == [(1, 2), (2, 2)]


def test_a_baseline_needs_an_optimizer_and_the_reverse():
    same = optimizers.SGD()
    for arguments in (
        (same, network(1)),
        (same, None, optimizers.SGD()),
        (same, network(1), same),
        (same, network(2), optimizers.SGD()),
        (same, network(1, inputs=3), optimizers.SGD()),
    ):
        with pytest.raises(ValueError, match="Received"):
            Reinforce(network(2), *arguments)


@pytest.mark.parametrize(
    "options",
    [{"gamma": 1.5}, {"gamma": -0.1}, {"entropy_weight": -1}, {"reward_scale": 0}],
)
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match="Received"):
        Reinforce(network(2), optimizers.SGD(), **options)
