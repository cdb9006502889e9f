"""Normalisation within each sample: by layer, by group of channels, by root mean square."""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int, real_in
from glassnet.layers.base import Layer, known_axis
from glassnet.layers.normalization import (
    Normalization,
    checked_axes,
    others,
    scale_and_shift,
    scale_and_shift_backward,
    standardise_backward,
    standardise_forward,
)

__all__ = [
    "GroupNormalization",
    "LayerNormalization",
    "RMSNormalization",
    "group_normalization_backward",
    "group_normalization_forward",
    "layer_normalization_backward",
    "layer_normalization_forward",
    "rms_normalization_backward",
    "rms_normalization_forward",
]


def layer_normalization_forward(x, gamma, beta, axes=(-1,), epsilon=1e-3):
    """Standardise every sample over the given axes, then scale and shift each of their entries.

    Parameters
    ----------
    x : ndarray, shape (batch, ...)
    gamma, beta : ndarray, or None
        Scale and shift, of the lengths of `axes`; none means 1 and 0.
    axes : tuple of int
    epsilon : float
        Added to the variance.

    Returns
    -------
    y : ndarray, shape of x
    cache : tuple
        What `layer_normalization_backward` needs.
    """
    kept = others(x, axes)
    x_hat, _, _, inner = standardise_forward(x, others(x, kept), epsilon)
    y, outer = scale_and_shift(x_hat, gamma, beta, kept)
    return y, (inner, outer)


def layer_normalization_backward(dy, cache):
    """Gradients of a scalar loss through `layer_normalization_forward`.

    Parameters
    ----------
    dy : ndarray, shape of x
        Gradient of the loss with respect to y.
    cache : tuple
        From `layer_normalization_forward`.

    Returns
    -------
    dx : ndarray, shape of x
    grads : dict
        ``"gamma"`` and ``"beta"``, of the lengths of the axes.
    """
    inner, outer = cache
    dx_hat, grads = scale_and_shift_backward(dy, outer)
    return standardise_backward(dx_hat, inner), grads


