"""Optimisers that give each entry of a parameter a step size of its own: Adagrad and its heirs."""

from __future__ import annotations

import numpy as np

from .._validation import real_in
from .base import Optimizer, positive_epsilon

__all__ = [
    "Adadelta",
    "Adagrad",
    "RMSprop",
    "adadelta_update",
    "adagrad_update",
    "rmsprop_update",
]


def adagrad_update(param, grad, accumulator, learning_rate, epsilon):
    """One step of Adagrad, in place: ``a ← a + g²``, ``w ← w − η g / √(a + ε)``.

    Parameters
    ----------
    param : ndarray, any shape
        The parameter w; written to.
    grad : ndarray, same shape
        The gradient g of the loss at w.
    accumulator : ndarray, same shape
        The sum a of all squared gradients; written to.
    learning_rate : float
        The step size η.
    epsilon : float
        Keeps the divisor off 0; inside the root.

    References
    ----------
    Duchi, Hazan & Singer (2011), Adaptive subgradient methods for online learning and stochastic
    optimization.
    """
    accumulator += grad**2
    param -= learning_rate * grad / np.sqrt(accumulator + epsilon)


def adadelta_update(param, grad, mean_square, mean_square_step, learning_rate, rho, epsilon):
    """One step of Adadelta, in place: the step has the unit of the parameter, whatever the loss's.

    ``s ← ρ s + (1 − ρ) g²``, ``Δ = g √(d + ε) / √(s + ε)``,
    ``d ← ρ d + (1 − ρ) Δ²``, ``w ← w − η Δ``.

    Parameters
    ----------
    param : ndarray, any shape
        The parameter w; written to.
    grad : ndarray, same shape
        The gradient g of the loss at w.
    mean_square, mean_square_step : ndarray, same shape
        The running means s of g² and d of Δ², zeros at first; written to.
    learning_rate : float
        The factor η; 1 in the paper.
    rho : float
        The share ρ of the old means that is kept, in [0, 1).
    epsilon : float
        Starts the motion and keeps the divisor off 0; inside both roots.

    References
    ----------
    Zeiler (2012), ADADELTA: an adaptive learning rate method.
    """
    mean_square *= rho
    mean_square += (1 - rho) * grad**2
    step = grad * np.sqrt(mean_square_step + epsilon) / np.sqrt(mean_square + epsilon)
    mean_square_step *= rho
    mean_square_step += (1 - rho) * step**2
    param -= learning_rate * step


def rmsprop_update(
    param, grad, mean_square, learning_rate, rho, epsilon, mean=None, velocity=None, momentum=0.0
):
    """One step of RMSprop, in place: ``s ← ρ s + (1 − ρ) g²``, ``w ← w − η g / √(s + ε)``.

    Centred (`mean` given): ``h ← ρ h + (1 − ρ) g``, and the variance s − h² replaces s in the root.
    With momentum (`velocity` given): ``u ← μ u + η g / √(s + ε)``, ``w ← w − u``.

    Parameters
    ----------
    param : ndarray, any shape
        The parameter w; written to.
    grad : ndarray, same shape
        The gradient g of the loss at w.
    mean_square : ndarray, same shape
        The running mean s of g², zeros at first; written to.
    learning_rate : float
        The step size η.
    rho : float
        The share ρ of the old means that is kept, in [0, 1).
    epsilon : float
        Keeps the divisor off 0; inside the root.
    mean : ndarray, same shape, optional
        The running mean h of g, zeros at first; written to.
    velocity : ndarray, same shape, optional
        The last step u, zeros at first; written to.
    momentum : float
        The share μ of the last step that is kept, in [0, 1].

    References
    ----------
    Hinton (2012), Neural networks for machine learning, lecture 6e; Graves (2013), Generating
    sequences with recurrent neural networks, eq. 38 to 45, for the centred form.
    """
    mean_square *= rho
    mean_square += (1 - rho) * grad**2
    scale = mean_square
    if mean is not None:
        mean *= rho
        mean += (1 - rho) * grad
        scale = np.maximum(mean_square - mean**2, 0)  # rounding may leave a variance below 0
    step = learning_rate * grad / np.sqrt(scale + epsilon)
    if velocity is not None:
        velocity *= momentum
        velocity += step
        step = velocity
    param -= step


