"""Checks shared by every module: each names what was expected and what was received."""

from __future__ import annotations

import numpy as np


def as_float(x, name="x"):
    """Return `x` as an array of floats, keeping its dtype if it is one already.

    Parameters
    ----------
    x : array_like, any shape
        Numbers. Integers and booleans become float64, as NumPy's own functions do.
    name : str
        What the caller calls the value, for the error message.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If `x` is ragged, or holds anything but real numbers.
    """
    try:
        x = np.asarray(x)
    except ValueError as error:  # a ragged list
        raise ValueError(f"`{name}` must be a rectangular array of numbers. {error}") from None
    if x.dtype.kind == "f":
        return x
    if x.dtype.kind in "iub":
        return x.astype(np.float64)
    raise ValueError(f"`{name}` must hold real numbers. Received: dtype={x.dtype}")


def as_labels(y, classes, name="y_true"):
    """Return class labels as an integer array, each in [0, `classes`).

    Raises
    ------
    ValueError
        If a label is not a whole number or lies outside the range.
    """
    y = as_float(y, name)
    if not np.all(y == np.floor(y)):  # NaN and inf fail here or below
        raise ValueError(
            f"`{name}` must hold whole numbers. Received: {_first(y, y != np.floor(y))}"
        )
    outside = ~((y >= 0) & (y < classes))
    if np.any(outside):
        raise ValueError(
            f"`{name}` must hold labels from 0 to {classes - 1}. Received: {_first(y, outside):g}"
        )
    return y.astype(np.int64)


def positive_int(value, name):
    """Return `value` as int, or raise ValueError if it is not a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"`{name}` must be a positive integer. Received: {name}={value!r}")
    return int(value)


def real_in(value, name, low=-np.inf, high=np.inf, *, open_low=False, open_high=False):
    """Return `value` as float, or raise ValueError if it is no number in the given interval."""
    if isinstance(value, (bool, str)) or not np.isscalar(value) or not np.isreal(value):
        raise ValueError(f"`{name}` must be a real number. Received: {name}={value!r}")
    above = value > low if open_low else value >= low
    below = value < high if open_high else value <= high
    if not (above and below):
        interval = f"{'(' if open_low else '['}{low:g}, {high:g}{')' if open_high else ']'}"
        raise ValueError(f"`{name}` must lie in {interval}. Received: {name}={value!r}")
    return float(value)


def one_of(value, options, name):
    """Return `value`, or raise ValueError if it is not among `options`."""
    if value not in options:
        listed = ", ".join(repr(option) for option in options)
        raise ValueError(f"`{name}` must be one of {listed}. Received: {name}={value!r}")
    return value


def same_shape(a, b, name_a, name_b):
    """Raise ValueError unless the arrays `a` and `b` have the same shape."""
    if np.shape(a) != np.shape(b):
        raise ValueError(
            f"`{name_a}` and `{name_b}` must have the same shape. "
            f"Received: {name_a} {np.shape(a)}, {name_b} {np.shape(b)}"
        )


def lookup(identifier, registry, kind):
    """Return the entry of `registry` called `identifier`, or raise ValueError listing the names."""
    try:
        return registry[identifier]
    except (KeyError, TypeError):
        names = ", ".join(sorted(registry))
        raise ValueError(f"Unknown {kind}. Received: {identifier!r}. Known: {names}") from None


def _first(values, where):
    """First value that `where` marks, as a Python scalar."""
    return values[where].flat[0].item()
