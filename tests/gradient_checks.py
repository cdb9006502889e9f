"""Checks by finite differences for every backward pass of the core, by the component's name."""

from __future__ import annotations

import functools
import zlib

import numpy as np
from sequence_gradient_checks import SEQUENCE_CHECKS

from glassnet import activations, gradcheck, layers, losses


def generator(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def activation(name, options, rng):
    forward = functools.partial(getattr(activations, name), **options)
    x = 2 * rng.standard_normal((9, 7))
    backward = getattr(activations, f"{name}_backward", None)
    if backward is not None:
        return gradcheck.check_function(
            forward, lambda dy, x: backward(dy, forward(x), **options), x, rng
        )
    derivative = functools.partial(getattr(activations, f"{name}_derivative"), **options)
    return gradcheck.check_derivative(forward, derivative, x)


def prelu(rng):
    def backward(dy, x, alpha):
        slope = activations.prelu_derivative(x, alpha)
        return dy * slope, activations.prelu_alpha_gradient(dy, x)

    arrays = rng.standard_normal((5, 3, 4)), rng.standard_normal(4)
    return gradcheck.check_function(activations.prelu, backward, arrays, rng)


def loss(name, options, rng):
    instance = getattr(losses, name)(**options)
    shape = (4, 3, 5)
    logits = 2 * rng.standard_normal(shape)
    axis = options.get("axis", -1)
    probabilities = activations.softmax(logits / 4, axis=axis)  # far from 0, where 1/p is steep
    labels = rng.integers(0, shape[axis], (4, 15 // shape[axis]))
    onehot = np.moveaxis(np.eye(shape[axis])[labels], -1, axis)
    y_pred = logits if options.get("from_logits") else probabilities
    y_true = {
        "SparseCategoricalCrossentropy": rng.integers(0, 5, (4, 3)),
        "Hinge": 2 * onehot - 1,
        "SquaredHinge": 2 * onehot - 1,
        "MeanSquaredError": rng.standard_normal(shape),
        "MeanAbsoluteError": rng.standard_normal(shape),
        "Huber": rng.standard_normal(shape),
        "LogCosh": rng.standard_normal(shape),
    }.get(name, onehot)
    if name in ("Hinge", "SquaredHinge", "Huber", "LogCosh"):
        y_pred = logits
    weight = rng.uniform(0.5, 2.0, np.delete(shape, axis))
    return gradcheck.check_loss(instance, y_true, y_pred, rng, weight)


def layer(name, options, shape, training, rng, **forward_options):
    instance = getattr(layers, name)(**options)
    x = rng.standard_normal(shape)
    return gradcheck.check_layer(instance, x, rng, training=training, **forward_options)


def merging(name, options, shapes, rng):
    instance = getattr(layers, name)(**options)
    return gradcheck.check_layer(instance, tuple(map(rng.standard_normal, shapes)), rng)


def dropout(rng):
    mask = rng.integers(0, 2, (5, 3, 4))
    return layer("Dropout", {"rate": 0.3}, (5, 3, 4), True, rng, mask=mask)


_ACTIVATIONS = [
    *((name, {}) for name in activations.ACTIVATIONS),
    ("relu", {"negative_slope": 0.3, "max_value": 2.5, "threshold": 0.7}),
    ("leaky_relu", {"negative_slope": 0.05}),
    ("elu", {"alpha": 0.4}),
    ("gelu", {"approximate": True}),
    ("softmax", {"axis": 0}),
    ("log_softmax", {"axis": 0}),
]
_LOSSES = [
    *((name, {}) for name in ("MeanSquaredError", "MeanAbsoluteError", "LogCosh", "Poisson")),
    *((name, {}) for name in ("KLDivergence", "Hinge", "SquaredHinge")),
    ("Huber", {"delta": 0.6}),
    *(
        (name, options)
        for name in ("BinaryCrossentropy", "CategoricalCrossentropy")
        for options in (
            {"label_smoothing": 0.2},
            {"label_smoothing": 0.2, "from_logits": True},
            {"axis": 1, "from_logits": True, "reduction": "mean_with_sample_weight"},
        )
    ),
    ("SparseCategoricalCrossentropy", {"reduction": "sum"}),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 2}),
]
_LAYERS = [
    ("Dense", {"units": 3}, (4, 5)),
    ("Dense", {"units": 5, "activation": "gelu"}, (4, 2, 5)),  # square: a lost transpose still runs
    ("Dense", {"units": 3, "activation": "softmax", "use_bias": False}, (4, 5)),
    ("Activation", {"activation": "silu"}, (4, 5)),
    ("Flatten", {}, (4, 3, 5)),
    ("Reshape", {"target_shape": (5, -1)}, (4, 3, 10)),
    ("PReLU", {}, (4, 3, 5)),
    ("PReLU", {"shared_axes": [1]}, (4, 3, 5)),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal"}, (2, 8, 5)),
    ("Conv2D", {"filters": 5, "kernel_size": (3, 2)}, (2, 6, 7, 3)),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 2, "activation": "tanh"}, (2, 6, 7, 4)),
    ("Conv2D", {"filters": 5, "kernel_size": (4, 2), "strides": (2, 3)}, (2, 9, 7, 3)),
    ("Conv2D", {"filters": 5, "kernel_size": 2, "dilation_rate": (2, 3)}, (2, 6, 7, 3)),
    ("DepthwiseConv2D", {"kernel_size": (3, 2), "depth_multiplier": 3}, (2, 6, 7, 4)),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 2, "strides": 2}, (2, 6, 7, 3)),
    ("Conv2DTranspose", {"filters": 5, "kernel_size": (3, 2), "strides": (2, 3)}, (2, 4, 5, 3)),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 2, "dilation_rate": 2}, (2, 4, 5, 3)),
    ("MaxPooling1D", {"pool_size": 3, "strides": 2, "padding": "same"}, (2, 8, 5)),
    ("MaxPooling2D", {"pool_size": (3, 2), "strides": (2, 1)}, (2, 7, 6, 3)),
    ("AveragePooling1D", {"pool_size": 3, "strides": 2, "padding": "same"}, (2, 8, 5)),
    ("AveragePooling2D", {"pool_size": (3, 2), "strides": (2, 1)}, (2, 7, 6, 3)),
    ("GlobalMaxPooling2D", {}, (2, 4, 5, 3)),
    ("GlobalAveragePooling2D", {}, (2, 4, 5, 3)),
    ("UpSampling2D", {"size": (2, 3)}, (2, 4, 5, 3)),
    ("UpSampling2D", {"size": (2, 3), "interpolation": "bilinear"}, (2, 4, 5, 3)),
    ("ZeroPadding2D", {"padding": ((0, 1), (3, 2))}, (2, 4, 5, 3)),
    ("BatchNormalization", {"axis": 1}, (4, 3, 5)),
    ("LayerNormalization", {"axis": [1, 3]}, (2, 4, 5, 3)),
    ("GroupNormalization", {"groups": 2}, (3, 4, 6)),
    ("RMSNormalization", {"epsilon": 0.1}, (4, 3, 5)),
]


