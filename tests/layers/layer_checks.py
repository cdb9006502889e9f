"""What every layer has to pass: Keras, finite differences, dtype, nothing written to."""

from __future__ import annotations

import numpy as np

from glassnet import gradcheck


def built(layer, shape, rng, dtype=np.float64):
    """The layer with random weights: a zero bias hides a bias that is not added."""
    layer.build((None, *shape[1:]), rng, dtype)
    layer.set_weights(
        [
            rng.uniform(0.5, 1.5, value.shape)  # may be a variance
            if "variance" in name
            else rng.standard_normal(value.shape)
            for name, value in layer.weights.items()
        ]
    )
    return layer


def agrees_with_keras(layer, x, rng, keras, training=False, rtol=1e-10, atol=1e-12):
    """Output, gradients, state afterwards, shapes and configuration are those of the twin."""
    import tensorflow as tf

    layer = built(layer, x.shape, rng)
    twin = getattr(keras.layers, type(layer).__name__).from_config(layer.get_config())
    twin.build((None, *x.shape[1:]))
    assert [w.shape for w in twin.get_weights()] == [w.shape for w in layer.get_weights()]
    assert twin.count_params() == layer.count_params()
    assert tuple(twin.compute_output_shape((None, *x.shape[1:]))) == layer.output_shape
    twin.set_weights(layer.get_weights())

    dy = rng.standard_normal(layer.compute_output_shape(x.shape))
    x_tensor = tf.constant(x)
    variables = [variable.value for variable in twin.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch(x_tensor)
        y = twin(x_tensor, training=training)
        total = tf.reduce_sum(y * dy)
    dx, *grads = (g.numpy() for g in tape.gradient(total, [x_tensor, *variables]))

    def same(ours, theirs):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)

    same(layer.forward(x, training=training), y)
    same(layer.backward(dy), dx)
    assert list(layer.grads) == list(layer.params)
    for ours, theirs in zip(layer.grads.values(), grads, strict=True):
        same(ours, theirs)
    for ours, theirs in zip(layer.get_weights(), twin.get_weights(), strict=True):
        same(ours, theirs)  # the state too


def agrees_with_differences(layer, x, rng, training=False):
    """Gradients are those of finite differences, and backward_params gives the same."""
    layer = built(layer, x.shape, rng)
    gradcheck.check_layer(layer, x, rng, training=training)
    dy = rng.standard_normal(layer.forward(x, training=training).shape)
    layer.backward(dy)
    both, layer.grads = layer.grads, {}
    layer.backward_params(dy)
    assert list(layer.grads) == list(layer.params)
    for key, value in layer.grads.items():
        np.testing.assert_allclose(value, both[key], rtol=1e-12)


def keeps_dtype_and_arguments(layer, shape, rng, dtype, training=False):
    """The dtype follows the input; input, cotangent and parameters stay as they are."""
    layer = built(layer, shape, rng, dtype)
    x = rng.standard_normal(shape).astype(dtype)
    dy = rng.standard_normal(layer.compute_output_shape(shape)).astype(dtype)
    x_before, dy_before = x.copy(), dy.copy()
    params = {name: value.copy() for name, value in layer.params.items()}
    y = layer.forward(x, training=training)
    y_before = y.copy()
    dx = layer.backward(dy)
    assert y.shape == dy.shape
    assert dx.shape == x.shape
    for array in (y, dx, *layer.grads.values(), *layer.get_weights()):
        assert array.dtype == dtype
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(dy, dy_before)
    np.testing.assert_array_equal(y, y_before)
    for name, value in params.items():
        np.testing.assert_array_equal(layer.params[name], value)
    if not training:  # an empty batch has a shape too
        empty = layer.forward(x[:0])
        assert empty.shape == (0, *y.shape[1:])
        assert layer.backward(empty).shape == (0, *x.shape[1:])
