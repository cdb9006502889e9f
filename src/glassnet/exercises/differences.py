"""How an answer differs from the right one, in words."""

from __future__ import annotations

import numpy as np

__all__ = ["agree", "difference"]


def agree(answer, expected, rtol, atol):
    """Return whether two results are of one kind and one shape, and their numbers close."""
    return difference(answer, expected, rtol, atol) is None


def difference(answer, expected, rtol, atol, name="the result"):
    """Return what is wrong with `answer` in a sentence or two, or None if nothing is.

    Parameters
    ----------
    answer : object
    expected : ndarray, number, str, None, or a tuple, list or dict of such
    rtol, atol : float
    name : str
        What to call it.
    """
    if isinstance(expected, dict):
        return _dict_difference(answer, expected, rtol, atol, name)
    if isinstance(expected, (tuple, list)) and not _is_numbers(expected):
        return _sequence_difference(answer, expected, rtol, atol, name)
    if isinstance(expected, (str, bool, type(None))):
        return None if answer == expected else f"{_start(name)} is {answer!r}, not {expected!r}."
    return _array_difference(answer, expected, rtol, atol, name)


def _dict_difference(answer, expected, rtol, atol, name):
    if not isinstance(answer, dict) or set(answer) != set(expected):
        keys = ", ".join(map(repr, expected))
        got = ", ".join(map(repr, answer)) if isinstance(answer, dict) else _kind(answer)
        return f"{_start(name)} must be a dict with the keys {keys}. Yours: {got}."
    parts = ((key, f"the entry {key!r}") for key in expected)
    return _first(difference(answer[k], expected[k], rtol, atol, label) for k, label in parts)


def _sequence_difference(answer, expected, rtol, atol, name):
    if not isinstance(answer, (tuple, list)):
        return f"{_start(name)} must be {len(expected)} values. Yours is {_kind(answer)}."
    if len(answer) != len(expected):
        return f"{_start(name)} must be {len(expected)} values. Yours: {len(answer)}."
    labelled = zip(answer, expected, _ORDINALS, strict=False)
    return _first(difference(a, e, rtol, atol, f"the {nth} value") for a, e, nth in labelled)


def _array_difference(answer, expected, rtol, atol, name):
    try:
        got, right = np.asarray(answer), np.asarray(expected)
    except ValueError:  # a ragged list
        return f"{_start(name)} must be an array of numbers. Yours is {_kind(answer)}."
    if got.dtype.kind not in "biufc":
        return f"{_start(name)} must be numbers. Yours is {_kind(answer)}."
    if got.shape != right.shape:
        return _shape_difference(got, right, rtol, atol, name)
    if np.allclose(got, right, rtol=rtol, atol=atol, equal_nan=True):
        return None
    return _value_difference(got, right, rtol, atol, name)


def _shape_difference(got, right, rtol, atol, name):
    text = f"{_start(name)} must have the shape {right.shape}. Yours has {got.shape}"
    if got.size == right.size and np.allclose(got.ravel(), right.ravel(), rtol, atol):
        return f"{text}: the numbers are right, the shape is not."
    if got.ndim > 1 and got.T.shape == right.shape:
        return f"{text}, the other way round: is there a transpose too many, or one missing?"
    if got.ndim == right.ndim + 1 or got.ndim == right.ndim - 1:
        more = "more" if got.ndim > right.ndim else "fewer"
        return f"{text}, one axis {more}: look at what you sum over, and at `keepdims`."
    return f"{text}."


def _value_difference(got, right, rtol, atol, name):
    if np.isnan(got).any() and not np.isnan(right).any():
        return f"{_start(name)} holds NaN: look for 0/0, inf - inf, or a logarithm below 0."
    if np.isinf(got).any() and not np.isinf(right).any():
        return f"{_start(name)} holds an infinity: look for an overflow, or a division by 0."
    if np.allclose(got, -right, rtol, atol):
        return f"{_start(name)} has the right size and the wrong sign."
    factor = _common_factor(got, right)
    if factor is not None:
        return f"{_start(name)} is {factor:.6g} times what it should be, in every entry."
    if right.ndim == 2 and right.shape[0] == right.shape[1] and np.allclose(got.T, right):
        return f"{_start(name)} is the transpose of what it should be."
    wrong = ~np.isclose(got, right, rtol=rtol, atol=atol, equal_nan=True)
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = f" at index {place}:" if place else ""
    how_many = f"{wrong.sum()} of {wrong.size} entries are wrong, the first" if place else "it is"
    return (
        f"{_start(name)} has the right shape, but {how_many}{where} {got[place]:.6g} instead of "
        f"{right[place]:.6g}."
    )


def _common_factor(got, right):
    """Return the number that `got` is too large by in every entry, or None."""
    there = np.abs(right) > 1e-12
    if there.sum() < 2 or not np.allclose(got[~there], right[~there]):
        return None
    factors = got[there] / right[there]
    return factors[0] if np.allclose(factors, factors[0]) and abs(factors[0]) > 1e-12 else None


def _is_numbers(values):
    """Return whether a list or tuple is a plain row of numbers."""
    return all(isinstance(value, (int, float, np.number)) for value in values)


def _kind(value):
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return "nothing (None)" if value is None else f"of type {type(value).__name__}"


def _first(sentences):
    return next((sentence for sentence in sentences if sentence), None)


def _start(name):
    return name[0].upper() + name[1:]


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
