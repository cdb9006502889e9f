"""Compare components with their Keras twins: the same float64 numbers into both, a table out."""

from __future__ import annotations

import functools
import inspect
import sys

import numpy as np

from .precision import exact_penalties, float64, load_keras, tolerance
from .report import CrosscheckError, Report, compare_arrays
from .twins import describe, hand_over, keras_twin, randomise_weights

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
    theirs : callable
        A function of tensors, from Keras or TensorFlow.
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
    tensorflow, _ = load_keras()
    rtol, atol, note = tolerance(ours, rtol, atol)
    rng = np.random.default_rng(_RESERVED_SEED) if rng is None else rng
    arrays = [_as_float64(value) for value in inputs]
    forward = ours if callable(ours) else ours.forward
    value = np.asarray(forward(*arrays, **options))
    dy = rng.standard_normal(value.shape)
    gradients = _our_gradients(ours, backward, dy, arrays, value, options)
    with float64():
        if hasattr(theirs, "from_config"):  # a loss object, which keeps the dtype it was made with
            theirs = type(theirs).from_config(theirs.get_config())
        tensors = [tensorflow.constant(array) for array in arrays]
        reference, slopes = _keras_gradients(lambda: theirs(*tensors, **options), tensors, [dy])
    rows = [compare_arrays("value", value, reference[0], rtol, atol)]
    names = _argument_names(forward, len(arrays))
    for name, gradient, slope in zip(names, gradients, slopes, strict=False):
        if gradient is not None:
            rows.append(compare_arrays(f"gradient of {name}", gradient, slope, rtol, atol))
    title = title or f"{_name(ours)} against {_name(theirs)}"
    if len(rows) == 1:
        note += " Values only: there is no derivative to compare."
    return Report(title, rows, note.strip())


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
    tensorflow, _ = load_keras()
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
    xs = [_as_float64(x, keep_integers=True) for x in _as_list(inputs)]

    ys = _as_list(layer.forward(xs if several else xs[0], training=training, **options))
    state = [value.copy() for value in layer.state.values()]
    dys = [rng.standard_normal(y.shape) for y in ys]
    cotangent = dys if len(dys) > 1 else dys[0]
    dxs = [None if dx is None else np.array(dx) for dx in _as_list(layer.backward(cotangent))]
    grads = {name: np.array(value) for name, value in layer.grads.items()}
    layer.backward_params(cotangent)
    grads_alone = [np.array(value) for value in layer.grads.values()]

    with float64():
        twin = keras_twin(layer) if twin is None else twin
        tensors = [tensorflow.constant(x) for x in xs]
        if not twin.built:
            twin.build([x.shape for x in xs] if several else xs[0].shape)
        twin.set_weights(weights)
        note = f"{note} {exact_penalties(layer, twin)}".strip()
        hand_over(layer, twin)
        call = functools.partial(
            twin,
            tensors if several else tensors[0],
            training=training,
            **(options if keras_options is None else keras_options),
        )
        trained = [variable.value for variable in twin.trainable_variables]
        reference, slopes = _keras_gradients(call, tensors + trained, dys)
        rules = _weight_rule_pairs(layer, twin)
        their_state = [variable.numpy() for variable in twin.non_trainable_weights]

    pairs = [(f"output{_number(i, ys)}", y, r) for i, (y, r) in enumerate(_zip(ys, reference))]
    for i, (dx, slope) in enumerate(_zip(dxs, slopes[: len(xs)])):
        if xs[i].dtype.kind == "f" and dx is not None:
            pairs.append((f"gradient of input{_number(i, xs)}", dx, slope))
    for name, slope in _zip(layer.params, slopes[len(xs) :]):
        pairs.append((f"gradient of {name}", grads[name], slope))
    if grads:
        flat = [
            np.concatenate([np.ravel(g) for g in gs]) for gs in (grads_alone, slopes[len(xs) :])
        ]
        pairs.append(("gradients without the input's", *flat))
    for name, value, reference_value in _zip(layer.state, state, their_state):
        pairs.append((f"{name} afterwards", value, reference_value))
    rows = [compare_arrays(*pair, rtol, atol) for pair in pairs + rules]
    announced = layer.compute_output_shape(list(shapes) if several else tuple(shapes[0]))
    if not several and len(ys) == 1:
        rows.append(compare_arrays("announced shape", announced[1:], ys[0].shape[1:], 0, 0))
    return Report(title or f"layers.{describe(layer)} against Keras", rows, note)


