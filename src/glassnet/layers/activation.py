"""Activation functions as layers, with and without a parameter to learn."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from glassnet import activations, initializers
from glassnet._validation import positive_int
from glassnet.layers.base import Layer, initializer_config, known_axis

__all__ = ["Activation", "PReLU", "prelu_backward", "prelu_forward"]


class Activation(Layer):
    """An activation function as a layer of its own, the twin of ``keras.layers.Activation``.

    Parameters
    ----------
    activation : str or ActivationPair
    name : str, optional

    Raises
    ------
    ValueError
        If the name of the activation is unknown.
    """

    supports_masking = True

    def __init__(self, activation, name=None):
        super().__init__(name)
        self.activation = activations.get(activation)

    def forward(self, x, training=False):
        """Return f(x), shape of x."""
        x = self._check_input(x)
        y = self.activation.forward(x)
        self._cache = x, y
        return y

    def backward(self, dy):
        """Return dx, shape of x."""
        return self.activation.backward(self._check_gradient(dy), *self._cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"activation": self.activation.name}


def prelu_forward(x, alpha):
    """Keep positive inputs, multiply the others by a slope that is learnt.

    Parameters
    ----------
    x : ndarray, shape (batch, ..., features)
    alpha : ndarray
        Slopes, of the shape of one sample, or with length 1 along an axis that shares them.

    Returns
    -------
    y : ndarray, shape of x
    cache : tuple
        What `prelu_backward` needs.
    """
    return np.maximum(x, 0) + alpha * np.minimum(x, 0), (x, alpha)


def prelu_backward(dy, cache):
    """Gradients of a scalar loss through `prelu_forward`.

    Parameters
    ----------
    dy : ndarray, shape of x
        Gradient of the loss with respect to y.
    cache : tuple
        From `prelu_forward`.

    Returns
    -------
    dx : ndarray, shape of x
    grads : dict
        ``"alpha"``, shape of alpha.
    """
    x, alpha = cache
    dx = dy * ((x > 0) + alpha * (x < 0))
    shared = tuple(axis + 1 for axis, length in enumerate(alpha.shape) if length == 1)
    dalpha = (dy * np.minimum(x, 0)).sum(axis=(0,) + shared)  # over all that used one slope
    return dx, {"alpha": dalpha.reshape(alpha.shape)}


class PReLU(Layer):
    """Rectifier with a learnt slope for negative inputs, the twin of ``keras.layers.PReLU``.

    Parameters
    ----------
    alpha_initializer : str or Initializer
        Where the slopes start.
    shared_axes : sequence of int, optional
        Axes, counted from 1 after the batch axis, along which one slope is used. For images
        ``[1, 2]`` gives one slope per channel.
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``alpha_regularizer`` and ``alpha_constraint``; see `Layer`.

    Raises
    ------
    ValueError
        If `shared_axes` names an axis that the input lacks, or an axis without a slope in common
        has no fixed length.

    References
    ----------
    He, Zhang, Ren and Sun (2015). Delving deep into rectifiers.
    """

    supports_masking = True
    weight_words: ClassVar = {"alpha": "alpha"}

    def __init__(self, alpha_initializer="zeros", shared_axes=None, name=None, **weight_rules):
        super().__init__(name, **weight_rules)
        self.alpha_initializer = initializers.get(alpha_initializer)
        axes = [shared_axes] if isinstance(shared_axes, (int, np.integer)) else shared_axes or ()
        self.shared_axes = [positive_int(axis, "shared_axes") for axis in axes]

    def create_weights(self, input_shape, rng, dtype):
        """Make one slope for each entry of a sample, or for all along a shared axis."""
        shape = tuple(
            1 if axis in self.shared_axes else known_axis(input_shape, axis, self)
            for axis in range(1, len(input_shape))
        )
        self.params["alpha"] = self.alpha_initializer(shape, rng, dtype)

    def compute_output_shape(self, input_shape):
        """Return `input_shape`."""
        if max(self.shared_axes, default=0) >= len(input_shape):
            raise ValueError(
                f"Layer {self.name!r}: `shared_axes` must be axes of the input. "
                f"Received: shared_axes={self.shared_axes}, input_shape={tuple(input_shape)}"
            )
        return tuple(input_shape)

    def forward(self, x, training=False):
        """Return max(x, 0) + alpha min(x, 0), shape of x."""
        x = self._check_input(x)
        y, self._cache = prelu_forward(x, self.params["alpha"])
        return y

    def backward(self, dy):
        """Fill `grads` and return dx, shape of x."""
        dx, self.grads = prelu_backward(self._check_gradient(dy), self._cache)
        return dx

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "alpha_initializer": initializer_config(self.alpha_initializer),
            "shared_axes": self.shared_axes or None,
        }
