"""Recurrent layers with every option, their pure functions with every argument, and masks."""

from __future__ import annotations

import functools

import numpy as np

from glassnet import layers, losses, optimizers
from glassnet.models import Sequential

from ..comparisons import compare, layer
from ..precision import float64, load_keras
from ..runs import model
from .registry import case

BATCH, TIME, FEATURES, UNITS = 3, 6, 5, 4

_PURE = {
    "SimpleRNN": (layers.simple_rnn_forward, layers.simple_rnn_backward),
    "LSTM": (layers.lstm_forward, layers.lstm_backward),
    "GRU": (layers.gru_forward, layers.gru_backward),
}

# what is returned, whether with a mask; the tests cross all of them
_OUTPUTS = [
    ({}, False),
    ({"return_sequences": True, "return_state": True}, False),
    ({"return_sequences": True, "go_backwards": True}, True),
    ({"return_state": True, "go_backwards": True}, True),
]

# class, options that are crossed with `_OUTPUTS`
_VARIANTS = [
    ("SimpleRNN", {}),
    ("LSTM", {}),
    ("GRU", {}),
    ("GRU", {"reset_after": False}),
]

# class, options, with a mask and every step returned
_OPTIONS = [
    ("SimpleRNN", {"activation": "relu", "use_bias": False}),
    ("SimpleRNN", {"activation": "softmax", "zero_output_for_mask": True}),
    ("LSTM", {"activation": "elu", "recurrent_activation": "hard_sigmoid"}),
    ("LSTM", {"activation": "softsign", "use_bias": False}),
    ("LSTM", {"activation": "sigmoid", "recurrent_activation": "tanh"}),
    ("LSTM", {"activation": None, "recurrent_activation": "softmax"}),
    ("LSTM", {"zero_output_for_mask": True, "unit_forget_bias": False}),
    ("GRU", {"activation": "elu", "recurrent_activation": "hard_sigmoid"}),
    ("GRU", {"activation": "softsign", "use_bias": False}),
    ("GRU", {"activation": "sigmoid", "recurrent_activation": "tanh", "reset_after": False}),
    ("GRU", {"recurrent_activation": "softmax", "use_bias": False, "reset_after": False}),
    ("GRU", {"zero_output_for_mask": True, "go_backwards": True}),
]


def random_mask(rng, batch=BATCH, time=TIME):
    """Gaps at the start, in the middle and at the end; and one sequence without any step."""
    mask = rng.random((batch, time)) < 0.6
    mask[0, :2], mask[0, 2], mask[0, -1] = False, True, False
    mask[-1] = False
    return mask


def _layer(name, options, masked, rng):
    built = getattr(layers, name)(UNITS, **options)
    forward_options = {}
    if masked:  # together with initial states, which the masked steps must carry
        states = [rng.standard_normal((BATCH, UNITS)) for _ in built.state_names]
        forward_options = {"mask": random_mask(rng), "initial_state": states}
    return layer(built, (BATCH, TIME, FEATURES), rng, **forward_options)


def _all_layers():
    for name, options in _VARIANTS:
        for outputs, masked in _OUTPUTS:
            yield name, options | outputs, masked
    for name, options in _OPTIONS:
        yield name, {"return_sequences": True} | options, True


def _pure(name, options, truncate, masked, rng):
    """Outputs and last states, and the gradients by input, weights and initial states."""
    forward, backward = _PURE[name]
    mask = random_mask(rng) if masked else None
    if masked:
        mask[:, 0] = True  # before the first step that counts, Keras returns 0 for the state
    ours = getattr(layers, name)(UNITS, return_sequences=True, return_state=True, **options)
    ours.build((None, TIME, FEATURES), rng, np.float64)
    weights = [0.5 * rng.standard_normal(w.shape) for w in ours.get_weights()]
    states = [rng.standard_normal((BATCH, UNITS)) for _ in ours.state_names]
    x = rng.standard_normal((BATCH, TIME, FEATURES))

    def outputs(x, kernel, recurrent_kernel, bias, h0, c0=None):
        initial = [h0] if c0 is None else [h0, c0]
        y, cache = forward(x, kernel, recurrent_kernel, bias, *initial, mask=mask, **options)
        last = [y[:, -1]] if c0 is None else [y[:, -1], cache.c[-1]]
        return np.concatenate([y, *(state[:, np.newaxis] for state in last)], axis=1), cache

    def gradients(dy, *arrays):
        _, cache = outputs(*arrays)
        last = np.moveaxis(dy[:, TIME:], 1, 0)
        dx, grads = backward(dy[:, :TIME], cache, *last, truncate=truncate)
        return (dx, *(grads[key] for key in ("kernel", "recurrent_kernel", "bias")), *(
            grads[key] for key in ours.state_names
        ))  # fmt: skip

    return compare(
        functools.wraps(outputs)(lambda *arrays: outputs(*arrays)[0]),
        functools.partial(_keras_in_pieces, ours, mask, truncate),
        x,
        *weights,
        *states,
        backward=gradients,
        rng=rng,
        title=name,
    )


