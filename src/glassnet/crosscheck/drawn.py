"""Keras layers that do not draw: they are given what ours have drawn."""

from __future__ import annotations

import functools
from unittest import mock

import numpy as np

from .precision import load_keras

__all__ = ["MaskedDropout", "drawn_class"]


def MaskedDropout(rate, name=None):
    """Return a Keras layer that drops the units it is told to, instead of drawing them.

    With it Keras and NumPy can train with the same masks: call ``layer.set_mask(keep)`` before each
    training step. Works eagerly and in compiled graphs, with any batch size.

    Parameters
    ----------
    rate : float
        The share dropped; in training the output is ``x * keep / (1 - rate)``.
    name : str, optional

    Returns
    -------
    keras.layers.Layer
        ``set_mask(keep)`` takes an array of 0 and 1, shape of the input with its batch axis.
    """
    return _masked_dropout_class()(rate, name=name)


@functools.cache
def _masked_dropout_class():
    tensorflow, keras = load_keras()

    class MaskedDropout(keras.layers.Layer):
        def __init__(self, rate, **kwargs):
            super().__init__(**kwargs)
            self.rate = rate
            self._keep = None
            self.supports_masking = True
            self._build_at_init()

        def set_mask(self, keep):
            keep = np.asarray(keep)
            if not np.isin(keep, (0, 1)).all():
                raise ValueError("`keep` must hold only 0 and 1.")
            self._keep = kept_in(self._keep, keep, self.compute_dtype)

        def set_drawn(self, index, keep):
            self.set_mask(keep)

        def call(self, inputs, training=False):
            if not training:
                return inputs
            if self._keep is None:
                raise RuntimeError("MaskedDropout: call set_mask before a training step.")
            keep = tensorflow.reshape(self._keep, tensorflow.shape(inputs))
            return inputs * keep / (1 - self.rate)

        def compute_output_shape(self, input_shape):
            return input_shape

        def get_config(self):
            return {**super().get_config(), "rate": self.rate}

    return MaskedDropout


def kept_in(variable, value, dtype):
    """Return a variable that holds `value`, of any shape: the last batch may be smaller."""
    tensorflow, _ = load_keras()
    value = tensorflow.constant(value, dtype)
    if variable is not None:
        variable.assign(value)
        return variable
    with tensorflow.init_scope():
        return tensorflow.Variable(value, trainable=False, shape=tensorflow.TensorShape(None))


@functools.cache
def drawn_class(name):
    """The Keras layer called `name`, but with what it would draw handed to it."""
    tensorflow, keras = load_keras()

    class Drawn(getattr(keras.layers, name)):
        _draw = None

        def set_drawn(self, index, draw):
            self._draw = kept_in(self._draw, draw, self.compute_dtype)

        def call(self, inputs, training=False):
            def normal(shape, mean=0.0, stddev=1.0, **options):
                return mean + stddev * tensorflow.reshape(self._draw, shape)

            def dropout(inputs, rate, noise_shape, **options):
                return inputs * tensorflow.reshape(self._draw, noise_shape) / (1 - rate)

            instead = {"normal": normal, "dropout": dropout}
            with mock.patch.multiple(keras.src.backend.random, **instead):
                return super().call(inputs, training=training)

    return Drawn
