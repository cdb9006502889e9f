"""Compare what training is made of: start values, step sizes, updates, metrics, whole runs."""

from __future__ import annotations

import functools

import numpy as np

from .descriptions import describe
from .precision import load_keras, make_exact
from .recording import keras_values
from .report import ATOL, RTOL, Report, compare_arrays
from .twins import keras_twin

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
    seed = int(rng.integers(2**31))  # also where Keras draws nothing: the generator is left alike
    theirs, note = keras_values(
        "initializer",
        {"initializer": describe(initializer), "shape": tuple(shape)},
        {},  # the distribution is that of every seed
        functools.partial(_drawn_by_keras, initializer, shape, seed),
    )
    title = title or f"initializers.{describe(initializer)} against Keras"
    if "every entry" in theirs:
        rows = [compare_arrays("every entry", ours, np.full(shape, theirs["every entry"]), 0, 0)]
    elif "products" in theirs:
        rows = _orthogonal_rows(ours, *theirs["products"], *theirs["spread"])
    elif np.prod(shape) < 10_000:
        raise ValueError(f"A distribution needs at least 10,000 draws. Received: shape={shape}")
    else:
        rows = _distribution_rows(ours, theirs)
    return Report(title, rows, note)


def _drawn_by_keras(initializer, shape, seed):
    """Return what is compared of the values that the twin of an initializer draws."""
    twin = keras_twin(initializer)
    if hasattr(twin, "seed"):
        twin.seed = seed
    values = twin(shape, dtype="float64").numpy()
    if np.ptp(values) == 0:
        return {"every entry": [values.flat[0]]}, ""
    if type(initializer).__name__ == "Orthogonal":
        return {"products": [_products(values)], "spread": [np.std(values)]}, ""
    return _distribution(values), ""


def _products(values):
    """Return those of the columns, or of the rows if there are fewer."""
    flat = values.reshape(-1, values.shape[-1])
    flat = flat if flat.shape[0] >= flat.shape[1] else flat.T
    return flat.T @ flat


def _orthogonal_rows(ours, products, spread):
    return [
        compare_arrays("products of the columns", _products(ours), products, RTOL, ATOL),
        compare_arrays("standard deviation", np.std(ours), spread, 0.05, 0),
        compare_arrays("mean", np.mean(ours), 0.0, 0, 6 * spread / np.sqrt(ours.size)),
    ]


def distribution_rows(ours, theirs):
    """Compare two large samples: moments, quantiles and bounds, up to some standard errors."""
    return _distribution_rows(ours, _distribution(theirs))


def _distribution(values):
    """Return what is compared of a large sample."""
    levels = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
    return {
        "shape": [values.shape],
        "mean": [np.mean(values)],
        "standard deviation": [np.std(values)],
        "quantiles": [np.quantile(values, levels)],
        "bounds": [np.array([values.min(), values.max()])],
    }


def _distribution_rows(ours, theirs):
    theirs = {name: values[0] for name, values in theirs.items()}
    spread, error = theirs["standard deviation"], 1 / np.sqrt(ours.size)
    tolerances = {
        "shape": (0, 0),
        "mean": (0, 7 * spread * error),
        "standard deviation": (6 * error, 0),
        "quantiles": (0, 25 * spread * error),
    }
    # A bounded distribution fills its range: both bounds are reached up to a few parts in n.
    if np.abs(theirs["bounds"] - theirs["mean"]).max() < 2.5 * spread:
        tolerances["bounds"] = (0, 50 * spread * error**2 + 1e-3 * spread)
    mine = _distribution(ours)
    return [
        compare_arrays(name, mine[name][0], theirs[name], *both)
        for name, both in tolerances.items()
    ]


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
    steps = list(steps)
    ours = [schedule(step) for step in steps]
    theirs, note = keras_values(
        "schedule",
        {"schedule": describe(schedule)},
        {"step": np.array(steps)},
        functools.partial(_rates_of_keras, schedule, steps),
    )
    row = compare_arrays(f"rate at {len(steps)} steps", ours, theirs["rates"][0], rtol, atol)
    return Report(title or f"schedules.{describe(schedule)} against Keras", [row], note)


