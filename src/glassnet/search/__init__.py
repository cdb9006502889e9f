"""Choosing hyper-parameters: candidates, cross-validation, and the search over both."""

from __future__ import annotations

from glassnet.search.candidates import (
    ParameterGrid,
    ParameterSampler,
    integers,
    log_uniform,
    uniform,
)
from glassnet.search.folds import KFold, StratifiedKFold
from glassnet.search.validation import GridSearch, RandomSearch, cross_validate

__all__ = [
    "GridSearch",
    "KFold",
    "ParameterGrid",
    "ParameterSampler",
    "RandomSearch",
    "StratifiedKFold",
    "cross_validate",
    "integers",
    "log_uniform",
    "uniform",
]
