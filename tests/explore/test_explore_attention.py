"""The scene attention: two heads divide the work, and options out of range."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import layers
from glassnet.explore.traces.attention import CARDS, HAND, attention_trace, hand, questions


def weights_of(frame, causal=False):
    """Weights of both heads, shape (heads, queries, keys), from queries and keys of a frame."""
    scores, _ = layers.dot_scores_forward(np.array(frame["q"]), np.array(frame["k"]), 0.5)
    mask = layers.causal_mask(CARDS, CARDS) if causal else None
    return layers.attend_forward(scores, np.array(frame["v"])[..., np.newaxis], mask)[1][0]


@pytest.mark.parametrize("seed", [0, 3, 4])
def test_each_head_takes_a_question_of_its_own(seed):
    frames = attention_trace(seed=seed)["frames"]
    letters, _ = hand(HAND)
    same = letters[0][:, np.newaxis] == letters[0]
    before = np.eye(CARDS)[np.maximum(np.arange(CARDS) - 1, 0)]
    first, last = weights_of(frames[0]), weights_of(frames[-1])
    assert first.max() < 0.35  # nobody looks anywhere in particular
    shares = [[(w * wanted).sum(axis=1).mean() for wanted in (same, before)] for w in last]
    found = np.argmax(shares, axis=1)
    assert sorted(found) == [0, 1], shares
    assert min(shares[head][question] for head, question in enumerate(found)) > 0.9
    assert frames[-1]["loss"] < 0.01 * frames[0]["loss"]


def test_hiding_later_cards_costs_one_head_more_than_the_other():
    frame = attention_trace()["frames"][-1]
    moved = np.abs(weights_of(frame, causal=True) - weights_of(frame)).sum(axis=(1, 2))
    assert moved[1] > 5 * moved[0]  # the first looks back anyway


def test_true_answers():
    letters, numbers = hand("A3 B8 A7")
    assert questions(letters, numbers).tolist() == [[[5, 3], [8, 3], [5, 8]]]


def test_a_query_beyond_the_cards_raises():
    with pytest.raises(ValueError, match="There are 8 cards"):
        attention_trace(query=9)
