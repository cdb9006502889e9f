"""The chain itself: building, going forward and backward, weights, summary."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import layers, optimizers
from glassnet.losses import MeanSquaredError
from glassnet.models import Sequential


@pytest.fixture
def rng():
    return np.random.default_rng(21)


def small(rng, dtype=np.float64):
    model = Sequential(
        [layers.Flatten(), layers.Dense(5, "tanh"), layers.Dropout(0.5), layers.Dense(3)]
    )
    model.build((None, 2, 4), rng, dtype)
    model.set_weights([rng.standard_normal(w.shape) for w in model.get_weights()])
    return model


class Lookup(layers.Layer):
    """Rows of a table, chosen by integers."""

    def as_input(self, x):
        x = np.asarray(x)
        if x.dtype.kind not in "iu":
            raise ValueError(f"`x` must hold integers. Received: dtype={x.dtype}")
        return x

    def create_weights(self, input_shape, rng, dtype):
        self.params["table"] = rng.standard_normal((6, 4)).astype(dtype)

    def compute_output_shape(self, input_shape):
        return (*input_shape, 4)

    def forward(self, x, training=False):
        x = self._check_input(x)
        self._cache = x
        return self.params["table"][x]

    def backward(self, dy):
        dy = self._check_gradient(dy)
        table = np.zeros_like(self.params["table"])
        np.add.at(table, self._cache, dy)
        self.grads = {"table": table}


def test_backward_is_the_gradient_of_forward(rng):
    model = small(rng)
    x, dy = rng.standard_normal((7, 2, 4)), rng.standard_normal((7, 3))
    model.forward(x)
    dx = model.backward(dy)
    gradients = [g.copy() for g in model.gradients]
    assert dx.shape == x.shape

    def along(array, direction):
        slope = 0.0
        for sign in (1, -1):
            array += sign * 1e-6 * direction
            slope += sign * np.vdot(dy, model.forward(x)) / 2e-6
            array -= sign * 1e-6 * direction
        return slope

    for array, gradient in zip([x, *model.trainable_weights], [dx, *gradients], strict=True):
        direction = rng.standard_normal(array.shape)
        np.testing.assert_allclose(np.vdot(gradient, direction), along(array, direction), rtol=1e-7)


def test_backward_for_training_gives_the_same_gradients_and_stops_at_the_first_that_learns(
    rng, monkeypatch
):
    model = small(rng)
    dy = rng.standard_normal((7, 3))
    model.forward(rng.standard_normal((7, 2, 4)))
    model.backward(dy)
    both = [g.copy() for g in model.gradients]
    monkeypatch.setattr(model.layers[0], "backward", None)  # would fail if called
    monkeypatch.setattr(model.layers[1], "backward", None)
    assert model.backward(dy, input_gradient=False) is None
    for a, b in zip(both, model.gradients, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_step_by_hand(rng):
    """The four lines of a training step, against the formula of SGD."""
    model, optimizer, loss = small(rng), optimizers.SGD(0.25), MeanSquaredError()
    x, y_true = rng.standard_normal((7, 2, 4)), rng.standard_normal((7, 3))
    before = model.get_weights()
    y = model.forward(x, training=True)
    dy = loss.gradient(y_true, y)
    model.backward(dy)
    gradients = [g.copy() for g in model.gradients]
    optimizer.apply(model.gradients, model.trainable_weights)
    for old, gradient, new in zip(before, gradients, model.get_weights(), strict=True):
        assert gradient.any()
        np.testing.assert_allclose(new, old - 0.25 * gradient, rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_from_data_to_gradients(dtype, rng):
    model = small(rng, dtype)
    model.compile("adam", "mse")
    x, y = rng.standard_normal((7, 2, 4)), rng.standard_normal((7, 3))
    model.fit(x, y, verbose=0)  # float64 data are cast once
    assert model.dtype == dtype
    assert {w.dtype for w in model.get_weights()} == {np.dtype(dtype)}
    assert {g.dtype for g in model.gradients} == {np.dtype(dtype)}
    assert model.predict(x).dtype == dtype
    assert model.forward(x.astype(dtype)).dtype == dtype


def test_integer_inputs_reach_the_first_layer_as_they_are(rng):
    model = Sequential([Lookup(), layers.Flatten(), layers.Dense(2, "softmax")])
    model.build((None, 3), rng)
    model.compile("sgd", "sparse_categorical_crossentropy")
    x, y = rng.integers(0, 6, (40, 3)), rng.integers(0, 2, 40)
    history = model.fit(x, y, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert model.predict(x).shape == (40, 2)
    with pytest.raises(ValueError, match=r"must hold integers\. Received: dtype=float64"):
        model.fit(x + 0.5, y, verbose=0)


def test_training_is_handed_to_every_layer(rng):
    model = small(rng)
    x = rng.standard_normal((7, 2, 4))
    np.testing.assert_array_equal(model.forward(x), model.forward(x))
    assert model.layers[2].mask is None
    model.forward(x, training=True)
    assert model.layers[2].mask is not None


def test_everything_random_comes_from_the_generator_of_build():
    x, y = np.random.default_rng(0).standard_normal((2, 40, 8))
    runs = []
    for _ in range(2):
        model = Sequential([layers.Dense(6, "relu"), layers.Dropout(0.5), layers.Dense(8)])
        model.build((None, 8), np.random.default_rng(9))
        model.compile("sgd", "mse")
        model.fit(x, y, epochs=2, batch_size=7, verbose=0)
        runs.append(model.get_weights())
    for a, b in zip(*runs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_build_again_draws_new_weights(rng):
    model = small(rng)
    before = model.get_weights()
    model.build((None, 3, 4), rng)
    assert model.layers[1].params["kernel"].shape == (12, 5)
    assert before[0].shape == (8, 5)


def test_add_builds_on_what_is_built(rng):
    model = small(rng)
    before = model.get_weights()
    model.add(layers.Dense(2))
    assert model.output_shape == (None, 2)
    assert model.predict(np.ones((1, 2, 4))).shape == (1, 2)
    for a, b in zip(before, model.get_weights(), strict=False):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="cannot give 2 entries"):
        model.add(layers.Reshape((3,)))
    assert model.output_shape == (None, 2)


def test_what_is_no_chain():
    with pytest.raises(ValueError, match=r"made of layers.*Received: 'dense'"):
        Sequential(["dense"])
    layer = layers.Dense(3)
    with pytest.raises(ValueError, match="only once"):
        Sequential([layer, layer])
    with pytest.raises(ValueError, match="name='a' again"):
        Sequential([layers.Dense(3, name="a"), layers.Dense(3, name="a")])


def test_before_build(rng):
    model = Sequential([layers.Dense(3)])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 2)), np.ones((4, 3))
    for act in (
        lambda: model.forward(x),
        lambda: model.backward(y),
        lambda: model.predict(x),
        lambda: model.evaluate(x, y),
        lambda: model.fit(x, y),
        lambda: model.train_on_batch(x, y),
        lambda: model.set_weights([]),
        lambda: model.save_weights("never.npz"),
        lambda: model.load_weights("never.npz"),
        lambda: model.count_params(),
        lambda: model.output_shape,
    ):
        with pytest.raises(ValueError, match="call `build` first"):
            act()
    with pytest.raises(ValueError, match="at least one layer"):
        Sequential().build((None, 2), rng)


def test_a_build_that_fails_names_the_layer_and_leaves_the_model_unbuilt(rng):
    model = Sequential([layers.Dense(4), layers.Reshape((3, -1), name="grid")])
    with pytest.raises(ValueError, match=r"'grid' cannot give 4 entries.*\(None, 4\)"):
        model.build((None, 2), rng)
    with pytest.raises(ValueError, match="call `build` first"):
        model.forward(np.ones((1, 2)))


def test_backward_and_gradients_need_what_comes_before(rng):
    model = small(rng)
    with pytest.raises(RuntimeError, match="call `backward` first"):
        _ = model.gradients
    with pytest.raises(RuntimeError, match="backward called before forward"):
        model.backward(np.ones((7, 3)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w[:-1], r"4 weights\. Received: 3 arrays"),
        (lambda w: [*w, w[0]], r"4 weights\. Received: 5 arrays"),
        (lambda w: [*w[:-1], np.ones(4)], r"'bias' of layer 'dense' has shape \(3,\).*\(4,\)"),
    ],
)
def test_refused_weights_change_nothing(change, message, rng):
    model = small(rng)
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        model.set_weights(change([w + 1 for w in before]))
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_set_weights_keeps_the_arrays_that_an_optimizer_knows(rng):
    model = small(rng)
    arrays, before = model.trainable_weights, model.get_weights()
    model.set_weights([w + 1 for w in before])
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a + 1, b)
    assert all(a is b for a, b in zip(arrays, model.trainable_weights, strict=True))


def test_summary(rng, capsys):
    model = small(rng)
    model.add(layers.Dense(3, name="top"))
    assert model.summary() is None
    lines = capsys.readouterr().out.splitlines()
    table = [line.rsplit(maxsplit=1) for line in lines[4:9]]
    assert [(name.split("  ")[0], count) for name, count in table] == [
        ("flatten (Flatten)", "0"),
        ("dense (Dense)", "45"),
        ("dropout (Dropout)", "0"),
        ("dense_1 (Dense)", "18"),
        ("top (Dense)", "12"),
    ]
    assert "(None, 5)" in lines[5]
    assert lines[-1] == "Params: 75 (75 trainable, 0 not)"
    assert model.count_params() == 75
    assert all(len(line) == len(lines[1]) for line in lines[1:-1])


def test_summary_before_build(capsys):
    Sequential([layers.Dense(3)], name="mine").summary()
    out = capsys.readouterr().out
    assert "Model: mine" in out
    assert "not built" in out


def test_repr():
    text = repr(Sequential([layers.Flatten(), layers.Dropout(0.5)]))
    assert text == "Sequential([Flatten(), Dropout(rate=0.5)])"
