"""Compare what training is made of: start values, step sizes, updates, metrics, whole runs."""

from __future__ import annotations

import numpy as np

from .precision import float64, load_keras, make_exact
from .report import ATOL, RTOL, Report, compare_arrays
from .twins import describe, keras_twin

__all__ = ["initializer", "metric", "optimizer", "schedule"]


def initializer(initializer, shape, rng, *, title=None):
    """Compare an initializer with its Keras twin by the distribution of what it draws.

    Parameters
    ----------
    initializer : Initializer
    shape : tuple of int
        Large, at least some 10,000 entries, with fans that differ from each other.
    rng : numpy.random.Generator
        Ours draws from it, and so does the seed of the twin.
    title : str, optional

    Returns
    -------
    Report
        Mean, standard deviation, bounds and nine quantiles, with tolerances of some five standard
        errors; constants exactly. For an orthogonal matrix the products of its columns or rows.

    Raises
    ------
    ValueError
        If random values are asked for in too small a shape.
    """
    ours = initializer(shape, rng, np.float64)
    with float64():
        twin = keras_twin(initializer)
        if hasattr(twin, "seed"):
            twin.seed = int(rng.integers(2**31))
        theirs = twin(shape, dtype="float64").numpy()
    title = title or f"initializers.{describe(initializer)} against Keras"
    if np.ptp(theirs) == 0:
        return Report(title, [compare_arrays("every entry", ours, theirs, 0, 0)])
    if type(initializer).__name__ == "Orthogonal":
        return Report(title, _orthogonal_rows(ours, theirs))
    if theirs.size < 10_000:
        raise ValueError(f"A distribution needs at least 10,000 draws. Received: shape={shape}")
    return Report(title, distribution_rows(ours, theirs))


def _orthogonal_rows(ours, theirs):
    grams = []
    for values in (ours, theirs):
        flat = values.reshape(-1, values.shape[-1])
        flat = flat if flat.shape[0] >= flat.shape[1] else flat.T
        grams.append(flat.T @ flat)
    spread = float(np.std(theirs))
    return [
        compare_arrays("products of the columns", *grams, RTOL, ATOL),
        compare_arrays("standard deviation", np.std(ours), spread, 0.05, 0),
        compare_arrays("mean", np.mean(ours), 0.0, 0, 6 * spread / np.sqrt(theirs.size)),
    ]


def distribution_rows(ours, theirs):
    """Compare two large samples: moments, quantiles and bounds, up to some standard errors."""
    spread, error = np.std(theirs), 1 / np.sqrt(theirs.size)
    levels = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
    rows = [
        compare_arrays("shape", ours.shape, theirs.shape, 0, 0),
        compare_arrays("mean", np.mean(ours), np.mean(theirs), 0, 7 * spread * error),
        compare_arrays("standard deviation", np.std(ours), spread, 6 * error, 0),
        compare_arrays(
            "quantiles", *(np.quantile(a, levels) for a in (ours, theirs)), 0, 25 * spread * error
        ),
    ]
    # A bounded distribution fills its range: both bounds are reached up to a few parts in n.
    if np.abs(theirs - theirs.mean()).max() < 2.5 * spread:
        extremes = ([a.min(), a.max()] for a in (ours, theirs))
        rows.append(compare_arrays("bounds", *extremes, 0, 50 * spread * error**2 + 1e-3 * spread))
    return rows


def schedule(schedule, steps, *, rtol=RTOL, atol=ATOL, title=None):
    """Compare a learning-rate schedule with its Keras twin at every step given.

    Parameters
    ----------
    schedule : LearningRateSchedule
    steps : iterable of int
    rtol, atol : float
        How closely the two must agree.
    title : str, optional

    Returns
    -------
    Report
    """
    tensorflow, _ = load_keras()
    steps = list(steps)
    ours = [schedule(step) for step in steps]
    with float64():
        twin = keras_twin(schedule)
        note = make_exact(twin)
        theirs = [float(twin(tensorflow.constant(float(s), tensorflow.float64))) for s in steps]
    row = compare_arrays(f"rate at {len(steps)} steps", ours, theirs, rtol, atol)
    return Report(title or f"schedules.{describe(schedule)} against Keras", [row], note)


