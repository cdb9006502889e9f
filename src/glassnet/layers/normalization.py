r"""Normalisation: inputs shifted and scaled to mean 0 and variance 1, then as the layer learns.

Three layers differ only in what they average over. With :math:`n` entries averaged together,

.. math::

   \mu = \frac1n \sum_i x_i, \quad \sigma^2 = \frac1n \sum_i (x_i - \mu)^2, \quad
   \hat x_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \quad y_i = \gamma \hat x_i + \beta .

Every entry influences all :math:`\hat x_j`, by way of the mean and the variance too. Write
:math:`s = (\sigma^2 + \varepsilon)^{-1/2}` and :math:`g_j` for the gradient of the loss by
:math:`\hat x_j`. From :math:`\partial\mu/\partial x_i = 1/n` and
:math:`\partial\sigma^2/\partial x_i = 2 (x_i - \mu) / n` follows

.. math::

   \frac{\partial \hat x_j}{\partial x_i}
   = s \left( \delta_{ij} - \frac1n - \frac{\hat x_i \hat x_j}{n} \right), \qquad
   \frac{\partial L}{\partial x_i}
   = s \left( g_i - \frac1n \sum_j g_j - \hat x_i \, \frac1n \sum_j g_j \hat x_j \right) .
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from glassnet import initializers
from glassnet._validation import real_in
from glassnet.layers.base import Layer, initializer_config, known_axis

__all__ = [
    "masked_standardise_backward",
    "masked_standardise_forward",
    "standardise_backward",
    "standardise_forward",
]

_NONE_AT_ALL = 1e-7
"""Added to the number of entries that count, as in Keras, so that nothing is divided by zero."""


def standardise_forward(x, axes, epsilon):
    """Shift and scale to mean 0 and variance 1 over the given axes.

    Parameters
    ----------
    x : ndarray, any shape
    axes : tuple of int
        What is averaged over.
    epsilon : float
        Added to the variance, so that nothing is divided by zero.

    Returns
    -------
    x_hat : ndarray, shape of x
    mean, variance : ndarray
        With length 1 along `axes`. The variance is that of the entries at hand, divided by their
        number, not by one less.
    cache : tuple
        What `standardise_backward` needs.
    """
    mean = x.mean(axis=axes, keepdims=True)
    centred = x - mean
    variance = (centred**2).mean(axis=axes, keepdims=True)
    scale = 1 / np.sqrt(variance + epsilon)
    x_hat = centred * scale
    return x_hat, mean, variance, (x_hat, scale, axes)


def standardise_backward(dx_hat, cache):
    """Gradient through `standardise_forward`, through the mean and the variance too.

    Parameters
    ----------
    dx_hat : ndarray, shape of x
        Gradient of the loss with respect to x_hat.
    cache : tuple
        From `standardise_forward`.

    Returns
    -------
    ndarray, shape of x
    """
    x_hat, scale, axes = cache
    by_mean = dx_hat.mean(axis=axes, keepdims=True)
    by_variance = (dx_hat * x_hat).mean(axis=axes, keepdims=True)
    return scale * (dx_hat - by_mean - x_hat * by_variance)


def masked_standardise_forward(x, mask, axes, epsilon):
    r"""Shift and scale by the mean and the variance of the entries that count.

    With the numbers :math:`m_i` of the mask, 0 or 1, and :math:`n = 10^{-7} + \sum_i m_i`, where
    the small number, Keras', only matters if nothing counts:

    .. math:: \mu = \frac1n \sum_i m_i x_i, \quad \sigma^2 = \frac1n \sum_i m_i (x_i - \mu)^2 .

    Parameters
    ----------
    x : ndarray, any shape
    mask : ndarray of bool, shape of x
        True where an entry counts. Those that do not are shifted and scaled like the others.
    axes : tuple of int
        What is averaged over.
    epsilon : float
        Added to the variance.

    Returns
    -------
    x_hat : ndarray, shape of x
    mean, variance : ndarray
        With length 1 along `axes`.
    cache : tuple
        What `masked_standardise_backward` needs.
    """
    shares = mask.astype(x.dtype)
    shares /= shares.sum(axis=axes, keepdims=True) + _NONE_AT_ALL
    mean = (shares * x).sum(axis=axes, keepdims=True)
    centred = x - mean
    variance = (shares * centred**2).sum(axis=axes, keepdims=True)
    scale = 1 / np.sqrt(variance + epsilon)
    x_hat = centred * scale
    return x_hat, mean, variance, (x_hat, scale, shares, axes)


def masked_standardise_backward(dx_hat, cache):
    r"""Gradient through `masked_standardise_forward`.

    All entries depend on mean and variance, but only those that count have an influence on them.
    With the shares :math:`a_i = m_i / n` and :math:`g_j` for the gradient by :math:`\hat x_j`,

    .. math:: \frac{\partial L}{\partial x_i} = s \Bigl( g_i - a_i \Bigl( \sum_j g_j
        + \bigl(\hat x_i - \sum_k a_k \hat x_k\bigr) \sum_j g_j \hat x_j \Bigr) \Bigr) .

    Parameters
    ----------
    dx_hat : ndarray, shape of x
        Gradient of the loss with respect to x_hat.
    cache : tuple
        From `masked_standardise_forward`.

    Returns
    -------
    ndarray, shape of x
    """
    x_hat, scale, shares, axes = cache
    by_mean = dx_hat.sum(axis=axes, keepdims=True)
    by_variance = (dx_hat * x_hat).sum(axis=axes, keepdims=True)
    rest = (shares * x_hat).sum(axis=axes, keepdims=True)  # 0 but for the small number
    return scale * (dx_hat - shares * (by_mean + (x_hat - rest) * by_variance))


def scale_and_shift(x_hat, gamma, beta, axes):
    """Return gamma * x_hat + beta, one of each for all of `axes`, and a cache."""
    y = x_hat if gamma is None else spread(gamma, x_hat, axes) * x_hat
    return y if beta is None else y + spread(beta, x_hat, axes), (x_hat, gamma, axes)


def scale_and_shift_backward(dy, cache):
    """Return the gradient by x_hat, and a dict with those by gamma and beta."""
    x_hat, gamma, axes = cache
    shape = [n for axis, n in enumerate(dy.shape) if axis not in axes]
    grads = {  # summed over all that used one gamma and one beta
        "gamma": (dy * x_hat).sum(axis=axes).reshape(shape),
        "beta": dy.sum(axis=axes).reshape(shape),
    }
    return dy if gamma is None else dy * spread(gamma, dy, axes), grads


def spread(vector, x, axes):
    """Return `vector` with an axis of length 1 for each of `axes`, so that it fits `x`."""
    return vector.reshape([1 if axis in axes else n for axis, n in enumerate(x.shape)])


def others(x, kept):
    """Return all axes of `x` but `kept`, one or several, counted from the front."""
    kept = {axis % x.ndim for axis in np.atleast_1d(kept)}
    return tuple(axis for axis in range(x.ndim) if axis not in kept)


class Normalization(Layer):
    """What the normalisations with gamma and beta share: options and weights."""

    supports_masking = True
    weight_words: ClassVar = {"gamma": "gamma", "beta": "beta"}

    def __init__(
        self,
        axis=-1,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        name=None,
        **weight_rules,
    ):
        super().__init__(name, **weight_rules)
        self.axis = axis
        self.epsilon = real_in(epsilon, "epsilon", 0)
        self.center, self.scale = bool(center), bool(scale)
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)

    def create_weights(self, input_shape, rng, dtype):
        """Make gamma, then beta, of the lengths of the axes that have one of their own."""
        axes = checked_axes(self.axis, input_shape, self)
        shape = tuple(known_axis(input_shape, axis, self) for axis in axes)
        if self.scale:
            self.params["gamma"] = self.gamma_initializer(shape, rng, dtype)
        if self.center:
            self.params["beta"] = self.beta_initializer(shape, rng, dtype)
        return shape

    def compute_output_shape(self, input_shape):
        """Return `input_shape`."""
        for axis in checked_axes(self.axis, input_shape, self):
            known_axis(input_shape, axis, self)
        return tuple(input_shape)

    def keep(self, grads):
        """Fill `grads` with those of the parameters that the layer has."""
        self.grads = {key: grads[key] for key in self.params}

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializer_config(self.beta_initializer),
            "gamma_initializer": initializer_config(self.gamma_initializer),
        }


def checked_axes(axis, input_shape, layer):
    """Return one axis, or several, counted from the front and in order.

    Raises
    ------
    ValueError
        If one is the batch, occurs twice, or is not there.
    """
    rank = len(input_shape)
    axes = axis if isinstance(axis, (tuple, list)) else [axis]
    if not axes or not all(
        isinstance(each, (int, np.integer)) and not isinstance(each, bool) for each in axes
    ):
        raise ValueError(f"`axis` must be an integer or several. Received: axis={axis!r}")
    found = sorted({int(each) % rank for each in axes if -rank <= each < rank})
    if len(found) < len(axes) or 0 in found:
        raise ValueError(
            f"Layer {layer.name!r}: `axis` must name axes of the input, not the batch, each once. "
            f"Received: axis={axis!r}, input_shape={tuple(input_shape)}"
        )
    return found
