r"""Gradients against central differences.

A gradient that was derived and coded by hand is checked by how much the result really changes:

.. math:: f'(x) = \frac{f(x+h) - f(x-h)}{2h} + O(h^2 f''') + O(\varepsilon f / h) .

The first error falls with the step h, the second, from rounding, grows as h falls. Their sum is
least near :math:`h = \varepsilon^{1/3}`, which is 6e-6 in float64, and leaves about ten correct
digits. So everything here computes in float64.

References
----------
Press et al., Numerical Recipes, 3rd ed., section 5.7; Nocedal and Wright, Numerical Optimization,
2nd ed., section 8.1.
"""

from __future__ import annotations

import numpy as np

from .crosscheck.report import Report, compare_arrays

__all__ = [
    "GradientError",
    "check_derivative",
    "check_function",
    "check_layer",
    "check_loss",
    "numerical_gradient",
]

STEP = float(np.finfo(np.float64).eps) ** (1 / 3)
RTOL, ATOL = 1e-6, 1e-8
EVERY_ENTRY_UP_TO = 64  # larger arrays are checked along random directions only
DIRECTIONS = 3


class GradientError(AssertionError):
    """A gradient disagrees with finite differences; the message says where and by how much."""


def numerical_gradient(f, x, step=STEP):
    """Gradient of a scalar function by central differences, one entry after the other.

    Parameters
    ----------
    f : callable
        Takes `x`, returns a scalar.
    x : ndarray, any shape
        Where to differentiate. Not changed.
    step : float
        Half the distance of the two points for entries up to 1, times the entry beyond.

    Returns
    -------
    ndarray, shape of `x`, float64

    References
    ----------
    Truncation leaves an error of :math:`h^2 f'''/6`, rounding one of :math:`\\varepsilon f/h`.
    """
    x = np.array(x, dtype=np.float64)  # a copy, moved in place below
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        here = x[index]
        h = step * max(1.0, abs(here))
        above, below = here + h, here - h
        x[index] = above
        f_above = _scalar(f(x))
        x[index] = below
        f_below = _scalar(f(x))
        x[index] = here
        gradient[index] = (f_above - f_below) / (above - below)  # the step as it was rounded
    return gradient


def check_function(f, gradient, x, rng, *, rtol=RTOL, atol=ATOL, title=None):
    """Check a backward function of one or several arrays with a random cotangent.

    Parameters
    ----------
    f : callable
        ``f(*x)`` returns an array or a scalar.
    gradient : callable
        ``gradient(dy, *x)`` returns the gradient of the sum of ``dy * f(*x)`` by each array of `x`:
        one array, or a tuple with one entry for each. None in it leaves that one out.
    x : ndarray or tuple of ndarray
    rng : numpy.random.Generator
        Draws the cotangent and the directions.
    rtol, atol : float
        How closely the two must agree.
    title : str, optional
        Name for the report and the error.

    Returns
    -------
    glassnet.crosscheck.Report

    Raises
    ------
    GradientError
        If a gradient is wrong, naming the array, the index and both values.
    """
    title = title or getattr(f, "__name__", "function")
    xs = [np.array(a, dtype=np.float64) for a in (x if isinstance(x, tuple) else (x,))]
    dy = rng.standard_normal(np.shape(f(*xs)))
    given = dy.copy()
    gradients = gradient(dy, *xs)
    _unchanged(dy, given, title)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    if len(gradients) > len(xs):
        raise ValueError(
            f"{title}: {len(xs)} arrays expected. Received: {len(gradients)} gradients"
        )
    check = _Check(title, lambda: np.vdot(dy, f(*xs)), rng, rtol, atol)
    for number, (array, analytic) in enumerate(zip(xs, gradients, strict=False)):
        if analytic is not None:
            check.variable(f"x{number}" if len(xs) > 1 else "x", array, analytic)
    return check.report()


