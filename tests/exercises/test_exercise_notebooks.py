"""The notebooks with exercises are what the tasks say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from glassnet.exercises.tasks import TOPICS

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import exercise_notebooks


@pytest.mark.parametrize("topic", TOPICS)
def test_the_notebook_is_up_to_date(topic):
    stored = exercise_notebooks.path(topic).read_text(encoding="utf-8")
    assert stored == exercise_notebooks.text(topic), "run `make exercises`"


def test_every_chapter_folder_is_found_once():
    with pytest.raises(ValueError, match="Received: 0"):
        exercise_notebooks.path("nothing")
