"""Run pages with first weights that differ in their last digits: what they assert must still hold.

    python tools/perturbed_pages.py [PAGE...]      pages relative to the root, without suffix

The end of a long training hangs on the last bit of every sum, and another processor, library or
browser rounds otherwise. Here every kernel is changed by about one part in a million (of 10¹⁴ in
double precision) when its layer is built. An assertion that fails then was true by luck. SEED
chooses the change.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from execute_pages import ROOT, processors
from nbclient import NotebookClient
from notebook_files import read_notebook

TIMEOUT = 600
# Runs in the page's own kernel. The change follows from the weights: the same build, the same one.
CHANGE = """
import numpy as _np
from glassnet.layers.base import Layer as _Layer


def _changed_build(self, *args, _build=_Layer.build, **kwargs):
    _build(self, *args, **kwargs)
    for weights in self.params.values():
        if weights.ndim < 2:
            continue  # biases and scales start from zeros and ones, exactly
        share = 1e-6 if weights.dtype == _np.float32 else 1e-14
        drawn = _np.random.default_rng([{seed}, *weights.tobytes()[:64]])
        weights *= (1 + share * drawn.standard_normal(weights.shape)).astype(weights.dtype)


_Layer.build = _changed_build
"""


def failures(path: Path, seed: int = 1) -> list[str]:
    """Execute a page with changed weights; return what failed, cell by cell."""
    notebook = read_notebook(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[0].source += "\n" + CHANGE.format(seed=seed)
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        notebook, timeout=TIMEOUT, kernel_name="python3", resources=resources, allow_errors=True
    )
    client.execute()
    return [
        f"{path.stem}, code cell {number}: {output.ename} {output.evalue}\n{cell.source}"
        for number, cell in enumerate(code, start=1)
        if "raises-exception" not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "error"
    ]


def pages(names: list[str]) -> list[Path]:
    """Return the files of the pages named; of all that have cells, if none is."""
    if names:
        files = (ROOT / f"{name}{suffix}" for name in names for suffix in (".md", ".ipynb"))
        found = [path for path in files if path.is_file()]
    else:
        found = sorted((ROOT / "chapters").rglob("*.md")) + sorted(
            path for path in (ROOT / "chapters").rglob("*.ipynb") if ".ipynb_" not in str(path)
        )
    return [path for path in found if read_notebook(path) is not None]


def main(names: list[str]) -> int:
    """Run the pages; return 1 if a cell of one failed."""
    seed, failed = int(os.environ.get("SEED", "1")), 0
    chosen = pages(names)
    with ProcessPoolExecutor(processors()) as pool:
        results = pool.map(failures, chosen, [seed] * len(chosen))
        for path, said in zip(chosen, results, strict=True):
            print(f"{path.relative_to(ROOT)}: {len(said) or 'nothing'} failed", flush=True)
            for text in said:
                print(text, flush=True)
            failed += len(said)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
