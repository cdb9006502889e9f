"""Layers with every option, and whole networks trained."""

from __future__ import annotations

import numpy as np

from glassnet import activations, layers, losses, metrics, optimizers
from glassnet.models import Sequential

from ..comparisons import layer
from ..runs import fit, model
from .layer_case import layer_case
from .registry import case

_PURE = {
    "Dense": ["dense_forward", "dense_backward", "dense_gradients"],
    "Dropout": ["dropout_forward", "dropout_backward"],
    "Flatten": ["flatten_forward", "flatten_backward"],
    "PReLU": ["prelu_forward", "prelu_backward"],
    "Reshape": ["reshape_forward", "reshape_backward"],
}

# class, options, input shape with the batch axis, training
_LAYERS = [
    ("Dense", {"units": 4}, (7, 5), False),
    ("Dense", {"units": 4, "use_bias": False}, (7, 5), False),
    ("Dense", {"units": 4, "activation": "softmax"}, (7, 3, 5), True),
    *(
        ("Dense", {"units": 4, "activation": name}, (7, 2, 3, 5), False)
        for name in activations.ACTIVATIONS
        if name not in ("softmax", "step", "sign")  # Keras knows no step and no sign
    ),
    *(
        ("Activation", {"activation": name}, (7, 3, 5), False)
        for name in ("relu", "softmax", "log_softmax", "tanh")
    ),
    ("Flatten", {}, (7, 2, 3, 5), False),
    ("Flatten", {}, (7, 5), False),
    ("Reshape", {"target_shape": (5, 2, 3)}, (7, 6, 5), False),
    ("Reshape", {"target_shape": (5, -1)}, (7, 2, 3, 5), False),
    ("Dropout", {"rate": 0.3}, (7, 3, 5), True),
    ("Dropout", {"rate": 0.3}, (7, 3, 5), False),
    ("PReLU", {}, (7, 5), False),
    ("PReLU", {}, (7, 3, 5), False),
    ("PReLU", {"shared_axes": [1]}, (7, 3, 5), False),
    ("PReLU", {"shared_axes": [1, 2]}, (7, 2, 3, 5), False),
]


for _name, _options, _shape, _training in _LAYERS:
    _idle = _name == "Dropout" and not _training
    _pure = () if _idle else _PURE.get(_name, ())
    layer_case(_name, _options, _shape, _pure, training=_training)


@case("layers.Dropout(rate=0.3), a given mask", "layers.Dropout")
def _given_mask(rng):
    mask = rng.integers(0, 2, (7, 3, 5))
    return layer(layers.Dropout(0.3), (7, 3, 5), rng, training=True, mask=mask, keras_options={})


def _network(parts, input_shape, loss, optimizer, rng, metric_names=()):
    network = Sequential(parts)
    network.build((None, *input_shape), rng, dtype=np.float64)
    network.compile(optimizer, loss, metric_names)
    return network


_COVERS = ("models.Sequential", "models.Model")


@case("models.Sequential, regression step by step", *_COVERS)
def _regression(rng):
    x, y = rng.standard_normal((90, 6)), rng.standard_normal((90, 2))
    parts = [layers.Dense(5, "tanh"), layers.Dense(4, "sigmoid"), layers.Dense(2)]
    network = _network(parts, (6,), losses.MeanSquaredError(), optimizers.SGD(0.1, 0.9), rng)
    weight = rng.uniform(0.1, 2.0, 90)
    return model(network, x, y, rng=rng, batch_size=13, steps=40, sample_weight=weight)


@case("models.Sequential, classification with dropout step by step", *_COVERS)
def _classification(rng):
    x, y = rng.standard_normal((90, 4, 3)), rng.integers(0, 5, 90)
    parts = [
        layers.Flatten(),
        layers.Dense(8, kernel_initializer="he_normal"),
        layers.PReLU(),
        layers.Dropout(0.4),
        layers.Dense(6, "elu", use_bias=False),
        layers.Dropout(0.2),
        layers.Dense(5),
    ]
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    network = _network(parts, (4, 3), loss, optimizers.Adam(0.01), rng)
    return model(network, x, y, rng=rng, batch_size=13, steps=40)


@case("models.Sequential, yes or no step by step", *_COVERS)
def _yes_no(rng):
    x, y = rng.standard_normal((90, 6)), rng.integers(0, 2, (90, 1))
    parts = [layers.Dense(7, "selu"), layers.Activation("softplus"), layers.Dense(1, "sigmoid")]
    loss = losses.BinaryCrossentropy(label_smoothing=0.1, reduction="sum")
    network = _network(parts, (6,), loss, optimizers.RMSprop(0.003, momentum=0.5), rng)
    return model(network, x, y, rng=rng, batch_size=13, steps=40)


@case("models.Sequential.fit", *_COVERS)
def _fit(rng):
    """A last batch that is smaller, weights, and validation on the last fifth."""
    x, y = rng.standard_normal((53, 6)), rng.integers(0, 4, 53)
    parts = [layers.Dense(5, "relu"), layers.Dense(4, "softmax")]
    chosen = [metrics.SparseCategoricalAccuracy(), metrics.SparseTopKCategoricalAccuracy(2)]
    loss = losses.SparseCategoricalCrossentropy()
    network = _network(parts, (6,), loss, optimizers.AdamW(0.02), rng, chosen)
    options = {"epochs": 3, "batch_size": 8, "validation_split": 0.2}
    return fit(network, x, y, sample_weight=rng.uniform(0.1, 2.0, 53), **options)


@case("models.Sequential.fit, averaged weights", *_COVERS)
def _fit_averaged(rng):
    x, y = rng.standard_normal((37, 6)), rng.standard_normal((37, 2))
    parts = [layers.Dense(5, "tanh"), layers.Dense(2)]
    optimizer = optimizers.SGD(0.1, momentum=0.5, use_ema=True, ema_momentum=0.9)
    network = _network(parts, (6,), "mean_squared_error", optimizer, rng, ["mae"])
    held_out = rng.standard_normal((11, 6)), rng.standard_normal((11, 2))
    return fit(network, x, y, epochs=3, batch_size=8, validation_data=held_out)


@case("models.Sequential.fit, step sizes of Adagrad", *_COVERS)
def _fit_adagrad(rng):
    x, y = rng.standard_normal((37, 6)), rng.standard_normal((37, 2))
    network = _network([layers.Dense(2)], (6,), "mae", optimizers.Adagrad(0.1), rng)
    return fit(network, x, y, epochs=2, batch_size=8)
