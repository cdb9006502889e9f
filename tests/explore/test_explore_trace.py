"""Traces are checked when they are made; players show them everywhere."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest

from glassnet.explore import (
    Player,
    Trace,
    exact,
    make_trace,
    point,
    range_control,
    scene_names,
    select,
    toggle,
)
from glassnet.explore.player import BOOK_VARIABLE
from glassnet.explore.trace import SIZE_LIMIT
from glassnet.explore.traces.descent import descent_trace
from glassnet.explore.traces.mlp import mlp_trace

WORDS = {
    "title": "A title",
    "alt": "What it shows",
    "hint": "Try it",
    "table": ["name", "value"],
    "rate": "rate",
}
TEXT = {"en": WORDS}
FRAMES = [{"a": 1}, {"a": 2}]


def trace(**changes):
    return Trace(**{"scene": "mlp", "text": TEXT, "static": {}, "frames": FRAMES} | changes)


def test_a_trace_is_plain_json():
    made = trace(static={"x": np.arange(4.0).reshape(2, 2) / 3, "n": np.int64(7), "b": np.bool_(1)})
    assert json.loads(made.to_json()) == made
    assert made["static"] == {"x": [[0, 0.33333333], [0.66666667, 1]], "n": 7, "b": True}
    assert set(made) == {
        *("scene", "version", "title", "alt", "hint", "table"),
        *("strings", "static", "frames", "controls"),
    }
    assert made["title"] == {"en": "A title"}
    assert made["strings"] == {"en": {"rate": "rate"}}


def test_numbers_keep_their_digits():
    value = np.pi * 1e-7
    assert trace(static={"x": value}, digits=6)["static"]["x"] == 3.14159e-7
    assert trace(static={"x": value})["static"]["x"] == 3.1415927e-7
    assert trace(static={"x": exact([value, {"y": value}])})["static"]["x"] == [value, {"y": value}]
    assert "1e" not in trace(static={"x": 1.0}).to_json()


def test_scripts_cannot_be_closed_from_within():
    text = trace(static={"x": "</script><!--<script>"}).to_json()
    assert "<" not in text
    assert json.loads(text)["static"]["x"] == "</script><!--<script>"


def test_every_language_is_there_and_english_stands_in():
    made = trace(text=TEXT | {"zh": {key: f"{value}!" for key, value in WORDS.items()}})
    assert made.text("title", "zh") == "A title!"
    assert made.text("title", "fr") == "A title"
    assert made.text("rate", "zh") == "rate!"
    assert made.text("rate", "fr") == "rate"


RATE = range_control("rate", "rate", 1, 0, 2, 0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"digits": 5}, "at least 6"),
        ({"text": {"zh": WORDS}}, "must have English"),
        ({"text": {"en": {**WORDS, "alt": ""}}}, "empty"),
        ({"text": {"en": {k: WORDS[k] for k in WORDS if k != "hint"}}}, "lacks"),
        ({"text": TEXT | {"zh": {**WORDS, "rate": ""}}}, "empty"),
        ({"text": TEXT | {"zh": {k: WORDS[k] for k in WORDS if k != "rate"}}}, "lacks"),
        ({"scene": "No name"}, "lower-case"),
        ({"frames": [{"a": 1}, {"b": 1}]}, "same keys"),
        ({"static": {"x": np.nan}}, "finite"),
        ({"frames": [{"a": [1.0, np.inf]}]}, "frames.a"),
        ({"static": {"x": object()}}, "numbers and text"),
        ({"static": {"x": np.random.default_rng(0).random(3000)}}, str(SIZE_LIMIT)),
        ({"controls": [RATE, RATE]}, "names of their own"),
        ({"controls": [range_control("Rate", "rate", 1, 0, 2, 1)]}, "lower-case"),
        ({"controls": [range_control("rate", "none", 1, 0, 2, 1)]}, "no text"),
        ({"controls": [range_control("rate", "rate", 3, 0, 2, 1)]}, "cannot have"),
        ({"controls": [range_control("rate", "rate", 3, values=[1, 2])]}, "cannot have"),
        ({"controls": [select("rate", "rate", 3, {1: "rate"})]}, "cannot have"),
        ({"controls": [select("rate", "rate", 1, {1: "none"})]}, "no text"),
        (
            {"controls": [point("p", "rate", (0, 9), ("rate", 0, 1, 1), ("rate", 0, 1, 1))]},
            "cannot",
        ),
        (
            {"controls": [point("p", "rate", (0, 1), ("none", 0, 1, 1), ("rate", 0, 1, 1))]},
            "no text",
        ),
    ],
)
def test_bad_traces_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        trace(**changes)


def test_good_controls_are_taken():
    controls = [RATE, toggle("on", "rate", True), select("kind", "rate", "a", {"a": "rate"})]
    assert [c["value"] for c in trace(controls=controls)["controls"]] == [1, True, "a"]


def test_unknown_scenes_and_options_are_named():
    with pytest.raises(ValueError, match=r"'nothing'\. Known: .*descent.*mlp"):
        make_trace("nothing")
    with pytest.raises(ValueError, match="speed"):
        make_trace("mlp", speed=3)
    assert "mlp" in scene_names()


@pytest.mark.parametrize(
    "options",
    [{"dataset": "stars"}, {"units": 6}, {"units": 0}, {"activation": "sign"}, {"steps": 0}],
)
def test_options_of_the_mlp_are_checked(options):
    with pytest.raises(ValueError, match="Received"):
        mlp_trace(**options)


@pytest.mark.parametrize("options", [{"dataset": "moons"}, {"dataset": "rings", "units": 5}])
def test_options_of_the_mlp_change_what_is_learnt(options):
    made = mlp_trace(**options, learning_rate=0.4)
    assert made["static"]["rate"] == 0.4
    assert made["frames"][-1]["mean"] < made["frames"][0]["mean"]


def test_the_display_has_a_page_a_picture_and_a_line(monkeypatch):
    monkeypatch.delenv(BOOK_VARIABLE, raising=False)
    player = Player.of("descent", steps=5)
    bundle = player._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert "descent" in bundle["text/plain"]
    html = bundle["text/html"]
    assert html.count("<script>") == 2
    assert "customElements.define" in html
    assert 'Glass.scene("descent"' in html
    carried = re.search(r'<script type="application/json">(.*?)</script>', html, re.DOTALL).group(1)
    assert json.loads(carried) == player.trace
    assert not re.search(r'\s(src|href)="(?!data:)', html)


def test_in_the_book_nothing_heavy_is_inlined(monkeypatch):
    monkeypatch.setenv(BOOK_VARIABLE, "1")
    player = Player.of("descent", steps=5)
    html = player._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
    assert "glass-explorable" in html
    assert player.live is player
    shown = Player.live_from(descent_trace, steps=(5, 15, 5))
    assert isinstance(shown, Player)
    assert len(shown.trace["frames"]) == 11


def test_the_picture_leaves_no_figure_open(monkeypatch):
    from glassnet.plots import plt

    before = plt.get_fignums()
    settings = dict(plt.rcParams)
    Player.of("convolution").png()
    assert plt.get_fignums() == before
    assert dict(plt.rcParams) == settings
