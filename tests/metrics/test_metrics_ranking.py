"""Curves and areas against scikit-learn, and what the area means."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn import metrics as reference

from glassnet import metrics
from glassnet.callbacks import EarlyStopping
from glassnet.layers import Dense
from glassnet.models import Sequential


def ranked(seed, n=50, ties=True):
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, 2, n)
    score = rng.standard_normal(n) + y_true
    return y_true, np.round(score, 1) if ties else score, rng.integers(0, 3, n) / 2


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ties", [False, True])
def test_everything_agrees_with_scikit_learn(seed, weighted, ties):
    y_true, score, weight = ranked(seed, ties=ties)
    w = weight if weighted else None
    ours = metrics.roc_curve(y_true, score, w)
    theirs = reference.roc_curve(y_true, score, sample_weight=w, drop_intermediate=False)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b)
    curve = metrics.precision_recall_curve(y_true, score, w)
    for a, b in zip(
        curve, reference.precision_recall_curve(y_true, score, sample_weight=w), strict=True
    ):
        np.testing.assert_allclose(a, b)
    for name in ("roc_auc_score", "average_precision_score"):
        value = getattr(metrics, name)(y_true, score, w)
        assert type(value) is float
        assert value == pytest.approx(getattr(reference, name)(y_true, score, sample_weight=w))


@pytest.mark.parametrize("seed", range(4))
def test_the_area_is_the_probability_of_ranking_a_pair_right(seed):
    y_true, score, _ = ranked(seed)
    pairs = list(itertools.product(score[y_true == 1], score[y_true == 0]))
    share = np.mean([(a > b) + 0.5 * (a == b) for a, b in pairs])
    assert metrics.roc_auc_score(y_true, score) == pytest.approx(share, rel=1e-12)
    assert metrics.rank_auc(y_true, score) == pytest.approx(share, rel=1e-12)
    fpr, tpr, _ = metrics.roc_curve(y_true, score)
    assert np.trapezoid(tpr, fpr) == pytest.approx(share, rel=1e-12)


def test_only_the_order_of_the_scores_counts():
    y_true, score, _ = ranked(0)
    area = metrics.roc_auc_score(y_true, score)
    assert metrics.roc_auc_score(y_true, 1 / (1 + np.exp(-score))) == area
    assert metrics.roc_auc_score(y_true, -score) == pytest.approx(1 - area)
    assert metrics.roc_auc_score(1 - y_true, score) == pytest.approx(1 - area)
    assert metrics.roc_auc_score([0, 0, 1], [0.1, 0.2, 0.3]) == 1
    assert metrics.roc_auc_score([0, 1, 1], [0.5, 0.5, 0.5]) == 0.5


def test_a_weight_is_a_repetition():
    y_true, score, _ = ranked(1)
    times = np.random.default_rng(0).integers(0, 4, len(score))
    repeated = np.repeat(y_true, times), np.repeat(score, times)
    for function in (metrics.roc_auc_score, metrics.average_precision_score):
        assert function(y_true, score, times) == pytest.approx(function(*repeated), rel=1e-12)


def test_ends_of_the_curves():
    fpr, tpr, thresholds = metrics.roc_curve([0, 1, 1, 0], [0.1, 0.4, 0.9, 0.4])
    np.testing.assert_array_equal(fpr, [0, 0, 0.5, 1])
    np.testing.assert_array_equal(tpr, [0, 0.5, 1, 1])
    np.testing.assert_array_equal(thresholds, [np.inf, 0.9, 0.4, 0.1])
    precision, recall, thresholds = metrics.precision_recall_curve(
        [0, 1, 1, 0], [0.1, 0.4, 0.9, 0.4]
    )
    np.testing.assert_allclose(precision, [0.5, 2 / 3, 1, 1])
    np.testing.assert_array_equal(recall, [1, 1, 0.5, 0])
    np.testing.assert_array_equal(thresholds, [0.1, 0.4, 0.9])


def test_the_metric_collects_batches():
    y_true, score, weight = ranked(2, 60)
    metric = metrics.AUC()
    assert metric.result() == 0
    for part in np.split(np.arange(60), [7, 20]):
        metric.update_state(y_true[part], score[part], weight[part])
    assert metric.result() == pytest.approx(metrics.roc_auc_score(y_true, score, weight))
    metric.reset_state()
    assert metric.result() == 0
    metric.update_state([1, 1], [0.3, 0.4])
    assert metric.result() == 0  # no zeros yet
    metric.update_state([0], [0.35])
    assert metric.result() == 0.5
    assert type(metric.result()) is float


def test_the_metric_ranks_all_outputs_together():
    y_true, score = np.array([[0, 1], [1, 0]]), np.array([[0.1, 0.9], [0.3, 0.5]])
    metric = metrics.AUC()
    metric.update_state(y_true, score, [1, 2])
    expected = reference.roc_auc_score(y_true.ravel(), score.ravel(), sample_weight=[1, 1, 2, 2])
    assert metric.result() == pytest.approx(expected)


def test_the_metric_in_training():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 2))
    model = Sequential([Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", ["auc"])
    model.build((None, 2), rng)
    y = (x[:, 0] > 0).astype(int)
    stop = EarlyStopping("val_auc", patience=5)
    assert stop.mode == "max"
    history = model.fit(x, y, epochs=2, verbose=0, validation_data=(x, y), callbacks=[stop]).history
    assert history["val_auc"][-1] == pytest.approx(metrics.roc_auc_score(y, model.predict(x)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(dtype):
    y_true, score, weight = ranked(3)
    for w in (None, weight):
        for part in (
            *metrics.roc_curve(y_true, score.astype(dtype), w),
            *metrics.precision_recall_curve(y_true, score.astype(dtype), w),
        ):
            assert part.dtype == dtype


@pytest.mark.parametrize(
    "function",
    [
        metrics.roc_curve,
        metrics.roc_auc_score,
        metrics.rank_auc,
        metrics.precision_recall_curve,
        metrics.average_precision_score,
    ],
)
def test_bad_input(function):
    refused(function, [0, 0], [0.1, 0.2], match="none" if "precision" in function.__name__ else "0")
    refused(function, [0, 2], [0.1, 0.2], match="2")
    refused(function, [0, 1], [0.1], match="y_pred")
    refused(function, [0, 1], [0.1, np.nan], match="nan")
    if function is not metrics.rank_auc:
        refused(function, [0, 1], [0.1, 0.2], [1, -1], match="-1")
        refused(function, [0, 1], [0.1, 0.2], [1, 0], match="one")
        refused(function, [0, 1], [0.1, 0.2], [1, 2, 3], match="(3,)")
    if "precision" not in function.__name__:
        refused(function, [1, 1], [0.1, 0.2], match="of zeros")


def test_bad_batches_are_not_taken_in():
    metric = metrics.AUC()
    metric.update_state([0, 1], [0.2, 0.1])
    refused(metric.update_state, [0, 1], [np.inf, 0.1], match="inf")
    refused(metric.update_state, [0, 1, 1], [0.2, 0.1])
    refused(metric.update_state, [0, 1], [0.2, 0.1], [np.nan, 1], match="nan")
    assert metric.result() == 0
    metric.update_state([1], [0.3])
    assert metric.result() == 0.5
