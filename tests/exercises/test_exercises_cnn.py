"""Exercises of the chapter on convolution: each reference against the package's layers."""

from __future__ import annotations

import numpy as np
from exercise_cases import each_case

from glassnet import layers, models
from glassnet.exercises.task import tasks_of

TASKS = tasks_of("cnn")


def test_output_length_is_that_of_a_convolution():
    for (n, k, zeros, stride, dilation), answer in each_case("cnn.output_length"):
        x = np.zeros((1, n + zeros, 1))
        y, _ = layers.conv_forward(x, np.ones((k, 1, 1)), strides=stride, dilation_rate=dilation)
        assert y.shape[1] == answer


def test_receptive_field_is_that_of_the_package():
    for chain, answer in each_case("cnn.receptive_field"):
        stack = [
            layers.Conv1D(1, k, strides=s, dilation_rate=d) for k, s, d in zip(*chain, strict=True)
        ]
        assert models.receptive_field(stack)[-1].size == (answer,)


def test_conv2d_is_that_of_the_package():
    for case, answer in each_case("cnn.conv2d"):
        np.testing.assert_allclose(answer, layers.conv_forward(*case)[0], rtol=1e-12)


def test_max_pool_backward_is_that_of_the_package():
    for (dy, x, size, stride), answer in each_case("cnn.max_pool_backward"):
        _, cache = layers.max_pool_forward(x, size, strides=stride)
        np.testing.assert_allclose(answer, layers.max_pool_backward(dy, cache), rtol=1e-12)


def test_max_pool_backward_is_tried_on_ties_and_on_overlaps():
    cases = TASKS["cnn.max_pool_backward"].cases()
    assert any(stride < size for _, _, size, stride in cases)
    assert any(np.unique(x).size < 3 for _, x, _, _ in cases)


def test_conv2d_input_gradient_is_that_of_the_package():
    for (g, kernel), answer in each_case("cnn.conv2d_input_gradient"):
        n, rows, columns, _ = g.shape
        k, width, channels, _ = kernel.shape
        x = np.zeros((n, rows + k - 1, columns + width - 1, channels))
        _, cache = layers.conv_forward(x, kernel)
        np.testing.assert_allclose(answer, layers.conv_backward(g, cache)[0], rtol=1e-12)
