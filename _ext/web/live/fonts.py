"""The list of matplotlib's own fonts, ready made: to read them all takes seconds in a browser."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["entries", "install"]

VERSION = 330  # of the list's format; matplotlib makes a list of its own if it wants another
FAMILIES = {
    "DejaVu Sans": ("DejaVuSans", ("", "-Bold", "-BoldOblique", "-Oblique")),
    "DejaVu Sans Display": ("DejaVuSansDisplay", ("",)),
    "DejaVu Sans Mono": ("DejaVuSansMono", ("", "-Bold", "-BoldOblique", "-Oblique")),
    "DejaVu Serif": ("DejaVuSerif", ("", "-Bold", "-BoldItalic", "-Italic")),
    "DejaVu Serif Display": ("DejaVuSerifDisplay", ("",)),
    "STIXGeneral": ("STIXGeneral", ("", "Bol", "BolIta", "Italic")),
    "STIXNonUnicode": ("STIXNonUni", ("", "Bol", "BolIta", "Ita")),
    "STIXSizeOneSym": ("STIXSizOneSym", ("Reg", "Bol")),
    "STIXSizeTwoSym": ("STIXSizTwoSym", ("Reg", "Bol")),
    "STIXSizeThreeSym": ("STIXSizThreeSym", ("Reg", "Bol")),
    "STIXSizeFourSym": ("STIXSizFourSym", ("Reg", "Bol")),
    "STIXSizeFiveSym": ("STIXSizFiveSym", ("Reg",)),
    **{
        f"cm{kind}10": (f"cm{kind}10", ("",))
        for kind in ("b", "ex", "mi", "r", "ss", "sy", "ti", "tt")
    },
}


def entries():
    """Return one entry for each font file, as matplotlib describes it."""
    return [
        {
            "fname": f"fonts/ttf/{start}{end}.ttf",
            "name": family,
            "style": _style(end),
            "variant": "normal",
            "weight": 700 if "Bol" in end else 400,
            "stretch": "normal",
            "size": "scalable",
            "__class__": "FontEntry",
        }
        for family, (start, ends) in FAMILIES.items()
        for end in ends
    ]


def _style(end):
    if "Oblique" in end:
        return "oblique"
    return "italic" if "Ita" in end else "normal"


def install(packages):
    """Write the list to where Pyodide's matplotlib looks for it, over one that does not fit it.

    Parameters
    ----------
    packages : path-like
        The folder of installed packages.
    """
    path = Path(packages, "matplotlib/fontlist.json")
    manager = {
        "_version": VERSION,
        "_FontManager__default_weight": "normal",
        "default_size": None,
        "defaultFamily": {"ttf": "DejaVu Sans", "afm": "Helvetica"},
        "afmlist": [],
        "ttflist": entries(),
        "__class__": "FontManager",
    }
    path.write_text(json.dumps(manager), encoding="utf-8")
