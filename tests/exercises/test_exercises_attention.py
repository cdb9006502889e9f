"""Exercises of the chapter on attention: each reference against the package's layers."""

from __future__ import annotations

import numpy as np
from exercise_cases import each_case

from glassnet import activations, layers
from glassnet.exercises.task import tasks_of
from glassnet.gradcheck import numerical_gradient

TASKS = tasks_of("attention")


def test_nadaraya_watson_is_that_of_the_package():
    for case, answer in each_case("attention.nadaraya_watson"):
        expected, _ = layers.nadaraya_watson_forward(*case)
        np.testing.assert_allclose(answer, expected, rtol=1e-12)


def test_nadaraya_watson_is_tried_where_every_kernel_underflows():
    query, key, _, width = TASKS["attention.nadaraya_watson"].cases()[-1]
    squares = ((query[1] - key) ** 2).sum(axis=1)
    assert not np.exp(-squares / (2 * width**2)).any()


def test_scaled_dot_product_attention_is_that_of_the_package():
    for (query, key, value), answer in each_case("attention.scaled_dot_product_attention"):
        scores, _ = layers.dot_scores_forward(query, key, query.shape[1] ** -0.5)
        np.testing.assert_allclose(answer, layers.attend_forward(scores, value)[0], rtol=1e-9)


def test_masked_softmax_is_softmax_of_the_visible_keys_alone():
    blind = 0
    for (scores, mask), answer in each_case("attention.masked_softmax"):
        assert not answer[~mask].any()
        for row in np.ndindex(mask.shape[:-1]):
            seen = mask[row]
            expected = activations.softmax(scores[row][seen]) if seen.any() else []
            np.testing.assert_allclose(answer[row][seen], expected, rtol=1e-12)
            blind += not seen.any()
    assert blind


def test_scores_gradient_is_that_of_the_package_and_of_finite_differences():
    for (dy, weights, value), answer in each_case("attention.scores_gradient"):
        scores = np.log(weights)
        _, cache = layers.attend_forward(scores, value)
        np.testing.assert_allclose(answer, layers.attend_backward(dy, cache)[0], atol=1e-12)

        def loss(s, dy=dy, value=value):
            return np.sum(dy * (activations.softmax(s) @ value))

        np.testing.assert_allclose(answer, numerical_gradient(loss, scores), atol=1e-7)


def test_split_heads_is_that_of_the_package():
    for (x, heads), answer in each_case("attention.split_heads"):
        features = x.shape[-1]
        kernel = np.eye(features).reshape(features, heads, -1)
        np.testing.assert_allclose(answer, layers.split_heads_forward(x, kernel)[0], rtol=1e-12)
