"""The trace of perceptron: the best direction, the walls, the circle of XOR, and options."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import nnls

from glassnet.explore import make_trace
from glassnet.explore.traces.perceptron import best_direction


def nearest(z):
    """The nearest point of the hull by least squares without negative shares."""
    share, _ = nnls(np.vstack([z.T, np.ones(len(z))]), np.array([0.0, 0.0, 0.0, 1.0]))
    return share @ z / share.sum()


@pytest.mark.parametrize("seed", range(6))
def test_the_best_direction_is_the_nearest_point_of_the_hull(seed):
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((9, 3)) + (0, 0, 2.5)
    z = z[z[:, 2] > 0.3]
    np.testing.assert_allclose(best_direction(z), nearest(z), rtol=1e-8)
    assert best_direction(np.vstack([z, -z.mean(axis=0)])) is None  # the origin is within


def test_the_weights_never_leave_the_walls():
    for name, facts in make_trace("perceptron")["static"].items():
        for run in facts["runs"]:
            w = np.array(run["weights"])
            k = np.arange(len(w))
            assert np.all(np.linalg.norm(w, axis=1) <= np.sqrt(k) * facts["radius"] + 1e-7)
            assert run["stopped"] == (name != "xor")
            if run["stopped"]:
                assert np.all(w @ facts["u"] >= k * facts["margin"] - 1e-7)
                assert k[-1] <= facts["bound"]


def test_and_has_the_bound_of_the_chapter_and_xor_comes_back_to_zero():
    static = make_trace("perceptron")["static"]
    assert static["and"]["bound"] == 51
    assert len(static["and"]["runs"][0]["updates"]) == 18
    for run in static["xor"]["runs"]:
        assert not np.any(run["weights"][::4])


@pytest.mark.parametrize(
    "options", [{"dataset": "or"}, {"orders": 7}, {"orders": 0}, {"xor_passes": 16}, {"seed": 3}]
)
def test_options_out_of_range_raise(options):
    with pytest.raises(ValueError, match="Received: "):
        make_trace("perceptron", **options)


def test_options_choose_what_is_shown_first():
    trace = make_trace("perceptron", dataset="xor", orders=2, xor_passes=3)
    assert trace["controls"][0]["value"] == "xor"
    assert trace["controls"][1]["values"] == [1, 2]
    assert len(trace["static"]["xor"]["runs"][0]["updates"]) == 12
