"""Serve third-party web files from the site itself.

What npm fetched is copied to ``_build/web``, a static path of its own: jupyter-book puts every
script and style sheet below ``_static`` on every page, so nothing third-party may lie there.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

STAGE = Path("_build/web")
MATHJAX = Path("node_modules/mathjax")
# The combined component (TeX and MathML in, CSS and fonts out) and the fonts it loads; the menu
# and the speech engine, which load further files, are switched off in _config.yml.
MATHJAX_PARTS = (
    "es5/tex-mml-chtml.js",
    "es5/input/tex/extensions",  # loaded when a page uses a macro of theirs, such as boldsymbol
    "es5/output/chtml/fonts/woff-v2",
    "LICENSE",
)


def stage_mathjax(root: Path) -> None:
    """Copy the parts of MathJax that the pages load below ``root``/_build/web/mathjax."""
    source, target = root / MATHJAX, root / STAGE / "mathjax"
    if not (source / MATHJAX_PARTS[0]).is_file():
        raise ExtensionError(
            f"{MATHJAX} is missing: `make book` fetches it (package.json lists what it holds)."
        )
    shutil.rmtree(target, ignore_errors=True)
    for part in MATHJAX_PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part)
        else:
            shutil.copy2(source / part, target / part)


# The theme preloads its icon fonts with `crossorigin`, which browsers refuse (and report) for
# file://; the style sheet loads the same fonts without it.
FONT_PRELOAD = re.compile(r'\s*<link rel="preload" as="font"[^>]*>')


def drop_font_preloads(out: Path) -> None:
    """Take the theme's font preloads out of every page below ``out``."""
    for page in out.rglob("*.html"):
        if "_static" in page.relative_to(out).parts:
            continue  # a template of the theme; Sphinx warns when it finds it changed
        before = page.read_text(encoding="utf-8")
        after = FONT_PRELOAD.sub("", before)
        if after != before:
            page.write_text(after, encoding="utf-8")


def _build_finished(app: Sphinx, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        drop_font_preloads(Path(app.outdir))


def _config_inited(app: Sphinx, config: Config) -> None:
    stage_mathjax(Path(app.srcdir))
    if STAGE.as_posix() not in config.html_static_path:
        config.html_static_path.append(STAGE.as_posix())
    config.mathjax_path = "mathjax/" + MATHJAX_PARTS[0]


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    # jupyter-book always sets this value, for an extension that the book does not load
    app.add_config_value("comments_config", {}, "html", [dict])
    app.connect("config-inited", _config_inited)
    app.connect("build-finished", _build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
