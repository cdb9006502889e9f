"""Which components of the package are called within a block, at little cost.

Functions are noted by the profiler in C: a profile hook in Python would be called for every call
and return of NumPy and TensorFlow as well, which takes more time than what it watches. Of classes
it must be known which object ran a method that may be a parent's; so their methods note it.
"""

from __future__ import annotations

import contextlib
import cProfile
import functools
import importlib
import inspect
import pkgutil
import types
from collections.abc import Callable, Iterator

import glassnet


class Calls:
    """What was called: functions, and the classes of which an object ran one of its methods."""

    def __init__(self) -> None:
        self.codes: set[types.CodeType] = set()
        self.classes: set[type] = set()

    def uses(self, component: type | Callable) -> bool:
        """Whether a function was called, or a method of an object of a class or a subclass."""
        if inspect.isclass(component):
            return any(issubclass(cls, component) for cls in self.classes)
        return inspect.unwrap(component).__code__ in self.codes


@contextlib.contextmanager
def watched() -> Iterator[Calls]:
    """Note which functions are called, and of which of the package's classes methods are.

    The functions are known when the block has ended.
    """
    calls = Calls()
    with contextlib.ExitStack() as stack:
        for cls in _classes():
            for name, method in list(vars(cls).items()):
                if isinstance(method, property):
                    changed = property(_noting(method.fget, calls.classes), method.fset)
                elif isinstance(method, types.FunctionType):
                    changed = _noting(method, calls.classes)
                else:
                    continue
                setattr(cls, name, changed)
                stack.callback(setattr, cls, name, method)
        with cProfile.Profile(subcalls=False, builtins=False) as profile:
            yield calls
        calls.codes |= {entry.code for entry in profile.getstats()}


def _noting(method: types.FunctionType, classes: set[type]) -> types.FunctionType:
    @functools.wraps(method)
    def noting(self: object, *args: object, **kwargs: object) -> object:
        classes.add(type(self))
        return method(self, *args, **kwargs)

    return noting


def _classes() -> set[type]:
    """Every class that a module of the package defines, but not what compares with Keras."""
    found = set()
    prefix = f"{glassnet.__name__}."
    for info in pkgutil.walk_packages(glassnet.__path__, prefix):
        if info.name.startswith((f"{prefix}crosscheck", f"{prefix}explore", f"{prefix}exercises")):
            continue
        module = importlib.import_module(info.name)
        found |= {
            value
            for value in vars(module).values()
            if inspect.isclass(value) and value.__module__ == info.name
        }
    return found
