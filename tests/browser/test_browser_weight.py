"""How heavy the theory pages are, how soon they show something, and whether they jump.

A page is opened from this machine in Chromium, twice as wide as high and as a telephone shows it,
and scrolled to its end, so that pictures below the first screen count as well. The weight is that
of every file that was asked for: text as a static host would send it, compressed by gzip, pictures
and fonts as they are.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from local_browser import crowd
from playwright.sync_api import Browser

from tools.build_book import toc_pages

ROOT = Path(__file__).resolve().parents[2]
THEORY = [page for page in toc_pages(ROOT) if page.endswith("index")]
HEAVIEST = 400_000  # bytes
SLOWEST = 1000  # milliseconds to the first contentful paint, in the best of three
JUMPIEST = 0.1
COMPRESSED = {".html", ".css", ".js", ".mjs", ".json", ".svg"}
WIDE, NARROW = {"width": 1280, "height": 720}, {"width": 390, "height": 800}
# The sum of all shifts, which is never less than the worst five seconds that Chromium reports.
OBSERVE = """() => {
    window.gnShift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
        if (!entry.hadRecentInput) window.gnShift += entry.value;
    })).observe({ type: "layout-shift", buffered: true });
}"""
SCROLL = """async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const end = document.documentElement.scrollHeight;
    for (let y = 0; y < end; y += innerHeight) {
        scrollTo({ top: y, behavior: "instant" });
        await frame();
    }
    const shown = [...document.images].filter((image) => image.getClientRects().length);
    await Promise.all(shown.map((image) => image.decode().catch(() => null)));
    await document.fonts.ready;
    await frame();
}"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity"


class Opened(NamedTuple):
    """What opening a page and reading it to the end took."""

    files: frozenset[str]  # below the site's root
    paint: float
    shift: float


@cache
def weight(path: Path) -> int:
    """Return the bytes that a static host sends of a file."""
    content = path.read_bytes()
    return len(gzip.compress(content, 6)) if path.suffix in COMPRESSED else len(content)


def read(browser: Browser, home: str, name: str, viewport: dict, scroll: bool = True) -> Opened:
    """Open a page with nothing in any cache and scroll through it, unless only its start counts."""
    context = browser.new_context(viewport=viewport)
    page = context.new_page()
    page.set_default_timeout(120_000)  # a busy machine
    page.add_init_script(f"({OBSERVE})()")
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{home}/{name}", wait_until="load")
    if scroll:
        page.evaluate(SCROLL)
    paint, shift = page.evaluate(PAINT), page.evaluate("() => window.gnShift")
    context.close()
    local = {unquote(urlsplit(url).path)[1:] for url in asked if url.startswith(f"{home}/")}
    return Opened(frozenset(local), paint, shift)


@pytest.mark.parametrize("name", THEORY)
def test_a_theory_page_is_light_and_quick_and_stays_still(
    name: str, browser: Browser, html: Path, served: str
) -> None:
    first = read(browser, served, f"{name}.html", WIDE)
    files = sorted(((weight(html / file), file) for file in first.files), reverse=True)
    assert sum(size for size, _ in files) <= HEAVIEST, files[:12]
    assert f"{name}.html" in first.files
    assert not any("searchindex" in file or "pyodide" in file for file in first.files)
    narrow = read(browser, served, f"{name}.html", NARROW)
    assert max(first.shift, narrow.shift) < JUMPIEST
    paint = min(first.paint, narrow.paint)
    if paint >= SLOWEST * crowd():  # the best of three: a busy machine is late now and then
        paint = min(paint, read(browser, served, f"{name}.html", WIDE, scroll=False).paint)
    assert paint < SLOWEST * crowd()


def test_the_measures_see_what_they_are_for(browser: Browser, served: str, html: Path) -> None:
    """A page that jumps and paints late is told from one that does not; every file is counted."""
    markup = (
        "<!doctype html><title>x</title><body><div id=late></div><p>Words that move.</p>"
        "<img src=/_static/logo.svg loading=lazy style='margin-top: 3000px' width=9 height=9>"
    )
    jump = "document.getElementById('late').style.height = '400px'"
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.add_init_script(f"({OBSERVE})()")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/made.html", lambda route: route.fulfill(body=markup, content_type="text/html"))
    page.goto(f"{served}/made.html")
    page.evaluate(
        f"() => new Promise((done) => setTimeout(() => {{ {jump}; setTimeout(done, 200) }}, 100))"
    )
    page.evaluate(SCROLL)
    shift, paint = page.evaluate("() => window.gnShift"), page.evaluate(PAINT)
    context.close()
    assert shift > JUMPIEST
    assert 0 < paint < float("inf")
    assert f"{served}/_static/logo.svg" in asked
    assert weight(html / "index.html") < (html / "index.html").stat().st_size
