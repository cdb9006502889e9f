"""On paper nothing can be scrolled or unfolded: every page must fit and be open."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.build_book import toc_pages

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import build_pdf  # noqa: E402

A4 = {"width": 672, "height": 985}  # CSS pixels between the margins
PAGES = [page for page in toc_pages(ROOT) if page.endswith("index")]
CUT_OFF = """() => [...document.querySelectorAll(
        ".bd-article pre, .bd-article div.math, .bd-article table, .bd-article img")]
    .filter((e) => e.scrollWidth > e.clientWidth + 1
        || e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => `${e.tagName} ${e.scrollWidth}: ${e.textContent.slice(0, 60)}`)"""
FOLDED = """() => [...document.querySelectorAll(".bd-article .toggle-hidden, .bd-article details")]
    .filter((e) => e.tagName !== "DETAILS" || !e.open).length"""


@pytest.mark.parametrize("name", PAGES)
def test_a_printed_page_is_whole(browser: Browser, html: Path, name: str):
    page = browser.new_page(viewport=A4)
    page.emulate_media(media="print", color_scheme="light")
    page.goto((html / f"{name}.html").as_uri())
    page.evaluate(build_pdf.UNFOLD)
    cut, folded = page.evaluate(CUT_OFF), page.evaluate(FOLDED)
    page.close()
    assert cut == []
    assert folded == 0


def test_a_page_becomes_a_pdf(browser: Browser, tmp_path: Path):
    source, target = tmp_path / "a.html", tmp_path / "a.pdf"
    source.write_text("<h1>One</h1><details><summary>s</summary><p>folded</p></details>")
    page = browser.new_page()
    build_pdf.print_page(page, source.as_uri(), target)
    assert page.evaluate("document.querySelector('details').open")
    page.close()
    assert target.read_bytes().startswith(b"%PDF")


def test_without_a_browser_the_message_names_what_is_needed(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="needs Chromium"):
        build_pdf.find_browser()
