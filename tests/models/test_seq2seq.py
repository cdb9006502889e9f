"""Models that translate: gradients, training, free running, files, every refusal.

The comparisons with twins in Keras are in the catalogue of cross-checks.
"""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import gradcheck, layers, losses, optimizers
from glassnet.models import Seq2Seq, Transformer

SOURCE, TARGET = 9, 8
MAKE = {
    "gru": lambda: Seq2Seq(SOURCE, TARGET, 3, 4),
    "lstm": lambda: Seq2Seq(SOURCE, TARGET, 3, 4, cell="lstm"),
    "gru, dot": lambda: Seq2Seq(SOURCE, TARGET, 3, 4, attention="dot"),
    "lstm, additive": lambda: Seq2Seq(SOURCE, TARGET, 3, 4, cell="lstm", attention="additive"),
    "transformer": lambda: Transformer(SOURCE, TARGET, 12, 4, 6, 2),
    "transformer, pre-norm": lambda: Transformer(
        SOURCE, TARGET, 12, 4, 6, 2, 2, activation="tanh", normalize_first=True, positions="learned"
    ),
}


@pytest.fixture
def rng():
    return np.random.default_rng(44)


def sentences(rng, samples=5, steps=6, time=5):
    source = rng.integers(3, SOURCE, (samples, steps))
    target = rng.integers(3, TARGET, (samples, time + 1))
    target[:, 0] = 1
    for tokens in (source, target):
        for row, length in zip(tokens, rng.integers(2, tokens.shape[1], samples), strict=True):
            row[length:] = 0
    return source, target


def built(kind, rng, dtype=np.float64):
    model = MAKE[kind]()
    model.build(rng, dtype)
    model.set_weights([0.7 * rng.standard_normal(w.shape) for w in model.get_weights()])
    return model


def compiled(model, rate=0.02):
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(optimizers.Adam(rate), loss)
    return model


class AsLayer(layers.Layer):
    """A model and its tokens, so that the check for layers can look at it."""

    def __init__(self, model, tokens):
        super().__init__()
        self.model, self.tokens, self.built = model, tokens, True
        for i, layer in enumerate(model.layers):
            self.params |= {f"{i}/{key}": value for key, value in layer.params.items()}

    def forward(self, x, training=False):
        return self.model.forward(self.tokens, training)

    def backward(self, dy):
        assert self.model.backward(dy) is None
        for i, layer in enumerate(self.model.layers):
            self.grads |= {f"{i}/{key}": value for key, value in layer.grads.items()}
        return


@pytest.mark.parametrize("kind", MAKE)
def test_gradients_are_those_of_finite_differences(kind, rng):
    source, target = sentences(rng)
    layer = AsLayer(built(kind, rng), (source, target[:, :-1]))
    gradcheck.check_layer(layer, source, rng)


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(kind, dtype, rng):
    model = built(kind, rng, dtype)
    source, target = sentences(rng)
    y = model.forward((source, target), training=True)
    model.backward(y)
    assert {a.dtype for a in (y, *model.gradients, *model.get_weights())} == {np.dtype(dtype)}
    log_p, state = model.step(target[:, 0], model.start(source))
    assert log_p.dtype == dtype
    assert {a.dtype for a in state if a.dtype.kind == "f"} <= {np.dtype(dtype)}
    scores = model.attention_scores
    for array in scores if isinstance(scores, list) else [] if scores is None else [scores]:
        assert array.dtype == dtype


@pytest.mark.parametrize("kind", MAKE)
def test_what_fills_up_makes_no_difference(kind, rng):
    """Neither to the outputs, nor, with the loss that leaves it out, to loss and gradients."""
    model = compiled(built(kind, rng))
    source, target = sentences(rng)
    longer = [np.pad(tokens, ((0, 0), (0, 3))) for tokens in (source, target)]
    results = []
    for x, t in ((source, target), longer):
        y = model.forward((x, t[:, :-1]))
        dy = model.loss.gradient(t[:, 1:], y)
        model.backward(dy)
        seen = (t[:, :-1] != 0)[..., np.newaxis]
        total = [float(model.loss(t[:, 1:], y)), *map(np.copy, model.gradients)]
        results.append([(y * seen)[:, : target.shape[1] - 1], *total])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", MAKE)
