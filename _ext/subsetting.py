"""Parts of style sheets and fonts: the rules and the characters that a site uses.

A font of a few hundred symbols of which pages show thirty is most of their weight.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TOKEN = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|\\.|[^"'{};\\]+""", re.DOTALL)
NESTED = ("@media", "@supports", "@container", "@layer")
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
INSIDE = re.compile(r"\([^()]*\)")  # of :not, :is, :nth-child
CONTENT = re.compile(r"""content:\s*(["'])((?:\\.|(?!\1).)*)\1""")
ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))")


def blocks(style: str) -> Iterator[tuple[str, str | None]]:
    """Yield what stands before each pair of braces of a style sheet, and what is in it."""
    before, depth, parts = "", 0, []
    for token in TOKEN.findall(COMMENT.sub("", style)):
        if token == "{" and depth == 0:
            before, parts, depth = "".join(parts).strip(), [], 1
        elif token == "}" and depth == 1:
            yield before, "".join(parts).strip()
            parts, depth = [], 0
        elif token == ";" and depth == 0:
            yield "".join(parts).strip(), None  # such as @charset
            parts = []
        else:
            depth += {"{": 1, "}": -1}.get(token, 0)
            parts.append(token)


def selectors_of(before: str) -> list[str]:
    """Split a list of selectors at the commas that are in no parentheses."""
    parts, depth = [""], 0
    for character in before:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [" ".join(part.split()) for part in parts]


def classes_of(selector: str) -> set[str]:
    """Return the classes without which a selector selects nothing."""
    while INSIDE.search(selector):
        selector = INSIDE.sub("", selector)
    return set(CLASS.findall(selector))


def used_rules(style: str, classes: set[str]) -> str:
    """Return the rules of a style sheet that can select something where only ``classes`` occur."""
    kept = []
    for before, body in blocks(style):
        if body is None:
            kept.append(f"{before};")
        elif before.startswith(NESTED):
            inner = used_rules(body, classes)
            if inner.strip():
                kept.append(f"{before} {{\n{inner}}}")
        elif before.startswith("@"):
            kept.append(f"{before} {{ {body} }}")
        else:
            chosen = [one for one in selectors_of(before) if classes_of(one) <= classes]
            if chosen:
                kept.append(f"{', '.join(chosen)} {{ {' '.join(body.split())} }}")
    return "\n".join(kept) + "\n"


def content_characters(style: str) -> set[str]:
    """Return the characters that a style sheet's ``content`` shows."""
    found: set[str] = set()
    for _, text in CONTENT.findall(style):
        found.update(ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], text))
    return found


def subset_font(source: Path, target: Path, characters: Iterable[str]) -> int:
    """Write the part of a font that shows ``characters``, as WOFF; return how many it has.

    A font that shows none of them is not written.

    Hints and names go, too: screens of today do not need the former, nobody reads the latter, and
    the licence of a font may not allow its name for a part of it.
    """
    options = subset.Options(
        flavor="woff", hinting=False, layout_features=[], name_IDs=[], notdef_outline=True
    )
    options.drop_tables += ["FFTM"]
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    with TTFont(source, lazy=True) as font:
        wanted = {ord(character) for character in characters} & set(font.getBestCmap())
        if not wanted:
            return 0
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=wanted)
        cutter.subset(font)
        target.parent.mkdir(parents=True, exist_ok=True)
        subset.save_font(font, target, options)
    return len(wanted)
