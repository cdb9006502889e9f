"""Launch buttons, edit links, canonical links and the site map follow from one address."""

from __future__ import annotations

import pytest
import repository
from sphinx.errors import ExtensionError

KERNEL = """---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
  language: python
---

"""
FILES = {
    "index.md": KERNEL + "# Book\n\n```{toctree}\npart/lab\n```\n",
    "part/lab.md": "# Lab\n\nText.\n",
}
SETTINGS = {
    "extensions": ["myst_nb", "sphinx_book_theme", "repository"],
    "html_theme": "sphinx_book_theme",
    "source_suffix": {".md": "myst-nb"},
    "nb_execution_mode": "off",
    "language": "en",
}


@pytest.fixture(autouse=True)
def _no_address(monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)


def test_without_an_address_nothing_points_to_a_repository(build):
    result = build(FILES, **SETTINGS)
    assert not result.warnings
    for page in ("index.html", "part/lab.html"):
        html = (result.out / page).read_text(encoding="utf-8")
        for word in ("github", "mybinder", "colab", "canonical"):
            assert word not in html.lower(), (page, word)
    assert not (result.out / "sitemap.xml").exists()
    assert (result.out / ".nojekyll").exists()


@pytest.mark.parametrize("source", ["setting", "environment"])
def test_with_an_address_every_link_is_there(build, monkeypatch, source):
    settings = dict(SETTINGS)
    if source == "setting":
        settings["repository_address"] = "https://github.com/Some-One/a.book.git"
    else:
        monkeypatch.setenv("GITHUB_REPOSITORY", "Some-One/a.book")
    result = build(FILES, **settings)
    index = (result.out / "index.html").read_text(encoding="utf-8")
    lab = (result.out / "part/lab.html").read_text(encoding="utf-8")
    assert "https://github.com/Some-One/a.book/edit/main/part/lab.md" in lab
    assert "https://mybinder.org/v2/gh/Some-One/a.book/main?urlpath=lab/tree/index.md" in index
    assert "colab.research" not in index + lab  # it would open a notebook without the package
    assert 'rel="canonical" href="https://some-one.github.io/a.book/part/lab.html"' in lab
    sitemap = (result.out / "sitemap.xml").read_text(encoding="utf-8")
    assert "<loc>https://some-one.github.io/a.book/index.html</loc>" in sitemap
    assert "<loc>https://some-one.github.io/a.book/part/lab.html</loc>" in sitemap


def test_the_setting_comes_before_the_environment():
    found = repository.find_repository(
        "https://github.com/one/book", {"GITHUB_REPOSITORY": "two/fork"}
    )
    assert found.url == "https://github.com/one/book"


def test_another_server_is_named_as_it_is():
    found = repository.find_repository(
        "", {"GITHUB_REPOSITORY": "one/book", "GITHUB_SERVER_URL": "https://git.example.org/"}
    )
    assert found == ("https://git.example.org", "one", "book")
    assert (
        repository.theme_options(found, "main")["repository_url"]
        == "https://git.example.org/one/book"
    )


def test_site_of_an_owner_has_no_folder():
    found = repository.find_repository("https://github.com/Me/me.github.io", {})
    assert found.pages_url == "https://me.github.io/"


@pytest.mark.parametrize(
    "address", ["github.com/a/b", "https://github.com/a", "https://x/a/b/c", "a/b"]
)
def test_bad_addresses_are_refused(address):
    with pytest.raises(ExtensionError, match="Received"):
        repository.find_repository(address, {})
