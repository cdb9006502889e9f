"""An LSTM of 128 units over 50 steps of 64 features, batch 32: forward and backward."""

from __future__ import annotations

import numpy as np

from .recurrent import TIME, UNITS, sigmoid, versions_of_recurrent


def versions():
    """Return the versions to time and the ratios to report; see `versions_of`."""
    return versions_of_recurrent("LSTM", 4, _textbook)


def _textbook(x, dy, weights):
    """Sample by sample, step by step, gate by gate."""
    kernel, recurrent, bias = weights
    dx, grads = np.zeros_like(x), [np.zeros_like(value) for value in weights]
    for sample, dsample, dys in zip(x, dx, dy, strict=True):
        h, c, memory = np.zeros(UNITS, x.dtype), np.zeros(UNITS, x.dtype), []
        for t in range(TIME):
            z = sample[t] @ kernel + h @ recurrent + bias
            i, f, o = (sigmoid(z[k * UNITS : (k + 1) * UNITS]) for k in (0, 1, 3))
            g = np.tanh(z[2 * UNITS : 3 * UNITS])
            memory.append((h, c, i, f, g, o))
            c = f * c + i * g
            h = o * np.tanh(c)
        dh, dc = np.zeros_like(h), np.zeros_like(c)
        for t in reversed(range(TIME)):
            before, c_before, i, f, g, o = memory[t]
            squashed = np.tanh(f * c_before + i * g)
            dh = dh + dys[t]
            dc = dc + dh * o * (1 - squashed**2)
            dz = np.concatenate(
                [
                    dc * g * i * (1 - i),
                    dc * c_before * f * (1 - f),
                    dc * i * (1 - g**2),
                    dh * squashed * o * (1 - o),
                ]
            )
            grads[0] += np.outer(sample[t], dz)
            grads[1] += np.outer(before, dz)
            grads[2] += dz
            dsample[t] = kernel @ dz
            dh, dc = recurrent @ dz, dc * f
    return [dx, *grads]
