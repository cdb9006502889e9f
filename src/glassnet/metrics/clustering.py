"""How good a clustering is: by its own distances, or against labels that are known."""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float
from glassnet.losses.base import finite

__all__ = [
    "adjusted_rand_score",
    "contingency_matrix",
    "inertia",
    "silhouette_samples",
    "silhouette_score",
]


def inertia(x, labels, centres):
    """Return the sum of the squared distances of all examples to the centres of their clusters.

    Parameters
    ----------
    x : array_like, shape (n, features)
    labels : array_like of int, shape (n,)
        The row in `centres` that each example belongs to.
    centres : array_like, shape (clusters, features)

    Returns
    -------
    float
        In squared units of `x`; it falls with every cluster more, so that it can only compare
        clusterings with the same number of them.

    Raises
    ------
    ValueError
        If the shapes do not fit, a number is not finite, or a label has no centre.
    """
    x, centres = as_rows(x), as_rows(centres, "centres", features=np.shape(x)[-1])
    labels = np.asarray(labels)
    if labels.shape != x.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(
            f"`labels` must hold one whole number for each of {len(x)} examples. "
            f"Received: shape={labels.shape}, dtype={labels.dtype}"
        )
    if labels.min() < 0 or labels.max() >= len(centres):
        raise ValueError(
            f"`labels` must lie from 0 to {len(centres) - 1}. "
            f"Received: {labels.min()} to {labels.max()}"
        )
    return float(np.sum((x - centres[labels]) ** 2, dtype=np.float64))


def silhouette_samples(x, labels):
    """Say of each example how much closer it is to its own cluster than to the next.

    With a the mean distance to the others of its cluster, and b the mean distance to the members of
    that other cluster for which it is smallest, the silhouette is ``(b - a) / max(a, b)``: near 1
    well inside, 0 on the border, negative in the wrong cluster. It is 0 for an example that is
    alone in its cluster.

    Parameters
    ----------
    x : array_like, shape (n, features)
    labels : array_like, shape (n,)
        Between 2 and n - 1 different ones.

    Returns
    -------
    ndarray, shape (n,)
        In [-1, 1], in the dtype of `x`.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there are too few or too many clusters.

    References
    ----------
    Rousseeuw (1987), Silhouettes (``rousseeuw1987silhouettes``).
    """
    x = as_rows(x)
    codes, clusters = _codes(labels, "labels", len(x))
    if not 2 <= clusters < len(x):
        raise ValueError(
            f"`labels` must name from 2 to {len(x) - 1} clusters of {len(x)} examples. "
            f"Received: {clusters}"
        )
    member = (codes[:, np.newaxis] == np.arange(clusters)).astype(x.dtype)
    sizes = member.sum(axis=0)
    sums = np.stack([_distances(x, row) @ member for row in x])  # (n, clusters)
    own = member == 1
    others = np.maximum(sizes[codes] - 1, 1)  # the distance to itself is 0 and does not count
    a = sums[own] / others
    b = np.where(own, np.inf, sums / sizes).min(axis=1)
    scale = np.maximum(a, b)
    silhouette = np.divide(b - a, scale, out=np.zeros_like(a), where=scale > 0)
    return np.where(sizes[codes] > 1, silhouette, 0).astype(x.dtype)


def silhouette_score(x, labels):
    """Return the mean of `silhouette_samples`, as float."""
    return float(np.mean(silhouette_samples(x, labels), dtype=np.float64))


def contingency_matrix(labels_true, labels_pred):
    """Count how many examples of each class are in each cluster.

    Parameters
    ----------
    labels_true, labels_pred : array_like, shape (n,)
        Numbers or strings.

    Returns
    -------
    ndarray of int64, shape (classes, clusters)
        Rows and columns in the sorted order of the labels.

    Raises
    ------
    ValueError
        If the labels are not two lists of the same length.
    """
    rows, classes = _codes(labels_true, "labels_true", np.size(labels_true))
    columns, clusters = _codes(labels_pred, "labels_pred", len(rows))
    pairs = np.bincount(clusters * rows + columns, minlength=classes * clusters)
    return pairs.reshape(classes, clusters).astype(np.int64, copy=False)


def adjusted_rand_score(labels_true, labels_pred):
    """Return how far two clusterings agree on which pairs of examples belong together.

    The number of pairs that are together in both, less what chance would give, divided by the
    largest value that this can have: 1 for the same clusters under any names, 0 on average for
    clusters drawn at random with the same sizes.

    Parameters
    ----------
    labels_true, labels_pred : array_like, shape (n,)

    Returns
    -------
    float
        At most 1; negative if they agree less than by chance.

    Raises
    ------
    ValueError
        If the labels are not two lists of the same length.

    References
    ----------
    Hubert and Arabie (1985), Comparing partitions (``hubert1985comparing``).
    """
    table = contingency_matrix(labels_true, labels_pred)
    together = _pairs(table)
    in_true, in_pred = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    everything = _pairs(table.sum())
    # expected = in_true * in_pred / everything and largest = (in_true + in_pred) / 2, but times
    # 2 * everything: whole numbers have no rounding.
    above_chance = 2 * (together * everything - in_true * in_pred)
    largest = (in_true + in_pred) * everything - 2 * in_true * in_pred
    return above_chance / largest if largest else 1.0  # else both are trivial in the same way


def as_rows(x, name="x", features=None):
    """Return `x` as floats of shape (n, features), or raise ValueError if it is anything else."""
    x = as_float(x, name)
    if x.ndim != 2 or x.size == 0 or features not in (None, x.shape[1]):
        wanted = "features" if features is None else features
        raise ValueError(f"`{name}` must have shape (n, {wanted}). Received: shape={x.shape}")
    return finite(x, name)


def _distances(x, row):
    return np.sqrt(np.sum((x - row) ** 2, axis=1))


def _pairs(counts):
    """Number of pairs within groups of these sizes, as an integer of any length."""
    return sum(int(count) * (int(count) - 1) // 2 for count in np.ravel(counts))


def _codes(labels, name, length):
    """Return labels as numbers from 0 in their sorted order, and how many there are."""
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.size == 0 or len(labels) != length:
        raise ValueError(f"`{name}` must have shape ({length},). Received: shape={labels.shape}")
    if labels.dtype.kind == "f":
        finite(labels, name)
    values, codes = np.unique(labels, return_inverse=True)
    return codes, len(values)
