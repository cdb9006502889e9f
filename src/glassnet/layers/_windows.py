"""Where the windows of a kernel or a pool lie, along every spatial axis."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from glassnet._validation import one_of, positive_int


class Windows(NamedTuple):
    """The positions of a window that slides over inputs of shape ``(batch, *lengths, channels)``.

    Window number n along an axis covers, for its taps i = 0, 1, ..., the places
    ``n * stride + i * dilation`` of the padded input. A tap is a tuple with one i for each axis.

    Attributes
    ----------
    lengths : tuple of int
        Of the input, along each spatial axis.
    size, strides, dilation_rate : tuple of int
    padding : tuple of (int, int)
        Places added before and after the input.
    counts : tuple of int
        How many windows there are: the lengths of the output.
    """

    lengths: tuple
    size: tuple
    strides: tuple
    dilation_rate: tuple
    padding: tuple
    counts: tuple

    def taps(self):
        """Iterate over the taps of a window, the last axis fastest."""
        return np.ndindex(*self.size)

    def pad(self, x, value=0):
        """Return `x` with `value` added around it, or `x` itself if nothing is to be added."""
        if not any(map(any, self.padding)):
            return x
        padded = np.full(self.padded_shape(x), value, x.dtype)
        self.crop(padded)[...] = x
        return padded

    def padded_shape(self, x):
        """Return the shape that `x` has after padding."""
        sums = (n + sum(pad) for n, pad in zip(self.lengths, self.padding, strict=True))
        return (x.shape[0], *sums, x.shape[-1])

    def crop(self, padded):
        """Return the view of a padded array that holds the input itself."""
        starts = (before for before, _ in self.padding)
        places = (slice(a, a + n) for a, n in zip(starts, self.lengths, strict=True))
        return padded[(slice(None), *places)]

    def at(self, padded, tap):
        """Return the view of a padded array that all windows see at one tap.

        Its shape is ``(batch, *counts, channels)``: as many places as there are windows.
        """
        places = []
        for i, n, stride, dilation in zip(
            tap, self.counts, self.strides, self.dilation_rate, strict=True
        ):
            first = i * dilation
            places.append(slice(first, first + (n - 1) * stride + 1, stride))
        return padded[(slice(None), *places)]

    def with_rows(self):
        """Return the same windows over a single row, if they lie along one axis only."""
        if len(self.size) == 2:
            return self
        one, none = (1,), ((0, 0),)
        return Windows(*(e + v for e, v in zip((one,) * 4 + (none, one), self, strict=True)))


def windows_over(lengths, size, strides=1, padding="valid", dilation_rate=1):
    """Place windows over inputs of the given spatial lengths, as TensorFlow does.

    Parameters
    ----------
    lengths : tuple of int
    size, strides, dilation_rate : int or tuple of int
    padding : str
        "valid": only windows that lie inside. "same": as many windows as the input has places,
        divided by the stride and rounded up; the places this takes are added on both sides, and an
        odd one goes after. "causal": all of them go before, so that no window sees the future.

    Returns
    -------
    Windows

    Raises
    ------
    ValueError
        If an input is too short for a single window.
    """
    rank = len(lengths)
    size, strides, dilation_rate = (
        as_tuple(value, rank, name)
        for value, name in ((size, "size"), (strides, "strides"), (dilation_rate, "dilation_rate"))
    )
    pads, counts = [], []
    for n, k, stride, dilation in zip(lengths, size, strides, dilation_rate, strict=True):
        reach = dilation * (k - 1) + 1  # places from the first tap to the last
        if padding == "same":
            total = max((math.ceil(n / stride) - 1) * stride + reach - n, 0)
            pads.append((total // 2, total - total // 2))
        else:
            pads.append((reach - 1 if padding == "causal" else 0, 0))
        counts.append((n + sum(pads[-1]) - reach) // stride + 1)
    if min(counts) < 1:
        raise ValueError(
            f"The input must be at least as long as a window of size {size} with dilation "
            f"{dilation_rate}. Received: lengths={tuple(lengths)}"
        )
    return Windows(tuple(lengths), size, strides, dilation_rate, tuple(pads), tuple(counts))


def window_counts(input_shape, size, strides, padding, dilation_rate, layer):
    """Return the spatial lengths of the output, None where those of `input_shape` are unknown."""
    needs_rank(input_shape, len(size), layer)
    counts = []
    for n, *window in zip(input_shape[1:-1], size, strides, dilation_rate, strict=True):
        k, stride, dilation = window
        try:
            counts += [None if n is None else windows_over((n,), k, stride, padding, dilation)]
        except ValueError as error:
            raise ValueError(f"Layer {layer.name!r}: {error} of {tuple(input_shape)}") from None
    return tuple(None if each is None else each.counts[0] for each in counts)


def needs_rank(input_shape, rank, layer):
    """Raise ValueError unless `input_shape` has `rank` axes between batch and channels."""
    if len(input_shape) != rank + 2:
        axes = "length" if rank == 1 else "height, width"
        raise ValueError(
            f"Layer {layer.name!r} needs inputs of shape (batch, {axes}, channels). "
            f"Received: input_shape={tuple(input_shape)}"
        )


def as_tuple(value, rank, name):
    """Return an int, or a sequence of `rank` ints, as a tuple of `rank` positive ints."""
    if not isinstance(value, (tuple, list)):
        return (positive_int(value, name),) * rank
    if len(value) != rank:
        raise ValueError(f"`{name}` must be {rank} integers. Received: {name}={value!r}")
    return tuple(positive_int(each, name) for each in value)


def checked_padding(padding, rank):
    """Return `padding`, or raise ValueError if there is no such kind."""
    return one_of(padding, ("valid", "same", "causal")[: 3 if rank == 1 else 2], "padding")


def as_config(value):
    """Return a tuple of ints as a configuration has it: a plain int along a single axis."""
    return value[0] if len(value) == 1 else value
