"""A time limit for a function that somebody else wrote, on any platform, the browser included."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager

__all__ = ["OutOfTime", "time_limit"]

_OURS = {"glassnet", "numpy"}


class OutOfTime(BaseException):
    """The limit is over; not an `Exception`, so that ``except Exception`` lets it go."""


@contextmanager
def time_limit(seconds):
    """Raise `OutOfTime` in the code inside as soon as it has run for `seconds`.

    Every instruction of it looks at the clock, by `sys.settrace`: there are neither signals nor
    threads in a browser. What runs inside NumPy is not interrupted, and not slowed down either.

    Parameters
    ----------
    seconds : float
    """
    end = time.perf_counter() + seconds

    def on_step(frame, event, argument):
        if time.perf_counter() > end:
            raise OutOfTime(frame.f_lineno)
        return on_step

    def on_call(frame, event, argument):
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package in _OURS:
            return None
        frame.f_trace_opcodes = True  # `while True: pass` is a single line that never ends
        return on_step

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        yield
    finally:
        sys.settrace(before)
