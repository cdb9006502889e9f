"""The live player's Python side; what the browser makes of it is tested with a page of its own."""

from __future__ import annotations

import pytest
import traitlets

from glassnet.explore import Player, make_trace
from glassnet.explore.player import BOOK_VARIABLE
from glassnet.explore.ranges import starting_values
from glassnet.explore.traces.descent import descent_trace
from glassnet.explore.traces.mlp import mlp_trace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def _no_book(monkeypatch):
    monkeypatch.delenv(BOOK_VARIABLE, raising=False)


def test_step_and_parameters_are_set_and_observed():
    widget = Player(make_trace("descent")).live
    assert widget.step == 0
    assert widget.params == {"rate": 0.03, "start": [-1.5, 1.5]}
    seen = []
    widget.observe(lambda change: seen.append(change["new"]), ["step", "params"])
    widget.step = 4
    widget.params = {**widget.params, "rate": 0.09}
    assert seen == [4, {"rate": 0.09, "start": [-1.5, 1.5]}]
    assert {"trace", "step", "params"} <= set(widget.keys)


def test_another_trace_of_the_same_scene_only():
    widget = Player(make_trace("descent")).live
    widget.trace = descent_trace(condition=4.0)
    with pytest.raises(traitlets.TraitError, match="descent"):
        widget.trace = mlp_trace()


@pytest.mark.parametrize("boxed", [False, True])
def test_a_static_player_is_shown_with_the_widget(monkeypatch, boxed):
    shown = []
    monkeypatch.setattr("glassnet.explore.live.display", lambda data, raw: shown.append(data))
    if boxed:
        box = Player.live_from(descent_trace, steps=(5, 15, 5))
        box._ipython_display_()
        player = box.player
    else:
        player = Player(make_trace("descent")).live
        player._ipython_display_()
    static, live = shown
    assert (
        f'<glass-explorable data-scene="descent" data-live="{player.key}">' in static["text/html"]
    )
    assert "image/png" in static
    assert "application/vnd.jupyter.widget-view+json" in live


def test_sliders_compute_a_new_network():
    box = Player.live_from(mlp_trace, learning_rate=(0.1, 1.0, 0.1), units=(2, 5, 1))
    assert box.player.trace == mlp_trace()
    box.sliders["units"].value = 2
    box.sliders["learning_rate"].value = 0.5
    assert box.player.trace == mlp_trace(learning_rate=0.5, units=2)


def test_sliders_start_at_the_defaults_or_in_the_middle():
    def function(a=3, b=50.0, *, c):
        """Take three numbers."""

    found = starting_values(function, {"a": (0, 4, 1), "b": (0, 1, 0.1), "c": (2, 6, 1)})
    assert found == {"a": 3, "b": 0.5, "c": 4}


@pytest.mark.parametrize("ranges", [{"z": (0, 1, 1)}, {"a": (1, 0, 1)}, {"a": (0, 1)}, {"a": 3}])
def test_bad_ranges_are_refused(ranges):
    with pytest.raises(ValueError, match="Received"):
        starting_values(lambda a: a, ranges)
