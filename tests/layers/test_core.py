"""Dense, Activation, PReLU, Flatten, Reshape, Dropout and their base: Keras, finite differences,
and every refusal."""

from __future__ import annotations

import os

import numpy as np
import pytest

from glassnet import activations, gradcheck, initializers, layers

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# name: (how to make the layer, shape of its input with the batch)
CASES = {
    "dense": (lambda: layers.Dense(3), (7, 5)),
    "dense without bias": (lambda: layers.Dense(3, use_bias=False), (7, 5)),
    "dense silu on a sequence": (lambda: layers.Dense(4, activation="silu"), (2, 7, 5)),
    "dense softmax on images": (lambda: layers.Dense(6, activation="softmax"), (2, 3, 4, 5)),
    "dense from other starts": (
        lambda: layers.Dense(
            3,
            kernel_initializer=initializers.HeNormal(),
            bias_initializer=initializers.Constant(0.5),
        ),
        (7, 5),
    ),
    "activation tanh": (lambda: layers.Activation("tanh"), (7, 5)),
    "activation log-softmax": (lambda: layers.Activation("log_softmax"), (2, 7, 5)),
    "prelu": (layers.PReLU, (7, 5)),
    "prelu on images": (layers.PReLU, (6, 4, 3, 5)),
    "prelu per channel": (lambda: layers.PReLU(shared_axes=[1, 2]), (6, 4, 3, 5)),
    "prelu along an axis": (lambda: layers.PReLU(shared_axes=[2]), (6, 4, 3, 5)),
    "flatten": (layers.Flatten, (7, 2, 3, 5)),
    "flatten of rows": (layers.Flatten, (7, 5)),
    "flatten of numbers": (layers.Flatten, (7,)),
    "reshape": (lambda: layers.Reshape((5, 6)), (7, 2, 3, 5)),
    "reshape with an open axis": (lambda: layers.Reshape((3, -1, 2)), (7, 4, 3, 5)),
    "dropout when not training": (lambda: layers.Dropout(0.4), (7, 5)),
}


@pytest.fixture
def rng():
    return np.random.default_rng(20)


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


def built(layer, shape, rng, dtype=np.float64):
    """The layer with random weights: a zero bias hides a bias that is not added."""
    layer.build((None, *shape[1:]), rng, dtype)
    layer.set_weights([rng.standard_normal(w.shape) for w in layer.get_weights()])
    return layer


