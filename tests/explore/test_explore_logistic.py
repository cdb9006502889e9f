"""The trace of logistic: what training has reached, and options that are out of range."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import activations
from glassnet.explore import make_trace


def test_no_gradient_is_left_where_training_has_ended():
    static = make_trace("logistic", steps=3000)["static"]
    x, y = np.array(static["x"]), np.array(static["y"])
    error = activations.sigmoid(x @ static["trained"]["w"] + static["trained"]["b"]) - y
    assert np.abs(x.T @ error / len(x)).max() < 1e-6
    short = make_trace("logistic")["static"]["trained"]["mean"]
    assert static["trained"]["mean"] < short < static["trained"]["mean"] + 1e-3


def test_the_trained_border_can_be_set_with_the_controls():
    trace = make_trace("logistic")
    (w, b), controls = (trace["static"]["trained"][key] for key in "wb"), trace["controls"]
    ranges = {control["name"]: control for control in controls if control["type"] == "range"}
    length = np.linalg.norm(w)
    reached = {"angle": np.degrees(np.arctan2(w[1], w[0])), "length": length, "shift": -b / length}
    for name, value in reached.items():
        assert ranges[name]["min"] < value < ranges[name]["max"], name


@pytest.mark.parametrize("options", [{"n": 61}, {"n": 0}, {"noise": -1}, {"steps": 0}])
def test_options_out_of_range_raise(options):
    with pytest.raises(ValueError, match="Received: "):
        make_trace("logistic", **options)
