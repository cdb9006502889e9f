"""Dividing examples into folds, each of which is the test part once."""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int
from glassnet.data.preparation import as_generator

__all__ = ["KFold", "StratifiedKFold"]


class KFold:
    """Folds of equal size, to within one example.

    Parameters
    ----------
    n_splits : int
        How many folds, at least 2.
    rng : numpy.random.Generator, optional
        Shuffles the examples, anew for every `split`; without it, neighbours stay together.

    Raises
    ------
    ValueError
        If `n_splits` is not an integer of at least 2.
    """

    def __init__(self, n_splits=5, rng=None):
        self.n_splits = positive_int(n_splits, "n_splits")
        if self.n_splits < 2:
            raise ValueError(f"`n_splits` must be at least 2. Received: n_splits={n_splits}")
        self.rng = None if rng is None else as_generator(rng)

    def split(self, x, y=None):
        """Divide the examples.

        Parameters
        ----------
        x : array_like, shape (n, ...)
        y : array_like, shape (n,), optional
            Not looked at here.

        Returns
        -------
        list of (train, test)
            Two sorted arrays of row numbers for each fold; every row is in one test part.

        Raises
        ------
        ValueError
            If there are fewer examples than folds.
        """
        fold = self._fold_of(np.asarray(x), y)
        return [
            (np.flatnonzero(fold != number), np.flatnonzero(fold == number))
            for number in range(self.n_splits)
        ]

    def _fold_of(self, x, y):
        """The fold that each example is tested in, int64, shape (n,)."""
        if x.ndim == 0 or len(x) < self.n_splits:
            raise ValueError(
                f"There must be at least {self.n_splits} examples. Received: shape={x.shape}"
            )
        fold = np.sort(np.arange(len(x)) % self.n_splits)  # the first folds may have one more
        return fold if self.rng is None else self.rng.permutation(fold)


class StratifiedKFold(KFold):
    """Folds with the same share of every class, to within one example.

    Parameters
    ----------
    n_splits, rng
        As for `KFold`.
    """

    def split(self, x, y):
        """Divide the examples class by class.

        Parameters
        ----------
        x : array_like, shape (n, ...)
        y : array_like, shape (n,)
            Class labels, numbers or strings.

        Returns
        -------
        list of (train, test)
            As from `KFold.split`. The sizes of the folds differ by at most one example, too.

        Raises
        ------
        ValueError
            If `x` and `y` differ in length, or a class has fewer examples than there are folds.
        """
        return super().split(x, y)

    def _fold_of(self, x, y):
        y = np.asarray(y)
        if y.ndim != 1 or x.shape[:1] != y.shape:
            raise ValueError(
                f"`y` must hold one label for each example. Received: x {x.shape}, y {y.shape}"
            )
        classes, first, sizes = np.unique(y, return_index=True, return_counts=True)
        if len(y) == 0 or sizes.min() < self.n_splits:
            smallest = f"{sizes.min()} of {classes[sizes.argmin()]!s}" if len(y) else "none"
            raise ValueError(
                f"Every class needs at least {self.n_splits} examples. Received: {smallest}"
            )
        # The folds are dealt out like cards, each class taking up where the one before it stopped.
        fold, dealt = np.empty(len(y), np.int64), 0
        for label in classes[np.argsort(first)]:
            members = np.flatnonzero(y == label)
            cards = np.sort(np.arange(dealt, dealt + len(members)) % self.n_splits)
            fold[members] = cards if self.rng is None else self.rng.permutation(cards)
            dealt += len(members)
        return fold
