"""What a page's cells need that a browser has not: found in their sources, without running them.

Statements are followed in their order. One that imports TensorFlow or Keras, or starts processes,
needs them; so does one that uses a name which such a statement has bound, until another statement
binds the name anew. Imports, and settings such as ``keras.config.set_floatx(...)``, are no need of
the cell in which they stand: it runs without them. ``browser`` is a cell's source without what the
browser cannot do. Blank lines stand in its place, so line numbers stay.
"""

from __future__ import annotations

import ast
import symtable
from typing import NamedTuple

IMPORTS = {
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "tf_keras": "tensorflow",
    "multiprocessing": "processes",
    "psutil": "processes",
    "socket": "processes",
    "subprocess": "processes",
}
# of glassnet.crosscheck: what works on Keras itself (some cases of the catalogue do); the other
# comparisons know recorded values
CROSSCHECK = "crosscheck"
GIVES_KERAS = {
    "MaskedDropout",
    "catalogue",
    "float64",
    "keras_twin",
    "load_keras",
    "register_twin",
}
CHANGES = {"add", "append", "extend", "insert", "setdefault", "update"}  # methods that fill a name

Taints = dict[str, set[str]]  # name: what is needed to have it


class Cell:
    """A source and its statements; none if it is no Python, as in a cell that shows an error."""

    def __init__(self, source: str) -> None:
        self.lines = source.split("\n")
        try:
            self.body = ast.parse(source).body
        except SyntaxError:
            self.body = []

    def lines_of(self, statement: ast.stmt) -> range:
        """Return the numbers of a statement's lines, decorators included."""
        decorators = getattr(statement, "decorator_list", ())
        first = min([statement.lineno, *(one.lineno for one in decorators)])
        return range(first, statement.end_lineno + 1)

    def text_of(self, statement: ast.stmt) -> str:
        """Return the lines of a statement, and of what else may stand in them."""
        numbers = self.lines_of(statement)
        return "\n".join(self.lines[numbers.start - 1 : numbers.stop - 1])


class Mark(NamedTuple):
    """What one cell needs, and its source without what needs it (None: nothing is left out)."""

    needs: list[str]
    browser: str | None


def marks(sources: list[str]) -> list[Mark]:
    """Return the mark of every code cell of a page, in their order."""
    tainted: Taints = {}
    return [_mark(Cell(source), tainted) for source in sources]


def _mark(cell: Cell, tainted: Taints) -> Mark:
    needs: set[str] = set()
    left_out = []
    for statement in cell.body:
        imports = isinstance(statement, ast.Import | ast.ImportFrom)
        found = _imported(statement, tainted) if imports else _needs(statement, cell, tainted)
        if found:
            left_out.append(statement)
        if not imports and not _is_setting(statement):
            needs |= found
    if not left_out:
        return Mark([], None)
    return Mark(sorted(needs), _without(cell, left_out))


def _imported(statement: ast.Import | ast.ImportFrom, tainted: Taints) -> set[str]:
    """Note the names that an import binds; return what it needs."""
    found = set()
    for alias in statement.names:
        module = statement.module if isinstance(statement, ast.ImportFrom) else alias.name
        need = IMPORTS.get((module or "").partition(".")[0])
        if f".{module}".endswith(f".{CROSSCHECK}") and alias.name in GIVES_KERAS:
            need = "tensorflow"
        name = alias.asname or alias.name.partition(".")[0]
        if need:
            found.add(need)
            tainted[name] = {need}
        else:
            tainted.pop(name, None)
    return found


def _needs(statement: ast.stmt, cell: Cell, tainted: Taints) -> set[str]:
    """Return what a statement needs, and note what that means for the names it binds."""
    used, bound = names_of(statement, cell.text_of(statement))
    found = set().union(*(tainted.get(name, ()) for name in used))
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= _imported(node, {})
        elif isinstance(node, ast.Attribute) and _gives_keras(node):
            found.add("tensorflow")
    for name in bound:
        tainted.pop(name, None)
    if found:
        tainted |= {name: found for name in bound | _changed(statement)}
    return found


def _gives_keras(node: ast.Attribute) -> bool:
    return node.attr in GIVES_KERAS and ast.unparse(node.value).endswith(CROSSCHECK)


def _is_setting(statement: ast.stmt) -> bool:
    """Return whether a statement is just ``module.part.set_something(...)``."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    function = call.func if isinstance(call, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr.startswith("set_")


def names_of(statement: ast.stmt, text: str) -> tuple[set[str], set[str]]:
    """Return the names of the page that a statement, with its text, reads and binds."""
    used, bound = set(), set()

    def walk(table: symtable.SymbolTable) -> None:
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if not top and not symbol.is_global():
                continue
            if symbol.is_referenced():
                used.add(symbol.get_name())
            if symbol.is_assigned() or symbol.is_imported():
                bound.add(symbol.get_name())
        for child in table.get_children():
            walk(child)

    walk(symtable.symtable(text, "cell", "exec"))
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            used.add(node.target.id)
    return used, bound


def _changed(statement: ast.stmt) -> set[str]:
    """Return the names whose objects a statement fills: ``name[...] = ``, ``name.append(...)``."""
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute | ast.Subscript):
            filled = isinstance(node.ctx, ast.Store)
            if isinstance(node, ast.Attribute) and node.attr in CHANGES:
                filled = True
            while filled and isinstance(node, ast.Attribute | ast.Subscript):
                node = node.value
            if filled and isinstance(node, ast.Name):
                found.add(node.id)
    return found


def _without(cell: Cell, left_out: list[ast.stmt]) -> str | None:
    """Return a source with blank lines in place of some statements, None if no other is there.

    What shares a line with one of them, after a semicolon, is left out too.
    """
    gone = {number for statement in left_out for number in cell.lines_of(statement)}
    if all(statement.lineno in gone for statement in cell.body):
        return None
    kept = ("" if number in gone else line for number, line in enumerate(cell.lines, 1))
    return "\n".join(kept)
