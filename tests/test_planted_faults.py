"""The checks are put to the test: each of these faults, planted in the code, must be noticed."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import types
from pathlib import Path

import gradient_checks
import numpy as np
import pytest
from planted_faults import FAULTS
from recorded_keras import keras_once

import glassnet
from glassnet.crosscheck import CrosscheckError, catalogue
from glassnet.gradcheck import GradientError
from glassnet.layers import Dropout

PACKAGE = Path(glassnet.__file__).parent
PLAIN = (int, float, str, tuple, type(None))


class OutOfDate(Exception):
    """The text to be replaced is no longer there, or there more than once."""


def keep_rate():
    """Dropout keeps the share 1 - rate; 0.01 is seven standard errors."""
    layer = Dropout(0.3)
    layer.build((None, 100), np.random.default_rng(0))
    layer.forward(np.ones((1000, 100), np.float32), training=True)
    if abs(layer.mask.mean() - 0.7) > 0.01:
        raise GradientError(f"kept {layer.mask.mean()}")


def run(check, faulty=False):
    """Run a check by its name; it raises if it finds something."""
    kind, _, name = check.partition(": ")
    if kind == "statistics":
        keep_rate()
    elif kind == "gradient":
        gradient_checks.run(name)
    else:
        with keras_once(faulty=faulty):
            catalogue.CASES[name].run().require()


@functools.cache
def run_without_fault(check):
    """Run a check once; if it raises, that proves nothing about a fault."""
    run(check)


def functions(module):
    """Every function the module defines, by its qualified name, without decorations."""
    found = {}
    for holder in (module, *(v for v in vars(module).values() if inspect.isclass(v))):
        if getattr(holder, "__module__", module.__name__) != module.__name__:
            continue
        for value in list(vars(holder).values()):
            value = value.fget if isinstance(value, property) else value
            value = getattr(value, "__func__", value)  # of a static or class method
            if callable(value):
                value = inspect.unwrap(value)
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                found[value.__qualname__] = value
    return found


def constants(module):
    """Every plain constant of the module and of its classes, by holder and name."""
    holders = {"": module} | {
        name: value
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    }
    return {
        (holder, name): value
        for holder, owner in holders.items()
        for name, value in vars(owner).items()
        if isinstance(value, PLAIN) and not name.startswith("__")
    }


@contextlib.contextmanager
def planted(file, old, new):
    """Put the fault into the module that is in use, so that whoever imported from it has it too.

    The changed source is compiled to a module of its own; its code then goes into the functions
    that everybody holds, whose identity stays.
    """
    path = PACKAGE / file
    source = path.read_text(encoding="utf-8")
    if source.count(old) != 1:
        raise OutOfDate(f"{file}: {source.count(old)} times {old!r}")
    name = f"glassnet.{file.removesuffix('.py').replace('/', '.')}"
    module = importlib.import_module(name)
    mutant = types.ModuleType(name)
    mutant.__file__, mutant.__package__ = str(path), name.rpartition(".")[0]
    exec(compile(source.replace(old, new), str(path), "exec"), vars(mutant))

    before, restore = functions(module), []
    for qualified, changed in functions(mutant).items():
        original = before[qualified]
        restore.append((original, original.__code__, original.__defaults__))
        original.__code__, original.__defaults__ = changed.__code__, changed.__defaults__
    old_constants = constants(module)
    holders = {"": module} | {n: v for n, v in vars(module).items() if inspect.isclass(v)}
    for (holder, constant), value in constants(mutant).items():
        setattr(holders[holder], constant, value)
    try:
        yield
    finally:
        for original, code, defaults in restore:
            original.__code__, original.__defaults__ = code, defaults
        for (holder, constant), value in old_constants.items():
            setattr(holders[holder], constant, value)


def label(fault):
    return f"{fault.file}: {' '.join(fault.old.split())} -> {' '.join(fault.new.split())}"


@pytest.mark.parametrize("fault", FAULTS, ids=label)
def test_a_planted_fault_is_noticed(fault):
    run_without_fault(fault.check)
    with (
        planted(fault.file, fault.old, fault.new),
        pytest.raises((GradientError, CrosscheckError)),
    ):
        run(fault.check, faulty=True)


@pytest.mark.parametrize("check", sorted({fault.check for fault in FAULTS}))
def test_the_check_passes_without_the_fault(check):
    run_without_fault(check)


def test_there_are_enough_faults_everywhere():
    assert len(FAULTS) >= 45
    assert len(set(FAULTS)) == len(FAULTS)
    touched = {fault.file.partition("/")[0].removesuffix(".py") for fault in FAULTS}
    assert touched >= {
        "activations",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "models",
        "optimizers",
        "schedules",
    }


def test_an_outdated_fault_is_reported():
    with pytest.raises(OutOfDate, match="0 times"), planted("schedules.py", "no such text", ""):
        pass


def test_an_ambiguous_fault_is_reported():
    with pytest.raises(OutOfDate, match=r"schedules\.py"), planted("schedules.py", "return ", ""):
        pass


def test_a_change_without_effect_is_not_noticed():
    """Else the checks might fail because of the planting, not because of the fault."""
    fault = next(fault for fault in FAULTS if fault.file == "layers/core.py")
    with planted(fault.file, fault.old, fault.old):
        run(fault.check, faulty=True)


def test_a_fault_is_seen_through_every_import_and_gone_afterwards():
    from glassnet.losses.crossentropy import sigmoid  # imported by name

    x = np.array([0.3])
    right = sigmoid(x)
    with planted("activations/saturating.py", "np.where(x < 0, e, 1)", "np.where(x < 0, 1, e)"):
        assert sigmoid(x) != right
    assert sigmoid(x) == right
