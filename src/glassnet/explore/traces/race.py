"""Six optimisers from one start: a ravine, a saddle, a double well; each with its own best rate."""

from __future__ import annotations

from functools import cache

import numpy as np

from glassnet import data, optimizers
from glassnet._validation import positive_int, real_in
from glassnet.explore.trace import Trace, exact, select

__all__ = ["race_picture", "race_trace"]

#: The learning rates that every method may choose from, on every surface.
RATES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)

METHODS = {
    "sgd": lambda rate: optimizers.SGD(rate),
    "momentum": lambda rate: optimizers.SGD(rate, momentum=0.8),
    "nesterov": lambda rate: optimizers.SGD(rate, momentum=0.8, nesterov=True),
    "adagrad": lambda rate: optimizers.Adagrad(rate, initial_accumulator_value=0.0),
    "rmsprop": lambda rate: optimizers.RMSprop(rate),
    "adam": lambda rate: optimizers.Adam(rate),
}
STARTS = {"ravine": (-1.9, 0.4), "saddle": (1.5, 0.01), "well": (1.7, 1.2)}
STEEP, TILT = {"saddle": 10.0, "well": 4.0}, 0.2  # curvature across; how uneven the wells are
LEVELS = {
    "ravine": [0.03, 0.1, 0.3, 0.7, 1.5, 3, 6, 11, 20, 35, 60, 100],
    "saddle": [0.01, 0.05, 0.12, 0.19, 0.25, 0.35, 0.6, 1.2, 2.5, 5, 9, 14, 20],
    "well": [0.02, 0.08, 0.18, 0.3, 0.402, 0.43, 0.4796, 0.6, 0.9, 1.4, 2.2, 3.4, 5, 7],
}

TEXT = {
    "en": {
        "title": "An optimiser race",
        "alt": (
            "Level lines of three surfaces with the paths of six optimisers from one start. In "
            "the ravine SGD and the adaptive methods are still on their way when momentum and "
            "Nesterov have arrived. At the saddle those with momentum first swing across the "
            "ridge. In the double well all but SGD get over the hill."
        ),
        "hint": (
            "Before you play, say who will be last. Then give all of them one learning rate: who "
            "is last now? And who stays behind the hill of the double well?"
        ),
        "table": ["method", "learning rate", "θ₁", "θ₂", "loss"],
        "map": "level lines of the loss, and where each method has gone",
        "standings": "the loss at each step, and who is lowest",
        "surface": "Surface",
        "follow": "Follow",
        "ravine": "ravine",
        "one": "ravine, one rate for all",
        "saddle": "saddle",
        "well": "double well",
        "all": "all six",
        "sgd": "SGD",
        "momentum": "momentum",
        "nesterov": "Nesterov",
        "adagrad": "Adagrad",
        "rmsprop": "RMSprop",
        "adam": "Adam",
        "w1": "θ₁",
        "w2": "θ₂",
        "height": "loss above the lowest",
        "step_axis": "step",
        "rate": "η",
        "minimum": "minimum",
        "ridge": "saddle",
        "deep": "deep",
        "shallow": "shallow",
        "say_start": "All six start here, with a loss of {low}.",
        "say": (
            "After {step} steps {first} is lowest, with a loss of {low}; {last} is last, with "
            "{high}."
        ),
        "count_ravine": "{n} of six are below 0.1.",
        "count_saddle": "{n} of six have left the ridge.",
        "count_well": "{n} of six are in the deeper well.",
        "say_one": "{name} has η = {rate} and is number {place}.",
    }
}  # fmt: skip


def race_trace(condition=50.0, angle=60.0, steps=32):
    """Run six optimisers of the package from one start on three surfaces.

    Each takes, on each surface, that of the `RATES` whose mean loss over the last ten steps is
    lowest; the ravine is run once more with the rate 1 / `condition` for all.

    Parameters
    ----------
    condition : float
        How much more curved the ravine is across than along, from 1 to 100.
    angle : float
        Of its steep direction against the first axis, in degrees.
    steps : int
        From 10 to 40.

    Returns
    -------
    Trace
    """
    real_in(condition, "condition", 1, 100)
    real_in(angle, "angle", -90, 90)
    if not 10 <= positive_int(steps, "steps") <= 40:
        raise ValueError(f"`steps` must be from 10 to 40. Received: steps={steps}")
    surfaces = make_surfaces(float(condition), float(angle))
    rates, paths = tuned_runs(float(condition), float(angle), steps)
    _, gradient, _ = surfaces["ravine"]
    equal = 1 / condition
    rates = rates | {"one": [equal] * len(METHODS)}
    paths = paths | {
        "one": [run(make(equal), gradient, STARTS["ravine"], steps) for make in METHODS.values()]
    }
    surface_of = {track: "ravine" if track == "one" else track for track in paths}
    return Trace(
        "race",
        text=TEXT,
        static={
            "hessian": exact(ravine_hessian(condition, angle).round(12)),
            "steep": STEEP,
            "tilt": TILT,
            "lowest": {name: surface[2][0] for name, surface in surfaces.items()},
            "marks": {name: surface[2][1] for name, surface in surfaces.items()},
            "levels": LEVELS,
            "rates": rates,
            "surface": surface_of,
            "paths": paths,
        },
        frames=[],
        controls=[
            select("surface", "surface", "ravine", {k: k for k in ("ravine", "one", *STEEP)}),
            select("follow", "follow", "all", {k: k for k in ("all", *METHODS)}),
        ],
        digits=8,
    )


