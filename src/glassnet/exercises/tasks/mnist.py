"""Exercises of chapter 07: preparing data, batches, and saying how good a network is."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _labels(rng):
    """Return labels, of which the largest class need not occur, and how many classes there are."""
    return [(np.array([2, 0, 1, 1, 3]), 5), (rng.integers(0, 3, 8), 4), (np.array([6, 0]), 7)]


@task(
    "mnist.one_hot",
    _labels,
    about="The same information as the label in as many numbers as there are classes. "
    "{ref}`sec-mnist-logits` says why the recipe gets by without it, and why others need it.",
    hints=(
        "The result has a row for each label and a column for each class.",
        "Rows of np.eye(classes) are what is wanted. Which of them, and in which order?",
    ),
)
def one_hot(labels, classes):
    """Return each label as a row with a single 1 at the label's place.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        From 0 to classes - 1; not every class need occur.
    classes : int

    Returns
    -------
    ndarray, shape (N, classes)
    """
    return np.eye(classes)[labels]


@one_hot.mistake("Classes and examples are exchanged: an example is a row.")
def _(labels, classes):
    return np.eye(classes)[labels].T


@one_hot.mistake(
    "You count the classes from the labels that occur. A class that is missing in this batch still "
    "needs its column."
)
def _(labels, classes):
    return np.eye(labels.max() + 1)[labels]


@one_hot.mistake("The ones stand one place too far to the left: labels count from 0.")
def _(labels, classes):
    return np.eye(classes)[labels - 1]


@one_hot.mistake("The label itself stands at its place. A 1 belongs there, whatever the label is.")
def _(labels, classes):
    return np.eye(classes)[labels] * labels[:, np.newaxis]


def _features(rng):
    """Return a training part and a test part of another spread, once with a constant column."""
    draw = rng.standard_normal
    cases = [(3 + 2 * draw((n, 3)), draw((m, 3))) for n, m in [(7, 4), (5, 5)]]
    border = np.array([[0.0, 5.0], [0.0, 1.0], [0.0, 3.0], [0.0, 9.0]])
    return [*cases, (border, np.array([[0.0, 4.0], [1.0, -2.0]]))]


@task(
    "mnist.standardise",
    _features,
    about="Mean 0 and standard deviation 1 for every feature, measured on the training part alone: "
    "a scaling computed from all the data is a {ref}`leak <sec-mnist-split>`. Pixels at the border "
    "are the same in all training images.",
    hints=(
        "np.mean and np.std along axis 0 give one number for each feature.",
        "Both parts are treated with the same two rows of numbers, those of `train`.",
        "Where the deviation is 0, divide by 1: np.where(deviation == 0, 1, deviation).",
    ),
)
def standardise(train, test):
    """Return both parts shifted and scaled by the training part's mean and deviation.

    Parameters
    ----------
    train : ndarray, shape (N, D)
    test : ndarray, shape (M, D)

    Returns
    -------
    train : ndarray, shape (N, D)
        Every column has mean 0 and standard deviation 1 (with the divisor N), or is 0.
    test : ndarray, shape (M, D)
    """
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation = np.where(deviation == 0, 1, deviation)
    return (train - mean) / deviation, (test - mean) / deviation


def _scaled(part, by, axis=0, ddof=0):
    deviation = by.std(axis=axis, ddof=ddof)
    return (part - by.mean(axis=axis)) / np.where(deviation == 0, 1, deviation)


@standardise.mistake(
    "The test part is scaled by its own mean and deviation. The network would then see the same "
    "pixel differently in training and in use."
)
def _(train, test):
    return _scaled(train, train), _scaled(test, test)


@standardise.mistake(
    "Mean and deviation come from both parts together. So the test part has a say in what the "
    "network is trained on: a leak."
)
def _(train, test):
    both = np.concatenate([train, test])
    return _scaled(train, both), _scaled(test, both)


@standardise.mistake(
    "A feature that is constant in the training part is divided by its deviation, 0. Leave its "
    "scale alone."
)
def _(train, test):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / deviation, (test - mean) / deviation


@standardise.mistake("There is one mean and one deviation for all features. Each has its own.")
def _(train, test):
    return _scaled(train, train, axis=None), _scaled(test, train, axis=None)


@standardise.mistake("The deviation has the divisor N - 1; here it is N, so that the spread is 1.")
def _(train, test):
    return _scaled(train, train, ddof=1), _scaled(test, train, ddof=1)


def _ordered(rng):
    """Return examples with an order and a batch size, with and without a remainder."""
    sizes = [(7, 3), (6, 2), (5, 8)]
    return [
        (rng.standard_normal((n, 2)), rng.integers(0, 9, n), rng.permutation(n), size)
        for n, size in sizes
    ]


@task(
    "mnist.batches",
    _ordered,
    about="An epoch is one pass over all examples in mini-batches. How many there are, and what is "
    "in the last one, says {eq}`eq-mnist-steps`.",
    hints=(
        "Cut `order` into pieces; each piece holds the row numbers of a batch.",
        "Pieces start at 0, batch_size, 2 * batch_size and so on, as long as that is below N.",
        "A slice that goes beyond the end simply stops there, which is right for the last batch.",
    ),
)
def batches(x, y, order, batch_size):
    """Return the examples in mini-batches, each example once.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    y : ndarray, shape (N,)
    order : ndarray of int, shape (N,)
        The row numbers in the order in which they are wanted.
    batch_size : int

    Returns
    -------
    list of (x_batch, y_batch)
        Of shapes (B, D) and (B,); the last batch may be smaller.
    """
    starts = range(0, len(x), batch_size)
    pieces = [order[start : start + batch_size] for start in starts]
    return [(x[rows], y[rows]) for rows in pieces]


def _cut(x, y, starts, batch_size):
    return [(x[start : start + batch_size], y[start : start + batch_size]) for start in starts]


@batches.mistake("The last, smaller batch is lost, and its examples are never trained on.")
def _(x, y, order, batch_size):
    starts = range(0, len(x) - batch_size + 1, batch_size)
    return _cut(x[order], y[order], starts, batch_size)


@batches.mistake("If N is a multiple of the batch size, you add an empty batch at the end.")
def _(x, y, order, batch_size):
    starts = batch_size * np.arange(len(x) // batch_size + 1)
    return _cut(x[order], y[order], starts, batch_size)


@batches.mistake(
    "The images are put in order and the labels are not: from now on they do not belong together."
)
def _(x, y, order, batch_size):
    return _cut(x[order], y, range(0, len(x), batch_size), batch_size)


@batches.mistake("`order` is not used: the batches are the same in every epoch.")
def _(x, y, order, batch_size):
    return _cut(x, y, range(0, len(x), batch_size), batch_size)


def _answers(rng):
    """Return logits and labels, once with as many examples as classes; half of them right."""
    cases = []
    for n, classes in [(9, 4), (5, 5), (6, 10)]:
        logits = 3 * rng.standard_normal((n, classes))
        labels = rng.integers(0, classes, n)
        labels[::2] = logits.argmax(axis=1)[::2]
        cases.append((logits, labels))
    return cases


@task(
    "mnist.accuracy",
    _answers,
    about="The share of the images that are read correctly, the number that "
    "{ref}`sec-mnist-evaluate` puts an interval around. The logits suffice: softmax does not "
    "change which of them is the largest.",
    hints=(
        "np.argmax along the axis of the classes gives the network's answer for each image.",
        "The mean of an array of True and False is the share of True.",
    ),
)
def accuracy(logits, labels):
    """Return the share of examples whose largest logit is that of the true class.

    Parameters
    ----------
    logits : ndarray, shape (N, K)
    labels : ndarray of int, shape (N,)

    Returns
    -------
    float, between 0 and 1
    """
    return np.mean(logits.argmax(axis=1) == labels)


@accuracy.mistake("That is the number of right answers. Divide by the number of examples.")
def _(logits, labels):
    return np.sum(logits.argmax(axis=1) == labels)


@accuracy.mistake("That is the share of *wrong* answers.")
def _(logits, labels):
    return np.mean(logits.argmax(axis=1) != labels)


@accuracy.mistake(
    "argmax runs along the examples: it finds the best example for each class. You want the best "
    "class of each example."
)
def _(logits, labels):
    return np.mean(logits.argmax(axis=0) == labels)


@accuracy.mistake("That is in per cent. A share lies between 0 and 1.")
def _(logits, labels):
    return 100 * np.mean(logits.argmax(axis=1) == labels)


def _pairs(rng):
    """Return labels and predictions in which some pairs come more than once, and some never."""
    draw = rng.integers
    cases = [(draw(0, k - 1, n), draw(0, k - 1, n), k) for n, k in [(30, 4), (12, 5)]]
    return [*cases, (np.array([0, 2, 2, 1]), np.array([0, 1, 1, 1]), 3)]


@task(
    "mnist.confusion_matrix",
    _pairs,
    about="How often was each digit taken for each other? {ref}`sec-mnist-confusion` reads rows "
    "and columns of this table.",
    hints=(
        "Start with zeros of whole numbers, and add 1 for each example at one place.",
        "The row is the true label, the column the predicted one.",
        "matrix[labels, predicted] += 1 counts a pair that comes twice only once. np.add.at does "
        "not.",
    ),
)
def confusion_matrix(labels, predicted, classes):
    """Return how many examples of each class were taken for each other.

    Parameters
    ----------
    labels, predicted : ndarray of int, shape (N,)
    classes : int

    Returns
    -------
    ndarray of int, shape (classes, classes)
        Entry (i, j) counts the examples of class i that were predicted as j.
    """
    matrix = np.zeros((classes, classes), dtype=int)
    for i, j in zip(labels, predicted, strict=True):
        matrix[i, j] += 1
    return matrix


@confusion_matrix.mistake("Rows and columns are exchanged: the true class is the row.")
def _(labels, predicted, classes):
    return confusion_matrix.reference(predicted, labels, classes)


@confusion_matrix.mistake(
    "Pairs that come several times are counted once: with lists of indices NumPy carries out `+=` "
    "a single time for each place."
)
def _(labels, predicted, classes):
    matrix = np.zeros((classes, classes), dtype=int)
    matrix[labels, predicted] += 1
    return matrix


@confusion_matrix.mistake("You divide the rows by their sums. Counts are asked for, not shares.")
def _(labels, predicted, classes):
    matrix = confusion_matrix.reference(labels, predicted, classes)
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


@confusion_matrix.mistake("Only the mistakes are counted. Right answers belong on the diagonal.")
def _(labels, predicted, classes):
    matrix = confusion_matrix.reference(labels, predicted, classes)
    return matrix - np.diag(matrix.diagonal())


@task(
    "mnist.wilson_interval",
    lambda rng: [(352, 359, 1.96), (100, 100, 1.96), (3, 20, 1.0), (0, 7, 2.5)],
    about="Between which bounds may the true probability lie when k of n answers were right? "
    "{eq}`eq-mnist-wilson` also holds when all of them were.",
    hints=(
        "Compute centre and half width separately, with p = k / n.",
        "Centre p + u ** 2 / (2 n); half width u times a root. Both are divided by 1 + u ** 2 / n.",
    ),
)
def wilson_interval(k, n, u):
    """Return Wilson's interval for a probability.

    Parameters
    ----------
    k, n : int
        How many answers were right, and how many there were.
    u : float
        How many standard errors, such as 1.96.

    Returns
    -------
    low, high : float
    """
    p = k / n
    half = u * np.sqrt(p * (1 - p) / n + u**2 / (4 * n**2))
    centre = p + u**2 / (2 * n)
    return (centre - half) / (1 + u**2 / n), (centre + half) / (1 + u**2 / n)


def _interval(k, n, u, shift=1, spread=1, shrink=1):
    p = k / n
    half = u * np.sqrt(p * (1 - p) / n + spread * u**2 / (4 * n**2))
    centre, divisor = p + shift * u**2 / (2 * n), 1 + shrink * u**2 / n
    return (centre - half) / divisor, (centre + half) / divisor


@wilson_interval.mistake(
    "That is the plain interval, p plus and minus u standard errors. With no error at all it has "
    "no width, as if you were certain."
)
def _(k, n, u):
    return _interval(k, n, u, shift=0, spread=0, shrink=0)


@wilson_interval.mistake("The division of both bounds by 1 + u ** 2 / n is missing.")
def _(k, n, u):
    return _interval(k, n, u, shrink=0)


@wilson_interval.mistake("Under the root the second term, u ** 2 / (4 n ** 2), is missing.")
def _(k, n, u):
    return _interval(k, n, u, spread=0)


@wilson_interval.mistake("The centre is p itself, but it should be pulled towards one half.")
def _(k, n, u):
    return _interval(k, n, u, shift=0)