def keras_gradients(call, inputs, dy):
    """Output, and gradients of sum(dy * output) by the inputs."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = call()
        total = tf.reduce_sum(y * dy)
    return y.numpy(), [g.numpy() for g in tape.gradient(total, inputs)]


@pytest.mark.parametrize("case", CASES)
def test_output_gradients_and_config_are_those_of_keras(case, rng, keras):
    make, shape = CASES[case]
    layer = built(make(), shape, rng)
    twin = getattr(keras.layers, type(layer).__name__).from_config(layer.get_config())
    twin.build((None, *shape[1:]))
    assert [w.shape for w in twin.get_weights()] == [w.shape for w in layer.get_weights()]
    assert twin.count_params() == layer.count_params()
    assert tuple(twin.compute_output_shape((None, *shape[1:]))) == layer.output_shape
    twin.set_weights(layer.get_weights())

    x = rng.standard_normal(shape)
    dy = rng.standard_normal(layer.compute_output_shape(shape))
    x_tensor = keras.ops.convert_to_tensor(x)
    variables = [variable.value for variable in twin.trainable_variables]
    y, (dx, *grads) = keras_gradients(lambda: twin(x_tensor), [x_tensor, *variables], dy)

    np.testing.assert_allclose(layer.forward(x), y, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(layer.backward(dy), dx, rtol=1e-10, atol=1e-12)
    assert list(layer.grads) == list(layer.params)
    for ours, theirs in zip(layer.grads.values(), grads, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_finite_differences(case, rng):
    make, shape = CASES[case]
    layer = built(make(), shape, rng)
    gradcheck.check_layer(layer, rng.standard_normal(shape), rng)


@pytest.mark.parametrize("case", CASES)
def test_gradients_of_weights_alone_are_the_same(case, rng):
    make, shape = CASES[case]
    layer = built(make(), shape, rng)
    dy = rng.standard_normal(layer.forward(rng.standard_normal(shape)).shape)
    layer.backward(dy)
    both, layer.grads = layer.grads, {}
    layer.backward_params(dy)
    assert list(layer.grads) == list(layer.params)
    for key, value in layer.grads.items():
        np.testing.assert_array_equal(value, both[key])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", [*CASES, "dropout"])
def test_dtype_follows_the_input_and_nothing_is_written_to(case, dtype, rng):
    make, shape = CASES.get(case, (lambda: layers.Dropout(0.4), (7, 5)))
    layer = built(make(), shape, rng, dtype)
    x = rng.standard_normal(shape).astype(dtype)
    dy = rng.standard_normal(layer.compute_output_shape(shape)).astype(dtype)
    x_before, dy_before, weights = x.copy(), dy.copy(), layer.get_weights()
    y = layer.forward(x, training=case == "dropout")
    dx = layer.backward(dy)
    assert y.shape == dy.shape
    assert dx.shape == x.shape
    for array in (y, dx, *layer.grads.values(), *layer.get_weights()):
        assert array.dtype == dtype
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(dy, dy_before)
    for before, after in zip(weights, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_integers_and_lists_are_taken_as_floats(rng):
    layer = built(layers.Dense(2), (3, 2), rng)
    y = layer.forward([[1, 2], [3, 4]])
    np.testing.assert_array_equal(y, layer.forward(np.array([[1.0, 2.0], [3.0, 4.0]])))
    assert layer.backward(np.ones((2, 2), int)).dtype == np.float64


class TestDense:
    def test_by_hand(self):
        x, kernel = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
        y, cache = layers.dense_forward(x, kernel, np.array([10.0, 20.0, 30.0]))
        np.testing.assert_array_equal(y, [[25, 38, 51]])
        dx, grads = layers.dense_backward(np.array([[1.0, 0.0, -1.0]]), cache)
        np.testing.assert_array_equal(dx, [[-2, -2]])
        np.testing.assert_array_equal(grads["kernel"], [[1, 0, -1], [2, 0, -2]])
        np.testing.assert_array_equal(grads["bias"], [1, 0, -1])

    def test_initial_weights_come_from_the_generator(self):
        first, second = layers.Dense(4), layers.Dense(4)
        first.build((None, 3), np.random.default_rng(5))
        second.build((None, 3), np.random.default_rng(5))
        np.testing.assert_array_equal(first.params["kernel"], second.params["kernel"])
        limit = np.sqrt(6 / (3 + 4))
        assert 0 < np.abs(first.params["kernel"]).max() <= limit
        np.testing.assert_array_equal(first.params["bias"], np.zeros(4))
        assert first.params["kernel"].dtype == np.float32

    @pytest.mark.parametrize("units", [0, -3, 2.5, "3", None, True])
    def test_units_must_be_a_positive_integer(self, units):
        with pytest.raises(ValueError, match=r"units.*Received: units="):
            layers.Dense(units)

    def test_unknown_names(self):
        with pytest.raises(ValueError, match=r"Unknown activation.*'relux'"):
            layers.Dense(3, activation="relux")
        with pytest.raises(ValueError, match=r"Unknown initiali[sz]er.*'glorot'"):
            layers.Dense(3, kernel_initializer="glorot")

    @pytest.mark.parametrize("shape", [(None,), (None, None)])
    def test_the_last_axis_must_be_known(self, shape, rng):
        with pytest.raises(ValueError, match="Received: input_shape="):
            layers.Dense(3).build(shape, rng)

    def test_other_axes_may_vary(self, rng):
        layer = layers.Dense(3)
        layer.build((None, None, 5), rng)
        assert layer.output_shape == (None, None, 3)
        for steps in (2, 4):
            assert layer.forward(rng.standard_normal((6, steps, 5))).shape == (6, steps, 3)
            assert layer.backward(rng.standard_normal((6, steps, 3))).shape == (6, steps, 5)


class TestDropout:
    def test_a_given_mask_as_in_keras_formula(self, rng, keras):
        layer = built(layers.Dropout(0.4), (7, 5), rng)
        x, dy = rng.standard_normal((2, 7, 5))
        mask = rng.random((7, 5)) < 0.6
        x_tensor = keras.ops.convert_to_tensor(x)
        scale = keras.ops.convert_to_tensor(mask / 0.6)
        y, (dx,) = keras_gradients(lambda: x_tensor * scale, [x_tensor], dy)
        for given in (mask, mask.astype(int), mask.astype(np.float32).tolist()):
            np.testing.assert_allclose(layer.forward(x, training=True, mask=given), y, rtol=1e-12)
            np.testing.assert_allclose(layer.backward(dy), dx, rtol=1e-12)
            np.testing.assert_array_equal(layer.mask, mask)

    def test_drawn_masks(self, rng):
        layer = layers.Dropout(0.3)
        layer.build((None, 1000), rng)
        x = np.ones((100, 1000), np.float32)
        first = layer.forward(x, training=True)
        np.testing.assert_array_equal(first != 0, layer.mask)
        np.testing.assert_allclose(first[layer.mask], 1 / 0.7, rtol=1e-6)
        assert abs(layer.mask.mean() - 0.7) < 5 * np.sqrt(0.3 * 0.7 / x.size)
        np.testing.assert_array_equal(layer.backward(x), first)  # the same mask on the way back
        assert (layer.forward(x, training=True) != first).any()

    def test_the_masks_come_from_the_generator_of_build(self):
        x, masks = np.ones((4, 50)), []
        for _ in range(2):
            layer = layers.Dropout(0.5)
            layer.build((None, 50), np.random.default_rng(3))
            layer.forward(x, training=True)
            masks.append(layer.mask)
        np.testing.assert_array_equal(*masks)

    @pytest.mark.parametrize(("rate", "training"), [(0.5, False), (0, True)])
    def test_it_may_do_nothing(self, rate, training, rng):
        layer = built(layers.Dropout(rate), (4, 5), rng)
        x, dy = rng.standard_normal((2, 4, 5))
        assert layer.forward(x, training=training) is x
        assert layer.backward(dy) is dy
        assert layer.mask is None

    @pytest.mark.parametrize("rate", [-0.1, 1, 1.5, "0.5", None, np.nan])
    def test_rate_must_be_a_share(self, rate):
        with pytest.raises(ValueError, match=r"rate.*Received: rate="):
            layers.Dropout(rate)

    def test_mask_must_fit(self, rng):
        layer = built(layers.Dropout(0.5), (4, 5), rng)
        with pytest.raises(ValueError, match=r"must have shape \(4, 5\).*\(5,\)"):
            layer.forward(np.ones((4, 5)), training=True, mask=np.ones(5))
        with pytest.raises(ValueError, match="0 and 1 only"):
            layer.forward(np.ones((4, 5)), training=True, mask=np.full((4, 5), 0.5))


class TestShapes:
    def test_flatten_and_reshape_keep_the_order_without_copying(self, rng):
        x = rng.standard_normal((2, 3, 4))
        y, shape = layers.flatten_forward(x)
        np.testing.assert_array_equal(y[1], x[1].ravel())
        assert np.shares_memory(x, y)
        np.testing.assert_array_equal(layers.flatten_backward(y, shape), x)
        y, shape = layers.reshape_forward(x, (2, 6))
        np.testing.assert_array_equal(y[1].ravel(), x[1].ravel())
        assert np.shares_memory(x, y)
        np.testing.assert_array_equal(layers.reshape_backward(y, shape), x)

    def test_axes_that_vary(self, rng):
        flatten, reshape = layers.Flatten(), layers.Reshape((-1, 2))
        flatten.build((None, None, 4), rng)
        reshape.build((None, None, 4), rng)
        assert flatten.output_shape == (None, None)
        assert reshape.output_shape == (None, None, 2)
        x = rng.standard_normal((5, 3, 4))
        assert flatten.forward(x).shape == (5, 12)
        assert reshape.forward(x).shape == (5, 6, 2)
        assert reshape.backward(np.ones((5, 6, 2))).shape == x.shape

    def test_an_empty_batch(self, rng):
        for layer in (layers.Flatten(), layers.Reshape((4, -1)), layers.Dense(3)):
            layer.build((None, 3, 8), rng)
            y = layer.forward(np.ones((0, 3, 8)))
            assert y.shape == (0, *layer.output_shape[1:])
            assert layer.backward(y).shape == (0, 3, 8)

    @pytest.mark.parametrize("target", [(-1, -1), (0, 4), (2.5,), 12, "12", (-2, 3)])
    def test_bad_targets(self, target):
        with pytest.raises(ValueError, match=r"target_shape.*Received"):
            layers.Reshape(target)

    @pytest.mark.parametrize("target", [(5, 2), (5, -1), (24,)])
    def test_targets_of_another_size(self, target, rng):
        with pytest.raises(ValueError, match=r"12 entries.*input_shape=\(None, 3, 4\)"):
            layers.Reshape(target).build((None, 3, 4), rng)

    def test_shared_axes_must_exist(self, rng):
        with pytest.raises(ValueError, match=r"shared_axes=\[2\], input_shape=\(None, 4\)"):
            layers.PReLU(shared_axes=[2]).build((None, 4), rng)
        with pytest.raises(ValueError, match="shared_axes=0"):
            layers.PReLU(shared_axes=[0])
        with pytest.raises(ValueError, match="axis 1"):
            layers.PReLU().build((None, None, 4), rng)
        layer = layers.PReLU(shared_axes=1)
        layer.build((None, None, 4), rng)
        assert layer.params["alpha"].shape == (1, 4)


class TestBase:
    def test_backward_needs_forward(self, rng):
        layer = built(layers.Dense(3), (7, 5), rng)
        for method in (layer.backward, layer.backward_params):
            with pytest.raises(RuntimeError, match="'dense': backward called before forward"):
                method(np.ones((7, 3)))

    def test_a_failed_forward_leaves_nothing_to_go_back_through(self, rng):
        layer = built(layers.Dense(3), (7, 5), rng)
        layer.forward(np.ones((7, 5)))
        with pytest.raises(ValueError, match="Received"):
            layer.forward(np.ones((7, 4)))
        with pytest.raises(RuntimeError, match="before forward"):
            layer.backward(np.ones((7, 3)))

    def test_backward_after_build_needs_forward_again(self, rng):
        layer = built(layers.Dense(3), (7, 5), rng)
        layer.forward(np.ones((7, 5)))
        layer.build((None, 5), rng)
        assert layer.grads == {}
        with pytest.raises(RuntimeError, match="before forward"):
            layer.backward(np.ones((7, 3)))

    @pytest.mark.parametrize("shape", [(7, 1), (1, 3), (3,), (6, 3), (7, 3, 1)])
    def test_the_gradient_must_have_the_shape_of_the_output(self, shape, rng):
        layer = built(layers.Dense(3), (7, 5), rng)
        layer.forward(np.ones((7, 5)))
        with pytest.raises(ValueError, match=r"shape of the output, \(7, 3\)"):
            layer.backward(np.ones(shape))

    @pytest.mark.parametrize("shape", [(7, 4), (7, 1), (5,), (7, 2, 5), ()])
    def test_the_input_must_have_the_shape_of_build(self, shape, rng):
        layer = built(layers.Dense(3), (7, 5), rng)
        with pytest.raises(ValueError, match=r"inputs of shape \(None, 5\)") as error:
            layer.forward(np.ones(shape))
        assert f"Received: shape={shape}" in str(error.value)

    @pytest.mark.parametrize("x", [[["a"] * 5], [[1j] * 5], [[1.0], [1.0, 2.0]], None])
    def test_the_input_must_hold_numbers(self, x, rng):
        with pytest.raises(ValueError, match="input of dense"):
            built(layers.Dense(3), (7, 5), rng).forward(x)

    def test_forward_needs_build(self):
        for act in (
            lambda layer: layer.forward(np.ones((2, 5))),
            lambda layer: layer.set_weights([]),
        ):
            with pytest.raises(ValueError, match="'dense' has no weights yet"):
                act(layers.Dense(3))

    @pytest.mark.parametrize("shape", [None, 5, (), (None, 0), (None, -2), (None, 2.5), "ab"])
    def test_bad_input_shapes(self, shape, rng):
        with pytest.raises(ValueError, match="input_shape"):
            layers.Activation("relu").build(shape, rng)

    @pytest.mark.parametrize("generator", [None, 0, np.random.RandomState(0)])
    def test_build_needs_a_generator(self, generator):
        with pytest.raises(ValueError, match=r"numpy\.random\.Generator"):
            layers.Dense(3).build((None, 5), generator)

    def test_build_needs_a_kind_of_float(self, rng):
        with pytest.raises(ValueError, match="Received: dtype=int64"):
            layers.Dense(3).build((None, 5), rng, np.int64)

    def test_a_refused_build_leaves_the_layer_as_it_was(self, rng):
        layer = built(layers.Dense(3), (7, 5), rng)
        before = layer.get_weights()
        with pytest.raises(ValueError, match="input_shape"):
            layer.build((None,), rng)
        assert layer.built
        assert layer.input_shape == (None, 5)
        np.testing.assert_array_equal(layer.get_weights()[0], before[0])

    def test_get_weights_copies_and_set_weights_writes_in_place(self, rng):
        layer = built(layers.Dense(3), (7, 5), rng)
        kernel, copy = layer.params["kernel"], layer.get_weights()
        copy[0][...] = 0
        assert kernel.any()
        layer.set_weights(copy)
        assert layer.params["kernel"] is kernel
        assert not kernel.any()

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            ([np.ones((5, 3))], r"2 weights \(kernel, bias\). Received: 1"),
            (
                [np.ones((3, 5)), np.ones(3)],
                r"'kernel' of layer 'top' has shape \(5, 3\).*\(3, 5\)",
            ),
            ([np.ones((5, 3)), np.ones((1, 3))], r"'bias' of layer 'top'.*\(3,\).*\(1, 3\)"),
            ([np.ones((5, 3)), ["a", "b", "c"]], "top/bias.*real numbers"),
        ],
    )
    def test_refused_weights_change_nothing(self, weights, message, rng):
        layer = built(layers.Dense(3, name="top"), (7, 5), rng)
        before = layer.get_weights()
        with pytest.raises(ValueError, match=message):
            layer.set_weights(weights)
        for a, b in zip(before, layer.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)

    def test_names(self):
        assert layers.Dense(3).name == "dense"
        assert layers.PReLU().name == "p_re_lu"
        assert layers.Dense(3, name="top").get_config()["name"] == "top"
        assert "name" not in layers.Dense(3).get_config()
        for name in ("", 3):
            with pytest.raises(ValueError, match="name"):
                layers.Flatten(name=name)

    def test_repr_shows_what_is_not_the_default(self):
        assert repr(layers.Dense(3)).startswith("Dense(units=3")
        assert "use_bias" not in repr(layers.Dense(3))
        assert "use_bias=False" in repr(layers.Dense(3, use_bias=False))
        assert repr(layers.Dropout(0.5)) == "Dropout(rate=0.5)"

    def test_a_pair_as_activation(self, rng):
        pair = activations.ActivationPair("double", lambda x: 2 * x, lambda dy, x, y: 2 * dy)
        layer = built(layers.Activation(pair), (7, 5), rng)
        np.testing.assert_array_equal(layer.forward(np.ones((7, 5))), np.full((7, 5), 2.0))
        np.testing.assert_array_equal(layer.backward(np.ones((7, 5))), np.full((7, 5), 2.0))


class Add(layers.Layer):
    """A layer with two inputs."""

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def forward(self, x, training=False):
        a, b = self._check_input(x)
        self._cache = True
        return a + b

    def backward(self, dy):
        dy = self._check_gradient(dy)
        return [dy, dy]


class Split(layers.Layer):
    """A layer with two outputs."""

    def compute_output_shape(self, input_shape):
        return [input_shape, input_shape]

    def forward(self, x, training=False):
        x = self._check_input(x)
        self._cache = True
        return [x, 2 * x]

    def backward(self, dy):
        a, b = self._check_gradient(dy)
        return a + 2 * b


class TestSubclasses:
    def test_several_inputs(self, rng):
        layer = Add()
        layer.build([(None, 3), (None, 3)], rng)
        assert layer.output_shape == (None, 3)
        np.testing.assert_array_equal(layer.forward([np.ones((2, 3))] * 2), np.full((2, 3), 2.0))
        assert len(layer.backward(np.ones((2, 3)))) == 2
        with pytest.raises(ValueError, match=r"list of 2 inputs. Received: 3"):
            layer.forward([np.ones((2, 3))] * 3)
        with pytest.raises(ValueError, match=r"list of 2 inputs. Received: one array"):
            layer.forward(np.ones((2, 3)))
        with pytest.raises(ValueError, match=r"Received: shape=\(2, 4\)"):
            layer.forward([np.ones((2, 3)), np.ones((2, 4))])

    def test_several_outputs(self, rng):
        layer = Split()
        layer.build((None, 3), rng)
        layer.forward(np.ones((2, 3)))
        np.testing.assert_array_equal(layer.backward([np.ones((2, 3))] * 2), np.full((2, 3), 3.0))
        with pytest.raises(ValueError, match=r"list of 2 gradients. Received: one array"):
            layer.backward(np.ones((2, 3)))
        with pytest.raises(ValueError, match=r"Received: shape=\(2, 4\)"):
            layer.backward([np.ones((2, 3)), np.ones((2, 4))])

    def test_a_layer_must_define_both_ways(self):
        with pytest.raises(TypeError, match=r"abstract.*backward.*forward"):
            layers.Layer()
