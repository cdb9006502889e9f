"""Layers: maps with weights, each with its forward and its backward pass.

Names, arguments, defaults and the order of weights are those of ``keras.layers``.
"""

from __future__ import annotations

from glassnet.layers.activation import Activation, PReLU, prelu_backward, prelu_forward
from glassnet.layers.base import Layer
from glassnet.layers.core import (
    Dense,
    Dropout,
    dense_backward,
    dense_forward,
    dense_gradients,
    dropout_backward,
    dropout_forward,
)
from glassnet.layers.reshaping import (
    Flatten,
    Reshape,
    flatten_backward,
    flatten_forward,
    reshape_backward,
    reshape_forward,
)

__all__ = [
    "Activation",
    "Dense",
    "Dropout",
    "Flatten",
    "Layer",
    "PReLU",
    "Reshape",
    "dense_backward",
    "dense_forward",
    "dense_gradients",
    "dropout_backward",
    "dropout_forward",
    "flatten_backward",
    "flatten_forward",
    "prelu_backward",
    "prelu_forward",
    "reshape_backward",
    "reshape_forward",
]
