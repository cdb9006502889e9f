"""By keyboard alone, with a screen reader, without JavaScript: on one page of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
AUDIT = (ROOT / "tests/browser/audit.js").read_text(encoding="utf-8")
THEORY = "chapters/01_concepts/index"
KINDS = [
    "index",
    THEORY,
    "chapters/01_concepts/exercises",
    "chapters/01_concepts/fact_check",
    "chapters/01_concepts/perceptron",
    "chapters/appendix/glossary",
    "search",
]
MATHS = [THEORY, "chapters/01_concepts/fact_check"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(120_000)  # a busy machine
    yield page
    context.close()


def go(page: Page, html: Path, name: str) -> Page:
    """Load a page from disk."""
    page.goto((html / f"{name}.html").as_uri())
    page.evaluate("async () => { await window.MathJax?.startup?.promise; }")
    return page


@pytest.mark.parametrize("name", ["index", "chapters/00_start/index", "search"])
def test_tab_reaches_everything_and_shows_where_it_is(page: Page, html: Path, name: str) -> None:
    go(page, html, name).evaluate(AUDIT)
    wanted = page.evaluate("audit.watchFocus()")
    assert wanted > 15
    for _ in range(wanted + 10):  # the page's own stops, and those of the browser between
        page.keyboard.press("Tab")
    assert page.evaluate("audit.missed()") == []
    assert page.evaluate("audit.unseen()") == []


@pytest.mark.parametrize("name", KINDS)
def test_what_has_the_focus_is_seen(page: Page, html: Path, name: str) -> None:
    go(page, html, name).evaluate(AUDIT)
    assert page.evaluate("audit.watchFocus()") > 15
    page.keyboard.press("Tab")  # the ring is for those who use keys
    page.evaluate("audit.lookAtAll()")
    assert page.evaluate("audit.unseen()") == []


def test_a_missing_ring_and_a_missing_stop_are_noticed(page: Page, html: Path) -> None:
    go(page, html, "search").evaluate(AUDIT)
    page.add_style_tag(content=".theme-switch-button { outline: none !important; }")
    wanted = page.evaluate("audit.watchFocus()")
    page.locator(".search-button-field").first.evaluate("(button) => { button.tabIndex = -1; }")
    for _ in range(wanted):
        page.keyboard.press("Tab")
    assert "theme-switch-button" in "".join(page.evaluate("audit.unseen()"))
    assert "search-button-field" in "".join(page.evaluate("audit.missed()"))


@pytest.mark.parametrize("name", ["index", THEORY, "search"])
def test_the_first_stop_skips_to_the_text(page: Page, html: Path, name: str) -> None:
    go(page, html, name)
    page.keyboard.press("Tab")
    link = page.locator("#pst-skip-link a")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("document.activeElement.closest('#main-content, .bd-article') !== null")


def test_search_by_keyboard(page: Page, served: str) -> None:
    page.goto(f"{served}/index.html")
    page.locator(".search-button-field").first.focus()
    page.keyboard.press("Enter")
    field = page.locator(".search-button__search-container input[type=search]")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).not_to_be_visible()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("softmax")
    page.keyboard.press("Enter")
    first = page.locator("#search-results li a").first
    expect(first).to_be_visible(timeout=20_000)
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/chapters/**")


def test_the_theme_by_keyboard(page: Page, html: Path) -> None:
    go(page, html, "index")
    page.locator(".theme-switch-button").first.focus()
    seen = set()
    for _ in range(3):
        page.keyboard.press("Enter")
        seen.add(page.evaluate("document.documentElement.dataset.theme"))
    assert seen == {"light", "dark"}


def test_the_side_bar_by_keyboard(page: Page, html: Path) -> None:
    go(page, html, "index")
    fold = page.locator(".bd-sidenav details > summary").nth(2)
    fold.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.bd-sidenav details[open] ul') !== null")

    page.set_viewport_size({"width": 400, "height": 800})
    bar = page.locator(".bd-sidebar-primary")
    expect(bar).not_to_be_in_viewport()
    page.locator(".primary-toggle").focus()
    page.keyboard.press("Enter")
    expect(bar).to_be_in_viewport()


def test_a_fold_by_keyboard(page: Page, html: Path) -> None:
    go(page, html, THEORY)
    button = page.locator(".toggle-button").first
    title = button.locator("xpath=..").text_content().strip()
    assert button.get_attribute("aria-label") == title
    button.focus()
    for key, open_ in (("Enter", "true"), ("Space", "false")):
        page.keyboard.press(key)
        assert button.get_attribute("aria-expanded") == open_


def spoken(node: dict, nodes: dict[str, dict]) -> str:
    """Return what a screen reader finds in a node of the accessibility tree."""
    if node["role"]["value"] == "StaticText":
        return node.get("name", {}).get("value", "")
    return "".join(spoken(nodes[child], nodes) for child in node.get("childIds", []))


@pytest.mark.parametrize("name", MATHS)
def test_a_screen_reader_finds_every_formula(page: Page, html: Path, name: str) -> None:
    go(page, html, name).evaluate(AUDIT)
    page.evaluate("audit.ready()")  # with what is folded
    formulas = page.locator("main .math").count()
    assert formulas > 20
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = {node["nodeId"]: node for node in tree}
    math = [node for node in tree if node["role"]["value"] == "MathMLMath" and not node["ignored"]]
    assert len(math) == formulas
    assert [node for node in math if not spoken(node, nodes).strip()] == []
    assert page.locator("main mjx-container > :first-child:not([aria-hidden=true])").count() == 0
    assert page.locator("main mjx-container[tabindex]:not([data-gn-wide])").count() == 0


FITTING = """() => [...document.querySelectorAll("mjx-container")]
    .filter((box) => box.firstElementChild.offsetWidth <= box.clientWidth + 4)"""


def test_no_formula_scrolls_that_fits(page: Page, html: Path) -> None:
    """The words for screen readers are wider than the formula, and must not widen its box."""
    go(page, html, THEORY)
    assert page.evaluate(f"({FITTING})().length") > 100
    wide = "(box) => box.scrollWidth > box.clientWidth + 4 || box.hasAttribute('tabindex')"
    found = f"({FITTING})().filter({wide}).map((box) => box.textContent)"
    page.wait_for_function(f"() => {found}.length === 0")  # the page watches the sizes


@pytest.mark.parametrize("name", [THEORY, "chapters/01_concepts/perceptron"])
def test_without_scripts_text_equations_and_figures_remain(
    browser: Browser, html: Path, name: str
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto((html / f"{name}.html").as_uri())
    shown = page.evaluate(
        """() => ({
            words: document.querySelector("main").innerText.split(/\\s+/).length,
            silent: [...document.querySelectorAll("main .math")].filter((box) =>
                box.checkVisibility() && !box.querySelector("math") && !box.innerText.trim()
            ).length,
            formulas: document.querySelectorAll("main .math").length,
            figures: [...document.querySelectorAll("main figure")].map((figure) => {
                const image = figure.querySelector("img");
                return [image?.naturalWidth > 0, image?.checkVisibility(), image?.alt.length > 20];
            }),
            folded: [...document.querySelectorAll("main .admonition > *")].filter(
                (node) => !node.checkVisibility({ visibilityProperty: true })).length,
            wide: document.documentElement.scrollWidth - innerWidth,
        })"""
    )
    context.close()
    assert shown["words"] > 500
    assert shown["formulas"] >= 3
    assert shown["silent"] == 0
    assert len(shown["figures"]) >= 1
    assert all(all(figure) for figure in shown["figures"])
    assert shown["folded"] == 0
    assert shown["wide"] <= 0
