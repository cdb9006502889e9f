"""Live cells in a browser: what the buttons do, and what cells put out, on small pages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import live_site
import pytest
from live_cell_sources import (
    BROKEN,
    CELLS,
    EDITED,
    FAULTY,
    FIGURES,
    HOSTILE,
    KERAS,
    LOOP,
    NASTY,
    NEEDY,
    NOTEBOOK,
    PLAYER,
    PRINTS,
    SLOW,
    TABLE,
)
from live_site import cell
from local_browser import serving
from playwright.sync_api import Browser, Page, expect

LOADING = 240_000  # milliseconds: the interpreter may have to share two cores with other tests
DOING = 60_000
expect.set_options(timeout=DOING)
ENDED = re.compile(r"^(Ran in|Ended with|Not run|Python|Stopped)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of three pages."""
    absent = live_site.missing()
    if absent:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(absent)
    folder = tmp_path_factory.mktemp("site")
    live_site.make_site(folder)
    live_site.add_page(folder, "cells", CELLS)
    live_site.add_page(folder, "loop", LOOP)
    live_site.add_page(folder, "other", [cell("print('base' in globals())")])
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    """Address of the site."""
    with serving(folder) as address:
        yield address


def opened(browser: Browser, address: str, problems: list[str]) -> Page:
    """A page that notes errors of scripts, and requests for anything but this site."""
    page = browser.new_context(viewport={"width": 900, "height": 700}).new_page()
    page.set_default_timeout(DOING)
    page.asked = []
    site = address.split("/pages/")[0]
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url.removeprefix(site)))
    page.goto(address)
    return page


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The page of all kinds of cells; its interpreter starts once."""
    problems: list[str] = []
    page = opened(browser, f"{site}/pages/cells.html", problems)
    yield page
    foreign = [url for url in page.asked if not url.startswith(("/", "data:", "blob:"))]
    page.context.close()
    assert problems == []
    assert foreign == []


def place(page: Page, number: int):
    return page.locator(f'[data-live-cell="{number - 1}"]')


def button(page: Page, word: str, number: int):
    return page.get_by_role("button", name=f"{word} cell {number}", exact=True)


def status(page: Page, number: int):
    return place(page, number).locator(".gn-live-status")


def run(page: Page, number: int):
    """Press Run, wait for the end, and return what the cell has put out."""
    button(page, "Run", number).press("Enter")  # a frame above may still grow under the mouse
    expect(status(page, number)).to_have_text(ENDED, timeout=LOADING)
    expect(status(page, number)).not_to_have_text(re.compile("Not run|cannot"))
    return place(page, number).locator(".gn-live-output")


def test_nothing_is_loaded_before_the_reader_asks(page: Page) -> None:
    assert set(page.asked) <= {
        "/pages/cells.html",
        "/_static/live/live.js",
        "/_static/live/live.css",
        "/favicon.ico",
    }
    assert page.evaluate("document.querySelectorAll('.gn-live-bar').length") == len(CELLS) - 1
    needy = place(page, NEEDY)
    expect(needy).to_contain_text("Needs TensorFlow: run it locally")
    assert needy.get_by_role("button").count() == 0
    for word in ("Stop", "Reset"):
        expect(button(page, word, PRINTS)).to_be_hidden()


def test_run_runs_what_stands_above_and_tells_kinds_of_text_apart(page: Page) -> None:
    output = run(page, PRINTS)
    expect(status(page, PRINTS)).to_contain_text("cell 1 ran first")
    assert output.locator(".stream").inner_text().strip() == "printed"
    assert output.locator(".stderr").inner_text().strip() == "told"
    assert (
        "UserWarning: take care (cell 2, line 6)" in output.locator(".gn-live-warning").inner_text()
    )
    assert output.locator(".text_plain").inner_text().strip() == "array([10, 11, 12])"
    assert output.locator(".gn-live-error").count() == 0
    expect(place(page, PRINTS).get_by_text("saved text")).to_be_hidden()
    button(page, "Reset", PRINTS).click()
    expect(place(page, PRINTS).get_by_text("saved text")).to_be_visible()
    assert output.count() == 0


def test_a_figure_has_the_alternative_text_and_the_caption_of_the_saved_one(page: Page) -> None:
    output = run(page, FIGURES)
    expect(status(page, FIGURES)).to_contain_text("without cell 3: needs TensorFlow")
    picture = output.get_by_role("img", name="A line that rises")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    assert output.locator("figcaption").inner_text() == "Up"
    assert page.locator("#one").count() == 1  # links to the figure have one goal, and it is seen
    expect(output.locator("#one")).to_be_visible()
    button(page, "Reset", FIGURES).click()
    expect(page.locator("#one")).to_be_visible()


def test_html_stays_in_a_frame_without_scripts(page: Page) -> None:
    output = run(page, TABLE)
    frame = output.frame_locator("iframe")
    expect(frame.get_by_role("cell", name="0.25")).to_be_visible()
    assert output.locator("iframe").get_attribute("sandbox") == "allow-scripts"
    assert frame.locator("body").get_attribute("id") is None
    assert frame.locator("script:not([src])").count() == 0
    assert frame.locator("[onerror], meta[http-equiv='refresh']").count() == 0
    assert page.title() == "cells"
    box = frame.locator("body").bounding_box()
    assert abs(box["height"] - output.locator("iframe").bounding_box()["height"]) <= 1


def test_a_frame_takes_the_theme_and_no_orders_from_others(page: Page) -> None:
    output = run(page, TABLE)
    body = output.frame_locator("iframe").locator("body")
    expect(body).to_be_visible()
    page.evaluate("""() => {
        document.body.style.color = "rgb(250, 240, 230)";
        document.documentElement.dataset.theme = "dark";
    }""")
    expect(body).to_have_css("color", "rgb(250, 240, 230)")
    page.evaluate(
        "document.body.style.color = ''; document.documentElement.dataset.theme = 'light'"
    )
    expect(body).not_to_have_css("color", "rgb(250, 240, 230)")
    height = output.locator("iframe").bounding_box()["height"]
    page.evaluate("window.postMessage({gn: 'height', height: 9000}, '*')")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    assert output.locator("iframe").bounding_box()["height"] == height


def test_an_explorable_plays_in_its_frame(page: Page) -> None:
    output = run(page, PLAYER)
    frame = output.frame_locator("iframe")
    expect(frame.locator("glass-explorable[ready]")).to_be_visible()
    frame.locator("[data-action='forward']").click()
    expect(frame.locator(".counter")).to_contain_text("1 /")
    assert output.locator("iframe").bounding_box()["height"] > 200


def test_the_time_limit_of_exercises_holds(page: Page) -> None:
    output = run(page, SLOW)
    expect(output.frame_locator("iframe").locator("body")).to_contain_text("0.3 seconds")
    assert "Not yet" in output.frame_locator("iframe").locator("body").inner_text()


def test_a_traceback_shows_the_lines_of_the_reader(page: Page) -> None:
    output = run(page, FAULTY)
    text = output.locator(".gn-live-error pre").inner_text()
    places = re.findall(r'File "([^"]+)", line (\d+)', text)
    assert places[:2] == [("cell 8", "5"), ("cell 8", "4")]
    assert len(places) == 3
    assert places[2][0].startswith("glassnet/layers/")
    assert output.locator(".gn-live-error p").inner_text() == "ValueError"
    text = run(page, BROKEN).locator(".gn-live-error pre").inner_text()
    assert text.splitlines()[0].strip() == 'File "cell 12", line 1'


def test_an_error_message_is_text(page: Page) -> None:
    output = run(page, HOSTILE)
    assert NASTY in output.locator(".gn-live-error pre").inner_text()
    assert output.locator("img").count() == 0
    assert page.title() == "cells"


def test_what_notebooks_import_is_there(page: Page) -> None:
    output = run(page, NOTEBOOK)
    assert "shown" in output.locator(".text_plain").inner_text()
    expect(output.frame_locator("iframe").get_by_role("cell", name="2")).to_be_visible()
    text = run(page, KERAS).locator(".gn-live-error pre").inner_text()
    assert "keras.ops.ones needs TensorFlow, which does not run in a browser" in text
    assert 'cell 13", line 3' in text


def test_by_keyboard_alone(page: Page) -> None:
    button(page, "Run", EDITED).focus()
    page.keyboard.press("Enter")
    expect(status(page, EDITED)).to_have_text(ENDED, timeout=LOADING)
    expect(button(page, "Run", EDITED)).to_be_focused()
    assert place(page, EDITED).locator(".gn-live-output").inner_text() == ""  # by its semicolon
    button(page, "Edit", EDITED).focus()
    page.keyboard.press("Enter")
    editor = place(page, EDITED).get_by_role("textbox")
    expect(editor).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nfor j in range(1):\nprint('typed', j)")
    page.keyboard.press("Shift+Enter")
    expect(place(page, EDITED).locator(".gn-live-output")).to_contain_text("typed 0")
    expect(editor).to_be_focused()
    page.keyboard.type("; print('again')")
    page.keyboard.press("Control+Enter")
    expect(place(page, EDITED).locator(".gn-live-output")).to_contain_text("again")
    page.keyboard.press("Escape")
    expect(button(page, "Run", EDITED)).to_be_focused()
    page.keyboard.press("Tab")
    expect(button(page, "Edit", EDITED)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(editor).to_have_count(0)
    expect(place(page, EDITED).locator("pre").first).to_be_visible()
    expect(place(page, EDITED).locator(".gn-live-output")).to_have_count(0)
    assert len([url for url in page.asked if url.endswith("/editor.js")]) == 1


def test_stop_ends_a_loop_and_the_next_run_leaves_it_out(
    browser: Browser, page: Page, site: str
) -> None:
    run(page, PRINTS)  # this page has a name `base` now
    problems: list[str] = []
    page = opened(browser, f"{site}/pages/loop.html", problems)
    button(page, "Run", 2).click()
    expect(place(page, 2).locator(".gn-live-output")).to_have_text(
        re.compile("looping\non"), timeout=LOADING
    )
    # the page goes on: it scrolls, its buttons can be pressed, another cell can wait
    page.get_by_text("The end").scroll_into_view_if_needed()
    page.get_by_role("button", name="elsewhere").click(timeout=5000)
    button(page, "Run", 3).click(timeout=5000)
    expect(status(page, 3)).to_have_text("Waits for the cell that is running")
    button(page, "Stop", 2).click()
    expect(status(page, 2)).to_contain_text("What the cells had computed is gone")
    output = run(page, 3)
    assert output.inner_text().strip() == "below 0 False"  # nor does it know the other page
    expect(status(page, 3)).to_contain_text("cell 2 was stopped before and is left out")
    assert problems == []
    page.context.close()


@pytest.mark.parametrize("name", ["pyodide.asm.wasm", "manifest.json", "cells.mjs", "worker.mjs"])
def test_what_cannot_be_loaded_is_said_in_a_line(browser: Browser, site: str, name: str) -> None:
    page = opened(browser, f"{site}/pages/other.html", [])
    page.context.route(f"**/{name}", lambda route: route.fulfill(status=404, body="none"))
    button(page, "Run", 1).click()
    expect(status(page, 1)).to_have_text(re.compile("cannot be loaded"), timeout=LOADING)
    assert "\n" not in status(page, 1).inner_text()
    expect(button(page, "Run", 1)).to_be_visible()
    page.context.close()


def test_from_disk_a_page_says_that_it_must_be_served(browser: Browser, folder: Path) -> None:
    page = opened(browser, (folder / "pages/other.html").as_uri(), [])
    button(page, "Run", 1).click()
    expect(status(page, 1)).to_have_text(
        "Cells run only in a page that is served: use `make serve`."
    )
    page.context.close()