def _weight_rule_pairs(layer, twin):
    """Return the penalty, its gradients and the constrained weights, with the twin's."""
    tensorflow, _ = load_keras()
    variables = twin.trainable_variables
    theirs = any(variable.regularizer or variable.constraint for variable in variables)
    if not (theirs or layer.regularizers or layer.constraints):
        return []
    with tensorflow.GradientTape() as tape:
        total = tensorflow.add_n([tensorflow.zeros((), tensorflow.float64), *twin.losses])
    trained = [variable.value for variable in variables]
    slopes = tape.gradient(total, trained, unconnected_gradients="zero")
    before = {name: value.copy() for name, value in layer.params.items()}
    pairs = [("penalty", layer.penalty(), total.numpy())]
    layer.grads = {name: np.zeros_like(value) for name, value in before.items()}
    layer.add_penalty_gradients()
    layer.apply_constraints()
    for (name, value), variable, slope in zip(before.items(), variables, slopes, strict=True):
        allowed = variable if variable.constraint is None else variable.constraint(variable)
        pairs.append((f"gradient of the penalty by {name}", layer.grads[name], slope.numpy()))
        pairs.append((f"{name} with its constraint", layer.params[name].copy(), _numpy(allowed)))
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
    tensorflow, _ = load_keras()
    rtol, atol, note = tolerance(loss, rtol, atol)
    y_true, y_pred = (_as_float64(y) for y in (y_true, y_pred))
    if sample_weight is not None:
        sample_weight = _as_float64(sample_weight)
    value = np.asarray(loss(y_true, y_pred, sample_weight))
    gradient = loss.gradient(y_true, y_pred, sample_weight)
    with float64():
        twin = keras_twin(loss)
        tensor = tensorflow.constant(y_pred)
        reference, slopes = _keras_gradients(
            lambda: twin(y_true, tensor, sample_weight), [tensor], [np.ones(value.shape)]
        )
    rows = [
        compare_arrays("loss", value, reference[0], rtol, atol),
        compare_arrays("gradient of y_pred", gradient, slopes[0], rtol, atol),
    ]
    return Report(title or f"losses.{describe(loss)} against Keras", rows, note)


def _our_gradients(ours, backward, dy, arrays, value, options):
    """Return the gradient by each input, None where there is none, as a list."""
    if backward is not None:
        return _as_list(backward(dy, *arrays))
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


def _keras_gradients(call, watched, dys):
    """Call, and return the outputs and the gradients of the sum of ``dy * output``, as arrays."""
    tensorflow, _ = load_keras()
    floats = [tensor for tensor in watched if tensor.dtype.is_floating]
    with tensorflow.GradientTape() as tape:
        tape.watch(floats)
        outputs = [tensorflow.convert_to_tensor(output) for output in _as_list(call())]
        total = tensorflow.add_n(
            [
                tensorflow.reduce_sum(output * tensorflow.cast(dy, output.dtype))
                for output, dy in zip(outputs, dys, strict=True)
                if output.shape == dy.shape  # others make a row that differs
            ]
            or [tensorflow.zeros((), tensorflow.float64)]
        )
    slopes = iter(tape.gradient(total, floats, unconnected_gradients="zero"))
    gradients = [_numpy(next(slopes)) if t.dtype.is_floating else None for t in watched]
    return [output.numpy() for output in outputs], gradients


def _numpy(gradient):
    tensorflow, _ = load_keras()
    return tensorflow.convert_to_tensor(gradient).numpy()  # that of a gather comes in slices


def _as_float64(value, keep_integers=False):
    array = np.asarray(value)
    if array.dtype.kind == "b" or (keep_integers and array.dtype.kind in "iu"):
        return array
    return array.astype(np.float64)


def _as_list(value):
    return list(value) if isinstance(value, (tuple, list)) else [value]


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
    if isinstance(function, functools.partial):
        return _name(function.func)
    return getattr(function, "__name__", None) or getattr(function, "name", repr(function))


def _argument_names(function, count):
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some built-in functions have no signature
        names = []
    return names[:count] if len(names) >= count else [f"input {i}" for i in range(count)]
