"""What all optimisers share: checks, clipping, weight decay, averages, the learning rate."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from .. import schedules
from .._validation import as_float, positive_int, real_in, same_shape
from .clipping import clip_by_global_norm, clip_by_norm, clip_by_value

__all__ = ["Optimizer", "average_weights", "decay_weights"]


def decay_weights(param, weight_decay, learning_rate):
    """Shrink a parameter towards 0, in place: ``w ← w − η λ w``.

    Parameters
    ----------
    param : ndarray, any shape
        The parameter w; written to.
    weight_decay : float
        The strength λ.
    learning_rate : float
        The step size η.

    References
    ----------
    Loshchilov & Hutter (2019), Decoupled weight decay regularization.
    """
    param -= (learning_rate * weight_decay) * param


def average_weights(average, param, momentum):
    """Move a running average towards a parameter, in place: ``w̄ ← μ w̄ + (1 − μ) w``.

    Parameters
    ----------
    average : ndarray, any shape
        The average w̄; written to.
    param : ndarray, same shape
        The parameter w.
    momentum : float
        The share μ of the old average that is kept, in [0, 1].

    References
    ----------
    Polyak & Juditsky (1992), Acceleration of stochastic approximation by averaging; there all steps
    weigh the same, here the old ones fade.
    """
    average *= momentum
    average += (1 - momentum) * param


class Optimizer(ABC):
    """Update a list of parameters from a list of gradients; the base of all optimisers.

    One call of `apply` clips the gradients, lets the weights decay, makes the step of the method,
    and takes the new weights into the averages, in this order, which is Keras'.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
        A schedule is asked with `iterations`: 0 at the first step.
    weight_decay : float, optional
        Share of each weight, times the learning rate, that every step takes away.
    clipnorm : float, optional
        Greatest norm of each parameter's gradient.
    clipvalue : float, optional
        Greatest absolute value of each entry of a gradient.
    global_clipnorm : float, optional
        Greatest norm of all gradients together. At most one of the three may be given.
    use_ema : bool
        Whether to keep a running average of every parameter.
    ema_momentum : float
        Share of the old average that every step keeps, in [0, 1].
    ema_overwrite_frequency : int, optional
        Every so many steps the parameters are replaced by their averages; None: only by `finalize`.
    name : str, optional
        The class's name in small letters unless given.

    Attributes
    ----------
    iterations : int
        Number of steps made.
    slots : list of dict
        What the method remembers about each parameter: arrays of its shape and dtype. None before
        the first step.
    averages : list of ndarray
        The running averages; empty before the first step and without `use_ema`.

    Raises
    ------
    ValueError
        If a number lies outside its range, or two ways of clipping are asked at once.
    """

    def __init__(
        self,
        learning_rate,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        ema_overwrite_frequency=None,
        name=None,
    ):
        self.name = type(self).__name__.lower() if name is None else name
        self.iterations = 0
        self.slots = None
        self.averages = []
        self.learning_rate = learning_rate
        self.weight_decay = None
        if weight_decay is not None:
            self.weight_decay = real_in(weight_decay, "weight_decay", 0, np.inf, open_high=True)
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        given = {key: value for key, value in clips.items() if value is not None}
        if len(given) > 1:
            received = ", ".join(f"{key}={value!r}" for key, value in given.items())
            raise ValueError(f"At most one way of clipping may be given. Received: {received}")
        for key, value in clips.items():
            setattr(self, key, None if value is None else _positive(value, key))
        self.use_ema = bool(use_ema)
        self.ema_momentum = real_in(ema_momentum, "ema_momentum", 0, 1)
        self.ema_overwrite_frequency = None
        if ema_overwrite_frequency is not None:
            self.ema_overwrite_frequency = positive_int(
                ema_overwrite_frequency, "ema_overwrite_frequency"
            )

    @property
    def learning_rate(self):
        """Learning rate of the next step, a float; may be set to a float or a schedule."""
        if isinstance(self._learning_rate, schedules.LearningRateSchedule):
            rate = float(self._learning_rate(self.iterations))
            return real_in(rate, "learning_rate", 0, np.inf, open_high=True)
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        if not isinstance(value, schedules.LearningRateSchedule):
            value = real_in(value, "learning_rate", 0, np.inf, open_high=True)
        self._learning_rate = value

    def apply(self, grads, params):
        """Make one step.

        Parameters
        ----------
        grads : list of ndarray
            The gradient of the loss by each parameter; never written to.
        params : list of ndarray, same shapes
            The parameters, in the same order at every call; updated in place.

        Raises
        ------
        ValueError
            If the lists do not match each other or the call before, if a parameter cannot be
            written to, or a gradient is not finite. Nothing has been updated then.
        """
        grads, params = self._check(grads, params)
        learning_rate = self.learning_rate
        if self.slots is None:
            self.slots = [self.make_slots(param) for param in params]
            self._kinds = [(param.shape, param.dtype) for param in params]
        for param, grad, slots in zip(params, self._clip(grads), self.slots, strict=True):
            if self.weight_decay:
                decay_weights(param, self.weight_decay, learning_rate)
            self.update_step(param, grad, slots, learning_rate)
        self.iterations += 1
        if self.use_ema:
            self._average(params)

    def slot_names(self):
        """Return the names of the arrays that `make_slots` makes for each parameter."""
        return ()

    def make_slots(self, param):
        """Return what the method remembers about one parameter at the start: zeros of its shape."""
        return {name: np.zeros_like(param) for name in self.slot_names()}

    @abstractmethod
    def update_step(self, param, grad, slots, learning_rate):
        """Update one parameter in place; the method itself.

        Parameters
        ----------
        param, grad : ndarray, same shape and dtype
            `grad` is clipped already, and not to be written to.
        slots : dict of ndarray, same shape and dtype
            From `make_slots`; written to.
        learning_rate : float
        """

    def finalize(self, params):
        """Replace the parameters, in place, by their averages; without `use_ema` nothing happens.

        Raises
        ------
        RuntimeError
            If no step has been made, so that there are no averages.
        ValueError
            If `params` are not of the shapes that `apply` was given.
        """
        if not self.use_ema:
            return
        if self.slots is None:
            raise RuntimeError(f"{type(self).__name__}.finalize called before apply.")
        params = list(params)
        self._check_params(params)
        for param, average in zip(params, self.averages, strict=True):
            param[...] = average

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return {
            "name": self.name,
            "learning_rate": schedules.serialize(self._learning_rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
        }

    @classmethod
    def from_config(cls, config):
        """Return a new optimiser whose `get_config` is `config`."""
        return cls(**config | {"learning_rate": schedules.deserialize(config["learning_rate"])})

    def _clip(self, grads):
        if self.clipnorm is not None:
            return [clip_by_norm(grad, self.clipnorm) for grad in grads]
        if self.global_clipnorm is not None:
            return clip_by_global_norm(grads, self.global_clipnorm)
        if self.clipvalue is not None:
            return [clip_by_value(grad, self.clipvalue) for grad in grads]
        return grads

    def _average(self, params):
        if not self.averages:  # the average of one point is the point
            self.averages = [param.copy() for param in params]
        else:
            for average, param in zip(self.averages, params, strict=True):
                average_weights(average, param, self.ema_momentum)
        if self.ema_overwrite_frequency and self.iterations % self.ema_overwrite_frequency == 0:
            self.finalize(params)

    def _check(self, grads, params):
        """Return both as lists, each gradient in its parameter's dtype and in memory of its own."""
        if isinstance(grads, np.ndarray) or isinstance(params, np.ndarray):
            raise ValueError("`grads` and `params` must be lists of arrays. Received: one array")
        grads, params = list(grads), list(params)
        if len(grads) != len(params):
            raise ValueError(
                "`grads` and `params` must be equally long. "
                f"Received: {len(grads)} gradients, {len(params)} parameters"
            )
        self._check_params(params)
        written = {id(_owner(param)) for param in params}
        for index, param in enumerate(params):
            grad = as_float(grads[index], f"grads[{index}]")
            same_shape(grad, param, f"grads[{index}]", f"params[{index}]")
            # The gradient of x²/2 is x, that of xy by x is y: a step must not change what it reads.
            shared = id(_owner(grad)) in written
            with np.errstate(over="ignore"):  # found below
                grads[index] = grad = grad.astype(param.dtype, copy=shared)
            if not np.isfinite(grad).all():
                bad = grad[~np.isfinite(grad)].flat[0]
                raise ValueError(
                    f"`grads[{index}]`, of shape {grad.shape}, must be finite in {grad.dtype}. "
                    f"Received: {bad}; nothing has been updated"
                )
        return grads, params

    def _check_params(self, params):
        for index, param in enumerate(params):
            if not isinstance(param, np.ndarray) or param.dtype.kind != "f":
                kind = getattr(param, "dtype", type(param).__name__)
                raise ValueError(f"`params[{index}]` must be an array of floats. Received: {kind}")
            if not param.flags.writeable:
                raise ValueError(
                    f"`params[{index}]` must be writeable. Received: a read-only array"
                )
        if len({id(param) for param in params}) < len(params):
            raise ValueError(
                "Each parameter must be given once, with the sum of its gradients. "
                "Received: the same array twice"
            )
        kinds = [(param.shape, param.dtype) for param in params]
        if self.slots is not None and kinds != self._kinds:
            raise ValueError(
                f"`params` must have the shapes and dtypes of the first call. Received: "
                f"{_listed(kinds)}; first: {_listed(self._kinds)}"
            )


def positive_epsilon(value):
    """Return `value` as float, or raise ValueError if it is not positive and finite."""
    return _positive(value, "epsilon")


def _positive(value, name):
    return real_in(value, name, 0, np.inf, open_low=True, open_high=True)


def _owner(array):
    """Return the object whose memory `array` shows."""
    return array if array.base is None else array.base


def _listed(kinds):
    return ", ".join(f"{shape} {dtype}" for shape, dtype in kinds)
