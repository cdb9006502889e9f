"""What the benchmarks are to reach: ratios of times, NumPy's divided by the reference's."""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """The largest ratios that count as reached, and as reached with room to spare."""

    target: float
    stretch: float | None


WORK = {
    "mlp": "MLP 784-128-10, batch 128, one Adam step",
    "conv": "Conv2D 3x3, 32 to 64 channels, 28x28, batch 32",
    "lstm": "LSTM, 128 units, 50 steps, 64 features, batch 32",
    "gru": "GRU, 128 units, 50 steps, 64 features, batch 32",
    "attention": "multi-head attention, d 128, 8 heads, 128 steps, batch 16",
}

TARGETS = {
    ("mlp", "Keras tf.function"): Target(0.40, 0.30),
    ("mlp", "Keras fit"): Target(0.25, 0.18),
    ("conv", "Keras tf.function"): Target(1.40, 1.15),
    ("conv", "GEMM"): Target(1 / 0.70, None),  # 70 % of the speed of the bare products
    ("lstm", "Keras tf.function"): Target(1.25, 0.90),
    ("gru", "Keras tf.function"): Target(1.25, 0.90),
    ("attention", "Keras tf.function"): Target(1.20, 0.90),
}


def verdict(case, reference, ratio):
    """Return "stretch", "met" or "missed", or "" where nothing is aimed at."""
    aim = TARGETS.get((case, reference))
    if aim is None:
        return ""
    if aim.stretch is not None and ratio <= aim.stretch:
        return "stretch"
    return "met" if ratio <= aim.target else "missed"
