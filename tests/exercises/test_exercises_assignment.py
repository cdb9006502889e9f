"""The graded assignment: released without solutions; one right and one wrong submission."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import assignment

from glassnet.exercises.task import tasks_of

TOPIC = "activations"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with the released assignment, and submissions of two students, graded."""
    folder = tmp_path_factory.mktemp("course")
    here = str(Path(sys.executable).parent)  # nbgrader calls alembic by its name
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("PATH", os.pathsep.join([here, os.environ.get("PATH", "")]))
    assignment.main(TOPIC, folder)
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.course_id = "glassnet"
    config.ClearSolutions.code_stub = {"python": "..."}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own, of its database
        api = NbGraderAPI(config=config)
        _succeeded(api.generate_assignment(TOPIC))
        released = folder / "release" / TOPIC / f"{TOPIC}.ipynb"
        _submit(folder, "ada", released, _right())
        _submit(folder, "bob", released, _wrong())
        for student in ("ada", "bob"):
            _succeeded(api.autograde(TOPIC, student))
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        scores = {
            student: {
                grade.name: (grade.auto_score, grade.max_score)
                for notebook in book.find_submission(TOPIC, student).notebooks
                for grade in notebook.grades
            }
            for student in ("ada", "bob")
        }
    monkeypatch.undo()
    return released, folder, scores


def _succeeded(result):
    assert result["success"], result["log"]


def _right():
    return {name: task.solution for name, task in tasks_of(TOPIC).items()}


def _wrong():
    """All right but the first task, which is answered with a known mistake."""
    return _right() | {"activations.sigmoid": "def sigmoid(z):\n    return np.tanh(z)\n"}


def _submit(folder, student, released, answers):
    notebook = nbformat.read(released, 4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        for name, source in answers.items():
            if grade_id == f"{name.replace('.', '-')}-solution":
                cell.source = source
    path = folder / "submitted" / student / TOPIC / released.name
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def test_the_released_notebook_holds_no_solution(course):
    released, _, _ = course
    text = released.read_text(encoding="utf-8")
    assert "SOLUTION" not in text
    for task in tasks_of(TOPIC).values():
        last = task.solution.rstrip().splitlines()[-1].strip()
        assert last not in text
        assert task.stub.splitlines()[0] in text


def test_a_right_submission_gets_all_points(course):
    scores = course[2]["ada"]
    assert len(scores) == len(tasks_of(TOPIC))
    assert all(score == (1, 1) for score in scores.values())


def test_a_wrong_answer_costs_its_point_and_is_explained(course):
    _, folder, scores = course
    lost = [name for name, (got, most) in scores["bob"].items() if got < most]
    assert lost == ["activations-sigmoid-grade"]
    graded = folder / "autograded" / "bob" / TOPIC / f"{TOPIC}.ipynb"
    assert "This is tanh, which lies between -1 and 1." in graded.read_text(encoding="utf-8")


def test_an_unknown_topic_is_named():
    with pytest.raises(ValueError, match=r"Known: .*activations"):
        assignment.assignment("nothing")
