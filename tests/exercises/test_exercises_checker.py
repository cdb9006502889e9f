"""What the checker says about answers that nobody foresaw, and what it keeps."""

from __future__ import annotations

import importlib
import json
import sys
import time

import numpy as np
import pytest

from glassnet import exercises
from glassnet.exercises import checker, differences
from glassnet.exercises.progress_file import file

SIGMOID = "activations.sigmoid"


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSNET_PROGRESS", str(tmp_path / "mine" / "progress.json"))
    monkeypatch.setattr("glassnet.exercises.progress_file._DONE", {})


def right(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def told(function):
    report = exercises.check(SIGMOID, function)
    assert not report
    return report.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda z: 3 * right(z), "3 times what it should be"),
        (lambda z: -right(z), "wrong sign"),
        (lambda z: right(z)[None], "the numbers are right, the shape is not"),
        (lambda z: right(z).sum(), "must have the shape (7,)"),
        (lambda z: right(z) + (np.arange(z.size).reshape(z.shape) == 2), "at index (2,)"),
        (lambda z: "0.5", "must be numbers"),
        (lambda z: right(z) * np.nan, "NaN"),
        (lambda z: right(z) / 0.0, "infinity"),
        (lambda z: print(end=""), "returns nothing (None)"),
        (lambda z: z @ np.ones((3, 2)), "last axis of A"),
        (lambda z: z + np.ones(6), "entry by entry"),
        (lambda z: undefined(z), "NameError"),  # noqa: F821
        (lambda z: z[1000], "count from 0"),
        (lambda: 1, "calls it with (z)"),
        (lambda z: ..., "must be numbers"),
        (lambda z: z, "entries are wrong"),
        (lambda z: 0 * z, "is 0 in every entry"),
        (lambda z: right(z).round(3), "rounded to 3 decimals"),
        (lambda z: right(z).astype(np.float16), "to the precision of float16"),
        (lambda z: float(right(z).sum()), "is a single number: is something summed up"),
        (lambda z: right(z)[:-1], "axis 0 is one too short"),
        (lambda z: (right(z), 0), "one array, on its own. Yours is a tuple of length 2"),
        (lambda z: right, "are the brackets missing"),
        (lambda z: np.array(["a"]), "an array of text"),
        (lambda z: z.tanh(), "no methods of an array"),
        (lambda z: sys.exit(), "must not end the program"),
        (lambda z: importlib.import_module("not_installed_anywhere"), "Nothing but NumPy"),
        (lambda z: None, "Nothing is written yet"),
        (0.5, "needs the function itself"),
    ],
)
def test_a_wrong_answer_is_explained(wrong, words):
    with np.errstate(all="ignore"):
        assert words in told(wrong)


def test_the_line_of_an_error_is_quoted():
    def stops(z):
        y = z
        return y.undefined

    assert "in its line 3, `return y.undefined`" in told(stops)


def test_a_long_line_is_cut_and_an_error_without_words_has_no_colon():
    def stops(z):
        raise ValueError

    assert "`raise ValueError`. ValueError. It was called" in told(stops)
    long = lambda z: (z @ np.ones((2, 2)), "a line that is far too long to be read in a message")  # noqa: E731
    assert "`long = lambda z: (z @ np.ones((2, 2))" in told(long)
    assert "...`" in told(long)


def test_a_result_that_is_printed_is_not_returned():
    assert "What `print` shows is not returned" in told(lambda z: print(end=""))


def test_a_changed_argument_is_named():
    def changes(z):
        y = right(z)
        z += 1
        return y

    assert "has changed its argument `z`" in told(changes)


def test_a_changed_argument_is_named_beside_a_wrong_result():
    def changes(z):
        z += 1
        return z

    assert "Also, your function has changed its argument `z`" in told(changes)


@pytest.mark.parametrize("swallows", [False, True])
def test_an_endless_loop_ends(swallows, monkeypatch):
    monkeypatch.setattr(checker, "SECONDS", 0.2)

    def endless(z):
        while True:
            try:
                z = z + 1
            except Exception:
                if not swallows:
                    raise

    start = time.perf_counter()
    assert "had not finished after 0.2 seconds" in told(endless)
    assert time.perf_counter() - start < 5


