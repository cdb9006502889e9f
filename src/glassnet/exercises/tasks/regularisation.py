"""Exercises of chapter 06: penalties, dropout, early stopping, batch normalisation."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _weights(rng):
    """Return weights on both sides of the threshold, and at it."""
    return [
        (rng.standard_normal(9), 0.5),
        (2 * rng.standard_normal((4, 3)), 1.0),
        (np.array([-3.0, -0.25, 0.0, 0.25, 3.0]), 0.25),
    ]


@task(
    "regularisation.soft_threshold",
    _weights,
    about="What L1 does to a single weight: it subtracts, and stops at zero. "
    "{prf:ref}`thm-reg-soft` shows that {eq}`eq-reg-soft` is the minimum.",
    hints=(
        "The sign stays, the absolute value shrinks by kappa.",
        "An absolute value cannot become negative: np.maximum(..., 0).",
    ),
)
def soft_threshold(z, kappa):
    """Return the minimum of (w - z) ** 2 / 2 + kappa * abs(w), for every entry of z.

    Parameters
    ----------
    z : ndarray, any shape
    kappa : float
        Not negative.

    Returns
    -------
    ndarray, same shape
    """
    return np.sign(z) * np.maximum(np.abs(z) - kappa, 0)


@soft_threshold.mistake(
    "Small weights are set to zero and large ones left as they are: the hard threshold. L1 moves "
    "every weight."
)
def _(z, kappa):
    return np.where(np.abs(z) > kappa, z, 0)


@soft_threshold.mistake("You divide, as L2 does, so no weight is ever exactly zero. L1 subtracts.")
def _(z, kappa):
    return z / (1 + kappa)


@soft_threshold.mistake("Weights smaller than kappa come out with the other sign. They stop at 0.")
def _(z, kappa):
    return np.sign(z) * (np.abs(z) - kappa)


@soft_threshold.mistake("The sign is lost: a negative weight has become positive.")
def _(z, kappa):
    return np.maximum(np.abs(z) - kappa, 0)


@soft_threshold.mistake("Negative weights are all set to zero. They shrink like positive ones.")
def _(z, kappa):
    return np.maximum(z - kappa, 0)


def _regressions(rng):
    """Return inputs, targets and a penalty; once with fewer examples than weights."""
    sizes = [(9, 3, 0.1), (4, 6, 0.5), (5, 5, 2.0)]
    return [(rng.standard_normal((n, d)), rng.standard_normal(n), lam) for n, d, lam in sizes]


@task(
    "regularisation.ridge",
    _regressions,
    about="A linear model with an L2 penalty has a minimum that can be written down. Set the "
    "gradient in {eq}`eq-reg-ridge` to zero; {ref}`sec-reg-l2` says why the system is solvable.",
    hints=(
        "The gradient is H w - b + lam w, with H = X^T X / N and b = X^T y / N.",
        "So (H + lam I) w = b, with the identity matrix I. np.linalg.solve does the rest.",
    ),
)
def ridge(x, y, lam):
    """Return the weights that minimise mean((x @ w - y) ** 2) / 2 + lam * sum(w ** 2) / 2.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    y : ndarray, shape (N,)
    lam : float
        Above zero.

    Returns
    -------
    ndarray, shape (D,)
    """
    n, d = x.shape
    return np.linalg.solve(x.T @ x / n + lam * np.eye(d), x.T @ y / n)


@ridge.mistake(
    "Neither product is divided by N, so the penalty counts N times too little: the error is a "
    "mean over the examples."
)
def _(x, y, lam):
    return np.linalg.solve(x.T @ x + lam * np.eye(x.shape[1]), x.T @ y)


@ridge.mistake("lam is added to every entry of the matrix. The penalty acts on its diagonal only.")
def _(x, y, lam):
    return np.linalg.solve(x.T @ x / len(x) + lam, x.T @ y / len(x))


@ridge.mistake(
    "The penalty counts twice. The derivative of lam * w ** 2 / 2 is lam * w; a factor 2 comes in "
    "only without the half."
)
def _(x, y, lam):
    return np.linalg.solve(x.T @ x / len(x) + 2 * lam * np.eye(x.shape[1]), x.T @ y / len(x))


@ridge.mistake("The penalty has the wrong sign: this rewards large weights.")
def _(x, y, lam):
    return np.linalg.solve(x.T @ x / len(x) - lam * np.eye(x.shape[1]), x.T @ y / len(x))


@ridge.mistake("The matrix is divided by N and the right-hand side is not.")
def _(x, y, lam):
    return np.linalg.solve(x.T @ x / len(x) + lam * np.eye(x.shape[1]), x.T @ y)


def _masked(rng):
    """Return activations with a mask, in training and at inference."""
    cases = [((4, 5), 0.5, True), ((7,), 0.2, True), ((3, 6), 0.3, False), ((5, 4), 0.8, True)]
    return [
        (rng.standard_normal(shape), 1.0 * (rng.random(shape) >= rate), rate, training)
        for shape, rate, training in cases
    ]


@task(
    "regularisation.dropout",
    _masked,
    about="Inverted dropout, {eq}`eq-reg-dropout`, with a mask that is given: two functions, one "
    "for training and one for inference. {eq}`eq-reg-dropout-moments` says what the division is "
    "for.",
    hints=(
        "At inference nothing is dropped and nothing is divided.",
        "In training, divide by the probability of being kept, which is 1 - rate.",
    ),
)
def dropout(x, mask, rate, training):
    """Return the activations after dropout.

    Parameters
    ----------
    x : ndarray, any shape
    mask : ndarray, same shape
        1 where an activation is kept, 0 where it is dropped.
    rate : float
        The probability of being dropped, with which the mask was drawn.
    training : bool

    Returns
    -------
    ndarray, same shape
    """
    return x * mask / (1 - rate) if training else x


@dropout.mistake(
    "What is kept is not made larger. Then the next layer sees less in training than at inference."
)
def _(x, mask, rate, training):
    return x * mask if training else x


@dropout.mistake("The rate is the probability of being dropped. Divide by that of being kept.")
def _(x, mask, rate, training):
    return x * mask / rate if training else x


@dropout.mistake("You drop at inference, too. Then the network would throw dice for its answers.")
def _(x, mask, rate, training):
    return x * mask / (1 - rate)


@dropout.mistake(
    "The mask is taken the wrong way round: 1 stands for what is kept, and you have dropped it."
)
def _(x, mask, rate, training):
    return x * (1 - mask) / (1 - rate) if training else x


@dropout.mistake(
    "Nothing is scaled in training, and the output is made smaller at inference: so did the first "
    "papers. Inverted dropout scales in training."
)
def _(x, mask, rate, training):
    return x * mask if training else x * (1 - rate)


@dropout.mistake(
    "You divide by the share that this mask happens to keep. The division is by the probability, "
    "the same in every step."
)
def _(x, mask, rate, training):
    return x * mask / mask.mean() if training else x


def _histories(rng):
    """Return validation losses, by epoch, and a patience."""
    turning = [1.0, 0.8, 0.9, 0.7, 0.75, 0.72, 0.74, 0.71, 0.6]
    wavy = 0.01 * (np.arange(30) - 12) ** 2 + rng.standard_normal(30)
    return [(turning, 2), ([0.5, 0.5, 0.5, 0.5, 0.4], 3), ([3.0, 2.0, 1.0], 1), (list(wavy), 4)]


@task(
    "regularisation.early_stopping",
    _histories,
    about="When does training stop, and which weights are kept? {ref}`sec-reg-early-stopping` "
    "shows the rule of the package and of Keras: so many epochs in a row without a new best.",
    hints=(
        "Remember the best epoch so far, and how many epochs have passed since.",
        "A new best sets the count back to zero. Otherwise it grows by one; is it at the patience?",
    ),
)
def early_stopping(losses, patience):
    """Return how many epochs are trained, and which of them was the best.

    Parameters
    ----------
    losses : list of float, one entry an epoch
        The validation loss, as it would be without stopping. Only less than the best is better.
    patience : int
        After so many epochs in a row without a new best the training stops; at least 1.

    Returns
    -------
    epochs : int
        The number of epochs trained, the last one included.
    best : int
        The best epoch, counted from 0.
    """
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            return epoch + 1, best
    return len(losses), best


def _stop(losses, patience, better=np.less, in_a_row=True, previous=False):
    best = waited = 0
    for epoch in range(1, len(losses)):
        if better(losses[epoch], losses[epoch - 1 if previous else best]):
            best, waited = epoch, waited * (not in_a_row)
        else:
            waited += 1
        if waited >= patience:
            return epoch + 1, best
    return len(losses), best


@early_stopping.mistake(
    "You compare with the epoch before. A slow rise with small dips would never stop: compare with "
    "the best so far."
)
def _(losses, patience):
    return _stop(losses, patience, previous=True)


@early_stopping.mistake(
    "You count all epochs without a new best. Only those in a row count: a new best starts again."
)
def _(losses, patience):
    return _stop(losses, patience, in_a_row=False)


@early_stopping.mistake("An equal loss is no improvement: it must be less than the best.")
def _(losses, patience):
    return _stop(losses, patience, better=np.less_equal)


@early_stopping.mistake("You stop one epoch late: `>` where `>=` is needed.")
def _(losses, patience):
    return _stop(losses, patience + 1)


@early_stopping.mistake("As the best epoch you return the last one that was trained.")
def _(losses, patience):
    epochs, _ = _stop(losses, patience)
    return epochs, epochs - 1


def _batches(rng):
    """Return gradients, inputs, gamma and epsilon, with a batch as large as the units once."""
    shapes = [((6, 4), 1e-3), ((3, 5), 0.1), ((4, 4), 1e-3)]
    return [
        (rng.standard_normal(s), 2 + rng.standard_normal(s), rng.standard_normal(s[1]), epsilon)
        for s, epsilon in shapes
    ]


@task(
    "regularisation.batch_normalization_backward",
    _batches,
    about="Every input changes the output of every example, through mean and variance. "
    "{ref}`sec-reg-bn-backward` goes back one operation at a time, to {eq}`eq-reg-bn-outer` and "
    "{eq}`eq-reg-bn-backward`.",
    hints=(
        "First forward: mean, variance (divisor N), x_hat. All means run over axis 0, the batch.",
        "dbeta sums dy, dgamma sums dy * x_hat. What arrives at x_hat is g = gamma * dy.",
        "Take from g its mean, and x_hat times the mean of g * x_hat. Then divide by the root.",
    ),
)
def batch_normalization_backward(dy, x, gamma, epsilon):
    """Return the gradients of a loss through batch normalisation in training.

    Parameters
    ----------
    dy : ndarray, shape (N, D)
        The gradient by the output.
    x : ndarray, shape (N, D)
        The input, N examples.
    gamma : ndarray, shape (D,)
    epsilon : float
        Added to the variance, under the root.

    Returns
    -------
    dx : ndarray, shape (N, D)
    dgamma : ndarray, shape (D,)
    dbeta : ndarray, shape (D,)
    """
    scale = 1 / np.sqrt(x.var(axis=0) + epsilon)
    x_hat = (x - x.mean(axis=0)) * scale
    g = gamma * dy
    dx = scale * (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0))
    return dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0)


def _norm_back(dy, x, gamma, epsilon, by_mean=1, by_variance=1, add_up=np.sum):
    scale = 1 / np.sqrt(x.var(axis=0) + epsilon)
    x_hat, g = (x - x.mean(axis=0)) * scale, gamma * dy
    back = by_mean * g.mean(axis=0) + by_variance * x_hat * (g * x_hat).mean(axis=0)
    return scale * (g - back), add_up(dy * x_hat, axis=0), add_up(dy, axis=0)


@batch_normalization_backward.mistake(
    "Mean and variance are treated as constants. They depend on every x, which takes two terms "
    "from the gradient."
)
def _(*case):
    return _norm_back(*case, by_mean=0, by_variance=0)


@batch_normalization_backward.mistake(
    "The way through the variance is missing: a part along x_hat."
)
def _(*case):
    return _norm_back(*case, by_variance=0)


@batch_normalization_backward.mistake("The way through the mean is missing: dx must sum to zero.")
def _(*case):
    return _norm_back(*case, by_mean=0)


@batch_normalization_backward.mistake(
    "dx does not know gamma: what arrives at x_hat is gamma * dy."
)
def _(dy, x, gamma, epsilon):
    dx, _, _ = _norm_back(dy, x, np.ones_like(gamma), epsilon)
    return dx, *_norm_back(dy, x, gamma, epsilon)[1:]


@batch_normalization_backward.mistake(
    "dgamma and dbeta are means over the batch. Each acts on all examples, so its gradient is a "
    "sum; the loss has already been divided by N if it is a mean."
)
def _(*case):
    return _norm_back(*case, add_up=np.mean)


@batch_normalization_backward.mistake(
    "The two parts that are taken from g are sums. They are means over the batch."
)
def _(dy, *rest):
    return _norm_back(dy, *rest, by_mean=len(dy), by_variance=len(dy))
