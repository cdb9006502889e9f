"""Which components of the package are called within a block, at next to no cost.

A profile hook in Python would be called for every call and return of NumPy and TensorFlow as well,
which takes more time than what it watches.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterable, Iterator

import glassnet


class Calls:
    """What was called: functions, and the classes of which an object ran one of its methods."""

    def __init__(self) -> None:
        self.functions: set[types.FunctionType] = set()
        self.classes: set[type] = set()

    def uses(self, component: object) -> bool:
        """Whether a function was called, or a method of an object of a class or a subclass."""
        if inspect.isclass(component):
            return any(issubclass(cls, component) for cls in self.classes)
        return inspect.unwrap(component) in self.functions


@contextlib.contextmanager
def watched(functions: Iterable[types.FunctionType]) -> Iterator[Calls]:
    """Note which of the functions are called, and of which of the package's classes methods are."""
    calls = Calls()
    with contextlib.ExitStack() as stack:
        for function in {inspect.unwrap(function) for function in functions}:
            stack.callback(_await_call(function, calls))
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
        yield calls


def _await_call(function: types.FunctionType, calls: Calls) -> types.FunctionType:
    """Let a function note its first call, by whatever name, and then be as before.

    Returns what makes it as before. Everybody holds the same function object, so its code changes.
    """
    if function.__closure__:
        raise ValueError(f"{function.__qualname__} is a closure, whose code cannot be changed")
    names = "__code__", "__defaults__", "__kwdefaults__"
    kept = {name: getattr(function, name) for name in names}
    key = f"first call of {function.__qualname__}"

    def as_before() -> None:
        if function.__globals__.pop(key, None):
            for name, value in kept.items():
                setattr(function, name, value)
            del function.__signature__

    def first(*args: object, **kwargs: object) -> object:
        as_before()
        calls.functions.add(function)
        return function(*args, **kwargs)

    function.__signature__ = inspect.signature(function)  # somebody may ask before the first call
    function.__globals__[key] = first
    function.__code__ = eval(f"lambda *a, **k: globals()[{key!r}](*a, **k)").__code__
    function.__defaults__ = function.__kwdefaults__ = None
    return as_before


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
