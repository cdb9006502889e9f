"""The numbers of the scene overfitting: each fit as the least squares of one larger system."""

from __future__ import annotations

import numpy as np
from numpy.polynomial.legendre import Legendre

from glassnet import layers, losses

CASES = [
    (0, {}),
    (5, {}),
    (11, {}),
    (11, {"l2": 0.001}),
    (11, {"l2": 1, "dropout": 0.5}),
    (7, {"dropout": 0.2}),
    (9, {"l2": 0.1, "dropout": 0.2}),
]


def columns(x, degree):
    """Legendre polynomials one by one, scaled to mean square 1."""
    powers = [Legendre.basis(k)(x) * np.sqrt(2 * k + 1) for k in range(1, degree + 1)]
    return np.stack(powers, axis=1) if powers else np.zeros((len(x), 0))


def draw():
    rng = np.random.default_rng(0)
    x = (np.linspace(-0.95, 0.95, 13) + rng.uniform(-0.06, 0.06, 13)).round(2)
    y = (np.sin(4 * x) + 0.3 * rng.standard_normal(13)).round(2)
    unseen = np.linspace(-0.98, 0.98, 40).round(2)
    return (x, y), (unseen, (np.sin(4 * unseen) + 0.3 * rng.standard_normal(40)).round(2))


def rows(step, values):
    (x, y), unseen = draw()
    rate, table, loss = values["dropout"], [], losses.MeanSquaredError()
    for degree in range(step + 1):
        inputs = columns(x, degree)
        penalty = values["l2"] + rate / (1 - rate) * (inputs**2).mean(axis=0)
        # |system p - target|^2 / 13 is the mean loss over all masks, with the penalty of L2
        rows_of_data = np.column_stack([np.ones(13), inputs])
        rows_of_penalty = np.column_stack([np.zeros(degree), np.diag(np.sqrt(13 * penalty))])
        system = np.vstack([rows_of_data, rows_of_penalty])
        target = np.concatenate([y, np.zeros(degree)])
        bias, *weights = np.linalg.lstsq(system, target, rcond=None)[0]
        errors = []
        for at, true in ((x, y), unseen):
            answer = np.full((len(at), 1), bias)
            if degree:
                dense = layers.Dense(1)
                dense.build((None, degree), np.random.default_rng(0), np.float64)
                dense.set_weights([np.reshape(weights, (-1, 1)), [bias]])
                answer = dense.forward(columns(at, degree))
            errors.append(float(loss(true[:, np.newaxis], answer)))
        table.append([*errors, float(np.sum(np.square(weights)))])
    return table
