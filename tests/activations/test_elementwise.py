"""What holds for every elementwise activation: agreement with Keras, dtype, range, errors."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import activations

# name, options, points where the derivative jumps
CASES = [
    ("linear", {}, []),
    ("step", {}, [0]),
    ("sign", {}, [0]),
    ("sigmoid", {}, []),
    ("hard_sigmoid", {}, [-3, 3]),
    ("tanh", {}, []),
    ("softsign", {}, []),
    ("relu", {}, [0]),
    ("relu", {"negative_slope": 0.25}, [0]),
    ("relu", {"max_value": 4.0}, [0, 4]),
    ("relu", {"max_value": 6.0}, [0, 6]),
    ("relu", {"max_value": 0.0}, [0]),
    ("relu", {"threshold": 1.5}, [1.5]),
    ("relu", {"threshold": 1.5, "max_value": 1.0}, [1.5]),
    ("relu", {"threshold": 1.5, "max_value": 6.0}, [1.5, 6]),
    ("relu", {"threshold": 1.5, "negative_slope": 0.1}, [1.5]),
    ("relu", {"max_value": 6.0, "negative_slope": 0.1}, [0, 6]),
    ("relu", {"threshold": 0.5, "max_value": 2.5, "negative_slope": 0.1}, [0.5, 2.5]),
    ("leaky_relu", {"negative_slope": 0.25}, [0]),
    ("leaky_relu", {"negative_slope": 0.0}, [0]),
    ("elu", {}, []),
    ("elu", {"alpha": 0.3}, [0]),
    ("selu", {}, [0]),
    ("softplus", {}, []),
    ("silu", {}, []),
    ("gelu", {}, []),
    ("gelu", {"approximate": True}, []),
    ("mish", {}, []),
]
EXTREME = np.array([0.0, 1e-9, 0.5, 9, 20, 30, 37, 40, 88, 104, 708, 711, 745, 1e4])
EXTREME = np.concatenate([-EXTREME, EXTREME])


def parametrize(cases):
    names = [f"{name}-{options}" if options else name for name, options, _ in cases]
    return pytest.mark.parametrize(("name", "options", "kinks"), cases, ids=names)


each_case = parametrize(CASES)


def functions(name, options):
    """Our function and derivative with the options bound."""
    function = getattr(activations, name)
    derivative = getattr(activations, f"{name}_derivative")
    return lambda x: function(x, **options), lambda x: derivative(x, **options)


def keras_function(keras, name, options):
    special = {
        "step": lambda x: keras.ops.cast(x >= 0, x.dtype),
        "sign": keras.ops.sign,
        "linear": lambda x: x * 1,  # keras.activations.linear gives back the tensor itself
    }
    function = special.get(name) or getattr(keras.activations, name)
    return lambda x: function(x, **options)


def points(kinks, shape=(7, 5, 3)):
    """Random points of both signs, none of them at a kink."""
    x = 3 * np.random.default_rng(5).standard_normal(shape)
    for kink in kinks:
        x[np.abs(x - kink) < 1e-3] += 0.01
    return x


def test_every_elementwise_activation_has_a_case():
    suffix = "_derivative"
    names = {n.removesuffix(suffix) for n in activations.__all__ if n.endswith(suffix)}
    assert names - {"prelu"} == {name for name, _, _ in CASES}


@parametrize([case for case in CASES if case[0] != "gelu"])  # see test_smooth.py for that one
def test_agrees_with_keras(keras, reference, name, options, kinks):
    function, derivative = functions(name, options)
    special = np.array([*kinks, *np.negative(kinks), *EXTREME], np.float64)
    for x in (points(kinks), special):
        y, slope = reference(keras_function(keras, name, options), x)
        assert y.dtype == np.float64
        np.testing.assert_allclose(function(x), y, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(derivative(x), slope, rtol=1e-10, atol=1e-12)


@each_case
def test_derivative_agrees_with_central_differences(name, options, kinks):
    function, derivative = functions(name, options)
    x, h = points(kinks), 1e-6
    slope = (function(x + h) - function(x - h)) / (2 * h)
    np.testing.assert_allclose(derivative(x), slope, rtol=1e-8, atol=1e-8)


@each_case
def test_dtype_and_shape_follow_the_input(name, options, kinks):
    x = points([*kinks, *np.negative(kinks)])
    for f in functions(name, options):
        exact = f(x)
        assert exact.dtype == np.float64
        for dtype, tolerance in ((np.float32, 2e-6), (np.float16, 2e-2)):
            y = f(x.astype(dtype))
            assert y.dtype == dtype
            assert y.shape == x.shape
            np.testing.assert_allclose(
                y, f(x.astype(dtype).astype(np.float64)), tolerance, tolerance
            )
            assert f(x.astype(dtype)[0, 0, 0]).dtype == dtype  # a single number
        assert f([[1, -2]]).dtype == np.float64
        assert np.shape(f(2)) == ()
        assert f(np.zeros((0, 4), np.float32)).shape == (0, 4)


@each_case
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_warning_and_no_overflow_up_to_ten_thousand(name, options, kinks, dtype):
    x = np.concatenate([EXTREME, [-1e-30, 1e-30], np.linspace(-1e4, 1e4, 4001)]).astype(dtype)
    # Underflow alone is let pass: exp(-1e4) is smaller than any float, and 0 is its right rounding.
    with np.errstate(all="raise", under="ignore"):
        for f in functions(name, options):
            assert np.isfinite(f(x)).all()


@each_case
def test_the_input_is_left_alone(name, options, kinks):
    x = points(kinks)
    before = x.copy()
    for f in functions(name, options):
        f(x)
    np.testing.assert_array_equal(x, before)


@each_case
def test_nan_is_passed_on(name, options, kinks):
    assert np.isnan(functions(name, options)[0]([np.nan, 1.0])[0])


@each_case
@pytest.mark.parametrize("bad", ["abc", ["a", "b"], [1 + 2j], [[1.0], [1.0, 2.0]], None, [{}]])
def test_bad_input_raises(name, options, kinks, bad):
    for f in functions(name, options):
        with pytest.raises(ValueError, match="`x` must"):
            f(bad)
