"""Adam, AMSGrad and AdamW."""

from __future__ import annotations

import math

import numpy as np

from .._validation import real_in
from .base import Optimizer, positive_epsilon

__all__ = ["Adam", "AdamW", "adam_update", "amsgrad_update"]


def adam_update(param, grad, m, v, step, learning_rate, beta_1, beta_2, epsilon):
    """One step of Adam, in place.

    ``m ← β₁ m + (1 − β₁) g``, ``v ← β₂ v + (1 − β₂) g²``,
    ``w ← w − α m / (√v + ε)`` with ``α = η √(1 − β₂ᵗ) / (1 − β₁ᵗ)``.

    The factor α undoes the bias of both means towards the zeros that they start from.

    Parameters
    ----------
    param : ndarray, any shape
        The parameter w; written to.
    grad : ndarray, same shape
        The gradient g of the loss at w.
    m, v : ndarray, same shape
        The running means of g and g², zeros at first; written to.
    step : int
        The number t of this update, counted from 1.
    learning_rate : float
        The step size η.
    beta_1, beta_2 : float
        The shares of the old means that are kept, in [0, 1).
    epsilon : float
        Keeps the divisor off 0; outside the root. It is the paper's ε̂ of section 2, not the ε of
        its algorithm 1.

    References
    ----------
    Kingma & Ba (2015), Adam: a method for stochastic optimization.
    """
    part = np.empty_like(param)  # for all that lies between, so that it stays in the cache
    m *= beta_1
    m += np.multiply(grad, 1 - beta_1, out=part)
    v *= beta_2
    v += np.multiply(np.square(grad, out=part), 1 - beta_2, out=part)
    alpha = learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    divisor = np.add(np.sqrt(v, out=part), epsilon, out=part)
    param -= np.multiply(np.divide(m, divisor, out=part), alpha, out=part)


def amsgrad_update(param, grad, m, v, v_max, step, learning_rate, beta_1, beta_2, epsilon):
    """One step of AMSGrad, in place: Adam, divided by the largest v so far.

    ``m ← β₁ m + (1 − β₁) g``, ``v ← β₂ v + (1 − β₂) g²``, ``v̂ ← max(v̂, v)``,
    ``w ← w − α m / (√v̂ + ε)`` with ``α = η √(1 − β₂ᵗ) / (1 − β₁ᵗ)``.

    Parameters
    ----------
    param : ndarray, any shape
        The parameter w; written to.
    grad : ndarray, same shape
        The gradient g of the loss at w.
    m, v, v_max : ndarray, same shape
        The running means of g and g², and v̂, the largest v so far; zeros at first; written to.
    step : int
        The number t of this update, counted from 1.
    learning_rate : float
        The step size η.
    beta_1, beta_2 : float
        The shares of the old means that are kept, in [0, 1).
    epsilon : float
        Keeps the divisor off 0; outside the root.

    References
    ----------
    Reddi, Kale & Kumar (2018), On the convergence of Adam and beyond. There without the factor
    α / η; it is kept here as Keras keeps it.
    """
    m *= beta_1
    m += (1 - beta_1) * grad
    v *= beta_2
    v += (1 - beta_2) * grad**2
    np.maximum(v_max, v, out=v_max)
    alpha = learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    param -= alpha * m / (np.sqrt(v_max) + epsilon)


class Adam(Optimizer):
    """Momentum with step sizes for each entry, the twin of ``keras.optimizers.Adam``.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1, beta_2 : float
        Shares of the running means of the gradient and of its square that are kept, in [0, 1).
    epsilon : float
        Keeps the divisor off 0.
    amsgrad : bool
        Whether to divide by the largest mean square so far.
    **options
        The keyword arguments of :class:`Optimizer`.
    """

    def __init__(
        self,
        learning_rate=0.001,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        amsgrad=False,
        **options,
    ):
        super().__init__(learning_rate, **options)
        self.beta_1 = real_in(beta_1, "beta_1", 0, 1, open_high=True)
        self.beta_2 = real_in(beta_2, "beta_2", 0, 1, open_high=True)
        self.epsilon = positive_epsilon(epsilon)
        self.amsgrad = bool(amsgrad)

    def slot_names(self):
        """Return the names of the running means, and of the largest mean square for AMSGrad."""
        return ("m", "v", "v_max") if self.amsgrad else ("m", "v")

    def update_step(self, param, grad, slots, learning_rate):
        """Update one parameter in place."""
        update = amsgrad_update if self.amsgrad else adam_update
        update(
            param,
            grad,
            **slots,
            step=self.iterations + 1,
            learning_rate=learning_rate,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
        )

    def get_config(self):
        """Return the constructor's arguments as Keras names them."""
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


class AdamW(Adam):
    """Adam with decoupled weight decay, the twin of ``keras.optimizers.AdamW``.

    It differs from :class:`Adam` only in its default: there the weights do not decay. The decay
    acts on the weights themselves, not through the gradient, so Adam's divisor does not undo it.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    weight_decay : float
        Share of each weight, times the learning rate, that every step takes away.
    beta_1, beta_2 : float
        Shares of the running means of the gradient and of its square that are kept, in [0, 1).
    epsilon : float
        Keeps the divisor off 0.
    amsgrad : bool
        Whether to divide by the largest mean square so far.
    **options
        The keyword arguments of :class:`Optimizer`.

    References
    ----------
    Loshchilov & Hutter (2019), Decoupled weight decay regularization.
    """

    def __init__(
        self,
        learning_rate=0.001,
        weight_decay=0.004,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        amsgrad=False,
        **options,
    ):
        if weight_decay is None:
            raise ValueError("`weight_decay` must be a real number. Received: weight_decay=None")
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options
        )
