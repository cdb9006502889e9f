"""The root conftest: theory pages run as notebooks, and a notebook over a limit fails."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import nbformat
import pytest
from jupyter_cache import get_cache

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


@pytest.fixture
def run(root, tmp_path):
    """A function that runs pytest on {name: code}; .md is a theory page, .ipynb a notebook."""

    def run(files, **limits):
        for name, code in files.items():
            path = tmp_path / "chapters/topic" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".md":
                path.write_text(PAGE.replace("{code}", code), encoding="utf-8")
            else:
                cells = [nbformat.v4.new_code_cell(code)]
                notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
                nbformat.write(notebook, path)
        (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (tmp_path / "conftest.py").write_text(
            (root / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8"
        )
        environment = {**os.environ, "PYTHONPATH": str(root)}
        environment.update({f"NOTEBOOK_{name.upper()}": str(v) for name, v in limits.items()})
        return subprocess.run(
            [sys.executable, "-m", "pytest", "chapters", "--nbmake", "-p", "no:cacheprovider"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_pages_and_notebooks_run_in_their_own_folder_and_are_reported(run):
    code = (
        'from pathlib import Path\nassert Path("page.md").is_file() and Path("lab.ipynb").is_file()'
    )
    done = run({"page.md": code, "lab.ipynb": code})
    assert done.returncode == 0, done.stdout
    rows = re.findall(r"chapters/topic/(\S+) +([\d.]+) s +(\d+) MiB", done.stdout)
    assert [name for name, _, _ in rows] == ["lab.ipynb", "page.md"]
    assert all(float(seconds) > 0 and int(mebibytes) > 20 for _, seconds, mebibytes in rows)


@pytest.mark.parametrize("name", ["page.md", "lab.ipynb"])
def test_a_cell_that_raises_fails(run, name):
    done = run({name: "assert 1 + 1 == 3, 'sums are off'"})
    assert done.returncode == 1
    assert "sums are off" in done.stdout


@pytest.mark.parametrize("name", ["page.md", "lab.ipynb"])
def test_a_notebook_over_its_time_fails(run, name):
    done = run({name: "import time\ntime.sleep(2)"}, seconds=1.5)
    assert done.returncode == 1
    assert re.search(r"over its limit: [\d.]+ s, limit 1.5 s", done.stdout)
    assert re.search(r"MiB  OVER", done.stdout)


def test_a_notebook_over_its_memory_fails(run):
    code = f"import time\n{TOUCH_200_MIB}\ntime.sleep(1)"
    done = run({"lab.ipynb": code, "small.ipynb": "1"}, mebibytes=150)
    assert done.returncode == 1
    assert re.search(r"lab.ipynb is over its limit: \d{3} MiB, limit 150 MiB", done.stdout)
    assert "1 failed, 1 passed" in done.stdout


def test_memory_of_child_processes_counts(run):
    child = f"{TOUCH_200_MIB}; import time; time.sleep(1)"
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}], check=True)"
    done = run({"lab.ipynb": code}, mebibytes=150)
    assert done.returncode == 1, done.stdout


def test_what_passed_is_in_the_cache_of_the_build_and_nothing_else(run, tmp_path):
    wide = f"import time\n{TOUCH_200_MIB}\ntime.sleep(1)\n1"
    files = {"page.md": "6 * 7", "lab.ipynb": "6 * 8", "wrong.md": "1 / 0", "wide.ipynb": wide}
    run(files, mebibytes=150)
    cache = get_cache(str(execute_pages.cache_folder(tmp_path)))
    shown = {}
    for name in files:
        page = execute_pages.read(tmp_path / "chapters/topic" / name)
        try:
            record = cache.match_cache_notebook(page)
        except KeyError:
            continue
        cell = cache.get_cache_bundle(record.pk).nb.cells[0]
        shown[name] = cell.outputs[0]["data"]["text/plain"]
    assert shown == {"page.md": "42", "lab.ipynb": "48"}


def test_plain_markdown_is_not_run(run, tmp_path):
    run({"lab.ipynb": "1"})
    (tmp_path / "chapters/topic/plain.md").write_text("# Plain\n", encoding="utf-8")
    assert "collected 1 item" in run({}).stdout


def test_every_notebook_is_clean_and_names_the_environments_kernel(root):
    for path in (root / "chapters").rglob("*.ipynb"):
        if ".ipynb_checkpoints" in path.parts:
            continue
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert notebook["metadata"]["kernelspec"]["name"] == "python3", path.name
        assert not any(cell.get("outputs") for cell in notebook["cells"]), path.name
