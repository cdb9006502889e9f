"""An exception in a learner's function, told instead of dumped."""

from __future__ import annotations

import inspect
import linecache
import re

import numpy as np

__all__ = ["explain", "shown"]

LONGEST_LINE = 72  # that is quoted in full; a lambda may hold the whole answer


def explain(error, function, arguments):
    """Return what went wrong, on which line, with which arguments, and where to look.

    Parameters
    ----------
    error : Exception
        As it came out of ``function(*arguments)``.
    function : callable
    arguments : tuple
        As they were before the call.
    """
    where = _line(error, function)
    message = str(error).rstrip(".")
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    called = f"It was called with {shown(function, arguments)}."
    parts = f"Your function stops{where}. {text}.", _advice(error), called
    return " ".join(part for part in parts if part)


def shown(function, arguments):
    """Return arguments by their names, arrays by their shapes."""
    names = _names(function, len(arguments))
    return ", ".join(
        f"{name} {'' if isinstance(value, np.ndarray) else '= '}{_short(value)}"
        for name, value in zip(names, arguments, strict=True)
    )


def _line(error, function):
    """Return the last line of the learner's own code that the error passed."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    found, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file:
            found = step.tb_lineno
        step = step.tb_next
    if found is None:
        return ""
    line = linecache.getline(file, found).strip()
    first = function.__code__.co_firstlineno
    line = line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 3]}..."
    return f" in its line {found - first + 1}" + (f", `{line}`" if line else "")


def _advice(error):
    text = str(error)
    if isinstance(error, NameError):
        return "Is the name spelt right, and defined inside the function or above it?"
    if isinstance(error, SystemExit):
        return "A function that is asked for its result must not end the program: use `return`."
    if isinstance(error, AttributeError) and "'numpy.ndarray' object" in text:
        return (
            "Most of NumPy's functions are no methods of an array: write `np.tanh(z)`, not "
            "`z.tanh()`."
        )
    if isinstance(error, AssertionError):
        return "That is an assertion in your own function: what it expects is not so here."
    if isinstance(error, ImportError):
        return "Nothing but NumPy is needed."
    if isinstance(error, RecursionError):
        return "The function calls itself without an end."
    if isinstance(error, NotImplementedError):
        return "Write the body in place of that line."
    shapes = re.search(r"core dimension|not aligned|mismatch in its core", text)
    if isinstance(error, ValueError) and shapes:
        return (
            "In a product A @ B the last axis of A must be as long as the last but one of B: write "
            "both shapes down, and see which of them wants a transpose."
        )
    if isinstance(error, ValueError) and "broadcast" in text:
        return (
            "Two arrays that are added or multiplied entry by entry must have the same shape, or 1 "
            "in place of some lengths; `keepdims=True` keeps an axis that a sum takes away."
        )
    if isinstance(error, (IndexError, KeyError)):
        return "An index or a key is asked for that is not there: count from 0."
    if isinstance(error, TypeError) and "NoneType" in text:
        return "Something there is None: does a function you call return nothing?"
    return ""


def _names(function, count):
    try:
        names = list(inspect.signature(function).parameters)[:count]
    except (TypeError, ValueError):
        names = []
    return names + [f"argument {i + 1}" for i in range(len(names), count)]


def _short(value):
    """Return a value as text behind a name or a colon: arrays by their shapes."""
    if isinstance(value, np.ndarray):
        return f"of shape {value.shape}" if value.ndim else f"{value:.6g}"
    if isinstance(value, np.random.Generator):
        return "(a random generator)"
    if isinstance(value, (list, tuple)) and any(isinstance(v, np.ndarray) for v in value):
        return "(" + ", ".join(_short(v) for v in value) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_short(v)}" for k, v in value.items()) + "}"
    if callable(value):
        return "(a function)"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
