"""Architectures scaled down and trained, and the normalisation that two of them have."""

from __future__ import annotations

import numpy as np

from glassnet import layers, losses, models, optimizers

from ..comparisons import layer
from ..precision import float64, load_keras
from ..report import Report, compare_arrays
from ..runs import model
from ..twins import keras_twin, randomise_weights, register_twin
from .registry import case

# --- local response normalisation ---------------------------------------------------------------


@register_twin(layers.LocalResponseNormalization)
def _response_twin(ours):
    """The formula channel by channel: TensorFlow's own operation knows float32 only."""
    tensorflow, keras = load_keras()

    class LocalResponse(keras.layers.Layer):
        def call(self, x):
            channels, divided = x.shape[-1], []
            for c in range(channels):
                near = range(
                    max(0, c - ours.depth_radius), min(channels, c + ours.depth_radius + 1)
                )
                squares = sum(tensorflow.square(x[..., j]) for j in near)
                divided.append(x[..., c] / (ours.bias + ours.alpha * squares) ** ours.beta)
            return tensorflow.stack(divided, axis=-1)

    return LocalResponse()


_RESPONSE = (
    "layers.LocalResponseNormalization",
    "layers.local_response_forward",
    "layers.local_response_backward",
)
for _options in (
    {},
    {"depth_radius": 2, "bias": 2.0, "alpha": 0.3, "beta": 0.75},
    {"depth_radius": 1, "bias": 0.7, "alpha": 0.9, "beta": 1.3},
):
    _shown = ", ".join(f"{key}={value!r}" for key, value in _options.items())

    @case(f"layers.LocalResponseNormalization({_shown})", *_RESPONSE)
    def _local_response(rng, options=_options):
        return layer(layers.LocalResponseNormalization(**options), (2, 3, 4, 7), rng)


@case("layers.LocalResponseNormalization, TensorFlow's operation in float32", *_RESPONSE)
def _local_response_operation(rng):
    tensorflow, _ = load_keras()
    options = {"depth_radius": 2, "bias": 2.0, "alpha": 0.3, "beta": 0.75}
    x, dy = rng.standard_normal((2, 2, 3, 4, 7)).astype(np.float32)
    y, cache = layers.local_response_forward(x, **options)
    with tensorflow.GradientTape() as tape:
        tensor = tensorflow.constant(x)
        tape.watch(tensor)
        theirs = tensorflow.nn.local_response_normalization(tensor, **options)
    slope = tape.gradient(theirs, tensor, output_gradients=tensorflow.constant(dy))
    rows = [
        compare_arrays("y", y, theirs.numpy(), 1e-5, 1e-6),
        compare_arrays("dx", layers.local_response_backward(dy, cache), slope.numpy(), 1e-4, 1e-5),
    ]
    return Report("local response normalisation against TensorFlow", rows)


# --- networks scaled down, step by step ---------------------------------------------------------

_LOGITS = {"classifier_activation": None}
SMALL = {
    "LeNet5": lambda: models.LeNet5((8, 9, 2), 4, 0.5, kernel_size=3, **_LOGITS),
    "AlexNet": lambda: models.AlexNet(
        (25, 26, 2), 3, 0.02, groups=1, first_strides=1, rate=0.4, **_LOGITS
    ),
    "VGG": lambda: models.VGG((1, 2), (8, 9, 2), 4, 0.03, rate=0.3, **_LOGITS),
    "ResNet": lambda: models.ResNet(1, (8, 7, 2), 4, 0.25, **_LOGITS),
    "ResNet50": lambda: models.ResNet50((32, 33, 2), 3, 0.05, blocks=(2, 1), **_LOGITS),
    "GoogLeNet": lambda: models.GoogLeNet(
        (8, 9, 2), 4, 0.05, modules=("3a", "4b"), small=True, **_LOGITS
    ),
    "GoogLeNet with its own stem": lambda: models.GoogLeNet(
        (32, 33, 2), 3, 0.03, modules=("5a",), **_LOGITS
    ),
}
_PARTS = {
    "ResNet": ("models.residual_block",),
    "ResNet50": ("models.bottleneck_block",),
    "GoogLeNet": ("models.inception_module", "models.Inception"),
}

for _name, _make in SMALL.items():
    _function = _name.partition(" ")[0]

    @case(
        f"models.{_name}, scaled down, step by step",
        f"models.{_function}",
        *_PARTS.get(_function, ()),
    )
    def _small(rng, make=_make):
        network = make()
        network.build(rng, dtype=np.float64)
        loss = losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(optimizers.SGD(0.01), loss)
        x = rng.standard_normal((9, *network.input_shape[1:]))
        y = rng.integers(0, network.output_shape[-1], 9)
        return model(network, x, y, rng=rng, batch_size=5, steps=4)


@case("models.AlexNet in two groups, predictions", "models.AlexNet")
def _alexnet_grouped(rng):
    network = models.AlexNet((67, 68, 3), 4, 0.02)
    return _predictions(network, rng)


def _predictions(network, rng):
    """Compare the output of a network with random weights with that of its twin."""
    network.build(rng, dtype=np.float64)
    for each in network.layers:
        randomise_weights(each, rng)
    x = rng.standard_normal((2, *network.input_shape[1:]))
    with float64():
        theirs = keras_twin(network)(x).numpy()
    return Report(network.name, [compare_arrays("predictions", network.forward(x), theirs)])
