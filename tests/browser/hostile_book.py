"""A small book in the real theme, with a text in every place that would like to run a script.

Each text notes its place in ``window.gnHits`` if it runs. Notebook outputs are stored, none is
executed.
"""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sphinx_books import ROOT, build_book

from glassnet.explore import Player, make_trace
from glassnet.explore.player import BOOK_VARIABLE

EXTENSIONS = (
    "sphinx_togglebutton sphinx_copybutton sphinx_design myst_nb sphinx_book_theme web_assets "
    "content_policy explorables figures icons lean_styles quiz typeset"
)
# where a text is shown as text: whoever wrote it, no markup of it may come to life
SHOWN = ("printed", "result", "error", "code", "term", "explorable")
# where Markdown lets HTML through, which authors must not use: the policy alone stops it
RAW = ("heading", "glossary", "quiz", "output")


def payload(place: str) -> str:
    """Return markup that notes its place if it comes to life, in three ways."""
    hit = f"(window.gnHits=window.gnHits||[]).push('{place}')"
    return (
        f'<img src="missing.png" onerror="{hit}"><script>{hit}</script><svg onload="{hit}"></svg>'
    )


def attribute(place: str) -> str:
    """Return markup without a script element, for places that allow one line of inline HTML."""
    hit = f"(window.gnHits=window.gnHits||[]).push('{place}')"
    return f'<img src="missing.png" onerror="{hit}">'


def pages() -> dict[str, str]:
    """Return the files of the book by name."""
    index = (
        f"# Hostile {attribute('heading')}\n\n"
        f"## Code `{attribute('code')}`\n\nThe formula $x^2$ and a word, reachable.\n\n"
        f"{{term}}`safe`\n\n```{{glossary}}\nsafe\n  A term {attribute('glossary')}\n\n"
        f"`{attribute('term')}`\n  Another.\n```\n\n"
        "```{toctree}\nhostile/cells\nhostile/index\n```\n"
    )
    return {
        "index.md": index,
        "hostile/index.md": "# Questions\n\n```{quiz} quiz.yml\n```\n",
        "hostile/quiz.yml": yaml.safe_dump(questions()),
        "hostile/cells.ipynb": nbformat.writes(notebook()),
    }


def questions() -> list[dict]:
    """Return a quiz with markup in a question, in an answer and in an explanation."""
    evil = attribute("quiz")
    choices = [
        {"en": f"yes {evil}", "right": True, "why": {"en": f"Because {evil}"}},
        {"en": "no", "why": {"en": "Not this."}},
        {"en": "never", "why": {"en": "Nor this."}},
    ]
    return [{"ask": {"en": f"Question {n} {evil}"}, "choices": choices} for n in range(5)]


def notebook() -> nbformat.NotebookNode:
    """Return a notebook with stored outputs of every kind."""
    trace = make_trace("descent")
    trace["title"]["en"] = f"</script>{payload('explorable')}"
    error = payload("error")
    outputs = [
        new_output("stream", name="stdout", text=payload("printed")),
        new_output("execute_result", data={"text/plain": payload("result")}, execution_count=1),
        new_output("error", ename="ValueError", evalue=error, traceback=[f"ValueError: {error}"]),
        new_output("display_data", data={"text/html": f"<p>{payload('output')}</p>"}),
        new_output("display_data", data={"text/html": Player(trace).html(png=b"")}),
    ]
    cells = [
        nbformat.v4.new_markdown_cell("# Cells\n"),
        new_code_cell("print(text)", outputs=outputs, execution_count=1),
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return new_notebook(cells=cells, metadata=metadata)


def build(folder: Path, patch: object) -> tuple[Path, str]:
    """Build the book below ``folder``; return its site and the warnings."""
    patch.setenv(BOOK_VARIABLE, "1")  # so that players bring no scripts of their own
    (folder / "source").mkdir()
    (folder / "source/node_modules").symlink_to(ROOT / "node_modules")
    book = build_book(
        folder,
        pages(),
        extensions=EXTENSIONS.split(),
        html_theme="sphinx_book_theme",
        html_theme_options={"use_fullscreen_button": False},
        html_static_path=[str(ROOT / "_static")],
        html_js_files=["print.js", "a11y.js"],
        nb_execution_mode="off",
        source_suffix={".md": "myst-nb", ".ipynb": "myst-nb"},
        myst_enable_extensions=["dollarmath"],
        exclude_patterns=["node_modules", "_build"],
        suppress_warnings=["myst.header"],
    )
    return book.out, book.warnings


def without_escaping(text: str) -> str:
    """Return a page in which the places of `SHOWN` came through as markup."""
    for place in SHOWN:
        for plain in (payload(place), attribute(place)):
            for shown in _spellings(plain):
                text = text.replace(shown, plain)
    return text


def _spellings(plain: str) -> list[str]:
    """Return how Sphinx, Pygments, inline code and the JSON of a trace write a text."""
    light = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    full = light.replace('"', "&quot;")
    words = [" ".join(f'<span class="pre">{w}</span>' for w in s.split()) for s in (full, light)]
    in_json = json.dumps(f"</script>{plain}")[1:-1].replace("<", "\\u003c")
    return [full.replace("'", "&#39;"), full.replace("'", "&#x27;"), full, light, *words, in_json]
