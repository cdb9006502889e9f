"""Local response normalisation: neighbouring channels damp each other."""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int, real_in
from glassnet.layers.base import Layer

__all__ = [
    "LocalResponseNormalization",
    "local_response_backward",
    "local_response_forward",
]


def local_response_forward(x, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    """Divide each entry by a power of the squares in the channels around it.

    ``y_c = x_c / s_c^beta`` with ``s_c = bias + alpha Σ_j x_j²``, the sum over the channels j from
    ``c - depth_radius`` to ``c + depth_radius`` that exist.

    Parameters
    ----------
    x : ndarray, shape (batch, ..., channels)
    depth_radius : int
        How many channels on each side count.
    bias, alpha, beta : float

    Returns
    -------
    y : ndarray, shape of x
    cache : tuple
        What `local_response_backward` needs.

    References
    ----------
    Krizhevsky, Sutskever and Hinton (2012). ImageNet classification with deep convolutional neural
    networks, section 3.3; there n is ``2 depth_radius + 1`` and k is `bias`.
    """
    s = bias + alpha * _neighbours(x**2, depth_radius)
    y = x * s**-beta
    return y, (x, s, depth_radius, alpha, beta)


def local_response_backward(dy, cache):
    """Gradient through `local_response_forward`.

    Parameters
    ----------
    dy : ndarray, shape of y
    cache : tuple
        From `local_response_forward`.

    Returns
    -------
    ndarray, shape of x
        An entry acts on its own output, and through the sum s on those of its neighbours.
    """
    x, s, depth_radius, alpha, beta = cache
    by_s = -beta * dy * x * s ** (-beta - 1)
    return dy * s**-beta + 2 * alpha * x * _neighbours(by_s, depth_radius)


def _neighbours(values, radius):
    """Sum over the channels at most `radius` away; being one is mutual, so backward uses it too."""
    channels = values.shape[-1]
    total = values.copy()
    for distance in range(1, min(radius, channels - 1) + 1):
        total[..., distance:] += values[..., : channels - distance]
        total[..., : channels - distance] += values[..., distance:]
    return total


class LocalResponseNormalization(Layer):
    """Local response normalisation, the twin of ``tf.nn.local_response_normalization``.

    Keras has no such layer: batch normalisation took its place. It has no weights.

    Parameters
    ----------
    depth_radius : int
        How many channels on each side count.
    bias : float
        Positive: keeps the divisor off 0.
    alpha, beta : float
        Not negative.
    name : str, optional

    Raises
    ------
    ValueError
        If an argument is of the wrong kind.

    References
    ----------
    Krizhevsky, Sutskever and Hinton (2012). ImageNet classification with deep convolutional neural
    networks, section 3.3.
    """

    def __init__(self, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5, *, name=None):
        super().__init__(name)
        self.depth_radius = positive_int(depth_radius, "depth_radius")
        self.bias = real_in(bias, "bias", 0, np.inf, open_low=True, open_high=True)
        self.alpha = real_in(alpha, "alpha", 0, np.inf, open_high=True)
        self.beta = real_in(beta, "beta", 0, np.inf, open_high=True)

    def forward(self, x, training=False):
        """Return y, shape of x."""
        x = self._check_input(x)
        options = self.depth_radius, self.bias, self.alpha, self.beta
        y, self._cache = local_response_forward(x, *options)
        return y

    def backward(self, dy):
        """Return dx, shape of x."""
        return local_response_backward(self._check_gradient(dy), self._cache)

    def get_config(self):
        """Return the constructor's arguments."""
        return super().get_config() | {
            "depth_radius": self.depth_radius,
            "bias": self.bias,
            "alpha": self.alpha,
            "beta": self.beta,
        }
