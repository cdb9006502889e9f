"""Write chapters/NN_topic/exercises.ipynb from the tasks in glassnet.exercises.

The text, the stubs, the hints and the solutions stand once, beside the wrong answers, in
src/glassnet/exercises/tasks. `make exercises` writes the notebooks; a test finds a stale one.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

import nbformat

from glassnet.exercises import tasks
from glassnet.exercises.task import tasks_of

CHAPTERS = Path(__file__).parents[1] / "chapters"
INTRODUCTION = (
    "Write each function in place of the dots, run its cell, then run the `check` below it. The "
    "check tries your function on inputs of several shapes and says in words what is wrong. "
    '`hint("{first}")` tells a little more each time you call it. Below each check the hints and '
    "one way to write the function are folded away.\n\n"
    "You need {{ref}}`ch-{topic}`. Nothing you write is sent anywhere; `progress()` shows what you "
    "have done."
)
IMPORTS = (
    "import numpy as np\nfrom glassnet.exercises import check, hint, hints, progress, solution"
)


def notebook(topic):
    """Return the notebook of one chapter.

    Parameters
    ----------
    topic : str
        One of `glassnet.exercises.tasks.TOPICS`.

    Returns
    -------
    nbformat.NotebookNode
        Without outputs.
    """
    found = tasks_of(topic)
    title = f"(code-{topic})=\n# Write it yourself: {chapter_name(topic)}"
    cells = [
        _markdown(f"{topic}-title", title),
        _markdown(f"{topic}-how", INTRODUCTION.format(topic=topic, first=next(iter(found)))),
        _code(f"{topic}-imports", IMPORTS),
    ]
    for name, task in found.items():
        function = name.partition(".")[2]
        label = f"code-{topic}-{function.replace('_', '-')}"
        cells += [
            _markdown(f"{name}-text", f"({label})=\n## {task.title}\n\n{task.about}"),
            _code(f"{name}-stub", f"{task.stub}    ..."),
            _code(f"{name}-check", f'check("{name}", {function})'),
            _folded(f"{name}-hints", f'hints("{name}")', "the hints"),
            _folded(f"{name}-solution", f'solution("{name}")', "one way to write it"),
        ]
    book = python_notebook(cells)
    book.metadata["language_info"] = {"name": "python"}
    return book


def python_notebook(cells):
    """Return a notebook of these cells, for the kernel that every Jupyter has."""
    book = nbformat.v4.new_notebook(cells=cells)
    book.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    return book


def chapter_name(topic):
    """Return what a chapter is about in words, from its title: rnn -> recurrent networks."""
    page = path(topic).with_name("index.md").read_text(encoding="utf-8")
    title = re.search(r"^# (.+)$", page, flags=re.MULTILINE)[1]
    name = re.split("[:,]", title)[0]
    return name[0].lower() + name[1:]


def path(topic):
    """Return where the notebook of a chapter stands."""
    found = [folder for folder in CHAPTERS.glob(f"[0-9][0-9]_{topic}") if folder.is_dir()]
    if len(found) != 1:
        raise ValueError(f"One folder chapters/NN_{topic} is needed. Received: {len(found)}")
    return found[0] / "exercises.ipynb"


def text(topic):
    """Return the file as it should be."""
    return nbformat.writes(notebook(topic), version=4) + "\n"


def _markdown(key, source):
    cell = nbformat.v4.new_markdown_cell(source)
    cell.id = _identifier(key)
    return cell


def _code(key, source):
    cell = nbformat.v4.new_code_cell(source)
    cell.id = _identifier(key)
    return cell


def _folded(key, source, what):
    """Return a cell that the page shows folded, under a line that says what is in it."""
    cell = _code(key, source)
    prompts = {"code_prompt_show": f"Show {what}", "code_prompt_hide": f"Hide {what}"}
    cell.metadata |= {"mystnb": prompts, "tags": ["hide-cell"]}
    return cell


def _identifier(key):
    """Return a cell id that stays the same as long as the cell means the same."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def main(topics):
    """Write the notebooks of the given chapters, of all without any."""
    for topic in topics or tasks.TOPICS:
        path(topic).write_text(text(topic), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
