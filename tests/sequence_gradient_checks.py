"""Checks by finite differences for layers that work on sequences, by the component's name."""

from __future__ import annotations

import functools

import numpy as np

from glassnet import gradcheck, layers

BATCH, TIME, FEATURES, UNITS = 3, 5, 2, 4


def random_mask(rng):
    mask = rng.random((BATCH, TIME)) < 0.6
    mask[0, 0], mask[0, 1], mask[0, -1] = False, True, False
    mask[-1] = False
    return mask


def recurrent(name, options, masked, rng):
    """The layer, from random states."""
    layer = getattr(layers, name)(UNITS, **options)
    forward = {"initial_state": [rng.standard_normal((BATCH, UNITS)) for _ in layer.state_names]}
    if masked:
        forward["mask"] = random_mask(rng)
    x = rng.standard_normal((BATCH, TIME, FEATURES))
    return gradcheck.check_layer(layer, x, rng, **forward)


def recurrent_states(name, options, masked, rng):
    """The pure functions: gradients by the initial states, through outputs and last states."""
    prefix = {"SimpleRNN": "simple_rnn"}.get(name, name.lower())
    forward, backward = (getattr(layers, f"{prefix}_{way}") for way in ("forward", "backward"))
    layer = getattr(layers, name)(UNITS, **options)
    layer.build((None, TIME, FEATURES), rng, np.float64)
    weights = [0.5 * rng.standard_normal(w.shape) for w in layer.get_weights()]
    states = [rng.standard_normal((BATCH, UNITS)) for _ in layer.state_names]
    mask = random_mask(rng) if masked else None

    def run(x, *arrays):
        y, cache = forward(x, *arrays, mask=mask, **options)
        last = [y[:, -1:]] + ([cache.c[-1][:, np.newaxis]] if len(states) > 1 else [])
        return np.concatenate([y, *last], axis=1), cache

    def gradients(dy, *arrays):
        _, cache = run(*arrays)
        dx, grads = backward(dy[:, :TIME], cache, *np.moveaxis(dy[:, TIME:], 1, 0))
        return (dx, *(grads[key] for key in (*layer.params, *layer.state_names)))

    x = rng.standard_normal((BATCH, TIME, FEATURES))
    return gradcheck.check_function(
        lambda *arrays: run(*arrays)[0], gradients, (x, *weights, *states), rng
    )


_RECURRENT = [
    (name, options | outputs)
    for name, options in (
        ("SimpleRNN", {}),
        ("SimpleRNN", {"activation": "elu"}),
        ("LSTM", {}),
        ("LSTM", {"activation": "elu", "recurrent_activation": "softmax"}),
        ("GRU", {}),
        ("GRU", {"activation": "elu", "recurrent_activation": "softmax"}),
        ("GRU", {"reset_after": False}),
        ("GRU", {"reset_after": False, "activation": "softsign", "use_bias": False}),
    )
    for outputs in (
        {"return_sequences": True},
        {"return_state": True, "go_backwards": True},
        {"zero_output_for_mask": True},
    )
]


def _named(name, options):
    return f"layers.{name}({', '.join(f'{k}={v!r}' for k, v in options.items())})"


def masking(rng):
    x = rng.standard_normal((BATCH, TIME, FEATURES))
    x[~random_mask(rng)] = -1.5  # moving one entry of it makes the step count: only the others
    counts = layers.masking_forward(x, -1.5)[1]

    def forward(values):
        moved = x.copy()
        moved[counts] = values
        return layers.masking_forward(moved, -1.5)[0]

    def backward(dy, values):
        dx = layers.masking_backward(dy, counts)
        if dx[~counts].any():
            raise gradcheck.GradientError("A masked step has a gradient")
        return dx[counts]

    return gradcheck.check_function(forward, backward, x[counts], rng)


def embedding(rng):
    return gradcheck.check_layer(layers.Embedding(7, 3), rng.integers(0, 7, (5, 4)), rng)


def both_ways(mode, rng):
    layer = layers.Bidirectional(layers.LSTM(UNITS, return_sequences=True), mode)
    x = rng.standard_normal((BATCH, TIME, FEATURES))
    return gradcheck.check_layer(layer, x, rng, mask=random_mask(rng))


