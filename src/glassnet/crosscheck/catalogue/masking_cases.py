"""Masks on their way through layers, statistics, losses, metrics and whole networks."""

from __future__ import annotations

import functools
import warnings

import numpy as np

from glassnet import layers, losses, optimizers
from glassnet.models import Functional, Sequential

from ..comparisons import layer
from ..precision import float64, load_keras
from ..report import Report, compare_arrays
from ..runs import fit, model
from ..twins import keras_twin
from .registry import case


def random_mask(shape, rng):
    """Half of the steps, but the first of every sample in any case."""
    mask = rng.random(shape) < 0.5
    mask[..., :1] = True
    return mask


_BATCH = ("batch_normalization_forward", "batch_normalization_backward")
_MASKED = ("masked_standardise_forward", "masked_standardise_backward")


def _normalized(options, shape, training, rng):
    mask = random_mask(shape[:-1], rng)
    return layer(layers.BatchNormalization(**options), shape, rng, training=training, mask=mask)


for _options, _shape in (
    ({}, (7, 5)),
    ({"momentum": 0.8}, (4, 6, 5)),
    ({"epsilon": 0.1, "scale": False}, (3, 4, 6, 5)),
    ({"axis": 1}, (4, 6, 5)),
):
    for _training in (True, False):
        _covers = [f"layers.{name}" for name in ("BatchNormalization", *_BATCH, *_MASKED)]
        _shown = "".join(f", {key}={value!r}" for key, value in _options.items())
        _name = (
            f"layers.BatchNormalization, masked{_shown}, input {_shape}{', training' * _training}"
        )
        case(_name, *(_covers if _training else _covers[:1]))(
            functools.partial(_normalized, _options, _shape, _training)
        )


@case("layers.BatchNormalization, nothing counts", "layers.BatchNormalization")
def _nothing_counts(rng):
    mask = np.zeros((4, 6), bool)
    return layer(layers.BatchNormalization(), (4, 6, 5), rng, training=True, mask=mask)


def _pooled(keepdims, rng):
    ours = layers.GlobalAveragePooling1D(keepdims=keepdims)
    return layer(ours, (4, 6, 5), rng, mask=random_mask((4, 6), rng))


for _keepdims in (False, True):
    case(
        f"layers.GlobalAveragePooling1D, masked, keepdims={_keepdims}",
        "layers.GlobalAveragePooling1D",
        "layers.masked_average_pool_forward",
        "layers.masked_average_pool_backward",
    )(functools.partial(_pooled, _keepdims))

# Layers of one input, shape (4, 6, 5), and whether Keras lets the mask through.
_ONE_INPUT = [
    layers.Activation("relu"),
    layers.BatchNormalization(),
    layers.Conv1D(3, 2),
    layers.Dense(3),
    layers.Dropout(0.3),
    layers.Flatten(),
    layers.GaussianDropout(0.3),
    layers.GaussianNoise(0.3),
    layers.GlobalAveragePooling1D(),
    layers.GlobalMaxPooling1D(),
    layers.GroupNormalization(5),
    layers.GRU(3),
    layers.LayerNormalization(),
    layers.LSTM(3, return_sequences=True),
    layers.Masking(),
    layers.MaxPooling1D(2),
    layers.MultiHeadAttention(2, 3),
    layers.PReLU(),
    layers.RMSNormalization(),
    layers.Reshape((5, 6)),
    layers.SimpleRNN(3, return_sequences=True),
    layers.SpatialDropout1D(0.3),
    layers.TimeDistributed(layers.Dense(3)),
    layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
    layers.Bidirectional(layers.LSTM(3)),
]


def _mask_of_output(twin, xs, masks):
    """Return the mask that Keras attaches to the output, or None."""
    tensorflow, keras = load_keras()
    tensors = [tensorflow.constant(x) for x in xs]
    for tensor, mask in zip(tensors, masks, strict=True):
        keras.src.backend.set_keras_mask(tensor, mask)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where it says that the layer stops the mask
        y = twin(tensors if len(tensors) > 1 else tensors[0])
    mask = keras.src.backend.get_keras_mask(y)
    return None if mask is None else np.asarray(mask)


def _same_mask(title, ours, theirs):
    """There is one in both or in none, and it is the same."""
    rows = [compare_arrays(f"{title}: there is one", ours is not None, theirs is not None, 0, 0)]
    if ours is not None and theirs is not None:
        rows.append(compare_arrays(f"{title}: mask", ours, theirs, 0, 0))
    return rows


