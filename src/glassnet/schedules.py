"""Learning-rate schedules: the rate as a function of the step; step 0 is the first update."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_left

import numpy as np

from ._validation import lookup, positive_int, real_in

__all__ = [
    "SCHEDULES",
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "LinearWarmup",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]


class LearningRateSchedule(ABC):
    """What every schedule is: a function of the step, and the arguments that fix it.

    A schedule of your own derives from this class and defines `rate`.

    Parameters
    ----------
    name : str, optional
        The class's name unless given.
    """

    def __init__(self, name=None):
        self.name = type(self).__name__ if name is None else name

    def __call__(self, step):
        """Return `rate` of update number `step`, counted from 0, as a float.

        Raises
        ------
        ValueError
            If `step` is not a finite number of at least 0.
        """
        return float(self.rate(real_in(step, "step", 0, np.inf, open_high=True)))

    @abstractmethod
    def rate(self, step):
        """Return the learning rate at `step`; the formula of the schedule."""

    def get_config(self):
        """Return the constructor's arguments as a dict; a schedule among them, serialised."""
        return {key: serialize(value) for key, value in vars(self).items()}

    @classmethod
    def from_config(cls, config):
        """Return the schedule whose `get_config` is `config`."""
        return cls(**{key: deserialize(value) for key, value in config.items()})