def _rates_of_keras(schedule, steps):
    tensorflow, _ = load_keras()
    twin = keras_twin(schedule)
    note = make_exact(twin)
    steps = [tensorflow.constant(float(step), tensorflow.float64) for step in steps]
    return {"rates": [np.array([float(twin(step)) for step in steps])]}, note


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
    rtol = (RTOL if exact else 1e-5) if rtol is None else rtol
    atol = (ATOL if exact else 1e-5) if atol is None else atol
    if gradients is None:
        gradients = lambda step: [rng.standard_normal(shape) for shape in shapes]  # noqa: E731
    start = [rng.standard_normal(shape) for shape in shapes]
    given = [gradients(step) for step in range(steps)]
    about = {"optimizer": describe(optimizer), "exact": exact}
    keras_side = functools.partial(_trajectories_of_keras, optimizer, start, given, exact)
    theirs, note = keras_values(
        "optimizer",
        about,
        {"start": start, "gradient": [np.stack(of) for of in zip(*given, strict=True)]},
        keras_side,
    )
    params, ours = [value.copy() for value in start], [[] for _ in shapes]
    for grads in given:
        optimizer.apply([grad.copy() for grad in grads], params)
        for trajectory, param in zip(ours, params, strict=True):
            trajectory.append(param.copy())
    optimizer.finalize(params)
    rows = []
    for words, mine, key in (
        (f"{steps} steps", ours, "trajectories"),
        ("final", params, "final"),
    ):
        for i, pair in enumerate(zip(mine, theirs[key], strict=True)):
            rows.append(compare_arrays(f"parameter {i} {shapes[i]}, {words}", *pair, rtol, atol))
    return Report(title or f"optimizers.{describe(optimizer)} against Keras", rows, note)


def _trajectories_of_keras(optimizer, start, given, exact):
    """Return the values of every parameter after every step, and after `finalize`; and a note."""
    tensorflow, keras = load_keras()
    variables = [keras.Variable(value, dtype="float64") for value in start]
    twin = keras_twin(optimizer)
    twin.build(variables)
    note = make_exact(twin) if exact else ""
    step = tensorflow.function(lambda grads: twin.apply(grads, variables))
    trajectories = [[] for _ in variables]
    for grads in given:
        step([tensorflow.constant(grad) for grad in grads])
        for trajectory, variable in zip(trajectories, variables, strict=True):
            trajectory.append(variable.numpy())
    twin.finalize_variable_values(variables)
    final = [variable.numpy() for variable in variables]
    return {"trajectories": [np.stack(each) for each in trajectories], "final": final}, note


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
    theirs, note = keras_values(
        "metric",
        {"metric": describe(metric)},
        {"batch": batches},
        functools.partial(_results_of_keras, metric, batches),
    )
    ours = _results(metric, batches)
    number = f"after {len(batches)} batches, each time"
    rows = [
        compare_arrays(number, ours[:-1], theirs["results"][0], rtol, atol),
        compare_arrays("after a reset", ours[-1], theirs["after a reset"][0], rtol, atol),
    ]
    return Report(title or f"metrics.{describe(metric)} against Keras", rows, note)


def _results(metric, batches):
    """Return the result after each batch; the last one comes once more, after a reset.

    Nothing of before may be left then.
    """
    results = []
    for i, batch in enumerate([*batches, batches[-1]]):
        if i == len(batches):
            metric.reset_state()
        metric.update_state(*batch)
        results.append(metric.result())
    return results


def _results_of_keras(metric, batches):
    results = [np.asarray(result) for result in _results(keras_twin(metric), batches)]
    return {"results": [np.stack(results[:-1])], "after a reset": results[-1:]}, ""
