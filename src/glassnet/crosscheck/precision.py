"""Keras in float64: the setting, and what it rounds to float32 all the same."""

from __future__ import annotations

import os
from contextlib import contextmanager

import numpy as np

from .report import ATOL, RTOL

__all__ = ["exact_penalties", "float64", "load_keras", "make_exact", "tolerance"]

# What Keras casts from a Python float, by way of float32, before it computes with it.
_ROUNDED_CONSTANTS = (
    "beta_1",
    "beta_2",
    "momentum",
    "weight_decay",
    "initial_learning_rate",
    "decay_rate",
    "end_learning_rate",
    "power",
    "warmup_target",
    "alpha",
    "values",
    "_t_mul",
    "_m_mul",
)

_ROUNDED_IN_KERAS = {
    "gelu": "the square roots in its gelu",
    "leaky_relu": "the slope of its leaky_relu",
    "log_cosh": "the logarithm of 2 in its log_cosh",
}


def load_keras():
    """Import TensorFlow and Keras, quietly and with reproducible sums.

    Returns
    -------
    tuple of modules
        ``(tensorflow, keras)``.

    Raises
    ------
    ImportError
        If they are not installed, or if Keras runs on another backend than TensorFlow.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # else sums differ from run to run
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import keras
        import tensorflow
    except ImportError as error:
        raise ImportError(
            f"A cross-check needs TensorFlow and Keras 3 (tensorflow-cpu will do). {error}"
        ) from error
    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            "A cross-check needs Keras on TensorFlow. "
            f"Received: KERAS_BACKEND={keras.backend.backend()}"
        )
    return tensorflow, keras


@contextmanager
def float64():
    """Let Keras compute in float64 within the block, and put its settings back, whatever happens.

    Both settings matter: ``floatx`` is used by losses and optimisers, the dtype policy, which Keras
    fixes at the first layer ever made, by layers.
    """
    _, keras = load_keras()
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    try:
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


def tolerance(component, rtol, atol):
    """Return rtol, atol and a note: what they are if not given, and why they are wider.

    Where TensorFlow itself rounds a constant to float32, even in a float64 computation, nothing
    can agree to more than that.

    Parameters
    ----------
    component : object
        A function, a loss, a layer or a model of this package.
    rtol, atol : float or None
        What the caller asked for.

    Returns
    -------
    rtol, atol : float
    note : str
    """
    names = {getattr(component, "__name__", ""), getattr(component, "name", "")}
    names |= {getattr(getattr(part, "activation", None), "name", "") for part in _parts(component)}
    reasons = [reason for name, reason in _ROUNDED_IN_KERAS.items() if name in names]
    wide = bool(reasons)
    note = f"Keras rounds {' and '.join(reasons)} to float32." if wide and rtol is None else ""
    rtol = (1e-6 if wide else RTOL) if rtol is None else rtol
    atol = (1e-8 if wide else ATOL) if atol is None else atol
    return rtol, atol, note


def _parts(component):
    return [component, *getattr(component, "layers", ())]


def make_exact(twin):
    """Give a Keras schedule or optimizer its constants in float64; return a note that says so.

    Keras casts Python floats by way of float32 before it computes with them in float64; NumPy's
    float64 it takes as it is.
    """
    changed = _set_exact(twin)
    if not changed:
        return ""
    names = ", ".join(dict.fromkeys(name.lstrip("_") for name in changed))
    return f"Keras rounds {names} to float32; here its own formulas got them in float64."


def exact_penalties(layer, twin):
    """Give the regularizers of a built Keras layer their strengths in float64; return a note.

    Only where theirs is ours, rounded: what differs shall be noticed.
    """
    rules = (layer.regularizers.get(name) for name in layer.params)
    changed = False
    for variable, rule in zip(twin.trainable_variables, rules, strict=False):
        for name, value in (rule.get_config() if rule else {}).items():
            theirs = getattr(variable.regularizer, name, None)
            if theirs is not None and np.float32(theirs) == np.float32(value):
                setattr(variable.regularizer, name, np.float64(value))
                changed = True
    if not changed:
        return ""
    return "Keras rounds penalties to float32; here its own formulas got them in float64."


def _set_exact(twin):
    changed = []
    if getattr(twin, "_accumulators", None) and hasattr(twin, "initial_accumulator_value"):
        for accumulator in twin._accumulators:  # of Adagrad, filled by way of float32
            accumulator.assign(np.full(accumulator.shape, twin.initial_accumulator_value))
        changed.append("initial_accumulator_value")
    for part in ("_learning_rate", "first", "second"):
        if hasattr(getattr(twin, part, None), "get_config"):  # a schedule
            changed += _set_exact(getattr(twin, part))
    for name in _ROUNDED_CONSTANTS:
        value = getattr(twin, name, None)
        if isinstance(value, float):
            setattr(twin, name, np.float64(value))
            changed.append(name)
        elif isinstance(value, list):  # of a piecewise constant schedule
            setattr(twin, name, [np.float64(v) for v in value])
            changed.append(name)
    return changed
