"""Let extensions that know only HTML pages work in the single page, from which the PDF is made.

sphinx-proof and sphinx-exercise register a few of their nodes for ``singlehtml`` by name. Sphinx
then looks no further, and takes all their other nodes for unknown. So the handlers of ``html`` are
put beneath those of ``singlehtml``.
"""

from __future__ import annotations

from sphinx.application import Sphinx


def merge_handlers(app: Sphinx) -> None:
    """Give the single page every handler that the ordinary pages have."""
    handlers = app.registry.translation_handlers
    handlers["singlehtml"] = {**handlers.get("html", {}), **handlers.get("singlehtml", {})}


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("builder-inited", merge_handlers)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
