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
    "BatchNormalization",
    "batch_normalization_backward",
    "batch_normalization_forward",
    "batch_normalization_inference_backward",
    "batch_normalization_inference_forward",
    "standardise_backward",
    "standardise_forward",
]


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


def batch_normalization_forward(x, gamma, beta, axis=-1, epsilon=1e-3):
    """Standardise every channel over the batch and all places, then scale and shift it.

    Parameters
    ----------
    x : ndarray, shape (batch, ..., channels)
    gamma, beta : ndarray, shape (channels,), or None
        Scale and shift; none means 1 and 0.
    axis : int
        The channels.
    epsilon : float
        Added to the variance.

    Returns
    -------
    y : ndarray, shape of x
    mean, variance : ndarray, shape (channels,)
        Of the batch, for the running averages.
    cache : tuple
        What `batch_normalization_backward` needs.
    """
    axes = others(x, axis)
    x_hat, mean, variance, inner = standardise_forward(x, axes, epsilon)
    y, outer = scale_and_shift(x_hat, gamma, beta, axes)
    return y, mean.ravel(), variance.ravel(), (inner, outer)


def batch_normalization_backward(dy, cache):
    """Gradients of a scalar loss through `batch_normalization_forward`.

    Parameters
    ----------
    dy : ndarray, shape of x
        Gradient of the loss with respect to y.
    cache : tuple
        From `batch_normalization_forward`.

    Returns
    -------
    dx : ndarray, shape of x
    grads : dict
        ``"gamma"`` and ``"beta"``, shape (channels,).
    """
    inner, outer = cache
    dx_hat, grads = scale_and_shift_backward(dy, outer)
    return standardise_backward(dx_hat, inner), grads


def batch_normalization_inference_forward(x, gamma, beta, mean, variance, axis=-1, epsilon=1e-3):
    """Apply a mean and a variance that were learnt: an affine map of every channel.

    Parameters
    ----------
    x : ndarray, shape (batch, ..., channels)
    gamma, beta : ndarray, shape (channels,), or None
    mean, variance : ndarray, shape (channels,)
        Running averages.
    axis : int
        The channels.
    epsilon : float
        Added to the variance.

    Returns
    -------
    y : ndarray, shape of x
    cache : tuple
        What `batch_normalization_inference_backward` needs.
    """
    axes = others(x, axis)
    mean, variance = spread(mean, x, axes), spread(variance, x, axes)
    scale = 1 / np.sqrt(variance + epsilon)
    y, outer = scale_and_shift((x - mean) * scale, gamma, beta, axes)
    return y, (scale, outer)


def batch_normalization_inference_backward(dy, cache):
    """Gradients of a scalar loss through `batch_normalization_inference_forward`.

    Parameters
    ----------
    dy : ndarray, shape of x
    cache : tuple
        From `batch_normalization_inference_forward`.

    Returns
    -------
    dx : ndarray, shape of x
        Mean and variance are constants here.
    grads : dict
        ``"gamma"`` and ``"beta"``, shape (channels,).
    """
    scale, outer = cache
    dx_hat, grads = scale_and_shift_backward(dy, outer)
    return dx_hat * scale, grads


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


class BatchNormalization(Normalization):
    r"""Every channel standardised over the batch, the twin of ``keras.layers.BatchNormalization``.

    In training mean and variance are those of the batch. Their running averages,
    :math:`m \leftarrow \text{momentum} \cdot m + (1 - \text{momentum}) \cdot \mu`, take their place
    otherwise. The variance is divided by the number of entries, not by one less, there too.

    Parameters
    ----------
    axis : int
        The channels; all other axes are averaged over.
    momentum : float
        Share of the running averages that stays at every step, in [0, 1].
    epsilon : float
        Added to the variance.
    center, scale : bool
        Whether there is a beta, and a gamma.
    beta_initializer, gamma_initializer : str or Initializer
        Where the parameters start, shape (channels,).
    moving_mean_initializer, moving_variance_initializer : str or Initializer
        Where the running averages start.
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``gamma_regularizer``, ``beta_regularizer``, ``gamma_constraint`` and ``beta_constraint``;
        see `Layer`.

    Attributes
    ----------
    state : dict
        ``"moving_mean"`` and ``"moving_variance"``, shape (channels,).

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, `axis` is not an axis of the input with fixed length,
        or a batch to train on is empty.

    References
    ----------
    Ioffe and Szegedy (2015). Batch normalization: accelerating deep network training by reducing
    internal covariate shift.
    """

    def __init__(
        self,
        axis=-1,
        momentum=0.99,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        moving_mean_initializer="zeros",
        moving_variance_initializer="ones",
        *,
        name=None,
        **weight_rules,
    ):
        if isinstance(axis, (tuple, list)):
            raise ValueError(f"`axis` must be one integer. Received: axis={axis!r}")
        starts = beta_initializer, gamma_initializer
        super().__init__(axis, epsilon, center, scale, *starts, name, **weight_rules)
        self.momentum = real_in(momentum, "momentum", 0, 1)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)

    def create_weights(self, input_shape, rng, dtype):
        """Make gamma, beta and both running averages, shape (channels,)."""
        shape = super().create_weights(input_shape, rng, dtype)
        self.state["moving_mean"] = self.moving_mean_initializer(shape, rng, dtype)
        self.state["moving_variance"] = self.moving_variance_initializer(shape, rng, dtype)

    def forward(self, x, training=False):
        """Return y, shape of x; if `training`, bring the running averages up to date."""
        x = self._check_input(x)
        gamma, beta = self.params.get("gamma"), self.params.get("beta")
        if not training:
            y, cache = batch_normalization_inference_forward(
                x, gamma, beta, *self.state.values(), self.axis, self.epsilon
            )
            self._cache = batch_normalization_inference_backward, cache
            return y
        if x.size == 0:
            raise ValueError(
                f"Layer {self.name!r} cannot train on an empty batch. Received: shape={x.shape}"
            )
        y, mean, variance, cache = batch_normalization_forward(
            x, gamma, beta, self.axis, self.epsilon
        )
        for running, new in zip(self.state.values(), (mean, variance), strict=True):
            running *= self.momentum
            running += (1 - self.momentum) * new
        self._cache = batch_normalization_backward, cache
        return y

    def backward(self, dy):
        """Fill `grads` and return dx, shape of x; as the last forward was, in training or not."""
        dy = self._check_gradient(dy)
        gradients, cache = self._cache
        dx, grads = gradients(dy, cache)
        self.keep(grads)
        return dx

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "momentum": self.momentum,
            "moving_mean_initializer": initializer_config(self.moving_mean_initializer),
            "moving_variance_initializer": initializer_config(self.moving_variance_initializer),
        }
