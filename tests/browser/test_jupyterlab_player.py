"""The player in a real JupyterLab: shown by a cell, driven by Python, there without a kernel too.

The server runs on a free port with a token, in folders of its own; nothing of it is left behind.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import Request, urlopen

import nbformat
import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page

from glassnet.explore import Player

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = "player.ipynb"
CELLS = (
    'from glassnet.explore import Player\nPlayer.of("descent")',
    'widget = Player.of("descent").live\nwidget',
    "widget.step = 7",
    'print("step", widget.step, "rate", widget.params["rate"])',
)
PLAYER = "glass-explorable[ready]"
LIVE = f"{PLAYER}:not([data-live])"  # the static one in the same output has this attribute
NOT_NEEDED = (
    "jupyter_lsp",
    "jupyter_server_terminals",
    "jupyterlab_jupytext",
    "notebook",
    *(
        f"nbgrader.server_extensions.{name}"
        for name in ("assignment_list", "course_list", "formgrader", "validate_assignment")
    ),
)
SECONDS = 60  # at most, for a start of the server or of a kernel on a busy machine


class Server(NamedTuple):
    """A JupyterLab of this test's own."""

    address: str
    token: str
    folder: Path

    def ask(self, path: str, method: str = "GET") -> list | dict | None:
        """Ask the server's interface for something."""
        headers = {"Authorization": f"token {self.token}"}
        request = Request(f"{self.address}/api/{path}", method=method, headers=headers)
        with urlopen(request, timeout=5) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stop_kernels(self) -> None:
        """End every kernel, as the menu does."""
        for kernel in self.ask("kernels"):
            self.ask(f"kernels/{kernel['id']}", "DELETE")


def free_port() -> int:
    """Return the number of a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def running(folder: Path) -> list[str]:
    """The commands of all processes that name a folder: the server, and kernels by their files."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = " ".join(process.info["cmdline"] or ())
        if str(folder) in command:
            found.append(command)
    return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("jupyterlab")
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTER_{name}": str(folder / name.lower()) for name in names}
    own |= {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": str(ROOT / "src"),
    }
    (folder / "work").mkdir()
    off = {"ServerApp": {"jpserver_extensions": dict.fromkeys(NOT_NEEDED, False)}}
    (folder / "config_dir").mkdir()
    (folder / "config_dir/jupyter_server_config.json").write_text(json.dumps(off))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "work" / NOTEBOOK)
    server = Server(f"http://127.0.0.1:{free_port()}", secrets.token_hex(16), folder)
    options = [
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={server.address.rpartition(':')[2]}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder / 'work'}",
        f"--IdentityProvider.token={server.token}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=os.environ | own, cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait_for(server, process)
        yield server
        server.stop_kernels()
    finally:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:  # it may wait for an extension for ever
            process.kill()
            process.wait()
    assert running(folder) == []


def wait_for(server: Server, process: subprocess.Popen) -> None:
    """Wait until the server answers; fail with its log if it does not."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            server.ask("status")
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    pytest.fail("JupyterLab does not start:\n" + (server.folder / "log.txt").read_text())


@pytest.fixture
def page(browser: Browser, lab: Server) -> Iterator[Page]:
    """A page that reaches this server only, with an empty JupyterLab in it."""
    context = browser.new_context(viewport={"width": 1300, "height": 1600})
    page = context.new_page()
    page.set_default_timeout(1000 * SECONDS)
    open_lab(page, lab)
    yield page
    context.close()


def open_lab(page: Page, lab: Server) -> None:
    """Load JupyterLab with nothing open."""
    page.goto(f"{lab.address}/lab?reset&token={lab.token}")
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("() => jupyterapp.restored.then(() => null)")


def open_notebook(page: Page, kernel: bool, path: str = NOTEBOOK) -> None:
    """Open the notebook, with a kernel or without."""
    page.evaluate(
        """async ([path, wanted]) => {
            const preference = wanted
                ? { name: "python3", autoStartDefault: true }
                : { shouldStart: false, canStart: false };
            const open = { path, factory: "Notebook", kernelPreference: preference };
            const panel = await jupyterapp.commands.execute("docmanager:open", open);
            await panel.context.ready;
            await panel.revealed;
            if (wanted) {
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
            }
            window.panel = panel;
        }""",
        [path, kernel],
    )
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")


def run(page: Page, index: int) -> None:
    """Run a cell as a reader does, and wait until it has been executed."""
    page.locator(".jp-CodeCell .cm-content").nth(index).click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(
        "(index) => panel.content.widgets[index].model.executionCount !== null"
        " && panel.sessionContext.session.kernel.status === 'idle'",
        arg=index,
    )


def output(page: Page, index: int, selector: str = "") -> Locator:
    """Return something in the output of a cell."""
    return page.locator(".jp-CodeCell").nth(index).locator(f".jp-OutputArea {selector}".strip())


def step(page: Page, index: int, selector: str) -> int:
    return output(page, index, selector).evaluate("(player) => player.step")


def test_a_player_is_shown_driven_and_kept(page: Page, lab: Server) -> None:
    open_notebook(page, kernel=True)
    run(page, 0)
    shown = output(page, 0, PLAYER)
    shown.wait_for()
    assert shown.get_attribute("data-scene") == "descent"
    shown.locator("[data-action=forward]").click()
    assert step(page, 0, PLAYER) == 1

    run(page, 1)
    live, kept = output(page, 1, LIVE), output(page, 1, f"{PLAYER}[data-live]")
    live.wait_for()
    assert kept.count() == 1
    assert not kept.is_visible()  # the live one has taken its place

    run(page, 2)  # Python to the page
    page.wait_for_function("(player) => player.step === 7", arg=live.element_handle())
    assert step(page, 0, PLAYER) == 1  # only this one

    live.locator("[data-action=forward]").click()  # the page to Python
    live.locator("input[name=rate]").fill("2")
    run(page, 3)
    assert output(page, 3).inner_text().strip() == "step 8 rate 0.02"

    page.evaluate("() => panel.context.save()")
    lab.stop_kernels()
    open_lab(page, lab)
    open_notebook(page, kernel=False)
    assert lab.ask("kernels") == []
    kept.wait_for()  # visible again: nothing hides it
    assert live.count() == 0
    kept.locator("[data-action=forward]").click()
    assert step(page, 1, f"{PLAYER}[data-live]") == 1
    assert lab.ask("kernels") == []


def test_an_untrusted_notebook_shows_the_picture(page: Page, lab: Server) -> None:
    """Outputs that nobody here has computed: their scripts do not run."""
    shown = nbformat.v4.new_output("display_data", data=Player.of("descent").bundle())
    cell = nbformat.v4.new_code_cell(CELLS[0], outputs=[shown])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.write(notebook, lab.folder / "work/foreign.ipynb")
    open_notebook(page, kernel=False, path="foreign.ipynb")
    picture = output(page, 0, "img").first
    picture.wait_for()
    assert picture.evaluate("(image) => image.naturalWidth") > 300
    assert page.locator(PLAYER).count() == 0
