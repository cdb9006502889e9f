"""Decoding: greedy, beams, brute force, and a case in which looking ahead pays."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from glassnet.models import beam_search, greedy_decode

END = 2


class Tables:
    """Chances of the next token that depend on the last two only, for every sequence its own."""

    def __init__(self, rng, batch, vocabulary, dtype=np.float64):
        shape = batch, vocabulary, vocabulary
        self.log_p = np.log(rng.dirichlet(np.ones(vocabulary), shape)).astype(dtype)
        self.start = np.arange(batch), np.ones(batch, int)

    def step(self, tokens, state):
        sequence, before = state
        return self.log_p[sequence, before, tokens], (sequence, tokens)

    def score(self, sequence, tokens):
        before, last, total = 1, 1, 0.0
        for token in tokens:
            total += self.log_p[sequence, before, last, token]
            before, last = last, token
        return total


def brute_force(tables, sequence, length, alpha):
    """The best of all sequences, each written out and scored by itself."""
    size = tables.log_p.shape[-1]
    complete = [
        tokens
        for n in range(1, length + 1)
        for tokens in itertools.product(range(size), repeat=n)
        if END not in tokens[:-1] and (n == length or tokens[-1] == END)
    ]
    return max(complete, key=lambda tokens: tables.score(sequence, tokens) / len(tokens) ** alpha)


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_a_beam_as_wide_as_everything_finds_the_best(alpha, rng):
    tables = Tables(rng, 5, 4)
    tokens, scores = beam_search(tables.step, tables.start, 1, END, 4, 4**4, alpha)
    for b in range(5):
        best = brute_force(tables, b, 4, alpha)
        np.testing.assert_array_equal(tokens[b, 0, : len(best)], best)
        assert not tokens[b, 0, len(best) :].any()
        np.testing.assert_allclose(scores[b, 0], tables.score(b, best) / len(best) ** alpha)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_scores_are_those_of_the_tokens_and_fall(width, rng):
    tables = Tables(rng, 6, 4)
    tokens, scores = beam_search(tables.step, tables.start, 1, END, 7, width, 0.5)
    assert tokens.shape[:2] == scores.shape == (6, width)
    assert np.all(np.diff(scores, axis=1) <= 0)
    for b, k in np.ndindex(scores.shape):
        row = tokens[b, k].tolist()
        row = row[: row.index(END) + 1] if END in row else row
        np.testing.assert_allclose(scores[b, k], tables.score(b, row) / len(row) ** 0.5)


def test_a_beam_of_one_is_greedy(rng):
    tables = Tables(rng, 20, 5)
    tokens, scores = greedy_decode(tables.step, tables.start, 1, END, 9)
    narrow, narrow_scores = beam_search(tables.step, tables.start, 1, END, 9, 1)
    np.testing.assert_array_equal(narrow[:, 0], tokens)
    np.testing.assert_allclose(narrow_scores[:, 0], scores)


def test_a_beam_beats_greedy_where_the_best_start_leads_astray():
    """A: 0.6, but then nothing is likely; B: 0.4, and then a certain end."""
    a, b = 3, 4
    log_p = np.full((5, 5), np.log(1e-9))
    log_p[1, [a, b]] = np.log([0.6, 0.4])
    log_p[a, [END, a, b]] = np.log([0.4, 0.3, 0.3])
    log_p[b, END] = 0.0

    def step(tokens, state):
        return log_p[tokens], state

    start = np.zeros(1)
    greedy, greedy_score = greedy_decode(step, start, 1, END, 4)
    beam, beam_score = beam_search(step, start, 1, END, 4, beam_width=2)
    assert greedy.tolist() == [[a, END]]
    assert beam[0, 0].tolist() == [b, END]
    np.testing.assert_allclose(np.exp([greedy_score[0], beam_score[0, 0]]), [0.24, 0.4])


def test_the_penalty_lets_longer_sequences_win():
    log_p = np.full((5, 5), -50.0)
    log_p[1, [END, 3]] = np.log([0.5, 0.5 - 1e-6])
    log_p[3, 4], log_p[4, END] = np.log(0.9), np.log(0.9)

    def step(tokens, state):
        return log_p[tokens], state

    for alpha, best in ((0.0, [END, 0, 0, 0, 0]), (1.0, [3, 4, END, 0, 0])):
        tokens, _ = beam_search(step, np.zeros(1), 1, END, 5, 3, alpha)
        assert tokens[0, 0].tolist() == best


def test_it_stops_when_all_have_ended_and_at_the_latest_at_max_length():
    def ends(tokens, state):
        log_p = np.full((len(tokens), 4), -9.0)
        log_p[:, END] = -0.1
        return log_p, state

    def goes_on(tokens, state):
        log_p = np.full((len(tokens), 4), -9.0)
        log_p[:, 3] = -0.1
        return log_p, state

    assert greedy_decode(ends, np.zeros(3), 1, END, 9)[0].tolist() == [[END]] * 3
    assert greedy_decode(goes_on, np.zeros(3), 1, END, 5)[0].tolist() == [[3] * 5] * 3
    assert beam_search(goes_on, np.zeros(2), 1, END, 5, 2)[0].shape == (2, 2, 5)


def test_the_state_goes_along_with_its_beginning(rng):
    """The state holds what has been written; the next chances depend on all of it."""
    weights = rng.standard_normal((6, 4))

    def step(tokens, state):
        written = np.concatenate([state, tokens[:, np.newaxis]], axis=1)
        return np.sin(written[:, -3:].sum(axis=1, keepdims=True) @ weights[:1]) - 2, written

    tokens, scores = beam_search(step, np.zeros((2, 0), int), 1, END, 5, 6)
    for b, k in np.ndindex(scores.shape):
        total, state = 0.0, np.zeros((1, 0), int)
        last = np.array([1])
        for token in tokens[b, k]:
            log_p, state = step(last, state)
            total, last = total + log_p[0, token], np.array([token])
            if token == END:
                break
        np.testing.assert_allclose(total, scores[b, k])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(dtype, rng):
    tables = Tables(rng, 3, 4, dtype)
    for result in (
        greedy_decode(tables.step, tables.start, 1, END, 4),
        beam_search(tables.step, tables.start, 1, END, 4, 3, 0.5),
    ):
        assert result[0].dtype == np.int64
        assert result[1].dtype == dtype


def test_there_may_be_fewer_sequences_than_the_beam_is_wide():
    log_p = np.full((3, 3), -np.inf)
    log_p[:, END] = 0.0
    tokens, scores = beam_search(lambda t, s: (log_p[t], s), np.zeros(1), 1, END, 4, 5)
    assert tokens[0, 0, 0] == END
    np.testing.assert_array_equal(scores, [[0.0, *[-np.inf] * 4]])


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "received"),
        [
            ({"max_length": 0}, "max_length=0"),
            ({"beam_width": 0}, "beam_width=0"),
            ({"beam_width": 1.5}, "beam_width=1.5"),
            ({"length_penalty": -0.1}, "length_penalty=-0.1"),
            ({"end_token": 9}, "end_token=9"),
            ({"end_token": 0}, "end_token=0"),
        ],
    )
    def test_numbers(self, change, received, rng):
        tables = Tables(rng, 2, 4)
        options = {"end_token": END, "max_length": 4, "beam_width": 2, "length_penalty": 0.0}
        with pytest.raises(ValueError, match=f"Received: .*{received}"):
            beam_search(tables.step, tables.start, 1, **(options | change))

    def test_shapes(self):
        for wrong in (np.zeros(4), np.zeros((3, 4)), np.zeros((2, 1, 4))):
            for decode in (greedy_decode, lambda *a: beam_search(*a, 1)):
                with pytest.raises(ValueError, match=r"shape \(2, vocabulary\).*Received"):
                    decode(lambda t, s, wrong=wrong: (wrong, s), np.zeros(2), 1, END, 3)
