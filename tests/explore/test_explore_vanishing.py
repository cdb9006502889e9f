"""The scene vanishing: the factor a layer is one number, and lengths far below one are right."""

from __future__ import annotations

import numpy as np
import pytest
from scene_numbers import vanishing as afresh

from glassnet.explore.traces.vanishing import lengths, run, vanishing_trace


@pytest.mark.parametrize(
    ("activation", "start", "squared"),
    [
        ("relu", "he", 1),  # n s^2 E[slope^2], with n = 50
        ("relu", "glorot", 1 / 2),
        ("relu", "lecun", 1 / 2),
        ("relu", "small", 50 * 0.01**2 / 2),
        ("tanh", "small", 50 * 0.01**2),
        ("sigmoid", "small", 50 * 0.01**2 / 16),
    ],
)
def test_the_mean_factor_is_that_of_the_chapter(activation, start, squared):
    deltas, _ = lengths(activation, start, 30, 5)
    mean = deltas[-1] ** (1 / 29)
    assert mean == pytest.approx(np.sqrt(squared), rel=0.05)


def test_equal_widths_make_glorot_and_lecun_the_same():
    runs = vanishing_trace()["static"]["runs"]
    assert runs["tanh glorot"] == runs["tanh lecun"]
    assert runs["tanh glorot"] != runs["tanh he"]


def test_small_weights_and_relu_starve_all_kernels_alike():
    deltas, kernels = lengths("relu", "small", 16, 5)
    assert deltas[-1] < 1e-18 * deltas[0]
    assert kernels.max() < 1e-18
    assert kernels.max() < 10 * kernels.min()


@pytest.mark.parametrize("start", ["small", "he"])
def test_lengths_below_the_tolerance_of_the_table(start):
    """The table is compared to 1e-9; logarithms show what lies below."""
    values = {"depth": 30, "activation": "sigmoid", "start": start, "what": "delta"}
    expected = np.array(afresh.rows(29, values))
    factors, ratios = (np.array(part) for part in run("sigmoid", start, 30, 5))
    deltas = np.cumprod(factors)
    assert deltas[-1] < 1e-12
    np.testing.assert_allclose(np.log(deltas[1:]), np.log(expected[1:, 0]), rtol=1e-9)
    np.testing.assert_allclose(np.log(ratios * deltas), np.log(expected[:, 2]), rtol=1e-8)


@pytest.mark.parametrize("option", [{"depth": 5}, {"activation": "gelu"}, {"start": "ones"}])
def test_unknown_options_raise(option):
    with pytest.raises(ValueError, match=next(iter(option))):
        vanishing_trace(**option)
