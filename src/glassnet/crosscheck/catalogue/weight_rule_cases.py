"""Penalties and constraints on weights: by themselves, in every layer that takes them, in runs."""

from __future__ import annotations

import functools

import numpy as np

from glassnet import constraints, layers, losses, optimizers, regularizers
from glassnet.models import Functional, Sequential

from ..comparisons import compare, layer
from ..precision import float64, load_keras
from ..report import Report, compare_arrays
from ..runs import fit, model
from ..twins import describe, keras_twin
from .registry import case

_REGULARIZERS = [
    regularizers.L1(),
    regularizers.L1(0.3),
    regularizers.L2(),
    regularizers.L2(0.3),
    regularizers.L1L2(),
    regularizers.L1L2(0.3, 0.7),
    regularizers.L1L2(l2=0.3),
]
_CONSTRAINTS = [
    constraints.NonNeg(),
    constraints.UnitNorm(),
    constraints.UnitNorm(axis=1),
    constraints.UnitNorm(axis=[0, 2]),
    constraints.MaxNorm(),
    constraints.MaxNorm(1.3, axis=-1),
    constraints.MaxNorm(0.0),
    constraints.MinMaxNorm(),
    constraints.MinMaxNorm(1.5, 2.3),
    constraints.MinMaxNorm(1.5, 2.3, rate=0.4, axis=[0, 1]),
]


def _regularizer(ours, rng):
    """Weights of 0 among them: there is no slope there, and a convention instead."""
    w = rng.standard_normal((4, 3, 5))
    w[w > 1] = 0
    with float64():
        twin = keras_twin(ours)
        return compare(
            lambda w: ours(w),
            lambda w: twin(w),
            w,
            backward=lambda dy, w: dy * ours.gradient(w),
            rng=rng,
        )


def _constraint(ours, rng):
    """Vectors that are too long, too short, just right, and zero."""
    w = rng.standard_normal((4, 3, 5)) * [0.1, 1, 2, 3, 0]
    with float64():
        report = compare(lambda w: ours(w), keras_twin(ours), w)
    return Report(report.title, report.rows)


def _defaults(kind, names, rng):
    """What a name stands for here and in Keras, which rounds the strengths to float32."""
    _, keras = load_keras()
    w = 2 * rng.standard_normal((4, 3))
    pairs = [(kind.get(name)(w), getattr(keras, _name(kind)).get(name)(w)) for name in names]
    rows = [compare_arrays(name, *pair, 1e-6, 0) for name, pair in zip(names, pairs, strict=True)]
    return Report(_name(kind), rows)


def _name(module):
    return module.__name__.rpartition(".")[2]


def _register():
    for ours in _REGULARIZERS:
        covers = [f"regularizers.{name}" for name in ("Regularizer", type(ours).__name__)]
        case(f"regularizers.{describe(ours)}", *covers)(functools.partial(_regularizer, ours))
    for ours in _CONSTRAINTS:
        covers = [f"constraints.{name}" for name in ("Constraint", type(ours).__name__)]
        if not isinstance(ours, constraints.NonNeg):
            covers += ["constraints.norms"]
        case(f"constraints.{describe(ours)}", *covers)(functools.partial(_constraint, ours))
    for kind, registry in (
        (regularizers, regularizers.REGULARIZERS),
        (constraints, constraints.CONSTRAINTS),
    ):
        names = [name for name in registry if name != "l1_l2"]  # in Keras' documentation only
        names += sorted({cls.__name__ for cls in registry.values()})
        covers = [f"{_name(kind)}.{cls.__name__}" for cls in registry.values()]
        case(f"{_name(kind)}, by name", *covers)(functools.partial(_defaults, kind, names))


_register()

_ALL = [  # a regularizer and a constraint for every weight, all of them different
    (regularizers.L1(0.3), constraints.MaxNorm(1.2)),
    (regularizers.L2(0.2), constraints.NonNeg()),
    (regularizers.L1L2(0.1, 0.4), constraints.UnitNorm(-1)),
]
_CONV = {"kernel_size": (3, 2)}
_SEQUENCE, _IMAGES = (3, 6, 5), (2, 6, 7, 4)

