"""Metrics that are a mean over the samples: errors and accuracies."""

from __future__ import annotations

import math

import numpy as np

from glassnet import losses
from glassnet._validation import as_float, as_labels, positive_int, real_in
from glassnet.losses.base import at_least_one, match_shapes
from glassnet.metrics.base import MeanOf, yes_or_no

__all__ = [
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
]


class MeanSquaredError(MeanOf):
    """Mean squared error; the twin of ``keras.metrics.MeanSquaredError``."""

    default_name = "mean_squared_error"

    def values(self, y_true, y_pred):
        """Return each sample's squared error, shape ``y_pred.shape[:-1]``."""
        return losses.mean_squared_error(y_true, y_pred)


class MeanAbsoluteError(MeanOf):
    """Mean absolute error; the twin of ``keras.metrics.MeanAbsoluteError``."""

    default_name = "mean_absolute_error"

    def values(self, y_true, y_pred):
        """Return each sample's absolute error, shape ``y_pred.shape[:-1]``."""
        return losses.mean_absolute_error(y_true, y_pred)


class RootMeanSquaredError(MeanOf):
    """Root of the mean squared error, in the unit of the targets.

    The twin of ``keras.metrics.RootMeanSquaredError``.
    """

    default_name = "root_mean_squared_error"
    uses_mask = False

    def values(self, y_true, y_pred):
        """Return the squared errors, shape of `y_pred`."""
        y_true, y_pred = match_shapes(y_true, y_pred)
        return (y_pred - y_true) ** 2

    def result(self):
        """Return the root over all batches, not the mean of the batches' roots, as float."""
        return math.sqrt(super().result())


class BinaryAccuracy(MeanOf):
    """Fraction of yes-or-no labels that are right; the twin of ``keras.metrics.BinaryAccuracy``.

    Parameters
    ----------
    threshold : float
        Predictions above it say yes: 0.5 for probabilities, 0 for logits.
    name
        See `Metric`.
    """

    default_name = "binary_accuracy"
    options = ("threshold",)

    def __init__(self, name=None, threshold=0.5):
        super().__init__(name)
        self.threshold = real_in(threshold, "threshold")

    def values(self, y_true, y_pred):
        """Return 1 where label and prediction agree, else 0, shape of `y_pred`."""
        y_true, y_pred = yes_or_no(y_true, y_pred)
        return y_true == (y_pred > self.threshold)


class CategoricalAccuracy(MeanOf):
    """Fraction of samples whose largest prediction is at the place of the largest target.

    The twin of ``keras.metrics.CategoricalAccuracy``.
    """

    default_name = "categorical_accuracy"

    def values(self, y_true, y_pred):
        """Return 1 where the class is right, else 0, shape ``y_pred.shape[:-1]``."""
        y_true, y_pred = match_shapes(y_true, y_pred)
        return np.argmax(y_true, axis=-1) == np.argmax(y_pred, axis=-1)


class SparseCategoricalAccuracy(MeanOf):
    """Fraction of samples whose largest prediction is at the place given by the label.

    The twin of ``keras.metrics.SparseCategoricalAccuracy``.
    """

    default_name = "sparse_categorical_accuracy"

    def values(self, y_true, y_pred):
        """Return 1 where the class is right, else 0, shape ``y_pred.shape[:-1]``."""
        labels, y_pred = _class_labels(y_true, y_pred)
        return labels == np.argmax(y_pred, axis=-1)


class SparseTopKCategoricalAccuracy(MeanOf):
    """Fraction of samples for whose class fewer than k others are predicted more strongly.

    The twin of ``keras.metrics.SparseTopKCategoricalAccuracy``.

    Parameters
    ----------
    k : int
        At least 1.
    name
        See `Metric`.
    """

    default_name = "sparse_top_k_categorical_accuracy"
    options = ("k",)

    def __init__(self, k=5, name=None):
        super().__init__(name)
        self.k = positive_int(k, "k")

    def values(self, y_true, y_pred):
        """Return 1 where the class is among the k, else 0, shape ``y_pred.shape[:-1]``."""
        labels, y_pred = _class_labels(y_true, y_pred)
        own = np.take_along_axis(y_pred, labels[..., np.newaxis], axis=-1)
        sensible = np.all(np.isfinite(y_pred), axis=-1)  # nothing can be ranked against NaN
        return (np.sum(y_pred > own, axis=-1) < self.k) & sensible


def _class_labels(y_true, y_pred):
    y_true, y_pred = as_float(y_true, "y_true"), as_float(y_pred, "y_pred")
    at_least_one(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    if y_true.shape != y_pred.shape[:-1]:
        raise ValueError(
            "`y_true` must have the shape of `y_pred` without its last axis. "
            f"Received: y_true {y_true.shape}, y_pred {y_pred.shape}"
        )
    return as_labels(y_true, y_pred.shape[-1]), y_pred
