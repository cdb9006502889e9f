"""The numbers of the scene hidden_lines: trained again, without the units that are switched off."""

from __future__ import annotations

from functools import cache

import numpy as np

from glassnet import activations, data, layers, losses, optimizers

CASES = [
    (0, {}),
    (3, {}),
    (6, {}),
    (6, {"unit1": False, "unit4": False, "at": [-1.2, 0.35]}),
    (6, {"unit2": False, "unit3": False, "unit5": False, "unit6": False}),
    (6, {"data": "moons", "at": [0.1, -2.2]}),
    (4, {"data": "moons", "unit2": False}),
]


@cache
def _trained(name):
    """Examples and layers after 250 steps of Adam, from the layers and the loss themselves."""
    rng = np.random.default_rng(0)
    x, y = data.make_rings(60, 0.07, rng) if name == "rings" else data.make_moons(60, 0.14, rng)
    x = ((x - x.mean(0)) / x.std(0)).round(2)
    rng = np.random.default_rng(1)
    first, second = layers.Dense(6, activation="relu"), layers.Dense(1)
    first.build((None, 2), rng, np.float64)
    second.build((None, 6), rng, np.float64)
    loss, adam = losses.BinaryCrossentropy(from_logits=True), optimizers.Adam(0.05)
    for _ in range(250):
        z = second.forward(first.forward(x))
        first.backward(second.backward(loss.gradient(y[:, np.newaxis].astype(float), z)))
        chain = (first, second)
        adam.apply(
            [layer.grads[key] for layer in chain for key in layer.params],
            [layer.params[key] for layer in chain for key in layer.params],
        )
    kernel, bias = first.get_weights()
    v, c = second.get_weights()
    v = v[:, 0]
    order = sorted(range(6), key=lambda j: -np.hypot(*kernel[:, j]) * abs(v[j]))
    return x, y, kernel[:, order], bias[order], v[order], c[0]


def rows(step, values):
    x, y, kernel, bias, v, c = _trained(values["data"])
    on = np.array([values[f"unit{j}"] and j <= step for j in range(1, 7)], float)

    def parts(points):
        return on * v * activations.relu(np.asarray(points) @ kernel + bias)

    h = on * activations.relu(values["at"] @ kernel + bias)
    z = parts(values["at"]).sum() + c
    right = np.sum((parts(x).sum(axis=1) + c > 0) == (y == 1))
    table = [[*kernel[:, j], bias[j], h[j], v[j], v[j] * h[j]] for j in range(6)]
    return table + [[*[None] * 5, value] for value in (c, z, activations.sigmoid(z), right)]
