"""Replace what a claim is about by a wrong version, and see whether the claim's cell notices.

A fact check is run in this process, cell after cell, without a kernel. Before a cell with the
metadata `claim` is run as it stands, it is run once for each of its wrong components, on a copy of
the variables, and must fail each time. The tables `claims_about_*.py` say which.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib
import inspect
import io
import json
import linecache
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ATOMIC = ("keras", "tensorflow", "matplotlib")  # what cannot be copied, or need not be
LIBRARIES = ("keras", "numpy", "scipy", "sklearn")  # other names are the package's


class Wrong(NamedTuple):
    """A component and its wrong version.

    `component` is a dotted name (a function or a method, of the package unless it begins with the
    name of a library), or the name of something that the notebook has defined before. `make` is
    given the right one and returns the wrong one.
    With `rerun` n the n code cells before the claim's are run again as well, since the component
    has done its work there. A wrong component must make an assertion fail; `raises` names another
    exception where it is the exception that tells the reader.
    """

    component: str
    make: Callable[[Any], Any]
    rerun: int = 0
    raises: type[Exception] = AssertionError


class Datum(NamedTuple):
    """A literal of the cell, outside its assertions, and a wrong one in its place.

    For claims about arithmetic and data: `old` must stand exactly once in the cell.
    """

    old: str
    new: str
    rerun: int = 0
    raises: type[Exception] = AssertionError

    @property
    def component(self) -> str:
        return f"{self.old!r} (now {self.new!r})"


class Outcome(NamedTuple):
    """What became of one claim's cell."""

    cell: int
    right: str  # why the cell fails as it stands; empty if it passes
    survivors: list[str]  # wrong components that it has not noticed
    tried: int


# putting them in place


def _find(name: str) -> tuple[Any, str]:
    """The object that holds a dotted name, and the last part of the name."""
    parts = name.split(".")
    if parts[0] not in LIBRARIES:
        parts = ["glassnet", *parts]
    for length in range(len(parts) - 1, 0, -1):
        try:
            holder = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:-1]:
            holder = getattr(holder, part)
        return holder, parts[-1]
    raise LookupError(f"there is no {name}")


def _other_code(function: types.FunctionType, make: Callable) -> Callable[[], None]:
    """Let a function itself compute what the wrong one does, wherever it has been imported to.

    Returns what undoes it.
    """
    function = inspect.unwrap(function)
    if function.__closure__:
        raise LookupError(f"{function.__qualname__} is a closure: replace what it is made by")
    kept = function.__code__, function.__defaults__, function.__kwdefaults__, function.__globals__
    right = types.FunctionType(kept[0], kept[3], function.__name__, kept[1])
    right.__kwdefaults__ = kept[2]
    key = f"wrong version of {function.__qualname__}"
    kept[3][key] = make(right)
    source = f"lambda *args, **kwargs: globals()[{key!r}](*args, **kwargs)"
    function.__code__ = eval(source).__code__
    function.__defaults__ = function.__kwdefaults__ = None

    def undo() -> None:
        function.__code__, function.__defaults__, function.__kwdefaults__ = kept[:3]
        del kept[3][key]

    return undo


@contextlib.contextmanager
def in_place(wrong: Wrong, variables: dict[str, Any]) -> Iterator[None]:
    """Put a wrong component in the place of the right one, in the book and in the package."""
    if "." not in wrong.component:
        variables[wrong.component] = wrong.make(variables[wrong.component])
        yield
        return
    holder, name = _find(wrong.component)
    right = getattr(holder, name)
    if isinstance(holder, types.ModuleType) and isinstance(right, types.FunctionType):
        undo = _other_code(right, wrong.make)
    elif isinstance(holder, type):
        own = name in vars(holder)
        kept = vars(holder).get(name)
        setattr(holder, name, wrong.make(right))

        def undo() -> None:
            setattr(holder, name, kept) if own else delattr(holder, name)

    else:  # a constant of a module, or a class
        setattr(holder, name, wrong.make(right))

        def undo() -> None:
            setattr(holder, name, right)

    try:
        yield
    finally:
        undo()


def with_datum(source: str, datum: Datum) -> str:
    """The cell with a wrong literal, which must stand once in it, and in no assertion."""
    if source.count(datum.old) != 1:
        raise LookupError(f"{datum.old!r} stands {source.count(datum.old)} times in the cell")
    line = source[: source.index(datum.old)].count("\n") + 1
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert) and node.lineno <= line <= node.end_lineno:
            raise LookupError(f"{datum.old!r} stands in an assertion: that proves nothing")
    return source.replace(datum.old, datum.new)