def _named(kind, name, options):
    return f"{kind}.{name}({', '.join(f'{k}={v!r}' for k, v in options.items())})"


GRADIENT_CHECKS = {"activations.prelu()": prelu, "layers.Dropout(rate=0.3)": dropout}
GRADIENT_CHECKS |= SEQUENCE_CHECKS
for _name, _options in _ACTIVATIONS:
    _check = functools.partial(activation, _name, _options)
    GRADIENT_CHECKS[_named("activations", _name, _options)] = _check
for _name, _options in _LOSSES:
    GRADIENT_CHECKS[_named("losses", _name, _options)] = functools.partial(loss, _name, _options)
for _name, _options, _shape in _LAYERS:
    _check = functools.partial(layer, _name, _options, _shape, False)
    GRADIENT_CHECKS[_named("layers", _name, _options)] = _check
for _options in ({}, {"axis": 1, "epsilon": 0.1}):
    _check = functools.partial(layer, "BatchNormalization", _options, (4, 3, 5), True)
    GRADIENT_CHECKS[f"{_named('layers', 'BatchNormalization', _options)}, training"] = _check
for _name, _options, _shapes in (
    ("Add", {}, [(4, 3, 5)] * 3),
    ("Multiply", {}, [(4, 3, 5)] * 3),
    ("Concatenate", {"axis": 1}, [(4, 3, 5), (4, 2, 5), (4, 6, 5)]),
):
    _check = functools.partial(merging, _name, _options, _shapes)
    GRADIENT_CHECKS[_named("layers", _name, _options)] = _check


def run(name):
    """Run one check by its name; raises GradientError if the gradient is wrong."""
    return GRADIENT_CHECKS[name](generator(name))
