"""Layers with several inputs, and networks that branch and meet again."""

from __future__ import annotations

import numpy as np

from glassnet import layers, losses, optimizers
from glassnet.models import Functional

from ..runs import fit, model
from .layer_case import layer_case
from .registry import case

for _count in (2, 3):
    for _name in ("Add", "Multiply"):
        _pair = (f"{_name.lower()}_forward", f"{_name.lower()}_backward")
        layer_case(_name, {}, [(4, 3, 5)] * _count, _pair)
for _options, _shapes in (
    ({}, [(4, 3, 5), (4, 3, 2)]),
    ({"axis": 1}, [(4, 3, 5), (4, 6, 5), (4, 1, 5)]),
    ({"axis": -2}, [(4, 7, 3, 5), (4, 7, 2, 5)]),
):
    layer_case("Concatenate", _options, _shapes, ("concatenate_forward", "concatenate_backward"))

_COVERS = ("models.Functional", "models.LayeredModel", "layers.Input", "layers.Node")


def residual(rng):
    """A residual block with batch normalisation, a shortcut, and a head."""
    x = layers.Input((6, 7, 3))
    first = layers.Conv2D(4, (3, 3), padding="same", use_bias=False)(x)
    inner = layers.Activation("relu")(layers.BatchNormalization(momentum=0.8)(first))
    inner = layers.Conv2D(5, (3, 2), padding="same")(inner)
    shortcut = layers.Conv2D(5, (1, 1))(first)
    block = layers.Activation("relu")(layers.Add()([inner, shortcut]))
    y = layers.Dense(4)(layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(block)))
    network = Functional(x, y)
    network.build(rng, dtype=np.float64)
    network.compile(optimizers.Adam(0.01), losses.SparseCategoricalCrossentropy(from_logits=True))
    return network


def inception(rng):
    """Four branches side by side, of different lengths, one of them the input itself."""
    x = layers.Input((6, 7, 3))
    narrow = layers.Conv2D(2, (1, 1), activation="tanh")(x)
    wide = layers.Conv2D(4, (3, 3), padding="same")(layers.Conv2D(3, (1, 1))(x))
    pooled = layers.Conv2D(2, (1, 1))(layers.AveragePooling2D((3, 3), (1, 1), "same")(x))
    together = layers.Concatenate()([wide, x, pooled, narrow])
    y = layers.Dense(2)(layers.Flatten()(layers.MaxPooling2D((3, 2))(together)))
    network = Functional(x, y)
    network.build(rng, dtype=np.float64)
    network.compile(optimizers.SGD(0.01, momentum=0.5), losses.MeanSquaredError())
    return network


@case("models.Functional, a residual block step by step", *_COVERS)
def _residual(rng):
    x, y = rng.standard_normal((40, 6, 7, 3)), rng.integers(0, 4, 40)
    return model(residual(rng), x, y, rng=rng, batch_size=9, steps=15)


@case("models.Functional, an Inception block step by step", *_COVERS)
def _inception(rng):
    x, y = rng.standard_normal((40, 6, 7, 3)), rng.standard_normal((40, 2))
    return model(inception(rng), x, y, rng=rng, batch_size=9, steps=15)


@case("models.Functional.fit, an Inception block", *_COVERS)
def _fit(rng):
    x, y = rng.standard_normal((29, 6, 7, 3)), rng.standard_normal((29, 2))
    return fit(inception(rng), x, y, epochs=2, batch_size=8, validation_split=0.2)
