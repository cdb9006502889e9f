"""What needs the repository's address: launch buttons, edit and canonical links, the site map.

The address is ``repository_address`` in _config.yml, or else the ``GITHUB_REPOSITORY`` that
GitHub's own runners set. Where neither is known, every such link is left out: none is ever dead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

ADDRESS = re.compile(r"(https://[\w.-]+)/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")


class Repository(NamedTuple):
    """Where the book's repository is."""

    server: str
    owner: str
    name: str

    @property
    def url(self) -> str:
        """Address of the repository."""
        return f"{self.server}/{self.owner}/{self.name}"

    @property
    def on_github(self) -> bool:
        """Whether Binder's short form and GitHub Pages apply."""
        return self.server == "https://github.com"

    @property
    def pages_url(self) -> str:
        """Address at which GitHub Pages serves the repository's site, with a slash at its end."""
        host = f"{self.owner.lower()}.github.io"
        return f"https://{host}/" if self.name.lower() == host else f"https://{host}/{self.name}/"


def find_repository(setting: str | None, environment: Mapping[str, str]) -> Repository | None:
    """Return the repository from the setting or the environment, None if neither names it."""
    address = (setting or "").strip()
    if not address and environment.get("GITHUB_REPOSITORY"):
        server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
        address = f"{server.rstrip('/')}/{environment['GITHUB_REPOSITORY']}"
    if not address:
        return None
    match = ADDRESS.fullmatch(address)
    if not match:
        raise ExtensionError(
            f"repository_address: expected https://HOST/OWNER/NAME. Received: {address!r}"
        )
    return Repository(*match.groups())


def theme_options(repository: Repository | None, branch: str) -> dict:
    """Return the theme's options for the repository; without one, all links are left out."""
    if repository is None:
        return {
            "repository_url": "",
            "use_repository_button": False,
            "use_edit_page_button": False,
            "use_issues_button": False,
            "launch_buttons": {},
        }
    launch = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
    # No Colab button: a notebook opened there finds no glassnet; the README says how to install it.
    return {
        "repository_url": repository.url,
        "repository_branch": branch,
        "path_to_docs": "",
        "use_repository_button": True,
        "use_edit_page_button": True,
        "use_issues_button": True,
        "launch_buttons": launch,
    }


def _config_inited(app: Sphinx, config: Config) -> None:
    repository = find_repository(config.repository_address, os.environ)
    config.html_theme_options.update(theme_options(repository, config.repository_branch))
    if repository and repository.on_github and not config.html_baseurl:
        config.html_baseurl = repository.pages_url


def _write_sitemap(app: Sphinx, error: Exception | None) -> None:
    """Write sitemap.xml where the site's address is known, and .nojekyll always."""
    if error or app.builder.name != "html":
        return
    out = Path(app.outdir)
    (out / ".nojekyll").touch()  # GitHub Pages would leave out _static otherwise
    target = out / "sitemap.xml"
    base = app.config.html_baseurl
    if not base:
        target.unlink(missing_ok=True)
        return
    pages = sorted(app.builder.get_target_uri(name) for name in app.env.found_docs)
    lines = [f"  <url><loc>{escape(base.rstrip('/') + '/' + page)}</loc></url>" for page in pages]
    target.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "\n".join(lines)
        + "\n</urlset>\n",
        encoding="utf-8",
    )


def setup(app: Sphinx) -> dict:
    """Register the settings and the events."""
    app.add_config_value("repository_address", "", "html", [str])
    app.add_config_value("repository_branch", "main", "html", [str])
    app.connect("config-inited", _config_inited)
    app.connect("build-finished", _write_sitemap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
