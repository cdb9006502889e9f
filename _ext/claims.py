"""The ``claim`` directive: a box that holds a source document's statement against the truth.

One entry of ``chapters/claims.yaml`` makes one box "The document says / In fact / See for
yourself", with the verdict as a word and as a colour. Usage, one or more ids::

    ```{claim} S4.20
    ```

The box links to the cell that shows the truth, by default the label ``check-s4-20`` in the
chapter's fact-check notebook; the option ``check`` names another one. Each box is a target of its
own: ``{ref}`claim-s4-20` ``.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

DATA_FILE = "chapters/claims.yaml"
VERDICTS = ("right", "imprecise", "wrong")
REQUIRED = ("id", "says", "verdict", "chapter")  # and the truth, unless the claim is right
ID = re.compile(r"S(\d+)\.(\d+)")


def load_claims(path: Path) -> dict[str, dict]:
    """Read the data file and return its entries by id, or raise on a malformed one."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    claims: dict[str, dict] = {}
    for entry in entries:
        name = entry.get("id", "?")
        missing = [key for key in REQUIRED if not entry.get(key)]
        if entry.get("verdict") != "right" and not entry.get("truth"):
            missing.append("truth")
        if missing:
            raise ExtensionError(f"{DATA_FILE}: {name} lacks {', '.join(missing)}")
        if not ID.fullmatch(name):
            raise ExtensionError(f"{DATA_FILE}: {name} is no id of the form S4.20")
        if entry["verdict"] not in VERDICTS:
            raise ExtensionError(f"{DATA_FILE}: {name} has verdict {entry['verdict']!r}")
        if name in claims:
            raise ExtensionError(f"{DATA_FILE}: {name} stands there twice")
        claims[name] = entry
    return claims


def anchor(claim_id: str) -> str:
    """Return the anchor of a claim's box: S4.20 -> claim-s4-20."""
    return "claim-" + claim_id.lower().replace(".", "-")


def _split(text: str | None) -> list[str]:
    return [part for part in re.split(r"[\s,]+", text or "") if part]


def _sentence(text: str) -> str:
    """Give a note a capital and a full stop, unless it starts with a name or a symbol."""
    if not text:
        return ""
    first = text.split(maxsplit=1)[0].rstrip(",:;")
    if first.isalpha() and first.islower() and len(first) > 1:
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else text + "."


class ClaimDirective(SphinxDirective):
    """Make one box for each id named."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = {"check": directives.unchanged_required}  # noqa: RUF012 (docutils' interface)

    def run(self) -> list[nodes.Node]:
        claims = _claims(self.env)
        self.env.note_dependency(str(Path(self.env.srcdir, DATA_FILE)))
        ids = _split(self.arguments[0])
        checks = _split(self.options.get("check"))
        if len(checks) not in (0, 1, len(ids)):
            logger.warning(
                "claim: %d ids but %d checks", len(ids), len(checks), location=self.get_location()
            )
            checks = []
        if len(checks) == 1:
            checks *= len(ids)
        boxes: list[nodes.Node] = []
        for index, claim_id in enumerate(ids):
            if claim_id not in claims:
                logger.warning(
                    "claim: %s is not in %s", claim_id, DATA_FILE, location=self.get_location()
                )
                continue
            check = checks[index] if checks else anchor(claim_id).replace("claim", "check", 1)
            boxes.append(self._box(claims[claim_id], check))
        return boxes

    def _box(self, claim: dict, check: str) -> nodes.Node:
        claim_id, verdict = claim["id"], claim["verdict"]
        document, number = ID.fullmatch(claim_id).groups()
        heading = f"Document {document}, claim {number}: {verdict}"
        box = nodes.admonition(classes=["gn-claim", f"gn-{verdict}"])
        box["ids"].append(anchor(claim_id))
        self.set_source_info(box)

        title = nodes.title(heading, heading)
        self.set_source_info(title)
        parts = nodes.definition_list(
            "",
            self._part("The document says", [nodes.Text(claim["says"])]),
            self._part("In fact", [nodes.Text(claim.get("truth", "It is so."))]),
            self._part("See for yourself", self._check(claim, check)),
        )
        box += [title, parts]
        self._register(claim_id, heading)
        return box

    def _part(self, term: str, inline: list[nodes.Node]) -> nodes.definition_list_item:
        name = nodes.term(term, term)
        text = nodes.paragraph("", "", *inline)
        text.rawsource = text.astext()  # what the gettext builder extracts
        for node in (name, text):
            self.set_source_info(node)
        return nodes.definition_list_item("", name, nodes.definition("", text))

    def _check(self, claim: dict, check: str) -> list[nodes.Node]:
        shown = _sentence(str(claim.get("check", "")).strip())
        lead = shown + " " if shown else ""
        reference = addnodes.pending_xref(
            "",
            nodes.inline("", "Go to the check", classes=["std", "std-ref"]),
            refdomain="std",
            reftype="ref",
            refexplicit=True,
            refwarn=True,
            reftarget=check.lower(),
            refdoc=self.env.docname,
        )
        self.set_source_info(reference)
        return [nodes.Text(lead), reference, nodes.Text(".")]

    def _register(self, claim_id: str, heading: str) -> None:
        boxes(self.env).setdefault(claim_id, []).append((self.env.docname, anchor(claim_id)))
        standard = self.env.get_domain("std")
        standard.anonlabels[anchor(claim_id)] = self.env.docname, anchor(claim_id)
        standard.labels[anchor(claim_id)] = self.env.docname, anchor(claim_id), heading


def _claims(env: BuildEnvironment) -> dict[str, dict]:
    return load_claims(Path(env.srcdir, DATA_FILE))


def boxes(env: BuildEnvironment) -> dict[str, list[tuple[str, str]]]:
    """Return, for each claim that has a box, the pages and anchors where it stands."""
    if not hasattr(env, "glassnet_claims"):
        env.glassnet_claims = {}
    return env.glassnet_claims


def _purge(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    for claim_id, places in list(boxes(env).items()):
        places[:] = [place for place in places if place[0] != docname]
        if not places:
            del boxes(env)[claim_id]


def _merge(
    _app: Sphinx, env: BuildEnvironment, _docnames: list[str], other: BuildEnvironment
) -> None:
    for claim_id, places in boxes(other).items():
        known = boxes(env).setdefault(claim_id, [])
        known.extend(place for place in places if place not in known)


def _check_consistency(_app: Sphinx, env: BuildEnvironment) -> None:
    for claim_id, places in sorted(boxes(env).items()):
        if len(places) > 1:
            first, *others = sorted(places)
            for docname, _ in others:
                logger.warning(
                    "claim: %s has its box in %s already; refer to it by {ref}`%s`",
                    claim_id,
                    first[0],
                    anchor(claim_id),
                    location=docname,
                )


def setup(app: Sphinx) -> dict:
    """Register the directive."""
    app.add_directive("claim", ClaimDirective)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("env-check-consistency", _check_consistency)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
