"""Gymnasium's environments as ours, ours as Gymnasium's, states as vectors."""

from __future__ import annotations

import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from glassnet.rl import (
    CartPole,
    GymnasiumEnvironment,
    OneHotEnvironment,
    TicTacToe,
    as_gymnasium,
    maze,
    random_player,
    run_episode,
)

LIMITS = np.array([4.8, np.inf, 0.42, np.inf], np.float32)


def generator(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.filterwarnings("ignore:.*WARN")  # of a missing specification, infinite bounds
@pytest.mark.parametrize(
    "make", [lambda: as_gymnasium(CartPole(), -LIMITS, LIMITS), lambda: as_gymnasium(maze())]
)
def test_gymnasium_accepts_our_environments(make):
    check_env(make())


def test_the_same_seed_gives_the_same_episode():
    def policy(observation, rng):
        return int(rng.integers(2))

    environment = GymnasiumEnvironment("CartPole-v1")
    first, again, other = (run_episode(environment, policy, generator(s)) for s in (1, 1, 2))
    assert np.array_equal(first.observations, again.observations)
    assert first.actions == again.actions
    assert not np.array_equal(first.observations[0], other.observations[0])


def test_it_says_what_it_is():
    cart, lake = GymnasiumEnvironment("CartPole-v1"), GymnasiumEnvironment("FrozenLake-v1")
    assert (cart.num_actions, cart.num_states, cart.observation_shape) == (2, None, (4,))
    assert (lake.num_actions, lake.num_states, lake.observation_shape) == (4, 16, ())
    assert type(lake.reset(generator())) is int
    assert cart.reset(generator()).dtype == np.float32


def test_the_limit_of_steps_is_a_truncation():
    environment = GymnasiumEnvironment("CartPole-v1", max_episode_steps=3)
    environment.reset(generator())
    flags = [environment.step(action)[2:] for action in (0, 1, 0)]
    assert flags == [(False, False), (False, False), (False, True)]
    with pytest.raises(RuntimeError, match="reset"):
        environment.step(0)


def test_stepping_before_the_start():
    with pytest.raises(RuntimeError, match="reset"):
        GymnasiumEnvironment("CartPole-v1").step(0)


@pytest.mark.parametrize("action", [2, -1, True, 0.5])
def test_an_unknown_action(action):
    environment = GymnasiumEnvironment("CartPole-v1")
    environment.reset(generator())
    with pytest.raises(ValueError, match="Received: action"):
        environment.step(action)


@pytest.mark.parametrize(
    "make",
    [
        lambda: GymnasiumEnvironment(CartPole()),
        lambda: GymnasiumEnvironment(gymnasium.make("CartPole-v1"), is_slippery=True),
        lambda: GymnasiumEnvironment("Pendulum-v1"),  # its actions are forces
        lambda: GymnasiumEnvironment("Blackjack-v1"),  # its observations are tuples
        lambda: GymnasiumEnvironment("CartPole-v1").reset(0),
    ],
)
def test_what_cannot_be_adapted(make):
    with pytest.raises(ValueError, match="Received"):
        make()


def test_without_gymnasium(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(ImportError, match="adapters need"):
        GymnasiumEnvironment("CartPole-v1")
    with pytest.raises(ImportError, match="adapters need"):
        as_gymnasium(CartPole())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_states_as_vectors(dtype):
    plain, environment = maze(), OneHotEnvironment(maze(), dtype)
    first = environment.reset(generator())
    assert first.dtype == dtype
    assert first.tolist() == np.eye(plain.num_states)[plain.reset(generator())].tolist()
    step, expected = environment.step(1), plain.step(1)
    assert step.observation.argmax() == expected.observation
    assert step[1:] == expected[1:]
    assert environment.encode(np.array([[0, 1]])).shape == (1, 2, plain.num_states)


def test_states_that_cannot_be_shown_as_vectors():
    with pytest.raises(ValueError, match="Received"):
        OneHotEnvironment(CartPole())
    with pytest.raises(ValueError, match="legal_actions"):
        OneHotEnvironment(TicTacToe(random_player))
