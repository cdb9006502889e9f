"""What keeps pages light: icons and style sheets hold what is shown, and nothing less."""

from __future__ import annotations

import re
from types import SimpleNamespace

import content_policy
import figures
import icons
import lean_styles
import pydata_sphinx_theme
import pytest
from fontTools.ttLib import TTFont
from sphinx.errors import ExtensionError
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
    style = ".in { a: b }\n.by { a: b }\n.mod { a: b }\n.no { a: b }"
    sheet = put(tmp_path / "_static/styles/bootstrap.css", style)
    own = put(tmp_path / "_static/own.css", style)
    put(tmp_path / "_static/own.js", 'node.classList.add("by")')
    put(tmp_path / "_static/sub/own.mjs", 'node.classList.add("mod")')
    for folder in lean_styles.NOT_OURS:
        put(tmp_path / f"_static/{folder}/a.js", "no")
    link = '<link href="../_static/styles/bootstrap.css?digest=dfe6" rel="stylesheet" />'
    page = put(tmp_path / "a/index.html", f'{link}<p class="x in"></p>')
    start = put(tmp_path / "index.html", link.replace("../", ""))
    lean_styles.lighten(tmp_path)
    assert re.findall(r"\.\w+", sheet.read_text()) == [".in", ".by", ".mod"]
    assert own.read_text() == style  # not the theme's
    key = re.search(
        r'href="\.\./_static/styles/bootstrap\.css\?v=([0-9a-f]{8})"', page.read_text()
    )[1]
    assert f'href="_static/styles/bootstrap.css?v={key}"' in start.read_text()
    put(tmp_path / "a/index.html", page.read_text().replace(' class="x in"', ""))
    lean_styles.lighten(tmp_path)
    assert key not in page.read_text()  # else a cache would keep the old sheet


def test_the_script_of_tabs_is_loaded_where_there_are_tabs(tmp_path):
    script = '<script data-sd-tabs src="x.js"></script>'
    without = put(tmp_path / "a.html", f"<p></p>\n  {script}")
    tabs = put(tmp_path / "b.html", f'<div class="sd-tab-set"></div>\n  {script}')
    lean_styles.lighten(tmp_path)
    assert without.read_text() == "<p></p>"
    assert script in tabs.read_text()


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
    for name in ("vendor/a.js", "mathjax/a.mjs", "pyodide/a.js", "icons/a.js"):
        put(tmp_path / f"_static/{name}", "fa-moon")
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
    key = icons.write_icons(theme)
    icons.use_icons(theme)
    page = (theme / "a/index.html").read_text(encoding="utf-8")
    assert "fontawesome" not in page
    assert page.count(f'href="../_static/icons/icons.css?v={key}"') == 1
    assert 'as="font"' not in page
    assert '<link rel="preload" as="script" href="a.js">' in page


def test_each_style_has_its_font_and_new_icons_a_new_address(theme):
    key = icons.write_icons(theme)
    style = (theme / "_static/icons/icons.css").read_text(encoding="utf-8")
    for classes, family, weight in (
        (".fa, .fas, .fa-solid", "Book Icons", 900),
        (".far, .fa-regular", "Book Icons", 400),
        (".fab, .fa-brands", "Book Icons Brands", 400),
    ):
        assert f'\n{classes} {{ font-family: "{family}"; font-weight: {weight}; }}' in style
    faces = re.findall(r'font-family: "([\w ]+)"; font-weight: (\d+); font-display.*"(.*)\.', style)
    assert [face[:2] for face in faces if face[2] == "fa-solid-900"] == [("Book Icons", "900")]
    put(theme / "_static/more.mjs", "fa-copy")
    assert icons.write_icons(theme) != key
    assert ".fa-copy::before" in (theme / "_static/icons/icons.css").read_text(encoding="utf-8")


def test_a_theme_without_its_icons_is_an_error(tmp_path):
    with pytest.raises(ExtensionError, match="has it changed"):
        icons.use_icons(tmp_path)


CHANGES = {icons: "use_icons", figures: "finish", lean_styles: "lighten", content_policy: "apply"}


@pytest.mark.parametrize("module", CHANGES)
def test_pages_are_changed_when_a_site_was_built_and_only_then(module, monkeypatch):
    done = []
    monkeypatch.setattr(module, CHANGES[module], lambda *folders: done.append(folders[-1].name))
    for kind, error in (("html", ValueError()), ("latex", None), ("html", None)):
        name = f"{kind} {error is None}"
        builder = SimpleNamespace(format=kind)
        module._build_finished(SimpleNamespace(srcdir="s", outdir=name, builder=builder), error)
    assert done == ["html True"]


def test_style_sheets_are_cut_after_what_changes_pages_and_the_policy_is_last():
    places = {}
    for module in CHANGES:

        def connect(event, function, priority=500, module=module):
            assert (event, function) == ("build-finished", module._build_finished)
            places[module] = priority

        module.setup(SimpleNamespace(connect=connect))
    assert places[icons] == places[figures] < places[lean_styles] < places[content_policy]
