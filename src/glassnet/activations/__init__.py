"""Activation functions, each with its derivative.

An elementwise activation is a pair ``name(x)`` and ``name_derivative(x)`` with the same options.
Softmax and its logarithm mix the entries of a vector, so they come with ``name_backward(dy, y)``.
``get`` turns a name into an ``ActivationPair``, which hides the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from glassnet._validation import lookup, same_shape
from glassnet.activations import normalised, rectifiers, saturating, smooth
from glassnet.activations.normalised import *  # noqa: F403
from glassnet.activations.rectifiers import *  # noqa: F403
from glassnet.activations.saturating import *  # noqa: F403
from glassnet.activations.smooth import *  # noqa: F403

__all__ = [
    "ACTIVATIONS",
    "ActivationPair",
    "get",
    *normalised.__all__,
    *rectifiers.__all__,
    *saturating.__all__,
    *smooth.__all__,
]


class ActivationPair(NamedTuple):
    """An activation as a layer uses it.

    Parameters
    ----------
    name : str
        The name in the registry, which is Keras' name.
    forward : callable
        ``forward(x)`` returns y, the shape of x.
    backward : callable
        ``backward(dy, x, y)`` returns dx, the gradient of the loss by x, from that by y.
    """

    name: str
    forward: Callable[[np.ndarray], np.ndarray]
    backward: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _elementwise(forward, derivative):
    """The pair of an elementwise activation: its chain rule is a product."""

    def backward(dy, x, y):
        same_shape(dy, x, "dy", "x")
        return dy * derivative(x)

    return ActivationPair(forward.__name__, forward, backward)


def _vectorwise(forward, backward):
    """The pair of an activation whose backward step is written in its output y."""
    return ActivationPair(forward.__name__, forward, lambda dy, x, y: backward(dy, y))


def _pass_on(dy, x, y):
    """The backward step of ``linear``, without a product by 1."""
    same_shape(dy, x, "dy", "x")
    return dy


_PAIRS = [
    ActivationPair("linear", rectifiers.linear, _pass_on),
    _elementwise(saturating.step, saturating.step_derivative),
    _elementwise(saturating.sign, saturating.sign_derivative),
    _elementwise(saturating.sigmoid, saturating.sigmoid_derivative),
    _elementwise(saturating.hard_sigmoid, saturating.hard_sigmoid_derivative),
    _elementwise(saturating.tanh, saturating.tanh_derivative),
    _elementwise(saturating.softsign, saturating.softsign_derivative),
    _elementwise(rectifiers.relu, rectifiers.relu_derivative),
    _elementwise(rectifiers.leaky_relu, rectifiers.leaky_relu_derivative),
    _elementwise(rectifiers.elu, rectifiers.elu_derivative),
    _elementwise(rectifiers.selu, rectifiers.selu_derivative),
    _elementwise(smooth.softplus, smooth.softplus_derivative),
    _elementwise(smooth.silu, smooth.silu_derivative),
    _elementwise(smooth.gelu, smooth.gelu_derivative),
    _elementwise(smooth.mish, smooth.mish_derivative),
    _vectorwise(normalised.softmax, normalised.softmax_backward),
    _vectorwise(normalised.log_softmax, normalised.log_softmax_backward),
]

ACTIVATIONS = {pair.name: pair for pair in _PAIRS}
_BY_FUNCTION = {pair.forward: pair for pair in _PAIRS}


def get(identifier):
    """Return the ``ActivationPair`` meant by `identifier`.

    Parameters
    ----------
    identifier : str, callable, ActivationPair or None
        A name in ``ACTIVATIONS``, an activation function of this module (for its default
        options), a pair (returned as it is), or None for ``linear``.

    Returns
    -------
    ActivationPair

    Raises
    ------
    ValueError
        If the activation is not known; the message lists those that are.
    """
    if isinstance(identifier, ActivationPair):
        return identifier
    if identifier is None:
        return ACTIVATIONS["linear"]
    if callable(identifier) and identifier in _BY_FUNCTION:
        return _BY_FUNCTION[identifier]
    return lookup(identifier, ACTIVATIONS, "activation")
