"""Which hyper-parameters to try: all combinations, or random ones."""

from __future__ import annotations

import itertools
import math

import numpy as np

from glassnet._validation import positive_int, real_in
from glassnet.data.preparation import as_generator

__all__ = ["ParameterGrid", "ParameterSampler", "integers", "log_uniform", "uniform"]


class ParameterGrid:
    """All combinations of the values of some parameters.

    Iterating gives one dict for each, the names in sorted order, the last of them changing fastest.

    Parameters
    ----------
    grid : dict of str to sequence, or a list of such dicts
        The values to try for each parameter; several dicts are gone through one after the other.

    Raises
    ------
    ValueError
        If a parameter has no values, or a string in place of them.
    """

    def __init__(self, grid):
        self.grids = [grid] if isinstance(grid, dict) else list(grid)
        for each in self.grids:
            if not isinstance(each, dict):
                raise ValueError(f"`grid` must be a dict of lists. Received: {each!r}")
            for name, values in each.items():
                _check_values(name, values)

    def __iter__(self):
        for grid in self.grids:
            names = sorted(grid)
            for values in itertools.product(*(grid[name] for name in names)):
                yield dict(zip(names, values, strict=True))

    def __len__(self):
        return sum(math.prod(map(len, grid.values())) for grid in self.grids)


class ParameterSampler:
    """Random combinations of the values of some parameters.

    If all parameters have lists, every combination comes at most once. The combinations are drawn
    when the sampler is made; iterating gives the same ones every time.

    Parameters
    ----------
    distributions : dict of str to sequence or callable
        Of each parameter, a list of equally likely values, or a function ``rng -> value`` such as
        `log_uniform` makes.
    n_iter : int
        How many combinations.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If there are not as many combinations of lists, or an argument does not fit.

    References
    ----------
    Bergstra and Bengio (2012), Random search (``bergstra2012random``).
    """

    def __init__(self, distributions, n_iter, rng):
        if not isinstance(distributions, dict):
            raise ValueError(f"`distributions` must be a dict. Received: {distributions!r}")
        n_iter, rng = positive_int(n_iter, "n_iter"), as_generator(rng)
        for name, source in distributions.items():
            if not callable(source):
                _check_values(name, source)
        if any(map(callable, distributions.values())):
            self.drawn = [
                {name: _draw(distributions[name], rng) for name in sorted(distributions)}
                for _ in range(n_iter)
            ]
        else:
            self.drawn = _without_repetition(ParameterGrid(distributions), n_iter, rng)

    def __iter__(self):
        return iter([dict(params) for params in self.drawn])

    def __len__(self):
        return len(self.drawn)


def uniform(low, high):
    """Return a function that draws a float, all of [low, high) equally likely.

    Parameters
    ----------
    low, high : float
        With ``low < high``.

    Returns
    -------
    callable
        ``rng -> float``.
    """
    low, high = _interval(low, high)
    return lambda rng: float(rng.uniform(low, high))


def log_uniform(low, high):
    """Return a function that draws a float whose logarithm is uniform.

    Each power of ten gets its share: right where the order of magnitude is in question, as with
    learning rates.

    Parameters
    ----------
    low, high : float
        With ``0 < low < high``.

    Returns
    -------
    callable
        ``rng -> float``, in [low, high].

    References
    ----------
    Bergstra and Bengio (2012), Random search (``bergstra2012random``).
    """
    low, high = _interval(real_in(low, "low", 0, open_low=True), high)
    start, stop = math.log(low), math.log(high)
    return lambda rng: min(max(math.exp(rng.uniform(start, stop)), low), high)  # despite rounding


def integers(low, high):
    """Return a function that draws an int from `low` to `high`, both included.

    Parameters
    ----------
    low, high : int
        With ``low < high``.

    Returns
    -------
    callable
        ``rng -> int``.
    """
    for name, value in (("low", low), ("high", high)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            raise ValueError(f"`{name}` must be an integer. Received: {name}={value!r}")
    _interval(low, high)
    return lambda rng: int(rng.integers(low, high, endpoint=True))


def _interval(low, high):
    low = real_in(low, "low", open_low=True, open_high=True)
    return low, real_in(high, "high", low, open_low=True, open_high=True)


def _check_values(name, values):
    if isinstance(values, str) or not hasattr(values, "__len__") or len(values) == 0:
        raise ValueError(
            f"Each parameter needs a list of values, at least one. Received: {name}={values!r}"
        )


def _draw(source, rng):
    return source(rng) if callable(source) else source[rng.integers(len(source))]


def _without_repetition(grid, n_iter, rng):
    if n_iter > len(grid):
        raise ValueError(
            f"There are only {len(grid)} combinations of these lists. Received: n_iter={n_iter}"
        )
    combinations = list(grid)
    return [combinations[i] for i in rng.choice(len(grid), n_iter, replace=False)]
