"""Positions for attention, which by itself knows no order; and averages by distance."""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int
from glassnet.layers.scores import attend_backward, attend_forward

__all__ = [
    "nadaraya_watson_backward",
    "nadaraya_watson_forward",
    "rotary_backward",
    "rotary_forward",
    "sinusoidal_positions",
]


def sinusoidal_positions(length, dim, dtype=np.float64):
    r"""Positions as waves, :math:`\sin(t / 10000^{2i/d})` and :math:`\cos` of the same.

    Parameters
    ----------
    length : int
        How many positions.
    dim : int
        How many features, even: sine in the even columns, cosine in the odd ones.
    dtype : numpy dtype

    Returns
    -------
    ndarray, shape (length, dim)
        To be added to what stands at the positions.

    Raises
    ------
    ValueError
        If a size is not a positive integer, or `dim` is odd.

    References
    ----------
    Vaswani et al. (2017). Attention is all you need, section 3.5.
    """
    angles = _angles(np.arange(positive_int(length, "length")), dim)
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1)
    return waves.reshape(length, dim).astype(dtype)


def rotary_forward(x, positions=None):
    r"""Turn each pair of features by an angle that grows with the position.

    The dot product of two vectors that have been turned depends on the difference of their
    positions only.

    Parameters
    ----------
    x : ndarray, shape (..., time, dim)
        Queries or keys, `dim` even. Features 2i and 2i + 1 make a pair.
    positions : ndarray, shape (time,), optional
        0, 1, 2 and so on if not given.

    Returns
    -------
    y : ndarray, shape of x
    cache : tuple
        What `rotary_backward` needs.

    Raises
    ------
    ValueError
        If the number of features is odd.

    References
    ----------
    Su et al. (2021). RoFormer: enhanced transformer with rotary position embedding.
    """
    positions = np.arange(x.shape[-2]) if positions is None else np.asarray(positions)
    angles = _angles(positions, x.shape[-1])
    cache = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
    return _turned(x, *cache), cache


def rotary_backward(dy, cache):
    """Gradient through `rotary_forward`: the rotation back.

    Parameters
    ----------
    dy : ndarray, shape (..., time, dim)
    cache : tuple
        From `rotary_forward`.

    Returns
    -------
    ndarray, shape (..., time, dim)
    """
    cosine, sine = cache
    return _turned(dy, cosine, -sine)  # the transpose of a rotation is its inverse


def nadaraya_watson_forward(query, key, value, bandwidth):
    r"""Average of the values, weighted by how near their keys are to the query.

    .. math:: y_i = \sum_j p_{ij} v_j, \qquad
        p_i = softmax_j\Bigl(-\frac{|q_i - k_j|^2}{2 h^2}\Bigr)

    Attention without anything learnt but the bandwidth: regression with a Gaussian kernel.

    Parameters
    ----------
    query : ndarray, shape (queries, dim)
    key : ndarray, shape (keys, dim)
    value : ndarray, shape (keys, dim_v)
    bandwidth : float or ndarray of shape ()
        The width h of the kernel, positive.

    Returns
    -------
    y : ndarray, shape (queries, dim_v)
    cache : tuple
        What `nadaraya_watson_backward` needs; ``cache[0][0]`` is the weights, shape
        (queries, keys).

    Raises
    ------
    ValueError
        If the bandwidth is not positive.

    References
    ----------
    Nadaraya (1964). On estimating regression. Watson (1964). Smooth regression analysis.
    """
    if not bandwidth > 0:
        raise ValueError(f"`bandwidth` must be positive. Received: bandwidth={bandwidth}")
    differences = query[:, np.newaxis, :] - key
    scores = -np.sum(differences**2, axis=-1) / (2 * bandwidth**2)
    y, cache = attend_forward(scores, value)
    return y, (cache, differences, scores, bandwidth)


def nadaraya_watson_backward(dy, cache):
    """Gradients of a scalar loss through `nadaraya_watson_forward`.

    Parameters
    ----------
    dy : ndarray, shape (queries, dim_v)
    cache : tuple
        From `nadaraya_watson_forward`.

    Returns
    -------
    dquery : ndarray, shape (queries, dim)
    dkey : ndarray, shape (keys, dim)
    dvalue : ndarray, shape (keys, dim_v)
    grads : dict
        ``"bandwidth"``, shape ().
    """
    attend_cache, differences, scores, bandwidth = cache
    dscores, dvalue = attend_backward(dy, attend_cache)
    ddifferences = dscores[..., np.newaxis] * -differences / bandwidth**2
    dbandwidth = np.sum(dscores * scores) * -2 / bandwidth
    grads = {"bandwidth": dbandwidth}
    return ddifferences.sum(axis=1), -ddifferences.sum(axis=0), dvalue, grads


def _angles(positions, dim):
    """Angle of each position for each pair of features, shape (time, dim / 2)."""
    if positive_int(dim, "dim") % 2:
        raise ValueError(f"`dim` must be even. Received: dim={dim}")
    frequencies = 10000.0 ** (-np.arange(0, dim, 2) / dim)
    return positions[:, np.newaxis] * frequencies


def _turned(x, cosine, sine):
    """Rotate the pairs (x_0, x_1), (x_2, x_3), ... by the angles with these cosines and sines."""
    even, odd = x[..., 0::2], x[..., 1::2]
    y = np.empty_like(x)
    y[..., 0::2] = even * cosine - odd * sine
    y[..., 1::2] = even * sine + odd * cosine
    return y
