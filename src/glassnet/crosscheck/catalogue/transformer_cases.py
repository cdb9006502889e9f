"""Transformer blocks and the vectors they start from, against compositions of Keras' layers."""

from __future__ import annotations

import functools
import itertools

from glassnet import layers

from ..comparisons import layer
from .registry import case

BATCH, TARGET, MEMORY, DIM, DIM_M = 3, 5, 6, 8, 7

_COVERS = ("layers.TransformerBlock", "layers.residual_forward", "layers.residual_backward")


def masks(rng, *lengths):
    """Masks with gaps, all of which see the first step."""
    drawn = [rng.random((BATCH, length)) < 0.6 for length in lengths]
    for mask in drawn:
        mask[:, 0], mask[0, 1] = True, False
    return drawn


def _encoder(options, masked, training, rng):
    call = {"mask": masks(rng, TARGET)[0]} if masked else {}
    block = layers.TransformerEncoder(9, 2, **options)
    shape = (BATCH, TARGET, DIM)
    return layer(block, shape, rng, training, title="encoder", **call)


def _decoder(options, masked, training, memory, rng):
    block = layers.TransformerDecoder(9, 2, **options)
    if memory:
        shapes = [(BATCH, TARGET, DIM), (BATCH, MEMORY, DIM_M)]
        call = {"mask": masks(rng, TARGET, MEMORY)} if masked else {}
    else:
        shapes = (BATCH, TARGET, DIM)
        call = {"mask": masks(rng, TARGET)[0]} if masked else {}
    return layer(block, shapes, rng, training, title="decoder", **call)


def _register():
    for first, masked in itertools.product((False, True), repeat=2):
        drop = first != masked
        options = {"normalize_first": True} if first else {}
        options |= {"dropout": 0.3, "activation": "tanh"} if drop else {}
        shown = "".join(f", {key}={value!r}" for key, value in options.items())
        detail = ", masked" * masked + ", training" * drop
        case(
            f"layers.TransformerEncoder(9, 2{shown}){detail}", "layers.TransformerEncoder", *_COVERS
        )(functools.partial(_encoder, options, masked, drop))
        for memory in (False, True):
            name = f"layers.TransformerDecoder(9, 2{shown}){', memory' * memory}{detail}"
            case(name, "layers.TransformerDecoder", *_COVERS)(
                functools.partial(_decoder, options, masked, drop, memory)
            )


_register()


@case("layers.TransformerEncoder(9, 3), heads that do not divide", "layers.TransformerEncoder")
def _uneven(rng):
    """Eight features, three heads of two."""
    block = layers.TransformerEncoder(9, 3, layer_norm_epsilon=0.1)
    return layer(block, (BATCH, TARGET, DIM), rng, title="encoder")


def _tokens(options, rng):
    tokens = rng.integers(0, 11, (BATCH, TARGET))
    ours = layers.TokenAndPositionEmbedding(11, 7, 6, **options)
    return layer(ours, (BATCH, TARGET), rng, inputs=tokens, title="tokens")


for _positions in ("learned", "sinusoidal"):
    case(
        f"layers.TokenAndPositionEmbedding(11, 7, 6), {_positions}",
        "layers.TokenAndPositionEmbedding",
        "layers.token_and_position_forward",
        "layers.token_and_position_backward",
    )(functools.partial(_tokens, {"positions": _positions}))
