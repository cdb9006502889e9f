"""The numbers of the scene gates: the unit trained again, run by its layer with gates held."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from glassnet import layers, losses, models, optimizers

CASES = [
    (0, {}),
    (9, {}),
    (15, {}),
    (15, {"forget": "open"}),
    (12, {"forget": "shut", "first": 12}),
    (15, {"input": "open", "second": 1}),
    (15, {"input": "shut", "forget": "open"}),
    (10, {"first": 11, "second": 5}),
]
VALUES = [0.3, -0.6, 0.8, 0.1, -0.9, 0.5, -0.3, 0.7, -0.2, 0.6, -0.7, 0.4, 0.9, -0.5, 0.2, -0.8]


@lru_cache
def weights():
    rng = np.random.default_rng(3)
    model = models.Sequential([layers.LSTM(1, return_sequences=True), layers.Dense(1)])
    model.build((None, 16, 2), rng, np.float64)
    optimizer, loss = optimizers.Adam(0.05), losses.MeanSquaredError()
    for _ in range(200):
        values = rng.uniform(-1, 1, (32, 16))
        marked = rng.random((32, 16)) < 0.15
        x, y = np.stack([values, marked], axis=-1), np.zeros((32, 16, 1))
        for row in range(32):
            for t in range(16):
                y[row, t] = values[row, t] if marked[row, t] else (y[row, t - 1] if t else 0)
        model.backward(loss.gradient(y, model.forward(x, training=True)))
        optimizer.apply(model.gradients, model.trainable_weights)
    return model.get_weights()


def rows(step, values):
    W, U, b, out, shift = weights()
    h = c = np.zeros((1, 1))
    table, true = [], 0.0
    fixed = {"open": 1.0, "shut": 0.0}
    for t, x in enumerate(VALUES[: step + 1]):
        mark = int(t + 1 in (values["first"], values["second"]))
        true = x if mark else true
        seen = np.array([[x, mark]])
        _, cache = layers.lstm_forward(seen[:, np.newaxis], W, U, b, h, c)
        i, f, candidate, o = cache.gates[0, 0]
        i, f = fixed.get(values["input"], i), fixed.get(values["forget"], f)
        c = f * c + i * candidate
        h = o * np.tanh(c)
        says = (h @ out + shift).item()
        table.append([x, mark, i, f, o, candidate, c.item(), h.item(), says, true])
    return table
