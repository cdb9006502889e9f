"""Where the sliders of a live player start; it needs no widgets."""

from __future__ import annotations

import inspect

from glassnet._validation import real_in

__all__ = ["starting_values"]


def starting_values(function, ranges):
    """Return the first value of every slider.

    Parameters
    ----------
    function : callable
    ranges : dict of str to tuple (low, high, step)

    Returns
    -------
    dict of str to number
        The default of the function's signature where it lies within the range, else the middle.

    Raises
    ------
    ValueError
        If a range is not three numbers in order, or the function has no such argument.
    """
    signature = inspect.signature(function).parameters
    takes_all = any(p.kind is p.VAR_KEYWORD for p in signature.values())
    start = {}
    for name, bounds in ranges.items():
        if name not in signature and not takes_all:
            known = ", ".join(signature)
            raise ValueError(f"`{function.__name__}` takes {known}. Received: {name!r}")
        if not isinstance(bounds, (tuple, list)) or len(bounds) != 3:
            raise ValueError(f"A range is (low, high, step). Received: {name}={bounds!r}")
        low, high, step = bounds
        real_in(high, name, low, open_low=True)
        real_in(step, name, 0, open_low=True)
        default = getattr(signature.get(name), "default", None)
        inside = isinstance(default, (int, float)) and low <= default <= high
        start[name] = default if inside else low + round((high - low) / 2 / step) * step
    return start
