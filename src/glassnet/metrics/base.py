"""The interface of every metric, and the weighted mean that most of them are."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from glassnet._validation import as_float
from glassnet.losses.base import check_broadcast, finite, match_shapes, squeeze_or_expand

__all__ = ["Mean", "MeanOf", "Metric", "yes_or_no"]


class Metric(ABC):
    """What every metric has: `update_state`, `result` and `reset_state`.

    Parameters
    ----------
    name : str, optional
        By default the snake-case name of the class.
    """

    default_name = "metric"
    options: tuple[str, ...] = ()
    uses_mask = False  # whether Keras gives this metric the mask of the predictions as weights

    def __init__(self, name=None):
        self.name = name or self.default_name
        self.reset_state()

    @abstractmethod
    def reset_state(self):
        """Forget all samples."""

    @abstractmethod
    def update_state(self, y_true, y_pred, sample_weight=None):
        """Take in one batch."""

    @abstractmethod
    def result(self):
        """Return the value over all samples since the reset, as float; 0 if there were none."""

    def get_config(self):
        """Return the constructor's arguments, under the names Keras gives them."""
        return {"name": self.name, **{option: getattr(self, option) for option in self.options}}


class Mean(Metric):
    """Weighted mean of values, ``Σ w v / Σ w``, over all batches."""

    default_name = "mean"

    def reset_state(self):
        """Forget all values."""
        self.total = 0.0
        self.count = 0.0

    def update_state(self, values, sample_weight=None):
        """Take in one batch.

        Parameters
        ----------
        values : array_like, shape (batch, ...)
            A sample's values are averaged over the axes that `sample_weight` has not.
        sample_weight : array_like, shape (batch, ...), optional
            By default 1 for each sample.

        Raises
        ------
        ValueError
            If the weights are not finite, or their shape does not fit the values.
        """
        values = as_float(values, "values")
        if values.size == 0:
            raise ValueError(f"`values` must not be empty. Received: shape={values.shape}")
        if sample_weight is None:
            weight = np.ones(values.shape[:1], values.dtype)
        else:
            weight = finite(as_float(sample_weight, "sample_weight"), "sample_weight")
            values, weight = squeeze_or_expand(values, weight)
        values = values.mean(axis=tuple(range(weight.ndim, values.ndim)))
        check_broadcast(weight, values.shape, "sample_weight")
        weight = np.broadcast_to(weight, values.shape)
        per_sample = max(values[:1].size, 1) if values.ndim else 1  # weights of one sample
        self.total += float(np.sum(values * weight)) / per_sample
        self.count += float(np.sum(weight)) / per_sample

    def result(self):
        """Return the mean as float; 0 if there was no weight."""
        return self.total / self.count if self.count else 0.0


class MeanOf(Mean):
    """Mean of a function of targets and predictions, which subclasses define as `values`."""

    uses_mask = True

    @abstractmethod
    def values(self, y_true, y_pred):
        """Return one value a sample, shape (batch, ...)."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Take in one batch of targets and predictions; weights as in `Mean`."""
        super().update_state(self.values(y_true, y_pred), sample_weight)


def yes_or_no(y_true, y_pred):
    """Return labels and predictions of one shape, or raise ValueError if a label is not 0 or 1."""
    y_true, y_pred = match_shapes(y_true, y_pred)
    other = (y_true != 0) & (y_true != 1)
    if np.any(other):
        raise ValueError(f"`y_true` must hold 0 and 1 only. Received: {y_true[other].flat[0]}")
    return y_true, y_pred


def output_weights(sample_weight, y_pred):
    """Return the weights of samples, or of their outputs, in the shape of `y_pred`.

    Raises ValueError if they are not finite or their shape does not fit; None stands for ones.
    """
    if sample_weight is None:
        return np.ones(y_pred.shape, y_pred.dtype)
    weight = finite(as_float(sample_weight, "sample_weight"), "sample_weight")
    if weight.ndim == y_pred.ndim - 1:
        weight = weight[..., np.newaxis]  # one weight for all outputs of a sample
    check_broadcast(weight, y_pred.shape, "sample_weight")
    return np.broadcast_to(weight, y_pred.shape)
