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
