"""Bidirectional, TimeDistributed and Embedding: finite differences, Keras, and every refusal."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import crosscheck, gradcheck, layers, losses, optimizers
from glassnet.models import Sequential

BATCH, TIME, FEATURES, UNITS = 3, 5, 2, 4
MODES = ("concat", "sum", "mul", "ave")


@pytest.fixture
def rng():
    return np.random.default_rng(21)


def random_mask(rng):
    mask = rng.random((BATCH, TIME)) < 0.6
    mask[0, 0], mask[0, 1], mask[0, -1] = False, True, False
    mask[-1] = False
    return mask


def both_ways(kind, mode, **options):
    return layers.Bidirectional(getattr(layers, kind)(UNITS, **options), mode)


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("return_state", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_gradients_both_ways(kind, mode, return_sequences, return_state, masked, rng):
    layer = both_ways(kind, mode, return_sequences=return_sequences, return_state=return_state)
    x = rng.standard_normal((BATCH, TIME, FEATURES))
    gradcheck.check_layer(layer, x, rng, mask=random_mask(rng) if masked else None)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_both_ways_as_in_keras(mode, return_sequences, masked, rng):
    layer = both_ways("GRU", mode, return_sequences=return_sequences, return_state=True)
    options = {"initial_state": [rng.standard_normal((BATCH, UNITS)) for _ in range(2)]}
    if masked:
        options["mask"] = random_mask(rng)
    crosscheck.layer(layer, (BATCH, TIME, FEATURES), rng, title="GRU", **options).require()


def test_both_ways_states_have_gradients(rng):
    layer = both_ways("LSTM", "concat", return_sequences=True)
    layer.build((None, TIME, FEATURES), rng, np.float64)
    x = rng.standard_normal((BATCH, TIME, FEATURES))
    states = [rng.standard_normal((BATCH, UNITS)) for _ in range(4)]
    dy = rng.standard_normal(layer.forward(x, initial_state=states).shape)
    layer.backward(dy)
    assert len(layer.state_gradients) == 4
    for state, gradient in zip(states, layer.state_gradients, strict=True):
        direction = rng.standard_normal(state.shape)
        start, slopes = state.copy(), []
        for step in (1e-6, -1e-6):
            state[...] = start + step * direction
            slopes.append(np.vdot(dy, layer.forward(x, initial_state=states)))
        state[...] = start
        slope = (slopes[0] - slopes[1]) / 2e-6
        np.testing.assert_allclose(np.vdot(gradient, direction), slope, rtol=1e-6)


def test_both_ways_weights(rng):
    given = layers.LSTM(UNITS)
    layer = layers.Bidirectional(given)
    layer.build((None, TIME, FEATURES), rng)
    assert list(layer.params) == [
        f"{way}_{key}"
        for way in ("forward", "backward")
        for key in ("kernel", "recurrent_kernel", "bias")
    ]
    assert not given.built
    assert given.params == {}
    assert layer.output_shape == (None, 2 * UNITS)
    layer.set_weights([rng.standard_normal(w.shape) for w in layer.get_weights()])
    assert layer.params["backward_kernel"] is layer.backward_layer.params["kernel"]
    assert (layer.params["backward_kernel"] != layer.params["forward_kernel"]).all()
    assert repr(layer).startswith("Bidirectional(LSTM(units=4")


def test_both_ways_refusals(rng):
    with pytest.raises(ValueError, match=r"recurrent layer. Received: layer=Dense"):
        layers.Bidirectional(layers.Dense(3))
    with pytest.raises(ValueError, match=r"Received: go_backwards=True"):
        layers.Bidirectional(layers.GRU(3, go_backwards=True))
    with pytest.raises(ValueError, match=r"merge_mode.*Received: merge_mode='max'"):
        layers.Bidirectional(layers.GRU(3), "max")
    layer = layers.Bidirectional(layers.GRU(UNITS))
    layer.build((None, TIME, FEATURES), rng)
    with pytest.raises(ValueError, match=r"has 2 states. Received: initial_state with 1"):
        layer.forward(np.ones((BATCH, TIME, FEATURES)), initial_state=np.ones((BATCH, UNITS)))
    with pytest.raises(RuntimeError, match="before forward"):
        layer.backward(np.ones((BATCH, 2 * UNITS)))


DISTRIBUTED = {
    "dense": (lambda: layers.Dense(4, "softplus"), (3, 2, 5)),
    "lstm": (lambda: layers.LSTM(4), (3, 2, 6, 5)),
    "flatten": (layers.Flatten, (3, 2, 6, 5)),
    "prelu": (layers.PReLU, (3, 2, 5)),
}


@pytest.mark.parametrize("case", DISTRIBUTED)
def test_distributed(case, rng):
    make, shape = DISTRIBUTED[case]
    gradcheck.check_layer(layers.TimeDistributed(make()), rng.standard_normal(shape), rng)
    crosscheck.layer(layers.TimeDistributed(make()), shape, rng, title=case).require()


def test_distributed_is_the_layer_step_by_step(rng):
    inner = layers.Dense(4)
    layer = layers.TimeDistributed(inner)
    layer.build((None, TIME, FEATURES), rng, np.float64)
    x = rng.standard_normal((BATCH, TIME, FEATURES))
    y = layer.forward(x)
    for t in range(TIME):
        np.testing.assert_allclose(y[:, t], inner.forward(x[:, t]), rtol=1e-13)
    assert layer.params is inner.params
    mask = random_mask(rng)
    assert layer.compute_mask(x, mask) is mask


def test_distributed_refusals(rng):
    with pytest.raises(ValueError, match=r"needs a layer. Received: layer=3"):
        layers.TimeDistributed(3)
    with pytest.raises(ValueError, match=r"Received: input_shape=\(None, 5\)"):
        layers.TimeDistributed(layers.Dense(3)).build((None, 5), rng)


class TestEmbedding:
    def test_by_hand(self):
        rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        y, cache = layers.embedding_forward(np.array([[2, 0, 2]]), rows)
        np.testing.assert_array_equal(y, [[[5, 6], [1, 2], [5, 6]]])
        dx, grads = layers.embedding_backward(np.array([[[1.0, 2], [10, 20], [100, 200]]]), cache)
        assert dx is None
        np.testing.assert_array_equal(grads["embeddings"], [[10, 20], [0, 0], [101, 202]])

    @pytest.mark.parametrize("shape", [(6,), (6, 5), (4, 2, 5)])
    def test_gradients(self, shape, rng):
        layer, tokens = layers.Embedding(7, 3), rng.integers(0, 7, shape)
        gradcheck.check_layer(layer, tokens, rng)
        crosscheck.layer(layers.Embedding(7, 3), shape, rng, inputs=tokens).require()

    def test_it_is_the_product_with_a_one_hot_matrix(self, rng):
        tokens, rows = rng.integers(0, 7, (4, 5)), rng.standard_normal((7, 3))
        y, _ = layers.embedding_forward(tokens, rows)
        np.testing.assert_allclose(y, np.eye(7)[tokens] @ rows, rtol=1e-14)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_dtype_is_that_of_the_vectors(self, dtype, rng):
        layer = layers.Embedding(7, 3)
        layer.build((None, 5), rng, dtype)
        y = layer.forward([[0, 1, 2, 3, 6]])
        dy = np.ones_like(y)
        assert layer.backward(dy) is None
        assert y.dtype == layer.grads["embeddings"].dtype == dtype
        assert np.abs(layer.params["embeddings"]).max() <= 0.05

    def test_mask(self):
        assert layers.Embedding(7, 3).compute_mask(np.array([[0, 2]])) is None
        mask = layers.Embedding(7, 3, mask_zero=True).compute_mask(np.array([[0, 2]]))
        np.testing.assert_array_equal(mask, [[False, True]])

    @pytest.mark.parametrize("tokens", [[[0, 7]], [[-1, 2]], [[0.5, 1]], [[np.nan, 1]], [["a", 1]]])
    def test_tokens_must_be_in_range(self, tokens, rng):
        layer = layers.Embedding(7, 3)
        layer.build((None, 2), rng)
        with pytest.raises(ValueError, match=r"input of embedding.*Received"):
            layer.forward(tokens)

    @pytest.mark.parametrize("size", [0, -2, 1.5, None])
    def test_sizes(self, size):
        with pytest.raises(ValueError, match="Received: input_dim="):
            layers.Embedding(size, 3)
        with pytest.raises(ValueError, match="Received: output_dim="):
            layers.Embedding(3, size)

    def test_it_learns_as_the_first_layer(self, rng):
        tokens = rng.integers(1, 6, (80, 4))
        tokens[:, 2:] *= rng.integers(0, 2, (80, 2))
        y = (tokens == 3).any(axis=1).astype(float)[:, np.newaxis]
        parts = [layers.Embedding(6, 4, mask_zero=True), layers.GRU(5), layers.Dense(1, "sigmoid")]
        model = Sequential(parts)
        model.build((None, 4), rng)
        model.compile(optimizers.Adam(0.02), losses.BinaryCrossentropy())
        history = model.fit(tokens, y, epochs=20, batch_size=16, verbose=0).history["loss"]
        assert history[-1] < 0.3 * history[0]
        padded = np.array([[3, 2, 0, 0]])
        longer = np.array([[3, 2, 0, 0, 0, 0]])
        np.testing.assert_allclose(model.forward(padded)[0, 0], 1, atol=0.2)
        with pytest.raises(ValueError, match="shape"):
            model.forward(longer)
