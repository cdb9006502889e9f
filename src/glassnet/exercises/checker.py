"""Compare a learner's function with the reference, and say what is wrong and why."""

from __future__ import annotations

import dis
import inspect

import numpy as np

from glassnet.exercises import progress_file
from glassnet.exercises.differences import agree, difference
from glassnet.exercises.explaining import explain, shown
from glassnet.exercises.report import Report
from glassnet.exercises.task import copied, find
from glassnet.exercises.watching import OutOfTime, time_limit

__all__ = ["SECONDS", "check", "hint", "hints", "solution", "stub"]

SECONDS = 10.0  # for all cases of one check


def check(name, function):
    """Try a function on the inputs of an exercise, and compare it with the reference.

    Parameters
    ----------
    name : str
        Of the exercise, such as ``"backprop.delta"``.
    function : callable
        Your answer; the function itself, not what it returns.

    Returns
    -------
    Report
        True if everything agrees; shows what was found, in words.

    Raises
    ------
    ValueError
        If there is no exercise of that name. Nothing that `function` does raises.
    """
    task = find(name)
    problem = _unfit(task, function) or _first_problem(task, function)
    if problem is None:
        progress_file.record(task.name)
        return Report(task.name, True, f"Right, on all {len(task.cases())} inputs.")
    return Report(task.name, False, problem)


def stub(name):
    """Return the beginning of the function that an exercise asks for.

    Parameters
    ----------
    name : str

    Returns
    -------
    Report
        With signature and docstring as its `code`.
    """
    return Report(name, None, "Write this function.", code=find(name).stub)


def hint(name):
    """Return the next hint of an exercise; after the last one they start again.

    Parameters
    ----------
    name : str

    Returns
    -------
    Report
    """
    texts = find(name).hints
    number = progress_file.next_hint(name, len(texts))
    return Report(name, None, f"Hint {number + 1} of {len(texts)}: {texts[number]}")


def hints(name):
    """Return all hints of an exercise.

    Parameters
    ----------
    name : str

    Returns
    -------
    Report
    """
    texts = find(name).hints
    told = [f"Hint {number} of {len(texts)}: {text}" for number, text in enumerate(texts, 1)]
    return Report(name, None, "\n".join(told))


def solution(name):
    """Return one way to write the function that an exercise asks for.

    Parameters
    ----------
    name : str

    Returns
    -------
    Report
        With the source as its `code`.
    """
    return Report(name, None, "One way to write it:", code=find(name).solution)


def _unfit(task, function):
    """Return why `function` cannot be tried at all, or None."""
    own_name = task.name.partition(".")[2]
    if not callable(function):
        return (
            f"`check` needs the function itself: check({task.name!r}, {own_name}), without "
            f"brackets behind {own_name}. It was given something of type {type(function).__name__}."
        )
    if _is_empty(function):
        return f"Nothing is written yet: put the body in place of the dots in {own_name}."
    arguments = task.cases()[0]
    try:
        signature = inspect.signature(function)
        signature.bind(*arguments)
    except TypeError:
        wanted = ", ".join(list(inspect.signature(task.reference).parameters)[: len(arguments)])
        return f"Your function takes {signature}. The exercise calls it with ({wanted})."
    except ValueError:  # a function of C, without a signature
        return None
    return None


def _is_empty(function):
    """Return whether the body of a function is only a docstring, dots or ``pass``."""
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    work = {one.opname for one in dis.get_instructions(code)} - {"RESUME", "NOP"}
    returned = [one.argval for one in dis.get_instructions(code) if "CONST" in one.opname]
    return work <= {"LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"} and set(returned) <= {None}


def _first_problem(task, function):
    """Return what is wrong on the first input where something is, or None."""
    outcomes, problem = [], None
    try:
        with time_limit(SECONDS):
            for arguments in task.cases():
                outcomes.append(outcome(function, arguments))
    except OutOfTime as late:
        return (
            f"Your function had not finished after {SECONDS:g} seconds; it was in line {late} of "
            "its file. Does the condition of a loop ever become false? Or does a loop go through "
            "single numbers, where NumPy would take whole arrays at once?"
        )
    for arguments, (result, error, changed) in zip(task.cases(), outcomes, strict=True):
        problem = problem or _problem(task, function, arguments, result, error, changed)
    return problem and (diagnosis(task, outcomes) or problem)


def outcome(function, arguments):
    """Return the result of a function, its error, and which arguments it changed.

    Only one of result and error is not None, unless the function returns None.
    """
    given, kept = copied(arguments), copied(arguments)
    try:
        with np.errstate(all="ignore"):  # an overflow shows in the result
            result = function(*given)
    except (Exception, SystemExit) as error:
        return None, error, []
    changed = [
        number
        for number, (now, before) in enumerate(zip(given, kept, strict=True))
        if _changed(now, before)
    ]
    return result, None, changed


def _changed(now, before):
    """Return whether an array, or one in a list, tuple or dict, is not what it was."""
    if isinstance(before, np.ndarray):
        return not agree(now, before, 0, 0)
    if isinstance(before, dict):
        return any(_changed(now.get(key), value) for key, value in before.items())
    if isinstance(before, (list, tuple)):
        return len(now) != len(before) or any(map(_changed, now, before))
    return False


def diagnosis(task, outcomes):
    """Return what is to be said about the known mistake that gives the same outcomes, or None."""
    for mistake in task.mistakes:
        theirs = [outcome(mistake.function, arguments) for arguments in task.cases()]
        if all(_same(a, b, task) for a, b in zip(outcomes, theirs, strict=True)):
            return mistake.diagnosis
    return None


def _same(one, other, task):
    """Return whether two outcomes are alike: results that agree, or errors of one kind."""
    if one[1] is not None or other[1] is not None:
        return type(one[1]) is type(other[1])
    return one[2] == other[2] and agree(one[0], other[0], task.rtol, task.atol)


def _problem(task, function, arguments, result, error, changed):
    if error is not None:
        return explain(error, function, arguments)
    expected, _, allowed = outcome(task.reference, arguments)
    if result is None and expected is not None:
        return (
            "Your function returns nothing (None): is the last line without `return`? What "
            "`print` shows is not returned."
        )
    told = difference(result, expected, task.rtol, task.atol)
    surplus = [number for number in changed if number not in allowed]
    advice = ""
    if surplus:
        name = list(inspect.signature(task.reference).parameters)[surplus[0]]
        advice = (
            f"our function has changed its argument `{name}`, which the caller still needs. Write "
            "`a = a + b` instead of `a += b`, or copy it first."
        )
    if told is not None:
        also = f" Also, y{advice}" if advice else ""
        return f"{told} The input was {shown(task.reference, arguments)}.{also}"
    return f"The result is right, but y{advice}" if advice else None
