"""Pooling, enlarging and framing: Keras, finite differences, ties, every refusal."""

from __future__ import annotations

import numpy as np
import pytest
from layer_checks import agrees_with_differences, agrees_with_keras, keeps_dtype_and_arguments

from glassnet import layers
from glassnet.layers import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    UpSampling2D,
    ZeroPadding2D,
)

# name: (how to make the layer, shape of its input with the batch)
CASES = {
    **{
        f"{make.__name__} {padding} {size} {strides}": (
            lambda make=make, size=size, strides=strides, padding=padding: make(
                size, strides, padding
            ),
            shape,
        )
        for makes, shape, options in (
            ((MaxPooling1D, AveragePooling1D), (2, 11, 5), [(2, None), (3, 2), (2, 3)]),
            (
                (MaxPooling2D, AveragePooling2D),
                (2, 9, 7, 3),
                [(2, None), ((3, 2), (2, 1)), ((1, 2), (2, 3)), ((9, 7), 1)],
            ),
        )
        for make in makes
        for size, strides in options
        for padding in ("valid", "same")
    },
    "global max, 1d": (GlobalMaxPooling1D, (2, 7, 5)),
    "global max, 2d": (lambda: GlobalMaxPooling2D(keepdims=True), (2, 7, 6, 5)),
    "global mean, 1d": (lambda: GlobalAveragePooling1D(keepdims=True), (2, 7, 5)),
    "global mean, 2d": (GlobalAveragePooling2D, (2, 7, 6, 5)),
    "nearest": (lambda: UpSampling2D((2, 3)), (2, 5, 7, 3)),
    "bilinear": (lambda: UpSampling2D((2, 3), interpolation="bilinear"), (2, 5, 7, 3)),
    "bilinear of one place": (lambda: UpSampling2D(3, interpolation="bilinear"), (2, 1, 2, 3)),
    "frame": (ZeroPadding2D, (2, 5, 7, 3)),
    "uneven frame": (lambda: ZeroPadding2D(((0, 1), (3, 2))), (2, 5, 7, 3)),
    "no frame": (lambda: ZeroPadding2D(0), (2, 5, 7, 3)),
}


@pytest.mark.parametrize("case", CASES)
def test_as_in_keras(case, rng, keras):
    make, shape = CASES[case]
    # TensorFlow interpolates in float32
    rounded = {"rtol": 1e-5, "atol": 1e-6} if case.startswith("bilinear") else {}
    agrees_with_keras(make(), rng.standard_normal(shape), rng, keras, **rounded)


@pytest.mark.parametrize("make", [MaxPooling2D, GlobalMaxPooling2D])
@pytest.mark.parametrize("seed", range(3))
def test_ties_as_in_keras(make, seed, keras):
    """The first of a window has all of the gradient; a maximum over all places divides it."""
    rng = np.random.default_rng(seed)
    agrees_with_keras(make(), rng.integers(0, 3, (3, 8, 6, 5)).astype(float), rng, keras)


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_finite_differences(case, rng):
    make, shape = CASES[case]
    agrees_with_differences(make(), rng.standard_normal(shape), rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES)
def test_dtype_follows_the_input_and_nothing_is_written_to(case, dtype, rng):
    make, shape = CASES[case]
    keeps_dtype_and_arguments(make(), shape, rng, dtype)


