"""Belief networks: contract, bad input, fine-tuning."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import optimizers
from glassnet.models import DBN


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def built(rng, units=(6, 5, 4, 3), dtype=np.float64, **options):
    dbn = DBN(list(units))
    dbn.build(rng, dtype)
    dbn.compile(optimizers.SGD(0.1, momentum=0.5), **options)
    return dbn


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shapes(rng, dtype):
    dbn, x = built(rng, dtype=dtype), rng.integers(0, 2, (9, 6))
    histories = dbn.fit(x, batch_size=4, epochs=2, verbose=0)
    assert [len(history.epoch) for history in histories] == [2, 2, 2]
    results = {
        (9, 3): [dbn.transform(x), dbn.predict(x)],
        (9, 5): [dbn.transform(x, 1)],
        (9, 6): [dbn.reconstruct(x), dbn.to_autoencoder().predict(x)],
        (7, 6): dbn.sample(7, rng, steps=3),
        (9, 10): [dbn.to_classifier(10).predict(x)],
    }
    for shape, arrays in results.items():
        assert {(each.shape, each.dtype) for each in arrays} == {(shape, np.dtype(dtype))}
    assert dbn.count_params() == 6 * 5 + 5 * 4 + 4 * 3 + (6 + 5 + 4) + (5 + 4 + 3)


def test_every_level_has_an_optimizer_of_its_own(rng):
    dbn = built(rng, k=2, persistent=True, particles=8)
    found = [optimizer for optimizer, _ in dbn.optimizers]
    assert len(set(map(id, found))) == 3
    assert {optimizer.momentum for optimizer in found} == {0.5}
    assert {(rbm.k, rbm.persistent, rbm.chains) for rbm in dbn.rbms} == {(2, True, 8)}


def test_training_the_upper_levels_leaves_the_lower_ones(rng):
    dbn, x = built(rng), rng.integers(0, 2, (12, 6))
    alone = built(np.random.default_rng(6), units=(6, 5))
    for value, other in zip(alone.get_weights(), dbn.get_weights()[:3], strict=True):
        np.testing.assert_array_equal(value, other)
    dbn.rng = dbn.rbms[0].rng = np.random.default_rng(1)
    alone.rng = alone.rbms[0].rng = np.random.default_rng(1)
    dbn.fit(x, epochs=3, verbose=0)
    alone.fit(x, epochs=3, verbose=0)
    for value, other in zip(alone.get_weights(), dbn.get_weights()[:3], strict=True):
        np.testing.assert_array_equal(value, other)


def test_what_it_turns_into_holds_copies(rng):
    dbn, x = built(rng), rng.integers(0, 2, (20, 6))
    dbn.fit(x, verbose=0)
    before = dbn.get_weights()
    network = dbn.to_classifier(2)
    network.compile("sgd", "sparse_categorical_crossentropy")
    network.fit(x, x[:, 0], epochs=3, verbose=0)
    unrolled = dbn.to_autoencoder()
    unrolled.compile("sgd", "binary_crossentropy")
    unrolled.fit(x, verbose=0)
    for one, other in zip(before, dbn.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_fine_tuned(rng):
    x = rng.integers(0, 2, (200, 6))
    labels = x[:, 0] ^ x[:, 1]
    dbn = built(rng, units=(6, 12, 12))
    dbn.fit(x, epochs=5, verbose=0)
    network = dbn.to_classifier(2)
    network.compile(optimizers.Adam(0.02), "sparse_categorical_crossentropy", ["accuracy"])
    network.fit(x, labels, epochs=60, verbose=0)
    assert network.evaluate(x, labels)["accuracy"] > 0.95


@pytest.mark.parametrize("units", [[6], [], 6, [6, 0], [6, 2.5], None])
def test_units(units):
    with pytest.raises(ValueError, match="Received"):
        DBN(units)


def test_order_of_calls_and_bad_arguments(rng):
    dbn, x = DBN([6, 5]), np.ones((2, 6))
    for call in (dbn.fit, dbn.transform, dbn.reconstruct):
        with pytest.raises(ValueError, match="call `build` first"):
            call(x)
    for call in (dbn.to_autoencoder, lambda: dbn.to_classifier(2)):
        with pytest.raises(ValueError, match="call `build` first"):
            call()
    dbn.build(rng)
    with pytest.raises(ValueError, match="call `compile` first"):
        dbn.fit(x)
    dbn.compile()
    with pytest.raises(TypeError, match="level by level"):
        dbn.train_on_batch(x)
    with pytest.raises(ValueError, match="Received"):
        dbn.fit(2 * x)
    for levels in (0, 2):
        with pytest.raises(ValueError, match=f"Received: levels={levels}"):
            dbn.transform(x, levels)
    with pytest.raises(ValueError, match="Received: classes=0"):
        dbn.to_classifier(0)
    with pytest.raises(ValueError, match="Received: rng=3"):
        dbn.sample(2, 3)
