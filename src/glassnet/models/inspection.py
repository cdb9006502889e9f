"""Looking into a convolutional network: what a unit sees, and what speaks for a class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet import layers
from glassnet._validation import as_float

__all__ = [
    "ReceptiveField",
    "class_activation_map",
    "influence",
    "layer_outputs",
    "receptive_field",
]

_POINTWISE = (
    layers.Activation,
    layers.BatchNormalization,
    layers.Dropout,
    layers.LocalResponseNormalization,
    layers.PReLU,
)
_POOLING = (
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.MaxPooling1D,
    layers.MaxPooling2D,
)
_CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)


class ReceptiveField(NamedTuple):
    """How much of the input an output of a chain of layers sees, along each spatial axis.

    Parameters
    ----------
    name : str
        Of the last layer of the chain.
    size : tuple of int
        Places of the input that one output depends on.
    jump : tuple of int
        Places of the input from one output to the next.
    """

    name: str
    size: tuple
    jump: tuple


def receptive_field(layers):
    """Return what the outputs see after each layer of a chain.

    A window of k taps with dilation d reaches over ``d (k - 1) + 1`` outputs of the layer before,
    which lie `jump` places apart: ``size += d (k - 1) jump``, then ``jump *= stride``. The edges of
    the picture cut fields off, but do not change these numbers.

    Parameters
    ----------
    layers : sequence of Layer
        Convolutions, pooling, and layers that treat every place alone.

    Returns
    -------
    list of ReceptiveField
        One for each layer.

    Raises
    ------
    ValueError
        If a layer is of another kind: an output of a dense layer sees the whole picture.

    References
    ----------
    Araujo, Norris and Sim (2019). Computing receptive fields of convolutional neural networks.
    """
    fields, size, jump = [], None, None
    for layer in layers:
        taps, strides, dilation = _window(layer)
        if size is None and taps:
            size = jump = (1,) * len(taps)
        if taps:
            if len(taps) != len(size):
                raise ValueError(
                    f"`layers` must all have {len(size)} spatial axes. Received: {layer!r}"
                )
            steps = zip(size, jump, taps, dilation, strict=True)
            size = tuple(s + d * (k - 1) * j for s, j, k, d in steps)
            jump = tuple(j * stride for j, stride in zip(jump, strides, strict=True))
        fields.append(ReceptiveField(layer.name, size or (1,), jump or (1,)))
    return fields


def _window(layer):
    """Return taps, strides and dilation of a layer; empty tuples if it treats each place alone."""
    if isinstance(layer, _CONVOLUTIONS):
        return layer.kernel_size, layer.strides, layer.dilation_rate
    if isinstance(layer, _POOLING):
        return layer.pool_size, layer.strides, (1,) * layer.rank
    if isinstance(layer, _POINTWISE):
        return (), (), ()
    raise ValueError(
        f"`layers` must be convolutions, pooling, or treat every place alone. Received: {layer!r}"
    )


def influence(model, x, place):
    """Return how strongly each place of a picture acts on one place of the output.

    The absolute gradient of that place's outputs, added up, by the picture. Where it is 0, the
    output does not look: the places that are not 0 are the receptive field, as it is found by
    trying.

    Parameters
    ----------
    model : Sequential or Functional
        Whose output has spatial axes, shape ``(batch, *counts, channels)``.
    x : ndarray, shape ``(1, *lengths, channels)``
    place : tuple of int
        In the output, one number for each spatial axis.

    Returns
    -------
    ndarray, shape ``lengths``
        Summed over the channels of the picture.

    Raises
    ------
    ValueError
        If `x` is not one picture, or the output has no such place.
    """
    x = as_float(x)
    if len(x) != 1:
        raise ValueError(f"`x` must hold one picture. Received: shape={x.shape}")
    y = model.forward(x)
    place = tuple(place)
    counts = y.shape[1:-1]
    if len(place) != len(counts) or not all(0 <= i < n for i, n in zip(place, counts, strict=True)):
        raise ValueError(f"`place` must lie in {counts}. Received: place={place!r}")
    dy = np.zeros_like(y)
    dy[(0, *place)] = 1
    return np.abs(model.backward(dy)[0]).sum(axis=-1)


def layer_outputs(model, x):
    """Return the output of every layer.

    Parameters
    ----------
    model : Sequential or Functional
        Built.
    x : ndarray, shape (batch, ...)

    Returns
    -------
    list of ndarray
        In the order of ``model.layers``.
    """
    model.require_built()
    if not hasattr(model, "nodes"):
        outputs = []
        for layer in model.layers:
            x = layer.forward(x)
            outputs.append(x)
        return outputs
    values = {model.inputs: x}
    for node in model.nodes:
        given = [values[parent] for parent in node.parents]
        values[node] = node.layer.forward(given if node.several else given[0])
    return [values[node] for node in model.nodes]


def class_activation_map(model, x, label):
    """Return how much each place of the last feature maps speaks for a class.

    With global average pooling and one dense layer at the end, the logit of class c is a mean over
    all places, ``z_c = b_c + mean_p Σ_k w_kc A_k(p)``. The map is ``Σ_k w_kc A_k(p)``: its mean
    plus the bias is the logit, exactly.

    Parameters
    ----------
    model : Sequential or Functional
        Built, and ending with GlobalAveragePooling2D, perhaps Dropout, and Dense.
    x : ndarray, shape (batch, height, width, channels)
    label : int
        The class c.

    Returns
    -------
    ndarray, shape (batch, rows, columns)
        Of the size of the last feature maps; to be laid over the picture it must be enlarged.

    Raises
    ------
    ValueError
        If the model ends differently, or there is no such class.

    References
    ----------
    Zhou, Khosla, Lapedriza, Oliva and Torralba (2016). Learning deep features for discriminative
    localization.
    """
    ending = [layer for layer in model.layers[-3:] if not isinstance(layer, layers.Dropout)][-2:]
    kinds = [type(layer) for layer in ending]
    if kinds != [layers.GlobalAveragePooling2D, layers.Dense]:
        raise ValueError(
            "`model` must end with GlobalAveragePooling2D and Dense. "
            f"Received: {', '.join(kind.__name__ for kind in kinds)}"
        )
    pooling, dense = ending
    if isinstance(label, bool) or not isinstance(label, (int, np.integer)):
        raise ValueError(f"`label` must be an integer. Received: label={label!r}")
    if not 0 <= label < dense.units:
        raise ValueError(f"`label` must lie in [0, {dense.units}). Received: label={label}")
    features = layer_outputs(model, x)[model.layers.index(pooling) - 1]
    return features @ dense.params["kernel"][:, label]
