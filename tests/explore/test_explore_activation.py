"""The bars of the atlas, its options, and what its hint promises."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.explore.traces.activation import EDGES, _encoded, activation_trace, bars_of


def test_bars_come_back_from_their_digits():
    values = np.random.default_rng(0).normal(0, 2, 5000)
    inside, _ = np.histogram(values, EDGES)
    expected = np.concatenate([[np.sum(values < -3)], inside, [np.sum(values > 3)]]) / 5000
    np.testing.assert_allclose(bars_of(_encoded(values)), expected, atol=0.012)
    assert bars_of(_encoded(np.zeros(9))).max() == 1


def test_the_hint_has_one_answer():
    """He's variance keeps ReLU's spread, and at 1/n only SELU keeps its own."""
    runs = activation_trace()["static"]["runs"]
    ratio = {name: {s: r[-1][1] / r[0][1] for s, r in run.items()} for name, run in runs.items()}
    assert 0.6 < ratio["relu"]["2"] < 1.6
    assert ratio["relu"]["1"] < 0.02
    assert ratio["relu"]["4"] > 100
    kept = [name for name in runs if 0.6 < ratio[name]["1"] < 1.6]
    assert kept == ["selu"]


@pytest.mark.parametrize("options", [{"function": "cosine"}, {"scale": 3}])
def test_wrong_options_raise(options):
    with pytest.raises(ValueError, match="Received"):
        activation_trace(**options)


def test_options_choose_what_is_shown_first():
    controls = activation_trace(function="relu", scale=2)["controls"]
    assert [control["value"] for control in controls[:2]] == ["relu", 2]