def check_derivative(f, derivative, x, *, rtol=RTOL, atol=ATOL, title=None):
    """Check the derivative of an elementwise function at every entry of `x`.

    Parameters
    ----------
    f, derivative : callable
        Take `x`, return an array of its shape.
    x : ndarray, any shape
        Keep away from kinks: there the difference quotient is the mean of both slopes.
    rtol, atol : float
        How closely the two must agree.
    title : str, optional
        Name for the report and the error.

    Returns
    -------
    glassnet.crosscheck.Report

    Raises
    ------
    GradientError
        If the derivative is wrong, naming the index and both values.
    """
    title = title or getattr(f, "__name__", "function")
    x = np.array(x, dtype=np.float64)
    h = STEP * np.maximum(1.0, np.abs(x))
    above, below = x + h, x - h
    numerical = (f(above) - f(below)) / (above - below)
    analytic = _same_shape(derivative(x), x, title, "x")
    _require(title, "x", analytic, numerical, rtol, atol)
    row = compare_arrays(f"derivative, {x.size} points", analytic, numerical, rtol, atol)
    return Report(f"{title} against central differences", [row])


def check_loss(loss, y_true, y_pred, rng, sample_weight=None, *, rtol=RTOL, atol=ATOL):
    """Check ``loss.gradient`` against differences of ``loss(...)``.

    Parameters
    ----------
    loss : Loss
        An object with ``loss(y_true, y_pred, sample_weight)`` and ``loss.gradient`` of the same.
    y_true, y_pred : ndarray
        As the loss takes them. Probabilities must keep clear of 0 and 1 by more than the step.
    rng : numpy.random.Generator
        Draws the directions.
    sample_weight : ndarray, optional
    rtol, atol : float
        How closely the two must agree.

    Returns
    -------
    glassnet.crosscheck.Report

    Raises
    ------
    GradientError
        If the gradient is wrong, naming the index and both values.
    """
    title = type(loss).__name__
    y_pred = np.array(y_pred, dtype=np.float64)
    total = lambda: np.sum(loss(y_true, y_pred, sample_weight))  # noqa: E731 - reads y_pred anew
    check = _Check(title, total, rng, rtol, atol)
    check.variable("y_pred", y_pred, loss.gradient(y_true, y_pred, sample_weight))
    return check.report()


def check_layer(layer, x, rng, training=False, *, rtol=RTOL, atol=ATOL, **forward_kwargs):
    """Check ``layer.backward`` for the input and every parameter, with a random cotangent.

    Parameters
    ----------
    layer : Layer
        Built in float64; if it is not built yet, it is built here and given random parameters,
        since zero biases and unit scales hide errors.
    x : ndarray, or a tuple of ndarray for a layer with several inputs
        Integers are passed on as they are, and have no gradient.
    rng : numpy.random.Generator
        Draws parameters, cotangent and directions.
    training : bool
        Passed to ``layer.forward``; the layer's state is put back after every call.
    rtol, atol : float
        How closely the two must agree.
    **forward_kwargs
        Passed to ``layer.forward``, for instance the mask of a dropout layer. The forward pass must
        be the same every time.

    Returns
    -------
    glassnet.crosscheck.Report

    Raises
    ------
    GradientError
        If a gradient is wrong, naming the array, the index and both values.
    """
    several = isinstance(x, (tuple, list))
    xs = [_working_copy(a) for a in (x if several else (x,))]
    argument = tuple(xs) if several else xs[0]
    title = type(layer).__name__
    shapes = [(None, *a.shape[1:]) for a in xs]
    _prepare(layer, shapes if several else shapes[0], rng)
    state = {name: value.copy() for name, value in layer.state.items()}

    def forward():
        for name, value in state.items():
            layer.state[name][...] = value
        return _as_tuple(layer.forward(argument, training=training, **forward_kwargs))

    dys = [rng.standard_normal(y.shape) for y in forward()]
    given = [dy.copy() for dy in dys]
    dxs = _as_tuple(layer.backward(dys[0] if len(dys) == 1 else tuple(dys)))
    for dy, before in zip(dys, given, strict=True):
        _unchanged(dy, before, title)
    # backward may reuse its arrays at the next call
    grads = {name: np.array(value) for name, value in layer.grads.items()}
    if set(grads) != set(layer.params):
        raise GradientError(
            f"{title}: gradients of {sorted(grads)} for parameters {sorted(layer.params)}"
        )

    def weighted_sum():
        return sum(np.vdot(dy, y) for dy, y in zip(dys, forward(), strict=True))

    check = _Check(title, weighted_sum, rng, rtol, atol)
    for number, (array, dx) in enumerate(zip(xs, dxs, strict=True)):
        if array.dtype.kind == "f" and dx is not None:
            check.variable(f"input {number}" if several else "input", array, np.array(dx))
    for name, value in layer.params.items():
        check.variable(name, value, grads[name])
    forward()  # leaves the layer with the caches and the state of one call
    return check.report()


