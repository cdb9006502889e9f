"""What the tests of the book share: the root, the local extensions, the built site, small books."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx_books import build_book

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
    return partial(build_book, tmp_path)
