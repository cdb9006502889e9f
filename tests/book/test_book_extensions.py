"""The key of the execution cache."""

from __future__ import annotations

import execution
import pytest
from sphinx.config import Config


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


def test_a_small_book_leaves_no_file_types_to_the_next(build):
    """Sphinx has one default for all applications of a process, into which extensions write."""
    build({"index.md": "# Book\n"}, extensions=["myst_parser"])
    assert Config.config_values["source_suffix"].default == {".rst": "restructuredtext"}
