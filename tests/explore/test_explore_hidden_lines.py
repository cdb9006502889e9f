"""The trace of hidden_lines: networks that have learned, and its options."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import activations
from glassnet.explore import Player, make_trace


def right(net, without=()):
    """How many examples lie on the right side, some units switched off."""
    x, y, w, b, v, c = (np.array(net[key]) for key in ("x", "y", "w1", "b1", "w2", "b2"))
    v = v.copy()
    v[list(without)] = 0
    return int(np.sum((activations.relu(x @ w.T + b) @ v + c > 0) == (y == 1)))


def test_both_networks_answer_every_example_rightly():
    for net in make_trace("hidden_lines")["static"].values():
        assert right(net) == len(net["x"])


def test_one_unit_of_the_rings_is_not_needed_and_the_others_are():
    net = make_trace("hidden_lines")["static"]["rings"]
    counts = [right(net, [unit]) for unit in range(6)]
    assert counts[5] == 60
    assert max(counts[:5]) < 60


def test_options_choose_the_units_and_what_is_shown_first():
    trace = make_trace("hidden_lines", dataset="moons", units=3)
    names = [control["name"] for control in trace["controls"]]
    assert names == ["data", "unit1", "unit2", "unit3", "at"]
    assert trace["controls"][0]["value"] == "moons"
    assert Player(trace).png().startswith(b"\x89PNG")


@pytest.mark.parametrize("options", [{"dataset": "xor"}, {"units": 1}, {"units": 7}])
def test_options_out_of_range_raise(options):
    with pytest.raises(ValueError, match="Received: "):
        make_trace("hidden_lines", **options)
