"""Softmax and log-softmax."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.activations import (
    log_softmax,
    log_softmax_backward,
    softmax,
    softmax_backward,
)

PAIRS = {"softmax": (softmax, softmax_backward), "log_softmax": (log_softmax, log_softmax_backward)}
each_pair = pytest.mark.parametrize("name", PAIRS)


@each_pair
@pytest.mark.parametrize("axis", [-1, 0, 1, 2, -2])
def test_agrees_with_keras(keras, reference, name, axis):
    forward, backward = PAIRS[name]
    rng = np.random.default_rng(1)
    dy = rng.standard_normal((4, 3, 5))  # all-ones would be blind: the gradient is then 0
    for scale in (1, 300):
        x = scale * rng.standard_normal((4, 3, 5))
        y, dx = reference(lambda t: getattr(keras.activations, name)(t, axis=axis), x, dy)
        np.testing.assert_allclose(forward(x, axis), y, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(backward(dy, forward(x, axis), axis), dx, 1e-10, 1e-12)


@each_pair
@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_backward_agrees_with_central_differences(name, axis):
    forward, backward = PAIRS[name]
    rng = np.random.default_rng(2)
    x, dy = rng.standard_normal((4, 3, 5)), rng.standard_normal((4, 3, 5))
    dx, h = backward(dy, forward(x, axis), axis), 1e-6
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        slope = np.sum(dy * (forward(x + step, axis) - forward(x - step, axis))) / (2 * h)
        np.testing.assert_allclose(dx[index], slope, rtol=1e-7, atol=1e-9)


def test_softmax_by_hand():
    np.testing.assert_allclose(softmax(np.log([1.0, 2.0, 5.0])), [1 / 8, 2 / 8, 5 / 8], rtol=1e-15)
    np.testing.assert_allclose(log_softmax([0, 0]), [-np.log(2)] * 2, rtol=1e-15)


@each_pair
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtype_is_kept(name, dtype):
    forward, backward = PAIRS[name]
    x = np.array([[0.5, -1, 3], [2, 2, -2]], dtype)
    y = forward(x)
    assert y.dtype == backward(x, y).dtype == dtype
    np.testing.assert_allclose(y, forward(x.astype(np.float64)), rtol=8 * np.finfo(dtype).eps)
    assert forward([[1, 2]]).dtype == np.float64


@each_pair
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_stable_up_to_ten_thousand(name, dtype):
    forward, backward = PAIRS[name]
    x = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4], [1e4, 1e4, 9999]], dtype)
    # exp(-2e4) underflows to 0, which is its right rounding; nothing else may go wrong
    with np.errstate(all="raise", under="ignore"):
        y = forward(x)
        dx = backward(np.ones_like(x), y)
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()
    p = y if name == "softmax" else np.exp(y)
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-6 if dtype == np.float32 else 1e-12)
    np.testing.assert_allclose(forward(x + dtype(8)), y, rtol=1e-6)  # a shift changes nothing
    if name == "log_softmax":
        np.testing.assert_array_equal(y[0], [0, -2e4, -1e4])


def test_masked_logits_get_probability_zero():
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(softmax([0.0, -np.inf, 0.0]), [0.5, 0, 0.5])


@each_pair
def test_arguments_are_left_alone(name):
    forward, backward = PAIRS[name]
    x, dy = np.random.default_rng(3).standard_normal((2, 4, 3))
    copies = x.copy(), dy.copy()
    y = forward(x)
    y_copy = y.copy()
    backward(dy, y)
    for array, copy in zip((x, dy, y), (*copies, y_copy), strict=True):
        np.testing.assert_array_equal(array, copy)


@each_pair
def test_bad_arguments_raise(name):
    forward, backward = PAIRS[name]
    x = np.ones((2, 3))
    for axis in (2, -3, 1.0, None, True, "last"):
        with pytest.raises(ValueError, match=r"`axis` must.*Received: axis="):
            forward(x, axis)
        with pytest.raises(ValueError, match=r"`axis` must.*Received: axis="):
            backward(x, x, axis)
    with pytest.raises(ValueError, match="must not be empty"):
        forward(np.ones((2, 0)))
    with pytest.raises(ValueError, match="`axis` must"):
        forward(1.0)
    with pytest.raises(ValueError, match="`dy` and `y` must have the same shape"):
        backward(np.ones((2, 1)), x)
    for bad in ("abc", [1j, 2], [[1], [1, 2]], None):
        with pytest.raises(ValueError, match="`x` must"):
            forward(bad)
        with pytest.raises(ValueError, match="`dy` must"):
            backward(bad, x)
        with pytest.raises(ValueError, match="`y` must"):
            backward(x, bad)
