"""Gradients against central differences, dtypes, and the closed forms of the derivations."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import activations, losses
from glassnet.losses.base import reduction_factors

SHAPE = (3, 2, 4)


def away_from(x, kinks, gap=1e-3):
    """Move entries that are near a kink past it: differences across it mean nothing."""
    for kink in kinks:
        x = np.where(np.abs(x - kink) < gap, kink + 2 * gap, x)
    return x


def sample(name, rng, from_logits=False):
    p, z = rng.uniform(0.05, 0.95, SHAPE), 2 * rng.standard_normal(SHAPE)
    y_pred = z if from_logits else p
    if name == "binary_crossentropy":
        return rng.uniform(size=SHAPE), y_pred
    if name == "categorical_crossentropy":
        return rng.dirichlet(np.ones(SHAPE[-1]), SHAPE[:-1]), y_pred
    if name == "sparse_categorical_crossentropy":
        return rng.integers(0, SHAPE[-1], SHAPE[:-1]), y_pred
    if name == "kl_divergence":
        return rng.uniform(size=SHAPE), p
    if name == "poisson":
        return rng.poisson(2, SHAPE).astype(float), 3 * p
    if name in ("hinge", "squared_hinge"):
        return rng.choice([-1.0, 1.0], SHAPE), away_from(z, [-1, 1])
    error = away_from(z, [-1, 0, 1])
    return (y_true := rng.standard_normal(SHAPE)), y_true + error


CASES = [
    *[(name, {}) for name in losses.LOSSES],
    ("huber", {"delta": 0.4}),
    ("binary_crossentropy", {"from_logits": True, "label_smoothing": 0.2, "axis": 1}),
    ("binary_crossentropy", {"label_smoothing": 0.2}),
    ("categorical_crossentropy", {"from_logits": True, "label_smoothing": 0.2}),
    ("categorical_crossentropy", {"label_smoothing": 0.2}),
    ("sparse_categorical_crossentropy", {"from_logits": True}),
    ("sparse_categorical_crossentropy", {"ignore_class": 1}),
]


def slope(f, x, direction, step=1e-6):
    return (f(x + step * direction) - f(x - step * direction)) / (2 * step)


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
@pytest.mark.parametrize("reduction", ["mean_with_sample_weight", "sum", "none"])
def test_gradient_is_the_slope(name, options, reduction):
    rng = np.random.default_rng(0)
    loss = losses.LOSSES[name](**options, reduction=reduction)
    y_true, y_pred = sample(name, rng, options.get("from_logits", False))
    shape = np.delete(SHAPE, loss.axis)
    weight = rng.uniform(0.2, 3, shape)
    gradient = loss.gradient(y_true, y_pred, weight)
    for _ in range(5):
        direction = rng.standard_normal(SHAPE)
        expected = slope(lambda x: np.sum(loss(y_true, x, weight)), y_pred, direction)
        assert np.vdot(gradient, direction) == pytest.approx(expected, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_function_gradient_is_that_of_each_sample(name, options):
    rng = np.random.default_rng(1)
    y_true, y_pred = sample(name, rng, options.get("from_logits", False))
    function, gradient = getattr(losses, name), getattr(losses, f"{name}_gradient")
    axis = options.get("axis", -1)
    direction = rng.standard_normal(SHAPE)
    expected = slope(lambda x: function(y_true, x, **options), y_pred, direction)
    ours = np.sum(gradient(y_true, y_pred, **options) * direction, axis=axis)
    np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_dtype_follows_the_prediction(name, options, dtype):
    y_true, y_pred = sample(name, np.random.default_rng(2), options.get("from_logits", False))
    y_pred = y_pred.astype(dtype)
    weight = np.ones(np.delete(SHAPE, options.get("axis", -1)))  # float64: must not widen
    assert getattr(losses, name)(y_true, y_pred, **options).dtype == dtype
    assert getattr(losses, f"{name}_gradient")(y_true, y_pred, **options).dtype == dtype
    for reduction in ("sum_over_batch_size", "mean_with_sample_weight", "sum", None):
        loss = losses.LOSSES[name](**options, reduction=reduction)
        for sample_weight in (None, weight):
            assert loss(y_true, y_pred, sample_weight).dtype == dtype
            assert loss.gradient(y_true, y_pred, sample_weight).dtype == dtype


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_arguments_are_not_written_to(name, options):
    y_true, y_pred = sample(name, np.random.default_rng(3), options.get("from_logits", False))
    y_true.flags.writeable = y_pred.flags.writeable = False
    loss = losses.LOSSES[name](**options)
    assert np.isfinite(loss(y_true, y_pred))
    assert np.all(np.isfinite(loss.gradient(y_true, y_pred)))


def test_whole_numbers_become_float64():
    assert losses.mean_squared_error([[1, 2]], [[3, 5]]).dtype == np.float64
    assert losses.mean_squared_error([[1, 2]], [[3, 5]])[0] == 6.5


def test_closed_forms():
    rng = np.random.default_rng(4)
    z = rng.standard_normal((5, 3))
    y = np.eye(3)[rng.integers(0, 3, 5)]
    np.testing.assert_array_equal(
        losses.categorical_crossentropy_gradient(y, z, from_logits=True), activations.softmax(z) - y
    )
    np.testing.assert_array_equal(
        losses.binary_crossentropy_gradient(y, z, from_logits=True),
        (activations.sigmoid(z) - y) / 3,
    )
    np.testing.assert_allclose(
        losses.log_cosh(y, z), np.mean(np.log(np.cosh(z - y)), axis=-1), rtol=1e-12
    )


def test_hard_label_far_on_the_right_side_keeps_its_digits():
    """The difference softplus(z) - z y would be 0 here; the loss is exp(-50)."""
    loss = losses.binary_crossentropy([[1.0]], [[50.0]], from_logits=True)
    assert loss[0] == pytest.approx(np.exp(-50), rel=1e-12, abs=0)


def test_log_cosh_far_out_does_not_overflow():
    np.testing.assert_allclose(losses.log_cosh([[0.0]], [[-1e4]]), 1e4 - np.log(2), rtol=1e-14)


def test_huber_of_a_huge_error_does_not_overflow():
    assert losses.huber([[0.0]], [[1e300]])[0] == 1e300


def test_nan_prediction_gives_nan_not_a_number_that_looks_right():
    for name, cls in losses.LOSSES.items():
        y_true, y_pred = sample(name, np.random.default_rng(5))
        y_pred[0, 0, 0] = np.nan
        assert np.isnan(cls()(y_true, y_pred)), name


def test_factors_are_the_derivative_of_the_reduction():
    weight = np.array([[1.0], [2.0], [5.0]])
    mask = np.array([[True, False], [True, True], [False, True]])
    factors = reduction_factors((3, 2), np.float64, weight, "mean", mask)
    np.testing.assert_allclose(factors, np.array([[1, 0], [2, 2], [0, 5]]) / 4)
    factors = reduction_factors((3, 2), np.float64, weight, "mean_with_sample_weight", mask)
    np.testing.assert_allclose(factors, np.array([[1, 0], [2, 2], [0, 5]]) / 10)


@pytest.mark.parametrize("name", ["mean_squared_error", "binary_crossentropy", "kl_divergence"])
@pytest.mark.parametrize(
    ("true_shape", "pred_shape"), [((6,), (6, 1)), ((6, 1), (6,)), ((2, 3), (2, 3, 1))]
)
def test_function_gradient_has_the_shape_of_the_prediction(name, true_shape, pred_shape):
    y_true, y_pred = np.random.default_rng(6).uniform(0.1, 0.9, (2, 6))
    gradient = getattr(losses, f"{name}_gradient")
    ours = gradient(y_true.reshape(true_shape), y_pred.reshape(pred_shape))
    assert ours.shape == pred_shape
    matched = true_shape if len(pred_shape) == 3 else (6, 1)
    expected = gradient(y_true.reshape(matched), y_pred.reshape(matched))
    np.testing.assert_array_equal(ours.ravel(), expected.ravel())
