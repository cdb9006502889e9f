"""How well scores rank: the ROC curve, the precision-recall curve, and the areas below them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet.losses.base import finite
from glassnet.metrics.base import Metric, output_weights, yes_or_no

__all__ = [
    "AUC",
    "average_precision_score",
    "precision_recall_curve",
    "rank_auc",
    "roc_auc_score",
    "roc_curve",
]


class _Counts(NamedTuple):
    """Weights of those called yes at each threshold, from the highest threshold down."""

    thresholds: np.ndarray
    true_positives: np.ndarray
    false_positives: np.ndarray


def roc_curve(y_true, y_score, sample_weight=None):
    """Trade the true against the false positives, one point for each threshold.

    Parameters
    ----------
    y_true : array_like, shape (n,)
        Labels 0 and 1, both of them.
    y_score : array_like, shape (n,)
        Any numbers that are higher where 1 is more likely: probabilities, logits, distances.
    sample_weight : array_like, shape (n,), optional
        At least 0.

    Returns
    -------
    fpr : ndarray, shape (thresholds,)
        Share of the zeros whose score reaches the threshold; from 0 to 1.
    tpr : ndarray, shape (thresholds,)
        Share of the ones whose score does; from 0 to 1.
    thresholds : ndarray, shape (thresholds,)
        Infinity, then the different scores from the highest to the lowest.

    Raises
    ------
    ValueError
        If the shapes do not fit, a label is neither 0 nor 1, or one of them does not occur.

    References
    ----------
    Fawcett (2006), An introduction to ROC analysis (``fawcett2006introduction``).
    """
    counts = _counts(*_checked(y_true, y_score, sample_weight))
    positives, negatives = _both_classes(counts)
    dtype = counts.thresholds.dtype
    fpr = np.append(0, counts.false_positives / negatives).astype(dtype)
    tpr = np.append(0, counts.true_positives / positives).astype(dtype)
    return fpr, tpr, np.append(np.inf, counts.thresholds).astype(dtype)


def precision_recall_curve(y_true, y_score, sample_weight=None):
    """Trade the precision against the recall, one point for each threshold.

    Parameters
    ----------
    y_true, y_score, sample_weight
        As for `roc_curve`; there must be a 1.

    Returns
    -------
    precision, recall : ndarray, shape (thresholds + 1,)
        Of those whose score reaches the threshold; at the end 1 and 0, without a threshold.
    thresholds : ndarray, shape (thresholds,)
        The different scores from the lowest to the highest.

    Raises
    ------
    ValueError
        As for `roc_curve`.
    """
    counts = _counts(*_checked(y_true, y_score, sample_weight))
    precision, recall = _precision_and_recall(counts)
    dtype = counts.thresholds.dtype
    return (
        np.append(precision[::-1], 1).astype(dtype),
        np.append(recall[::-1], 0).astype(dtype),
        counts.thresholds[::-1],
    )


def roc_auc_score(y_true, y_score, sample_weight=None):
    """Return the area below the ROC curve, by trapezia, exactly.

    It is the probability that a random 1 scores higher than a random 0, ties counted half: 1 for a
    perfect ranking, 0.5 for guessing; see `rank_auc`.

    Parameters
    ----------
    y_true, y_score, sample_weight
        As for `roc_curve`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As for `roc_curve`.

    References
    ----------
    Hanley and McNeil (1982), The meaning and use of the area (``hanley1982meaning``).
    """
    counts = _counts(*_checked(y_true, y_score, sample_weight))
    positives, negatives = _both_classes(counts)
    return _area(counts) / (positives * negatives)


def rank_auc(y_true, y_score):
    """Return the same area from the ranks of the scores, as Mann and Whitney's U statistic.

    With R the sum of the ranks of the ones among all scores, from 1 and averaged over ties, it is
    ``(R - n₁ (n₁ + 1) / 2) / (n₁ n₀)``: R less the smallest value that it could have, divided by
    the number of pairs.

    Parameters
    ----------
    y_true, y_score
        As for `roc_curve`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As for `roc_curve`.

    References
    ----------
    As for `roc_auc_score`.
    """
    y_true, y_score, weight = _checked(y_true, y_score, None)
    positives, negatives = _both_classes(_counts(y_true, y_score, weight))
    _, place, ties = np.unique(y_score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(ties) - (ties - 1) / 2  # the mean rank of each different score
    rank_sum = np.sum(ranks[place] * (y_true == 1))
    return float((rank_sum - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision_score(y_true, y_score, sample_weight=None):
    """Return the mean of the precisions at each threshold, weighted by the gain in recall.

    It is the area below the precision-recall curve as a staircase: a straight line between two
    points would promise more than any threshold can give.

    Parameters
    ----------
    y_true, y_score, sample_weight
        As for `precision_recall_curve`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As for `roc_curve`.

    References
    ----------
    Davis and Goadrich (2006), The relationship between precision-recall and ROC curves
    (``davis2006relationship``), on why not to interpolate linearly.
    """
    counts = _counts(*_checked(y_true, y_score, sample_weight))
    precision, recall = _precision_and_recall(counts)
    return float(np.sum(np.diff(recall, prepend=0) * precision))


class AUC(Metric):
    """Area below the ROC curve over all batches; the twin of ``keras.metrics.AUC``, but exact.

    Keras counts at 200 fixed thresholds, and is the closer to this the fewer scores share an
    interval. Here all scores are kept: memory and the time of `result` grow with their number.

    Parameters
    ----------
    name
        See `Metric`.
    """

    default_name = "auc"

    def reset_state(self):
        """Forget all samples."""
        self._batches = []

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Take in one batch; all outputs of all samples are ranked together.

        Parameters
        ----------
        y_true : array_like, shape (batch, ...)
            Labels 0 and 1.
        y_pred : array_like, shape (batch, ...)
            Any finite scores.
        sample_weight : array_like, shape (batch,) or that of `y_true`, optional

        Raises
        ------
        ValueError
            If a label is neither 0 nor 1, a score or weight is not finite, or shapes do not fit.
        """
        self._batches.append(_checked(y_true, y_pred, sample_weight))

    def result(self):
        """Return the area as float; 0, as in Keras, if one of the labels has not occurred."""
        if not self._batches:
            return 0.0
        counts = _counts(*(np.concatenate(part) for part in zip(*self._batches, strict=True)))
        pairs = float(counts.true_positives[-1:].sum() * counts.false_positives[-1:].sum())
        return _area(counts) / pairs if pairs else 0.0


