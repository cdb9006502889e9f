"""GaussianNoise, GaussianDropout and spatial dropout: what they draw, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from layer_checks import keeps_dtype_and_arguments

from glassnet import gradcheck, layers

# how to make it, shape of its input, name and shape of what it draws
NOISY = {
    "GaussianNoise": (lambda: layers.GaussianNoise(0.4), (7, 2, 5), "noise", (7, 2, 5)),
    "GaussianDropout": (lambda: layers.GaussianDropout(0.4), (7, 2, 5), "noise", (7, 2, 5)),
    "SpatialDropout1D": (lambda: layers.SpatialDropout1D(0.4), (7, 2, 5), "mask", (7, 1, 5)),
    "SpatialDropout2D": (lambda: layers.SpatialDropout2D(0.4), (7, 2, 3, 5), "mask", (7, 1, 1, 5)),
}


def built(layer, shape, seed=3, dtype=np.float64):
    layer.build((None, *shape[1:]), np.random.default_rng(seed), dtype)
    return layer


def draw(what, shape, rng):
    return rng.integers(0, 2, shape) if what == "mask" else rng.standard_normal(shape)


@pytest.mark.parametrize("name", NOISY)
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_arguments_stay(name, training, dtype, rng):
    make, shape, _, _ = NOISY[name]
    keeps_dtype_and_arguments(make(), shape, rng, dtype, training)


@pytest.mark.parametrize("name", NOISY)
def test_gradients_are_those_of_differences(name, rng):
    make, shape, what, drawn = NOISY[name]
    given = {what: draw(what, drawn, rng)}
    gradcheck.check_layer(make(), rng.standard_normal(shape), rng, training=True, **given)


@pytest.mark.parametrize("name", NOISY)
def test_there_is_no_noise_but_in_training(name, rng):
    make, shape, what, drawn = NOISY[name]
    layer, x = built(make(), shape), rng.standard_normal(shape)
    assert layer.forward(x) is x
    assert getattr(layer, what) is None
    dy = rng.standard_normal(shape)
    np.testing.assert_array_equal(layer.backward(dy), dy)
    y = layer.forward(x, training=True)
    assert getattr(layer, what).shape == drawn
    assert abs(y - x).max() > 0.1
    layer.forward(x)
    assert getattr(layer, what) is None


@pytest.mark.parametrize("name", NOISY)
def test_a_seed_gives_the_same_draws_once(name, rng):
    make, shape, what, _ = NOISY[name]
    x = rng.standard_normal(shape)
    a, b = (built(make(), shape) for _ in range(2))
    first = a.forward(x, training=True)
    np.testing.assert_array_equal(first, b.forward(x, training=True))
    kept = getattr(a, what)
    assert (a.forward(x, training=True) != first).any()
    np.testing.assert_array_equal(a.forward(x, training=True, **{what: kept}), first)


@pytest.mark.parametrize("name", NOISY)
def test_mean_and_variance(name, rng):
    """Of a 1 that goes in: seven standard errors."""
    make, shape, _, _ = NOISY[name]
    ones = np.ones((40_000, *(1,) * (len(shape) - 2), 3))
    y = built(make(), ones.shape).forward(ones, training=True)
    variance = 0.4**2 if name == "GaussianNoise" else 0.4 / 0.6
    error = np.sqrt(variance / y.size)
    assert abs(y.mean() - 1) < 7 * error
    assert abs(y.var() - variance) < 14 * error


def test_whole_channels_are_dropped(rng):
    layer = built(layers.SpatialDropout2D(0.5), (50, 4, 3, 7))
    y = layer.forward(np.ones((50, 4, 3, 7)), training=True)
    assert set(np.unique(y)) == {0.0, 2.0}
    assert (np.ptp(y, axis=(1, 2)) == 0).all()
    assert np.ptp(y, axis=0).any()
    assert np.ptp(y, axis=3).any()


@pytest.mark.parametrize("name", NOISY)
def test_no_strength_is_no_noise(name, rng):
    shape = NOISY[name][1]
    x = rng.standard_normal(shape)
    assert built(getattr(layers, name)(0.0), shape).forward(x, training=True) is x


@pytest.mark.parametrize("name", NOISY)
def test_what_does_not_fit_is_refused(name, rng):
    make, shape, what, drawn = NOISY[name]
    layer, x = built(make(), shape), rng.standard_normal(shape)
    with pytest.raises(RuntimeError, match="backward called before forward"):
        layer.backward(x)
    with pytest.raises(ValueError, match="Received"):
        layer.forward(x, training=True, **{what: draw(what, drawn[:-1], rng)})
    with pytest.raises(ValueError, match="must hold"):
        layer.forward(x, training=True, **{what: np.full(drawn, "a")})
    for strength in (-0.1, 1.1, "a", None):
        with pytest.raises(ValueError, match="Received"):
            getattr(layers, name)(strength)


@pytest.mark.parametrize("name", ["SpatialDropout1D", "SpatialDropout2D", "GaussianDropout"])
def test_not_everything_can_be_dropped(name):
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\)"):
        getattr(layers, name)(1)


def test_spatial_dropout_needs_channels_and_places(rng):
    for name, shape in (("SpatialDropout1D", (7, 5)), ("SpatialDropout2D", (7, 2, 5))):
        with pytest.raises(ValueError, match="Received: input_shape"):
            built(getattr(layers, name)(0.4), shape)


@pytest.mark.parametrize("name", NOISY)
def test_noise_leaves_the_mask_of_a_sequence(name, rng):
    mask = rng.random((7, 2)) < 0.5
    assert NOISY[name][0]().compute_mask(None, mask) is mask
