"""What an exercise is: a reference, inputs to try it on, hints, and diagnosed wrong answers."""

from __future__ import annotations

import ast
import copy
import difflib
import importlib
import inspect
from typing import NamedTuple

import numpy as np

from glassnet.exercises import tasks

__all__ = ["Mistake", "Task", "all_tasks", "copied", "find", "task", "tasks_of"]

MOST_HINTS = 3
SPELT = {"lstm": "LSTM", "gru": "GRU", "pca": "PCA", "mmd": "MMD", "relu": "ReLU", "td": "TD"}
SPELT |= {"nadaraya": "Nadaraya", "watson": "Watson", "lloyd": "Lloyd"}
SPELT |= {"xor": "XOR", "auc": "AUC", "f1": "F1", "kl": "KL", "gelu": "GELU", "q": "Q"}
SPELT |= {"conv2d": "two-dimensional convolution", "elman": "Elman", "adam": "Adam", "he": "He"}
SPELT |= {"wilson": "Wilson", "jensen": "Jensen", "shannon": "Shannon", "ema": "EMA"}
SPELT |= {"nesterov": "Nesterov", "huber": "Huber", "sarsa": "Sarsa", "bellman": "Bellman"}
SEED = 2026  # of the inputs: every learner, on every machine, is asked the same


class Mistake(NamedTuple):
    """A wrong answer that somebody will give, and what to say to them."""

    diagnosis: str
    function: object


class Task:
    """One coding exercise; made by `task`, which says what the arguments mean.

    Attributes
    ----------
    name : str
        ``topic.function``.
    reference : callable
        The right answer. Its signature and docstring are what the learner is given.
    mistakes : list of Mistake
        In the order in which they are tried.
    """

    def __init__(self, name, reference, cases, about, hints, rtol, atol):
        self.name, self.reference, self._cases = name, reference, cases
        self.about, self.hints = about, tuple(hints)
        self.rtol, self.atol = rtol, atol
        self.mistakes = []
        if not 1 <= len(self.hints) <= MOST_HINTS:
            raise ValueError(
                f"A task has 1 to {MOST_HINTS} hints. Received: {len(self.hints)} for {name!r}"
            )

    def cases(self):
        """Return new tuples of arguments, the same at every call."""
        return [tuple(case) for case in self._cases(np.random.default_rng(SEED))]

    def mistake(self, diagnosis):
        """Return a decorator that adds a wrong answer, with what is to be said about it."""

        def add(function):
            self.mistakes.append(Mistake(diagnosis, function))
            return function

        return add

    @property
    def topic(self):
        """The part of the name before the point: a chapter."""
        return self.name.partition(".")[0]

    @property
    def title(self):
        """The part of the name behind the point, in words."""
        words = self.name.partition(".")[2].split("_")
        spelt = [SPELT.get(word, word) for word in words]
        return " ".join([spelt[0][:1].upper() + spelt[0][1:], *spelt[1:]])

    @property
    def stub(self):
        """The beginning of the function that is asked for: signature and docstring."""
        name = self.name.partition(".")[2]
        lines = inspect.cleandoc(self.reference.__doc__).splitlines()
        text = "\n".join(f"    {line}".rstrip() for line in lines)
        quoted = f'    """{text.strip()}'
        closing = '"""' if len(lines) == 1 else '\n    """'
        return f"def {name}{inspect.signature(self.reference)}:\n{quoted}{closing}\n"

    @property
    def solution(self):
        """The source of the reference under the name of the task, without its docstring."""
        source = inspect.getsource(self.reference)
        (function,) = ast.parse(source).body
        first = function.body[1].lineno - 1  # behind the docstring
        signature = f"def {self.name.partition('.')[2]}{inspect.signature(self.reference)}:"
        return "\n".join([signature, *source.splitlines()[first:]]) + "\n"


def task(name, cases, *, about, hints, rtol=1e-7, atol=1e-9):
    """Return a decorator that makes a `Task` of its reference.

    Parameters
    ----------
    name : str
        ``topic.function``; the topic is the module's name.
    cases : callable
        ``cases(rng)`` returns tuples of arguments, of different shapes, that tell every wrong
        answer from the right one.
    about : str
        What it is for and where the book derives it, in MyST.
    hints : sequence of str
        One to three, each saying more than the one before.
    rtol, atol : float
        How far an answer may be from the reference.
    """

    def make(reference):
        return Task(name, reference, cases, about, hints, rtol, atol)

    return make


def all_tasks():
    """Return every task by its name, in the order of the book."""
    return {name: one for topic in tasks.TOPICS for name, one in tasks_of(topic).items()}


def tasks_of(topic):
    """Return the tasks of a chapter by their names, in its order."""
    module = importlib.import_module(f"{tasks.__name__}.{topic}")
    return {one.name: one for one in vars(module).values() if isinstance(one, Task)}


def find(name):
    """Return the task called `name`, or raise ValueError naming those that look like it."""
    topic = str(name).partition(".")[0]
    found = tasks_of(topic) if topic in tasks.TOPICS else {}
    if name in found:
        return found[name]
    names = list(all_tasks())
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.4)
    told = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"Known: {', '.join(names)}"
    raise ValueError(f"There is no such exercise. Received: {name!r}. {told}")


def copied(arguments):
    """Return arguments that may be changed without harm: arrays and generators of their own."""
    return copy.deepcopy(arguments)
