"""The cart with the pole, alone and many together."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.rl import (
    CartPole,
    VectorCartPole,
    cart_pole_accelerations,
    cart_pole_failed,
    cart_pole_step,
)


def generator(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_observations_have_the_dtype_asked_for(dtype):
    one, many = CartPole(dtype=dtype), VectorCartPole(3, dtype=dtype)
    assert one.reset(generator()).dtype == dtype
    assert one.step(0).observation.dtype == dtype
    assert many.reset(generator()).dtype == dtype
    step = many.step(np.array([0, 1, 1]))
    assert step.observation.dtype == step.next_observation.dtype == dtype
    assert one.state.dtype == many.state.dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mechanics_keep_the_dtype(dtype):
    state = generator().standard_normal((4, 5)).astype(dtype)
    cart, pole = cart_pole_accelerations(state, dtype(10))
    assert cart.dtype == pole.dtype == dtype
    assert cart_pole_step(state, np.array([0, 1, 1, 0, 1])).dtype == dtype


def test_the_mechanics_are_symmetric():
    state = generator().standard_normal((4, 6))
    right, left = cart_pole_step(state, np.ones(6)), cart_pole_step(-state, np.zeros(6))
    np.testing.assert_allclose(right, -left, rtol=0, atol=1e-15)


def test_energy_is_conserved_by_the_equations():
    """Kinetic and potential energy do not change at any instant if nobody pushes."""
    _, v, angle, w = state = generator().standard_normal(4)
    cart, pole = cart_pole_accelerations(state, 0.0)

    def energy(v, angle, w):
        kinetic = 1.1 * v**2 / 2 + 0.05 * v * w * np.cos(angle) + 0.1 * 0.25 * w**2 * 2 / 3
        return kinetic + 0.1 * 9.8 * 0.5 * np.cos(angle)

    h = 1e-6
    after = energy(v + h * cart, angle + h * w, w + h * pole)
    before = energy(v - h * cart, angle - h * w, w - h * pole)
    assert abs(after - before) / (2 * h) < 1e-8


def test_failure_is_beyond_the_limits_not_at_them():
    limit = 12 * 2 * np.pi / 360
    states = np.array([[2.4, 2.41, 0, 0], [0] * 4, [0, 0, limit, -limit * 1.001], [0] * 4])
    assert cart_pole_failed(states).tolist() == [False, True, False, True]


def test_an_episode_is_cut_off_without_having_ended():
    cart = CartPole(max_steps=3)
    cart.reset(generator())
    flags = [cart.step(action)[2:] for action in (0, 1, 0)]
    assert flags == [(False, False), (False, False), (False, True)]
    with pytest.raises(RuntimeError, match="reset"):
        cart.step(0)


def test_a_fall_ends_it():
    cart = CartPole()
    cart.reset(generator())
    steps = []
    while not steps or not steps[-1].ended:
        steps.append(cart.step(1))
    assert steps[-1].terminated
    assert not steps[-1].truncated
    assert 5 < len(steps) < 15
    assert {step.reward for step in steps} == {1.0}


def test_stepping_before_the_start():
    with pytest.raises(RuntimeError, match="reset"):
        CartPole().step(0)
    with pytest.raises(RuntimeError, match="reset"):
        VectorCartPole(2).step([0, 1])


@pytest.mark.parametrize("action", [2, -1, 0.5, "left", None])
def test_an_unknown_action_changes_nothing(action):
    cart = CartPole()
    cart.reset(generator())
    before = cart.state.copy()
    with pytest.raises(ValueError, match="Received: action"):
        cart.step(action)
    assert np.array_equal(cart.state, before)
    assert cart.steps == 0


@pytest.mark.parametrize("actions", [[0, 1, 1], [0, 2], [-1, 0], [0.0, 1.0], 0])
def test_unknown_actions_change_no_cart(actions):
    carts = VectorCartPole(2)
    carts.reset(generator())
    before = carts.state.copy()
    with pytest.raises(ValueError, match="Received"):
        carts.step(actions)
    assert np.array_equal(carts.state, before)


@pytest.mark.parametrize("state", [[0.0, 0.0, 0.0], [0.0, 0.0, np.nan, 0.0]])
def test_a_start_that_is_none(state):
    with pytest.raises(ValueError, match="Received"):
        CartPole().start(state)


@pytest.mark.parametrize(
    "make",
    [lambda: CartPole(max_steps=0), lambda: VectorCartPole(0), lambda: CartPole().reset(3),
     lambda: VectorCartPole(2).reset(None)],
)  # fmt: skip
def test_bad_arguments(make):
    with pytest.raises(ValueError, match="Received"):
        make()


def test_many_carts_move_like_single_ones():
    rng, carts = generator(1), VectorCartPole(6)
    carts.reset(rng)
    singles = [CartPole() for _ in range(6)]
    for i, cart in enumerate(singles):
        cart.start(carts.state[:, i])
    going_on = np.ones(6, bool)
    for _ in range(150):
        actions = rng.integers(0, 2, 6)
        step = carts.step(actions)
        for i in np.flatnonzero(going_on):
            single = singles[i].step(int(actions[i]))
            np.testing.assert_allclose(step.next_observation[i], single.observation, atol=1e-6)
            assert (step.terminated[i], step.truncated[i]) == single[2:]
        restarted = step.ended
        assert np.all(np.abs(step.observation[restarted]) <= 0.05)
        assert np.array_equal(step.observation[~restarted], step.next_observation[~restarted])
        going_on &= ~step.ended
    assert not going_on.any()


def test_the_same_seed_gives_the_same_run():
    runs = []
    for _ in range(2):
        carts, actions = VectorCartPole(4), generator(5)
        carts.reset(generator(3))
        runs.append([carts.step(actions.integers(0, 2, 4)).observation for _ in range(60)])
    assert np.array_equal(*runs)
