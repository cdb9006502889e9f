"""Data on its way into a model: checked once, then handed out in batches."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from glassnet._validation import as_float, real_in

__all__ = ["Data", "checked_data", "checked_inputs", "split_off_validation"]


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

    Raises
    ------
    ValueError
        If there are none, or one is not a finite number.
    """
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
    first_layer : Layer
        Decides whether inputs are floats or integers.
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
