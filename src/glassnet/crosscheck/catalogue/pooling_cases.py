"""Pooling, enlarging and framing, with their options crossed."""

from __future__ import annotations

from glassnet import layers

from ..comparisons import layer
from .layer_case import layer_case
from .registry import case

_ROUNDED = {"rtol": 1e-5, "atol": 1e-6, "note": "TensorFlow interpolates in float32, always."}

_WINDOWS_1D = [
    {"padding": padding} | more
    for padding in ("valid", "same")
    for more in ({"pool_size": 2}, {"pool_size": 3, "strides": 2}, {"pool_size": 2, "strides": 3})
]
_WINDOWS_2D = [
    {"padding": padding} | more
    for padding in ("valid", "same")
    for more in (
        {"pool_size": (2, 2)},
        {"pool_size": (3, 2), "strides": (2, 1)},
        {"pool_size": (1, 2), "strides": (2, 3)},
    )
]
for _kind, _pure in (("Max", "max_pool"), ("Average", "average_pool")):
    _pair = (f"{_pure}_forward", f"{_pure}_backward")
    for _options in _WINDOWS_1D:
        layer_case(f"{_kind}Pooling1D", _options, (2, 11, 5), _pair)
    for _options in _WINDOWS_2D:
        layer_case(f"{_kind}Pooling2D", _options, (2, 9, 7, 5), _pair)
    _pair = tuple(f"global_{each}" for each in _pair)
    for _keep in (False, True):
        layer_case(f"Global{_kind}Pooling1D", {"keepdims": _keep}, (2, 7, 5), _pair)
        layer_case(f"Global{_kind}Pooling2D", {"keepdims": _keep}, (2, 7, 6, 5), _pair)

for _size in ((2, 2), (3, 1), (2, 4)):
    layer_case(
        "UpSampling2D", {"size": _size}, (2, 5, 7, 3), ("nearest_forward", "nearest_backward")
    )
    layer_case(
        "UpSampling2D",
        {"size": _size, "interpolation": "bilinear"},
        (2, 5, 7, 3),
        ("bilinear_forward", "bilinear_backward", "interpolation_matrix"),
        **_ROUNDED,
    )
for _padding in (1, (2, 1), ((0, 1), (3, 2))):
    layer_case(
        "ZeroPadding2D",
        {"padding": _padding},
        (2, 5, 7, 3),
        ("zero_padding_forward", "zero_padding_backward"),
    )


@case("layers.MaxPooling2D, ties", "layers.MaxPooling2D")
def _ties(rng):
    """Few values, so that most windows have several greatest entries: the first gets it all."""
    x = rng.integers(0, 3, (3, 7, 6, 5)).astype(float)
    options = {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}
    return layer(layers.MaxPooling2D(**options), x.shape, rng, inputs=x)


@case("layers.GlobalMaxPooling2D, ties", "layers.GlobalMaxPooling2D")
def _global_ties(rng):
    """Here TensorFlow divides the gradient among them."""
    x = rng.integers(0, 3, (3, 7, 6, 5)).astype(float)
    return layer(layers.GlobalMaxPooling2D(), x.shape, rng, inputs=x)
