"""Gradient descent on a surface: where it settles, swings, and flies away."""

from __future__ import annotations

import numpy as np

from glassnet import data, layers, models, optimizers
from glassnet._validation import positive_int
from glassnet.explore.record import record
from glassnet.explore.trace import Trace, exact, point, range_control

__all__ = ["descent_picture", "descent_trace"]

RATES = (
    0.005,
    0.01,
    0.02,
    0.03,
    0.04,
    0.05,
    0.06,
    0.07,
    0.08,
    0.09,
    0.1,
    0.105,
    0.11,
    0.112,
    0.115,
    0.12,
)

TEXT = {
    "en": {
        "title": "Gradient descent, and how fast is too fast",
        "alt": (
            "Left: level lines of a narrow valley with three paths of gradient descent from one "
            "start. A small learning rate creeps, a medium one settles, a large one swings from "
            "side to side and leaves the picture. Right: the loss of each over the steps."
        ),
        "hint": (
            "Raise the learning rate until the steps swing across the valley, then until they fly "
            "out of it. Then drag the start: does the limit move?"
        ),
        "table": ["step", "w₁", "w₂", "loss", "distance across", "distance along"],
        "surface": "the loss over the two weights, seen from above",
        "losses": "the loss at each step",
        "w1": "w₁",
        "w2": "w₂",
        "loss": "loss",
        "step_axis": "step",
        "rate": "learning rate η",
        "start": "Start",
        "across": "across",
        "along": "along",
        "factors": "a step multiplies the distance by",
        "say": (
            "Step {step}: the loss is {loss}. Each step multiplies the distance to the minimum by "
            "{across} across the valley and by {along} along it. {verdict}"
        ),
        "creeps": "Both shrink it; neither overshoots.",
        "swings": "The minus sign means it overshoots and comes back from the other side.",
        "diverges": "A factor beyond −1: every step ends further away.",
        "leaves": "the path has left the picture",
    }
}


def descent_trace(condition=9.0, steps=30, rates=RATES, seed=0):
    """Run gradient descent on a least-squares loss from two starts, for several learning rates.

    The model is ``Dense(1)`` without bias. Its loss is quadratic, so that the distance to the
    minimum after a step depends linearly on that before: the runs from the two principal axes
    determine those from every other start.

    Parameters
    ----------
    condition : float
        How much steeper the valley is across than along, above 1.
    steps : int
    rates : sequence of float
        Learning rates, ascending.
    seed : int

    Returns
    -------
    Trace
    """
    positive_int(steps, "steps")
    x, y = data.make_ravine(24, condition, np.random.default_rng(seed), angle=np.pi / 3)
    minimum = np.ones(2)
    curvature = 2 * x.T @ x / len(x)  # of the mean squared error
    _, axes = np.linalg.eigh(curvature)
    axes = axes.T[::-1]  # rows: the steep direction first
    axes *= np.sign(axes[:, :1])
    runs = []
    for rate in rates:
        paths = [run_descent(x, y, minimum + axis, rate, steps) - minimum for axis in axes]
        runs.append([path @ axis for path, axis in zip(paths, axes, strict=True)])
    first = rates[len(rates) // 5]
    return Trace(
        "descent",
        text=TEXT,
        static={
            "minimum": minimum,
            "axes": exact(axes),
            "curvature": exact(curvature),
            "rates": list(rates),
        },
        frames=[
            {"across": [run[0][t] for run in runs], "along": [run[1][t] for run in runs]}
            for t in range(steps + 1)
        ],
        controls=[
            range_control("rate", "rate", first, values=rates),
            point("start", "start", (-1.5, 1.5), ("w1", -2, 4, 0.1), ("w2", -1.5, 3.5, 0.1)),
        ],
        digits=9,
    )


def run_descent(x, y, start, rate, steps):
    """Train a real ``Dense(1)`` on all data at once and return its weights at every step.

    Parameters
    ----------
    x : ndarray, shape (n, 2)
    y : ndarray, shape (n, 1)
    start : array_like, shape (2,)
    rate : float
    steps : int

    Returns
    -------
    ndarray, shape (steps + 1, 2)
    """
    layer = layers.Dense(1, use_bias=False)
    model = models.Sequential([layer])
    model.build((None, 2), np.random.default_rng(0), np.float64)
    model.set_weights([np.reshape(start, (2, 1))])
    model.compile(optimizers.SGD(rate), "mean_squared_error")
    with record(model) as tape:
        for _ in range(steps + 1):
            model.train_on_batch(x, y)
    return tape.stack(0, "params", "kernel")[:, :, 0]


def descent_picture(trace):
    """Draw three learning rates from one start: too small, good, too large."""
    from glassnet import plots

    static = trace["static"]
    minimum, axes = np.array(static["minimum"]), np.array(static["axes"])
    curvature = np.array(static["curvature"])
    start = np.array(trace["controls"][1]["value"]) - minimum
    limit = 2 / np.linalg.eigvalsh(curvature).max()  # above it gradient descent diverges
    chosen = [np.argmin(np.abs(np.array(static["rates"]) / limit - s)) for s in (0.1, 0.8, 1.05)]
    paths, shown = {}, trace["frames"][:16]
    for k in chosen:
        along = np.array([[frame["across"][k], frame["along"][k]] for frame in shown])
        paths[f"η = {static['rates'][k]:g}"] = minimum + along * (axes @ start) @ axes

    def loss(first, second):
        d = np.stack([first, second], axis=-1) - minimum
        return 0.5 * np.einsum("...i,ij,...j", d, curvature, d)

    left, right = plots.panels(2, width=3.7, height=3.0)
    plots.contours(loss, (-2.4, 4.4), (-1.8, 3.8), ax=left, levels=14, xlabel="w₁", ylabel="w₂")
    left.set_autoscale_on(False)
    for colour, path in zip(plots.COLOURS, paths.values(), strict=False):
        left.plot(*path.T, "-o", color=colour, markersize=3, linewidth=1.2)
    plots.curves(
        range(len(shown)),
        {name: loss(*path.T) for name, path in paths.items()},
        xlabel=trace.text("step_axis"), ylabel=trace.text("loss"), ax=right,
    )  # fmt: skip
    right.set_yscale("log")
    return left.figure
