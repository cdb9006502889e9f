"""Every activation with every option, at random points, at kinks, and far out."""

from __future__ import annotations

import functools

import numpy as np

from glassnet import activations

from ..comparisons import compare
from ..twins import load_keras
from .registry import case

# Slopes and thresholds that float32 can hold: Keras rounds others.
_OPTIONS = {
    "linear": [{}],
    "sign": [{}],
    "step": [{}],
    "sigmoid": [{}],
    "hard_sigmoid": [{}],
    "tanh": [{}],
    "softsign": [{}],
    "relu": [
        {},
        {"negative_slope": 0.25},
        {"max_value": 6.0},
        {"max_value": 2.5},
        {"threshold": 0.75},
        {"negative_slope": 0.25, "max_value": 2.5, "threshold": 0.75},
    ],
    "leaky_relu": [{}, {"negative_slope": 0.01}],
    "elu": [{}, {"alpha": 0.4}],
    "selu": [{}],
    "softplus": [{}],
    "silu": [{}],
    "gelu": [{}, {"approximate": True}],
    "mish": [{}],
}
_ALONG_AN_AXIS = {"softmax": [-1, 0, 1], "log_softmax": [-1, 0, 1]}


def points(rng):
    """Random numbers, among them every kink and some where an exponential would overflow."""
    kinks = [-3.0, -1.0, 0.0, 0.75, 2.5, 3.0, 6.0]
    far = [-1000.0, -40.0, -20.0, 20.0, 40.0, 1000.0]
    return np.concatenate([3 * rng.standard_normal(60), kinks, far])


def keras_activation(name):
    """Return Keras' function; step and sign are among its operations, not its activations."""
    _, keras = load_keras()
    if name == "step":
        return lambda x: keras.ops.cast(x >= 0, x.dtype)  # no derivative, which counts as 0
    return keras.ops.sign if name == "sign" else getattr(keras.activations, name)


def _elementwise(name, options, rng):
    ours = getattr(activations, name)
    return compare(ours, keras_activation(name), points(rng), rng=rng, **options)


def _along(name, axis, rng):
    ours = getattr(activations, name)
    x = 4 * rng.standard_normal((3, 5, 4))
    x[0, 0] += 500  # only differences count
    return compare(ours, keras_activation(name), x, rng=rng, axis=axis)


def _pair(name, rng):
    """As a layer uses it: forward and backward of the registry's pair."""
    return compare(
        activations.get(name), keras_activation(name), points(rng)[:72].reshape(9, 8) / 5, rng=rng
    )


def _register():
    for name, variants in _OPTIONS.items():
        covers = [f"activations.{name}", f"activations.{name}_derivative"]
        for options in variants:
            listed = "".join(f", {key}={value}" for key, value in options.items())
            case(f"activations.{name}{listed}", *covers)(
                functools.partial(_elementwise, name, options)
            )
    for name, axes in _ALONG_AN_AXIS.items():
        covers = [f"activations.{name}", f"activations.{name}_backward"]
        for axis in axes:
            case(f"activations.{name}, axis={axis}", *covers)(functools.partial(_along, name, axis))
    for name in activations.ACTIVATIONS:
        case(f"activations.get({name!r})", "activations.ActivationPair")(
            functools.partial(_pair, name)
        )


_register()


@case(
    "activations.prelu",
    "activations.prelu",
    "activations.prelu_derivative",
    "activations.prelu_alpha_gradient",
)
def _prelu(rng):
    _, keras = load_keras()
    relu = keras.activations.relu

    def backward(dy, x, alpha):
        slope = activations.prelu_derivative(x, alpha)
        return dy * slope, activations.prelu_alpha_gradient(dy, x)

    return compare(
        activations.prelu,
        lambda x, alpha: relu(x) - alpha * relu(-x),  # what keras.layers.PReLU computes
        rng.standard_normal((7, 5, 3)),
        rng.standard_normal(3),
        backward=backward,
        rng=rng,
        title="prelu",
    )
