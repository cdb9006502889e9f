"""Train a model here and in Keras from the same weights, and compare the whole run.

Ours is trained first and leaves a list of what it was given and what it drew; Keras' twin is then
trained on that.
"""

from __future__ import annotations

import copy
import functools

import numpy as np

from .descriptions import describe, describe_model
from .precision import exact_penalties, load_keras, make_exact, tolerance
from .recording import keras_values, split_options
from .report import CrosscheckError, Report, compare_arrays
from .twins import drawn, give, keras_twin, randomise_weights

__all__ = ["fit", "model"]

_RUN_RTOL, _RUN_ATOL = 1e-8, 1e-10  # rounding grows from step to step
_SHOWN = 100  # samples that are compared after the run


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
        The loss of every step, the predictions for the first hundred samples after the last step,
        and every weight.
    """
    rtol, atol, note = _run_tolerance(sequential, rtol, atol)
    if rng is None:
        rng = np.random.default_rng(0)
    else:
        for layer in sequential.layers:
            randomise_weights(layer, rng)
    start = _Start(sequential)
    ours, batches, masks = [], [], []
    for _ in range(steps):
        batch = rng.permutation(len(x))[:batch_size]
        weight = None if sample_weight is None else sample_weight[batch]
        logs = sequential.train_on_batch(x[batch], y[batch], sample_weight=weight)
        ours.append(logs["loss"])
        batches.append((x[batch], y[batch], weight))
        masks.append([drawn(layer) for layer in sequential.layers])
    end, probe = _end_of_run(sequential, x, rng)
    theirs, their_note = keras_values(
        "model",
        {"model": start.text, "exact": exact},
        {
            "weight": start.weights,
            "x": np.stack([batch[0] for batch in batches]),
            "y": np.stack([batch[1] for batch in batches]),
            "sample_weight": [batch[2] for batch in batches if sample_weight is not None],
            "drawn at random": [np.stack(of) for of in _drawn_by_place(masks)],
            "x afterwards": probe[0],
            "cotangent": probe[1],
        },
        functools.partial(_steps_of_keras, start, batches, masks, probe, exact),
    )
    rows = [compare_arrays(f"loss of each of {steps} steps", ours, theirs["loss"][0], rtol, atol)]
    rows += _rows_afterwards(end, theirs, rtol, atol)
    title = title or f"models.{type(sequential).__name__} against Keras, step by step"
    return Report(title, rows, f"{note} {their_note}".strip())


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
    rtol, atol, note = _run_tolerance(sequential, rtol, atol)
    options = {"verbose": 0, "shuffle": False, **options}
    start = _Start(sequential)
    ours = sequential.fit(x, y, **options).history
    end, probe = _end_of_run(sequential, x, np.random.default_rng(0))
    texts, given = split_options(options)
    theirs, their_note = keras_values(
        "fit",
        {"model": start.text, "options": texts},
        {
            "weight": start.weights,
            "x": x,
            "y": y,
            **given,
            "x afterwards": probe[0],
            "cotangent": probe[1],
        },
        functools.partial(_fit_of_keras, start, x, y, options, probe),
    )
    prefix = "history: "
    history = {k.removeprefix(prefix): v[0] for k, v in theirs.items() if k.startswith(prefix)}
    if set(ours) != set(history):
        raise CrosscheckError(f"History of {sorted(ours)} against {sorted(history)} of Keras")
    rows = [
        compare_arrays(f"{name} of each epoch", ours[name], value, rtol, atol)
        for name, value in history.items()
    ]
    rows += _rows_afterwards(end, theirs, rtol, atol)
    title = title or f"models.{type(sequential).__name__} against Keras, fit"
    return Report(title, rows, f"{note} {their_note}".strip())


class _Start:
    """What a run begins with, of which Keras' twins are made: it is changed by the run."""

    def __init__(self, sequential):
        self.model, self.weights = sequential, sequential.get_weights()
        self.optimizer = copy.deepcopy(sequential.optimizer)
        metrics = map(describe, sequential._metrics.values())
        parts = [describe_model(sequential), describe(sequential.loss), describe(self.optimizer)]
        self.text = ", ".join([*parts, *metrics])

    def twins(self, exact=True):
        """Return Keras' model and optimizer, and a note."""
        twin = keras_twin(self.model)
        for layer, layer_twin in zip(self.model.layers, _layers(twin), strict=True):
            exact_penalties(layer, layer_twin)
        twin.set_weights(self.weights)
        optimizer = keras_twin(self.optimizer)
        optimizer.build(twin.trainable_variables)
        return twin, optimizer, make_exact(optimizer) if exact else ""


