"""One Adam step of a 784-128-10 network on a batch of 128, in NumPy and in Keras, float32."""

from __future__ import annotations

import numpy as np

SIZES, BATCH = (784, 128, 10), 128


def versions():
    """Return the versions to time, each doing the same step, and the ratios to report.

    Returns
    -------
    versions : dict of str to callable
    pairs : list of (str, str)
        Names whose time ratio is of interest.
    """
    rng = np.random.default_rng(0)
    x = rng.random((BATCH, SIZES[0]), dtype=np.float32)
    y = rng.integers(0, SIZES[-1], BATCH)
    steps = {"NumPy": _numpy_step(x, y), **_keras_steps(x, y), "GEMM": _gemm(x)}
    steps["textbook"] = _textbook_step(x, y)
    reference = ["Keras tf.function", "Keras fit", "GEMM", "textbook"]
    return steps, [("NumPy", name) for name in reference]


def _numpy_step(x, y):
    from glassnet import layers, losses, models, optimizers

    model = models.Sequential([layers.Dense(SIZES[1], activation="relu"), layers.Dense(SIZES[2])])
    model.build((None, SIZES[0]), np.random.default_rng(1))
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizers.Adam(), loss)
    return lambda: model.train_on_batch(x, y)


def _keras_steps(x, y):
    import keras
    import tensorflow as tf

    def network():
        model = keras.Sequential(
            [keras.layers.Dense(SIZES[1], activation="relu"), keras.layers.Dense(SIZES[2])]
        )
        model.build((None, SIZES[0]))
        return model

    model, optimizer = network(), keras.optimizers.Adam()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return value

    tensors = tf.constant(x), tf.constant(y)
    fitted, many = network(), 50
    fitted.compile(keras.optimizers.Adam(), loss)
    long_x, long_y = np.tile(x, (many, 1)), np.tile(y, many)

    def fit():  # one call is `many` steps, so that the set-up of an epoch is shared as in real use
        fitted.fit(long_x, long_y, batch_size=BATCH, epochs=1, verbose=0, shuffle=False)

    fit.calls = many
    return {"Keras tf.function": lambda: float(step(*tensors)), "Keras fit": fit}


def _gemm(x):
    """Only the five matrix products of the step: the floor below which NumPy cannot go."""
    rng = np.random.default_rng(2)
    first, second, dz, dy = (
        rng.random(shape, dtype=np.float32)
        for shape in [SIZES[:2], SIZES[1:], (BATCH, SIZES[1]), (BATCH, SIZES[2])]
    )

    def products():
        x @ first
        dz @ second
        dz.T @ dy
        dy @ second.T
        x.T @ dz

    return products


def _textbook_step(x, y):
    """The step as a first course writes it: one example at a time."""
    rng = np.random.default_rng(3)
    params = [
        rng.normal(0, 0.05, shape).astype(np.float32)
        for shape in [SIZES[:2], SIZES[1:2], SIZES[1:], SIZES[2:]]
    ]
    first_moment, second_moment = ([np.zeros_like(p) for p in params] for _ in range(2))
    clock = [0]

    def step():
        w1, b1, w2, b2 = params
        grads = [np.zeros_like(p) for p in params]
        for example, target in zip(x, y, strict=True):
            hidden = np.maximum(example @ w1 + b1, 0)
            logits = hidden @ w2 + b2
            p = np.exp(logits - logits.max())
            delta = p / p.sum()
            delta[target] -= 1
            back = (w2 @ delta) * (hidden > 0)
            for grad, term in zip(
                grads, (np.outer(example, back), back, np.outer(hidden, delta), delta), strict=True
            ):
                grad += term / len(x)
        clock[0] += 1
        for p, g, m, v in zip(params, grads, first_moment, second_moment, strict=True):
            m[...] = 0.9 * m + 0.1 * g
            v[...] = 0.999 * v + 0.001 * g**2
            corrected = m / (1 - 0.9 ** clock[0])
            p -= 0.001 * corrected / (np.sqrt(v / (1 - 0.999 ** clock[0])) + 1e-7)

    return step
