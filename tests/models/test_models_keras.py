"""Chains and training against Keras, in float64, from the same weights on the same batches."""

from __future__ import annotations

import os

import numpy as np
import pytest

from glassnet import layers, optimizers
from glassnet.models import Sequential

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture
def rng():
    return np.random.default_rng(24)


@pytest.fixture(scope="module")
def keras():
    """Keras with float64 everywhere, and its settings put back afterwards."""
    import keras

    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield keras
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)


def twin_of(model, keras):
    """The Keras model of the same layers and weights; dropout multiplies by what ours drew."""
    parts = [keras.Input(model.input_shape[1:])]
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            keep = layer.mask / (1 - layer.rate)
            parts.append(keras.layers.Lambda(lambda x, keep=keep: x * keep))
        else:
            kind = getattr(keras.layers, type(layer).__name__)
            parts.append(kind.from_config(layer.get_config()))
    twin = keras.Sequential(parts)
    assert [w.shape for w in twin.get_weights()] == [w.shape for w in model.get_weights()]
    twin.set_weights(model.get_weights())
    return twin


def random_chain(rng):
    """Between three and nine layers of every kind, and the shape of an input."""
    chain, shape = [], tuple(int(n) for n in rng.choice([2, 3, 4, 5], rng.integers(1, 4)))
    size_of_input = shape
    for _ in range(rng.integers(3, 10)):
        kind = rng.choice(["dense", "activation", "dropout", "flatten", "reshape", "prelu"])
        if kind == "dense":
            units, activation = int(rng.integers(2, 7)), rng.choice([None, "tanh", "relu", "elu"])
            chain.append(layers.Dense(units, activation=activation, use_bias=rng.random() < 0.7))
            shape = (*shape[:-1], units)
        elif kind == "activation":
            names = ["sigmoid", "softplus"] + ["softmax"] * (shape[-1] > 1)  # Keras warns of one
            chain.append(layers.Activation(rng.choice(names)))
        elif kind == "dropout":
            chain.append(layers.Dropout(float(rng.uniform(0.1, 0.6))))
        elif kind == "flatten":
            chain.append(layers.Flatten())
            shape = (int(np.prod(shape)),)
        elif kind == "prelu":
            chain.append(layers.PReLU(shared_axes=[1] if rng.random() < 0.5 else None))
        else:
            first = int(rng.choice([n for n in range(1, 9) if np.prod(shape) % n == 0]))
            chain.append(layers.Reshape((first, -1)))
            shape = (first, int(np.prod(shape)) // first)
    return chain, size_of_input


@pytest.mark.parametrize("seed", range(12))
def test_random_chains_forward_and_gradients(seed, keras):
    import tensorflow as tf

    rng = np.random.default_rng(seed)
    chain, shape = random_chain(rng)
    model = Sequential(chain)
    model.build((None, *shape), rng, np.float64)
    model.set_weights([rng.standard_normal(w.shape) for w in model.get_weights()])
    x = rng.standard_normal((6, *shape))
    y = model.forward(x, training=True)
    dy = rng.standard_normal(y.shape)
    dx = model.backward(dy)

    twin = twin_of(model, keras)
    x_tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x_tensor)
        reference = twin(x_tensor)
        total = tf.reduce_sum(reference * dy)
    slopes = tape.gradient(total, [x_tensor, *[v.value for v in twin.trainable_variables]])
    np.testing.assert_allclose(y, reference, rtol=1e-10, atol=1e-12)
    for ours, theirs in zip([dx, *model.gradients], slopes, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


TASKS = {
    "regression": dict(
        units=2,
        activation=None,
        loss="mean_squared_error",
        metrics=["mae", "root_mean_squared_error"],
        targets=lambda rng, n: rng.standard_normal((n, 2)),
    ),
    "classes": dict(
        units=3,
        activation="softmax",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        targets=lambda rng, n: rng.integers(0, 3, n),
    ),
    "two classes": dict(
        units=1,
        activation="sigmoid",
        loss="binary_crossentropy",
        metrics=["accuracy", "mse"],
        targets=lambda rng, n: rng.integers(0, 2, (n, 1)),
    ),
}
ROOT = {"root_mean_squared_error": "RootMeanSquaredError"}


@pytest.mark.parametrize(
    ("weighted", "validation"),
    [(False, "none"), (False, "weighted data"), (True, "split"), (True, "data")],
)
@pytest.mark.parametrize("task", TASKS)
def test_fit_gives_the_history_of_keras(task, weighted, validation, rng, keras):
    task = TASKS[task]
    model = Sequential([layers.Dense(6, "tanh"), layers.Dense(task["units"], task["activation"])])
    model.build((None, 5), rng, np.float64)
    twin = twin_of(model, keras)
    model.compile(optimizers.SGD(0.25, momentum=0.5), task["loss"], task["metrics"])
    twin.compile(
        keras.optimizers.SGD(0.25, momentum=0.5),
        task["loss"],
        metrics=[ROOT.get(name, name) for name in task["metrics"]],
        run_eagerly=True,  # so few steps are not worth a compilation
    )

    def sample(n):
        return rng.standard_normal((n, 5)), task["targets"](rng, n), rng.uniform(0.2, 2, n)

    x, y, weight = sample(37)
    options = dict(batch_size=8, epochs=3, shuffle=False, verbose=0)
    if weighted:
        options["sample_weight"] = weight
    if validation == "split":
        options["validation_split"] = 0.3
    elif validation != "none":
        options["validation_data"] = sample(13)[: 3 if validation == "weighted data" else 2]
    ours = model.fit(x, y, **options)
    theirs = twin.fit(x, y, **options)

    expected = {}
    for name, values in theirs.history.items():
        for ours_name, keras_name in ROOT.items():
            name = name.replace(keras_name, ours_name)
        expected[name] = values
    assert set(ours.history) == set(expected)
    for name, values in ours.history.items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-10, err_msg=name)
    assert ours.epoch == theirs.epoch
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)

    arguments = dict(batch_size=8, sample_weight=weight if weighted else None)
    evaluated = twin.evaluate(x, y, verbose=0, return_dict=True, **arguments)
    for name, value in model.evaluate(x, y, **arguments).items():
        assert value == pytest.approx(evaluated[ROOT.get(name, name)], rel=1e-10)
    np.testing.assert_allclose(
        model.predict(x, batch_size=8), twin.predict(x, batch_size=8, verbose=0), rtol=1e-10
    )


@pytest.mark.parametrize("reduction", ["sum", "mean_with_sample_weight"])
def test_other_reductions_are_averaged_as_in_keras(reduction, rng, keras):
    from glassnet.losses import MeanSquaredError

    model = Sequential([layers.Dense(2)])
    model.build((None, 3), rng, np.float64)
    twin = twin_of(model, keras)
    model.compile(optimizers.SGD(0.125), MeanSquaredError(reduction=reduction))
    twin.compile(keras.optimizers.SGD(0.125), keras.losses.MeanSquaredError(reduction=reduction))
    x, y = rng.standard_normal((11, 3)), rng.standard_normal((11, 2))
    options = dict(
        batch_size=4, epochs=3, shuffle=False, sample_weight=rng.uniform(0.2, 2, 11), verbose=0
    )
    np.testing.assert_allclose(
        model.fit(x, y, **options).history["loss"],
        twin.fit(x, y, **options).history["loss"],
        rtol=1e-10,
    )
