"""Activations that look at a whole vector: softmax and its logarithm."""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, same_shape

__all__ = ["log_softmax", "log_softmax_backward", "softmax", "softmax_backward"]


def softmax(x, axis=-1):
    r"""Probabilities from logits, :math:`p_i = e^{x_i} / \sum_j e^{x_j}`.

    Parameters
    ----------
    x : array_like, at least one axis
        The logits.
    axis : int
        The axis of the classes.

    Returns
    -------
    ndarray, same shape
        Not negative, summing to 1 along `axis`.

    Raises
    ------
    ValueError
        If `x` is not numeric, has no such axis, or has nothing along it.

    References
    ----------
    Bridle (1990), *Probabilistic interpretation of feedforward classification network outputs*.
    """
    x = as_float(x)
    _require_axis(x, axis)
    e = np.exp(x - np.max(x, axis, keepdims=True))  # the factor exp(-max) cancels in the fraction
    return e / np.sum(e, axis, keepdims=True)


def softmax_backward(dy, y, axis=-1):
    r"""Gradient through ``softmax``, :math:`dx_i = y_i\,(dy_i - \sum_j y_j\,dy_j)`.

    This is the Jacobian :math:`\mathrm{diag}(y) - y y^\top` times `dy`, without building it.

    Parameters
    ----------
    dy : array_like
        Gradient of a scalar loss by `y`.
    y : array_like, same shape
        Output of ``softmax``.
    axis : int
        The axis of the classes.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If the shapes differ or there is no such axis.
    """
    dy, y = _backward_arguments(dy, y, axis)
    return y * (dy - np.sum(y * dy, axis, keepdims=True))


def log_softmax(x, axis=-1):
    r"""Logarithm of ``softmax``, :math:`x_i - \log \sum_j e^{x_j}`.

    Parameters
    ----------
    x : array_like, at least one axis
        The logits.
    axis : int
        The axis of the classes.

    Returns
    -------
    ndarray, same shape
        At most 0, and finite where the probability itself would underflow.

    Raises
    ------
    ValueError
        If `x` is not numeric, has no such axis, or has nothing along it.

    References
    ----------
    Bridle (1990), *Probabilistic interpretation of feedforward classification network outputs*.
    """
    x = as_float(x)
    _require_axis(x, axis)
    shifted = x - np.max(x, axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis, keepdims=True))  # the sum is at least 1


def log_softmax_backward(dy, y, axis=-1):
    r"""Gradient through ``log_softmax``, :math:`dx_i = dy_i - e^{y_i} \sum_j dy_j`.

    Parameters
    ----------
    dy : array_like
        Gradient of a scalar loss by `y`.
    y : array_like, same shape
        Output of ``log_softmax``.
    axis : int
        The axis of the classes.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If the shapes differ or there is no such axis.
    """
    dy, y = _backward_arguments(dy, y, axis)
    return dy - np.exp(y) * np.sum(dy, axis, keepdims=True)


def _backward_arguments(dy, y, axis):
    """Both arrays, checked to have one shape, in which `axis` exists."""
    dy, y = as_float(dy, "dy"), as_float(y, "y")
    same_shape(dy, y, "dy", "y")
    _require_axis(y, axis)
    return dy, y


def _require_axis(x, axis):
    """Raise ValueError unless `axis` is one of the axes of `x`, with at least one entry."""
    if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)):
        raise ValueError(f"`axis` must be an integer. Received: axis={axis!r}")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"`axis` must be an axis of shape {x.shape}. Received: axis={axis}")
    if x.shape[axis] == 0:
        raise ValueError(f"Axis {axis} must not be empty. Received: shape={x.shape}")
