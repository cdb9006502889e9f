"""Compare components with their Keras twins: the same float64 numbers into both, a table out."""

from __future__ import annotations

import functools
import inspect
import sys

import numpy as np

from .descriptions import describe
from .keras_side import as_list, function_values, layer_values, loss_values
from .precision import tolerance
from .recording import keras_values, split_options
from .report import CrosscheckError, Report, compare_arrays
from .twins import drawn, randomise_weights

__all__ = ["compare", "layer", "loss"]

_RESERVED_SEED = 20240229  # of the cotangent, where a page gives no generator


def compare(
    ours, theirs, *inputs, title=None, backward=None, rng=None, rtol=None, atol=None, **options
):
    """Compare two functions: their values and, where ours has a derivative, the gradients.

    Parameters
    ----------
    ours : callable
        A function of NumPy arrays, an ``ActivationPair``, or a loss object. The gradient is taken
        from the function's neighbour ``name_derivative(x)``, ``name_backward(dy, y)`` or
        ``name_gradient(y_true, y_pred)``.
    theirs : str or callable
        The name of a function of Keras, such as ``"keras.activations.relu"``, or a function of
        tensors, from Keras or TensorFlow. What Keras computed can be recorded for names only.
    *inputs : array_like
        Passed to both. Numbers become float64, booleans stay.
    title : str, optional
    backward : callable, optional
        ``backward(dy, *inputs)`` returns the gradient by the first input, or a tuple with the
        gradient by each input (None to leave one out). Instead of the neighbour.
    rng : numpy.random.Generator, optional
        Draws the cotangent, the random weights with which the outputs are summed before the
        gradient is taken; from a fixed seed if not given.
    rtol, atol : float
        How closely the two must agree. Unless given, 1e-10 and 1e-12, or as far as a constant
        allows that Keras rounds to float32.
    **options
        Keyword arguments passed to both functions.

    Returns
    -------
    Report
        Look at ``.ok``, or let ``.require()`` raise.
    """
    rtol, atol, note = tolerance(ours, rtol, atol)
    rng = np.random.default_rng(_RESERVED_SEED) if rng is None else rng
    arrays = [_as_float64(value) for value in inputs]
    forward = ours if callable(ours) else ours.forward
    value = np.asarray(forward(*arrays, **options))
    dy = rng.standard_normal(value.shape)
    gradients = _our_gradients(ours, backward, dy, arrays, value, options)
    texts, given = split_options(options)
    reference, their_note = keras_values(
        "compare",
        {"function": theirs, "options": texts},
        {"input": arrays, **given, "cotangent": dy},
        functools.partial(function_values, theirs, arrays, dy, options),
        recordable=isinstance(theirs, str),
    )
    slopes = reference["gradients"]
    rows = [compare_arrays("value", value, reference["value"][0], rtol, atol)]
    names = _argument_names(forward, len(arrays))
    for name, gradient, slope in zip(names, gradients, slopes, strict=False):
        if gradient is not None:
            rows.append(compare_arrays(f"gradient of {name}", gradient, slope, rtol, atol))
    title = title or f"{_name(ours)} against {_name(theirs)}"
    if len(rows) == 1:
        note += " Values only: there is no derivative to compare."
    return Report(title, rows, f"{note} {their_note}".strip())


