"""One layer forward and backward, here and in Keras, float32."""

from __future__ import annotations

import numpy as np


def versions_of(ours, twin, x, products, textbook, share=1):
    """Return the versions to time of a layer's forward and backward pass, and the ratios.

    All versions are given the same input, weights and gradient of the output, and must agree on
    the gradients by the input and by every weight before they are timed.

    Parameters
    ----------
    ours : Layer
        Not built.
    twin : keras.layers.Layer
    x : ndarray
        The input.
    products : callable
        The bare matrix products of the same work: the floor below which NumPy cannot go.
    textbook : callable
        ``textbook(x, dy, weights)`` returns the same gradients by loops, as a first course has it.
    share : int
        The textbook gets only the first of so many parts of the batch; its time is multiplied.

    Returns
    -------
    versions : dict of str to callable
    pairs : list of (str, str)
    """
    rng = np.random.default_rng(1)
    ours.build((None, *x.shape[1:]), rng)
    for value in ours.params.values():
        value[...] = rng.normal(0, 0.1, value.shape)
    dy = rng.standard_normal(ours.forward(x).shape, dtype=np.float32)
    part, weights = len(x) // share, ours.get_weights()

    def step():
        ours.forward(x, training=True)
        return [ours.backward(dy), *ours.grads.values()]

    def few():
        return textbook(x[:part], dy[:part], weights)

    few.calls = 1 / share
    keras_step = _keras_step(twin, x, dy, weights)
    _agree(step(), keras_step())
    ours.forward(x[:part])
    _agree([ours.backward(dy[:part]), *ours.grads.values()], few())
    steps = {"NumPy": step, "Keras tf.function": keras_step, "GEMM": products, "textbook": few}
    return steps, [("NumPy", name) for name in ("Keras tf.function", "GEMM", "textbook")]


def _keras_step(twin, x, dy, weights):
    import tensorflow as tf

    x, dy = tf.constant(x), tf.constant(dy)
    twin(x)
    twin.set_weights(weights)

    @tf.function
    def step(x, dy):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = twin(x, training=True)
        variables = [variable.value for variable in twin.trainable_variables]
        return tape.gradient(y, [x, *variables], output_gradients=dy)

    return lambda: [gradient.numpy() for gradient in step(x, dy)]


def _agree(ours, theirs):
    scale = max(np.abs(b).max() for b in theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4 * scale)


def matrix_products(*shapes):
    """Return a function that multiplies matrices of these shapes (repeats, rows, inner, columns).

    Each row of `shapes` is one kind of product: `repeats` products, one after the other, of
    rows x inner by inner x columns.
    """
    rng = np.random.default_rng(2)
    work = [
        (
            rng.random((repeats, rows, inner), dtype=np.float32),
            rng.random((inner, columns), dtype=np.float32),
            np.empty((rows, columns), np.float32),
        )
        for repeats, rows, inner, columns in shapes
    ]

    def products():
        for lefts, right, out in work:
            for left in lefts:
                np.matmul(left, right, out=out)

    return products
