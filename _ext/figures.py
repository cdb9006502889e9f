"""Lighter figures, fetched when they come into view, with their size known beforehand.

When the build is finished, every PNG below ``_images`` gets a palette of 64 to 256 colours, which
is a quarter of its weight, unless that would be seen; every picture of a page gets ``width`` and
``height``, so that the text below it does not jump, and ``loading="lazy"``.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from built_pages import rewrite
from PIL import Image
from sphinx.application import Sphinx

STAGE = Path("_build/figures")  # what has been made, by the hash of what it was made from
# In levels of 255: the largest change of any pixel, and the root of the mean square of all.
LIMITS = {64: (40, 1.7), 128: (40, 1.7), 256: (40, 3.0)}  # by the number of colours
PICTURE = re.compile(r'<img\b(?:[^>"]|"[^"]*")*>')
SOURCE = re.compile(r'\bsrc="([^"]+)"')
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def with_palette(image: Image.Image) -> Image.Image:
    """Return an opaque picture with as few colours as do, or as it is if 256 do not."""
    plain = image.convert("RGB")
    wanted = np.asarray(plain, np.int16)
    white = (wanted == 255).all(axis=2)
    for colours, (largest, mean) in LIMITS.items():
        small = plain.quantize(
            colours, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
        )
        error = np.abs(np.asarray(small.convert("RGB"), np.int16) - wanted)
        same = error.max() <= largest and (error.astype(float) ** 2).mean() <= mean**2
        if same and not error[white].any():  # the paper stays white
            return small
    return plain


def slim(path: Path, kept: Path) -> None:
    """Replace a PNG file by a lighter one, from ``kept`` if it has been made before."""
    content = path.read_bytes()
    made = kept / f"{hashlib.sha256(content).hexdigest()[:24]}.png"
    if not made.is_file():
        with Image.open(path) as image:
            if image.mode == "P" or image.convert("RGBA").getextrema()[3][0] < 255:
                return  # it has a palette already, or shows what is behind it
            small = with_palette(image)
        made.parent.mkdir(parents=True, exist_ok=True)
        small.save(made, optimize=True)
    if made.stat().st_size < len(content):
        shutil.copyfile(made, path)


def size_of(path: Path) -> tuple[int, int] | None:
    """Return width and height of a PNG file; None for other files."""
    with path.open("rb") as file:
        head = file.read(24)
    return struct.unpack(">II", head[16:]) if head[:8] == SIGNATURE and len(head) == 24 else None


def describe(text: str, page: Path) -> str:
    """Return a page whose pictures have their size, and are fetched when they are near."""

    def change(match: re.Match) -> str:
        tag = match[0]
        source = SOURCE.search(tag)
        if source is None or " width=" in tag or ":" in source[1]:
            return tag
        path = page.parent / unquote(source[1].partition("?")[0])
        size = size_of(path) if path.is_file() else None
        if size is None:
            return tag
        more = f'width="{size[0]}" height="{size[1]}" loading="lazy" decoding="async"'
        return f"{tag.rstrip('/> ')} {more} />"

    return PICTURE.sub(change, text)


def finish(root: Path, out: Path) -> None:
    """Make the figures of the site below ``out`` lighter, and describe them in its pages."""
    for path in sorted((out / "_images").glob("*.png")):
        slim(path, root / STAGE)
    rewrite(out, describe)


def _build_finished(app: Sphinx, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        finish(Path(app.srcdir), Path(app.outdir))


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("build-finished", _build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
