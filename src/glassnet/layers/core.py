"""Fully connected layers and dropout."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from glassnet import activations, initializers
from glassnet._validation import positive_int, real_in
from glassnet.layers.base import Layer, initializer_config, known_axis
from glassnet.layers.masking import as_mask

__all__ = [
    "Dense",
    "Dropout",
    "dense_backward",
    "dense_forward",
    "dense_gradients",
    "dropout_backward",
    "dropout_forward",
]


def dense_forward(x, kernel, bias=None):
    """Affine map of every row, y = x W + b.

    Parameters
    ----------
    x : ndarray, shape (batch, ..., features)
    kernel : ndarray, shape (features, units)
        The weights W.
    bias : ndarray, shape (units,), optional

    Returns
    -------
    y : ndarray, shape (batch, ..., units)
    cache : tuple
        What `dense_backward` needs.
    """
    y = x @ kernel
    if bias is not None:
        y += bias  # the same for every row
    return y, (x, kernel)


def dense_backward(dy, cache):
    """Gradients of a scalar loss through `dense_forward`.

    Parameters
    ----------
    dy : ndarray, shape (batch, ..., units)
        Gradient of the loss with respect to y.
    cache : tuple
        From `dense_forward`.

    Returns
    -------
    dx : ndarray, shape (batch, ..., features)
    grads : dict
        ``"kernel"``, shape (features, units), and ``"bias"``, shape (units,).
    """
    x, kernel = cache
    dx = dy @ kernel.T  # each input fed every unit
    return dx, dense_gradients(dy, x)


def dense_gradients(dy, x):
    """Gradients of a scalar loss by the weights of `dense_forward`.

    Parameters
    ----------
    dy : ndarray, shape (batch, ..., units)
        Gradient of the loss with respect to y.
    x : ndarray, shape (batch, ..., features)

    Returns
    -------
    grads : dict
        ``"kernel"``, shape (features, units), and ``"bias"``, shape (units,).
    """
    x = x.reshape(-1, x.shape[-1])  # every axis but the last counts rows
    dy = dy.reshape(-1, dy.shape[-1])
    return {
        "kernel": x.T @ dy,  # summed over the rows by the product
        "bias": dy.sum(axis=0),  # the bias was added to every row
    }


class Dense(Layer):
    """Fully connected layer, the twin of ``keras.layers.Dense``.

    Parameters
    ----------
    units : int
        Number of outputs, at least 1.
    activation : str or ActivationPair, optional
        Applied to the affine map; none means linear.
    use_bias : bool
        Whether a bias is added.
    kernel_initializer, bias_initializer : str or Initializer
        Where the weights start.
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``kernel_regularizer``, ``bias_regularizer``, ``kernel_constraint`` and ``bias_constraint``;
        see `Layer`.

    Raises
    ------
    ValueError
        If `units` is not a positive integer, the name of an activation or initialiser is unknown,
        or the input has fewer than two axes.
    """

    supports_masking = True
    weight_words: ClassVar = {"kernel": "kernel", "bias": "bias"}

    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        name=None,
        **weight_rules,
    ):
        super().__init__(name, **weight_rules)
        self.units = positive_int(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def create_weights(self, input_shape, rng, dtype):
        """Draw a kernel of shape (features, units) and a bias of shape (units,)."""
        self.params["kernel"] = self.kernel_initializer((input_shape[-1], self.units), rng, dtype)
        if self.use_bias:
            self.params["bias"] = self.bias_initializer((self.units,), rng, dtype)

    def compute_output_shape(self, input_shape):
        """Return `input_shape` with `units` as its last axis."""
        if len(input_shape) < 2:
            raise ValueError(
                f"Layer {self.name!r} needs inputs of shape (batch, ..., features). "
                f"Received: input_shape={tuple(input_shape)}"
            )
        known_axis(input_shape, -1, self)
        return (*input_shape[:-1], self.units)

    def forward(self, x, training=False):
        """Return f(x W + b), shape (batch, ..., units), for x of shape (batch, ..., features)."""
        x = self._check_input(x)
        z, cache = dense_forward(x, self.params["kernel"], self.params.get("bias"))
        y = self.activation.forward(z)
        self._cache = cache, z, y
        return y

    def backward(self, dy):
        """Fill `grads` and return dx, shape (batch, ..., features)."""
        dy = self._check_gradient(dy)
        cache, z, y = self._cache
        dz = self.activation.backward(dy, z, y)
        dx, grads = dense_backward(dz, cache)
        self.grads = {key: grads[key] for key in self.params}
        return dx

    def backward_params(self, dy):
        """Fill `grads` without the product that gives dx."""
        dy = self._check_gradient(dy)
        (x, _), z, y = self._cache
        grads = dense_gradients(self.activation.backward(dy, z, y), x)
        self.grads = {key: grads[key] for key in self.params}

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "units": self.units,
            "activation": self.activation.name,
            "use_bias": self.use_bias,
            "kernel_initializer": initializer_config(self.kernel_initializer),
            "bias_initializer": initializer_config(self.bias_initializer),
        }


def dropout_forward(x, mask, rate):
    """Keep the entries that `mask` marks, scaled so that the expected value stays the same.

    Parameters
    ----------
    x : ndarray, any shape
    mask : ndarray, shape of x, or with length 1 along axes whose entries go together
        1 or True where the entry is kept, which has probability 1 - `rate`.
    rate : float
        Probability that an entry is dropped, in [0, 1).

    Returns
    -------
    ndarray, shape of x
    """
    return x * mask / (1 - rate)


def dropout_backward(dy, mask, rate):
    """Gradient through `dropout_forward`: what was dropped had no influence.

    Parameters
    ----------
    dy : ndarray, shape of x
    mask, rate
        As handed to `dropout_forward`.

    Returns
    -------
    ndarray, shape of x
    """
    return dy * mask / (1 - rate)


class Dropout(Layer):
    """Entries set to zero at random in training, the twin of ``keras.layers.Dropout``.

    Parameters
    ----------
    rate : float
        Probability that an entry is dropped, in [0, 1).
    name : str, optional

    Attributes
    ----------
    mask : ndarray or None
        What the last `forward` kept; None if it kept everything.

    Raises
    ------
    ValueError
        If `rate` lies outside [0, 1), or a mask has another shape than the input.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014). Dropout: a simple way to
    prevent neural networks from overfitting.
    """

    supports_masking = True

    def __init__(self, rate, name=None):
        super().__init__(name)
        self.rate = real_in(rate, "rate", 0, 1, open_high=True)
        self.mask = None

    def mask_shape(self, shape):
        """Return the shape of the mask for an input of `shape`: each entry is drawn by itself."""
        return shape

    def forward(self, x, training=False, mask=None):
        """Drop entries of x if `training`, else return x itself.

        Parameters
        ----------
        x : ndarray, shape (batch, ...)
        training : bool
        mask : array_like of 0 and 1, shape ``mask_shape(x.shape)``, optional
            What to keep, instead of drawing it from the generator given to `build`.
        """
        x = self._check_input(x)
        self.mask = None
        if training and mask is not None:
            self.mask = as_mask(mask, self.mask_shape(x.shape))
        elif training and self.rate > 0:
            self.mask = self.rng.random(self.mask_shape(x.shape), np.float32) >= self.rate
        self._cache = (self.mask,)
        return x if self.mask is None else dropout_forward(x, self.mask, self.rate)

    def backward(self, dy):
        """Return dx, shape of x."""
        dy = self._check_gradient(dy)
        (mask,) = self._cache
        return dy if mask is None else dropout_backward(dy, mask, self.rate)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"rate": self.rate}