def ravine_hessian(condition, angle):
    """Curvatures of a least-squares loss of `data.make_ravine`, shape (2, 2)."""
    x, _ = data.make_ravine(8, condition, np.random.default_rng(0), angle=np.deg2rad(angle))
    return x.T @ x / len(x)


def make_surfaces(condition, angle):
    """Return for each surface its loss, its gradient, and (lowest loss, points to mark).

    Parameters
    ----------
    condition, angle : float
        Of the ravine.

    Returns
    -------
    dict of str to tuple
        The loss takes an array of shape (..., 2), the gradient one of shape (2,).
    """
    hessian = ravine_hessian(condition, angle)
    k, c = STEEP["saddle"], STEEP["well"]
    deep, _, shallow = np.sort(np.roots([1, 0, -1, TILT]).real)

    def ravine(p):
        return np.einsum("...i,ij,...j", p, hessian, p) / 2

    def saddle(p):
        return k * p[..., 0] ** 2 / 2 - p[..., 1] ** 2 / 2 + p[..., 1] ** 4 / 4

    def well(p):
        x, y = p[..., 0], p[..., 1]
        return (x**2 - 1) ** 2 / 4 + TILT * x + c * y**2 / 2

    return {
        "ravine": (ravine, lambda p: hessian @ p, (0.0, [[0, 0]])),
        "saddle": (
            saddle,
            lambda p: np.array([k * p[0], p[1] ** 3 - p[1]]),
            (-0.25, [[0, 0], [0, 1], [0, -1]]),
        ),
        "well": (
            well,
            lambda p: np.array([p[0] ** 3 - p[0] + TILT, c * p[1]]),
            (well(np.array([deep, 0.0])), [[deep, 0], [shallow, 0]]),
        ),
    }


def run(optimizer, gradient, start, steps):
    """Points that an optimiser visits, the start first; shape (steps + 1, 2)."""
    theta = np.array(start, dtype=np.float64)
    path = [theta.copy()]
    for _ in range(steps):
        slope = gradient(theta)
        if np.abs(theta).max() > 1e3:  # it has left for good
            path.append(path[-1])
            continue
        optimizer.apply([slope], [theta])
        path.append(theta.copy())
    return np.array(path)


@cache
def tuned_runs(condition, angle, steps):
    """Return the best rate of each method on each surface, and the paths with these rates.

    Returns
    -------
    rates : dict of str to list of float
    paths : dict of str to list of ndarray, shape (steps + 1, 2)
    """
    rates, paths = {}, {}
    for name, (loss, gradient, _) in make_surfaces(condition, angle).items():
        rates[name], paths[name] = [], []
        for make in METHODS.values():
            runs = [run(make(rate), gradient, STARTS[name], steps) for rate in RATES]
            best = int(np.argmin([loss(path[-10:]).mean() for path in runs]))
            rates[name].append(RATES[best])
            paths[name].append(runs[best])
    return rates, paths


def race_picture(trace):
    """Draw the six paths on each of the three surfaces."""
    from glassnet import plots

    static = trace["static"]
    hessian = np.array(static["hessian"])
    surfaces = make_surfaces(50.0, 60.0)  # of the ravine only the matrix below counts
    axes = plots.panels(3, width=3.2, height=3.0)
    for ax, name in zip(axes, STARTS, strict=True):

        def height(first, second, name=name):
            p = np.stack([first, second], axis=-1)
            if name == "ravine":
                return np.einsum("...i,ij,...j", p, hessian, p) / 2
            return surfaces[name][0](p) - static["lowest"][name]

        plots.contours(
            height, (-2.2, 2.2), (-1.8, 1.8), ax=ax, levels=static["levels"][name],
            xlabel=trace.text("w1"), ylabel=trace.text("w2"),
        )  # fmt: skip
        ax.set_autoscale_on(False)
        for k, method in enumerate(METHODS):
            path = np.array(static["paths"][name][k])
            ax.plot(
                *path.T, ".-", color=plots.COLOURS[k], markersize=3, linewidth=1,
                label=plots.label(trace.text(method)),
            )  # fmt: skip
        ax.set_title(plots.label(trace.text(name)))
    axes[0].legend(fontsize=6, loc="lower left")
    return axes[0].figure
