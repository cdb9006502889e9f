"""Sums, products and concatenations: Keras, finite differences, every refusal."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import gradcheck
from glassnet.layers import Add, Concatenate, Multiply

# name: (how to make the layer, shapes of its inputs with the batch)
CASES = {
    "add": (Add, [(4, 3, 5)] * 2),
    "add three": (Add, [(4, 3, 5)] * 3),
    "multiply": (Multiply, [(4, 5)] * 2),
    "multiply three": (Multiply, [(4, 3, 5)] * 3),
    "concatenate": (Concatenate, [(4, 3, 5), (4, 3, 2)]),
    "concatenate three in the middle": (lambda: Concatenate(1), [(4, 3, 5), (4, 1, 5), (4, 6, 5)]),
    "concatenate rows of images": (lambda: Concatenate(-3), [(2, 3, 4, 5), (2, 6, 4, 5)]),
}


def built(layer, shapes, rng, dtype=np.float64):
    layer.build([(None, *shape[1:]) for shape in shapes], rng, dtype)
    return layer


@pytest.mark.parametrize("case", CASES)
def test_as_in_keras(case, rng, keras):
    import tensorflow as tf

    make, shapes = CASES[case]
    layer = built(make(), shapes, rng)
    twin = getattr(keras.layers, type(layer).__name__).from_config(layer.get_config())
    xs = [rng.standard_normal(shape) for shape in shapes]
    tensors = [tf.constant(x) for x in xs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        y = twin(tensors)
        dy = rng.standard_normal(y.shape)
        total = tf.reduce_sum(y * dy)
    assert layer.output_shape == (None, *y.shape[1:])
    np.testing.assert_allclose(layer.forward(xs), y, rtol=1e-12)
    for ours, theirs in zip(layer.backward(dy), tape.gradient(total, tensors), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_finite_differences(case, rng):
    make, shapes = CASES[case]
    xs = tuple(rng.standard_normal(shape) for shape in shapes)
    gradcheck.check_layer(built(make(), shapes, rng), xs, rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES)
def test_dtype_follows_the_input_and_nothing_is_written_to(case, dtype, rng):
    make, shapes = CASES[case]
    layer = built(make(), shapes, rng, dtype)
    xs = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    before = [x.copy() for x in xs]
    y = layer.forward(xs)
    dy = y.copy()
    dxs = layer.backward(dy)
    assert {a.dtype for a in (y, *dxs)} == {np.dtype(dtype)}
    assert [dx.shape for dx in dxs] == shapes
    np.testing.assert_array_equal(dy, y)
    for x, old in zip(xs, before, strict=True):
        np.testing.assert_array_equal(x, old)


def test_a_factor_may_be_zero(rng):
    layer = built(Multiply(), [(1, 3)] * 2, rng)
    layer.forward([np.array([[0.0, 2, 3]]), np.array([[5.0, 0, 7]])])
    first, second = layer.backward(np.ones((1, 3)))
    np.testing.assert_array_equal(first, [[5, 0, 7]])
    np.testing.assert_array_equal(second, [[0, 2, 3]])


@pytest.mark.parametrize("make", [Add, Multiply, Concatenate])
@pytest.mark.parametrize("shapes", [(None, 3), [(None, 3)]])
def test_one_input_is_not_enough(make, shapes, rng):
    with pytest.raises(ValueError, match=r"at least two inputs. Received: input_shape="):
        make().build(shapes, rng)


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        (Add(), [(None, 3), (None, 4)]),
        (Add(), [(None, 3), (None, 1)]),  # nothing is broadcast
        (Multiply(), [(None, 3), (None, 2, 3)]),
        (Concatenate(), [(None, 2, 3), (None, 4, 3)]),
        (Concatenate(1), [(None, 2, 3), (None, 4, 5)]),
        (Concatenate(), [(None, 3), (None, 2, 3)]),
    ],
)
def test_shapes_that_do_not_fit(layer, shapes, rng):
    with pytest.raises(ValueError, match=r"takes inputs .*Received: input_shape="):
        layer.build(shapes, rng)


def test_lengths_that_turn_out_different(rng):
    for layer in (Add(), Concatenate()):
        layer.build([(None, None, 3)] * 2, rng)
        layer.forward([np.ones((2, 4, 3))] * 2)
        with pytest.raises(ValueError, match="Received: input_shape="):
            layer.forward([np.ones((2, 4, 3)), np.ones((2, 5, 3))])
    assert Concatenate(1).compute_output_shape([(None, None, 3), (None, 2, 3)]) == (None, None, 3)
    assert Add().compute_output_shape([(None, None, 3), (None, 2, 3)]) == (None, 2, 3)


@pytest.mark.parametrize("axis", [0, 1.5, "1", None, True])
def test_refused_axes(axis):
    with pytest.raises(ValueError, match="Received: axis="):
        Concatenate(axis)


@pytest.mark.parametrize("axis", [2, -2, -3])
def test_axes_that_are_not_there(axis, rng):
    with pytest.raises(ValueError, match=f"not the batch. Received: axis={axis}"):
        Concatenate(axis).build([(None, 3), (None, 4)], rng)