def test_an_unknown_name_is_answered_with_similar_ones():
    with pytest.raises(ValueError, match=r"Did you mean 'activations\.sigmoid'"):
        exercises.check("activations.sigmod", right)
    with pytest.raises(ValueError, match="no such exercise"):
        exercises.hint("nothing.like.it")


def test_html_is_escaped():
    page = exercises.Report("x", False, "<b>`a<b`</b> and ` alone", code="a < b")._repr_html_()
    assert "<b>" not in page
    assert "a &lt; b" in page
    assert exercises.Report("x", False, "`a<b`")._repr_html_().count("<code>") == 2


def test_hints_come_one_by_one_and_begin_again():
    texts = [exercises.hint(SIGMOID).text for _ in range(4)]
    assert [text[:6] for text in texts] == ["Hint 1", "Hint 2", "Hint 3", "Hint 1"]
    assert exercises.hints(SIGMOID).text.splitlines() == texts[:3]


def test_progress_counts_what_is_done():
    assert "activations: 0 of" in exercises.progress().text
    assert exercises.check(SIGMOID, right)
    assert json.loads(file().read_text()) == {SIGMOID: True}
    assert "activations: 1 of" in exercises.progress().text
    told(lambda z: z)  # a later wrong answer takes nothing away
    assert "activations: 1 of" in exercises.progress().text


def test_a_damaged_file_is_put_aside():
    file().parent.mkdir()
    file().write_text("{")
    assert exercises.check(SIGMOID, right)
    assert json.loads(file().read_text()) == {SIGMOID: True}
    assert file().with_suffix(".damaged").read_text() == "{"


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("a file where a folder is needed")
    monkeypatch.setenv("GLASSNET_PROGRESS", str(tmp_path / "taken" / "progress.json"))
    assert exercises.check(SIGMOID, right)
    assert "activations: 1 of" in exercises.progress().text


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, "keys 'a', 'b'"),
        ({"a": 1.0, "b": 3.0}, {"a": 1.0, "b": 2.0}, "The entry 'b'"),
        (np.ones(2), (np.ones(2), np.ones((2, 2))), "2 values"),
        ((np.ones(2),), (np.ones(2), np.ones((2, 2))), "2 values. Yours: 1"),
        (np.ones((2, 3)), np.zeros((3, 2)), "transpose"),
        (np.ones((2, 3)), np.zeros((2,)), "one axis more"),
        (np.arange(4.0).reshape(2, 2).T, np.arange(4.0).reshape(2, 2), "is the transpose"),
        ("yes", "no", "'yes', not 'no'"),
        (0.25, 0.5, "is 0.25 instead of 0.5"),
        (0.10788123, 0.10788119, "differs by 4e-08"),
        (np.ones((1,)), 1.0, "the numbers are right, the shape is not"),
        ((np.ones(2), np.zeros(3)), (np.zeros(3), np.ones(2)), "the two values are swapped"),
        ((x for x in [1.0]), [np.ones(1)], "a generator: put its values into a list"),
        ([np.zeros(1)] * 9, [np.zeros(1)] * 8 + [np.ones(1)], "Value number 9"),
        ((1.0, 2.0, 4.0), (1.0, 2.0, 3.0), "The third value is 4 instead of 3"),
        (np.array([1.0, 2.0, 4.0]), (1.0, 2.0, 3.0), "The third value is 4 instead of 3"),
        ((1.0, 2.0), (1.0, 2.0, 3.0), "3 values. Yours: 2"),
        (np.ones((2, 3)), (np.ones(3), np.ones(3)), "one by one, with commas between them"),
        (
            np.arange(24.0).reshape(2, 3, 4).swapaxes(0, 1),
            np.arange(24.0).reshape(2, 3, 4),
            "the axes stand in another order",
        ),
        (np.ones((3, 2, 4)), np.zeros((2, 3, 4)), "the same lengths in another order"),
        (np.ones((2, 4, 4)), np.zeros((2, 3, 4)), "axis 1 is one too long"),
        (np.ones((2, 3, 9)), np.zeros((2, 3, 4)), "Yours has the shape (2, 3, 9)."),
        (np.array([1.0, 2.0, np.inf]), np.array([3.0, 1.0, np.inf]), "2 of 3 entries"),
    ],
)
def test_differences_are_named(answer, expected, words):
    assert words in differences.difference(answer, expected, 1e-7, 1e-9)
    assert differences.agree(expected, expected, 1e-7, 1e-9)