def layer(
    layer,
    input_shape,
    rng,
    training=False,
    *,
    inputs=None,
    twin=None,
    rtol=None,
    atol=None,
    title=None,
    keras_options=None,
    **options,
):
    """Compare a layer with its Keras twin: output, gradients of inputs and parameters, and state.

    All weights, the inputs and the cotangents are random.

    Parameters
    ----------
    layer : Layer
        Built here in float64 if it is not built yet. Its weights are overwritten.
    input_shape : tuple of int, or a list of such tuples for a layer with several inputs
        With the batch axis, all lengths different, so that no swapped axis can hide.
    rng : numpy.random.Generator
    training : bool
        Passed to both.
    inputs : ndarray or tuple of ndarray, optional
        Instead of random normal ones, for instance integer tokens.
    twin : keras.layers.Layer, optional
        Instead of the one :func:`keras_twin` builds.
    rtol, atol : float
        How closely the two must agree. Unless given, 1e-10 and 1e-12, or as far as a constant
        allows that Keras rounds to float32.
    title : str, optional
    keras_options : dict, optional
        Keyword arguments for Keras' call where they differ from ours.
    **options
        Keyword arguments for our forward and, unless `keras_options` is given, for Keras' call,
        such as ``mask`` or ``initial_state``. A dropout mask is handed to the twin by itself.

    Returns
    -------
    Report
    """
    rtol, atol, note = tolerance(layer, rtol, atol)
    several = isinstance(input_shape, list)
    shapes = input_shape if several else [input_shape]
    if not layer.built:
        batchless = [(None, *shape[1:]) for shape in shapes]
        layer.build(batchless if several else batchless[0], rng, dtype=np.float64)
    randomise_weights(layer, rng)
    weights = layer.get_weights()
    if inputs is None:
        inputs = [rng.standard_normal(shape) for shape in shapes]
    xs = [_as_float64(x, keep_integers=True) for x in as_list(inputs)]

    ys = as_list(layer.forward(xs if several else xs[0], training=training, **options))
    state = [value.copy() for value in layer.state.values()]
    dys = [rng.standard_normal(y.shape) for y in ys]
    cotangent = dys if len(dys) > 1 else dys[0]
    dxs = [None if dx is None else np.array(dx) for dx in as_list(layer.backward(cotangent))]
    grads = {name: np.array(value) for name, value in layer.grads.items()}
    layer.backward_params(cotangent)
    grads_alone = [np.array(value) for value in layer.grads.values()]

    theirs, their_note = _twin_values(
        layer,
        twin,
        {"input": xs, "weight": weights, "drawn at random": drawn(layer), "cotangent": dys},
        options if keras_options is None else keras_options,
        several=several,
        training=training,
    )
    reference, slopes = theirs["outputs"], theirs["gradients of weights"]
    pairs = [(f"output{_number(i, ys)}", y, r) for i, (y, r) in enumerate(_zip(ys, reference))]
    for i, (dx, slope) in enumerate(_zip(dxs, theirs["gradients of inputs"])):
        if xs[i].dtype.kind == "f" and dx is not None:
            pairs.append((f"gradient of input{_number(i, xs)}", dx, slope))
    for name, slope in _zip(layer.params, slopes):
        pairs.append((f"gradient of {name}", grads[name], slope))
    if grads:
        flat = [np.concatenate([np.ravel(g) for g in gs]) for gs in (grads_alone, slopes)]
        pairs.append(("gradients without the input's", *flat))
    for name, value, reference_value in _zip(layer.state, state, theirs["state"]):
        pairs.append((f"{name} afterwards", value, reference_value))
    rules = _weight_rule_pairs(layer, theirs)
    rows = [compare_arrays(*pair, rtol, atol) for pair in pairs + rules]
    announced = layer.compute_output_shape(list(shapes) if several else tuple(shapes[0]))
    if not several and len(ys) == 1:
        rows.append(compare_arrays("announced shape", announced[1:], ys[0].shape[1:], 0, 0))
    note = f"{note} {their_note}".strip()
    return Report(title or f"layers.{describe(layer)} against Keras", rows, note)


def _twin_values(layer, twin, inputs, options, *, several, training):
    """Return what the Keras twin of a layer computes of the inputs, and a note."""
    texts, given = split_options(options)
    about = {"layer": describe(layer), "training": training, "options": texts}
    compute = functools.partial(layer_values, layer, twin, inputs, several, training, options)
    return keras_values("layer", about, {**inputs, **given}, compute, recordable=twin is None)


def _weight_rule_pairs(layer, theirs):
    """Return the penalty, its gradients and the constrained weights, with the twin's."""
    if "penalty" not in theirs:
        return []
    before = {name: value.copy() for name, value in layer.params.items()}
    pairs = [("penalty", layer.penalty(), theirs["penalty"][0])]
    layer.grads = {name: np.zeros_like(value) for name, value in before.items()}
    layer.add_penalty_gradients()
    layer.apply_constraints()
    lists = theirs["gradients of the penalty"], theirs["constrained"]
    for (name, value), slope, allowed in zip(before.items(), *lists, strict=True):
        pairs.append((f"gradient of the penalty by {name}", layer.grads[name], slope))
        pairs.append((f"{name} with its constraint", layer.params[name].copy(), allowed))
        layer.params[name][...] = value
    return pairs


