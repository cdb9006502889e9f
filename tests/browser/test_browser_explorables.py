"""Each explorable in a real browser: numbers, keyboard, screen readers, motion, print, speed.

Its page is loaded once; each test gets the scene made anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from explorable_pages import (
    ELEMENT,
    check_all,
    opened,
    player,
    rebuild,
    set_control,
    settle,
    state,
    table,
    write_page,
)
from local_browser import crowd, launch
from playwright.sync_api import Browser, Page

from glassnet.explore import scene_names

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/explore"))

import scene_numbers  # noqa: E402

SCENES = scene_names()
AXE = ROOT / "node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module", params=SCENES)
def scene(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def path(scene: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with the scene."""
    return write_page(tmp_path_factory.mktemp(scene) / f"{scene}.html", player(scene).html())


@pytest.fixture(scope="module")
def loaded(browser: Browser, path: Path) -> Iterator[Page]:
    with opened(browser, path) as page:
        yield page


@pytest.fixture
def page(loaded: Page) -> Page:
    """The page of the scene, as if it had just been loaded."""
    rebuild(loaded)
    return loaded


@pytest.fixture
def controls(scene: str) -> list[dict]:
    return player(scene).trace["controls"]


def test_nothing_moves_by_itself(page, loaded):
    loaded.reload()  # what a reader sees first
    page.wait_for_selector(f"{ELEMENT}[ready]")
    settle(page)
    before = page.locator(ELEMENT).screenshot()
    page.wait_for_timeout(400)
    assert state(page)["step"] == 0
    assert not state(page)["playing"]
    assert page.locator(ELEMENT).screenshot() == before


def test_numbers_on_the_page_are_those_of_the_layers(page, scene, controls):
    """Every control is moved, on one page, from one case to the next."""
    module = scene_numbers.module(scene)
    page.locator("summary").click()
    for step, values in module.CASES:
        wanted = scene_numbers.full_values(scene, values)
        for control in sorted(controls, key=lambda c: c["type"] == "point"):
            name, now = control["name"], state(page)["values"]
            if now[name] == wanted[name]:
                continue
            if page.locator(f".handle[data-control={name}][visibility=hidden]").count():
                wanted[name] = now[name]  # it has no part in this case
            else:
                set_control(page, control, wanted[name])
        page.locator(".scrubber").fill(str(step))
        settle(page)
        assert state(page)["step"] == step
        assert state(page)["values"] == wanted
        where = f"{scene} {step} {values}"
        scene_numbers.assert_rows(table(page), module.rows(step, wanted), where)
        shown = page.locator("tbody td[data-value]").first.inner_text()
        assert re.fullmatch(r"−?(\d+(\.\d+)?(e−?\d+)?|∞)", shown)


AUDIT = """async (options) => {
    const found = await axe.run({ resultTypes: ["violations"], preload: false, ...options });
    return found.violations.map((found) => [found.id, found.nodes.map((node) => node.target)]);
}"""
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}