def distributed(rng):
    layer = layers.TimeDistributed(layers.LSTM(UNITS))
    return gradcheck.check_layer(layer, rng.standard_normal((BATCH, TIME, 2, FEATURES)), rng)


def attention(name, options, inputs, call, rng):
    shapes = [(3, 5, 4), (3, 6, 4), (3, 6, 4)][:inputs]
    x = tuple(rng.standard_normal(shape) for shape in shapes)
    call = dict(call)
    if call.pop("masked", False):
        masks = [rng.random(part.shape[:2]) < 0.6 for part in x[:2]]
        masks[1][:, 0], masks[1][0, 1] = True, False
        call["mask"] = masks
    if inputs == 1:
        x = x[0]
        call["mask"] = rng.random(x.shape[:2]) < 0.6
    return gradcheck.check_layer(getattr(layers, name)(**options), x, rng, **call)


def rotary(rng):
    positions = rng.integers(0, 50, 5)
    return gradcheck.check_function(
        lambda x: layers.rotary_forward(x, positions)[0],
        lambda dy, x: layers.rotary_backward(dy, layers.rotary_forward(x, positions)[1]),
        rng.standard_normal((3, 5, 4)),
        rng,
    )


def nadaraya_watson(rng):
    def backward(dy, *arrays):
        cache = layers.nadaraya_watson_forward(*arrays)[1]
        *gradients, grads = layers.nadaraya_watson_backward(dy, cache)
        return (*gradients, grads["bandwidth"])

    shapes = (5, 2), (6, 2), (6, 3)
    arrays = *(rng.standard_normal(shape) for shape in shapes), np.array(0.7)
    return gradcheck.check_function(
        lambda *arrays: layers.nadaraya_watson_forward(*arrays)[0], backward, arrays, rng
    )


_HEADS = {"num_heads": 2, "key_dim": 3, "value_dim": 5}
_ATTENTION = [
    ("Attention", {}, 3, {}),
    ("Attention", {"use_scale": True}, 2, {"masked": True, "return_attention_scores": True}),
    ("Attention", {"score_mode": "concat", "use_scale": True}, 3, {"masked": True}),
    ("AdditiveAttention", {}, 3, {"masked": True, "use_causal_mask": True}),
    ("AdditiveAttention", {"use_scale": False}, 2, {"return_attention_scores": True}),
    ("MultiHeadAttention", _HEADS, 3, {}),
    ("MultiHeadAttention", _HEADS, 2, {"masked": True, "return_attention_scores": True}),
    ("MultiHeadAttention", {**_HEADS, "use_bias": False}, 1, {"use_causal_mask": True}),
]

SEQUENCE_CHECKS = {
    "layers.rotary": rotary,
    "layers.nadaraya_watson": nadaraya_watson,
    **{
        f"layers.{name}{options.get('score_mode', '')}, {inputs} inputs": functools.partial(
            attention, name, options, inputs, call
        )
        for name, options, inputs, call in _ATTENTION
    },
    "layers.Masking()": masking,
    "layers.Embedding(input_dim=7, output_dim=3)": embedding,
    "layers.TimeDistributed(LSTM)": distributed,
}
for _mode in ("concat", "sum", "mul", "ave"):
    SEQUENCE_CHECKS[f"layers.Bidirectional(LSTM, {_mode})"] = functools.partial(both_ways, _mode)
for _name, _options in _RECURRENT:
    for _masked in (False, True):
        SEQUENCE_CHECKS[_named(_name, _options) + ", masked" * _masked] = functools.partial(
            recurrent, _name, _options, _masked
        )
_PURE = [("SimpleRNN", {}), ("LSTM", {}), ("GRU", {}), ("GRU", {"reset_after": False})]
for _name, _options in _PURE:
    for _masked in (False, True):
        SEQUENCE_CHECKS[f"{_named(_name, _options)}, states{', masked' * _masked}"] = (
            functools.partial(recurrent_states, _name, _options, _masked)
        )
