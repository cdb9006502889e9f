"""The update functions against the formulas, written another way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from glassnet import optimizers as o

RATE = 0.07


def gradients(steps=100, shape=(3, 4), seed=0):
    return np.random.default_rng(seed).standard_normal((steps,) + shape)


def running_mean(values, keep):
    """(1 − ρ) Σ_i ρ^(t−i) x_i for every t, as the sum it is."""
    means = []
    for t in range(len(values)):
        weights = keep ** np.arange(t, -1, -1.0)
        means.append((1 - keep) * np.tensordot(weights, values[: t + 1], 1))
    return np.array(means)


def start():
    return np.random.default_rng(9).standard_normal((3, 4))


def test_sgd_is_a_power_on_a_quadratic():
    curvature = np.array([0.5, 2.0, 10.0])
    param = np.array([1.0, -2.0, 3.0])
    for _ in range(20):
        o.sgd_update(param, curvature * param, RATE)
    np.testing.assert_allclose(
        param, (1 - RATE * curvature) ** 20 * np.array([1.0, -2.0, 3.0]), rtol=1e-12
    )


def test_momentum_is_a_geometric_sum():
    grads, mu = gradients(), 0.8
    param, velocity = start(), np.zeros((3, 4))
    for grad in grads:
        o.momentum_update(param, grad, velocity, RATE, mu)
    # gradient i has been added mu^0 + ... + mu^(t-i) times
    n = len(grads)
    weights = (1 - mu ** np.arange(n, 0, -1.0)) / (1 - mu)
    np.testing.assert_allclose(param, start() - RATE * np.tensordot(weights, grads, 1), rtol=1e-12)


def test_nesterov_stores_the_point_ahead():
    rng = np.random.default_rng(3)
    root = rng.standard_normal((4, 4))
    hessian, mu, rate = root @ root.T / 4, 0.8, 0.05
    theta, u = rng.standard_normal(4), np.zeros(4)
    param, velocity = theta.copy(), np.zeros(4)  # u = 0: both points coincide
    for _ in range(50):
        u = mu * u - rate * hessian @ (theta + mu * u)
        theta = theta + u
        o.nesterov_update(param, hessian @ param, velocity, rate, mu)
        np.testing.assert_allclose(param, theta + mu * u, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(velocity, u, rtol=1e-11, atol=1e-13)


def test_adagrad():
    grads, param, accumulator = gradients(), start(), np.full((3, 4), 0.1)
    for grad in grads:
        o.adagrad_update(param, grad, accumulator, RATE, 1e-3)
    sums = 0.1 + np.cumsum(grads**2, axis=0)
    expected = start() - (RATE * grads / np.sqrt(sums + 1e-3)).sum(axis=0)
    np.testing.assert_allclose(param, expected, rtol=1e-12)


def test_adadelta():
    grads, rho, epsilon = gradients(), 0.9, 1e-3
    param, squares, steps = start(), np.zeros((3, 4)), np.zeros((3, 4))
    for grad in grads:
        o.adadelta_update(param, grad, squares, steps, RATE, rho, epsilon)
    deltas = []
    for t, mean_square in enumerate(running_mean(grads**2, rho)):
        before = running_mean(np.array(deltas) ** 2, rho)[-1] if deltas else 0.0
        deltas.append(np.sqrt((before + epsilon) / (mean_square + epsilon)) * grads[t])
    np.testing.assert_allclose(param, start() - RATE * np.sum(deltas, axis=0), rtol=1e-11)


@pytest.mark.parametrize("momentum", [0.0, 0.7])
@pytest.mark.parametrize("centered", [False, True])
def test_rmsprop(centered, momentum):
    grads, rho, epsilon = gradients() + 0.5, 0.8, 1e-3
    optimizer = o.RMSprop(RATE, rho, momentum, epsilon, centered)
    param = start()
    for grad in grads:
        optimizer.apply([grad], [param])
    variance = running_mean(grads**2, rho)
    if centered:
        variance = variance - running_mean(grads, rho) ** 2
    steps = RATE * grads / np.sqrt(variance + epsilon)
    weights = (1 - momentum ** np.arange(len(grads), 0, -1.0)) / (1 - momentum)
    np.testing.assert_allclose(param, start() - np.tensordot(weights, steps, 1), rtol=1e-11)


def test_centered_rmsprop_survives_a_variance_that_rounds_below_zero():
    """With a constant large gradient in float32, only rounding is left of it."""
    optimizer = o.RMSprop(centered=True)
    param, grad = np.zeros(64, np.float32), np.linspace(900, 1100, 64, dtype=np.float32)
    below = False
    for _ in range(300):
        optimizer.apply([grad], [param])
        slots = optimizer.slots[0]
        below |= bool((slots["mean_square"] - slots["mean"] ** 2 < -1e-7).any())
    assert below  # the case is met
    assert np.isfinite(param).all()


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam(amsgrad):
    grads, beta_1, beta_2, epsilon = gradients(), 0.8, 0.9, 1e-3
    optimizer = o.Adam(RATE, beta_1, beta_2, epsilon, amsgrad)
    param = start()
    for grad in grads:
        optimizer.apply([grad], [param])
    v = running_mean(grads**2, beta_2)
    if amsgrad:
        v = np.maximum.accumulate(v)
    t = np.arange(1, len(grads) + 1).reshape(-1, 1, 1)
    m_hat = running_mean(grads, beta_1) / (1 - beta_1**t)
    v_hat = v / (1 - beta_2**t)
    epsilon_t = epsilon / np.sqrt(1 - beta_2**t)  # the paper's epsilon for its epsilon hat
    expected = start() - (RATE * m_hat / (np.sqrt(v_hat) + epsilon_t)).sum(axis=0)
    np.testing.assert_allclose(param, expected, rtol=1e-12, atol=1e-12)


def test_adams_first_step_is_the_sign_of_the_gradient():
    param, grad = np.zeros(3), np.array([1e-3, -5.0, 2e4])
    o.adam_update(param, grad, np.zeros(3), np.zeros(3), 1, RATE, 0.9, 0.999, 1e-12)
    np.testing.assert_allclose(param, -RATE * np.sign(grad), rtol=1e-7)


def test_weight_decay_does_not_pass_through_adam():
    plain, decayed = np.array([2.0, -3.0]), np.array([2.0, -3.0])
    grad = np.array([0.3, 0.4])
    o.Adam(RATE).apply([grad], [plain])
    o.AdamW(RATE, weight_decay=0.5).apply([grad], [decayed])
    np.testing.assert_allclose(decayed - plain, -RATE * 0.5 * np.array([2.0, -3.0]), rtol=1e-12)


def test_average_weights():
    grads, mu = gradients(30), 0.8
    optimizer = o.SGD(RATE, use_ema=True, ema_momentum=mu)
    param, path = start(), []
    for grad in grads:
        optimizer.apply([grad], [param])
        path.append(param.copy())
    expected = path[0]
    for point in path[1:]:
        expected = mu * expected + (1 - mu) * point
    np.testing.assert_allclose(optimizer.averages[0], expected, rtol=1e-13)
    np.testing.assert_array_equal(param, path[-1])
    optimizer.finalize([param])
    np.testing.assert_array_equal(param, optimizer.averages[0])
    assert param is not optimizer.averages[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_clipping(dtype):
    a, b = np.array([[3.0, -4.0]], dtype), np.array([12.0], dtype)
    assert o.global_norm([a, b]) == pytest.approx(13, rel=1e-6)
    np.testing.assert_allclose(o.clip_by_norm(a, 1.0), [[0.6, -0.8]], rtol=1e-6)
    np.testing.assert_array_equal(o.clip_by_norm(a, 5.5), a)
    np.testing.assert_array_equal(o.clip_by_value(a, 3.5), [[3.0, -3.5]])
    clipped = o.clip_by_global_norm([a, b], 6.5)
    np.testing.assert_allclose(clipped[0], a / 2, rtol=1e-6)
    np.testing.assert_allclose(clipped[1], b / 2, rtol=1e-6)
    np.testing.assert_array_equal(o.clip_by_global_norm([a, b], 14.0)[1], b)
    results = [o.clip_by_norm(a, 1.0), o.clip_by_value(a, 3.5), *clipped]
    assert {result.dtype for result in results} == {np.dtype(dtype)}
    assert o.global_norm([]) == 0
    assert o.global_norm([np.zeros((0, 3), dtype), np.zeros(2, dtype)]) == 0


@pytest.mark.parametrize(("dtype", "huge"), [(np.float32, 1e30), (np.float64, 1e200)])
def test_clipping_keeps_the_direction_of_an_exploding_gradient(dtype, huge):
    """The square of such a gradient overflows."""
    grad = np.array([3 * huge, 4 * huge], dtype)
    assert math.isclose(o.global_norm([grad]), 5 * huge, rel_tol=1e-6)
    np.testing.assert_allclose(o.clip_by_norm(grad, 1.0), [0.6, 0.8], rtol=1e-6)
    np.testing.assert_allclose(o.clip_by_global_norm([grad], 1.0)[0], [0.6, 0.8], rtol=1e-6)
