"""The claim directive."""

from __future__ import annotations

import re

import claims
import pytest
import yaml
from sphinx.errors import ExtensionError

DATA = """
- id: S4.20
  says: Sigmoid is bell-shaped.
  verdict: wrong
  truth: "Its *derivative* is, and `never` above 1/4."
  check: maximum of the derivative
  chapter: activations
- id: S4.21
  says: Something imprecise.
  verdict: imprecise
  truth: Something exact.
  chapter: losses
- id: S0.14
  says: Dropout reduces overfitting.
  verdict: right
  chapter: regularisation
"""

EXTENSIONS = {"extensions": ["myst_parser", "claims"], "source_suffix": {".md": "markdown"}}


@pytest.fixture
def page(build):
    """A function that builds a book of these pages and returns the text of the first."""

    def run(*texts, data=DATA):
        names = ["index", "other", "third"][: len(texts)]
        files = {f"{name}.md": text for name, text in zip(names, texts, strict=True)}
        if len(texts) > 1:
            files["index.md"] += "\n```{toctree}\n" + "\n".join(names[1:]) + "\n```\n"
        result = build({**files, "chapters/claims.yaml": data}, **EXTENSIONS)
        html = (result.out / "index.html").read_text(encoding="utf-8")
        return html, re.sub(r"\x1b\[[0-9;]*m", "", result.warnings), result

    return run


def test_box_shows_statement_truth_check_and_verdict(page):
    html, warnings, _ = page("# Page\n\n```{claim} S4.20\n```\n\n(check-s4-20)=\n## Check\n")
    assert not warnings
    assert re.search(r'<div class="[^"]*gn-claim gn-wrong[^"]*" id="claim-s4-20"', html)
    text = re.sub(r"<[^>]+>", "", html)
    for words in (
        "Document 4, claim 20: wrong",
        "The document says",
        "Sigmoid is bell-shaped.",
        "In fact",
        "Its *derivative* is, and `never` above 1/4.",  # shown as it is, not read as markup
        "See for yourself",
        "Maximum of the derivative. Go to the check.",
    ):
        assert words in text


def test_several_ids_make_a_box_each(page):
    html, warnings, result = page(
        "# Page\n\n```{claim} S4.20, S4.21 S0.14\n:check: one\n```\n\n(one)=\n## Check\n"
    )
    assert not warnings
    assert re.findall(r'id="(claim-[^"]+)"', html) == [
        "claim-s4-20",
        "claim-s4-21",
        "claim-s0-14",
    ]
    assert [re.search(f"gn-{verdict}", html) is not None for verdict in claims.VERDICTS] == [
        True
    ] * 3
    assert claims.boxes(result.app.env)["S4.21"] == [("index", "claim-s4-21")]


def test_check_links_to_its_label_and_boxes_can_be_referred_to(page):
    html, warnings, result = page(
        "# Page\n\n```{claim} S4.20\n:check: the-check\n```\n\nSee {ref}`claim-s4-21`.\n",
        "# Other\n\n```{claim} S4.21\n```\n\n(the-check)=\n## One\n\n(check-s4-21)=\n## Two\n",
    )
    assert not warnings
    other = (result.out / "other.html").read_text(encoding="utf-8")
    assert re.search(r'href="#check-s4-21"[^>]*><span[^>]*>Go to the check', other)
    assert re.search(r'href="other.html#the-check"[^>]*><span[^>]*>Go to the check', html)
    assert 'href="other.html#claim-s4-21"' in html


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("```{claim} S9.99\n```", "S9.99 is not in"),
        ("```{claim} S4.20\n:check: nowhere\n```", "nowhere"),
        ("```{claim} S4.20\n```", "check-s4-20"),
        ("```{claim} S4.20 S4.21 S0.14\n:check: a, b\n```", "3 ids but 2 checks"),
    ],
)
def test_mistakes_are_warnings(page, text, warning):
    _, warnings, _ = page(f"# Page\n\n{text}\n")
    assert warning in warnings


def test_second_box_of_a_claim_is_a_warning(page):
    _, warnings, _ = page("# Page\n\n```{claim} S4.20\n```\n", "# Other\n\n```{claim} S4.20\n```\n")
    assert "S4.20 has its box in index already" in warnings


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("verdict: wrong", "verdict: false", "verdict"),
        ("verdict: wrong", "verdict: dubious", "dubious"),
        ("id: S4.21", "id: S4.20", "twice"),
        ("id: S4.21", "id: claim-4", "no id"),
        ("  truth: Something exact.\n", "", "lacks truth"),
        ("says: Something imprecise.", "says:", "lacks says"),
    ],
)
def test_malformed_data_is_an_error(tmp_path, before, after, message):
    path = tmp_path / "claims.yaml"
    path.write_text(DATA.replace(before, after), encoding="utf-8")
    with pytest.raises(ExtensionError, match=message):
        claims.load_claims(path)


def test_env_forgets_purged_pages_and_merges_parallel_readers(page):
    _, _, result = page("# Page\n\n```{claim} S4.20\n```\n")
    env = result.app.env

    class Reader:
        glassnet_claims = {"S4.21": [("other", "claim-s4-21")], "S4.20": [("index", "claim-s4-20")]}  # noqa: RUF012

    claims._merge(result.app, env, ["other"], Reader())
    assert claims.boxes(env) == {
        "S4.20": [("index", "claim-s4-20")],
        "S4.21": [("other", "claim-s4-21")],
    }
    claims._purge(result.app, env, "other")
    assert claims.boxes(env) == {"S4.20": [("index", "claim-s4-20")]}


def test_the_books_own_data_file_is_well_formed(root):
    entries = yaml.safe_load((root / claims.DATA_FILE).read_text(encoding="utf-8"))
    assert len(claims.load_claims(root / claims.DATA_FILE)) == len(entries) > 100
