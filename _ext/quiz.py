"""The ``quiz`` directive: questions whose every answer is explained, from a data file.

Usage, with the file beside the page::

    ```{quiz} quiz.yml
    ```

The file is a list of questions. Every text is keyed by language, and is MyST::

    - ask: {en: "What is the largest slope of the sigmoid?"}
      choices:
        - {en: "1/4", right: true, why: {en: "At zero."}}
        - {en: "1", why: {en: "That is the slope of tanh."}}
    - ask: {en: "By what factor, at most, do ten of them multiply a gradient?"}
      code: "slope = activations.sigmoid_derivative(np.zeros(1))[0]"
      numeric: "slope**10"
      why: {en: "Ten factors of 1/4."}
      wrong:
        - {value: "slope * 10", why: {en: "The factors multiply."}}
      else: {en: "Write the slope at zero down ten times."}

``code`` and the numbers are run when the page is read, with ``np`` and the modules of ``glassnet``.
A number counts as given if it differs by at most ``tolerance``, a share of it (default 0.01).

The page holds the explanations in a fold below each question, so nothing is lost without scripts;
with them the reader answers and is told. See ``web/quiz.js``.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import glassnet

logger = logging.getLogger(__name__)

WEB = Path(__file__).parent / "web"
FEWEST, MOST = 5, 8
TOLERANCE = 0.01
KEYS = {"ask", "choices", "right", "why", "code", "numeric", "wrong", "value", "else", "tolerance"}
KEYS |= {"en", "zh_CN"}
WORDS = {
    "en": {
        "check": "Check",
        "answers": "Answers explained",
        "number": "Your answer, a number such as 0.25, 1/4 or 1e-6",
        "right": "Right.",
        "wrong": "Not yet.",
        "choose": "Choose an answer first.",
        "unread": "That is no number. Write it like 0.25, 1/4 or 1e-6.",
    }
}


class tagged(nodes.General, nodes.TextElement):
    """An HTML element; other builders show what is inside."""


class QuizError(ValueError):
    """What is wrong with a file of questions."""


def load(path: Path) -> list[dict]:
    """Return the questions of a file, with the numbers computed.

    Raises
    ------
    QuizError
        If the file is not what the module says, or a number is not finite.
    """
    questions = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(questions, list) or not FEWEST <= len(questions) <= MOST:
        raise QuizError(f"{path.name} must be a list of {FEWEST} to {MOST} questions")
    for number, question in enumerate(questions, 1):
        try:
            _complete(question)
        except (ArithmeticError, AttributeError, LookupError, NameError, TypeError) as error:
            raise QuizError(f"{path.name}, question {number}: {error!r}") from error
        except ValueError as error:
            raise QuizError(f"{path.name}, question {number}: {error}") from error
    return questions


def _complete(question: dict) -> None:
    """Check one question, and compute its numbers."""
    _known(question)
    kinds = {"choices", "numeric"} & set(question)
    if "en" not in question["ask"] or len(kinds) != 1:
        raise ValueError("a question has an `ask` in English, and either choices or a number")
    if "choices" in question:
        right = [choice for choice in question["choices"] if choice.get("right")]
        if len(right) != 1 or len(question["choices"]) < 3:
            raise ValueError("three choices or more, one of them right")
        unexplained = [choice for choice in question["choices"] if not choice["why"]["en"].strip()]
        if unexplained or any("en" not in choice for choice in question["choices"]):
            raise ValueError("every choice has a text and a `why`")
        return
    names = {name: importlib.import_module(f"glassnet.{name}") for name in _modules()} | {"np": np}
    exec(question.get("code", ""), names)
    wrong = question.get("wrong", [])
    question["value"] = _number(question["numeric"], names)
    values = [_number(one["value"], names) for one in wrong]
    for one, value in zip(wrong, values, strict=True):
        one["number"] = value
        one["why"]["en"]
    question["why"]["en"], question["else"]["en"]
    question.setdefault("tolerance", TOLERANCE)
    every = [question["value"], *values]
    for i, one in enumerate(every):
        if any(_same(one, other, question["tolerance"]) for other in every[:i]):
            raise ValueError(f"two answers are the same number, {one:g}")


def _known(value: object) -> None:
    """Refuse a key that means nothing: a comma in a text without quotes makes one in YAML."""
    if isinstance(value, list):
        for item in value:
            _known(item)
    elif isinstance(value, dict):
        unknown = set(value) - KEYS
        if unknown:
            raise ValueError(f"unknown keys {sorted(map(str, unknown))}; quote texts with commas")
        for item in value.values():
            _known(item)


def _modules() -> list[str]:
    return [
        name
        for name in glassnet.__all__
        if name not in ("crosscheck", "exercises", "explore", "plots")
    ]


def _number(expression: object, names: dict) -> float:
    value = float(eval(str(expression), names))
    if not np.isfinite(value):
        raise ValueError(f"{expression} is {value}")
    return value


def _same(one: float, other: float, tolerance: float) -> bool:
    return abs(one - other) <= 2 * tolerance * max(abs(one), abs(other))


class QuizDirective(SphinxDirective):
    """Put the questions of a file into the page."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        name, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(name)
        try:
            questions = load(Path(path))
        except (OSError, QuizError, yaml.YAMLError) as error:
            logger.warning("quiz: %s", error, location=self.get_location())
            return []
        self.words = WORDS.get(self.env.config.language or "en", WORDS["en"])
        start = Path(self.env.docname).parts[-2]
        made = [self._question(f"quiz-{start}-{n}", n, q) for n, q in enumerate(questions, 1)]
        return [_tag("div", *made, classes="gn-quiz")]

    def _question(self, name: str, number: int, question: dict) -> tagged:
        legend = _tag("legend", nodes.strong("", f"{number}. "), *self._inline(question["ask"]))
        if "choices" in question:
            fields, answers = self._choices(name, question["choices"])
        else:
            fields, answers = self._numbers(name, question)
        button = _tag("button", nodes.Text(self.words["check"]), type="submit", hidden="")
        told = _tag("div", classes="gn-quiz-told", role="status")
        summary = _tag("summary", nodes.Text(self.words["answers"]))
        fold = _tag("details", summary, _tag("ul", *answers))
        fieldset = _tag("fieldset", legend, *fields, button, told)
        words = {f"data-{key}": self.words[key] for key in ("right", "wrong", "choose", "unread")}
        kind = "choice" if "choices" in question else "number"
        return _tag(
            "form",
            fieldset,
            fold,
            classes=f"gn-quiz-{kind}",
            id=name,
            novalidate="",
            **words,
        )

    def _choices(self, name: str, choices: list[dict]) -> tuple[list, list]:
        fields, answers = [], []
        for number, choice in enumerate(choices):
            radio = _tag("input", type="radio", name=name, value=str(number))
            label = _tag("label", radio, _tag("span", *self._inline(choice)))
            fields.append(_tag("div", label, classes="gn-quiz-field"))
            fate = "right" if choice.get("right") else "wrong"
            verdict = nodes.strong("", f"{self.words[fate]} ")
            text = _tag("span", *self._inline(choice))
            why = _tag("span", verdict, *self._inline(choice["why"]), classes="gn-quiz-why")
            answers.append(_tag("li", text, nodes.Text(" "), why, **{f"data-{fate}": str(number)}))
        return fields, answers

    def _numbers(self, name: str, question: dict) -> tuple[list, list]:
        entry = _tag("input", type="text", name=name, inputmode="decimal", autocomplete="off")
        label = _tag("label", nodes.Text(self.words["number"]), nodes.Text(" "), entry)
        tolerance = repr(float(question["tolerance"]))
        rows = [("right", question["value"], question["why"])]
        rows += [("wrong", one["number"], one["why"]) for one in question.get("wrong", [])]
        answers = []
        for fate, value, text in rows:
            verdict = nodes.strong("", f"{self.words[fate]} ")
            why = _tag("span", verdict, *self._inline(text), classes="gn-quiz-why")
            data = {f"data-{fate}": repr(value), "data-tolerance": tolerance}
            answers.append(_tag("li", nodes.Text(f"{value:.6g}: "), why, **data))
        verdict = nodes.strong("", f"{self.words['wrong']} ")
        why = _tag("span", verdict, *self._inline(question["else"]), classes="gn-quiz-why")
        answers.append(_tag("li", nodes.Text("… "), why, **{"data-else": ""}))
        return [_tag("div", label, classes="gn-quiz-field")], answers

    def _inline(self, text: dict) -> list[nodes.Node]:
        """Return a text, one paragraph of MyST in the language of the book, as inline nodes."""
        language = self.env.config.language or "en"
        source = str(text.get(language, text["en"]))
        holder = nodes.Element()
        self.state.nested_parse(StringList(source.splitlines(), source="quiz"), 0, holder)
        if len(holder) != 1 or not isinstance(holder[0], nodes.paragraph):
            logger.warning("quiz: one paragraph, not %r", source, location=self.get_location())
        return list(holder[0].children) if len(holder) else []


