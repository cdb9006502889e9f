"""Exercises of the chapter on unsupervised learning: each reference against the package."""

from __future__ import annotations

import numpy as np
from exercise_cases import each_case

from glassnet import layers, models, unsupervised
from glassnet.exercises.task import tasks_of

TASKS = tasks_of("unsupervised")


def test_pca_error_is_that_of_the_package():
    for (x, m), answer in each_case("unsupervised.pca_error"):
        pca = unsupervised.PCA(m).fit(x)
        there_and_back = pca.inverse_transform(pca.transform(x))
        np.testing.assert_allclose(answer, np.mean((there_and_back - x) ** 2), atol=1e-20)


def test_denoising_error_is_that_of_an_autoencoder_of_the_package():
    for (x, keep, encoder, decoder), answer in each_case("unsupervised.denoising_error"):
        net = models.Autoencoder(
            [layers.Dense(encoder.shape[1], use_bias=False)],
            [layers.Dense(x.shape[1], use_bias=False)],
            corruption=lambda x, rng, keep=keep: x * keep,
        )
        net.build((None, x.shape[1]), np.random.default_rng(0), np.float64)
        net.compile("sgd", "mean_squared_error")
        net.set_weights([encoder, decoder])
        loss = net.train_on_batch(x)["loss"]
        np.testing.assert_allclose(answer, loss, rtol=1e-12)


def test_denoising_error_is_tried_with_entries_kept_and_spoilt():
    for (_, keep, *_), _ in each_case("unsupervised.denoising_error"):
        assert 0 < keep.sum() < keep.size


def test_free_energy_is_that_of_the_package():
    for case, answer in each_case("unsupervised.free_energy"):
        np.testing.assert_allclose(answer, models.free_energy(*case), rtol=1e-12)


def test_free_energy_sums_over_the_hidden_states():
    (v, kernel, a, b), answer = each_case("unsupervised.free_energy")[0]
    h = models.binary_states(len(b))
    minus_energy = (v @ a)[:, np.newaxis] + h @ b + v @ kernel @ h.T
    np.testing.assert_allclose(answer, -np.log(np.exp(minus_energy).sum(axis=1)), rtol=1e-12)


def test_contrastive_divergence_has_the_phases_of_the_package():
    for (v, chains, kernel, b), answer in each_case("unsupervised.contrastive_divergence"):
        positive, negative = (
            models.boltzmann.mean_statistics(rows, models.hidden_probabilities(rows, kernel, b))
            for rows in (v, chains)
        )
        np.testing.assert_allclose(answer, positive["kernel"] - negative["kernel"], rtol=1e-12)


def test_contrastive_divergence_tends_to_the_likelihood_gradient():
    (v, _, kernel, b), _ = each_case("unsupervised.contrastive_divergence")[0]
    a, rng = np.zeros(len(kernel)), np.random.default_rng(0)
    states = models.binary_states(len(a))
    p = np.exp(models.log_likelihood(states, kernel, a, b))
    chains = states[rng.choice(len(states), 200_000, p=p / p.sum())]
    answer = TASKS["unsupervised.contrastive_divergence"].reference(v, chains, kernel, b)
    exact = models.likelihood_gradient(v, kernel, a, b)["kernel"]
    np.testing.assert_allclose(answer, exact, atol=0.01)


def test_log_partition_is_that_of_the_package():
    for case, answer in each_case("unsupervised.log_partition"):
        np.testing.assert_allclose(answer, models.log_partition(*case), rtol=1e-12)
