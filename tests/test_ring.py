"""The ring of Gaussians."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import data


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_centres_lie_evenly_on_a_circle():
    centres = data.ring_centres(8, radius=3.0)
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 3.0, rtol=1e-12)
    np.testing.assert_allclose(centres[0], [3.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(centres[2], [0.0, 3.0], atol=1e-12)
    gaps = np.linalg.norm(centres - np.roll(centres, 1, axis=0), axis=1)
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-12)


def test_every_mode_has_its_share_and_its_spread(rng):
    x, y = data.make_gaussian_ring(4003, 5, rng, radius=2.0, stddev=0.1)
    assert set(np.bincount(y)) == {800, 801}
    deviations = x - data.ring_centres(5, 2.0)[y]
    np.testing.assert_allclose(deviations.std(axis=0), 0.1, rtol=0.1)
    np.testing.assert_allclose(deviations.mean(axis=0), 0.0, atol=0.01)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_seed(dtype):
    draws = [
        data.make_gaussian_ring(9, 3, np.random.default_rng(2), dtype=dtype)[0] for _ in range(2)
    ]
    assert draws[0].dtype == dtype
    assert data.ring_centres(3, dtype=dtype).dtype == dtype
    np.testing.assert_array_equal(*draws)


@pytest.mark.parametrize(
    "arguments", [{"n": 0}, {"modes": 0}, {"radius": 0.0}, {"stddev": -1.0}, {"rng": 3}]
)
def test_bad_arguments(rng, arguments):
    with pytest.raises(ValueError, match="Received"):
        data.make_gaussian_ring(**{"n": 9, "modes": 3, "rng": rng} | arguments)
