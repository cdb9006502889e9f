"""Exercises of the chapter on regularisation: references against the package and sklearn."""

from __future__ import annotations

import numpy as np
from exercise_cases import each_case
from sklearn.linear_model import Ridge

from glassnet import callbacks, layers


def test_soft_threshold_is_the_minimum():
    w = np.linspace(-9, 9, 180_001)
    for (z, kappa), answer in each_case("regularisation.soft_threshold"):
        for one, found in zip(z.ravel(), answer.ravel(), strict=True):
            value = (w - one) ** 2 / 2 + kappa * np.abs(w)
            assert abs(w[value.argmin()] - found) < 1e-4


def test_ridge_is_that_of_scikit_learn():
    for (x, y, lam), answer in each_case("regularisation.ridge"):
        theirs = Ridge(alpha=len(x) * lam, fit_intercept=False).fit(x, y).coef_
        np.testing.assert_allclose(answer, theirs, rtol=1e-8)


def test_dropout_is_that_of_the_package():
    for (x, mask, rate, training), answer in each_case("regularisation.dropout"):
        theirs = layers.dropout_forward(x, mask, rate) if training else x
        np.testing.assert_allclose(answer, theirs, rtol=1e-12)


class Recorder:
    """As much of a model as the callback needs."""

    stop_training = False


def test_early_stopping_is_the_callback_of_the_package():
    for (losses, patience), answer in each_case("regularisation.early_stopping"):
        callback, model = callbacks.EarlyStopping(patience=patience), Recorder()
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, loss in enumerate(losses):
            callback.on_epoch_end(epoch, {"val_loss": loss})
            if model.stop_training:
                break
        assert answer == (epoch + 1, callback.best_epoch)


def test_batch_normalization_backward_is_that_of_the_package():
    for (dy, x, gamma, epsilon), answer in each_case("regularisation.batch_normalization_backward"):
        beta = np.zeros_like(gamma)
        *_, cache = layers.batch_normalization_forward(x, gamma, beta, epsilon=epsilon)
        dx, grads = layers.batch_normalization_backward(dy, cache)
        theirs = dx, grads["gamma"], grads["beta"]
        for ours, other in zip(answer, theirs, strict=True):
            np.testing.assert_allclose(ours, other, rtol=1e-9, atol=1e-12)
