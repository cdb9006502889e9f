"""The gradient checker: right gradients pass, wrong ones are named."""

from __future__ import annotations

import gradient_checks
import numpy as np
import pytest

from glassnet import gradcheck, layers, losses
from glassnet.gradcheck import GradientError


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize("name", gradient_checks.GRADIENT_CHECKS)
def test_every_backward_pass_of_the_core(name):
    report = gradient_checks.run(name)
    assert report.ok
    assert len(report.rows) >= 1


def test_numerical_gradient_of_a_polynomial(rng):
    x = rng.standard_normal((3, 4))
    start = x.copy()
    gradient = gradcheck.numerical_gradient(lambda x: np.sum(x**3), x)
    np.testing.assert_allclose(gradient, 3 * x**2, rtol=1e-9, atol=1e-10)
    np.testing.assert_array_equal(x, start)


def test_the_step_is_near_the_best():
    """Ten times as large or as small a step gives a larger error for exp."""
    x = np.linspace(0.5, 2, 50)

    def error(step):
        gradient = gradcheck.numerical_gradient(lambda x: np.exp(x).sum() - x.sum(), x, step)
        return np.abs(gradient - np.exp(x) + 1).max()

    best = error(gradcheck.STEP)
    assert best < 1e-8
    assert error(gradcheck.STEP * 30) > best
    assert error(gradcheck.STEP / 300) > best


def test_large_entries_get_a_larger_step():
    x = np.array([1e8])
    gradient = gradcheck.numerical_gradient(lambda x: float(x[0] ** 2), x)
    np.testing.assert_allclose(gradient, 2 * x, rtol=1e-8)


def test_numerical_gradient_wants_a_scalar(rng):
    with pytest.raises(ValueError, match=r"scalar.*shape=\(3,\)"):
        gradcheck.numerical_gradient(lambda x: x, rng.standard_normal(3))


def test_check_derivative_names_the_index():
    x = np.array([[0.5, 1.0], [1.5, 2.0]])

    def wrong(x):
        derivative = np.cos(x)
        derivative[1, 0] += 1e-3
        return derivative

    with pytest.raises(GradientError, match=r"sin.*\[1, 0\] is 0\.0717.*0\.0707.*1 of 4"):
        gradcheck.check_derivative(np.sin, wrong, x)
    assert gradcheck.check_derivative(np.sin, np.cos, x).ok


def test_check_function_takes_several_arrays(rng):
    a, b = rng.standard_normal((3, 4)), rng.standard_normal((4, 2))

    def backward(dy, a, b):
        return dy @ b.T, a.T @ dy

    report = gradcheck.check_function(np.matmul, backward, (a, b), rng)
    assert [row.quantity for row in report.rows] == ["x0, all 12 entries", "x1, all 8 entries"]
    with pytest.raises(GradientError, match="x1"):
        gradcheck.check_function(np.matmul, lambda dy, a, b: (dy @ b.T, -a.T @ dy), (a, b), rng)
    partly = gradcheck.check_function(np.matmul, lambda dy, a, b: (None, a.T @ dy), (a, b), rng)
    assert len(partly.rows) == 1


def test_check_function_rejects_too_many_gradients(rng):
    with pytest.raises(ValueError, match="1 arrays expected"):
        gradcheck.check_function(np.sin, lambda dy, x: (dy, dy), rng.standard_normal(3), rng)


def test_the_cotangent_is_random(rng):
    """With all ones, the gradient of softmax is zero, whatever `backward` forgets."""

    def softmax(x):
        e = np.exp(x)
        return e / e.sum(axis=-1, keepdims=True)

    with pytest.raises(GradientError):
        gradcheck.check_function(
            softmax, lambda dy, x: np.zeros_like(x), rng.standard_normal((3, 4)), rng
        )


