"""Making and training one model of many, for searches and ensembles."""

from __future__ import annotations

import numpy as np

from glassnet.models import Functional, Model

__all__ = ["fitted"]


def fitted(build, x, y, rng, params=None):
    """Make a new model and train it.

    Parameters
    ----------
    build : callable
        ``build(**params)`` returns a new model, or ``(model, options)`` with keyword arguments for
        its ``fit``. A model of `glassnet` must be compiled, but not built: its weights, its masks
        and the order of the samples are drawn here. Anything else with ``fit(x, y)`` and
        ``predict(x)`` will do.
    x, y : ndarray, first axis (n,)
    rng : numpy.random.Generator
    params : dict, optional

    Returns
    -------
    object
        The trained model.

    Raises
    ------
    ValueError
        If what `build` returns is no model, or one that has weights already.
    """
    made = build(**(params or {}))
    model, options = made if isinstance(made, tuple) else (made, {})
    if not hasattr(model, "fit") or not hasattr(model, "predict"):
        raise ValueError(f"`build` must return a model. Received: {model!r}")
    if isinstance(model, Model):
        if model.built:
            raise ValueError(
                "`build` must return a new model without weights, so that nothing that was learnt "
                f"before comes along. Received: a built {type(model).__name__}"
            )
        dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.float32)
        if isinstance(model, Functional):
            model.build(rng, dtype)
        else:
            model.build((None, *x.shape[1:]), rng, dtype)
        options = {"verbose": 0, **options}
    model.fit(x, y, **options)
    return model
