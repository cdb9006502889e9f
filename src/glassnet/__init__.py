"""Glass-box neural networks: every layer, loss and optimiser is NumPy that can be read.

The submodules load on first use, so ``import glassnet`` costs little more than NumPy itself.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

__all__ = [
    "activations",
    "callbacks",
    "constraints",
    "crosscheck",
    "data",
    "ensembles",
    "exercises",
    "explore",
    "gradcheck",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "perceptron",
    "plots",
    "regularizers",
    "rl",
    "schedules",
    "search",
    "unsupervised",
]


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
