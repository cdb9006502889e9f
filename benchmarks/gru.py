"""A GRU of 128 units over 50 steps of 64 features, batch 32: forward and backward."""

from __future__ import annotations

import numpy as np

from .recurrent import TIME, UNITS, sigmoid, versions_of_recurrent


def versions():
    """Return the versions to time and the ratios to report; see `versions_of`."""
    return versions_of_recurrent("GRU", 3, _textbook)


def _textbook(x, dy, weights):
    """Sample by sample, step by step, gate by gate; the reset comes after the product."""
    kernel, recurrent, (bias, inner_bias) = weights
    dx, dkernel, drecurrent = np.zeros_like(x), np.zeros_like(kernel), np.zeros_like(recurrent)
    dbias = np.zeros_like(weights[2])
    for sample, dsample, dys in zip(x, dx, dy, strict=True):
        h, memory = np.zeros(UNITS, x.dtype), []
        for t in range(TIME):
            a, b = sample[t] @ kernel + bias, h @ recurrent + inner_bias
            z = sigmoid(a[:UNITS] + b[:UNITS])
            r = sigmoid(a[UNITS : 2 * UNITS] + b[UNITS : 2 * UNITS])
            inner = b[2 * UNITS :]
            g = np.tanh(a[2 * UNITS :] + r * inner)
            memory.append((h, z, r, inner, g))
            h = z * h + (1 - z) * g
        dh = np.zeros_like(h)
        for t in reversed(range(TIME)):
            before, z, r, inner, g = memory[t]
            dh = dh + dys[t]
            dz = dh * (before - g) * z * (1 - z)
            dg = dh * (1 - z) * (1 - g**2)
            dr = dg * inner * r * (1 - r)
            da, db = np.concatenate([dz, dr, dg]), np.concatenate([dz, dr, dg * r])
            dkernel += np.outer(sample[t], da)
            drecurrent += np.outer(before, db)
            dbias += [da, db]
            dsample[t] = kernel @ da
            dh = dh * z + recurrent @ db
    return [dx, dkernel, drecurrent, dbias]
