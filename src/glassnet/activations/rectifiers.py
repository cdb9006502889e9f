"""Activations that are the identity for positive input: linear, ReLU and its relatives.

At a kink the derivatives take the value TensorFlow takes, so that training can be compared.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, real_in, same_shape

__all__ = [
    "elu",
    "elu_derivative",
    "leaky_relu",
    "leaky_relu_derivative",
    "linear",
    "linear_derivative",
    "prelu",
    "prelu_alpha_gradient",
    "prelu_derivative",
    "relu",
    "relu_derivative",
    "selu",
    "selu_derivative",
]

# The fixed point that keeps mean 0 and variance 1 from layer to layer (Klambauer et al. 2017).
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def linear(x):
    """Identity.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        `x` itself if it is an array of floats.
    """
    return as_float(x)


def linear_derivative(x):
    """Derivative of ``linear``: 1.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
    """
    return np.ones_like(as_float(x))


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    r"""Rectified linear unit, :math:`\max(x, 0)` unless options change it.

    .. math::

        f(x) = \begin{cases}
            \min(x, m) & x > t \\
            s\,(x - t) & x \le t
        \end{cases}

    Parameters
    ----------
    x : array_like, any shape
    negative_slope : float, at least 0
        The slope s at and below the threshold.
    max_value : float, at least 0, or None
        The upper bound m; None for no bound.
    threshold : float, at least 0
        The value t up to which a unit is off.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If `x` is not numeric or an option is negative.

    References
    ----------
    Nair and Hinton (2010), *Rectified linear units improve restricted Boltzmann machines*.
    """
    x = as_float(x)
    if (negative_slope, max_value, threshold) == (0, None, 0):
        return np.maximum(x, 0)
    slope, top, threshold = _relu_options(negative_slope, max_value, threshold)
    return np.where(x > threshold, np.minimum(x, top), slope * (x - threshold))


def relu_derivative(x, negative_slope=0.0, max_value=None, threshold=0.0):
    r"""Derivative of ``relu``: 1 where a unit is on, :math:`s` where it is off, 0 beyond the bound.

    The kink at 0 counts as off, so the derivative of the plain ReLU is 0 there.

    Parameters
    ----------
    x : array_like, any shape
    negative_slope, max_value, threshold
        As for ``relu``.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If `x` is not numeric or an option is negative.
    """
    x = as_float(x)
    if (negative_slope, max_value, threshold) == (0, None, 0):
        return (x > 0).astype(x.dtype)
    slope, top, threshold = _relu_options(negative_slope, max_value, threshold)
    if threshold == 0 and max_value is None:
        return leaky_relu_derivative(x, slope)
    # At the bound TensorFlow has two answers: 0 from its ReLU6, 1 from clipping anywhere else.
    free = x < 6 if (top, threshold) == (6, 0) else x <= top
    return ((x > threshold) & free) + slope * (x < threshold).astype(x.dtype)


def leaky_relu(x, negative_slope=0.2):
    r"""Leaky ReLU, :math:`x` for :math:`x > 0`, :math:`s\,x` below.

    Parameters
    ----------
    x : array_like, any shape
    negative_slope : float, at least 0
        The slope s for negative input.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If `x` is not numeric or `negative_slope` is negative.

    References
    ----------
    Maas, Hannun and Ng (2013), *Rectifier nonlinearities improve neural network acoustic models*.
    """
    x = as_float(x)
    slope = real_in(negative_slope, "negative_slope", low=0)
    return np.maximum(x, 0) + slope * np.minimum(x, 0)


def leaky_relu_derivative(x, negative_slope=0.2):
    r"""Derivative of ``leaky_relu``: 1 for :math:`x > 0`, `negative_slope` at 0 and below.

    Parameters
    ----------
    x : array_like, any shape
    negative_slope : float, at least 0
        As for ``leaky_relu``.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If `x` is not numeric or `negative_slope` is negative.
    """
    x = as_float(x)
    return np.where(x > 0, 1, real_in(negative_slope, "negative_slope", low=0)).astype(x.dtype)


def prelu(x, alpha):
    r"""Parametric ReLU, :math:`\max(x, 0) + \alpha \min(x, 0)`, with slopes that are learnt.

    Parameters
    ----------
    x : array_like, shape (..., features)
    alpha : array_like, shape (features,) or another that broadcasts to that of `x`
        The slope of each feature for negative input.

    Returns
    -------
    ndarray, same shape as `x`

    Raises
    ------
    ValueError
        If an argument is not numeric, or `alpha` does not broadcast to the shape of `x`.

    References
    ----------
    He, Zhang, Ren and Sun (2015), *Delving deep into rectifiers*.
    """
    x, alpha = _prelu_arguments(x, alpha)
    return np.maximum(x, 0) + alpha * np.minimum(x, 0)


def prelu_derivative(x, alpha):
    r"""Derivative of ``prelu`` by `x`: 1 above zero, :math:`\alpha` below, 0 at zero.

    Parameters
    ----------
    x : array_like, shape (..., features)
    alpha : array_like
        As for ``prelu``.

    Returns
    -------
    ndarray, same shape as `x`

    Raises
    ------
    ValueError
        If an argument is not numeric, or `alpha` does not broadcast to the shape of `x`.
    """
    x, alpha = _prelu_arguments(x, alpha)
    return (x > 0) + alpha * (x < 0)


def prelu_alpha_gradient(dy, x):
    r"""Gradient of a scalar loss by the slopes of ``prelu``, :math:`\sum dy \cdot \min(x, 0)`.

    It is for one slope per feature, shared by all positions along the other axes.

    Parameters
    ----------
    dy : array_like, shape (..., features)
        Gradient of the loss by the output of ``prelu``.
    x : array_like, shape (..., features)
        Its input.

    Returns
    -------
    ndarray, shape (features,)
        Summed over every axis but the last.

    Raises
    ------
    ValueError
        If the shapes differ or have no axis.
    """
    dy, x = as_float(dy, "dy"), as_float(x)
    same_shape(dy, x, "dy", "x")
    if x.ndim == 0:
        raise ValueError("`x` must have a last axis, of features. Received: shape=()")
    return np.sum(dy * np.minimum(x, 0), axis=tuple(range(x.ndim - 1)))


def elu(x, alpha=1.0):
    r"""Exponential linear unit, :math:`x` for :math:`x > 0`, :math:`\alpha\,(e^x - 1)` below.

    Parameters
    ----------
    x : array_like, any shape
    alpha : float, at least 0
        Minus the value approached far to the left.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If `x` is not numeric or `alpha` is negative.

    References
    ----------
    Clevert, Unterthiner and Hochreiter (2016), *Fast and accurate deep network learning by
    exponential linear units (ELUs)*.
    """
    x, alpha = as_float(x), real_in(alpha, "alpha", low=0)
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))  # minimum: exp cannot overflow


def elu_derivative(x, alpha=1.0):
    r"""Derivative of ``elu``: 1 for :math:`x > 0`, :math:`\alpha\,e^x` at 0 and below.

    Parameters
    ----------
    x : array_like, any shape
    alpha : float, at least 0
        As for ``elu``.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If `x` is not numeric or `alpha` is negative.
    """
    x, alpha = as_float(x), real_in(alpha, "alpha", low=0)
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def selu(x):
    r"""Scaled ELU, :math:`\lambda\,\mathrm{elu}(x; \alpha)` which keeps mean 0 and variance 1.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        With :math:`\alpha \approx 1.6733` and :math:`\lambda \approx 1.0507`.

    References
    ----------
    Klambauer, Unterthiner, Mayr and Hochreiter (2017), *Self-normalizing neural networks*.
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


def selu_derivative(x):
    r"""Derivative of ``selu``: :math:`\lambda` from 0 up, :math:`\lambda\,\alpha\,e^x` below.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
    """
    x = as_float(x)
    below = SELU_ALPHA * np.exp(np.minimum(x, 0))
    return SELU_SCALE * np.where(x >= 0, 1, below)  # at 0 the right side, unlike ``elu``


def _relu_options(negative_slope, max_value, threshold):
    """Slope, upper bound (inf for None) and threshold as floats, each at least 0."""
    return (
        real_in(negative_slope, "negative_slope", low=0),
        np.inf if max_value is None else real_in(max_value, "max_value", low=0),
        real_in(threshold, "threshold", low=0),
    )


def _prelu_arguments(x, alpha):
    """`x` and `alpha` as arrays of one dtype; `alpha` may be repeated to the shape of `x`."""
    x, alpha = as_float(x), as_float(alpha, "alpha")
    try:
        fits = np.broadcast_shapes(x.shape, alpha.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"`alpha` must broadcast to {x.shape}. Received: shape={alpha.shape}")
    return x, alpha.astype(x.dtype, copy=False)
