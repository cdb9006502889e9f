"""Train a model here and in Keras from the same weights, and compare the whole run."""

from __future__ import annotations

import numpy as np

from .precision import exact_penalties, float64, load_keras, make_exact, tolerance
from .report import CrosscheckError, Report, compare_arrays
from .twins import hand_over, keras_twin, randomise_weights

__all__ = ["fit", "model"]

_RUN_RTOL, _RUN_ATOL = 1e-8, 1e-10  # rounding grows from step to step


def model(
    sequential,
    x,
    y,
    *,
    steps=20,
    batch_size=16,
    rng=None,
    sample_weight=None,
    exact=True,
    rtol=None,
    atol=None,
    title=None,
):
    """Train a model and its Keras twin from the same weights on the same batches and masks.

    Parameters
    ----------
    sequential : Sequential or Functional
        Built in float64 and compiled with an optimizer that has taken no step. It is trained.
    x, y : ndarray
        The data, from which every step draws a batch without repetition.
    steps : int
    batch_size : int
    rng : numpy.random.Generator, optional
        Draws the batches, and random weights to start from; if not given, batches come from a fixed
        seed and the weights are the model's own.
    sample_weight : ndarray, optional
    exact : bool
        As for :func:`optimizer`.
    rtol, atol : float, optional
        How closely the two must agree. 1e-8 and 1e-10 unless given.
    title : str, optional

    Returns
    -------
    Report
        The loss of every step, the predictions after the last one, and every weight.
    """
    tensorflow, _ = load_keras()
    rtol, atol, note = _run_tolerance(sequential, rtol, atol)
    if rng is None:
        rng = np.random.default_rng(0)
    else:
        for layer in sequential.layers:
            randomise_weights(layer, rng)
    ours, theirs = [], []
    with float64():
        twin = _exact_twin(sequential)
        loss = keras_twin(sequential.loss)
        optimizer = keras_twin(sequential.optimizer)
        optimizer.build(twin.trainable_variables)
        note = f"{note} {make_exact(optimizer) if exact else ''}".strip()

        def their_step(x, y, weight):
            with tensorflow.GradientTape() as tape:
                value = loss(y, twin(x, training=True), weight)
                value = tensorflow.add_n([value, *twin.losses])  # the penalties on weights
            variables = twin.trainable_variables
            grads = tape.gradient(value, [variable.value for variable in variables])
            # That of a lookup comes in slices, whose squares Keras would add up one by one.
            grads = [tensorflow.convert_to_tensor(grad) for grad in grads]
            optimizer.apply(grads, variables)
            return value

        their_step = tensorflow.function(their_step)
        for _ in range(steps):
            batch = rng.permutation(len(x))[:batch_size]
            weight = None if sample_weight is None else sample_weight[batch]
            logs = sequential.train_on_batch(x[batch], y[batch], sample_weight=weight)
            ours.append(logs["loss"])
            for layer, layer_twin in zip(sequential.layers, _layers(twin), strict=True):
                hand_over(layer, layer_twin)
            theirs.append(their_step(*map(_tensor, (x[batch], y[batch], weight))).numpy())
        end = _end_of_run(sequential, twin, x, rng)
    rows = [compare_arrays(f"loss of each of {steps} steps", ours, theirs, rtol, atol)]
    rows += [compare_arrays(*pair, rtol, atol) for pair in end]
    return Report(
        title or f"models.{type(sequential).__name__} against Keras, step by step", rows, note
    )


def fit(sequential, x, y, *, rtol=None, atol=None, title=None, **options):
    """Compare the histories of ``fit``, here and in Keras, from the same weights.

    Parameters
    ----------
    sequential : Sequential or Functional
        Built in float64 and compiled with an optimizer that has taken no step. It is trained.
        Its layers must not draw at random.
    x, y : ndarray
    rtol, atol : float, optional
        How closely the two must agree. 1e-8 and 1e-10 unless given.
    title : str, optional
    **options
        For both ``fit``: epochs, batch size, validation, weights. The samples are not shuffled.

    Returns
    -------
    Report
        One row for each quantity of the history, over all epochs, and the end of the run.
    """
    load_keras()
    rtol, atol, note = _run_tolerance(sequential, rtol, atol)
    options = {"verbose": 0, "shuffle": False, **options}
    with float64():
        twin = _exact_twin(sequential)
        optimizer = keras_twin(sequential.optimizer)
        optimizer.build(twin.trainable_variables)
        note = f"{note} {make_exact(optimizer)}".strip()
        twin.compile(
            optimizer,
            keras_twin(sequential.loss),
            metrics=[keras_twin(metric) for metric in sequential._metrics.values()],
            run_eagerly=True,
        )
        theirs = twin.fit(x, y, **options).history
        ours = sequential.fit(x, y, **options).history
        end = _end_of_run(sequential, twin, x, np.random.default_rng(0))
    if set(ours) != set(theirs):
        raise CrosscheckError(f"History of {sorted(ours)} against {sorted(theirs)} of Keras")
    pairs = [(f"{name} of each epoch", ours[name], theirs[name]) for name in theirs]
    rows = [compare_arrays(*pair, rtol, atol) for pair in pairs + end]
    return Report(title or f"models.{type(sequential).__name__} against Keras, fit", rows, note)


def _exact_twin(sequential):
    """Return the twin of a model, with the strengths of its penalties in float64."""
    twin = keras_twin(sequential)
    for layer, layer_twin in zip(sequential.layers, _layers(twin), strict=True):
        exact_penalties(layer, layer_twin)
    return twin


def _end_of_run(sequential, twin, x, rng):
    """Return predictions, the gradient of the input, and every weight, with the twin's."""
    tensorflow, _ = load_keras()
    tensor = tensorflow.constant(x)
    if not tensor.dtype.is_floating:  # tokens have no gradient
        pairs = [("predictions afterwards", sequential.predict(x), twin(tensor).numpy())]
        return pairs + _weights_afterwards(sequential, twin)
    with tensorflow.GradientTape() as tape:
        tape.watch(tensor)
        predictions = twin(tensor, training=False)
        dy = rng.standard_normal(predictions.shape)
        total = tensorflow.reduce_sum(predictions * dy)
    slope = tape.gradient(total, tensor, unconnected_gradients="zero").numpy()
    pairs = [("predictions afterwards", sequential.predict(x), predictions.numpy())]
    sequential.forward(x)
    pairs.append(("gradient of the input afterwards", sequential.backward(dy), slope))
    return pairs + _weights_afterwards(sequential, twin)


def _weights_afterwards(sequential, twin):
    ours, theirs = sequential.get_weights(), twin.get_weights()
    if len(ours) != len(theirs):
        raise CrosscheckError(f"{len(ours)} weights against {len(theirs)} of Keras")
    return [
        (f"weight {i} {b.shape} afterwards", a, b)
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True))
    ]


def _layers(twin):
    """The layers of a Keras model but the one that stands for its input."""
    return [layer for layer in twin.layers if type(layer).__name__ != "InputLayer"]


def _tensor(array):
    tensorflow, _ = load_keras()
    return None if array is None else tensorflow.constant(array)


def _run_tolerance(sequential, rtol, atol):
    """As `tolerance`, but wider, since rounding grows from step to step."""
    wide, wide_atol, note = tolerance(sequential, None, None)
    loss_rtol, loss_atol, loss_note = tolerance(sequential.loss, None, None)
    rtol = max(_RUN_RTOL, wide, loss_rtol) if rtol is None else rtol
    atol = max(_RUN_ATOL, wide_atol, loss_atol) if atol is None else atol
    return rtol, atol, f"{note} {loss_note}".strip()
