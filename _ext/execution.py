"""Key the execution cache on what the notebooks compute with.

jupyter-cache looks at a notebook's own cells only. A change in the package, in the pinned versions
or in a chapter's data files must run the notebooks again, so each such state has a cache folder of
its own; the folders of earlier states are removed. The path being a configuration value, Sphinx
reads all pages again.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

PREFIX = "cache-"
INPUTS = ("src/glassnet/**/*", "requirements.txt", "chapters/**/*")
PAGES = {".md", ".ipynb"}  # jupyter-cache itself sees changes in these
JUNK = {"__pycache__", ".ipynb_checkpoints", ".ruff_cache"}


def state(root: Path) -> str:
    """Return a short hash of everything but the pages that an executed page depends on."""
    digest = hashlib.sha256()
    files = {path for pattern in INPUTS for path in root.glob(pattern) if path.is_file()}
    for path in sorted(files):
        relative = path.relative_to(root)
        if path.suffix in PAGES or JUNK & set(relative.parts):
            continue
        digest.update(f"{relative.as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _config_inited(app: Sphinx, config: Config) -> None:
    root = Path(app.srcdir)
    cache = root / "_build" / (PREFIX + state(root))
    for old in cache.parent.glob(PREFIX + "*"):
        if old != cache:
            shutil.rmtree(old)
    config.nb_execution_cache_path = str(cache)


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("config-inited", _config_inited)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
