"""Initializers, optimizers, schedules and metrics with all their options."""

from __future__ import annotations

import functools

import numpy as np

from glassnet import initializers, metrics, optimizers, schedules

from ..report import Report, compare_arrays
from ..training import initializer, metric, optimizer, schedule
from ..twins import describe
from .registry import case

# class, arguments
_INITIALIZERS = [
    ("Zeros", ()),
    ("Ones", ()),
    ("Constant", (-1.75,)),
    ("RandomNormal", ()),
    ("RandomNormal", (0.4, 1.3)),
    ("RandomUniform", ()),
    ("RandomUniform", (-0.3, 1.1)),
    ("TruncatedNormal", ()),
    ("TruncatedNormal", (0.4, 1.3)),
    ("GlorotNormal", ()),
    ("GlorotUniform", ()),
    ("HeNormal", ()),
    ("HeUniform", ()),
    ("LecunNormal", ()),
    ("LecunUniform", ()),
    *(
        ("VarianceScaling", (1.7, mode, distribution))
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("truncated_normal", "untruncated_normal", "uniform")
    ),
    ("Orthogonal", ()),
    ("Orthogonal", (1.6,)),
]
# Fans that are far apart, of a matrix and of an image filter; a wide and a tall matrix.
_KERNELS = [(90, 400), (3, 5, 20, 90)]
_MATRICES = [(24, 37), (3, 11, 17)]

_CLIPS = ("clip_by_norm", "clip_by_value", "clip_by_global_norm", "global_norm")
_SCHEDULES = [
    schedules.ExponentialDecay(0.1, 17, 0.7),
    schedules.ExponentialDecay(0.1, 17, 0.7, staircase=True),
    schedules.InverseTimeDecay(0.1, 17, 0.7),
    schedules.InverseTimeDecay(0.1, 17, 0.7, staircase=True),
    schedules.PolynomialDecay(0.1, 31),
    schedules.PolynomialDecay(0.1, 31, end_learning_rate=0.02, power=2.5),
    schedules.PolynomialDecay(0.1, 31, end_learning_rate=0.02, power=0.5, cycle=True),
    schedules.CosineDecay(0.1, 31),
    schedules.CosineDecay(0.1, 31, alpha=0.15),
    schedules.CosineDecay(0.02, 31, alpha=0.15, warmup_target=0.1, warmup_steps=13),
    schedules.CosineDecayRestarts(0.1, 13),
    schedules.CosineDecayRestarts(0.1, 13, t_mul=1.0, m_mul=0.8, alpha=0.15),
    schedules.CosineDecayRestarts(0.1, 13, t_mul=1.5, m_mul=0.8),
    schedules.PiecewiseConstantDecay([13], [0.1, 0.02]),
    schedules.PiecewiseConstantDecay([7, 13, 31], [0.1, 0.3, 0.07, 0.02]),
    schedules.LinearWarmup(0.1, 13),
    schedules.LinearWarmup(0.1, 13, schedules.CosineDecay(0.1, 31)),
]

# class, options, functions that it must go through
_OPTIMIZERS = [
    ("SGD", {}, ["sgd_update"]),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}, ["momentum_update"]),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.7, "nesterov": True}, ["nesterov_update"]),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.03}, ["decay_weights"]),
    ("SGD", {"learning_rate": 0.1, "clipnorm": 1.5}, ["clip_by_norm", "global_norm"]),
    ("SGD", {"learning_rate": 0.1, "clipvalue": 0.6}, ["clip_by_value"]),
    ("SGD", {"learning_rate": 0.1, "global_clipnorm": 3.0}, ["clip_by_global_norm"]),
    ("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.8}, ["average_weights"]),
    (
        "SGD",
        {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 7},
        ["average_weights"],
    ),
    ("SGD", {"learning_rate": schedules.CosineDecay(0.1, 60, 0.1)}, []),
    ("SGD", {"learning_rate": schedules.LinearWarmup(0.1, 30), "momentum": 0.5}, []),
    ("Adagrad", {}, ["adagrad_update"]),
    ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.25, "epsilon": 1e-2}, []),
    ("Adadelta", {}, ["adadelta_update"]),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.8, "epsilon": 1e-3}, []),
    ("RMSprop", {}, ["rmsprop_update"]),
    ("RMSprop", {"learning_rate": 0.02, "rho": 0.8, "epsilon": 1e-2}, []),
    ("RMSprop", {"learning_rate": 0.02, "momentum": 0.6}, []),
    ("RMSprop", {"learning_rate": 0.02, "centered": True, "momentum": 0.6, "epsilon": 1e-3}, []),
    ("Adam", {}, ["adam_update"]),
    ("Adam", {"learning_rate": 0.02, "beta_1": 0.7, "beta_2": 0.95, "epsilon": 1e-2}, []),
    ("Adam", {"learning_rate": 0.02, "beta_2": 0.8, "amsgrad": True}, ["amsgrad_update"]),
    ("Adam", {"learning_rate": schedules.ExponentialDecay(0.1, 17, 0.7)}, []),
    ("AdamW", {}, []),
    ("AdamW", {"learning_rate": 0.02, "weight_decay": 0.2, "clipnorm": 1.5}, []),
]


def _initializer(name, arguments, rng):
    ours = getattr(initializers, name)(*arguments)
    shapes = _MATRICES if name == "Orthogonal" else _KERNELS
    return Report.join(
        name, [initializer(ours, shape, rng).with_title(f"{shape}") for shape in shapes]
    )


