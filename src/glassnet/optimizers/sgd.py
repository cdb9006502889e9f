"""Gradient descent, plain and with the two kinds of momentum."""

from __future__ import annotations

from .._validation import real_in
from .base import Optimizer

__all__ = ["SGD", "momentum_update", "nesterov_update", "sgd_update"]


def sgd_update(param, grad, learning_rate):
    """One step against the gradient, in place: ``w ← w − η g``.

    Parameters
    ----------
    param : ndarray, any shape
        The parameter w; written to.
    grad : ndarray, same shape
        The gradient g of the loss at w.
    learning_rate : float
        The step size η.

    References
    ----------
    Robbins & Monro (1951), A stochastic approximation method.
    """
    param -= learning_rate * grad


def momentum_update(param, grad, velocity, learning_rate, momentum):
    """One step of the heavy ball, in place: ``u ← μ u − η g``, ``w ← w + u``.

    Parameters
    ----------
    param : ndarray, any shape
        The parameter w; written to.
    grad : ndarray, same shape
        The gradient g of the loss at w.
    velocity : ndarray, same shape
        The last step u, zeros at first; written to.
    learning_rate : float
        The step size η.
    momentum : float
        The share μ of the last step that is kept, in [0, 1].

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods.
    """
    velocity *= momentum
    velocity -= learning_rate * grad
    param += velocity


def nesterov_update(param, grad, velocity, learning_rate, momentum):
    """One step of Nesterov's momentum, in place: ``u ← μ u − η g``, ``w ← w + μ u − η g``.

    What is stored as w is the point ahead, ``θ + μ u``, at which the method asks for the gradient.

    Parameters
    ----------
    param : ndarray, any shape
        The parameter w; written to.
    grad : ndarray, same shape
        The gradient g of the loss at w.
    velocity : ndarray, same shape
        The last step u of θ, zeros at first; written to.
    learning_rate : float
        The step size η.
    momentum : float
        The share μ of the last step that is kept, in [0, 1].

    References
    ----------
    Nesterov (1983), A method for solving the convex programming problem with convergence rate
    O(1/k²); Sutskever, Martens, Dahl & Hinton (2013), On the importance of initialization and
    momentum in deep learning, for the form with a velocity.
    """
    velocity *= momentum
    velocity -= learning_rate * grad
    param += momentum * velocity - learning_rate * grad


class SGD(Optimizer):
    """Stochastic gradient descent, the twin of ``keras.optimizers.SGD``.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    momentum : float
        Share of the last step that is kept, in [0, 1]; 0 for plain gradient descent.
    nesterov : bool
        Whether the momentum is Nesterov's; without effect if `momentum` is 0.
    **options
        The keyword arguments of :class:`Optimizer`.
    """

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, **options):
        super().__init__(learning_rate, **options)
        self.momentum = real_in(momentum, "momentum", 0, 1)
        self.nesterov = bool(nesterov)

    def slot_names(self):
        """Return ``("velocity",)`` with momentum, else nothing."""
        return ("velocity",) if self.momentum else ()

    def update_step(self, param, grad, slots, learning_rate):
        """Update one parameter in place."""
        if not self.momentum:
            sgd_update(param, grad, learning_rate)
        elif self.nesterov:
            nesterov_update(param, grad, slots["velocity"], learning_rate, self.momentum)
        else:
            momentum_update(param, grad, slots["velocity"], learning_rate, self.momentum)

    def get_config(self):
        """Return the constructor's arguments as Keras names them."""
        return super().get_config() | {"momentum": self.momentum, "nesterov": self.nesterov}
