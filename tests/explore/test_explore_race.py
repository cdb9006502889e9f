"""The race is fair, and its options are checked."""

from __future__ import annotations

import numpy as np
import pytest
import scene_numbers

from glassnet.explore.traces.race import RATES, STARTS, race_trace

numbers = scene_numbers.module("race")


def last_ten(surface, method, rate):
    """Mean loss over the last ten of 32 steps, with the gradients of the numbers' module."""
    optimizer = numbers.field([rate] * 6)[method]
    p, found = np.array(STARTS[surface]), []
    for _ in range(32):
        optimizer.apply([numbers.loss_and_gradient(surface, p)[1]], [p])
        found.append(numbers.loss_and_gradient(surface, p)[0])
        if np.abs(p).max() > 1e3:
            return np.inf
    return np.mean(found[-10:])


@pytest.mark.parametrize("surface", STARTS)
@pytest.mark.parametrize("method", range(6))
def test_no_other_rate_of_the_grid_is_better(surface, method):
    chosen = race_trace()["static"]["rates"][surface][method]
    scores = {rate: last_ten(surface, method, rate) for rate in RATES}
    assert min(scores, key=scores.get) == chosen
    assert RATES[0] < chosen < RATES[-1]  # not at the edge of the grid


def test_the_steps_are_those_asked_for():
    paths = race_trace(condition=10, steps=12)["static"]["paths"]
    assert {np.shape(path) for path in paths.values()} == {(6, 13, 2)}


def test_adaptive_methods_gain_when_the_ravine_lies_along_an_axis():
    def left(angle):
        static = race_trace(angle=angle)["static"]
        ends = np.array(static["paths"]["ravine"])[:, -1]
        return np.einsum("ki,ij,kj->k", ends, static["hessian"], ends) / 2

    across, along = left(60), left(90)
    assert np.all(along[3:5] < 1e-2 * across[3:5])  # Adagrad, RMSprop


@pytest.mark.parametrize(
    "options", [{"condition": 0.5}, {"condition": 200}, {"angle": 100}, {"steps": 9}, {"steps": 41}]
)
def test_wrong_options_raise(options):
    with pytest.raises(ValueError, match="Received"):
        race_trace(**options)
