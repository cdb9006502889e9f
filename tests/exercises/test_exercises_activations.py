"""Exercises of chapter 02: the references are what the package computes."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import activations
from glassnet.exercises.task import find, tasks_of


def backward_of_tanh(dy, y):
    """The package wants the input of tanh as well, and does not use it."""
    return activations.get("tanh").backward(dy, np.arctanh(y), y)


PACKAGE = {
    "activations.sigmoid": activations.sigmoid,
    "activations.tanh_backward": backward_of_tanh,
    "activations.leaky_relu_derivative": activations.leaky_relu_derivative,
    "activations.softplus": activations.softplus,
    "activations.log_softmax": activations.log_softmax,
    "activations.softmax_backward": activations.softmax_backward,
}


@pytest.mark.parametrize("name", PACKAGE)
def test_the_reference_is_the_package(name):
    task = find(name)
    for arguments in task.cases():
        expected = PACKAGE[name](*arguments)
        assert np.allclose(task.reference(*arguments), expected, rtol=1e-12, atol=1e-14)


def test_no_task_is_left_out():
    assert list(PACKAGE) == list(tasks_of("activations"))
