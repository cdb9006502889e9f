"""What the tests of the chapters' exercises share."""

from __future__ import annotations

from glassnet.exercises.task import find


def each_case(name):
    """Return the cases of a task, such as ``"rnn.elman_step"``, and its reference's answers."""
    task = find(name)
    return [(case, task.reference(*case)) for case in task.cases()]
