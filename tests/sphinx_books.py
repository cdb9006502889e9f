"""Books that tests build with Sphinx in their own process, each as if it were the only one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "_ext"))  # the extensions that the books name


def build_book(
    folder: Path, files: Mapping[str, str], builder: str = "html", **settings: object
) -> SimpleNamespace:
    """Build a book from {name: text} below a folder; return out, warnings and the application.

    Its theme is plain unless the settings say otherwise. A second call with the same folder is the
    next build of the same book.
    """
    source, out = folder / "source", folder / f"out-{builder}"
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = {
        "html_theme": "basic",
        "master_doc": "index",
        # Extensions write into this, and Sphinx has one default for all applications of a process.
        "source_suffix": {".rst": "restructuredtext"},
        **settings,
    }
    warnings = StringIO()
    # docutils' directives are global: keep this book's from the next one
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            srcdir=source,
            confdir=None,
            outdir=out,
            doctreedir=folder / f"doctrees-{builder}",
            buildername=builder,
            confoverrides=settings,
            status=None,
            warning=warnings,
            freshenv=False,
        )
        app.build()
    return SimpleNamespace(out=out, warnings=warnings.getvalue(), app=app)
