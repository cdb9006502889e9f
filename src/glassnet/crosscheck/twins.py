"""The Keras twin of a component, built from its class name and its configuration."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from ..layers import (
    Bidirectional,
    Dropout,
    Embedding,
    GaussianDropout,
    GaussianNoise,
    MultiHeadAttention,
    SpatialDropout1D,
    SpatialDropout2D,
    TimeDistributed,
)
from ..metrics import SparseTopKCategoricalAccuracy
from ..models import Autoencoder, Functional, Sequential
from ..regularizers import Regularizer
from ..schedules import LinearWarmup
from .descriptions import configuration, describe
from .drawn import MaskedDropout, drawn_class
from .precision import load_keras

__all__ = [
    "MaskedDropout",
    "describe",
    "drawn",
    "give",
    "hand_over",
    "keras_twin",
    "randomise_weights",
    "register_twin",
]


class _Twin(NamedTuple):
    build: object
    drawn: object


_TWINS: dict[type, _Twin] = {}


def register_twin(cls, drawn=None):
    """Decorate a function that makes the Keras twin of instances of `cls`.

    Only classes that Keras does not have under the same name and configuration need it.

    Parameters
    ----------
    cls : type
        The class of this package (or of a page); its subclasses share the twin.
    drawn : callable, optional
        ``drawn(ours)`` returns what our last forward pass has drawn at random, such as a dropout
        mask, as a list of arrays, None where nothing was drawn. The twin gets each that is not
        None, with its place in the list, by its method ``set_drawn(index, value)``.

    Returns
    -------
    callable
        The decorator. The decorated function takes the component, returns the Keras object.
    """

    def register(build):
        _TWINS[cls] = _Twin(build, drawn)
        return build

    return register


def keras_twin(component):
    """Return a new Keras object with the class name and the configuration of `component`.

    Parameters
    ----------
    component : object
        A layer, loss, metric, initializer, schedule, optimizer or model of this package.
        Weights are not copied here, except for a model, which must be built.

    Returns
    -------
    object
        From ``keras.layers``, ``keras.losses`` and so on.

    Raises
    ------
    ValueError
        If Keras has no such class and none is registered with :func:`register_twin`.
    """
    registered = _registered(component)
    if registered is not None:
        return registered.build(component)
    name = type(component).__name__
    keras_class = getattr(_keras_module(component), name, None)
    if keras_class is None:
        raise ValueError(f"No Keras twin; use register_twin. Received: {type(component)!r}")
    config = configuration(component)
    for key, value in config.items():
        part = getattr(component, f"_{key}", getattr(component, key, value))
        if _is_ours(part) and not isinstance(value, str):  # a schedule, an initializer
            config[key] = keras_twin(part)
    return keras_class.from_config(config)


def drawn(ours):
    """Return copies of what `ours` drew at random in its last forward pass, as a list."""
    registered = _registered(ours)
    if registered is None or registered.drawn is None:
        return []
    return [None if value is None else np.array(value) for value in registered.drawn(ours)]


def give(twin, values):
    """Give `twin` what :func:`drawn` has returned."""
    for index, value in enumerate(values):
        if value is not None:
            twin.set_drawn(index, value)


def hand_over(ours, twin):
    """Give `twin` what `ours` drew at random in its last forward pass."""
    give(twin, drawn(ours))


def randomise_weights(layer, rng):
    """Give every parameter and every state variable of a built layer random values, in place.

    Zero biases hide a bias that is never added, unit scales one that is never multiplied by.
    Variances are drawn from [0.5, 1.5].
    """
    for values in (layer.params, layer.state):
        for name, value in values.items():
            if "variance" in name:
                value[...] = rng.uniform(0.5, 1.5, value.shape)
            else:
                value[...] = 0.5 * rng.standard_normal(value.shape)


def _registered(component):
    for cls in type(component).__mro__:
        if cls in _TWINS:
            return _TWINS[cls]
    return None


def _keras_module(component):
    _, keras = load_keras()
    package, _, rest = type(component).__module__.partition(".")
    if package != __name__.partition(".")[0]:
        raise ValueError(f"No Keras twin; use register_twin. Received: {type(component)!r}")
    kind = rest.partition(".")[0]
    if kind == "schedules":
        return keras.optimizers.schedules
    if kind == "models":
        return keras
    return getattr(keras, kind)


def _is_ours(value):
    return type(value).__module__.partition(".")[0] == __name__.partition(".")[0]


@register_twin(Dropout, drawn=lambda ours: [ours.mask])
def _dropout_twin(dropout):
    return MaskedDropout(dropout.rate)


@register_twin(SpatialDropout2D, drawn=lambda ours: [ours.mask])
@register_twin(SpatialDropout1D, drawn=lambda ours: [ours.mask])
@register_twin(GaussianDropout, drawn=lambda ours: [ours.noise])
@register_twin(GaussianNoise, drawn=lambda ours: [ours.noise])
def _drawn_twin(layer):
    """Keras' own layer, which only does not draw."""
    return drawn_class(type(layer).__name__).from_config(layer.get_config())


