"""Gibbs sampling in a restricted Boltzmann machine that has learnt some digits."""

from __future__ import annotations

from functools import cache

import numpy as np

from glassnet import data, models, optimizers
from glassnet._validation import positive_int
from glassnet.explore.trace import Trace, exact, range_control, select

__all__ = ["gibbs_picture", "gibbs_trace"]

DIGITS = (0, 3, 4, 7)
HIDDEN, EPOCHS, RUNS = 24, 40, 3
SHOWN = 14  # of the test digits: a 3 whose upper half could be that of a 7
STARTS = ("noise", "digit", "half")

TEXT = {
    "en": {
        "title": "Gibbs sampling: pixels, hidden units, pixels again",
        "alt": (
            "Above: a chain that begins with random pixels, which form strokes of a digit after a "
            "few Gibbs steps. Below: the covered lower half of a 3 is filled in, and becomes that "
            "of a 7. Right: both free energies fall steeply within five steps, to that of real "
            "digits, and then go up and down."
        ),
        "hint": (
            "Play the chain from noise: when do you see a digit, and where is the free energy "
            "then? Then cover half a 3, and throw the dice again: what else can it become? Click "
            "a hidden unit to see what it looks for."
        ),
        "table": ["quantity", "value"],
        "start": "Start from",
        "noise": "noise",
        "digit": "a 3",
        "half": "half a 3",
        "run": "throw of the dice",
        "unit": "hidden unit",
        "visible": "visible units",
        "hidden": "hidden units",
        "third": "one hidden unit, and the free energy",
        "weights": "weights of unit {j}",
        "sum": "sum",
        "chance": "probability",
        "drawn": "drawn",
        "held": "in the frame: held fast",
        "free": "free energy F(v)",
        "energy": "energy E(v, h)",
        "pixels": "pixels on",
        "on": "hidden units on",
        "mean": "mean F of test digits",
        "step_axis": "Gibbs step",
        "level": "test digits",
        "say_start": (
            "The start. Its free energy is {f}; that of a digit never seen is {level} on average."
        ),
        "say_hidden": (
            "Up: each hidden unit adds up its pixels and throws its own die. {n} of {of} are on."
        ),
        "say_visible": (
            "Down: each pixel is drawn, given the hidden units. Gibbs step {k}: the free energy "
            "is {f}."
        ),
        "say_half": (
            "Down: the covered pixels are drawn, the others held. Gibbs step {k}: the free energy "
            "is {f}."
        ),
    }
}


def gibbs_trace(steps=15, seed=0):
    """Train a restricted Boltzmann machine on four digits and run Gibbs chains from three starts.

    Parameters
    ----------
    steps : int
        Gibbs steps of every chain, at most 15.
    seed : int
        Of the training and of the chains.

    Returns
    -------
    Trace
    """
    if positive_int(steps, "steps") > 15:
        raise ValueError(f"`steps` must be at most 15. Received: steps={steps}")
    kernel, visible_bias, hidden_bias = train(seed)
    tests = digits()[1]
    level = models.free_energy(tests, kernel, visible_bias, hidden_bias).mean()
    chains = {
        f"{start} {number}": chain(start, number, steps, seed)
        for start in STARTS
        for number in range(1, RUNS + 1)
    }
    return Trace(
        "gibbs",
        text=TEXT,
        static={
            "kernel": exact(kernel),
            "visible_bias": exact(visible_bias),
            "hidden_bias": exact(hidden_bias),
            "level": level,
            "known": known().astype(int),
            "chains": {
                name: {"v": [packed(v) for v, _ in path], "h": [packed(h) for _, h in path]}
                for name, path in chains.items()
            },
        },
        frames=[],
        controls=[
            select("start", "start", STARTS[0], {name: name for name in STARTS}),
            range_control("run", "run", 1, values=range(1, RUNS + 1)),
            range_control("unit", "unit", 1, 1, HIDDEN, 1),
        ],
        digits=9,
    )