def loss(loss, y_true, y_pred, sample_weight=None, *, rtol=None, atol=None, title=None):
    """Compare a loss object with its Keras twin: the loss and its gradient by `y_pred`.

    Parameters
    ----------
    loss : Loss
        With the reduction "none", the gradient is that of the sum.
    y_true, y_pred : array_like
        As the loss takes them.
    sample_weight : array_like, optional
    rtol, atol : float
        How closely the two must agree. Unless given, 1e-10 and 1e-12, or as far as a constant
        allows that Keras rounds to float32.
    title : str, optional

    Returns
    -------
    Report
    """
    rtol, atol, note = tolerance(loss, rtol, atol)
    y_true, y_pred = (_as_float64(y) for y in (y_true, y_pred))
    if sample_weight is not None:
        sample_weight = _as_float64(sample_weight)
    value = np.asarray(loss(y_true, y_pred, sample_weight))
    gradient = loss.gradient(y_true, y_pred, sample_weight)
    theirs, their_note = keras_values(
        "loss",
        {"loss": describe(loss)},
        {"y_true": y_true, "y_pred": y_pred, "sample_weight": sample_weight},
        functools.partial(loss_values, loss, y_true, y_pred, sample_weight),
    )
    rows = [
        compare_arrays("loss", value, theirs["loss"][0], rtol, atol),
        compare_arrays("gradient of y_pred", gradient, theirs["gradient"][0], rtol, atol),
    ]
    note = f"{note} {their_note}".strip()
    return Report(title or f"losses.{describe(loss)} against Keras", rows, note)


def _our_gradients(ours, backward, dy, arrays, value, options):
    """Return the gradient by each input, None where there is none, as a list."""
    if backward is not None:
        return as_list(backward(dy, *arrays))
    if hasattr(ours, "backward"):  # an ActivationPair
        return [ours.backward(dy, arrays[0], value)]
    if hasattr(ours, "gradient"):  # a loss object
        along = np.expand_dims(dy, ours.axis) if dy.ndim else dy  # with or without a reduction
        return [None, along * ours.gradient(*arrays, **options)]
    if isinstance(ours, functools.partial):
        options = {**ours.keywords, **options}
        ours = ours.func
    find = functools.partial(getattr, sys.modules.get(getattr(ours, "__module__", "")))
    name = getattr(ours, "__name__", "")
    if derivative := find(f"{name}_derivative", None):
        return [dy * derivative(*arrays, **options)]
    if through := find(f"{name}_backward", None):
        return [through(dy, value, **options)]
    if gradient := find(f"{name}_gradient", None):
        return [None, np.expand_dims(dy, options.get("axis", -1)) * gradient(*arrays, **options)]
    return []


def _as_float64(value, keep_integers=False):
    array = np.asarray(value)
    if array.dtype.kind == "b" or (keep_integers and array.dtype.kind in "iu"):
        return array
    return array.astype(np.float64)


def _zip(*lists):
    """Pair up, or say what is missing."""
    lists = [list(values) for values in lists]
    if len({len(values) for values in lists}) > 1:
        counts = " against ".join(str(len(values)) for values in lists)
        raise CrosscheckError(f"Not as many arrays as the Keras twin has: {counts}")
    return zip(*lists, strict=True)


def _number(index, values):
    return f" {index}" if len(values) > 1 else ""


def _name(function):
    if isinstance(function, str):
        return function.rpartition(".")[2]
    if isinstance(function, functools.partial):
        return _name(function.func)
    return getattr(function, "__name__", None) or getattr(function, "name", repr(function))


def _argument_names(function, count):
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some built-in functions have no signature
        names = []
    return names[:count] if len(names) >= count else [f"input {i}" for i in range(count)]
