"""Smooth relatives of the ReLU: softplus, SiLU, GELU and Mish."""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float
from glassnet.activations._erfc import erfc
from glassnet.activations.saturating import sigmoid

__all__ = [
    "gelu",
    "gelu_derivative",
    "mish",
    "mish_derivative",
    "silu",
    "silu_derivative",
    "softplus",
    "softplus_derivative",
]

_SQRT_HALF = float(np.sqrt(0.5))
_SQRT_2_OVER_PI = float(np.sqrt(2 / np.pi))
_GELU_CUBIC = 0.044715  # fitted by Hendrycks and Gimpel, section 2


def softplus(x):
    r"""Softplus, :math:`\log(1 + e^x)`, the smooth ``relu``.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        Positive.

    References
    ----------
    Dugas, Bengio, Bélisle, Nadeau and Garcia (2001), *Incorporating second-order functional
    knowledge for better option pricing*.
    """
    x = as_float(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))  # x > 0: log(1+e^x) = x + log(1+e^-x)


def softplus_derivative(x):
    r"""Derivative of ``softplus``, the sigmoid :math:`\sigma(x)`.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
    """
    return sigmoid(x)


def silu(x):
    r"""Sigmoid linear unit (also called Swish), :math:`x\,\sigma(x)`.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape

    References
    ----------
    Elfwing, Uchibe and Doya (2018), *Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning*.
    """
    x = as_float(x)
    return x * sigmoid(x)


def silu_derivative(x):
    r"""Derivative of ``silu``, :math:`\sigma(x)\,\bigl(1 + x\,(1 - \sigma(x))\bigr)`.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
    """
    x = as_float(x)
    return sigmoid(x) * (1 + x * sigmoid(-x))


def gelu(x, approximate=False):
    r"""Gaussian error linear unit, :math:`x\,\Phi(x)`, with the normal distribution function.

    Parameters
    ----------
    x : array_like, any shape
    approximate : bool
        If true, :math:`\Phi(x)` is replaced by :math:`\tfrac12 (1 + \tanh u)` with
        :math:`u = \sqrt{2/\pi}\,(x + 0.044715\,x^3)`.

    Returns
    -------
    ndarray, same shape

    References
    ----------
    Hendrycks and Gimpel (2016), *Gaussian error linear units (GELUs)*.
    """
    x = as_float(x)
    if approximate:
        return 0.5 * x * (1 + np.tanh(_gelu_argument(x)))
    return x * _normal_cdf(x)


def gelu_derivative(x, approximate=False):
    r"""Derivative of ``gelu``, :math:`\Phi(x) + x\,\varphi(x)`, with the normal density.

    Parameters
    ----------
    x : array_like, any shape
    approximate : bool
        If true, the derivative of the approximation,
        :math:`\tfrac12 (1 + \tanh u) + \tfrac12\,x\,(1 - \tanh^2 u)\,u'`.

    Returns
    -------
    ndarray, same shape
    """
    x = as_float(x)
    if approximate:
        t = np.tanh(_gelu_argument(x))
        du = _SQRT_2_OVER_PI * (1 + 3 * _GELU_CUBIC * x**2)
        return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * du
    density = 0.5 * _SQRT_2_OVER_PI * np.exp(-0.5 * x**2)
    return _normal_cdf(x) + x * density


def mish(x):
    r"""Mish, :math:`x \tanh(\log(1 + e^x))`.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape

    References
    ----------
    Misra (2019), *Mish: a self regularized non-monotonic activation function*.
    """
    x = as_float(x)
    return x * np.tanh(softplus(x))


def mish_derivative(x):
    r"""Derivative of ``mish``, :math:`t + x\,(1 - t^2)\,\sigma(x)` with t the tanh of softplus.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
    """
    x = as_float(x)
    t = np.tanh(softplus(x))
    return t + x * (1 - t**2) * sigmoid(x)


def _normal_cdf(x):
    """Probability that a standard normal number is below `x`, any shape."""
    return 0.5 * erfc(-x * _SQRT_HALF)  # not 1 + erf, which loses the left tail to rounding


def _gelu_argument(x):
    """The argument u of the tanh in the approximate GELU, any shape."""
    return _SQRT_2_OVER_PI * (x + _GELU_CUBIC * x**3)