def _keras_in_pieces(ours, mask, truncate, x, *weights_and_states):
    """The same in Keras, piece by piece; no gradient passes from a piece to the one before."""
    tensorflow, keras = load_keras()
    twin = getattr(keras.layers, type(ours).__name__).from_config(ours.get_config())
    twin.build(x.shape)
    count = len(ours.params)
    weights, states = weights_and_states[:count], weights_and_states[count:]
    fixed = [variable.value for variable in twin.non_trainable_variables]
    length, pieces = truncate or TIME, []
    for start in range(0, TIME, length):
        piece = slice(start, start + length)
        options = {} if mask is None else {"mask": mask[:, piece]}
        if start > 0:
            states = [tensorflow.stop_gradient(state) for state in states]
        (y, *states), _ = twin.stateless_call(
            list(weights), fixed, x[:, piece], initial_state=list(states), **options
        )
        pieces.append(y)
    return tensorflow.concat([*pieces, *(state[:, None] for state in states)], axis=1)


def _step(name, options, rng):
    """One step against Keras' cell, from random states."""
    ours = getattr(layers, name)(UNITS, **options)
    ours.build((None, TIME, FEATURES), rng, np.float64)
    weights = [rng.standard_normal(w.shape) for w in ours.get_weights()]
    states = [rng.standard_normal((BATCH, UNITS)) for _ in ours.state_names]
    x = rng.standard_normal((BATCH, FEATURES))
    step = getattr(layers, {"SimpleRNN": "simple_rnn"}.get(name, name.lower()) + "_step")

    def theirs(x, *states):
        _, keras = load_keras()
        cell = getattr(keras.layers, f"{name}Cell")(UNITS, **options)
        cell.build(x.shape)
        cell.set_weights(weights)
        return keras.ops.concatenate(cell(x, list(states))[1], axis=-1)

    def after(x, *states):
        result = step(x, *states, *weights, **options)
        return np.concatenate(result if len(states) > 1 else [result], axis=-1)

    with float64():
        return compare(after, theirs, x, *states, rng=rng, title=name)


def _register():
    for name, options, masked in _all_layers():
        shown = ", ".join(f"{key}={value!r}" for key, value in options.items())
        pure = [f"layers.{function.__name__}" for function in _PURE[name]]
        covers = ["layers.RecurrentLayer", f"layers.{name}", *pure]
        case(f"layers.{name}({shown}){', masked' * masked}", *covers)(
            functools.partial(_layer, name, options, masked)
        )
    for name, options in _VARIANTS:
        forward, backward = (f"layers.{function.__name__}" for function in _PURE[name])
        shown = "".join(f", {key}={value!r}" for key, value in options.items())
        for truncate, masked in ((None, True), (4, False)):
            detail = f"{shown}{f', truncate={truncate}' if truncate else ''}{', masked' * masked}"
            case(f"{forward}, initial states{detail}", forward, backward)(
                functools.partial(_pure, name, options, truncate, masked)
            )
        step = forward.replace("_forward", "_step")
        case(f"{step}{shown}", step)(functools.partial(_step, name, options))


_register()


@case("layers.Masking()", "layers.Masking", "layers.masking_forward", "layers.masking_backward")
def _masking(rng):
    x = rng.standard_normal((3, 6, 5))
    x[~random_mask(rng)] = 0
    x[1, 2] = [0, 0, 0, 0, 0.7]  # not all features: this step counts
    return layer(layers.Masking(), x.shape, rng, inputs=x)


@case("layers.Masking(mask_value=-1.5)", "layers.Masking")
def _masking_value(rng):
    x = rng.standard_normal((3, 6, 5))
    x[~random_mask(rng)] = -1.5
    return layer(layers.Masking(-1.5), x.shape, rng, inputs=x)


@case("models.Sequential, masked sequences step by step", "models.Sequential")
def _masked_sequences(rng):
    """The mask goes through layers that keep the steps to those that read it."""
    x = rng.standard_normal((60, 6, 3))
    x[rng.random((60, 6)) < 0.4] = 0
    parts = [
        layers.Masking(),
        layers.Dense(5, "tanh"),
        layers.Dropout(0.3),
        layers.SimpleRNN(5, return_sequences=True, go_backwards=True),
        layers.Activation("softsign"),
        layers.GRU(6),
        layers.Dense(2),
    ]
    network = Sequential(parts)
    network.build((None, 6, 3), rng, dtype=np.float64)
    network.compile(optimizers.Adam(0.01), losses.MeanSquaredError())
    return model(network, x, rng.standard_normal((60, 2)), rng=rng, batch_size=13, steps=10)
