"""The numbers of the scene convolution: from the pure functions, window by window."""

from __future__ import annotations

import numpy as np

from glassnet import data, layers
from glassnet.explore.traces.convolution import KERNELS

CASES = [
    (0, {}),
    (17, {}),
    (40, {}),
    (44, {"pooling": "average"}),
    (63, {"padding": "same"}),
    (79, {"padding": "same", "kernel": "blur", "pooling": "average"}),
    (15, {"padding": "same", "stride": 2, "kernel": "sharpen"}),
    (8, {"stride": 3, "padding": "same", "kernel": "horizontal"}),
    (3, {"stride": 3, "pooling": "none"}),
]


def rows(step, values):
    _, (images, _) = data.load_digits()
    image, kernel = 16 * images[3], np.array(KERNELS[values["kernel"]], float)
    options = {"strides": values["stride"], "padding": values["padding"]}
    output, cache = layers.conv_forward(
        image[np.newaxis, :, :, np.newaxis], kernel[:, :, np.newaxis, np.newaxis], **options
    )
    output = output[0, :, :, 0]
    if step >= output.size:
        height, width = output.shape[0] // 2, output.shape[1] // 2
        row, column = np.unravel_index(step - output.size, (height, width))
        four = output[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        result = four.max() if values["pooling"] == "max" else four.mean()
        return [[value, None, None] for value in four.ravel()] + [[None, None, result]]
    padded = cache[0][0, :, :, 0]
    row, column = (values["stride"] * n for n in np.unravel_index(step, output.shape))
    window = padded[row : row + 3, column : column + 3]
    table = [[a, w, a * w] for a, w in zip(window.ravel(), kernel.ravel(), strict=True)]
    return [*table, [None, None, output.flat[step]]]
