"""The recorder: what it writes down is what the layers did, and the layers notice nothing."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import layers, losses, models, optimizers
from glassnet.explore import record


def build(seed=0):
    rng = np.random.default_rng(seed)
    model = models.Sequential([layers.Dense(4, "tanh"), layers.Dense(3, "sigmoid")])
    model.build((None, 2), rng, np.float64)
    model.compile(optimizers.SGD(0.5), "mean_squared_error")
    return model, rng.normal(size=(6, 2)), rng.random((6, 3))


def test_records_equal_what_the_layers_compute():
    model, x, y = build()
    before = model.get_weights()
    with record(model) as tape:
        model.train_on_batch(x, y)
    twin, _, _ = build()
    loss = losses.MeanSquaredError()
    h = twin.layers[0].forward(x)
    p = twin.layers[1].forward(h)
    dp = loss.gradient(y, p)
    dh = twin.layers[1].backward(dp)
    twin.layers[0].backward(dh)
    first, second = tape[0]
    assert np.array_equal(first.input, x)
    assert np.array_equal(first.output, h)
    assert np.array_equal(second.input, h)
    assert np.array_equal(second.output, p)
    assert np.array_equal(second.output_gradient, dp)
    assert np.array_equal(second.input_gradient, dh)
    assert np.array_equal(first.output_gradient, dh)
    assert first.input_gradient is None  # training does not ask for it
    for entry, layer in zip(tape[0], twin.layers, strict=True):
        for key in layer.params:
            assert np.array_equal(entry.grads[key], layer.grads[key])
    recorded = [value for entry in tape[0] for value in entry.params.values()]
    for value, start, now in zip(recorded, before, model.get_weights(), strict=True):
        assert np.array_equal(value, start)  # before the update, and a copy
        assert not np.array_equal(value, now)


def test_training_is_the_same_with_and_without():
    model, x, y = build()
    twin, _, _ = build()
    with record(model):
        for _ in range(5):
            model.train_on_batch(x, y)
    for _ in range(5):
        twin.train_on_batch(x, y)
    for ours, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)


def test_layers_are_as_before_even_after_an_error():
    model, x, y = build()
    model.train_on_batch(x, y)
    attributes = [set(vars(layer)) for layer in model.layers]

    def stumble():
        with record(model):
            model.train_on_batch(x, y)
            raise KeyError("in the block")

    with pytest.raises(KeyError):
        stumble()
    assert [set(vars(layer)) for layer in model.layers] == attributes
    assert model.layers[0].forward.__func__ is layers.Dense.forward


def test_steps_can_be_chosen_and_stacked():
    model, x, y = build()
    kernels = []
    with record(model, when=lambda n: n % 2 == 0) as tape:
        for _ in range(5):
            kernels.append(model.layers[0].params["kernel"].copy())
            model.train_on_batch(x, y)
    assert tape.numbers == [0, 2, 4]
    assert len(tape) == 3
    assert np.array_equal(tape.stack(0, "params", "kernel"), kernels[::2])
    assert tape.stack(1, "output").shape == (3, 6, 3)


def test_a_single_layer_and_a_forward_pass_alone():
    layer = layers.LSTM(3, return_sequences=True)
    layer.build((None, 5, 2), np.random.default_rng(0), np.float64)
    x = np.random.default_rng(1).normal(size=(2, 5, 2))
    with record(layer) as tape:
        y = layer.forward(x)
    assert np.array_equal(tape[0][0].output, y)
    assert tape[0][0].grads == {}
    assert tape[0][0].output_gradient is None


def test_lists_of_inputs_are_copied():
    layer = layers.Add()
    layer.build([(None, 2), (None, 2)], np.random.default_rng(0), np.float64)
    inputs = [np.ones((1, 2)), np.ones((1, 2))]
    with record(layer) as tape:
        layer.forward(inputs)
    inputs[0][...] = 9
    assert np.array_equal(tape[0][0].input[0], [[1, 1]])


@pytest.mark.parametrize("model", [[], [1, 2], "abc", None])
def test_what_has_no_layers_is_refused(model):
    with pytest.raises(ValueError, match="must be a layer"), record(model):
        pass


def test_a_layer_is_recorded_once():
    model, *_ = build()
    with record(model), pytest.raises(ValueError, match="recorded once"), record(model.layers[1]):
        pass
    with pytest.raises(ValueError, match="recorded once"), record([model.layers[0]] * 2):
        pass
    assert "forward" not in vars(model.layers[0])
