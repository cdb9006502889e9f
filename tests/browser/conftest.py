"""A headless Chromium that reaches this machine only, and the built book, served and from disk."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # no name but the loopback's is ever looked up
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
_skipped: list[str] = []


def _unavailable(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"in CI the browser tests must run: {reason}")
    _skipped.append(reason)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that the browser tests did not run."""
    if _skipped:
        terminalreporter.section("BROWSER TESTS SKIPPED", red=True, bold=True)
        terminalreporter.line(f"{len(_skipped)} tests of the pages in a browser did NOT run:")
        terminalreporter.line(_skipped[0])
        terminalreporter.line("Install chromium, or run: .venv/bin/playwright install chromium")


@pytest.fixture(scope="session")
def _browser() -> Iterator[Browser | str]:
    """The browser, or why there is none: an installed one, else Playwright's own download."""
    path = next(filter(None, map(shutil.which, INSTALLED)), None)
    arguments = list(ARGUMENTS)
    if os.environ.get("CI") or getattr(os, "geteuid", lambda: 1)() == 0:
        arguments.append("--no-sandbox")  # as root, and in containers, it cannot start otherwise
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=arguments)
        except Error as error:
            yield f"no browser can be started: {str(error).strip().splitlines()[0]}"
            return
        yield browser
        browser.close()


@pytest.fixture
def browser(_browser: Browser | str) -> Browser:
    """The browser; without one the test is skipped loudly, and fails in CI."""
    if isinstance(_browser, str):
        _unavailable(_browser)
    return _browser


@pytest.fixture(scope="session")
def html() -> Path:
    """The built book."""
    folder = ROOT / "_build/html"
    if not (folder / "index.html").is_file():
        _unavailable("the book is not built: run `make book`")
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="session")
def served(html: Path) -> Iterator[str]:
    """Address of the book on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=html))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