@cache
def digits():
    """Return the images of `DIGITS` as bits, for training and for tests, shape (n, 64)."""
    return tuple(
        (x[np.isin(y, DIGITS)] > 0.5).reshape(-1, 64).astype(np.float64)
        for x, y in data.load_digits()
    )


@cache
def train(seed):
    """Train the machine; return kernel, shape (64, 24), and both biases, rounded to 0.01."""
    machine = models.RBM(64, HIDDEN)
    machine.build(np.random.default_rng(seed), np.float64)
    machine.compile(optimizers.SGD(0.3, momentum=0.5))
    machine.fit(digits()[0], batch_size=20, epochs=EPOCHS, verbose=0)
    return [machine.params[key].round(2) for key in ("kernel", "visible_bias", "hidden_bias")]


def known():
    """Return where the half-covered digit is given: its upper half, shape (64,)."""
    return np.arange(64) < 32


def first_pixels(start, rng):
    """Return the pixels that a chain starts from, shape (1, 64), 0 or 1."""
    digit, noise = digits()[1][[SHOWN]], rng.integers(0, 2, (1, 64)).astype(np.float64)
    return {"noise": noise, "digit": digit, "half": np.where(known(), digit, noise)}[start]


def chain(start, number, steps, seed):
    """Run one chain.

    Parameters
    ----------
    start : str
        One of `STARTS`; "half" holds the known pixels fast.
    number : int
        Of the throw of the dice.
    steps, seed : int

    Returns
    -------
    list of (v, h)
        Visible and hidden bits, of shape (64,) and (24,), after 0 to `steps` Gibbs steps.
    """
    kernel, visible_bias, hidden_bias = train(seed)
    rng = np.random.default_rng([seed, number])
    v, path = first_pixels(start, rng), []
    for step in range(steps + 1):
        h = models.sample_bits(models.hidden_probabilities(v, kernel, hidden_bias), rng)
        path.append((v[0], h[0]))
        if step < steps:
            drawn = models.sample_bits(models.visible_probabilities(h, kernel, visible_bias), rng)
            v = np.where(known(), v, drawn) if start == "half" else drawn
    return path


def packed(bits):
    """Return bits as hexadecimal digits, the first bit the highest."""
    return np.packbits(bits.astype(np.uint8)).tobytes().hex()


def unpacked(text, count):
    """Return the bits that `packed` made text of."""
    return np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8))[:count]


def gibbs_picture(trace):
    """Draw two chains, from noise and from half a digit, and the free energy of both."""
    from glassnet import plots

    static = trace["static"]
    machine = [np.array(static[key]) for key in ("kernel", "visible_bias", "hidden_bias")]
    shown, axes = (0, 1, 2, 4, 8, 15), plots.panels(7, 2, width=1.15, height=1.5)
    grid = axes[0].get_gridspec()
    wide = axes[0].figure.add_subplot(grid[:, 6:])
    axes[6].remove()
    axes[13].remove()
    axes[0].figure.set_size_inches(9.2, 3.0)
    grid.set_width_ratios([1] * 6 + [3.4])
    for row, (chosen, style) in enumerate((("noise 1", "o-"), ("half 2", "s--"))):
        texts = static["chains"][chosen]["v"]
        v = np.array([unpacked(text, 64) for text in texts], np.float64)
        for ax, step in zip(axes[7 * row :], shown, strict=False):
            ax.axis("off")
            if step < len(v):
                ax.imshow(v[step].reshape(8, 8), cmap="gray_r")
                ax.set_title(str(step), fontsize=9)
        name = plots.label(trace.text(chosen.split()[0]))
        wide.plot(models.free_energy(v, *machine), style, markersize=4, label=name)
    wide.axhline(static["level"], color="black", linestyle=":")
    wide.set(xlabel=plots.label(trace.text("step_axis")), ylabel=plots.label(trace.text("free")))
    wide.legend(fontsize=8)
    return wide.figure
