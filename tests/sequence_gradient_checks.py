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


SEQUENCE_CHECKS = {
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
