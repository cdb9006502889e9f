"""The ``listing`` directive: a function of the package beside the equations that it computes.

Usage: the public name below ``glassnet``, and, where the page derived them, which line is which
equation, as ``label: a piece of that line``::

    ```{listing} layers.dense_backward
    eq-dense-dx: dy @ kernel.T
    ```

Of each docstring only the first paragraph is shown, since the page itself says the rest; a line
below the code links to the whole of it on the API page, and names the equations. A piece that is
not in exactly one line is a warning, so a page notices when the code it explains has changed.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

PACKAGE = "glassnet"


def find(name: str) -> object:
    """Return the object with the dotted name ``name`` below the package, or raise ValueError."""
    parts, module = name.split("."), importlib.import_module(PACKAGE)
    while parts:
        try:
            module = importlib.import_module(f"{module.__name__}.{parts[0]}")
        except ModuleNotFoundError:
            break
        parts.pop(0)
    value: object = module
    for part in parts:
        value = inspect.getattr_static(value, part, None)
    value = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
    value = inspect.unwrap(value) if callable(value) else value
    if not (inspect.isfunction(value) or inspect.isclass(value)):
        raise ValueError(f"{PACKAGE} has no function or class {name!r}")
    return value


def source(value: object) -> str:
    """Return the source of a function or class, docstrings cut to their first paragraph."""
    text = textwrap.dedent(inspect.getsource(value))
    lines = text.splitlines()
    documented = (ast.FunctionDef, ast.ClassDef)
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, documented)]
    for node in sorted(found, key=lambda node: -node.lineno):  # from the end: numbers stay right
        doc = ast.get_docstring(node)
        if doc is None:
            continue
        string = node.body[0]
        first = doc.partition("\n\n")[0].splitlines()
        indent = " " * string.col_offset
        quoted = '"""' + "\n".join(first[:1] + [indent + line for line in first[1:]]) + '"""'
        lines[string.lineno - 1 : string.end_lineno] = (indent + quoted).splitlines()
    return "\n".join(lines)


class ListingDirective(SphinxDirective):
    """Show a function and say which of its lines is which equation."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        try:
            value = find(name)
        except ValueError as error:
            logger.warning("listing: %s", error, location=self.get_location())
            return []
        self.env.note_dependency(inspect.getsourcefile(value))
        code = source(value)
        block = nodes.literal_block(code, code, language="python")
        marked = self._marks(code.splitlines())
        if marked:
            block["highlight_args"] = {"hl_lines": [number for number, *_ in marked]}
        self.set_source_info(block)
        return [nodes.container("", block, self._legend(name, marked), classes=["gn-listing"])]

    def _marks(self, lines: list[str]) -> list[tuple[int, str, str]]:
        """Return (line number, piece, equation label) for each line of the directive's content."""
        marks = []
        for entry in filter(None, (line.strip() for line in self.content)):
            label, _, piece = (part.strip() for part in entry.partition(": "))
            places = [number for number, line in enumerate(lines, 1) if piece and piece in line]
            if len(places) == 1:
                whole = lines[places[0] - 1].strip() == piece
                marks.append((places[0], piece if whole else f"{piece} …", label))
                continue
            logger.warning(
                "listing: %r must be in exactly one line of %s. Received: in %d",
                piece or entry,
                self.arguments[0],
                len(places),
                location=self.get_location(),
            )
        return sorted(marks)

    def _legend(self, name: str, marks: list[tuple[int, str, str]]) -> nodes.paragraph:
        legend = nodes.paragraph(classes=["gn-legend"])
        for _, piece, label in marks:
            legend += [nodes.literal(piece, piece), nodes.Text(" is "), self._equation(label)]
            legend += nodes.Text("; ")
        public = f"{PACKAGE}.{name}"
        legend += addnodes.pending_xref(
            "",
            nodes.literal(public, public),
            refdomain="py",
            reftype="obj",
            reftarget=public,
            refdoc=self.env.docname,
            gn_listing=True,
        )
        self.set_source_info(legend)
        return legend

    def _equation(self, label: str) -> nodes.Node:
        reference = addnodes.pending_xref(
            "",
            nodes.literal(label, label, classes=["xref", "eq"]),
            refdomain="math",
            reftype="eq",
            reftarget=label,
            refwarn=True,
            refdoc=self.env.docname,
        )
        self.set_source_info(reference)
        return reference


def without_link(
    _app: Sphinx, _env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Let a listing's name stand without a link if the API page does not list it."""
    return content if node.get("gn_listing") else None


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_directive("listing", ListingDirective)
    app.connect("missing-reference", without_link)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
