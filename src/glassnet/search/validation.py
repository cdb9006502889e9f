"""Cross-validation, and searching for the hyper-parameters that do best in it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np

from glassnet import metrics
from glassnet._fitting import fitted
from glassnet._validation import one_of, positive_int
from glassnet.callbacks import direction
from glassnet.data.preparation import as_generator
from glassnet.search.candidates import ParameterGrid, ParameterSampler

__all__ = ["GridSearch", "RandomSearch", "cross_validate"]


def cross_validate(build, x, y, folds, rng, scoring="accuracy", prepare=None, params=None):
    """Train a new model on all folds but one and score it on that one, for each fold.

    The model of a fold gets a generator that depends on `rng` and on the number of the fold alone.

    Parameters
    ----------
    build : callable
        ``build(**params)`` returns a new compiled model that is not built yet, or
        ``(model, options)`` with keyword arguments for its ``fit``, such as epochs. Anything else
        with ``fit(x, y)`` and ``predict(x)`` will do.
    x : array_like, shape (n, ...)
    y : array_like, shape (n, ...)
    folds : KFold, or sequence of (train, test)
        What divides the examples, or the row numbers themselves.
    rng : numpy.random.Generator
    scoring : str or callable
        The name of a metric, ``"loss"`` for that of the model, or
        ``scoring(y_true, y_pred) -> float``.
    prepare : callable, optional
        ``prepare(x_train, x_test)`` returns both as the model is to see them, such as
        :func:`glassnet.data.standardise`. It is called within the fold, so that it can learn
        from the training part only.
    params : dict, optional
        Passed to `build`.

    Returns
    -------
    ndarray of float64, shape (folds,)
        The score on each test part.

    Raises
    ------
    ValueError
        If the arguments do not fit, for instance if an example is in both parts of a fold.

    References
    ----------
    Stone (1974), Cross-validatory choice (``stone1974cross``).
    """
    x, y, splits = _checked(x, y, folds)
    seeds = _seeds(as_generator(rng), splits)
    scores = [
        _score_fold(build, params or {}, x, y, split, seed, _scorer(scoring), prepare)
        for split, seed in zip(splits, seeds, strict=True)
    ]
    return np.array(scores, np.float64)


class _Search(ABC):
    """The search itself; subclasses say which candidates there are."""

    def __init__(self, build, folds, scoring, mode, prepare, error_score):
        self.build, self.folds, self.prepare = build, folds, prepare
        self.scoring = scoring
        self.mode = _best_is(scoring, mode)
        if error_score != "raise" and not isinstance(error_score, (int, float)):
            raise ValueError(
                f"`error_score` must be a number or 'raise'. Received: error_score={error_score!r}"
            )
        self.error_score = error_score

    @abstractmethod
    def candidates(self, rng):
        """Return the candidates, a list of dicts."""

    def fit(self, x, y, rng):
        """Cross-validate every candidate.

        All candidates see the same folds and, fold by fold, the same random numbers: a result
        depends neither on the order of the candidates nor on which others there are.

        Parameters
        ----------
        x, y : array_like, first axis (n,)
        rng : numpy.random.Generator

        Returns
        -------
        GridSearch or RandomSearch
            Itself.

        Raises
        ------
        RuntimeError
            If a candidate fails and `error_score` is ``"raise"``, or if all fail.
        ValueError
            If the arguments do not fit.
        """
        rng = as_generator(rng)
        candidates = self.candidates(rng)
        x, y, splits = _checked(x, y, self.folds)
        seeds = _seeds(rng, splits)
        self.results = [self._evaluate(params, x, y, splits, seeds) for params in candidates]
        means = [row["mean"] if math.isfinite(row["mean"]) else math.nan for row in self.results]
        if np.all(np.isnan(means)):
            raise RuntimeError(
                f"No candidate has a finite score. The first: {self.results[0]['error']}"
            )
        best = np.nanargmax(means) if self.mode == "max" else np.nanargmin(means)
        self.best_index = int(best)
        self.best_params = dict(self.results[best]["params"])
        self.best_score = self.results[best]["mean"]
        return self

    def _evaluate(self, params, x, y, splits, seeds):
        scorer, scores, error = _scorer(self.scoring), [], None
        for number, (split, seed) in enumerate(zip(splits, seeds, strict=True)):
            try:
                score = _score_fold(self.build, params, x, y, split, seed, scorer, self.prepare)
            except Exception as caught:
                message = f"{params}, fold {number}: {type(caught).__name__}: {caught}"
                if self.error_score == "raise":
                    raise RuntimeError(f"A candidate failed. Received: {message}") from caught
                error, score = error or message, self.error_score
            scores.append(score)
        with np.errstate(invalid="ignore"):  # of infinities
            mean, std = float(np.mean(scores)), float(np.std(scores))
        return {"params": dict(params), "mean": mean, "std": std, "scores": scores, "error": error}


class GridSearch(_Search):
    """Cross-validate all combinations of some values.

    Parameters
    ----------
    build : callable
        See `cross_validate`.
    grid : dict of str to sequence, or a list of such dicts
        See `ParameterGrid`.
    folds : KFold, or sequence of (train, test)
    scoring : str or callable
        See `cross_validate`.
    mode : str
        Whether a ``"max"`` or a ``"min"`` of the score is best; ``"auto"`` tells it from the name.
    prepare : callable, optional
        See `cross_validate`.
    error_score : float or str
        What a candidate scores on a fold where it fails, for instance because its loss becomes
        infinite; ``"raise"`` stops the search instead. A candidate with a score that is not finite
        is never the best.

    Attributes
    ----------
    results : list of dict
        One for each candidate: ``params``, ``mean`` and ``std`` of its ``scores`` (a list, one for
        each fold), and ``error``, the first message or None.
    best_params : dict
    best_score : float
        The mean score of these parameters. It was chosen as the best of many and is therefore too
        good: estimate what to expect on data that took no part in the search.
    best_index : int
        The place of the best in `results`, the first of equally good ones.

    Raises
    ------
    ValueError
        If an argument does not fit.
    """

    def __init__(
        self, build, grid, folds, scoring="accuracy", mode="auto", prepare=None, error_score="raise"
    ):
        super().__init__(build, folds, scoring, mode, prepare, error_score)
        self.grid = ParameterGrid(grid)

    def candidates(self, rng):
        """Return all combinations, in the order of `ParameterGrid`."""
        return list(self.grid)


class RandomSearch(_Search):
    """Cross-validate random combinations of some values.

    Parameters
    ----------
    build : callable
        See `cross_validate`.
    distributions : dict of str to sequence or callable
        See `ParameterSampler`.
    n_iter : int
        How many candidates.
    folds, scoring, mode, prepare, error_score
        See `GridSearch`.

    Attributes
    ----------
    results, best_params, best_score, best_index
        See `GridSearch`.

    Raises
    ------
    ValueError
        If an argument does not fit.

    References
    ----------
    Bergstra and Bengio (2012), Random search (``bergstra2012random``).
    """

    def __init__(
        self,
        build,
        distributions,
        n_iter,
        folds,
        scoring="accuracy",
        mode="auto",
        prepare=None,
        error_score="raise",
    ):
        super().__init__(build, folds, scoring, mode, prepare, error_score)
        self.distributions, self.n_iter = distributions, positive_int(n_iter, "n_iter")

    def candidates(self, rng):
        """Return the combinations that `rng` draws."""
        return list(ParameterSampler(self.distributions, self.n_iter, rng))


def _score_fold(build, params, x, y, split, seed, score, prepare):
    """Train on the one part, score on the other."""
    train, test = split
    x_train, x_test = x[train], x[test]
    if prepare is not None:
        x_train, x_test = prepare(x_train, x_test)
    model = fitted(build, x_train, y[train], np.random.default_rng(seed), params)
    return float(score(model, x_test, y[test]))


def _checked(x, y, folds):
    """Return data of one length, and the row numbers of each fold."""
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise ValueError(
            f"`x` and `y` must hold the same number of examples. Received: x {x.shape}, y {y.shape}"
        )
    splits = list(folds.split(x, y) if hasattr(folds, "split") else folds)
    if not splits:
        raise ValueError("There must be at least one fold. Received: none")
    for train, test in splits:
        if len(train) == 0 or len(test) == 0 or np.intersect1d(train, test).size:
            raise ValueError(
                "Both parts of a fold must hold examples, none of them the same. "
                f"Received: {len(train)} to train, {len(test)} to test, "
                f"{np.intersect1d(train, test).size} in both"
            )
    return x, y, splits


def _seeds(rng, splits):
    """A seed for every fold, which all candidates use."""
    return rng.integers(2**63, size=len(splits))


def _scorer(scoring):
    """Return a function ``(model, x, y) -> score``."""
    if callable(scoring):
        return lambda model, x, y: scoring(y, model.predict(x))
    if scoring == "loss":
        return lambda model, x, y: model.evaluate(x, y)["loss"]

    def score(model, x, y):
        metric = metrics.get(scoring, loss=getattr(model, "loss", None))
        metric.reset_state()
        metric.update_state(y, model.predict(x))
        return metric.result()

    return score


def _best_is(scoring, mode):
    """Return ``"min"`` or ``"max"``, whichever is best."""
    one_of(mode, ("auto", "min", "max"), "mode")
    if mode != "auto":
        return mode
    if isinstance(scoring, str):
        return direction(scoring)
    if isinstance(scoring, metrics.Metric):
        return direction(scoring.name)
    raise ValueError(
        "`mode` must be 'min' or 'max' where the name does not tell which is better. "
        f"Received: mode='auto', scoring={scoring!r}"
    )
