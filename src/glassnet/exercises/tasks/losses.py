"""Exercises of chapter 03: losses, and the gradients that a network receives from them."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _log_softmax(z, axis=-1):
    """Return the logarithm of softmax, stably; the wrong answers below need it, too."""
    s = z - z.max(axis=axis, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=axis, keepdims=True))


def _targets(rng):
    """Return targets and predictions of several outputs."""
    return [tuple(rng.normal(0, 2, (2, n, k))) for n, k in ((5, 3), (4, 6), (7, 2))]


@task(
    "losses.mean_squared_error_gradient",
    _targets,
    about="What a network receives from its loss is a gradient, not a value. Take Keras' mean "
    "squared error, {eq}`eq-loss-mse`, averaged over the batch, {eq}`eq-loss-mean`.",
    hints=(
        "The loss of one entry is the square of y_pred - y_true. Its derivative by y_pred?",
        "Two means are taken: one over the K outputs, one over the N examples.",
        "Together they divide by N K, which is y_pred.size.",
    ),
)
def mean_squared_error_gradient(y_true, y_pred):
    """Return the gradient by `y_pred` of the mean of all squared errors.

    Parameters
    ----------
    y_true : ndarray, shape (N, K)
    y_pred : ndarray, shape (N, K)

    Returns
    -------
    ndarray, shape (N, K)
    """
    return 2 * (y_pred - y_true) / y_pred.size


@mean_squared_error_gradient.mistake(
    "The sign is wrong: a prediction that is too high must have a positive gradient."
)
def _(y_true, y_pred):
    return 2 * (y_true - y_pred) / y_pred.size


@mean_squared_error_gradient.mistake(
    "The 2 of the square is missing. It cancels only if the loss has a one half in front."
)
def _(y_true, y_pred):
    return (y_pred - y_true) / y_pred.size


@mean_squared_error_gradient.mistake(
    "Every example has its own gradient here. The mean over the batch divides by N as well."
)
def _(y_true, y_pred):
    return 2 * (y_pred - y_true) / y_pred.shape[1]


@mean_squared_error_gradient.mistake(
    "You divide by the number of examples only. Keras takes the mean over the K outputs, too."
)
def _(y_true, y_pred):
    return 2 * (y_pred - y_true) / len(y_pred)


@mean_squared_error_gradient.mistake("These are the squared errors, not their derivative.")
def _(y_true, y_pred):
    return (y_pred - y_true) ** 2 / y_pred.size


@task(
    "losses.huber",
    lambda rng: [
        (*rng.normal(0, 2, (2, 5, 3)), 1.0),
        (*rng.normal(0, 3, (2, 4, 6)), 2.5),
        (*rng.normal(0, 1, (2, 7, 2)), 0.5),
    ],
    about="A parabola near zero and a straight line far out, joined without a step or a corner: "
    "{eq}`eq-loss-huber`. {ref}`sec-loss-huber` finds the line that fits.",
    hints=(
        "Work with the size of the error, np.abs(y_pred - y_true).",
        "Where it is at most delta take half its square, elsewhere the line: `np.where`.",
        "The line is delta * size - delta**2 / 2. At size = delta both give the same.",
    ),
)
def huber(y_true, y_pred, delta):
    """Return the Huber loss of every example, the mean over its outputs.

    Parameters
    ----------
    y_true : ndarray, shape (N, K)
    y_pred : ndarray, shape (N, K)
    delta : float
        The size of the error at which the line begins.

    Returns
    -------
    ndarray, shape (N,)
    """
    size = np.abs(y_pred - y_true)
    parabola, line = size**2 / 2, delta * size - delta**2 / 2
    return np.where(size <= delta, parabola, line).mean(axis=-1)


@huber.mistake("The line starts too high: subtract something, so that it meets the parabola.")
def _(y_true, y_pred, delta):
    size = np.abs(y_pred - y_true)
    return np.where(size <= delta, size**2 / 2, delta * size).mean(axis=-1)


@huber.mistake("The parabola lacks its one half: its slope at delta is then twice the line's.")
def _(y_true, y_pred, delta):
    size = np.abs(y_pred - y_true)
    return np.where(size <= delta, size**2, delta * size - delta**2 / 2).mean(axis=-1)


@huber.mistake(
    "You compare the error with delta, not its size: a large negative error gets the parabola."
)
def _(y_true, y_pred, delta):
    e = y_pred - y_true
    return np.where(e <= delta, e**2 / 2, delta * np.abs(e) - delta**2 / 2).mean(axis=-1)


@huber.mistake("The line has the slope 1, whatever delta is. At delta the parabola's is delta.")
def _(y_true, y_pred, delta):
    size = np.abs(y_pred - y_true)
    return np.where(size <= delta, size**2 / 2, size - delta / 2).mean(axis=-1)


@huber.mistake("You subtract all of delta². Half of it lets line and parabola meet at delta.")
def _(y_true, y_pred, delta):
    size = np.abs(y_pred - y_true)
    return np.where(size <= delta, size**2 / 2, delta * size - delta**2).mean(axis=-1)


@huber.mistake("You sum over the outputs of an example. Take the mean, as Keras does.")
def _(y_true, y_pred, delta):
    size = np.abs(y_pred - y_true)
    return np.where(size <= delta, size**2 / 2, delta * size - delta**2 / 2).sum(axis=-1)


def _yes_or_no(rng):
    """Return labels and logits; in the last, a sigmoid rounds to 0 and to 1."""
    return [
        (rng.integers(0, 2, 6).astype(float), rng.normal(0, 2, 6)),
        (rng.uniform(0, 1, 9), rng.normal(0, 2, 9)),
        (np.array([1.0, 0.0, 1.0, 0.0]), np.array([-1000.0, 800.0, 50.0, -60.0])),
    ]


@task(
    "losses.binary_crossentropy",
    _yes_or_no,
    about="Yes or no, from the logit. On paper the sigmoid comes first, then the logarithm; in a "
    "computer that order gives infinity just where the model is wrong and sure. Put the two "
    "together, {eq}`eq-loss-from-logits`. {ref}`sec-loss-stable` tells what is lost otherwise.",
    hints=(
        "Write the loss in z: log(1 + exp(z)) - y z, the softplus of z minus y z.",
        "log(1 + exp(z)) overflows. As max(z, 0) + log(1 + exp(-|z|)) it does not.",
    ),
)
def binary_crossentropy(y, z):
    """Return the mean binary cross-entropy of logits.

    Parameters
    ----------
    y : ndarray, shape (N,)
        Targets from 0 to 1.
    z : ndarray, shape (N,)
        Logits, up to 1000 in absolute value.

    Returns
    -------
    float
    """
    return np.mean(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z)


@binary_crossentropy.mistake(
    "Right on paper. For logits that are far out the sigmoid is exactly 0 or 1, and log 0 infinite."
)
def _(y, z):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@binary_crossentropy.mistake(
    "You clip the probabilities. That keeps infinity away, but forgets how wrong the model was."
)
def _(y, z):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@binary_crossentropy.mistake(
    "A bracket is in the wrong place, as in one of the source documents: (1 - y) times the "
    "logarithm, not 1 minus y times it."
)
def _(y, z):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y * np.log(1 - p)))


@binary_crossentropy.mistake("Only the positive examples count: the term with 1 - y is missing.")
def _(y, z):
    return np.mean(y * (np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z)))))


@binary_crossentropy.mistake("The two labels have changed places: this rewards the wrong answer.")
def _(y, z):
    return np.mean(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - (1 - y) * z)


@binary_crossentropy.mistake("You add the losses of the examples up. Take their mean.")
def _(y, z):
    return np.sum(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z)


def _classes(rng):
    """Return labels and logits; the last underflow the softmax of a true class."""
    return [
        (rng.integers(0, 4, 6), rng.normal(0, 2, (6, 4))),
        (rng.integers(0, 7, 3), rng.normal(0, 2, (3, 7))),
        (np.array([2, 0]), np.array([[900.0, 0.0, -100.0], [1000.0, 990.0, 1001.0]])),
    ]


@task(
    "losses.sparse_categorical_crossentropy",
    _classes,
    about="One class of many, given as a number: the loss picks a single logarithm out of each "
    "row, {eq}`eq-loss-cce`, and takes it from the logits, {eq}`eq-loss-from-logits`. You can "
    "build on {ref}`code-activations-log-softmax`.",
    hints=(
        "The loss of a row is minus the log-probability of its label.",
        "Log-probabilities: subtract each row's maximum, then the log of the row's sum of exp.",
        "`a[np.arange(len(labels)), labels]` takes from row n the entry labels[n].",
    ),
)
def sparse_categorical_crossentropy(labels, logits):
    """Return the mean cross-entropy of rows of logits.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        The true classes, 0 to K - 1.
    logits : ndarray, shape (N, K)
        Up to 1000 in absolute value.

    Returns
    -------
    float
    """
    s = logits - logits.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(labels)), labels].mean()


@sparse_categorical_crossentropy.mistake(
    "You take the logarithm of the softmax. Where the true class has rounded to 0 it is infinite."
)
def _(labels, logits):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(labels)), labels]).mean()


@sparse_categorical_crossentropy.mistake("The sign is missing: a logarithm of a share is negative.")
def _(labels, logits):
    return _log_softmax(logits)[np.arange(len(labels)), labels].mean()


@sparse_categorical_crossentropy.mistake(
    "`[:, labels]` takes all labels from every row. From row n you want the one of example n."
)
def _(labels, logits):
    return -_log_softmax(logits)[:, labels].mean()


@sparse_categorical_crossentropy.mistake(
    "You average over all classes, the false ones too. Only the true class stands in the loss."
)
def _(labels, logits):
    return -_log_softmax(logits).mean()


@sparse_categorical_crossentropy.mistake(
    "Your probabilities add up to one down each column. The classes of an example are a row."
)
def _(labels, logits):
    return -_log_softmax(logits, axis=0)[np.arange(len(labels)), labels].mean()


@task(
    "losses.sparse_crossentropy_gradient",
    _classes,
    about="Softmax and cross-entropy are a matched pair: the gradient at the logits is prediction "
    "minus target, {eq}`eq-loss-softmax-cce`. With the mean over the batch it is what a classifier "
    "sends down into its layers; {ref}`sec-loss-pairs` derives it.",
    hints=(
        "First the probabilities, softmax of each row with the row's maximum taken out.",
        "The one-hot target is 1 at the label: subtract 1 there, and nothing elsewhere.",
        "The loss is a mean over N examples, so every row is divided by N.",
    ),
)
def sparse_crossentropy_gradient(labels, logits):
    """Return the gradient of the mean cross-entropy by the logits.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        The true classes, 0 to K - 1.
    logits : ndarray, shape (N, K)
        Up to 1000 in absolute value.

    Returns
    -------
    ndarray, shape (N, K)
    """
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


@sparse_crossentropy_gradient.mistake(
    "This is the gradient of the sum over the batch. The loss is the mean: N is missing."
)
def _(labels, logits):
    return np.exp(_log_softmax(logits)) - np.eye(logits.shape[1])[labels]


@sparse_crossentropy_gradient.mistake(
    "You divide by the number of entries, N K. The cross-entropy is no mean over the classes."
)
def _(labels, logits):
    return (np.exp(_log_softmax(logits)) - np.eye(logits.shape[1])[labels]) / logits.size


@sparse_crossentropy_gradient.mistake(
    "`[:, labels] -= 1` subtracts 1 in every row at every label that occurs in the batch."
)
def _(labels, logits):
    p = np.exp(_log_softmax(logits))
    p[:, labels] -= 1
    return p / len(labels)


@sparse_crossentropy_gradient.mistake(
    "Target minus prediction: this points downhill, so a step against it would raise the loss."
)
def _(labels, logits):
    return (np.eye(logits.shape[1])[labels] - np.exp(_log_softmax(logits))) / len(labels)


@sparse_crossentropy_gradient.mistake(
    "You multiply by p (1 - p) once more. The derivative of softmax is in p - y already."
)
def _(labels, logits):
    p = np.exp(_log_softmax(logits))
    return (p - np.eye(logits.shape[1])[labels]) * p * (1 - p) / len(labels)


@sparse_crossentropy_gradient.mistake(
    "This is the gradient by the probabilities, -y / p. It has to go through the softmax, too."
)
def _(labels, logits):
    return -np.eye(logits.shape[1])[labels] / np.exp(_log_softmax(logits)) / len(labels)
