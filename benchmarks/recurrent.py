"""What the benchmarks of LSTM and GRU have in common."""

from __future__ import annotations

import numpy as np

from .layer import matrix_products, versions_of

BATCH, TIME, FEATURES, UNITS = 32, 50, 64, 128


def versions_of_recurrent(name, gates, textbook):
    """Return the versions to time of the recurrent layer `name` with so many gates."""
    import keras

    from glassnet import layers

    x = np.random.default_rng(0).standard_normal((BATCH, TIME, FEATURES), np.float32)
    width, rows = gates * UNITS, BATCH * TIME
    products = matrix_products(
        (1, rows, FEATURES, width),  # x W for all steps
        (TIME, BATCH, UNITS, width),  # h U, step by step
        (TIME, BATCH, width, UNITS),  # back through it
        (1, UNITS, rows, width),
        (1, FEATURES, rows, width),
        (1, rows, width, FEATURES),
    )
    ours = getattr(layers, name)(UNITS, return_sequences=True)
    twin = getattr(keras.layers, name)(UNITS, return_sequences=True)
    return versions_of(ours, twin, x, products, textbook)


def sigmoid(z):
    """The logistic function as it is written."""
    return 1 / (1 + np.exp(-z))
