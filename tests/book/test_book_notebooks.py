"""The root conftest: theory pages run as notebooks, and a notebook over a limit fails."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_cache import get_cache
from notebook_files import read_notebook

from tools import execute_pages

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
  language: python
---

# Page

```{code-cell} ipython3
{code}
```
"""
TOUCH_200_MIB = "block = bytearray(b'x') * (200 * 2**20)"


def run(root, folder, files, **limits):
    """Run pytest on {name: code} in a folder; .md is a theory page, .ipynb a notebook."""
    for name, code in files.items():
        path = folder / "chapters/topic" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            path.write_text(PAGE.replace("{code}", code), encoding="utf-8")
        else:
            cells = [nbformat.v4.new_code_cell(code)]
            notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
            nbformat.write(notebook, path)
    (folder / "chapters/topic/plain.md").write_text("# Plain\n", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "conftest.py").write_text(
        (root / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    environment = {**os.environ, "PYTHONPATH": str(root)}
    environment.update({f"NOTEBOOK_{name.upper()}": str(v) for name, v in limits.items()})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "chapters", "--nbmake", "-p", "no:cacheprovider"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    failed = set(re.findall(r"^FAILED chapters/topic/(\S+?)::", done.stdout, re.MULTILINE))
    rows = re.findall(r"chapters/topic/(\S+) +([\d.]+) s +(\d+) MiB(  OVER)?$", done.stdout, re.M)
    costs = {name: (float(time), int(size), bool(over)) for name, time, size, over in rows}
    return SimpleNamespace(text=done.stdout, failed=failed, costs=costs, folder=folder)


IN_ITS_FOLDER = """
import os
from pathlib import Path
assert Path("page.md").is_file() and Path("lab.ipynb").is_file()
os.environ["GLASSNET_RECORD_KERAS"]
"""
WIDE = f"import time\n{TOUCH_200_MIB}\ntime.sleep(1)"
MIXED = {
    "page.md": IN_ITS_FOLDER,
    "lab.ipynb": IN_ITS_FOLDER,
    "wrong.md": "assert 1 + 1 == 3, 'sums of the page are off'",
    "wrong.ipynb": "assert 1 + 1 == 3, 'sums of the lab are off'",
    "wide.ipynb": f"{WIDE}\n1",
    "child.ipynb": f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WIDE!r}])",
}


@pytest.fixture(scope="module")
def mixed(root, tmp_path_factory):
    """What came of pages and notebooks, some of them wrong and some over the limit of memory."""
    return run(root, tmp_path_factory.mktemp("mixed"), MIXED, mebibytes=150)


def test_pages_and_notebooks_run_in_their_own_folder_and_are_reported(mixed):
    assert not {"page.md", "lab.ipynb"} & mixed.failed, mixed.text
    for name in ("page.md", "lab.ipynb"):
        seconds, mebibytes, over = mixed.costs[name]
        assert seconds > 0
        assert 20 < mebibytes <= 150
        assert not over


def test_a_cell_that_raises_fails(mixed):
    assert {"wrong.md", "wrong.ipynb"} <= mixed.failed
    assert "sums of the page are off" in mixed.text
    assert "sums of the lab are off" in mixed.text


def test_plain_markdown_is_not_run(mixed):
    assert mixed.costs.keys() == MIXED.keys()


@pytest.mark.parametrize("name", ["wide.ipynb", "child.ipynb"])  # child processes count
def test_a_notebook_over_its_memory_fails(mixed, name):
    assert name in mixed.failed
    assert re.search(rf"{name} is over its limit: \d{{3}} MiB, limit 150 MiB", mixed.text)
    assert mixed.costs[name][2]


def test_what_passed_is_in_the_cache_of_the_build_and_nothing_else(mixed):
    """And what it shows is where its kernel was told to keep what Keras computes."""
    folder = execute_pages.cache_folder(mixed.folder)
    cache = get_cache(str(folder))
    shown = {}
    for name in MIXED:
        page = read_notebook(mixed.folder / "chapters/topic" / name)
        try:
            record = cache.match_cache_notebook(page)
        except KeyError:
            continue
        cell = cache.get_cache_bundle(record.pk).nb.cells[0]
        shown[name] = cell.outputs[0]["data"]["text/plain"]
    values = folder / "keras-values/chapters/topic"
    assert shown == {"page.md": repr(str(values / "page")), "lab.ipynb": repr(str(values / "lab"))}


def test_a_notebook_over_its_time_fails(root, tmp_path):
    done = run(root, tmp_path, {"page.md": "1", "lab.ipynb": "1"}, seconds=0.01)
    assert done.failed == {"page.md", "lab.ipynb"}
    for name in done.failed:
        assert re.search(rf"{name} is over its limit: [\d.]+ s, limit 0.01 s", done.text)
        assert done.costs[name][2]


def test_every_notebook_is_clean_and_names_the_environments_kernel(root):
    for path in (root / "chapters").rglob("*.ipynb"):
        if ".ipynb_checkpoints" in path.parts:
            continue
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert notebook["metadata"]["kernelspec"]["name"] == "python3", path.name
        assert not any(cell.get("outputs") for cell in notebook["cells"]), path.name
