"""The ``explorable`` directive: a scene of ``glassnet.explore`` as a numbered figure.

Usage; every option but ``name`` and ``alt`` goes to the scene's trace function::

    ```{explorable} mlp
    :name: exp-mlp
    :dataset: moons

    The caption, which says what to look at.
    ```

The trace is computed while the page is read. HTML pages get the player with its numbers, and with
the static picture inside it for print and for readers without scripts; other builders get the
picture. The core and the scenes are loaded by the pages that show one, from files of the site.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import matplotlib
import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import OptionSpec

from glassnet.explore import Player, make_trace, scene_names
from glassnet.explore.assets import core_source, page_style, scene_source
from glassnet.explore.player import BOOK_VARIABLE

logger = logging.getLogger(__name__)

STAGE = Path("_build/explorables")  # pictures, and below "web" the scripts
FOLDER = "explorables"  # in the site's _static
SCENE = re.compile(r'<glass-explorable data-scene="(\w+)"')


class explorable(nodes.General, nodes.Element):
    """The player around its picture."""


class _Options(dict):
    """The options of the directive: any name is one, and its value is read as YAML."""

    def __missing__(self, name: str) -> object:
        return yaml.safe_load


class ExplorableDirective(SphinxDirective):
    """Make a numbered figure of a scene."""

    required_arguments = 1
    has_content = True
    option_spec: OptionSpec = _Options(name=directives.unchanged, alt=directives.unchanged)

    def run(self) -> list[nodes.Node]:
        scene = self.arguments[0]
        options = {key: self.options[key] for key in self.options if key not in ("name", "alt")}
        try:
            player = Player(make_trace(scene, **options))
        except ValueError as error:
            logger.warning("explorable: %s", error, location=self.get_location())
            return []
        picture = self._picture(player)
        opening, closing = player.element("\0").split("\0")
        box = explorable(opening=opening, closing=closing)
        box += nodes.image(uri=f"/{picture}", alt=self.options.get("alt", player.alt))
        figure = nodes.figure("", box, classes=["gn-explorable"])
        figure += self._caption(player)
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure]

    def _picture(self, player: Player) -> str:
        """Write the static picture of a trace, once, and return its path below the source."""
        key = hashlib.sha256(player.trace.to_json().encode()).hexdigest()[:12]
        path = STAGE / f"{player.trace['scene']}-{key}.png"
        target = Path(self.env.srcdir, path)
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            matplotlib.use("agg")  # this process opens no window
            target.write_bytes(player.png())
        return path.as_posix()

    def _caption(self, player: Player) -> nodes.caption:
        """Return the content as caption, or the scene's title where there is none."""
        if not self.content:
            title = player.trace.text("title")
            caption = nodes.caption(title, title)
        else:
            holder = nodes.Element()
            self.state.nested_parse(self.content, self.content_offset, holder)
            first = holder[0]
            if len(holder) > 1 or not isinstance(first, nodes.paragraph):
                logger.warning("explorable: the caption is one paragraph", location=first)
            caption = nodes.caption(first.rawsource, "", *first.children)
        self.set_source_info(caption)
        return caption


def _visit_html(self: object, node: explorable) -> None:
    self.body.append(node["opening"])


def _depart_html(self: object, node: explorable) -> None:
    self.body.append(node["closing"])


def _nothing(_self: object, _node: explorable) -> None:
    """Other builders show what is inside: the picture."""


def stage_scripts(root: Path) -> None:
    """Write the core and all scenes as files that pages can load."""
    folder = root / STAGE / "web" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    sources = {"core.js": core_source(), "page.css": page_style()}
    sources |= {f"{name}.js": scene_source(name) for name in scene_names()}
    for name, text in sources.items():
        target = folder / name
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
    for old in folder.iterdir():
        if old.name not in sources:
            old.unlink()


def _config_inited(app: Sphinx, config: Config) -> None:
    stage_scripts(Path(app.srcdir))
    config.html_static_path.append((STAGE / "web").as_posix())


def _builder_inited(_app: Sphinx) -> None:
    os.environ[BOOK_VARIABLE] = "1"  # for the kernels, which inherit it


def _build_finished(_app: Sphinx, _error: Exception | None) -> None:
    os.environ.pop(BOOK_VARIABLE, None)


def _add_scripts(app: Sphinx, _page: str, _template: str, context: dict, _doctree: object) -> None:
    """Load the core and the scenes that a page shows, from a directive or from a cell's output."""
    scenes = sorted(set(SCENE.findall(context.get("body", ""))))
    if not scenes:
        return
    app.add_css_file(f"{FOLDER}/page.css")
    for name in ("core", *scenes):
        app.add_js_file(f"{FOLDER}/{name}.js", loading_method="defer")


def setup(app: Sphinx) -> dict:
    """Register the directive."""
    other = (_nothing, _nothing)
    app.add_node(
        explorable,
        html=(_visit_html, _depart_html),
        latex=other,
        text=other,
        man=other,
        texinfo=other,
    )
    app.add_directive("explorable", ExplorableDirective)
    app.connect("config-inited", _config_inited)
    app.connect("builder-inited", _builder_inited)
    app.connect("build-finished", _build_finished)
    app.connect("html-page-context", _add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
