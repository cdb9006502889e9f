"""What every loss shares: matching shapes, weights, reductions, and the class `Loss`."""

from __future__ import annotations

import functools
import operator
from abc import ABC, abstractmethod

import numpy as np

from glassnet._validation import as_float, one_of, same_shape

__all__ = ["EPSILON", "REDUCTIONS", "Loss", "match_shapes", "reduction_factors"]

EPSILON = 1e-7
"""How far from 0 and 1 probabilities are kept before a logarithm; Keras' ``config.epsilon()``."""

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


class Loss(ABC):
    """A number that says how wrong predictions are, and its gradient.

    A subclass names the two functions it is made of, `per_sample` and `per_sample_gradient`, and
    in `options` the arguments of the constructor that it hands on to them.

    Parameters
    ----------
    reduction : str or None
        How the losses of the samples become one number: ``"sum_over_batch_size"`` and ``"mean"``
        divide their weighted sum by their number, ``"mean_with_sample_weight"`` by the sum of the
        weights, ``"sum"`` by nothing; ``"none"`` and None keep one number a sample.
    name : str, optional
        By default the name of the function.

    Raises
    ------
    ValueError
        If `reduction` is none of these.
    """

    options: tuple[str, ...] = ()
    axis = -1

    def __init__(self, reduction="sum_over_batch_size", name=None):
        self.reduction = one_of(reduction, REDUCTIONS, "reduction")
        self.name = name or self.per_sample.__name__

    @staticmethod
    @abstractmethod
    def per_sample(y_true, y_pred):
        """Return the loss of each sample, shape of `y_pred` without its last axis."""

    @staticmethod
    @abstractmethod
    def per_sample_gradient(y_true, y_pred):
        """Return the gradient of each sample's loss, shape of `y_pred`."""

    def __call__(self, y_true, y_pred, sample_weight=None, mask=None):
        """Return the reduced loss.

        Parameters
        ----------
        y_true : array_like
            Targets, of the shape of `y_pred`; a last axis of length 1 may be missing in one.
        y_pred : array_like, shape (batch, ..., outputs)
            Predictions.
        sample_weight : array_like, optional
            Weights of the shape of the unreduced losses, (batch, ...); an axis may have length 1.
        mask : ndarray of bool, shape of the unreduced losses, optional
            Samples, or steps of sequences, that are False do not count: they are left out of the
            sum and of the number that it is divided by.

        Returns
        -------
        scalar, or ndarray of shape (batch, ...) if nothing is reduced
            In the dtype of `y_pred`.
        """
        y_true, y_pred = self._match(y_true, y_pred)
        losses = self.per_sample(y_true, y_pred, **self._options())
        factors = self._factors(losses, y_true, y_pred, sample_weight, mask)
        weighted = losses.reshape(factors.shape) * factors
        return weighted if self.reduction in ("none", None) else weighted.sum()

    def gradient(self, y_true, y_pred, sample_weight=None, mask=None):
        """Return the gradient of the loss by the predictions; arguments as in the call.

        Returns
        -------
        ndarray, shape of `y_pred`
            If nothing is reduced, the gradient of the sum.
        """
        shape = np.shape(y_pred)
        y_true, y_pred = self._match(y_true, y_pred)
        slopes = self.per_sample_gradient(y_true, y_pred, **self._options())
        like_losses = np.take(slopes, 0, axis=self.axis)  # what counts is its shape: one a sample
        factors = self._factors(like_losses, y_true, y_pred, sample_weight, mask)
        factors = factors.reshape(like_losses.shape)
        return (np.expand_dims(factors, self.axis) * slopes).reshape(shape)

    def get_config(self):
        """Return the constructor's arguments, under the names Keras gives them."""
        return {"name": self.name, "reduction": self.reduction, **self._options()}

    def __repr__(self):
        config = ", ".join(f"{key}={value!r}" for key, value in self.get_config().items())
        return f"{type(self).__name__}({config})"

    def _options(self):
        return {name: getattr(self, name) for name in self.options}

    def _match(self, y_true, y_pred):
        return match_shapes(y_true, y_pred)

    def _mask(self, y_true, y_pred):
        """Return which samples count, as booleans, or None if all do."""
        return None

    def _factors(self, losses, y_true, y_pred, sample_weight, mask):
        counted = self._mask(y_true, y_pred)
        if mask is not None:
            same_shape(mask, losses, "mask", "losses")
            counted = mask if counted is None else mask & counted
        return reduction_factors(losses.shape, losses.dtype, sample_weight, self.reduction, counted)


