"""The single page of the whole book, from which ``make pdf`` prints: made possible, then made fit.

sphinx-proof and sphinx-exercise register a few of their nodes for ``singlehtml`` by name. Sphinx
then looks no further, and takes all their other nodes for unknown. So the handlers of ``html`` are
put beneath those of ``singlehtml``.

When the page is finished, it is turned into a book for paper. It gets a table of contents, and
chapters that begin on a page and are named at its head; what unfolds is open; links point into the
page. And it loses what no PDF shows: a printer's time and a PDF's size grow with the number of
elements, of which a third is there to be clicked, to colour code black, or for screen readers of
HTML. Screen readers of the PDF get a formula's TeX.
"""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path

import yaml
from sphinx.application import Sphinx
from typeset import FORMULA, formula_of

ANCHOR = re.compile(r'(<span id="document-([^"]+)"></span>)\s*<section\b([^>]*)>')
TITLE = re.compile(r"<h[1-6]>(.*?)</h[1-6]>", re.DOTALL)
HEADERLINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")
COLOUR = re.compile(r'html\[data-theme="light"\] \.highlight \.(\w+) \{([^}]*)\}')
READ_ALOUD = re.compile(r"<mjx-assistive-mml\b.*?</mjx-assistive-mml>", re.DOTALL)
SCRIPT = re.compile(r"<script\b.*?</script>\s*", re.DOTALL)
# The same identifiers are counted in each chapter: links are to the entry, not to who cites it.
CITING = re.compile(r'(<span class="bibtex-citation") id="id\d+"')
SIDE = re.compile(r'<div id="jb-print-docs-body".*?(?=<div id="searchbox">)', re.DOTALL)
FIRST = re.compile(r"(<article\b[^>]*>.*?</h1>\s*<p>.*?</p>)", re.DOTALL)

NUMBER = re.compile(r'class="eqno">\s*(\([^()<]*\))')  # of an equation
CLASSES = re.compile(r'^<\w+ class="[^"]*"')

Titles = dict[str, str]


def merge_handlers(app: Sphinx) -> None:
    """Give the single page every handler that the ordinary pages have."""
    handlers = app.registry.translation_handlers
    handlers["singlehtml"] = {**handlers.get("html", {}), **handlers.get("singlehtml", {})}


def name_formulas(text: str) -> str:
    """Give each formula its TeX as a name: what a tagged PDF says in its place."""

    def change(match: re.Match) -> str:
        formula = formula_of(match["tex"])
        if formula is None:
            return match[0]
        number = NUMBER.search(match["start"])
        name = " ".join([*formula[0].split(), *([number[1]] if number else [])])
        label = f' role="img" aria-label="{escape(name)}"'
        start = CLASSES.sub(lambda found: found[0] + label, match["start"], count=1)
        return start + match["tex"] + match["end"]

    return FORMULA.sub(change, text)


def black_classes(style: str) -> set[str]:
    """Return the classes of code whose colour is that of a plain name."""
    rules = dict(COLOUR.findall(style))
    return {name for name, rule in rules.items() if rule == rules["n"]}


def lighten(text: str, black: set[str]) -> str:
    """Return the page without the elements that cannot be seen on paper."""
    plain = re.compile(rf'<span class="(?:{"|".join(sorted(black))})">([^<]*)</span>')
    text = READ_ALOUD.sub("", SCRIPT.sub("", plain.sub(r"\1", text)))
    return text.replace("<pre><span></span>", "<pre>")


def settle(text: str) -> str:
    """Return the page open and light, its links pointing into itself."""
    text = text.replace('href="index.html#', 'href="#')
    text = text.replace("<details", '<details open=""').replace(' loading="lazy"', "")
    text = text.replace('data-theme="auto"', 'data-theme="light"', 1)
    return CITING.sub(r"\1", text)


def titles(text: str) -> Titles:
    """Return the title of every document in the page, with its number."""
    found = {}
    for anchor in ANCHOR.finditer(text):
        heading = HEADERLINK.sub("", TITLE.search(text, anchor.end())[1])
        found[anchor[2]] = unescape(TAG.sub("", heading)).strip()
    return found


def contents(toc: dict, named: Titles) -> str:
    """Return the table of contents: parts, chapters, and their pages."""

    def entry(document: str, below: str = "") -> str:
        link = f'<a href="#document-{document}">{escape(named[document])}</a>'
        return f"<li>{link}{below}</li>"

    lines = ['<nav class="gn-contents" aria-label="Contents">', "<h2>Contents</h2>"]
    for part in toc["parts"]:
        chapters = []
        for chapter in part["chapters"]:
            pages = "".join(entry(page["file"]) for page in chapter.get("sections", []))
            chapters.append(entry(chapter["file"], f"<ul>{pages}</ul>" if pages else ""))
        lines.append(f"<p>{escape(part['caption'])}</p><ul>{''.join(chapters)}</ul>")
    return "\n".join([*lines, "</nav>"])


def chapter_heads(toc: dict, named: Titles) -> dict[str, str]:
    """Return the title at the head of each chapter's pages, by document."""
    chapters = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return {document: named[document] for document in chapters}


def divide(text: str, heads: dict[str, str]) -> str:
    """Let chapters begin on a page, named at its head; put every anchor where its page begins."""
    names = {document: f"gn-{number}" for number, document in enumerate(heads, 1)}

    def change(match: re.Match) -> str:
        name = names.get(match[2])
        style = f' style="break-before: page; page: {name}"' if name else ""
        return f"<section{match[3]}{style}>{match[1]}"

    quoted = {document: re.sub(r'(["\\])', r"\\\1", title) for document, title in heads.items()}
    rules = [f'@page {names[d]} {{ @top-right {{ content: "{quoted[d]}" }} }}' for d in heads]
    style = "\n".join(["<style>", *rules, "</style>"])
    return ANCHOR.sub(change, text).replace("</head>", f"{style}\n</head>", 1)


def for_paper(text: str, toc: dict, black: set[str], author: str) -> str:
    """Return the single page as a book for paper."""
    text = settle(lighten(text, black))
    named = titles(text)
    front = f'<p class="gn-author">{escape(author)}</p>\n{contents(toc, named)}'
    text = FIRST.sub(lambda match: f"{match[1]}\n{front}", SIDE.sub("", text), count=1)
    return divide(text, chapter_heads(toc, named))


def _page(app: Sphinx, error: Exception | None) -> Path | None:
    if error or app.builder.name != "singlehtml":
        return None
    return Path(app.outdir, f"{app.config.root_doc}.html")


def _before_typesetting(app: Sphinx, error: Exception | None) -> None:
    if page := _page(app, error):
        page.write_text(name_formulas(page.read_text(encoding="utf-8")), encoding="utf-8")


def _finish(app: Sphinx, error: Exception | None) -> None:
    if page := _page(app, error):
        toc = yaml.safe_load(Path(app.srcdir, "_toc.yml").read_text(encoding="utf-8"))
        black = black_classes((page.parent / "_static/pygments.css").read_text(encoding="utf-8"))
        text = for_paper(page.read_text(encoding="utf-8"), toc, black, app.config.author)
        page.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict:
    """Register the extension; it names formulas before they are set, and finishes after all."""
    app.connect("builder-inited", merge_handlers)
    app.connect("build-finished", _before_typesetting, priority=100)
    app.connect("build-finished", _finish, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
