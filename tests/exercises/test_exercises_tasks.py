"""Every task: the reference passes, each known wrong answer is told apart and named."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from glassnet.exercises import check
from glassnet.exercises.checker import outcome
from glassnet.exercises.differences import agree
from glassnet.exercises.task import all_tasks

TASKS = list(all_tasks().values())
MISTAKES = [
    pytest.param(task, mistake, id=f"{task.name}-{number}")
    for task in TASKS
    for number, mistake in enumerate(task.mistakes, 1)
]
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSNET_PROGRESS", str(tmp_path / "progress.json"))


@each_task
def test_the_reference_passes(task):
    report = check(task.name, task.reference)
    assert report, report.text


@pytest.mark.parametrize(("task", "mistake"), MISTAKES)
def test_a_wrong_answer_gets_its_own_diagnosis(task, mistake):
    report = check(task.name, mistake.function)
    assert not report
    assert report.text == mistake.diagnosis


@each_task
def test_the_solution_that_is_shown_passes(task):
    scope = dict(vars(inspect.getmodule(task.reference)))
    exec(compile(task.solution, task.name, "exec"), scope)
    answer = scope[task.name.partition(".")[2]]
    report = check(task.name, answer)
    assert report, report.text


@each_task
def test_the_stub_is_the_signature_and_the_docstring(task):
    (function,) = ast.parse(f"{task.stub}    ...\n").body
    assert function.name == task.name.partition(".")[2]
    assert ast.get_docstring(function) == inspect.cleandoc(task.reference.__doc__)
    report = check(task.name, _made(f"{task.stub}    ...\n", function.name))
    assert "Nothing is written yet" in report.text


@each_task
def test_a_task_says_enough(task):
    assert len(task.mistakes) >= 3
    texts = [mistake.diagnosis for mistake in task.mistakes]
    assert len(set(texts)) == len(texts)
    assert all(len(text.split()) >= 6 for text in [*texts, *task.hints, task.about])
    assert "\n" not in task.about
    assert task.about.endswith((".", "?"))
    for section in ("Parameters\n----------", "Returns\n-------"):
        assert section in inspect.cleandoc(task.reference.__doc__)


@each_task
def test_the_cases_differ_and_stay_the_same(task):
    first, again = task.cases(), task.cases()
    assert len(first) >= 2
    for one, other in zip(first, again, strict=True):
        results = [outcome(task.reference, arguments) for arguments in (one, other)]
        assert all(error is None for _, error, _ in results)
        assert agree(results[0][0], results[1][0], 0, 0)
    assert not agree(
        outcome(task.reference, first[0])[0], outcome(task.reference, first[1])[0], 1e-3, 0
    )


def _made(source, name):
    scope = {"np": np}
    exec(source, scope)
    return scope[name]


def test_the_exercises_come_without_tensorflow_and_matplotlib():
    code = (
        "import sys; from glassnet.exercises.task import all_tasks; assert all_tasks();"
        "print({'tensorflow', 'keras', 'matplotlib', 'sklearn'} & set(sys.modules))"
    )
    source = str(Path(inspect.getfile(check)).parents[2])
    out = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": source}, capture_output=True, text=True
    )
    assert out.stdout.strip() == "set()", out.stdout + out.stderr
