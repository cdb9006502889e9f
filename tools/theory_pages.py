"""Theory pages (MyST text notebooks) as .ipynb, for the tools that take nothing else."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
from myst_nb.core.read import is_myst_markdown_notebook

OUTPUT = Path("_build/nbmake")


def is_theory_page(path: Path) -> bool:
    """Whether a Markdown file is a text notebook, as the build itself decides it."""
    return path.suffix == ".md" and is_myst_markdown_notebook(path.read_text(encoding="utf-8"))


def convert(page: Path, root: Path) -> Path:
    """Write the page below ``root``/_build/nbmake as .ipynb and return that path."""
    target = root / OUTPUT / page.relative_to(root).with_suffix(".ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(jupytext.read(page, fmt="md:myst"), target)
    return target
