"""Explorables among others: two on a page, in a book, under a strict policy, driven by Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from explorable_pages import (
    ELEMENT,
    complaints,
    opened,
    player,
    settle,
    state,
    write_page,
)
from local_browser import serving

from glassnet.explore import Player, scene_names

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/explore"))

from small_book import build_book  # noqa: E402

SCENES = scene_names()


def test_a_title_cannot_break_out_of_the_page(browser, tmp_path):
    from glassnet.explore.trace import Trace
    from glassnet.explore.traces.descent import TEXT

    trace = player("descent").trace
    nasty = "</script><!-- <script> <b>'\"&amp; \u2028"
    texts = {"en": TEXT["en"] | {"title": nasty, "alt": nasty * 2}}
    parts = {key: trace[key] for key in ("static", "frames", "controls")}
    named = Player(Trace("descent", text=texts, **parts, digits=9))
    path = write_page(tmp_path / "nasty.html", named.html())
    with opened(browser, path) as page:
        assert page.locator(".title").inner_text().strip() == nasty.strip("\u2028 ")
        assert page.locator("main b").count() == 0
        assert page.locator(f"{ELEMENT} img").get_attribute("alt") == nasty * 2


def test_two_on_a_page_share_the_core_and_keep_their_own_state(browser, tmp_path):
    scenes = ("descent", "mlp", "descent")
    path = write_page(tmp_path / "two.html", *(player(scene).html() for scene in scenes))
    with opened(browser, path) as page:
        assert page.locator(f"{ELEMENT}[ready]").count() == 3
        page.locator(".scrubber").first.fill("5")
        steps = page.evaluate(
            "[...document.querySelectorAll('glass-explorable')].map((e) => e.step)"
        )
        assert steps == [5, 0, 0]


def test_colours_follow_the_page_when_it_changes(browser, tmp_path):
    with opened(browser, write_page(tmp_path / "mlp.html", player("mlp").html())) as page:
        light = page.locator("canvas").screenshot()
        page.evaluate("document.body.setAttribute('style', 'background:#111; color:#eee')")
        page.wait_for_selector(f"{ELEMENT}[dark]")
        settle(page)
        assert page.locator("canvas").screenshot() != light


STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_book(tmp_path_factory.mktemp("book")).out


def test_pages_of_a_book_run_from_disk(browser, book):
    page = browser.new_page()
    problems = complaints(page)
    for name, count in (("one", 1), ("two", 2), ("none", 0)):
        page.goto(f"{book.as_uri()}/{name}.html")
        page.wait_for_function(
            f"() => document.querySelectorAll('{ELEMENT}[ready]').length === {count}"
        )
    page.close()
    assert problems == []


def test_players_run_under_a_policy_without_inline_scripts_styles_and_eval(browser, book):
    """The player only: what the theme around it needs is not its matter."""
    names = ["core", *SCENES]
    scripts = "".join(f'<script defer src="_static/explorables/{n}.js"></script>' for n in names)
    body = "".join(player(scene).element("") for scene in SCENES)
    head = f'<!doctype html><html lang="en"><link rel="icon" href="data:,">{scripts}'
    (book / "strict.html").write_text(head + body, encoding="utf-8")
    page = browser.new_page()
    problems = complaints(page)
    with serving(book, STRICT) as address:
        page.goto(f"{address}/strict.html")
        for index, scene in enumerate(SCENES):
            element = page.locator(ELEMENT).nth(index)
            element.locator("[data-action=play]").click()
            page.wait_for_timeout(200)
            element.locator("summary").click()
            element.locator("[data-action=play]").click()  # at rest, as the next is looked at
            assert element.get_attribute("data-scene") == scene
            style = element.locator(".caption").evaluate("(e) => getComputedStyle(e).display")
            assert style == "block"
        assert problems == []
        with page.expect_console_message(lambda said: "inline script" in said.text):
            page.evaluate(  # the policy is in force
                "document.body.append(document.createElement('script').appendChild("
                "new Text('1')).parentNode)"
            )
        page.close()


LIVE = """async ({ esm, values }) => {
    const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
    const widget = (await import(url)).default;
    const listeners = {};
    window.saved = 0;
    window.model = {
        get: (name) => values[name],
        set: (name, value) => { values[name] = value; model.told?.(name, value); },
        save_changes: () => { saved += 1; },
        on: (event, f) => { (listeners[event] ||= []).push(f); },
        python: (name, value) => {
            values[name] = value;
            listeners["change:" + name]?.forEach((f) => f());
        },
        values,
    };
    widget.render({ model, el: document.querySelector("main") });
}"""


def test_the_live_widget_reacts_in_both_directions(browser, tmp_path):
    from glassnet.explore.traces.descent import descent_trace

    widget = player("descent").live
    body = player("descent").html(live=widget.key)  # hidden while the widget is there
    path = write_page(tmp_path / "live.html", body)
    context = browser.new_context()
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(path.as_uri())
    static = page.locator(f"{ELEMENT}[data-live]")
    assert static.is_visible()
    given = {name: getattr(widget, name) for name in ("trace", "params", "key")}
    page.evaluate(LIVE, {"esm": str(widget._esm), "values": given | {"step": 0}})
    page.wait_for_selector(f"{ELEMENT}[ready]:not([data-live])")
    assert not static.is_visible()
    static.evaluate("(node) => node.remove()")
    page.evaluate("model.python('step', 7)")  # Python to the page
    page.evaluate("model.python('params', { rate: 0.09, start: [2, 2] })")
    settle(page)
    assert state(page)["step"] == 7
    assert state(page)["values"] == {"rate": 0.09, "start": [2, 2]}
    assert page.evaluate("saved") == 0  # what came from Python is not sent back
    page.locator(".scrubber").fill("11")  # the page to Python
    page.locator("input[name=rate]").fill("2")
    assert page.evaluate("model.values.step") == 11
    assert page.evaluate("model.values.params.rate") == 0.02
    other = dict(descent_trace(condition=4.0, steps=20))
    page.evaluate("(trace) => model.python('trace', trace)", other)  # another network
    settle(page)
    assert state(page)["last"] == 20
    assert state(page)["values"]["rate"] == 0.02
    assert page.locator(ELEMENT).count() == 1
    context.close()
    assert problems == []
