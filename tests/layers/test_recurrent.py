"""SimpleRNN, LSTM, GRU and Masking: Keras over all options, the plain step, states, truncation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from glassnet import activations, crosscheck, gradcheck, layers
from glassnet.models import Sequential

BATCH, TIME, FEATURES, UNITS = 3, 6, 5, 4
KINDS = {
    "SimpleRNN": {},
    "LSTM": {},
    "GRU": {},
    "GRU before": {"reset_after": False},
}
PURE = {
    "SimpleRNN": (layers.simple_rnn_step, layers.simple_rnn_forward, layers.simple_rnn_backward),
    "LSTM": (layers.lstm_step, layers.lstm_forward, layers.lstm_backward),
    "GRU": (layers.gru_step, layers.gru_forward, layers.gru_backward),
}
FLAGS = ("return_sequences", "return_state", "go_backwards", "zero_output_for_mask")


def chosen(flags):
    """Options for the flags; half of the combinations have no bias."""
    return dict(zip(FLAGS, flags, strict=True), use_bias=sum(flags) % 2 == 0)


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def make(kind, **options):
    return getattr(layers, kind.split()[0])(UNITS, **(KINDS[kind] | options))


def built(kind, rng, dtype=np.float64, features=FEATURES, **options):
    layer = make(kind, **options)
    layer.build((None, None, features), rng, dtype)
    layer.set_weights([0.7 * rng.standard_normal(w.shape) for w in layer.get_weights()])
    return layer


def random_mask(rng):
    mask = rng.random((BATCH, TIME)) < 0.6
    mask[0, 0], mask[0, 1], mask[0, -1] = False, True, False
    mask[-1] = False
    return mask


def states_for(layer, rng):
    return [rng.standard_normal((BATCH, UNITS)) for _ in layer.state_names]


def as_list(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("flags", list(itertools.product([False, True], repeat=len(FLAGS))))
def test_gradients_over_all_options(kind, masked, flags, rng):
    layer = make(kind, **chosen(flags))
    options = {"initial_state": states_for(layer, rng)}
    if masked:
        options["mask"] = random_mask(rng)
    gradcheck.check_layer(layer, rng.standard_normal((BATCH, TIME, FEATURES)), rng, **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("flags", list(itertools.product([False, True], repeat=len(FLAGS))))
def test_everything_is_as_in_keras(kind, masked, flags, rng):
    layer = make(kind, **chosen(flags))
    options = {"initial_state": states_for(layer, rng)}
    if masked:
        options["mask"] = random_mask(rng)
    crosscheck.layer(layer, (BATCH, TIME, FEATURES), rng, **options).require()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("return_sequences", [False, True])
def test_gradients_of_initial_states_are_those_of_keras(kind, return_sequences, rng):
    tensorflow, _ = crosscheck.load_keras()
    layer = built(kind, rng, return_sequences=return_sequences, go_backwards=True)
    states, mask = states_for(layer, rng), random_mask(rng)
    x = rng.standard_normal((BATCH, TIME, FEATURES))
    y = layer.forward(x, initial_state=states, mask=mask)
    dy = rng.standard_normal(y.shape)
    layer.backward(dy)
    with crosscheck.float64():
        twin = crosscheck.keras_twin(layer)
        twin.build(x.shape)
        twin.set_weights(layer.get_weights())
        tensors = [tensorflow.constant(state) for state in states]
        with tensorflow.GradientTape() as tape:
            tape.watch(tensors)
            total = tensorflow.reduce_sum(twin(x, initial_state=tensors, mask=mask) * dy)
        slopes = tape.gradient(total, tensors)
    for ours, theirs in zip(layer.state_gradients, slopes, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("activation", "gate"), [("tanh", "sigmoid"), ("elu", "hard_sigmoid")])
def test_the_quick_form_equals_the_plain_step(kind, activation, gate, rng):
    layer = built(kind, rng)
    step, forward, _ = PURE[kind.split()[0]]
    options = {"activation": activation} | KINDS[kind]
    if kind != "SimpleRNN":
        options["recurrent_activation"] = gate
    weights, states = layer.get_weights(), states_for(layer, rng)
    x = rng.standard_normal((BATCH, TIME, FEATURES))
    y, cache = forward(x, *weights, *states, **options)
    for t in range(TIME):
        after = step(x[:, t], *states, *weights, **options)
        states = list(after) if isinstance(after, tuple) else [after]
        np.testing.assert_allclose(y[:, t], states[0], rtol=1e-12, atol=1e-14)
    if kind == "LSTM":
        np.testing.assert_allclose(cache.c[-1], states[1], rtol=1e-12, atol=1e-14)
    without_bias = forward(x, *weights[:2], **options)[0]
    zero = forward(x, *weights[:2], np.zeros_like(weights[2]), **options)[0]
    np.testing.assert_array_equal(without_bias, zero)


class TestTruncation:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("truncate", [TIME, TIME + 1, 1000])
    def test_a_piece_as_long_as_the_sequence_changes_nothing(self, kind, truncate, rng):
        layer = built(kind, rng, return_sequences=True)
        y = layer.forward(rng.standard_normal((BATCH, TIME, FEATURES)))
        dy = rng.standard_normal(y.shape)
        full, grads = layer.backward(dy), layer.grads
        np.testing.assert_array_equal(layer.backward(dy, truncate=truncate), full)
        for key, value in layer.grads.items():
            np.testing.assert_array_equal(value, grads[key])

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("truncate", [1, 2, 4])
    def test_pieces_are_those_of_a_sequence_cut_up(self, kind, truncate, rng):
        """Each piece starts from the states that the one before has left, as from constants."""
        layer = built(kind, rng, return_sequences=True, return_state=True)
        x = rng.standard_normal((BATCH, TIME, FEATURES))
        dy = rng.standard_normal((BATCH, TIME, UNITS))
        nothing = [np.zeros((BATCH, UNITS)) for _ in layer.state_names]
        whole = layer.forward(x)[0]
        dx = layer.backward([dy, *nothing], truncate=truncate)
        grads, states = layer.grads, None
        total = {key: np.zeros_like(value) for key, value in grads.items()}
        for start in range(0, TIME, truncate):
            piece = slice(start, start + truncate)
            y, *states = layer.forward(x[:, piece], initial_state=states)
            np.testing.assert_allclose(y, whole[:, piece], rtol=1e-12, atol=1e-14)
            part = layer.backward([dy[:, piece], *nothing])
            np.testing.assert_allclose(dx[:, piece], part, rtol=1e-12, atol=1e-14)
            for key in total:
                total[key] += layer.grads[key]
        for key in total:
            np.testing.assert_allclose(grads[key], total[key], rtol=1e-12, atol=1e-13)

    def test_the_last_output_reaches_only_its_own_piece(self, rng):
        layer = built("LSTM", rng)
        layer.forward(rng.standard_normal((BATCH, TIME, FEATURES)))
        dx = layer.backward(rng.standard_normal((BATCH, UNITS)), truncate=4)
        assert not dx[:, :4].any()
        assert dx[:, 4:].all()

    @pytest.mark.parametrize("truncate", [0, -1, 2.5, True])
    def test_it_must_be_a_positive_integer(self, truncate, rng):
        layer = built("GRU", rng)
        layer.forward(rng.standard_normal((BATCH, TIME, FEATURES)))
        with pytest.raises(ValueError, match=r"truncate.*Received: truncate="):
            layer.backward(np.ones((BATCH, UNITS)), truncate=truncate)


class TestMasks:
    @pytest.mark.parametrize("kind", KINDS)
    def test_masked_steps_might_as_well_not_be_there(self, kind, rng):
        layer = built(kind, rng, return_sequences=True, return_state=True)
        x = rng.standard_normal((1, TIME, FEATURES))
        mask = np.array([[True, False, True, True, False, False]])
        y, *states = layer.forward(x, mask=mask)
        short, *short_states = layer.forward(x[:, mask[0]])
        np.testing.assert_allclose(y[:, [0, 2, 3]], short, rtol=1e-13)
        np.testing.assert_array_equal(y[:, [1, 4, 5]], y[:, [0, 3, 3]])
        for ours, expected in zip(states, short_states, strict=True):
            np.testing.assert_allclose(ours, expected, rtol=1e-13)

    @pytest.mark.parametrize("kind", KINDS)
    def test_nothing_depends_on_a_masked_step(self, kind, rng):
        layer = built(kind, rng, return_sequences=True)
        x, mask = rng.standard_normal((BATCH, TIME, FEATURES)), random_mask(rng)
        y = layer.forward(x, mask=mask)
        dx = layer.backward(rng.standard_normal(y.shape))
        assert not dx[~mask].any()
        np.testing.assert_array_equal(layer.forward(np.where(mask[..., None], x, 7), mask=mask), y)

    def test_a_sequence_without_any_step_keeps_its_state_and_gives_zero(self, rng):
        layer = built("GRU", rng, return_state=True)
        state = rng.standard_normal((BATCH, UNITS))
        x, mask = rng.standard_normal((BATCH, TIME, FEATURES)), np.zeros((BATCH, TIME), bool)
        y, last = layer.forward(x, initial_state=state, mask=mask)
        assert not y.any()
        np.testing.assert_array_equal(last, state)
        dlast = rng.standard_normal((BATCH, UNITS))
        assert not layer.backward([np.ones((BATCH, UNITS)), dlast]).any()
        np.testing.assert_array_equal(layer.state_gradients[0], dlast)

    def test_numbers_and_lists_are_taken(self, rng):
        layer = built("LSTM", rng)
        x, mask = rng.standard_normal((BATCH, TIME, FEATURES)), random_mask(rng)
        y = layer.forward(x, mask=mask)
        np.testing.assert_array_equal(layer.forward(x, mask=mask.astype(int).tolist()), y)

    def test_the_mask_must_fit(self, rng):
        layer, x = built("LSTM", rng), np.ones((BATCH, TIME, FEATURES))
        with pytest.raises(ValueError, match=r"mask.*\(3, 6\).*Received: shape=\(6, 3\)"):
            layer.forward(x, mask=np.ones((TIME, BATCH), bool))
        with pytest.raises(ValueError, match=r"0 and 1 only. Received"):
            layer.forward(x, mask=np.full((BATCH, TIME), 0.5))

    def test_what_mask_a_layer_leaves(self, rng):
        x, mask = np.ones((BATCH, TIME, FEATURES)), random_mask(rng)
        for kind in KINDS:
            assert make(kind, return_sequences=True).compute_mask(x, mask) is mask
            assert make(kind).compute_mask(x, mask) is None
        keeping = layers.Dense(3), layers.Dropout(0.2), layers.PReLU(), layers.Activation(None)
        for layer in keeping:
            assert layer.compute_mask(x, mask) is mask
        for layer in (layers.Flatten(), layers.Reshape((-1,))):
            assert layer.compute_mask(x, mask) is None

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_masking(self, dtype, rng):
        layer = layers.Masking(2.0)
        layer.build((None, TIME, FEATURES), rng, dtype)
        x = rng.standard_normal((BATCH, TIME, FEATURES)).astype(dtype)
        x[1, 2], x[1, 3, 0] = 2, 2
        before = x.copy()
        y = layer.forward(x)
        mask = layer.compute_mask(x)
        assert mask.sum() == BATCH * TIME - 1
        assert not mask[1, 2]
        assert not y[1, 2].any()
        dx = layer.backward(np.ones_like(y))
        assert y.dtype == dx.dtype == dtype
        np.testing.assert_array_equal(dx.all(axis=-1), mask)
        np.testing.assert_array_equal(x, before)

    def test_masking_refuses(self, rng):
        with pytest.raises(ValueError, match="Received: mask_value='0'"):
            layers.Masking("0")
        with pytest.raises(ValueError, match="Received: input_shape="):
            layers.Masking().build((None,), rng)

    def test_a_model_hands_the_mask_on_until_a_layer_drops_it(self, rng):
        seen = {}

        class Probe(layers.Layer):
            uses_mask = supports_masking = True

            def forward(self, x, training=False, mask=None):
                seen[self.name] = mask
                return x

            def backward(self, dy):
                return dy

        parts = [layers.Masking(), Probe(name="a"), layers.Dense(4), Probe(name="b")]
        parts += [layers.Flatten(), Probe(name="c")]
        model = Sequential(parts)
        model.build((None, TIME, FEATURES), rng, np.float64)
        x, mask = rng.standard_normal((BATCH, TIME, FEATURES)), random_mask(rng)
        model.forward(x * mask[..., np.newaxis])
        np.testing.assert_array_equal(seen["a"], mask)
        np.testing.assert_array_equal(seen["b"], mask)
        assert seen["c"] is None
        model = Sequential([Probe(name="d")])
        model.build((None, TIME, FEATURES), rng, np.float64)
        model.forward(x, mask=mask)
        assert seen["d"] is mask


class TestDtypes:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("activation", ["tanh", "elu"])
    def test_dtype_follows_the_input_and_nothing_is_written_to(self, kind, dtype, activation, rng):
        options = {} if kind == "SimpleRNN" else {"recurrent_activation": "hard_sigmoid"}
        for chosen in ({}, options):
            layer = built(kind, rng, dtype, activation=activation, return_state=True, **chosen)
            x = rng.standard_normal((BATCH, TIME, FEATURES)).astype(dtype)
            states = [state.astype(dtype) for state in states_for(layer, rng)]
            mask = random_mask(rng)
            given = [array.copy() for array in (x, *states, mask, *layer.get_weights())]
            ys = layer.forward(x, initial_state=states, mask=mask)
            dys = [rng.standard_normal(y.shape).astype(dtype) for y in ys]
            dys_before = [dy.copy() for dy in dys]
            dx = layer.backward(dys)
            for array in (*ys, dx, *layer.grads.values(), *layer.state_gradients):
                assert array.dtype == dtype
            after = (x, *states, mask, *layer.get_weights())
            for before, now in zip(given + dys_before, [*after, *dys], strict=True):
                np.testing.assert_array_equal(before, now)

    @pytest.mark.parametrize("kind", KINDS)
    def test_large_inputs_do_not_overflow(self, kind, rng):
        layer = built(kind, rng, np.float32, return_sequences=True)
        x = 1e4 * rng.standard_normal((BATCH, TIME, FEATURES)).astype(np.float32)
        with np.errstate(all="raise", under="ignore"):
            y = layer.forward(x)
            dx = layer.backward(np.ones_like(y))
        assert np.isfinite(y).all()
        assert np.isfinite(dx).all()


class TestWeights:
    def test_shapes_and_order_are_those_of_keras(self, rng):
        expected = {
            "SimpleRNN": [(5, 4), (4, 4), (4,)],
            "LSTM": [(5, 16), (4, 16), (16,)],
            "GRU": [(5, 12), (4, 12), (2, 12)],
            "GRU before": [(5, 12), (4, 12), (12,)],
        }
        for kind, shapes in expected.items():
            layer = built(kind, rng)
            assert [w.shape for w in layer.get_weights()] == shapes
            assert list(layer.params) == ["kernel", "recurrent_kernel", "bias"]

    def test_the_forget_gate_starts_open(self, rng):
        layer = make("LSTM")
        layer.build((None, TIME, FEATURES), rng)
        bias = layer.params["bias"].reshape(4, UNITS)
        np.testing.assert_array_equal(bias, np.eye(4, dtype="f")[1][:, None] * np.ones(UNITS, "f"))
        layer = make("LSTM", unit_forget_bias=False)
        layer.build((None, TIME, FEATURES), rng)
        assert not layer.params["bias"].any()

    def test_the_recurrent_kernel_starts_orthogonal(self, rng):
        layer = make("SimpleRNN")
        layer.build((None, TIME, FEATURES), rng, np.float64)
        kernel = layer.params["recurrent_kernel"]
        np.testing.assert_allclose(kernel @ kernel.T, np.eye(UNITS), atol=1e-12)


class TestRefusals:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("units", [0, -3, 2.5, "3", None, True])
    def test_units(self, kind, units):
        with pytest.raises(ValueError, match=r"units.*Received: units="):
            getattr(layers, kind.split()[0])(units)

    def test_names(self):
        with pytest.raises(ValueError, match=r"Unknown activation.*'tan'"):
            layers.LSTM(3, activation="tan")
        with pytest.raises(ValueError, match=r"Unknown activation.*'gate'"):
            layers.GRU(3, recurrent_activation="gate")
        with pytest.raises(ValueError, match=r"Unknown initializer.*'orth'"):
            layers.SimpleRNN(3, recurrent_initializer="orth")

    @pytest.mark.parametrize("shape", [(None, 5), (None, 3, None), (None, 2, 3, 5)])
    def test_input_shapes(self, shape, rng):
        with pytest.raises(ValueError, match="Received: input_shape="):
            layers.LSTM(3).build(shape, rng)

    def test_inputs(self, rng):
        layer = built("LSTM", rng)
        with pytest.raises(ValueError, match=r"Received: shape=\(3, 6, 4\)"):
            layer.forward(np.ones((BATCH, TIME, 4)))
        with pytest.raises(ValueError, match=r"needs a step. Received: shape=\(3, 0, 5\)"):
            layer.forward(np.ones((BATCH, 0, FEATURES)))

    def test_states(self, rng):
        layer, x = built("LSTM", rng), np.ones((BATCH, TIME, FEATURES))
        with pytest.raises(ValueError, match=r"has 2 states. Received: initial_state with 1"):
            layer.forward(x, initial_state=np.ones((BATCH, UNITS)))
        with pytest.raises(ValueError, match=r"shape \(3, 4\). Received: shape=\(1, 4\)"):
            layer.forward(x, initial_state=[np.ones((1, UNITS))] * 2)
        with pytest.raises(ValueError, match=r"initial_state.*real numbers"):
            layer.forward(x, initial_state=["a", "b"])

    def test_backward_needs_forward_and_the_right_shape(self, rng):
        layer = built("GRU", rng, return_state=True)
        with pytest.raises(RuntimeError, match="backward called before forward"):
            layer.backward([np.ones((BATCH, UNITS))] * 2)
        layer.forward(np.ones((BATCH, TIME, FEATURES)))
        with pytest.raises(ValueError, match=r"list of 2 gradients. Received: one array"):
            layer.backward(np.ones((BATCH, UNITS)))
        with pytest.raises(ValueError, match=r"Received: shape=\(3, 6, 4\)"):
            layer.backward([np.ones((BATCH, TIME, UNITS)), np.ones((BATCH, UNITS))])

    def test_the_base_class_needs_a_subclass(self):
        with pytest.raises(TypeError, match=r"abstract.*run.*run_back"):
            layers.RecurrentLayer(UNITS)


def test_shapes_are_announced(rng):
    layer = make("LSTM", return_sequences=True, return_state=True)
    layer.build((None, None, FEATURES), rng)
    assert layer.output_shape == [(None, None, UNITS), (None, UNITS), (None, UNITS)]
    assert make("GRU").compute_output_shape((7, 2, 5)) == (7, UNITS)


def test_a_pair_may_be_the_activation(rng):
    double = activations.ActivationPair("tanh", lambda x: 2 * x, lambda dy, x, y: 2 * dy)
    layer = built("SimpleRNN", rng, activation=double)
    gradcheck.check_layer(layer, rng.standard_normal((BATCH, TIME, FEATURES)), rng)
    linear = built("SimpleRNN", rng, activation="linear")
    linear.set_weights(layer.get_weights())
    x = rng.standard_normal((BATCH, 1, FEATURES))
    np.testing.assert_allclose(layer.forward(x), 2 * linear.forward(x))