@register_twin(Bidirectional)
def _bidirectional_twin(wrapper):
    _, keras = load_keras()
    return keras.layers.Bidirectional(keras_twin(wrapper.layer), wrapper.merge_mode)


@register_twin(TimeDistributed)
def _time_distributed_twin(wrapper):
    _, keras = load_keras()
    return keras.layers.TimeDistributed(keras_twin(wrapper.layer))


@register_twin(MultiHeadAttention)
def _multi_head_twin(attention):
    """Keras takes query, value and key as separate arguments, ours come in a list."""
    return _listed_attention_class()(attention.get_config())


@functools.cache
def _listed_attention_class():
    _, keras = load_keras()

    class ListedAttention(keras.layers.Layer):
        def __init__(self, config):
            super().__init__()
            self.attention = keras.layers.MultiHeadAttention.from_config(config)
            # a Python float would be rounded to float32
            self.attention._inverse_sqrt_key_dim = np.float64(config["key_dim"] ** -0.5)
            self.supports_masking = True

        def build(self, input_shape):
            several = isinstance(input_shape, list)
            shapes = input_shape if several else [input_shape, input_shape]
            self.attention.build(*shapes)
            self.built = True

        def call(self, inputs, mask=None, **options):
            several = isinstance(inputs, (list, tuple))
            inputs = list(inputs) if several else [inputs, inputs]
            masks = mask if several and mask is not None else [mask, mask]
            if masks[0] is not None:  # only read where Keras keeps it
                keras.src.backend.set_keras_mask(inputs[0], keras.ops.convert_to_tensor(masks[0]))
            return self.attention(*inputs, value_mask=masks[1], **options)

    return ListedAttention


@register_twin(Sequential)
def _sequential_twin(sequential):
    _, keras = load_keras()
    twins = [keras_twin(layer) for layer in sequential.layers]
    integers = isinstance(sequential.layers[0], Embedding)
    options = {"dtype": "int64"} if integers else {}
    twin = keras.Sequential([keras.Input(sequential.input_shape[1:], **options), *twins])
    twin.set_weights(sequential.get_weights())
    return twin


@register_twin(Autoencoder)
def _autoencoder_twin(autoencoder):
    """All layers in one chain, which is what Keras needs no class for."""
    _, keras = load_keras()
    parts = [keras_twin(layer) for layer in autoencoder.layers]
    twin = keras.Sequential([keras.Input(autoencoder.input_shape[1:]), *parts])
    twin.set_weights(autoencoder.get_weights())
    return twin


@register_twin(Functional)
def _functional_twin(functional):
    """Keras' own layers, called on its own nodes in the same way."""
    _, keras = load_keras()
    tensors = {functional.inputs: keras.Input(functional.input_shape[1:])}
    for node in functional.nodes:
        given = [tensors[parent] for parent in node.parents]
        tensors[node] = keras_twin(node.layer)(given if node.several else given[0])
    twin = keras.Model(tensors[functional.inputs], tensors[functional.outputs])
    twin.set_weights(functional.get_weights())
    return twin


@register_twin(Regularizer)
def _regularizer_twin(regularizer):
    """Keras rounds the strengths to float32 before it multiplies by them; NumPy's it takes."""
    _, keras = load_keras()
    twin = getattr(keras.regularizers, type(regularizer).__name__)(**regularizer.get_config())
    for name, value in regularizer.get_config().items():
        setattr(twin, name, np.float64(value))
    return twin


@register_twin(SparseTopKCategoricalAccuracy)
def _top_k_twin(metric):
    """Keras' function can only rank float32, so that is done before its float64 mean."""
    _, keras = load_keras()

    def function(y_true, y_pred):
        y_pred = keras.ops.cast(y_pred, "float32")
        hits = keras.metrics.sparse_top_k_categorical_accuracy(y_true, y_pred, k=metric.k)
        return keras.ops.cast(hits, "float64")

    return keras.metrics.MeanMetricWrapper(function, name=metric.name)


@register_twin(LinearWarmup)
def _warmup_twin(schedule):
    """Keras has the first part only in its cosine decay; the second is a schedule of its own."""
    _, keras = load_keras()
    schedules = keras.optimizers.schedules

    class LinearWarmup(schedules.LearningRateSchedule):
        def __init__(self):
            self.first = schedules.CosineDecay(
                0.0, 1, warmup_target=schedule.target, warmup_steps=schedule.warmup_steps
            )
            self.second = keras_twin(schedule.after) if _is_ours(schedule.after) else None

        def __call__(self, step):
            rising = self.first(step)
            if self.second is None:
                after = keras.ops.full_like(rising, schedule.after)
            else:
                after = self.second(keras.ops.maximum(step - schedule.warmup_steps, 0))
            return keras.ops.where(step < schedule.warmup_steps, rising, after)

    return LinearWarmup()
