"""What keeps pages light: icons, figures and style sheets hold what is shown, and nothing less."""

from __future__ import annotations

import io
import re

import figures
import icons
import lean_styles
import numpy as np
import pydata_sphinx_theme
import pytest
from fontTools.ttLib import TTFont
from PIL import Image
from subsetting import used_rules


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rule", "stays"),
    [
        (".a { x: y }", True),
        (".a.b { x: y }", False),
        (".b .a, .a > p { x: y }", True),
        ("p:not(.b) { x: y }", True),
        ("p:is(.b, .a) { x: y }", True),
        ("@media print { .b { x: y } }", False),
        ("@media print { .a { x: y } }", True),
        ("@font-face { font-family: F }", True),
        ("html[data-theme=dark] { x: y }", True),
        ('@charset "utf-8";', True),
        ('.a::after { content: "}" }', True),
    ],
)
def test_rules_stay_where_their_classes_are(rule, stays):
    kept = used_rules(f"/* .b {{ }} */ {rule}", {"a"})
    assert (kept.strip() != "") == stays
    assert (".b .a" in kept) is False


def test_style_sheets_keep_what_pages_and_scripts_name(tmp_path):
    sheet = put(
        tmp_path / "_static/styles/bootstrap.css", ".in { a: b }\n.by { a: b }\n.no { a: b }"
    )
    put(tmp_path / "_static/own.js", 'node.classList.add("by")')
    link = '<link href="../_static/styles/bootstrap.css?digest=dfe6" rel="stylesheet" />'
    page = put(tmp_path / "a/index.html", f'{link}<p class="x in"></p>')
    lean_styles.lighten(tmp_path)
    assert re.findall(r"\.\w+", sheet.read_text()) == [".in", ".by"]
    assert re.search(r'href="\.\./_static/styles/bootstrap\.css\?v=[0-9a-f]{8}"', page.read_text())


@pytest.fixture
def theme(tmp_path):
    """A site with the theme's icons and a page."""
    source = icons.Path(pydata_sphinx_theme.__file__).parent
    vendor = next(source.glob("theme/*/static/vendor/fontawesome/*"))
    target = tmp_path / "_static/vendor/fontawesome"
    target.mkdir(parents=True)
    (target / vendor.name).symlink_to(vendor)
    folder = f"_static/vendor/fontawesome/{vendor.name}"
    head = (
        '<link rel="preload" as="font" type="font/woff2" crossorigin href="f.woff2">\n'
        f'<link href="../{folder}/css/all.min.css" rel="stylesheet" />'
        f'<script src="../{folder}/js/all.min.js?x=1"></script>'
        '<link rel="preload" as="script" href="a.js">'
    )
    put(tmp_path / "a/index.html", f'{head}<i class="fas fa-sun"></i><i class="fab fa-github"></i>')
    put(tmp_path / "_static/own.css", '.x::after { content: "\\f140"; }')
    put(tmp_path / "_static/own.js", 'icon.className = "fa-solid fa-xmark"')
    return tmp_path


def test_icons_that_are_shown_are_in_the_small_font(theme):
    icons.use_icons(theme)
    style = (theme / "_static/icons/icons.css").read_text(encoding="utf-8")
    solid = TTFont(theme / "_static/icons/fa-solid-900.woff")
    assert {0xF185, 0xF140, 0xF00D} == set(solid.getBestCmap())  # sun, target, cross
    assert set(TTFont(theme / "_static/icons/fa-brands-400.woff").getBestCmap()) == {0xF09B}
    assert re.findall(r"\.(fa-[\w-]+)::before", style) == ["fa-github", "fa-sun", "fa-xmark"]
    assert not any(record.toUnicode() for record in solid["name"].names)  # nor the reserved name
    assert (theme / "_static/icons/fa-solid-900.woff").stat().st_size < 2000
    assert "Reserved Font Name" in (theme / "_static/icons/LICENSE.txt").read_text()


def test_pages_load_the_small_font_and_nothing_of_the_large(theme):
    icons.use_icons(theme)
    page = (theme / "a/index.html").read_text(encoding="utf-8")
    assert "fontawesome" not in page
    assert page.count('href="../_static/icons/icons.css?v=') == 1
    assert 'as="font"' not in page
    assert '<link rel="preload" as="script" href="a.js">' in page


def picture(kind):
    """Return an image as a plot has it: lines with smooth edges, or noise in all colours."""
    rng = np.random.default_rng(0)
    if kind == "noise":
        return Image.fromarray(rng.integers(0, 255, (200, 300, 3), dtype=np.uint8)).convert("RGBA")
    x = np.linspace(0, 6, 300)
    levels = np.clip(np.abs(np.arange(200)[:, None] - 100 - 80 * np.sin(x)) * 90, 0, 255)
    grey = np.repeat(levels[:, :, None], 3, axis=2)
    grey[..., 0] = np.maximum(grey[..., 0], 60)
    return Image.fromarray(grey.astype(np.uint8)).convert("RGBA")


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


def test_a_figure_becomes_lighter_and_looks_the_same(tmp_path):
    before = picture("lines")
    path = save(tmp_path / "_images/a.png", before)
    size = path.stat().st_size
    figures.slim(path, tmp_path / "kept")
    after = Image.open(path)
    error = np.abs(np.asarray(after.convert("RGB"), int) - np.asarray(before.convert("RGB"), int))
    assert after.mode == "P"
    assert path.stat().st_size < size
    assert error.max() <= max(figures.LIMITS.values())[0]
    assert error[(np.asarray(before.convert("RGB")) == 255).all(axis=2)].max() == 0


def test_a_figure_whose_colours_would_suffer_keeps_them(tmp_path):
    path = save(tmp_path / "_images/a.png", picture("noise"))
    before = np.asarray(Image.open(path).convert("RGB"))
    figures.slim(path, tmp_path / "kept")
    assert (np.asarray(Image.open(path).convert("RGB")) == before).all()


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
    assert all(figures.describe(tag, page) == tag for tag in same)


def test_size_of_reads_png_only(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (3, 4)).save(buffer, "PNG")
    (tmp_path / "a").write_bytes(buffer.getvalue())
    (tmp_path / "b").write_bytes(b"<svg/>")
    assert figures.size_of(tmp_path / "a") == (3, 4)
    assert figures.size_of(tmp_path / "b") is None
