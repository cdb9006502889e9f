"""Mixtures of Gaussians, whose modes a generator can miss."""

from __future__ import annotations

import numpy as np

from .._validation import positive_int, real_in
from .generated import make_blobs

__all__ = ["make_gaussian_ring", "ring_centres"]


def make_gaussian_ring(n, modes, rng, radius=2.0, stddev=0.05, dtype=np.float64):
    """Draw from Gaussians whose centres lie evenly on a circle, the mixture that GANs are tried on.

    Parameters
    ----------
    n : int
        Number of examples; the modes take turns, so that all have as many, to within one.
    modes : int
    rng : numpy.random.Generator
    radius : float
        Of the circle, greater than 0.
    stddev : float
        Standard deviation of each Gaussian in either coordinate, at least 0.
    dtype : numpy dtype
        Of `x`.

    Returns
    -------
    x : ndarray, shape (n, 2)
    y : ndarray of int64, shape (n,)
        Which mode each example is from, in the order of `ring_centres`.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    Metz, Poole, Pfau and Sohl-Dickstein (2017), *Unrolled generative adversarial networks*.
    """
    stddev = real_in(stddev, "stddev", 0, open_high=True)
    return make_blobs(n, stddev, rng, ring_centres(modes, radius), dtype)


def ring_centres(modes, radius=2.0, dtype=np.float64):
    """Return the centres of `make_gaussian_ring`, shape (modes, 2), the first at (radius, 0)."""
    radius = real_in(radius, "radius", 0, open_low=True, open_high=True)
    angle = 2 * np.pi * np.arange(positive_int(modes, "modes")) / modes
    return (radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)).astype(dtype)
