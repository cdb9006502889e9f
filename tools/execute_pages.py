"""Execute the book's notebooks side by side, into the cache from which Sphinx then takes them.

Sphinx runs one notebook after the other; here as many run at once as there are processors. What
fails is left to Sphinx, which runs it again and says where it failed. What `make test` has run as
a test is in the cache already: the run that is tested is the run that is published.

    python tools/execute_pages.py PAGE...      pages relative to the root, without suffix
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import single_nb_execution

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "_ext"))

from execution import PREFIX, state  # noqa: E402
from notebook_files import read_notebook  # noqa: E402

MOST = 4  # at once; a kernel with TensorFlow takes up to 1 GiB


def run(path: Path, timeout: int, cache_path: Path) -> tuple[nbformat.NotebookNode, float] | None:
    """Execute a notebook in its folder; return it with its seconds, None if it failed."""
    notebook = read_notebook(path)
    record_keras(path, cache_path)
    result = single_nb_execution(
        notebook, cwd=str(path.parent), timeout=timeout, allow_errors=False, meta_override=True
    )
    return None if result.err else (notebook, result.time)


def cache_folder(root: Path) -> Path:
    """Return where outputs lie that are right for the package and the data below ``root``."""
    return root / "_build" / (PREFIX + state(root))


def record_keras(path: Path, cache_path: Path) -> None:
    """Let the kernels that this process starts keep what Keras computes for a page.

    A browser has no Keras; there the page's comparisons take these values.
    """
    name = path.resolve().relative_to(cache_path.resolve().parents[1]).with_suffix("")
    folder = cache_path.resolve() / "keras-values" / name
    shutil.rmtree(folder, ignore_errors=True)  # of an older text of the page
    os.environ["GLASSNET_RECORD_KERAS"] = str(folder)


def store(
    path: Path, executed: nbformat.NotebookNode, seconds: float, cache: JupyterCacheAbstract
) -> None:
    """Put the outputs of an executed notebook into the cache, under the page as it is read.

    Raises ValueError if its code is not the page's.
    """
    notebook = read_notebook(path)
    cells, done = ([c for c in n.cells if c.cell_type == "code"] for n in (notebook, executed))
    if [cell.source for cell in cells] != [cell.source for cell in done]:
        raise ValueError(f"What was executed is not the code of {path.name}.")
    for cell, result in zip(cells, done, strict=True):
        cell.outputs, cell.execution_count = result.outputs, result.execution_count
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def processors() -> int:
    """Return how many notebooks to run at once."""
    count = getattr(os, "sched_getaffinity", None)
    return min(MOST, len(count(0)) if count else os.cpu_count() or 1)


def execute(paths: Iterable[Path], cache_path: Path, timeout: int) -> list[Path]:
    """Put every notebook that is not in the cache yet there, executed; return what failed."""
    cache = get_cache(str(cache_path))
    pending = []
    for path in paths:
        notebook = read_notebook(path)
        if notebook is None:
            continue
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            pending.append(path)
    failed = []
    with ProcessPoolExecutor(processors()) as pool:
        futures = {pool.submit(run, path, timeout, cache_path): path for path in pending}
        for future in as_completed(futures):
            path, result = futures[future], future.result()
            name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            if result is None:
                failed.append(path)
                print(f"{name}: failed", flush=True)
                continue
            notebook, seconds = result
            store(path, notebook, seconds, cache)
            print(f"{name}: executed in {seconds:.1f} s", flush=True)
    return failed


def main(names: list[str]) -> int:
    """Execute the pages named; what fails is no error yet."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["execute"]
    if settings["execute_notebooks"] != "cache":
        return 0
    candidates = (ROOT / f"{name}{suffix}" for name in names for suffix in (".md", ".ipynb"))
    pages = [path for path in candidates if path.is_file()]
    execute(pages, cache_folder(ROOT), settings["timeout"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
