"""The directive: numbered figures whose pages load the core and their own scenes, nothing else."""

from __future__ import annotations

import json
import os
import re

import pytest
from small_book import PAGES, build_book

from glassnet.explore import make_trace
from glassnet.explore.player import BOOK_VARIABLE


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return build_book(tmp_path_factory.mktemp("book"))


def read(book, name):
    return (book.out / f"{name}.html").read_text(encoding="utf-8")


def scripts(html):
    return re.findall(r'<script[^>]*src="_static/explorables/(\w+)\.js[^"]*"', html)


def test_it_is_a_numbered_figure_with_caption_and_picture(book):
    assert book.warnings == ""
    html = read(book, "one")
    assert re.search(r'<figure class="gn-explorable[^"]*" id="exp-mlp">', html)
    assert "Look at the <em>edges</em>." in html
    assert re.search(r'href="#exp-mlp"><span class="std std-numref">Fig. 1</span>', html)
    inside = re.search(r"<glass-explorable.*?</glass-explorable>", html, re.DOTALL).group()
    image = re.search(r'<img alt="([^"]+)" src="(_images/[^"]+)"', inside)
    assert image.group(1).startswith("Left:")
    assert (book.out / image.group(2)).read_bytes().startswith(b"\x89PNG")


def test_options_reach_the_trace_function(book):
    carried = [
        json.loads(text)
        for name in ("one", "two")
        for text in re.findall(r'type="application/json">(.*?)</script>', read(book, name))
    ]
    assert carried == [
        make_trace("mlp", dataset="moons", units=3),
        make_trace("descent"),
        make_trace("convolution", stride=2),
    ]


def test_alt_and_caption_have_defaults(book):
    html = read(book, "two")
    assert 'alt="Other words"' in html
    assert "A convolution slides over an image</span>" in html


def test_pages_load_only_what_they_show(book):
    assert scripts(read(book, "one")) == ["core", "mlp"]
    assert scripts(read(book, "two")) == ["core", "convolution", "descent"]
    assert scripts(read(book, "none")) == scripts(read(book, "index")) == []
    assert "page.css" in read(book, "one")
    assert "page.css" not in read(book, "none")
    for name in ("core", "mlp", "convolution", "descent"):
        assert (book.out / f"_static/explorables/{name}.js").is_file()


def test_nothing_inline_is_run(book):
    for name in ("one", "two"):
        html = read(book, name)
        main = re.search(r"<figure.*</figure>", html, re.DOTALL).group()
        assert not re.search(r"<script(?! type=\"application/json\")", main)
        assert not re.search(
            r"\son\w+=|javascript:|\sstyle=", re.sub(r"<script.*?</script>", "", main)
        )


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("```{explorable} nothing\n```", "Unknown scene. Received: 'nothing'. Known: "),
        ("```{explorable} mlp\n:speed: 3\n```", "speed"),
        ("```{explorable} mlp\n:units: 9\n```", "Received: units=9"),
        ("```{explorable} mlp\n\nOne.\n\nTwo.\n```", "caption is one paragraph"),
    ],
)
def test_mistakes_are_warnings_at_their_line(tmp_path, page, message):
    book = build_book(tmp_path, {"index.md": f"# Book\n\n{page}\n"})
    assert message in book.warnings
    assert re.search(r"index\.md:[35]: WARNING: ", book.warnings)


@pytest.mark.parametrize("builder", ["latex", "text"])
def test_other_builders_show_the_picture(tmp_path, builder):
    book = build_book(tmp_path, builder=builder)
    assert book.warnings == ""
    text = "".join(p.read_text("utf-8") for p in book.out.rglob("*.t[ex][xt]*") if p.is_file())
    assert "glass-explorable" not in text
    assert ("includegraphics" if builder == "latex" else "Look at the *edges*") in text


def test_the_kernels_know_that_a_book_is_built_and_only_then(tmp_path, monkeypatch):
    import explorables

    seen = []
    monkeypatch.setattr(
        explorables, "_add_scripts", lambda *_: seen.append(os.environ.get(BOOK_VARIABLE))
    )
    assert BOOK_VARIABLE not in os.environ
    build_book(tmp_path, {"index.md": "# Book\n"})
    assert set(seen) == {"1"}
    assert BOOK_VARIABLE not in os.environ


def test_a_player_in_the_output_of_a_cell_gets_its_scripts(tmp_path):
    cell = '<glass-explorable data-scene="mlp"></glass-explorable>'
    book = build_book(tmp_path, {"index.md": f"# Book\n\n{cell}\n"})
    assert scripts(read(book, "index")) == ["core", "mlp"]


def test_scripts_of_scenes_that_are_gone_are_removed(tmp_path):
    old = tmp_path / "source/_build/explorables/web/explorables/old.js"
    old.parent.mkdir(parents=True)
    old.write_text("", encoding="utf-8")
    build_book(tmp_path, {"index.md": PAGES["none.md"]})
    assert not old.exists()
