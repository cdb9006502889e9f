"""Comparisons with Keras: the same numbers into both, a table of the differences out.

This is the only part of the package that imports TensorFlow, and only when a comparison is made.
Where there is none, as in the reader's browser, our numbers are compared with recorded ones.
"""

from __future__ import annotations

from . import transformer_twins  # noqa: F401 - registers what Keras has not
from .comparisons import compare, layer, loss
from .precision import float64, load_keras
from .recording import NotRecordedError
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
    "NotRecordedError",
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
