"""Normalisation over the batch: mean and variance of each channel, of the batch or learnt."""

from __future__ import annotations

import numpy as np

from glassnet import initializers
from glassnet._validation import real_in
from glassnet.layers.base import initializer_config
from glassnet.layers.masking import as_mask
from glassnet.layers.normalization import (
    Normalization,
    masked_standardise_backward,
    masked_standardise_forward,
    others,
    scale_and_shift,
    scale_and_shift_backward,
    spread,
    standardise_backward,
    standardise_forward,
)

__all__ = [
    "BatchNormalization",
    "batch_normalization_backward",
    "batch_normalization_forward",
    "batch_normalization_inference_backward",
    "batch_normalization_inference_forward",
]


def batch_normalization_forward(x, gamma, beta, axis=-1, epsilon=1e-3, mask=None):
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
    mask : ndarray of bool, shape (batch, ...), optional
        True for the places that count for mean and variance.

    Returns
    -------
    y : ndarray, shape of x
    mean, variance : ndarray, shape (channels,)
        Of the batch, for the running averages.
    cache : tuple
        What `batch_normalization_backward` needs.
    """
    axes = others(x, axis)
    if mask is None:
        x_hat, mean, variance, inner = standardise_forward(x, axes, epsilon)
    else:
        mask = np.broadcast_to(mask[..., np.newaxis], x.shape)
        x_hat, mean, variance, inner = masked_standardise_forward(x, mask, axes, epsilon)
    y, outer = scale_and_shift(x_hat, gamma, beta, axes)
    return y, mean.ravel(), variance.ravel(), (inner, outer, mask is not None)


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
    inner, outer, masked = cache
    dx_hat, grads = scale_and_shift_backward(dy, outer)
    through = masked_standardise_backward if masked else standardise_backward
    return through(dx_hat, inner), grads


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

    uses_mask = True

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

    def forward(self, x, training=False, mask=None):
        """Return y, shape of x; if `training`, bring the running averages up to date.

        Parameters
        ----------
        x : ndarray, shape (batch, ..., channels)
        training : bool
        mask : array_like of bool, shape of x without its last axis, optional
            True for the places that count for mean and variance in training. The others are shifted
            and scaled all the same.
        """
        x = self._check_input(x)
        if mask is not None:
            mask = as_mask(mask, x.shape[:-1])
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
            x, gamma, beta, self.axis, self.epsilon, mask
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
