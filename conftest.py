"""Notebooks as tests: theory pages too, and every one within its limits of time and memory.

nbmake runs .ipynb files only, so the theory pages (MyST text notebooks) are converted first; they
run in the folder of the original. Time and memory of each notebook are measured in the one run
that tests it, and its outputs go into the execution cache, from which the build takes them: a page
shows the run that was tested.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import nbformat
import psutil
import pytest
from jupyter_cache import get_cache
from nbmake.nb_run import NotebookRun
from nbmake.pytest_items import NotebookFailedException, NotebookFile, NotebookItem

from tools.execute_pages import cache_folder, record_keras, store
from tools.theory_pages import convert, is_theory_page

SECONDS = float(os.environ.get("NOTEBOOK_SECONDS", "60"))
MEBIBYTES = float(os.environ.get("NOTEBOOK_MEBIBYTES", "1024"))
SAMPLE_EVERY = 0.1  # seconds
EXECUTED = Path("_build/executed")

# the kernels that the tests start compute as the book's do
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.pop("MPLBACKEND", None)


class Cost(NamedTuple):
    """What one notebook took."""

    name: str
    seconds: float
    mebibytes: float

    @property
    def excess(self) -> str:
        """Which limits are passed, as text; empty if none is."""
        over = []
        if self.seconds > SECONDS:
            over.append(f"{self.seconds:.1f} s, limit {SECONDS:g} s")
        if self.mebibytes > MEBIBYTES:
            over.append(f"{self.mebibytes:.0f} MiB, limit {MEBIBYTES:g} MiB")
        return "; ".join(over)


costs: list[Cost] = []


class _ConvertedPath(type(Path())):
    """Path of a converted page that has the folder of the original as its parent.

    nbmake runs a notebook in ``filename.parent``, and a page's relative paths start at the page.
    """

    folder: Path

    @property
    def parent(self) -> Path:
        return self.folder


class PageItem(NotebookItem):
    """A lab or a theory page, run as a notebook; what it showed is kept for the build."""

    def runtest(self) -> None:
        page, option = Path(self.path), self.config.option
        source = page
        if is_theory_page(page):
            source = _ConvertedPath(convert(page, self.config.rootpath))
            source.folder = page.parent
        record_keras(page, cache_folder(self.config.rootpath))
        run = NotebookRun(source, option.nbmake_timeout, kernel=option.nbmake_kernel)
        start = time.perf_counter()
        result = run.execute()
        if result.error is not None:
            raise NotebookFailedException(result)
        kept = self.config.rootpath / EXECUTED / page.relative_to(self.config.rootpath)
        kept.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(result.nb, kept)
        self.user_properties.append(("kept", (str(page), str(kept), time.perf_counter() - start)))


class PageFile(pytest.File):
    """A notebook, or a .md file that names a kernel."""

    def collect(self) -> Generator[PageItem]:
        yield PageItem.from_parent(self, filename=str(self.path))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect theory pages where nbmake collects notebooks, and run both in the same way."""
    found = yield
    if not parent.config.option.nbmake or "_build" in file_path.parts:
        return found
    if is_theory_page(file_path) or any(isinstance(file, NotebookFile) for file in found):
        return [PageFile.from_parent(parent, path=file_path)]
    return found


class _Peak(threading.Thread):
    """Samples the memory of the processes that appear below this one while it runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.me = psutil.Process()
        self.before = {process.pid for process in self.me.children(recursive=True)}
        self.bytes = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(SAMPLE_EVERY):
            total = 0
            for process in self.me.children(recursive=True):
                if process.pid in self.before:
                    continue
                try:
                    total += process.memory_info().rss
                except psutil.Error:  # it has just ended
                    continue
            self.bytes = max(self.bytes, total)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure a notebook and fail it above its limits, unless it has failed by itself."""
    if not isinstance(item, NotebookItem):
        return (yield)
    peak = _Peak()
    start = time.perf_counter()
    peak.start()
    try:
        result = yield
    finally:
        seconds = time.perf_counter() - start
        peak.done.set()
        peak.join()
        name = item.path.relative_to(item.config.rootpath).as_posix()
        cost = Cost(name, seconds, peak.bytes / 2**20)
        item.user_properties.append(("cost", tuple(cost)))  # goes with the report
    if cost.excess:
        pytest.fail(f"{name} is over its limit: {cost.excess}", pytrace=False)
    return result


class _Results:
    """Collects costs and outputs in the one process that sees all reports.

    jupyter-cache is no place for several writers at once.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.cache = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        for key, value in report.user_properties:
            if key == "cost":
                costs.append(Cost(*value))
            elif key == "kept" and report.passed and not self.config.option.nbmake_kernel:
                self.cache = self.cache or get_cache(str(cache_folder(self.config.rootpath)))
                page, kept, seconds = value
                store(Path(page), nbformat.read(kept, as_version=4), seconds, self.cache)


def pytest_configure(config: pytest.Config) -> None:
    """Listen to the reports, but not in a process that only runs tests for another."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Results(config))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what every notebook took."""
    if not costs:
        return
    width = max(len(cost.name) for cost in costs)
    terminalreporter.section(f"notebooks (limits {SECONDS:g} s and {MEBIBYTES:g} MiB each)")
    for cost in costs:
        mark = "  OVER" if cost.excess else ""
        terminalreporter.line(
            f"{cost.name:{width}}  {cost.seconds:6.1f} s  {cost.mebibytes:5.0f} MiB{mark}"
        )
    total = sum(cost.seconds for cost in costs)
    terminalreporter.line(f"{len(costs)} notebooks, {total:.0f} s in all")
