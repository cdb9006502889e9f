"""Capacity, L2 and dropout against the fitted curve and its errors on seen and unseen points."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import legendre

from glassnet._validation import positive_int
from glassnet.explore.trace import Trace, range_control

__all__ = ["overfitting_picture", "overfitting_trace"]

DEGREES = 11
STRENGTHS = (0, 0.001, 0.01, 0.1, 1)
RATES = (0, 0.2, 0.5)
TRAINING, TEST, NOISE, FREQUENCY = 13, 40, 0.3, 4

TEXT = {
    "en": {
        "title": "How much capacity is too much?",
        "alt": (
            "Left: thirteen points with the fitted polynomials of degree 1, 5 and 11; the "
            "first is too stiff, the last swings between the points. Right: the training "
            "error falls with the degree, the test error falls and rises again."
        ),
        "hint": (
            "Play it: each step adds a power of x. Where does the test error turn? Stay at the "
            "last step and raise the strength of L2, then the rate of dropout: what happens to the "
            "curve, to both errors, and to the weights?"
        ),
        "table": ["degree", "training error", "test error", "sum of squared weights"],
        "fit": "the fitted curve among the points",
        "errors": "errors against the degree, and the weights",
        "l2": "Strength λ of L2",
        "dropout": "Rate p of dropout",
        "x": "x",
        "y": "y",
        "degree_axis": "degree",
        "error_axis": "error",
        "training": "training",
        "test": "test",
        "weights": "weights",
        "degree_is": "degree {n}",
        "true": "dashed: the curve behind the noise",
        "best": "best",
        "say": (
            "Degree {n}, λ = {l2}, p = {p}: the training error is {training}, the test error "
            "{test}. The lowest test error with this λ and p is {best}, at degree {at}."
        ),
    }
}


def overfitting_trace(seed=0, noise=NOISE):
    """Fit polynomials of degree 0 to 11 to thirteen points, with L2 and with dropout.

    The model is ``Dropout(p)`` and ``Dense(1)`` with the regulariser L2 on features that are
    polynomials. Its minimum is known in closed form: averaged over all masks, dropout adds
    p / (1 - p) times the sum of squared weights, each times the mean square of its feature.

    Parameters
    ----------
    seed : int
        Of the points.
    noise : float
        Standard deviation of what is added to the curve.

    Returns
    -------
    Trace
    """
    if not noise > 0:
        raise ValueError(f"`noise` must be positive. Received: noise={noise}")
    x, y, x_test, y_test = points(seed, noise)
    frames = []
    for degree in range(DEGREES + 1):
        fits = {
            f"{strength} {rate}": np.append(*reversed(fit(features(x, degree), y, strength, rate)))
            for strength in STRENGTHS
            for rate in RATES
        }
        frames.append({"fits": fits})
    return Trace(
        "overfitting",
        text=TEXT,
        static={
            "x": x,
            "y": y,
            "x_test": x_test,
            "y_test": y_test,
            "frequency": FREQUENCY,
        },
        frames=frames,
        controls=[
            range_control("l2", "l2", 0, values=STRENGTHS),
            range_control("dropout", "dropout", 0, values=RATES),
        ],
        digits=9,
    )


def points(seed, noise):
    """Return x and y of the training points, then of the test points."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-0.95, 0.95, TRAINING) + rng.uniform(-0.06, 0.06, TRAINING)
    x, x_test = x.round(2), np.linspace(-0.98, 0.98, TEST).round(2)
    y, y_test = (
        (np.sin(FREQUENCY * at) + noise * rng.standard_normal(len(at))).round(2)
        for at in (x, x_test)
    )
    return x, y, x_test, y_test


def features(x, degree):
    """Return the Legendre polynomials of degree 1 to `degree`, with mean square 1 on [-1, 1].

    Parameters
    ----------
    x : ndarray, shape (n,)
    degree : int

    Returns
    -------
    ndarray, shape (n, degree)
    """
    positive_int(degree + 1, "degree + 1")
    return legendre.legvander(x, degree)[:, 1:] * np.sqrt(2 * np.arange(1, degree + 1) + 1)


def fit(inputs, y, strength, rate):
    """Return weights and bias with the least mean loss over all masks of dropout.

    Parameters
    ----------
    inputs : ndarray, shape (n, features)
    y : ndarray, shape (n,)
    strength : float
        Factor of the sum of squared weights in the loss.
    rate : float
        Share of the features that is dropped.

    Returns
    -------
    weights : ndarray, shape (features,)
    bias : float
    """
    mean = inputs.mean(axis=0)
    centred = inputs - mean  # the bias is neither dropped nor held back
    penalty = strength + rate / (1 - rate) * np.mean(inputs**2, axis=0)
    matrix = centred.T @ centred / len(y) + np.diag(penalty)
    weights = np.linalg.solve(matrix, centred.T @ (y - y.mean()) / len(y))
    return weights, y.mean() - mean @ weights


def predicted(x, fitted):
    """Return the values at x of a curve given by its bias and then its weights."""
    fitted = np.asarray(fitted)
    return fitted[0] + features(x, len(fitted) - 1) @ fitted[1:]


def overfitting_picture(trace):
    """Draw three degrees, and both errors against the degree without and with L2."""
    from glassnet import plots

    static, frames = trace["static"], trace["frames"]
    x, y, x_test, y_test = (np.array(static[name]) for name in ("x", "y", "x_test", "y_test"))
    left, right = plots.panels(2, width=4.0, height=3.1)
    fine = np.linspace(-1, 1, 201)
    for degree in (1, 5, 11):
        name = f"{plots.label(trace.text('degree_axis'))} {degree}"
        left.plot(fine, predicted(fine, frames[degree]["fits"]["0 0"]), label=name)
    left.plot(x, y, "o", color="0.2", linestyle="none")
    left.set(ylim=(-2.2, 2.2), xlabel=trace.text("x"), ylabel=trace.text("y"))
    left.legend(fontsize=8)
    series = {}
    for key in ("0 0", "0.1 0"):
        fits = [frame["fits"][key] for frame in frames]
        for name, at, true in (("training", x, y), ("test", x_test, y_test)):
            errors = [np.mean((predicted(at, fitted) - true) ** 2) for fitted in fits]
            series[f"{plots.label(trace.text(name))}, λ = {key.split()[0]}"] = errors
    plots.curves(
        range(len(frames)), series, xlabel=trace.text("degree_axis"),
        ylabel=trace.text("error_axis"), ax=right,
    )  # fmt: skip
    right.set_yscale("log")
    right.legend(fontsize=8)
    return left.figure