def _tag(
    element: str, /, *children: nodes.Node, classes: str = "", id: str = "", **attributes: str
) -> tagged:
    node = tagged("", "", *children, tag=element, attributes=attributes)
    node["classes"], node["ids"] = classes.split(), [id] if id else []
    return node


def _visit_html(self: object, node: tagged) -> None:
    start = self.emptytag if node["tag"] == "input" else self.starttag
    self.body.append(start(node, node["tag"], "", **node["attributes"]))


def _depart_html(self: object, node: tagged) -> None:
    if node["tag"] != "input":
        self.body.append(f"</{node['tag']}>")


def _nothing(_self: object, _node: tagged) -> None:
    """Other builders show what is inside."""


def _config_inited(_app: Sphinx, config: object) -> None:
    config.html_static_path.append(str(WEB))


def _add_script(app: Sphinx, _page: str, _template: str, context: dict, _doctree: object) -> None:
    if 'class="gn-quiz"' in context.get("body", ""):
        app.add_js_file("quiz/quiz.js", loading_method="defer")


def setup(app: Sphinx) -> dict:
    """Register the directive."""
    other = (_nothing, _nothing)
    app.add_node(
        tagged,
        html=(_visit_html, _depart_html),
        latex=other,
        text=other,
        man=other,
        texinfo=other,
    )
    app.add_directive("quiz", QuizDirective)
    app.connect("config-inited", _config_inited)
    app.connect("html-page-context", _add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
