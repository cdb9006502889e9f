"""Quizzes: the files are complete, the directive makes accessible forms of them."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import quiz
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(ROOT.glob("chapters/*/quiz.yml"))
CHOICES = {
    "ask": {"en": "What is $1+1$?"},
    "choices": [
        {"en": "2", "right": True, "why": {"en": "Count."}},
        {"en": "3", "why": {"en": "One too many & more, {ref}`top`."}},
        {"en": "`11`", "why": {"en": "That joins the digits."}},
    ],
}
NUMBER = {
    "ask": {"en": "How long is $(3, 4)$?"},
    "code": "v = np.array([3, 4])",
    "numeric": "np.linalg.norm(v)",
    "why": {"en": "Pythagoras."},
    "wrong": [{"value": "v.sum()", "why": {"en": "That is the sum."}}],
    "else": {"en": "Square, add, take the root."},
}


@pytest.fixture
def write(tmp_path):
    def to_file(questions):
        path = tmp_path / "quiz.yml"
        path.write_text(yaml.safe_dump(questions), encoding="utf-8")
        return path

    return to_file


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_every_quiz_of_the_book_is_complete(path):
    questions = quiz.load(path)
    assert any("value" in question for question in questions)
    assert any("choices" in question for question in questions)
    index = path.with_name("index.md").read_text(encoding="utf-8")
    assert index.count("{quiz} quiz.yml") == 1


def test_the_chapters_with_exercises_have_a_quiz():
    assert {path.parent for path in FILES} >= {
        path.parent for path in ROOT.glob("chapters/*/exercises.ipynb")
    }


def test_numbers_are_computed(write):
    question = quiz.load(write([NUMBER, *[CHOICES] * 4]))[0]
    assert question["value"] == 5
    assert question["wrong"][0]["number"] == 7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda q: q["choices"].pop(), "three choices"),
        (lambda q: q["choices"][1].update(right=True), "one of them right"),
        (lambda q: q["choices"][1]["why"].update(en=" "), "`why`"),
        (lambda q: q.update(numeric="1"), "either choices or a number"),
        (lambda q: q["ask"].clear(), "`ask` in English"),
        (lambda q: q["choices"][0].pop("why"), "KeyError"),
        (lambda q: q["choices"][1]["why"].update({"not added.": None}), "quote texts with commas"),
    ],
)
def test_a_defective_question_is_named(write, change, words):
    question = copy.deepcopy(CHOICES)
    change(question)
    with pytest.raises(quiz.QuizError, match=words) as caught:
        quiz.load(write([NUMBER, question, *[CHOICES] * 3]))
    assert "question 2" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"numeric": "v.length"}, "AttributeError"),
        ({"numeric": "1 / 0"}, "ZeroDivisionError"),
        ({"numeric": "np.inf"}, "is inf"),
        ({"wrong": [{"value": "5.01", "why": {"en": "x"}}]}, "the same number"),
    ],
)
def test_a_defective_number_is_named(write, change, words):
    with pytest.raises(quiz.QuizError, match=words):
        quiz.load(write([NUMBER | change, *[CHOICES] * 4]))


@pytest.mark.parametrize("count", [4, 9])
def test_too_few_or_too_many_questions(write, count):
    with pytest.raises(quiz.QuizError, match="5 to 8"):
        quiz.load(write([CHOICES] * count))


def small_book(build, questions):
    text = "(top)=\n# Page\n\n```{quiz} quiz.yml\n```\n"
    files = {
        "index.md": "# Book\n\n```{toctree}\npart/page\n```\n",
        "part/page.md": text,
        "part/quiz.yml": yaml.safe_dump(questions),
    }
    return build(files, extensions=["myst_parser", "quiz"], myst_enable_extensions=["dollarmath"])


def test_the_directive_makes_forms(build):
    book = small_book(build, [CHOICES, NUMBER, *[CHOICES] * 3])
    assert book.warnings == ""
    page = BeautifulSoup((book.out / "part/page.html").read_text(encoding="utf-8"), "html.parser")
    forms = page.select(".gn-quiz form")
    assert len(forms) == 5
    assert all(form.select("fieldset > legend") for form in forms)
    assert len({form["id"] for form in forms}) == 5
    assert len(forms[0].select("label > input[type=radio]")) == 3
    assert [li.get("data-right") for li in forms[0].select("li")] == ["0", None, None]
    assert float(forms[1].select("li")[0]["data-right"]) == 5
    assert "One too many & more, Page." in forms[0].text
    assert forms[0].select("legend .math")
    assert "quiz/quiz.js" in (book.out / "part/page.html").read_text(encoding="utf-8")
    assert (book.out / "_static/quiz/quiz.js").is_file()
    assert "quiz.js" not in (book.out / "index.html").read_text(encoding="utf-8")


def test_a_bad_file_is_a_warning(build):
    assert "5 to 8 questions" in small_book(build, [CHOICES]).warnings
