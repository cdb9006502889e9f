"""Dropout and batch normalisation, one mini-batch at a time, in training and in use."""

from __future__ import annotations

import numpy as np

from glassnet import data, layers, losses, models, optimizers
from glassnet._validation import one_of, positive_int
from glassnet.explore.trace import Trace, exact, range_control, select, toggle

__all__ = ["dropout_picture", "dropout_trace"]

VIEWS = ("dropout", "norm")
RATES = (0.2, 0.5, 0.8)
MOMENTA = (0.5, 0.8, 0.95)
UNITS, BATCH = 6, 12
EXAMPLE = (-0.8, 0.4)  # the point that the network is asked about
MEAN, DEVIATION = 3.0, 2.0  # of the values that are normalised

TEXT = {
    "en": {
        "title": "Dropout and batch normalisation, batch by batch",
        "alt": (
            "Left: the outputs of a network with half its units dropped scatter widely, but their "
            "mean settles on the output of the whole network. Middle and right: the means and the "
            "variances of mini-batches scatter around those of the data, and the moving averages "
            "approach them from 0 and 1."
        ),
        "hint": (
            "Play the masks: no network among them says what the whole one says, but their mean? "
            "Then take batch normalisation, switch from training to use at the first batch, and "
            "again at a late one: what has changed?"
        ),
        "table": ["quantity", "value", "kept, or normalised", "passed on"],
        "view": "Show",
        "dropout": "dropout",
        "norm": "batch normalisation",
        "training": "training",
        "rate": "rate",
        "momentum": "momentum",
        "gamma": "γ",
        "beta": "β",
        "net": "the network with its mask",
        "outputs": "its output, batch by batch",
        "values": "the values of a mini-batch",
        "averages": "mean and variance",
        "batch_axis": "mini-batch",
        "output_axis": "output z",
        "mean_axis": "mean",
        "variance_axis": "variance",
        "unit": "h{j}",
        "x": "x{j}",
        "output": "output z with this mask",
        "so_far": "mean so far",
        "all_masks": "mean over all 64 masks",
        "whole": "whole network",
        "example": "value {j}",
        "batch_mean": "mean of the batch",
        "batch_variance": "variance of the batch",
        "moving_mean": "moving mean",
        "moving_variance": "moving variance",
        "data_mean": "mean of all values",
        "data_variance": "variance of all values",
        "all_values": "all values",
        "raw": "x",
        "hat": "x̂",
        "passed": "γ x̂ + β",
        "say_drop": (
            "Batch {n}: {off} of 6 units are off, the others count {scale} times. The output z is "
            "{y}; the mean so far is {mean}, the whole network says {whole}."
        ),
        "say_whole": (
            "In use nothing is dropped and nothing scaled. The output z is {whole}, exactly "
            "the mean over all masks."
        ),
        "say_norm": (
            "Batch {n} has mean {m} and variance {v}; with these it is normalised. The moving "
            "averages have come to {mm} and {mv}."
        ),
        "say_use": (
            "In use the moving averages count: {mm} and {mv}. Normalised with these, batch {n} "
            "has mean {hm} and variance {hv}."
        ),
    }
}


def dropout_trace(view="dropout", batches=40, seed=3):
    """Draw masks of a real dropout layer, and feed mini-batches to real batch normalisation.

    Parameters
    ----------
    view : str
        What is shown first, "dropout" or "norm".
    batches : int
        At most 40.
    seed : int

    Returns
    -------
    Trace
    """
    one_of(view, VIEWS, "view")
    if positive_int(batches, "batches") > 40:
        raise ValueError(f"`batches` must be at most 40. Received: batches={batches}")
    first, last = train(seed)
    values = mini_batches(batches, seed)
    moving = {momentum: moving_averages(values, momentum) for momentum in MOMENTA}
    return Trace(
        "dropout",
        text=TEXT,
        static={
            "example": EXAMPLE,
            "first": {"kernel": exact(first[0]), "bias": exact(first[1]), "activation": "tanh"},
            "last": {"kernel": exact(last[0]), "bias": exact(last[1]), "activation": "linear"},
            "masks": {str(rate): masks(rate, batches, seed) for rate in RATES},
            "batches": values,
            "moving": {str(momentum): both for momentum, both in moving.items()},
            "epsilon": normaliser(MOMENTA[0]).epsilon,
        },
        frames=[],
        controls=[
            select("view", "view", view, {name: name for name in VIEWS}),
            toggle("training", "training", True),
            range_control("rate", "rate", 0.5, values=RATES),
            range_control("momentum", "momentum", 0.8, values=MOMENTA),
            range_control("gamma", "gamma", 1, 0, 2.5, 0.1),
            range_control("beta", "beta", 0, -3, 3, 0.5),
        ],
    )


