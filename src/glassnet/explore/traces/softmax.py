"""Softmax and cross-entropy: from logits to probabilities, to the loss, to p - y."""

from __future__ import annotations

import numpy as np

from glassnet import activations
from glassnet._validation import real_in
from glassnet.explore.trace import Trace, range_control, select

__all__ = ["softmax_picture", "softmax_trace"]

REACH = 4.0
TEMPERATURES = (0.1, 0.2, 0.5, 1, 2, 5, 10)

TEXT = {
    "en": {
        "title": "From logits to probabilities, to the loss, to its gradient",
        "alt": (
            "Bars of the probabilities that softmax makes of four logits at three temperatures: "
            "at a low one the class with the largest logit takes nearly everything, at a high one "
            "all four have nearly the same."
        ),
        "hint": (
            "Play the five steps, then drag the bars of z. Raise all of them by the same amount: "
            "what changes in p? Lower the temperature T: who gains, and what does it do to the "
            "loss if that is not the true class?"
        ),
        "table": ["class", "z", "z / T", "e", "p", "y", "p − y"],
        "logits": "logits z",
        "parts": "e = exp((z − max)/T), p = e/sum",
        "pulls": "p − y",
        "temperature": "temperature T",
        "label": "true class",
        "z_1": "z₁",
        "z_2": "z₂",
        "z_3": "z₃",
        "z_4": "z₄",
        "class_1": "1",
        "class_2": "2",
        "class_3": "3",
        "class_4": "4",
        "class": "class",
        "true": "true",
        "sum": "sum",
        "loss": "loss",
        "loss_is": "loss −log p = {loss}",
        "say_logits": "The logits may be any numbers. Largest is z of class {top}: {z}.",
        "say_exp": (
            "Subtract the largest, divide by T = {t}, take the exponential: the largest becomes 1, "
            "and nothing overflows."
        ),
        "say_divide": (
            "Divided by their sum, {total}, they add up to 1: class {top} has p = {best}."
        ),
        "say_loss": "The true class is {c} and has p = {p}. The loss is −log p = {loss}.",
        "say_pull": (
            "p − y is the gradient of the loss by z / T: {own} for the true class, which has "
            "p = {p} and the loss {loss}, and above 0 for all others. Its sum is 0."
        ),
    }
}


def softmax_trace(logits=(2.0, 1.0, 0.1, -1.0), label=2, temperature=1):
    """Choose where the logits, the true class and the temperature of the scene stand first.

    Everything the scene shows is a forward computation; p - y is computed from p.

    Parameters
    ----------
    logits : sequence of float
        Two to four, each from -4 to 4.
    label : int
        Number of the true class, from 1.
    temperature : float
        One of `TEMPERATURES`.

    Returns
    -------
    Trace

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    if not 2 <= len(logits) <= 4:
        raise ValueError(f"`logits` must be 2 to 4 numbers. Received: logits={logits!r}")
    logits = [real_in(z, "logits", -REACH, REACH) for z in logits]
    classes = range(1, len(logits) + 1)
    return Trace(
        "softmax",
        text=TEXT,
        static={"classes": len(logits), "reach": REACH},
        frames=[],
        controls=[
            range_control("temperature", "temperature", temperature, values=TEMPERATURES),
            select("label", "label", label, {k: f"class_{k}" for k in classes}),
            *(
                range_control(f"z{k}", f"z_{k}", z, -REACH, REACH, 0.1)
                for k, z in zip(classes, logits, strict=True)
            ),
        ],
    )


def softmax_picture(trace):
    """Draw the probabilities of the first logits at three temperatures."""
    from glassnet import plots

    values = {control["name"]: control["value"] for control in trace["controls"]}
    names = [trace.text(f"class_{k + 1}") for k in range(trace["static"]["classes"])]
    z = np.array([values[f"z{k + 1}"] for k in range(len(names))], dtype=float)
    temperatures = (0.2, 1, 5)
    axes = plots.panels(3, width=2.6, height=2.6, sharey=True)
    for ax, t, colour in zip(axes, temperatures, plots.COLOURS, strict=False):
        p = activations.softmax(z / t)
        ax.bar([plots.label(name) for name in names], p, color=colour, width=0.6)
        for k, value in enumerate(p):
            ax.text(k, value + 0.02, f"{value:.2f}", ha="center", fontsize=9)
        ax.set(title=f"T = {t}", ylim=(0, 1.1), xlabel=plots.label(trace.text("class")))
        ax.grid(False)
    axes[0].set_ylabel("p")
    return axes[0].figure
