"""The numbers of the scene descent: gradient descent from the start itself, step by step."""

from __future__ import annotations

import numpy as np

from glassnet import data, layers, losses, optimizers

CASES = [
    (0, {}),
    (12, {}),
    (30, {"rate": 0.005}),
    (25, {"rate": 0.11, "start": [2.5, -1.5]}),
    (30, {"rate": 0.12, "start": [-2, 3.5]}),
    (9, {"rate": 0.09, "start": [3.3, 0.4]}),
]


def rows(step, values):
    x, y = data.make_ravine(24, 9.0, np.random.default_rng(0), angle=np.pi / 3)
    layer, loss = layers.Dense(1, use_bias=False), losses.MeanSquaredError()
    layer.build((None, 2), np.random.default_rng(0), np.float64)
    layer.set_weights([np.reshape(values["start"], (2, 1))])
    optimizer = optimizers.SGD(values["rate"])
    across = np.array([np.cos(np.pi / 3), np.sin(np.pi / 3)])  # the steep direction
    along = np.array([np.sin(np.pi / 3), -np.cos(np.pi / 3)])
    table = []
    for _ in range(step + 1):
        prediction = layer.forward(x)
        w = layer.params["kernel"][:, 0].copy()
        distance = w - 1
        table.append([*w, float(loss(y, prediction)), distance @ across, distance @ along])
        layer.backward(loss.gradient(y, prediction))
        optimizer.apply([layer.grads["kernel"]], [layer.params["kernel"]])
    return table
