"""Layers that penalise and constrain their weights, and models that train them."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import constraints, layers, optimizers, regularizers
from glassnet.models import Sequential

# how to make it, shape of its input, words of its arguments
WITH_RULES = {
    "Dense": (lambda **rules: layers.Dense(3, **rules), (5,), "kernel bias"),
    "Conv1D": (lambda **rules: layers.Conv1D(3, 2, **rules), (6, 4), "kernel bias"),
    "Conv2D": (lambda **rules: layers.Conv2D(3, 2, **rules), (6, 5, 4), "kernel bias"),
    "DepthwiseConv2D": (
        lambda **rules: layers.DepthwiseConv2D(2, **rules),
        (6, 5, 4),
        "depthwise bias",
    ),
    "SeparableConv2D": (
        lambda **rules: layers.SeparableConv2D(3, 2, **rules),
        (6, 5, 4),
        "depthwise pointwise bias",
    ),
    "Conv2DTranspose": (
        lambda **rules: layers.Conv2DTranspose(3, 2, **rules),
        (6, 5, 4),
        "kernel bias",
    ),
    "SimpleRNN": (lambda **rules: layers.SimpleRNN(3, **rules), (6, 4), "kernel recurrent bias"),
    "LSTM": (lambda **rules: layers.LSTM(3, **rules), (6, 4), "kernel recurrent bias"),
    "GRU": (lambda **rules: layers.GRU(3, **rules), (6, 4), "kernel recurrent bias"),
    "Embedding": (lambda **rules: layers.Embedding(7, 3, **rules), (6,), "embeddings"),
    "BatchNormalization": (layers.BatchNormalization, (6, 4), "gamma beta"),
    "LayerNormalization": (layers.LayerNormalization, (6, 4), "gamma beta"),
    "GroupNormalization": (
        lambda **rules: layers.GroupNormalization(2, **rules),
        (6, 4),
        "gamma beta",
    ),
    "PReLU": (layers.PReLU, (6, 4), "alpha"),
    "MultiHeadAttention": (
        lambda **rules: layers.MultiHeadAttention(2, 3, **rules),
        (6, 4),
        "kernel bias",
    ),
}


def every_rule(words):
    return {f"{word}_regularizer": regularizers.L2(i + 0.5) for i, word in enumerate(words)} | {
        f"{word}_constraint": constraints.MaxNorm(i + 0.5) for i, word in enumerate(words)
    }


def built(layer, shape, rng, dtype=np.float64):
    layer.build((None, *shape), rng, dtype)
    return layer


@pytest.mark.parametrize("name", WITH_RULES)
def test_every_weight_gets_the_rule_it_was_given(name, rng):
    make, shape, words = WITH_RULES[name]
    given = every_rule(words.split())
    layer = make(**given)
    assert layer.regularizers == layer.constraints == {}  # there are no weights yet
    built(layer, shape, rng)
    assert set(layer.regularizers) == set(layer.constraints) == set(layer.params)
    for key, word in layer.weight_words.items():
        assert layer.regularizers[key] is getattr(layer, f"{word}_regularizer")
        assert layer.regularizers[key] is given[f"{word}_regularizer"]
        assert layer.constraints[key] is given[f"{word}_constraint"]


@pytest.mark.parametrize("name", WITH_RULES)
def test_the_configuration_makes_the_same_layer(name, rng):
    make, shape, words = WITH_RULES[name]
    layer = built(make(**every_rule(words.split())), shape, rng)
    again = built(type(layer)(**layer.get_config()), shape, rng)
    for kind in ("regularizers", "constraints"):
        ours, theirs = getattr(layer, kind), getattr(again, kind)
        assert {k: repr(v) for k, v in ours.items()} == {k: repr(v) for k, v in theirs.items()}
    plain = make().get_config()
    assert not any("regularizer" in key or "constraint" in key for key in plain)


@pytest.mark.parametrize("name", WITH_RULES)
def test_the_configuration_is_that_of_keras(name, keras):
    make, _, words = WITH_RULES[name]
    twin = getattr(keras.layers, name).from_config(make(**every_rule(words.split())).get_config())
    private = "_" if name == "MultiHeadAttention" else ""  # what its attributes begin with
    for i, word in enumerate(words.split()):
        assert getattr(twin, f"{private}{word}_regularizer").get_config() == {"l2": i + 0.5}
        assert getattr(twin, f"{private}{word}_constraint").max_value == i + 0.5


@pytest.mark.parametrize("name", WITH_RULES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_penalty_gradients_and_constraints_keep_dtype_and_arrays(name, dtype, rng):
    make, shape, words = WITH_RULES[name]
    layer = built(make(**every_rule(words.split())), shape, rng, dtype)
    for value in layer.params.values():
        value[...] = 3
    arrays = dict(layer.params)
    layer.grads = {key: np.zeros_like(value) for key, value in arrays.items()}
    before = dict(layer.grads)
    assert type(layer.penalty()) is float
    assert layer.penalty() > 0
    layer.add_penalty_gradients()
    layer.apply_constraints()
    for key, value in arrays.items():
        assert layer.params[key] is value  # the optimiser holds them
        assert layer.grads[key].dtype == value.dtype == dtype
        assert not before[key].any()  # a gradient may share memory with something else
        assert abs(value).max() < 3


def test_a_rule_without_its_weight_is_idle(rng):
    layer = layers.Dense(3, use_bias=False, bias_regularizer="l2", bias_constraint="non_neg")
    built(layer, (5,), rng)
    assert layer.regularizers == layer.constraints == {}
    assert layer.penalty() == 0


def test_rules_may_be_names_and_configurations(rng):
    layer = built(
        layers.Dense(
            3,
            kernel_regularizer="l1",
            kernel_constraint={"class_name": "MaxNorm", "config": {"max_value": 1.5}},
        ),
        (5,),
        rng,
    )
    assert repr(layer.regularizers) == "{'kernel': L1(l1=0.01)}"
    assert repr(layer.constraints) == "{'kernel': MaxNorm(max_value=1.5, axis=0)}"
    assert layer.bias_regularizer is None
    assert "kernel_regularizer={'class_name': 'L1'" in repr(layer)


def test_wrong_rules_are_refused():
    with pytest.raises(TypeError, match="Dense takes no argument 'recurrent_regularizer'"):
        layers.Dense(3, recurrent_regularizer="l2")
    with pytest.raises(TypeError, match="'kernel_regulariser'"):
        layers.LSTM(3, kernel_regulariser="l2")
    with pytest.raises(ValueError, match=r"Unknown regularizer\. Received: 'l3'"):
        layers.Dense(3, kernel_regularizer="l3")
    with pytest.raises(ValueError, match="Unknown constraint"):
        layers.Conv1D(3, 2, bias_constraint=regularizers.L2())


def test_wrappers_have_the_rules_of_what_they_wrap(rng):
    rules = every_rule(["kernel", "recurrent", "bias"])
    both = built(layers.Bidirectional(layers.GRU(3, **rules)), (6, 4), rng)
    assert set(both.regularizers) == set(both.constraints) == set(both.params)
    assert both.regularizers["backward_bias"] is rules["bias_regularizer"]
    each = built(layers.TimeDistributed(layers.Dense(3, kernel_regularizer="l1")), (6, 4), rng)
    assert list(each.regularizers) == ["kernel"]
    assert each.penalty() == pytest.approx(0.01 * abs(each.params["kernel"]).sum())


def network(rng, optimizer, **rules):
    model = Sequential([layers.Dense(4, "tanh", **rules), layers.Dense(2)])
    model.build((None, 3), rng, np.float64)
    model.compile(optimizer, "mean_squared_error")
    return model


def test_the_penalty_is_part_of_every_loss(rng):
    x, y = rng.standard_normal((10, 3)), rng.standard_normal((10, 2))
    model = network(rng, optimizers.SGD(0.0), kernel_regularizer=regularizers.L1(0.3))
    penalty = 0.3 * abs(model.layers[0].params["kernel"]).sum()
    assert model.penalty() == pytest.approx(penalty)
    plain = model.loss(y, model.predict(x)) + penalty
    history = model.fit(x, y, batch_size=4, verbose=0, validation_data=(x, y)).history
    assert history["loss"] == history["val_loss"] == pytest.approx([plain])
    assert model.evaluate(x, y, batch_size=3)["loss"] == pytest.approx(plain)
    assert model.train_on_batch(x, y)["loss"] == pytest.approx(plain)


def test_a_step_follows_the_penalty(rng):
    """With targets that are met, nothing but the penalty moves the weights."""
    x = rng.standard_normal((10, 3))
    model = network(rng, optimizers.SGD(0.1), kernel_regularizer=regularizers.L2(0.3))
    kernel = model.layers[0].params["kernel"].copy()
    model.train_on_batch(x, model.predict(x))
    np.testing.assert_allclose(model.layers[0].params["kernel"], kernel * (1 - 0.1 * 0.6))
    np.testing.assert_allclose(model.gradients[0], 0.6 * kernel)


def test_constraints_hold_after_every_step(rng):
    x, y = rng.standard_normal((40, 3)), rng.standard_normal((40, 2))
    limits = {"kernel_constraint": constraints.MaxNorm(0.5), "bias_constraint": "non_neg"}
    model = network(rng, optimizers.SGD(0.5), **limits)
    for _ in range(5):
        model.train_on_batch(x, y)
        kernel, bias = model.layers[0].get_weights()
        assert np.linalg.norm(kernel, axis=0).max() <= 0.5
        assert bias.min() >= 0
    assert np.linalg.norm(model.layers[1].get_weights()[0], axis=0).max() > 0.5


def test_nothing_is_updated_when_a_step_fails(rng):
    model = network(rng, optimizers.SGD(0.5), kernel_constraint=constraints.MaxNorm(0.1))
    before = model.get_weights()
    with pytest.raises(ValueError, match="finite"):
        model.train_on_batch(np.full((2, 3), 1e200), np.full((2, 2), 1e200))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
