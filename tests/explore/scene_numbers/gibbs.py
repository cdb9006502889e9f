"""The numbers of the scene gibbs: the machine trained again, the chains thrown again."""

from __future__ import annotations

from functools import cache

import numpy as np

from glassnet import data, models, optimizers

CASES = [
    (0, {}),
    (1, {}),
    (2, {"unit": 7}),
    (30, {}),
    (29, {"run": 3, "unit": 24}),
    (0, {"start": "digit"}),
    (12, {"start": "digit", "run": 2}),
    (6, {"start": "half"}),
    (30, {"start": "half", "run": 2, "unit": 11}),
]


@cache
def machine():
    """Return digits never seen, shape (n, 64), and the weights."""
    bits = []
    for images, labels in data.load_digits():
        own = (labels == 0) | (labels == 3) | (labels == 4) | (labels == 7)
        bits.append(np.where(images[own].reshape(-1, 64) > 0.5, 1.0, 0.0))
    rbm = models.RBM(64, 24)
    rbm.build(np.random.default_rng(0), np.float64)
    rbm.compile(optimizers.SGD(0.3, momentum=0.5))
    rbm.fit(bits[0], batch_size=20, epochs=40, verbose=0)
    return bits[1], *[np.round(array, 2) for array in rbm.params.values()]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def half_steps(step, start, run):
    """Return the pixels and, if there are any, the hidden bits and the sums behind them."""
    tests, kernel, a, b = machine()
    rng = np.random.default_rng([0, run])
    v, h, sums = rng.integers(0, 2, 64).astype(float), None, None
    if start != "noise":
        free = 64 if start == "digit" else 32
        v[:free] = tests[14, :free]
    for half in range(1, step + 1):
        if half % 2:
            sums = v @ kernel + b
            h = (rng.random(24) < sigmoid(sums)).astype(float)
        else:
            drawn = rng.random(64) < sigmoid(kernel @ h + a)
            v = np.append(v[:32], drawn[32:]) if start == "half" else drawn.astype(float)
    return v, h, sums


def rows(step, values):
    tests, kernel, a, b = machine()

    def free_energy(pixels):
        return -pixels @ a - np.log1p(np.exp(pixels @ kernel + b)).sum(axis=-1)

    v, h, sums = half_steps(step, values["start"], values["run"])
    numbers = [free_energy(v), free_energy(tests).mean(), None, v.sum(), None, None, None, None]
    if h is not None:
        j = values["unit"] - 1
        numbers[2] = models.energy(v[None], h[None], kernel, a, b)[0]
        numbers[4:] = [h.sum(), sums[j], sigmoid(sums[j]), h[j]]
    return [[number] for number in numbers]
