"""Exercises of chapter 01: the references are what the package computes."""

from __future__ import annotations

import numpy as np

from glassnet import activations, gradcheck, layers, losses
from glassnet.exercises.task import find
from glassnet.perceptron import perceptron_fit


def test_threshold_unit_is_the_step_of_a_dense_layer():
    task = find("concepts.threshold_unit")
    zeros = 0
    for x, w, b in task.cases():
        z, _ = layers.dense_forward(x, w[:, np.newaxis], np.array([b]))
        zeros += np.count_nonzero(z == 0)
        assert np.array_equal(task.reference(x, w, b), activations.step(z)[:, 0])
    assert zeros > 0  # else `>` would pass for `>=`


def test_hyperplane_distance_leads_to_the_plane():
    task = find("concepts.hyperplane_distance")
    for x, w, b in task.cases():
        foot = x - np.outer(task.reference(x, w, b), w) / np.linalg.norm(w)
        assert np.allclose(foot @ w + b, 0)


def test_perceptron_epoch_is_a_pass_of_the_package():
    task = find("concepts.perceptron_epoch")
    for start, x, y in task.cases():
        weights, mistakes = task.reference(np.zeros_like(start), x, y)
        fit = perceptron_fit(x, y, max_epochs=1)
        assert np.allclose(weights, fit.weights, rtol=1e-12)
        assert mistakes == len(fit.updates)


def test_logistic_gradient_is_that_of_the_loss():
    task = find("concepts.logistic_gradient")
    loss = losses.BinaryCrossentropy(from_logits=True)
    for x, y, w, b in task.cases():
        by_w, by_b = task.reference(x, y, w, b)
        constant = np.hstack([x, np.ones((len(x), 1))])  # the bias is the last weight

        def value(v, x=constant, y=y):
            return loss(y[:, None], (x @ v)[:, None])

        slopes = gradcheck.numerical_gradient(value, np.append(w, b))
        assert np.allclose(np.append(by_w, by_b), slopes, atol=1e-8)


def test_two_layer_perceptron_is_two_layers():
    task = find("concepts.two_layer_perceptron")
    for x, w1, b1, w2, b2 in task.cases():
        h = activations.relu(layers.dense_forward(x, w1, b1)[0])
        z = layers.dense_forward(h, w2[:, np.newaxis], np.array([b2]))[0]
        assert np.allclose(task.reference(x, w1, b1, w2, b2), activations.sigmoid(z)[:, 0])
    corners = task.cases()[0]
    assert (task.reference(*corners[:-1], 0.0) > 0.5).tolist() == [False, True, True, False]
