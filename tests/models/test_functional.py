"""Networks that branch and meet again: order, gradients, training, every refusal."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import gradcheck, layers, losses, optimizers
from glassnet.layers import Input
from glassnet.models import Functional, Sequential


@pytest.fixture
def rng():
    return np.random.default_rng(22)


def block(rng, dtype=np.float64):
    """A block with a shortcut, a node that is used three times, and two normalisations."""
    x = Input((6, 5, 2))
    first = layers.Conv2D(3, (3, 2), padding="same")(x)
    inner = layers.Conv2D(3, (2, 2), padding="same")(layers.BatchNormalization()(first))
    added = layers.Add()([inner, first])
    side = layers.Concatenate()([added, first, layers.LayerNormalization()(x)])
    y = layers.Dense(4)(layers.GlobalAveragePooling2D()(side))
    model = Functional(x, y)
    model.build(rng, dtype)
    return model


class AsLayer(layers.Layer):
    """A model, so that the check for layers can look at it."""

    def __init__(self, model):
        super().__init__()
        self.model, self.built = model, True
        for i, layer in enumerate(model.layers):
            self.params |= {f"{i}/{key}": value for key, value in layer.params.items()}
            self.state |= {f"{i}/{key}": value for key, value in layer.state.items()}

    def forward(self, x, training=False):
        return self.model.forward(x, training)

    def backward(self, dy):
        dx = self.model.backward(dy)
        for i, layer in enumerate(self.model.layers):
            self.grads |= {f"{i}/{key}": value for key, value in layer.grads.items()}
        return dx


@pytest.mark.parametrize("training", [False, True])
def test_gradients_are_those_of_finite_differences(training, rng):
    model = block(rng)
    model.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in model.get_weights()])
    layer = AsLayer(model)
    gradcheck.check_layer(layer, rng.standard_normal((3, 6, 5, 2)), rng, training)


def test_a_chain_is_what_sequential_is(rng):
    x = Input((5,))
    parts = [layers.Dense(4, "tanh"), layers.Dropout(0.3), layers.Dense(3)]
    y = x
    for part in parts:
        y = part(y)
    chain, seed = Functional(x, y), np.random.default_rng(3)
    chain.build(seed)
    same = Sequential([layers.Dense(4, "tanh"), layers.Dropout(0.3), layers.Dense(3)])
    same.build((None, 5), np.random.default_rng(3))
    assert chain.layers == parts
    assert chain.input_shape == same.input_shape
    assert chain.output_shape == same.output_shape
    data = rng.standard_normal((20, 5)), rng.standard_normal((20, 3))
    for model in (chain, same):
        model.compile(optimizers.SGD(0.1), losses.MeanSquaredError())
        model.fit(*data, epochs=2, batch_size=8, verbose=0)
    for a, b in zip(chain.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_without_the_gradient_of_the_input_the_others_are_the_same(rng):
    model = block(rng)
    dy = rng.standard_normal((3, 4))
    model.forward(rng.standard_normal((3, 6, 5, 2)), training=True)
    model.backward(dy)
    full = [g.copy() for g in model.gradients]
    for layer in model.layers:
        layer.grads = {}
    assert model.backward(dy, input_gradient=False) is None
    for a, b in zip(model.gradients, full, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_has_nothing_to_learn_before_it_is_not_gone_back_through(rng):
    x = Input((4,))
    fixed = layers.Activation("tanh")
    model = Functional(x, layers.Dense(2)(fixed(x)))
    model.build(rng)
    y = model.forward(np.ones((3, 4), np.float32))
    fixed.backward = None  # would fail if it were called
    model.backward(y, input_gradient=False)
    assert len(model.gradients) == 2
    with pytest.raises(TypeError):
        model.backward(y)


def test_the_cotangent_is_not_written_to(rng):
    model = block(rng)
    dy = rng.standard_normal((3, 4))
    before = dy.copy()
    model.forward(rng.standard_normal((3, 6, 5, 2)))
    model.backward(dy)
    np.testing.assert_array_equal(dy, before)


@pytest.mark.parametrize("seed", range(4))
def test_layers_stand_in_the_order_of_keras(seed):
    """Random graphs, drawn in both."""
    import keras

    rng = np.random.default_rng(seed)
    ours, theirs = [Input((3,))], [keras.Input((3,))]
    for i in range(12):
        name = f"layer{i}"
        if i % 3 == 2:
            picked = rng.choice(len(ours), 2, replace=False)
            ours.append(layers.Add(name=name)([ours[j] for j in picked]))
            theirs.append(keras.layers.Add(name=name)([theirs[j] for j in picked]))
        else:
            j = rng.integers(len(ours))
            ours.append(layers.Dense(3, name=name)(ours[j]))
            theirs.append(keras.layers.Dense(3, name=name)(theirs[j]))
    ours = Functional(ours[0], layers.Concatenate(name="end")(ours[1:]))
    theirs = keras.Model(theirs[0], keras.layers.Concatenate(name="end")(theirs[1:]))
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers[1:]]
    ours.build(rng)
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    assert ours.count_params() == theirs.count_params()


def test_weights_survive_a_file(rng, tmp_path):
    model, other = block(rng), block(rng)
    model.save_weights(tmp_path / "weights.npz")
    other.load_weights(tmp_path / "weights.npz")
    x = rng.standard_normal((3, 6, 5, 2))
    np.testing.assert_array_equal(model.predict(x), other.predict(x))


def test_summary_and_shapes(rng, capsys):
    model = block(rng)
    model.summary()
    text = capsys.readouterr().out
    assert "conv2d_1 (Conv2D)" in text
    assert f"Params: {model.count_params():,}" in text
    assert model.compute_output_shape((7, 6, 5, 2)) == (7, 4)
    assert repr(model) == "Functional(inputs=(None, 6, 5, 2), 8 layers)"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(dtype, rng):
    model = block(rng, dtype)
    y = model.forward(rng.standard_normal((3, 6, 5, 2)).astype(dtype), training=True)
    assert {a.dtype for a in (y, model.backward(y), *model.gradients)} == {np.dtype(dtype)}


class TestRefusals:
    def test_a_layer_used_twice(self):
        x, dense = Input((3,)), layers.Dense(3)
        with pytest.raises(ValueError, match=r"only once.*Received: Dense\(units=3"):
            Functional(x, dense(dense(x)))

    def test_not_a_node(self):
        x = Input((3,))
        with pytest.raises(ValueError, match=r"`outputs` must be one node. Received"):
            Functional(x, [x])
        with pytest.raises(ValueError, match=r"must come from `Input`"):
            Functional(layers.Dense(3)(x), x)
        for given in (np.ones((2, 3)), [x, 3], []):
            with pytest.raises(ValueError, match=r"numbers go through `forward`. Received"):
                layers.Dense(3)(given)

    def test_no_way_from_the_input(self):
        x, other = Input((3,)), Input((3,))
        for output in (layers.Dense(3)(other), layers.Add()([layers.Dense(3)(x), other]), x):
            with pytest.raises(ValueError, match=r"must depend on the input.*Received"):
                Functional(x, output)

    def test_shapes_that_do_not_fit_are_refused_while_drawing(self):
        x = Input((6, 5, 2))
        with pytest.raises(ValueError, match=r"of one shape. Received"):
            layers.Add()([x, layers.Conv2D(3, 3)(x)])

    @pytest.mark.parametrize("shape", [3, None, (0,), (1.5,)])
    def test_refused_shapes(self, shape):
        with pytest.raises(ValueError, match="Received"):
            Input(shape)

    def test_it_must_be_built(self):
        x = Input((3,))
        model = Functional(x, layers.Dense(2)(x))
        with pytest.raises(ValueError, match="call `build` first"):
            model.forward(np.ones((1, 3)))

    def test_a_layer_with_several_outputs(self):
        class Split(layers.Layer):
            def compute_output_shape(self, input_shape):
                return [input_shape, input_shape]

            def forward(self, x, training=False):
                return [x, x]

            def backward(self, dy):
                return dy[0] + dy[1]

        with pytest.raises(ValueError, match=r"several outputs. Received"):
            Split()(Input((3,)))
