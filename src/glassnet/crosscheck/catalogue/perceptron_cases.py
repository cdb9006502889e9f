"""The perceptron, which Keras has not: against scikit-learn, and its gradient against Keras'."""

from __future__ import annotations

import numpy as np

from glassnet import perceptron

from ..comparisons import compare
from ..precision import load_keras
from ..report import Report, compare_arrays
from .registry import case


def _separable(rng):
    x = rng.standard_normal((60, 4))
    y = np.sign(x @ [1.0, -2.0, 0.5, 0.3] + 0.2)
    return x + 0.3 * y[:, None] * np.array([1.0, -2.0, 0.5, 0.3]), y


@case(
    "perceptron.perceptron_fit, against scikit-learn",
    "perceptron.perceptron_fit",
    "perceptron.with_constant",
)
def _fit(rng):
    from sklearn.linear_model import Perceptron

    x, y = _separable(rng)
    ours = perceptron.perceptron_fit(perceptron.with_constant(x), y)
    ones = np.hstack([x, np.ones((60, 1))])
    theirs = Perceptron(fit_intercept=False, shuffle=False, tol=None, max_iter=ours.epochs)
    theirs.fit(ones, y)
    rows = [
        compare_arrays("weights and bias", ours.weights, theirs.coef_[0]),
        compare_arrays("converged", float(ours.converged), theirs.score(ones, y), 0, 0),
    ]
    return Report("perceptron", rows)


@case("perceptron.perceptron_fit_multiclass, replayed", "perceptron.perceptron_fit_multiclass")
def _fit_multiclass(rng):
    """C. Kesler's construction: one long weight vector, and a long example for each rival."""
    x, classes = rng.standard_normal((40, 3)), 4
    y = (x @ rng.standard_normal((3, classes))).argmax(axis=1)
    ours = perceptron.perceptron_fit_multiclass(x, y, classes, max_epochs=50)
    long, mistakes = np.zeros(3 * classes), []
    for _ in range(ours.epochs):
        for n in range(len(x)):
            place = np.eye(classes)
            against = {
                k: np.kron(place[y[n]] - place[k], x[n]) for k in range(classes) if k != y[n]
            }
            rival = min(against, key=lambda k: long @ against[k])
            if long @ against[rival] <= 0:
                long += against[rival]
                mistakes.append(n)
    rows = [
        compare_arrays("weights", ours.weights, long.reshape(classes, 3).T),
        compare_arrays("updates", ours.updates, mistakes, 0, 0),
    ]
    return Report("perceptron", rows)


@case("perceptron.perceptron_loss", "perceptron.perceptron_loss", "perceptron.perceptron_gradient")
def _loss(rng):
    _, keras = load_keras()
    x, y = rng.standard_normal((9, 4)), rng.choice([-1.0, 1.0], 9)
    return compare(
        lambda weights: perceptron.perceptron_loss(weights, x, y),
        lambda weights: keras.ops.relu(-y * keras.ops.sum(x * weights, axis=1)),
        rng.standard_normal(4),
        backward=lambda dy, weights: dy @ perceptron.perceptron_gradient(weights, x, y),
        rng=rng,
    )
