"""The numbers of the scene dropout: the layers themselves, trained and fed again."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np

from glassnet import data, layers, losses, optimizers

CASES = [
    (0, {"rate": 0.8}),
    (39, {"rate": 0.2}),
    (0, {}),
    (17, {}),
    (17, {"training": False}),
    (0, {"view": "norm"}),
    (0, {"view": "norm", "training": False}),
    (39, {"view": "norm", "training": False, "momentum": 0.95}),
    (20, {"view": "norm", "momentum": 0.5, "gamma": 2.0, "beta": -1.5}),
]


@cache
def network():
    """Train without the model's own loop; return both dense layers, their weights rounded."""
    rng = np.random.default_rng(3)
    x, y = data.make_moons(120, 0.1, rng)
    first, drop, last = layers.Dense(6, activation="tanh"), layers.Dropout(0.2), layers.Dense(1)
    for layer, units in ((first, 2), (drop, 6), (last, 6)):
        layer.build((None, units), rng, np.float64)
    params = [*first.params.values(), *last.params.values()]
    optimizer, loss = optimizers.Adam(0.05), losses.BinaryCrossentropy(from_logits=True)
    for _ in range(60):
        for own in np.split(rng.permutation(120), 4):
            target = y[own, np.newaxis].astype(float)
            p = last.forward(drop.forward(first.forward(x[own], training=True), training=True))
            first.backward(drop.backward(last.backward(loss.gradient(target, p))))
            optimizer.apply([*first.grads.values(), *last.grads.values()], params)
    for layer in (first, last):
        layer.set_weights([array.round(2) for array in layer.get_weights()])
    return first, last


def rows(step, values):
    return norm(step, values) if values["view"] == "norm" else dropout(step, values)


def dropout(step, values):
    first, last = network()
    x = np.array([[-0.8, 0.4]])
    h = first.forward(x)
    drop = layers.Dropout(values["rate"])
    drop.build((None, 6), np.random.default_rng(3))
    scaled = [drop.forward(h, training=True) for _ in range(step + 1)]
    outputs = [last.forward(each)[0, 0] for each in scaled]
    kept, passed = drop.mask[0].astype(float), scaled[-1][0]
    if not values["training"]:
        kept, passed = np.ones(6), h[0]
    chance, mean = 1 - values["rate"], 0.0
    for mask in itertools.product((0, 1), repeat=6):
        weight = np.prod([chance if bit else 1 - chance for bit in mask])
        mean += weight * last.forward(drop.forward(h, training=True, mask=[mask]))[0, 0]
    table = [[value, None, None] for value in x[0]]
    table += [list(row) for row in zip(h[0], kept, passed, strict=True)]
    output = last.forward(passed[np.newaxis])[0, 0]
    ends = (output, np.mean(outputs), mean, last.forward(h)[0, 0])
    return [*table, *([value, None, None] for value in ends)]


def norm(step, values):
    stream = np.random.default_rng(3).normal(3, 2, (40, 12)).round(2)
    layer = layers.BatchNormalization(momentum=values["momentum"])
    layer.build((None, 1), np.random.default_rng(0), np.float64)
    for batch in stream[: step + 1]:
        hat = layer.forward(batch[:, np.newaxis], training=True)
    batch = stream[step]
    if not values["training"]:
        hat = layer.forward(batch[:, np.newaxis])
    layer.params["gamma"][...], layer.params["beta"][...] = values["gamma"], values["beta"]
    saved = {key: array.copy() for key, array in layer.state.items()}
    passed = layer.forward(batch[:, np.newaxis], training=values["training"])
    table = [list(row) for row in zip(batch, hat[:, 0], passed[:, 0], strict=True)]
    numbers = (
        batch.mean(), batch.var(), saved["moving_mean"][0], saved["moving_variance"][0],
        stream.mean(), stream.var(),
    )  # fmt: skip
    return [*table, *([number, None, None] for number in numbers)]
