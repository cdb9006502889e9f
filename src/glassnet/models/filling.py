"""Filling gaps in data with a model that reconstructs them."""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, positive_int, real_in

__all__ = ["fill_in"]


def fill_in(reconstruct, x, known, steps, start=None):
    """Reconstruct again and again, putting the known entries back each time.

    If what the model makes of a sample with gaps is nearer to its data than the sample was, the
    gaps move, with the known entries clamped, until the model leaves them where they are. A model
    that was trained to remove noise has learnt just that. One that was not may carry them away.

    Parameters
    ----------
    reconstruct : callable
        Takes samples, returns reconstructions of the same shape.
    x : ndarray, shape (batch, ...)
    known : ndarray of bool, shape of x, or of one sample
        True where `x` is given.
    steps : int
    start : float, optional
        Put into the gaps at first, instead of what `x` holds there.

    Returns
    -------
    ndarray, shape of x
        The known entries as they were, the gaps filled.

    Raises
    ------
    ValueError
        If `steps` is not a positive integer, or a reconstruction has another shape.
    """
    y = x if start is None else np.where(known, x, np.asarray(start, x.dtype))
    for _ in range(positive_int(steps, "steps")):
        new = reconstruct(y)
        if new.shape != x.shape:
            raise ValueError(
                f"A reconstruction must have the shape of the data, {x.shape}. "
                f"Received: {new.shape}"
            )
        y = np.where(known, x, new)
    return y


def checked_gaps(x, known, dtype, start=0.0):
    """Return samples whose gaps hold `start`, and a mask of booleans of their shape.

    Raises
    ------
    ValueError
        If the mask holds anything but booleans or 0 and 1, or does not fit, or a known entry is not
        finite.
    """
    x, known = as_float(x).astype(dtype), np.asarray(known)
    if known.dtype != bool and not np.isin(known, (0, 1)).all():
        raise ValueError("`known` must hold True and False. Received: other values")
    if known.shape not in (x.shape, x.shape[1:]):
        raise ValueError(
            f"`known` must have the shape of `x`, {x.shape}, or of a sample of it. "
            f"Received: shape={known.shape}"
        )
    known = np.broadcast_to(known.astype(bool), x.shape)
    if not np.isfinite(x[known]).all():
        raise ValueError("What is known of `x` must be finite. Received: NaN or an infinity")
    return np.where(known, x, np.asarray(real_in(start, "start"), dtype)), known
