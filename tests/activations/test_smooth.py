"""Accuracy of the smooth activations where a naive formula loses it."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from glassnet import activations
from glassnet.activations import smooth
from glassnet.activations._erfc import erfc


def test_erfc_is_accurate_to_a_few_units_in_the_last_place():
    x = np.concatenate([np.linspace(-7, 26, 33_001), [0.0, -0.0, 1e-300, -1e-10, 3.75]])
    exact = np.array([math.erfc(v) for v in x])
    np.testing.assert_allclose(erfc(x), exact, rtol=1e-15)


def test_erfc_at_the_ends():
    with np.errstate(all="raise", under="ignore"):
        ends = erfc(np.array([-np.inf, -1e4, -30, 0, 30, 1e4, np.inf]))
    np.testing.assert_array_equal(ends, [2, 2, 2, 1, 0, 0, 0])
    assert np.isnan(erfc(np.array([np.nan])))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_erfc_keeps_dtype_and_shape(dtype):
    y = erfc(np.full((2, 3), 0.5, dtype))
    assert y.dtype == dtype
    np.testing.assert_allclose(y, np.full((2, 3), math.erfc(0.5)), rtol=np.finfo(dtype).eps)


def keras_gelu(keras, reference, approximate):
    x = np.concatenate([np.linspace(-9, 9, 181), [-1e4, -40, 0, 40, 1e4]])
    return x, *reference(lambda t: keras.activations.gelu(t, approximate=approximate), x)


def test_gelu_agrees_with_keras_up_to_its_rounded_constant(keras, reference):
    # TensorFlow casts sqrt(1/2) through float32, even for float64. With c for the rounded number
    # over the exact one, what it computes is x Phi(c x) = gelu(c x) / c.
    x, y, slope = keras_gelu(keras, reference, approximate=False)
    c = float(np.float32(math.sqrt(0.5))) / math.sqrt(0.5)
    assert 1e-8 < abs(c - 1) < 1e-7
    np.testing.assert_allclose(activations.gelu(c * x) / c, y, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(activations.gelu_derivative(c * x), slope, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(activations.gelu(x), y, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(activations.gelu_derivative(x), slope, rtol=1e-7, atol=1e-7)


def test_approximate_gelu_agrees_with_keras_up_to_its_rounded_constant(
    keras, reference, monkeypatch
):
    x, y, slope = keras_gelu(keras, reference, approximate=True)
    for rounded, tol in ((False, 1e-7), (True, 1e-12)):
        if rounded:  # TensorFlow casts 0.044715 through float32, even for float64
            monkeypatch.setattr(smooth, "_GELU_CUBIC", float(np.float32(smooth._GELU_CUBIC)))
        np.testing.assert_allclose(activations.gelu(x, approximate=True), y, rtol=1e-10, atol=tol)
        ours = activations.gelu_derivative(x, approximate=True)
        np.testing.assert_allclose(ours, slope, rtol=1e-10, atol=tol)


def test_gelu_is_x_times_the_normal_distribution_function():
    x = np.linspace(-9, 9, 181)
    exact = [v * NormalDist().cdf(v) for v in x]
    np.testing.assert_allclose(activations.gelu(x), exact, rtol=1e-14, atol=1e-15)
    exact = [NormalDist().cdf(v) + v * NormalDist().pdf(v) for v in x]
    np.testing.assert_allclose(activations.gelu_derivative(x), exact, rtol=1e-13, atol=1e-15)


def test_gelu_keeps_its_left_tail():
    x = np.array([-6.0, -10.0, -20.0, -30.0])
    exact = [v / 2 * math.erfc(-v / math.sqrt(2)) for v in x]
    np.testing.assert_allclose(activations.gelu(x), exact, rtol=1e-12)
    assert (activations.gelu(x) < 0).all()  # with 1 + erf(x) these would all be 0


def test_gelu_approximation_is_close_but_not_equal():
    x = np.linspace(-5, 5, 1001)
    gap = np.abs(activations.gelu(x) - activations.gelu(x, approximate=True)).max()
    assert 1e-4 < gap < 1e-3


def test_softplus_sigmoid_and_its_slope_keep_their_left_tail():
    x = np.array([-40.0, -100.0, -700.0])  # here all three are exp(x) to 17 digits
    for f in (activations.softplus, activations.sigmoid, activations.sigmoid_derivative):
        np.testing.assert_allclose(f(x), np.exp(x), rtol=1e-14)
    slope = activations.sigmoid_derivative(-x)  # even; s (1 - s) would be 0
    np.testing.assert_allclose(slope, np.exp(x), rtol=1e-14)


def test_derivatives_of_the_family_are_related():
    x = np.linspace(-6, 6, 241)
    sigmoid = activations.sigmoid(x)
    np.testing.assert_allclose(activations.softplus_derivative(x), sigmoid, rtol=1e-15)
    np.testing.assert_allclose(activations.tanh(x), 2 * activations.sigmoid(2 * x) - 1, atol=1e-15)
    np.testing.assert_allclose(sigmoid + activations.sigmoid(-x), 1, rtol=1e-15)
