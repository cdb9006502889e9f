"""What Keras computes when a function, a loss or a layer is compared: outputs and gradients."""

from __future__ import annotations

import functools

from .precision import exact_penalties, load_keras
from .twins import give, keras_twin

__all__ = ["as_list", "function_values", "layer_values", "loss_values"]


def function_values(theirs, arrays, dy, options):
    """Return value and gradients of a function of tensors, or of a loss object."""
    tensorflow, _ = load_keras()
    theirs = _keras_function(theirs)
    if hasattr(theirs, "from_config"):  # a loss object, which keeps the dtype it was made with
        theirs = type(theirs).from_config(theirs.get_config())
    tensors = [tensorflow.constant(array) for array in arrays]
    value, slopes = _keras_gradients(lambda: theirs(*tensors, **options), tensors, [dy])
    return {"value": value, "gradients": slopes}, ""


def _keras_function(theirs):
    """Return what a name such as ``"keras.activations.relu"`` stands for, or `theirs` itself."""
    if not isinstance(theirs, str):
        return theirs
    package, *names = theirs.split(".")
    if package != "keras" or not names:
        raise ValueError(f"A name must start with 'keras.'. Received: {theirs!r}")
    return functools.reduce(getattr, names, load_keras()[1])


def loss_values(loss, y_true, y_pred, sample_weight):
    """Return the loss of the twin and its gradient by `y_pred`, of the sum of all entries."""
    tensorflow, _ = load_keras()
    twin, tensor = keras_twin(loss), tensorflow.constant(y_pred)
    with tensorflow.GradientTape() as tape:
        tape.watch(tensor)
        value = twin(y_true, tensor, sample_weight)
        total = tensorflow.reduce_sum(value)
    slope = tape.gradient(total, tensor, unconnected_gradients="zero")
    return {"loss": [value.numpy()], "gradient": [_numpy(slope)]}, ""


def layer_values(layer, twin, inputs, several, training, options):
    """Return outputs, gradients, state and weight rules of the twin of a layer, and a note."""
    tensorflow, _ = load_keras()
    twin, xs = keras_twin(layer) if twin is None else twin, inputs["input"]
    tensors = [tensorflow.constant(x) for x in xs]
    if not twin.built:
        twin.build([x.shape for x in xs] if several else xs[0].shape)
    twin.set_weights(inputs["weight"])
    note = exact_penalties(layer, twin)
    give(twin, inputs["drawn at random"])
    given = tensors if several else tensors[0]
    call = functools.partial(twin, given, training=training, **options)
    trained = [variable.value for variable in twin.trainable_variables]
    outputs, slopes = _keras_gradients(call, tensors + trained, inputs["cotangent"])
    ruled = bool(layer.regularizers or layer.constraints)
    rules = _weight_rules(twin, ruled)
    return {
        "outputs": outputs,
        "gradients of inputs": slopes[: len(xs)],
        "gradients of weights": slopes[len(xs) :],
        "state": [variable.numpy() for variable in twin.non_trainable_weights],
        **rules,
    }, note


def _weight_rules(twin, ruled):
    """Return the penalty, its gradients and the constrained weights; nothing without rules."""
    tensorflow, _ = load_keras()
    variables = twin.trainable_variables
    if not (ruled or any(variable.regularizer or variable.constraint for variable in variables)):
        return {}
    with tensorflow.GradientTape() as tape:
        total = tensorflow.add_n([tensorflow.zeros((), tensorflow.float64), *twin.losses])
    trained = [variable.value for variable in variables]
    slopes = tape.gradient(total, trained, unconnected_gradients="zero")
    allowed = [v if v.constraint is None else v.constraint(v) for v in variables]
    return {
        "penalty": [total.numpy()],
        "gradients of the penalty": [_numpy(slope) for slope in slopes],
        "constrained": [_numpy(weight) for weight in allowed],
    }


def _keras_gradients(call, watched, dys):
    """Call, and return the outputs and the gradients of the sum of ``dy * output``, as arrays."""
    tensorflow, _ = load_keras()
    floats = [tensor for tensor in watched if tensor.dtype.is_floating]
    with tensorflow.GradientTape() as tape:
        tape.watch(floats)
        outputs = [tensorflow.convert_to_tensor(output) for output in as_list(call())]
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


def as_list(value):
    """Return a tuple or list as a list, anything else as its only element."""
    return list(value) if isinstance(value, (tuple, list)) else [value]
