"""The script files of the player, as text: the core is a few parts joined, a scene is one file."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

__all__ = ["core_source", "page_style", "scene_source"]

_WEB = files("glassnet.explore") / "web"


def _read(name):
    return (_WEB / name).read_text(encoding="utf-8")


@cache
def core_source():
    """Return the core as one classic script; running it twice changes nothing."""
    words = json.dumps(json.loads(_read("words.json")), ensure_ascii=False)
    style = json.dumps(_read("core.css"), ensure_ascii=False)
    data = f"Glass.words = Glass.words || {words};\nGlass.css = Glass.css || {style};\n"
    return "".join((_read("maths.js"), data, _read("draw.js"), _read("core.js")))


def page_style():
    """Return the style of the page around a player, for the book."""
    return _read("page.css")


@cache
def scene_source(name):
    """Return the script of one scene, which registers itself with the core.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    try:
        return _read(f"scenes/{name}.js")
    except FileNotFoundError:
        raise ValueError(f"There is no script of a scene {name!r}.") from None
