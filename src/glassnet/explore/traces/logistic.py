"""Logistic regression at a point: distance from the border, probability, loss."""

from __future__ import annotations

import numpy as np

from glassnet import activations, data, layers, losses, models, optimizers
from glassnet._validation import positive_int, real_in
from glassnet.explore.record import record
from glassnet.explore.trace import Trace, point, range_control, select

__all__ = ["logistic_picture", "logistic_trace"]

CENTRES = ((-0.8, -0.5), (0.8, 0.5))

TEXT = {
    "en": {
        "title": "From distance to probability to loss",
        "alt": (
            "Left: two overlapping groups of points and the straight border that training has "
            "found, the plane coloured by the more probable label. Right: probability against "
            "signed distance, an S-shaped curve, with each example at its distance and at its "
            "label, 0 or 1."
        ),
        "hint": (
            "Play the four steps, then drag the point. Lengthen w: which of distance, probability "
            "and loss stays as it is? In the last step, turn the border: how close to the mean "
            "loss of the trained unit do you come?"
        ),
        "table": ["point", "label", "signed distance d", "z", "p", "loss"],
        "plane": "the plane, its border and your point",
        "curves": "probability and loss against signed distance",
        "x1": "x₁",
        "x2": "x₂",
        "d": "signed distance d",
        "p": "p",
        "loss": "loss",
        "angle": "direction of w, in degrees",
        "length": "length of w",
        "shift": "shift of the border",
        "label": "label of your point",
        "of": "label {y}",
        "label_0": "0",
        "label_1": "1",
        "at": "Your point",
        "your": "your point",
        "example": "example {n}",
        "mean": "mean loss of the examples",
        "trained": "after training",
        "say_distance": (
            "Your point lies {size} from the border, on the side of label {side}: d = {d}."
        ),
        "say_probability": (
            "z = ‖w‖ d = {length} · {d} = {z}. The sigmoid makes of it p = {p}, the probability of "
            "label 1."
        ),
        "say_loss": (
            "Its label is {y}, which the model gives the probability {q}: the loss is {loss}."
        ),
        "say_mean": (
            "The mean loss of the {n} examples is {mean} with this border; training has brought it "
            "down to {best}."
        ),
    }
}


def logistic_trace(n=16, noise=0.7, steps=300, seed=18):
    """Draw two overlapping groups of points and train a logistic regression on them.

    Parameters
    ----------
    n : int
        Examples, at most 60.
    noise : float
        Spread of each group; below about 0.4 a line separates them.
    steps : int
        Steps of the training, each with all examples.
    seed : int

    Returns
    -------
    Trace
    """
    if positive_int(n, "n") > 60:
        raise ValueError(f"The drawing has room for 60 examples. Received: n={n}")
    real_in(noise, "noise", 0)
    positive_int(steps, "steps")
    x, y = data.make_blobs(n, noise, np.random.default_rng(seed), centres=CENTRES)
    x = np.clip(x, -2.3, 2.3).round(2)
    kernel, bias, mean = train_unit(x, y, steps)
    bounds = -2.3, 2.3, 0.05
    return Trace(
        "logistic",
        text=TEXT,
        static={"x": x, "y": y, "trained": {"w": kernel[:, 0], "b": bias[0], "mean": mean}},
        frames=[],
        controls=[
            range_control("angle", "angle", 100, -180, 180, 5),
            range_control("length", "length", 1.5, 0.5, 5, 0.1),
            range_control("shift", "shift", 0.3, -1.4, 1.4, 0.05),
            select("label", "label", 1, {1: "label_1", 0: "label_0"}),
            point("at", "at", (0.9, 1.15), ("x1", *bounds), ("x2", *bounds)),
        ],
    )


def train_unit(x, y, steps):
    """Train ``Dense(1)`` on the binary cross-entropy; return kernel, bias and last mean loss.

    Parameters
    ----------
    x : ndarray, shape (n, 2)
    y : ndarray of int, shape (n,)
    steps : int

    Returns
    -------
    kernel : ndarray, shape (2, 1)
    bias : ndarray, shape (1,)
    mean : float
    """
    loss = losses.BinaryCrossentropy(from_logits=True)
    model = models.Sequential([layers.Dense(1)])
    model.build((None, 2), np.random.default_rng(0), np.float64)
    model.set_weights([np.zeros((2, 1)), np.zeros(1)])
    model.compile(optimizers.SGD(1.0), loss)
    targets = y[:, np.newaxis].astype(x.dtype)
    with record(model, when=steps.__eq__) as tape:  # the step after the last update
        for _ in range(steps):
            model.train_on_batch(x, targets)
        model.forward(x)
    last = tape[0][0]
    return last.params["kernel"], last.params["bias"], float(loss(targets, last.output))


def logistic_picture(trace):
    """Draw the border of the trained unit, and the examples on its sigmoid."""
    from glassnet import plots

    static = trace["static"]
    x, y = np.array(static["x"]), np.array(static["y"])
    w, b = np.array(static["trained"]["w"]), static["trained"]["b"]
    length = np.linalg.norm(w)
    left, right = plots.panels(2, width=3.7, height=3.0)
    plots.decision_regions(lambda points: points @ w + b > 0, x, y, ax=left, margin=0.4)
    left.set_aspect("equal")
    distance = np.linspace(-3, 3, 241)
    plots.curves(
        distance, {"": activations.sigmoid(length * distance)}, xlabel=trace.text("d"),
        ylabel=trace.text("p"), ax=right, legend=False, color="0.3",
    )  # fmt: skip
    at = np.stack([(x @ w + b) / length, y], axis=1)
    plots.points(at, y, ax=right, xlabel=trace.text("d"), ylabel=trace.text("p"), size=30)
    return left.figure
