"""Exercises of the chapter on generative models: each reference against the package."""

from __future__ import annotations

import numpy as np
from exercise_cases import each_case

from glassnet import models
from glassnet.exercises.task import tasks_of
from glassnet.gradcheck import numerical_gradient

TASKS = tasks_of("generative")


def test_optimal_discriminator_is_that_of_the_package():
    for case, answer in each_case("generative.optimal_discriminator"):
        np.testing.assert_allclose(answer, models.optimal_discriminator(*case), rtol=1e-12)


def test_optimal_discriminator_is_tried_where_both_densities_are_zero():
    assert any(np.any(p + q == 0) for (p, q), _ in each_case("generative.optimal_discriminator"))


def test_discriminator_loss_is_that_of_the_package():
    for case, answer in each_case("generative.discriminator_loss"):
        np.testing.assert_allclose(answer, models.discriminator_loss(*case), rtol=1e-12)


def test_generator_loss_gradient_is_that_of_the_package():
    for case, answer in each_case("generative.generator_loss_gradient"):
        np.testing.assert_allclose(answer, models.generator_loss_gradient(*case), rtol=1e-12)


def test_generator_loss_gradient_is_the_slope_of_the_loss():
    for (logits, saturating), answer in each_case("generative.generator_loss_gradient")[:2]:
        slope = numerical_gradient(lambda u, s=saturating: models.generator_loss(u, s), logits)
        np.testing.assert_allclose(answer, slope, atol=1e-8)


def test_jensen_shannon_is_that_of_the_package():
    for case, answer in each_case("generative.jensen_shannon"):
        np.testing.assert_allclose(answer, models.jensen_shannon(*case), rtol=1e-12)


def test_mmd_squared_is_the_mean_over_all_pairs():
    for (x, y, width), answer in each_case("generative.mmd_squared"):

        def kernel(a, b, width=width):
            return np.exp(-(np.linalg.norm(a - b) ** 2) / (2 * width**2))

        same = [[kernel(a, b) for a in c for b in c if a is not b] for c in map(list, (x, y))]
        across = [kernel(a, b) for a in x for b in y]
        mmd = np.mean(same[0]) + np.mean(same[1]) - 2 * np.mean(across)
        np.testing.assert_allclose(answer, mmd, rtol=1e-10)


def test_mmd_squared_has_the_mean_of_the_closed_form():
    def mean_kernel(mean, h=0.5):
        return np.sqrt(h**2 / (h**2 + 2)) * np.exp(-(mean**2) / (2 * (h**2 + 2)))

    rng, mmd = np.random.default_rng(0), TASKS["generative.mmd_squared"].reference
    draws = [
        mmd(rng.standard_normal((40, 1)), 0.7 + rng.standard_normal((30, 1)), 0.5)
        for _ in range(400)
    ]
    error = np.std(draws) / np.sqrt(len(draws))
    assert abs(np.mean(draws) - 2 * (mean_kernel(0) - mean_kernel(0.7))) < 3 * error


def test_diffuse_is_the_process_made_step_by_step():
    rng, beta, diffuse = (
        np.random.default_rng(0),
        np.array([0.1, 0.3, 0.2]),
        TASKS["generative.diffuse"].reference,
    )
    for t in (1, 2, 3):
        x = start = np.full((100_000, 1), 2.0)
        for b in beta[:t]:
            x = np.sqrt(1 - b) * x + np.sqrt(b) * rng.standard_normal(x.shape)
        at = np.full(len(x), t)
        once = diffuse(start, at, beta, rng.standard_normal(x.shape))
        np.testing.assert_allclose(once.mean(), x.mean(), atol=0.015)
        np.testing.assert_allclose(once.std(), x.std(), atol=0.015)
        mean = diffuse(start[:1], at[:1], beta, np.zeros((1, 1)))
        np.testing.assert_allclose(mean, 2 * np.sqrt(np.prod(1 - beta[:t])), rtol=1e-12)
