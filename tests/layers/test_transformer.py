"""Transformer blocks and token vectors: finite differences, masks, refusals, weights in order.

The comparisons with compositions of Keras' layers are in the catalogue of cross-checks.
"""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import gradcheck, layers
from glassnet.models import Sequential

BATCH, TIME, STEPS, DIM, DIM_M = 3, 4, 5, 6, 7


@pytest.fixture
def rng():
    return np.random.default_rng(33)


def inputs(kind, rng, dtype=np.float64):
    x = rng.standard_normal((BATCH, TIME, DIM)).astype(dtype)
    if kind != "memory":
        return x
    return [x, rng.standard_normal((BATCH, STEPS, DIM_M)).astype(dtype)]


def block(kind, **options):
    cls = layers.TransformerEncoder if kind == "encoder" else layers.TransformerDecoder
    return cls(8, 2, **options)


def built(kind, rng, dtype=np.float64, **options):
    layer = block(kind, **options)
    shape = (None, None, DIM)
    layer.build([shape, (None, None, DIM_M)] if kind == "memory" else shape, rng, dtype)
    layer.set_weights([rng.standard_normal(w.shape) for w in layer.get_weights()])
    return layer


KINDS = ("encoder", "alone", "memory")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_gradients_are_those_of_finite_differences(kind, first, masked, rng):
    x, options = inputs(kind, rng), {}
    if masked:
        masks = [rng.random((BATCH, n)) < 0.6 for n in (TIME, STEPS)]
        for mask in masks:
            mask[:, 0], mask[0, 1] = True, False
        options["mask"] = masks if kind == "memory" else masks[0]
    x = tuple(x) if kind == "memory" else x
    gradcheck.check_layer(block(kind, activation="tanh", normalize_first=first), x, rng, **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("training", [False, True])
def test_dtype_follows_the_input_and_nothing_is_written_to(kind, dtype, training, rng):
    layer, x = built(kind, rng, dtype, dropout=0.3), inputs(kind, rng, dtype)
    given = x if kind == "memory" else [x]
    before = [part.copy() for part in given]
    y = layer.forward(x, training=training)
    dy = rng.standard_normal(y.shape).astype(dtype)
    dy_before = dy.copy()
    dxs = layer.backward(dy)
    dxs = dxs if kind == "memory" else [dxs]
    assert [dx.shape for dx in dxs] == [part.shape for part in given]
    for array in (y, *dxs, *layer.grads.values(), *layer.get_weights()):
        assert array.dtype == dtype
    for old, new in zip([*before, dy_before], [*given, dy], strict=True):
        np.testing.assert_array_equal(old, new)
    assert list(layer.grads) == list(layer.params)


def test_the_weights_are_those_of_the_parts_in_the_documented_order(rng):
    heads = [f"{n}_{k}" for n in ("query", "key", "value", "output") for k in ("kernel", "bias")]
    norm, dense = ["gamma", "beta"], ["kernel", "bias"]

    def names(*parts):
        return [f"{prefix}_{key}" for prefix, keys in parts for key in keys]

    attended = ("self_attention", heads), ("self_attention_norm", norm)
    crossed = ("cross_attention", heads), ("cross_attention_norm", norm)
    both = ("feedforward_intermediate", dense), ("feedforward_output", dense)
    last = ("feedforward_norm", norm)
    assert list(built("encoder", rng).params) == names(*attended, last, *both)
    assert list(built("alone", rng).params) == names(*attended, *both, last)
    layer = built("memory", rng)
    assert list(layer.params) == names(*attended, *crossed, *both, last)
    for name, part in layer.parts.items():
        for key, value in part.params.items():
            assert layer.params[f"{name}_{key}"] is value  # an optimizer's step reaches the part
    assert layer.count_params() == sum(part.count_params() for part in layer.parts.values())


def test_where_the_normalisation_stands(rng):
    x = inputs("encoder", rng)
    after, before = built("encoder", rng), built("encoder", rng, normalize_first=True)
    for layer in (after, before):
        for name in ("self_attention_norm", "feedforward_norm"):
            layer.params[f"{name}_gamma"][...], layer.params[f"{name}_beta"][...] = 1, 0
    y = after.forward(x)
    np.testing.assert_allclose(y.mean(axis=-1), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=-1), 1, rtol=1e-4)
    for name, value in before.params.items():
        if name.startswith(("self_attention_output", "feedforward_output")):
            value[...] = 0
    np.testing.assert_array_equal(before.forward(x), x)  # the residual path is clean


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_masked_is_not_seen(kind, rng):
    layer, x = built(kind, rng), inputs(kind, rng)
    mask = np.ones((BATCH, TIME), bool)
    mask[:, 2] = False
    memory_mask = np.ones((BATCH, STEPS), bool)
    memory_mask[:, 3] = False
    options = {"mask": [mask, memory_mask] if kind == "memory" else mask}
    y = layer.forward(x, **options)
    changed = [part.copy() for part in (x if kind == "memory" else [x])]
    changed[0][:, 2] += 1
    if kind == "memory":
        changed[1][:, 3] += 1
    other = layer.forward(changed if kind == "memory" else changed[0], **options)
    np.testing.assert_array_equal(np.delete(y, 2, axis=1), np.delete(other, 2, axis=1))
    assert not np.allclose(y[:, 2], other[:, 2])  # its own residual remains


