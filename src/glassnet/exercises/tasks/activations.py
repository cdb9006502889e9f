"""Exercises of chapter 02: activations and their derivatives."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _numbers(rng):
    """Return inputs of several shapes, and some that overflow a careless exponential."""
    return [
        (rng.standard_normal(7),),
        (3 * rng.standard_normal((4, 5)),),
        (np.array([-1000.0, -30.0, 0.0, 30.0, 1000.0]),),
    ]


@task(
    "activations.sigmoid",
    _numbers,
    about="The exponential of a large number is infinite. {ref}`sec-sigmoid` rewrites the "
    "function so that no exponent is positive, {eq}`eq-sigmoid-stable`: do it for arrays.",
    hints=(
        "Start from 1 / (1 + exp(-z)), and try it on z = -1000: what overflows?",
        "For z < 0 multiply numerator and denominator by exp(z). No exponent is positive then.",
        "With e = exp(-|z|) the two forms are 1 / (1 + e) where z >= 0, and e / (1 + e) elsewhere.",
    ),
)
def sigmoid(z):
    """Return 1 / (1 + exp(-z)) without overflow.

    Parameters
    ----------
    z : ndarray, any shape
        Up to 1000 in absolute value.

    Returns
    -------
    ndarray, same shape
    """
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


@sigmoid.mistake("Right, but the exponential overflows: at z = 1000 the result is NaN, inf / inf.")
def _(z):
    return np.exp(z) / (1 + np.exp(z))


@sigmoid.mistake("The sign in the exponent is wrong: this is the sigmoid of -z.")
def _(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, e, 1) / (1 + e)


@sigmoid.mistake("This is tanh, which lies between -1 and 1. The sigmoid is (1 + tanh(z / 2)) / 2.")
def _(z):
    return np.tanh(z)


@sigmoid.mistake("This is (1 + tanh(z)) / 2, the sigmoid of 2 z: the argument of tanh is z / 2.")
def _(z):
    return (1 + np.tanh(z)) / 2


@sigmoid.mistake("This is the derivative, y (1 - y), not the sigmoid itself.")
def _(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def _gradients_and_outputs(rng):
    """Return incoming gradients and outputs of tanh, of one shape."""
    shapes = (6,), (4, 5), (2, 3, 4)
    return [
        (rng.standard_normal(shape), np.tanh(1.5 * rng.standard_normal(shape))) for shape in shapes
    ]


@task(
    "activations.tanh_backward",
    _gradients_and_outputs,
    about="In a backward pass the input of tanh is often gone and only its output is kept. That is "
    "enough: {eq}`eq-tanh-prime` writes the derivative in the output. {ref}`sec-tanh` derives it.",
    hints=(
        "Which function of y = tanh(z) is the derivative of tanh at z?",
        "The derivative multiplies the gradient that comes in, entry by entry.",
    ),
)
def tanh_backward(dy, y):
    """Return the gradient by the input of tanh.

    Parameters
    ----------
    dy : ndarray, any shape
        The gradient of the loss by the output.
    y : ndarray, same shape
        The output of the forward pass, tanh(z).

    Returns
    -------
    ndarray, same shape
        The gradient of the loss by z.
    """
    return dy * (1 - y**2)


@tanh_backward.mistake("You take tanh once more. What you are given, y, is the output already.")
def _(dy, y):
    return dy * (1 - np.tanh(y) ** 2)


@tanh_backward.mistake("This is the derivative of the sigmoid, y (1 - y). Tanh has another one.")
def _(dy, y):
    return dy * y * (1 - y)


@tanh_backward.mistake("The square is missing: with 1 - y the slope would be above 1 for y < 0.")
def _(dy, y):
    return dy * (1 - y)


@tanh_backward.mistake("That is the slope of tanh alone. Multiply by what comes from above, dy.")
def _(dy, y):
    return 1 - y**2


@task(
    "activations.leaky_relu_derivative",
    lambda rng: [
        (rng.standard_normal(8), 0.2),
        (np.array([[-2.0, -1.0, 0.0], [0.0, 0.5, 3.0]]), 0.1),
        (rng.standard_normal((3, 5)), 0.01),
    ],
    about="A ReLU lets no gradient through on its negative side; the leaky one lets some, and its "
    "units do not die. The derivative is in {eq}`eq-leaky`. At the kink the derivative of the "
    "negative side is taken, as in Keras.",
    hints=(
        "Two slopes: one where z > 0, the other elsewhere.",
        "`np.where(condition, a, b)` takes a where the condition holds, else b.",
    ),
)
def leaky_relu_derivative(z, alpha):
    """Return the slope of the leaky ReLU; at 0 it is `alpha`.

    Parameters
    ----------
    z : ndarray, any shape
        The input of the activation.
    alpha : float
        The slope of the negative side.

    Returns
    -------
    ndarray, same shape
    """
    return np.where(z > 0, 1.0, alpha)


@leaky_relu_derivative.mistake("At exactly 0 your slope is 1. This task takes alpha there.")
def _(z, alpha):
    return np.where(z >= 0, 1.0, alpha)


@leaky_relu_derivative.mistake("This is the leaky ReLU itself, not its derivative.")
def _(z, alpha):
    return np.where(z > 0, z, alpha * z)


@leaky_relu_derivative.mistake("This is the slope of the plain ReLU: nothing leaks where z < 0.")
def _(z, alpha):
    return np.where(z > 0, 1.0, 0.0)


@leaky_relu_derivative.mistake("On the negative side the slope is a constant; yours grows with z.")
def _(z, alpha):
    return np.where(z > 0, 1.0, alpha * z)


@leaky_relu_derivative.mistake("The two sides have changed places: alpha belongs to negative z.")
def _(z, alpha):
    return np.where(z > 0, alpha, 1.0)


@task(
    "activations.softplus",
    _numbers,
    about="ReLU with its corner rounded off, {eq}`eq-softplus`. Its exponential overflows long "
    "before its value does: {ref}`sec-smooth` takes max(z, 0) out of the logarithm. The binary "
    "cross-entropy is made of this function.",
    hints=(
        "For a large z, log(1 + exp(z)) is nearly z itself. Take z out: what is left?",
        "For z >= 0 it is z + log(1 + exp(-z)), for z < 0 nothing has to be changed.",
        "Both cases at once: max(z, 0), and one logarithm with -|z| in the exponent.",
    ),
)
def softplus(z):
    """Return log(1 + exp(z)) without overflow.

    Parameters
    ----------
    z : ndarray, any shape
        Up to 1000 in absolute value.

    Returns
    -------
    ndarray, same shape
    """
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


@softplus.mistake("Right, but exp(1000) overflows: for large z the result is infinite, not z.")
def _(z):
    return np.log(1 + np.exp(z))


@softplus.mistake("Half is missing: without max(z, 0) your function falls again for positive z.")
def _(z):
    return np.log1p(np.exp(-np.abs(z)))


@softplus.mistake("You take z out on both sides. For negative z nothing has to be taken out.")
def _(z):
    return z + np.log1p(np.exp(-np.abs(z)))


@softplus.mistake("This is ReLU. Softplus is above it everywhere, by log 2 at zero.")
def _(z):
    return np.maximum(z, 0)


@softplus.mistake("This is the sigmoid, which is the derivative of softplus.")
def _(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def _logits(rng):
    """Return logits: a row, a table, a stack; rows far apart; some that overflow or underflow."""
    return [
        (rng.standard_normal(5),),
        (2 * rng.standard_normal((3, 4)),),
        (rng.standard_normal((2, 3, 5)),),
        (np.array([[0.0, 1.0, -1.0], [-900.0, -901.0, -900.0]]),),
        (np.array([[999.0, 1000.0, 998.0]]),),
        (np.array([[0.0, -1000.0, 3.0, 2.0]]),),
    ]


@task(
    "activations.log_softmax",
    _logits,
    about="A loss wants the logarithm of a probability. Taken after softmax it is minus infinity "
    "where the probability has underflowed, so take it on paper, {eq}`eq-log-softmax`: the "
    "log-sum-exp trick of {ref}`sec-log-softmax`.",
    hints=(
        "The logarithm of a quotient is a difference: z minus the logarithm of a sum.",
        "Subtract the largest logit of each row first; log-softmax does not change by that.",
        "With s = z - z.max(axis=-1, keepdims=True) it is s minus log(sum(exp(s))), row by row.",
    ),
)
def log_softmax(z):
    """Return the logarithm of softmax over the last axis, without overflow or underflow.

    Parameters
    ----------
    z : ndarray, shape (..., K)
        Logits; up to 1000 in absolute value.

    Returns
    -------
    ndarray, same shape
    """
    s = z - z.max(axis=-1, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=-1, keepdims=True))


@log_softmax.mistake("The largest logit is not taken out: for logits near 1000 exp(z) overflows.")
def _(z):
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


@log_softmax.mistake(
    "You take the logarithm after softmax. Where the probability has rounded to 0 it is infinite."
)
def _(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.log(e / e.sum(axis=-1, keepdims=True))


@log_softmax.mistake(
    "You take out one maximum for all rows. In a row far below it every exponential becomes 0."
)
def _(z):
    s = z - z.max()
    return s - np.log(np.exp(s).sum(axis=-1, keepdims=True))


@log_softmax.mistake("The maximum is taken out of the sum only: z has to lose it as well.")
def _(z):
    s = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(s).sum(axis=-1, keepdims=True))


@log_softmax.mistake("You sum over the first axis. The classes lie along the last one.")
def _(z):
    s = z - z.max(axis=0)
    return s - np.log(np.exp(s).sum(axis=0))


@log_softmax.mistake("This is softmax, whose rows sum to 1. The logarithm is missing.")
def _(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@task(
    "activations.softmax_backward",
    lambda rng: [
        (rng.standard_normal(shape), rng.dirichlet(np.ones(shape[-1]), shape[:-1]))
        for shape in ((4,), (3, 5), (2, 4, 3))
    ],
    about="Each softmax output depends on every logit, so the derivative is a matrix; the backward "
    "pass needs only its product with the gradient that arrives, {eq}`eq-softmax-backward`. "
    "{ref}`sec-softmax-jacobian` derives both.",
    hints=(
        "Add the same number to all entries of dy: the result must not change. Why?",
        "The bracket of the equation is dy minus one number a row: a mean of dy, weighted how?",
        "The number is np.sum(dy * p, axis=-1, keepdims=True).",
    ),
)
def softmax_backward(dy, p):
    """Return the gradient by the logits of a softmax over the last axis.

    Parameters
    ----------
    dy : ndarray, shape (..., K)
        The gradient of the loss by the probabilities.
    p : ndarray, same shape
        The probabilities, the output of the forward pass.

    Returns
    -------
    ndarray, same shape
    """
    return p * (dy - np.sum(dy * p, axis=-1, keepdims=True))


@softmax_backward.mistake(
    "Only the diagonal of the matrix is in it: each logit also moves all the other probabilities."
)
def _(dy, p):
    return dy * p * (1 - p)


@softmax_backward.mistake(
    "Nothing is subtracted from dy: a common shift of the logits would count."
)
def _(dy, p):
    return dy * p


@softmax_backward.mistake("You subtract the plain mean of dy. It has to be weighted with p.")
def _(dy, p):
    return p * (dy - dy.mean(axis=-1, keepdims=True))


@softmax_backward.mistake("You sum over the first axis. The classes lie along the last one.")
def _(dy, p):
    return p * (dy - np.sum(dy * p, axis=0))


@softmax_backward.mistake("The sum runs over all entries. Every row is a softmax of its own.")
def _(dy, p):
    return p * (dy - np.sum(dy * p))


@softmax_backward.mistake("The factor p in front of the bracket is missing.")
def _(dy, p):
    return dy - np.sum(dy * p, axis=-1, keepdims=True)


@softmax_backward.mistake(
    "This is p - dy, as if dy were the one-hot target: the rule for softmax and cross-entropy."
)
def _(dy, p):
    return p - dy
