"""Hidden units as lines in the plane: a trained network put together unit by unit."""

from __future__ import annotations

import numpy as np

from glassnet import activations, data, layers, losses, models, optimizers
from glassnet._validation import one_of, positive_int
from glassnet.explore.record import record
from glassnet.explore.trace import Trace, point, select, toggle

__all__ = ["hidden_lines_picture", "hidden_lines_trace"]

DATASETS = {
    "rings": lambda rng: data.make_rings(60, 0.07, rng),
    "moons": lambda rng: data.make_moons(60, 0.14, rng),
}
STEPS = 250

TEXT = {
    "en": {
        "title": "Hidden units, put together one by one",
        "alt": (
            "Three panels of two rings of points, with one, three and all units of a trained "
            "network. One unit cuts off a piece of the plane along its line; all together "
            "enclose the inner ring with a polygon that bends where it meets the lines."
        ),
        "hint": (
            "Play: the units join one by one. Where does the boundary bend? Then switch single "
            "units off: on which side of its line does nothing change, and which unit is not "
            "needed?"
        ),
        "table": ["unit", "w₁", "w₂", "b", "h", "v", "v h"],
        "plane": "the plane, the boundary and a line for each unit",
        "parts": "what each unit adds: v h",
        "x1": "x₁",
        "x2": "x₂",
        "data": "examples",
        "rings": "rings",
        "moons": "moons",
        "at": "Your point",
        "unit_1": "unit 1",
        "unit_2": "unit 2",
        "unit_3": "unit 3",
        "unit_4": "unit 4",
        "unit_5": "unit 5",
        "unit_6": "unit 6",
        "off": "off",
        "bias": "output bias",
        "sum": "z",
        "p": "p",
        "right": "examples on the right side",
        "total": "at your point: {bias} {parts} = {z}",
        "so": "so p = {p}",
        "say_bias": (
            "No unit yet: z is the output bias, {bias}, everywhere. {right} of {n} examples are on "
            "the right side."
        ),
        "say_unit": (
            "Unit {unit} joins with v = {v}. Now {right} of {n} examples are on the right side."
        ),
        "say_all": (
            "With {on} of {units} units, {right} of {n} examples are on the right side. At your "
            "point z = {z} and p = {p}."
        ),
    }
}


def hidden_lines_trace(dataset="rings", units=6, seed=1):
    """Train a network with one hidden layer of ReLU units on each of two sets of examples.

    Parameters
    ----------
    dataset : str
        What is shown first: "rings" or "moons".
    units : int
        Hidden units, 2 to 6.
    seed : int
        Of the first weights.

    Returns
    -------
    Trace
    """
    one_of(dataset, tuple(DATASETS), "dataset")
    if not 2 <= positive_int(units, "units") <= 6:
        raise ValueError(f"`units` must be 2 to 6. Received: units={units}")
    bounds = -2.2, 2.2, 0.05
    return Trace(
        "hidden_lines",
        text=TEXT,
        static={name: train_network(name, units, seed) for name in DATASETS},
        frames=[],
        controls=[
            select("data", "data", dataset, {name: name for name in DATASETS}),
            *(toggle(f"unit{j}", f"unit_{j}", True) for j in range(1, units + 1)),
            point("at", "at", (0.9, 0.6), ("x1", *bounds), ("x2", *bounds)),
        ],
    )


def train_network(dataset, units, seed):
    """Return examples and weights of ``Dense(units, "relu"), Dense(1)``, trained with Adam.

    Parameters
    ----------
    dataset : str
    units, seed : int

    Returns
    -------
    dict
        ``x``, ``y``, and the parameters ``w1``, ``b1``, ``w2`` and ``b2``; the unit with the
        steepest contribution comes first.
    """
    x, y = DATASETS[dataset](np.random.default_rng(0))
    x = ((x - x.mean(axis=0)) / x.std(axis=0)).round(2)
    model = models.Sequential([layers.Dense(units, activation="relu"), layers.Dense(1)])
    model.build((None, 2), np.random.default_rng(seed), np.float64)
    model.compile(optimizers.Adam(0.05), losses.BinaryCrossentropy(from_logits=True))
    for _ in range(STEPS):
        model.train_on_batch(x, y[:, np.newaxis].astype(float))
    with record(model) as tape:
        model.forward(x)
    hidden, output = (layer.params for layer in tape[0])
    slope = np.linalg.norm(hidden["kernel"], axis=0) * np.abs(output["kernel"][:, 0])
    order = np.argsort(-slope)
    return {
        "x": x,
        "y": y,
        "w1": hidden["kernel"].T[order],  # a row for each unit
        "b1": hidden["bias"][order],
        "w2": output["kernel"][order, 0],
        "b2": output["bias"][0],
    }


def hidden_lines_picture(trace):
    """Draw the regions with one unit, half of the units and all, with the lines of the units."""
    from glassnet import plots

    net = {key: np.array(each) for key, each in trace["static"][_first(trace)].items()}
    units = len(net["b1"])
    axes = plots.panels(3, width=2.9, height=2.9)
    for ax, count in zip(axes, (1, units // 2, units), strict=True):

        def answer(points, count=count):
            h = activations.relu(points @ net["w1"][:count].T + net["b1"][:count])
            return h @ net["w2"][:count] + net["b2"] > 0

        names = [plots.label(trace.text(f"unit_{j}")) for j in {1, count}]
        plots.decision_regions(
            answer, net["x"], net["y"], ax=ax, margin=0.4, title=" – ".join(sorted(names))
        )
        limits = ax.get_xlim(), ax.get_ylim()
        for (a, b), c in zip(net["w1"][:count], net["b1"][:count], strict=True):
            foot = -c * np.array([a, b]) / (a * a + b * b)
            ax.axline(foot, foot + [-b, a], color="0.2", linestyle="--", linewidth=1)
        ax.set(xlim=limits[0], ylim=limits[1])
    return axes[0].figure


def _first(trace):
    """Return the name of the examples that are shown first."""
    return trace["controls"][0]["value"]