# class, options, input shape, words
_LAYERS = [
    ("Dense", {"units": 4}, (7, 5), ["kernel", "bias"]),
    ("Dense", {"units": 4, "use_bias": False}, (7, 5), ["bias", "kernel"]),
    ("Conv1D", {"filters": 4, "kernel_size": 3}, _SEQUENCE, ["kernel", "bias"]),
    ("Conv2D", {"filters": 5, **_CONV}, _IMAGES, ["bias", "kernel"]),
    ("DepthwiseConv2D", {"depth_multiplier": 3, **_CONV}, _IMAGES, ["depthwise", "bias"]),
    ("SeparableConv2D", {"filters": 5, **_CONV}, _IMAGES, ["depthwise", "pointwise", "bias"]),
    ("Conv2DTranspose", {"filters": 5, **_CONV}, _IMAGES, ["kernel", "bias"]),
    ("SimpleRNN", {"units": 4}, _SEQUENCE, ["kernel", "recurrent", "bias"]),
    ("LSTM", {"units": 4}, _SEQUENCE, ["bias", "kernel", "recurrent"]),
    ("GRU", {"units": 4}, _SEQUENCE, ["recurrent", "bias", "kernel"]),
    ("BatchNormalization", {}, (7, 5), ["gamma", "beta"]),
    ("LayerNormalization", {"axis": [1, 2]}, _SEQUENCE, ["beta", "gamma"]),
    ("GroupNormalization", {"groups": 2}, _IMAGES, ["gamma", "beta"]),
    ("PReLU", {}, _SEQUENCE, ["alpha"]),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4}, _SEQUENCE, ["kernel", "bias"]),
]


def _rules(words):
    """Keyword arguments that give each word its own regularizer and constraint."""
    return {
        f"{word}_{kind}": rule
        for word, pair in zip(words, _ALL, strict=False)
        for kind, rule in zip(("regularizer", "constraint"), pair, strict=True)
    }


def _layer(make, shape, rng):
    return layer(make(), shape, rng)


def _register_layers():
    for name, options, shape, words in _LAYERS:
        shown = "".join(f", {key}={value!r}" for key, value in options.items())
        make = functools.partial(getattr(layers, name), **options, **_rules(words))
        case(f"layers.{name}, every weight has its rules{shown}", f"layers.{name}")(
            functools.partial(_layer, make, shape)
        )


_register_layers()


@case("layers.Embedding, every weight has its rules", "layers.Embedding")
def _embedding(rng):
    ours = layers.Embedding(9, 4, **_rules(["embeddings"]))
    return layer(ours, (3, 5), rng, inputs=rng.integers(0, 9, (3, 5)))


@case("layers.Bidirectional, every weight has its rules", "layers.Bidirectional")
def _bidirectional(rng):
    inner = layers.LSTM(4, **_rules(["kernel", "recurrent", "bias"]))
    return layer(layers.Bidirectional(inner), _SEQUENCE, rng)


@case("layers.TimeDistributed, every weight has its rules", "layers.TimeDistributed")
def _time_distributed(rng):
    inner = layers.Dense(4, **_rules(["bias", "kernel"]))
    return layer(layers.TimeDistributed(inner), _SEQUENCE, rng)


def _network(rng, optimizer):
    """A network in which most weights have rules."""
    network = Sequential(
        [
            layers.Conv1D(6, 3, kernel_regularizer="l2", bias_constraint="non_neg"),
            layers.BatchNormalization(**_rules(["gamma", "beta"])),
            layers.LSTM(5, **_rules(["kernel", "recurrent", "bias"])),
            layers.Dense(4, "tanh", kernel_constraint=constraints.MaxNorm(0.8)),
            layers.Dense(2, **_rules(["bias", "kernel"])),
        ]
    )
    network.build((None, 7, 3), rng, np.float64)
    network.compile(optimizer, losses.MeanSquaredError(), ["mae"])
    return network


@case("models.Sequential, rules on weights step by step", "models.Sequential", "models.Model")
def _steps(rng):
    x, y = rng.standard_normal((50, 7, 3)), rng.standard_normal((50, 2))
    return model(_network(rng, optimizers.Adam(0.01)), x, y, rng=rng, batch_size=13, steps=10)


@case("models.Sequential.fit, rules on weights and averages", "models.Sequential", "models.Model")
def _fit(rng):
    """The penalty is in all losses; the averages are taken before a constraint is restored."""
    x, y = rng.standard_normal((29, 7, 3)), rng.standard_normal((29, 2))
    averaged = optimizers.SGD(0.05, use_ema=True, ema_momentum=0.7, ema_overwrite_frequency=3)
    network = _network(rng, averaged)
    return fit(network, x, y, epochs=2, batch_size=8, validation_split=0.3)


@case("models.Functional.fit, rules on weights", "models.Functional", "models.Model")
def _functional(rng):
    x, y = rng.standard_normal((29, 5)), rng.standard_normal((29, 2))
    entry = layers.Input((5,))
    hidden = layers.Dense(5, "tanh", **_rules(["kernel", "bias"]))(entry)
    summed = layers.Add()([entry, hidden])
    network = Functional(entry, layers.Dense(2, kernel_regularizer=regularizers.L1(0.02))(summed))
    network.build(rng, np.float64)
    network.compile(optimizers.SGD(0.05, momentum=0.5), "mean_squared_error")
    return fit(network, x, y, epochs=2, batch_size=8)
