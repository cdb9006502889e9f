"""Each quiz of the book, answered right and wrong in a browser, with the mouse and the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(path.parent.name for path in ROOT.glob("chapters/*/quiz.yml"))


@pytest.fixture(params=CHAPTERS)
def page(request: pytest.FixtureRequest, browser: Browser, html: Path) -> Page:
    """The page of a chapter, from disk."""
    problems: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((html / "chapters" / request.param / "index.html").as_uri())
    yield page
    context.close()
    assert problems == []


def told(form) -> str:
    return " ".join(form.locator(".gn-quiz-told").inner_text().split())


def expected(form, item) -> str:
    """The explanation that stands in the fold; a fold that is shut has no inner text."""
    return " ".join(item.locator(".gn-quiz-why").text_content().split())


def content(form) -> str:
    return " ".join(form.locator(".gn-quiz-told").text_content().split())


def test_every_answer_gets_its_own_explanation(page: Page) -> None:
    forms = page.locator(".gn-quiz form").all()
    assert 5 <= len(forms) <= 8
    for form in forms:
        heard = [told(form)]
        items = form.locator("li").all()
        if "gn-quiz-choice" in form.get_attribute("class"):
            for item, radio in zip(items, form.locator("input").all(), strict=True):
                radio.check()
                form.get_by_role("button").click()
                assert content(form) == expected(form, item)
                heard.append(content(form))
        else:
            for item in items:
                goal = item.get_attribute("data-right") or item.get_attribute("data-wrong")
                form.locator("input").fill(goal or "123456.789")
                form.get_by_role("button").click()
                assert content(form) == expected(form, item)
                heard.append(content(form))
        assert heard[0] == ""
        assert len(set(heard)) == len(heard)
        assert sum(text.startswith("Right.") for text in heard) == 1


def test_nothing_and_nonsense_are_answered_too(page: Page) -> None:
    choice = page.locator(".gn-quiz form.gn-quiz-choice").first
    choice.get_by_role("button").click()
    assert told(choice) == "Choose an answer first."
    number = page.locator(".gn-quiz form.gn-quiz-number").first
    for nonsense in ("", "a lot", "1/0", "1/2/3", "0x10", "Infinity", "<b>1</b>"):
        number.locator("input").fill(nonsense)
        number.get_by_role("button").click()
        assert told(number).startswith("That is no number")


def test_by_keyboard_alone(page: Page) -> None:
    form = page.locator(".gn-quiz form").first
    form.locator("input").first.focus()
    if "gn-quiz-choice" in form.get_attribute("class"):
        page.keyboard.press("ArrowDown")  # chooses the second
    else:
        page.keyboard.type("1/4")
    page.keyboard.press("Enter")
    assert told(form).startswith(("Right.", "Not yet."))
    assert form.locator("details").get_attribute("open") is None
    form.locator("summary").focus()
    page.keyboard.press("Enter")
    assert form.locator("details").get_attribute("open") is not None


def test_a_number_may_be_written_in_several_ways(page: Page) -> None:
    numeric = page.locator(".gn-quiz form.gn-quiz-number").first
    goal = float(numeric.locator("li[data-right]").first.get_attribute("data-right"))
    for text in (f"{goal:.8f}", f"{goal:e}", f"{goal * 3!r}/3", f" {goal!r} ".replace(".", ",")):
        numeric.locator("input").fill(text)
        numeric.get_by_role("button").click()
        if float(f"{goal:.8f}") == pytest.approx(goal, rel=1e-3) or "e" in text:
            assert told(numeric).startswith("Right."), text
