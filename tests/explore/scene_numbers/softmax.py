"""The numbers of the scene softmax: from the activation, the loss and the loss' gradient."""

from __future__ import annotations

import numpy as np

from glassnet import activations, losses

CASES = [
    (0, {}),
    (2, {}),
    (4, {}),
    (3, {"temperature": 0.2}),
    (4, {"temperature": 0.1, "label": 4, "z1": 4, "z4": -4}),
    (4, {"z1": -1.5, "z2": 3.2, "z3": 2.9, "z4": 0.4, "label": 3}),
    (1, {"temperature": 10, "label": 1, "z2": 2}),
]


def rows(step, values):
    z = np.array([values[f"z{k}"] for k in range(1, 5)], dtype=float)
    scaled, c = z / values["temperature"], values["label"] - 1
    e, p, y = np.exp(scaled - scaled.max()), activations.softmax(scaled), np.eye(4)[c]
    gradient = losses.categorical_crossentropy_gradient(y, scaled, from_logits=True)
    loss = losses.sparse_categorical_crossentropy(c, scaled, from_logits=True)
    table = np.stack([z, scaled, e, p, y, gradient], axis=1).tolist()
    return [*table, [None, None, e.sum(), 1, 1, 0], [*[None] * 5, float(loss)]]
