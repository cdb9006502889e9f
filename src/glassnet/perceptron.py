"""Rosenblatt's perceptron rule, for two classes and for several.

The weights start at zero; the bias is the weight of a feature that is always 1 (`with_constant`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._validation import as_float, as_labels, positive_int

__all__ = [
    "PerceptronFit",
    "perceptron_fit",
    "perceptron_fit_multiclass",
    "perceptron_gradient",
    "perceptron_loss",
    "with_constant",
]


class PerceptronFit(NamedTuple):
    """What a run of the rule has found."""

    weights: np.ndarray
    """Shape (features,), or (features, classes) for several classes."""
    updates: np.ndarray
    """The row of every example that caused an update, in order; int64, shape (updates,)."""
    epochs: int
    """Passes over the data, the last one, without a mistake, included."""
    converged: bool
    """Whether that last pass was without a mistake."""


def with_constant(x):
    """Append a feature that is 1 for every example: (n, features) becomes (n, features + 1)."""
    x = _rows(x)
    return np.concatenate([x, np.ones((len(x), 1), x.dtype)], axis=1)


def perceptron_fit(x, y, max_epochs=1000):
    """Run the perceptron rule from zero weights until a pass makes no mistake.

    Parameters
    ----------
    x : array_like, shape (n, features)
        The examples, in the order in which they are shown; see `with_constant` for a bias.
    y : array_like, shape (n,)
        Labels -1 and +1.
    max_epochs : int
        Passes after which to give up: on data that no plane separates the rule never stops.

    Returns
    -------
    PerceptronFit

    Raises
    ------
    ValueError
        If a label is neither -1 nor +1, a feature is not finite, or the shapes do not fit.

    References
    ----------
    Rosenblatt (1962), Principles of Neurodynamics; eq. ``eq-concepts-rule``.
    """
    x = _rows(x)
    y = _signs(y, x)
    weights, updates = np.zeros(x.shape[1], x.dtype), []
    limit, epochs, converged = positive_int(max_epochs, "max_epochs"), 0, False
    while epochs < limit and not converged:
        before = len(updates)
        for n in range(len(x)):
            if y[n] * (x[n] @ weights) <= 0:  # 0 is a mistake, too: zero weights have to move
                weights += y[n] * x[n]
                updates.append(n)
        epochs, converged = epochs + 1, len(updates) == before
    return PerceptronFit(weights, np.array(updates, np.int64), epochs, converged)


def perceptron_fit_multiclass(x, y, classes, max_epochs=1000):
    """Run the rule with a weight vector for each class; eq. ``eq-concepts-multiclass``.

    At a mistake the true class' weights gain the example and those of its strongest rival lose it.
    Raises ValueError as `perceptron_fit` does, and for labels out of range.

    Parameters
    ----------
    x : array_like, shape (n, features)
    y : array_like of int, shape (n,)
        Labels 0 to `classes` - 1.
    classes, max_epochs : int

    Returns
    -------
    PerceptronFit
    """
    x, classes = _rows(x), positive_int(classes, "classes")
    y = _one_per_row(as_labels(y, classes, "y"), x)
    weights, updates = np.zeros((x.shape[1], classes), x.dtype), []
    limit, epochs, converged = positive_int(max_epochs, "max_epochs"), 0, False
    while epochs < limit and not converged:
        before = len(updates)
        for n, true in enumerate(y):
            scores = x[n] @ weights
            rival = np.where(np.arange(classes) == true, -np.inf, scores).argmax()
            if classes > 1 and scores[true] <= scores[rival]:  # a tie is a mistake, too
                weights[:, true] += x[n]
                weights[:, rival] -= x[n]
                updates.append(n)
        epochs, converged = epochs + 1, len(updates) == before
    return PerceptronFit(weights, np.array(updates, np.int64), epochs, converged)


def perceptron_loss(weights, x, y):
    """Loss of each example, max(0, -y w.x), shape (n,); eq. ``eq-concepts-perceptron-loss``."""
    x = _rows(x)
    return np.maximum(-_signs(y, x) * (x @ weights), 0)


def perceptron_gradient(weights, x, y):
    """Gradient of each example's loss by the weights, shape (n, features).

    At the kink, y w.x = 0, it is -y x, so that a step of size 1 against it is the perceptron rule.
    """
    x = _rows(x)
    y = _signs(y, x)
    mistake = y * (x @ weights) <= 0
    return np.where(mistake, -y, 0)[:, np.newaxis] * x


def _rows(x):
    x = as_float(x)
    if x.ndim != 2 or not np.all(np.isfinite(x)):
        raise ValueError(f"`x` must be finite, of shape (n, features). Received: {x.shape}, {x!r}")
    return x


def _signs(y, x):
    y = _one_per_row(as_float(y, "y"), x)
    if not np.all(np.abs(y) == 1):
        raise ValueError(f"`y` must hold the labels -1 and +1. Received: {np.unique(y)[:5]}")
    return y.astype(x.dtype)


def _one_per_row(y, x):
    if y.shape != x.shape[:1]:
        raise ValueError(f"`y` must have shape ({len(x)},). Received: shape={y.shape}")
    return y
