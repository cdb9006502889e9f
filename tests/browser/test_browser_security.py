"""Text that would like to run a script: shown as text, and stopped if it gets through.

A small hostile book is opened in three states: as it is built; with the escaping undone, so that
only the policy stands between a text and the page; and with the policy taken out as well, where
every text must run: else the tests would prove nothing.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import hostile_book
import pytest
from playwright.sync_api import Browser, Page

from tools.build_book import toc_pages

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_ext"))
from content_policy import protect

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("index", "hostile/cells", "hostile/index")
BUILT = [*toc_pages(ROOT), "search", "genindex"]
META = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)" />')
EVERY = {*hostile_book.SHOWN, *hostile_book.RAW}
STOPPED = """addEventListener("securitypolicyviolation", (event) =>
    (window.gnStopped ||= []).push(event.violatedDirective));"""
FOUND = """() => /found|match/.test(
    document.querySelector("#search-results .search-summary")?.textContent || "")"""
# in a task of the page's own: what the debugger calls may use eval all the same
EVAL = """() => new Promise((done) => setTimeout(() => {
    try { done(eval("1")); } catch { done("no"); }
}))"""
PROBE = """(markup) => {
    document.querySelector("main, body").append(
        document.createRange().createContextualFragment(markup));
}"""
SOMETHING = "() => window.gnHits?.length || window.gnStopped?.length"


class Seen(NamedTuple):
    """What a page let run, and what its policy stopped."""

    hits: set[str]
    stopped: list[str]


def look(page: Page) -> Seen:
    hits = page.evaluate("() => window.gnHits || []")
    return Seen(set(hits), page.evaluate("() => window.gnStopped || []"))


def visit(browser: Browser, address: str, act: object = None) -> Seen:
    """Open a page in a context of its own, do something, and say what ran."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(STOPPED)
    page.goto(address)
    page.wait_for_timeout(100)  # pictures that are missing say so a little later
    if act:
        act(page)
    seen = look(page)
    context.close()
    return seen


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path | str]:
    """The hostile book: as built, without escaping, and without policy either."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        built, warnings = hostile_book.build(folder, patch)
    books = {"built": built, "let through": folder / "through", "naked": folder / "naked"}
    for name in ("let through", "naked"):
        for page in PAGES:
            text = hostile_book.without_escaping((built / f"{page}.html").read_text("utf-8"))
            if name == "naked":
                text, found = META.subn("", text)
                assert found == 1
            target = books[name] / f"{page}.html"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.replace("_static/", f"{built.as_uri()}/_static/"), "utf-8")
    books["warnings"] = warnings
    return books


def test_no_text_of_a_page_runs(books: dict, browser: Browser) -> None:
    for page in PAGES:
        assert visit(browser, (books["built"] / f"{page}.html").as_uri()).hits == set()


def test_the_policy_stops_what_gets_through(books: dict, browser: Browser) -> None:
    for page in PAGES:
        seen = visit(browser, (books["let through"] / f"{page}.html").as_uri())
        assert seen.hits == set()
        assert set(seen.stopped) <= {"script-src-attr", "script-src-elem"}
        assert len(seen.stopped) >= 2


def test_without_escaping_and_policy_every_text_runs(books: dict, browser: Browser) -> None:
    """So both are what stops them, and no place has been left out."""
    hits = [visit(browser, (books["naked"] / f"{page}.html").as_uri()).hits for page in PAGES]
    assert set().union(*hits) == EVERY


def test_the_build_names_what_will_not_run(books: dict) -> None:
    lines = [line for line in books["warnings"].splitlines() if "content policy" in line]
    for page in PAGES:
        assert any(f"{page}.html: onerror in" in line for line in lines)
    assert any("inline script" in line and "output" in line for line in lines)
    assert not any(name in line for line in lines for name in ("printed", "error')", "term"))


@pytest.mark.parametrize("home", ["served", "file"])
def test_addresses_are_shown_as_text(request, browser: Browser, html: Path, home: str) -> None:
    """The search box, the words to mark, the fragment, and what the page keeps for the reader."""
    site = request.getfixturevalue("served") if home == "served" else html.as_uri()
    evil = hostile_book.attribute("address")
    seen = []

    def found(page: Page) -> None:
        page.wait_for_function(FOUND)
        seen.append(page.locator("#search-results").inner_text())
        field = page.locator("input#search-input").first
        assert field.input_value() in ("", evil, f"network {evil}")

    def return_later(page: Page) -> None:
        page.evaluate(
            "(evil) => { for (const key of ['mode', 'theme', 'sphinx-design-tab-id-tab'])"
            " localStorage.setItem(key, evil); }",
            evil,
        )
        page.reload()
        page.wait_for_timeout(100)

    chapter = "chapters/02_activations/index.html"
    visits = [
        (f"search.html?q={quote(evil)}", found),
        (f"search.html?q={quote('network ' + evil)}", found),
        (f"{chapter}?highlight={quote(evil)}", None),
        (f"{chapter}?q={quote(evil)}#{quote(evil)}", None),
        (f"{chapter}#{evil}", None),
        (f"{chapter}#javascript:gnHits=['address']", None),
        (f"index.html?tab={quote(evil)}", return_later),
    ]
    for address, act in visits:
        result = visit(browser, f"{site}/{address}", act)
        assert result == Seen(set(), []), address  # nothing got as far as the policy
    assert all(seen)


def test_markup_from_the_search_box_would_run_without_policy(
    browser: Browser, html: Path, tmp_path: Path
) -> None:
    """What the test above sends is live: as HTML it runs, but only where no policy stops it."""
    evil = hostile_book.attribute("address")
    text = (html / "search.html").read_text("utf-8")
    text = text.replace("_static/", f"{html.as_uri()}/_static/")

    def inject(page: Page) -> None:
        page.evaluate(PROBE, evil)
        page.wait_for_function(SOMETHING)

    for policy in (True, False):
        target = tmp_path / f"{policy}.html"
        target.write_text(text if policy else META.sub("", text), "utf-8")
        seen = visit(browser, target.as_uri(), inject)
        assert seen.hits == (set() if policy else {"address"})
        assert bool(seen.stopped) == policy


@pytest.mark.parametrize("home", ["served", "file"])
def test_the_policy_holds_served_and_from_disk(
    request, browser: Browser, html: Path, home: str
) -> None:
    """An injected script, handler, frame, form, style sheet or base of a foreign host: nothing."""
    site = request.getfixturevalue("served") if home == "served" else html.as_uri()
    foreign = "https://foreign.example"
    markup = (
        f"{hostile_book.payload('probe')}<script src='{foreign}/a.js'></script>"
        f"<iframe src='{foreign}/'></iframe><link rel='stylesheet' href='{foreign}/a.css'>"
        f"<object data='{foreign}/a'></object><img src='{foreign}/a.png'>"
    )
    elements = "script-src-elem script-src-attr style-src-elem frame-src object-src img-src"
    wanted = [*elements.split(), "connect-src", "script-src"]  # the last is eval

    def act(page: Page) -> None:
        page.evaluate(PROBE, markup)
        page.evaluate(f"() => fetch('{foreign}/').catch(() => null)")
        assert page.evaluate(EVAL) == "no"
        page.wait_for_function(
            "(wanted) => wanted.every((name) => window.gnStopped.includes(name))", arg=wanted
        )

    seen = visit(browser, f"{site}/index.html", act)
    assert seen.hits == set()


def test_every_page_has_the_policy(html: Path) -> None:
    allowed = re.compile(r"'none'|'self'|'sha256-[\w+/]+='|'unsafe-inline'|data:|blob:")
    for name in BUILT:
        text = (html / f"{name}.html").read_text("utf-8")
        found = META.findall(text)
        assert len(found) == 1, name
        rules = {rule.split()[0]: rule.split()[1:] for rule in found[0].split("; ")}
        assert rules["default-src"] == ["'none'"]
        assert all(allowed.fullmatch(value) for values in rules.values() for value in values)
        assert "'unsafe-inline'" not in rules["script-src"]
        loose = [name for name, values in rules.items() if "'unsafe-inline'" in values]
        assert loose == ["style-src"]
        assert text.index("Content-Security-Policy") < text.index("<script")
        assert protect(META.sub("", text))[1] == []  # no other script, no handler
