"""Layers that draw: with the same draws as Keras, and by the distribution of their own."""

from __future__ import annotations

import functools

import numpy as np

from glassnet import layers, losses, optimizers
from glassnet.models import Sequential

from ..comparisons import layer
from ..precision import load_keras
from ..report import Report, compare_arrays
from ..runs import model
from ..training import distribution_rows
from .layer_case import layer_case
from .registry import case

_PURE = {
    "GaussianNoise": ("gaussian_noise_forward", "gaussian_noise_backward"),
    "GaussianDropout": ("gaussian_dropout_forward", "gaussian_dropout_backward"),
}

for _name, _options, _shape in (
    ("GaussianNoise", {"stddev": 0.3}, (7, 5)),
    ("GaussianNoise", {"stddev": 1.0}, (7, 2, 3, 5)),
    ("GaussianNoise", {"stddev": 0.0}, (7, 5)),
    ("GaussianDropout", {"rate": 0.3}, (7, 5)),
    ("GaussianDropout", {"rate": 0.9}, (7, 3, 5)),
    ("SpatialDropout1D", {"rate": 0.3}, (7, 3, 5)),
    ("SpatialDropout2D", {"rate": 0.3}, (7, 2, 3, 5)),
):
    _quiet = 0.0 in _options.values()
    layer_case(_name, _options, _shape, () if _quiet else _PURE.get(_name, ()), training=True)
    layer_case(_name, _options, _shape)


@case("layers.GaussianNoise, given noise", "layers.GaussianNoise")
def _given_noise(rng):
    noise = rng.standard_normal((7, 3, 5))
    ours = layers.GaussianNoise(0.3)
    return layer(ours, noise.shape, rng, training=True, noise=noise, keras_options={})


@case("layers.SpatialDropout1D, a given mask", "layers.SpatialDropout1D")
def _given_mask(rng):
    mask = rng.integers(0, 2, (7, 1, 5))
    ours = layers.SpatialDropout1D(0.3)
    return layer(ours, (7, 3, 5), rng, training=True, mask=mask, keras_options={})


def _draws(make, shape, rng):
    """Return what comes of ones here, and in Keras' own layer."""
    _, keras = load_keras()
    ours = make(layers)
    ours.build((None, *shape[1:]), rng, np.float64)
    theirs = make(keras.layers, seed=int(rng.integers(2**31)))
    ones = np.ones(shape)
    return ours.forward(ones, training=True), theirs(ones, training=True).numpy()


@case("layers.GaussianNoise, drawn", "layers.GaussianNoise")
def _noise_drawn(rng):
    pair = _draws(lambda of, **seed: of.GaussianNoise(0.3, **seed), (200, 300), rng)
    return Report("GaussianNoise", distribution_rows(*pair))


@case("layers.GaussianDropout, drawn", "layers.GaussianDropout")
def _dropout_drawn(rng):
    pair = _draws(lambda of, **seed: of.GaussianDropout(0.3, **seed), (200, 300), rng)
    return Report("GaussianDropout", distribution_rows(*pair))


def _spatial(name, places, rng):
    """The channels that are left, how many, and that nothing differs within one."""
    pair = _draws(lambda of, **seed: getattr(of, name)(0.3, **seed), (200, *places, 150), rng)
    within = tuple(range(1, len(places) + 1))
    rows = [
        compare_arrays("values", *(np.unique(np.float32(y)) for y in pair)),
        compare_arrays("share kept", *(np.mean(y > 0) for y in pair), 0, 0.02),  # 5.3 std. errors
        compare_arrays("differences in a channel", *(np.ptp(y, axis=within).max() for y in pair)),
        compare_arrays(
            "channels that are all one", *(np.mean(y.std(axis=0).max(axis=0) == 0) for y in pair)
        ),
    ]
    return Report(name, rows)


for _name, _places in (("SpatialDropout1D", (3,)), ("SpatialDropout2D", (3, 2))):
    case(f"layers.{_name}, drawn", f"layers.{_name}")(functools.partial(_spatial, _name, _places))


@case("models.Sequential, noise step by step", "models.Sequential")
def _network(rng):
    """The same draws in both, at every step."""
    parts = [
        layers.GaussianNoise(0.2),
        layers.Conv1D(6, 3, activation="tanh"),
        layers.SpatialDropout1D(0.4),
        layers.Flatten(),
        layers.Dense(7, "tanh"),
        layers.GaussianDropout(0.3),
        layers.Dense(2),
    ]
    network = Sequential(parts)
    network.build((None, 8, 3), rng, np.float64)
    network.compile(optimizers.Adam(0.01), losses.MeanSquaredError())
    x, y = rng.standard_normal((60, 8, 3)), rng.standard_normal((60, 2))
    return model(network, x, y, rng=rng, batch_size=13, steps=10)
