"""Every scene: sizes, texts, numbers equal to those computed afresh, picture, and a player."""

from __future__ import annotations

import gzip
import importlib
import inspect
import json
import re

import numpy as np
import pytest
import scene_numbers

from glassnet.explore import Player, make_trace, scene_names
from glassnet.explore.assets import core_source, scene_source
from glassnet.explore.trace import SIZE_LIMIT

SCENES = scene_names()
CORE_LIMIT, SCENE_LIMIT = 15 * 1024, 4 * 1024  # compressed
CASES = [
    (scene, step, values) for scene in SCENES for step, values in scene_numbers.module(scene).CASES
]


def compressed(text):
    return len(gzip.compress(text.encode(), 9))


@pytest.fixture(scope="session")
def traces():
    return {scene: make_trace(scene) for scene in SCENES}


def test_there_are_scenes():
    assert {"mlp", "descent", "convolution"} <= set(SCENES)


@pytest.mark.parametrize(("scene", "step", "values"), CASES)
def test_table_equals_the_layers(scene, step, values, traces, scene_states):
    """Without a page; the browser tests do the same through the controls."""
    (state,) = scene_states(traces[scene], [[step, values]])
    expected = scene_numbers.module(scene).rows(step, scene_numbers.full_values(scene, values))
    assert state["count"] > step
    scene_numbers.assert_rows(
        [row[1:] for row in state["rows"]], expected, f"{scene} {step} {values}"
    )


@pytest.mark.parametrize("scene", SCENES)
def test_every_control_is_moved_by_a_case(scene, traces):
    moved = {name for _, values in scene_numbers.module(scene).CASES for name in values}
    assert moved == {control["name"] for control in traces[scene]["controls"]}


@pytest.mark.parametrize("scene", SCENES)
def test_captions_and_tables_are_complete_at_every_step(scene, traces, scene_states):
    (first,) = scene_states(traces[scene], [[0, {}]])
    cases = [[step, {}] for step in range(first["count"])]
    cases += [list(case) for case in scene_numbers.module(scene).CASES]
    for state in scene_states(traces[scene], cases):
        assert state["caption"]
        # no gap, and no key in place of its text
        wrong = re.search(r"\{|undefined|NaN|\[object|[a-z]_[a-z]", state["caption"])
        assert not wrong, state["caption"]
        headings = traces[scene]["table"]["en"]
        assert all(len(row) == len(headings) for row in state["rows"])
        assert "NaN" not in json.dumps(state["rows"])


@pytest.mark.parametrize("scene", SCENES)
def test_all_strings_are_used_and_known(scene, traces):
    """A text the scene asks for exists; a text that exists is asked for."""
    strings = traces[scene]["strings"]["en"]
    source = scene_source(scene)
    labels = json.dumps(traces[scene]["controls"])
    prefixes = re.findall(r"`(\w+_)\$\{", source)
    module = importlib.import_module(f"glassnet.explore.traces.{scene}")
    picture = inspect.getsource(module).partition("_picture(trace)")[2]
    for key in strings:
        used = f'"{key}"' in source + labels + picture or key.startswith(tuple(prefixes))
        assert used, f"{scene}: the text {key!r} is never shown"
    for key in re.findall(r'view\.t\("(\w+)"', source):
        assert key in strings, f"{scene}: no text {key!r}"


@pytest.mark.parametrize("scene", SCENES)
def test_sizes_are_within_their_limits(scene, traces):
    assert len(traces[scene].to_json().encode()) <= SIZE_LIMIT
    assert compressed(scene_source(scene)) <= SCENE_LIMIT


def test_the_core_is_within_its_limit():
    assert compressed(core_source()) <= CORE_LIMIT


@pytest.mark.parametrize("scene", SCENES)
def test_traces_are_the_same_every_time_and_come_back_from_json(scene, traces):
    again = make_trace(scene)
    assert again.to_json() == traces[scene].to_json()
    assert json.loads(again.to_json()) == again


@pytest.mark.parametrize("scene", SCENES)
def test_the_picture_is_drawn_and_described(scene, traces):
    player = Player(traces[scene])
    png = player.png()
    assert png.startswith(b"\x89PNG")
    width, height = np.frombuffer(png[16:24], ">u4")
    assert 500 <= width <= 1100
    assert height <= 500
    assert len(player.alt.split()) >= 15


@pytest.mark.parametrize("scene", SCENES)
def test_scripts_do_nothing_that_a_strict_page_forbids(scene):
    source = scene_source(scene)
    assert not re.search(
        r"\beval\b|new Function|innerHTML|document\.write|https?://|\bon\w+\s*=", source
    )
    assert f'Glass.scene("{scene}"' in source
