"""Options of the rectifiers, and the parametric ReLU."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import activations
from glassnet.activations import (
    prelu,
    prelu_alpha_gradient,
    prelu_derivative,
    relu,
    relu_derivative,
)


def test_relu_by_hand():
    np.testing.assert_array_equal(relu([-2.0, 0.0, 3.0]), [0, 0, 3])
    np.testing.assert_array_equal(relu_derivative([-2.0, 0.0, 3.0]), [0, 0, 1])
    assert not np.signbit(relu([-2.0])).any()  # no "-0." in a printed array
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(relu([-np.inf, np.inf]), [0, np.inf])


def test_default_slope_of_leaky_relu_is_keras_rounded_to_float32(keras, reference):
    # TensorFlow keeps the slope as a float32 whatever the tensor is, so 0.2 differs by 1.5e-8.
    x = np.linspace(-5, 5, 41)
    y, slope = reference(keras.activations.leaky_relu, x)
    rounded = float(np.float32(0.2))
    for s, rtol in ((rounded, 1e-10), (0.2, 1e-7)):
        np.testing.assert_allclose(activations.leaky_relu(x, s), y, rtol=rtol)
        np.testing.assert_allclose(activations.leaky_relu_derivative(x, s), slope, rtol=rtol)
    np.testing.assert_array_equal(activations.leaky_relu(x), activations.leaky_relu(x, 0.2))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("relu", {"negative_slope": -0.1}),
        ("relu", {"max_value": -1}),
        ("relu", {"threshold": -1}),
        ("relu", {"threshold": None}),
        ("relu", {"max_value": "6"}),
        ("leaky_relu", {"negative_slope": -0.1}),
        ("leaky_relu", {"negative_slope": np.ones(3)}),
        ("leaky_relu", {"negative_slope": np.nan}),
        ("elu", {"alpha": -1.0}),
        ("elu", {"alpha": "1"}),
    ],
)
def test_bad_options_raise(name, options):
    (option,) = options
    for suffix in ("", "_derivative"):
        with pytest.raises(ValueError, match=f"`{option}` must .*Received: {option}="):
            getattr(activations, name + suffix)(np.ones(3), **options)


def test_selu_constants_keep_mean_0_and_variance_1():
    # The definition of the constants: a standard normal number keeps both moments.
    z = np.linspace(-12, 12, 240_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    y = activations.selu(z)
    assert abs(np.sum(y * density)) < 1e-9
    assert abs(np.sum(y**2 * density) - 1) < 1e-9


@pytest.mark.parametrize("shape", [(5,), (4, 5), (4, 3, 5)])
def test_prelu_agrees_with_keras(keras, reference, shape):
    rng = np.random.default_rng(2)
    x, dy = rng.standard_normal((7, *shape)), rng.standard_normal((7, *shape))
    x.flat[::6] = 0  # the kink
    layer = keras.layers.PReLU(shared_axes=list(range(1, len(shape))), dtype="float64")
    layer.build(x.shape)
    alpha = rng.standard_normal(5)
    layer.set_weights([alpha.reshape(layer.alpha.shape)])
    y, dx = reference(layer, x, dy)
    np.testing.assert_allclose(prelu(x, alpha), y, rtol=1e-12)
    np.testing.assert_allclose(dy * prelu_derivative(x, alpha), dx, rtol=1e-12)

    def as_function_of_alpha(a):  # the formula of the Keras layer, with alpha as the variable
        return keras.ops.relu(x) - a * keras.ops.relu(-x)

    spread = np.broadcast_to(alpha, x.shape).copy()
    _, per_entry = reference(as_function_of_alpha, spread, dy)
    summed = per_entry.sum(axis=tuple(range(x.ndim - 1)))
    np.testing.assert_allclose(prelu_alpha_gradient(dy, x), summed, rtol=1e-12, atol=1e-13)


def test_prelu_derivatives_agree_with_central_differences():
    rng = np.random.default_rng(3)
    x, dy, alpha = rng.standard_normal((4, 3, 5)), rng.standard_normal((4, 3, 5)), rng.random(5)
    h = 1e-6
    slope = (prelu(x + h, alpha) - prelu(x - h, alpha)) / (2 * h)
    np.testing.assert_allclose(prelu_derivative(x, alpha), slope, rtol=1e-8)
    for i, direction in enumerate(np.eye(5)):
        change = prelu(x, alpha + h * direction) - prelu(x, alpha - h * direction)
        expected = np.sum(dy * change) / (2 * h)
        np.testing.assert_allclose(prelu_alpha_gradient(dy, x)[i], expected, rtol=1e-8)


def test_prelu_accepts_slopes_per_entry_of_a_sample():
    rng = np.random.default_rng(4)
    x, alpha = rng.standard_normal((7, 4, 5)), rng.standard_normal((4, 5))
    expected = np.where(x > 0, x, alpha[None] * x)
    np.testing.assert_array_equal(prelu(x, alpha), expected)
    np.testing.assert_array_equal(prelu_derivative(x, alpha), np.where(x > 0, 1, alpha[None]))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_prelu_dtype_follows_the_input(dtype):
    x = np.array([[-1, 2], [3, -4]], dtype)
    for y in (
        prelu(x, [0.5, 0.25]),
        prelu_derivative(x, [0.5, 0.25]),
        prelu_alpha_gradient(x, x),
    ):
        assert y.dtype == dtype
    np.testing.assert_array_equal(prelu(x, [0.5, 0.25]), [[-0.5, 2], [3, -1]])
    np.testing.assert_array_equal(prelu_alpha_gradient(x, x), [1, 16])


@pytest.mark.parametrize(
    "alpha", [np.ones(4), np.ones((3, 1)), np.ones((1, 1, 5)), np.ones((2, 5))]
)
@pytest.mark.parametrize("f", [prelu, prelu_derivative])
def test_prelu_with_alpha_of_a_wrong_shape_raises(f, alpha):
    x = np.ones((7, 5))
    with pytest.raises(ValueError, match=r"`alpha` must broadcast to \(7, 5\)\. Received: shape="):
        f(x, alpha)


def test_prelu_bad_input_raises():
    for f in (prelu, prelu_derivative):
        with pytest.raises(ValueError, match="`x` must"):
            f("abc", [1.0])
        with pytest.raises(ValueError, match="`alpha` must hold real numbers"):
            f(np.ones((2, 1)), ["a"])
        with pytest.raises(ValueError, match="`alpha` must broadcast"):
            f(1.0, [0.1])
    with pytest.raises(ValueError, match="`dy` and `x` must have the same shape"):
        prelu_alpha_gradient(np.ones((7, 5)), np.ones((7, 1)))
    with pytest.raises(ValueError, match="last axis"):
        prelu_alpha_gradient(1.0, 1.0)
