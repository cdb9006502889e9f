"""Lets NumPy take 64-bit integers where, in a browser, it asks for the 32 bits of its addresses.

Labels and random integers are int64 on every platform. WebAssembly's pointers have 32 bits, so
there ``np.bincount(labels)`` is refused as an unsafe cast. The cast is made here, after a check
that no value is lost.
"""

from __future__ import annotations

import functools

import numpy as np

__all__ = ["install"]

_PLACES = {"bincount": 0, "choose": 0, "put": 1, "repeat": 1, "take": 1}  # of the argument
_NAMES = {"bincount": "x", "choose": "a", "put": "ind", "repeat": "repeats", "take": "indices"}


def narrowed(value):
    """Return integers as NumPy's own type of addresses; anything else as it is."""
    given = np.asarray(value)
    if given.dtype.kind not in "iu" or np.can_cast(given.dtype, np.intp, "safe"):
        return value
    narrow = given.astype(np.intp)
    return narrow if np.array_equal(narrow, given) else value


def install():
    """Wrap the functions that need it; where pointers have 64 bits, nothing is done."""
    if np.can_cast(np.int64, np.intp, "safe"):
        return
    for name, place in _PLACES.items():
        function = getattr(np, name)
        if not hasattr(function, "__wrapped_by_narrow_ints__"):
            setattr(np, name, _wrapper(function, place, _NAMES[name]))


def _wrapper(function, place, keyword):
    @functools.wraps(function)
    def wrapper(*arguments, **options):
        if len(arguments) > place:
            arguments = list(arguments)
            arguments[place] = narrowed(arguments[place])
        elif keyword in options:
            options[keyword] = narrowed(options[keyword])
        return function(*arguments, **options)

    wrapper.__wrapped_by_narrow_ints__ = True
    return wrapper
