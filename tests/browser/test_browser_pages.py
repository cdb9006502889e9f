"""Every page in a real browser: no error, equations typeset, no other host.

That no page scrolls sideways is seen by test_browser_accessible.py, and that there are equations
by test_browser_markup.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tools.build_book import toc_pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*toc_pages(ROOT), "search", "genindex"]
TYPESET = """async () => {
    if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
    await document.fonts.ready;
}"""
MATH = """() => ({
    wanted: document.querySelectorAll("div.math, span.math").length,
    typeset: document.querySelectorAll(".math mjx-container").length,
    errors: [...document.querySelectorAll("mjx-merror, mjx-container [data-mjx-error]")].map(
        (node) => node.getAttribute("data-mjx-error") || node.textContent),
    left: [...document.querySelectorAll("div.math, span.math")]
        .filter((node) => !node.querySelector("mjx-container")).map((node) => node.textContent),
})"""


class Watched:
    """A page that notes console errors, exceptions, failed and foreign requests."""

    def __init__(
        self, browser: Browser, home: str, width: int = 1400, scheme: str = "light", **options: bool
    ):
        self.home, self.problems = home, []
        viewport = {"width": width, "height": 900}
        self.context = browser.new_context(viewport=viewport, color_scheme=scheme, **options)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        self.page.on("requestfailed", lambda request: self.problems.append(f"no {request.url}"))
        self.page.on("response", self._response)
        self.page.route("**/*", self._route)

    def _console(self, message: object) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def _response(self, response: object) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def _route(self, route: object) -> None:
        url = route.request.url
        if url.startswith((self.home, "data:", "blob:")):
            route.continue_()
        else:
            self.problems.append(f"foreign request: {url}")
            route.abort()

    def sees(self, problem: str) -> bool:
        """Whether a problem has come up, or comes up within ten seconds."""
        for _ in range(100):
            if any(problem in line for line in self.problems):
                return True
            self.page.wait_for_timeout(100)
        return False

    def open(self, name: str) -> Page:
        """Open a page of the book and wait until its equations are set."""
        self.page.goto(f"{self.home}/{name}.html", wait_until="load")
        self.page.evaluate(TYPESET)
        return self.page


@pytest.fixture(params=["served", "file"])
def watched(request, browser: Browser, html: Path) -> Iterator[Watched]:
    """A watched page on the served book, and on the same files without a server."""
    home = request.getfixturevalue("served") if request.param == "served" else html.as_uri()
    watched = Watched(browser, home)
    yield watched
    watched.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_opens_without_error_and_its_equations_are_typeset(watched: Watched, name: str):
    page = watched.open(name)
    assert watched.problems == []
    math = page.evaluate(MATH)
    assert math["errors"] == []
    assert math["left"] == []
    assert math["typeset"] >= math["wanted"]
    if math["wanted"]:
        fonts = page.evaluate(
            "[...document.fonts].filter((f) => /MJX/.test(f.family)).map((f) => f.status)"
        )
        assert "loaded" in fonts
        assert "error" not in fonts


def test_search_finds_a_word_of_the_book(browser: Browser, served: str):
    watched = Watched(browser, served)
    watched.page.goto(f"{served}/search.html?q=glossary")
    watched.page.wait_for_selector("#search-results li a", timeout=20_000)
    watched.context.close()
    assert watched.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_readers_choice_of_colours_is_followed(browser: Browser, served: str, scheme: str):
    watched = Watched(browser, served, scheme=scheme)
    page = watched.open("index")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    watched.context.close()


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ('<img src="https://foreign.example/a.png">', "foreign request"),
        ('<script src="https://foreign.example/a.js"></script>', "foreign request"),
        ('<link rel="stylesheet" href="https://foreign.example/a.css">', "foreign request"),
        ('<p style="background: url(https://foreign.example/a.png)">x</p>', "foreign request"),
        (
            "<style>@font-face { font-family: F; src: url(https://foreign.example/f.woff2) }"
            "#f { font-family: F }</style><p id=f>x</p>",
            "foreign request",
        ),
        ('<iframe src="https://foreign.example/"></iframe>', "foreign request"),
        ("<script>fetch('https://foreign.example/').catch(() => {})</script>", "foreign request"),
        ("<script>throw new Error('broken')</script>", "exception"),
        ("<script>console.error('broken')</script>", "console"),
        ('<img src="missing.png">', "404"),
    ],
)
def test_the_watch_itself_sees_defects(browser: Browser, tmp_path, served, html, markup, problem):
    # the pages' policy would stop most of them before the watch sees a request
    watched = Watched(browser, served, bypass_csp=True)
    watched.page.goto(f"{served}/index.html")
    assert watched.problems == []
    watched.page.evaluate(
        "(text) => document.body.append(document.createRange().createContextualFragment(text))",
        markup,
    )
    assert watched.sees(problem), watched.problems
    watched.context.close()


def test_the_watch_sees_what_the_policy_stops(browser: Browser, served: str):
    """A request that is refused before it is made is a defect of the page all the same."""
    watched = Watched(browser, served)
    watched.page.goto(f"{served}/index.html")
    watched.page.evaluate("() => { new Image().src = 'https://foreign.example/a.png'; }")
    assert watched.sees("foreign.example"), watched.problems
    watched.context.close()
