"""A convolution sliding over an image, then pooling over what it found."""

from __future__ import annotations

import numpy as np

from glassnet import data, layers, models
from glassnet.explore.record import record
from glassnet.explore.trace import Trace, range_control, select

__all__ = ["KERNELS", "convolution_picture", "convolution_trace", "run_convolution"]

#: Kernels by name: what is bright on the right, below, around, and in the middle.
KERNELS = {
    "vertical": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "horizontal": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    "blur": [[1 / 9] * 3] * 3,
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}
STRIDES = (1, 2, 3)
PADDINGS = ("valid", "same")
POOLS = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}

TEXT = {
    "en": {
        "title": "A convolution slides over an image",
        "alt": (
            "Left: a handwritten digit of 8 by 8 pixels. Middle: the output of a kernel for "
            "vertical edges, 6 by 6, positive where it gets darker to the right and negative where "
            "it gets lighter. Right: the largest value of each window of 2 by 2, 3 by 3."
        ),
        "hint": (
            "Find the window with the largest output. Then change stride and padding: how many "
            "windows are there, and where do the zeros come in?"
        ),
        "table": ["place", "input", "weight", "product"],
        "image": "input",
        "window": "one window",
        "output": "output",
        "pooled": "after pooling",
        "kernel": "kernel",
        "stride": "stride",
        "padding": "padding",
        "pooling": "pooling 2 × 2",
        "vertical": "vertical edges",
        "horizontal": "horizontal edges",
        "blur": "blur",
        "sharpen": "sharpen",
        "valid": "valid: inside only",
        "same": "same: zeros around",
        "none": "none",
        "max": "largest",
        "average": "mean",
        "place": "row {row}, column {column}",
        "outside": "zero outside",
        "sum": "sum",
        "say_window": (
            "Window {n} of {count}, at row {row} and column {column} of the output: "
            "nine products add up to {value}."
        ),
        "say_max": "Pooling window {n} of {count}: the largest of its four values is {value}.",
        "say_average": "Pooling window {n} of {count}: the mean of its four values is {value}.",
    }
}


def convolution_trace(index=3, kernel="vertical", stride=1, padding="valid", pooling="max"):
    """Run Conv2D and pooling layers on a digit, for every choice of the controls.

    Parameters
    ----------
    index : int
        Which of the test images of ``data.load_digits`` is seen.
    kernel, stride, padding, pooling
        Where the controls stand first.

    Returns
    -------
    Trace
    """
    image = digit(index)
    outputs, pooled = {}, {}
    for name in KERNELS:
        for step in STRIDES:
            for pad in PADDINGS:
                key = f"{name} {step} {pad}"
                for kind in POOLS:
                    y, z = run_convolution(image, KERNELS[name], step, pad, kind)
                    outputs[key], pooled[f"{key} {kind}"] = y, z
    return Trace(
        "convolution",
        text=TEXT,
        static={"image": image, "kernels": KERNELS, "outputs": outputs, "pooled": pooled},
        frames=[],
        controls=[
            select("kernel", "kernel", kernel, {name: name for name in KERNELS}),
            range_control("stride", "stride", stride, values=STRIDES),
            select("padding", "padding", padding, {name: name for name in PADDINGS}),
            select("pooling", "pooling", pooling, {name: name for name in ("none", *POOLS)}),
        ],
    )


def digit(index):
    """Return a test image of the digits, shape (8, 8), whole numbers from 0 to 16."""
    _, (images, _) = data.load_digits()
    return np.rint(16 * images[index])


def run_convolution(image, kernel, stride, padding, kind):
    """Return what a real Conv2D and a real pooling layer of 2 by 2 make of an image.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
    kernel : array_like, shape (3, 3)
    stride : int
    padding : str
    kind : str
        "max" or "average".

    Returns
    -------
    convolved, pooled : ndarray, each with two axes
    """
    convolution = layers.Conv2D(1, 3, strides=stride, padding=padding, use_bias=False)
    model = models.Sequential([convolution, POOLS[kind](2)])
    model.build((None, *image.shape, 1), np.random.default_rng(0), np.float64)
    model.set_weights([np.reshape(kernel, (3, 3, 1, 1)).astype(float)])
    with record(model) as tape:
        model.forward(image[np.newaxis, :, :, np.newaxis])
    return tuple(step.output[0, :, :, 0] for step in tape[0])


def convolution_picture(trace):
    """Draw input, output and pooled output at the first choice of the controls."""
    from glassnet import plots

    static = trace["static"]
    first = {control["name"]: control["value"] for control in trace["controls"]}
    key = f"{first['kernel']} {first['stride']} {first['padding']}"
    pooled = static["pooled"].get(f"{key} {first['pooling']}")
    shown = {"image": static["image"], "output": static["outputs"][key], "pooled": pooled}
    shown = {name: np.array(values) for name, values in shown.items() if values}
    axes = plots.panels(len(shown), width=2.6, height=2.7)
    for ax, (name, values) in zip(axes, shown.items(), strict=True):
        largest = np.abs(values).max()
        low, cmap = (0, "gray_r") if name == "image" else (-largest, "RdBu_r")
        ax.imshow(values, cmap=cmap, vmin=low, vmax=largest)
        ax.set_title(plots.label(trace.text(name)))
        ax.axis("off")
        if name != "image":
            for (row, column), value in np.ndenumerate(values):
                dark = abs(value) > 0.6 * largest
                ax.text(
                    column, row, f"{value:.3g}", ha="center", va="center", fontsize=7,
                    color="white" if dark else "black",
                )  # fmt: skip
    return axes[0].figure