@case("layers, masks of their outputs", *{f"layers.{type(each).__name__}" for each in _ONE_INPUT})
def _masks(rng):
    rows, x, mask = [], rng.standard_normal((4, 6, 5)), random_mask((4, 6), rng)
    x[1, 2] = 0  # for Masking
    with float64():
        for ours in _ONE_INPUT:
            theirs = _mask_of_output(keras_twin(ours), [x], [mask])
            ours.build(x.shape, rng, np.float64)
            rows += _same_mask(repr(ours), ours.compute_mask(x, mask), theirs)
    return Report("masks of outputs", rows)


@case("layers.Embedding, mask of its output", "layers.Embedding")
def _embedding(rng):
    tokens, rows = rng.integers(0, 3, (4, 6)), []
    for mask_zero in (True, False):
        ours = layers.Embedding(3, 5, mask_zero=mask_zero)
        with float64():
            theirs = _mask_of_output(keras_twin(ours), [tokens], [None])
        rows += _same_mask(f"mask_zero={mask_zero}", ours.compute_mask(tokens), theirs)
    return Report("mask of the output", rows)


def _merged(ours, shapes, rng):
    rows = []
    xs = [rng.standard_normal(shape) for shape in shapes]
    masks = [rng.random(shape[:2]) < 0.5 for shape in shapes]
    for chosen in ((True, True), (True, False), (False, True), (False, False)):
        given = [mask if yes else None for mask, yes in zip(masks, chosen, strict=True)]
        with float64():
            theirs = _mask_of_output(keras_twin(ours), xs, given)
        rows += _same_mask(f"masks {chosen}", ours.compute_mask(xs, given), theirs)
    return Report("mask of the output", rows)


for _ours, _shapes in (
    (layers.Add(), [(4, 6, 5)] * 2),
    (layers.Multiply(), [(4, 6, 5)] * 2),
    (layers.Concatenate(), [(4, 6, 5), (4, 6, 3)]),
    (layers.Concatenate(axis=1), [(4, 6, 5), (4, 3, 5)]),
):
    case(f"layers.{_ours!r}, mask of its output", f"layers.{type(_ours).__name__}")(
        functools.partial(_merged, _ours, _shapes)
    )


def _multiplied(chosen, rng):
    """The product of what counts, and its gradients; Keras reads the masks off the tensors."""
    tensorflow, keras = load_keras()
    xs = [rng.standard_normal((4, 6, 5)) for _ in range(3)]
    masks = [rng.random((4, 6)) < 0.5 if yes else None for yes in chosen]
    dy = rng.standard_normal((4, 6, 5))
    ours = layers.Multiply()
    ours.build([x.shape for x in xs], rng, np.float64)
    y = ours.forward(xs, mask=masks)
    with float64(), tensorflow.GradientTape() as tape:
        tensors = [tensorflow.constant(x) for x in xs]
        for tensor, mask in zip(tensors, masks, strict=True):
            keras.src.backend.set_keras_mask(tensor, mask)
        tape.watch(tensors)
        theirs = keras_twin(ours)(tensors)
        total = tensorflow.reduce_sum(theirs * dy)
    rows = [compare_arrays("product", y, theirs.numpy())]
    for i, pair in enumerate(zip(ours.backward(dy), tape.gradient(total, tensors), strict=True)):
        rows.append(compare_arrays(f"gradient of input {i}", *map(np.asarray, pair)))
    return Report("Multiply", rows)


for _chosen in ((True, True, True), (True, False, True)):
    case(
        f"layers.Multiply, masks {_chosen}",
        "layers.Multiply",
        "layers.masked_multiply_forward",
        "layers.masked_multiply_backward",
    )(functools.partial(_multiplied, _chosen))

_REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none")


def _masked_losses(make, classes, rng):
    """With and without weights, a mask that leaves some steps, and one that leaves none."""
    rows = []
    y_pred = rng.uniform(0.1, 0.9, (4, 6, 5))
    y_true = rng.integers(0, classes, (4, 6)) if classes else rng.standard_normal((4, 6, 5))
    for reduction in _REDUCTIONS:
        for weight in (None, rng.uniform(0.1, 2, (4, 6)), rng.uniform(0.1, 2, (4, 1))):
            for mask in (rng.random((4, 6)) < 0.5, np.zeros((4, 6), bool)):
                ours = make(reduction=reduction)
                mine = ours(y_true, y_pred, weight, mask)
                gradient = ours.gradient(y_true, y_pred, weight, mask)
                theirs, slope = _their_loss(ours, y_true, y_pred, weight, mask)
                shown = f"{reduction}, weights {np.shape(weight)}, {mask.sum()} count"
                rows.append(compare_arrays(f"{shown}: loss", mine, theirs))
                rows.append(compare_arrays(f"{shown}: gradient", gradient, slope))
    return Report("masked losses", rows)


