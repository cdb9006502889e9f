"""Normalisations: Keras, finite differences, running averages, every refusal."""

from __future__ import annotations

import numpy as np
import pytest
from layer_checks import (
    agrees_with_differences,
    agrees_with_keras,
    built,
    keeps_dtype_and_arguments,
)

from glassnet import layers, losses, optimizers
from glassnet.layers import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
)
from glassnet.models import Sequential

# name: (how to make the layer, shape of its input with the batch)
CASES = {
    "batch": (BatchNormalization, (7, 5)),
    "batch of images": (lambda: BatchNormalization(momentum=0.7, epsilon=0.02), (3, 6, 4, 5)),
    "batch, channels first": (lambda: BatchNormalization(1, center=False), (3, 6, 4, 5)),
    "batch, no scale": (lambda: BatchNormalization(scale=False), (3, 6, 5)),
    "batch, plain": (lambda: BatchNormalization(scale=False, center=False), (7, 5)),
    "layer": (LayerNormalization, (7, 5)),
    "layer of images": (lambda: LayerNormalization([1, 2, 3], 0.02), (3, 6, 4, 5)),
    "layer, apart": (lambda: LayerNormalization((-1, -3), scale=False), (3, 6, 4, 5)),
    "layer, in the middle": (lambda: LayerNormalization(1, center=False), (3, 6, 4)),
    "group": (lambda: GroupNormalization(2), (3, 5, 4, 6)),
    "group, channels first": (lambda: GroupNormalization(3, 1, 0.02), (4, 6, 5, 7)),
    "group of rows": (lambda: GroupNormalization(3, scale=False), (7, 6)),
    "group of one": (lambda: GroupNormalization(-1, center=False), (3, 5, 6)),
    "rms": (RMSNormalization, (7, 5)),
    "rms, several axes": (lambda: RMSNormalization([-1, -2], 0.2), (3, 6, 4, 5)),
}
BOTH = [(case, training) for case in CASES for training in (False, True)]


@pytest.mark.parametrize(("case", "training"), BOTH)
def test_as_in_keras(case, training, rng, keras):
    make, shape = CASES[case]
    x = 3 + 2 * rng.standard_normal(shape)
    if case == "layer, apart":  # Keras takes the axes in order only
        make = lambda: LayerNormalization((-3, -1), scale=False)  # noqa: E731
    agrees_with_keras(make(), x, rng, keras, training=training)


@pytest.mark.parametrize(("case", "training"), BOTH)
def test_gradients_are_those_of_finite_differences(case, training, rng):
    make, shape = CASES[case]
    agrees_with_differences(make(), 1 + rng.standard_normal(shape), rng, training)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("case", "training"), BOTH)
def test_dtype_follows_the_input_and_nothing_is_written_to(case, training, dtype, rng):
    make, shape = CASES[case]
    keeps_dtype_and_arguments(make(), shape, rng, dtype, training)


class TestBatchNormalization:
    def test_by_hand(self):
        layer = BatchNormalization(momentum=0.9, epsilon=0)
        layer.build((None, 1), np.random.default_rng(0), np.float64)
        y = layer.forward(np.array([[1.0], [3], [5]]), training=True)
        np.testing.assert_allclose(y.ravel(), np.array([-2, 0, 2]) / np.sqrt(8 / 3), rtol=1e-15)
        np.testing.assert_allclose(layer.state["moving_mean"], [0.3], rtol=1e-15)
        # divided by 3, not by 2: 0.9 * 1 + 0.1 * 8 / 3
        np.testing.assert_allclose(layer.state["moving_variance"], [0.9 + 0.8 / 3], rtol=1e-15)

    def test_running_averages_change_in_training_only_and_approach_the_data(self, rng):
        layer = BatchNormalization(momentum=0.9)
        layer.build((None, 2), rng, np.float64)
        x = 5 + 3 * rng.standard_normal((200, 2))
        layer.forward(x)
        np.testing.assert_array_equal(layer.state["moving_mean"], [0, 0])
        for _ in range(200):
            trained = layer.forward(x, training=True)
        np.testing.assert_allclose(layer.state["moving_mean"], x.mean(axis=0), rtol=1e-8)
        np.testing.assert_allclose(layer.state["moving_variance"], x.var(axis=0), rtol=1e-8)
        np.testing.assert_allclose(layer.forward(x), trained, rtol=1e-6, atol=1e-7)

    def test_standardised_channels(self, rng):
        layer = BatchNormalization(epsilon=1e-12)
        layer.build((None, 6, 4, 5), rng, np.float64)
        y = layer.forward(100 + 7 * rng.standard_normal((3, 6, 4, 5)), training=True)
        np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-12)
        np.testing.assert_allclose(y.var(axis=(0, 1, 2)), 1, rtol=1e-9)
        dx = layer.backward(np.ones_like(y))  # which cannot see an error, so it must be 0
        np.testing.assert_allclose(dx, 0, atol=1e-12)

    def test_backward_belongs_to_the_last_forward(self, rng):
        layer = built(BatchNormalization(), (7, 5), rng)
        x, dy = rng.standard_normal((2, 7, 5))
        layer.forward(x, training=True)
        trained = layer.backward(dy)
        layer.forward(x)
        assert not np.allclose(layer.backward(dy), trained)
        scale = layer.params["gamma"] / np.sqrt(layer.state["moving_variance"] + 1e-3)
        np.testing.assert_allclose(layer.backward(dy), dy * scale, rtol=1e-12)

    def test_large_numbers_in_float32(self, rng):
        """The mean is taken away before squaring, so the digits of the variance survive."""
        x = (1e4 + rng.standard_normal((500, 3))).astype(np.float32)
        layer = BatchNormalization()
        layer.build((None, 3), rng)
        y = layer.forward(x, training=True)
        np.testing.assert_allclose(y.std(axis=0), 1, rtol=0.01)

    def test_a_failed_step_leaves_the_running_averages(self, rng):
        model = Sequential([BatchNormalization(), layers.Dense(1)])
        model.build((None, 3), rng, np.float64)
        model.compile(optimizers.SGD(0.1), losses.MeanSquaredError())
        with pytest.raises(ValueError, match="finite"):
            model.train_on_batch(rng.standard_normal((4, 3)), np.full((4, 1), 1e300))
        np.testing.assert_array_equal(model.layers[0].state["moving_mean"], np.zeros(3))

    def test_weights_in_keras_order(self, rng):
        layer = BatchNormalization()
        layer.build((None, 6, 3), rng)
        assert list(layer.weights) == ["gamma", "beta", "moving_mean", "moving_variance"]
        ones, zeros = np.ones(3, np.float32), np.zeros(3, np.float32)
        for ours, expected in zip(layer.get_weights(), (ones, zeros, zeros, ones), strict=True):
            np.testing.assert_array_equal(ours, expected)
            assert ours.dtype == np.float32

    def test_an_empty_batch(self, rng):
        layer = built(BatchNormalization(), (7, 5), rng)
        assert layer.forward(np.ones((0, 5))).shape == (0, 5)
        with pytest.raises(ValueError, match=r"empty batch. Received: shape=\(0, 5\)"):
            layer.forward(np.ones((0, 5)), training=True)


