"""The icons that the pages show, as one small font instead of three large ones and a script.

The theme loads Font Awesome twice: as fonts of two thousand symbols, and as a script of 1.5 MB that
replaces each of them by a drawing. The pages show some twenty. When the build is finished, their
characters are taken out of the theme's font files into ``_static/icons``; the style sheet there
takes the place of Font Awesome's, and the script is not loaded.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from built_pages import built_pages, rewrite, up_to_root
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from subsetting import content_characters, subset_font

FOLDER = "_static/icons"
VENDOR = re.compile(r'\s*<script src="[^"]*/vendor/fontawesome/[^"]*"></script>')
SHEET = re.compile(r'<link href="[^"]*/vendor/fontawesome/[^"]*" rel="stylesheet" />')
# The theme preloads the large fonts with `crossorigin`, which browsers refuse for file://.
PRELOAD = re.compile(r'\s*<link rel="preload" as="font"[^>]*>')
GLYPH = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')
NAME = re.compile(r"\bfa-[a-z0-9-]+")
PRIVATE = re.compile("[\ue000-\uf8ff]")  # where Font Awesome's characters are
FACES = {  # file: family, weight, classes that choose it
    "fa-solid-900": ("Book Icons", 900, ".fa, .fas, .fa-solid"),
    "fa-regular-400": ("Book Icons", 400, ".far, .fa-regular"),
    "fa-brands-400": ("Book Icons Brands", 400, ".fab, .fa-brands"),
}
# As in Font Awesome's own sheet; the theme's sheets name the families by these variables.
RULES = """\
:root {
  --fa-style-family-classic: "Book Icons";
  --fa-font-solid: normal 900 1em/1 "Book Icons";
  --fa-font-regular: normal 400 1em/1 "Book Icons";
  --fa-font-brands: normal 400 1em/1 "Book Icons Brands";
}
html { --pst-font-icon: "Book Icons"; }
.fa, .fas, .far, .fab, .fa-solid, .fa-regular, .fa-brands {
  -webkit-font-smoothing: antialiased; display: inline-block; font-style: normal;
  font-variant: normal; line-height: 1; text-rendering: auto;
}
.fa-lg { font-size: 1.25em; line-height: .05em; vertical-align: -.075em; }
.fa-sm { font-size: .875em; line-height: .07143em; vertical-align: .05357em; }
.fa-fw { text-align: center; width: 1.25em; }
.onthispage::after { font-family: "Book Icons" !important; }
"""


def used(out: Path) -> tuple[set[str], set[str]]:
    """Return the names of the icons that pages and scripts mention, and the styles' characters."""
    static = out / "_static"
    own = [
        path
        for pattern in ("*.css", "*.js", "*.mjs")
        for path in static.rglob(pattern)
        if not {"vendor", "icons", "mathjax", "pyodide"} & set(path.relative_to(static).parts)
    ]
    names: set[str] = set()
    characters: set[str] = set()
    for path in [*built_pages(out), *own]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".css":
            characters |= content_characters(text)
        else:
            names.update(NAME.findall(text))
    return names, {character for character in characters if PRIVATE.match(character)}


def write_icons(out: Path) -> str:
    """Write the fonts and the style sheet; return a key of its text."""
    sheets = sorted(out.glob("_static/vendor/fontawesome/*/css/all.min.css"))
    if not sheets:
        raise ExtensionError("icons: the theme brings no Font Awesome; has it changed?")
    names, characters = used(out)
    glyphs = {
        name: int(code, 16)
        for selectors, code in GLYPH.findall(sheets[-1].read_text(encoding="utf-8"))
        for name in NAME.findall(selectors)
        if name in names
    }
    wanted = characters | {chr(code) for code in glyphs.values()}
    rules = [RULES]
    for file, (family, weight, classes) in FACES.items():
        source = sheets[-1].parent.parent / f"webfonts/{file}.ttf"
        target = out / FOLDER / f"{file}.woff"
        if subset_font(source, target, wanted):
            rules.append(
                f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
                f'font-display: block; src: url("{file}.woff") format("woff"); }}'
            )
        rules.append(f'{classes} {{ font-family: "{family}"; font-weight: {weight}; }}')
    shutil.copy(sheets[-1].parent.parent / "LICENSE.txt", out / FOLDER / "LICENSE.txt")
    rules += [
        f'.{name}::before {{ content: "\\{code:x}"; }}' for name, code in sorted(glyphs.items())
    ]
    text = "\n".join(rules) + "\n"
    (out / FOLDER / "icons.css").write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def use_icons(out: Path) -> None:
    """Let every page load the small sheet, and neither the large one nor the script."""
    key = write_icons(out)

    def change(text: str, path: Path) -> str:
        sheet = (
            f'<link href="{up_to_root(path, out)}{FOLDER}/icons.css?v={key}" rel="stylesheet" />'
        )
        return PRELOAD.sub("", VENDOR.sub("", SHEET.sub(sheet, text)))

    rewrite(out, change)


def _build_finished(app: Sphinx, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        use_icons(Path(app.outdir))


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("build-finished", _build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
