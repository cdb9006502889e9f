"""Self-attention of 8 heads over 128 steps of 128 features, batch 16: forward and backward."""

from __future__ import annotations

import numpy as np

from .layer import matrix_products, versions_of

BATCH, TIME, FEATURES, HEADS = 16, 128, 128, 8
KEY = FEATURES // HEADS


def versions():
    """Return the versions to time and the ratios to report; see `versions_of`."""
    import keras

    from glassnet import layers

    class SelfAttention(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.attention = keras.layers.MultiHeadAttention(HEADS, KEY)

        def call(self, x):
            return self.attention(x, x)

    x = np.random.default_rng(0).standard_normal((BATCH, TIME, FEATURES), np.float32)
    rows, pairs = BATCH * TIME, BATCH * HEADS
    products = matrix_products(
        (1, rows, FEATURES, 3 * FEATURES),  # query, key and value
        (pairs, TIME, KEY, TIME),  # scores
        (pairs, TIME, TIME, KEY),  # weighted values
        (1, rows, FEATURES, FEATURES),
        # and two for each of them on the way back
        (1, FEATURES, rows, FEATURES),
        (1, rows, FEATURES, FEATURES),
        (2 * pairs, TIME, TIME, KEY),
        (pairs, TIME, KEY, TIME),
        (pairs, TIME, TIME, KEY),
        (1, FEATURES, rows, 3 * FEATURES),
        (1, rows, 3 * FEATURES, FEATURES),
    )
    ours = layers.MultiHeadAttention(HEADS, KEY)
    return versions_of(ours, SelfAttention(), x, products, _textbook, share=BATCH)


def _textbook(x, dy, weights):
    """Sample by sample, head by head, query by query."""
    wq, bq, wk, bk, wv, bv, wo, _bo = weights
    dwq, dbq, dwk, dbk, dwv, dbv, dwo, dbo = grads = [np.zeros_like(value) for value in weights]
    dx, scale = np.zeros_like(x), KEY**-0.5
    for sample, dsample, dys in zip(x, dx, dy, strict=True):
        dbo += dys.sum(axis=0)
        for h in range(HEADS):
            q, k, v = (sample @ w[:, h] + b[h] for w, b in ((wq, bq), (wk, bk), (wv, bv)))
            dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
            for t in range(TIME):
                scores = np.array([scale * (q[t] @ k[s]) for s in range(TIME)])
                a = np.exp(scores - scores.max())
                a /= a.sum()
                mixed = a @ v
                dwo[h] += np.outer(mixed, dys[t])
                dmixed = wo[h] @ dys[t]
                da = v @ dmixed
                dv += np.outer(a, dmixed)
                dscores = scale * a * (da - a @ da)
                dq[t] = dscores @ k
                dk += np.outer(dscores, q[t])
            for w, dw, db, d in ((wq, dwq, dbq, dq), (wk, dwk, dbk, dk), (wv, dwv, dbv, dv)):
                dw[:, h] += sample.T @ d
                db[h] += d.sum(axis=0)
                dsample += d @ w[:, h].T
    return [dx, *grads]
