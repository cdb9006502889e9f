"""Attention, positions and kernel averages: finite differences, plain loops, masks, refusals.

The comparisons with Keras over all options are in the catalogue of cross-checks.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from glassnet import crosscheck, gradcheck, layers

BATCH, QUERIES, KEYS, DIM, DIM_V = 3, 5, 6, 4, 7
MAKE = {
    "dot": lambda: layers.Attention(),
    "scaled": lambda: layers.Attention(use_scale=True),
    "concat": lambda: layers.Attention(score_mode="concat"),
    "scaled concat": lambda: layers.Attention(use_scale=True, score_mode="concat"),
    "additive": lambda: layers.AdditiveAttention(),
    "additive, plain": lambda: layers.AdditiveAttention(use_scale=False),
    "heads": lambda: layers.MultiHeadAttention(2, 3, value_dim=5),
    "heads without bias": lambda: layers.MultiHeadAttention(2, 3, use_bias=False),
}


@pytest.fixture
def rng():
    return np.random.default_rng(22)


def sequences(rng, inputs=3, dtype=np.float64):
    shapes = [(BATCH, QUERIES, DIM), (BATCH, KEYS, DIM_V), (BATCH, KEYS, DIM)]
    if inputs == 2:
        shapes = [shapes[0], shapes[2]]
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def random_masks(rng):
    masks = [rng.random((BATCH, length)) < 0.6 for length in (QUERIES, KEYS)]
    masks[1][:, 0] = True
    masks[0][0, 1] = masks[1][0, 1] = False
    return masks


def built(kind, xs, rng, dtype=np.float64):
    layer = MAKE[kind]()
    layer.build([(None, *x.shape[1:]) for x in xs], rng, dtype)
    layer.set_weights([rng.standard_normal(w.shape) for w in layer.get_weights()])
    return layer


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("inputs", [2, 3])
@pytest.mark.parametrize("flags", list(itertools.product([False, True], repeat=3)))
def test_gradients_over_all_options(kind, inputs, flags, rng):
    masked, scores, causal = flags
    options = {"return_attention_scores": scores, "use_causal_mask": causal}
    if masked:
        options["mask"] = random_masks(rng)
    gradcheck.check_layer(MAKE[kind](), tuple(sequences(rng, inputs)), rng, **options)


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize(("masked", "causal"), [(False, False), (True, False), (True, True)])
def test_as_in_keras(kind, masked, causal, rng):
    options = {"use_causal_mask": causal} | ({"mask": random_masks(rng)} if masked else {})
    shapes = [x.shape for x in sequences(rng)]
    crosscheck.layer(MAKE[kind](), shapes, rng, title=kind, **options).require()


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_follows_the_input_and_nothing_is_written_to(kind, dtype, rng):
    xs = sequences(rng, dtype=dtype)
    layer, masks = built(kind, xs, rng, dtype), random_masks(rng)
    before = [x.copy() for x in xs]
    y, weights = layer.forward(xs, mask=masks, return_attention_scores=True)
    dys = [rng.standard_normal(part.shape).astype(dtype) for part in (y, weights)]
    dys_before = [dy.copy() for dy in dys]
    dxs = layer.backward(dys)
    for array in (y, weights, *dxs, *layer.grads.values(), *layer.get_weights()):
        assert array.dtype == dtype
    for given, now in zip(before + dys_before, xs + dys, strict=True):
        np.testing.assert_array_equal(given, now)


def test_attention_is_an_average(rng):
    query, value, key = sequences(rng)
    masks = random_masks(rng)
    layer = built("dot", [query, value, key], rng)
    y, weights = layer.forward([query, value, key], mask=masks, return_attention_scores=True)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-13)
    assert not weights[np.broadcast_to(~masks[1][:, np.newaxis], weights.shape)].any()
    for b, i in np.ndindex(BATCH, QUERIES):
        e = np.exp(key[b] @ query[b, i]) * masks[1][b]
        expected = (e / e.sum()) @ value[b] * masks[0][b, i]
        np.testing.assert_allclose(y[b, i], expected, rtol=1e-12, atol=1e-14)
    assert layer.weights_of_values is weights


def test_heads_are_attentions_side_by_side(rng):
    query, value, key = sequences(rng)
    layer = built("heads", [query, value, key], rng)
    y = layer.forward([query, value, key])
    p = layer.params
    total = p["output_bias"].copy()
    for head in range(2):
        q, k, v = (
            x @ p[f"{name}_kernel"][:, head] + p[f"{name}_bias"][head]
            for name, x in (("query", query), ("key", key), ("value", value))
        )
        scores, _ = layers.dot_scores_forward(q, k, 1 / np.sqrt(3))
        total = total + layers.attend_forward(scores, v)[0] @ p["output_kernel"][head]
    np.testing.assert_allclose(y, total, rtol=1e-12)


def test_one_array_attends_to_itself(rng):
    x, mask = rng.standard_normal((BATCH, QUERIES, DIM)), random_masks(rng)[0]
    alone, pair = layers.MultiHeadAttention(2, 3), layers.MultiHeadAttention(2, 3)
    alone.build((None, None, DIM), rng, np.float64)
    pair.build([(None, None, DIM)] * 2, rng, np.float64)
    pair.set_weights(alone.get_weights())
    y = alone.forward(x, mask=mask)
    np.testing.assert_array_equal(y, pair.forward([x, x], mask=[mask, mask]))
    dy = rng.standard_normal(y.shape)
    np.testing.assert_allclose(alone.backward(dy), sum(pair.backward(dy)), rtol=1e-12)
    assert alone.compute_mask(x, mask) is mask
    gradcheck.check_layer(alone, x, rng, mask=mask, use_causal_mask=True)


def test_a_causal_query_sees_nothing_of_the_future(rng):
    x = rng.standard_normal((BATCH, QUERIES, DIM))
    layer = layers.MultiHeadAttention(2, 3)
    layer.build((None, QUERIES, DIM), rng, np.float64)
    y = layer.forward(x, use_causal_mask=True)
    x[:, 3:] += 1
    np.testing.assert_array_equal(layer.forward(x, use_causal_mask=True)[:, :3], y[:, :3])
    np.testing.assert_array_equal(layers.causal_mask(2, 3), [[1, 0, 0], [1, 1, 0]])


def test_a_query_that_sees_nothing_takes_the_mean(rng):
    scores, value = rng.standard_normal((2, 3)), rng.standard_normal((3, 4))
    mask = np.array([[True, False, True], [False] * 3])
    y, cache = layers.attend_forward(scores, value, mask)
    np.testing.assert_allclose(y[1], value.mean(axis=0), rtol=1e-13)
    dscores, _ = layers.attend_backward(rng.standard_normal(y.shape), cache)
    assert not dscores[~mask].any()
    gradcheck.check_function(
        lambda s, v: layers.attend_forward(s, v, mask)[0],
        lambda dy, s, v: layers.attend_backward(dy, layers.attend_forward(s, v, mask)[1]),
        (scores, value),
        rng,
    )


class TestPositions:
    def test_waves_by_hand(self):
        waves = layers.sinusoidal_positions(3, 4)
        np.testing.assert_allclose(waves[0], [0, 1, 0, 1])
        np.testing.assert_allclose(
            waves[2], [np.sin(2), np.cos(2), np.sin(0.02), np.cos(0.02)], rtol=1e-14
        )
        assert layers.sinusoidal_positions(3, 4, np.float32).dtype == np.float32

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_rotation_keeps_lengths_and_dtype(self, dtype, rng):
        x = rng.standard_normal((2, 5, 6)).astype(dtype)
        y, cache = layers.rotary_forward(x)
        assert y.dtype == layers.rotary_backward(y, cache).dtype == dtype
        lengths = np.linalg.norm(x, axis=-1)
        np.testing.assert_allclose(np.linalg.norm(y, axis=-1), lengths, rtol=1e-5)
        np.testing.assert_allclose(layers.rotary_backward(y, cache), x, rtol=1e-4, atol=1e-6)

    def test_products_depend_on_the_difference_of_positions_only(self, rng):
        query, key = rng.standard_normal((2, 1, 6))

        def product(i, j):
            turned = (layers.rotary_forward(x, [p])[0] for x, p in ((query, i), (key, j)))
            return np.vdot(*turned)

        assert np.isclose(product(3, 7), product(23, 27), rtol=1e-10)
        assert not np.isclose(product(3, 7), product(3, 8))

    def test_rotary_gradient(self, rng):
        gradcheck.check_function(
            lambda x: layers.rotary_forward(x)[0],
            lambda dy, x: layers.rotary_backward(dy, layers.rotary_forward(x)[1]),
            rng.standard_normal((2, 5, 4)),
            rng,
        )

    def test_refusals(self, rng):
        with pytest.raises(ValueError, match=r"even\. Received: dim=3"):
            layers.sinusoidal_positions(5, 3)
        with pytest.raises(ValueError, match="Received: length=0"):
            layers.sinusoidal_positions(0, 4)
        with pytest.raises(ValueError, match=r"even\. Received: dim=5"):
            layers.rotary_forward(np.ones((2, 5)))


class TestNadarayaWatson:
    def test_against_the_formula_and_dtype(self, rng):
        for dtype in (np.float32, np.float64):
            query, key, value = (
                rng.standard_normal(shape).astype(dtype) for shape in ((5, 2), (6, 2), (6, 3))
            )
            y, cache = layers.nadaraya_watson_forward(query, key, value, 0.7)
            *gradients, grads = layers.nadaraya_watson_backward(np.ones_like(y), cache)
            assert {a.dtype for a in (y, *gradients, grads["bandwidth"])} == {np.dtype(dtype)}
            for i in range(5):
                e = np.exp(-((query[i] - key) ** 2).sum(axis=1) / (2 * 0.49))
                np.testing.assert_allclose(y[i], e @ value / e.sum(), rtol=1e-4)

    def test_the_width_decides(self, rng):
        key = np.arange(4.0)[:, np.newaxis]
        value = rng.standard_normal((4, 1))
        narrow, _ = layers.nadaraya_watson_forward(key, key, value, 0.05)
        wide, _ = layers.nadaraya_watson_forward(key, key, value, 1e4)
        np.testing.assert_allclose(narrow, value, rtol=1e-12)
        np.testing.assert_allclose(wide, np.full((4, 1), value.mean()), rtol=1e-6)

    @pytest.mark.parametrize("bandwidth", [0, -1.0, np.nan])
    def test_it_must_be_positive(self, bandwidth):
        with pytest.raises(ValueError, match="Received: bandwidth="):
            layers.nadaraya_watson_forward(*np.ones((3, 2, 2)), bandwidth)


class TestRefusals:
    def test_arguments(self):
        with pytest.raises(ValueError, match="Received: score_mode='cosine'"):
            layers.Attention(score_mode="cosine")
        for name in ("num_heads", "key_dim", "value_dim"):
            with pytest.raises(ValueError, match=f"Received: {name}=0"):
                layers.MultiHeadAttention(**({"num_heads": 2, "key_dim": 3} | {name: 0}))

    @pytest.mark.parametrize(
        "shapes",
        [
            [(None, 5, 4)],
            [(None, 5, 4), (None, 6)],
            [(None, 5, 4), (None, 6, 4), (None, 7, 4)],
            [(None, 5, 4), (None, 6, 3)],
            [(None, 5, 4), (None, 6, None)],
            (None, 5, 4),
        ],
    )
    def test_shapes(self, shapes, rng):
        with pytest.raises(ValueError, match=r"Received: input_shape="):
            layers.Attention().build(shapes, rng)

    def test_inputs_and_masks(self, rng):
        xs = sequences(rng)
        for kind in ("dot", "heads"):
            layer = built(kind, xs, rng)
            with pytest.raises(ValueError, match="Received: one array"):
                layer.forward(xs[0])
            with pytest.raises(ValueError, match=r"query_mask, value_mask.*Received"):
                layer.forward(xs, mask=np.ones((BATCH, QUERIES), bool))
            with pytest.raises(ValueError, match=r"value_mask.*\(3, 6\).*Received: shape=\(3, 5\)"):
                layer.forward(xs, mask=[None, np.ones((BATCH, QUERIES), bool)])
            with pytest.raises(RuntimeError, match="before forward"):
                built(kind, xs, rng).backward(np.ones((BATCH, QUERIES, DIM)))
        with pytest.raises(ValueError, match=r"attention_mask.*Received: shape=\(5, 6\)"):
            layer.forward(xs, attention_mask=np.ones((QUERIES, KEYS), bool))
