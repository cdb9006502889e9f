"""The directive that lists the claims."""

from __future__ import annotations

import re

import claims_index
import pytest
from test_book_claims import DATA

SETTINGS = {
    "extensions": ["myst_parser", "claims", "claims_index"],
    "source_suffix": {".md": "markdown"},
}
BOXES = "\n```{claim} S4.20 S4.21 S0.14\n:check: one\n```\n\n(one)=\n## Check\n"


@pytest.fixture
def page(build):
    """A function that builds a page with these lines and all boxes."""

    def run(text):
        files = {"index.md": f"# Page\n\n{text}\n{BOXES}", "chapters/claims.yaml": DATA}
        result = build(files, **SETTINGS)
        html = (result.out / "index.html").read_text(encoding="utf-8")
        return html, re.sub(r"\x1b\[[0-9;]*m", "", result.warnings)

    return run


@pytest.mark.parametrize(
    ("filter_", "ids"),
    [
        ("document 4", ["S4.20", "S4.21"]),
        ("document 0", ["S0.14"]),
        ("verdict imprecise", ["S4.21"]),
        ("chapter regularisation", ["S0.14"]),
    ],
)
def test_the_filter_decides_and_each_claim_links_to_its_box(page, filter_, ids):
    for options in ("", ":compact:\n"):
        html, warnings = page(f"```{{claims}} {filter_}\n{options}```")
        assert not warnings
        links = re.findall(r'href="#(claim-[^"]+)"[^>]*><span[^>]*>(S[\d.]+)<', html)
        assert [claim_id for _, claim_id in links] == ids
        assert all(target == "claim-" + i.lower().replace(".", "-") for target, i in links)
        assert ("<table" in html) is (not options)


def test_the_table_shows_statement_and_verdict(page):
    html, _ = page("```{claims} document 4\n```")
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*S4\.20.*?</tr>", html, re.S).group()
    assert "Sigmoid is bell-shaped." in row
    assert re.search(r'class="gn-verdict gn-wrong">wrong<', row)


@pytest.mark.parametrize("filter_", ["document 9", "verdict maybe", "colour red"])
def test_a_filter_that_lets_nothing_through_is_a_warning(page, filter_):
    assert "nothing has " + filter_ in page(f"```{{claims}} {filter_}\n```")[1]


def test_a_claim_without_a_box_is_a_warning(build):
    files = {"index.md": "# Page\n\n```{claims} document 0\n```\n", "chapters/claims.yaml": DATA}
    assert "claim-s0-14" in build(files, **SETTINGS).warnings


def test_the_order_is_by_number_not_by_letter():
    claims = {i: {"id": i, "verdict": "right"} for i in ("S0.10", "S1.1", "S0.9")}
    found = claims_index.chosen(claims, "verdict", "right")
    assert [claim["id"] for claim in found] == ["S0.9", "S0.10", "S1.1"]
