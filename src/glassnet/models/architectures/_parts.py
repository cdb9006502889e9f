"""What the architectures have in common."""

from __future__ import annotations

import numpy as np

from glassnet._validation import real_in


def chain(x, *layers):
    """Return the node that `layers`, one after the other, make of the node `x`."""
    for layer in layers:
        x = layer(x)
    return x


def scaled(channels, width, multiple=1):
    """Return `width` times `channels`, rounded to a multiple of `multiple`, at least that.

    Raises
    ------
    ValueError
        If `width` is not positive.
    """
    width = real_in(width, "width", 0, np.inf, open_low=True, open_high=True)
    return max(1, round(width * channels / multiple)) * multiple
