"""Data on its way into a model: checked once, then handed out in batches."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from glassnet._validation import as_float, real_in

__all__ = ["Data", "Inputs", "checked_data", "checked_inputs", "split_off_validation"]


class Inputs:
    """Several inputs of one model, cut into batches together as if they were one array.

    Parameters
    ----------
    parts : iterable of ndarray, each of shape (samples, ...)
    """

    def __init__(self, parts):
        self.parts = tuple(parts)

    @property
    def shape(self):
        """The shapes of all inputs, as layers with several inputs take them."""
        return [part.shape for part in self.parts]

    def __len__(self):
        return len(self.parts[0])

    def __iter__(self):
        return iter(self.parts)

    def __getitem__(self, which):
        return Inputs(part[which] for part in self.parts)


class Data(NamedTuple):
    """Inputs, targets, and optionally a weight for every sample."""

    x: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray | None = None

    @property
    def samples(self):
        """How many samples there are."""
        return len(self.x)

    def take(self, which):
        """Return the samples that a slice (without copying) or an array of indices picks out."""
        return Data(*(None if part is None else part[which] for part in self))

    def batches(self, batch_size, order=None):
        """Yield the samples batch by batch, in the given order; the last batch may be smaller."""
        for start in range(0, self.samples, batch_size):
            stop = start + batch_size
            yield self.take(slice(start, stop) if order is None else order[start:stop])


def checked_inputs(x, first_layer, dtype):
    """Return inputs in the kind of number `first_layer` takes, floats in `dtype`.

    If `first_layer` is a list of layers, `x` is a tuple with an input for each, and so are the
    `Inputs` that are returned.

    Raises
    ------
    ValueError
        If there are none, or one is not a finite number, or several inputs do not fit together.
    """
    if isinstance(first_layer, list):
        return _several_inputs(x, first_layer, dtype)
    x = _cast(first_layer.as_input(x), dtype)
    if x.ndim == 0 or len(x) == 0:
        raise ValueError(f"`x` must hold at least one sample. Received: shape={x.shape}")
    return _finite(x, "x")


def checked_data(x, y, sample_weight, first_layer, dtype):
    """Return `Data` that is of one length, finite, and in `dtype` where it holds floats.

    Parameters
    ----------
    x, y : array_like, first axis (batch,)
    sample_weight : array_like, shape (batch, ...), optional
    first_layer : Layer, or list of Layer
        Decides whether inputs are floats or integers; a list if there are several inputs.
    dtype : numpy dtype

    Raises
    ------
    ValueError
        If the lengths differ, there are no samples, or something is not a finite number.
    """
    x = checked_inputs(x, first_layer, dtype)
    parts = {"y": y} if sample_weight is None else {"y": y, "sample_weight": sample_weight}
    for name, part in parts.items():
        part = _finite(_cast(as_float(part, name), dtype), name)
        if part.ndim == 0 or len(part) != len(x):
            raise ValueError(
                f"`x` and `{name}` must have the same length. "
                f"Received: x {x.shape}, {name} {part.shape}"
            )
        parts[name] = part
    return Data(x, **parts)


def split_off_validation(data, share):
    """Split `Data` into all but the last samples, and the last ones, `share` of all.

    Raises
    ------
    ValueError
        If `share` is not in (0, 1), or leaves one of the two without samples.
    """
    real_in(share, "validation_split", 0, 1, open_high=True)
    split = math.floor(data.samples * (1 - share))
    if not 0 < split < data.samples:
        raise ValueError(
            f"`validation_split` must leave samples on both sides. "
            f"Received: validation_split={share!r} of {data.samples} samples"
        )
    return data.take(slice(0, split)), data.take(slice(split, None))


def _several_inputs(x, first_layers, dtype):
    if not isinstance(x, (tuple, list, Inputs)) or len(parts := list(x)) != len(first_layers):
        raise ValueError(
            f"`x` must be a tuple of {len(first_layers)} inputs. Received: {type(x).__name__} of "
            f"length {len(x) if hasattr(x, '__len__') else 1}"
        )
    pairs = zip(parts, first_layers, strict=True)
    inputs = Inputs(checked_inputs(part, layer, dtype) for part, layer in pairs)
    if len({len(part) for part in inputs}) > 1:
        raise ValueError(f"The inputs must have the same length. Received: {inputs.shape}")
    return inputs


def _cast(values, dtype):
    if values.dtype.kind != "f":
        return values
    with np.errstate(over="ignore"):  # an overflow is reported as an infinity
        return values.astype(dtype, copy=False)


def _finite(values, name):
    bad = ~np.isfinite(values)
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"`{name}` must be finite. Received: {values[index]} at index {index}")
    return values
