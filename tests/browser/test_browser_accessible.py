"""Every page of the book for everyone: axe in light and dark, 320 pixels, a zoom of 200 %.

A page is loaded once. axe's rules about colours look at one element of each look, a look being
what decides about contrast (the colours of a text and of all that lies below it, its size), and at
each look only on the first page that shows it; all its other rules look at every page as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tools.build_book import toc_pages

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = [ROOT / "node_modules/axe-core/axe.min.js", ROOT / "tests/browser/audit.js"]
PAGES = [*toc_pages(ROOT), "genindex", "prf-prf", "py-modindex", "search"]
WIDE, ZOOMED, NARROW = 1280, 640, 320  # a zoom of 200 % halves the width
CLEAN = {"still": [], "cut": [], "out": []}


class Auditor:
    """One tab for all pages, and the looks that axe has passed."""

    def __init__(self) -> None:
        self.looks: dict[str, list[str]] = {"light": [], "dark": []}
        self.context: BrowserContext | None = None
        self.page: Page | None = None
        self.scripts = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)

    def open(self, browser: Browser, address: str) -> Page:
        """Load a page, with everything on it drawn and unfolded."""
        if self.page is None:
            self.context = browser.new_context(color_scheme="light")
            self.page = self.context.new_page()
            self.page.set_default_timeout(120_000)  # a busy machine
        self.resize(ZOOMED)
        self.page.goto(address)
        self.page.evaluate(self.scripts)
        self.page.evaluate("audit.ready()")
        return self.page

    def resize(self, width: int) -> None:
        """Make the window as wide as a reader's."""
        self.page.set_viewport_size({"width": width, "height": 900})

    def fit(self, width: int) -> dict:
        """What is wrong with the page at a width."""
        self.resize(width)
        return self.page.evaluate("(width) => audit.fit(width)", width)

    def structure(self) -> list:
        """What axe finds, but for colours."""
        self.resize(WIDE)
        return self.page.evaluate("audit.structure()")

    def colours(self) -> dict[str, list]:
        """What axe finds in looks that no page before had, in each theme."""
        answer = self.page.evaluate("(seen) => audit.colours(seen)", self.looks)
        for theme, told in answer.items():
            if not told["found"]:  # else the next page with it is told of too
                self.looks[theme] += told["looks"]
        return {theme: told["found"] for theme, told in answer.items()}


@pytest.fixture(scope="module")
def auditor() -> Iterator[Auditor]:
    auditor = Auditor()
    yield auditor
    if auditor.context is not None:
        auditor.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everyone(name: str, browser: Browser, html: Path, auditor: Auditor) -> None:
    auditor.open(browser, (html / f"{name}.html").as_uri())
    assert auditor.fit(ZOOMED) == CLEAN
    assert auditor.fit(NARROW) == CLEAN
    assert auditor.structure() == []
    assert auditor.colours() == {"light": [], "dark": []}


def test_each_page_had_its_looks_seen(auditor: Auditor) -> None:
    """Else the rules of colours have looked at nothing."""
    if auditor.page is None:
        pytest.skip("only after all pages")
    assert len(auditor.looks["light"]) > 20
    assert len(auditor.looks["dark"]) > 20


WRONG = """
<img src="{logo}">
<h6>Too deep</h6>
<button></button>
<p style="color: #888; background: #999">pale</p>
<p style="color: var(--pst-color-border)">pale in one theme</p>
<div style="width: 900px">wide</div>
<p style="overflow: hidden; white-space: nowrap">{long}</p>
<div style="overflow: auto"><div style="width: 900px">wide</div></div>
"""


def test_the_audit_itself_sees_defects(browser: Browser, html: Path) -> None:
    auditor = Auditor()
    page = auditor.open(browser, (html / "chapters/appendix/teachers.html").as_uri())
    text = WRONG.format(logo=(html / "_static/logo.svg").as_uri(), long="long line " * 40)
    page.evaluate("(text) => document.querySelector('article').innerHTML += text", text)
    found = auditor.fit(NARROW)
    assert "div. wide" in found["out"]
    assert [line[:9] for line in found["cut"]] == ["p. long l"]
    assert [line[:9] for line in found["still"]] == ["div. wide"]
    rules = {rule for rule, *_ in auditor.structure()}
    assert rules == {"image-alt", "heading-order", "button-name"}
    for found in auditor.colours().values():
        pale = [html for rule, _, html in found if rule == "color-contrast"]
        assert any("#888" in line for line in pale)
        assert any("pst-color-border" in line for line in pale)
    auditor.context.close()
