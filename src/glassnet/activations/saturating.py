"""Activations that level off on both sides: step, sign, sigmoid, tanh and their relatives."""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float

__all__ = [
    "hard_sigmoid",
    "hard_sigmoid_derivative",
    "sigmoid",
    "sigmoid_derivative",
    "sign",
    "sign_derivative",
    "softsign",
    "softsign_derivative",
    "step",
    "step_derivative",
    "tanh",
    "tanh_derivative",
]


def step(x):
    r"""Heaviside step, 1 for :math:`x \ge 0` and 0 below.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        0 or 1, in the dtype of `x`.

    References
    ----------
    McCulloch and Pitts (1943), *A logical calculus of the ideas immanent in nervous activity*.
    """
    return np.heaviside(as_float(x), 1)  # the second argument is the value at 0


def step_derivative(x):
    """Derivative of ``step``: 0, so that nothing can be learnt through it.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        Zeros, at the jump too, where no derivative exists.
    """
    return np.zeros_like(as_float(x))


def sign(x):
    """Sign, -1 below zero, 0 at zero, 1 above.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        -1, 0 or 1, in the dtype of `x`.

    References
    ----------
    Widrow and Hoff (1960), *Adaptive switching circuits*.
    """
    return np.sign(as_float(x))


def sign_derivative(x):
    """Derivative of ``sign``: 0, as for ``step``.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        Zeros, at the jump too, where no derivative exists.
    """
    return np.zeros_like(as_float(x))


def sigmoid(x):
    r"""Logistic sigmoid, :math:`\sigma(x) = 1 / (1 + e^{-x})`.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        Between 0 and 1.

    References
    ----------
    Rumelhart, Hinton and Williams (1986), *Learning representations by back-propagating errors*.
    """
    x = as_float(x)
    e = np.exp(-np.abs(x))  # never overflows
    return np.where(x < 0, e, 1) / (1 + e)  # for x < 0 the fraction is expanded by exp(x)


def sigmoid_derivative(x):
    r"""Derivative of ``sigmoid``, :math:`\sigma(x)\,(1 - \sigma(x))`, at most 1/4.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
    """
    x = as_float(x)
    return sigmoid(x) * sigmoid(-x)  # 1 - sigmoid(x) = sigmoid(-x), without the cancellation


def hard_sigmoid(x):
    r"""Piecewise linear sigmoid, :math:`\min(\max(x + 3, 0), 6) / 6`.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        Between 0 and 1.

    References
    ----------
    Howard et al. (2019), *Searching for MobileNetV3*.
    """
    return np.clip(as_float(x) + 3, 0, 6) / 6


def hard_sigmoid_derivative(x):
    """Derivative of ``hard_sigmoid``: 1/6 between -3 and 3, 0 outside and at both ends.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
    """
    x = as_float(x)
    return (np.abs(x) < 3).astype(x.dtype) / 6


def tanh(x):
    r"""Hyperbolic tangent, :math:`(e^x - e^{-x}) / (e^x + e^{-x}) = 2\,\sigma(2x) - 1`.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        Between -1 and 1.

    References
    ----------
    LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*.
    """
    return np.tanh(as_float(x))


def tanh_derivative(x):
    r"""Derivative of ``tanh``, :math:`1 - \tanh^2 x`, at most 1.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
    """
    return 1 - tanh(x) ** 2


def softsign(x):
    r"""Softsign, :math:`x / (1 + |x|)`, which saturates far more slowly than ``tanh``.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
        Between -1 and 1.

    References
    ----------
    Glorot and Bengio (2010), *Understanding the difficulty of training deep feedforward neural
    networks*.
    """
    x = as_float(x)
    return x / (1 + np.abs(x))


def softsign_derivative(x):
    r"""Derivative of ``softsign``, :math:`1 / (1 + |x|)^2`.

    Parameters
    ----------
    x : array_like, any shape

    Returns
    -------
    ndarray, same shape
    """
    return (1 / (1 + np.abs(as_float(x)))) ** 2
