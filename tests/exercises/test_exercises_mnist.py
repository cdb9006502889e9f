"""Exercises of the chapter on digits: each reference against the package and scikit-learn."""

from __future__ import annotations

import numpy as np
from exercise_cases import each_case
from sklearn import metrics as sklearn_metrics
from sklearn.preprocessing import StandardScaler

from glassnet import data, metrics


def test_one_hot_is_that_of_the_package():
    for case, answer in each_case("mnist.one_hot"):
        np.testing.assert_array_equal(answer, data.one_hot(*case))


def test_standardise_is_that_of_the_package_and_of_scikit_learn():
    for (train, test), answer in each_case("mnist.standardise"):
        scaler = StandardScaler().fit(train)
        theirs = scaler.transform(train), scaler.transform(test)
        for part, ours, other in zip(answer, data.standardise(train, test), theirs, strict=True):
            np.testing.assert_allclose(part, ours, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(part, other, rtol=1e-12, atol=1e-12)


def test_batches_are_those_of_the_package():
    for (x, y, order, batch_size), answer in each_case("mnist.batches"):
        theirs = list(data.batches(x[order], y[order], batch_size))
        assert len(answer) == len(theirs)
        for ours, other in zip(answer, theirs, strict=True):
            np.testing.assert_array_equal(ours[0], other[0])
            np.testing.assert_array_equal(ours[1], other[1])


def test_accuracy_is_that_of_the_package():
    for (logits, labels), answer in each_case("mnist.accuracy"):
        metric = metrics.SparseCategoricalAccuracy()
        metric.update_state(labels, logits)
        assert np.isclose(answer, metric.result())


def test_confusion_matrix_is_that_of_the_package_and_of_scikit_learn():
    for (labels, predicted, classes), answer in each_case("mnist.confusion_matrix"):
        np.testing.assert_array_equal(answer, metrics.confusion_matrix(labels, predicted, classes))
        theirs = sklearn_metrics.confusion_matrix(labels, predicted, labels=range(classes))
        np.testing.assert_array_equal(answer, theirs)


def test_wilson_interval_ends_where_the_inequality_is_an_equality():
    for (k, n, u), bounds in each_case("mnist.wilson_interval"):
        p = np.array(bounds)
        np.testing.assert_allclose((k / n - p) ** 2, u**2 * p * (1 - p) / n, atol=1e-15)
        assert bounds[0] < bounds[1]