def test_a_decoder_sees_nothing_of_the_future_and_an_encoder_does(rng):
    for kind in KINDS:
        layer, x = built(kind, rng), inputs(kind, rng)
        y = layer.forward(x)
        later = [part.copy() for part in (x if kind == "memory" else [x])]
        later[0][:, 2:] += 1
        other = layer.forward(later if kind == "memory" else later[0])
        same = np.array_equal(y[:, :2], other[:, :2])
        assert same == (kind != "encoder")


def test_dropout_depends_on_the_generator_only(rng):
    x = inputs("encoder", rng)
    results = []
    for seed in (1, 1, 2):
        layer = block("encoder", dropout=0.4)
        layer.build((None, None, DIM), np.random.default_rng(5), np.float64)
        for drop in layer.dropouts.values():
            drop.rng = np.random.default_rng(seed)
        results.append(layer.forward(x, training=True))
    np.testing.assert_array_equal(results[0], results[1])
    assert not np.allclose(results[0], results[2])
    np.testing.assert_array_equal(layer.forward(x), layer.forward(x))


def test_blocks_stand_in_a_sequential_and_the_mask_passes_through(rng):
    model = Sequential(
        [
            layers.TokenAndPositionEmbedding(9, 7, DIM, mask_zero=True),
            layers.TransformerEncoder(8, 2),
            layers.TransformerDecoder(8, 2, normalize_first=True),
            layers.GRU(3),
        ]
    )
    model.build((None, None), rng, np.float64)
    tokens = np.array([[3, 4, 5, 0, 0], [1, 2, 3, 4, 5]])
    short = model.forward(tokens[:1, :3])
    np.testing.assert_allclose(model.forward(tokens)[:1], short, rtol=1e-12)
    model.backward(np.ones((2, 3)), input_gradient=False)
    assert len(model.gradients) == len(model.trainable_weights)


def test_residual_functions_by_hand(rng):
    a, b, x, dy = (rng.standard_normal((3, 3)) for _ in range(4))
    inner, norm = (lambda x: x @ a), (lambda x: x @ b)
    back = (lambda dy: dy @ a.T), (lambda dy: dy @ b.T)
    eye = np.eye(3)
    for first, matrix in ((False, (eye + a) @ b), (True, eye + b @ a)):
        y = layers.residual_forward(x, inner, norm, first)
        np.testing.assert_allclose(y, x @ matrix, rtol=1e-10, atol=1e-12)
        dx = layers.residual_backward(dy, *back, first)
        np.testing.assert_allclose(dx, dy @ matrix.T, rtol=1e-10, atol=1e-12)


