"""The numbers of the scene logistic: from the layer and the loss, example by example."""

from __future__ import annotations

from functools import cache

import numpy as np

from glassnet import activations, data, layers, losses

CASES = [
    (0, {}),
    (1, {}),
    (3, {}),
    (1, {"at": [-1.2, 0.6], "length": 5}),
    (2, {"label": 0, "at": [2.3, 2.3], "length": 5, "angle": 45}),
    (2, {"label": 0, "angle": -135, "shift": -1.4}),
    (3, {"angle": 20, "length": 3.7, "shift": 0.45}),
]


@cache
def _examples():
    centres = [[-0.8, -0.5], [0.8, 0.5]]
    x, y = data.make_blobs(16, 0.7, np.random.default_rng(18), centres=centres)
    return np.clip(x, -2.3, 2.3).round(2), y


def _loss(y, z):
    return losses.binary_crossentropy(y[:, np.newaxis], z[:, np.newaxis], from_logits=True)


@cache
def _trained_mean():
    """Mean loss after 300 steps of gradient descent from zero, written out."""
    x, y = _examples()
    w, b = np.zeros(2), 0.0
    for _ in range(300):
        error = activations.sigmoid(x @ w + b) - y
        w, b = w - x.T @ error / len(x), b - error.mean()
    return float(_loss(y.astype(float), x @ w + b).mean())


def rows(step, values):
    x, y = _examples()
    x, y = np.vstack([values["at"], x]), np.append(values["label"], y).astype(float)
    angle, length = np.radians(values["angle"]), values["length"]
    w = length * np.array([np.cos(angle), np.sin(angle)])
    layer = layers.Dense(1)
    layer.build((None, 2), np.random.default_rng(0), np.float64)
    layer.set_weights([w[:, np.newaxis], [-length * values["shift"]]])
    z = layer.forward(x)[:, 0]
    loss = _loss(y, z)
    table = np.stack([y, z / np.linalg.norm(w), z, activations.sigmoid(z), loss], axis=1)
    empty = [None] * 4
    return [*table.tolist(), [*empty, loss[1:].mean()], [*empty, _trained_mean()]]
