"""Comparisons with Keras: the same numbers into both, a table of the differences out.

This is the only part of the package that imports TensorFlow, and only when a comparison is made.
"""

from __future__ import annotations

from . import transformer_twins  # noqa: F401 - registers what Keras has not
from .comparisons import compare, layer, loss
from .precision import float64, load_keras
from .report import CrosscheckError, Report, Row, compare_arrays
from .runs import fit, model
from .training import initializer, metric, optimizer, schedule
from .twins import (
    MaskedDropout,
    keras_twin,
    randomise_weights,
    register_twin,
)

__all__ = [
    "CrosscheckError",
    "MaskedDropout",
    "Report",
    "Row",
    "compare",
    "compare_arrays",
    "fit",
    "float64",
    "initializer",
    "keras_twin",
    "layer",
    "load_keras",
    "loss",
    "metric",
    "model",
    "optimizer",
    "randomise_weights",
    "register_twin",
    "schedule",
]
