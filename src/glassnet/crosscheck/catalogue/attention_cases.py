"""Attention of every kind, with masks; positions; and averages by distance."""

from __future__ import annotations

import functools

import numpy as np

from glassnet import layers, losses, optimizers
from glassnet.models import Sequential

from ..comparisons import compare, layer
from ..precision import load_keras
from ..runs import model
from .registry import case

BATCH, QUERIES, KEYS, DIM, DIM_V = 3, 5, 6, 4, 7

_SCORES = {
    "dot": ["dot_scores_forward", "dot_scores_backward"],
    "concat": ["additive_scores_forward", "additive_scores_backward"],
}
_ATTEND = ["attend_forward", "attend_backward", "causal_mask"]

# class, options, number of inputs, masked, options of the call
_KINDS = [
    ("Attention", {}, 3, False, {}),
    ("Attention", {"use_scale": True}, 2, True, {"use_causal_mask": True}),
    ("Attention", {"use_scale": True}, 3, True, {"return_attention_scores": True}),
    ("Attention", {"score_mode": "concat"}, 2, True, {}),
    ("Attention", {"score_mode": "concat", "use_scale": True}, 3, False, {"use_causal_mask": True}),
    ("AdditiveAttention", {}, 3, True, {"return_attention_scores": True}),
    ("AdditiveAttention", {"use_scale": False}, 2, False, {"use_causal_mask": True}),
]

# options, number of inputs, masked, options of the call
_HEADS = [
    ({}, 3, False, {}),
    ({}, 2, True, {}),
    ({"value_dim": 5}, 3, True, {"use_causal_mask": True}),
    ({"value_dim": 5, "use_bias": False}, 3, False, {"return_attention_scores": True}),
    ({"use_bias": False}, 2, True, {"return_attention_scores": True, "use_causal_mask": True}),
    ({}, 1, False, {"use_causal_mask": True}),
    ({"value_dim": 5}, 1, True, {}),
]


def _masks(rng):
    """Every query may see some key; the first one always, for the causal mask."""
    masks = [rng.random((BATCH, length)) < 0.6 for length in (QUERIES, KEYS)]
    masks[1][:, 0] = True
    masks[0][0, 1] = masks[1][0, 1] = False
    return masks


def _attention(name, options, inputs, masked, call, rng):
    shapes = [(BATCH, QUERIES, DIM), (BATCH, KEYS, DIM), (BATCH, KEYS, DIM)][:inputs]
    if inputs == 3:
        shapes[1] = (BATCH, KEYS, DIM_V)
    call = call | ({"mask": _masks(rng)} if masked else {})
    return layer(getattr(layers, name)(**options), shapes, rng, title=name, **call)


def _heads(options, inputs, masked, call, rng):
    shapes = [(BATCH, QUERIES, DIM), (BATCH, KEYS, DIM_V), (BATCH, KEYS, 8)][:inputs]
    if masked:
        masks = _masks(rng)
        if "return_attention_scores" in call:  # Keras gives a masked query no weights then, else
            masks[0] = None  # equal ones
        call = call | {"mask": masks[0] if inputs == 1 else masks}
    ours = layers.MultiHeadAttention(2, 3, **options)
    return layer(ours, shapes if inputs > 1 else shapes[0], rng, title="heads", **call)


def _register():
    for name, options, inputs, masked, call in _KINDS:
        mode = "concat" if name == "AdditiveAttention" else options.get("score_mode", "dot")
        pure = [f"layers.{part}" for part in _SCORES[mode] + _ATTEND[:2]]
        pure += ["layers.causal_mask"] if "use_causal_mask" in call else []
        shown = ", ".join(f"{key}={value!r}" for key, value in options.items())
        detail = "".join(f", {key}" for key in call)
        case(
            f"layers.{name}({shown}), {inputs} inputs{', masked' * masked}{detail}",
            f"layers.{name}",
            *pure,
        )(functools.partial(_attention, name, options, inputs, masked, call))
    for options, inputs, masked, call in _HEADS:
        pure = [
            f"layers.{way}_heads_{d}" for way in ("split", "merge") for d in ("forward", "backward")
        ]
        shown = "".join(f", {key}={value!r}" for key, value in options.items())
        detail = "".join(f", {key}" for key in call)
        name = (
            f"layers.MultiHeadAttention(2, 3{shown}), {inputs} inputs{', masked' * masked}{detail}"
        )
        case(name, "layers.MultiHeadAttention", *pure)(
            functools.partial(_heads, options, inputs, masked, call)
        )


