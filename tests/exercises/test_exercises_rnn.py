"""Exercises of the chapter on recurrent networks: each reference against the package's layers."""

from __future__ import annotations

import numpy as np
from exercise_cases import each_case

from glassnet import layers


def test_elman_step_is_that_of_the_package():
    for case, answer in each_case("rnn.elman_step"):
        np.testing.assert_allclose(answer, layers.simple_rnn_step(*case), rtol=1e-12)


def test_elman_states_are_those_of_the_package():
    for case, answer in each_case("rnn.elman_states"):
        np.testing.assert_allclose(answer, layers.simple_rnn_forward(*case)[0], rtol=1e-12)


def test_lstm_step_is_that_of_the_package():
    for case, answer in each_case("rnn.lstm_step"):
        for ours, theirs in zip(answer, layers.lstm_step(*case), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_gru_step_is_that_of_the_package():
    for case, answer in each_case("rnn.gru_step"):
        theirs = layers.gru_step(*case, reset_after=True)
        np.testing.assert_allclose(answer, theirs, rtol=1e-10)
        before = layers.gru_step(*case[:-1], case[-1][0], reset_after=False)
        assert not np.allclose(answer, before)


def test_recurrent_gradient_is_that_of_the_package():
    for (h, d, U), answer in each_case("rnn.recurrent_gradient"):
        inputs = np.arctanh(h[1:]) - h[:-1] @ U  # what led to these states, through a unit kernel
        y, cache = layers.simple_rnn_forward(inputs[None], np.eye(len(U)), U)
        np.testing.assert_allclose(y[0], h[1:])
        _, grads = layers.simple_rnn_backward(d[None], cache)
        np.testing.assert_allclose(answer, grads["recurrent_kernel"], rtol=1e-8)