class _Check:
    """Collects the rows of one check; `total` is the scalar that is differentiated."""

    def __init__(self, title, total, rng, rtol, atol):
        self.title, self.total, self.rng = title, total, rng
        self.rtol, self.atol = rtol, atol
        self.rows = []

    def variable(self, name, array, analytic):
        """Compare `analytic` with differences of the total by `array`, which is moved in place."""
        analytic = _same_shape(analytic, array, self.title, name)
        if array.size <= EVERY_ENTRY_UP_TO:
            self._every_entry(name, array, analytic)
        else:
            self._along_directions(name, array, analytic)

    def _every_entry(self, name, array, analytic):
        start = array.copy()

        def moved(values):
            array[...] = values
            return self.total()

        numerical = numerical_gradient(moved, start)
        array[...] = start
        _require(self.title, name, analytic, numerical, self.rtol, self.atol)
        self._row(f"{name}, all {array.size} entries", analytic, numerical)

    def _along_directions(self, name, array, analytic):
        start = array.copy()
        slopes, products = [], []
        for number in range(DIRECTIONS):
            direction = self.rng.standard_normal(array.shape)
            direction /= np.linalg.norm(direction)
            array[...] = start + STEP * direction
            above = self.total()
            array[...] = start - STEP * direction
            slopes.append((above - self.total()) / (2 * STEP))
            array[...] = start
            products.append(np.vdot(analytic, direction))
            # The sum may cancel to nearly 0, so its error is judged by the gradient's length.
            allowed = self.atol + self.rtol * np.linalg.norm(analytic)
            if not abs(products[-1] - slopes[-1]) <= allowed:
                raise GradientError(
                    f"{self.title}: the gradient of {name}, shape {array.shape}, has the product "
                    f"{products[-1]:.10g} with random direction {number}, "
                    f"but the central difference along it is {slopes[-1]:.10g}"
                )
        scale = max(float(np.linalg.norm(analytic)), np.finfo(np.float64).tiny)
        self._row(
            f"{name}, {DIRECTIONS} random directions",
            np.divide(products, scale),
            np.divide(slopes, scale),
            atol=self.rtol + self.atol / scale,
        )

    def _row(self, quantity, analytic, numerical, atol=None):
        atol = self.atol if atol is None else atol
        self.rows.append(compare_arrays(quantity, analytic, numerical, self.rtol, atol))

    def report(self):
        return Report(f"{self.title} against central differences", self.rows)


def _require(title, name, analytic, numerical, rtol, atol):
    """Raise GradientError for the entry that differs most, if any does too much."""
    excess = np.abs(analytic - numerical) - (atol + rtol * np.abs(numerical))
    excess = np.where(np.isfinite(excess), excess, np.inf)
    if excess.size and excess.max() > 0:
        index = np.unravel_index(excess.argmax(), excess.shape)
        place = f"[{', '.join(str(int(i)) for i in index)}]"
        raise GradientError(
            f"{title}: the gradient of {name} at {place} is {analytic[index]:.10g}, but the "
            f"central difference is {numerical[index]:.10g} "
            f"({np.sum(excess > 0)} of {excess.size} entries differ)"
        )


def _same_shape(analytic, array, title, name):
    analytic = np.asarray(analytic, dtype=np.float64)
    if analytic.shape != array.shape:
        raise GradientError(
            f"{title}: the gradient of {name} has shape {analytic.shape}, {name} has {array.shape}"
        )
    return analytic


def _unchanged(dy, given, title):
    if not np.array_equal(dy, given):
        raise GradientError(f"{title}: backward has written into the gradient it was given")


def _prepare(layer, shape, rng):
    """Build the layer if need be, and insist on float64."""
    if not layer.built:
        layer.build(shape, rng, dtype=np.float64)
        for value in layer.params.values():
            value[...] = 0.5 * rng.standard_normal(value.shape)
    for name, value in layer.params.items():
        if value.dtype != np.float64:
            raise ValueError(
                f"Finite differences need float64. Received: {name} of dtype {value.dtype}"
            )


def _working_copy(x):
    x = np.array(x)
    return x.astype(np.float64) if x.dtype.kind == "f" else x


def _as_tuple(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _scalar(value):
    if np.size(value) != 1:
        raise ValueError(f"`f` must return a scalar. Received: shape={np.shape(value)}")
    return float(np.reshape(value, ()))
