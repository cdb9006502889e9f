"""A pole on a cart, to be kept upright by pushes to the left and to the right.

The same numbers as Gymnasium's ``CartPole-v1``, step for step, in NumPy alone.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int
from glassnet.rl.environments import Environment, Step
from glassnet.rl.vector import VectorEnvironment, VectorStep

__all__ = [
    "CartPole",
    "VectorCartPole",
    "cart_pole_accelerations",
    "cart_pole_failed",
    "cart_pole_step",
]

GRAVITY = 9.8  # m/s²
CART_MASS = 1.0  # kg
POLE_MASS = 0.1  # kg
TOTAL_MASS = POLE_MASS + CART_MASS
HALF_LENGTH = 0.5  # m, from the joint to the pole's centre of mass
FORCE = 10.0  # N, of a push
SECONDS = 0.02  # between two decisions
TRACK = 2.4  # m, from the centre to either end
ANGLE = 12 * 2 * np.pi / 360  # rad, beyond which the pole counts as fallen
START = 0.05  # each of the four numbers of a start lies between minus and plus this


def cart_pole_accelerations(state, force):
    r"""Accelerations of cart and pole, from the equations of motion without friction.

    With the pole's angle :math:`\theta` from upright, the masses :math:`m_c` and :math:`m_p`, their
    sum :math:`m`, half the length of the pole :math:`l` and the force :math:`F`,

    .. math::
        u = \frac{F + m_p l\,\dot\theta^2 \sin\theta}{m}, \qquad
        \ddot\theta = \frac{g \sin\theta - u \cos\theta}
                           {l\,(\frac43 - m_p \cos^2\theta / m)}, \qquad
        \ddot x = u - \frac{m_p l\,\ddot\theta \cos\theta}{m}.

    Parameters
    ----------
    state : ndarray, shape (4, ...)
        Position (m) and velocity (m/s) of the cart, angle (rad) and angular velocity (rad/s) of
        the pole; one cart, or many along the further axes.
    force : float or ndarray, shape (...)
        On the cart, to the right, in newtons.

    Returns
    -------
    cart : ndarray, shape (...)
        In m/s².
    pole : ndarray, shape (...)
        In rad/s².

    References
    ----------
    Barto, Sutton and Anderson (1983), appendix, without their terms of friction.
    """
    _, _, angle, angular_velocity = state
    cosine, sine = np.cos(angle), np.sin(angle)
    push = (force + POLE_MASS * HALF_LENGTH * np.square(angular_velocity) * sine) / TOTAL_MASS
    pole = (GRAVITY * sine - cosine * push) / (
        HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * np.square(cosine) / TOTAL_MASS)
    )
    cart = push - POLE_MASS * HALF_LENGTH * pole * cosine / TOTAL_MASS
    return cart, pole


def cart_pole_step(state, action):
    """State 0.02 s later, by one step of Euler's method.

    Every number moves along its present slope: the positions by the old velocities, the velocities
    by the accelerations of `cart_pole_accelerations`.

    Parameters
    ----------
    state : ndarray, shape (4, ...)
        See `cart_pole_accelerations`.
    action : int or ndarray of int, shape (...)
        0 pushes to the left, 1 to the right.

    Returns
    -------
    ndarray, shape (4, ...)
    """
    _, velocity, _, angular_velocity = state
    force = np.where(action == 1, FORCE, -FORCE).astype(state.dtype)
    cart, pole = cart_pole_accelerations(state, force)
    return state + SECONDS * np.stack([velocity, cart, angular_velocity, pole])


def cart_pole_failed(state):
    """Whether the pole leans more than 12 degrees or the cart is more than 2.4 m off the centre.

    Parameters
    ----------
    state : ndarray, shape (4, ...)

    Returns
    -------
    bool or ndarray of bool, shape (...)
    """
    return (np.abs(state[0]) > TRACK) | (np.abs(state[2]) > ANGLE)


class CartPole(Environment):
    """One cart, the twin of Gymnasium's ``CartPole-v1``.

    An observation holds position and velocity of the cart, angle and angular velocity of the pole.
    Action 0 pushes to the left, 1 to the right. Every step earns 1, the one at which the pole falls
    or the cart leaves the track included. That ends the episode (terminated); so does the limit of
    steps (truncated), without the pole having fallen.

    Parameters
    ----------
    max_steps : int
        Length of the longest episode.
    dtype : numpy dtype
        Kind of float of the observations. The state itself is always computed in float64.

    Attributes
    ----------
    state : ndarray, shape (4,), or None
        In float64; None before the first `reset`.

    References
    ----------
    Barto, Sutton and Anderson (1983), Neuronlike adaptive elements that can solve difficult
    learning control problems.
    """

    num_actions = 2
    observation_shape = (4,)

    def __init__(self, max_steps=500, dtype=np.float32):
        self.max_steps = positive_int(max_steps, "max_steps")
        self.dtype = np.dtype(dtype)
        self.state, self.steps, self._running = None, 0, False

    def reset(self, rng):
        """Put the cart near the centre and the pole nearly upright; return the observation."""
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"`rng` must be a numpy.random.Generator. Received: rng={rng!r}")
        return self.start(rng.uniform(-START, START, 4))

    def start(self, state):
        """Begin an episode in the given state, shape (4,); return the observation."""
        state = np.array(state, np.float64)
        if state.shape != (4,) or not np.isfinite(state).all():
            raise ValueError(f"`state` must hold 4 finite numbers. Received: state={state!r}")
        self.state, self.steps, self._running = state, 0, True
        return self.state.astype(self.dtype)

    def step(self, action):
        """Push for 0.02 s.

        Parameters
        ----------
        action : int
            0 or 1.

        Returns
        -------
        Step

        Raises
        ------
        ValueError
            If the action is neither 0 nor 1.
        RuntimeError
            If no episode is under way.
        """
        if not self._running:
            raise RuntimeError("CartPole: step called without an episode; reset it.")
        if (
            isinstance(action, bool)
            or not isinstance(action, (int, np.integer))
            or action not in (0, 1)
        ):
            raise ValueError(f"`action` must be 0 or 1. Received: action={action!r}")
        self.state = cart_pole_step(self.state, action)
        self.steps += 1
        terminated = bool(cart_pole_failed(self.state))
        truncated = self.steps >= self.max_steps
        self._running = not (terminated or truncated)
        return Step(self.state.astype(self.dtype), 1.0, terminated, truncated)


class VectorCartPole(VectorEnvironment):
    """Many carts that move at the same time, in a fraction of the time of one after the other.

    Parameters
    ----------
    num_environments : int
        Number of carts.
    max_steps, dtype
        See `CartPole`.

    Attributes
    ----------
    state : ndarray, shape (4, num_environments)
        In float64; a column for each cart.
    """

    num_actions = 2
    observation_shape = (4,)

    def __init__(self, num_environments, max_steps=500, dtype=np.float32):
        self.num_environments = positive_int(num_environments, "num_environments")
        self.max_steps = positive_int(max_steps, "max_steps")
        self.dtype = np.dtype(dtype)
        self.state = self.steps = None

    def begin(self, rng):
        """Return the first observations, shape (carts, 4)."""
        self.state = rng.uniform(-START, START, (4, self.num_environments))
        self.steps = np.zeros(self.num_environments, np.int64)
        return self._observation()

    def advance(self, actions, rng):
        """Push every cart for 0.02 s; return a `VectorStep`."""
        self.state = cart_pole_step(self.state, actions)
        self.steps += 1
        next_observation = self._observation()
        terminated, truncated = cart_pole_failed(self.state), self.steps >= self.max_steps
        ended = terminated | truncated
        if ended.any():
            self.state[:, ended] = rng.uniform(-START, START, (4, np.count_nonzero(ended)))
            self.steps[ended] = 0
        reward = np.ones(self.num_environments, np.float64)
        return VectorStep(self._observation(), reward, terminated, truncated, next_observation)

    def _observation(self):
        return np.ascontiguousarray(self.state.T, self.dtype)
