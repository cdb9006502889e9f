"""K-means: Lloyd's algorithm, seeded by k-means++."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet._validation import one_of, positive_int, real_in
from glassnet.data.preparation import as_generator
from glassnet.metrics.clustering import as_rows, inertia

__all__ = [
    "KMeans",
    "KMeansFit",
    "assign",
    "inertia_curve",
    "kmeans_plus_plus",
    "lloyd",
    "squared_distances",
    "update_centres",
]


class KMeansFit(NamedTuple):
    """What one run of Lloyd's algorithm has found."""

    centres: np.ndarray
    """Shape (clusters, features)."""
    labels: np.ndarray
    """The nearest centre of each example; int64, shape (n,)."""
    history: list[float]
    """The inertia with the initial centres and after every step; it never rises."""
    steps: int
    """How often the centres were moved."""
    converged: bool
    """Whether it stopped by itself, before `max_iter` steps."""

    @property
    def inertia(self):
        """The sum of the squared distances of all examples to their centres, float."""
        return self.history[-1]


def squared_distances(x, centres):
    """Squared Euclidean distance of every example to every centre.

    Parameters
    ----------
    x : ndarray, shape (n, features)
    centres : ndarray, shape (clusters, features)

    Returns
    -------
    ndarray, shape (n, clusters)
    """
    # One centre at a time: all differences at once would be an array (n, clusters, features).
    return np.stack([np.sum((x - centre) ** 2, axis=1) for centre in centres], axis=1)


def assign(x, centres):
    """Find the nearest centre of every example.

    Parameters
    ----------
    x : ndarray, shape (n, features)
    centres : ndarray, shape (clusters, features)

    Returns
    -------
    ndarray of int64, shape (n,)
        Rows of `centres`; the first of several that are equally near.
    """
    return np.argmin(squared_distances(x, centres), axis=1).astype(np.int64, copy=False)


def update_centres(x, labels, centres):
    """Move every centre to the mean of its examples.

    A cluster without examples gets the one that is farthest from its own centre (and not alone in
    its cluster); several such clusters are served one after the other. So every cluster stays
    in use, and the inertia cannot rise.

    Parameters
    ----------
    x : ndarray, shape (n, features)
    labels : ndarray of int, shape (n,)
        From `assign`.
    centres : ndarray, shape (clusters, features)
        The centres so far.

    Returns
    -------
    ndarray, shape (clusters, features)
    """
    labels = _without_empty_clusters(x, labels, centres)
    return np.stack([x[labels == cluster].mean(axis=0) for cluster in range(len(centres))])


def kmeans_plus_plus(x, clusters, rng):
    """Choose examples as initial centres, far apart more likely than close together.

    The first is drawn uniformly, each further one with a probability proportional to its squared
    distance to the nearest centre so far. The expected inertia is then at most
    ``8 (ln clusters + 2)`` times the smallest that is possible. When all examples coincide with a
    centre, one is drawn uniformly among those that have not been chosen.

    Parameters
    ----------
    x : array_like, shape (n, features)
    clusters : int
        At most n.
    rng : numpy.random.Generator

    Returns
    -------
    centres : ndarray, shape (clusters, features)
    rows : ndarray of int64, shape (clusters,)
        Where they are in `x`, in the order of drawing.

    Raises
    ------
    ValueError
        If an argument does not fit.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++ (``arthur2007kmeans``), section 2.2.
    """
    x, rng = as_rows(x), as_generator(rng)
    rows = [rng.integers(len(x))]
    nearest = squared_distances(x, x[rows])[:, 0]
    for _ in range(_clusters(clusters, x) - 1):
        weight = nearest.astype(np.float64)
        if not weight.any():
            weight = np.isin(np.arange(len(x)), rows, invert=True).astype(np.float64)
        rows.append(rng.choice(len(x), p=weight / weight.sum()))
        nearest = np.minimum(nearest, squared_distances(x, x[rows[-1:]])[:, 0])
    return x[rows], np.array(rows, np.int64)


def lloyd(x, centres, max_iter=300, tol=1e-4, on_step=None):
    """Assign examples to centres and move the centres, in turn, until nothing changes.

    Parameters
    ----------
    x : array_like, shape (n, features)
    centres : array_like, shape (clusters, features)
        Where to begin; not changed.
    max_iter : int
        Number of steps after which to give up.
    tol : float
        Stop when the centres have moved, in the sum of their squared distances, by no more than
        this share of the mean variance of the features; with 0, when they stand still.
    on_step : callable, optional
        Called with ``(step, centres, labels, inertia)``: with step 0 for the initial centres, and
        after every step; the arrays are never changed afterwards.

    Returns
    -------
    KMeansFit

    Raises
    ------
    ValueError
        If an argument does not fit.

    References
    ----------
    Lloyd (1982), Least squares quantization in PCM (``lloyd1982least``).
    """
    x = as_rows(x)
    centres = as_rows(centres, "centres", features=x.shape[1]).astype(x.dtype)
    _clusters(len(centres), x)
    limit = positive_int(max_iter, "max_iter")
    tolerance = real_in(tol, "tol", 0) * float(x.var(axis=0).mean())
    history = []

    def look(step, centres):
        labels = assign(x, centres)
        history.append(inertia(x, labels, centres))
        if on_step is not None:
            on_step(step, centres, labels, history[-1])
        return labels

    step, converged = 0, False
    labels = look(0, centres)
    while step < limit and not converged:
        moved = update_centres(x, labels, centres)
        shift = float(np.sum((moved - centres) ** 2))
        step, centres, converged = step + 1, moved, shift <= tolerance
        labels = look(step, centres)
    return KMeansFit(centres, labels, history, step, converged)


