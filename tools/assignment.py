"""Make a graded assignment for nbgrader from the exercises of a chapter.

    python tools/assignment.py TOPIC [FOLDER]

writes FOLDER/source/TOPIC/TOPIC.ipynb, a course of nbgrader with one assignment: for each task
a cell to solve and a cell that grades. `make assignment TOPIC=backprop` also makes the version for
the students, FOLDER/release. The grading cells ask the same checker as the book, so that a student
reads the diagnosis; one point a task.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from exercise_notebooks import chapter_name, python_notebook

from glassnet.exercises import tasks
from glassnet.exercises.task import tasks_of

FOLDER = Path("_build/assignments")
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "glassnet"
c.ClearSolutions.code_stub = {"python": "..."}
"""


def assignment(topic):
    """Return the notebook with solutions and grading cells, as nbgrader wants its source.

    Parameters
    ----------
    topic : str
        One of `glassnet.exercises.tasks.TOPICS`.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    ValueError
        If there is no such topic.
    """
    if topic not in tasks.TOPICS:
        known = ", ".join(tasks.TOPICS)
        raise ValueError(f"Unknown topic. Received: {topic!r}. Known: {known}")
    cells = [
        nbformat.v4.new_markdown_cell(f"# Exercises: {chapter_name(topic)}"),
        nbformat.v4.new_code_cell("import numpy as np\nfrom glassnet.exercises import check, hint"),
    ]
    for name, task in tasks_of(topic).items():
        function = name.partition(".")[2]
        cells += [
            nbformat.v4.new_markdown_cell(f"## {task.title}"),
            _cell(name, "solution", _solved(task)),
            nbformat.v4.new_code_cell(f'check("{name}", {function})'),
            _cell(name, "grade", _graded(name, function)),
        ]
    return python_notebook(cells)


def _solved(task):
    """Return the stub, and the solution between the marks at which nbgrader cuts it out."""
    signature, _, body = task.solution.partition("\n")
    docstring = task.stub.partition("\n")[2]
    return f"{signature}\n{docstring}    ### BEGIN SOLUTION\n{body.rstrip()}\n    ### END SOLUTION"


def _graded(name, function):
    """Return the test; it imports the checker anew, whatever the cells above have called so."""
    return (
        "from glassnet.exercises import check as graded_check\n"
        f'report = graded_check("{name}", {function})\n'
        "assert report, report.text"
    )


def _cell(name, kind, source):
    cell = nbformat.v4.new_code_cell(source)
    graded = kind == "grade"
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": f"{name.replace('.', '-')}-{kind}",
        "grade": graded,
        "solution": not graded,
        "locked": graded,
        "task": False,
    } | ({"points": 1} if graded else {})
    return cell


def main(topic, folder=FOLDER):
    """Write the source of the assignment, and the course's settings beside it."""
    folder = Path(folder)
    path = folder / "source" / topic / f"{topic}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(assignment(topic), path)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