def group_normalization_forward(x, gamma, beta, groups, axis=-1, epsilon=1e-3):
    """Standardise every sample over all places and a group of channels, then scale and shift.

    Parameters
    ----------
    x : ndarray, shape (batch, ..., channels)
    gamma, beta : ndarray, shape (channels,), or None
        Scale and shift; none means 1 and 0.
    groups : int
        Groups of neighbouring channels, as many in each.
    axis : int
        The channels.
    epsilon : float
        Added to the variance.

    Returns
    -------
    y : ndarray, shape of x
    cache : tuple
        What `group_normalization_backward` needs.
    """
    axis %= x.ndim
    divided = (groups, x.shape[axis] // groups)
    grouped = x.reshape(x.shape[:axis] + divided + x.shape[axis + 1 :])
    x_hat, _, _, inner = standardise_forward(grouped, others(grouped, (0, axis)), epsilon)
    y, outer = scale_and_shift(x_hat.reshape(x.shape), gamma, beta, others(x, axis))
    return y, (inner, outer, grouped.shape)


def group_normalization_backward(dy, cache):
    """Gradients of a scalar loss through `group_normalization_forward`.

    Parameters
    ----------
    dy : ndarray, shape of x
        Gradient of the loss with respect to y.
    cache : tuple
        From `group_normalization_forward`.

    Returns
    -------
    dx : ndarray, shape of x
    grads : dict
        ``"gamma"`` and ``"beta"``, shape (channels,).
    """
    inner, outer, grouped_shape = cache
    dx_hat, grads = scale_and_shift_backward(dy, outer)
    return standardise_backward(dx_hat.reshape(grouped_shape), inner).reshape(dy.shape), grads


def rms_normalization_forward(x, scale, axes=(-1,), epsilon=1e-6):
    r"""Divide by the root mean square: a scale, but no shift.

    .. math:: y = \text{scale} \cdot x s, \qquad s = (\overline{x^2} + \varepsilon)^{-1/2}

    Parameters
    ----------
    x : ndarray, shape (batch, ...)
    scale : ndarray
        Of the lengths of `axes`.
    axes : tuple of int
        What the mean is taken over.
    epsilon : float
        Added to the mean of the squares.

    Returns
    -------
    y : ndarray, shape of x
    cache : tuple
        What `rms_normalization_backward` needs.
    """
    kept = others(x, axes)
    s = 1 / np.sqrt((x**2).mean(axis=others(x, kept), keepdims=True) + epsilon)
    y, outer = scale_and_shift(x * s, scale, None, kept)
    return y, (x * s, s, others(x, kept), outer)


def rms_normalization_backward(dy, cache):
    r"""Gradients of a scalar loss through `rms_normalization_forward`.

    With :math:`\hat x = x s` the derivative of s gives
    :math:`\partial \hat x_j/\partial x_i = s\,(\delta_{ij} - \hat x_i \hat x_j / n)`.

    Parameters
    ----------
    dy : ndarray, shape of x
        Gradient of the loss with respect to y.
    cache : tuple
        From `rms_normalization_forward`.

    Returns
    -------
    dx : ndarray, shape of x
    grads : dict
        ``"scale"``, of the lengths of the axes.
    """
    x_hat, s, axes, outer = cache
    dx_hat, grads = scale_and_shift_backward(dy, outer)
    by_s = (dx_hat * x_hat).mean(axis=axes, keepdims=True)
    return s * (dx_hat - x_hat * by_s), {"scale": grads["gamma"]}


class LayerNormalization(Normalization):
    """Every sample standardised by itself, the twin of ``keras.layers.LayerNormalization``.

    Parameters
    ----------
    axis : int or sequence of int
        What is averaged over, and has a gamma and a beta for each entry.
    epsilon : float
        Added to the variance.
    center, scale : bool
        Whether there is a beta, and a gamma.
    beta_initializer, gamma_initializer : str or Initializer
        Where the parameters start, of the lengths of the axes.
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``gamma_regularizer``, ``beta_regularizer``, ``gamma_constraint`` and ``beta_constraint``;
        see `Layer`.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or `axis` names no axes of the input with fixed length.

    References
    ----------
    Ba, Kiros and Hinton (2016). Layer normalization.
    """

    def __init__(
        self,
        axis=-1,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        *,
        name=None,
        **weight_rules,
    ):
        starts = beta_initializer, gamma_initializer
        super().__init__(axis, epsilon, center, scale, *starts, name, **weight_rules)

    def forward(self, x, training=False):
        """Return y, shape of x."""
        x = self._check_input(x)
        gamma, beta = self.params.get("gamma"), self.params.get("beta")
        axes = checked_axes(self.axis, self.input_shape, self)
        y, self._cache = layer_normalization_forward(x, gamma, beta, axes, self.epsilon)
        return y

    def backward(self, dy):
        """Fill `grads` and return dx, shape of x."""
        dx, grads = layer_normalization_backward(self._check_gradient(dy), self._cache)
        self.keep(grads)
        return dx


class GroupNormalization(Normalization):
    """Groups of channels standardised in each sample: ``keras.layers.GroupNormalization``.

    Parameters
    ----------
    groups : int
        Groups of neighbouring channels; -1 for one for each channel.
    axis : int
        The channels. All places, and the channels of a group, are averaged over.
    epsilon : float
        Added to the variance.
    center, scale : bool
        Whether there is a beta, and a gamma.
    beta_initializer, gamma_initializer : str or Initializer
        Where the parameters start, shape (channels,).
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``gamma_regularizer``, ``beta_regularizer``, ``gamma_constraint`` and ``beta_constraint``;
        see `Layer`.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, the groups do not divide the channels, or `axis` is not
        an axis of the input with fixed length.

    References
    ----------
    Wu and He (2018). Group normalization.
    """

    def __init__(
        self,
        groups=32,
        axis=-1,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        *,
        name=None,
        **weight_rules,
    ):
        if isinstance(axis, (tuple, list)):
            raise ValueError(f"`axis` must be one integer. Received: axis={axis!r}")
        starts = beta_initializer, gamma_initializer
        super().__init__(axis, epsilon, center, scale, *starts, name, **weight_rules)
        self.groups = -1 if groups == -1 else positive_int(groups, "groups")

    def compute_output_shape(self, input_shape):
        """Return `input_shape`."""
        output_shape = super().compute_output_shape(input_shape)
        if self.groups > 0 and input_shape[self.axis] % self.groups:
            raise ValueError(
                f"Layer {self.name!r} divides the channels into {self.groups} groups. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        return output_shape

    def forward(self, x, training=False):
        """Return y, shape of x."""
        x = self._check_input(x)
        gamma, beta = self.params.get("gamma"), self.params.get("beta")
        groups = x.shape[self.axis] if self.groups == -1 else self.groups
        y, self._cache = group_normalization_forward(
            x, gamma, beta, groups, self.axis, self.epsilon
        )
        return y

    def backward(self, dy):
        """Fill `grads` and return dx, shape of x."""
        dx, grads = group_normalization_backward(self._check_gradient(dy), self._cache)
        self.keep(grads)
        return dx

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return {"groups": self.groups} | super().get_config()


class RMSNormalization(Layer):
    """Every sample divided by its root mean square: ``keras.layers.RMSNormalization``.

    Parameters
    ----------
    axis : int or sequence of int
        What the mean is taken over, and has a scale for each entry.
    epsilon : float
        Added to the mean of the squares.
    name : str, optional

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or `axis` names no axes of the input with fixed length.

    References
    ----------
    Zhang and Sennrich (2019). Root mean square layer normalization.
    """

    def __init__(self, axis=-1, epsilon=1e-6, *, name=None):
        super().__init__(name)
        self.axis = axis
        self.epsilon = real_in(epsilon, "epsilon", 0)

    def create_weights(self, input_shape, rng, dtype):
        """Make the scale, all ones, of the lengths of the axes."""
        axes = checked_axes(self.axis, input_shape, self)
        self.params["scale"] = np.ones([input_shape[axis] for axis in axes], dtype)

    def compute_output_shape(self, input_shape):
        """Return `input_shape`."""
        for axis in checked_axes(self.axis, input_shape, self):
            known_axis(input_shape, axis, self)
        return tuple(input_shape)

    def forward(self, x, training=False):
        """Return y, shape of x."""
        x = self._check_input(x)
        axes = checked_axes(self.axis, self.input_shape, self)
        y, self._cache = rms_normalization_forward(x, self.params["scale"], axes, self.epsilon)
        return y

    def backward(self, dy):
        """Fill `grads` and return dx, shape of x."""
        dx, self.grads = rms_normalization_backward(self._check_gradient(dy), self._cache)
        return dx

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"axis": self.axis, "epsilon": self.epsilon}