def inertia_curve(x, counts, rng, n_init=10):
    """Return the inertia of the best clustering found with each number of clusters.

    Where the curve bends, at its elbow, a further cluster begins to bring little.

    Parameters
    ----------
    x : array_like, shape (n, features)
    counts : sequence of int
        Numbers of clusters.
    rng : numpy.random.Generator
    n_init : int
        See `KMeans`.

    Returns
    -------
    ndarray of float64, shape (len(counts),)
    """
    fits = [KMeans(clusters, n_init=n_init).fit(x, rng) for clusters in counts]
    return np.array([fit.inertia_ for fit in fits], np.float64)


class KMeans:
    """Clusters around their means, with the names of ``sklearn.cluster.KMeans``.

    Parameters
    ----------
    n_clusters : int
    init : str or array_like of shape (n_clusters, features)
        ``"k-means++"``, ``"random"`` (different examples, drawn uniformly), or the centres.
    n_init : int
        How many runs to make, of which the one with the smallest inertia counts; given centres
        need only one.
    max_iter, tol
        See `lloyd`.

    Attributes
    ----------
    cluster_centers_ : ndarray, shape (n_clusters, features)
    labels_ : ndarray of int64, shape (n,)
    inertia_ : float
    n_iter_ : int
        Steps of the run that counts.
    history_ : list of float
        Its inertia before the first step and after every one.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    RuntimeError
        If it is asked about data before `fit`.
    """

    def __init__(self, n_clusters=8, init="k-means++", n_init=10, max_iter=300, tol=1e-4):
        self.n_clusters = positive_int(n_clusters, "n_clusters")
        self.init = one_of(init, ("k-means++", "random"), "init") if np.ndim(init) == 0 else init
        self.n_init = positive_int(n_init, "n_init")
        self.max_iter = positive_int(max_iter, "max_iter")
        self.tol = real_in(tol, "tol", 0)
        self.cluster_centers_ = None

    def fit(self, x, rng, on_step=None):
        """Find the clusters of the examples.

        Parameters
        ----------
        x : array_like, shape (n, features)
        rng : numpy.random.Generator
        on_step : callable, optional
            Called with ``(step, centres, labels, inertia)`` in every run; see `lloyd`.

        Returns
        -------
        KMeans
            Itself.
        """
        x = as_rows(x)
        rng, best = as_generator(rng), None
        for _ in range(self.n_init if np.ndim(self.init) == 0 else 1):
            run = lloyd(x, self._initial_centres(x, rng), self.max_iter, self.tol, on_step)
            if best is None or run.inertia < best.inertia:
                best = run
        self.cluster_centers_, self.labels_ = best.centres, best.labels
        self.inertia_, self.n_iter_, self.history_ = best.inertia, best.steps, best.history
        return self

    def predict(self, x):
        """Return the nearest centre of every example: int64, shape (n,)."""
        return assign(self._checked(x), self.cluster_centers_)

    def transform(self, x):
        """Return the Euclidean distances to all centres: shape (n, n_clusters)."""
        return np.sqrt(squared_distances(self._checked(x), self.cluster_centers_))

    def _initial_centres(self, x, rng):
        if np.ndim(self.init) != 0:
            centres = as_rows(self.init, "init", features=x.shape[1])
            if len(centres) != self.n_clusters:
                raise ValueError(
                    f"`init` must hold {self.n_clusters} centres. Received: shape={centres.shape}"
                )
            return centres
        if self.init == "k-means++":
            return kmeans_plus_plus(x, self.n_clusters, rng)[0]
        return x[rng.choice(len(x), _clusters(self.n_clusters, x), replace=False)]

    def _checked(self, x):
        if self.cluster_centers_ is None:
            raise RuntimeError("KMeans has no centres before `fit`.")
        return as_rows(x, features=self.cluster_centers_.shape[1])


def _without_empty_clusters(x, labels, centres):
    """Return labels that use every cluster; see `update_centres`."""
    labels = labels.copy()
    distance = np.sum((x - centres[labels]) ** 2, axis=1)
    for cluster in range(len(centres)):
        sizes = np.bincount(labels.astype(np.intp), minlength=len(centres))
        if sizes[cluster] == 0:
            farthest = np.argmax(np.where(sizes[labels] > 1, distance, -1))
            labels[farthest] = cluster
    return labels


def _clusters(clusters, x):
    """Return the number of clusters, or raise ValueError if there are not as many examples."""
    if positive_int(clusters, "clusters") > len(x):
        raise ValueError(
            f"There must be an example for each cluster. "
            f"Received: clusters={clusters}, {len(x)} examples"
        )
    return int(clusters)
