"""Check the built pages: internal links resolve, nothing is fetched from a foreign host.

Usage: check_site.py [FOLDER]   (default _build/html); prints what is wrong, exits with 1 if
anything is.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

# Attributes whose file the browser fetches by itself; an <a href> only when the reader follows it.
FETCHED = {"src", "srcset", "poster", "data", "background"}
# Of these only a name is looked up or a connection opened, which no test of requests can see.
CONNECTING_LINKS = {"preconnect", "dns-prefetch"}
FETCHING_LINKS = CONNECTING_LINKS | {
    "stylesheet",
    "preload",
    "prefetch",
    "modulepreload",
    "prerender",
    "icon",
    "apple-touch-icon",
    "mask-icon",
    "manifest",
    "pingback",
}
SOURCE_MAP = re.compile(r"[#@]\s*sourceMappingURL=(\S+)")  # fetched by the browser's own tools
CSS_FETCH = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")
FOREIGN = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
# A script can fetch what it likes: named hosts of script and font networks are enough to stop on.
NETWORKS = re.compile(
    r"(?:unpkg\.com|jsdelivr\.net|cdnjs\.cloudflare\.com|googleapis\.com|gstatic\.com|bootstrapcdn\.com)"
)


class Reference(NamedTuple):
    """A link or a file that a page names."""

    tag: str
    attribute: str
    target: str
    fetched: bool


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.anchors: set[str] = set()
        self.references: list[Reference] = []
        self.inline: list[str] = []  # text of <style> and <script>
        self._collecting = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if values.get("id"):
            self.anchors.add(values["id"])
        if tag == "a" and values.get("name"):
            self.anchors.add(values["name"])
        if "style" in values:
            self.inline.append(values["style"])
        relations = set(values.get("rel", "").lower().split())
        for name, value in values.items():
            if name in FETCHED and tag != "param":
                parts = [p.split()[0] for p in value.split(",")] if name == "srcset" else [value]
                self.references += [Reference(tag, name, part, True) for part in parts]
            elif name == "href":
                fetched = tag == "link" and bool(relations & FETCHING_LINKS)
                if tag == "link" and not fetched and relations & {"canonical", "alternate"}:
                    continue  # names the published address; nobody fetches it
                self.references.append(Reference(tag, name, value, fetched or tag == "image"))
        self._collecting = tag in {"style", "script"}

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        self._collecting = False

    def handle_data(self, data: str) -> None:
        if self._collecting:
            self.inline.append(data)


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _pages(root: Path) -> dict[Path, _Page]:
    # _static holds templates of the theme's own (such as the macros for its scripts), not pages
    return {
        path: _read(path)
        for path in sorted(root.rglob("*.html"))
        if "_static" not in path.relative_to(root).parts
    }


def dead_links(root: Path) -> list[str]:
    """Return a line for every internal link, image or script whose file or anchor is not there."""
    root = root.resolve()
    pages = _pages(root)
    problems = []
    for path, page in pages.items():
        where = path.relative_to(root).as_posix()
        for reference in page.references:
            parts = urlsplit(reference.target)
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if file.is_dir():
                file = file / "index.html"
            if not file.is_relative_to(root) or not file.is_file():
                problems.append(f"{where}: no file for {reference.target}")
            elif parts.fragment and file in pages:
                # Sphinx writes "#" alone for the page's top; a fragment is an id, perhaps quoted
                fragment = unquote(parts.fragment)
                if fragment not in pages[file].anchors:
                    problems.append(f"{where}: no anchor for {reference.target}")
    return sorted(set(problems))


def foreign_requests(root: Path) -> list[str]:
    """Return a line for everything that a browser would fetch from another host."""
    problems = []
    for path, page in _pages(root).items():
        where = path.relative_to(root).as_posix()
        for reference in page.references:
            if reference.fetched and FOREIGN.match(reference.target):
                problems.append(f"{where}: <{reference.tag}> fetches {reference.target}")
        for text in page.inline:
            problems += [f"{where}: inline text names {m.group()}" for m in NETWORKS.finditer(text)]
            problems += _foreign_in_css(where, text)
    for path in sorted(path for kind in ("css", "svg") for path in root.rglob(f"*.{kind}")):
        where = path.relative_to(root).as_posix()
        problems += _foreign_in_css(where, path.read_text(encoding="utf-8"))
    for path in sorted(path for kind in ("css", "js", "mjs") for path in root.rglob(f"*.{kind}")):
        where = path.relative_to(root).as_posix()
        maps = SOURCE_MAP.findall(path.read_text(encoding="utf-8", errors="replace"))
        problems += [f"{where}: source map at {target}" for target in maps if FOREIGN.match(target)]
    return sorted(set(problems))


def _foreign_in_css(where: str, text: str) -> list[str]:
    targets = (match.group(1) or match.group(2) for match in CSS_FETCH.finditer(text))
    return [f"{where}: style fetches {target}" for target in targets if FOREIGN.match(target)]


def main(root: Path) -> int:
    """Print what is wrong and return the exit code."""
    problems = dead_links(root) + foreign_requests(root)
    print("\n".join(problems) or f"{root}: all internal links resolve, nothing foreign is fetched")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html")))
