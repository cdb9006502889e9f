"""What jupyter-book expects of extensions that this book does not load."""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    # jupyter-book always sets this value, for an extension that asks foreign hosts
    app.add_config_value("comments_config", {}, "html", [dict])
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
