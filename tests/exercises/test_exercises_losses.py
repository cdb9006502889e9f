"""Exercises of chapter 03: the references are what the package computes."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import losses
from glassnet.exercises.task import find, tasks_of


def binary_crossentropy(y, z):
    return losses.BinaryCrossentropy(from_logits=True)(y[:, np.newaxis], z[:, np.newaxis])


SPARSE = losses.SparseCategoricalCrossentropy(from_logits=True)
PACKAGE = {
    "losses.mean_squared_error_gradient": losses.MeanSquaredError().gradient,
    "losses.huber": losses.huber,
    "losses.binary_crossentropy": binary_crossentropy,
    "losses.sparse_categorical_crossentropy": SPARSE,
    "losses.sparse_crossentropy_gradient": SPARSE.gradient,
}


@pytest.mark.parametrize("name", PACKAGE)
def test_the_reference_is_the_package(name):
    task = find(name)
    for arguments in task.cases():
        expected = PACKAGE[name](*arguments)
        assert np.allclose(task.reference(*arguments), expected, rtol=1e-12, atol=1e-14)


def test_no_task_is_left_out():
    assert list(PACKAGE) == list(tasks_of("losses"))