def optimizer(
    optimizer,
    shapes,
    rng,
    steps=100,
    *,
    exact=True,
    gradients=None,
    rtol=None,
    atol=None,
    title=None,
):
    """Compare an optimizer with its Keras twin over many steps on the same gradients.

    Parameters
    ----------
    optimizer : Optimizer
        A new one, with no step taken.
    shapes : list of tuple of int
        Shapes of the parameters, which start at random values.
    rng : numpy.random.Generator
    steps : int
        Every one of them is compared.
    exact : bool
        Keras converts some constants (Adam's betas in the bias correction, a schedule's first
        rate) to float32 before it computes with them in float64. True hands them over in float64,
        so that the formulas are compared to the last digits; False compares with Keras as it is.
    gradients : callable, optional
        ``gradients(step)`` returns the list of gradients; random normal if not given.
    rtol, atol : float
        How closely the two must agree. Unless given, 1e-10 and 1e-12 if `exact`, else 1e-5.
    title : str, optional

    Returns
    -------
    Report
        One row for each parameter, over its whole trajectory; if averages are kept, one for each
        of them at the end.
    """
    tensorflow, keras = load_keras()
    rtol = (RTOL if exact else 1e-5) if rtol is None else rtol
    atol = (ATOL if exact else 1e-5) if atol is None else atol
    start = [rng.standard_normal(shape) for shape in shapes]
    params = [value.copy() for value in start]
    ours, theirs = ([[] for _ in shapes] for _ in range(2))
    with float64():
        variables = [keras.Variable(value, dtype="float64") for value in start]
        twin = keras_twin(optimizer)
        twin.build(variables)
        note = make_exact(twin) if exact else ""
        their_step = tensorflow.function(lambda grads: twin.apply(grads, variables))
        for step in range(steps):
            if gradients is None:
                grads = [rng.standard_normal(shape) for shape in shapes]
            else:
                grads = gradients(step)
            optimizer.apply([g.copy() for g in grads], params)
            their_step([tensorflow.constant(g) for g in grads])
            for i, (param, variable) in enumerate(zip(params, variables, strict=True)):
                ours[i].append(param.copy())
                theirs[i].append(variable.numpy())
        optimizer.finalize(params)
        twin.finalize_variable_values(variables)
        final = [variable.numpy() for variable in variables]
    rows = [
        compare_arrays(f"parameter {i} {shape}, {steps} steps", ours[i], theirs[i], rtol, atol)
        for i, shape in enumerate(shapes)
    ]
    for i, shape in enumerate(shapes):
        rows.append(
            compare_arrays(f"parameter {i} {shape}, final", params[i], final[i], rtol, atol)
        )
    return Report(title or f"optimizers.{describe(optimizer)} against Keras", rows, note)


def metric(metric, batches, *, rtol=RTOL, atol=ATOL, title=None):
    """Compare a metric with its Keras twin after each of several batches, and after a reset.

    Parameters
    ----------
    metric : Metric
        A new one.
    batches : list of tuple
        Arguments of ``update_state``: ``(y_true, y_pred)`` or ``(y_true, y_pred, sample_weight)``.
    rtol, atol : float
        How closely the two must agree.
    title : str, optional

    Returns
    -------
    Report
    """
    ours, theirs = [], []
    with float64():
        twin = keras_twin(metric)
        # The last batch comes once more, after a reset: nothing of before may be left.
        for i, batch in enumerate([*batches, batches[-1]]):
            if i == len(batches):
                metric.reset_state()
                twin.reset_state()
            metric.update_state(*batch)
            twin.update_state(*batch)
            ours.append(metric.result())
            theirs.append(twin.result().numpy())
    rows = [
        compare_arrays(
            f"after {len(batches)} batches, each time", ours[:-1], theirs[:-1], rtol, atol
        ),
        compare_arrays("after a reset", ours[-1], theirs[-1], rtol, atol),
    ]
    return Report(title or f"metrics.{describe(metric)} against Keras", rows)
