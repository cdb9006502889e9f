"""Exercises of the chapter on sequence to sequence: references against the package."""

from __future__ import annotations

import itertools

import numpy as np
from exercise_cases import each_case

from glassnet import losses, models


def test_shift_right_is_what_the_decoder_reads():
    for (targets, start), answer in each_case("seq2seq.shift_right"):
        whole = np.pad(targets, ((0, 0), (1, 0)), constant_values=start)
        np.testing.assert_array_equal(answer, whole[:, :-1])
        np.testing.assert_array_equal(targets, whole[:, 1:])


def test_sequence_log_probability_is_minus_the_summed_loss():
    for (logits, targets), answer in each_case("seq2seq.sequence_log_probability"):
        each = losses.sparse_categorical_crossentropy(
            targets, logits, from_logits=True, ignore_class=0
        )
        np.testing.assert_allclose(answer, -each.sum(axis=1), rtol=1e-10)


def test_masked_loss_gradient_is_that_of_the_package():
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    for (log_p, targets), answer in each_case("seq2seq.masked_loss_gradient"):
        np.testing.assert_allclose(answer, loss.gradient(targets, log_p), rtol=1e-9, atol=1e-14)


def test_greedy_decode_is_that_of_the_package():
    for (log_p, start, end, limit), answer in each_case("seq2seq.greedy_decode"):
        step = lambda tokens, state, table=log_p: (table[tokens], state)  # noqa: E731
        tokens, _ = models.greedy_decode(step, np.zeros(1), start, end, limit)
        assert answer == [token for token in tokens[0] if token]
    ends = [case[2] in answer for case, answer in each_case("seq2seq.greedy_decode")]
    assert set(ends) == {True, False}


def test_beam_step_finds_the_best_of_all_candidates():
    for (scores, log_p), (parents, tokens, found) in each_case("seq2seq.beam_step"):
        pairs = itertools.product(range(log_p.shape[0]), range(log_p.shape[1]))
        ranked = sorted(((scores[b] + log_p[b, k], b, k) for b, k in pairs), reverse=True)
        best = ranked[: len(scores)]
        np.testing.assert_allclose(found, [score for score, _, _ in best], rtol=1e-12)
        assert list(zip(parents, tokens, strict=True)) == [(b, k) for _, b, k in best]
