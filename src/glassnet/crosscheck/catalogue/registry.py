"""The list of cases, and the list of what there is to be compared."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import glassnet

from ..report import Report

__all__ = ["CASES", "NOT_COMPARED", "Case", "case", "public_components", "run_all", "uncovered"]

NOT_COMPARED = {
    "callbacks": "they watch a training run and compute nothing",
    "crosscheck": "it is what compares",
    "data": "data are read or generated; Keras has no counterpart",
    "exercises": "they check what learners write; tests hold their references to these components",
    "explore": "it records and draws what the layers compute",
    "gradcheck": "it is a check itself",
    "plots": "drawings",
    "models.batches": "checks data and hands them out",
    "models.saving": "writes and reads files",
    "perceptron.PerceptronFit": "holds a result",
    "activations.get": "looks up a name",
    "constraints.get": "looks up a name",
    "initializers.get": "looks up a name",
    "losses.get": "looks up a name",
    "metrics.get": "looks up a name",
    "optimizers.get": "looks up a name",
    "regularizers.get": "looks up a name",
    "schedules.serialize": "writes a configuration",
    "schedules.deserialize": "reads a configuration",
}
"""Modules and names without a cross-check, and why."""


class Case(NamedTuple):
    """One comparison of the catalogue.

    Parameters
    ----------
    name : str
        Unique, the component first: ``"losses.Huber, delta=0.7"``.
    covers : tuple of str
        The public names it puts to the test, such as ``"losses.huber_gradient"``.
    compare : callable
        Takes a random generator, returns a `Report`.
    """

    name: str
    covers: tuple[str, ...]
    compare: Callable[[np.random.Generator], Report]

    def run(self):
        """Return the report of the case, from a generator whose seed is the name."""
        report = self.compare(np.random.default_rng(zlib.crc32(self.name.encode())))
        return Report(self.name, report.rows, report.note)


CASES: dict[str, Case] = {}


def case(name, *covers):
    """Decorate the comparison of a case, which puts it into the catalogue.

    Parameters
    ----------
    name : str
    *covers : str
        See `Case`.

    Raises
    ------
    ValueError
        If there is a case of this name already.
    """

    def register(compare):
        if name in CASES:
            raise ValueError(f"Case names must be unique. Received: {name!r} twice")
        CASES[name] = Case(name, covers, compare)
        return compare

    return register


def run_all(cases=None):
    """Run the cases, all of them if none are given, and return their reports.

    Parameters
    ----------
    cases : iterable of Case, optional

    Returns
    -------
    list of Report
        Whether or not they agree.
    """
    return [each.run() for each in (CASES.values() if cases is None else cases)]


def public_components():
    """Return every public class and function of the package by its name, such as ``layers.Dense``.

    Public is what ``__all__`` of a module lists, wherever below `glassnet` the module lies, unless
    the module, the package it is in, or the component itself is in `NOT_COMPARED`.

    Returns
    -------
    dict of str to object
    """
    components = {}
    for module in _modules():
        kind = module.__name__.split(".")[1]
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            is_component = inspect.isclass(value) or inspect.isroutine(value)
            if is_component and f"{kind}.{name}" not in NOT_COMPARED:
                components[f"{kind}.{name}"] = value
    return components


def uncovered():
    """Return the names of public components that no case covers, sorted; it should be empty."""
    covered = {name for each in CASES.values() for name in each.covers}
    return sorted(set(public_components()) - covered)


def _modules():
    """Import and return the public modules whose components are compared."""
    prefix = f"{glassnet.__name__}."
    pending = [(glassnet.__path__, prefix)]
    while pending:
        path, prefix_here = pending.pop()
        for found in pkgutil.iter_modules(path, prefix_here):
            short = found.name.removeprefix(prefix)
            if short in NOT_COMPARED or found.name.rpartition(".")[2].startswith("_"):
                continue
            module = importlib.import_module(found.name)
            yield module
            if found.ispkg:
                pending.append((module.__path__, f"{found.name}."))
