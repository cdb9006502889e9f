"""One LSTM unit that has learnt to remember, and what becomes of it with a gate held fast."""

from __future__ import annotations

import numpy as np

from glassnet import layers, losses, models, optimizers
from glassnet._validation import one_of
from glassnet.explore.trace import Trace, exact, range_control, select

__all__ = ["gates_picture", "gates_trace"]

STEPS = 16
VALUES = (0.3, -0.6, 0.8, 0.1, -0.9, 0.5, -0.3, 0.7, -0.2, 0.6, -0.7, 0.4, 0.9, -0.5, 0.2, -0.8)
CLAMPS = {"free": None, "open": 1.0, "shut": 0.0}

TEXT = {
    "en": {
        "title": "One LSTM unit remembers the marked value",
        "alt": (
            "Three drawings of what the unit says over sixteen steps with two marked values. With "
            "free gates it takes each marked value and keeps it; with the forget gate held open "
            "the second comes on top of the first; with it shut each is gone after one step."
        ),
        "hint": (
            "The unit was trained to name, at every step, the value at the latest mark. Play it: "
            "when does each gate open? Then hold the forget gate open, or shut, and move the "
            "marks: what does it remember at the end?"
        ),
        "table": [
            "step", "value", "mark", "i", "f", "o", "candidate", "cell", "hidden", "says", "true",
        ],
        "lanes": "values, gates and states, step by step",
        "now": "the present step, and what the unit says",
        "first": "First mark at step",
        "second": "Second mark at step",
        "forget": "Forget gate",
        "input": "Input gate",
        "free": "free",
        "open": "held open (1)",
        "shut": "held shut (0)",
        "lane_x": "value",
        "lane_i": "input i",
        "lane_f": "forget f",
        "lane_o": "output o",
        "lane_c": "cell c",
        "lane_h": "hidden h",
        "kept": "kept: f × c before",
        "written": "written: i × candidate",
        "sum": "cell c, their sum",
        "shown": "hidden: o × tanh c",
        "product": "{a} × {b} = {c}",
        "step_axis": "step",
        "answer_axis": "says",
        "say_marked": (
            "Step {n}: {x} is marked. Input gate {i}, forget gate {f}: the cell goes from {before} "
            "to {c}. The unit says {y}; true is {target}."
        ),
        "say_plain": (
            "Step {n}: {x} is not marked. Input gate {i}, forget gate {f}: the cell goes from "
            "{before} to {c}. The unit says {y}; true is {target}."
        ),
    }
}  # fmt: skip


def gates_trace(seed=3, first=3, second=10, forget="free"):
    """Train one LSTM unit to name the value at the latest mark; keep its weights.

    A step is a value between -1 and 1 and a mark, 0 or 1. ``Dense(1)`` on the hidden state says
    the value of the latest mark, 0 before the first. The scene runs the unit forwards, with gates
    held where the reader holds them.

    Parameters
    ----------
    seed : int
        Of weights and training data.
    first, second : int
        Steps of the two marks, from 1 to 16.
    forget : str
        "free", "open" or "shut": the forget gate at first.

    Returns
    -------
    Trace
    """
    one_of(forget, tuple(CLAMPS), "forget")
    model = trained(seed)
    lstm, dense = (layer.params for layer in model.layers)
    steps = range(1, STEPS + 1)
    return Trace(
        "gates",
        text=TEXT,
        static={
            "values": VALUES,
            "kernel": exact(lstm["kernel"]),
            "recurrent": exact(lstm["recurrent_kernel"]),
            "bias": exact(lstm["bias"]),
            "w": exact(dense["kernel"]),
            "b": exact(dense["bias"]),
        },
        frames=[],
        controls=[
            range_control("first", "first", first, values=steps),
            range_control("second", "second", second, values=steps),
            select("forget", "forget", forget, {name: name for name in CLAMPS}),
            select("input", "input", "free", {name: name for name in CLAMPS}),
        ],
    )


def sequence(values, marks):
    """Return input, shape (1, steps, 2), and what is true at each step, shape (steps,).

    Parameters
    ----------
    values : array_like, shape (steps,)
    marks : sequence of int
        Which steps are marked, from 1.
    """
    values = np.asarray(values, float)
    marked = np.isin(np.arange(1, len(values) + 1), marks)
    return np.stack([values, marked], axis=-1)[np.newaxis], latest(values, marked)


def latest(values, marked):
    """Return the value at the latest mark, 0 before the first; steps along the last axis."""
    true, now = np.zeros(values.shape), np.zeros(values.shape[:-1])
    for t in range(values.shape[-1]):
        now = np.where(marked[..., t], values[..., t], now)
        true[..., t] = now
    return true


def trained(seed, steps=200, batch=32):
    """Return ``LSTM(1), Dense(1)``, trained on sequences with marks at random places."""
    rng = np.random.default_rng(seed)
    model = models.Sequential([layers.LSTM(1, return_sequences=True), layers.Dense(1)])
    model.build((None, STEPS, 2), rng, np.float64)
    optimizer, mean_squared = optimizers.Adam(0.05), losses.MeanSquaredError()
    for _ in range(steps):
        values = rng.uniform(-1, 1, (batch, STEPS))
        marked = rng.random((batch, STEPS)) < 0.15
        prediction = model.forward(np.stack([values, marked], axis=-1), training=True)
        gradient = mean_squared.gradient(latest(values, marked)[..., np.newaxis], prediction)
        model.backward(gradient)
        optimizer.apply(model.gradients, model.trainable_weights)
    return model


def held(kernel, recurrent, bias, **clamps):
    """Return copies of an LSTM's weights with gates, by their letter, held at "open" or "shut".

    A gate that listens to nothing and has a bias of 50 is open to the last digit.
    """
    kernel, recurrent, bias = kernel.copy(), recurrent.copy(), bias.copy()
    for letter, clamp in clamps.items():
        if clamp != "free":
            k = "ifco".index(letter)
            kernel[:, k] = recurrent[:, k] = 0
            bias[k] = 50 if clamp == "open" else -50
    return kernel, recurrent, bias


def gates_picture(trace):
    """Draw the cell state with the forget gate free, open and shut."""
    from glassnet import plots

    static = trace["static"]
    marks = [control["value"] for control in trace["controls"][:2]]
    x, true = sequence(static["values"], marks)
    weights = [np.array(static[name]) for name in ("kernel", "recurrent", "bias")]
    axes = plots.panels(3, width=3.0, height=2.7, sharey=True)
    steps = np.arange(1, STEPS + 1)
    for ax, clamp in zip(axes, CLAMPS, strict=True):
        h, _ = layers.lstm_forward(x, *held(*weights, f=clamp))
        says = h[0] @ np.array(static["w"]) + np.array(static["b"])
        ax.step(steps, true, where="mid", color="0.5", linestyle="--")
        ax.plot(steps, says[:, 0], "-o", color=plots.COLOURS[0], markersize=3)
        ax.plot(marks, [static["values"][t - 1] for t in marks], "s", color=plots.COLOURS[1])
        title = f"{plots.label(trace.text('forget'))}: {plots.label(trace.text(clamp))}"
        ax.set_title(title, fontsize=10)
        ax.set_xlabel(plots.label(trace.text("step_axis")))
    axes[0].set_ylabel(plots.label(trace.text("answer_axis")))
    return axes[0].figure
