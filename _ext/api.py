"""What the API page leaves out: the fields of named tuples, whose docstrings say nothing."""

from __future__ import annotations

from sphinx.application import Sphinx


def skip_member(
    _app: Sphinx, _what: str, _name: str, member: object, _skip: bool, _options: object
) -> bool | None:
    """Skip ``Alias for field number n``; None leaves the decision to autodoc."""
    doc = getattr(member, "__doc__", None)
    return True if isinstance(doc, str) and doc.startswith("Alias for field number") else None


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("autodoc-skip-member", skip_member)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
