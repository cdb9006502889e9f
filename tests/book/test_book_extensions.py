"""Staging of the web assets, and the key of the execution cache."""

from __future__ import annotations

import re
import shutil

import execution
import pytest
import web_assets
from sphinx.errors import ExtensionError


@pytest.fixture
def tree(tmp_path):
    """A small repository."""
    for name in (
        "src/glassnet/a.py",
        "requirements.txt",
        "chapters/x/index.md",
        "chapters/x/d.csv",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["src/glassnet/a.py", "requirements.txt", "chapters/x/d.csv"])
def test_cache_key_follows_package_versions_and_data(tree, name):
    before = execution.state(tree)
    (tree / name).write_text("2", encoding="utf-8")
    assert execution.state(tree) != before


def test_cache_key_follows_a_new_module(tree):
    before = execution.state(tree)
    (tree / "src/glassnet/b.py").write_text("", encoding="utf-8")
    assert execution.state(tree) != before


@pytest.mark.parametrize(
    "name", ["chapters/x/index.md", "src/glassnet/__pycache__/a.pyc", "chapters/.ruff_cache/a"]
)
def test_cache_key_ignores_pages_and_byte_code(tree, name):
    before = execution.state(tree)
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text("2", encoding="utf-8")
    assert execution.state(tree) == before


def test_old_caches_are_removed_and_the_current_is_kept(build, tree, tmp_path):
    source = tmp_path / "source"
    (source / "_build/cache-old").mkdir(parents=True)
    settings = {"extensions": ["myst_nb", "execution"], "source_suffix": {".md": "myst-nb"}}
    result = build({"index.md": "# Book\n"}, **settings)
    expected = source / "_build" / f"cache-{execution.state(source)}"
    assert result.app.config.nb_execution_cache_path == str(expected)
    assert not (source / "_build/cache-old").exists()


def test_mathjax_is_staged_and_used(build, root, tmp_path):
    if not (root / web_assets.MATHJAX).is_dir():
        pytest.fail("node_modules is missing: run `make setup`")
    target = tmp_path / "source" / web_assets.MATHJAX
    for part in web_assets.MATHJAX_PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (root / web_assets.MATHJAX / part).is_dir() else shutil.copy2
        copy(root / web_assets.MATHJAX / part, target / part)
    settings = {
        "extensions": ["myst_parser", "sphinx.ext.mathjax", "web_assets"],
        "source_suffix": {".md": "markdown"},
        "myst_enable_extensions": ["dollarmath"],
        "exclude_patterns": ["node_modules", "_build"],
    }
    result = build({"index.md": "# Book\n\n$$x^2$$\n"}, **settings)
    html = (result.out / "index.html").read_text(encoding="utf-8")
    script = re.search(r'src="(_static/mathjax/[^"?]+)', html).group(1)
    assert (result.out / script).is_file()
    assert list((result.out / "_static/mathjax").rglob("*.woff"))
    assert list((result.out / "_static/mathjax").rglob("boldsymbol.js"))
    assert (result.out / "_static/mathjax/LICENSE").is_file()


def test_missing_mathjax_is_explained(tmp_path):
    with pytest.raises(ExtensionError, match="make book"):
        web_assets.stage_mathjax(tmp_path)


def test_font_preloads_are_dropped_and_nothing_else(tmp_path):
    drop = '<link rel="preload" as="font" type="font/woff2" crossorigin href="f.woff2">'
    keep = '<link rel="preload" as="script" href="a.js">'
    page = tmp_path / "a/index.html"
    page.parent.mkdir()
    page.write_text(f"<head>\n  {drop}\n{keep}</head>", encoding="utf-8")
    template = tmp_path / "_static/macros.html"
    template.parent.mkdir()
    template.write_text(drop, encoding="utf-8")
    web_assets.drop_font_preloads(tmp_path)
    assert template.read_text(encoding="utf-8") == drop  # the theme's own file stays as it was
    assert page.read_text(encoding="utf-8") == f"<head>\n{keep}</head>"
