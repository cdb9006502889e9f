"""The two parts of attention: scores that compare, and the average whose weights they give.

Every kind is made of scores, which compare each query with each key, and `attend_forward`, which
turns them into weights that sum to one and takes the average of the values.
"""

from __future__ import annotations

import numpy as np

from glassnet.activations import softmax, softmax_backward

__all__ = [
    "additive_scores_backward",
    "additive_scores_forward",
    "attend_backward",
    "attend_forward",
    "causal_mask",
    "dot_scores_backward",
    "dot_scores_forward",
]

MASKED = -1e9  # the exponential of it is zero


def causal_mask(queries, keys):
    """Return which keys a query may see: those at its own position and before.

    Parameters
    ----------
    queries, keys : int
        How many there are.

    Returns
    -------
    ndarray of bool, shape (queries, keys)
    """
    return np.tri(queries, keys, dtype=bool)


def dot_scores_forward(query, key, scale=1.0):
    r"""Score of each query for each key, :math:`s_{ij} = \gamma \, q_i \cdot k_j`.

    Parameters
    ----------
    query : ndarray, shape (..., queries, dim)
    key : ndarray, shape (..., keys, dim)
    scale : float or ndarray of shape ()
        The factor; 1 / sqrt(dim) keeps the variance of the scores at 1.

    Returns
    -------
    scores : ndarray, shape (..., queries, keys)
    cache : tuple
        What `dot_scores_backward` needs.

    References
    ----------
    Luong, Pham and Manning (2015). Effective approaches to attention-based neural machine
    translation. Vaswani et al. (2017). Attention is all you need.
    """
    products = query @ key.swapaxes(-2, -1)
    return products * scale, (query, key, scale, products)


def dot_scores_backward(dscores, cache):
    """Gradients of a scalar loss through `dot_scores_forward`.

    Parameters
    ----------
    dscores : ndarray, shape (..., queries, keys)
    cache : tuple
        From `dot_scores_forward`.

    Returns
    -------
    dquery : ndarray, shape (..., queries, dim)
    dkey : ndarray, shape (..., keys, dim)
    grads : dict
        ``"scale"``, shape ().
    """
    query, key, scale, products = cache
    dproducts = dscores * scale
    dquery = dproducts @ key
    dkey = dproducts.swapaxes(-2, -1) @ query
    return dquery, dkey, {"scale": np.sum(dscores * products)}


def additive_scores_forward(query, key, scale, weight=1.0):
    r"""Score of each query for each key by a small network, :math:`v \cdot \tanh(a (q_i + k_j))`.

    Parameters
    ----------
    query : ndarray, shape (..., queries, dim)
    key : ndarray, shape (..., keys, dim)
    scale : ndarray, shape (dim,) or (), or float
        The weights v.
    weight : ndarray of shape (), or float
        The factor a.

    Returns
    -------
    scores : ndarray, shape (..., queries, keys)
    cache : tuple
        What `additive_scores_backward` needs.

    References
    ----------
    Bahdanau, Cho and Bengio (2015). Neural machine translation by jointly learning to align and
    translate.
    """
    sums = query[..., :, np.newaxis, :] + key[..., np.newaxis, :, :]
    bent = np.tanh(weight * sums)
    return np.sum(scale * bent, axis=-1), (sums, bent, scale, weight)


def additive_scores_backward(dscores, cache):
    """Gradients of a scalar loss through `additive_scores_forward`.

    Parameters
    ----------
    dscores : ndarray, shape (..., queries, keys)
    cache : tuple
        From `additive_scores_forward`.

    Returns
    -------
    dquery : ndarray, shape (..., queries, dim)
    dkey : ndarray, shape (..., keys, dim)
    grads : dict
        ``"scale"`` and ``"weight"``, of the shapes of the arguments.
    """
    sums, bent, scale, weight = cache
    dbent = dscores[..., np.newaxis]  # the same for every feature
    dscale = dbent * bent
    dscale = dscale.reshape(-1, bent.shape[-1]).sum(axis=0) if np.ndim(scale) else dscale.sum()
    through_tanh = dbent * scale * (1 - bent**2)
    dsums = through_tanh * weight
    dquery = dsums.sum(axis=-2)  # each query met every key
    dkey = dsums.sum(axis=-3)
    return dquery, dkey, {"scale": dscale, "weight": np.sum(through_tanh * sums)}


def attend_forward(scores, value, mask=None):
    r"""Average of the values, :math:`y_i = \sum_j p_{ij} v_j` with :math:`p_i = softmax(s_i)`.

    Parameters
    ----------
    scores : ndarray, shape (..., queries, keys)
    value : ndarray, shape (..., keys, dim)
    mask : ndarray of bool, optional
        True where a query may see a key; its shape broadcasts to that of `scores`. A query that may
        see none takes the plain mean of all values.

    Returns
    -------
    y : ndarray, shape (..., queries, dim)
    cache : tuple
        What `attend_backward` needs; its first entry is the weights, of the shape of `scores`.
    """
    if mask is not None:
        scores = np.where(mask, scores, np.asarray(MASKED, scores.dtype))
    weights = softmax(scores)
    return weights @ value, (weights, value, mask)


def attend_backward(dy, cache, dweights=None):
    """Gradients of a scalar loss through `attend_forward`.

    Parameters
    ----------
    dy : ndarray, shape (..., queries, dim)
    cache : tuple
        From `attend_forward`.
    dweights : ndarray, shape (..., queries, keys), optional
        Gradient by the weights, if the loss depends on them beside what is in `dy`.

    Returns
    -------
    dscores : ndarray, shape (..., queries, keys)
    dvalue : ndarray, shape (..., keys, dim)
    """
    weights, value, mask = cache
    dvalue = weights.swapaxes(-2, -1) @ dy
    through_average = dy @ value.swapaxes(-2, -1)
    dweights = through_average if dweights is None else through_average + dweights
    dscores = softmax_backward(dweights, weights)
    if mask is not None:
        dscores = dscores * mask
    return dscores, dvalue
