"""How large a network is and how much it computes, found from the shapes alone."""

from __future__ import annotations

import copy
import math
from typing import NamedTuple

import numpy as np

from glassnet import layers
from glassnet.initializers import Initializer
from glassnet.layers import Layer
from glassnet.layers.base import checked_shape

__all__ = ["LayerRow", "LayerTable", "count_multiply_adds", "layer_table", "multiply_adds"]

# Where an entry of a kernel is used: at the places of the input, of the output, at every step.
_INPUTS = (layers.Dense, layers.Conv2DTranspose)
_OUTPUTS = (layers.Conv1D, layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
_STEPS = (layers.SimpleRNN, layers.LSTM, layers.GRU)
_UNCOUNTED = (layers.Attention, layers.AdditiveAttention)  # products without kernels


class LayerRow(NamedTuple):
    """What a layer contributes to a network.

    Parameters
    ----------
    name : str
    kind : str
        The class.
    output_shape : tuple
        With the batch axis, which is None.
    params : int
        Weights, trained or not.
    multiply_adds : int
        Of one forward pass of one sample.
    """

    name: str
    kind: str
    output_shape: tuple
    params: int
    multiply_adds: int


class LayerTable(list):
    """A list of `LayerRow` that knows its sums and prints as a table.

    Parameters
    ----------
    rows : iterable of LayerRow
    """

    @property
    def params(self):
        """Weights of all layers together."""
        return sum(row.params for row in self)

    @property
    def multiply_adds(self):
        """Multiply-adds of all layers together, for one sample."""
        return sum(row.multiply_adds for row in self)

    def __str__(self):
        cells = [("Layer (type)", "Output shape", "Params", "Multiply-adds")]
        for row in self:
            shape = str(row.output_shape)
            counts = f"{row.params:,}", f"{row.multiply_adds:,}"
            cells.append((f"{row.name} ({row.kind})", shape, *counts))
        cells.append(("Total", "", f"{self.params:,}", f"{self.multiply_adds:,}"))
        a, b, c, d = (max(map(len, column)) for column in zip(*cells, strict=True))
        return "\n".join(f"{w:{a}}  {x:{b}}  {y:>{c}}  {z:>{d}}" for w, x, y, z in cells)


def layer_table(model, input_shape=None):
    """Count the weights and the multiply-adds of every layer.

    The network need not be built: each layer in turn is built without drawing its weights, so the
    138 million of VGG-16 cost no memory.

    Parameters
    ----------
    model : Sequential or Functional
    input_shape : tuple of int or None, optional
        With the batch axis; needed for a `Sequential` that is not built.

    Returns
    -------
    LayerTable
        One row for each layer, in the order of ``model.layers``.

    Raises
    ------
    ValueError
        If the shape of the input is not known, or for a layer `multiply_adds` cannot count.
    """
    rows = []
    for layer, shape in _layers_with_shapes(model, input_shape):
        hollow = _hollow(layer)
        hollow.build(shape, np.random.default_rng(0))  # which nobody draws from
        params, products = hollow.count_params(), _products(hollow)
        kind = type(layer).__name__
        rows.append(LayerRow(layer.name, kind, hollow.output_shape, params, products))
    return LayerTable(rows)


def count_multiply_adds(model, input_shape=None):
    """Return how many products a forward pass of one sample sums: `multiply_adds` of all layers.

    Parameters
    ----------
    model : Sequential or Functional
    input_shape : tuple of int or None, optional
        With the batch axis; needed for a `Sequential` that is not built.

    Returns
    -------
    int
    """
    return layer_table(model, input_shape).multiply_adds


def multiply_adds(layer, input_shape):
    """Return how many products of a weight and an input a layer sums for one sample.

    Every entry of a kernel is used once at every place, so the number is places times entries.

    * Dense: one place for each row, ``features · units``.
    * Convolution: one place for each place of the output,
      ``rows · columns · taps · channels / groups · filters``; a depthwise kernel has
      ``taps · channels · multiplier`` entries, a separable one these and
      ``channels · multiplier · filters``.
    * Transposed convolution: one place for each place of the input.
    * Recurrent layers: one place for each step, ``gates · units · (features + units)``.

    As in the papers, products with the zeros of the padding count, and biases, activations,
    normalisation and pooling do not. A backward pass costs twice as much again.

    Parameters
    ----------
    layer : Layer
        Built or not.
    input_shape : tuple of int or None
        With the batch axis.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the layer is of another kind that sums products, such as attention, or a length is not
        known.
    """
    hollow = _hollow(layer)
    hollow.build(input_shape, np.random.default_rng(0))
    return _products(hollow)


def _products(layer):
    """Return the multiply-adds of a built layer."""
    entries = sum(value.size for key, value in layer.params.items() if "kernel" in key)
    if isinstance(layer, _INPUTS):
        places = layer.input_shape[1:-1]
    elif isinstance(layer, _OUTPUTS):
        places = layer.output_shape[1:-1]
    elif isinstance(layer, _STEPS):
        places = layer.input_shape[1:2]
    elif entries or isinstance(layer, _UNCOUNTED) or hasattr(layer, "layer"):  # or it wraps one
        raise ValueError(
            "`layer` must be dense, a convolution, recurrent, or do no products. "
            f"Received: layer={layer!r}"
        )
    else:
        return 0
    if None in places:
        raise ValueError(
            f"Layer {layer.name!r}: all lengths must be known to count. "
            f"Received: input_shape={layer.input_shape}"
        )
    return math.prod(places) * entries


class _Unfilled(Initializer):
    """Memory that is reserved and never touched."""

    def __call__(self, shape, rng, dtype=np.float32):
        return np.empty(shape, dtype)

    def draw(self, shape, rng):
        """Return memory as it is."""
        return np.empty(shape)


def _hollow(layer):
    """Return a copy of a layer that can be built without drawing or filling its kernels."""
    layer = copy.copy(layer)
    for key, value in list(vars(layer).items()):
        if isinstance(value, Initializer):
            setattr(layer, key, _Unfilled())
        elif isinstance(value, Layer):
            setattr(layer, key, _hollow(value))
    return layer


def _layers_with_shapes(model, input_shape):
    """Yield every layer of a model with the shape of its input."""
    if hasattr(model, "nodes"):
        if input_shape is not None:
            raise ValueError(
                f"A Functional knows its input shape. Received: input_shape={input_shape!r}"
            )
        for node in model.nodes:
            shapes = [parent.shape for parent in node.parents]
            yield node.layer, shapes if node.several else shapes[0]
        return
    if input_shape is None:
        if not model.built:
            raise ValueError(
                "`input_shape` must be given for a model that is not built. "
                "Received: input_shape=None"
            )
        input_shape = model.input_shape
    shape = checked_shape(input_shape)
    for layer in model.layers:
        yield layer, shape
        shape = layer.compute_output_shape(shape)
