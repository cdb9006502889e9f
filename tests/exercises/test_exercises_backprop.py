"""Exercises of chapter 04: the references are what the package computes."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import activations, gradcheck, layers, losses
from glassnet.exercises.task import find


def test_reverse_mode_gives_the_numbers_of_the_figure():
    task = find("backprop.reverse_mode")
    figure, _, loose = (task.reference(*arguments) for arguments in task.cases())
    assert figure == {"u": 48.0, "v": 28.0, "p": 14.0, "q": 6.0, "f": 1.0}
    assert loose == {"s": -0.5, "dead": 0.0, "t": 2.0, "end": 1.0}


def test_reverse_mode_is_the_inverse_of_a_matrix():
    """All paths together: I + A + A² + ... = (I - A)⁻¹ for the matrix A of the slopes."""
    task = find("backprop.reverse_mode")
    for nodes, slopes in task.cases():
        matrix = np.zeros((len(nodes), len(nodes)))
        for (tail, head), slope in slopes.items():
            matrix[nodes.index(tail), nodes.index(head)] = slope
        paths = np.linalg.inv(np.eye(len(nodes)) - matrix)[:, -1]
        assert np.allclose(list(task.reference(nodes, slopes).values()), paths)


def test_sigmoid_unit_gradient_is_that_of_a_layer():
    task = find("backprop.sigmoid_unit_gradient")
    for x, w, b, y in task.cases():
        unit = layers.Dense(1, activation="sigmoid")
        unit.build((1, len(x)), np.random.default_rng(0), dtype=np.float64)
        unit.set_weights([w[:, np.newaxis], [b]])
        a = unit.forward(x[np.newaxis])
        unit.backward(losses.MeanSquaredError().gradient(np.array([[y]]), a) / 2)
        by_w, by_b = task.reference(x, w, b, y)
        assert np.allclose(by_w, unit.grads["kernel"][:, 0], rtol=1e-12)
        assert np.allclose(by_b, unit.grads["bias"], rtol=1e-12)


def test_numerical_gradient_is_the_package_s():
    task = find("backprop.numerical_gradient")
    for f, x, h in task.cases():
        found = task.reference(f, x, h)
        assert np.allclose(found, gradcheck.numerical_gradient(f, x), rtol=1e-5)
        assert np.allclose(task.reference(f, x, 1e-5), gradcheck.numerical_gradient(f, x), 1e-8)


@pytest.mark.parametrize("number", range(3))
def test_dense_backward_is_the_package_s(number):
    task = find("backprop.dense_backward")
    dy, x, kernel = task.cases()[number]
    _, cache = layers.dense_forward(x, kernel, np.zeros(kernel.shape[1]))
    dx, grads = layers.dense_backward(dy, cache)
    found = task.reference(dy, x, kernel)
    for ours, package in zip(found, (dx, grads["kernel"], grads["bias"]), strict=True):
        assert np.allclose(ours, package, rtol=1e-12)


def test_hidden_delta_is_the_package_s():
    task = find("backprop.hidden_delta")
    sigmoid = activations.get("sigmoid")
    for delta, kernel, z in task.cases():
        dx = layers.dense_backward(delta, layers.dense_forward(sigmoid.forward(z), kernel)[1])[0]
        expected = sigmoid.backward(dx, z, sigmoid.forward(z))
        assert np.allclose(task.reference(delta, kernel, z), expected, rtol=1e-12)
