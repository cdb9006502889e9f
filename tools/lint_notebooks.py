"""Checks of the notebooks: no outputs committed, and the theory pages' code passes ruff."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from theory_pages import OUTPUT, convert, is_theory_page


def main(root: Path) -> int:
    """Run the checks; return the number that failed."""
    chapters = root / "chapters"
    notebooks = [
        path for path in chapters.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
    ]
    shutil.rmtree(root / OUTPUT, ignore_errors=True)
    pages = [convert(page, root) for page in sorted(chapters.rglob("*.md")) if is_theory_page(page)]
    bin_dir = Path(sys.executable).parent
    failed = 0
    if notebooks:
        # ids of cells are stable names (links, diffs), not outputs
        command = [bin_dir / "nbstripout", "--verify", "--keep-id", *notebooks]
        failed += subprocess.call(command) != 0
    if pages:
        # no --fix here: these are copies; the line to mend is in the .md of the same name
        command = [bin_dir / "ruff", "check", "--config", chapters / "ruff.toml", *pages]
        failed += subprocess.call(command, cwd=root) != 0
    print(f"{len(notebooks)} notebooks, {len(pages)} theory pages: {failed} checks failed")
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
