"""The perceptron rule, update by update, between the two walls of Novikoff's proof."""

from __future__ import annotations

import itertools

import numpy as np

from glassnet import activations, data
from glassnet._validation import one_of, positive_int
from glassnet.explore.trace import Trace, range_control, select
from glassnet.perceptron import perceptron_fit, with_constant

__all__ = ["perceptron_picture", "perceptron_trace"]

BITS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
CENTRES = ((0.1, 0.15), (0.9, 0.85))
TABLES = {"and": np.array([-1, -1, -1, 1]), "xor": np.array([-1, 1, 1, -1])}
DATASETS = ("and", "clouds", "xor")
PASSES = 300

TEXT = {
    "en": {
        "title": "The perceptron between two walls",
        "alt": (
            "Left: the four rows of AND and the line that the perceptron has found. Right: the "
            "length of the weights against the number of updates. A straight wall from below and "
            "a curved wall from above enclose it; it stops after 18 updates, and the walls meet "
            "at 51."
        ),
        "hint": (
            "Play AND: how far from the bound does the rule stop, and in another order of the "
            "examples? Then play XOR: where are the weights after every fourth update?"
        ),
        "table": [
            "update", "example", "y w·x before", "w₁", "w₂", "b", "k γ", "u·w", "‖w‖", "√k R"
        ],
        "plane": "the examples, the border and the example of this update",
        "walls": "the length of the weights and the two walls",
        "x1": "x₁",
        "x2": "x₂",
        "k_axis": "updates k",
        "length": "length",
        "data": "examples",
        "and": "AND",
        "clouds": "two clouds",
        "xor": "XOR",
        "order": "order of the examples",
        "bound": "bound {bound}",
        "left": "at most {left} to go",
        "stopped": "it has stopped after {k}",
        "no_wall": "no lower wall: no line separates",
        "nothing": "w = 0: no border",
        "say_start": "All weights are 0, and so every answer counts as wrong.",
        "say_best": "The dotted border, that of u, has the largest margin γ.",
        "say_update": (
            "Update {k}: example {i} has y w·x = {score}, not above 0, and w becomes w + y x. "
            "Now {wrong} of {n} answers are wrong (hollow)."
        ),
        "say_left": "At most {left} updates are left.",
        "say_stopped": "No further update: the rule has stopped, the bound was {bound}.",
        "say_cycle": "These weights were there before, after update {before}: it goes in circles.",
    }
}  # fmt: skip


def perceptron_trace(dataset="and", orders=4, xor_passes=6, seed=120):
    """Run the perceptron rule on three sets of examples, each in several orders.

    Parameters
    ----------
    dataset : str
        What is shown first: "and", "clouds" or "xor".
    orders : int
        Orders of the examples to choose from, at most 6; the first is that of the table.
    xor_passes : int
        Passes through XOR after which to give up, at most 15.
    seed : int
        Of the two clouds; one for which a line separates them, with room to spare.

    Returns
    -------
    Trace

    Raises
    ------
    ValueError
        If an argument is out of its range, or the clouds are too close to each other.
    """
    one_of(dataset, DATASETS, "dataset")
    if positive_int(orders, "orders") > 6:
        raise ValueError(f"At most 6 orders. Received: orders={orders}")
    if positive_int(xor_passes, "xor_passes") > 15:
        raise ValueError(f"The drawing has room for 15 passes. Received: xor_passes={xor_passes}")
    sets = {name: (BITS, y, xor_passes if name == "xor" else PASSES) for name, y in TABLES.items()}
    x, label = data.make_blobs(14, 0.33, np.random.default_rng(seed), centres=CENTRES)
    sets["clouds"] = np.clip(x, -0.6, 1.6).round(2), np.where(label == 1, 1, -1), PASSES
    static = {name: _examples(*sets[name], orders) for name in DATASETS}
    clouds = static["clouds"]
    if clouds["bound"] is None or np.sqrt(clouds["bound"]) * clouds["radius"] > 14.5:
        raise ValueError(f"The clouds are too close to each other. Received: seed={seed}")
    return Trace(
        "perceptron",
        text=TEXT,
        static=static,
        frames=[],
        controls=[
            select("data", "data", dataset, {name: name for name in DATASETS}),
            range_control("order", "order", 1, values=list(range(1, orders + 1))),
        ],
    )


def _examples(x, y, passes, orders):
    """Return the examples, the best direction with its bound, and a run in each order."""
    constant = with_constant(x)
    nearest = best_direction(y[:, np.newaxis] * constant)
    radius = np.linalg.norm(constant, axis=1).max()
    facts = {"x": x, "y": y, "radius": radius, "u": None, "margin": None, "bound": None}
    if nearest is not None:
        margin = float(np.linalg.norm(nearest))
        bound = int((radius / margin) ** 2 + 1e-9)  # 51, not 50.999...
        facts |= {"u": nearest / margin, "margin": margin, "bound": bound}
    runs = []
    for number in range(orders):
        order = np.random.default_rng(number).permutation(len(x)) if number else np.arange(len(x))
        fit = perceptron_fit(constant[order], y[order], passes)
        updates = order[fit.updates]
        steps = np.cumsum(y[updates, np.newaxis] * constant[updates], axis=0)
        if not np.allclose(steps[-1], fit.weights):
            raise RuntimeError("The updates do not add up to the weights.")
        weights = np.concatenate([np.zeros((1, 3)), steps]).round(9)
        runs.append({"updates": updates, "weights": weights, "stopped": fit.converged})
    return facts | {"runs": runs}


def best_direction(z):
    """Return the point nearest to the origin of the convex hull of three-dimensional points.

    It lies on a vertex, an edge or a triangle of them; all are tried. Its direction has the
    largest margin, which is its length.

    Parameters
    ----------
    z : ndarray, shape (n, 3)
        Examples with a constant feature, times their labels.

    Returns
    -------
    ndarray, shape (3,), or None
        None if the origin itself is in the hull: then no plane separates the examples.
    """
    for size in (1, 2, 3):
        for chosen in itertools.combinations(z, size):
            corners = np.stack(chosen)
            # least ||s z||^2 with sum(s) = 1: linear equations with one multiplier
            system = np.ones((size + 1, size + 1))
            system[:size, :size], system[size, size] = corners @ corners.T, 0
            share = np.linalg.lstsq(system, np.eye(size + 1)[size], rcond=None)[0][:size]
            v = share @ corners
            if (share > -1e-12).all() and v @ v > 1e-9 and (z @ v).min() > (1 - 1e-9) * (v @ v):
                return v
    return None


def perceptron_picture(trace):
    """Draw the last border of the first choice, and its weights between the walls."""
    from glassnet import plots

    facts = trace["static"][trace["controls"][0]["value"]]
    x, y = np.array(facts["x"]), np.array(facts["y"])
    weights = np.array(facts["runs"][0]["weights"])
    left, right = plots.panels(2, width=3.7, height=3.0)

    def answer(points):
        return activations.sign(with_constant(points) @ weights[-1])

    plots.decision_regions(answer, x, y, ax=left, margin=0.5)
    k = np.arange(max(len(weights), (facts["bound"] or 0) + 1))
    names = {"xlabel": trace.text("k_axis"), "ylabel": trace.text("length"), "ax": right}
    walls = {"√k R": np.sqrt(k) * facts["radius"]}
    if facts["bound"]:
        walls["k γ"] = k * facts["margin"]
    plots.curves(k, walls, **names)
    length = np.linalg.norm(weights, axis=1)
    plots.curves(k[: len(length)], {"‖w‖": length}, **names, color="0.2", marker="o", markersize=3)
    return left.figure
