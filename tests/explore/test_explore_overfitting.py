"""The scene overfitting: the U of the test error, and closed forms that real layers confirm."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scene_numbers import overfitting as afresh

from glassnet import layers, losses, models
from glassnet.explore.traces.overfitting import (
    DEGREES,
    features,
    fit,
    overfitting_trace,
    points,
)


def errors(l2=0, dropout=0):
    """Training and test error of every degree, and the size of the weights."""
    table = np.array(afresh.rows(DEGREES, {"l2": l2, "dropout": dropout}))
    return table[:, 0], table[:, 1], table[:, 2]


def test_the_training_error_falls_and_the_test_error_is_a_u():
    training, test, _ = errors()
    assert np.all(np.diff(training) <= 1e-12)
    best = int(test.argmin())
    assert 4 <= best <= 7
    assert test[0] > 4 * test[best]  # too little
    assert test[-1] > 4 * test[best]  # too much
    assert test[8] < test[9] < test[10] < test[11]


@pytest.mark.parametrize(("l2", "dropout"), [(0.1, 0), (0, 0.3)])
def test_l2_and_dropout_take_the_rise_away_at_the_price_of_training_error(l2, dropout):
    plain_training, plain_test, plain_size = errors()
    training, test, size = errors(l2, dropout)
    assert test[-1] < 1.6 * plain_test.min()
    assert test[-1] < plain_test[-1] / 5
    assert training[-1] > plain_training[-1]
    assert size[-1] < plain_size[-1]


def test_too_strong_a_penalty_underfits():
    assert errors(1, 0.5)[1].min() > 2 * errors()[1].min()


@pytest.mark.parametrize(("strength", "rate"), [(0.1, 0), (0, 0.3), (0.01, 0.5)])
def test_the_fit_is_where_the_gradient_of_real_layers_vanishes(strength, rate):
    """The loss of Dropout and Dense, averaged over all masks with their probabilities."""
    x, y, _, _ = points(0, 0.3)
    inputs, degree = features(x, 4), 4
    weights, bias = fit(inputs, y, strength, rate)
    dropout, dense = layers.Dropout(rate), layers.Dense(1)
    for layer in (dropout, dense):
        layer.build((None, degree), np.random.default_rng(0), np.float64)
    dense.set_weights([weights[:, np.newaxis], [bias]])
    loss, mean = losses.MeanSquaredError(), {"kernel": 0, "bias": 0}
    for mask in product((0, 1), repeat=degree):
        chance = np.prod([1 - rate if kept else rate for kept in mask])
        kept = np.broadcast_to(np.array(mask, float), inputs.shape)
        answer = dense.forward(dropout.forward(inputs, training=True, mask=kept))
        dense.backward(loss.gradient(y[:, np.newaxis], answer))
        for name in mean:
            mean[name] = mean[name] + chance * dense.grads[name]
    kernel = mean["kernel"][:, 0] + 2 * strength * weights
    np.testing.assert_allclose(kernel, 0, atol=1e-12)
    np.testing.assert_allclose(mean["bias"], 0, atol=1e-12)
    assert np.abs(2 * weights).max() > 0.1  # zero is not the answer


def test_training_with_the_regulariser_ends_at_the_fit():
    x, y, _, _ = points(0, 0.3)
    inputs = features(x, 5)
    dense = layers.Dense(1, kernel_regularizer="l2")  # 0.01 by default
    model = models.Sequential([dense])
    model.build((None, 5), np.random.default_rng(0), np.float64)
    model.compile("sgd", "mean_squared_error")
    model.optimizer.learning_rate = 0.2
    for _ in range(600):
        model.train_on_batch(inputs, y[:, np.newaxis])
    weights, bias = fit(inputs, y, 0.01, 0)
    np.testing.assert_allclose(dense.params["kernel"][:, 0], weights, atol=1e-6)
    np.testing.assert_allclose(dense.params["bias"], bias, atol=1e-6)


def test_noise_must_be_positive():
    with pytest.raises(ValueError, match="noise"):
        overfitting_trace(noise=0)
