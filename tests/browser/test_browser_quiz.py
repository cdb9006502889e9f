"""Each quiz of the book, answered right and wrong in a browser.

The page of a chapter is loaded once, and its questions are answered in the page, by the events
that a mouse makes; that a mouse would reach all it needs is looked at before. The mouse itself
answers one whole quiz, the keyboard a question of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(path.parent.name for path in ROOT.glob("chapters/*/quiz.yml"))
MODEL = "02_activations"
PREPARE = """() => {
    const words = (node) => node.textContent.trim().split(/\\s+/).join(" ");
    const told = (form) => words(form.querySelector(".gn-quiz-told"));
    const send = (form) => { form.querySelector("button").click(); return told(form); };
    const enter = (form, text) => {
        const field = form.querySelector("input");
        field.focus();
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
        return send(form);
    };
    const goal = (item) => item.dataset.right || item.dataset.wrong || "123456.789";
    const forms = [...document.querySelectorAll(".gn-quiz form")];
    const answer = (form) => [...form.querySelectorAll("li")].map((item, i) => {
        const wanted = words(item.querySelector(".gn-quiz-why"));
        if (!form.matches(".gn-quiz-choice")) return [enter(form, goal(item)), wanted];
        form.querySelectorAll("input")[i].click();
        return [send(form), wanted];
    });
    // a mouse gets at an element if it, or a label of it, is what lies at its middle
    const covered = (node) => {
        node.scrollIntoView({ block: "center", behavior: "instant" });
        const { left, top, width, height } = node.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        return !hit || !(node.contains(hit) || hit.closest("label")?.control === node);
    };
    window.quiz = {
        answers: () => forms.map(answer),
        before: forms.map(told),
        covered: () => [...document.querySelectorAll(".gn-quiz form :is(input, button, summary)")]
            .filter(covered).map((node) => node.outerHTML),
        enter,
        first: (kind) => forms.find((form) => form.matches(`.gn-quiz-${kind}`)),
        fresh: () => forms.forEach((form) => {
            form.reset();
            form.querySelector(".gn-quiz-told").replaceChildren();
            form.querySelector("details").open = false;
        }),
        send,
    };
}"""


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request: pytest.FixtureRequest, browser: Browser, html: Path) -> Iterator[Page]:
    """The page of a chapter, from disk."""
    problems: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((html / "chapters" / request.param / "index.html").as_uri())
    page.evaluate(PREPARE)
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def page(chapter: Page) -> Page:
    """The page with nothing answered."""
    chapter.evaluate("quiz.fresh()")
    return chapter


def words(element: Locator) -> str:
    return " ".join(element.text_content().split())


def check(heard: list[list[str]]) -> None:
    """Each answer was told what belongs to it; one is right."""
    assert [said for said, _ in heard] == [wanted for _, wanted in heard]
    assert len({said for said, _ in heard} | {""}) == len(heard) + 1
    assert sum(said.startswith("Right.") for said, _ in heard) == 1


def test_every_answer_gets_its_own_explanation(page: Page) -> None:
    assert page.evaluate("quiz.covered()") == []
    answers = page.evaluate("quiz.answers()")
    assert 5 <= len(answers) <= 8
    assert page.evaluate("quiz.before") == [""] * len(answers)
    for heard in answers:
        check(heard)


def test_nothing_and_nonsense_are_answered_too(page: Page) -> None:
    assert page.evaluate("quiz.send(quiz.first('choice'))") == "Choose an answer first."
    for nonsense in ("", "a lot", "1/0", "1/2/3", "0x10", "Infinity", "<b>1</b>"):
        said = page.evaluate("(text) => quiz.enter(quiz.first('number'), text)", nonsense)
        assert said.startswith("That is no number")


def test_by_keyboard_alone(page: Page) -> None:
    form = page.locator(".gn-quiz form").first
    form.locator("input").first.focus()
    if "gn-quiz-choice" in form.get_attribute("class"):
        page.keyboard.press("ArrowDown")  # chooses the second
    else:
        page.keyboard.type("1/4")
    page.keyboard.press("Enter")
    assert form.locator(".gn-quiz-told").is_visible()
    assert words(form.locator(".gn-quiz-told")).startswith(("Right.", "Not yet."))
    assert form.locator("details").get_attribute("open") is None
    form.locator("summary").focus()
    page.keyboard.press("Enter")
    assert form.locator("details").get_attribute("open") is not None


def test_a_number_may_be_written_in_several_ways(page: Page) -> None:
    goal = page.evaluate("quiz.first('number').querySelector('li[data-right]').dataset.right")
    goal = float(goal)
    for text in (f"{goal:.8f}", f"{goal:e}", f"{goal * 3!r}/3", f" {goal!r} ".replace(".", ",")):
        said = page.evaluate("(text) => quiz.enter(quiz.first('number'), text)", text)
        if float(f"{goal:.8f}") == pytest.approx(goal, rel=1e-3) or "e" in text:
            assert said.startswith("Right."), text


@pytest.mark.parametrize("chapter", [MODEL], indirect=True)
def test_with_the_mouse(page: Page) -> None:
    """A whole quiz, to hold the answers above to what a reader does."""
    for form in page.locator(".gn-quiz form").all():
        heard = []
        for index, item in enumerate(form.locator("li").all()):
            if "gn-quiz-choice" in form.get_attribute("class"):
                form.locator("input").nth(index).check()
            else:
                goal = item.get_attribute("data-right") or item.get_attribute("data-wrong")
                form.locator("input").fill(goal or "123456.789")
            form.get_by_role("button").click()
            told, why = form.locator(".gn-quiz-told"), item.locator(".gn-quiz-why")
            heard.append([words(told), words(why)])
        check(heard)
