"""A headless Chromium that reaches this machine only, and a server for what it is to open."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, BrowserType

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


def launch(kind: BrowserType, *more: str) -> Browser:
    """Start a browser: an installed one, else Playwright's own download."""
    path = next(filter(None, map(shutil.which, INSTALLED)), None)
    arguments = [*ARGUMENTS, *more]
    if os.environ.get("CI") or getattr(os, "geteuid", lambda: 1)() == 0:
        arguments.append("--no-sandbox")  # as root, and in containers, it cannot start otherwise
    return kind.launch(executable_path=path, args=arguments)


def crowd() -> float:
    """Return how many processes want each processor, at least 1: a page gets its share only."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)) if hasattr(os, "getloadavg") else 1


class _Quiet(SimpleHTTPRequestHandler):
    """Serves a folder with a policy, if there is one, and says nothing of each request."""

    def __init__(self, *args: object, policy: str, **options: object) -> None:
        self.policy = policy
        super().__init__(*args, **options)

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path, policy: str = "") -> Iterator[str]:
    """Serve a folder on a free port of this machine; the value is its address."""
    handler = partial(_Quiet, directory=folder, policy=policy)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