class TestTokens:
    @pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_sum_and_dtype(self, positions, dtype, rng):
        layer = layers.TokenAndPositionEmbedding(9, 7, DIM, positions=positions)
        layer.build((None, None), rng, dtype)
        tokens = rng.integers(0, 9, (BATCH, TIME))
        y = layer.forward(tokens)
        assert layer.backward(np.ones_like(y)) is None
        assert {a.dtype for a in (y, *layer.grads.values())} == {np.dtype(dtype)}
        vectors = layer.params["embeddings"][tokens]
        if positions == "learned":
            expected = vectors + layer.params["positions"][:TIME]
        else:
            expected = vectors * np.sqrt(DIM) + layers.sinusoidal_positions(TIME, DIM)
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
        assert y.shape == layer.compute_output_shape(tokens.shape)

    @pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
    def test_gradients(self, positions, rng):
        layer = layers.TokenAndPositionEmbedding(9, 7, DIM, positions=positions)
        gradcheck.check_layer(layer, rng.integers(0, 9, (BATCH, TIME)), rng)

    def test_mask(self, rng):
        layer = layers.TokenAndPositionEmbedding(9, 7, DIM, mask_zero=True)
        layer.build((None, None), rng)
        np.testing.assert_array_equal(layer.compute_mask([[1, 0, 3]]), [[True, False, True]])
        assert layers.TokenAndPositionEmbedding(9, 7, DIM).compute_mask([[1, 0]]) is None

    def test_refusals(self, rng):
        with pytest.raises(ValueError, match="Received: positions='waves'"):
            layers.TokenAndPositionEmbedding(9, 7, DIM, positions="waves")
        with pytest.raises(ValueError, match=r"even.*Received: embedding_dim=5"):
            layers.TokenAndPositionEmbedding(9, 7, 5, positions="sinusoidal")
        for name in ("vocabulary_size", "sequence_length", "embedding_dim"):
            sizes = {"vocabulary_size": 9, "sequence_length": 7, "embedding_dim": 4} | {name: 0}
            with pytest.raises(ValueError, match=f"Received: {name}=0"):
                layers.TokenAndPositionEmbedding(**sizes)
        layer = layers.TokenAndPositionEmbedding(9, 7, DIM)
        layer.build((None, None), rng)
        with pytest.raises(ValueError, match="at most 7 steps"):
            layer.forward(np.ones((2, 8), int))
        with pytest.raises(ValueError, match=r"labels from 0 to 8.*Received: 9"):
            layer.forward([[9]])
        with pytest.raises(RuntimeError, match="before forward"):
            layer.backward(np.ones((1, 1, DIM)))


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "received"),
        [
            ({"intermediate_dim": 0}, "intermediate_dim=0"),
            ({"num_heads": -1}, "num_heads=-1"),
            ({"dropout": 1.0}, r"dropout=1\.0"),
            ({"layer_norm_epsilon": -1e-5}, "layer_norm_epsilon=-1e-05"),
            ({"activation": "rectify"}, "'rectify'"),
        ],
    )
    def test_arguments(self, options, received):
        for cls in (layers.TransformerEncoder, layers.TransformerDecoder):
            with pytest.raises(ValueError, match=f"Received: {received}"):
                cls(**({"intermediate_dim": 8, "num_heads": 2} | options))

    @pytest.mark.parametrize("shape", [(None, DIM), (None, None, None), (None, 4, 1)])
    def test_shapes(self, shape, rng):
        for cls in (layers.TransformerEncoder, layers.TransformerDecoder):
            with pytest.raises(ValueError, match="Received:"):
                cls(8, 2).build(shape, rng)

    def test_several_inputs(self, rng):
        pair = [(None, 4, DIM), (None, 5, DIM)]
        with pytest.raises(ValueError, match="Received: input_shape="):
            layers.TransformerEncoder(8, 2).build(pair, rng)
        for shapes in ([pair[0]], [*pair, pair[0]], [pair[0], (None, 5)], [pair[0], (None,) * 3]):
            with pytest.raises(ValueError, match="Received: input_shape="):
                layers.TransformerDecoder(8, 2).build(shapes, rng)

    def test_masks_and_order_of_calls(self, rng):
        layer = built("memory", rng)
        with pytest.raises(RuntimeError, match="before forward"):
            layer.backward(np.ones((BATCH, TIME, DIM)))
        x = inputs("memory", rng)
        with pytest.raises(ValueError, match=r"target_mask, memory_mask.*Received"):
            layer.forward(x, mask=np.ones((BATCH, TIME), bool))
        with pytest.raises(ValueError, match=r"Received: shape=\(3, 4\)"):
            layer.forward(x, mask=[None, np.ones((BATCH, TIME), bool)])
        with pytest.raises(RuntimeError, match="before forward"):  # the last forward has failed
            layer.backward(np.ones((BATCH, TIME, DIM)))
        layer.forward(x)
        with pytest.raises(ValueError, match="shape of the output"):
            layer.backward(np.ones((BATCH, TIME + 1, DIM)))

    def test_configuration(self):
        layer = layers.TransformerEncoder(8, 2, dropout=0.1, activation="gelu", name="block")
        again = layers.TransformerEncoder(**layer.get_config())
        assert again.get_config() == layer.get_config()
        assert repr(layer).startswith("TransformerEncoder(name='block'")
