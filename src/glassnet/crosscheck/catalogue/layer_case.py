"""The case that every layer with given options is."""

from __future__ import annotations

import functools

from glassnet import layers

from ..comparisons import layer
from ..report import Report
from .registry import case

__all__ = ["layer_case"]


def layer_case(name, options, shape, pure=(), *, training=False, note="", **how):
    """Put the comparison of a layer with its Keras twin into the catalogue.

    Parameters
    ----------
    name : str
        Of the class, in `glassnet.layers`.
    options : dict
        Its arguments.
    shape : tuple of int, or a list of such tuples
        Of the input, with the batch axis.
    pure : sequence of str
        The functions of `glassnet.layers` it puts to the test as well.
    training : bool
    note : str
        What the report says below its table.
    **how
        For the comparison, such as a tolerance.
    """
    shown = ", ".join(f"{key}={value!r}" for key, value in options.items())
    covers = [f"layers.{part}" for part in ("Layer", name, *pure)]
    case(f"layers.{name}({shown}), input {shape}{', training' * training}", *covers)(
        functools.partial(_compare, name, options, shape, training, note, how)
    )


def _compare(name, options, shape, training, note, how, rng):
    report = layer(getattr(layers, name)(**options), shape, rng, training=training, **how)
    return Report(report.title, report.rows, note or report.note)
