"""Masks on their way through models: layers that read them, the loss, the metrics."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import gradcheck, layers, losses, metrics, optimizers
from glassnet.models import Functional, Sequential

MASK = np.array([[True, True, False], [True, False, False], [True, True, True]])


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def built(model, shape, rng, dtype=np.float64):
    model.build((None, *shape), rng, dtype)
    return model


def masked_input(rng):
    x = rng.standard_normal((3, 3, 4))
    x[~MASK] = 0
    return x


def sequential(rng, *after):
    model = built(Sequential([layers.Masking(), *after]), (3, 4), rng)
    model.compile(optimizers.SGD(0.1), "mean_squared_error", ["mae"])
    return model


def test_forward_leaves_the_mask_of_its_output(rng):
    model = sequential(rng, layers.Dense(2))
    assert model.output_mask is None
    model.forward(masked_input(rng))
    np.testing.assert_array_equal(model.output_mask, MASK)
    model = sequential(rng, layers.LSTM(2))
    model.forward(masked_input(rng))
    assert model.output_mask is None


def test_a_given_mask_goes_the_same_way(rng):
    model = built(Sequential([layers.BatchNormalization(), layers.Dense(2)]), (3, 4), rng)
    x = rng.standard_normal((3, 3, 4))
    y = model.forward(x, training=True, mask=MASK)
    np.testing.assert_array_equal(model.output_mask, MASK)
    counted = x[MASK]
    x_hat = (x - counted.mean(axis=0)) / np.sqrt(counted.var(axis=0) + 1e-3)
    np.testing.assert_allclose(y, x_hat @ model.layers[1].params["kernel"], rtol=1e-5)

    entry = layers.Input((3, 4))
    branches = [layers.Dense(2)(entry), layers.Dense(2)(entry)]
    network = Functional(entry, layers.Add()(branches))
    network.build(rng, np.float64)
    network.forward(x, mask=MASK)
    np.testing.assert_array_equal(network.output_mask, MASK)
    network.forward(x)
    assert network.output_mask is None


def test_masked_steps_do_not_count_in_loss_and_metrics(rng):
    model = sequential(rng, layers.Dense(2, bias_initializer="ones"))
    x, y = masked_input(rng), rng.standard_normal((3, 3, 2))
    error = (model.predict(x) - y)[MASK]
    logs = model.evaluate(x, y)
    assert logs["loss"] == pytest.approx(np.mean(error**2))
    assert logs["mae"] == pytest.approx(np.mean(abs(error)))
    other = np.where(MASK[..., np.newaxis], y, 1e6)
    assert model.evaluate(x, other) == logs
    assert model.train_on_batch(x, other) == logs


def test_a_step_is_the_one_without_the_masked_steps(rng):
    """For a layer that looks at every step by itself."""
    x, y = masked_input(rng), rng.standard_normal((3, 3, 2))
    model = sequential(rng, layers.Dense(2, bias_initializer="ones"))
    flat = built(Sequential([layers.Dense(2)]), (4,), rng)
    flat.compile(optimizers.SGD(0.1), "mean_squared_error")
    flat.set_weights(model.get_weights())
    model.train_on_batch(x, y)
    flat.train_on_batch(x[MASK], y[MASK])
    for ours, theirs in zip(model.get_weights(), flat.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum"])
def test_weights_and_mask_together(reduction, rng):
    y_true, y_pred = rng.standard_normal((2, 3, 3, 2))
    weight = rng.uniform(0.5, 2, (3, 3))
    loss = losses.MeanSquaredError(reduction)
    each = weight * ((y_pred - y_true) ** 2).mean(axis=-1)
    divisor = {
        "sum_over_batch_size": MASK.sum(),
        "mean_with_sample_weight": weight[MASK].sum(),
        "sum": 1,
    }[reduction]
    assert loss(y_true, y_pred, weight, MASK) == pytest.approx(each[MASK].sum() / divisor)
    gradcheck.check_function(
        lambda y_pred: np.asarray(loss(y_true, y_pred, weight, MASK)),
        lambda dy, y_pred: dy * loss.gradient(y_true, y_pred, weight, MASK),
        y_pred,
        rng,
    )


def test_if_nothing_counts_there_is_no_loss(rng):
    y_true, y_pred = rng.standard_normal((2, 3, 3, 2))
    nothing = np.zeros((3, 3), bool)
    loss = losses.MeanSquaredError()
    assert loss(y_true, y_pred, None, nothing) == 0
    assert not loss.gradient(y_true, y_pred, None, nothing).any()


def test_a_mask_that_does_not_fit_is_refused(rng):
    y_true, y_pred = rng.standard_normal((2, 3, 3, 2))
    for wrong in (MASK[:2], MASK[..., np.newaxis], MASK[0]):
        for call in (losses.MeanSquaredError(), losses.MeanSquaredError().gradient):
            with pytest.raises(ValueError, match=r"`mask` and `losses` must have the same shape"):
                call(y_true, y_pred, None, wrong)


def test_only_means_of_functions_take_the_mask():
    """As in Keras, where the root of a mean and quotients of counts do not look at it."""
    assert metrics.MeanAbsoluteError().uses_mask
    assert metrics.SparseCategoricalAccuracy().uses_mask
    assert not metrics.RootMeanSquaredError().uses_mask
    assert not metrics.Precision().uses_mask


def test_training_on_masked_sequences_still_learns(rng):
    """The mean of the steps that count, of sequences filled up with zeros."""
    x = rng.standard_normal((200, 6, 1)).astype(np.float32)
    x[np.arange(6) >= rng.integers(1, 7, (200, 1))] = 0
    count = (x[..., 0] != 0).sum(axis=1, keepdims=True)
    y = x.sum(axis=1) / count
    parts = [layers.Masking(), layers.Dense(4), layers.GlobalAveragePooling1D(), layers.Dense(1)]
    model = built(Sequential(parts), (6, 1), rng, np.float32)
    model.compile(optimizers.Adam(0.03), "mean_squared_error")
    history = model.fit(x, y, epochs=40, verbose=0)
    assert history.history["loss"][-1] < 1e-4 < history.history["loss"][0]
