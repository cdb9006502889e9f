"""How an answer differs from the right one, in words."""

from __future__ import annotations

import itertools

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
    if isinstance(expected, tuple) or (isinstance(expected, list) and not _is_numbers(expected)):
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
    if isinstance(answer, np.ndarray) and answer.ndim == 1 and _is_numbers(expected):
        answer = tuple(answer)  # the numbers of a tuple may come as an array
    if not isinstance(answer, (tuple, list)):
        text = f"{_start(name)} must be {len(expected)} values. Yours is {_kind(answer)}"
        if isinstance(answer, np.ndarray) and answer.ndim and len(answer) == len(expected):
            return f"{text}: return them one by one, with commas between them, not stacked."
        return f"{text}."
    if len(answer) != len(expected):
        return f"{_start(name)} must be {len(expected)} values. Yours: {len(answer)}."
    if len(answer) == 2 and _swapped(answer, expected, rtol, atol):
        return f"{_start(name)} is right but for the order: the two values are swapped."
    return _first(
        difference(a, e, rtol, atol, _numbered(n))
        for n, (a, e) in enumerate(zip(answer, expected, strict=True), 1)
    )


def _numbered(number):
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    known = number <= len(words)
    return f"the {words[number - 1]} value" if known else f"value number {number}"


def _swapped(answer, expected, rtol, atol):
    """Return whether two values are right, each in the other's place."""
    pairs = zip(answer, reversed(expected), strict=True)
    straight = zip(answer, expected, strict=True)
    return all(agree(*pair, rtol, atol) for pair in pairs) and not all(
        agree(*pair, rtol, atol) for pair in straight
    )


def _array_difference(answer, expected, rtol, atol, name):
    if isinstance(answer, tuple) and not _is_numbers(answer):
        return f"{_start(name)} must be one array, on its own. Yours is {_kind(answer)}."
    try:
        got, right = np.asarray(answer), np.asarray(expected)
    except ValueError:  # a ragged list
        return f"{_start(name)} must be an array of numbers. Yours is {_kind(answer)}."
    if got.dtype.kind not in "biufc":
        return f"{_start(name)} must be numbers. Yours is {_kind(answer)}."
    if right.ndim == 0 and got.ndim == 0 and not np.isclose(got, right, rtol, atol, equal_nan=True):
        return f"{_start(name)} {_instead(got[()], right[()])}"
    if got.shape != right.shape:
        return _shape_difference(got, right, rtol, atol, name)
    if np.allclose(got, right, rtol=rtol, atol=atol, equal_nan=True):
        return None
    return _value_difference(got, right, rtol, atol, name)


def _shape_difference(got, right, rtol, atol, name):
    wanted = f"have the shape {right.shape}" if right.ndim else "be a single number"
    own = f"has the shape {got.shape}" if got.ndim else "is a single number: is something summed up"
    text = f"{_start(name)} must {wanted}. Yours {own}"
    if not got.ndim:
        return f"{text} that should not be?"
    if got.size == right.size and np.allclose(got.ravel(), right.ravel(), rtol, atol):
        return f"{text}: the numbers are right, the shape is not."
    if got.ndim > 1 and got.T.shape == right.shape:
        return f"{text}, the other way round: is there a transpose too many, or one missing?"
    if got.ndim == right.ndim + 1 or got.ndim == right.ndim - 1:
        more = "more" if got.ndim > right.ndim else "fewer"
        return f"{text}, one axis {more}: look at what you sum over, and at `keepdims`."
    more = _other_order(got, right, rtol, atol) or _other_length(got, right)
    return f"{text}{more}." if not more.endswith("?") else text + more


def _other_order(got, right, rtol, atol):
    """Return the end of a sentence about axes that stand in another order, or nothing."""
    if sorted(got.shape) != sorted(right.shape):
        return ""
    for axes in itertools.permutations(range(got.ndim)):
        turned = got.transpose(axes)
        if turned.shape == right.shape and np.allclose(turned, right, rtol, atol):
            return ": the numbers are right, but the axes stand in another order"
    return ": the same lengths in another order"


