"""The scene of the Gibbs chains: what its texts say, and its options."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import data, models
from glassnet.explore.traces import gibbs


def test_half_a_three_becomes_a_three_or_a_seven():
    """Which training digits are nearest to the pixels that were filled in?"""
    images, found = gibbs.digits()[0], []
    (_, labels), _ = data.load_digits()
    labels = labels[np.isin(labels, gibbs.DIGITS)]
    for number in range(1, gibbs.RUNS + 1):
        last = np.mean([v for v, _ in gibbs.chain("half", number, 15, 0)[8:]], axis=0)
        nearest = np.argsort(((images - last) ** 2).sum(axis=1))[:9]
        found.append(int(np.bincount(labels[nearest]).argmax()))
    assert found == [3, 7, 7]


@pytest.mark.parametrize("start", ["noise", "half"])
def test_the_free_energy_falls_within_five_steps_to_that_of_digits(start):
    weights = gibbs.train(0)
    level = models.free_energy(gibbs.digits()[1], *weights).mean()
    for number in range(1, gibbs.RUNS + 1):
        path = np.array([v for v, _ in gibbs.chain(start, number, 15, 0)])
        free = models.free_energy(path, *weights)
        assert free[0] > level + 25
        assert abs(free[5:].mean() - level) < 8


def test_the_upper_half_is_held():
    path = [v for v, _ in gibbs.chain("half", 1, 15, 0)]
    assert all(np.array_equal(v[:32], path[0][:32]) for v in path)
    assert any(not np.array_equal(v[32:], path[0][32:]) for v in path)


def test_bits_are_unpacked_as_they_were_packed():
    bits = np.random.default_rng(0).integers(0, 2, 24)
    assert np.array_equal(gibbs.unpacked(gibbs.packed(bits), 24), bits)
    assert gibbs.packed(np.array([1, 0, 0, 0, 0, 0, 0, 1])) == "81"


@pytest.mark.parametrize("steps", [0, 16, 1.5])
def test_options_out_of_range_raise(steps):
    with pytest.raises(ValueError, match="steps"):
        gibbs.gibbs_trace(steps=steps)
