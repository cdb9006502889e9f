"""Live cells: what a page needs so that its code cells run in the reader's browser.

Each page with code cells loads the script (``web/live``) and names a file of its own,
``_static/live/pages/PAGE.json``, with the sources of all its cells and what they need. A cell's
element carries its number there. What the script loads in turn was staged by
``tools/live_files.py``; where it could not be had, pages are as they would be without this
extension, as they are in every builder but the one for the web.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import quote

import nbformat
from docutils import nodes
from live_marks import marks
from live_packages import Glassnet, files_of, packages_of
from notebook_files import read_notebook
from repository import find_repository
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from glassnet.crosscheck.storage import bundle

logger = logging.getLogger(__name__)

STAGE = Path("_build/web")  # a static path: what is in it lies in the site's _static
FOLDERS = ("live", "pyodide")
NEEDED = ("live/manifest.json", "live/live.js", "live/live.css", "pyodide/pyodide-lock.json")
MADE = {"pages", "files", "recordings"}  # what this extension itself writes into _static/live
RECORDS = "keras-values"  # in the execution cache: what Keras computed for a page's comparisons
HIDDEN = {"remove-cell", "remove-input", "remove_cell", "remove_input"}
BINDER = "https://mybinder.org/v2/gh/{owner}/{name}/{branch}?urlpath=lab/tree/{path}"


class live_cell(nodes.container):
    """A code cell with its number in the page's file."""


class LivePages:
    """The files of the pages, made once in a build.

    Parameters
    ----------
    root : path
        Of the book.
    available : set of str
        The packages that the browser can be given.
    """

    def __init__(self, root: Path, available: Iterable[str]) -> None:
        self.root, self.available = root, set(available)
        self.glassnet: Glassnet | None = None  # read when the first page asks
        self.made: dict[str, tuple[dict, dict[int, dict]] | None] = {}

    def page(self, docname: str, path: Path) -> dict | None:
        """Return what the file of a page holds, None if the page has no code cells."""
        made = self._make(docname, path)
        return made[0] if made else None

    def cells(self, docname: str, path: Path) -> dict[int, dict]:
        """Return the code cells of a page by their places among all its cells."""
        made = self._make(docname, path)
        return made[1] if made else {}

    def _make(self, docname: str, path: Path) -> tuple[dict, dict[int, dict]] | None:
        if docname not in self.made:
            notebook = read_notebook(path)
            cells = [] if notebook is None else enumerate(notebook.cells)
            codes = {place: cell for place, cell in cells if cell.cell_type == "code"}
            self.made[docname] = None
            if codes:
                page = self._page(docname, path, list(codes.values()))
                self.made[docname] = page, dict(zip(codes, page["cells"], strict=True))
        return self.made[docname]

    def _page(self, docname: str, path: Path, cells: list[nbformat.NotebookNode]) -> dict:
        if self.glassnet is None:
            self.glassnet = Glassnet(self.root / "src/glassnet", self.available)
        sources = [cell.source for cell in cells]
        found = zip(cells, marks(sources), packages_of(sources, self.glassnet), strict=True)
        names = [
            file.relative_to(self.root).as_posix()
            for file in files_of(sources, path.parent, self.root)
        ]
        return {
            "page": docname,
            "folder": path.parent.relative_to(self.root).as_posix(),
            "cells": [_cell(number, *one) for number, one in enumerate(found)],
            "files": {name: f"files/{name}" for name in names},
            "recordings": None,
        }


def _cell(number: int, cell: nbformat.NotebookNode, mark: tuple, packages: list[str]) -> dict:
    tags = list(cell.metadata.get("tags", []))
    image = cell.metadata.get("mystnb", {}).get("image", {})
    entry = {
        "index": number,
        "source": cell.source,
        "browser": mark.browser,
        "needs": mark.needs,
        "packages": packages,
        "shown": not HIDDEN & set(tags),
        "tags": tags,
        "alt": image.get("alt"),
    }
    return {name: value for name, value in entry.items() if value is not None}


def staged(root: Path) -> str:
    """Return a hash of what the pages themselves show of the staged files; empty without them."""
    paths = [root / STAGE / name for name in NEEDED]
    if not all(path.is_file() for path in paths):
        return ""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()[:12]


def _for_the_web(app: Sphinx) -> bool:
    return bool(app.config.live_cells) and app.builder.name == "html"


