"""Explorables on pages of their own, and what the tests ask of them and do to them.

A page is written here from the same code as a notebook's output, and is opened from disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from glassnet.explore import Player, make_trace

ELEMENT = "glass-explorable"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 1rem auto; max-width: 46rem; padding: 0 .75rem; font: 16px/1.5 sans-serif; }}
body {{ background: #fff; color: #323232; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #14181e; color: #ced6dd; }} }}
</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"""
REBUILD = """() => {
    const player = document.querySelector("glass-explorable");
    player.pause();
    player.view = null;
    player.start();
}"""


@cache
def player(scene: str) -> Player:
    """Return the player of a scene."""
    return Player(make_trace(scene))


def write_page(path: Path, *players: str) -> Path:
    """Write a page with what players put into notebooks, and return its path."""
    text = PAGE.format(title=path.stem, body="".join(players))
    path.write_text(text, encoding="utf-8")
    return path


def complaints(page: Page) -> list[str]:
    """A list that grows with what the page complains about."""
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return problems


@contextmanager
def opened(browser: Browser, path: Path, **options: object) -> Iterator[Page]:
    """Open a page, and fail on anything it complains about or fetches."""
    context = browser.new_context(viewport={"width": 900, "height": 800}, **options)
    page = context.new_page()
    page.set_default_timeout(120_000)  # a busy machine
    problems = complaints(page)
    page.on("request", lambda r: problems.append(r.url) if r.url.startswith("http") else None)
    page.goto(path.as_uri())
    if options.get("java_script_enabled", True):
        page.wait_for_selector(f"{ELEMENT}[ready]")
        settle(page)
    yield page
    context.close()
    assert problems == []


def rebuild(page: Page, width: int = 900) -> None:
    """Make the scene of a page anew, as if the page had just been loaded."""
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate(REBUILD)
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    settle(page)


def settle(page: Page) -> None:
    """Wait until what was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def state(page: Page) -> dict:
    return page.evaluate(
        """() => {
            const { view, playing } = document.querySelector("glass-explorable");
            const { step, last, phase, values } = view;
            return { step, last, phase, values, playing };
        }"""
    )


def check_all(page: Page) -> None:
    """Turn every switch on: some controls exist only then."""
    for box in page.locator("input[type=checkbox]").all():
        box.check()
    settle(page)


def set_control(page: Page, control: dict, value: object) -> None:
    """Move a control as a reader would, and wait: it may change what others can be set to."""
    name = control["name"]
    if control["type"] == "point":
        move_point(page, control, value)
    elif control["type"] == "toggle":
        page.locator(f"[name={name}]").set_checked(value)
    elif control["type"] == "select":
        values = [option["value"] for option in control["options"]]
        page.locator(f"select[name={name}]").select_option(index=values.index(value))
    else:
        place = control["values"].index(value) if "values" in control else value
        page.locator(f"input[name={name}]").fill(str(place))
    settle(page)


def move_point(page: Page, control: dict, target: list[float]) -> None:
    """Press arrow keys until the point is where it should be."""
    page.locator(f".handle[data-control={control['name']}]").focus()
    for axis, keys, goal in zip("xy", (("Left", "Right"), ("Down", "Up")), target, strict=True):
        index = "xy".index(axis)
        distance = goal - state(page)["values"][control["name"]][index]
        steps = round(abs(distance) / control[axis]["step"])
        key = f"Arrow{keys[distance > 0]}"
        for _ in range(steps // 10):
            page.keyboard.press(f"Shift+{key}")
        for _ in range(steps % 10):
            page.keyboard.press(key)
    assert state(page)["values"][control["name"]] == pytest.approx(target)


def table(page: Page) -> list[list]:
    """The numbers of the table in full precision, without the labels; None where there is none."""
    rows = page.evaluate(
        """() => {
            const { body } = document.querySelector("glass-explorable");
            const exact = (cell) => cell.dataset.value ?? null;
            return [...body.rows].map((row) => [...row.querySelectorAll("td")].map(exact));
        }"""
    )
    return [[None if value is None else float(value) for value in row] for row in rows]
