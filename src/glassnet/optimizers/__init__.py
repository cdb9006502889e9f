"""Optimisers: each a pure update function that works in place, and a class that keeps its state."""

from __future__ import annotations

from .._validation import lookup
from .adam import Adam, AdamW, adam_update, amsgrad_update
from .adaptive import Adadelta, Adagrad, RMSprop, adadelta_update, adagrad_update, rmsprop_update
from .base import Optimizer, average_weights, decay_weights
from .clipping import clip_by_global_norm, clip_by_norm, clip_by_value, global_norm
from .sgd import SGD, momentum_update, nesterov_update, sgd_update

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "adadelta_update",
    "adagrad_update",
    "adam_update",
    "amsgrad_update",
    "average_weights",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "decay_weights",
    "get",
    "global_norm",
    "momentum_update",
    "nesterov_update",
    "rmsprop_update",
    "sgd_update",
]

OPTIMIZERS = {
    "adadelta": Adadelta,
    "adagrad": Adagrad,
    "adam": Adam,
    "adamw": AdamW,
    "rmsprop": RMSprop,
    "sgd": SGD,
}
"""Every optimiser by its name in small letters."""


def get(identifier):
    """Return an optimiser.

    Parameters
    ----------
    identifier : str or Optimizer
        A name in any case, such as ``"adam"`` or ``"RMSprop"``, for an optimiser with its defaults;
        an optimiser is returned as it is.

    Returns
    -------
    Optimizer

    Raises
    ------
    ValueError
        If there is no such optimiser.
    """
    if isinstance(identifier, Optimizer):
        return identifier
    name = identifier.lower() if isinstance(identifier, str) else identifier
    return lookup(name, OPTIMIZERS, "optimizer")()