def reduction_factors(shape, dtype, sample_weight=None, reduction="sum_over_batch_size", mask=None):
    """Return c such that the reduced loss is L = Σ c·l, so that c is also dL/dl.

    Parameters
    ----------
    shape, dtype
        Of the losses l, one a sample.
    sample_weight : array_like, optional
        Of the same shape but for axes of length 1, or a scalar.
    reduction : str or None
        See `Loss`.
    mask : ndarray of bool, shape `shape`, optional
        Samples that are False do not count, neither in the sum nor in their number.

    Returns
    -------
    ndarray
        Of `shape`, up to a last axis of length 1 that `sample_weight` has or has not.

    Raises
    ------
    ValueError
        If the weights are not finite, or their shape does not fit.
    """
    one_of(reduction, REDUCTIONS, "reduction")
    counted = np.ones(shape, dtype) if mask is None else mask.astype(dtype)
    count = counted.sum()
    if sample_weight is None:
        factors = total = counted
    else:
        weight = finite(as_float(sample_weight, "sample_weight"), "sample_weight").astype(dtype)
        counted, weight = squeeze_or_expand(counted, weight)
        check_broadcast(weight, counted.shape, "sample_weight")
        factors = counted * weight
        total = weight if mask is None else factors  # Keras sums the weights as they were given
    if reduction in ("sum", "none", None) or factors.ndim == 0:
        return factors
    divisor = total.sum() if reduction == "mean_with_sample_weight" else count
    return factors / divisor if divisor != 0 else np.zeros_like(factors)  # no weight: no loss


def match_shapes(y_true, y_pred):
    """Return targets and predictions as float arrays of one shape and of the dtype of `y_pred`.

    Like Keras, add or drop a last axis of length 1 if only one of them has it: (batch,) fits
    (batch, 1). Nothing else is broadcast.

    Raises
    ------
    ValueError
        If the shapes do not match, if there is no sample, or if `y_true` is not finite.
    """
    y_pred = as_float(y_pred, "y_pred")
    y_true = finite(as_float(y_true, "y_true"), "y_true").astype(y_pred.dtype, copy=False)
    y_true, y_pred = squeeze_or_expand(y_true, y_pred)
    same_shape(y_true, y_pred, "y_true", "y_pred")
    at_least_one(y_pred)
    return y_true, y_pred


def loss_function(function):
    """Let `function` see targets and predictions of one shape only; see `match_shapes`."""

    @functools.wraps(function)
    def matched(y_true, y_pred, *args, **kwargs):
        return function(*match_shapes(y_true, y_pred), *args, **kwargs)

    return matched


def gradient_function(function):
    """As `loss_function`, and give the gradient the shape that the caller's `y_pred` had."""

    @functools.wraps(function)
    def matched(y_true, y_pred, *args, **kwargs):
        gradient = function(*match_shapes(y_true, y_pred), *args, **kwargs)
        return gradient.reshape(np.shape(y_pred))

    return matched


def squeeze_or_expand(a, b):
    """Give arrays whose ranks differ by a last axis of length 1 the same rank."""
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, b[:, np.newaxis]) if b.ndim == 1 else (a[..., 0], b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (a[:, np.newaxis], b) if a.ndim == 1 else (a, b[..., 0])
    return a, b


def check_broadcast(a, shape, name):
    """Raise ValueError unless `a` is a scalar, or has `shape` up to axes of length 1."""
    fits = a.ndim == len(shape) and all(n in (1, m) for n, m in zip(a.shape, shape, strict=True))
    if a.ndim and not fits:
        raise ValueError(
            f"`{name}` must have the shape {shape}, or 1 in place of some of its lengths. "
            f"Received: shape={a.shape}"
        )


def finite(x, name):
    """Return `x`, or raise ValueError if it holds NaN or an infinity."""
    bad = ~np.isfinite(x)
    if np.any(bad):
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"`{name}` must be finite. Received: {x[index]} at index {index}")
    return x


def within(x, name, low, high):
    """Return `x`, or raise ValueError if an entry lies outside [low, high]; NaN passes."""
    outside = (x < low) | (x > high)
    if np.any(outside):
        raise ValueError(
            f"`{name}` must lie in [{low:g}, {high:g}]. Received: {x[outside].flat[0]}"
        )
    return x


def at_least_one(y_pred):
    """Raise ValueError if `y_pred` is a scalar or has no entries: there is nothing to average."""
    if y_pred.ndim == 0 or y_pred.size == 0:
        raise ValueError(f"`y_pred` must hold at least one sample. Received: shape={y_pred.shape}")


def axis_in(axis, ndim):
    """Return `axis` as an index from 0, or raise ValueError if there is no such axis."""
    try:
        index = operator.index(axis)
    except TypeError:
        index = ndim
    if isinstance(axis, bool) or not -ndim <= index < ndim:
        raise ValueError(f"`axis` must be an integer in [{-ndim}, {ndim - 1}]. Received: {axis!r}")
    return index % ndim
