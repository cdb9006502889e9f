"""Curves, the areas below them, and scores, against scikit-learn and Keras."""

from __future__ import annotations

import functools
import itertools

import numpy as np

from glassnet import metrics

from ..report import Report, compare_arrays
from ..training import metric
from .registry import case


def _ranked(rng, n=60):
    """Labels, scores that follow them, with ties, and weights, some of them 0."""
    y_true = rng.integers(0, 2, n)
    score = np.round(rng.standard_normal(n) + y_true, 1)
    return y_true, score, rng.integers(0, 4, n) / 2


@case(
    "metrics of rankings, against scikit-learn",
    "metrics.roc_curve",
    "metrics.precision_recall_curve",
    "metrics.roc_auc_score",
    "metrics.average_precision_score",
)
def _rankings(rng):
    from sklearn import metrics as reference

    y_true, score, weight = _ranked(rng)
    rows = []
    for title, w in (("", None), ("weighted ", weight)):
        ours = metrics.roc_curve(y_true, score, w)
        theirs = reference.roc_curve(y_true, score, sample_weight=w, drop_intermediate=False)
        curve = metrics.precision_recall_curve(y_true, score, w)
        other = reference.precision_recall_curve(y_true, score, sample_weight=w)
        for name, a, b in [
            *zip(("fpr", "tpr", "thresholds"), ours, theirs, strict=True),
            *zip(("precision", "recall", "thresholds"), curve, other, strict=True),
            (
                "area below the ROC curve",
                metrics.roc_auc_score(y_true, score, w),
                reference.roc_auc_score(y_true, score, sample_weight=w),
            ),
            (
                "average precision",
                metrics.average_precision_score(y_true, score, w),
                reference.average_precision_score(y_true, score, sample_weight=w),
            ),
        ]:
            rows.append(compare_arrays(title + name, a, b))
    return Report("rankings", rows)


@case("metrics.rank_auc, against all pairs", "metrics.rank_auc", "metrics.roc_auc_score")
def _pairs(rng):
    y_true, score, _ = _ranked(rng)
    pairs = itertools.product(score[y_true == 1], score[y_true == 0])
    share = np.mean([(a > b) + (a == b) / 2 for a, b in pairs])
    rows = [
        compare_arrays("by ranks", metrics.rank_auc(y_true, score), share),
        compare_arrays("by trapezia", metrics.roc_auc_score(y_true, score), share),
    ]
    return Report("AUC", rows)


@case("metrics.AUC", "metrics.AUC", "metrics.Metric", "metrics.yes_or_no")
def _auc(rng):
    """With every score in an interval of Keras' thresholds of its own, Keras is exact as well."""
    batches = []
    for size in (6, 9, 4):
        y_pred = (rng.integers(0, 40, (size, 2)) * 4 + 0.5) / 199
        y_true = rng.integers(0, 2, (size, 2))
        y_true[0] = 0, 1
        batches += [(y_true, y_pred), (y_true, y_pred, rng.uniform(0.1, 2, size))]
    return metric(metrics.AUC(), batches)


def _classes(rng, size):
    scores = rng.uniform(0.01, 1, (size, 4))
    scores[0] = 0
    return np.eye(4)[rng.integers(0, 4, size)], scores


def _several(rng, size):
    scores = rng.uniform(0, 1, (size, 4))
    scores[0] = 0.4
    return rng.integers(0, 2, (size, 4)).astype(np.float64), scores


def _targets(rng, size):
    return 3 + rng.standard_normal((size, 4)) * [1, 2, 3, 4], 3 + rng.standard_normal((size, 4))


_SCORES = [
    *(("F1Score", {"average": a}, _classes) for a in (None, "micro", "macro", "weighted")),
    ("F1Score", {"average": "macro", "threshold": 0.4}, _several),
    ("FBetaScore", {"average": "weighted", "beta": 2.0}, _classes),
    ("FBetaScore", {"average": None, "beta": 0.5, "threshold": 0.4}, _several),
    ("R2Score", {}, _targets),
    ("R2Score", {"class_aggregation": None}, _targets),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, _targets),
]


def _score(name, options, draw, rng):
    batches = []
    for size in (5, 8, 3):
        y_true, y_pred = draw(rng, size)
        batches += [(y_true, y_pred), (y_true, y_pred, rng.uniform(0.1, 2.0, size))]
    return metric(getattr(metrics, name)(**options), batches)


for _name, _options, _draw in _SCORES:
    _listed = "".join(f", {key}={value}" for key, value in _options.items())
    case(f"metrics.{_name}{_listed}", f"metrics.{_name}", "metrics.Metric")(
        functools.partial(_score, _name, _options, _draw)
    )
