"""An atlas of activation functions: value and slope, and what twenty layers make of a signal."""

from __future__ import annotations

import numpy as np

from glassnet import activations, initializers, layers, models
from glassnet._validation import one_of
from glassnet.explore.record import record
from glassnet.explore.trace import Trace, exact, range_control, select

__all__ = ["activation_picture", "activation_trace"]

NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu")
SCALES = (1, 2, 4)
DEPTH, UNITS, EXAMPLES = 20, 64, 50
SHOWN = (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20)  # layers, from 1
FLAT = 0.1  # a slope below this passes little of a gradient
EDGES = np.linspace(-3, 3, 25)  # of the bars; one more on either side for what lies beyond
CODE = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

TEXT = {
    "en": {
        "title": "Activation atlas",
        "alt": (
            "Left: tanh and its slope, which is 1 at zero and almost 0 beyond plus or minus 3. "
            "Then the distribution of outputs after 1, 5 and 20 layers for three variances of "
            "the weights: with the smallest it narrows around zero, with the largest it piles up "
            "at both ends."
        ),
        "hint": (
            "Play it: how wide are the outputs after twenty layers? Then choose others: which "
            "variance keeps the width of ReLU, and which function keeps its width at 1/n?"
        ),
        "table": ["place", "value, or mean", "slope, or spread", "share with a flat slope"],
        "curve": "the function and its slope",
        "outputs": "outputs of one layer",
        "function": "Activation",
        "scale": "Variance of the weights, times n",
        "z": "z",
        "sigmoid": "sigmoid",
        "tanh": "tanh",
        "relu": "ReLU",
        "leaky_relu": "leaky ReLU",
        "elu": "ELU",
        "selu": "SELU",
        "gelu": "GELU",
        "value_is": "φ({z}) = {value}",
        "slope_is": "slope {slope}",
        "flat_here": "shaded: slope below 0.1",
        "value_axis": "value and slope",
        "output_axis": "output",
        "layer_axis": "layer",
        "spread": "spread",
        "layer": "layer {n}",
        "beyond": "{share} % beyond",
        "say": (
            "Layer {n} of 20: mean {mean}, spread {spread}; {flat} % of the slopes are below 0.1."
        ),
        "say_fades": "The signal has faded away.",
        "say_shrinks": "The signal shrinks.",
        "say_keeps": "The signal keeps its width.",
        "say_grows": "The signal grows.",
    }
}  # fmt: skip


def activation_trace(function="tanh", scale=1, seed=3):
    """Send standard normal data through twenty dense layers, for each function and variance.

    The layers have 64 units, no biases, and kernels from a truncated normal distribution with
    the variance `scale` / 64; the same kernels, up to their size, for all functions.

    Parameters
    ----------
    function : str
        That which is shown first: "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu".
    scale : int
        1, 2 or 4: that which is shown first.
    seed : int
        Of data and kernels.

    Returns
    -------
    Trace
    """
    one_of(function, NAMES, "function")
    one_of(scale, SCALES, "scale")
    grid = np.linspace(-5, 5, 41)
    slopes = {
        name: activations.get(name).backward(np.ones_like(grid), grid, _apply(name, grid))
        for name in NAMES
    }
    return Trace(
        "activation",
        text=TEXT,
        static={
            "grid": exact(grid),
            "slopes": slopes,
            "layers": SHOWN,
            "count": UNITS * EXAMPLES,
            "runs": {name: {str(s): run(name, s, seed) for s in SCALES} for name in NAMES},
        },
        frames=[],
        controls=[
            select("function", "function", function, {name: name for name in NAMES}),
            range_control("scale", "scale", scale, values=SCALES),
            range_control("z", "z", 1, -5, 5, 0.25),
        ],
        digits=7,
    )


def _apply(name, z):
    return activations.get(name).forward(z)


def run(name, scale, seed):
    """Return for each of the layers `SHOWN` mean, spread, number of flat slopes, and bars.

    Returns
    -------
    list of [float, float, int, str]
        The bars are square roots of shares, in 61sts, a digit each; see `bars_of`.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((EXAMPLES, UNITS))
    kernels = initializers.VarianceScaling(scale, "fan_in", "truncated_normal")
    model = models.Sequential()
    for _ in range(DEPTH):
        model.add(layers.Dense(UNITS, use_bias=False, kernel_initializer=kernels))
        model.add(layers.Activation(name))
    model.build((None, UNITS), rng, np.float64)
    with record(model) as tape:
        model.forward(x)
    found = []
    for number in SHOWN:
        entry = tape[0][2 * number - 1]
        z, a = entry.input, entry.output
        slope = activations.get(name).backward(np.ones_like(z), z, a)
        flat = int(np.count_nonzero(np.abs(slope) < FLAT))
        found.append([a.mean(), a.std(), flat, _encoded(a)])
    return found


def _encoded(values):
    """Return a digit for each bar: the root of the share of values in it."""
    inside = np.searchsorted(EDGES, values.ravel())  # 0: below all edges
    share = np.bincount(inside, minlength=len(EDGES) + 1) / values.size
    return "".join(CODE[k] for k in np.ceil(61 * np.sqrt(share) - 0.5).astype(int))


def bars_of(digits):
    """Return the share of values in each bar, shape (26,), from its digits."""
    return np.array([(CODE.index(digit) / 61) ** 2 for digit in digits])


def activation_picture(trace):
    """Draw the function, its slope, and the outputs of three layers for each variance."""
    from glassnet import plots

    static = trace["static"]
    name = trace["controls"][0]["value"]
    axes = plots.panels(4, width=2.4, height=2.6)
    z = np.array(static["grid"])
    both = {trace.text(name): _apply(name, z), "slope": static["slopes"][name]}
    plots.curves(z, both, xlabel=trace.text("z"), ylabel=trace.text("value_axis"), ax=axes[0])
    at = np.concatenate([[-3.125], (EDGES[1:] + EDGES[:-1]) / 2, [3.125]])
    for ax, scale in zip(axes[1:], SCALES, strict=True):
        for number, colour in zip((1, 5, 20), plots.COLOURS, strict=False):
            bars = bars_of(static["runs"][name][str(scale)][SHOWN.index(number)][3])
            text = plots.label(f"{trace.text('layer_axis')} {number}")
            ax.step(at, bars, where="mid", color=colour, label=text)
        ax.set(xlabel=plots.label(trace.text("output_axis")), title=f"{scale}/n", yticks=[])
    axes[1].legend(fontsize=7)
    return axes[0].figure
