"""The numbers of the scene race: each optimiser run again, with gradients written out here."""

from __future__ import annotations

import numpy as np

from glassnet import optimizers

CASES = [
    (0, {}),
    (7, {}),
    (32, {}),
    (32, {"surface": "one"}),
    (15, {"surface": "saddle"}),
    (32, {"surface": "saddle", "follow": "sgd"}),
    (23, {"surface": "well", "follow": "adam"}),
    (32, {"surface": "well"}),
]
RATES = {
    "ravine": (0.03, 0.02, 0.02, 1.0, 0.1, 0.7),
    "one": (0.02,) * 6,
    "saddle": (0.15, 0.15, 0.1, 1.0, 0.3, 0.07),
    "well": (0.3, 0.15, 0.3, 1.5, 0.5, 1.0),
}
STARTS = {"ravine": (-1.9, 0.4), "one": (-1.9, 0.4), "saddle": (1.5, 0.01), "well": (1.7, 1.2)}
STEEP = np.array([0.5, np.sqrt(3) / 2])  # the steep direction of the ravine, curvature 50
FLAT = np.array([-np.sqrt(3) / 2, 0.5])  # along it, curvature 1


def loss_and_gradient(name, p):
    x, y = p
    if name == "saddle":
        return 5 * x**2 - y**2 / 2 + y**4 / 4, np.array([10 * x, y**3 - y])
    if name == "well":
        loss = (x**2 - 1) ** 2 / 4 + x / 5 + 2 * y**2
        return loss, np.array([x**3 - x + 0.2, 4 * y])
    across, along = STEEP @ p, FLAT @ p
    return 25 * across**2 + along**2 / 2, 50 * across * STEEP + along * FLAT


def field(rates):
    a, b, c, d, e, f = rates
    return [
        optimizers.SGD(a),
        optimizers.SGD(b, momentum=0.8),
        optimizers.SGD(c, momentum=0.8, nesterov=True),
        optimizers.Adagrad(d, initial_accumulator_value=0.0),
        optimizers.RMSprop(e),
        optimizers.Adam(f),
    ]


def rows(step, values):
    name, table = values["surface"], []
    for rate, optimizer in zip(RATES[name], field(RATES[name]), strict=True):
        p = np.array(STARTS[name])
        for _ in range(step):
            optimizer.apply([loss_and_gradient(name, p)[1]], [p])
        table.append([rate, *p, loss_and_gradient(name, p)[0]])
    return table