def _config_inited(app: Sphinx, config: Config) -> None:
    root = Path(app.srcdir)
    config.live_cells = staged(root)  # a value of the configuration: all pages are written again
    if not config.live_cells:
        logger.info("Live cells are left out: what they load was not to be had.")
        return
    if STAGE.as_posix() not in config.html_static_path:
        config.html_static_path.append(STAGE.as_posix())
    manifest = json.loads((root / STAGE / NEEDED[0]).read_text(encoding="utf-8"))
    app.live_pages = LivePages(root, manifest["packages"])


def _number_cells(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give every cell that is shown its number."""
    if not _for_the_web(app):
        return
    cells = app.live_pages.cells(docname, Path(app.env.doc2path(docname)))
    for node in list(doctree.findall(nodes.container)):
        if node.get("nb_element") == "cell_code" and node.get("cell_index") in cells:
            cell = live_cell("", *node.children, **node.attributes)
            cell["live"] = cells[node["cell_index"]]
            node.replace_self(cell)


def _add_to_page(app: Sphinx, page: str, _template: str, context: dict, doctree: object) -> None:
    """Write the file of a page, and let the page load the script."""
    if doctree is None or not _for_the_web(app):
        return
    path = Path(app.env.doc2path(page))
    data = app.live_pages.page(page, path)
    if data is None:
        return
    folder = Path(app.outdir, "_static/live")
    records = bundle(Path(app.config.nb_execution_cache_path) / RECORDS / page)
    if records:
        data["recordings"] = f"recordings/{page}.bin"
        _write(folder / data["recordings"], records)
    _write(folder / f"pages/{page}.json", json.dumps(data, ensure_ascii=False).encode())
    for name, address in data["files"].items():
        _write(folder / address, Path(app.srcdir, name).read_bytes())
    app.add_css_file("live/live.css")
    app.add_js_file("live/live.js", loading_method="defer")
    pathto = context["pathto"]
    attributes = {
        "id": "gn-live",
        "data-page": pathto(f"_static/live/pages/{page}.json", resource=True),
        "data-root": pathto("_static/live/", resource=True),
        "data-binder": binder_address(app, path),
    }
    words = [f'{name}="{escape(value)}"' for name, value in attributes.items() if value]
    context["body"] += f"<div {' '.join(words)} hidden></div>\n"


def binder_address(app: Sphinx, path: Path) -> str:
    """Return where Binder opens a page, empty if the repository's address is not known."""
    repository = find_repository(getattr(app.config, "repository_address", ""), os.environ)
    if repository is None or not repository.on_github:
        return ""
    branch = getattr(app.config, "repository_branch", "main")
    name = quote(path.relative_to(app.srcdir).as_posix())
    return BINDER.format(
        owner=repository.owner, name=repository.name, branch=quote(branch, safe=""), path=name
    )


def _write(path: Path, data: bytes) -> None:
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def copy_staged(root: Path, static: Path) -> None:
    """Bring the staged files into the site, also where no page changed; remove what is gone."""
    for folder in FOLDERS:
        source, target = root / STAGE / folder, static / folder
        names = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
        for name in names:
            old = target / name
            if not old.is_file() or not filecmp.cmp(source / name, old, shallow=False):
                old.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, old)
        for path in list(target.rglob("*")):
            name = path.relative_to(target)
            if path.is_file() and name not in names and name.parts[0] not in MADE:
                path.unlink()


def _build_finished(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    if app.config.live_cells:
        copy_staged(Path(app.srcdir), static)
        return
    for folder in FOLDERS:
        shutil.rmtree(static / folder, ignore_errors=True)


def _visit_html(self: object, node: live_cell) -> None:
    data = {"data-live-cell": str(node["live"]["index"])}
    if node["live"]["needs"]:
        data["data-live-needs"] = " ".join(node["live"]["needs"])
    self.body.append(self.starttag(node, "div", CLASS="docutils container", **data))


def _depart_html(self: object, _node: live_cell) -> None:
    self.body.append("</div>\n")


def setup(app: Sphinx) -> dict:
    """Register the settings and the events."""
    app.add_config_value("live_cells", "", "html", [str])
    app.add_node(live_cell, html=(_visit_html, _depart_html))
    app.connect("config-inited", _config_inited)
    app.connect("doctree-resolved", _number_cells)
    app.connect("html-page-context", _add_to_page)
    app.connect("build-finished", _build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
