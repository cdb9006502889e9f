"""Noise in training: added, multiplied, or whole channels dropped together."""

from __future__ import annotations

import math

from glassnet._validation import as_float, real_in, same_shape
from glassnet.layers._windows import needs_rank
from glassnet.layers.base import Layer
from glassnet.layers.core import Dropout

__all__ = [
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "gaussian_dropout_backward",
    "gaussian_dropout_forward",
    "gaussian_noise_backward",
    "gaussian_noise_forward",
]


def gaussian_noise_forward(x, noise, stddev):
    """Add noise of a given standard deviation.

    Parameters
    ----------
    x : ndarray, any shape
    noise : ndarray, shape of x
        Standard normal numbers.
    stddev : float

    Returns
    -------
    ndarray, shape of x
    """
    return x + stddev * noise


def gaussian_noise_backward(dy):
    """Gradient through `gaussian_noise_forward`: what is added does not depend on x.

    Parameters
    ----------
    dy : ndarray, shape of x

    Returns
    -------
    ndarray, shape of x
        `dy` itself.
    """
    return dy


def gaussian_dropout_forward(x, noise, rate):
    r"""Multiply by noise of mean 1 that has the variance of dropout, :math:`p / (1 - p)`.

    Dropout at the rate p multiplies by 1 / (1 - p) with probability 1 - p, else by 0. This has the
    same mean and the same variance, but no entry vanishes.

    Parameters
    ----------
    x : ndarray, any shape
    noise : ndarray, shape of x
        Standard normal numbers.
    rate : float
        The rate p, in [0, 1).

    Returns
    -------
    ndarray, shape of x
    """
    return x * (1 + math.sqrt(rate / (1 - rate)) * noise)


def gaussian_dropout_backward(dy, noise, rate):
    """Gradient through `gaussian_dropout_forward`: the same factors.

    Parameters
    ----------
    dy : ndarray, shape of x
    noise, rate
        As handed to `gaussian_dropout_forward`.

    Returns
    -------
    ndarray, shape of x
    """
    return dy * (1 + math.sqrt(rate / (1 - rate)) * noise)


class _Noise(Layer):
    """What both Gaussian layers share: the draw. A subclass has a strength, 0 for no noise."""

    supports_masking = True

    def __init__(self, name=None):
        super().__init__(name)
        self.noise = None

    def forward(self, x, training=False, noise=None):
        """Disturb x if `training`, else return x itself.

        Parameters
        ----------
        x : ndarray, shape (batch, ...)
        training : bool
        noise : array_like, shape of x, optional
            Standard normal numbers, instead of drawing them from the generator given to `build`.
        """
        x = self._check_input(x)
        self.noise = None
        if training and noise is not None:
            self.noise = as_float(noise, "noise").astype(x.dtype, copy=False)
            same_shape(self.noise, x, "noise", "x")
        elif training and self.strength > 0:
            self.noise = self.rng.standard_normal(x.shape).astype(x.dtype, copy=False)
        self._cache = (self.noise,)
        return x if self.noise is None else self._disturb(x)

    def backward(self, dy):
        """Return dx, shape of x."""
        dy = self._check_gradient(dy)
        return dy if self.noise is None else self._disturb_backward(dy)


class GaussianNoise(_Noise):
    """Normal numbers added in training, the twin of ``keras.layers.GaussianNoise``.

    Parameters
    ----------
    stddev : float
        Standard deviation of the noise, in [0, 1].
    name : str, optional

    Attributes
    ----------
    noise : ndarray or None
        The standard normal numbers of the last `forward`; None if it left x as it was.

    Raises
    ------
    ValueError
        If `stddev` lies outside [0, 1], or given noise has another shape than the input.

    References
    ----------
    Bishop (1995). Training with noise is equivalent to Tikhonov regularization.
    """

    def __init__(self, stddev, name=None):
        super().__init__(name)
        self.stddev = self.strength = real_in(stddev, "stddev", 0, 1)

    def _disturb(self, x):
        return gaussian_noise_forward(x, self.noise, self.stddev)

    def _disturb_backward(self, dy):
        return gaussian_noise_backward(dy)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"stddev": self.stddev}


class GaussianDropout(_Noise):
    """Normal factors of mean 1 in training, the twin of ``keras.layers.GaussianDropout``.

    Parameters
    ----------
    rate : float
        The rate of the dropout that has the same variance, in [0, 1).
    name : str, optional

    Attributes
    ----------
    noise : ndarray or None
        The standard normal numbers of the last `forward`; None if it left x as it was.

    Raises
    ------
    ValueError
        If `rate` lies outside [0, 1), or given noise has another shape than the input.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014). Dropout: a simple way to
    prevent neural networks from overfitting, section 10.
    """

    def __init__(self, rate, name=None):
        super().__init__(name)
        self.rate = self.strength = real_in(rate, "rate", 0, 1, open_high=True)

    def _disturb(self, x):
        return gaussian_dropout_forward(x, self.noise, self.rate)

    def _disturb_backward(self, dy):
        return gaussian_dropout_backward(dy, self.noise, self.rate)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"rate": self.rate}


class _SpatialDropout(Dropout):
    """Dropout of whole channels; a subclass has `rank`, the number of axes between."""

    def mask_shape(self, shape):
        """Return the shape of the mask: one entry for all places of a channel of a sample."""
        return (shape[0], *(1,) * self.rank, shape[-1])

    def compute_output_shape(self, input_shape):
        """Return `input_shape`."""
        needs_rank(input_shape, self.rank, self)
        return tuple(input_shape)


class SpatialDropout1D(_SpatialDropout):
    """Channels of sequences dropped in training: ``keras.layers.SpatialDropout1D``.

    Neighbouring steps are much alike, so a single entry that is dropped can be guessed from those
    beside it; a whole channel cannot. Takes inputs of shape (batch, time, channels).

    Parameters
    ----------
    rate : float
        Probability that a channel of a sample is dropped, in [0, 1).
    name : str, optional

    Attributes
    ----------
    mask : ndarray of bool, shape (batch, 1, channels), or None
        What the last `forward` kept; None if it kept everything.

    Raises
    ------
    ValueError
        If `rate` lies outside [0, 1), the input has another number of axes, or a given mask another
        shape.

    References
    ----------
    Tompson, Goroshin, Jain, LeCun and Bregler (2015). Efficient object localization using
    convolutional networks.
    """

    rank = 1


class SpatialDropout2D(_SpatialDropout):
    """Channels of images dropped in training: ``keras.layers.SpatialDropout2D``.

    Takes inputs of shape (batch, height, width, channels).

    Parameters
    ----------
    rate : float
        Probability that a channel of a sample is dropped, in [0, 1).
    name : str, optional

    Attributes
    ----------
    mask : ndarray of bool, shape (batch, 1, 1, channels), or None
        What the last `forward` kept; None if it kept everything.

    Raises
    ------
    ValueError
        If `rate` lies outside [0, 1), the input has another number of axes, or a given mask another
        shape.

    References
    ----------
    Tompson, Goroshin, Jain, LeCun and Bregler (2015). Efficient object localization using
    convolutional networks.
    """

    rank = 2