class TestRelations:
    def test_one_group_is_a_layer_normalisation_without_its_weights(self, rng):
        x = rng.standard_normal((3, 5, 4, 6))
        one, _ = layers.group_normalization_forward(x, None, None, groups=1)
        all_axes, _ = layers.layer_normalization_forward(x, None, None, (1, 2, 3))
        np.testing.assert_allclose(one, all_axes, rtol=1e-12)

    def test_rms_is_a_layer_normalisation_of_what_has_mean_zero(self, rng):
        x = rng.standard_normal((7, 5))
        x -= x.mean(axis=1, keepdims=True)
        rms, _ = layers.rms_normalization_forward(x, np.ones(5), epsilon=0.1)
        layer, _ = layers.layer_normalization_forward(x, None, None, epsilon=0.1)
        np.testing.assert_allclose(rms, layer, rtol=1e-10, atol=1e-12)

    def test_samples_do_not_see_each_other(self, rng):
        x = rng.standard_normal((4, 3, 6))
        for layer in (LayerNormalization(), GroupNormalization(2), RMSNormalization()):
            layer = built(layer, x.shape, rng)
            np.testing.assert_allclose(layer.forward(x)[1:2], layer.forward(x[1:2]), rtol=1e-12)


class TestRefusals:
    @pytest.mark.parametrize(
        "make", [BatchNormalization, LayerNormalization, GroupNormalization, RMSNormalization]
    )
    @pytest.mark.parametrize(("axis", "shape"), [(0, (None, 6)), (2, (None, 6)), (-3, (None, 6))])
    def test_axes_that_are_not_there(self, make, axis, shape, rng):
        with pytest.raises(ValueError, match=r"Received: axis=.*, input_shape=\(None, 6\)"):
            make(axis=axis).build(shape, rng)

    @pytest.mark.parametrize("make", [LayerNormalization, RMSNormalization])
    def test_an_axis_twice(self, make, rng):
        with pytest.raises(ValueError, match=r"each once. Received: axis=\[1, -1\]"):
            make(axis=[1, -1]).build((None, 6), rng)

    @pytest.mark.parametrize(
        "make", [BatchNormalization, LayerNormalization, GroupNormalization, RMSNormalization]
    )
    @pytest.mark.parametrize("axis", [1.5, "1", None, (), True])
    def test_axes_that_are_no_integers(self, make, axis, rng):
        with pytest.raises(ValueError, match="Received: axis="):
            make(axis=axis).build((None, 6), rng)

    @pytest.mark.parametrize("make", [BatchNormalization, LayerNormalization, RMSNormalization])
    def test_open_axes(self, make, rng):
        with pytest.raises(ValueError, match=r"length of axis 1. Received"):
            make(axis=1).build((None, None, 3), rng)
        layer = make()
        layer.build((None, None, 3), rng)
        assert layer.forward(np.ones((2, 4, 3))).shape == (2, 4, 3)

    @pytest.mark.parametrize("momentum", [-0.1, 1.1, "0.9", None])
    def test_momentum(self, momentum):
        with pytest.raises(ValueError, match="Received: momentum="):
            BatchNormalization(momentum=momentum)

    @pytest.mark.parametrize(
        "make", [BatchNormalization, LayerNormalization, GroupNormalization, RMSNormalization]
    )
    def test_epsilon(self, make):
        with pytest.raises(ValueError, match="Received: epsilon=-1"):
            make(epsilon=-1)

    @pytest.mark.parametrize("groups", [0, -2, 1.5, "2", None])
    def test_groups(self, groups):
        with pytest.raises(ValueError, match="Received: groups="):
            GroupNormalization(groups)

    def test_groups_must_divide_the_channels(self, rng):
        with pytest.raises(ValueError, match=r"into 4 groups. Received: input_shape=\(None, 6\)"):
            GroupNormalization(4).build((None, 6), rng)
        with pytest.raises(ValueError, match="into 32 groups"):
            GroupNormalization().build((None, 6), rng)

    def test_backward_needs_forward(self, rng):
        layer = built(BatchNormalization(), (7, 5), rng)
        with pytest.raises(RuntimeError, match="'batch_normalization': backward called before"):
            layer.backward(np.ones((7, 5)))
