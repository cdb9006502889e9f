"""The ``claims`` directive: a list of the source documents' statements, each linked to its box.

Usage, with a filter as the argument::

    ```{claims} document 4
    ```
    ```{claims} verdict wrong
    :compact:
    ```

The filter is ``document``, ``verdict`` or ``chapter`` and its value. The full form is a table of
statements, verdicts and links; the compact one names the claims only.
"""

from __future__ import annotations

import re

from claims import ClaimDirective, _claims, anchor
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

FILTERS = ("document", "verdict", "chapter")
HEADINGS = ("Claim", "The document says", "Verdict")
WIDTHS = (12, 73, 15)


def chosen(claims: dict[str, dict], kind: str, value: str) -> list[dict]:
    """Return the claims that a filter lets through, by document and number."""

    def matches(claim: dict) -> bool:
        if kind == "document":
            return claim["id"].startswith(f"S{value}.")
        return claim[kind] == value

    def place(claim: dict) -> tuple[int, ...]:
        return tuple(int(number) for number in re.findall(r"\d+", claim["id"]))

    return sorted(filter(matches, claims.values()), key=place)


class ClaimsDirective(ClaimDirective):
    """Make the list of one filter."""

    required_arguments = 2
    final_argument_whitespace = False
    option_spec = {"compact": directives.flag}  # noqa: RUF012 (docutils' interface)

    def run(self) -> list[nodes.Node]:
        kind, value = self.arguments
        found = chosen(_claims(self.env), kind, value) if kind in FILTERS else []
        if not found:
            logger.warning(
                "claims: nothing has %s %s; the filter is one of %s",
                kind,
                value,
                ", ".join(FILTERS),
                location=self.get_location(),
            )
            return []
        return [self._names(found) if "compact" in self.options else self._table(found)]

    def _link(self, claim: dict) -> nodes.Node:
        """A reference to the claim's box, wherever it stands."""
        return addnodes.pending_xref(
            "",
            nodes.inline("", claim["id"], classes=["std", "std-ref"]),
            refdomain="std",
            reftype="ref",
            refexplicit=True,
            refwarn=True,
            reftarget=anchor(claim["id"]),
            refdoc=self.env.docname,
        )

    def _names(self, found: list[dict]) -> nodes.paragraph:
        text = nodes.paragraph()
        for claim in found:
            text += [self._link(claim), nodes.Text(", ")]
        text.children[-1].parent.remove(text.children[-1])
        self.set_source_info(text)
        return text

    def _table(self, found: list[dict]) -> nodes.table:
        group = nodes.tgroup(cols=len(HEADINGS))
        group += [nodes.colspec(colwidth=width) for width in WIDTHS]
        head = nodes.row("", *(self._entry(nodes.Text(text)) for text in HEADINGS))
        rows = [
            nodes.row(
                "",
                self._entry(self._link(claim)),
                self._entry(nodes.Text(claim["says"])),
                self._entry(self._verdict(claim["verdict"])),
            )
            for claim in found
        ]
        group += [nodes.thead("", head), nodes.tbody("", *rows)]
        return nodes.table("", group, classes=["gn-claims"])

    def _entry(self, content: nodes.Node) -> nodes.entry:
        text = nodes.paragraph("", "", content)
        self.set_source_info(text)
        return nodes.entry("", text)

    def _verdict(self, verdict: str) -> nodes.Node:
        return nodes.inline("", verdict, classes=["gn-verdict", f"gn-{verdict}"])


def setup(app: Sphinx) -> dict:
    """Register the directive."""
    app.add_directive("claims", ClaimsDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
