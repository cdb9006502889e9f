"""Several models that answer together: averages, and bagging."""

from __future__ import annotations

import numpy as np

from glassnet._fitting import fitted
from glassnet._validation import as_float, positive_int
from glassnet.data.preparation import as_generator
from glassnet.losses.base import match_shapes

__all__ = [
    "AveragingEnsemble",
    "BaggingEnsemble",
    "ambiguity",
    "ambiguity_decomposition",
    "average_predictions",
    "bootstrap_indices",
    "expected_distinct_share",
    "out_of_bag",
    "out_of_bag_average",
]


def average_predictions(predictions, weights=None):
    """Average the predictions of the members.

    Parameters
    ----------
    predictions : array_like, shape (members, n, ...)
        Values, or probabilities; the average of probabilities is a probability.
    weights : array_like, shape (members,), optional
        At least 0, in any unit: what counts is the share of their sum.

    Returns
    -------
    ndarray, shape (n, ...)

    Raises
    ------
    ValueError
        If the shapes do not fit, or the weights are negative or all 0.
    """
    predictions = _stacked(predictions)
    return np.tensordot(_shares(weights, predictions), predictions, axes=1)


def ambiguity(predictions, weights=None):
    """Return how far the members disagree: the variance of their predictions around the average.

    Parameters
    ----------
    predictions, weights
        As for `average_predictions`.

    Returns
    -------
    ndarray, shape (n, ...)

    References
    ----------
    Krogh and Vedelsby (1995), Neural network ensembles (``krogh1995neural``).
    """
    predictions = _stacked(predictions)
    around = predictions - average_predictions(predictions, weights)
    return np.tensordot(_shares(weights, predictions), around**2, axes=1)


def ambiguity_decomposition(y_true, predictions, weights=None):
    """Split the squared error of the average into the members' own and their disagreement.

    The error of the average is the average of the errors less the ambiguity, exactly, whatever the
    data: the average is never worse than its members are on average, and the better the more they
    disagree.

    Parameters
    ----------
    y_true : array_like, shape (n, ...)
    predictions : array_like, shape (members, n, ...)
    weights : array_like, shape (members,), optional

    Returns
    -------
    ensemble_error : float
        Mean squared error of the average, ``average_error - ambiguity``.
    average_error : float
        Average of the members' mean squared errors.
    ambiguity : float
        Mean of :func:`ambiguity`.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Krogh and Vedelsby (1995), Neural network ensembles (``krogh1995neural``).
    """
    predictions = _stacked(predictions)
    y_true, average = match_shapes(y_true, average_predictions(predictions, weights))
    errors = ((predictions.reshape(len(predictions), *average.shape) - y_true) ** 2).reshape(
        len(predictions), -1
    )
    return (
        float(np.mean((average - y_true) ** 2)),
        float(_shares(weights, predictions) @ errors.mean(axis=1)),
        float(np.mean(ambiguity(predictions, weights))),
    )


def bootstrap_indices(n, rng):
    """Draw n of n examples with replacement.

    Parameters
    ----------
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int64, shape (n,)
        Row numbers; some come several times, others not at all.

    References
    ----------
    Breiman (1996), Bagging predictors (``breiman1996bagging``).
    """
    n = positive_int(n, "n")
    return as_generator(rng).integers(n, size=n)


def expected_distinct_share(n, draws=None):
    """Return the expected share of the examples that a bootstrap sample contains.

    An example is missed by one draw with probability ``1 - 1/n``, and by all of them with that to
    the power of their number: ``1 - (1 - 1/n)^draws``, for n draws close to ``1 - 1/e``, 0.632.

    Parameters
    ----------
    n : int
    draws : int, optional
        By default n.

    Returns
    -------
    float
    """
    n = positive_int(n, "n")
    draws = n if draws is None else positive_int(draws, "draws")
    return 1 - (1 - 1 / n) ** draws


def out_of_bag(samples, n):
    """Mark the examples that each member has not been trained on.

    Parameters
    ----------
    samples : sequence of array_like of int
        The row numbers that each member was trained on.
    n : int
        Number of examples.

    Returns
    -------
    ndarray of bool, shape (members, n)
    """
    rows = np.arange(positive_int(n, "n"))
    return np.stack([np.isin(rows, sample, invert=True) for sample in samples])


def out_of_bag_average(predictions, outside):
    """Average, for each example, over the members that have not been trained on it.

    It is as if each example had been held out for a test, without a further model.

    Parameters
    ----------
    predictions : array_like, shape (members, n, ...)
    outside : array_like of bool, shape (members, n)
        From `out_of_bag`.

    Returns
    -------
    ndarray, shape (n, ...)
        NaN for an example that all members have been trained on.

    References
    ----------
    Breiman (1996), Bagging predictors (``breiman1996bagging``).
    """
    predictions = _stacked(predictions)
    outside = np.asarray(outside)
    if outside.shape != predictions.shape[:2]:
        raise ValueError(
            f"`outside` must have shape {predictions.shape[:2]}. Received: shape={outside.shape}"
        )
    weight = outside.astype(predictions.dtype)
    weight = weight.reshape(weight.shape + (1,) * (predictions.ndim - 2))
    total, count = (weight * predictions).sum(axis=0), weight.sum(axis=0)
    unknown = np.full_like(total, np.nan)
    return np.divide(total, count, out=unknown, where=np.broadcast_to(count > 0, total.shape))


