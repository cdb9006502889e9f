"""Principal components: the directions in which data vary most."""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int, real_in
from glassnet.metrics.clustering import as_rows

__all__ = ["PCA", "flip_signs", "principal_components"]


def principal_components(x):
    """Find the directions of largest variance, by the SVD of the centred data.

    With the centred data ``U S V^T``, the covariance matrix ``V S² V^T / (n - 1)`` has the rows of
    ``V^T`` as eigenvectors and ``S² / (n - 1)`` as eigenvalues. The SVD finds them without forming
    that matrix, which would square the condition number.

    Parameters
    ----------
    x : array_like, shape (n, features)
        At least two examples.

    Returns
    -------
    mean : ndarray, shape (features,)
    components : ndarray, shape (k, features), k = min(n, features)
        Orthonormal rows, the largest variance first, with signs as `flip_signs` chooses them.
    variances : ndarray, shape (k,)
        Along each component, with n - 1 in the denominator, in squared units of `x`.

    Raises
    ------
    ValueError
        If `x` is not of this shape or not finite, or all examples are the same.

    References
    ----------
    Pearson (1901), On lines and planes of closest fit (``pearson1901lines``).
    """
    x = as_rows(x)
    if np.all(x == x[0]):  # a single example, too
        raise ValueError(
            f"`x` must hold at least two different examples. Received: shape={x.shape}"
        )
    mean = x.mean(axis=0)
    _, singular_values, components = np.linalg.svd(x - mean, full_matrices=False)
    return mean, flip_signs(components), singular_values**2 / (len(x) - 1)


def flip_signs(components):
    """Choose the sign of every row so that its entry of largest absolute value is positive.

    A component is defined up to its sign only; this makes the result the same everywhere. Of
    several equally large entries the first decides.

    Parameters
    ----------
    components : ndarray, shape (k, features)

    Returns
    -------
    ndarray, shape (k, features)
    """
    largest = np.argmax(np.abs(components), axis=1)[:, np.newaxis]
    return components * np.sign(np.take_along_axis(components, largest, axis=1))


class PCA:
    """Coordinates along principal components, with the names of ``sklearn.decomposition.PCA``.

    Parameters
    ----------
    n_components : int, float or None
        How many components to keep: a number, a share in (0, 1) of the variance that has to be
        exceeded, or None for all min(n, features).
    whiten : bool
        Whether to divide each coordinate by its standard deviation.

    Attributes
    ----------
    mean_ : ndarray, shape (features,)
    components_ : ndarray, shape (kept, features)
        See `principal_components`.
    explained_variance_ : ndarray, shape (kept,)
    explained_variance_ratio_ : ndarray, shape (kept,)
        Shares of the whole variance.
    singular_values_ : ndarray, shape (kept,)
        Of the centred data.
    n_components_ : int
        How many are kept.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    RuntimeError
        If data are transformed before `fit`.
    """

    def __init__(self, n_components=None, whiten=False):
        if isinstance(n_components, float):
            n_components = real_in(
                n_components, "n_components", 0, 1, open_low=True, open_high=True
            )
        elif n_components is not None:
            n_components = positive_int(n_components, "n_components")
        self.n_components, self.whiten = n_components, bool(whiten)
        self.components_ = None

    def fit(self, x):
        """Find the components of the examples, an array of shape (n, features); return itself."""
        x = as_rows(x)
        mean, components, variances = principal_components(x)
        ratios = variances / variances.sum()
        kept = self._number(ratios)
        if self.whiten and variances[kept - 1] <= np.finfo(x.dtype).eps * variances[0]:
            rank = np.count_nonzero(variances > np.finfo(x.dtype).eps * variances[0])
            raise ValueError(
                f"Only {rank} components have a variance to divide by. "
                f"Received: whiten=True, {kept} components"
            )
        self.mean_, self.components_, self.n_components_ = mean, components[:kept], kept
        self.explained_variance_ = variances[:kept]
        self.explained_variance_ratio_ = ratios[:kept]
        self.singular_values_ = np.sqrt(variances[:kept] * (len(x) - 1))
        return self

    def transform(self, x):
        """Return the coordinates along the components.

        Parameters
        ----------
        x : array_like, shape (n, features)

        Returns
        -------
        ndarray, shape (n, kept)
        """
        self._require_fit()
        x = as_rows(x, features=len(self.mean_))
        return ((x - self.mean_) @ self.components_.T) / self._scale()

    def inverse_transform(self, z):
        """Return the points that have these coordinates.

        Of all points in the plane that the components span, they are the nearest to the data. The
        mean squared distance, with n - 1 in the denominator, is the sum of the variances of the
        components that were dropped.

        Parameters
        ----------
        z : array_like, shape (n, kept)

        Returns
        -------
        ndarray, shape (n, features)
        """
        self._require_fit()
        z = as_rows(z, "z", features=self.n_components_)
        return (z * self._scale()) @ self.components_ + self.mean_

    def _number(self, ratios):
        if self.n_components is None:
            return len(ratios)
        if isinstance(self.n_components, float):
            reached = np.searchsorted(np.cumsum(ratios), self.n_components, side="right") + 1
            return min(int(reached), len(ratios))  # rounding may keep the sum below the share
        if self.n_components > len(ratios):
            raise ValueError(
                f"There are {len(ratios)} components. Received: n_components={self.n_components}"
            )
        return self.n_components

    def _scale(self):
        """What each coordinate is divided by."""
        one = np.ones_like(self.explained_variance_)
        return np.sqrt(self.explained_variance_) if self.whiten else one

    def _require_fit(self):
        if self.components_ is None:
            raise RuntimeError("PCA has no components before `fit`.")
