"""F-beta and R², against Keras, scikit-learn and by hand."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest
from sklearn import metrics as reference

from glassnet import metrics

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="module")
def keras():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = pytest.importorskip("keras")
    floatx = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(floatx)


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


def classes(seed, n=40):
    rng = np.random.default_rng(seed)
    labels, scores = rng.integers(0, 4, n), rng.uniform(0.01, 1, (n, 4))
    scores[np.arange(n), labels] += 0.4
    return np.eye(4)[labels], scores / 1.5


@pytest.mark.parametrize("average", ["micro", "macro", "weighted", None])
@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_fbeta_agrees_with_scikit_learn(average, beta):
    y_true, y_pred = classes(0)
    metric = metrics.FBetaScore(average, beta)
    for part in np.split(np.arange(40), [7, 20]):
        metric.update_state(y_true[part], y_pred[part])
    expected = reference.fbeta_score(
        y_true.argmax(axis=1), y_pred.argmax(axis=1), beta=beta, average=average
    )
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-5)  # Keras' 1e-7 below
    assert isinstance(metric.result(), np.ndarray if average is None else float)


@pytest.mark.parametrize("average", ["micro", "macro", "weighted", None])
@pytest.mark.parametrize("threshold", [None, 0.5])
def test_f1_agrees_with_keras(keras, average, threshold):
    ours = metrics.F1Score(average, threshold)
    theirs = keras.metrics.F1Score(**ours.get_config())
    for seed in range(3):
        batch = (*classes(seed), np.random.default_rng(seed).uniform(0, 2, 40))
        ours.update_state(*batch)
        theirs.update_state(*batch)
        np.testing.assert_allclose(ours.result(), theirs.result(), rtol=1e-12)


def test_f1_by_hand():
    """Class 0: one hit, one missed; class 1: one hit, one wrong."""
    metric = metrics.F1Score()
    metric.update_state(np.eye(2)[[0, 0, 1]], np.eye(2)[[0, 1, 1]])
    np.testing.assert_allclose(metric.result(), [2 / 3, 2 / 3], rtol=1e-6)
    metric.update_state([[0, 1]], [[0.0, 0.0]])  # zeros name no class: one more missed
    np.testing.assert_allclose(metric.result(), [2 / 3, 0.5], rtol=1e-6)


def test_classes_must_stay_the_same():
    metric = metrics.F1Score("macro")
    metric.update_state(np.eye(3), np.eye(3))
    refused(metric.update_state, np.eye(4), np.eye(4), match="(batch, 3)")
    assert metric.result() == pytest.approx(1, rel=1e-6)
    metric.reset_state()
    metric.update_state(np.eye(4), np.eye(4))
    refused(metrics.F1Score().update_state, [0, 1], [0, 1], match="(batch, classes)")
    refused(metrics.F1Score().update_state, [[0, 2]], [[0, 1]], match="2")
    refused(metrics.F1Score().update_state, [[0, 1]], [[0, 1]], [1, 2], match="(1, 2)")


@pytest.mark.parametrize("aggregation", [None, "uniform_average", "variance_weighted_average"])
@pytest.mark.parametrize("weighted", [False, True])
def test_r2_agrees_with_keras_and_scikit_learn(keras, aggregation, weighted):
    rng = np.random.default_rng(1)
    y_true = 5 + rng.standard_normal((60, 3)) * [1, 2, 5]
    y_pred, weight = y_true + rng.standard_normal((60, 3)), rng.uniform(0, 2, 60)
    ours = metrics.R2Score(aggregation)
    theirs = keras.metrics.R2Score(**ours.get_config())
    for part in np.split(np.arange(60), [1, 8, 31]):
        batch = (y_true[part], y_pred[part], *([weight[part]] if weighted else []))
        ours.update_state(*batch)
        theirs.update_state(*batch)
    kind = {None: "raw_values", "variance_weighted_average": "variance_weighted"}
    expected = reference.r2_score(
        y_true,
        y_pred,
        sample_weight=weight if weighted else None,
        multioutput=kind.get(aggregation, aggregation),
    )
    np.testing.assert_allclose(ours.result(), expected, rtol=1e-10)
    np.testing.assert_allclose(ours.result(), theirs.result(), rtol=1e-10)


def test_r2_of_extremes():
    metric = metrics.R2Score()
    assert metric.result() == 0
    y = np.array([1.0, 2.0, 6.0])
    metric.update_state(y, np.full(3, 3.0))
    assert metric.result() == pytest.approx(0, abs=1e-12)  # the mean explains nothing
    metric.reset_state()
    metric.update_state(y, y)
    assert metric.result() == 1
    metric.reset_state()
    metric.update_state(y[:1], y[1:2])
    assert metric.result() == 0  # one target does not vary
    metric.reset_state()
    metric.update_state(y, y[::-1])
    assert metric.result() < 0


def test_r2_keeps_its_digits_far_from_zero():
    """The difference of two sums of squares would have none left."""
    rng = np.random.default_rng(2)
    y = rng.standard_normal(100)
    wrong = y + 0.1 * rng.standard_normal(100)
    near, far = metrics.R2Score(), metrics.R2Score()
    for part in np.split(np.arange(100), 4):
        near.update_state(y[part], wrong[part])
        far.update_state(1e8 + y[part], 1e8 + wrong[part])
    assert far.result() == pytest.approx(near.result(), rel=1e-6)


def test_r2_shapes():
    column, flat = metrics.R2Score(), metrics.R2Score()
    y, wrong = np.arange(6.0), np.arange(6.0) ** 1.1
    column.update_state(y[:, np.newaxis], wrong[:, np.newaxis], np.arange(6.0))
    flat.update_state(y, wrong, np.arange(6.0))
    assert (
        column.result()
        == flat.result()
        == pytest.approx(reference.r2_score(y, wrong, sample_weight=np.arange(6.0)))
    )
    refused(flat.update_state, np.ones((4, 2)), np.ones((4, 2)), match="(batch, 1)")
    refused(flat.update_state, y, wrong[:5])
    refused(flat.update_state, [np.nan], [1.0], match="nan")
    refused(metrics.R2Score().update_state, np.ones((2, 2, 2)), np.ones((2, 2, 2)), match="batch")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_are_kept_in_double_precision(dtype):
    y = np.linspace(0, 1, 50, dtype=dtype)
    metric = metrics.R2Score(None)
    metric.update_state(np.stack([y, y], axis=1), np.stack([y, y**2], axis=1))
    assert metric.result().dtype == np.float64


def test_options():
    refused(metrics.F1Score, "mean", match="average")
    refused(metrics.FBetaScore, None, 0.0, match="beta")
    refused(metrics.F1Score, None, 0.0, match="threshold")
    refused(metrics.R2Score, "mean", match="class_aggregation")
    assert metrics.F1Score("macro", 0.3).get_config() == {
        "name": "f1_score",
        "average": "macro",
        "threshold": 0.3,
    }
