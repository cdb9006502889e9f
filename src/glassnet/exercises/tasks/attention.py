"""Exercises of chapter 11: weighted averages, masks, their gradient, heads, positions."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _points(rng):
    """Return queries, keys, values and a width; at last a query far away from every key."""
    shapes = ((4, 3), (6, 3), (6, 2), 0.8), ((3, 1), (5, 1), (5, 4), 1.7)
    cases = [(*map(rng.standard_normal, shape), width) for *shape, width in shapes]
    far = np.array([[0.0, 0.0], [90.0, 40.0]])
    return [*cases, (far, rng.standard_normal((5, 2)), rng.standard_normal((5, 3)), 0.9)]


@task(
    "attention.nadaraya_watson",
    _points,
    about="Attention as it was in 1964: a mean of values, weighted by a Gaussian kernel, "
    "{eq}`eq-attention-nw` and {eq}`eq-attention-gaussian`. {ref}`sec-attention-nadaraya` derives "
    "it from a squared error.",
    hints=(
        "Squared distances of all pairs: query[:, np.newaxis] - key has the shape (n, m, d).",
        "The score is minus the squared distance over 2 * width**2; softmax runs over the keys.",
        "Far from all keys every kernel underflows: take out the largest score of each row first.",
    ),
)
def nadaraya_watson(query, key, value, width):
    """Return the mean of the values, weighted by a Gaussian kernel.

    Parameters
    ----------
    query : ndarray, shape (n, d)
    key : ndarray, shape (m, d)
    value : ndarray, shape (m, v)
    width : float
        Of the kernel, above 0.

    Returns
    -------
    ndarray, shape (n, v)
    """
    squares = np.sum((query[:, np.newaxis] - key) ** 2, axis=2)
    scores = -squares / (2 * width**2)
    kernel = np.exp(scores - scores.max(axis=1, keepdims=True))
    return kernel @ value / kernel.sum(axis=1, keepdims=True)


def _gaussian(query, key, width):
    return -np.sum((query[:, np.newaxis] - key) ** 2, axis=2) / (2 * width**2)


@nadaraya_watson.mistake(
    "Right nearby, but far from every key all kernels underflow to 0, and 0/0 is NaN. Only the "
    "differences of the scores count: which one can you take out?"
)
def _(query, key, value, width):
    kernel = np.exp(_gaussian(query, key, width))
    return kernel @ value / kernel.sum(axis=1, keepdims=True)


@nadaraya_watson.mistake(
    "The weights of a query do not add to one: divide by the sum of its kernels."
)
def _(query, key, value, width):
    return np.exp(_gaussian(query, key, width)) @ value


@nadaraya_watson.mistake("Each key divides its weight among the queries. Sum over the keys.")
def _(query, key, value, width):
    return _softmax(_gaussian(query, key, width), axis=0) @ value


@nadaraya_watson.mistake("The width enters with its square: a length is compared with a length.")
def _(query, key, value, width):
    return _softmax(_gaussian(query, key, width) * width) @ value


@nadaraya_watson.mistake(
    "The factor 2 under the squared distance is missing: your kernel is narrow."
)
def _(query, key, value, width):
    return _softmax(2 * _gaussian(query, key, width)) @ value


@nadaraya_watson.mistake("You use the distance itself. A Gaussian has its square in the exponent.")
def _(query, key, value, width):
    distance = np.sqrt(-_gaussian(query, key, width) * 2 * width**2)
    return _softmax(-distance / (2 * width**2)) @ value


def _heads(rng):
    """Return queries, keys and values with all sizes different; once with large scores."""
    shapes = ((4, 3), (6, 3), (6, 2)), ((2, 8), (5, 8), (5, 3)), ((3, 4), (7, 4), (7, 5))
    cases = [tuple(map(rng.standard_normal, shape)) for shape in shapes]
    query, key, value = cases[-1]
    return [*cases[:-1], (60 * query, 60 * key, value)]


@task(
    "attention.scaled_dot_product_attention",
    _heads,
    about="The heart of a Transformer in three lines: {eq}`eq-attention-dot`, then "
    "{eq}`eq-attention-pooling`. Why the scores are divided is {prf:ref}`thm-attention-variance`.",
    hints=(
        "The scores are a table with a row for each query and a column for each key.",
        "query @ key.T, over the square root of the number of features that are summed over.",
        "Softmax along each row, without overflow; then weights @ value.",
    ),
)
def scaled_dot_product_attention(query, key, value):
    """Return the output of attention with scaled dot products.

    Parameters
    ----------
    query : ndarray, shape (n, d)
    key : ndarray, shape (m, d)
    value : ndarray, shape (m, v)

    Returns
    -------
    ndarray, shape (n, v)
    """
    scores = query @ key.T / np.sqrt(query.shape[1])
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ value


@scaled_dot_product_attention.mistake("The scores are not scaled: their variance grows with d.")
def _(query, key, value):
    return _softmax(query @ key.T) @ value


@scaled_dot_product_attention.mistake(
    "You divide by d. The variance of the dot product is d: what is its standard deviation?"
)
def _(query, key, value):
    return _softmax(query @ key.T / query.shape[1]) @ value


@scaled_dot_product_attention.mistake(
    "You scale with the length of the values, or of the sequence. What is summed over in a score?"
)
def _(query, key, value):
    return _softmax(query @ key.T / np.sqrt(value.shape[1])) @ value


@scaled_dot_product_attention.mistake(
    "The columns of your weights add to one: softmax ran over the queries. Each query shares its "
    "weight among the keys."
)
def _(query, key, value):
    return _softmax(query @ key.T / np.sqrt(query.shape[1]), axis=0) @ value


@scaled_dot_product_attention.mistake(
    "You scale after softmax. The scores have to be scaled; the weights would not add to one."
)
def _(query, key, value):
    return _softmax(query @ key.T) / np.sqrt(query.shape[1]) @ value


@scaled_dot_product_attention.mistake(
    "Right, but large scores overflow: inf / inf is NaN. Take out the largest score of each row."
)
def _(query, key, value):
    weights = np.exp(query @ key.T / np.sqrt(query.shape[1]))
    return weights / weights.sum(axis=1, keepdims=True) @ value


def _masked(rng):
    """Return scores and masks; with a blind row, and with a hidden score above all others."""
    cases = [
        (2 * rng.standard_normal(shape), rng.random(shape) < 0.6) for shape in ((4, 5), (3, 6))
    ]
    for _, mask in cases:
        mask[:, 1] = True
    scores = rng.standard_normal((2, 3, 4))
    scores[0, 1, 2] = 2000
    scores[1, 0] -= 1990  # visible, and yet far below -1000
    mask = np.ones((2, 3, 4), bool)
    mask[0, 1, 2] = mask[1, 0, 0] = mask[1, 2] = False  # the last row of the stack sees nothing
    return [*cases, (scores, mask)]


@task(
    "attention.masked_softmax",
    _masked,
    about="Weights for the keys that a query may see, {eq}`eq-attention-mask`. A query that may "
    "see nothing gets zeros here, not NaN and not a mean of the padding; "
    "{ref}`sec-attention-mask-row` tells how libraries differ.",
    hints=(
        "A hidden key must have no part in the sum, nor in the maximum that is taken out.",
        "`np.where(mask, scores, -1e9)` first; then softmax as usual. One kind of row is left.",
        "Multiply the exponentials by the mask, and divide by 1 where their sum is 0.",
    ),
)
def masked_softmax(scores, mask):
    """Return softmax over the visible keys; zeros for a row without any.

    Parameters
    ----------
    scores : ndarray, shape (..., n, m)
        Up to 2000 in absolute value, hidden ones too.
    mask : ndarray of bool, same shape
        True where the query may see the key.

    Returns
    -------
    ndarray, same shape
    """
    seen = np.where(mask, scores, -1e9)
    e = np.exp(seen - seen.max(axis=-1, keepdims=True)) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


@masked_softmax.mistake(
    "A row that may see nothing gets equal weights for all keys, the hidden ones. It must be zero."
)
def _(scores, mask):
    return _softmax(np.where(mask, scores, -1e9))


@masked_softmax.mistake(
    "A row that may see nothing becomes NaN: there you compute inf - inf, or 0/0. It must be zero."
)
def _(scores, mask):
    return _softmax(np.where(mask, scores, -np.inf))


@masked_softmax.mistake(
    "Hidden scores are set to 0. That is a score like any other: its exponential is 1, not 0."
)
def _(scores, mask):
    return _softmax(scores * mask)


@masked_softmax.mistake(
    "The hidden weights are struck out after softmax, so the others no longer add to one."
)
def _(scores, mask):
    return _softmax(scores) * mask


@masked_softmax.mistake(
    "You take out the maximum of all scores, also of the hidden ones. If a hidden score is far "
    "above, every visible exponential underflows."
)
def _(scores, mask):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


@masked_softmax.mistake(
    "What you put in place of a hidden score is not far enough down: visible ones may lie below it."
)
def _(scores, mask):
    return np.nan_to_num(_softmax(np.where(mask, scores, -1000)) * mask)


@masked_softmax.mistake("The mask is the wrong way round: True means that the key may be seen.")
def _(scores, mask):
    return masked_softmax.reference(scores, ~mask)


@task(
    "attention.scores_gradient",
    lambda rng: [
        (rng.standard_normal((n, v)), rng.dirichlet(np.ones(m), n), rng.standard_normal((m, v)))
        for n, m, v in ((1, 3, 2), (3, 5, 2), (4, 2, 6))
    ],
    about="How a decision that is never taken can be learnt: the gradient by the scores, "
    "{eq}`eq-attention-ds`, from that by the output. {ref}`sec-attention-backward` derives it.",
    hints=(
        "First the gradient by the weights: entry (i, j) is row i of dy times row j of value.",
        "Then back through softmax: from each row take away its mean under the weights.",
        "That mean is np.sum(dweights * weights, axis=1, keepdims=True); multiply by weights last.",
    ),
)
def scores_gradient(dy, weights, value):
    """Return the gradient of a loss by the scores of attention.

    Parameters
    ----------
    dy : ndarray, shape (n, v)
        The gradient by the output, weights @ value.
    weights : ndarray, shape (n, m)
        Softmax of each row of the scores.
    value : ndarray, shape (m, v)

    Returns
    -------
    ndarray, shape (n, m)
    """
    dweights = dy @ value.T
    mean = np.sum(dweights * weights, axis=1, keepdims=True)
    return weights * (dweights - mean)


@scores_gradient.mistake(
    "The mean is not taken away: a common shift of a row of scores changes nothing, so the "
    "gradients of a row must add to zero."
)
def _(dy, weights, value):
    return weights * (dy @ value.T)


@scores_gradient.mistake("You stop at the gradient by the weights. Softmax is still to be passed.")
def _(dy, weights, value):
    return dy @ value.T


@scores_gradient.mistake("The mean of a row has to be weighted with the weights; yours is plain.")
def _(dy, weights, value):
    dweights = dy @ value.T
    return weights * (dweights - dweights.mean(axis=1, keepdims=True))


@scores_gradient.mistake(
    "Only the diagonal of softmax's Jacobian is used: a score moves all weights."
)
def _(dy, weights, value):
    return dy @ value.T * weights * (1 - weights)


@scores_gradient.mistake("The factor in front is missing: a key without weight gets no gradient.")
def _(dy, weights, value):
    dweights = dy @ value.T
    return dweights - np.sum(dweights * weights, axis=1, keepdims=True)


@task(
    "attention.split_heads",
    lambda rng: [
        (rng.standard_normal((2, 3, 8)), 4),
        (rng.standard_normal((3, 5, 6)), 2),
        (rng.standard_normal((1, 4, 15)), 5),
    ],
    about="In code nobody loops over heads: the features of all heads lie side by side, and a "
    "reshape cuts them, {eq}`eq-attention-split`. Getting the axes wrong raises no error, it "
    "mixes positions with features.",
    hints=(
        "Which axis is cut? Only that one may be touched by reshape.",
        "After reshape the axes are batch, position, head, feature. Which two change places?",
    ),
)
def split_heads(x, heads):
    """Return the features of each head by themselves.

    Parameters
    ----------
    x : ndarray, shape (N, T, D)
        Features of head 1, then of head 2, ...
    heads : int
        Divides D.

    Returns
    -------
    ndarray, shape (N, heads, T, D / heads)
    """
    n, length, features = x.shape
    return x.reshape(n, length, heads, features // heads).swapaxes(1, 2)


@split_heads.mistake(
    "The shape is right, the numbers are not: one reshape for all lets a head take whole rows of "
    "other positions. Cut the last axis alone, then move axes."
)
def _(x, heads):
    return x.reshape(len(x), heads, x.shape[1], -1)


@split_heads.mistake("Head and position have not changed places: heads stand before positions.")
def _(x, heads):
    return x.reshape(*x.shape[:2], heads, -1)


@split_heads.mistake(
    "You deal the features out in turn. The first D / heads features belong together, to head 1."
)
def _(x, heads):
    return x.reshape(*x.shape[:2], -1, heads).transpose(0, 3, 1, 2)


@split_heads.mistake("The last two axes have changed places: a row should be a position.")
def _(x, heads):
    return x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 3, 1)