def test_no_step_sees_a_later_target(kind, rng):
    model, (source, target) = built(kind, rng), sentences(rng)
    y = model.forward((source, target))
    target[:, 3:] = 7
    np.testing.assert_allclose(model.forward((source, target))[:, :3], y[:, :3], rtol=1e-12)


@pytest.mark.parametrize("kind", MAKE)
def test_running_free_is_teacher_forcing_with_its_own_outputs(kind, rng):
    model, (source, _) = built(kind, rng), sentences(rng, samples=9)
    tokens = model.translate(source, 7)
    start = np.full((len(source), 1), 1)
    logits = model.forward((source, np.concatenate([start, tokens[:, :-1]], axis=1)))
    likeliest = logits[..., 1:].argmax(axis=-1) + 1  # the padding is never written
    for row, expected in zip(tokens, likeliest, strict=True):
        length = row.tolist().index(2) + 1 if 2 in row else len(row)
        np.testing.assert_array_equal(row[:length], expected[:length])
        assert not row[length:].any()


@pytest.mark.parametrize("kind", MAKE)
def test_step_by_step_gives_what_all_steps_at_once_give(kind, rng):
    model, (source, target) = built(kind, rng), sentences(rng)
    target[target == 0] = 3
    logits = model.forward((source, target))
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    state = model.start(source)
    for t in range(target.shape[1]):
        step, state = model.step(target[:, t], state)
        np.testing.assert_allclose(step[:, 1:], log_p[:, t, 1:], rtol=1e-10, atol=1e-12)
        assert np.all(step[:, 0] == -np.inf)  # the padding is never written


@pytest.mark.parametrize("kind", ["gru", "lstm, additive", "transformer"])
def test_a_wider_beam_finds_what_is_at_least_as_likely(kind, rng):
    model, (source, _) = built(kind, rng), sentences(rng, samples=9)

    def score(tokens):
        start = np.full((len(source), 1), 1)
        logits = model.forward((source, np.concatenate([start, tokens[:, :-1]], axis=1)))
        log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        chosen = np.take_along_axis(log_p, tokens[..., np.newaxis], axis=-1)[..., 0]
        return (chosen * (tokens != 0)).sum(axis=1)

    greedy = score(model.translate(source, 4))
    everything = score(model.translate(source, 4, beam_width=TARGET**3))
    assert np.all(everything >= greedy - 1e-9)
    assert np.any(everything > greedy + 1e-6)
    np.testing.assert_allclose(score(model.translate(source, 4, beam_width=1)), greedy)


@pytest.mark.parametrize("kind", MAKE)
def test_it_learns_by_heart(kind, rng):
    """Fit, evaluate, predict and validation take a pair of inputs."""
    model = MAKE[kind]()
    model.build(rng)
    source, target = sentences(rng, samples=8)
    for row in target:
        row[np.flatnonzero(row)[-1]] = 2
    x, y = (source, target[:, :-1]), target[:, 1:]
    compiled(model, 0.03)
    before = model.evaluate(x, y)["loss"]
    history = model.fit(x, y, batch_size=3, epochs=60, validation_data=(x, y), verbose=0).history
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(x, y, 3)["loss"])
    assert history["loss"][-1] < 0.5 * before
    assert model.predict(x, batch_size=3).shape == (8, 5, TARGET)
    np.testing.assert_allclose(model.predict(x, 3), model.forward(x), rtol=1e-4, atol=1e-5)


def test_attention_shows_where_it_looks(rng):
    source, target = sentences(rng)
    for kind in ("gru, dot", "lstm, additive", "transformer, pre-norm"):
        model = built(kind, rng)
        model.forward((source, target))
        scores = model.attention_scores
        several = isinstance(scores, list)
        assert len(scores) == (2 if several else len(source))
        for part in scores if several else [scores]:
            assert part.shape == (5, 2, 6, 6) if several else (5, 6, 6)
            np.testing.assert_allclose(part.sum(axis=-1), 1, rtol=1e-12)
            seen = np.broadcast_to((source != 0).reshape(5, *[1] * (part.ndim - 2), 6), part.shape)
            assert not part[~seen].any()
            assert part[seen].all()
    assert built("gru", rng).attention_scores is None


