"""Every loss, as a function and as a class with every reduction, with and without weights."""

from __future__ import annotations

import functools

import numpy as np

from glassnet import losses

from ..comparisons import compare, loss
from ..report import Report
from ..twins import load_keras
from .registry import case

_REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")
_SHAPE = (4, 3, 5)  # batch, time, outputs


def _real(rng, shape=_SHAPE):
    y_true = rng.standard_normal(shape)
    y_pred = y_true + 2 * rng.standard_normal(shape)
    y_pred[0, 0] = y_true[0, 0]  # no error at all: the kink of the absolute value
    return y_true, y_pred


def _counts(rng, shape=_SHAPE):
    return rng.poisson(3.0, shape), rng.uniform(0.1, 6.0, shape)


def _signs(rng, shape=_SHAPE):
    return rng.choice([-1.0, 1.0], shape), 1.5 * rng.standard_normal(shape)


def _yes_no(rng, shape=_SHAPE, from_logits=False):
    y_true = rng.integers(0, 2, shape)
    if from_logits:
        return y_true, 5 * rng.standard_normal(shape)
    y_pred = rng.uniform(0.0, 1.0, shape)
    y_pred[0, 0, :4] = 0.0, 1.0, 1e-8, 1 - 1e-8  # beyond where they are clipped
    return y_true, y_pred


def _distributions(rng, shape=_SHAPE, from_logits=False, axis=-1):
    y_true = np.moveaxis(rng.dirichlet(np.ones(shape[axis]), _without(shape, axis)), -1, axis)
    if from_logits:
        return y_true, 5 * rng.standard_normal(shape)
    y_pred = np.moveaxis(rng.dirichlet(np.ones(shape[axis]), _without(shape, axis)), -1, axis)
    np.moveaxis(y_pred, axis, -1)[0, 0, :2] = 0.0, 1e-9
    return y_true, 0.8 * y_pred  # does not sum to 1


def _labels(rng, shape=_SHAPE, from_logits=False, ignore_class=None):
    y_true = rng.integers(0, shape[-1], shape[:-1])
    y_true[0] = 0 if ignore_class is None else ignore_class
    return y_true, _distributions(rng, shape, from_logits)[1]


def _without(shape, axis):
    shape = list(shape)
    del shape[axis]
    return tuple(shape)


# function, class, data, options of both
_LOSSES = [
    ("mean_squared_error", "MeanSquaredError", _real, {}),
    ("mean_absolute_error", "MeanAbsoluteError", _real, {}),
    ("huber", "Huber", _real, {}),
    ("huber", "Huber", _real, {"delta": 0.6}),
    ("log_cosh", "LogCosh", _real, {}),
    ("poisson", "Poisson", _counts, {}),
    ("kl_divergence", "KLDivergence", _distributions, {}),
    ("hinge", "Hinge", _signs, {}),
    ("squared_hinge", "SquaredHinge", _signs, {}),
    ("binary_crossentropy", "BinaryCrossentropy", _yes_no, {}),
    ("binary_crossentropy", "BinaryCrossentropy", _yes_no, {"label_smoothing": 0.2}),
    ("binary_crossentropy", "BinaryCrossentropy", _yes_no, {"axis": 1}),
    (
        "binary_crossentropy",
        "BinaryCrossentropy",
        functools.partial(_yes_no, from_logits=True),
        {"from_logits": True, "label_smoothing": 0.2},
    ),
    ("categorical_crossentropy", "CategoricalCrossentropy", _distributions, {}),
    (
        "categorical_crossentropy",
        "CategoricalCrossentropy",
        _distributions,
        {"label_smoothing": 0.2},
    ),
    (
        "categorical_crossentropy",
        "CategoricalCrossentropy",
        functools.partial(_distributions, axis=1),
        {"axis": 1},
    ),
    (
        "categorical_crossentropy",
        "CategoricalCrossentropy",
        functools.partial(_distributions, from_logits=True),
        {"from_logits": True, "label_smoothing": 0.2},
    ),
    ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", _labels, {}),
    (
        "sparse_categorical_crossentropy",
        "SparseCategoricalCrossentropy",
        functools.partial(_labels, from_logits=True),
        {"from_logits": True},
    ),
    (
        "sparse_categorical_crossentropy",
        "SparseCategoricalCrossentropy",
        functools.partial(_labels, from_logits=True, ignore_class=-1),
        {"from_logits": True, "ignore_class": -1},
    ),
    (
        "sparse_categorical_crossentropy",
        "SparseCategoricalCrossentropy",
        functools.partial(_labels, ignore_class=2),
        {"ignore_class": 2},
    ),
]


def _function(name, data, options, rng):
    _, keras = load_keras()
    y_true, y_pred = data(rng)
    return compare(
        getattr(losses, name), getattr(keras.losses, name), y_true, y_pred, rng=rng, **options
    )


def _class(name, data, options, rng):
    """All reductions, without weights, with one weight a sample, and with one a step of time."""
    y_true, y_pred = data(rng)
    shape = _without(y_pred.shape, options.get("axis", -1))
    weights = {
        "": None,
        ", weights": rng.uniform(0.1, 2.0, shape),
        ", weight 0 or 1": rng.integers(0, 2, shape),
        ", weight per sample": rng.uniform(0.1, 2.0, (shape[0], 1)),
    }
    return Report.join(
        name,
        [
            loss(
                getattr(losses, name)(reduction=reduction, **options), y_true, y_pred, weight
            ).with_title(f"{reduction}{label}")
            for reduction in _REDUCTIONS
            for label, weight in weights.items()
        ],
    )


def _register():
    for function, cls, data, options in _LOSSES:
        listed = "".join(f", {key}={value}" for key, value in options.items())
        case(f"losses.{function}{listed}", f"losses.{function}", f"losses.{function}_gradient")(
            functools.partial(_function, function, data, options)
        )
        shared = ("losses.Loss", "losses.match_shapes", "losses.reduction_factors")
        case(f"losses.{cls}{listed}", f"losses.{cls}", *shared)(
            functools.partial(_class, cls, data, options)
        )


_register()


@case("losses, logits far out", "losses.binary_crossentropy", "losses.categorical_crossentropy")
def _far_out(rng):
    """Logits of +-1000, where a probability is 0 or 1 in any precision."""
    z = rng.choice([-1000.0, 1000.0], (6, 4)) + rng.standard_normal((6, 4))
    onehot = np.eye(4)[rng.integers(0, 4, 6)]
    return Report.join(
        "far out",
        [
            loss(losses.BinaryCrossentropy(from_logits=True), onehot, z),
            loss(losses.CategoricalCrossentropy(from_logits=True), onehot, z),
            loss(losses.SparseCategoricalCrossentropy(from_logits=True), onehot.argmax(-1), z),
        ],
    )


@case("losses, one output without its axis", "losses.Loss", "losses.match_shapes")
def _squeezed(rng):
    """Targets (batch,) for predictions (batch, 1), which would broadcast to (batch, batch)."""
    y_true, y_pred = rng.integers(0, 2, 7), rng.uniform(0.1, 0.9, (7, 1))
    return Report.join(
        "squeezed",
        [
            loss(cls(), y_true, y_pred, weight).with_title(f"{cls.__name__}{label}")
            for cls in (losses.MeanSquaredError, losses.BinaryCrossentropy)
            for label, weight in (("", None), (", weights", rng.uniform(0.1, 2.0, 7)))
        ],
    )