def train(seed):
    """Train a network with dropout on two moons; return kernel and bias of both layers, rounded."""
    rng = np.random.default_rng(seed)
    x, y = data.make_moons(120, 0.1, rng)
    dense = layers.Dense(UNITS, activation="tanh"), layers.Dense(1)
    model = models.Sequential([dense[0], layers.Dropout(0.2), dense[1]])
    model.build((None, 2), rng, np.float64)
    model.compile(optimizers.Adam(0.05), losses.BinaryCrossentropy(from_logits=True))
    model.fit(x, y[:, np.newaxis].astype(float), batch_size=30, epochs=60, verbose=0)
    return [[weights.round(2) for weights in layer.get_weights()] for layer in dense]


def masks(rate, batches, seed):
    """Return the masks that a dropout layer draws, one after the other, as strings of 0 and 1."""
    layer = layers.Dropout(rate)
    layer.build((None, UNITS), np.random.default_rng(seed))
    drawn = []
    for _ in range(batches):
        layer.forward(np.ones((1, UNITS), np.float32), training=True)
        drawn.append("".join("1" if kept else "0" for kept in layer.mask[0]))
    return drawn


def mini_batches(batches, seed):
    """Return the values of one unit in mini-batches, shape (batches, 12)."""
    return np.random.default_rng(seed).normal(MEAN, DEVIATION, (batches, BATCH)).round(2)


def normaliser(momentum):
    """Return an untrained layer of batch normalisation for one unit."""
    layer = layers.BatchNormalization(momentum=momentum)
    layer.build((None, 1), np.random.default_rng(0), np.float64)
    return layer


def moving_averages(values, momentum):
    """Return the moving mean and variance after each mini-batch, shape (batches, 2)."""
    layer, path = normaliser(momentum), []
    for batch in values:
        layer.forward(batch[:, np.newaxis], training=True)
        path.append([layer.state["moving_mean"][0], layer.state["moving_variance"][0]])
    return np.array(path)


def dropout_picture(trace):
    """Draw the outputs under masks and their mean, and the moving averages."""
    from glassnet import plots

    static = trace["static"]
    (w1, b1), (w2, b2) = (
        (np.array(static[key]["kernel"]), np.array(static[key]["bias"]))
        for key in ("first", "last")
    )
    h = np.tanh(np.array(static["example"]) @ w1 + b1)
    kept = np.array([[int(c) for c in mask] for mask in static["masks"]["0.5"]])
    outputs = (kept * h / 0.5) @ w2[:, 0] + b2[0]
    number = np.arange(1, len(outputs) + 1)
    axes = plots.panels(3, width=3.1, height=2.8)
    axes[0].plot(number, outputs, ".", color=plots.COLOURS[0], alpha=0.6)
    axes[0].plot(number, np.cumsum(outputs) / number, color=plots.COLOURS[0])
    axes[0].axhline(h @ w2[:, 0] + b2[0], color=plots.COLOURS[1], linestyle="--")
    values = np.array(static["batches"])
    moving = np.array(static["moving"]["0.8"])
    pairs = ((values.mean(axis=1), values.mean()), (values.var(axis=1), values.var()))
    for k, (ax, (each, whole)) in enumerate(zip(axes[1:], pairs, strict=True)):
        ax.plot(number, each, ".", color=plots.COLOURS[0], alpha=0.6)
        ax.plot(number, moving[:, k], color=plots.COLOURS[0])
        ax.axhline(whole, color=plots.COLOURS[1], linestyle="--")
    for ax, key in zip(axes, ("output_axis", "mean_axis", "variance_axis"), strict=True):
        ax.set(xlabel=plots.label(trace.text("batch_axis")), ylabel=plots.label(trace.text(key)))
    return axes[0].figure
