"""The book's own pages: their cells run in the browser, from the top to the end, and agree.

Each page is opened from this machine with every other host out of reach. Its last cell is run, and
with it all above. Nothing may fail that the page does not want to fail; every figure of the saved
page appears anew; and the numbers that cells print are those that the build printed.

`make test` runs the pages of ``SAMPLE``; `make test-live` sets ``LIVE_PAGES`` to ``all`` and runs
every page. It may also name pages, with commas between them.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest
from local_browser import crowd
from notebook_files import read_notebook
from playwright.sync_api import Browser, Page
from unsteady_numbers import UNSTEADY

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ["chapters/00_start/index", "chapters/04_backprop/by_hand"]
SOONEST = 12  # seconds to the first result, with both cores to itself
MINUTES = 15  # for one page; the interpreter has one slow core
# What a cell prints that measures time or memory, or names a version, is never the same twice.
MEASURED = re.compile(r"perf_counter|process_time|timeit|time\.time|__version__|psutil|tracemalloc")
NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w.]*[A-Za-z_])")
# Sums in another order differ in their last digits, and what is printed is rounded: a number may
# differ by this share, or by one in its last printed place. What is smaller than NOISE is rounding
# itself, such as the error of a gradient check; there the order of magnitude has to agree.
RTOL, NOISE, MAGNITUDE = 1e-2, 1e-7, 30
DONE = r"""() => {
    const status = document.querySelector(".gn-live-status[data-asked]").textContent;
    const ended = /^(Ran in|Ended with|Not run|Python (cannot|has)|Stopped|Cells)/;
    return ended.test(status) && status;
}"""
# The last cell may lie in a solution that is folded, where no mouse gets at it.
PRESS = """(index) => {
    const bar = document.querySelector(`[data-live-cell="${index}"] .gn-live-bar`);
    bar.querySelector(".gn-live-status").setAttribute("data-asked", "");
    bar.querySelector("button").click();
}"""
FOUND = """() => [...document.querySelectorAll("div.cell[data-live-cell]")].map((cell) => {
    const saved = [...cell.querySelectorAll(".cell_output:not(.gn-live-output)")];
    const live = cell.querySelector(".gn-live-output");
    const texts = (place) => [...place.querySelectorAll(".output.stream, .output.text_plain")]
        .map((node) => node.textContent).join("\\n");
    const pictures = (places) => places.flatMap((place) => [...place.querySelectorAll("img")])
        .filter((image) => !image.closest("glass-explorable")).length;
    return {
        index: Number(cell.dataset.liveCell),
        saved: saved.map(texts).join("\\n"), live: live ? texts(live) : null,
        figures: [pictures(saved), live ? pictures([live]) : null],
        errors: [...cell.querySelectorAll(".gn-live-error")].map((node) => node.textContent),
    };
})"""


def chosen_pages() -> list[str]:
    """Return the pages that this run is to try."""
    wanted = os.environ.get("LIVE_PAGES", "")
    if wanted == "all":
        notebooks = (path.with_suffix("") for path in (ROOT / "chapters").rglob("*.ipynb"))
        theory = (path.with_suffix("") for path in (ROOT / "chapters").rglob("*.md"))
        names = {path.relative_to(ROOT).as_posix() for path in (*notebooks, *theory)}
        made = ROOT / "_build/html/_static/live/pages"
        return sorted(name for name in names if (made / f"{name}.json").is_file())
    return [name.strip() for name in wanted.split(",") if name.strip()] or SAMPLE


def numbers(text: str) -> list[Decimal]:
    """Return the numbers that a text holds."""
    return [Decimal(found.replace("−", "-")) for found in NUMBER.findall(text)]


def agree(live: Decimal, saved: Decimal) -> bool:
    """Tell whether two printed numbers are the same but for rounding."""
    if 0 < abs(live) < NOISE and 0 < abs(saved) < NOISE:
        return 1 / MAGNITUDE < abs(live / saved) < MAGNITUDE
    exponent = max(number.as_tuple().exponent for number in (live, saved))
    place = 1.01 * 10.0**exponent if exponent else 0  # a whole number is counted, not rounded
    return math.isclose(live, saved, rel_tol=RTOL, abs_tol=max(place, 1e-9))


def differing(saved: str, live: str) -> str:
    """Say how the numbers of two texts differ, "" if they agree."""
    there, here = numbers(saved), numbers(live)
    if len(there) != len(here):
        return f"{len(here)} numbers instead of {len(there)}:\n{live}\ninstead of\n{saved}"
    wrong = [pair for pair in zip(here, there, strict=True) if not agree(*pair)]
    return f"{wrong[0][0]} instead of {wrong[0][1]} in\n{live}" if wrong else ""


def run_to_the_end(page: Page, last: int) -> str:
    """Press Run on a cell and return what its status says in the end."""
    page.evaluate(PRESS, last)
    return page.wait_for_function(DONE, timeout=MINUTES * 60_000, polling=200).json_value()


def problems(found: list[dict], cells: dict[int, dict], unsteady: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with the outputs of a page's cells."""
    said = []
    for one in found:
        cell = cells[one["index"]]
        name = f"cell {one['index'] + 1}"
        may_fail = "raises-exception" in cell["tags"]
        if one["errors"] and not may_fail:
            said.append(f"{name}: {one['errors'][0]}")
        if cell["needs"] or may_fail or one["live"] is None:
            continue
        if one["figures"][0] != one["figures"][1]:
            said.append(f"{name}: {one['figures'][1]} figures instead of {one['figures'][0]}")
        if cell.get("browser") or MEASURED.search(cell["source"]):
            continue
        if any(line in cell["source"] for line in unsteady):
            continue
        if wrong := differing(one["saved"], one["live"]):
            said.append(f"{name}: {wrong}")
    return said


