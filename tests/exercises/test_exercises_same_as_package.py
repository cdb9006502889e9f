"""Exercises whose references are functions of the package; and no exercise without a test."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from exercise_cases import each_case

from glassnet import activations, losses
from glassnet.exercises.task import tasks_of
from glassnet.exercises.tasks import TOPICS


def backward_of_tanh(dy, y):
    """The package wants the input of tanh as well, and does not use it."""
    return activations.get("tanh").backward(dy, np.arctanh(y), y)


def binary_crossentropy(y, z):
    return losses.BinaryCrossentropy(from_logits=True)(y[:, np.newaxis], z[:, np.newaxis])


SPARSE = losses.SparseCategoricalCrossentropy(from_logits=True)
PACKAGE = {
    "activations.sigmoid": activations.sigmoid,
    "activations.tanh_backward": backward_of_tanh,
    "activations.leaky_relu_derivative": activations.leaky_relu_derivative,
    "activations.softplus": activations.softplus,
    "activations.log_softmax": activations.log_softmax,
    "activations.softmax_backward": activations.softmax_backward,
    "losses.mean_squared_error_gradient": losses.MeanSquaredError().gradient,
    "losses.huber": losses.huber,
    "losses.binary_crossentropy": binary_crossentropy,
    "losses.sparse_categorical_crossentropy": SPARSE,
    "losses.sparse_crossentropy_gradient": SPARSE.gradient,
}


@pytest.mark.parametrize("name", PACKAGE)
def test_the_reference_is_the_package(name):
    for case, answer in each_case(name):
        assert np.allclose(answer, PACKAGE[name](*case), rtol=1e-12, atol=1e-14)


def functions_in_tests_of(topic):
    """Names of the test functions in the files about a chapter's exercises."""
    files = Path(__file__).parent.glob(f"test_exercises*_{topic}.py")
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_task_of_a_chapter_has_a_test_of_its_own(topic):
    written = [name for name in functions_in_tests_of(topic) if name.startswith("test_")]
    others = [name for name in tasks_of(topic) if name not in PACKAGE]
    missing = [name for name in others if not any(name.split(".")[1] in w for w in written)]
    assert not missing