@pytest.mark.parametrize("kind", MAKE)
def test_weights_survive_a_file(kind, rng, tmp_path, capsys):
    model, other = built(kind, rng), built(kind, rng)
    model.save_weights(tmp_path / "weights.npz")
    other.load_weights(tmp_path / "weights.npz")
    x = sentences(rng)
    np.testing.assert_array_equal(model.predict(x), other.predict(x))
    model.summary()
    assert f"Params: {model.count_params():,}" in capsys.readouterr().out
    assert model.count_params() == sum(w.size for w in model.get_weights())
    assert len({layer.name for layer in model.layers}) == len(model.layers)
    assert model.output_shape == (None, None, TARGET)
    assert type(model).__name__ in repr(model)


def test_the_same_seed_gives_the_same_run():
    results = []
    for _ in range(2):
        rng = np.random.default_rng(6)
        model = Transformer(SOURCE, TARGET, 12, 4, 6, 2, dropout=0.2)
        model.build(rng)
        source, target = sentences(rng)
        compiled(model).fit((source, target[:, :-1]), target[:, 1:], epochs=2, verbose=0)
        results.append(model.get_weights())
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "received"),
        [
            ({"source_vocabulary_size": 0}, "source_vocabulary_size=0"),
            ({"target_vocabulary_size": 0}, "target_vocabulary_size=0"),
            ({"embedding_dim": 0}, "embedding_dim=0"),
            ({"units": -1}, "units=-1"),
            ({"cell": "rnn"}, "cell='rnn'"),
            ({"attention": "cosine"}, "attention='cosine'"),
            ({"start_token": 8}, "start_token=8"),
            ({"end_token": 1}, "start_token=1, end_token=1"),
            ({"end_token": 0}, "end_token=0"),
        ],
    )
    def test_arguments_of_seq2seq(self, change, received):
        sizes = {"source_vocabulary_size": 9, "target_vocabulary_size": 8}
        with pytest.raises(ValueError, match=f"Received: {received}"):
            Seq2Seq(**(sizes | {"embedding_dim": 3, "units": 4} | change))

    @pytest.mark.parametrize(
        ("change", "received"),
        [
            ({"num_layers": 0}, "num_layers=0"),
            ({"num_heads": 0}, "num_heads=0"),
            ({"sequence_length": 0}, "sequence_length=0"),
            ({"positions": "none"}, "positions='none'"),
            ({"embedding_dim": 3}, "embedding_dim=3"),
        ],
    )
    def test_arguments_of_transformer(self, change, received):
        sizes = {"sequence_length": 5, "embedding_dim": 4, "intermediate_dim": 6, "num_heads": 2}
        with pytest.raises(ValueError, match=f"Received: {received}"):
            Transformer(9, 8, **(sizes | change))

    def test_inputs(self, rng):
        model, (source, target) = compiled(built("gru", rng)), sentences(rng)
        weights = model.get_weights()
        with pytest.raises(ValueError, match=r"tuple of 2 inputs. Received: ndarray"):
            model.forward(source)
        with pytest.raises(ValueError, match=r"tuple of 2 inputs. Received: tuple of length 3"):
            model.predict((source, target, target))
        with pytest.raises(ValueError, match="same length"):
            model.fit((source, target[1:]), target, verbose=0)
        with pytest.raises(ValueError, match=r"`x` and `y` must have the same length"):
            model.fit((source, target), target[1:], verbose=0)
        with pytest.raises(ValueError, match=r"labels from 0 to 8. Received: 9"):
            model.translate(source + 9 - source.max(), 4)
        with pytest.raises(ValueError, match="Received: max_length=0"):
            model.translate(source, 0)
        with pytest.raises(ValueError, match="at least one sample"):
            model.predict((source[:0], target[:0]))
        for a, b in zip(model.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(a, b)

    def test_order_of_calls(self, rng):
        for kind in MAKE:
            model = MAKE[kind]()
            for call in (
                lambda model=model: model.forward(sentences(rng)),
                lambda model=model: model.translate([[3]], 4),
                lambda model=model: model.backward(np.ones((1, 1, TARGET))),
            ):
                with pytest.raises(ValueError, match="call `build` first"):
                    call()
            model.build(rng)
            with pytest.raises(RuntimeError, match="before forward"):
                model.backward(np.ones((1, 1, TARGET)))
