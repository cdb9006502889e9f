"""On paper nothing can be scrolled or unfolded: every page must fit and be open."""

from __future__ import annotations

import re
import sys
import zlib
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


THEORY = "chapters/02_activations/index"  # long lines, formulas, claims, solutions, a scene, a quiz
# what paper cannot use: handles, signs of links, shadows (a printer draws them as pictures), wraps
USELESS = """() => {
    const all = (selector) => [...document.querySelectorAll(selector)]
        .filter((e) => e.getClientRects().length > 0);
    const name = (e) => `${e.tagName} ${e.className}: ${e.textContent.trim().slice(0, 40)}`;
    const style = (e, key) => getComputedStyle(e)[key];
    const wrapped = (pre) => {
        const inner = pre.clientHeight
            - parseFloat(style(pre, "paddingTop")) - parseFloat(style(pre, "paddingBottom"));
        const lines = pre.textContent.replace(/\\n$/, "").split("\\n");
        return Math.round(inner / parseFloat(style(pre, "lineHeight"))) > lines.length
            && Math.max(...lines.map((line) => line.length)) <= 88;
    };
    return {
        handles: all("button, .gn-live-bar, details.hide > summary, .headerlink").map(name),
        shadows: all(".bd-article *").filter((e) => style(e, "boxShadow") !== "none").map(name),
        underlined: all(".bd-article a")
            .filter((e) => style(e, "textDecorationLine") !== "none").map(name),
        wrapped: all(".bd-article .highlight pre").filter(wrapped).map(name),
    };
}"""
PICTURES = """() => [...document.querySelectorAll("figure.gn-explorable img")].map((image) =>
    image.getBoundingClientRect().width > 300 && image.naturalWidth > 300
    && image.getBoundingClientRect().right <= innerWidth)"""
FEWEST = 150  # letters on a page that is not nearly empty


def letters_by_page(pdf: bytes) -> list[int]:
    """Return how often each page of Chromium's PDF draws letters."""
    counts = []
    for page in re.finditer(rb"/Type /Page\b.*?/Contents (\d+) 0 R", pdf, re.DOTALL):
        stream = rb"\n%s 0 obj\n.*?stream\r?\n(.*?)\r?\nendstream" % page[1]
        counts.append(zlib.decompress(re.search(stream, pdf, re.DOTALL)[1]).count(b" Tj"))
    return counts


def test_a_printed_chapter_is_dense_and_tidy(browser: Browser, html: Path, tmp_path: Path):
    target = tmp_path / "chapter.pdf"
    page = browser.new_page(viewport=A4)
    build_pdf.print_page(page, (html / f"{THEORY}.html").as_uri(), target)
    useless, pictures = page.evaluate(USELESS), page.evaluate(PICTURES)
    page.close()
    assert useless == {"handles": [], "shadows": [], "underlined": [], "wrapped": []}
    assert pictures == [True]
    pdf = target.read_bytes()
    letters = letters_by_page(pdf)
    assert 15 <= len(letters) <= 40
    assert min(letters[:-1]) >= FEWEST
    for title in (b"Activation functions", b"The sigmoid", b"Quiz"):  # the outline
        assert re.search(rb"/Title \([^)]*%s\)" % title, pdf)


def test_a_page_becomes_a_pdf(browser: Browser, tmp_path: Path):
    source, target = tmp_path / "a.html", tmp_path / "a.pdf"
    source.write_text("<h1>One</h1><details><summary>s</summary><p>folded</p></details>")
    page = browser.new_page()
    build_pdf.print_page(page, source.as_uri(), target)
    assert page.evaluate("document.querySelector('details').open")
    page.close()
    assert target.read_bytes().startswith(b"%PDF")


CONTENTS = """<nav class="gn-contents"><a href="#one">One</a> <a href="#zwei/ü">Two</a></nav>
<style>section { break-before: page } p { height: 400mm }</style>
<section id="one"><p>long</p></section><section><h2 id="zwei/ü">Two</h2></section>"""


def test_the_contents_name_the_pages(browser: Browser, tmp_path: Path):
    source, target = tmp_path / "a.html", tmp_path / "a.pdf"
    source.write_text(f"<!doctype html><meta charset=utf-8>{CONTENTS}", encoding="utf-8")
    page = browser.new_page()
    build_pdf.print_page(page, source.as_uri(), target)
    links = "links => links.map(link => getComputedStyle(link, '::after').content)"
    assert page.locator(".gn-contents a").evaluate_all(links) == ['"2"', '"4"']
    assert len(build_pdf.PAGE.findall(target.read_bytes())) == 4
    # where one number moves what it names, and the other moves it back, there is no end
    moving = f"{CONTENTS}<style>nav a[data-page='2'] {{ height: 600mm }}</style>"
    source.write_text(f"<!doctype html><meta charset=utf-8>{moving}", encoding="utf-8")
    with pytest.raises(SystemExit, match="no two had the chapters on the same pages"):
        build_pdf.print_page(page, source.as_uri(), target)
    page.close()


def test_without_a_browser_the_message_names_what_is_needed(browser: Browser, monkeypatch):
    monkeypatch.setattr(build_pdf, "BROWSERS", ["echo"])  # starts, and is no browser
    with pytest.raises(SystemExit, match="needs Chromium: install it"):
        build_pdf.start_browser(browser.browser_type)
