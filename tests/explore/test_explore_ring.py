"""The trace of the scene ring: what holds of both games, the options, the errors."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.explore.traces.ring import COVERED, LEVELS, STEPS, play_ring, ring_trace


@pytest.fixture(scope="module")
def trace():
    return ring_trace()


def covered(trace, run):
    return np.array([frame[run]["counts"] for frame in trace["frames"]]) >= COVERED


def test_one_run_finds_all_modes_and_the_other_keeps_none(trace):
    assert covered(trace, "steady")[-1].all()
    shaky = covered(trace, "shaky")
    assert shaky.any()
    assert not np.any(shaky[:-1] & shaky[1:])


def test_both_games_start_alike(trace):
    start = trace["frames"][0]
    assert start["t"] == 0
    assert start["steady"] == start["shaky"]
    assert [frame["t"] for frame in trace["frames"]] == list(STEPS)


def test_the_map_has_a_letter_for_every_place(trace):
    for frame in trace["frames"]:
        field = frame["steady"]["field"]
        assert len(field) == 15**2
        assert set(field) <= set(LEVELS)


def test_the_map_is_row_by_row_from_below(trace):
    last = trace["frames"][-1]["steady"]
    rows = np.array([LEVELS.index(c) for c in last["field"]]).reshape(15, 15)
    x, y = np.array(trace["static"]["centres"])[4]  # at (-2, 0)
    row, column = (int((v / 3.2 + 1) * 15 / 2) for v in (y, x))
    assert abs(rows[row, column] / (len(LEVELS) - 1) - last["at"][4]) < 0.2


def test_a_shorter_game_is_the_beginning_of_a_longer_one():
    short, long = play_ring(0.5, 3, (0, 5)), play_ring(0.5, 3, (0, 2, 5, 9))
    assert short[1]["field"] == long[2]["field"]
    assert np.array_equal(short[1]["samples"], long[2]["samples"])


@pytest.mark.parametrize("options", [{"steady": 1.5}, {"shaky": -0.1}])
def test_factors_out_of_range(options):
    with pytest.raises(ValueError, match="Received"):
        ring_trace(**options)


def test_names_follow_the_factors():
    text = ring_trace(steady=0.25, seed=1)["strings"]["en"]
    assert text["steady"] == "β₁ = 0.25"
