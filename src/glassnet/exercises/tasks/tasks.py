"""Exercises of chapter 15: scores of regression, classification, ranking; groups, axes, rules."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _predictions(rng):
    """Return targets and predictions: good ones, shifted ones, ones worse than the mean."""
    y, other, short = (rng.normal(5, 2, n) for n in (12, 7, 5))
    return [
        (y, y + rng.standard_normal(12)),
        (other, 0.5 * other + 3 + rng.standard_normal(7)),
        (short, -short),
    ]


@task(
    "tasks.r_squared",
    _predictions,
    about="The squared error against that of the baseline, {eq}`eq-tasks-r2`. In spite of its name "
    "it is no square, and may be below zero: {prf:ref}`thm-tasks-r2`.",
    hints=(
        "Two sums of squares: of the errors, and of the distances of the targets from their mean.",
        "The baseline is the mean of y, whatever is predicted. Divide, and count from 1 down.",
    ),
)
def r_squared(y, y_hat):
    """Return the coefficient of determination.

    Parameters
    ----------
    y : ndarray, shape (N,)
        Targets.
    y_hat : ndarray, shape (N,)
        Predictions.

    Returns
    -------
    float, a single number (no shape)
    """
    return 1 - np.sum((y - y_hat) ** 2) / np.sum((y - y.mean()) ** 2)


@r_squared.mistake(
    "This is the squared correlation. It does not see a shift or a factor, and is never negative."
)
def _(y, y_hat):
    return np.corrcoef(y, y_hat)[0, 1] ** 2


@r_squared.mistake("This is the share that is *not* explained: perfect predictions would get 0.")
def _(y, y_hat):
    return np.sum((y - y_hat) ** 2) / np.sum((y - y.mean()) ** 2)


@r_squared.mistake("Only the spreads of predictions and targets are compared; no error is in it.")
def _(y, y_hat):
    return np.sum((y_hat - y.mean()) ** 2) / np.sum((y - y.mean()) ** 2)


@r_squared.mistake(
    "You take the variance of the errors, which does not see their mean: a constant error is free."
)
def _(y, y_hat):
    return 1 - np.var(y - y_hat) / np.var(y)


@r_squared.mistake(
    "Above you divide by N and below by N - 1. Either number will do, if it is the same twice."
)
def _(y, y_hat):
    return 1 - np.mean((y - y_hat) ** 2) / np.var(y, ddof=1)


def _labels(rng):
    """Return labels and calls; in the last ones no call is positive."""
    cases = [(rng.integers(0, 2, n), rng.integers(0, 2, n)) for n in (11, 20)]
    rare = (rng.random(30) < 0.2).astype(int)
    return [*cases, (rare, (rng.random(30) < 0.7).astype(int)), (rare, np.zeros(30, int))]


@task(
    "tasks.precision_recall_f1",
    _labels,
    about="Of those called positive, which share is? Of the positives, which share was found? And "
    "the harmonic mean of the two, {eq}`eq-tasks-precision`. A quotient 0/0 counts as 0 here.",
    hints=(
        "Count three things: true positives, false positives, false negatives.",
        "All three answers have the true positives above. What is below them?",
        "Where nothing is called positive divide by 1: `max(count, 1)` is one way.",
    ),
)
def precision_recall_f1(y_true, y_pred):
    """Return precision, recall and F1 score of the class 1.

    Parameters
    ----------
    y_true : ndarray of int, shape (N,)
        0 or 1.
    y_pred : ndarray of int, shape (N,)
        What was called.

    Returns
    -------
    tuple (precision, recall, f1) of three floats, of shape () each
    """
    found = np.sum((y_true == 1) & (y_pred == 1))
    called, positives = np.sum(y_pred == 1), np.sum(y_true == 1)
    f1 = 2 * found / max(called + positives, 1)
    return found / max(called, 1), found / max(positives, 1), f1


@precision_recall_f1.mistake(
    "Precision and recall have changed places. Precision is a share of those that were *called*."
)
def _(y_true, y_pred):
    return precision_recall_f1.reference(y_pred, y_true)


@precision_recall_f1.mistake(
    "F1 is not the plain mean of the two: with the harmonic mean neither makes up for the other."
)
def _(y_true, y_pred):
    precision, recall, _ = precision_recall_f1.reference(y_true, y_pred)
    return precision, recall, (precision + recall) / 2


@precision_recall_f1.mistake(
    "If nothing is called positive you divide 0 by 0. This task wants 0 for such a quotient."
)
def _(y_true, y_pred):
    found, called = np.sum(y_true * y_pred), np.sum(y_pred)
    return found / called, found / np.sum(y_true), 2 * found / (called + np.sum(y_true))


@precision_recall_f1.mistake(
    "The true negatives are counted as well, as in the accuracy. Only class 1 is looked for."
)
def _(y_true, y_pred):
    called, positives = max(np.sum(y_pred), 1), np.sum(y_true)
    same = np.sum(y_true == y_pred)
    return same / called, same / positives, 2 * same / (called + positives)


@precision_recall_f1.mistake("These are the scores of the class 0. The class looked for is 1.")
def _(y_true, y_pred):
    return precision_recall_f1.reference(1 - y_true, 1 - y_pred)


@task(
    "tasks.auc",
    lambda rng: [
        (rng.normal(1, 1, 5), rng.standard_normal(8)),
        (rng.integers(1, 5, 9) * 1.0, rng.integers(0, 4, 6) * 1.0),
        (np.array([0.5, 0.5, 0.9]), np.array([0.5, 0.1])),
    ],
    about="The area under the ROC curve without any curve: the share of pairs that are in the "
    "right order, ties counted half, {eq}`eq-tasks-auc`. Why that is the area is "
    "{prf:ref}`thm-tasks-auc`.",
    hints=(
        "Compare every positive with every negative: a table of n1 rows and n0 columns.",
        "positive[:, np.newaxis] > negative is that table; `==` gives the ties.",
    ),
)
def auc(positive, negative):
    """Return the probability that a positive scores higher than a negative, ties half.

    Parameters
    ----------
    positive : ndarray, shape (n1,)
        Scores of the positive examples.
    negative : ndarray, shape (n0,)

    Returns
    -------
    float, a single number (no shape)
    """
    above = positive[:, np.newaxis] > negative
    ties = positive[:, np.newaxis] == negative
    return np.mean(above + 0.5 * ties)


@auc.mistake("A tie counts as a pair in the right order: `>=` gives it all. It should get half.")
def _(positive, negative):
    return np.mean(positive[:, np.newaxis] >= negative)


@auc.mistake("A tie counts nothing: a classifier that says the same of all would get 0, not 1/2.")
def _(positive, negative):
    return np.mean(positive[:, np.newaxis] > negative)


@auc.mistake("The classes have changed places: you ask how often the negative one scores higher.")
def _(positive, negative):
    return auc.reference(negative, positive)


@task(
    "tasks.rule_measures",
    lambda rng: [
        (rng.random(n) < a, rng.random(n) < c) for n, a, c in ((20, 0.7, 0.5), (33, 0.4, 0.8))
    ],
    about="How good is the rule *who buys A buys C*? Support, confidence and lift, "
    "{eq}`eq-tasks-rule`. If milk is in nine baskets of ten, everything implies milk: only the "
    "lift sees that.",
    hints=(
        "The mean of an array of booleans is a share: a.mean() is the support of A.",
        "Support is the share of both together; confidence divides it by the support of A.",
        "The lift compares the confidence with what C has anyway.",
    ),
)
def rule_measures(a, c):
    """Return support, confidence and lift of the rule A => C.

    Parameters
    ----------
    a : ndarray of bool, shape (N,)
        Which baskets contain A; at least one.
    c : ndarray of bool, shape (N,)
        Which baskets contain C; at least one.

    Returns
    -------
    tuple (support, confidence, lift) of three floats, of shape () each
    """
    support = np.mean(a & c)
    confidence = support / a.mean()
    return support, confidence, confidence / c.mean()


@rule_measures.mistake("The confidence is that of the rule C => A: of which baskets is it a share?")
def _(a, c):
    return rule_measures.reference(c, a)


@rule_measures.mistake("Baskets with A *or* C are counted. The rule holds where both are.")
def _(a, c):
    support = np.mean(a | c)
    return support, support / a.mean(), support / (a.mean() * c.mean())


@rule_measures.mistake("Your lift divides by the support of A once more. Compare with that of C.")
def _(a, c):
    support, confidence, _ = rule_measures.reference(a, c)
    return support, confidence, confidence / a.mean()


def _clouds(rng):
    """Return points and centres; at last a centre that no point is nearest to."""
    sizes = ((9, 2), 3), ((14, 3), 4), ((7, 4), 2)
    cases = [(rng.standard_normal(s), rng.standard_normal((k, s[1]))) for s, k in sizes]
    x, centres = cases[-1]
    return [*cases, (x, np.vstack([centres[:1], np.full((1, 4), 50.0), centres[1:]]))]


@task(
    "tasks.lloyd_step",
    _clouds,
    about="One turn of k-means: to each point its nearest centre, then to each centre the mean of "
    "its points, {eq}`eq-tasks-lloyd`. Neither half raises the inertia, "
    "{prf:ref}`thm-tasks-kmeans`. A centre without points stays where it is here.",
    hints=(
        "x[:, np.newaxis] - centres has the shape (N, K, D): sum the squares over which axis?",
        "argmin over the centres gives the labels; x[labels == k].mean(axis=0) a new centre.",
        "The mean of no points is NaN: leave such a centre alone.",
    ),
)
def lloyd_step(x, centres):
    """Return the labels by the given centres, and the centres by these labels.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    centres : ndarray, shape (K, D)
        Stays as it is.

    Returns
    -------
    tuple (labels, new_centres)
        ndarray of int, shape (N,), and ndarray, shape (K, D).
    """
    squares = np.sum((x[:, np.newaxis] - centres) ** 2, axis=2)
    labels = squares.argmin(axis=1)
    new = centres.copy()
    for k in np.unique(labels):
        new[k] = x[labels == k].mean(axis=0)
    return labels, new


def _updated(x, centres, labels, middle=lambda group: group.mean(axis=0)):
    new = centres.copy()
    for k in np.unique(labels):
        new[k] = middle(x[labels == k])
    return labels, new


@lloyd_step.mistake("Right, but you move the centres that were given. Work on a copy of them.")
def _(x, centres):
    labels, centres[...] = lloyd_step.reference(x, centres)
    return labels, centres


@lloyd_step.mistake("A centre without points becomes NaN, the mean of nothing. Let it stay.")
def _(x, centres):
    labels = lloyd_step.reference(x, centres)[0]
    empty = np.full(x.shape[1], np.nan)
    groups = [x[labels == k] for k in range(len(centres))]
    return labels, np.array([group.mean(axis=0) if len(group) else empty for group in groups])


@lloyd_step.mistake(
    "You add up absolute differences. K-means goes by squared distances: only with these is the "
    "mean the best centre."
)
def _(x, centres):
    return _updated(x, centres, np.abs(x[:, np.newaxis] - centres).sum(axis=2).argmin(axis=1))


@lloyd_step.mistake("The mean runs over all entries of a group. Each coordinate has its own mean.")
def _(x, centres):
    return _updated(x, centres, lloyd_step.reference(x, centres)[0], np.mean)


@lloyd_step.mistake("The labels belong to the new centres. One step assigns first, then moves.")
def _(x, centres):
    new = lloyd_step.reference(x, centres)[1]
    return lloyd_step.reference(x, new)[0], new


@task(
    "tasks.first_component",
    lambda rng: [
        (rng.standard_normal((n, d)) @ rng.standard_normal((d, d)) + 4,)
        for n, d in ((12, 3), (7, 4), (5, 2))
    ],
    about="The direction in which the data spread most, and the share of the variance along it: "
    "{eq}`eq-tasks-pca`, in practice by {eq}`eq-tasks-svd`. A direction has no sign; choose the "
    "one that makes its largest entry, by absolute value, positive.",
    hints=(
        "Which point has the spread to be measured from? Take it away first.",
        "`np.linalg.svd(centred, full_matrices=False)` gives u, s, vt: directions are rows of vt.",
        "Variances go with s**2. The largest entry: row[np.abs(row).argmax()].",
    ),
)
def first_component(x):
    """Return the first principal component and its share of the variance.

    Parameters
    ----------
    x : ndarray, shape (N, D)

    Returns
    -------
    tuple (direction, share)
        ndarray, shape (D,), of length 1, and a float.
    """
    _, s, vt = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    sign = np.sign(vt[0, np.abs(vt[0]).argmax()])
    return sign * vt[0], s[0] ** 2 / np.sum(s**2)


def _turned(row):
    return row * np.sign(row[np.abs(row).argmax()])


@first_component.mistake(
    "The data are not centred: your direction points at their mean rather than along their spread."
)
def _(x):
    _, s, vt = np.linalg.svd(x, full_matrices=False)
    return _turned(vt[0]), s[0] ** 2 / np.sum(s**2)


@first_component.mistake("The share is made of singular values. Variances are their squares.")
def _(x):
    _, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    return first_component.reference(x)[0], s[0] / s.sum()


@first_component.mistake("You took the last component, along which the data spread least.")
def _(x):
    _, s, vt = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    return _turned(vt[-1]), s[-1] ** 2 / np.sum(s**2)


@first_component.mistake("You took a column of vt. The directions are its rows.")
def _(x):
    vt = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2]
    return _turned(vt[:, 0]), first_component.reference(x)[1]


@first_component.mistake("The sign is the other one: the entry that is largest should be positive.")
def _(x):
    direction, share = first_component.reference(x)
    return -direction, share