def test_axe_finds_nothing_in_light_and_dark(page):
    """In the dark the rules about colours only: all others look at the same elements."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.locator("summary").click()
    check_all(page)
    page.locator(".scrubber").fill("3")
    for scheme, options in (("light", {}), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_selector(ELEMENT + ("[dark]" if scheme == "dark" else ":not([dark])"))
        settle(page)
        assert page.evaluate(AUDIT, options) == []
    page.emulate_media(color_scheme="light")
    page.wait_for_selector(f"{ELEMENT}:not([dark])")


WRONG = """() => {
    const player = document.querySelector("glass-explorable"), root = player.shadowRoot;
    for (const name of ["aria-label", "title"])
        root.querySelector("[data-action=back]").removeAttribute(name);
    root.querySelector(".caption").style.color = player.hasAttribute("dark") ? "#555" : "#aaa";
}"""


@pytest.mark.parametrize("scene", SCENES[:1], indirect=True)
def test_axe_itself_finds_defects(page):
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme, options in (("light", {}), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_selector(ELEMENT + ("[dark]" if scheme == "dark" else ":not([dark])"))
        settle(page)
        page.evaluate(WRONG)
        found = {rule for rule, _ in page.evaluate(AUDIT, options)}
        assert found >= ({"color-contrast"} if options else {"button-name", "color-contrast"})
    page.emulate_media(color_scheme="light")


FOCUSED = """() => { let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    return node?.dataset?.action || node?.dataset?.control || node?.name
        || (node?.classList.contains("scrubber") && "scrubber") || node?.tagName; }"""


def test_everything_is_reached_and_worked_by_keyboard(page, controls):
    check_all(page)
    page.evaluate("document.activeElement?.blur()")
    page.mouse.click(2, 2)
    order = []
    for _ in range(40):
        page.keyboard.press("Tab")
        order.append(page.evaluate(FOCUSED))
        if order[-1] == "BODY":
            break
    names = {control["name"] for control in controls}
    enabled = {n for n in names if page.locator(f"[name={n}]:disabled").count() == 0}
    assert {"restart", "back", "play", "forward", "scrubber", "SUMMARY"} | enabled <= set(order)

    page.locator("[data-action=forward]").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('glass-explorable').view.phase === 1")
    assert state(page)["step"] == 1
    page.locator(".scrubber").focus()
    page.keyboard.press("ArrowRight")
    assert state(page)["step"] == 2
    settle(page)
    said = page.locator(".scrubber").get_attribute("aria-valuetext")
    assert said == f"step 2 of {state(page)['last']}"
    page.keyboard.press("End")
    assert state(page)["step"] == state(page)["last"]
    page.locator("[data-action=play]").focus()
    page.keyboard.press("Space")  # from the end it starts again
    assert state(page)["playing"]
    assert page.locator("[data-action=play]").get_attribute("aria-label") == "Pause"
    assert page.locator("output").get_attribute("aria-live") == "off"
    page.keyboard.press("Space")
    assert not state(page)["playing"]
    assert page.locator("output").get_attribute("aria-live") == "polite"


def test_points_can_be_dragged_and_stay_in_their_range(page, controls):
    points = [c for c in controls if c["type"] == "point"]
    check_all(page)
    for control in points:
        handle = page.locator(f".handle[data-control={control['name']}] .dot")
        handle.scroll_into_view_if_needed()
        before = state(page)["values"][control["name"]]
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 30, y + 20, steps=4)
        page.mouse.up()
        settle(page)
        after = state(page)["values"][control["name"]]
        assert after[0] > before[0]
        assert after[1] < before[1]  # down on the screen
        moved = handle.bounding_box()
        assert abs(moved["x"] - box["x"] - 30) < 6
        assert abs(moved["y"] - box["y"] - 20) < 6
        said = page.locator(f".handle[data-control={control['name']}]")
        assert str(abs(round(after[0], 2)))[:3] in said.get_attribute("aria-valuetext")
        page.mouse.move(x + 30, y + 20)
        page.mouse.down()
        page.mouse.move(x + 3000, y + 3000)
        page.mouse.up()
        far = state(page)["values"][control["name"]]
        assert far[0] <= control["x"]["max"]
        assert far[1] >= control["y"]["min"]


PHASES = """(enough) => new Promise((done) => {
    const player = document.querySelector("glass-explorable");
    const phases = [], start = performance.now();
    player.play();
    const look = (now) => {
        phases.push(player.view.phase);
        const between = phases.some((phase) => phase > 0 && phase < 1);
        const seen = enough === "tween" ? between : player.step >= 2;
        if (!seen && now - start < 10000) return requestAnimationFrame(look);
        const { step } = player;
        player.pause();
        done({ phases, step });
    };
    requestAnimationFrame(look);
})"""


def test_reduced_motion_means_steps_without_tweening(page):
    page.emulate_media(reduced_motion="reduce")
    seen = page.evaluate(PHASES, "steps")
    assert set(seen["phases"]) == {1}
    assert seen["step"] >= 2
    page.emulate_media(reduced_motion="no-preference")
    rebuild(page)
    assert any(0 < phase < 1 for phase in page.evaluate(PHASES, "tween")["phases"])


def test_without_scripts_and_in_print_the_picture_stands_there(browser, page, path, scene):
    with opened(browser, path, java_script_enabled=False) as still:
        image = still.locator(f"{ELEMENT} img")
        assert image.is_visible()
        assert image.bounding_box()["width"] > 300
        assert image.get_attribute("alt") == player(scene).alt
        assert still.locator("main").inner_text().strip() == scene  # no JSON is shown
    image, app = page.locator(f"{ELEMENT} img"), page.locator(".app")
    assert app.is_visible()
    assert not image.is_visible()
    page.emulate_media(media="print")
    assert image.is_visible()
    assert not app.is_visible()
    page.emulate_media(media="screen")


NARROW = """() => {
    const root = document.querySelector("glass-explorable").shadowRoot, small = [], out = [];
    for (const text of root.querySelectorAll("svg text")) {
        const box = text.getBoundingClientRect();
        if (!text.textContent || getComputedStyle(text).visibility === "hidden") continue;
        const { a, b } = text.getScreenCTM(); // b: a turned text
        const drawn = parseFloat(getComputedStyle(text).fontSize) * a;
        if (Math.abs(b) < 0.01 && drawn < 8) small.push([text.textContent, drawn]);
        if (box.left < -1 || box.right > innerWidth + 1) out.push(text.textContent);
    }
    for (const node of root.querySelectorAll("button, input, select, summary"))
        if (node.getBoundingClientRect().right > innerWidth) out.push(node.outerHTML);
    return { small, out, excess: document.documentElement.scrollWidth - innerWidth,
        scrubber: root.querySelector(".scrubber").getBoundingClientRect().width };
}"""


def test_it_fits_320_pixels_and_can_be_read(page):
    rebuild(page, width=320)
    found = page.evaluate(NARROW)
    assert found["small"] == []
    assert found["out"] == []
    assert found["excess"] <= 0
    assert found["scrubber"] >= 150


FRAMES = """(share) => new Promise((done) => {
    const player = document.querySelector("glass-explorable"), times = [];
    player.view.scene.milliseconds = () => 200; // a step is drawn as ever, in fewer frames
    player.step = Math.floor(share * player.view.last);
    const first = player.step;
    let before = null;
    player.play();
    const start = performance.now();
    const tick = (now) => {
        if (before !== null) times.push(now - before);
        before = now;
        const enough = now - start > 500 && player.step > first + 2 && times.length >= 20;
        if (!enough && now - start < 1300 && player.playing) return requestAnimationFrame(tick);
        player.pause();
        const sum = (list) => list.reduce((total, time) => total + time, 0);
        const median = times.sort((a, b) => a - b)[times.length >> 1];
        const slow = sum(times.filter((time) => time > 20)) / sum(times);
        done({ median, slow, count: times.length + 1 });
    };
    requestAnimationFrame(tick);
})"""


@pytest.fixture(scope="module")
def unlimited(browser: Browser) -> Iterator[Browser]:
    """A browser that draws as many frames as it can, so that a frame's time is what it costs."""
    quick = launch(browser.browser_type, "--disable-frame-rate-limit", "--disable-gpu-vsync")
    yield quick
    quick.close()