_register()


@case("layers.MultiHeadAttention(2, 3), attention_mask", "layers.MultiHeadAttention")
def _attention_mask(rng):
    """One query may see no key at all."""
    mask = rng.random((BATCH, QUERIES, KEYS)) < 0.6
    mask[1, 2] = False
    shapes = [(BATCH, QUERIES, DIM), (BATCH, KEYS, DIM_V)]
    return layer(layers.MultiHeadAttention(2, 3), shapes, rng, attention_mask=mask, title="heads")


@case("layers.sinusoidal_positions", "layers.sinusoidal_positions")
def _positions(rng):
    """Against the formula, one entry after the other."""

    def theirs(x):
        tensorflow, _ = load_keras()
        wave = [tensorflow.sin, tensorflow.cos]
        rows = [
            [
                wave[i % 2](tensorflow.constant(t / 10000 ** ((i - i % 2) / 6), x.dtype))
                for i in range(6)
            ]
            for t in range(9)
        ]
        return x + tensorflow.stack(rows)

    x = rng.standard_normal((3, 9, 6))
    return compare(
        lambda x: x + layers.sinusoidal_positions(9, 6),
        theirs,
        x,
        rng=rng,
        backward=lambda dy, x: dy,
    )


@case("layers.rotary_forward", "layers.rotary_forward", "layers.rotary_backward")
def _rotary(rng):
    """Pairs of features are complex numbers, multiplied by a power of the imaginary unit."""
    positions = rng.integers(0, 50, 5)

    def theirs(x):
        tensorflow, _ = load_keras()
        numbers = tensorflow.complex(x[..., 0::2], x[..., 1::2])
        angles = positions[:, None] * np.array([1, 10000 ** (-2 / 6), 10000 ** (-4 / 6)])
        numbers *= tensorflow.exp(tensorflow.complex(np.zeros_like(angles), angles))
        parts = [tensorflow.math.real(numbers), tensorflow.math.imag(numbers)]
        return tensorflow.reshape(tensorflow.stack(parts, axis=-1), x.shape)

    return compare(
        lambda x: layers.rotary_forward(x, positions)[0],
        theirs,
        rng.standard_normal((3, 2, 5, 6)),
        backward=lambda dy, x: layers.rotary_backward(dy, layers.rotary_forward(x, positions)[1]),
        rng=rng,
    )


@case(
    "layers.nadaraya_watson_forward",
    "layers.nadaraya_watson_forward",
    "layers.nadaraya_watson_backward",
)
def _nadaraya_watson(rng):
    def theirs(query, key, value, bandwidth):
        _, keras = load_keras()
        distance = keras.ops.norm(query[:, None] - key[None], axis=-1)
        kernel = keras.ops.exp(-0.5 * (distance / bandwidth) ** 2)
        return kernel @ value / keras.ops.sum(kernel, axis=1, keepdims=True)

    def backward(dy, *arrays):
        *gradients, grads = layers.nadaraya_watson_backward(
            dy, layers.nadaraya_watson_forward(*arrays)[1]
        )
        return (*gradients, grads["bandwidth"])

    def ours(query, key, value, bandwidth):
        return layers.nadaraya_watson_forward(query, key, value, bandwidth)[0]

    shapes = (5, 2), (6, 2), (6, 3)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    return compare(ours, theirs, *arrays, 0.7, backward=backward, rng=rng)


@case("models.Sequential, self-attention step by step", "models.Sequential")
def _self_attention(rng):
    x = rng.standard_normal((60, 6, 4))
    x[:, 3:][rng.random((60, 3)) < 0.4] = 0
    parts = [
        layers.Masking(),
        layers.MultiHeadAttention(2, 3),
        layers.SimpleRNN(5),
        layers.Dense(2),
    ]
    network = Sequential(parts)
    network.build((None, 6, 4), rng, dtype=np.float64)
    network.compile(optimizers.Adam(0.01), losses.MeanSquaredError())
    return model(network, x, rng.standard_normal((60, 2)), rng=rng, batch_size=13, steps=10)
