"""A convolution of 3 x 3, 32 to 64 channels, on 32 pictures of 28 x 28: forward and backward."""

from __future__ import annotations

import numpy as np

from .layer import matrix_products, versions_of

BATCH, LENGTH, CHANNELS, FILTERS, SIZE = 32, 28, 32, 64, 3


def versions():
    """Return the versions to time and the ratios to report; see `versions_of`."""
    import keras

    from glassnet import layers

    x = np.random.default_rng(0).standard_normal((BATCH, LENGTH, LENGTH, CHANNELS), np.float32)
    places, taps = BATCH * LENGTH**2, SIZE**2 * CHANNELS
    products = matrix_products(
        (1, places, taps, FILTERS), (1, taps, places, FILTERS), (1, places, FILTERS, taps)
    )
    return versions_of(
        layers.Conv2D(FILTERS, SIZE, padding="same"),
        keras.layers.Conv2D(FILTERS, SIZE, padding="same"),
        x,
        products,
        _textbook,
        share=BATCH,
    )


def _textbook(x, dy, weights):
    """Picture by picture, place by place, filter by filter."""
    kernel, _bias = weights  # the bias has no influence on the gradients
    edge = SIZE // 2
    dx, dkernel = np.zeros_like(x), np.zeros_like(kernel)
    for picture, dpicture, dys in zip(x, dx, dy, strict=True):
        padded = np.pad(picture, ((edge, edge), (edge, edge), (0, 0)))
        dpadded, y = np.zeros_like(padded), np.zeros_like(dys)
        for row in range(LENGTH):
            for column in range(LENGTH):
                window = padded[row : row + SIZE, column : column + SIZE]
                dwindow = dpadded[row : row + SIZE, column : column + SIZE]
                for f in range(FILTERS):
                    y[row, column, f] = (window * kernel[..., f]).sum() + _bias[f]
                    dkernel[..., f] += window * dys[row, column, f]
                    dwindow += kernel[..., f] * dys[row, column, f]
        dpicture[...] = dpadded[edge:-edge, edge:-edge]
    return [dx, dkernel, dy.sum(axis=(0, 1, 2))]
