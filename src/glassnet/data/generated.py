"""Problems made on the spot: points in the plane to classify, lines and ravines to fit."""

from __future__ import annotations

import numpy as np

from .._validation import as_float, positive_int, real_in
from .preparation import as_generator

__all__ = [
    "make_blobs",
    "make_moons",
    "make_ravine",
    "make_regression_line",
    "make_rings",
    "make_spirals",
    "make_xor",
]

# Labels take turns (0, 1, 0, 1, ...), so the classes differ in size by at most one example, and so
# do they in every run of neighbouring rows: a split without shuffling is balanced too.


def make_moons(n, noise, rng, dtype=np.float64):
    """Draw two half circles that reach into each other; no straight line separates them.

    Class 0 is the upper half of the unit circle, class 1 the lower half of the one around (1, 0.5).

    Parameters
    ----------
    n : int
        Number of examples.
    noise : float
        Standard deviation of the Gaussian noise on either coordinate, at least 0.
    rng : numpy.random.Generator
    dtype : numpy dtype
        Of `x`.

    Returns
    -------
    x : ndarray, shape (n, 2)
    y : ndarray of int64, shape (n,)
        Labels 0 and 1.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    y = _labels(n, 2)
    angle = as_generator(rng).uniform(0, np.pi, len(y))
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.array([1.0, 0.5]) - upper
    return _noisy(np.where(y[:, np.newaxis] == 0, upper, lower), noise, rng, dtype), y


def make_rings(n, noise, rng, radii=(0.5, 1.0), dtype=np.float64):
    """Draw concentric circles, one a class.

    Parameters
    ----------
    n, noise, rng, dtype
        As in `make_moons`.
    radii : sequence of float, length classes
        Each greater than 0.

    Returns
    -------
    x : ndarray, shape (n, 2)
    y : ndarray of int64, shape (n,)
        The place of each example's radius in `radii`.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    radii = as_float(radii, "radii")
    if radii.ndim != 1 or len(radii) == 0 or not np.all(radii > 0):
        raise ValueError(f"`radii` must be a list of positive numbers. Received: {radii!r}")
    y = _labels(n, len(radii))
    angle = as_generator(rng).uniform(0, 2 * np.pi, len(y))
    x = radii[y, np.newaxis] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _noisy(x, noise, rng, dtype), y


