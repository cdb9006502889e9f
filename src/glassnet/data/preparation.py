"""What is done to data before a network sees it: split, standardise, encode, cut into batches."""

from __future__ import annotations

import numpy as np

from .._validation import as_float, as_labels, positive_int, real_in

__all__ = ["batches", "one_hot", "standardise", "train_test_split"]


def train_test_split(x, y, test_size, rng, stratify=False):
    """Divide examples at random into a training part and a test part.

    Parameters
    ----------
    x : ndarray, shape (n, ...)
    y : ndarray, shape (n, ...)
        With `stratify`, integer class labels of shape (n,).
    test_size : float or int
        The share of the examples that go to the test part, in (0, 1), or their number.
    rng : numpy.random.Generator
    stratify : bool
        Whether each class is divided in the same proportion (to within one example).

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Copies; no example is in both parts.

    Raises
    ------
    ValueError
        If `x` and `y` differ in length, if either part would be empty, or, with `stratify`, if a
        class has a single example or `y` is not a list of labels.
    """
    x, y = _same_length(x, y)
    rng = as_generator(rng)
    n_test = _test_count(len(x), test_size)
    test = _stratified_choice(y, n_test, rng) if stratify else rng.permutation(len(x))[:n_test]
    in_test = np.zeros(len(x), dtype=bool)
    in_test[test] = True
    train = rng.permutation(np.flatnonzero(~in_test))  # a sorted training set would bias batches
    test = rng.permutation(np.flatnonzero(in_test))
    return (x[train], y[train]), (x[test], y[test])


def standardise(train, *others):
    """Shift and scale every feature so that it has mean 0 and standard deviation 1 in `train`.

    The other arrays are treated with the mean and deviation of `train`: what is learnt from data is
    learnt from the training part alone. A constant feature becomes 0.

    Parameters
    ----------
    train : array_like, shape (n, ...)
    *others : array_like, shape (m, ...)
        For instance the test part; all axes but the first as in `train`.

    Returns
    -------
    ndarray or tuple of ndarray
        One array for each given, of the same shape and dtype.

    Raises
    ------
    ValueError
        If `train` is empty or holds NaN or infinity, or the shapes do not fit.
    """
    train = as_float(train, "train")
    if train.ndim == 0 or train.size == 0 or not np.all(np.isfinite(train)):
        raise ValueError(
            "`train` must hold at least one example and finite numbers only. "
            f"Received: shape={train.shape}, {np.count_nonzero(~np.isfinite(train))} not finite"
        )
    # In float64, since the mean of many float32 values would carry their rounding errors.
    mean = train.mean(axis=0, dtype=np.float64)
    deviation = train.std(axis=0, dtype=np.float64)
    constant = train.max(axis=0) == train.min(axis=0)
    deviation = np.where(constant, 1.0, deviation)
    mean = np.where(constant, train[0], mean)  # exactly 0 after the shift, whatever the rounding
    result = []
    for part in (train, *others):
        part = as_float(part, "others")
        if part.shape[1:] != train.shape[1:]:
            raise ValueError(
                f"`others` must have the shape of `train`, {train.shape}, but for the first axis. "
                f"Received: shape={part.shape}"
            )
        result.append(((part - mean) / deviation).astype(part.dtype))
    return tuple(result) if others else result[0]


def one_hot(labels, classes, dtype=np.float32):
    """Encode each label as a vector with a single 1, at the label's place.

    Parameters
    ----------
    labels : array_like of int, any shape
        Whole numbers from 0 to `classes` - 1.
    classes : int
    dtype : numpy dtype
        Zeros and ones are exact in every float type; the default forces no computation to float64.

    Returns
    -------
    ndarray, shape labels.shape + (classes,)

    Raises
    ------
    ValueError
        If a label is out of range or `classes` is not a positive integer.
    """
    classes = positive_int(classes, "classes")
    labels = as_labels(labels, classes, "labels")
    return (labels[..., np.newaxis] == np.arange(classes)).astype(dtype)


def batches(x, y, batch_size, rng=None):
    """Go once through the examples in mini-batches, in random order.

    Parameters
    ----------
    x, y : ndarray, shape (n, ...)
    batch_size : int
        Examples in a batch; the last batch holds what remains.
    rng : numpy.random.Generator, optional
        Draws the order. Without it the examples keep theirs.

    Returns
    -------
    iterator of (x_batch, y_batch)
        Each example comes exactly once.

    Raises
    ------
    ValueError
        If `x` and `y` differ in length or `batch_size` is not a positive integer; at the call, not
        at the first batch.
    """
    x, y = _same_length(x, y)
    batch_size = positive_int(batch_size, "batch_size")
    order = np.arange(len(x)) if rng is None else as_generator(rng).permutation(len(x))
    starts = range(0, len(x), batch_size)
    rows = (order[start : start + batch_size] for start in starts)
    return ((x[chosen], y[chosen]) for chosen in rows)


def as_generator(rng):
    """Return `rng`, or raise ValueError if it is not a ``numpy.random.Generator``."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(
            "`rng` must be a numpy.random.Generator, such as numpy.random.default_rng(0). "
            f"Received: rng={rng!r}"
        )
    return rng


def _same_length(x, y):
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise ValueError(
            f"`x` and `y` must hold the same number of examples. Received: x {x.shape}, y {y.shape}"
        )
    return x, y


def _test_count(n, test_size):
    """How many of `n` examples are tested, leaving at least one on either side."""
    if isinstance(test_size, (int, np.integer)):
        count = positive_int(test_size, "test_size")
    else:
        share = real_in(test_size, "test_size", 0, 1, open_low=True, open_high=True)
        count = round(n * share)
    if not 1 <= count < n:
        raise ValueError(
            f"`test_size` must leave at least one example in either part of {n}. "
            f"Received: test_size={test_size!r}"
        )
    return count


def _stratified_choice(y, n_test, rng):
    """Rows of `n_test` examples, each class taken in proportion to its size."""
    if y.ndim != 1:
        raise ValueError(f"`y` must have shape (n,) to stratify. Received: shape={y.shape}")
    classes, members = np.unique(y, return_counts=True)
    if members.min() < 2:
        lonely = classes[members.argmin()]
        raise ValueError(
            f"`y` must hold each class at least twice to stratify. Received: {lonely!s} once"
        )
    exact = members * (n_test / len(y))
    chosen = np.floor(exact).astype(np.int64)
    # The examples still missing go to the classes that were rounded down most.
    missing = n_test - chosen.sum()
    chosen[np.argsort(chosen - exact, kind="stable")[:missing]] += 1
    rows = [
        rng.choice(np.flatnonzero(y == label), count, replace=False)
        for label, count in zip(classes, chosen, strict=True)
    ]
    return np.concatenate(rows)
