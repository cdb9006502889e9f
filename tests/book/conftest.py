"""What the tests of the book share: the root, the local extensions, the built site, small books."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "_ext"), str(ROOT / "tools")]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def site(root: Path) -> Path:
    """The built book; where there is none, the test is skipped, in CI it fails."""
    html = root / "_build/html"
    if not (html / "index.html").is_file():
        reason = "the book is not built: run `make book`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return html


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., SimpleNamespace]:
    """A function that builds a small book from {name: text}."""

    def run(files: dict[str, str], **settings: object) -> SimpleNamespace:
        source, out = tmp_path / "source", tmp_path / "out"
        for name, text in files.items():
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        warnings = StringIO()
        settings = {"html_theme": "basic", "master_doc": "index", **settings}
        # docutils' directives are global: keep this book's from the next one
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                srcdir=source,
                confdir=None,
                outdir=out,
                doctreedir=tmp_path / "doctrees",
                buildername="html",
                confoverrides=settings,
                status=None,
                warning=warnings,
                freshenv=False,
            )
            app.build()
        return SimpleNamespace(out=out, warnings=warnings.getvalue(), app=app)

    return run
