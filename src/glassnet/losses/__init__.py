"""Losses: how wrong a prediction is, and in which direction it would get less wrong.

Each loss is a pair of functions, ``name(y_true, y_pred)`` with one value a sample and
``name_gradient(y_true, y_pred)``, and a class that weights and reduces them, see `Loss`.
"""

from __future__ import annotations

from glassnet._validation import lookup
from glassnet.losses.base import Loss
from glassnet.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    binary_crossentropy_gradient,
    categorical_crossentropy,
    categorical_crossentropy_gradient,
    sparse_categorical_crossentropy,
    sparse_categorical_crossentropy_gradient,
)
from glassnet.losses.margin import (
    Hinge,
    SquaredHinge,
    hinge,
    hinge_gradient,
    squared_hinge,
    squared_hinge_gradient,
)
from glassnet.losses.probabilistic import (
    KLDivergence,
    Poisson,
    kl_divergence,
    kl_divergence_gradient,
    poisson,
    poisson_gradient,
)
from glassnet.losses.regression import (
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanSquaredError,
    huber,
    huber_gradient,
    log_cosh,
    log_cosh_gradient,
    mean_absolute_error,
    mean_absolute_error_gradient,
    mean_squared_error,
    mean_squared_error_gradient,
)

__all__ = [
    "LOSSES",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "binary_crossentropy",
    "binary_crossentropy_gradient",
    "categorical_crossentropy",
    "categorical_crossentropy_gradient",
    "get",
    "hinge",
    "hinge_gradient",
    "huber",
    "huber_gradient",
    "kl_divergence",
    "kl_divergence_gradient",
    "log_cosh",
    "log_cosh_gradient",
    "mean_absolute_error",
    "mean_absolute_error_gradient",
    "mean_squared_error",
    "mean_squared_error_gradient",
    "poisson",
    "poisson_gradient",
    "sparse_categorical_crossentropy",
    "sparse_categorical_crossentropy_gradient",
    "squared_hinge",
    "squared_hinge_gradient",
]

_CLASSES = (
    MeanSquaredError,
    MeanAbsoluteError,
    Huber,
    LogCosh,
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    KLDivergence,
    Poisson,
    Hinge,
    SquaredHinge,
)

LOSSES = {cls.per_sample.__name__: cls for cls in _CLASSES}
"""Every loss class, by the name of its function."""

_ALIASES = {
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "bce": BinaryCrossentropy,
    "kld": KLDivergence,
}
_BY_ANY_NAME = LOSSES | {cls.__name__: cls for cls in _CLASSES} | _ALIASES


def get(identifier):
    """Return a loss.

    Parameters
    ----------
    identifier : str or Loss
        A name as ``"mean_squared_error"``, ``"MeanSquaredError"`` or ``"mse"``, which stands for
        the loss with its default options, or a loss.

    Returns
    -------
    Loss

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if isinstance(identifier, Loss):
        return identifier
    return lookup(identifier, _BY_ANY_NAME, "loss")()
