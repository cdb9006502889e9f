"""Convolutions: Keras, finite differences, the plain sums against the fast ones, every refusal."""

from __future__ import annotations

import numpy as np
import pytest
from layer_checks import (
    agrees_with_differences,
    agrees_with_keras,
    built,
    keeps_dtype_and_arguments,
)

from glassnet import layers
from glassnet.layers import (
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    DepthwiseConv2D,
    SeparableConv2D,
    conv_fast,
)
from glassnet.layers._windows import windows_over

# name: (how to make the layer, shape of its input with the batch)
CASES = {
    "1d": (lambda: Conv1D(4, 3), (2, 11, 5)),
    "1d same, strides": (lambda: Conv1D(4, 4, 3, "same"), (2, 11, 5)),
    "1d causal, dilated": (lambda: Conv1D(4, 3, padding="causal", dilation_rate=2), (2, 11, 5)),
    "1d causal, strides": (lambda: Conv1D(4, 3, 2, "causal", activation="silu"), (2, 11, 5)),
    "1d groups": (lambda: Conv1D(6, 3, groups=3, use_bias=False), (2, 8, 9)),
    "2d": (lambda: Conv2D(5, (3, 2)), (2, 8, 7, 3)),
    "2d even kernel, same": (lambda: Conv2D(5, (4, 2), padding="same"), (2, 8, 7, 3)),
    "2d same, strides": (lambda: Conv2D(5, (3, 2), (2, 3), "same"), (2, 8, 7, 3)),
    "2d stride above the kernel": (lambda: Conv2D(5, (1, 2), 3, "same"), (2, 8, 7, 3)),
    "2d dilated": (lambda: Conv2D(5, 3, dilation_rate=(3, 2)), (2, 8, 7, 3)),
    "2d groups": (lambda: Conv2D(6, (3, 2), 2, "same", groups=2, activation="tanh"), (3, 8, 7, 4)),
    "depthwise": (lambda: DepthwiseConv2D((3, 2), depth_multiplier=2), (2, 8, 7, 3)),
    "depthwise same, strides": (lambda: DepthwiseConv2D(3, 2, "same"), (2, 8, 7, 5)),
    "depthwise dilated": (
        lambda: DepthwiseConv2D(2, dilation_rate=3, use_bias=False),
        (2, 8, 7, 5),
    ),
    "separable": (lambda: SeparableConv2D(4, (3, 2), activation="tanh"), (2, 8, 7, 3)),
    "separable same": (lambda: SeparableConv2D(4, 3, 2, "same", depth_multiplier=2), (2, 8, 7, 3)),
    "transposed": (lambda: Conv2DTranspose(4, (3, 2)), (2, 5, 6, 3)),
    "transposed, gaps": (lambda: Conv2DTranspose(4, (2, 1), (3, 2)), (2, 5, 6, 3)),
    "transposed same": (lambda: Conv2DTranspose(4, (3, 4), 2, "same"), (2, 5, 6, 3)),
    "transposed longer": (lambda: Conv2DTranspose(4, 3, 2, output_padding=1), (2, 5, 6, 3)),
    "transposed same, longer": (
        lambda: Conv2DTranspose(4, 3, 3, "same", output_padding=(0, 2), activation="elu"),
        (2, 5, 6, 3),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_as_in_keras(case, rng, keras):
    make, shape = CASES[case]
    agrees_with_keras(make(), rng.standard_normal(shape), rng, keras)


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_finite_differences(case, rng):
    make, shape = CASES[case]
    agrees_with_differences(make(), rng.standard_normal(shape), rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES)
def test_dtype_follows_the_input_and_nothing_is_written_to(case, dtype, rng):
    make, shape = CASES[case]
    keeps_dtype_and_arguments(make(), shape, rng, dtype)


class TestSums:
    def test_by_hand(self):
        x = np.arange(1.0, 6.0).reshape(1, 5, 1)
        kernel = np.array([10.0, 1.0]).reshape(2, 1, 1)
        y, cache = layers.conv_forward(x, kernel, np.array([0.5]))
        np.testing.assert_array_equal(y.ravel(), [12.5, 23.5, 34.5, 45.5])  # not turned around
        dx, grads = layers.conv_backward(np.array([1.0, 0, 0, 2.0]).reshape(1, 4, 1), cache)
        np.testing.assert_array_equal(dx.ravel(), [10, 1, 0, 20, 2])
        np.testing.assert_array_equal(grads["kernel"].ravel(), [1 + 2 * 4, 2 + 2 * 5])
        np.testing.assert_array_equal(grads["bias"], [3])

    def test_an_odd_place_of_padding_goes_after(self):
        x, kernel = np.ones((1, 4, 1)), np.ones((2, 1, 1))
        y, _ = layers.conv_forward(x, kernel, padding="same")
        np.testing.assert_array_equal(y.ravel(), [2, 2, 2, 1])
        y, _ = layers.conv_forward(x, kernel, padding="causal")
        np.testing.assert_array_equal(y.ravel(), [1, 2, 2, 2])

    def test_causal_never_looks_ahead(self, rng):
        layer = built(Conv1D(4, 3, padding="causal", dilation_rate=2), (1, 9, 5), rng)
        x = rng.standard_normal((1, 9, 5))
        before = layer.forward(x)
        x[:, 5] += 1
        changed = np.any(layer.forward(x) != before, axis=(0, 2))
        np.testing.assert_array_equal(np.flatnonzero(changed), [5, 7])

    @pytest.mark.parametrize("batch", [1, 3, 7])
    @pytest.mark.parametrize("lengths", [(11,), (9, 7)])
    @pytest.mark.parametrize("padding", ["valid", "same"])
    @pytest.mark.parametrize(("strides", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2)])
    @pytest.mark.parametrize("groups", [1, 2])
    @pytest.mark.parametrize("images", [1, 2, 100])
    def test_fast_and_plain_are_the_same(
        self, batch, lengths, padding, strides, dilation, groups, images, rng, monkeypatch
    ):
        """However many images fit the buffer at a time, the last portion being smaller or not."""
        size = (3, 4)[: len(lengths)]
        x, bias = rng.standard_normal((batch, *lengths, 4)), np.zeros(6)
        kernel = rng.standard_normal((*size, 4 // groups, 6))
        options = strides, padding, dilation
        y, cache = layers.conv_forward(x, kernel, bias, *options, groups)
        dy = rng.standard_normal(y.shape)
        dx, grads = layers.conv_backward(dy, cache)

        windows = windows_over(lengths, size, *options)
        w = windows.with_rows()
        rows = w.padded_shape(x.reshape(batch, *w.lengths, 4))[1]
        bytes_each = rows * w.counts[1] * w.size[1] * (4 // groups) * 8
        monkeypatch.setattr(conv_fast, "_BUFFER", images * bytes_each)
        same = dict(rtol=1e-11, atol=1e-12)
        fast = layers.fast_correlation(x, kernel, windows, groups)
        np.testing.assert_allclose(fast, y, **same)
        fast = layers.fast_input_gradient(dy, kernel, windows, groups)
        np.testing.assert_allclose(fast, dx, **same)
        fast = layers.fast_kernel_gradient(dy, x, kernel.shape, windows, groups)
        np.testing.assert_allclose(fast, grads["kernel"], **same)

    @pytest.mark.parametrize("padding", ["valid", "same"])
    @pytest.mark.parametrize(("strides", "dilation"), [((2, 3), 1), (1, (2, 3))])
    def test_transposed_as_the_sums_of_its_definition(self, padding, strides, dilation, rng):
        layer = Conv2DTranspose(4, (3, 2), strides, padding, dilation_rate=dilation)
        layer = built(layer, (2, 5, 6, 3), rng)
        x = rng.standard_normal((2, 5, 6, 3))
        kernel, bias = layer.params.values()
        y, cache = layers.conv_transpose_forward(
            x, kernel, bias, layer.strides, padding, None, layer.dilation_rate
        )
        dy = rng.standard_normal(y.shape)
        dx, grads = layers.conv_transpose_backward(dy, cache)
        np.testing.assert_allclose(layer.forward(x), y, rtol=1e-12)
        np.testing.assert_allclose(layer.backward(dy), dx, rtol=1e-11)
        for name, value in grads.items():
            np.testing.assert_allclose(layer.grads[name], value, rtol=1e-11)

    def test_transposed_and_dilated_is_the_backward_pass_of_a_dilated_convolution(self, rng):
        """TensorFlow cannot do it on a processor, so the convolution is the witness."""
        layer = built(Conv2DTranspose(4, (3, 2), dilation_rate=2), (2, 5, 6, 3), rng)
        x = rng.standard_normal((2, 5, 6, 3))
        y = layer.forward(x)
        assert y.shape == (2, 9, 8, 4)
        kernel, bias = layer.params.values()
        z = rng.standard_normal(y.shape)
        through, _ = layers.conv_forward(z, kernel, dilation_rate=2)
        np.testing.assert_allclose(np.vdot(y - bias, z), np.vdot(x, through), rtol=1e-12)

    def test_depthwise_is_a_convolution_with_as_many_groups_as_channels(self, rng):
        x, kernel = rng.standard_normal((2, 8, 7, 3)), rng.standard_normal((3, 2, 3, 4))
        y, cache = layers.depthwise_conv_forward(x, kernel, 2, "same")
        grouped = kernel.reshape(3, 2, 1, 12)
        expected, _ = layers.conv_forward(x, grouped, None, 2, "same", groups=3)
        np.testing.assert_allclose(y, expected, rtol=1e-12)
        dx, grads = layers.depthwise_conv_backward(np.ones_like(y), cache)
        assert dx.shape == x.shape
        assert grads["kernel"].shape == kernel.shape


class TestShapes:
    def test_lengths_may_vary(self, rng):
        layer = Conv2D(4, 3, 2, "same")
        layer.build((None, None, None, 3), rng)
        assert layer.output_shape == (None, None, None, 4)
        for height, width in ((7, 9), (4, 5)):
            y = layer.forward(rng.standard_normal((2, height, width, 3)))
            assert y.shape == (2, (height + 1) // 2, (width + 1) // 2, 4)
            assert layer.backward(y).shape == (2, height, width, 3)
        layer = Conv2DTranspose(4, 3, 2)
        layer.build((None, None, 5, 3), rng)
        assert layer.output_shape == (None, None, 11, 4)

    def test_weights_and_their_start(self):
        layer = Conv2D(6, (3, 2), groups=2)
        layer.build((None, 9, 9, 4), np.random.default_rng(0))
        assert layer.params["kernel"].shape == (3, 2, 2, 6)
        assert layer.params["kernel"].dtype == np.float32
        limit = np.sqrt(6 / (3 * 2 * (2 + 6)))
        assert 0.8 * limit < np.abs(layer.params["kernel"]).max() <= limit
        np.testing.assert_array_equal(layer.params["bias"], np.zeros(6))
        assert layer.count_params() == 3 * 2 * 2 * 6 + 6

    def test_repr(self):
        assert repr(Conv2D(4, (3, 3))).startswith("Conv2D(filters=4, kernel_size=(3, 3)")
        assert repr(Conv1D(4, 3)).startswith("Conv1D(filters=4, kernel_size=3")
        assert "strides" not in repr(Conv2D(4, 3))

    @pytest.mark.parametrize("make", [Conv1D, Conv2D, Conv2DTranspose, SeparableConv2D])
    @pytest.mark.parametrize("filters", [0, -2, 2.5, "4", None])
    def test_filters_must_be_a_positive_integer(self, make, filters):
        with pytest.raises(ValueError, match=r"filters.*Received: filters="):
            make(filters, 3)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"kernel_size": 0}, "Received: kernel_size=0"),
            ({"kernel_size": (3, 3, 3)}, r"Received: kernel_size=\(3, 3, 3\)"),
            ({"strides": (1, -1)}, "Received: strides=-1"),
            ({"dilation_rate": 1.5}, "Received: dilation_rate=1.5"),
            ({"strides": 2, "dilation_rate": 2}, r"Received: strides=\(2, 2\), dilation_rate"),
            ({"padding": "causal"}, "Received: padding='causal'"),
            ({"padding": "full"}, "Received: padding='full'"),
            ({"groups": 0}, "Received: groups=0"),
            ({"groups": 3}, "Received: filters=4, groups=3"),
            ({"activation": "relux"}, "Unknown activation. Received: 'relux'"),
            ({"kernel_initializer": "glorot"}, "Received: 'glorot'"),
        ],
    )
    def test_refused_options(self, options, message):
        with pytest.raises(ValueError, match=message):
            Conv2D(4, **({"kernel_size": 3} | options))

    @pytest.mark.parametrize("extra", [2, -1, (1, 1, 1), (0, 2), 0.5, True])
    def test_refused_output_padding(self, extra):
        with pytest.raises(ValueError, match=r"strides \(2, 2\). Received: output_padding="):
            Conv2DTranspose(4, 3, 2, output_padding=extra)

    def test_an_output_that_cannot_be(self, rng):
        with pytest.raises(ValueError, match=r"has \(4,\) windows. Received: lengths=\(5,\)"):
            Conv2DTranspose(4, 4, 2, "same", output_padding=0).build((None, 5, 5, 3), rng)
        with pytest.raises(ValueError, match="Nothing would be left"):
            Conv2DTranspose(4, 4, 2, "same", output_padding=0).build((None, 1, 5, 3), rng)

    @pytest.mark.parametrize(
        ("layer", "shape", "message"),
        [
            (Conv2D(4, 3), (None, 5, 3), r"\(batch, height, width, channels\).*\(None, 5, 3\)"),
            (Conv1D(4, 3), (None, 5, 5, 3), r"\(batch, length, channels\).*\(None, 5, 5, 3\)"),
            (Conv2D(4, 3), (None, 5, 5, None), r"length of axis -1. Received"),
            (Conv2D(4, 3), (None, 5, 2, 3), r"Received: lengths=\(2,\) of \(None, 5, 2, 3\)"),
            (Conv1D(4, 3, dilation_rate=3), (None, 6, 3), r"dilation \(3,\). Received"),
            (Conv2D(4, 3, groups=2), (None, 5, 5, 3), r"2 groups. Received: input_shape"),
            (Conv2DTranspose(4, 3), (None, 5, 3), r"Received: input_shape=\(None, 5, 3\)"),
            (DepthwiseConv2D(3), (None, 2, 5, 3), r"Received: lengths=\(2,\)"),
        ],
    )
    def test_refused_inputs(self, layer, shape, message, rng):
        with pytest.raises(ValueError, match=message):
            layer.build(shape, rng)

    def test_an_input_that_turns_out_too_short(self, rng):
        layer = Conv2D(4, 3)
        layer.build((None, None, 9, 3), rng)
        with pytest.raises(ValueError, match=r"size \(3, 3\).*Received: lengths=\(2, 9\)"):
            layer.forward(np.ones((1, 2, 9, 3)))

    def test_backward_needs_forward_and_the_right_shape(self, rng):
        layer = built(Conv2D(4, 3), (2, 5, 6, 3), rng)
        for method in (layer.backward, layer.backward_params):
            with pytest.raises(RuntimeError, match="'conv2d': backward called before forward"):
                method(np.ones((2, 3, 4, 4)))
        layer.forward(np.ones((2, 5, 6, 3)))
        with pytest.raises(ValueError, match=r"output, \(2, 3, 4, 4\)"):
            layer.backward(np.ones((2, 4, 3, 4)))
