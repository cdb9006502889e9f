"""Figures become lighter where that is not seen, and pages know their size."""

from __future__ import annotations

import io

import figures
import numpy as np
import pytest
from PIL import Image

NOISE = {"wild": (0, 256), "mild": (90, 180), "light": (240, 256)}  # levels from and to


def picture(kind):
    """Return an image: noise, or as a plot has it, lines with smooth edges."""
    rng = np.random.default_rng(0)
    if kind == "points":  # few, so that those whose colour changes much hardly count on average
        levels = np.full((300, 400, 3), 255, np.uint8)
        levels[::20, ::20] = rng.integers(0, 256, (15, 20, 3))
        return Image.fromarray(levels).convert("RGBA")
    if kind in NOISE:
        colours = rng.integers(*NOISE[kind], (40, 60, 3), dtype=np.uint8)
        return Image.fromarray(colours).convert("RGBA")
    x = np.linspace(0, 6, 300)
    levels = np.clip(np.abs(np.arange(200)[:, None] - 100 - 80 * np.sin(x)) * 90, 0, 255)
    grey = np.repeat(levels[:, :, None], 3, axis=2)
    grey[..., 0] = np.maximum(grey[..., 0], 60)
    return Image.fromarray(grey.astype(np.uint8)).convert("RGBA")


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


@pytest.mark.parametrize("kind", ["lines", "points"])
def test_a_figure_becomes_lighter_and_looks_the_same(tmp_path, kind):
    before = picture(kind)
    path = save(tmp_path / "_images/a.png", before)
    size = path.stat().st_size
    figures.slim(path, tmp_path / "kept")
    after = Image.open(path)
    error = np.abs(np.asarray(after.convert("RGB"), int) - np.asarray(before.convert("RGB"), int))
    assert after.mode == "P"
    assert path.stat().st_size < size
    assert error.max() <= max(figures.LIMITS.values())[0]
    assert error[(np.asarray(before.convert("RGB")) == 255).all(axis=2)].max() == 0


@pytest.mark.parametrize("kind", ["wild", "mild"])  # mild: no pixel changes much, but all do
def test_a_figure_whose_colours_would_suffer_keeps_them(tmp_path, kind):
    path = save(tmp_path / "_images/a.png", picture(kind))
    before = np.asarray(Image.open(path).convert("RGB"))
    figures.slim(path, tmp_path / "kept")
    assert (np.asarray(Image.open(path).convert("RGB")) == before).all()


def test_white_stays_white(tmp_path):
    """In noise so light that a palette would do, one point is white."""
    levels = np.asarray(picture("light").convert("RGB")).copy()
    levels[5, 5] = 255
    path = save(tmp_path / "_images/a.png", Image.fromarray(levels))
    figures.slim(path, tmp_path / "kept")
    assert Image.open(path).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["P", "RGB"])
def test_what_would_not_become_lighter_is_left_alone(tmp_path, mode):
    """It has a palette, or it is so small that a palette would be most of it."""
    image = picture("lines") if mode == "P" else picture("wild").crop((0, 0, 2, 2))
    path = save(tmp_path / "_images/a.png", image.convert("RGB").convert(mode))
    content = path.read_bytes()
    figures.slim(path, tmp_path / "kept")
    assert path.read_bytes() == content
    assert (tmp_path / "kept").exists() == (mode == "RGB")  # tried


def test_every_figure_of_a_site_is_done_and_keeps_its_content(tmp_path, monkeypatch):
    """Two figures, of which a page shows one; what was made is kept below the root."""
    out = tmp_path / "site"
    colours = {"a": (200, 30, 30), "b": (30, 30, 200)}
    for name, colour in colours.items():
        levels = np.asarray(picture("lines").convert("RGB")).copy()
        levels[:50] = colour
        save(out / f"_images/{name}.png", Image.fromarray(levels))
    page = out / "x/index.html"
    page.parent.mkdir()
    page.write_text('<img src="../_images/a.png" />', encoding="utf-8")
    figures.finish(tmp_path, out)
    for name, colour in colours.items():
        after = Image.open(out / f"_images/{name}.png")
        assert after.mode == "P"
        assert np.abs(np.subtract(after.convert("RGB").getpixel((5, 5)), colour)).max() < 20
    assert len(list((tmp_path / figures.STAGE).iterdir())) == 2
    assert 'width="300" height="200" loading="lazy"' in page.read_text(encoding="utf-8")


def test_a_figure_that_shows_its_ground_is_left_alone(tmp_path):
    image = picture("lines")
    image.putalpha(100)
    path = save(tmp_path / "_images/a.png", image)
    content = path.read_bytes()
    figures.slim(path, tmp_path / "kept")
    assert path.read_bytes() == content


def test_what_was_made_once_is_kept(tmp_path, monkeypatch):
    path = save(tmp_path / "_images/a.png", picture("lines"))
    original = path.read_bytes()
    figures.slim(path, tmp_path / "kept")
    made = path.read_bytes()
    path.write_bytes(original)
    monkeypatch.setattr(figures, "with_palette", lambda _image: pytest.fail("made again"))
    figures.slim(path, tmp_path / "kept")
    assert path.read_bytes() == made


def test_pictures_say_their_size_and_wait_until_they_are_near(tmp_path):
    save(tmp_path / "_images/a.png", Image.new("RGB", (7, 5)))
    page = tmp_path / "x/index.html"
    page.parent.mkdir()
    change = '<img alt="a > b" src="../_images/a.png" />'
    same = (
        '<img src="../_images/a.png" width="3">',
        '<img src="data:image/png;base64,AA">',
        '<img src="../_static/logo.svg" class="logo__image">',
        "<img>",
    )
    made = figures.describe(change, page)
    assert made.endswith('width="7" height="5" loading="lazy" decoding="async" />')
    assert made.startswith(change[:-3])
    assert figures.describe(made, page) == made
    save(tmp_path / "_images/two words.png", Image.new("RGB", (9, 8)))
    named = '<img src="../_images/two%20words.png?v=1" />'
    assert ' width="9" height="8" ' in figures.describe(named, page)
    assert all(figures.describe(tag, page) == tag for tag in same)


def test_size_of_reads_png_only(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (3, 4)).save(buffer, "PNG")
    (tmp_path / "a").write_bytes(buffer.getvalue())
    (tmp_path / "b").write_bytes(b"<svg/>")
    assert figures.size_of(tmp_path / "a") == (3, 4)
    assert figures.size_of(tmp_path / "b") is None
