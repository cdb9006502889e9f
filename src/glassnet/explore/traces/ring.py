"""A GAN on a ring of eight modes: one run that finds them all, one that finds and loses them."""

from __future__ import annotations

import numpy as np

from glassnet import data, layers, models, optimizers
from glassnet._validation import real_in
from glassnet.explore.trace import Trace, select, toggle

__all__ = ["play_ring", "ring_picture", "ring_trace"]

#: After how many steps of both players the game is shown: close together at first.
STEPS = (0, 20, 40, 80, 120, 160, 200, 260, 320, 400, 500, 600)
MODES, STDDEV, BATCH, RATE = 8, 0.05, 64, 5e-3
SHOWN, COUNTED = 48, 400  # samples that are drawn, and those that are counted
COVERED = 4  # samples of those counted, one per cent, that make a mode covered
REACH, CELLS = 3.2, 15  # the map of the discriminator: half its width, and its columns
LEVELS = "0123456789abcdefghijklmnopqrstuvwxyz"  # of a probability, 0 to z

TEXT = {
    "en": {
        "title": "Modes found, and modes found and lost",
        "alt": (
            "Left and middle: the ring of eight modes with the samples of two generators after "
            "600 steps. With beta 0.5 they lie on all eight modes, with beta 0.9 in a streak "
            "away from them. Right: modes covered against steps; one line climbs to eight, the "
            "other stays near zero."
        ),
        "hint": (
            "Play the first run to its end, then the second, in which one number of the optimiser "
            "is another. Does a mode that has been found stay found? And when does the "
            "discriminator answer about one half to both, with no mode covered?"
        ),
        "table": ["where", "samples within 3 standard deviations", "mean answer of D"],
        "plane": "the data (rings), what is made (squares), and what D says of every place",
        "strip": "which modes were covered when",
        "run": "run",
        "steady": "β₁ = 0.5",
        "shaky": "β₁ = 0.9",
        "field": "Show where D says data (blue) and made (orange)",
        "x1": "x₁",
        "x2": "x₂",
        "step_axis": "step",
        "covered_axis": "modes covered",
        "mode": "mode {k}",
        "made": "all that is made",
        "data": "data",
        "score": "{n} of 8",
        "d_real": "D, data",
        "d_fake": "D, made",
        "outside": "{n} outside the picture",
        "say_start": (
            "Before the first step: the generator makes a heap, and no mode has a sample worth "
            "counting. On average D answers {real} to data and {fake} to what is made."
        ),
        "say": (
            "Step {t}: {covered} of 8 modes covered, {gained} found and {lost} lost since the "
            "last look. On average D answers {real} to data and {fake} to what is made."
        ),
    }
}


def ring_trace(steady=0.5, shaky=0.9, seed=4):
    """Train two GANs that differ in one number, the factor of Adam's first average.

    Parameters
    ----------
    steady, shaky : float
        `beta_1` of the optimizers of both networks, in the first and in the second run.
    seed : int
        Of the weights, the noise and the batches, in both runs.

    Returns
    -------
    Trace
    """
    factors = {"steady": steady, "shaky": shaky}
    runs = {name: play_ring(real_in(b, name, 0, 1), seed) for name, b in factors.items()}
    text = {"en": TEXT["en"] | {name: f"β₁ = {b:g}" for name, b in factors.items()}}
    return Trace(
        "ring",
        text=text,
        static={
            "centres": data.ring_centres(MODES).round(4),
            "near": 3 * STDDEV,
            "covered": COVERED,
            "reach": REACH,
            "levels": LEVELS,
        },
        frames=[
            {"t": t} | {name: run[i] for name, run in runs.items()} for i, t in enumerate(STEPS)
        ],
        controls=[
            select("run", "run", "steady", {"steady": "steady", "shaky": "shaky"}),
            toggle("field", "field", True),
        ],
    )


def play_ring(beta_1, seed, steps=STEPS):
    """Train a GAN on the ring and keep what the scene shows at some steps.

    Parameters
    ----------
    beta_1 : float
        Of both optimizers.
    seed : int
    steps : sequence of int
        Ascending.

    Returns
    -------
    list of dict
        For every step of `steps`: ``samples`` in hundredths, one after the other; the ``field`` of
        the discriminator as text, row by row from below; the ``counts`` near every mode; and the
        means of D ``at`` every mode, of the ``real`` and of the ``fake`` samples.
    """
    x, mode = data.make_gaussian_ring(
        800, MODES, np.random.default_rng(0), stddev=STDDEV, dtype=np.float32
    )
    gan = models.GAN(_network(2), _network(1), latent_dim=8)
    gan.build(np.random.default_rng(seed))
    gan.compile(*(optimizers.Adam(RATE, beta_1=beta_1) for _ in range(2)))
    z = gan.latent(COUNTED, np.random.default_rng(1))
    axis = (REACH * (2 * np.arange(CELLS) + 1 - CELLS) / CELLS).astype(np.float32)
    plane = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    rng, kept, done = np.random.default_rng(seed), [], 0
    for step in steps:
        for _ in range(step - done):
            gan.train_on_batch(x[rng.integers(0, len(x), BATCH)])
        done = step
        made, answers = gan.predict(z), gan.discriminate(x).astype(float)
        level = np.rint(gan.discriminate(plane) * (len(LEVELS) - 1)).astype(int)
        kept.append(
            {
                "samples": np.rint(100 * np.clip(made[:SHOWN], -9.99, 9.99)).astype(int).ravel(),
                "field": "".join(LEVELS[k] for k in level),
                "counts": models.mode_counts(made, data.ring_centres(MODES), 3 * STDDEV),
                "at": [answers[mode == k].mean() for k in range(MODES)],
                "real": answers.mean(),
                "fake": gan.discriminate(made).mean(),
            }
        )
    return kept


def _network(outputs):
    return [layers.Dense(32, "relu"), layers.Dense(32, "relu"), layers.Dense(outputs)]


def ring_picture(trace):
    """Draw what the two generators make in the end, and the modes covered on the way."""
    from glassnet import plots

    centres, frames = np.array(trace["static"]["centres"]), trace["frames"]
    axes, series = plots.panels(3, width=2.9, height=2.9), {}
    for ax, name in zip(axes, ("steady", "shaky"), strict=False):
        made = np.array(frames[-1][name]["samples"]).reshape(-1, 2) / 100
        kind = np.repeat([0, 1], [len(centres), len(made)])
        plots.points(np.concatenate([centres, made]), kind, ax=ax, xlabel="x₁", ylabel="x₂")
        ax.set(title=trace.text(name), xlim=(-REACH, REACH), ylim=(-REACH, REACH))
        covered = [np.sum(np.array(frame[name]["counts"]) >= COVERED) for frame in frames]
        series[trace.text(name)] = covered
    plots.curves(
        [frame["t"] for frame in frames], series,
        xlabel=trace.text("step_axis"), ylabel=trace.text("covered_axis"), ax=axes[2],
    )  # fmt: skip
    return axes[0].figure