class Adagrad(Optimizer):
    """Step sizes that fall with the sum of squared gradients; twin of ``keras.optimizers.Adagrad``.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    initial_accumulator_value : float
        Where the sum of squared gradients starts, at least 0.
    epsilon : float
        Keeps the divisor off 0.
    **options
        The keyword arguments of :class:`Optimizer`.
    """

    def __init__(self, learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-7, **options):
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = real_in(
            initial_accumulator_value, "initial_accumulator_value", 0, np.inf, open_high=True
        )
        self.epsilon = positive_epsilon(epsilon)

    def make_slots(self, param):
        """Return the accumulator of one parameter, filled with its initial value."""
        return {"accumulator": np.full_like(param, self.initial_accumulator_value)}

    def update_step(self, param, grad, slots, learning_rate):
        """Update one parameter in place."""
        adagrad_update(param, grad, slots["accumulator"], learning_rate, self.epsilon)

    def get_config(self):
        """Return the constructor's arguments as Keras names them."""
        return super().get_config() | {
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }


class Adadelta(Optimizer):
    """Steps scaled by the steps before them, the twin of ``keras.optimizers.Adadelta``.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
        1.0 gives the method of the paper.
    rho : float
        Share of the running means that is kept, in [0, 1).
    epsilon : float
        Starts the motion and keeps the divisor off 0.
    **options
        The keyword arguments of :class:`Optimizer`.
    """

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-7, **options):
        super().__init__(learning_rate, **options)
        self.rho = real_in(rho, "rho", 0, 1, open_high=True)
        self.epsilon = positive_epsilon(epsilon)

    def slot_names(self):
        """Return the names of the two running means."""
        return ("mean_square", "mean_square_step")

    def update_step(self, param, grad, slots, learning_rate):
        """Update one parameter in place."""
        adadelta_update(
            param, grad, **slots, learning_rate=learning_rate, rho=self.rho, epsilon=self.epsilon
        )

    def get_config(self):
        """Return the constructor's arguments as Keras names them."""
        return super().get_config() | {"rho": self.rho, "epsilon": self.epsilon}


class RMSprop(Optimizer):
    """Steps divided by a running root mean square; the twin of ``keras.optimizers.RMSprop``.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    rho : float
        Share of the running means that is kept, in [0, 1).
    momentum : float
        Share of the last step that is kept, in [0, 1]; 0 for none.
    epsilon : float
        Keeps the divisor off 0.
    centered : bool
        Whether to divide by the standard deviation instead of the root mean square.
    **options
        The keyword arguments of :class:`Optimizer`.
    """

    def __init__(
        self,
        learning_rate=0.001,
        rho=0.9,
        momentum=0.0,
        epsilon=1e-7,
        centered=False,
        **options,
    ):
        super().__init__(learning_rate, **options)
        self.rho = real_in(rho, "rho", 0, 1, open_high=True)
        self.momentum = real_in(momentum, "momentum", 0, 1)
        self.epsilon = positive_epsilon(epsilon)
        self.centered = bool(centered)

    def slot_names(self):
        """Return the names of the running means, and of the velocity if there is momentum."""
        centred = ("mean",) if self.centered else ()
        return ("mean_square",) + centred + (("velocity",) if self.momentum else ())

    def update_step(self, param, grad, slots, learning_rate):
        """Update one parameter in place."""
        rmsprop_update(
            param,
            grad,
            **slots,
            learning_rate=learning_rate,
            rho=self.rho,
            epsilon=self.epsilon,
            momentum=self.momentum,
        )

    def get_config(self):
        """Return the constructor's arguments as Keras names them."""
        return super().get_config() | {
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
