"""A small site with live cells, as the build would make it, without building the book."""

from __future__ import annotations

import html
import json
import shutil
from pathlib import Path

from glassnet.explore.assets import core_source, page_style, scene_source

ROOT = Path(__file__).resolve().parents[2]
STAGED = ROOT / "_build/web"
MADE = ("editor.js", "manifest.json")  # by tools/live_files.py, as is the wheel
SCENE = "mlp"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'"
)
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="../_static/live/live.css">
<script src="../_static/live/live.js" defer></script>
</head><body>
<style>body {{ margin: 1rem; font: 16px sans-serif; --pst-color-border: #999;
--pst-color-text-base: #222; --pst-color-text-muted: #555; --pst-color-primary: #06c;
--pst-color-surface: #f4f4f4; --pst-color-danger: #b00; --pst-color-background: #fff; }}
pre {{ margin: 0; }}</style>
<div id="gn-live" data-page="../_static/live/pages/{name}.json" data-root="../_static/live/"
hidden></div>
{cells}
<p><button type="button">elsewhere</button></p><div id="end">The end</div>
</body></html>
"""


def missing() -> str | None:
    """Return what keeps live cells from being tested, or None."""
    names = [STAGED / "live" / name for name in MADE] + [STAGED / "pyodide/pyodide.asm.wasm"]
    absent = [path.relative_to(ROOT).as_posix() for path in names if not path.is_file()]
    return f"{', '.join(absent)} not staged: run `make book`" if absent else None


def make_site(folder: Path) -> None:
    """Put the scripts of live cells, as they are now, and what they load into a folder."""
    live = folder / "_static/live"
    shutil.copytree(ROOT / "_ext/web/live", live, ignore=shutil.ignore_patterns("__pycache__"))
    (live / "pages").mkdir()
    (folder / "pages").mkdir()
    for path in (STAGED / "live").iterdir():
        if path.name in MADE or path.suffix in (".whl", ".zip"):
            (live / path.name).symlink_to(path)
    (folder / "_static/pyodide").symlink_to(STAGED / "pyodide")
    shutil.copy(ROOT / "_static/book.css", folder / "_static")
    scripts = folder / "_static/explorables"
    scripts.mkdir()
    sources = {"core.js": core_source(), "page.css": page_style()}
    sources[f"{SCENE}.js"] = scene_source(SCENE)
    for name, text in sources.items():
        (scripts / name).write_text(text, encoding="utf-8")


def cell(source: str, **fields: object) -> dict:
    """Return a cell of a page's JSON; `saved` is HTML of its saved output, None hides the cell."""
    return {"source": source, "needs": [], "packages": [], "tags": [], "saved": "", **fields}


def _element(index: int, one: dict) -> str:
    if one["saved"] is None:
        return ""
    needs = f' data-live-needs="{one["needs"][0]}"' if one["needs"] else ""
    saved = f'<div class="cell_output">{one["saved"]}</div>' if one["saved"] else ""
    return (
        f'<div class="cell" data-live-cell="{index}"{needs}><div class="cell_input">'
        f'<div class="highlight-python"><div class="highlight"><pre>{html.escape(one["source"])}'
        f"</pre></div></div></div>{saved}</div>"
    )


def add_page(folder: Path, name: str, cells: list[dict], **fields: object) -> None:
    """Write a page and its JSON."""
    numbered = [{"index": i, **one} for i, one in enumerate(cells)]
    data = {"page": name, "folder": "pages", "cells": numbered, "files": {}, "recordings": None}
    path = folder / "_static/live/pages" / f"{name}.json"
    path.write_text(json.dumps(data | fields), encoding="utf-8")
    body = "\n".join(_element(i, one) for i, one in enumerate(cells))
    text = PAGE.format(title=name, name=name, policy=html.escape(POLICY), cells=body)
    (folder / "pages" / f"{name}.html").write_text(text, encoding="utf-8")