def _other_length(got, right):
    """Return the end of a sentence about one axis that is too long or too short, or nothing."""
    if got.ndim != right.ndim:
        return ""
    off = [axis for axis in range(got.ndim) if got.shape[axis] != right.shape[axis]]
    if len(off) != 1 or abs(got.shape[off[0]] - right.shape[off[0]]) != 1:
        return ""
    long = got.shape[off[0]] > right.shape[off[0]]
    return (
        f": axis {off[0]} is one too {'long' if long else 'short'}; does a loop or a slice begin "
        "or end one place off?"
    )


def _value_difference(got, right, rtol, atol, name):
    if np.isnan(got).any() and not np.isnan(right).any():
        return f"{_start(name)} holds NaN: look for 0/0, inf - inf, or a logarithm below 0."
    if np.isinf(got).any() and not np.isinf(right).any():
        return f"{_start(name)} holds an infinity: look for an overflow, a division by 0, or log 0."
    if np.allclose(got, -right, rtol, atol):
        return f"{_start(name)} has the right size and the wrong sign."
    if not (got != 0).any():  # not got.any(): NumPy 2.0 in a browser takes -0.0 for true
        return f"{_start(name)} is 0 in every entry: is what you compute ever written into it?"
    rounded = _decimals(got, right)
    if rounded is not None:
        return f"{_start(name)} is rounded to {rounded} decimals. Return it as it is computed."
    if got.dtype.itemsize < right.dtype.itemsize and np.allclose(got, right, 1e-3, 1e-3):
        return (
            f"{_start(name)} is right to the precision of {got.dtype}, and {right.dtype} is wanted:"
            " is there a conversion (`astype`, `dtype=`) that it does not need?"
        )
    factor = _common_factor(got, right)
    if factor is not None:
        return f"{_start(name)} is {factor:.6g} times what it should be, in every entry."
    if right.ndim == 2 and right.shape[0] == right.shape[1] and np.allclose(got.T, right):
        return f"{_start(name)} is the transpose of what it should be."
    wrong = ~np.isclose(got, right, rtol=rtol, atol=atol, equal_nan=True)
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    return (
        f"{_start(name)} has the right shape, but {wrong.sum()} of {wrong.size} entries are wrong, "
        f"the first at index {place}: it {_instead(got[place], right[place])}"
    )


def _instead(got, right):
    """Return the end of a sentence that sets two different numbers against each other."""
    if np.isclose(got, right, rtol=1e-4, atol=1e-4):
        return (
            f"is {got:.6g}, and differs by {abs(got - right):.1g} from what it should be: is a "
            "small number added somewhere, or something rounded?"
        )
    return f"is {got:.6g} instead of {right:.6g}."


def _decimals(got, right):
    """Return the number of decimals that right numbers have been rounded to, or None."""
    return next((n for n in range(1, 7) if np.array_equal(got, np.round(right, n))), None)


def _common_factor(got, right):
    """Return the number, clearly not 1, that `got` is too large by in every entry, or None."""
    there = np.abs(right) > 1e-12
    if there.sum() < 2 or not np.isfinite(got).all() or not np.allclose(got[~there], right[~there]):
        return None
    with np.errstate(all="ignore"):
        factors = got[there] / right[there]
    factor = factors[0]
    same = np.allclose(factors, factor, rtol=1e-6) and abs(factor) > 1e-12
    return factor if same and abs(factor - 1) > 1e-3 else None


def _is_numbers(values):
    """Return whether a list or tuple is a plain row of numbers."""
    return all(isinstance(value, (int, float, np.number)) for value in values)


def _kind(value):
    if isinstance(value, np.ndarray):
        text = " of text" if value.dtype.kind in "US" else ""
        return f"an array{text} of shape {value.shape}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of length {len(value)}"
    if callable(value):
        return "a function: are the brackets missing that call it?"
    if hasattr(value, "__next__"):
        return "a generator: put its values into a list"
    return "nothing (None)" if value is None else f"of type {type(value).__name__}"


def _first(sentences):
    return next((sentence for sentence in sentences if sentence), None)


def _start(name):
    return name[0].upper() + name[1:]
