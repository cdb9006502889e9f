"""Notebooks as they lie in the repository: labs, and theory pages that are text."""

from __future__ import annotations

from pathlib import Path

import nbformat
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook


def read_notebook(path: Path) -> nbformat.NotebookNode | None:
    """Return the notebook in a file as the build reads it, None if there is none."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return nbformat.reads(text, as_version=4)
    if path.suffix == ".md" and is_myst_markdown_notebook(text):
        return read_myst_markdown_notebook(text)
    return None