def _optimizer(name, options, rng):
    ours = getattr(optimizers, name)(**options)
    sizes = rng.permutation(
        [0.01, 1.0, 30.0] * 34
    )  # small and large gradients, to be clipped or not

    def gradients(step):
        return [sizes[step] * rng.standard_normal(shape) for shape in ((4, 3), (5,), (2, 6, 7))]

    return optimizer(ours, [(4, 3), (5,), (2, 6, 7)], rng, gradients=gradients)


def _as_it_is(name, options, rng):
    """With the constants that Keras rounds, as in every program that uses it."""
    ours = getattr(optimizers, name)(**options)
    return optimizer(ours, [(4, 3), (5,)], rng, exact=False)


def _schedule(ours, rng):
    return schedule(ours, range(120))


def _register():
    for name, arguments in _INITIALIZERS:
        ours = getattr(initializers, name)(*arguments)
        covers = [f"initializers.{name}", "initializers.Initializer"]
        if isinstance(ours, initializers.VarianceScaling):
            covers += ["initializers.compute_fans"]
        case(f"initializers.{describe(ours)}", *covers)(
            functools.partial(_initializer, name, arguments)
        )
    for name, options, functions in _OPTIMIZERS:
        covers = [f"optimizers.{part}" for part in (name, "Optimizer", *functions)]
        shown = ", ".join(f"{key}={_short(value)}" for key, value in options.items())
        case(f"optimizers.{name}({shown})", *covers)(functools.partial(_optimizer, name, options))
    for name in ("Adam", "SGD"):
        options = {"learning_rate": 0.01} | ({"momentum": 0.9} if name == "SGD" else {})
        case(f"optimizers.{name}, Keras as it is", f"optimizers.{name}")(
            functools.partial(_as_it_is, name, options)
        )
    for ours in _SCHEDULES:
        covers = [f"schedules.{type(ours).__name__}", "schedules.LearningRateSchedule"]
        case(f"schedules.{_short(ours)}", *covers)(functools.partial(_schedule, ours))


def _short(value):
    return describe(value) if isinstance(value, schedules.LearningRateSchedule) else repr(value)


_register()


def _batches(draw, rng):
    """Three batches of different sizes, each without and with weights."""
    result = []
    for size in (5, 8, 3):
        y_true, y_pred = draw(rng, size)
        result += [(y_true, y_pred), (y_true, y_pred, rng.uniform(0.1, 2.0, size))]
    return result


def _real(rng, size):
    return rng.standard_normal((size, 4)), rng.standard_normal((size, 4))


def _yes_no(rng, size):
    y_pred = rng.uniform(0.0, 1.0, (size, 4))
    y_pred[0] = 0.0, 0.3, 0.5, 1.0  # on the thresholds
    return rng.integers(0, 2, (size, 4)), y_pred


def _one_hot(rng, size):
    return np.eye(9)[rng.integers(0, 9, size)], rng.standard_normal((size, 9))


def _labels(rng, size):
    return rng.integers(0, 9, size), rng.standard_normal((size, 9))


_METRICS = [
    ("MeanSquaredError", {}, _real),
    ("MeanAbsoluteError", {}, _real),
    ("RootMeanSquaredError", {}, _real),
    ("BinaryAccuracy", {}, _yes_no),
    ("BinaryAccuracy", {"threshold": 0.3}, _yes_no),
    ("CategoricalAccuracy", {}, _one_hot),
    ("SparseCategoricalAccuracy", {}, _labels),
    ("SparseTopKCategoricalAccuracy", {}, _labels),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, _labels),
    ("Precision", {}, _yes_no),
    ("Precision", {"thresholds": 0.3}, _yes_no),
    ("Recall", {}, _yes_no),
    ("Recall", {"thresholds": 0.3}, _yes_no),
]


def _metric(name, options, draw, rng):
    return metric(getattr(metrics, name)(**options), _batches(draw, rng))


for _name, _options, _draw in _METRICS:
    _listed = "".join(f", {key}={value}" for key, value in _options.items())
    _shared = ["metrics.Metric"]
    if _draw is _yes_no:
        _shared += ["metrics.yes_or_no"]
    if _name not in ("Precision", "Recall"):
        _shared += ["metrics.MeanOf"]
    case(f"metrics.{_name}{_listed}", f"metrics.{_name}", *_shared)(
        functools.partial(_metric, _name, _options, _draw)
    )


@case("metrics.Mean", "metrics.Mean")
def _mean(rng):
    batches = [(rng.standard_normal(5),), (rng.standard_normal(8), rng.uniform(0.1, 2.0, 8))]
    return metric(metrics.Mean(), batches)


@case("metrics.confusion_matrix", "metrics.confusion_matrix")
def _confusion_matrix(rng):
    """Against ``tf.math.confusion_matrix``, with a class that never occurs."""
    from ..precision import load_keras

    tensorflow, _ = load_keras()
    y_true, y_pred = rng.integers(0, 6, (2, 97))
    rows = [
        compare_arrays(
            f"classes={classes}",
            metrics.confusion_matrix(y_true, y_pred, classes=classes),
            tensorflow.math.confusion_matrix(y_true, y_pred, num_classes=classes).numpy(),
            0,
            0,
        )
        for classes in (None, 6, 8)
    ]
    return Report("confusion matrix", rows)