class ExponentialDecay(LearningRateSchedule):
    """Multiply the rate by `decay_rate` in every `decay_steps` steps.

    ``rate = initial_learning_rate · decay_rate^(step / decay_steps)``.

    Parameters
    ----------
    initial_learning_rate : float
        The rate at step 0.
    decay_steps : int
        Steps that one factor takes.
    decay_rate : float
        The factor, at least 0.
    staircase : bool
        Whether the exponent is rounded down, so that the rate falls in stairs.
    """

    def __init__(self, initial_learning_rate, decay_steps, decay_rate, staircase=False, name=None):
        super().__init__(name)
        self.initial_learning_rate = _nonnegative(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = positive_int(decay_steps, "decay_steps")
        self.decay_rate = _nonnegative(decay_rate, "decay_rate")
        self.staircase = bool(staircase)

    def rate(self, step):
        periods = step / self.decay_steps
        if self.staircase:
            periods = math.floor(periods)
        return self.initial_learning_rate * self.decay_rate**periods


class InverseTimeDecay(LearningRateSchedule):
    """Divide the rate by a number that grows linearly with the step.

    ``rate = initial_learning_rate / (1 + decay_rate · step / decay_steps)``.

    Parameters
    ----------
    initial_learning_rate : float
        The rate at step 0.
    decay_steps : int
        Steps after which the divisor has grown by `decay_rate`.
    decay_rate : float
        Growth of the divisor, at least 0.
    staircase : bool
        Whether ``step / decay_steps`` is rounded down.

    References
    ----------
    Robbins & Monro (1951), A stochastic approximation method: rates that fall like 1/step, whose
    sum diverges while the sum of their squares converges.
    """

    def __init__(self, initial_learning_rate, decay_steps, decay_rate, staircase=False, name=None):
        super().__init__(name)
        self.initial_learning_rate = _nonnegative(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = positive_int(decay_steps, "decay_steps")
        self.decay_rate = _nonnegative(decay_rate, "decay_rate")
        self.staircase = bool(staircase)

    def rate(self, step):
        periods = step / self.decay_steps
        if self.staircase:
            periods = math.floor(periods)
        return self.initial_learning_rate / (1 + self.decay_rate * periods)


class PolynomialDecay(LearningRateSchedule):
    """Lead the rate from its start to its end along a power of the steps that remain.

    ``rate = (initial − end) · (1 − step / decay_steps)^power + end``, and `end_learning_rate` from
    `decay_steps` on.

    Parameters
    ----------
    initial_learning_rate : float
        The rate at step 0.
    decay_steps : int
        Steps to the end.
    end_learning_rate : float
        The rate at the end.
    power : float
        1 for a straight line; larger falls early, smaller falls late. At least 0.
    cycle : bool
        Whether, instead of staying at the end, the decay is stretched to the next multiple of
        `decay_steps`: the rate jumps up after each multiple and falls to the end again.
    """

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        end_learning_rate=0.0001,
        power=1.0,
        cycle=False,
        name=None,
    ):
        super().__init__(name)
        self.initial_learning_rate = _nonnegative(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = positive_int(decay_steps, "decay_steps")
        self.end_learning_rate = _nonnegative(end_learning_rate, "end_learning_rate")
        self.power = _nonnegative(power, "power")
        self.cycle = bool(cycle)

    def rate(self, step):
        decay_steps = self.decay_steps
        if self.cycle:
            decay_steps *= max(1, math.ceil(step / decay_steps))
        remaining = 1 - min(step, decay_steps) / decay_steps
        fall = self.initial_learning_rate - self.end_learning_rate
        return fall * remaining**self.power + self.end_learning_rate


class CosineDecay(LearningRateSchedule):
    """Lead the rate down along half a period of the cosine, after a linear warm-up if one is asked.

    ``rate = start · ((1 − alpha) · (1 + cos(π · step / decay_steps)) / 2 + alpha)``, where start is
    `initial_learning_rate`. With a `warmup_target` the rate first rises to it in a straight line
    during `warmup_steps`; then start is the target, and the decay counts its steps from there.

    Parameters
    ----------
    initial_learning_rate : float
        The rate at step 0.
    decay_steps : int
        Steps that the decay takes, the warm-up not counted.
    alpha : float
        The rate at the end as a fraction of the start, in [0, 1].
    warmup_target : float, optional
        The rate at the end of the warm-up. None: no warm-up.
    warmup_steps : int
        Steps that the warm-up takes.

    References
    ----------
    Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts.
    """

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        alpha=0.0,
        name=None,
        warmup_target=None,
        warmup_steps=0,
    ):
        super().__init__(name)
        self.initial_learning_rate = _nonnegative(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = positive_int(decay_steps, "decay_steps")
        self.alpha = real_in(alpha, "alpha", 0, 1)
        self.warmup_target = (
            None if warmup_target is None else _nonnegative(warmup_target, "warmup_target")
        )
        self.warmup_steps = positive_int(warmup_steps, "warmup_steps") if warmup_steps else 0
        if self.warmup_steps and warmup_target is None:
            raise ValueError(
                f"`warmup_steps` needs a `warmup_target`. Received: warmup_steps={warmup_steps!r}"
            )

    def rate(self, step):
        start = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return start + (self.warmup_target - start) * step / self.warmup_steps
            start, step = self.warmup_target, step - self.warmup_steps
        return start * _cosine(min(step / self.decay_steps, 1), self.alpha)


class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decay that starts again and again, each time `t_mul` times as long.

    ``rate = initial · ((1 − alpha) · m_mul^i · (1 + cos(π · f)) / 2 + alpha)``, where i counts the
    restarts so far and f in [0, 1) is the fraction of the current period that has passed.

    Parameters
    ----------
    initial_learning_rate : float
        The rate at step 0.
    first_decay_steps : int
        Length of the first period.
    t_mul : float
        Each period's length by the one before it, at least 1.
    m_mul : float
        Each period's highest rate by the one before it, at least 0.
    alpha : float
        The lowest rate as a fraction of the initial one, in [0, 1].

    References
    ----------
    Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts.
    """

    def __init__(
        self, initial_learning_rate, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0, name=None
    ):
        super().__init__(name)
        self.initial_learning_rate = _nonnegative(initial_learning_rate, "initial_learning_rate")
        self.first_decay_steps = positive_int(first_decay_steps, "first_decay_steps")
        self.t_mul = real_in(t_mul, "t_mul", 1, np.inf, open_high=True)
        self.m_mul = _nonnegative(m_mul, "m_mul")
        self.alpha = real_in(alpha, "alpha", 0, 1)

    def rate(self, step):
        period = self.first_decay_steps
        if self.t_mul == 1:
            restarts, step = divmod(step, period)
        else:  # the periods grow geometrically, so few are passed
            restarts = 0
            while step >= period:
                restarts, step, period = restarts + 1, step - period, period * self.t_mul
        return self.initial_learning_rate * _cosine(step / period, self.alpha, self.m_mul**restarts)


class PiecewiseConstantDecay(LearningRateSchedule):
    """A constant rate on each interval between the boundaries; the step schedule.

    The rate is ``values[i]`` for ``boundaries[i-1] < step <= boundaries[i]``.

    Parameters
    ----------
    boundaries : sequence
        The last step of each interval but the last; strictly increasing, at least one.
    values : sequence
        The rate on each interval, one more than boundaries.
    """

    def __init__(self, boundaries, values, name=None):
        super().__init__(name)
        self.boundaries = list(boundaries)  # integers stay integers
        for i, boundary in enumerate(self.boundaries):
            _nonnegative(boundary, f"boundaries[{i}]")
        self.values = [_nonnegative(value, f"values[{i}]") for i, value in enumerate(values)]
        if not self.boundaries or len(self.values) != len(self.boundaries) + 1:
            raise ValueError(
                "`values` must be one longer than `boundaries`, which holds at least one step. "
                f"Received: {len(self.boundaries)} boundaries, {len(self.values)} values"
            )
        if any(
            low >= high for low, high in zip(self.boundaries, self.boundaries[1:], strict=False)
        ):
            raise ValueError(
                f"`boundaries` must increase strictly. Received: boundaries={self.boundaries}"
            )

    def rate(self, step):
        return self.values[bisect_left(self.boundaries, step)]


class LinearWarmup(LearningRateSchedule):
    """Rise from 0 to `target` in a straight line, then go on with another schedule.

    ``rate = target · step / warmup_steps`` while ``step < warmup_steps``, then
    ``after(step − warmup_steps)``. Keras has no such class; its ``CosineDecay`` can do this itself.

    Parameters
    ----------
    target : float
        The rate at the end of the warm-up.
    warmup_steps : int
        Steps that the warm-up takes.
    after : LearningRateSchedule or float, optional
        What follows, `target` unless given. A schedule counts its steps from the warm-up's end.

    References
    ----------
    Goyal et al. (2017), Accurate, large minibatch SGD: training ImageNet in 1 hour.
    """

    def __init__(self, target, warmup_steps, after=None, name=None):
        super().__init__(name)
        self.target = _nonnegative(target, "target")
        self.warmup_steps = positive_int(warmup_steps, "warmup_steps")
        after = self.target if after is None else after
        self.after = (
            after if isinstance(after, LearningRateSchedule) else _nonnegative(after, "after")
        )

    def rate(self, step):
        if step < self.warmup_steps:
            return self.target * step / self.warmup_steps
        if isinstance(self.after, LearningRateSchedule):
            return self.after(step - self.warmup_steps)
        return self.after


SCHEDULES = {
    schedule.__name__: schedule
    for schedule in (
        CosineDecay,
        CosineDecayRestarts,
        ExponentialDecay,
        InverseTimeDecay,
        LinearWarmup,
        PiecewiseConstantDecay,
        PolynomialDecay,
    )
}
"""Every schedule by the name of its class."""


def serialize(schedule):
    """Return a schedule as the dict that Keras makes of its twin; anything else as it is."""
    if not isinstance(schedule, LearningRateSchedule):
        return schedule
    return {
        "module": "keras.optimizers.schedules",
        "class_name": type(schedule).__name__,
        "config": schedule.get_config(),
        "registered_name": None,
    }


def deserialize(config):
    """Return the schedule that `serialize` made the dict `config` of; anything else as it is.

    Raises
    ------
    ValueError
        If the dict names no schedule of this module.
    """
    if not isinstance(config, dict):
        return config
    schedule = lookup(config.get("class_name"), SCHEDULES, "learning-rate schedule")
    return schedule.from_config(config["config"])


def _cosine(fraction, alpha, peak=1.0):
    """Fall from `peak` to 0 as `fraction` goes from 0 to 1, squeezed into [alpha, 1]."""
    return (1 - alpha) * peak * (1 + math.cos(math.pi * fraction)) / 2 + alpha


def _nonnegative(value, name):
    """Return `value` as a float if it is finite and not negative."""
    return real_in(value, name, 0, np.inf, open_high=True)
