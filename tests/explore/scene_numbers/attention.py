"""The numbers of the scene attention: a network trained again, and its layers asked."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from glassnet import layers, losses, models, optimizers

CASES = [
    (0, {}),
    (5, {"head": "head_2"}),
    (10, {}),
    (10, {"query": 1, "scaled": False}),
    (10, {"query": 8, "head": "head_2", "causal": True}),
    (8, {"query": 3, "scaled": False, "causal": True}),
]
SHOWN = (0, 5, 10, 15, 20, 30, 40, 50, 80, 120, 160)
LETTER, NUMBER = np.array([[0, 1, 2, 0, 1, 0, 2, 1]]), np.array([[3, 8, 1, 7, 2, 5, 6, 4]])


def see(letter, number):
    """One-hot letter, one-hot place, standardised number of each card."""
    n = len(letter)
    x = np.zeros((n, 8, 12))
    rows, places = np.indices((n, 8))
    x[rows, places, letter] = 1
    x[rows, places, 3 + places] = 1
    x[..., 11] = (number - 4.5) / 3
    return x


def answers(letter, number):
    y = np.zeros((*letter.shape, 2))
    for row in range(len(letter)):
        for place in range(8):
            own = number[row][letter[row] == letter[row, place]]
            y[row, place] = own.mean(), number[row, max(place - 1, 0)]
    return (y - 4.5) / 3


@lru_cache
def trained(steps):
    rng = np.random.default_rng(3)
    model = models.Sequential([layers.MultiHeadAttention(2, 4, value_dim=1), layers.Dense(2)])
    model.build((None, 8, 12), rng, np.float64)
    optimizer, loss = optimizers.Adam(0.03), losses.MeanSquaredError()
    for _ in range(steps):
        letter, number = rng.integers(0, 3, (32, 8)), rng.integers(0, 10, (32, 8))
        y, prediction = answers(letter, number), model.forward(see(letter, number), training=True)
        model.backward(loss.gradient(y, prediction))
        optimizer.apply(model.gradients, model.trainable_weights)
    return model


def rows(step, values):
    model = trained(SHOWN[step])
    layer, dense = model.layers
    x, i, h = see(LETTER, NUMBER), values["query"] - 1, int(values["head"][-1]) - 1
    p = layer.params
    q, k, v = (
        x[0] @ p[f"{name}_kernel"][:, h] + p[f"{name}_bias"][h]
        for name in ("query", "key", "value")
    )
    products = k @ q[i]
    scores = products / 2 if values["scaled"] else products
    kernel, shift = layer.params["query_kernel"].copy(), layer.params["query_bias"].copy()
    if not values["scaled"]:  # undo the division by the square root of 4 in the layer itself
        layer.params["query_kernel"] *= 2
        layer.params["query_bias"] *= 2
    mixed, weights = layer.forward(
        x, return_attention_scores=True, use_causal_mask=values["causal"]
    )
    layer.params["query_kernel"][:], layer.params["query_bias"][:] = kernel, shift
    answer = 4.5 + 3 * (mixed[0, i] @ dense.params["kernel"] + dense.params["bias"])
    w, table = weights[0, h, i], []
    for j in range(8):
        score = None if values["causal"] and j > i else scores[j]
        table.append([products[j], score, w[j], v[j, 0], w[j] * v[j, 0]])
    table.append([None, None, 1, None, w @ v[:, 0]])
    return table + [[None, None, None, None, number] for number in answer]
