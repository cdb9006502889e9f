"""The pages of live cells: numbers on the cells, a file a page, the script; or none of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bs4 import BeautifulSoup

from glassnet.crosscheck.storage import Record, load, store

FRONT = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
language_info: {name: python, pygments_lexer: ipython3}
---
"""
PAGE = (
    FRONT
    + """
# Page

```{code-cell} ipython3
:tags: [remove-cell]
import keras
import numpy as np
```

Some *text*.

```{code-cell} ipython3
x = "<b>&</b>" + open("words.txt").read()
```

```{code-cell} ipython3
:tags: [remove-input]
keras.ops.relu(1)
```

```{code-cell} ipython3
---
tags: [hide-input]
mystnb:
  image:
    alt: A line.
---
from scipy import stats
```
"""
)
INDEX = "# Book\n\n```{toctree}\nchapters/a/page\nchapters/a/notebook\nplain\n```\n"
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Lab"},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "source": "1 + 1",
            "outputs": [],
            "execution_count": None,
        },
    ],
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}
FILES = {
    "index.md": INDEX,
    "chapters/a/page.md": PAGE,
    "chapters/a/words.txt": "words",
    "chapters/a/notebook.ipynb": json.dumps(NOTEBOOK),
    "plain.md": "# Plain\n\nNo code.\n",
}
STAGED = {
    "_build/web/live/manifest.json": json.dumps({"packages": ["numpy", "scipy"]}),
    "_build/web/live/live.js": "1",
    "_build/web/live/live.css": "1",
    "_build/web/live/worker.mjs": "1",
    "_build/web/pyodide/pyodide-lock.json": "{}",
}


@pytest.fixture
def book(build):
    """A function that builds a small book; staged files are given, or taken away by None."""

    def run(files=FILES, more=(), **settings):
        return build(
            files,
            extensions=["myst_nb", "live_cells", *more],
            source_suffix={".md": "myst-nb", ".ipynb": "myst-nb"},
            nb_execution_mode="off",
            exclude_patterns=["_build"],
            **settings,
        )

    return run


