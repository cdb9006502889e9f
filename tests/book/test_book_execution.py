"""Notebooks executed ahead of the build, side by side."""

from __future__ import annotations

import nbformat
import pytest
from jupyter_cache import get_cache
from notebook_files import read_notebook
from test_book_notebooks import KERNEL, PAGE

from tools import execute_pages


@pytest.fixture
def pages(tmp_path):
    """A theory page, a lab and a page without code, in a folder of their own."""
    cells = [nbformat.v4.new_code_cell("import os\nos.path.basename(os.getcwd())")]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    folder = tmp_path / "topic"
    folder.mkdir()
    nbformat.write(notebook, folder / "lab.ipynb")
    (folder / "index.md").write_text(PAGE.replace("{code}", "6 * 7"), encoding="utf-8")
    (folder / "words.md").write_text("# Words only\n", encoding="utf-8")
    return [folder / name for name in ("index.md", "lab.ipynb", "words.md")]


def outputs(cache, path):
    record = cache.match_cache_notebook(read_notebook(path))
    notebook = cache.get_cache_bundle(record.pk).nb
    return [o["data"]["text/plain"] for c in notebook.cells for o in c.get("outputs", ())]


def test_pages_are_in_the_cache_afterwards(pages, tmp_path, capsys):
    assert execute_pages.execute(pages, tmp_path / "cache", timeout=60) == []
    cache = get_cache(str(tmp_path / "cache"))
    assert outputs(cache, pages[0]) == ["42"]
    assert outputs(cache, pages[1]) == ["'topic'"]  # run where it lies
    assert capsys.readouterr().out.count("executed in") == 2

    execute_pages.execute(pages, tmp_path / "cache", timeout=60)
    assert capsys.readouterr().out == ""  # nothing to do


def test_what_fails_is_named_and_not_cached(pages, tmp_path, capsys):
    pages[0].write_text(PAGE.replace("{code}", "1 / 0"), encoding="utf-8")
    assert execute_pages.execute(pages, tmp_path / "cache", timeout=60) == pages[:1]
    assert "index.md: failed" in capsys.readouterr().out
    with pytest.raises(KeyError):
        outputs(get_cache(str(tmp_path / "cache")), pages[0])
    assert outputs(get_cache(str(tmp_path / "cache")), pages[1]) == ["'topic'"]


def test_kernels_are_told_where_to_keep_what_keras_computes(pages, tmp_path):
    cache = tmp_path / "_build/cache-0"
    pages[0].write_text(
        PAGE.replace(
            "{code}", "import os\nprint(os.environ['{name}'])".format(name="GLASSNET_RECORD_KERAS")
        ),
        encoding="utf-8",
    )
    folder = cache / "keras-values/topic/index"
    folder.mkdir(parents=True)
    (folder / "old").touch()  # of an earlier text of the page
    assert execute_pages.execute(pages[:1], cache, timeout=300) == []
    executed = get_cache(str(cache))
    record = executed.match_cache_notebook(read_notebook(pages[0]))
    cell = executed.get_cache_bundle(record.pk).nb.cells[0]
    assert cell.outputs[0]["text"].strip() == str(folder)
    assert not folder.exists()


def test_outputs_of_other_code_are_not_stored(pages, tmp_path):
    executed = read_notebook(pages[0])
    executed.cells[-1].source = "6 * 9"
    cache = get_cache(str(tmp_path / "cache"))
    with pytest.raises(ValueError, match=r"not the code of index\.md"):
        execute_pages.store(pages[0], executed, 1.0, cache)
    assert cache.list_cache_records() == []


def test_sphinx_takes_the_pages_from_the_cache(build, tmp_path):
    """The build would execute 6 * 7 to 42; what it shows is what was put into the cache."""
    text = PAGE.replace("{code}", "6 * 7")
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    execute_pages.execute([page], tmp_path / "cache", timeout=60)
    cached = next((tmp_path / "cache").rglob("base.ipynb"))
    cached.write_text(cached.read_text(encoding="utf-8").replace("42", "43"), encoding="utf-8")
    result = build(
        {"index.md": text},
        extensions=["myst_nb"],
        source_suffix={".md": "myst-nb"},
        nb_execution_mode="cache",
        nb_execution_cache_path=str(tmp_path / "cache"),
    )
    assert "43" in (result.out / "index.html").read_text(encoding="utf-8")
