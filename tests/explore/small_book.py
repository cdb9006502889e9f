"""A small book with explorables, built with a plain theme."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "_ext"))

PAGES = {
    "index.md": "# Book\n\n```{toctree}\none\ntwo\nnone\n```\n",
    "one.md": (
        "# One\n\nSee {numref}`exp-mlp`.\n\n"
        "```{explorable} mlp\n:name: exp-mlp\n:dataset: moons\n:units: 3\n\n"
        "Look at the *edges*.\n```\n"
    ),
    "two.md": (
        "# Two\n\n```{explorable} descent\n:name: exp-descent\n:alt: Other words\n```\n\n"
        "```{explorable} convolution\n:name: exp-convolution\n:stride: 2\n```\n"
    ),
    "none.md": "# None\n\nWords.\n",
}


def build_book(folder, pages=None, builder="html"):
    """Build the pages below `folder`; return out, warnings and the application."""
    source, out = folder / "source", folder / f"out-{builder}"
    for name, text in (pages or PAGES).items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")
    warnings = StringIO()
    settings = {
        "extensions": ["myst_parser", "explorables"],
        "source_suffix": {".md": "markdown"},
        "html_theme": "basic",
        "master_doc": "index",
        "numfig": True,
        "language": "en",
        "exclude_patterns": ["_build"],
    }
    with patch_docutils(), docutils_namespace():  # else directives are known to the next book, too
        app = Sphinx(
            srcdir=source,
            confdir=None,
            outdir=out,
            doctreedir=folder / f"doctrees-{builder}",
            buildername=builder,
            confoverrides=settings,
            status=None,
            warning=warnings,
        )
        app.build()
    return SimpleNamespace(out=out, warnings=warnings.getvalue(), app=app)