def _steps_of_keras(start, batches, masks, probe, exact):
    """Train the twin on the same batches, with the same masks."""
    tensorflow, _ = load_keras()
    twin, optimizer, note = start.twins(exact)
    loss = keras_twin(start.model.loss)

    def step(x, y, weight):
        with tensorflow.GradientTape() as tape:
            value = loss(y, twin(x, training=True), weight)
            value = tensorflow.add_n([value, *twin.losses])  # the penalties on weights
        variables = twin.trainable_variables
        grads = tape.gradient(value, [variable.value for variable in variables])
        # That of a lookup comes in slices, whose squares Keras would add up one by one.
        optimizer.apply([tensorflow.convert_to_tensor(grad) for grad in grads], variables)
        return value

    step = tensorflow.function(step)
    found = []
    for batch, of_layers in zip(batches, masks, strict=True):
        for layer_twin, values in zip(_layers(twin), of_layers, strict=True):
            give(layer_twin, values)
        tensors = [None if array is None else tensorflow.constant(array) for array in batch]
        found.append(step(*tensors).numpy())
    return {"loss": [np.array(found)], **_end_of_keras(twin, *probe)}, note


def _fit_of_keras(start, x, y, options, probe):
    """Let the twin do the same ``fit``."""
    twin, optimizer, note = start.twins()
    twin.compile(
        optimizer,
        keras_twin(start.model.loss),
        metrics=[keras_twin(metric) for metric in start.model._metrics.values()],
        run_eagerly=True,
    )
    history = twin.fit(x, y, **options).history
    values = {f"history: {name}": [np.array(each)] for name, each in history.items()}
    return {**values, **_end_of_keras(twin, *probe)}, note


def _end_of_run(sequential, x, rng):
    """Return what is compared after a run, and the samples and the cotangent it is made with."""
    x = x[:_SHOWN]
    predictions, slopes = sequential.predict(x), []
    dy = None
    if np.asarray(x).dtype.kind == "f":  # tokens have no gradient
        dy = rng.standard_normal(predictions.shape)
        sequential.forward(x)
        slopes = [sequential.backward(dy)]
    end = {"predictions": [predictions], "gradient": slopes, "weights": sequential.get_weights()}
    return end, (x, dy)


def _end_of_keras(twin, x, dy):
    tensorflow, _ = load_keras()
    tensor, slopes = tensorflow.constant(x), []
    with tensorflow.GradientTape() as tape:
        if dy is not None:
            tape.watch(tensor)
        predictions = twin(tensor, training=False)
        same = dy is not None and predictions.shape == dy.shape  # else a row that differs
        total = tensorflow.reduce_sum(predictions * dy) if same else tensorflow.zeros(())
    if dy is not None:
        slopes = [tape.gradient(total, tensor, unconnected_gradients="zero").numpy()]
    return {
        "predictions": [predictions.numpy()],
        "gradient": slopes,
        "weights": twin.get_weights(),
    }


def _rows_afterwards(ours, theirs, rtol, atol):
    """Compare predictions, the gradient of the input, and every weight."""
    weights, others = ours["weights"], theirs["weights"]
    if len(weights) != len(others):
        raise CrosscheckError(f"{len(weights)} weights against {len(others)} of Keras")
    names = {
        "predictions": ["predictions"],
        "gradient": ["gradient of the input"],
        "weights": [f"weight {i} {weight.shape}" for i, weight in enumerate(others)],
    }
    return [
        compare_arrays(f"{name} afterwards", mine, other, rtol, atol)
        for kind, named in names.items()
        for name, mine, other in zip(named, ours[kind], theirs[kind], strict=False)
    ]


def _drawn_by_place(masks):
    """Return what was drawn at each place, over all steps; not where nothing was drawn."""
    by_place = zip(*([mask for of in step for mask in of] for step in masks), strict=True)
    return [of for of in by_place if of[0] is not None]


def _layers(twin):
    """The layers of a Keras model but the one that stands for its input."""
    return [layer for layer in twin.layers if type(layer).__name__ != "InputLayer"]


def _run_tolerance(sequential, rtol, atol):
    """As `tolerance`, but wider, since rounding grows from step to step."""
    wide, wide_atol, note = tolerance(sequential, None, None)
    loss_rtol, loss_atol, loss_note = tolerance(sequential.loss, None, None)
    rtol = max(_RUN_RTOL, wide, loss_rtol) if rtol is None else rtol
    atol = max(_RUN_ATOL, wide_atol, loss_atol) if atol is None else atol
    return rtol, atol, f"{note} {loss_note}".strip()
