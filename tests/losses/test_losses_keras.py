"""Values and gradients of every loss agree with Keras in float64, over all options."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest

from glassnet import losses

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
REDUCTIONS = ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None]
SHAPES = [(7, 5), (4, 3, 6)]


@pytest.fixture(scope="module")
def keras():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = pytest.importorskip("keras")
    floatx = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(floatx)


def real(rng, shape):
    return 2 * rng.standard_normal(shape), 2 * rng.standard_normal(shape)


def bits(rng, shape):
    return rng.integers(0, 2, shape).astype(float), rng.uniform(size=shape)


def bits_logits(rng, shape):
    return rng.integers(0, 2, shape).astype(float), 5 * rng.standard_normal(shape)


def soft(rng, shape):
    return rng.uniform(size=shape), rng.uniform(size=shape)


def plus_minus(rng, shape):
    return rng.choice([-1.0, 1.0], shape), 2 * rng.standard_normal(shape)


def counts(rng, shape):
    return rng.poisson(3, shape).astype(float), rng.uniform(0.1, 5, shape)


def distributions(rng, shape):
    return rng.dirichlet(np.ones(shape[-1]), shape[:-1]), rng.uniform(size=shape)


def distributions_logits(rng, shape):
    return distributions(rng, shape)[0], 5 * rng.standard_normal(shape)


def labels(rng, shape):
    return rng.integers(0, shape[-1], shape[:-1]), rng.uniform(size=shape)


def labels_logits(rng, shape):
    return rng.integers(0, shape[-1], shape[:-1]), 5 * rng.standard_normal(shape)


CASES = {
    "mse": ("MeanSquaredError", {}, real),
    "mae": ("MeanAbsoluteError", {}, real),
    "huber": ("Huber", {}, real),
    "huber-0.3": ("Huber", {"delta": 0.3}, real),
    "log-cosh": ("LogCosh", {}, real),
    "bce": ("BinaryCrossentropy", {}, bits),
    "bce-soft": ("BinaryCrossentropy", {}, soft),
    "bce-smooth": ("BinaryCrossentropy", {"label_smoothing": 0.2}, bits),
    "bce-axis": ("BinaryCrossentropy", {"axis": 1}, bits),
    "bce-logits": ("BinaryCrossentropy", {"from_logits": True}, bits_logits),
    "bce-logits-axis-smooth": (
        "BinaryCrossentropy",
        {"from_logits": True, "label_smoothing": 0.3, "axis": 1},
        bits_logits,
    ),
    "cce": ("CategoricalCrossentropy", {}, distributions),
    "cce-smooth": ("CategoricalCrossentropy", {"label_smoothing": 0.2}, distributions),
    "cce-logits": ("CategoricalCrossentropy", {"from_logits": True}, distributions_logits),
    "cce-logits-smooth": (
        "CategoricalCrossentropy",
        {"from_logits": True, "label_smoothing": 1.0},
        distributions_logits,
    ),
    "sparse": ("SparseCategoricalCrossentropy", {}, labels),
    "sparse-logits": ("SparseCategoricalCrossentropy", {"from_logits": True}, labels_logits),
    "sparse-ignore": ("SparseCategoricalCrossentropy", {"ignore_class": 2}, labels),
    "sparse-logits-ignore": (
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "ignore_class": 0},
        labels_logits,
    ),
    "kl": ("KLDivergence", {}, soft),
    "hinge-bits": ("Hinge", {}, bits_logits),
    "hinge": ("Hinge", {}, plus_minus),
    "squared-hinge-bits": ("SquaredHinge", {}, bits_logits),
    "squared-hinge": ("SquaredHinge", {}, plus_minus),
    "poisson": ("Poisson", {}, counts),
}


def twin(keras, loss):
    return getattr(keras.losses, type(loss).__name__)(**loss.get_config())


def value_and_gradient(keras, loss, y_true, y_pred, sample_weight=None):
    import tensorflow as tf

    prediction = tf.Variable(np.asarray(y_pred))
    with tf.GradientTape() as tape:
        value = twin(keras, loss)(np.asarray(y_true), prediction, sample_weight)
    gradient = tape.gradient(value, prediction)
    return value.numpy(), gradient.numpy()


def assert_agrees(keras, loss, y_true, y_pred, sample_weight=None):
    value, gradient = value_and_gradient(keras, loss, y_true, y_pred, sample_weight)
    if isinstance(loss, losses.LogCosh):  # Keras rounds log 2 to float32: its loss of no error ...
        value = value - value_and_gradient(keras, loss, y_pred, y_pred, sample_weight)[0]
    ours = loss(y_true, y_pred, sample_weight)
    slope = loss.gradient(y_true, y_pred, sample_weight)
    assert np.shape(ours) == value.shape
    assert slope.shape == np.shape(y_pred)
    np.testing.assert_allclose(ours, value, **CLOSE)
    np.testing.assert_allclose(slope, gradient, **CLOSE)


def losses_shape(loss, shape):
    axis = loss.axis % len(shape)
    return shape[:axis] + shape[axis + 1 :]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("reduction", REDUCTIONS, ids=str)
@pytest.mark.parametrize("case", CASES)
def test_loss_agrees_with_keras(keras, case, reduction, weighted, shape):
    name, options, data = CASES[case]
    rng = np.random.default_rng([list(CASES).index(case), len(shape)])
    loss = getattr(losses, name)(**options, reduction=reduction)
    y_true, y_pred = data(rng, shape)
    weight = rng.uniform(0.2, 3, losses_shape(loss, shape)) if weighted else None
    assert_agrees(keras, loss, y_true, y_pred, weight)


@pytest.mark.parametrize("case", CASES)
def test_per_sample_function_agrees_with_keras(keras, case):
    name, options, data = CASES[case]
    loss = getattr(losses, name)(**options)
    y_true, y_pred = data(np.random.default_rng(4), (4, 3, 6))
    function = getattr(losses, loss.per_sample.__name__)
    theirs = getattr(keras.losses, loss.per_sample.__name__)
    ours = function(y_true, y_pred, **options)
    assert ours.shape == losses_shape(loss, y_pred.shape)
    expected = np.asarray(theirs(y_true, y_pred, **options))
    if case == "log-cosh":
        expected = expected - np.asarray(theirs(y_pred, y_pred))
    np.testing.assert_allclose(ours, expected, **CLOSE)


def test_log_cosh_of_keras_is_off_by_the_rounding_of_log_2(keras):
    zero = np.zeros((1, 1))
    rounding = np.log(2) - float(np.float32(np.log(2)))  # -1.9e-9
    assert float(keras.losses.log_cosh(zero, zero)[0]) == pytest.approx(rounding, rel=1e-6)
    assert losses.log_cosh(zero, zero)[0] == 0


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=str)
@pytest.mark.parametrize("weight_shape", [(4, 1), (1, 3), (4, 3), (4, 3, 1), ()], ids=str)
@pytest.mark.parametrize(
    "case", ["mse", "cce", "sparse-logits", "sparse-ignore", "sparse-logits-ignore"]
)
def test_weights_with_axes_of_length_1(keras, case, weight_shape, reduction):
    name, options, data = CASES[case]
    rng = np.random.default_rng(2)
    loss = getattr(losses, name)(**options, reduction=reduction)
    y_true, y_pred = data(rng, (4, 3, 6))
    assert_agrees(keras, loss, y_true, y_pred, rng.uniform(0.2, 3, weight_shape))


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=str)
@pytest.mark.parametrize("weight_shape", [(7,), (7, 1)], ids=str)
def test_weights_of_a_batch_of_vectors(keras, weight_shape, reduction):
    rng = np.random.default_rng(3)
    loss = losses.MeanSquaredError(reduction=reduction)
    assert_agrees(keras, loss, *real(rng, (7, 5)), rng.uniform(-1, 3, weight_shape))


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=str)
@pytest.mark.parametrize(
    ("true_shape", "pred_shape", "weight_shape"),
    [
        ((7,), (7, 1), (7,)),
        ((7, 1), (7,), (7,)),
        ((7,), (7,), None),
        ((4, 3), (4, 3, 1), (4,)),
        ((4, 3, 1), (4, 3), (4,)),
        ((4, 1, 3), (4, 1, 3), (4,)),
        ((1, 3), (1, 3), ()),
    ],
    ids=str,
)
@pytest.mark.parametrize("case", ["mse", "huber", "bce", "kl", "hinge", "poisson"])
def test_a_missing_last_axis_of_length_1(
    keras, case, true_shape, pred_shape, weight_shape, reduction
):
    name, options, data = CASES[case]
    rng = np.random.default_rng(5)
    loss = getattr(losses, name)(**options, reduction=reduction)
    y_true, y_pred = data(rng, pred_shape)
    weight = None if weight_shape is None else rng.uniform(0.2, 3, weight_shape)
    assert_agrees(keras, loss, y_true.reshape(true_shape), y_pred, weight)


@pytest.mark.parametrize("case", ["sparse", "sparse-logits", "sparse-ignore"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_labels_as_a_column(keras, case, shape):
    name, options, data = CASES[case]
    y_true, y_pred = data(np.random.default_rng(6), shape)
    assert_agrees(keras, getattr(losses, name)(**options), y_true[..., np.newaxis], y_pred)


@pytest.mark.parametrize("options", [{}, {"from_logits": True}], ids=["probabilities", "logits"])
def test_categorical_axis(keras, options):
    data = distributions_logits if options else distributions
    y_true, y_pred = (np.moveaxis(y, -1, 1) for y in data(np.random.default_rng(7), (4, 3, 6)))
    loss = losses.CategoricalCrossentropy(axis=1, **options)
    weight = np.random.default_rng(8).uniform(0.2, 3, (4, 3))
    assert_agrees(keras, loss, y_true, y_pred, weight)
    same = losses.CategoricalCrossentropy(axis=-2, **options)  # TensorFlow fails here from logits
    assert same(y_true, y_pred, weight) == loss(y_true, y_pred, weight)
    np.testing.assert_array_equal(
        same.gradient(y_true, y_pred, weight), loss.gradient(y_true, y_pred, weight)
    )


@pytest.mark.parametrize("ignore_class", [-1, 255])
@pytest.mark.parametrize("reduction", REDUCTIONS, ids=str)
def test_ignored_label_outside_the_range(keras, reduction, ignore_class):
    y_true, y_pred = labels_logits(np.random.default_rng(9), (4, 3, 6))
    y_true[1:3, 1:] = ignore_class
    loss = losses.SparseCategoricalCrossentropy(True, ignore_class, reduction)
    assert_agrees(keras, loss, y_true, y_pred)


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=str)
def test_nothing_but_ignored_labels(keras, reduction):
    _, y_pred = labels_logits(np.random.default_rng(9), (4, 6))
    loss = losses.SparseCategoricalCrossentropy(True, -1, reduction)
    assert_agrees(keras, loss, np.full(4, -1), y_pred)


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=str)
def test_weights_that_sum_to_zero(keras, reduction):
    y_true, y_pred = real(np.random.default_rng(10), (3, 5))
    loss = losses.MeanSquaredError(reduction)
    assert_agrees(keras, loss, y_true, y_pred, np.array([1.0, -3.0, 2.0]))
    assert_agrees(keras, loss, y_true, y_pred, np.zeros(3))


EXTREME = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 3.0], [1000.0, 1000.0, -1000.0]])


@pytest.mark.parametrize("hard", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits(keras, dtype, hard):
    logits = EXTREME.astype(dtype)
    one_hot = np.eye(3) if hard else np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0, 0.5, 0.5]])
    cases = [
        (losses.BinaryCrossentropy(from_logits=True), one_hot),
        (losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), one_hot),
        (losses.CategoricalCrossentropy(from_logits=True), one_hot),
        (losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), one_hot),
        (losses.SparseCategoricalCrossentropy(from_logits=True), np.array([1, 1, 2])),
    ]
    for loss, y_true in cases:
        value, gradient = loss(y_true, logits), loss.gradient(y_true, logits)
        assert value.dtype == gradient.dtype == dtype
        assert np.isfinite(value)
        assert np.all(np.isfinite(gradient))
        if dtype == np.float64:
            assert_agrees(keras, loss, y_true, logits)


EDGES = np.array([0.0, 1e-9, 1e-7, 2e-7, 0.4, 1 - 2e-7, 1 - 1e-7, 1 - 1e-9, 1.0])


@pytest.mark.parametrize("label", [0.0, 0.3, 1.0])
def test_clipping_of_probabilities(keras, label):
    y_pred = EDGES[:, np.newaxis]
    y_true = np.full_like(y_pred, label)
    for loss in (losses.BinaryCrossentropy(), losses.KLDivergence()):
        assert_agrees(keras, loss, y_true, y_pred)
    pair = np.stack([EDGES, 1 - EDGES], axis=1)
    targets = np.broadcast_to([label, 1 - label], pair.shape)
    assert_agrees(keras, losses.CategoricalCrossentropy(), targets, pair)
    for k in (0, 1):
        loss = losses.SparseCategoricalCrossentropy()
        assert_agrees(keras, loss, np.full(len(pair), k), pair)


@pytest.mark.parametrize("name", ["MeanAbsoluteError", "Huber", "LogCosh", "Hinge", "SquaredHinge"])
def test_slopes_at_kinks(keras, name):
    loss = getattr(losses, name)()
    label = np.ones((5, 1))
    y_pred = np.array([[0.0], [1.0], [1.5], [2.0], [3.0]])  # error 0 and ±1, margin reached
    assert_agrees(keras, loss, label, y_pred)


def test_poisson_at_rate_zero(keras):
    assert_agrees(keras, losses.Poisson(), [[0.0, 2.0]], [[0.0, 0.0]])


@pytest.mark.parametrize("name", list(losses.LOSSES))
def test_twin_config_goes_both_ways(keras, name):
    loss = losses.get(name)
    theirs = twin(keras, loss).get_config()
    assert {key: theirs[key] for key in loss.get_config() if key in theirs} == {
        key: value for key, value in loss.get_config().items() if key in theirs
    }
    default = getattr(keras.losses, type(loss).__name__)().get_config()
    ours = {key: value for key, value in loss.get_config().items() if key in default}
    assert {**ours, "name": None} == {**{key: default[key] for key in ours}, "name": None}


def test_keras_counts_smoothed_classes_on_the_wrong_axis(keras):
    """The reason why ours refuses label smoothing when the classes are not on the last axis."""
    y_true, y_pred = distributions(np.random.default_rng(11), (4, 3, 6))
    moved = [np.moveaxis(y, -1, 1) for y in (y_true, y_pred)]
    smoothing = keras.losses.CategoricalCrossentropy(label_smoothing=0.5)
    on_axis_1 = keras.losses.CategoricalCrossentropy(label_smoothing=0.5, axis=1)
    assert abs(float(smoothing(y_true, y_pred)) - float(on_axis_1(*moved))) > 0.1
    with pytest.raises(ValueError, match=r"last axis. Received"):
        losses.CategoricalCrossentropy(label_smoothing=0.5, axis=1)(*moved)