class TestByHand:
    def test_maximum(self):
        x = np.array([3.0, 1, 2, 2, 5]).reshape(1, 5, 1)
        y, cache = layers.max_pool_forward(x, 2)
        np.testing.assert_array_equal(y.ravel(), [3, 2])
        dx = layers.max_pool_backward(np.array([7.0, 8]).reshape(1, 2, 1), cache)
        np.testing.assert_array_equal(dx.ravel(), [7, 0, 8, 0, 0])

    def test_overlapping_windows_add_up(self):
        x = np.array([1.0, 3, 2]).reshape(1, 3, 1)
        y, cache = layers.max_pool_forward(x, 2, 1)
        np.testing.assert_array_equal(y.ravel(), [3, 3])
        dx = layers.max_pool_backward(np.array([7.0, 8]).reshape(1, 2, 1), cache)
        np.testing.assert_array_equal(dx.ravel(), [0, 15, 0])

    def test_padding_is_neither_kept_nor_counted(self):
        x = -np.ones((1, 3, 1))
        np.testing.assert_array_equal(layers.max_pool_forward(x, 2, 2, "same")[0].ravel(), [-1, -1])
        y, cache = layers.average_pool_forward(x, 2, 2, "same")
        np.testing.assert_array_equal(y.ravel(), [-1, -1])
        dx = layers.average_pool_backward(np.array([4.0, 6]).reshape(1, 2, 1), cache)
        np.testing.assert_array_equal(dx.ravel(), [2, 2, 6])

    def test_interpolation_between_centres(self):
        weights = layers.interpolation_matrix(2, 2)
        expected = [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]]
        np.testing.assert_allclose(weights, expected, rtol=1e-15)
        for length, factor in ((1, 3), (5, 2), (4, 7)):
            weights = layers.interpolation_matrix(length, factor)
            np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-14)

    def test_many_places_in_a_window(self, rng):
        """More taps than fit one byte."""
        x = rng.standard_normal((1, 300, 2))
        y, cache = layers.max_pool_forward(x, 300)
        np.testing.assert_array_equal(y[:, 0], x.max(axis=1))
        dx = layers.max_pool_backward(np.ones_like(y), cache)
        np.testing.assert_array_equal(dx[0], x[0] == x[0].max(axis=0))


class TestShapes:
    @pytest.mark.parametrize("make", [MaxPooling2D, AveragePooling2D])
    def test_lengths_may_vary(self, make, rng):
        layer = make(2, padding="same")
        layer.build((None, None, None, 3), rng)
        assert layer.output_shape == (None, None, None, 3)
        y = layer.forward(rng.standard_normal((2, 5, 8, 3)))
        assert y.shape == (2, 3, 4, 3)
        assert layer.backward(y).shape == (2, 5, 8, 3)

    def test_enlarged_lengths_may_vary(self, rng):
        for layer in (UpSampling2D(2), ZeroPadding2D(1)):
            layer.build((None, None, 4, 3), rng)
            assert layer.output_shape[:2] == (None, None)

    @pytest.mark.parametrize("make", [MaxPooling1D, MaxPooling2D, AveragePooling2D])
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"pool_size": 0}, "Received: pool_size=0"),
            ({"pool_size": (2, 2, 2)}, r"Received: pool_size=\(2, 2, 2\)"),
            ({"pool_size": 2, "strides": -1}, "Received: strides=-1"),
            ({"pool_size": 2, "strides": 0}, "Received: strides=0"),
            ({"pool_size": 2, "padding": "causal"}, "Received: padding='causal'"),
        ],
    )
    def test_refused_windows(self, make, options, message):
        with pytest.raises(ValueError, match=message):
            make(**options)

    @pytest.mark.parametrize("size", [0, (2, 2, 2), 1.5, "2"])
    def test_refused_sizes(self, size):
        with pytest.raises(ValueError, match="Received: size="):
            UpSampling2D(size)

    def test_refused_interpolation(self):
        with pytest.raises(ValueError, match="Received: interpolation='cubic'"):
            UpSampling2D(2, interpolation="cubic")

    @pytest.mark.parametrize("padding", [-1, (1, -1), (1, 1, 1), ((1, 1), (1,)), 1.5, "ab", True])
    def test_refused_frames(self, padding):
        with pytest.raises(ValueError, match="Received: padding="):
            ZeroPadding2D(padding)

    @pytest.mark.parametrize(
        "make",
        [
            lambda: MaxPooling2D(2),
            lambda: AveragePooling2D(2),
            GlobalMaxPooling2D,
            GlobalAveragePooling2D,
            UpSampling2D,
            ZeroPadding2D,
        ],
    )
    def test_refused_ranks(self, make, rng):
        with pytest.raises(ValueError, match=r"Received: input_shape=\(None, 5, 3\)"):
            make().build((None, 5, 3), rng)

    def test_an_input_smaller_than_a_window(self, rng):
        with pytest.raises(ValueError, match=r"Received: lengths=\(2,\) of \(None, 5, 2, 3\)"):
            MaxPooling2D(3).build((None, 5, 2, 3), rng)

    def test_backward_needs_forward(self, rng):
        layer = MaxPooling2D(2)
        layer.build((None, 4, 4, 3), rng)
        with pytest.raises(RuntimeError, match="'max_pooling2d': backward called before"):
            layer.backward(np.ones((1, 2, 2, 3)))
