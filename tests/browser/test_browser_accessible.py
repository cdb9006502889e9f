"""axe on every page that shows an explorable, in light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
PAGES = sorted(
    path.parent.name
    for path in ROOT.glob("chapters/*/index.md")
    if "{explorable}" in path.read_text(encoding="utf-8")
)

# a header cell that holds only a formula has no text: MathJax draws it
VIOLATIONS = """async () => {
    const formula = ({ target }) =>
        document.querySelector(target[0])?.querySelector("mjx-container");
    return (await axe.run()).violations.flatMap(({ id, nodes }) =>
        nodes
            .filter((node) => !(id === "empty-table-header" && formula(node)))
            .map((node) => [id, node.target[0], node.html.slice(0, 200)])
    );
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("chapter", PAGES)
def test_a_page_with_a_scene_has_no_violation(
    chapter: str, scheme: str, browser: Browser, html: Path
) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto((html / "chapters" / chapter / "index.html").as_uri())
    page.wait_for_selector("glass-explorable[ready]", state="attached")
    page.evaluate("async () => { await window.MathJax.startup.promise; }")
    page.add_script_tag(path=AXE)
    found = page.evaluate(VIOLATIONS)
    context.close()
    assert found == []


def test_there_are_pages_to_look_at() -> None:
    assert len(PAGES) >= 13