def processor_time(browser: Browser) -> dict[int, float]:
    """Return the milliseconds for which a processor has worked for each process of a browser."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return {one["id"]: 1000 * one["cpuTime"] for one in processes if one["type"] != "browser"}


def test_a_frame_takes_less_than_16_milliseconds(unlimited, path, scene):
    """At the start, in the middle and near the end; few frames take longer anywhere."""
    with opened(unlimited, path) as page:
        page.locator("summary").click()  # the table is updated, too
        for share in (0, 0.45, 0.9):
            for _ in range(6):  # other programs take their share: one undisturbed try is enough
                before = processor_time(unlimited)
                frames = page.evaluate(FRAMES, share)
                median, slow = frames["median"], frames["slow"]  # slow: share of the time
                print(f"{scene} at {share}: {median:.1f} ms a frame, {slow:.0%} of the time slow")
                smooth = median < 16 and slow < 0.3
                # where nothing is undisturbed, what counts is the work of the busiest process
                after = processor_time(unlimited)
                work = max(after[one] - before.get(one, 0) for one in after) / frames["count"]
                print(f"{work:.1f} ms of a processor's time")
                if smooth or (crowd() > 2 and work < 16):
                    break
            else:
                pytest.fail(f"{scene} at {share}: {median:.1f} ms, {slow:.0%} slow, {work:.1f} ms")
