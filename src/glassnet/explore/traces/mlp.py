"""Forward, backward, update: a two-layer perceptron learning from one example at a time."""

from __future__ import annotations

import numpy as np

from glassnet import activations, data, layers, losses, models, optimizers
from glassnet._validation import one_of, positive_int
from glassnet.explore.record import record
from glassnet.explore.trace import Trace, point, toggle

__all__ = ["mlp_picture", "mlp_trace"]

DATA = {
    "xor": lambda rng: data.make_xor(36, 0.14, rng),
    "moons": lambda rng: data.make_moons(36, 0.12, rng),
    "rings": lambda rng: data.make_rings(36, 0.05, rng),
}

TEXT = {
    "en": {
        "title": "A network learns, one example at a time",
        "alt": (
            "Left: the plane coloured by the untrained network, its boundary in the wrong place. "
            "Middle: after training, each class has its own regions. Right: the loss stays level "
            "at first, then falls steeply."
        ),
        "hint": (
            "Play it once. Then step: signals go right, gradients come back, and each weight "
            "moves against its gradient."
        ),
        "table": ["quantity", "value", "gradient", "after the update"],
        "network": "the network",
        "plane": "its answer for every point of the plane",
        "loss_axis": "mean loss",
        "step_axis": "training step",
        "stages": "Show each stage of a step",
        "probe": "Try a point of your own",
        "probe_point": "Your point",
        "x1": "x₁",
        "x2": "x₂",
        "loss": "loss",
        "mean": "mean loss",
        "target": "target {y}",
        "at": "Training step {n}",
        "say_hidden": "Forward: each hidden unit adds up its inputs and takes tanh.",
        "say_output": "Forward: the output is p = {p}, the target is {y}, the loss {loss}.",
        "say_delta": "Backward: the loss pulls at the output with δ = p − y = {delta}.",
        "say_back": "Backward: through the weights, each hidden unit gets its share of δ.",
        "say_update": "Update: each weight moves by −{rate} times its gradient.",
        "say_training": "The mean loss over all examples is {mean}; this example gets p = {p}.",
        "say_probe": "For your point ({x1}, {x2}) the network says p = {p}.",
    }
}


def mlp_trace(
    dataset="xor", units=4, activation="tanh", learning_rate=0.3, steps=300, frames=30, seed=3
):
    """Train a network ``Dense(units), Dense(1)`` and record some of its steps.

    Parameters
    ----------
    dataset : str
        "xor", "moons" or "rings".
    units : int
        Hidden units, at most 5.
    activation : str
        Of the hidden units: "tanh", "sigmoid" or "relu".
    learning_rate : float
    steps : int
        Training steps, each with one example.
    frames : int
        How many of them are kept, close together at first.
    seed : int
        Of data, weights and order.

    Returns
    -------
    Trace
    """
    one_of(dataset, tuple(DATA), "dataset")
    one_of(activation, ("tanh", "sigmoid", "relu"), "activation")
    if positive_int(units, "units") > 5:
        raise ValueError(f"The drawing has room for 5 units. Received: units={units}")
    positive_int(steps, "steps")
    rng = np.random.default_rng(seed)
    x, y = DATA[dataset](rng)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    x, y = x.round(3), y[:, np.newaxis].astype(float)
    model = build_network(units, activation, learning_rate, rng)
    order = example_order(len(x), steps, rng)
    kept = frame_numbers(steps, frames)
    with record(model, when=set(kept).__contains__) as tape:
        means = []
        for number, example in enumerate(order):
            if number in kept:
                means.append(_mean_loss(model, x, y))
            model.train_on_batch(x[[example]], y[[example]])
    reach = float(np.ceil(10 * np.abs(x).max() + 1) / 10)
    bounds = -reach, reach, 0.05
    return Trace(
        "mlp",
        text=TEXT,
        static={
            "x": x,
            "y": y[:, 0].astype(int),
            "units": units,
            "activation": activation,
            "rate": learning_rate,
            "reach": reach,
        },
        frames=[
            _frame(step, number, order[number], mean)
            for step, number, mean in zip(tape.steps, tape.numbers, means, strict=True)
        ],
        controls=[
            toggle("stages", "stages", True),
            toggle("probe", "probe"),
            point("at", "probe_point", (0, 0), ("x1", *bounds), ("x2", *bounds)),
        ],
    )


def build_network(units, activation, learning_rate, rng):
    """Return the untrained model of the scene."""
    hidden = layers.Dense(units, activation=activation)
    model = models.Sequential([hidden, layers.Dense(1, activation="sigmoid")])
    model.build((None, 2), rng, np.float64)
    model.compile(optimizers.SGD(learning_rate), "binary_crossentropy")
    return model


def example_order(n, steps, rng):
    """Return the index of the example of every step: each pass in an order of its own."""
    passes = -(-(steps + 1) // n)
    return np.concatenate([rng.permutation(n) for _ in range(passes)])[: steps + 1]


def frame_numbers(steps, frames):
    """Return the numbers of the steps to show: the first four, then ever further apart."""
    later = np.linspace(2, np.sqrt(steps), max(frames - 4, 2)) ** 2
    return sorted({0, 1, 2, 3, *later.round().astype(int).tolist()})


def _mean_loss(model, x, y):
    """Loss over all examples, without a trace on the tape (the layers' pure functions)."""
    _, p = _forward(x, *[layer.params for layer in model.layers], model.layers[0].activation.name)
    return float(losses.get("binary_crossentropy")(y, p))


def _forward(x, first, second, activation):
    """Return hidden values and output, from the pure functions."""
    z, _ = layers.dense_forward(x, first["kernel"], first["bias"])
    h = activations.get(activation).forward(z)
    z, _ = layers.dense_forward(h, second["kernel"], second["bias"])
    return h, activations.sigmoid(z)


def _frame(step, number, example, mean):
    """Return what the scene shows of one step: weights before it, gradients, losses."""
    first, second = step
    return {
        "n": number,
        "i": int(example),
        "w1": first.params["kernel"],
        "b1": first.params["bias"],
        "w2": second.params["kernel"],
        "b2": second.params["bias"],
        "g1": first.grads["kernel"],
        "d1": first.grads["bias"],  # of one example: the delta of each unit
        "g2": second.grads["kernel"],
        "d2": second.grads["bias"],
        "mean": mean,
    }


def mlp_picture(trace):
    """Draw the plane before and after training, and the loss."""
    from glassnet import plots

    static, frames = trace["static"], trace["frames"]
    x, y = np.array(static["x"]), np.array(static["y"])
    axes = plots.panels(3, width=2.7, height=2.6)
    for ax, frame in zip(axes, (frames[0], frames[-1]), strict=False):
        first = {"kernel": np.array(frame["w1"]), "bias": np.array(frame["b1"])}
        second = {"kernel": np.array(frame["w2"]), "bias": np.array(frame["b2"])}

        def answer(points, first=first, second=second):
            return _forward(points, first, second, static["activation"])[1][:, 0] > 0.5

        title = f"{plots.label(trace.text('step_axis'))} {frame['n']}"
        plots.decision_regions(answer, x, y, ax=ax, margin=0.3, title=title)
    plots.curves(
        [frame["n"] for frame in frames],
        {"loss": [frame["mean"] for frame in frames]},
        xlabel=trace.text("step_axis"), ylabel=trace.text("loss_axis"), ax=axes[2], legend=False,
    )  # fmt: skip
    return axes[0].figure
