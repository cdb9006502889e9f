"""The listing directive."""

from __future__ import annotations

import inspect
import re

import listing
import pytest

from glassnet.layers import LSTM, dense_backward

EXTENSIONS = {
    "extensions": ["myst_parser", "sphinx.ext.mathjax", "sphinx.ext.autodoc", "listing"],
    "source_suffix": {".md": "markdown"},
    "myst_enable_extensions": ["dollarmath"],
    "nitpicky": True,
}
PAGE = """# Page

$$ dx = dy W^T $$ (eq-dx)

```{listing} layers.dense_backward
eq-dx: dy @ kernel.T
```
"""


@pytest.fixture
def page(build):
    """A function that builds a book of one page and returns its text and the warnings."""

    def run(text):
        result = build({"index.md": text}, **EXTENSIONS)
        html = (result.out / "index.html").read_text(encoding="utf-8")
        return html, re.sub(r"\x1b\[[0-9;]*m", "", result.warnings)

    return run


def test_code_is_shown_with_the_first_line_of_its_docstring_only(page):
    html, warnings = page(PAGE)
    assert not warnings
    text = re.sub(r"<[^>]+>", "", html)
    assert "def dense_backward(dy, cache):" in text
    assert "Gradients of a scalar loss through" in text
    assert "Parameters" not in text
    assert "return dx, dense_gradients(dy, x)" in text


def test_the_marked_line_stands_out_and_links_to_its_equation(page):
    html, _ = page(PAGE)
    marked = re.findall(r'<span class="hll">(.*?)\n', html)
    assert len(marked) == 1
    assert "dy @ kernel.T" in re.sub(r"<[^>]+>", "", marked[0])
    assert re.search(r'gn-legend.*href="#equation-eq-dx">\(1\)</a>', html, re.S)


@pytest.mark.parametrize("piece", ["dy @ kernel.t", "dx", ""])
def test_a_piece_that_is_not_in_exactly_one_line_is_a_warning(page, piece):
    _, warnings = page(PAGE.replace("dy @ kernel.T", piece))
    assert "must be in exactly one line of layers.dense_backward" in warnings


def test_an_unknown_equation_is_a_warning(page):
    assert "eq-none" in page(PAGE.replace("eq-dx: dy", "eq-none: dy"))[1]


@pytest.mark.parametrize("name", ["layers.dense_backwards", "layers", "nothing.at_all"])
def test_an_unknown_name_is_a_warning(page, name):
    assert f"no function or class {name!r}" in page(PAGE.replace("layers.dense_backward", name))[1]


def test_the_link_leads_to_the_documentation(page):
    api = "\n```{eval-rst}\n.. autofunction:: glassnet.layers.dense_backward\n```\n"
    assert 'href="#glassnet.layers.dense_backward"' in page(PAGE + api)[0]


@pytest.mark.parametrize("value", [dense_backward, LSTM, LSTM.forward])
def test_what_is_shown_is_the_code_without_its_long_docstrings(value):
    def statements(text):
        tree = listing.ast.parse(text)
        for node in listing.ast.walk(tree):
            if isinstance(node, (listing.ast.FunctionDef, listing.ast.ClassDef)):
                node.body[0] = listing.ast.Pass()
        return listing.ast.dump(tree)

    whole = listing.textwrap.dedent(inspect.getsource(value))
    assert statements(listing.source(value)) == statements(whole)
    assert len(listing.source(value)) < len(whole)
