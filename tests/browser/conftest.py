"""The browser, and the built book, served and from disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_browser import launch, serving
from playwright.sync_api import Browser, Error, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NOT_RUN = "not tried in a browser"


def _unavailable(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"in CI the browser tests must run: {reason}")
    pytest.skip(f"{NOT_RUN}: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that the browser tests did not run."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    skipped = [reason for reason in reasons if NOT_RUN in reason]
    if skipped:
        terminalreporter.section("BROWSER TESTS SKIPPED", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests of the pages in a browser did NOT run:")
        terminalreporter.line(skipped[0])
        terminalreporter.line("Install chromium, or run: .venv/bin/playwright install chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; without one each test is skipped loudly, and fails in CI."""
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright.chromium)
        except Error as error:
            line = str(error).strip().splitlines()[0]
            _unavailable(f"no browser can be started: {line}")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def html() -> Path:
    """The built book."""
    folder = ROOT / "_build/html"
    if not (folder / "index.html").is_file():
        _unavailable("the book is not built: run `make book`")
    return folder


@pytest.fixture(scope="session")
def served(html: Path) -> Iterator[str]:
    """Address of the book on this machine."""
    with serving(html) as address:
        yield address
