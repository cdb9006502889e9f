"""Gradient clipping: three ways to keep a step short, each returning new arrays."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_by_value", "global_norm"]


def clip_by_value(grad, clipvalue):
    """Cut every entry to the interval [-`clipvalue`, `clipvalue`]; the direction may change.

    Parameters
    ----------
    grad : ndarray, any shape
    clipvalue : float
        The largest absolute value that is kept.

    Returns
    -------
    ndarray, same shape
    """
    return np.clip(grad, -clipvalue, clipvalue)


def clip_by_norm(grad, clipnorm):
    """Shrink one gradient to the length `clipnorm` if it is longer; the direction stays.

    ``g · c / max(‖g‖, c)``.

    Parameters
    ----------
    grad : ndarray, any shape
    clipnorm : float
        The greatest Euclidean norm that is kept.

    Returns
    -------
    ndarray, same shape

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks,
    algorithm 1.
    """
    return grad * (clipnorm / max(global_norm([grad]), clipnorm))


def clip_by_global_norm(grads, clipnorm):
    """Shrink all gradients by one factor, so that their common length is at most `clipnorm`.

    ``g_i · c / max(‖(g_1, …, g_n)‖, c)``: the direction in the space of all parameters stays.

    Parameters
    ----------
    grads : list of ndarray, any shapes
    clipnorm : float
        The greatest Euclidean norm that is kept.

    Returns
    -------
    list of ndarray, same shapes

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks,
    algorithm 1.
    """
    scale = clipnorm / max(global_norm(grads), clipnorm)
    return [grad * scale for grad in grads]


def global_norm(grads):
    """Euclidean norm of all entries of all arrays, ``sqrt(Σ_i Σ g_i²)``.

    Parameters
    ----------
    grads : list of ndarray, any shapes

    Returns
    -------
    float
    """
    largest = max((float(np.abs(grad).max(initial=0)) for grad in grads), default=0.0)
    if largest == 0:
        return 0.0
    # Divided by the largest entry first: the square of an exploding gradient would overflow.
    squares = (np.square(grad / largest, dtype=np.float64).sum() for grad in grads)
    return largest * math.sqrt(sum(squares))
