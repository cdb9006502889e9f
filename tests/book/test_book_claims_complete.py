"""Every statement of the source documents: a box, a check that asserts, in the chapter it names."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from pathlib import Path

import claims
import pytest

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = claims.load_claims(ROOT / claims.DATA_FILE)


def chapter_folder(claim: dict) -> Path:
    (folder,) = (ROOT / "chapters").glob(f"[0-9][0-9]_{claim['chapter']}")
    return folder


def boxes(text: str) -> list[str]:
    """The ids in all `claim` directives of a page."""
    lines = re.findall(r"^`{3,}\{claim\} (.+)$", text, flags=re.MULTILINE)
    return re.findall(r"S\d\.\d+", " ".join(lines))


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def asserts(source: str) -> bool:
    """Whether a cell can fail: it has an assertion that is no constant, or calls what raises."""
    found = False
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert):
            found |= any(isinstance(part, (ast.Call, ast.Name)) for part in ast.walk(node.test))
        if isinstance(node, ast.Attribute) and node.attr == "require":
            found = True
    return found


def test_there_is_a_box_for_every_claim_and_no_other():
    pages = (ROOT / "chapters").glob("*/*.md")
    found = Counter(name for page in pages for name in boxes(page.read_text(encoding="utf-8")))
    assert found == Counter(CLAIMS.keys())


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_has_its_box_and_its_check_in_its_chapter(name):
    folder = chapter_folder(CLAIMS[name])
    assert name in boxes((folder / "index.md").read_text(encoding="utf-8"))
    notebook = cells(folder / "fact_check.ipynb")
    label = f"(check-{name.lower().replace('.', '-')})="
    assert sum(label in "".join(cell["source"]) for cell in notebook) == 1
    own = [cell for cell in notebook if cell["metadata"].get("claim") == name]
    assert own, f"no cell with the metadata claim: {name}"
    assert all(asserts("".join(cell["source"])) for cell in own)


@pytest.mark.parametrize(
    ("source", "can_fail"),
    [
        ("x = 1", False),
        ("assert True", False),
        ("assert 1 < 2", False),
        ("x = 1\nassert x == 1", True),
        ("assert max(1, 2) == 2", True),
        ("report.require()", True),
    ],
)
def test_what_counts_as_an_assertion(source, can_fail):
    assert asserts(source) == can_fail
