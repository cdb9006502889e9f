"""What every page owes to its readers in its HTML: headings, words for figures, headers of tables.

The pages are only parsed, not opened: all of them in a few seconds.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from tools.build_book import toc_pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*toc_pages(ROOT), "genindex", "prf-prf", "py-modindex", "search"]
EMPTY = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
NO_WORDS = re.compile(r"(?:https?:|\.{0,2}/|_images|image|figure|plot)?\S*", re.IGNORECASE)


class Markup(HTMLParser):
    """Collects what is wrong with a page, and counts what has been looked at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict]] = []
        self.headings: list[int] = []
        self.wrong: list[str] = []
        self.seen = {"figure": 0, "img": 0, "table": 0, "equation": 0}
        self.figures: list[dict] = []
        self.tables: list[dict] = []
        self.ids: set[str] = set()
        self.skip = ""
        self.feed(text)
        self.close()
        self._check_headings()

    def _within(self, key: str, value: str) -> bool:
        return any(value in (attrs.get(key) or "").split() for _, attrs in self.open)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        attrs = dict(attributes)
        self.ids.add(attrs.get("id"))
        if tag not in EMPTY:
            self.open.append((tag, attrs))
        if attrs.get("href") == "#main-content" and not self.skip:
            self.skip = attrs["href"]
        if tag == "html" and not attrs.get("lang"):
            self.wrong.append("no language")
        if self._within("id", "jb-print-docs-body"):
            return  # the theme's title for paper, not shown on a screen
        if re.fullmatch("h[1-6]", tag) and self._within("id", "main-content"):
            self.headings.append(int(tag[1]))
        self._look_at(tag, attrs)

    def _look_at(self, tag: str, attrs: dict) -> None:
        if tag == "img" and self._within("id", "main-content"):
            self.seen["img"] += 1
            alt = (attrs.get("alt") or "").strip()
            if NO_WORDS.fullmatch(alt) and attrs.get("role") != "presentation":
                self.wrong.append(f"alternative text {alt!r} of {attrs.get('src', '')[:60]}")
            for figure in self.figures:
                figure["alt"] = alt
        elif tag == "figure":
            self.seen["figure"] += 1
            self.figures.append({"caption": "", "alt": "", "in": False})
        elif tag == "figcaption" and self.figures:
            self.figures[-1]["in"] = True
        elif tag == "table":
            self.seen["table"] += 1
            self.tables.append({"headers": 0, "layout": attrs.get("role") == "presentation"})
        elif tag == "th" and self.tables:
            self.tables[-1]["headers"] += 1
        elif "math" in (attrs.get("class") or "").split():
            self.seen["equation"] += 1

    def handle_data(self, data: str) -> None:
        if self.figures and self.figures[-1]["in"]:
            self.figures[-1]["caption"] += data

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _ in self.open):
            name, attrs = self.open.pop()
            if name == "figcaption" and self.figures:
                self.figures[-1]["in"] = False
            elif name == "figure":
                figure = self.figures.pop()
                if len(re.findall(r"[^\W\d]{2,}", figure["caption"])) < 3:
                    self.wrong.append(f"figure without a caption: {attrs.get('id')}")
            elif name == "table":
                table = self.tables.pop()
                if not table["headers"] and not table["layout"]:
                    self.wrong.append(f"table without headers: {attrs.get('class')}")
            if name == tag:
                break

    def _check_headings(self) -> None:
        levels = self.headings
        if levels[:1] != [1] or levels.count(1) != 1:
            self.wrong.append(f"headings of the first level: {levels.count(1)}")
        if any(new > old + 1 for old, new in pairwise(levels)):
            self.wrong.append(f"a level of headings is left out: {levels}")
        if not self.skip or "main-content" not in self.ids:
            self.wrong.append("no link that skips to the text")


@pytest.fixture(scope="module")
def markup(html: Path) -> dict[str, Markup]:
    """Every page, parsed."""
    return {name: Markup((html / f"{name}.html").read_text(encoding="utf-8")) for name in PAGES}


def test_every_page_of_the_site_is_looked_at(html: Path) -> None:
    built = {path.relative_to(html).as_posix() for path in html.rglob("*.html")}
    pages = {path.removesuffix(".html") for path in built if not path.startswith("_")}
    assert pages == set(PAGES)


def test_headings_figures_and_tables_can_be_read_by_everyone(markup: dict[str, Markup]) -> None:
    assert {name: page.wrong for name, page in markup.items() if page.wrong} == {}


def test_there_is_something_to_look_at(markup: dict[str, Markup]) -> None:
    total = {kind: sum(page.seen[kind] for page in markup.values()) for kind in Markup("").seen}
    assert total["figure"] > 80
    assert total["img"] >= total["figure"]
    assert total["table"] > 100
    assert total["equation"] > 5000


GOOD = """<html lang="en"><a href="#main-content">Skip</a>
<br/><main id="main-content"><h1>A</h1><h2>B</h2>
<figure id="f"><img src="a.png" alt="A curve that rises"><figcaption>How the loss falls</figcaption>
</figure><table><tr><th>a</th></tr></table></main></html>"""


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("", "", None),
        ("<h2>", "<h3>", "left out"),
        ("<h2>", "<h1>", "first level: 2"),
        (' lang="en"', "", "language"),
        ("#main-content", "#nowhere", "skips"),
        ("A curve that rises", "", "alternative"),
        ("A curve that rises", "../../_images/a.png", "alternative"),
        (' alt="A curve that rises"', "", "alternative"),
        ("How the loss falls", "Figure 1", "caption"),
        ("<th>a</th>", "<td>a</td>", "headers"),
    ],
)
def test_the_parser_itself_sees_defects(before: str, after: str, problem: str | None) -> None:
    wrong = Markup(GOOD.replace(before, after)).wrong
    assert [problem in line for line in wrong] == ([True] if problem else [])
