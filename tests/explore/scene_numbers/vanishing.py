"""The numbers of the scene vanishing: matrices multiplied by hand, from freshly drawn weights."""

from __future__ import annotations

import numpy as np

from glassnet import activations, initializers

CASES = [
    (0, {}),
    (7, {}),
    (15, {}),
    (29, {"depth": 30, "activation": "relu", "start": "he"}),
    (29, {"depth": 30, "activation": "sigmoid", "start": "small", "what": "kernel"}),
    (7, {"depth": 8, "activation": "selu", "start": "lecun"}),
    (3, {"depth": 4, "activation": "tanh", "start": "small"}),
]


def rows(step, values):
    depth, name, n = values["depth"], values["activation"], 50
    draws = {
        "small": initializers.RandomNormal(stddev=0.01),
        "glorot": initializers.GlorotNormal(),
        "lecun": initializers.LecunNormal(),
        "he": initializers.HeNormal(),
    }
    f, slope = getattr(activations, name), getattr(activations, f"{name}_derivative")
    weights = np.random.default_rng(5)
    kernels = [draws[values["start"]]((n, n), weights, np.float64) for _ in range(depth)]
    rng = np.random.default_rng(6)
    a, dy = rng.standard_normal((12, n)), rng.standard_normal((12, n))
    outputs, sums = [a], []
    for kernel in kernels:
        sums.append(outputs[-1] @ kernel)
        outputs.append(f(sums[-1]))
    delta, table, above, unit = dy * slope(sums[-1]), [], None, None
    for layer in range(depth - 1, depth - 2 - step, -1):
        if above is not None:  # the recursion of the chapter
            delta = (delta @ kernels[layer + 1].T) * slope(sums[layer])
        length = np.linalg.norm(delta)
        unit = unit or length
        kernel = np.linalg.norm(outputs[layer].T @ delta) / unit
        table.append([length / unit, length / above if above else 1, kernel])
        above = length
    return table