def make_blobs(n, noise, rng, centres=3, dtype=np.float64):
    """Draw Gaussian clouds, one a class.

    Parameters
    ----------
    n, noise, rng, dtype
        As in `make_moons`; `noise` is the standard deviation of each cloud.
    centres : int or array_like, shape (classes, features)
        The centres of the clouds, or how many to spread evenly over the unit circle, the first
        at (1, 0).

    Returns
    -------
    x : ndarray, shape (n, features)
    y : ndarray of int64, shape (n,)
        The place of each example's centre.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    if np.ndim(centres) == 0:
        classes = positive_int(centres, "centres")
        angle = 2 * np.pi * np.arange(classes) / classes
        centres = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    centres = as_float(centres, "centres")
    if centres.ndim != 2 or centres.size == 0:
        raise ValueError(
            f"`centres` must have shape (classes, features). Received: shape={centres.shape}"
        )
    y = _labels(n, len(centres))
    return _noisy(centres[y], noise, rng, dtype), y


def make_xor(n, noise, rng, dtype=np.float64):
    """Draw points around the corners of the unit square, labelled by exclusive or.

    With ``n=4`` and ``noise=0`` this is the truth table itself.

    Parameters
    ----------
    n, noise, rng, dtype
        As in `make_moons`.

    Returns
    -------
    x : ndarray, shape (n, 2)
        Near (0, 0), (0, 1), (1, 0), (1, 1), in turn.
    y : ndarray of int64, shape (n,)
        1 where exactly one of the corner's coordinates is 1.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    corner = _labels(n, 4)
    bits = np.stack([corner // 2, corner % 2], axis=1)
    return _noisy(bits, noise, rng, dtype), bits[:, 0] ^ bits[:, 1]


def make_spirals(n, noise, rng, arms=2, turns=1.5, dtype=np.float64):
    """Draw the arms of a spiral, one a class, wound around each other.

    Parameters
    ----------
    n, noise, rng, dtype
        As in `make_moons`.
    arms : int
        Number of classes.
    turns : float
        How often an arm winds around the origin, greater than 0.

    Returns
    -------
    x : ndarray, shape (n, 2)
        Without noise at distances from 0.1 to 1 of the origin.
    y : ndarray of int64, shape (n,)

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    arms = positive_int(arms, "arms")
    turns = real_in(turns, "turns", 0, open_low=True)
    y = _labels(n, arms)
    along = as_generator(rng).uniform(0, 1, len(y))
    radius = 0.1 + 0.9 * along
    angle = 2 * np.pi * (turns * along + y / arms)
    x = radius[:, np.newaxis] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _noisy(x, noise, rng, dtype), y


def make_regression_line(
    n, noise, rng, slope=2.0, intercept=1.0, outliers=0, outlier_shift=5.0, dtype=np.float64
):
    """Draw noisy points on a straight line, some of them moved away from it.

    Parameters
    ----------
    n : int
        Number of examples.
    noise : float
        Standard deviation of the Gaussian noise on y, at least 0.
    rng : numpy.random.Generator
    slope, intercept : float
    outliers : int
        How many examples, chosen at random, have `outlier_shift` added to their y.
    outlier_shift : float
    dtype : numpy dtype

    Returns
    -------
    x : ndarray, shape (n, 1)
        Uniform on [-1, 1).
    y : ndarray, shape (n, 1)
        ``intercept + slope * x`` plus noise, in the shape of the output of a ``Dense(1)``.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    n = positive_int(n, "n")
    if outliers not in range(n + 1):
        raise ValueError(f"`outliers` must be an integer from 0 to {n}. Received: {outliers!r}")
    slope, intercept = real_in(slope, "slope"), real_in(intercept, "intercept")
    outlier_shift = real_in(outlier_shift, "outlier_shift")
    x = as_generator(rng).uniform(-1, 1, (n, 1))
    y = _noisy(intercept + slope * x, noise, rng, np.float64)
    y[rng.permutation(n)[:outliers]] += outlier_shift
    return x.astype(dtype), y.astype(dtype)


def make_ravine(n, condition, rng, angle=np.pi / 6, dtype=np.float64):
    """Make a least-squares problem whose loss is a ravine of a given shape.

    The matrix ``x.T @ x / n`` has the eigenvalues `condition` and 1: the loss is `condition` times
    as curved across the ravine as along it. There is no noise, so the smallest loss is 0, at the
    weights (1, 1).

    Parameters
    ----------
    n : int
        Number of examples, at least 2.
    condition : float
        Condition number, at least 1.
    rng : numpy.random.Generator
    angle : float
        Between the first axis and the steep direction, in radians. Other than at multiples of a
        right angle, no step size for each weight alone can undo the ravine.
    dtype : numpy dtype

    Returns
    -------
    x : ndarray, shape (n, 2)
    y : ndarray, shape (n, 1)
        The sum of the two features.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    n = positive_int(n, "n")
    if n < 2:
        raise ValueError(f"`n` must be at least 2. Received: n={n}")
    condition = real_in(condition, "condition", 1, open_high=True)
    angle = real_in(angle, "angle")
    orthonormal, _ = np.linalg.qr(as_generator(rng).standard_normal((n, 2)))
    cosine, sine = np.cos(angle), np.sin(angle)
    directions = np.array([[cosine, sine], [-sine, cosine]])  # a row each: steep, flat
    x = np.sqrt(n) * (orthonormal * np.sqrt([condition, 1.0])) @ directions
    return x.astype(dtype), x.sum(axis=1, keepdims=True).astype(dtype)


def _labels(n, classes):
    return np.arange(positive_int(n, "n"), dtype=np.int64) % classes


def _noisy(x, noise, rng, dtype):
    noise = real_in(noise, "noise", 0, open_high=True)
    return (x + noise * as_generator(rng).standard_normal(x.shape)).astype(dtype)
