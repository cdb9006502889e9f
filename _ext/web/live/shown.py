"""What a value looks like on the page: HTML, a picture or text."""

from __future__ import annotations

import base64
import html
import pprint
import sys

from . import stand_ins

__all__ = ["bundle_of"]

_CONTAINERS = (dict, list, tuple, set, frozenset)
_WIDTH = 79


def bundle_of(value):
    """Return the kind of output that shows a value best, and its fields.

    Parameters
    ----------
    value : object

    Returns
    -------
    kind : str
        "html", "image" or "text".
    fields : dict
    """
    player = sys.modules.get("glassnet.explore.player")
    if player and isinstance(value, player.Player):
        # without its picture, whose drawing would take longer than everything else
        return "html", {"html": value.element(f"<p>{html.escape(value.alt)}</p>")}
    forms = {} if isinstance(value, type) else _forms(value)
    if "text/html" in forms:
        return "html", {"html": forms["text/html"]}
    if "text/markdown" in forms:
        return "html", {"html": stand_ins.markdown(forms["text/markdown"])}
    if "image/svg+xml" in forms:
        return "html", {"html": forms["image/svg+xml"]}
    for kind in ("image/png", "image/jpeg"):
        if kind in forms:
            data = forms[kind]
            data = base64.b64encode(data).decode() if isinstance(data, bytes) else data
            return "image", {"data": data, "mime": kind}
    return "text", {"text": forms.get("text/plain") or text_of(value)}


def _forms(value):
    """Return what an object says of itself in the ways of notebooks, by media type."""
    bundle = getattr(value, "_repr_mimebundle_", None)
    if callable(bundle):
        forms = bundle(include=None, exclude=None)
        forms = forms[0] if isinstance(forms, tuple) else forms
        if forms:
            return forms
    forms = {}
    ways = {
        "_repr_html_": "text/html",
        "_repr_markdown_": "text/markdown",
        "_repr_svg_": "image/svg+xml",
        "_repr_png_": "image/png",
        "_repr_jpeg_": "image/jpeg",
    }
    for method, kind in ways.items():
        made = getattr(value, method, None)
        made = made() if callable(made) else None
        if made:
            forms[kind] = made
    return forms


def text_of(value):
    """Return the text of a value; a container that is too wide for a line gets several."""
    if type(value) not in _CONTAINERS:
        return repr(value)
    text = repr(value)
    if len(text) <= _WIDTH and "\n" not in text:
        return text
    return pprint.pformat(value, width=_WIDTH + 1, sort_dicts=False)
