"""The numbers of the scene activation: products with freshly drawn kernels, layer by layer."""

from __future__ import annotations

import numpy as np

from glassnet import activations, initializers

CASES = [
    (0, {}),
    (6, {}),
    (12, {}),
    (12, {"function": "relu", "scale": 2, "z": -0.5}),
    (12, {"function": "selu", "z": -2.25}),
    (4, {"function": "sigmoid", "scale": 4, "z": 5}),
    (12, {"function": "gelu", "scale": 4, "z": -5}),
    (9, {"function": "leaky_relu", "z": -1.5}),
    (7, {"function": "elu", "scale": 2, "z": 0}),
]
SHOWN = (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20)


def rows(step, values):
    name, z = values["function"], np.array(float(values["z"]))
    f, slope = getattr(activations, name), getattr(activations, name + "_derivative")
    rng = np.random.default_rng(3)
    a = rng.standard_normal((50, 64))
    draw = initializers.VarianceScaling(values["scale"], "fan_in", "truncated_normal")
    table = [[float(f(z)), float(slope(z)), None]]
    for number in range(1, SHOWN[step] + 1):
        z = a @ draw((64, 64), rng, dtype=np.float64)
        a = f(z)
        if number in SHOWN:
            table.append([a.mean(), a.std(), np.mean(np.abs(slope(z)) < 0.1)])
    return table
