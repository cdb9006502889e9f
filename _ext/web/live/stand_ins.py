"""Small stand-ins for what notebooks import and a page does not need: IPython's display, glue."""

from __future__ import annotations

import base64
import html
import re
import sys
import types
from pathlib import Path

__all__ = ["install", "markdown"]


class _Shown:
    """Something that says itself how it is shown."""

    def __init__(self, data=None, filename=None, **_options):
        self.data = Path(filename).read_text(encoding="utf-8") if filename else data


class HTML(_Shown):
    """HTML, shown in a frame of its own."""

    def _repr_html_(self):
        return self.data


class Markdown(_Shown):
    """Markdown: paragraphs, headings, lists, tables, code, emphasis."""

    def _repr_markdown_(self):
        return self.data


class Latex(_Shown):
    """A formula, shown as its source."""

    def __repr__(self):
        return str(self.data)


class Math(Latex):
    """A displayed formula, shown as its source."""


class SVG(_Shown):
    """A drawing."""

    def _repr_svg_(self):
        return self.data


class Code(_Shown):
    """A source, not highlighted."""

    def __repr__(self):
        return str(self.data)


class Image:
    """A picture, of bytes or of a file."""

    def __init__(self, data=None, filename=None, format="png", **_options):
        self.data = Path(filename).read_bytes() if filename else data
        self.format = str(format).lower()

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = self.data
        data = base64.b64encode(data).decode() if isinstance(data, bytes) else data
        kind = "image/jpeg" if self.format in ("jpg", "jpeg") else "image/png"
        return {kind: data}


def install(display, clear):
    """Put the stand-ins where ``import`` finds them.

    Parameters
    ----------
    display : callable
        Shows values on the page.
    clear : callable
        Takes away what the cell has shown.
    """

    def clear_output(wait=False):
        clear()

    def glue(name, value, display=True):
        """Keep nothing: the numbers in the text were put there when the book was built."""
        if display:
            show(value)

    show = display
    kinds = {kind.__name__: kind for kind in (HTML, Markdown, Latex, Math, SVG, Code, Image)}
    shown = _module("IPython.display", display=display, clear_output=clear_output, **kinds)
    _module("IPython", display=shown, get_ipython=lambda: None, version_info=(8, 0, 0))
    _module("myst_nb", glue=glue)


def _module(name, **contents):
    module = types.ModuleType(name)
    module.__dict__.update(contents)
    sys.modules[name] = module
    return module


def markdown(text):
    """Return Markdown as HTML: what the pages write from a cell, no more."""
    blocks = re.split(r"\n\s*\n", text.strip("\n"))
    return "\n".join(_block(block.splitlines()) for block in blocks if block.strip())


def _block(lines):
    heading = re.match(r"(#{1,6}) +(.*)", lines[0])
    if heading:
        level = len(heading[1])
        rest = _block(lines[1:]) if len(lines) > 1 else ""
        return f"<h{level}>{_inline(heading[2])}</h{level}>{rest}"
    if len(lines) > 1 and re.fullmatch(r"\s*\|?[\s:|-]*-[\s:|-]*\|?\s*", lines[1]):
        return _table(lines)
    if all(re.match(r"\s*[-*] ", line) for line in lines):
        items = (re.sub(r"^\s*[-*] ", "", line) for line in lines)
        return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _table(lines):
    def cells(line):
        return [cell.strip() for cell in line.strip().strip("|").split("|")]

    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in cells(lines[0]))
    rows = (
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in cells(line)) + "</tr>"
        for line in lines[2:]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _inline(text):
    """Escape a line; back-ticks make code, stars make emphasis."""
    parts = html.escape(text).split("`")
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", parts[i])
        parts[i] = re.sub(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])", r"<em>\1</em>", parts[i])
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))