# running the cells


def _foreign(value: Any) -> bool:
    return type(value).__module__.split(".")[0] in ATOMIC


def _parts(value: Any) -> list[Any]:
    """A value, and what stands in it directly."""
    if isinstance(value, dict):
        return [value, *value.values()]
    return [value, *value] if isinstance(value, list | tuple) else [value]


def _copied(variables: dict[str, Any]) -> dict[str, Any]:
    """A copy of the variables, arrays, models and generators among them; not of functions."""
    memo = {id(part): part for value in variables.values() for part in _parts(value)}
    memo = {key: v for key, v in memo.items() if _foreign(v) or isinstance(v, types.ModuleType)}
    result = {}
    for name, value in variables.items():
        try:
            result[name] = copy.deepcopy(value, memo)
        except (TypeError, ValueError, AttributeError, RuntimeError):
            result[name] = value
    return result


@contextlib.contextmanager
def rehearsal(variables: dict[str, Any]) -> Iterator[None]:
    """Whatever happens to the variables inside has not happened afterwards.

    The dictionary stays the same one, since the notebook's functions look their globals up in it.
    """
    kept = dict(variables)
    weights = [
        (value, value.get_weights())
        for held in kept.values()
        for value in _parts(held)
        if _foreign(value) and not isinstance(value, type) and hasattr(value, "get_weights")
    ]
    variables.update(_copied(kept))
    try:
        yield
    finally:
        variables.clear()
        variables.update(kept)
        for holder, values in weights:
            if values:  # else it had not been built: whoever builds it draws anew
                holder.set_weights(values)


def run(source: str, name: str, variables: dict[str, Any]) -> None:
    """Run a cell as a notebook would, but without showing anything."""
    import matplotlib.pyplot as plt

    lines = source.splitlines(keepends=True)
    linecache.cache[name] = (len(source), None, lines, name)  # for tracebacks and TensorFlow
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(source, name, "exec"), variables)
        finally:
            plt.close("all")


def unnoticed(
    wrong: Wrong | Datum, sources: list[str], index: int, name: str, variables: dict[str, Any]
) -> str:
    """What a cell has not noticed: a wrong component, or one that only crashes; or nothing."""
    first = index - wrong.rerun
    with rehearsal(variables):
        place = contextlib.nullcontext()
        cells = sources[first : index + 1]
        if isinstance(wrong, Datum):
            cells[0] = with_datum(cells[0], wrong)
        else:
            place = in_place(wrong, variables)
        with place:
            try:
                for source in cells:
                    run(source, name, variables)
            except wrong.raises:
                return ""
            except Exception as error:  # proves nothing about the assertions
                return f"{wrong.component}, which only crashes with {error!r}"
    return wrong.component


def code_cells(path: Path) -> list[tuple[str, str | None]]:
    """Source and claim of each code cell."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        ("".join(cell["source"]), cell["metadata"].get("claim"))
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def examine(
    cells: list[tuple[str, str | None]], components: dict[str, list], name: str = "notebook"
) -> dict[str, list[Outcome]]:
    """Run all cells, and those of claims with their wrong components too.

    `components` has for each claim a list of lists: for each of its cells what to replace.
    """
    variables: dict[str, Any] = {"__name__": "__main__"}
    sources = [source for source, _ in cells]
    outcomes: dict[str, list[Outcome]] = {}
    for index, (source, claim) in enumerate(cells):
        survivors, right, tried = [], "", []
        if claim:
            position = len(outcomes.setdefault(claim, []))
            tried = components.get(claim, [])[position : position + 1]
            tried = tried[0] if tried else []
            found = [
                unnoticed(w, sources, index, f"{name}, cell {index}", variables) for w in tried
            ]
            survivors = [component for component in found if component]
        try:
            run(source, f"{name}, cell {index}", variables)
        except Exception as failure:
            line = failure.__traceback__.tb_next.tb_next.tb_lineno
            right = f"{failure!r} from line {line}"
        if claim:
            outcomes[claim].append(Outcome(index, right, survivors, len(tried)))
    return outcomes


def examine_notebook(path: Path, components: dict[str, list]) -> dict[str, list[Outcome]]:
    """Examine a fact check, and leave Keras and matplotlib as if nothing had been."""
    import keras
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("agg")
    floats = keras.config.floatx()
    try:
        keras.utils.clear_session(free_memory=False)  # the policy for floats is part of it
        with plt.rc_context(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return examine(code_cells(path), components, path.parent.name)
    finally:
        keras.utils.clear_session(free_memory=False)
        keras.config.set_floatx(floats)
