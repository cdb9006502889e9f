"""What screen readers and the keyboard need in the pages that Sphinx writes by itself.

The general index and the list of modules are set in tables for their columns only, without headers;
they say so. The list of modules folds by a picture that only a mouse can press: it stays unfolded.
The entries of the bibliography have a role that ARIA has given up; they are items of a list.
"""

from __future__ import annotations

import re
from pathlib import Path

from built_pages import rewrite
from sphinx.application import Sphinx

LAYOUT = re.compile(r'<table (?=[^>]*class="[^"]*\bindextable\b)(?![^>]*\brole=)')
ENTRY = 'role="doc-biblioentry"'
FOLD = re.compile(r'<img\b[^>]*class="toggler"[^>]*>')


def mend(text: str, _path: Path | None = None) -> str:
    """Return a page with its layout tables marked and without folds that need a mouse."""
    text = text.replace(ENTRY, 'role="listitem"')
    return FOLD.sub("", LAYOUT.sub('<table role="presentation" ', text))


def _build_finished(app: Sphinx, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        rewrite(Path(app.outdir), mend)


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("build-finished", _build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
