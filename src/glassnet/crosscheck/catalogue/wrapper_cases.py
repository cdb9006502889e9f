"""Embedding, Bidirectional and TimeDistributed."""

from __future__ import annotations

import functools

import numpy as np

from glassnet import layers, losses, optimizers
from glassnet.models import Sequential

from ..comparisons import layer
from ..runs import model
from .recurrent_cases import BATCH, FEATURES, TIME, UNITS, random_mask
from .registry import case

_EMBEDDING = ("layers.Embedding", "layers.embedding_forward", "layers.embedding_backward")
_BIDIRECTIONAL = ("layers.Bidirectional", "layers.merge_forward", "layers.merge_backward")
_DISTRIBUTED = (
    "layers.TimeDistributed",
    "layers.time_distributed_forward",
    "layers.time_distributed_backward",
)

# class inside, its options, how to merge, whether with a mask and initial states
_BOTH_WAYS = [
    ("LSTM", {"return_sequences": True}, "concat", False),
    ("LSTM", {"return_sequences": True, "return_state": True}, "sum", True),
    ("LSTM", {}, "mul", True),
    ("GRU", {"return_sequences": True}, "mul", True),
    ("GRU", {"return_state": True}, "ave", False),
    ("GRU", {"reset_after": False}, "concat", True),
    ("SimpleRNN", {"return_sequences": True}, "ave", True),
    ("SimpleRNN", {"activation": "relu"}, "sum", False),
]


@case("layers.Embedding(11, 4)", *_EMBEDDING)
def _embedding(rng):
    tokens = rng.integers(0, 11, (6, 5))  # some come twice, some never
    return layer(layers.Embedding(11, 4), tokens.shape, rng, inputs=tokens)


@case("layers.Embedding(3, 4), more axes", *_EMBEDDING)
def _embedding_axes(rng):
    tokens = rng.integers(0, 3, (6, 2, 5))
    return layer(layers.Embedding(3, 4), tokens.shape, rng, inputs=tokens)


def _both_ways(name, options, merge_mode, masked, rng):
    inside = getattr(layers, name)(UNITS, **options)
    forward_options = {}
    if masked:
        count = 2 * len(inside.state_names)
        states = [rng.standard_normal((BATCH, UNITS)) for _ in range(count)]
        forward_options = {"mask": random_mask(rng), "initial_state": states}
    wrapped = layers.Bidirectional(inside, merge_mode)
    return layer(wrapped, (BATCH, TIME, FEATURES), rng, title=name, **forward_options)


for _name, _options, _mode, _masked in _BOTH_WAYS:
    _shown = ", ".join(f"{key}={value!r}" for key, value in _options.items())
    case(
        f"layers.Bidirectional({_name}({_shown}), {_mode}){', masked' * _masked}", *_BIDIRECTIONAL
    )(functools.partial(_both_ways, _name, _options, _mode, _masked))


@case("layers.TimeDistributed(Dense)", *_DISTRIBUTED)
def _distributed_dense(rng):
    wrapped = layers.TimeDistributed(layers.Dense(4, activation="softsign"))
    return layer(wrapped, (3, 6, 5), rng, title="Dense")


@case("layers.TimeDistributed(LSTM)", *_DISTRIBUTED)
def _distributed_lstm(rng):
    wrapped = layers.TimeDistributed(layers.LSTM(4, return_sequences=True))
    return layer(wrapped, (3, 2, 6, 5), rng, title="LSTM")


@case("layers.TimeDistributed(Flatten)", *_DISTRIBUTED)
def _distributed_flatten(rng):
    return layer(layers.TimeDistributed(layers.Flatten()), (3, 2, 6, 5), rng, title="Flatten")


@case("models.Sequential, tokens step by step", "models.Sequential")
def _tokens(rng):
    """Token 0 fills up; its vector gets no gradient from the layers that skip it.

    Plain gradient descent: Keras' Adam leaves the averages of tokens out of the batch as they are.
    """
    x = rng.integers(0, 7, (60, 5))
    x[:, 3:] *= rng.integers(0, 2, (60, 2))
    parts = [
        layers.Embedding(7, 3, mask_zero=True),
        layers.Bidirectional(layers.LSTM(4, return_sequences=True), "ave"),
        layers.TimeDistributed(layers.Dense(5, "tanh")),
        layers.SimpleRNN(4),
        layers.Dense(6),
    ]
    network = Sequential(parts)
    network.build((None, 5), rng, dtype=np.float64)
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizers.SGD(0.1), loss)
    return model(network, x, rng.integers(0, 6, 60), rng=rng, batch_size=13, steps=10)
