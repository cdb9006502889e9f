"""Keras as the reference for the activations, imported only by the tests that need it."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def reference():
    """A function (f, x, dy) -> (f(x), gradient of sum(dy f(x)) by x), with f on Keras tensors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # third-party deprecations are not what is tested
        import tensorflow as tf

    def evaluate(f, x, dy=None):
        x = tf.constant(x)
        dy = tf.ones_like(x) if dy is None else tf.constant(dy)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        dx = tape.gradient(y, x, output_gradients=dy)
        return y.numpy(), np.zeros(x.shape) if dx is None else dx.numpy()  # None: not connected

    return evaluate


@pytest.fixture(scope="session")
def keras(reference):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

    return keras
