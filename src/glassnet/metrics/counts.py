"""Metrics made of counts: precision, recall and the confusion matrix."""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_labels, positive_int, real_in, same_shape
from glassnet.metrics.base import Metric, output_weights, yes_or_no

__all__ = ["Precision", "Recall", "confusion_matrix"]


class _Quotient(Metric):
    """Share of the samples with a label among some others, for yes-or-no labels.

    Parameters
    ----------
    thresholds : float, optional
        Predictions above it say yes; 0.5 by default.
    name
        See `Metric`.
    """

    options = ("thresholds",)

    def __init__(self, thresholds=None, name=None):
        super().__init__(name)
        self.thresholds = None if thresholds is None else real_in(thresholds, "thresholds", 0, 1)

    def reset_state(self):
        """Forget all samples."""
        self.true_positives = self.false_positives = self.false_negatives = 0.0

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Take in one batch.

        Parameters
        ----------
        y_true : array_like, shape (batch, ...)
            Labels 0 and 1.
        y_pred : array_like, shape (batch, ...)
            Probabilities.
        sample_weight : array_like, shape (batch,) or that of `y_true`, optional

        Raises
        ------
        ValueError
            If a label is neither 0 nor 1, or shapes do not fit.
        """
        y_true, y_pred = yes_or_no(y_true, y_pred)
        said_yes = y_pred > (0.5 if self.thresholds is None else self.thresholds)
        weight = output_weights(sample_weight, y_pred)
        self.true_positives += float(np.sum(weight * (said_yes & (y_true == 1))))
        self.false_positives += float(np.sum(weight * (said_yes & (y_true == 0))))
        self.false_negatives += float(np.sum(weight * (~said_yes & (y_true == 1))))


class Precision(_Quotient):
    """How many of those called yes are: TP / (TP + FP); the twin of ``keras.metrics.Precision``."""

    default_name = "precision"

    def result(self):
        """Return the precision as float; 0 if nothing was called yes."""
        called = self.true_positives + self.false_positives
        return self.true_positives / called if called else 0.0


class Recall(_Quotient):
    """How many of the yes were called so: TP / (TP + FN); the twin of ``keras.metrics.Recall``."""

    default_name = "recall"

    def result(self):
        """Return the recall as float; 0 if there was no yes."""
        present = self.true_positives + self.false_negatives
        return self.true_positives / present if present else 0.0


def confusion_matrix(y_true, y_pred, classes=None):
    """Count how often each class was taken for each other.

    Parameters
    ----------
    y_true, y_pred : array_like, shape (samples,)
        Labels and predicted labels, whole numbers from 0.
    classes : int, optional
        Number of classes; by default the largest label that occurs, plus 1.

    Returns
    -------
    ndarray of int64, shape (classes, classes)
        Entry (i, j) is the number of samples of class i that were predicted as j.

    Raises
    ------
    ValueError
        If a label is no whole number in the range, or the shapes differ or are not (samples,).
    """
    same_shape(y_true, y_pred, "y_true", "y_pred")
    limit = np.inf if classes is None else positive_int(classes, "classes")
    y_true, y_pred = as_labels(y_true, limit), as_labels(y_pred, limit, "y_pred")
    if y_true.ndim != 1 or y_true.size == 0:
        raise ValueError(f"`y_true` must have shape (samples,). Received: shape={y_true.shape}")
    if classes is None:
        classes = 1 + int(max(y_true.max(), y_pred.max()))
    pairs = np.bincount((classes * y_true + y_pred).astype(np.intp), minlength=classes**2)
    return pairs.reshape(classes, classes).astype(np.int64, copy=False)
