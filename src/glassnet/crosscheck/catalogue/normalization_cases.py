"""Normalisations, in training and out of it, over their axes."""

from __future__ import annotations

from .layer_case import layer_case

_TRAINED = ("batch_normalization_forward", "batch_normalization_backward")
_INFERRED = tuple(f"batch_normalization_inference_{way}" for way in ("forward", "backward"))
_STANDARDISE = ("standardise_forward", "standardise_backward")

for _options, _shape in (
    ({}, (7, 5)),
    ({}, (4, 6, 7, 5)),
    ({"axis": 1, "momentum": 0.8, "epsilon": 0.01}, (4, 6, 7, 5)),
    ({"axis": 2, "center": False}, (4, 6, 7)),
    ({"scale": False}, (4, 6, 7)),
    ({"center": False, "scale": False, "momentum": 0.5}, (7, 5)),
):
    layer_case("BatchNormalization", _options, _shape, _INFERRED)
    layer_case("BatchNormalization", _options, _shape, _TRAINED + _STANDARDISE, training=True)

for _options, _shape in (
    ({}, (7, 5)),
    ({"epsilon": 0.01}, (2, 7, 5)),
    ({"axis": 1}, (4, 6, 5)),
    ({"axis": [1, 3]}, (2, 6, 7, 5)),
    ({"axis": (-2, -1), "center": False}, (4, 6, 7, 5)),
    ({"axis": [1, 2, 3], "scale": False}, (4, 6, 7, 5)),
):
    layer_case(
        "LayerNormalization",
        _options,
        _shape,
        ("layer_normalization_forward", "layer_normalization_backward"),
    )
for _options, _shape in (
    ({"groups": 3}, (7, 6)),
    ({"groups": 2}, (3, 5, 7, 6)),
    ({"groups": 1, "epsilon": 0.01}, (3, 5, 7, 6)),
    ({"groups": -1, "center": False}, (3, 5, 6)),
    ({"groups": 4, "axis": 1, "scale": False}, (3, 8, 7, 5)),
):
    layer_case(
        "GroupNormalization",
        _options,
        _shape,
        ("group_normalization_forward", "group_normalization_backward"),
    )
for _options, _shape in (
    ({}, (7, 5)),
    ({"epsilon": 0.3}, (2, 7, 5)),
    ({"axis": [-2, -1]}, (3, 6, 7, 5)),
):
    layer_case(
        "RMSNormalization",
        _options,
        _shape,
        ("rms_normalization_forward", "rms_normalization_backward"),
    )
