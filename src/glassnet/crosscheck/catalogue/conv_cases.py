"""Convolution layers with their options crossed, and the plain sums beside the fast ones."""

from __future__ import annotations

import functools

from glassnet import layers

from ..comparisons import compare
from ..precision import load_keras
from .layer_case import layer_case
from .registry import case

_FAST = ("fast_correlation", "fast_input_gradient", "fast_kernel_gradient")
_DEPTHWISE = ("depthwise_conv_forward", "depthwise_conv_backward")

# class, options, input shape with the batch axis: all lengths differ
_LAYERS = [
    *(
        ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": padding} | more, (2, 11, 5))
        for padding in ("valid", "same", "causal")
        for more in ({}, {"strides": 2}, {"dilation_rate": 3})
    ),
    ("Conv1D", {"filters": 4, "kernel_size": 2, "padding": "same"}, (3, 9, 5)),
    ("Conv1D", {"filters": 9, "kernel_size": 4, "groups": 3, "activation": "tanh"}, (2, 11, 6)),
    ("Conv1D", {"filters": 3, "kernel_size": 1, "use_bias": False}, (2, 7, 5)),
    *(
        ("Conv2D", {"filters": 5, "kernel_size": (3, 2), "padding": padding} | more, (2, 9, 7, 3))
        for padding in ("valid", "same")
        for more in (
            {},
            {"strides": (2, 2)},
            {"strides": (3, 2)},
            {"dilation_rate": (2, 3)},
            {"dilation_rate": (1, 2)},
        )
    ),
    ("Conv2D", {"filters": 5, "kernel_size": (4, 4), "padding": "same"}, (2, 8, 6, 3)),
    ("Conv2D", {"filters": 5, "kernel_size": (1, 1), "strides": (2, 2)}, (2, 8, 6, 3)),
    ("Conv2D", {"filters": 5, "kernel_size": (4, 3), "strides": (2, 2)}, (2, 9, 8, 3)),  # overlap
    (
        "Conv2D",
        {"filters": 6, "kernel_size": (3, 5), "strides": (2, 3), "padding": "same", "groups": 2},
        (2, 9, 8, 4),
    ),
    ("Conv2D", {"filters": 5, "kernel_size": (7, 8)}, (3, 7, 8, 2)),
    ("Conv2D", {"filters": 4, "kernel_size": (3, 3), "use_bias": False}, (2, 8, 6, 3)),
    ("Conv2D", {"filters": 4, "kernel_size": (3, 3), "activation": "softmax"}, (2, 8, 6, 3)),
    ("Conv2D", {"filters": 2, "kernel_size": (3, 3)}, (3, 40, 45, 25)),  # one at a time
    ("Conv2D", {"filters": 9, "kernel_size": (3, 2), "groups": 3}, (2, 8, 7, 6)),
    (
        "Conv2D",
        {"filters": 4, "kernel_size": (3, 2), "groups": 2, "padding": "same", "strides": (2, 2)},
        (2, 8, 7, 6),
    ),
    *(
        ("DepthwiseConv2D", {"kernel_size": (3, 2), "padding": padding} | more, (2, 9, 7, 5))
        for padding in ("valid", "same")
        for more in (
            {},
            {"strides": (2, 2), "depth_multiplier": 3},
            {"dilation_rate": (2, 2), "activation": "sigmoid"},
        )
    ),
    ("DepthwiseConv2D", {"kernel_size": (4, 3), "use_bias": False}, (2, 9, 7, 5)),
    *(
        (
            "SeparableConv2D",
            {"filters": 4, "kernel_size": (3, 2), "padding": padding} | more,
            (2, 9, 7, 5),
        )
        for padding in ("valid", "same")
        for more in (
            {},
            {"strides": (2, 2), "depth_multiplier": 3},
            {"dilation_rate": (2, 2), "activation": "elu", "use_bias": False},
        )
    ),
    *(
        (
            "Conv2DTranspose",
            {"filters": 4, "kernel_size": (3, 5), "padding": padding} | more,
            (2, 7, 6, 3),
        )
        for padding in ("valid", "same")
        for more in (
            {},
            {"strides": (2, 3)},
            {"strides": (2, 3), "output_padding": (1, 2)},
            {"strides": (2, 3), "output_padding": (0, 1), "activation": "tanh"},
        )
    ),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": (2, 1), "strides": (3, 2)}, (2, 7, 6, 3)),
    (
        "Conv2DTranspose",
        {"filters": 4, "kernel_size": (4, 2), "strides": (2, 2), "padding": "same"},
        (2, 7, 6, 3),
    ),
]

_PURE = {
    "Conv1D": _FAST,
    "Conv2D": _FAST,
    "DepthwiseConv2D": _DEPTHWISE,
    "SeparableConv2D": _DEPTHWISE,
    "Conv2DTranspose": _FAST,
}
for _name, _options, _shape in _LAYERS:
    layer_case(_name, _options, _shape, _PURE[_name])


def _keras_conv(x, kernel, bias, groups=1, **options):
    _, keras = load_keras()
    return keras.ops.conv(x, kernel, **options) + bias


def _keras_conv_transpose(x, kernel, bias, **options):
    _, keras = load_keras()
    return keras.ops.conv_transpose(x, kernel, **options) + bias


# Keras' function, options, shapes of input and kernel, filters
_PLAIN = [
    ("conv", {"strides": 1, "padding": "same"}, (2, 9, 5), (4, 5, 3), 3),
    ("conv", {"strides": (2, 3), "padding": "same"}, (2, 9, 7, 4), (3, 2, 4, 6), 6),
    ("conv", {"dilation_rate": (3, 2), "padding": "valid"}, (2, 9, 7, 4), (3, 2, 4, 6), 6),
    ("conv", {"groups": 2, "padding": "valid"}, (2, 9, 7, 4), (3, 2, 2, 6), 6),
    ("conv_transpose", {"strides": (2, 3), "padding": "same"}, (2, 7, 6, 3), (3, 5, 4, 3), 4),
    ("conv_transpose", {"strides": (2, 3), "padding": "valid"}, (2, 7, 6, 3), (3, 5, 4, 3), 4),
]


def _plain(name, options, x_shape, kernel_shape, filters, rng):
    """Compare the sums over taps, and their three gradients, with Keras' function."""
    forward, backward = (getattr(layers, f"{name}_{way}") for way in ("forward", "backward"))
    theirs = {"conv": _keras_conv, "conv_transpose": _keras_conv_transpose}[name]

    def value(x, kernel, bias):
        return forward(x, kernel, bias, **options)[0]

    def gradients(dy, x, kernel, bias):
        dx, grads = backward(dy, forward(x, kernel, bias, **options)[1])
        return dx, grads["kernel"], grads["bias"]

    inputs = [rng.standard_normal(shape) for shape in (x_shape, kernel_shape, (filters,))]
    return compare(
        value, functools.partial(theirs, **options), *inputs, backward=gradients, rng=rng
    )


for _name, _options, *_shapes in _PLAIN:
    _shown = ", ".join(f"{key}={value!r}" for key, value in _options.items())
    case(
        f"layers.{_name}_forward({_shown}), input {_shapes[0]}",
        f"layers.{_name}_forward",
        f"layers.{_name}_backward",
    )(functools.partial(_plain, _name, _options, *_shapes))
