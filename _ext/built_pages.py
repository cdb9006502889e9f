"""The HTML files of a finished build, and how to change them; for the extensions that do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path


def built_pages(out: Path) -> Iterator[Path]:
    """Yield every page below ``out``, in order; templates in _static are no pages."""
    for path in sorted(out.rglob("*.html")):
        if "_static" not in path.relative_to(out).parts:
            yield path


def rewrite(out: Path, change: Callable[[str, Path], str]) -> None:
    """Replace the text of every page by ``change(text, path)``; unchanged files are left alone."""
    for path in built_pages(out):
        before = path.read_text(encoding="utf-8")
        after = change(before, path)
        if after != before:
            path.write_text(after, encoding="utf-8")


def up_to_root(path: Path, out: Path) -> str:
    """Return what leads from a page to the root of the site: "../" for each folder."""
    return "../" * (len(path.relative_to(out).parts) - 1)
