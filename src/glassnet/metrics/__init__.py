"""Metrics: numbers for people, accumulated over batches and never differentiated.

Every class is updated batch by batch: a weighted mean, a quotient of counts or of sums, or the area
below a curve. The functions judge a whole data set at once: rankings and clusterings.
"""

from __future__ import annotations

from glassnet import losses
from glassnet._validation import lookup
from glassnet.metrics.base import Mean, Metric
from glassnet.metrics.clustering import (
    adjusted_rand_score,
    contingency_matrix,
    inertia,
    silhouette_samples,
    silhouette_score,
)
from glassnet.metrics.counts import Precision, Recall, confusion_matrix
from glassnet.metrics.means import (
    BinaryAccuracy,
    CategoricalAccuracy,
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
)
from glassnet.metrics.ranking import (
    AUC,
    average_precision_score,
    precision_recall_curve,
    rank_auc,
    roc_auc_score,
    roc_curve,
)
from glassnet.metrics.scores import F1Score, FBetaScore, R2Score

__all__ = [
    "AUC",
    "METRICS",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "F1Score",
    "FBetaScore",
    "Mean",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "adjusted_rand_score",
    "average_precision_score",
    "confusion_matrix",
    "contingency_matrix",
    "get",
    "inertia",
    "precision_recall_curve",
    "rank_auc",
    "roc_auc_score",
    "roc_curve",
    "silhouette_samples",
    "silhouette_score",
]

_CLASSES = (
    Mean,
    MeanSquaredError,
    MeanAbsoluteError,
    RootMeanSquaredError,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    Precision,
    Recall,
    AUC,
    F1Score,
    FBetaScore,
    R2Score,
)

METRICS = {cls.default_name: cls for cls in _CLASSES}
"""Every metric class, by its snake-case name."""

_BY_ANY_NAME = METRICS | {cls.__name__: cls for cls in _CLASSES}
_BY_ANY_NAME |= {"mse": MeanSquaredError, "mae": MeanAbsoluteError}

_ACCURACIES = {
    losses.BinaryCrossentropy: BinaryAccuracy,
    losses.CategoricalCrossentropy: CategoricalAccuracy,
    losses.KLDivergence: CategoricalAccuracy,
    losses.SparseCategoricalCrossentropy: SparseCategoricalAccuracy,
}


def get(identifier, loss=None):
    """Return a metric.

    Parameters
    ----------
    identifier : str or Metric
        A metric, or a name as ``"mean_squared_error"``, ``"MeanSquaredError"`` or ``"mse"``, which
        the metric will bear. ``"accuracy"`` and ``"acc"`` are the accuracy that goes with `loss`.
    loss : str or Loss, optional
        As for `losses.get`.

    Returns
    -------
    Metric

    Raises
    ------
    ValueError
        If the name is unknown, or if no accuracy goes with the loss.
    """
    if isinstance(identifier, Metric):
        return identifier
    if identifier not in ("accuracy", "acc"):
        return lookup(identifier, _BY_ANY_NAME, "metric")(name=identifier)
    kind = None if loss is None else type(losses.get(loss))
    if kind not in _ACCURACIES:
        raise ValueError(
            f"{identifier!r} needs a cross-entropy or the KL divergence as the loss; otherwise "
            "name BinaryAccuracy, CategoricalAccuracy or SparseCategoricalAccuracy. "
            f"Received: loss={loss!r}"
        )
    return _ACCURACIES[kind](name=identifier)