class AveragingEnsemble:
    """Trained models whose predictions are averaged.

    Parameters
    ----------
    models : sequence
        Anything with ``predict(x)``, all with outputs of one shape.
    weights : array_like, shape (models,), optional
        See `average_predictions`.

    Raises
    ------
    ValueError
        If there is no model, or the weights do not fit.
    """

    def __init__(self, models, weights=None):
        self.models = list(models)
        if not self.models or not all(hasattr(model, "predict") for model in self.models):
            raise ValueError(f"`models` must be a list of models. Received: {self.models!r}")
        self.weights = weights
        _shares(weights, np.empty(len(self.models)))

    def member_predictions(self, x):
        """Return the predictions of all members: shape (models, n, ...)."""
        return _stacked([model.predict(x) for model in self.models])

    def predict(self, x):
        """Return their average: shape (n, ...)."""
        return average_predictions(self.member_predictions(x), self.weights)


class BaggingEnsemble(AveragingEnsemble):
    """Models trained on bootstrap samples, whose predictions are averaged.

    Parameters
    ----------
    build : callable
        ``build()`` returns a new compiled model that is not built yet, or ``(model, options)`` with
        keyword arguments for its ``fit``; or anything else with ``fit(x, y)`` and ``predict(x)``.
    n_estimators : int

    Attributes
    ----------
    models : list
        The members, once trained.
    samples : ndarray of int64, shape (n_estimators, n)
        The row numbers that each was trained on.
    oob_prediction : ndarray, shape (n, ...)
        See `out_of_bag_average`: an estimate of what to expect on new data.

    Raises
    ------
    ValueError
        If `n_estimators` is not a positive integer.
    RuntimeError
        If it is asked for predictions before `fit`.

    References
    ----------
    Breiman (1996), Bagging predictors (``breiman1996bagging``).
    """

    def __init__(self, build, n_estimators=10):
        self.build, self.weights = build, None
        self.n_estimators = positive_int(n_estimators, "n_estimators")
        self.models = []

    def fit(self, x, y, rng, samples=None):
        """Train every member on a sample of its own.

        Parameters
        ----------
        x : array_like, shape (n, ...)
        y : array_like, shape (n, ...)
        rng : numpy.random.Generator
            Each member draws its sample and its weights from a child of it.
        samples : array_like of int, shape (n_estimators, draws), optional
            Row numbers to use instead of drawing them.

        Returns
        -------
        BaggingEnsemble
            Itself.

        Raises
        ------
        ValueError
            If `x` and `y` differ in length, or the samples do not fit.
        """
        x, y = np.asarray(x), np.asarray(y)
        if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
            raise ValueError(
                f"`x` and `y` must be of the same length. Received: x {x.shape}, y {y.shape}"
            )
        children = as_generator(rng).spawn(self.n_estimators)
        if samples is None:
            samples = [bootstrap_indices(len(x), child) for child in children]
        samples = self._checked_samples(samples, len(x))
        models = [
            fitted(self.build, x[sample], y[sample], child)
            for sample, child in zip(samples, children, strict=True)
        ]
        predictions = AveragingEnsemble(models).member_predictions(x)
        self.oob_prediction = out_of_bag_average(predictions, out_of_bag(samples, len(x)))
        self.samples, self.models = samples, models
        return self

    def member_predictions(self, x):
        """Return the predictions of all members: shape (n_estimators, n, ...)."""
        if not self.models:
            raise RuntimeError("BaggingEnsemble has no members before `fit`.")
        return super().member_predictions(x)

    def _checked_samples(self, samples, n):
        samples = np.asarray(samples)
        fits = samples.ndim == 2 and len(samples) == self.n_estimators and samples.size > 0
        if not fits or samples.dtype.kind not in "iu" or samples.min() < 0 or samples.max() >= n:
            raise ValueError(
                f"`samples` must hold row numbers from 0 to {n - 1}, for each of "
                f"{self.n_estimators} members. Received: shape={samples.shape}, {samples!r}"
            )
        return samples


def _stacked(predictions):
    predictions = as_float(predictions, "predictions")
    if predictions.ndim < 2 or predictions.size == 0:
        raise ValueError(
            f"`predictions` must have shape (members, n, ...). Received: shape={predictions.shape}"
        )
    return predictions


def _shares(weights, predictions):
    """Return weights that sum to 1, in the dtype of the predictions."""
    members = len(predictions)
    weights = np.ones(members) if weights is None else as_float(weights, "weights")
    if weights.shape != (members,) or not np.all(weights >= 0) or not 0 < weights.sum() < np.inf:
        raise ValueError(
            f"`weights` must hold {members} numbers of at least 0, not all 0. "
            f"Received: weights={weights!r}"
        )
    return (weights / weights.sum()).astype(predictions.dtype)
