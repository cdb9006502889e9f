"""The built site: every page there, every internal link alive, nothing fetched from elsewhere."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET

import pytest
import yaml

from tools.build_book import main as build_main
from tools.build_book import missing_pages, toc_pages
from tools.check_site import dead_links, foreign_requests


def test_every_page_of_the_table_of_contents_is_built(site, root):
    assert missing_pages(root) == []


def test_every_chapter_file_is_in_the_table_of_contents(root):
    named = set(toc_pages(root))
    files = {
        path.relative_to(root).with_suffix("").as_posix()
        for pattern in ("*.md", "*.ipynb")
        for path in (root / "chapters").rglob(pattern)
        if ".ipynb_checkpoints" not in path.parts
    }
    assert files - named == set()


def test_no_notebook_left_an_error_report(site):
    assert not list(site.rglob("reports/**/*.log"))


def test_internal_links_and_anchors_resolve(site):
    assert dead_links(site) == []


def test_no_table_is_shown_as_the_text_it_was_written_in(site):
    raw = re.compile(r"<p>[^<]*\|\s*[-–—:]+\s*\|")
    pages = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    assert raw.search("<p>| work | ms |\n| — | — |\n| LSTM | 3 |</p>")
    assert [path.name for path in pages if raw.search(path.read_text(encoding="utf-8"))] == []


def test_nothing_is_fetched_from_another_host(site):
    assert foreign_requests(site) == []


def test_site_map_is_there_exactly_where_the_address_is_known(site, root):
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    address = config["sphinx"]["config"]["repository_address"]
    known = bool(address or os.environ.get("GITHUB_REPOSITORY"))
    sitemap = site / "sitemap.xml"
    assert sitemap.exists() == known
    if known:
        assert len(ET.parse(sitemap).getroot()) >= len(toc_pages(root))
    assert (site / ".nojekyll").exists()


def _site(folder, **pages):
    for name, body in pages.items():
        path = folder / name.replace("__", "/").replace("_html", ".html").replace("_css", ".css")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "body",
    [
        '<a href="missing.html">x</a>',
        '<a href="b.html#missing">x</a>',
        '<a href="#missing">x</a>',
        '<img src="missing.png">',
        '<script src="missing.js"></script>',
        '<link rel="stylesheet" href="missing.css">',
        '<a href="../outside.html">x</a>',
        '<img srcset="a.html 1x, missing.png 2x">',
    ],
)
def test_dead_links_are_found(tmp_path, body):
    (tmp_path / "outside.html").write_text("", encoding="utf-8")
    site = _site(tmp_path / "site", a_html=body, b_html='<p id="there"></p>')
    assert len(dead_links(site)) == 1


def test_live_links_pass(tmp_path):
    body = (
        '<p id="γ"></p><a href="#γ">x</a><a href="#%CE%B3">x</a><a href="c/b.html#there">x</a>'
        '<a href="#">x</a><a href="https://example.org/nowhere">x</a><a href="mailto:a@b">x</a>'
        '<img src="data:image/png;base64,AA"><a href="c/">x</a>'
    )
    site = _site(tmp_path, a_html=body, c__b_html='<p id="there"></p>', c__index_html="")
    assert dead_links(site) == []


@pytest.mark.parametrize(
    "body",
    [
        '<script src="https://cdn.example.org/a.js"></script>',
        '<script src="//cdn.example.org/a.js"></script>',
        '<link rel="stylesheet" href="https://cdn.example.org/a.css">',
        '<link rel="preload" as="font" href="https://cdn.example.org/a.woff2">',
        '<img src="http://example.org/a.png">',
        '<iframe src="https://example.org/"></iframe>',
        '<video poster="https://example.org/p.png"></video>',
        '<script>const u = "https://unpkg.com/thebe";</script>',
        '<style>@import "https://fonts.example.org/f.css";</style>',
        '<link rel="preconnect" href="https://fonts.example.org">',
        '<link rel="dns-prefetch" href="//fonts.example.org">',
        '<link rel="apple-touch-icon" href="https://example.org/a.png">',
        "<style>@font-face { src: url(//example.org/f.woff2) }</style>",
        '<p style="background: url(https://example.org/a.png)">x</p>',
    ],
)
def test_foreign_requests_are_found(tmp_path, body):
    assert len(foreign_requests(_site(tmp_path, a_html=body))) == 1


def test_foreign_requests_of_style_sheets_are_found(tmp_path):
    site = _site(tmp_path, a_css='@font-face { src: url("https://example.org/f.woff2") }')
    assert len(foreign_requests(site)) == 1


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.js", "//# sourceMappingURL=https://example.org/a.js.map"),
        ("a.css", "/*# sourceMappingURL=//example.org/a.css.map */"),
        ("a.svg", '<svg><rect style="fill: url(https://example.org/a.svg#b)"/></svg>'),
    ],
)
def test_foreign_requests_of_other_files_are_found(tmp_path, name, body):
    (tmp_path / name).write_text(body, encoding="utf-8")
    assert len(foreign_requests(tmp_path)) == 1
    (tmp_path / name).write_text("//# sourceMappingURL=a.js.map", encoding="utf-8")
    assert foreign_requests(tmp_path) == []


def test_outgoing_links_are_no_requests(tmp_path):
    body = (
        '<a href="https://example.org/">x</a><link rel="canonical" href="https://example.org/a.html">'
        '<img src="a.png"><svg xmlns="http://www.w3.org/2000/svg"></svg>'
    )
    assert foreign_requests(_site(tmp_path, a_html=body)) == []


def test_build_fails_on_a_page_that_is_missing(tmp_path, monkeypatch, capsys):
    """jupyter-book may end well without a page; the build does not."""
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n"
        "- chapters:\n  - file: a/b\n    sections:\n    - file: a/c\n",
        encoding="utf-8",
    )

    def fake(root, *_options):
        _site(root / "_build/html", index_html="", a__b_html="")
        return 0

    monkeypatch.setattr("tools.build_book.run_jupyter_book", fake)
    monkeypatch.setattr("tools.build_book.run", lambda *_command: 0)  # stages, executes
    assert toc_pages(tmp_path) == ["index", "a/b", "a/c"]
    assert build_main(tmp_path) == 1
    assert "a/c" in capsys.readouterr().out
    _site(tmp_path / "_build/html", a__c_html="")
    (tmp_path / "_build/.last-good-build").write_text("another state", encoding="utf-8")
    assert build_main(tmp_path) == 1  # a page of an earlier state does not count


def test_build_starts_afresh_after_a_failure_and_not_after_success(tmp_path, monkeypatch):
    """A second run must not pass because Sphinx repeats no warning of an unchanged page."""
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    codes, seen = iter([1, 0, 0, 0]), []

    def fake(root, *options):
        seen.append(options)
        _site(root / "_build/html", index_html="")
        return next(codes)

    monkeypatch.setattr("tools.build_book.run_jupyter_book", fake)
    monkeypatch.setattr("tools.build_book.run", lambda *_command: 0)  # stages, executes
    assert [build_main(tmp_path) for _ in range(3)] == [1, 0, 0]
    (tmp_path / "_ext").mkdir()
    (tmp_path / "_ext/new.py").write_text("", encoding="utf-8")
    assert build_main(tmp_path) == 0
    assert seen == [("--all",), ("--all",), (), ("--all",)]