@pytest.mark.parametrize("size", [60, 70])
def test_a_single_wrong_entry_is_found_in_small_and_large_arrays(size, rng):
    def wrong(dy, x):
        gradient = dy * np.cos(x)
        gradient[size // 2] += 1e-3
        return gradient

    with pytest.raises(GradientError, match="x"):
        gradcheck.check_function(np.sin, wrong, rng.standard_normal(size), rng)


def test_a_wrong_shape_is_named(rng):
    with pytest.raises(GradientError, match=r"shape \(1, 3\), x has \(3,\)"):
        gradcheck.check_function(
            np.sin, lambda dy, x: (dy * np.cos(x))[None], rng.standard_normal(3), rng
        )


def test_nan_is_no_agreement(rng):
    with pytest.raises(GradientError, match="nan"):
        gradcheck.check_function(
            np.sin, lambda dy, x: np.full_like(x, np.nan), rng.standard_normal(3), rng
        )


def test_writing_into_dy_is_found(rng):
    def wrong(dy, x):
        dy *= np.cos(x)
        return dy

    with pytest.raises(GradientError, match="written into"):
        gradcheck.check_function(np.sin, wrong, rng.standard_normal(3), rng)


class Scaled(layers.Layer):
    """y = scale * x + shift, with an error on request, and a count of the calls as state."""

    def __init__(self, error=""):
        super().__init__()
        self.error = error

    def create_weights(self, input_shape, rng, dtype):
        self.params = {"scale": np.ones(3, dtype), "shift": np.zeros(3, dtype)}
        self.state = {"calls": np.zeros((), dtype)}

    def forward(self, x, training=False):
        x = self._check_input(x)
        self._cache = (x,)
        if training:
            self.state["calls"] += 1
        return self.params["scale"] * x + self.params["shift"] + self.state["calls"]

    def backward(self, dy):
        dy = self._check_gradient(dy)
        (x,) = self._cache
        self.grads = {"scale": (dy * x).sum(axis=0), "shift": dy.sum(axis=0)}
        if self.error == "scale":
            self.grads["scale"] = dy.sum(axis=0)
        if self.error == "missing":
            del self.grads["shift"]
        if self.error == "dy":
            dy *= 2
        return dy * (1 if self.error == "input" else self.params["scale"])


def test_check_layer_passes_and_keeps_the_state(rng):
    layer = Scaled()
    x = rng.standard_normal((5, 3))
    report = gradcheck.check_layer(layer, x, rng, training=True)
    names = [row.quantity.partition(",")[0] for row in report.rows]
    assert names == ["input", "scale", "shift"]
    assert layer.state["calls"] == 1  # as after a single call


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("scale", "Scaled: the gradient of scale"),
        ("input", "Scaled: the gradient of input"),
        ("missing", "gradients of .'scale'. for parameters"),
        ("dy", "written into"),
    ],
)
def test_check_layer_names_what_is_wrong(error, message, rng):
    with pytest.raises(GradientError, match=message):
        gradcheck.check_layer(Scaled(error), rng.standard_normal((5, 3)), rng)


def test_check_layer_keeps_the_weights(rng):
    layer = layers.Dense(3, "tanh")
    layer.build((None, 4), rng, dtype=np.float64)
    before = layer.get_weights()
    gradcheck.check_layer(layer, rng.standard_normal((5, 4)), rng)
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_check_layer_insists_on_float64(rng):
    layer = layers.Dense(3)
    layer.build((None, 4), rng, dtype=np.float32)
    with pytest.raises(ValueError, match=r"float64.*kernel of dtype float32"):
        gradcheck.check_layer(layer, rng.standard_normal((5, 4)), rng)


class Product(layers.Layer):
    """Two inputs, two outputs: a b and a + b."""

    built = True

    def build(self, input_shape, rng, dtype=np.float32):
        self.built = True

    def forward(self, x, training=False):
        self._cache = a, b = x
        return a * b, a + b

    def backward(self, dy):
        a, b = self._cache
        return dy[0] * b + dy[1], dy[0] * a + dy[1]


def test_check_layer_takes_several_inputs_and_outputs(rng):
    x = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    report = gradcheck.check_layer(Product(), x, rng)
    assert [row.quantity.partition(",")[0] for row in report.rows] == ["input 0", "input 1"]


def test_check_loss_finds_ignored_weights(rng):
    class Forgetful(losses.MeanSquaredError):
        def gradient(self, y_true, y_pred, sample_weight=None):
            return super().gradient(y_true, y_pred)

    y_true, y_pred, weight = rng.standard_normal((2, 4, 3)).tolist() + [rng.uniform(1, 2, 4)]
    with pytest.raises(GradientError, match="Forgetful: the gradient of y_pred"):
        gradcheck.check_loss(Forgetful(), np.array(y_true), np.array(y_pred), rng, weight)
    assert gradcheck.check_loss(Forgetful(), np.array(y_true), np.array(y_pred), rng).ok