def _checked(y_true, y_score, sample_weight):
    """Return labels, finite scores and weights of at least 0, each of shape (n,)."""
    y_true, y_score = yes_or_no(y_true, y_score)
    weight = output_weights(sample_weight, y_score)
    if np.any(weight < 0):
        raise ValueError(f"`sample_weight` must be at least 0. Received: {weight.min()}")
    return y_true.ravel(), finite(y_score, "y_score").ravel(), weight.ravel()


def _counts(y_true, y_score, weight):
    """Go down through the scores, and add up the ones and the zeros met so far, in float64."""
    counted = weight > 0
    order = np.flatnonzero(counted)[np.argsort(-y_score[counted], kind="stable")]
    y_true, y_score, weight = y_true[order], y_score[order], weight[order].astype(np.float64)
    ends = np.flatnonzero(np.append(np.diff(y_score) != 0, True)[: len(y_score)])  # of equal scores
    return _Counts(
        y_score[ends],
        np.cumsum(weight * (y_true == 1))[ends],
        np.cumsum(weight * (y_true == 0))[ends],
    )


def _area(counts):
    """Area below the curve of true positives over false positives, not yet shares."""
    width = np.diff(counts.false_positives, prepend=0)
    height = counts.true_positives - np.diff(counts.true_positives, prepend=0) / 2
    return float(np.sum(width * height))


def _precision_and_recall(counts):
    positives = counts.true_positives[-1:].sum()
    if positives == 0:
        raise ValueError("`y_true` must hold a 1 of some weight. Received: none")
    called = counts.true_positives + counts.false_positives
    return counts.true_positives / called, counts.true_positives / positives


def _both_classes(counts):
    """Return the whole weight of the ones and of the zeros, or raise ValueError if one is 0."""
    weights = tuple(float(part[-1:].sum()) for part in counts[1:])
    if 0 in weights:
        raise ValueError(
            f"`y_true` must hold 0 and 1, both. Received: weight {weights[0]:g} of ones, "
            f"{weights[1]:g} of zeros"
        )
    return weights
