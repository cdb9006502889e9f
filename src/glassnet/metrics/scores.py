"""Scores made of several sums: F-beta for classes, R² for regression."""

from __future__ import annotations

import numpy as np

from glassnet._validation import one_of, real_in
from glassnet.losses.base import EPSILON, match_shapes
from glassnet.metrics.base import Metric, output_weights, yes_or_no

__all__ = ["F1Score", "FBetaScore", "R2Score"]


class FBetaScore(Metric):
    """Weighted harmonic mean of precision and recall; the twin of ``keras.metrics.FBetaScore``.

    ``(1 + β²) P R / (β² P + R)``, for each class by itself.

    Parameters
    ----------
    average : str or None
        None gives one score a class, ``"macro"`` their mean, ``"weighted"`` their mean weighted by
        how often each class occurs, ``"micro"`` one score from the counts of all classes together.
    beta : float
        How many times as much the recall counts as the precision, greater than 0.
    threshold : float, optional
        Predictions above it, in (0, 1], say yes; by default those of the largest entry in a row.
    name
        See `Metric`.
    """

    default_name = "fbeta_score"
    options = ("average", "beta", "threshold")

    def __init__(self, average=None, beta=1.0, threshold=None, name=None):
        super().__init__(name)
        self.average = one_of(average, (None, "micro", "macro", "weighted"), "average")
        self.beta = real_in(beta, "beta", 0, open_low=True)
        self.threshold = (
            None if threshold is None else real_in(threshold, "threshold", 0, 1, open_low=True)
        )

    def reset_state(self):
        """Forget all samples, and how many classes there are."""
        self.true_positives = self.false_positives = self.false_negatives = 0.0

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Take in one batch.

        Parameters
        ----------
        y_true : array_like, shape (batch, classes)
            Labels 0 and 1, for instance one-hot.
        y_pred : array_like, shape (batch, classes)
            Probabilities.
        sample_weight : array_like, shape (batch,) or that of `y_true`, optional

        Raises
        ------
        ValueError
            If a label is neither 0 nor 1, or shapes do not fit.
        """
        y_true, y_pred = yes_or_no(y_true, y_pred)
        classes = np.shape(self.true_positives) or y_pred.shape[1:]
        if y_pred.ndim != 2 or y_pred.shape[1:] != classes:
            raise ValueError(
                f"`y_pred` must have shape (batch, {', '.join(map(str, classes)) or 'classes'}). "
                f"Received: shape={y_pred.shape}"
            )
        said_yes, is_yes = self._decide(y_pred), y_true == 1
        weight = output_weights(sample_weight, y_pred)
        self.true_positives += np.sum(weight * (said_yes & is_yes), axis=0, dtype=np.float64)
        self.false_positives += np.sum(weight * (said_yes & ~is_yes), axis=0, dtype=np.float64)
        self.false_negatives += np.sum(weight * (~said_yes & is_yes), axis=0, dtype=np.float64)

    def result(self):
        """Return the score as float, or, if nothing is averaged, ndarray of shape (classes,).

        A quotient of 0 by 0 counts as 0: like Keras, 1e-7 is added to the denominators.
        """
        hits, wrong, missed = self.true_positives, self.false_positives, self.false_negatives
        if self.average == "micro":
            hits, wrong, missed = np.sum(hits), np.sum(wrong), np.sum(missed)
        precision = hits / (hits + wrong + EPSILON)
        recall = hits / (hits + missed + EPSILON)
        weighted = self.beta**2 * precision + recall
        scores = (1 + self.beta**2) * precision * recall / (weighted + EPSILON)
        if self.average == "weighted":
            present = hits + missed
            return float(np.sum(scores * present) / (np.sum(present) + EPSILON))
        if self.average is None and np.ndim(scores):
            return scores
        return float(np.mean(scores))

    def _decide(self, y_pred):
        if self.threshold is not None:
            return y_pred > self.threshold
        # A row of zeros names no class, though each of its entries is the largest.
        return (y_pred >= y_pred.max(axis=1, keepdims=True)) & (np.abs(y_pred) > 1e-9)


class F1Score(FBetaScore):
    """Harmonic mean of precision and recall; the twin of ``keras.metrics.F1Score``.

    Parameters
    ----------
    average, threshold, name
        See `FBetaScore`.
    """

    default_name = "f1_score"
    options = ("average", "threshold")

    def __init__(self, average=None, threshold=None, name=None):
        super().__init__(average, 1.0, threshold, name)


class R2Score(Metric):
    """Share of the targets' variance that is explained; the twin of ``keras.metrics.R2Score``.

    ``1 - Σ w (y - ŷ)² / Σ w (y - ȳ)²`` with ȳ the weighted mean of the targets: 1 if all
    predictions are right, 0 for always predicting the mean, negative if they are worse than that.
    It is 0 for targets that do not vary.

    Parameters
    ----------
    class_aggregation : str or None
        For several outputs: ``"uniform_average"`` is the mean of their scores,
        ``"variance_weighted_average"`` weights it by their variances, None gives them all.
    name
        See `Metric`.
    """

    default_name = "r2_score"
    options = ("class_aggregation",)

    def __init__(self, class_aggregation="uniform_average", name=None):
        super().__init__(name)
        kinds = (None, "uniform_average", "variance_weighted_average")
        self.class_aggregation = one_of(class_aggregation, kinds, "class_aggregation")

    def reset_state(self):
        """Forget all samples."""
        self.count = self.mean = self.total = self.residual = 0.0

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Take in one batch.

        Means and sums of squares are merged as means and deviations from them; the difference of
        two sums of squares, as Keras has it, loses digits when the mean is large.

        Parameters
        ----------
        y_true, y_pred : array_like, shape (batch,) or (batch, outputs)
        sample_weight : array_like, shape (batch,) or that of `y_true`, optional

        Raises
        ------
        ValueError
            If shapes do not fit, or a target is not finite.
        """
        y_true, y_pred = match_shapes(y_true, y_pred)
        weight = output_weights(sample_weight, y_pred).astype(np.float64)
        if y_pred.ndim == 1:
            y_true, y_pred, weight = (part[:, np.newaxis] for part in (y_true, y_pred, weight))
        outputs = np.shape(self.mean) or y_pred.shape[1:]
        if y_pred.ndim != 2 or y_pred.shape[1:] != outputs:
            raise ValueError(
                f"`y_pred` must have shape (batch, {', '.join(map(str, outputs)) or 'outputs'}). "
                f"Received: shape={y_pred.shape}"
            )
        new = weight.sum(axis=0)
        mean = _quotient(np.sum(weight * y_true, axis=0), new)
        count = self.count + new
        shift = mean - self.mean
        self.total += np.sum(weight * (y_true - mean) ** 2, axis=0)
        self.total += shift**2 * self.count * _quotient(new, count)
        self.mean += shift * _quotient(new, count)
        self.residual += np.sum(weight * (y_true - y_pred) ** 2, axis=0)
        self.count = count

    def result(self):
        """Return the score as float; ndarray of shape (outputs,) if nothing is aggregated."""
        scores = np.where(
            np.equal(self.total, 0), 0.0, 1 - _quotient(self.residual, np.asarray(self.total))
        )
        if self.class_aggregation is None and scores.ndim:
            return scores
        if self.class_aggregation == "variance_weighted_average":
            return float(_quotient(np.sum(self.total * scores), np.sum(self.total)))
        return float(np.mean(scores))


def _quotient(a, b):
    """Return a / b, and 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(np.shape(b), np.float64), where=np.not_equal(b, 0))
