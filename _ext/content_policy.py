"""A Content-Security-Policy in every page: only files of the site, and no script in the text.

A static host sends no headers of ours, so the policy is a ``<meta>`` at the start of the head. The
theme's own few inline scripts are known here by their text and allowed by their hashes, page by
page; any other is named in a warning and will not run. Handlers in attributes never run: the
theme's one becomes an attribute that ``_static/print.js`` looks for.

Chromium takes ``'self'`` for the files of the disk when a page is opened from there, so the same
policy holds without a server. A worker is not bound by the page's policy but by its own response.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from built_pages import rewrite
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],  # and the hashes of the theme's scripts
    # attributes too: MathJax's formulas carry widths, the theme's lists and pictures theirs
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],  # blob: figures that a live cell draws
    "media-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'"],
    "frame-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
}
# The inline scripts of the theme and of sphinx-togglebutton. None holds text of a page but the
# last, which holds its name; that of the logo holds an address.
KNOWN = re.compile(
    r"""
    document\.documentElement\.dataset\.mode\ =\ localStorage\.getItem\("mode"\)\ \|\|\ "\w*";\s*
      document\.documentElement\.dataset\.theme\ =\ localStorage\.getItem\("theme"\)\ \|\|\ "\w*";
    | let\ toggle(?:HintShow|HintHide|OpenOnPrint)\ =\ '[\w\ ]*';
    | var\ togglebuttonSelector\ =\ '[\w\ .,-]*';
    | document\.write\(`\s*<button\ class="btn\ [^`$]*`\);
    | document\.write\(`<img\ src="[\w./-]+"\ class="logo__image\ only-dark"\ alt="[^"`$<>]*"/>`\);
    | DOCUMENTATION_OPTIONS\.COLLAPSE_INDEX\ =\ true;
    | //\ Activate\ the\ search\ field\ on\ page\ load\s+
      let\ searchInput\ =\ document\.querySelector\("form\.bd-search\ input"\);\s+
      if\ \(searchInput\)\ \{\s+searchInput\.focus\(\);\s+searchInput\.select\(\);\s+
      console\.log\("\[PST\]:\ Set\ focus\ on\ search\ field\."\);\s+\}
    | DOCUMENTATION_OPTIONS\.pagename\ =\ '[\w./-]+';
    """,
    re.VERBOSE,
)
SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<text>.*?)</script\s*>", re.DOTALL | re.I)
DATA = re.compile(r'\btype="(?:application/(?:\w+\+)?json|text/x-[\w-]+)"')
VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'<>]+)"""
TAG = re.compile(rf"""<[a-zA-Z][\w-]*(?:\s+[^\s"'<>/=]+(?:\s*=\s*{VALUE})?)*\s*/?>""")
# values are left out of a tag before handlers are looked for, unless they are addresses to run
HARMLESS = re.compile(r"""=\s*(?:"(?!\s*javascript:)[^"]*"|'(?!\s*javascript:)[^']*')""", re.I)
HANDLER = re.compile(r"""\s(on\w+)\s*=|\s(?:href|src|action)\s*=\s*["']?\s*(javascript:)""", re.I)
PRINT = 'onclick="window.print()"'
META = '<meta http-equiv="Content-Security-Policy" content="{}" />'
PLACE = re.compile(r'(<meta charset="utf-8" ?/>)')


def script_hash(text: str) -> str:
    """Return the source expression that allows the inline script ``text``."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy(text: str) -> tuple[str, list[str]]:
    """Return a page's policy, and what in the page will not run under it."""
    hashes, refused = [], []
    for script in SCRIPT.finditer(text):
        if re.search(r"\bsrc=", script["attributes"]) or DATA.search(script["attributes"]):
            continue
        if KNOWN.fullmatch(script["text"].strip()):
            hashes.append(script_hash(script["text"]))
        else:
            refused.append("inline script: " + " ".join(script["text"].split())[:60])
    for tag in TAG.finditer(SCRIPT.sub("", text)):
        where = " ".join(tag[0].split())[:60]
        for found in HANDLER.finditer(HARMLESS.sub("=", tag[0])):
            refused.append(f"{found[1] or found[2]} in {where}")
    rules = {**POLICY, "script-src": [*POLICY["script-src"], *sorted(set(hashes))]}
    return "; ".join(f"{name} {' '.join(values)}" for name, values in rules.items()), refused


def protect(text: str) -> tuple[str, list[str]]:
    """Return a page with its policy, and what in it will not run."""
    if "Content-Security-Policy" in text.split("</head>", 1)[0]:
        return text, []
    text = text.replace(PRINT, 'data-gn-print=""')
    content, refused = policy(text)
    after = PLACE.sub(lambda m: f"{m[1]}\n    {META.format(content)}", text, count=1)
    return after, refused if after != text else [*refused, "no place for the policy"]


def apply(out: Path) -> None:
    """Protect every page below ``out``, and warn of what the policy stops."""

    def change(text: str, path: Path) -> str:
        after, refused = protect(text)
        for line in sorted(set(refused)):
            logger.warning("content policy: %s: %s", path.relative_to(out).as_posix(), line)
        return after

    rewrite(out, change)


def _build_finished(app: Sphinx, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        apply(Path(app.outdir))


def setup(app: Sphinx) -> dict:
    """Register the extension; it runs after those that change pages."""
    app.connect("build-finished", _build_finished, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