@pytest.mark.parametrize("name", chosen_pages())
def test_the_cells_of_a_page_run_in_the_browser(
    name: str, browser: Browser, html: Path, served: str
) -> None:
    data = html / f"_static/live/pages/{name}.json"
    assert data.is_file(), "the book was built without live cells"
    cells = {cell["index"]: cell for cell in json.loads(data.read_text(encoding="utf-8"))["cells"]}
    context = browser.new_context()
    context.set_default_navigation_timeout(MINUTES * 60_000)
    page = context.new_page()
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: (
            request.url.startswith((served, "data:", "blob:")) or foreign.append(request.url)
        ),
    )
    page.goto(f"{served}/{name}.html")
    shown = page.evaluate(
        "() => [...document.querySelectorAll('div.cell[data-live-cell]')]"
        ".filter((cell) => cell.querySelector('.gn-live-bar button'))"
        ".map((cell) => Number(cell.dataset.liveCell))"
    )
    if not shown:
        context.close()
        assert all(cell["needs"] for cell in cells.values() if "remove-input" not in cell["tags"])
        return
    status = run_to_the_end(page, max(shown))
    found = page.evaluate(FOUND)
    context.close()
    wrong = problems(found, cells, UNSTEADY.get(name, ()))
    assert not wrong, "\n".join([status, *wrong])
    assert status.startswith("Ran in"), status
    assert sum(one["live"] is not None for one in found) >= 1
    assert not foreign


def test_the_first_result_comes_soon(browser: Browser, served: str) -> None:
    """From the first Run of a page to its first result, Python and matplotlib loaded on the way."""
    page = browser.new_context().new_page()
    page.goto(f"{served}/{SAMPLE[0]}.html")
    first = page.locator("div.cell[data-live-cell]").first.get_attribute("data-live-cell")
    start = perf_counter()
    status = run_to_the_end(page, int(first))
    seconds = perf_counter() - start
    page.context.close()
    assert status.startswith("Ran in"), status
    beside = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))  # tests that share the cores
    assert seconds < SOONEST * max(crowd(), beside), f"{seconds:.1f} s"


def test_a_number_that_differs_is_noticed() -> None:
    cells = {0: {"source": "loss", "needs": [], "tags": []}}
    one = {"index": 0, "saved": "loss 0.25", "live": "loss 0.25", "figures": [1, 1], "errors": []}
    assert problems([one], cells) == []
    assert problems([one | {"live": "loss 0.35"}], cells)
    assert problems([one | {"live": "loss"}], cells)
    assert problems([one | {"figures": [1, 0]}], cells)
    assert problems([one | {"errors": ["AssertionError"]}], cells)
    assert numbers("Conv2D 3.5 −2 1e-3 x2 v1.0") == [Decimal("3.5"), -2, Decimal("0.001")]
    assert not differing("0.031, 2e+15, 3.1e-15, 400", "0.032, 3e+15, 9e-15, 402")
    for saved, live in [("0.031", "0.033"), ("2e+15", "4e+15"), ("1e-15", "1e-9"), ("40", "41")]:
        assert differing(saved, live)
    assert not problems([one | {"live": "loss 0.35"}], cells, {"loss": "a reason"})


def test_what_is_not_compared_is_there() -> None:
    for name, lines in UNSTEADY.items():
        page = next(path for path in (ROOT / name).parent.glob(f"{Path(name).name}.*"))
        cells = [cell.source for cell in read_notebook(page).cells if cell.cell_type == "code"]
        for line in lines:
            assert sum(line in source for source in cells) == 1, f"{name}: {line}"
