"""Noise for denoising autoencoders: functions that spoil a batch and leave the original alone."""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, real_in

__all__ = ["gaussian_noise", "masking_noise", "salt_and_pepper_noise"]


def gaussian_noise(x, rng, stddev=0.1):
    """Add a normally distributed number of mean 0 to every entry.

    Parameters
    ----------
    x : array_like, any shape
    rng : numpy.random.Generator
    stddev : float
        Standard deviation of the noise, at least 0, in the units of `x`.

    Returns
    -------
    ndarray, shape and dtype of x
        May leave the range of `x`.

    References
    ----------
    Vincent, Larochelle, Lajoie, Bengio and Manzagol (2010), *Stacked denoising autoencoders*.
    """
    x = as_float(x)
    stddev = real_in(stddev, "stddev", 0, open_high=True)
    return x + (stddev * rng.standard_normal(x.shape)).astype(x.dtype)


def masking_noise(x, rng, rate=0.3):
    """Set entries to 0, each with the same probability, as if they were missing.

    Unlike in dropout the others are not scaled up: the network is to restore what is gone.

    Parameters
    ----------
    x : array_like, any shape
    rng : numpy.random.Generator
    rate : float
        Probability that an entry is set to 0, in [0, 1].

    Returns
    -------
    ndarray, shape and dtype of x

    References
    ----------
    Vincent, Larochelle, Bengio and Manzagol (2008), *Extracting and composing robust features with
    denoising autoencoders*.
    """
    x = as_float(x)
    kept = rng.random(x.shape) >= real_in(rate, "rate", 0, 1)
    return np.where(kept, x, np.zeros((), x.dtype))


def salt_and_pepper_noise(x, rng, rate=0.3, low=0.0, high=1.0):
    """Set entries to the lowest or to the highest value, by the toss of a coin.

    Parameters
    ----------
    x : array_like, any shape
    rng : numpy.random.Generator
    rate : float
        Probability that an entry is spoilt, in [0, 1].
    low, high : float
        The two values, pepper and salt.

    Returns
    -------
    ndarray, shape and dtype of x

    References
    ----------
    As `gaussian_noise`.
    """
    x = as_float(x)
    rate = real_in(rate, "rate", 0, 1)
    low, high = (np.asarray(real_in(v, n), x.dtype) for v, n in ((low, "low"), (high, "high")))
    draw = rng.random(x.shape)  # below rate/2: pepper; from there to rate: salt
    return np.where(draw < rate / 2, low, np.where(draw < rate, high, x))
