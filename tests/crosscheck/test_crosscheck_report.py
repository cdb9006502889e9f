"""Rows and reports: verdicts, text, HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest

from glassnet.crosscheck import CrosscheckError, Report, compare_arrays


def test_the_verdict_is_that_of_allclose():
    rng = np.random.default_rng(3)
    for _ in range(200):
        theirs = rng.standard_normal(5) * 10.0 ** rng.integers(-14, 3, 5)
        ours = theirs + rng.standard_normal(5) * 10.0 ** rng.integers(-14, -8, 5)
        row = compare_arrays("x", ours, theirs, rtol=1e-10, atol=1e-12)
        assert row.ok == np.allclose(ours, theirs, rtol=1e-10, atol=1e-12)
        assert row.ok == (row.max_rel <= row.rtol)
        assert row.max_abs == np.abs(ours - theirs).max()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([np.nan], [np.nan]),
        ([np.nan], [1.0]),
        ([1.0], [np.nan]),
        ([np.inf], [1.0]),
        ([1.0], [np.inf]),
        ([np.inf], [-np.inf]),
        ([1.0, 1.0], [1.0]),
        ([[1.0]], [1.0]),  # would broadcast
        ([], []),
    ],
)
def test_these_differ(ours, theirs):
    row = compare_arrays("x", ours, theirs, rtol=1.0, atol=1.0)
    assert not row.ok
    assert row.max_abs == np.inf


def test_the_same_infinity_agrees():
    assert compare_arrays("x", [np.inf, 1.0], [np.inf, 1.0]).ok


def test_other_shapes_are_named():
    row = compare_arrays("kernel", np.zeros((2, 3)), np.zeros((3, 2)))
    assert row.quantity == "kernel: shape (2, 3) against (3, 2)"


def test_exact_means_exact():
    assert compare_arrays("n", [3], [3], 0, 0).ok
    assert not compare_arrays("n", [3], [3 + 1e-15], 0, 0).ok


@pytest.fixture
def mixed():
    rows = [compare_arrays("value <x>", [1.0], [1.0]), compare_arrays("gradient", [1.0], [1.1])]
    return Report("a & b", rows, note="Why not.")


def test_require_returns_the_report_or_raises_with_the_table(mixed):
    good = Report("good", mixed.rows[:1])
    assert good.require() is good
    with pytest.raises(CrosscheckError, match=r"(?s)a & b - 1 of 2 differ.*gradient.*differs"):
        mixed.require()
    assert issubclass(CrosscheckError, AssertionError)


def test_an_empty_report_is_an_error():
    with pytest.raises(ValueError, match="at least one row"):
        Report("nothing", [])


def test_the_text_is_aligned(mixed):
    title, *lines, note = str(mixed).splitlines()
    assert title == "a & b - 1 of 2 differ"
    assert note == "Why not."
    assert len({line.index(word) for line, word in zip(lines, ("Tol", "1e-10", "1e-10"))}) == 1  # noqa: B905
    assert repr(mixed) == str(mixed)


class Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def test_the_html_is_accessible_and_without_colours_of_its_own(mixed):
    html = mixed._repr_html_()
    outline = Outline()
    outline.feed(html)
    assert ("table", {"class": "gn-report"}) in outline.tags
    assert [tag for tag, _ in outline.tags].count("caption") == 1
    scopes = [attrs["scope"] for tag, attrs in outline.tags if tag == "th"]
    assert scopes == ["col"] * 5 + ["row"] * 2
    verdicts = [attrs["class"] for tag, attrs in outline.tags if tag == "td" and attrs]
    assert verdicts == ["gn-ok", "gn-fail"]
    assert {"agrees", "differs"} <= set(outline.text)  # words, not colours alone
    assert "style" not in html
    assert "<x>" not in html
    assert "value &lt;x&gt;" in html


def test_join_names_the_rows_after_their_reports(mixed):
    joined = Report.join("both", [mixed, mixed.with_title("c")])
    assert [row.quantity for row in joined.rows][::2] == ["a & b: value <x>", "c: value <x>"]
    assert joined.note == "Why not."
