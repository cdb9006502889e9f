"""Style sheets of the theme without the rules that no page can use.

Bootstrap and the sheets built on it style much that a book does not have. A rule stays if every
class that it asks for stands in a page, or as a word in a script of the site, which may set it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from built_pages import built_pages, rewrite
from sphinx.application import Sphinx
from subsetting import used_rules

SHEETS = (
    "styles/bootstrap.css",
    "styles/pydata-sphinx-theme.css",
    "styles/sphinx-book-theme.css",
    "sphinx-design.min.css",
    "mystnb.*.css",
)
ATTRIBUTE = re.compile(r'\bclass="([^"]*)"')
WORD = re.compile(r"-?[A-Za-z_][\w-]*")
TABS = re.compile(r"\s*<script data-sd-tabs[^>]*></script>")  # for pages that have tabs
NOT_OURS = {"vendor", "mathjax", "pyodide", "locales"}


def possible_classes(out: Path) -> set[str]:
    """Return every class that a page has, and every word of a script."""
    found: set[str] = set()
    for path in built_pages(out):
        for names in set(ATTRIBUTE.findall(path.read_text(encoding="utf-8"))):
            found.update(names.split())
    static = out / "_static"
    for path in [*static.rglob("*.js"), *static.rglob("*.mjs")]:
        if not NOT_OURS & set(path.relative_to(static).parts):
            found.update(WORD.findall(path.read_text(encoding="utf-8")))
    return found


def lighten(out: Path) -> None:
    """Rewrite the sheets, and name them anew in the pages, so that no cache keeps an old one."""
    classes = possible_classes(out)
    keys = {}
    for pattern in SHEETS:
        for path in (out / "_static").glob(pattern):
            text = used_rules(path.read_text(encoding="utf-8"), classes)
            path.write_text(text, encoding="utf-8")
            name = path.relative_to(out).as_posix()
            keys[name] = hashlib.sha256(text.encode()).hexdigest()[:8]
    names = "|".join(map(re.escape, keys))
    link = re.compile(rf'(href="(?:\.\./)*)({names})(?:\?[\w=&;]*)?"')

    def change(text: str, _path: Path) -> str:
        text = link.sub(lambda m: f'{m[1]}{m[2]}?v={keys[m[2]]}"', text)
        return text if "sd-tab" in TABS.sub("", text) else TABS.sub("", text)

    rewrite(out, change)


def _build_finished(app: Sphinx, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        lighten(Path(app.outdir))


def setup(app: Sphinx) -> dict:
    """Register the extension; it runs after those that change what pages show."""
    app.connect("build-finished", _build_finished, priority=800)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
