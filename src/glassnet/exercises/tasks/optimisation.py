"""Exercises of chapter 05: steps, their length, and where they start."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _quadratic(rng, size):
    """Return the gradient of a bowl that is steeper in some directions than in others."""
    root = rng.standard_normal((size, size))
    curvature = root @ root.T / size + np.eye(size) / 2
    return lambda theta: curvature @ theta + np.sin(theta) / 4


@task(
    "optimisation.gradient_descent",
    lambda rng: [
        (_quadratic(rng, size), rng.standard_normal(size), rate, steps)
        for size, rate, steps in ((2, 0.1, 5), (4, 0.3, 3), (3, 0.05, 8))
    ],
    about="The simplest optimiser is one line, {eq}`eq-optim-gd`. Keep every point that it visits: "
    "all figures of {ref}`sec-optim-descent-lemma` are made of such paths.",
    hints=(
        "In each step ask for the gradient where you are now, not where you began.",
        "Collect the points in a list, the start first, and stack them with `np.array`.",
        "theta = theta - rate * gradient(theta) makes a new array; `-=` changes those in the list.",
    ),
)
def gradient_descent(gradient, theta, learning_rate, steps):
    """Return the points that gradient descent visits.

    Parameters
    ----------
    gradient : callable
        Takes a point, returns the gradient of the loss there.
    theta : ndarray, shape (P,)
        The start; must not be changed.
    learning_rate : float
    steps : int

    Returns
    -------
    ndarray, shape (steps + 1, P)
        The start in the first row.
    """
    path = [theta]
    for _ in range(steps):
        theta = theta - learning_rate * gradient(theta)
        path.append(theta)
    return np.array(path)


@gradient_descent.mistake("You climb. The gradient points uphill, a step is made against it.")
def _(gradient, theta, learning_rate, steps):
    path = [theta]
    for _ in range(steps):
        path.append(path[-1] + learning_rate * gradient(path[-1]))
    return np.array(path)


@gradient_descent.mistake(
    "All steps use the gradient of the start. Ask for it anew at every point."
)
def _(gradient, theta, learning_rate, steps):
    return theta - learning_rate * np.arange(steps + 1)[:, None] * gradient(theta)


@gradient_descent.mistake(
    "All rows are the last point: `-=` changed the array that stands in the list again and again."
)
def _(gradient, theta, learning_rate, steps):
    path = [theta]
    for _ in range(steps):
        theta -= learning_rate * gradient(theta)
        path.append(theta)
    return np.array(path)


@gradient_descent.mistake(
    "You have copied the start, but then every row is one and the same array, changed by `-=`."
)
def _(gradient, theta, learning_rate, steps):
    theta = theta.copy()
    for _ in range(steps):
        theta -= learning_rate * gradient(theta)
    return np.tile(theta, (steps + 1, 1))


@gradient_descent.mistake("The start is missing in your path: it belongs into the first row.")
def _(gradient, theta, learning_rate, steps):
    path = [theta]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * gradient(path[-1]))
    return np.array(path[1:])


@task(
    "optimisation.nesterov_step",
    lambda rng: [
        (rng.standard_normal(n), rng.standard_normal(n), _quadratic(rng, n), rate, mu)
        for n, rate, mu in ((3, 0.1, 0.9), (5, 0.02, 0.5), (2, 0.3, 0.8))
    ],
    about="Momentum remembers the last step; Nesterov's ball also looks where it is about to be, "
    "{eq}`eq-optim-nesterov`. {ref}`sec-optim-nesterov` shows that libraries compute the same, "
    "seen from another point.",
    hints=(
        "The velocity is what the last step was; the next begins with a share of it.",
        "Ask for the gradient at theta + momentum * velocity.",
        "The learning rate is inside the velocity: the new point is theta plus the new velocity.",
    ),
)
def nesterov_step(theta, velocity, gradient, learning_rate, momentum):
    """Return the point and the velocity after one step with Nesterov momentum.

    Parameters
    ----------
    theta : ndarray, shape (P,)
    velocity : ndarray, shape (P,)
        The last step.
    gradient : callable
        Takes a point, returns the gradient of the loss there.
    learning_rate : float
    momentum : float
        The share of the velocity that friction leaves.

    Returns
    -------
    tuple of two ndarray, shape (P,)
        Point and velocity.
    """
    g = gradient(theta + momentum * velocity)
    velocity = momentum * velocity - learning_rate * g
    return theta + velocity, velocity


@nesterov_step.mistake("This is plain momentum: the gradient is taken where the ball is now.")
def _(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity


@nesterov_step.mistake("You look ahead by the whole velocity. Friction leaves only a share of it.")
def _(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta + velocity)
    return theta + velocity, velocity


@nesterov_step.mistake("You look back instead of ahead: the sign in the gradient's argument.")
def _(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta - momentum * velocity)
    return theta + velocity, velocity


@nesterov_step.mistake(
    "The point and the velocity of the look ahead are right, but you step with the old velocity."
)
def _(theta, velocity, gradient, learning_rate, momentum):
    new = momentum * velocity - learning_rate * gradient(theta + momentum * velocity)
    return theta + velocity, new


@nesterov_step.mistake("You multiply by the rate when you step. Here it is inside the velocity.")
def _(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient(theta + momentum * velocity)
    return theta - learning_rate * velocity, velocity


@nesterov_step.mistake("The step starts at the point ahead. It starts at theta: v holds that part.")
def _(theta, velocity, gradient, learning_rate, momentum):
    ahead = theta + momentum * velocity
    velocity = momentum * velocity - learning_rate * gradient(ahead)
    return ahead + velocity, velocity


@task(
    "optimisation.adam_step",
    lambda rng: [
        (*rng.standard_normal((3, *shape)), rng.uniform(0, 2, shape), t, 0.02, b1, b2, epsilon)
        for shape, t, b1, b2, epsilon in (
            ((5,), 1, 0.9, 0.99, 1e-3),
            ((2, 3), 2, 0.8, 0.999, 0.1),
            ((4, 1), 30, 0.5, 0.9, 1e-8),
        )
    ],
    about="Two averages that start at zero, each divided by what it lacks at the beginning, "
    "{eq}`eq-optim-adam-moments` and {eq}`eq-optim-adam`; {ref}`sec-optim-bias-correction` derives "
    "the factors. All squares and roots are taken entry by entry.",
    hints=(
        "First the new m and v: a share beta of the old one, the rest of what has just come.",
        "m_hat = m / (1 - beta_1**t), v_hat likewise; m and v themselves are kept as they are.",
        "The step is learning_rate * m_hat / (sqrt(v_hat) + epsilon): epsilon outside the root.",
    ),
)
def adam_step(theta, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    """Return parameters and averages after one step of Adam.

    Parameters
    ----------
    theta, g : ndarray, any shape
        Parameters, and the gradient there.
    m, v : ndarray, same shape
        Averages of gradient and squared gradient so far, without correction.
    t : int
        The number of this step; the first is 1.
    learning_rate, beta_1, beta_2, epsilon : float

    Returns
    -------
    tuple of three ndarray, same shape
        The new `theta`, `m` and `v`.
    """
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
    m_hat, v_hat = m / (1 - beta_1**t), v / (1 - beta_2**t)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def _averages(g, m, v, t, b1, b2):
    """Return both averages, plain and corrected."""
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
    return m, v, m / (1 - b1**t), v / (1 - b2**t)


@adam_step.mistake(
    "The bias correction is missing: m and v come from zero and are still too small."
)
def _(theta, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m, v, _, _ = _averages(g, m, v, t, beta_1, beta_2)
    return theta - learning_rate * m / (np.sqrt(v) + epsilon), m, v


@adam_step.mistake("Your epsilon stands under the root. Adam adds it to the root.")
def _(theta, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m, v, m_hat, v_hat = _averages(g, m, v, t, beta_1, beta_2)
    return theta - learning_rate * m_hat / np.sqrt(v_hat + epsilon), m, v


@adam_step.mistake(
    "This is Keras' form, in one rate alpha. Its epsilon is another one than in the equation here."
)
def _(theta, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m, v, m_hat, v_hat = _averages(g, m, v, t, beta_1, beta_2)
    hat = epsilon / np.sqrt(1 - beta_2**t)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + hat), m, v


@adam_step.mistake("Your correction is one step ahead. The first step has t = 1, not 0.")
def _(theta, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m, v, m_hat, v_hat = _averages(g, m, v, t + 1, beta_1, beta_2)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake("You divide by 1 - beta in every step. The lack shrinks: beta to the power t.")
def _(theta, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m, v, m_hat, v_hat = _averages(g, m, v, 1, beta_1, beta_2)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake("Your v averages the gradient. It averages the square of the gradient.")
def _(theta, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m, _, m_hat, _ = _averages(g, m, v, t, beta_1, beta_2)
    v = beta_2 * v + (1 - beta_2) * g
    return theta - learning_rate * m_hat / (np.sqrt(v / (1 - beta_2**t)) + epsilon), m, v


@adam_step.mistake("You hand on the corrected averages. They would be corrected again and again.")
def _(theta, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m, v, m_hat, v_hat = _averages(g, m, v, t, beta_1, beta_2)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m_hat, v_hat


@adam_step.mistake("The root is missing: the step is divided by the mean square of the gradient.")
def _(theta, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m, v, m_hat, v_hat = _averages(g, m, v, t, beta_1, beta_2)
    return theta - learning_rate * m_hat / (v_hat + epsilon), m, v


@task(
    "optimisation.clip_by_global_norm",
    lambda rng: [
        ([size * rng.standard_normal(shape) for shape in shapes], limit)
        for size, shapes, limit in (
            (3.0, ((2, 3), (4,)), 1.0),
            (0.1, ((5,), (1, 2), (3, 2)), 2.0),
            (50.0, ((7,),), 0.5),
        )
    ],
    about="A single huge gradient undoes a thousand steps. Clipping by the norm of *all* gradients "
    "together keeps their direction, {eq}`eq-optim-clip`; {ref}`sec-optim-clipping` compares it "
    "with the other two ways.",
    hints=(
        "The common norm: the squares of all entries of all arrays, added up, then one root.",
        "All arrays get the same factor, limit / norm, if the norm is above the limit.",
        "limit / max(norm, limit) is that factor, and 1 for gradients that are short enough.",
    ),
)
def clip_by_global_norm(grads, limit):
    """Return gradients whose common Euclidean norm is at most `limit`.

    Parameters
    ----------
    grads : list of ndarray, any shapes
        Must not be changed.
    limit : float

    Returns
    -------
    list of ndarray, same shapes
    """
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [g * limit / max(norm, limit) for g in grads]


@clip_by_global_norm.mistake(
    "Each array is clipped by a norm of its own. That changes the proportion between the layers."
)
def _(grads, limit):
    return [g * limit / max(np.linalg.norm(g), limit) for g in grads]


@clip_by_global_norm.mistake("You make short gradients longer, too. Clipping only shortens.")
def _(grads, limit):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [g * limit / norm for g in grads]


@clip_by_global_norm.mistake("You clip each entry on its own. That turns the gradient.")
def _(grads, limit):
    return [np.clip(g, -limit, limit) for g in grads]


@clip_by_global_norm.mistake("Norms do not add up, their squares do: add first, then one root.")
def _(grads, limit):
    norm = sum(np.linalg.norm(g) for g in grads)
    return [g * limit / max(norm, limit) for g in grads]


@task(
    "optimisation.glorot_uniform",
    lambda rng: [(n, k, np.random.default_rng(n)) for n, k in ((30, 20), (4, 9), (12, 5))],
    about="At the start weights must be random, and of the right size: the variance 2 / (fan_in + "
    "fan_out) is a compromise of both passes, {eq}`eq-optim-glorot`. From a uniform distribution "
    "you have to find the limits that give it, {ref}`sec-optim-glorot`.",
    hints=(
        "A uniform distribution on [-c, c] has the variance c² / 3.",
        "Solve c² / 3 = 2 / (fan_in + fan_out) for c.",
    ),
)
def glorot_uniform(fan_in, fan_out, rng):
    """Return a kernel drawn with Glorot's variance from a uniform distribution.

    Parameters
    ----------
    fan_in, fan_out : int
        Inputs and units of the layer.
    rng : numpy.random.Generator
        Draw all numbers with a single call of its method ``uniform``.

    Returns
    -------
    ndarray, shape (fan_in, fan_out)
    """
    c = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-c, c, (fan_in, fan_out))


def _drawn(variance, fan_in, fan_out, rng):
    """Return uniform numbers of a variance."""
    return rng.uniform(-np.sqrt(3 * variance), np.sqrt(3 * variance), (fan_in, fan_out))


@glorot_uniform.mistake(
    "You use the standard deviation as the limit. That gives a third of the variance."
)
def _(fan_in, fan_out, rng):
    return _drawn(2 / 3 / (fan_in + fan_out), fan_in, fan_out, rng)


@glorot_uniform.mistake("This is He's variance, 2 / fan_in, which is meant for ReLU.")
def _(fan_in, fan_out, rng):
    return _drawn(2 / fan_in, fan_in, fan_out, rng)


@glorot_uniform.mistake("The root is missing in the limit: c² / 3, not c, is the variance.")
def _(fan_in, fan_out, rng):
    return rng.uniform(-6 / (fan_in + fan_out), 6 / (fan_in + fan_out), (fan_in, fan_out))


@glorot_uniform.mistake("All your weights are positive. They must have the mean 0.")
def _(fan_in, fan_out, rng):
    return rng.uniform(0, np.sqrt(6 / (fan_in + fan_out)), (fan_in, fan_out))
