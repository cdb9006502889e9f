"""The numbers of the scene perceptron: the rule written out, and the margin by least squares."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.optimize import nnls

from glassnet import data

CASES = [
    (0, {}),
    (1, {}),
    (18, {}),
    (20, {"order": 3}),
    (8, {"data": "clouds"}),
    (10, {"data": "clouds", "order": 3}),
    (24, {"data": "xor"}),
    (13, {"data": "xor", "order": 4}),
]
BITS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def _examples(name):
    if name != "clouds":
        return BITS, np.array({"and": [-1, -1, -1, 1], "xor": [-1, 1, 1, -1]}[name])
    centres = [[0.1, 0.15], [0.9, 0.85]]
    x, label = data.make_blobs(14, 0.33, np.random.default_rng(120), centres=centres)
    return np.clip(x, -0.6, 1.6).round(2), 2 * label - 1


@cache
def _direction(name):
    """The nearest point of the hull, from a least-squares problem without negative shares."""
    x, y = _examples(name)
    z = y[:, np.newaxis] * np.column_stack([x, np.ones(len(x))])
    share, _ = nnls(np.vstack([z.T, np.ones(len(z))]), np.array([0.0, 0.0, 0.0, 1.0]))
    return share @ z / share.sum()


def rows(step, values):
    name = values["data"]
    x, y = _examples(name)
    number = values["order"] - 1
    order = np.random.default_rng(number).permutation(len(x)) if number else range(len(x))
    nearest = _direction(name)
    margin = np.linalg.norm(nearest)
    radius = np.sqrt(np.max(np.sum(x**2, axis=1) + 1))
    w, table = np.zeros(3), []

    def add(example, score):
        k = len(table)
        walls = [None, None] if name == "xor" else [k * margin, nearest @ w / margin]
        table.append([example, score, *w, *walls, np.linalg.norm(w), np.sqrt(k) * radius])

    add(None, None)
    for _ in range(100):
        for n in order:
            point = np.append(x[n], 1.0)
            score = y[n] * (w @ point)
            if score <= 0 and len(table) <= step:
                w = w + y[n] * point
                add(n + 1, score)
    return table
