"""Exercises that check themselves: try, and be told what is wrong and why.

``check("backprop.delta", my_function)`` compares a function with the reference on inputs of several
shapes. ``stub``, ``hint`` and ``solution`` take the same names; ``progress`` says what is done.
"""

from glassnet.exercises.checker import check, hint, hints, solution, stub
from glassnet.exercises.progress_file import progress
from glassnet.exercises.report import Report

__all__ = ["Report", "check", "hint", "hints", "progress", "solution", "stub"]
