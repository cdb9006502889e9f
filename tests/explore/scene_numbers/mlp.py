"""The numbers of the scene mlp: trained again from the same seed."""

from __future__ import annotations

from functools import cache

import numpy as np

from glassnet import data, layers, losses
from glassnet.explore import make_trace

STAGES = 5
CASES = [
    (0, {}),
    (3, {}),
    (44, {}),
    (149, {}),
    (7, {"stages": False}),
    (29, {"stages": False}),
    (60, {"probe": True, "at": [0.55, -1.2]}),
    (29, {"stages": False, "probe": True, "at": [-1, 0.85]}),
]


@cache
def _training():
    """All steps of the training: a list of (example, weights, gradients, h, p, losses)."""
    rng = np.random.default_rng(3)
    x, y = data.make_xor(36, 0.14, rng)
    x, y = ((x - x.mean(0)) / x.std(0)).round(3), y[:, np.newaxis].astype(float)
    first, second = layers.Dense(4, activation="tanh"), layers.Dense(1, activation="sigmoid")
    first.build((None, 2), rng, np.float64)
    second.build((None, 4), rng, np.float64)
    loss = losses.BinaryCrossentropy()
    order = np.concatenate([rng.permutation(36) for _ in range(9)])[:301]
    steps = []
    for i in order:
        mean = float(loss(y, second.forward(first.forward(x))))
        weights = [*first.get_weights(), *second.get_weights()]
        h = first.forward(x[[i]])
        p = second.forward(h)
        first.backward(second.backward(loss.gradient(y[[i]], p)))
        grads = [*(first.grads[k].copy() for k in first.params)]
        grads += [second.grads[k].copy() for k in second.params]
        steps.append((x[i], y[i], weights, grads, h[0], p[0, 0], float(loss(y[[i]], p)), mean))
        for layer in (first, second):
            for key in layer.params:
                layer.params[key] -= 0.3 * layer.grads[key]
    return steps


def rows(step, values):
    numbers = [frame["n"] for frame in make_trace("mlp")["frames"]]
    number = numbers[step // STAGES if values["stages"] else step]
    x, _, weights, grads, h, p, loss, mean = _training()[number]
    own = values["probe"]
    if own:
        x = np.array(values["at"])
        h = np.tanh(x @ weights[0] + weights[1])
        p = 1 / (1 + np.exp(-(h @ weights[2][:, 0] + weights[3][0])))

    def unit(value, delta):
        return [value, None if own else delta, None]

    def moved(w, g):
        return [w, None, None] if own else [w, g, w - 0.3 * g]

    table = [[value, None, None] for value in x]
    table += [unit(value, delta) for value, delta in zip(h, grads[1], strict=True)]
    table += [unit(p, grads[3][0])]
    for w, g in zip(weights, grads, strict=True):
        table += [moved(a, b) for a, b in zip(w.ravel(), g.ravel(), strict=True)]
    return table + ([] if own else [[loss, None, None]]) + [[mean, None, None]]
