"""Attention: two heads learn, unasked, to look for two different things."""

from __future__ import annotations

import numpy as np

from glassnet import layers, losses, models, optimizers
from glassnet._validation import positive_int
from glassnet.explore.trace import Trace, range_control, select, toggle

__all__ = ["attention_picture", "attention_trace"]

LETTERS, CARDS, HEADS, DIM = "ABC", 8, 2, 4
HAND = "A3 B8 C1 A7 B2 A5 C6 B4"
MIDDLE, UNIT = 4.5, 3.0  # numbers from 0 to 9 become (number - 4.5) / 3
KEPT = (0, 5, 10, 15, 20, 30, 40, 50, 80, 120, 160)

TEXT = {
    "en": {
        "title": "Two heads share the work",
        "alt": (
            "Left: the weights of both heads before training, all alike. Right: after training, "
            "one head of each query looks at the card just before it, the other in equal parts at "
            "all cards with its letter."
        ),
        "hint": (
            "Eight cards, two questions for each: what is the mean of the numbers on the cards of "
            "its letter, and which number is on the card before it? Play the training, choose "
            "a query and a head: which head answers which question?"
        ),
        "table": ["card", "q · k", "score", "weight", "value", "weight × value"],
        "cards": "the cards, and what the query sees of them",
        "heads": "weights of both heads, one row for each query; answers; loss",
        "head": "Head",
        "head_1": "head 1",
        "head_2": "head 2",
        "query": "Query: card",
        "scaled": "Divide the products by √d",
        "causal": "Hide later cards (causal mask)",
        "score": "score",
        "weight": "weight",
        "value": "value",
        "key": "key",
        "mix": "mixed: {mix}",
        "same": "mean of its letter",
        "before": "card before",
        "answer": "answer {answer}, true {target}",
        "total": "sum",
        "said_same": "answer: mean of its letter",
        "said_before": "answer: card before",
        "loss": "loss",
        "step_axis": "training step",
        "say": (
            "Training step {n}: {head} of card {query} looks most at card {best}, with weight "
            "{weight}; the mixed value is {mix}. The answers are {same} (true: {same_true}) and "
            "{before} (true: {before_true})."
        ),
    }
}


def attention_trace(seed=3, query=4):
    """Train two heads of attention on two questions about a row of cards; record some steps.

    A card is a letter and a number from 0 to 9. The network is ``MultiHeadAttention`` with two
    heads, whose values are one number each, and ``Dense(2)``: for every card the mean of the
    numbers on all cards of its letter, and the number on the card before it (the first card has
    only itself). Nothing says which head is to do what.

    Parameters
    ----------
    seed : int
        Of weights and training data.
    query : int
        The card that asks first, from 1 to 8.

    Returns
    -------
    Trace
    """
    if positive_int(query, "query") > CARDS:
        raise ValueError(f"There are {CARDS} cards. Received: query={query}")
    letters, numbers = hand(HAND)
    x, _ = encoded(letters, numbers)
    frames = []
    for number, model, loss in training(seed):
        if number in KEPT:
            frames.append({"n": number, "loss": loss} | _frame(model, x))
    targets = questions(letters, numbers)[0]
    return Trace(
        "attention",
        text=TEXT,
        static={
            "cards": HAND.split(),
            "targets": targets,
            "dim": DIM,
            "middle": MIDDLE,
            "unit": UNIT,
        },
        frames=frames,
        controls=[
            range_control("query", "query", query, values=range(1, CARDS + 1)),
            select("head", "head", "head_1", {"head_1": "head_1", "head_2": "head_2"}),
            toggle("scaled", "scaled", True),
            toggle("causal", "causal"),
        ],
        digits=9,
    )


def hand(text):
    """Return letters and numbers, each of shape (1, cards), of cards such as "A3 B8"."""
    cards = text.split()
    letters = [LETTERS.index(card[0]) for card in cards]
    return np.array([letters]), np.array([[int(card[1:]) for card in cards]])


def questions(letters, numbers):
    """Return both true answers for every card, shape (n, cards, 2).

    Parameters
    ----------
    letters, numbers : ndarray of int, shape (n, cards)
    """
    same = letters[:, :, np.newaxis] == letters[:, np.newaxis, :]
    mean = (same * numbers[:, np.newaxis, :]).sum(axis=-1) / same.sum(axis=-1)
    before = np.concatenate([numbers[:, :1], numbers[:, :-1]], axis=1)
    return np.stack([mean, before], axis=-1)


def encoded(letters, numbers):
    """Return what the network sees, letter and place one-hot, and what it should say."""
    n, cards = letters.shape
    places = np.broadcast_to(np.eye(cards), (n, cards, cards))
    amount = (numbers - MIDDLE) / UNIT
    x = np.concatenate([np.eye(len(LETTERS))[letters], places, amount[..., np.newaxis]], axis=-1)
    return x, (questions(letters, numbers) - MIDDLE) / UNIT


def training(seed, batch=32):
    """Train and yield number, model and loss of every step, before its update."""
    rng = np.random.default_rng(seed)
    model = models.Sequential([layers.MultiHeadAttention(HEADS, DIM, value_dim=1), layers.Dense(2)])
    model.build((None, CARDS, len(LETTERS) + CARDS + 1), rng, np.float64)
    optimizer, mean_squared = optimizers.Adam(0.03), losses.MeanSquaredError()
    for number in range(KEPT[-1] + 1):
        letters = rng.integers(0, len(LETTERS), (batch, CARDS))
        x, y = encoded(letters, rng.integers(0, 10, (batch, CARDS)))
        prediction = model.forward(x, training=True)
        yield number, model, float(mean_squared(y, prediction))
        model.backward(mean_squared.gradient(y, prediction))
        optimizer.apply(model.gradients, model.trainable_weights)


def _frame(model, x):
    """Return queries, keys and values of both heads, and the map from mixed values to answers."""
    attention, answer = (layer.params for layer in model.layers)
    q, k, v = (
        layers.split_heads_forward(x, attention[f"{name}_kernel"], attention[f"{name}_bias"])[0][0]
        for name in ("query", "key", "value")
    )
    output = attention["output_kernel"][:, 0] @ answer["kernel"]  # two linear maps are one
    bias = attention["output_bias"] @ answer["kernel"] + answer["bias"]
    return {"q": q, "k": k, "v": v[:, :, 0], "w": output, "b": bias}


def attention_picture(trace):
    """Draw the weights of both heads before and after training."""
    from glassnet import plots

    cards = trace["static"]["cards"]
    axes = plots.panels(4, width=2.4, height=2.7)
    shown = [(trace["frames"][k], head) for k in (0, -1) for head in range(HEADS)]
    for ax, (frame, head) in zip(axes, shown, strict=True):
        scores, _ = layers.dot_scores_forward(
            np.array(frame["q"][head]), np.array(frame["k"][head]), DIM**-0.5
        )
        weights = layers.attend_forward(scores, np.array(frame["v"][head])[:, np.newaxis])[1][0]
        ax.imshow(weights, cmap="Blues", vmin=0, vmax=1)
        step = plots.label(trace.text("step_axis"))
        title = f"{plots.label(trace.text(f'head_{head + 1}'))}, {step} {frame['n']}"
        ax.set(xticks=range(CARDS), yticks=range(CARDS), xticklabels=cards, yticklabels=cards)
        ax.set_title(title, fontsize=9)
        ax.tick_params(labelsize=7)
        ax.set_xlabel(plots.label(trace.text("key")))
        ax.grid(False)
    axes[0].set_ylabel(plots.label(trace.text("query").partition(":")[0]))
    return axes[0].figure
