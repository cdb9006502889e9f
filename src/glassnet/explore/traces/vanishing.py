"""Vanishing and exploding gradients: one backward pass through many layers, layer by layer."""

from __future__ import annotations

import numpy as np

from glassnet import initializers, layers, models
from glassnet._validation import one_of
from glassnet.explore.record import record
from glassnet.explore.trace import Trace, range_control, select

__all__ = ["vanishing_picture", "vanishing_trace"]

DEPTHS = (4, 8, 16, 30)
WIDTH, EXAMPLES = 50, 12
ACTIVATIONS = ("sigmoid", "tanh", "relu", "selu")
STARTS = {
    "small": initializers.RandomNormal(stddev=0.01),
    "glorot": "glorot_normal",
    "lecun": "lecun_normal",
    "he": "he_normal",
}

TEXT = {
    "en": {
        "title": "A gradient on its way down",
        "alt": (
            "Left: length of delta against layer for ReLU and four initialisations, on a "
            "logarithmic scale: only He's stays level. Right: with He's initialisation, ReLU is "
            "level, tanh and SELU grow, and sigmoid falls."
        ),
        "hint": (
            "Play the backward pass: how much is left at layer 1? Then choose a cell of the table: "
            "which pairs stay level at any depth? Look at the gradient of the kernels, too: with "
            "ReLU and weights of 0.01, which layer has the smallest?"
        ),
        "table": ["layer", "length of δ", "times that above", "gradient of the kernel"],
        "bars": "length at each layer, on a logarithmic scale",
        "grid": "what arrives at layer 1",
        "depth": "Layers",
        "activation": "Activation",
        "start": "Initial weights",
        "what": "Show",
        "delta": "δ, relative to the last layer",
        "kernel": "gradient of the kernel",
        "sigmoid": "sigmoid",
        "tanh": "tanh",
        "relu": "ReLU",
        "selu": "SELU",
        "small": "normal 0.01",
        "glorot": "Glorot",
        "lecun": "LeCun",
        "he": "He",
        "layer_axis": "layer",
        "length_axis": "length",
        "layer": "layer {n}",
        "say_first": "Layer {n} of {depth}, the last: δ has the length 1 here, to compare with.",
        "say": (
            "Layer {n} of {depth}: δ has the length {delta}, {factor} times that of layer {above}."
        ),
        "said_kernel": (
            "Layer {n} of {depth}: the kernel's gradient has the length {kernel}, and δ {delta}."
        ),
        "verdict_vanishes": "On average {mean} a layer: it vanishes.",
        "verdict_level": "On average {mean} a layer: nearly level.",
        "verdict_explodes": "On average {mean} a layer: it explodes.",
    }
}  # fmt: skip


def vanishing_trace(depth=16, activation="sigmoid", start="glorot", seed=5):
    """Send a random gradient down through dense layers, for each activation and initialisation.

    All layers have 50 units and no bias that differs from zero. Kept are two lengths for every
    layer: that of delta, the gradient by the weighted sums, and that of the gradient by the
    kernel; both for a loss whose delta has the length 1 at the last layer.

    Parameters
    ----------
    depth : int
        4, 8, 16 or 30: that which is shown first.
    activation : str
        "sigmoid", "tanh", "relu" or "selu".
    start : str
        "small" (normal with standard deviation 0.01), "glorot", "lecun" or "he".
    seed : int
        Of weights, data and gradient.

    Returns
    -------
    Trace
    """
    one_of(depth, DEPTHS, "depth")
    one_of(activation, ACTIVATIONS, "activation")
    one_of(start, tuple(STARTS), "start")
    runs = {
        f"{name} {begin}": {str(d): run(name, begin, d, seed) for d in DEPTHS}
        for name in ACTIVATIONS
        for begin in STARTS
    }
    return Trace(
        "vanishing",
        text=TEXT,
        static={"runs": runs},
        frames=[],
        controls=[
            range_control("depth", "depth", depth, values=DEPTHS),
            select("activation", "activation", activation, {name: name for name in ACTIVATIONS}),
            select("start", "start", start, {name: name for name in STARTS}),
            select("what", "what", "delta", {"delta": "delta", "kernel": "kernel"}),
        ],
        digits=8,
    )


def run(activation, start, depth, seed):
    """Return two lists over the layers, the last layer first.

    Returns
    -------
    list of two lists of float
        By what factor delta differs from that of the layer above, 1 for the last; and the length
        of the kernel's gradient divided by that of delta.
    """
    deltas, kernels = lengths(activation, start, depth, seed)
    factors = np.ones(depth)
    factors[1:] = deltas[1:] / deltas[:-1]
    return [factors, kernels / deltas]


def lengths(activation, start, depth, seed):
    """Return the lengths of delta and of the kernel's gradient, the last layer first."""
    model = models.Sequential()
    for _ in range(depth):
        model.add(layers.Dense(WIDTH, kernel_initializer=STARTS[start]))
        model.add(layers.Activation(activation))
    model.build((None, WIDTH), np.random.default_rng(seed), np.float64)
    rng = np.random.default_rng(seed + 1)
    x, dy = rng.standard_normal((2, EXAMPLES, WIDTH))
    with record(model) as tape:
        model.forward(x)
        model.backward(dy)
    dense = tape[0][::-1][1::2]
    deltas = np.array([np.linalg.norm(entry.output_gradient) for entry in dense])
    kernels = np.array([np.linalg.norm(entry.grads["kernel"]) for entry in dense])
    return deltas / deltas[0], kernels / deltas[0]  # all is linear in the gradient that came in


def vanishing_picture(trace):
    """Draw the lengths of delta for each initialisation of ReLU, and each activation with He's."""
    from glassnet import plots

    runs, depth = trace["static"]["runs"], 30
    delta = lambda key: np.cumprod(runs[key][str(depth)][0])[::-1]  # noqa: E731
    axes = plots.panels(2, width=3.9, height=3.0, sharey=True)
    by_start = {trace.text(start): delta(f"relu {start}") for start in STARTS}
    by_name = {trace.text(name): delta(f"{name} he") for name in ACTIVATIONS}
    number = np.arange(1, depth + 1)
    titles = (trace.text("relu"), trace.text("he"))
    for ax, series, title in zip(axes, (by_start, by_name), titles, strict=True):
        plots.curves(
            number, series, xlabel=trace.text("layer_axis"), ylabel=trace.text("length_axis"),
            title=title, ax=ax,
        )  # fmt: skip
        ax.set_yscale("log")
        ax.set_ylim(1e-18, 1e6)
    return axes[0].figure
