"""Penalties and constraints on weights: by themselves, in every layer that takes them, in runs."""

from __future__ import annotations

import functools

from glassnet import constraints, regularizers

from ..comparisons import compare
from ..precision import float64, load_keras
from ..report import Report, compare_arrays
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
