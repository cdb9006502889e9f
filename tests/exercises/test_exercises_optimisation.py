"""Exercises of chapter 05: the references are what the package computes."""

from __future__ import annotations

import numpy as np

from glassnet import initializers, optimizers
from glassnet.exercises.task import find


def test_gradient_descent_is_the_package_s():
    task = find("optimisation.gradient_descent")
    for gradient, theta, rate, steps in task.cases():
        optimizer, here, path = optimizers.SGD(rate), theta.copy(), [theta.copy()]
        for _ in range(steps):
            optimizer.apply([gradient(here)], [here])
            path.append(here.copy())
        assert np.allclose(task.reference(gradient, theta, rate, steps), path, rtol=1e-12)


def test_nesterov_step_is_the_package_s_seen_from_the_point_ahead():
    task = find("optimisation.nesterov_step")
    for theta, velocity, gradient, rate, momentum in task.cases():
        ahead, speed = theta + momentum * velocity, velocity.copy()
        optimizers.nesterov_update(ahead, gradient(ahead), speed, rate, momentum)
        found, after = task.reference(theta, velocity, gradient, rate, momentum)
        assert np.allclose(after, speed, rtol=1e-12)
        assert np.allclose(found + momentum * after, ahead, rtol=1e-12)


def test_adam_step_is_the_package_s():
    task = find("optimisation.adam_step")
    for theta, g, m, v, t, *rates, epsilon in task.cases():
        expected = theta.copy(), m.copy(), v.copy()
        hat = epsilon * np.sqrt(1 - rates[-1] ** t)  # the package holds this one constant
        optimizers.adam_update(expected[0], g, *expected[1:], t, *rates, hat)
        found = task.reference(theta, g, m, v, t, *rates, epsilon)
        for ours, package in zip(found, expected, strict=True):
            assert np.allclose(ours, package, rtol=1e-12)


def test_clip_by_global_norm_is_the_package_s():
    task = find("optimisation.clip_by_global_norm")
    for grads, limit in task.cases():
        expected = optimizers.clip_by_global_norm(grads, limit)
        for ours, package in zip(task.reference(grads, limit), expected, strict=True):
            assert np.allclose(ours, package, rtol=1e-12)


def test_glorot_uniform_is_the_package_s():
    task = find("optimisation.glorot_uniform")
    for fan_in, fan_out, rng in task.cases():
        shape = fan_in, fan_out
        expected = initializers.GlorotUniform()(shape, np.random.default_rng(1), dtype=np.float64)
        found = task.reference(*shape, np.random.default_rng(1))
        assert np.allclose(found, expected, rtol=1e-12)
        many = task.reference(300 * fan_in, 300 * fan_out, rng)
        assert np.isclose(many.var(), 2 / (300 * (fan_in + fan_out)), rtol=0.02)