def _their_loss(ours, y_true, y_pred, weight, mask):
    """Return Keras' loss of predictions that carry a mask, and the gradient of its sum."""
    tensorflow, keras = load_keras()
    with float64(), tensorflow.GradientTape() as tape:
        tensor = tensorflow.constant(y_pred)
        tape.watch(tensor)
        keras.src.backend.set_keras_mask(tensor, tensorflow.constant(mask))
        value = keras_twin(ours)(y_true, tensor, weight)
        total = tensorflow.reduce_sum(value)
    return value.numpy(), tape.gradient(total, tensor).numpy()


for _make, _classes in (
    (losses.MeanSquaredError, 0),
    (losses.SparseCategoricalCrossentropy, 5),
    (functools.partial(losses.SparseCategoricalCrossentropy, ignore_class=2), 5),
):
    _given = getattr(_make, "keywords", {})
    _class = getattr(_make, "func", _make)
    _shown = "".join(f", {key}={value!r}" for key, value in _given.items())
    case(f"losses.{_class.__name__}, masked{_shown}", f"losses.{_class.__name__}", "losses.Loss")(
        functools.partial(_masked_losses, _make, _classes)
    )


def _sequences(rng, count=37):
    x = rng.standard_normal((count, 6, 3))
    x[rng.random((count, 6)) < 0.4] = 0
    x[:, 0] = 1  # a sample without any step would have no mean
    return x


@case("models.Sequential.fit, masks up to the loss", "models.Sequential", "models.Model")
def _fit(rng):
    """The mask reaches statistics, loss and metrics, beside weights of steps."""
    x, y = _sequences(rng), rng.standard_normal((37, 6, 2))
    parts = [
        layers.Masking(),
        layers.BatchNormalization(),
        layers.LSTM(5, return_sequences=True),
        layers.LayerNormalization(),
        layers.Dense(2),
    ]
    network = Sequential(parts)
    network.build((None, 6, 3), rng, np.float64)
    chosen = ["mae", "root_mean_squared_error"]  # one with the mask, one without, as in Keras
    network.compile(optimizers.SGD(0.05), losses.MeanSquaredError(), chosen)
    options = {"epochs": 2, "batch_size": 8, "validation_split": 0.3}
    return fit(network, x, y, sample_weight=rng.uniform(0.1, 2, (37, 6)), **options)


@case("models.Sequential.fit, tokens with gaps", "models.Sequential", "models.Model")
def _tokens(rng):
    tokens, labels = rng.integers(0, 4, (37, 6)), rng.integers(0, 5, (37, 6))
    parts = [layers.Embedding(4, 3, mask_zero=True), layers.GRU(5, return_sequences=True)]
    network = Sequential([*parts, layers.Dense(5, "softmax")])
    network.build((None, 6), rng, np.float64)
    loss = losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight")
    network.compile(optimizers.SGD(0.2, momentum=0.5), loss, ["accuracy"])
    return fit(network, tokens, labels, epochs=2, batch_size=8, validation_split=0.3)


@case("models.Sequential, masked means step by step", "models.Sequential")
def _means(rng):
    x, y = _sequences(rng, 60), rng.standard_normal((60, 2))
    parts = [
        layers.Masking(),
        layers.GaussianNoise(0.2),
        layers.Dense(5, "tanh"),
        layers.BatchNormalization(),
        layers.SpatialDropout1D(0.3),
        layers.GlobalAveragePooling1D(),
        layers.Dense(2),
    ]
    network = Sequential(parts)
    network.build((None, 6, 3), rng, np.float64)
    network.compile(optimizers.Adam(0.01), losses.MeanSquaredError())
    return model(network, x, y, rng=rng, batch_size=13, steps=10)


@case("models.Functional, masks that meet step by step", "models.Functional")
def _branches(rng):
    x, y = _sequences(rng, 60), rng.standard_normal((60, 6, 2))
    entry = layers.Input((6, 3))
    masked = layers.Masking()(entry)
    left = layers.SimpleRNN(4, return_sequences=True)(masked)
    right = layers.Dense(4, "tanh")(masked)
    summed = layers.Add()([left, right])
    beside = layers.Concatenate()([summed, layers.PReLU()(left)])
    attended = layers.MultiHeadAttention(2, 3)([left, summed])
    joined = layers.Multiply()([layers.Dense(4)(beside), attended])
    network = Functional(entry, layers.Dense(2)(layers.BatchNormalization()(joined)))
    network.build(rng, np.float64)
    network.compile(optimizers.Adam(0.01), losses.MeanSquaredError())
    return model(network, x, y, rng=rng, batch_size=13, steps=5)
