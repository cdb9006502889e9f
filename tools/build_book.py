"""Build the book: warnings are errors, and every page of the table of contents must be there.

Sphinx builds only what changed, but it repeats no warning of a page that it does not read again,
and it does not see changes in our own extensions. So after a failure, and when settings or
extensions changed, it starts afresh (the notebooks' outputs come from the execution cache all the
same).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

SETTINGS = ("_config.yml", "_toc.yml", "requirements.txt", "_ext/*.py", "_static/**/*")
SETTINGS += ("_ext/*.mjs",)
ENVIRONMENT = ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL")
# ipykernel's word on local sockets, once a notebook; the parsers' settings, once a build
NOISE = ("Kernel is running over TCP without encryption", "MdParserConfig(", "NbParserConfig(")


def fingerprint(root: Path) -> str:
    """Return a hash of what every page depends on."""
    digest = hashlib.sha256()
    for pattern in SETTINGS:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    for name in ENVIRONMENT:
        digest.update(f"{name}={os.environ.get(name, '')}\0".encode())
    return digest.hexdigest()


def toc_pages(root: Path) -> list[str]:
    """Return the pages that the table of contents names, without suffix."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    pages = [toc["root"]]

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if "file" in node:
                pages.append(node["file"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(toc)
    return pages


def missing_pages(root: Path) -> list[str]:
    """Return the pages of the table of contents that have no HTML file."""
    html = root / "_build/html"
    return [page for page in toc_pages(root) if not (html / f"{page}.html").is_file()]


def run_jupyter_book(root: Path, *options: str) -> int:
    """Run jupyter-book; return its exit code."""
    program = Path(sys.executable).with_name("jupyter-book")  # it has no -m form
    return run(root, str(program), "build", str(root), "-W", "-n", "--keep-going", *options)


def run(root: Path, *command: str) -> int:
    """Run a command, passing its output on line by line; return its exit code."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    environment.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    environment.pop("MPLBACKEND", None)
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        for line in process.stdout:
            if not any(noise in line for noise in NOISE):
                print(line, end="", flush=True)
    return process.returncode


def main(root: Path) -> int:
    """Build; return the exit code."""
    mark = root / "_build/.last-good-build"
    now = fingerprint(root)
    fresh = not mark.is_file() or mark.read_text(encoding="utf-8") != now
    mark.unlink(missing_ok=True)
    if fresh:
        shutil.rmtree(root / "_build/html", ignore_errors=True)
    code = run(root, sys.executable, str(root / "tools/live_files.py"))
    if code:
        return code
    run(root, sys.executable, str(root / "tools/execute_pages.py"), *toc_pages(root))
    code = run_jupyter_book(root, *(["--all"] if fresh else []))
    if code:
        print(f"\nThe book was not built: see the warnings and errors above ({code}).")
        return code
    missing = missing_pages(root)
    if missing:
        print("\nPages of _toc.yml that were not built: " + ", ".join(missing))
        return 1
    mark.write_text(now, encoding="utf-8")
    index = root / "_build/html/index.html"
    print(f"\nThe book is ready ({len(toc_pages(root))} pages). Open {index}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