def soup(built, page):
    """Return a page of the built book."""
    return BeautifulSoup((built.out / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


def data(built, page):
    """Return what the file of a page holds."""
    path = built.out / f"_static/live/pages/{page}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_pages_file_holds_all_its_cells(book):
    built = book(FILES | STAGED)
    assert built.warnings == ""
    page = data(built, "chapters/a/page")
    assert (page["page"], page["folder"]) == ("chapters/a/page", "chapters/a")
    assert page["recordings"] is None
    cells = page["cells"]
    assert [cell["index"] for cell in cells] == [0, 1, 2, 3]
    assert [cell["shown"] for cell in cells] == [False, True, False, True]
    assert [cell["needs"] for cell in cells] == [[], [], ["tensorflow"], []]
    assert cells[0]["browser"] == "\nimport numpy as np"
    assert cells[1]["source"] == 'x = "<b>&</b>" + open("words.txt").read()'
    assert "browser" not in cells[1]
    assert cells[2]["tags"] == ["remove-input"]
    assert cells[3]["packages"] == ["numpy", "scipy"]
    assert cells[3]["alt"] == "A line."
    assert page["files"] == {"chapters/a/words.txt": "files/chapters/a/words.txt"}
    copy = built.out / "_static/live/files/chapters/a/words.txt"
    assert copy.read_text(encoding="utf-8") == "words"
    assert [cell["source"] for cell in data(built, "chapters/a/notebook")["cells"]] == ["1 + 1"]


def test_cells_carry_their_numbers(book):
    built = book(FILES | STAGED)
    page = soup(built, "chapters/a/page")
    cells = page.select("[data-live-cell]")
    # the removed cell has no element, the one without input shows its output
    assert [cell["data-live-cell"] for cell in cells] == ["1", "2", "3"]
    assert [cell.get("data-live-needs") for cell in cells] == [None, "tensorflow", None]
    assert all({"cell", "docutils", "container"} <= set(cell["class"]) for cell in cells)
    for cell in cells:
        shown = cell.select_one(".cell_input pre")
        if shown:
            source = data(built, "chapters/a/page")["cells"][int(cell["data-live-cell"])]["source"]
            assert shown.text.strip() == source
    assert len(soup(built, "chapters/a/notebook").select("div.cell[data-live-cell='0']")) == 1


def test_only_pages_with_code_load_the_script(book):
    built = book(FILES | STAGED)
    for name, up in (("chapters/a/page", "../../"), ("chapters/a/notebook", "../../")):
        page = soup(built, name)
        element = page.find(id="gn-live")
        assert element["data-page"] == f"{up}_static/live/pages/{name}.json"
        assert element["data-root"] == f"{up}_static/live/"
        assert element.has_attr("hidden")
        assert not element.has_attr("data-binder")
        script = page.select_one('script[src*="live/live.js"]')
        assert script.has_attr("defer")
        assert page.select_one('link[href*="live/live.css"]')
    for name in ("plain", "index", "search", "genindex"):
        page = soup(built, name)
        assert page.find(id="gn-live") is None
        assert not page.select('[src*="live/"], [href*="live/"], [data-live-cell]')
    assert not (built.out / "_static/live/pages/plain.json").exists()
    assert (built.out / "_static/live/worker.mjs").is_file()


def test_the_address_of_binder_follows_the_repository(book):
    address = "https://github.com/owner/book"
    built = book(FILES | STAGED, ["repository"], repository_address=address)
    element = soup(built, "chapters/a/page").find(id="gn-live")
    start = "https://mybinder.org/v2/gh/owner/book/main?urlpath=lab/tree/"
    assert element["data-binder"] == start + "chapters/a/page.md"


@pytest.mark.parametrize("absent", sorted(set(STAGED) - {"_build/web/live/worker.mjs"}))
def test_without_what_the_cells_load_the_book_is_as_before(book, absent):
    staged = {name: text for name, text in STAGED.items() if name != absent}
    built = book(FILES | staged)
    assert built.warnings == ""
    page = soup(built, "chapters/a/page")
    assert page.find(id="gn-live") is None
    assert not page.select("[data-live-cell], script[src*='live/live.js']")
    assert len(page.select("div.cell")) >= 2
    assert not (built.out / "_static/live").exists()


def test_pages_are_written_again_when_live_cells_come_and_go(book, tmp_path):
    before = book(FILES)
    assert soup(before, "chapters/a/page").find(id="gn-live") is None
    with_cells = book(STAGED)
    assert soup(with_cells, "chapters/a/page").find(id="gn-live")
    script = soup(with_cells, "chapters/a/page").select_one('script[src*="live/live.js"]')["src"]
    again = book({"_build/web/live/live.js": "2"})  # a new script has a new address
    assert soup(again, "chapters/a/page").select_one('script[src*="live/live.js"]')["src"] != script
    (tmp_path / "source/_build/web/live/live.js").unlink()
    after = book({})
    assert soup(after, "chapters/a/page").find(id="gn-live") is None
    assert not (after.out / "_static/pyodide").exists()


def test_staged_files_reach_the_site_when_nothing_else_changed(book, tmp_path):
    built = book(FILES | STAGED)
    page = built.out / "chapters/a/page.html"
    written = page.stat().st_mtime_ns
    (tmp_path / "source/_build/web/live/worker.mjs").unlink()
    again = book({"_build/web/live/runner.py": "2"})
    assert page.stat().st_mtime_ns == written  # the pages themselves stay
    assert (again.out / "_static/live/runner.py").read_text(encoding="utf-8") == "2"
    assert not (again.out / "_static/live/worker.mjs").exists()
    assert data(again, "chapters/a/page")["cells"]  # what the extension writes is not removed


def test_a_changed_page_has_a_changed_file(book):
    book(FILES | STAGED)
    built = book(
        {"chapters/a/page.md": PAGE.replace("# Page", "# Page\n\n```{code-cell}\n7\n```\n")}
    )
    sources = [cell["source"] for cell in data(built, "chapters/a/page")["cells"]]
    assert sources[0] == "7"
    assert len(sources) == 5
    numbers = [
        c["data-live-cell"] for c in soup(built, "chapters/a/page").select("[data-live-cell]")
    ]
    assert numbers[0] == "0"


def test_a_page_with_recorded_values_of_keras_names_them(book, tmp_path):
    cache = tmp_path / "cache"
    record = Record("compare", {"function": "f"}, {}, "Keras", "", {"value": [np.ones(3)]})
    store(cache / "keras-values/chapters/a/page", record)
    built = book(FILES | STAGED, nb_execution_cache_path=str(cache))
    assert data(built, "chapters/a/notebook")["recordings"] is None
    address = data(built, "chapters/a/page")["recordings"]
    assert address == "recordings/chapters/a/page.bin"
    found = load(built.out / "_static/live" / address)
    assert [one.about for one in found] == [{"function": "f"}]
    again = book({"_build/web/live/runner.py": "2"}, nb_execution_cache_path=str(cache))
    assert (again.out / "_static/live" / address).is_file()
