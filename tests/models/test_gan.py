"""Adversarial networks and their theory: contract, bad input, who learns from what."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import callbacks, gradcheck, layers, models, optimizers
from glassnet.activations import sigmoid
from glassnet.models import GAN


@pytest.fixture
def rng():
    return np.random.default_rng(17)


def built(rng, dtype=np.float64, **options):
    gan = GAN(
        [layers.Dense(6, "tanh"), layers.Dense(2)],
        [layers.Dense(7, "tanh"), layers.Dense(1)],
        latent_dim=3,
    )
    gan.build(rng, dtype)
    gan.compile(**options)
    return gan


def copies(network):
    return [value.copy() for value in network.get_weights()]


def same(network, weights):
    return all(np.array_equal(a, b) for a, b in zip(network.get_weights(), weights, strict=True))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_logs(rng, dtype):
    gan, x = built(rng, dtype), rng.standard_normal((20, 2))
    history = gan.fit(x, batch_size=8, epochs=2, verbose=0).history
    assert list(history) == ["discriminator_loss", "real_score", "fake_score", "generator_loss"]
    arrays = [gan.sample(4, rng), gan.predict(gan.latent(4, rng)), gan.discriminate(x)]
    assert {each.dtype for each in [*arrays, *gan.get_weights()]} == {np.dtype(dtype)}
    assert gan.sample(4, rng).shape == (4, 2)
    assert gan.discriminate(x).shape == (20,)


def test_each_step_changes_one_network_only(rng):
    gan, x, z = built(rng), rng.standard_normal((5, 2)), rng.standard_normal((5, 3))
    before = copies(gan.generator), copies(gan.discriminator)
    gan.discriminator_step(x, z)
    assert same(gan.generator, before[0])
    assert not same(gan.discriminator, before[1])
    between = copies(gan.discriminator)
    gan.generator_step(z)
    assert same(gan.discriminator, between)
    assert not same(gan.generator, before[0])


@pytest.mark.parametrize("kind", ["non_saturating", "saturating"])
def test_each_step_goes_downhill(rng, kind):
    slow = {
        "generator_optimizer": optimizers.SGD(1e-3),
        "discriminator_optimizer": optimizers.SGD(1e-3),
    }
    gan = built(rng, **slow, generator_loss=kind)
    x, z = rng.standard_normal((50, 2)), rng.standard_normal((50, 3))
    losses = [gan.discriminator_step(x, z)["discriminator_loss"] for _ in range(5)]
    assert np.all(np.diff(losses) < 0)
    losses = [gan.generator_step(z)["generator_loss"] for _ in range(5)]
    assert np.all(np.diff(losses) < 0)


def test_the_generator_gradient_passes_the_discriminator(rng):
    gan, z = built(rng), rng.standard_normal((4, 3))

    def loss(kernel):
        gan.generator.layers[0].params["kernel"][...] = kernel
        return models.generator_loss(gan.discriminator.forward(gan.generator.forward(z)))

    kernel = gan.generator.layers[0].params["kernel"].copy()
    slopes = gradcheck.numerical_gradient(loss, kernel)
    gan.generator.layers[0].params["kernel"][...] = kernel
    gan.generator_step(z)
    np.testing.assert_allclose(
        gan.generator.layers[0].grads["kernel"], slopes, rtol=1e-6, atol=1e-9
    )


def test_a_good_discriminator_starves_the_saturating_loss():
    logits = np.array([[-12.0], [-9.0]])
    tiny = models.generator_loss_gradient(logits, saturating=True)
    assert np.abs(tiny).max() < 1e-3
    assert np.abs(models.generator_loss_gradient(logits)).min() > 0.49


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_are_stable_and_keep_the_dtype(dtype):
    logits = np.array([[-1e4], [0.0], [1e4]], dtype)
    for saturating in (False, True):
        assert np.isfinite(models.generator_loss(logits, saturating))
        assert models.generator_loss_gradient(logits, saturating).dtype == dtype
    for real in (False, True):
        assert models.discriminator_loss_gradient(logits, real).dtype == dtype
    assert np.isfinite(models.discriminator_loss(logits, logits))
    p = np.array([0.25, 0.75, 0.0], dtype)
    assert models.optimal_discriminator(p, p[::-1]).dtype == dtype
    zero = np.zeros((4, 1), dtype)
    assert models.discriminator_loss(zero, zero) == pytest.approx(2 * np.log(2))


@pytest.mark.parametrize("seed", range(5))
def test_no_discriminator_is_better_than_the_best(seed):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
    best = models.optimal_discriminator(p, q)
    value = models.value_function(best, p, q)
    assert value == pytest.approx(-np.log(4) + 2 * models.jensen_shannon(p, q), rel=1e-12)
    for _ in range(20):
        assert models.value_function(rng.uniform(0, 1, 6), p, q) < value
    assert models.value_function(models.optimal_discriminator(p, p), p, p) == pytest.approx(
        -np.log(4)
    )
    assert models.jensen_shannon(p, p) == pytest.approx(0, abs=1e-15)
    assert models.jensen_shannon(p, q) == pytest.approx(models.jensen_shannon(q, p), rel=1e-12)


def test_a_wrong_certainty_costs_everything():
    assert models.value_function([0.0, 1.0], [0.5, 0.5], [0.5, 0.5]) == -np.inf
    assert models.value_function([1.0, 0.0], [1.0, 0.0], [0.0, 1.0]) == 0.0


def test_a_trained_discriminator_comes_close_to_the_best(rng):
    """One feature, two normal distributions: D* is a sigmoid of their log ratio."""
    gan = GAN([layers.Dense(1)], [layers.Dense(16, "tanh"), layers.Dense(1)], latent_dim=1)
    gan.build(rng, np.float64)
    gan.compile(discriminator_optimizer=optimizers.Adam(0.01))
    gan.generator.set_weights([np.ones((1, 1)), np.zeros(1)])  # samples are the noise itself
    for _ in range(400):
        gan.discriminator_step(rng.normal(1, 1, (64, 1)), gan.latent(64, rng))
    grid = np.linspace(-1, 2, 7)
    p, q = np.exp(-((grid - 1) ** 2) / 2), np.exp(-(grid**2) / 2)
    found = sigmoid(gan.discriminator.forward(grid[:, None]))[:, 0]
    np.testing.assert_allclose(found, models.optimal_discriminator(p, q), atol=0.08)


def test_it_learns_where_the_data_are(rng):
    gan = built(
        rng,
        generator_optimizer=optimizers.Adam(0.01, beta_1=0.5),
        discriminator_optimizer=optimizers.Adam(0.01, beta_1=0.5),
    )
    x = rng.normal([3.0, -2.0], 0.5, (256, 2))
    gan.fit(x, batch_size=64, epochs=150, verbose=0)
    np.testing.assert_allclose(gan.sample(500, rng).mean(axis=0), [3.0, -2.0], atol=0.7)


def test_same_seed_same_run(rng):
    x, runs = rng.standard_normal((20, 2)), []
    for _ in range(2):
        gan = built(np.random.default_rng(1))
        gan.fit(x, epochs=2, verbose=0)
        runs.append(copies(gan))
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_callbacks_stop_it_and_files_keep_it(rng, tmp_path):
    gan, x = built(rng), rng.standard_normal((20, 2))

    def stop(batch, logs):
        gan.stop_training = batch == 1

    history = gan.fit(
        x, 5, 4, callbacks=[callbacks.LambdaCallback(on_train_batch_end=stop)], verbose=0
    )
    assert history.epoch == [0]
    gan.save_weights(tmp_path / "w.npz")
    other = built(rng)
    other.load_weights(tmp_path / "w.npz")
    assert same(other, copies(gan))


def test_bad_parts(rng):
    shared = layers.Dense(2)
    with pytest.raises(ValueError, match="only once"):
        GAN([shared], [shared], 3)
    with pytest.raises(ValueError, match="Received: latent_dim=0"):
        GAN([shared], [layers.Dense(1)], 0)
    gan = GAN([shared], [layers.Dense(4)], 3)
    with pytest.raises(ValueError, match=r"one logit.*Received: \(None, 4\)"):
        gan.build(rng)
    assert not gan.built
    adam = optimizers.Adam()
    with pytest.raises(ValueError, match="optimizer of its own"):
        gan.compile(adam, adam)
    with pytest.raises(ValueError, match="Received: generator_loss='wrong'"):
        gan.compile(generator_loss="wrong")


@pytest.mark.parametrize("x", [np.ones((3, 4)), np.full((3, 2), np.inf), np.empty((0, 2))])
def test_bad_data_changes_nothing(rng, x):
    gan = built(rng)
    before = copies(gan)
    for call in (gan.fit, gan.train_on_batch, gan.discriminate):
        with pytest.raises(ValueError, match="Received"):
            call(x)
    assert same(gan, before)


def test_order_of_calls(rng):
    gan = GAN([layers.Dense(2)], [layers.Dense(1)], 3)
    for call in (lambda: gan.sample(2, rng), lambda: gan.fit(np.ones((2, 2)))):
        with pytest.raises(ValueError, match="call `build` first"):
            call()
    gan.build(rng)
    with pytest.raises(ValueError, match="call `compile` first"):
        gan.fit(np.ones((2, 2)))
    with pytest.raises(TypeError, match="no targets"):
        gan.evaluate(np.ones((2, 2)))


@pytest.mark.parametrize("part", ["generator", "discriminator"])
def test_what_is_not_finite_is_named(rng, part):
    gan, x = built(rng), rng.standard_normal((4, 2))
    getattr(gan, part).layers[-1].params["bias"][...] = np.nan
    before = copies(gan)
    with pytest.raises(ValueError, match="Epoch 1, step 1: The loss of the discriminator"):
        gan.fit(x, verbose=0)
    for one, other in zip(before, gan.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "call",
    [
        lambda: models.optimal_discriminator([0.5, 0.5], [1.0]),
        lambda: models.optimal_discriminator([-0.5, 0.5], [1.0, 0.0]),
        lambda: models.value_function([0.5, 0.5], [0.5, 0.6], [0.5, 0.5]),
        lambda: models.value_function([0.5, 1.5], [0.5, 0.5], [0.5, 0.5]),
        lambda: models.value_function([0.5], [0.5, 0.5], [0.5, 0.5]),
        lambda: models.jensen_shannon([0.5, 0.5], [np.nan, 0.5]),
        lambda: models.mode_counts(np.ones((3, 2)), np.ones((4, 3)), 1.0),
        lambda: models.mode_counts(np.ones((3, 2)), np.ones((4, 2)), 0.0),
        lambda: models.modes_covered(np.ones((3, 2)), np.ones((4, 2)), 1.0, at_least=0),
    ],
)
def test_bad_arguments_of_the_theory(call):
    with pytest.raises(ValueError, match="Received"):
        call()


def test_modes_are_counted_by_the_nearest():
    centres = [[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]]
    samples = [[0.5, 0.0], [0.0, -0.5], [3.5, 0.0], [2.0, 0.0], [9.0, 9.0]]
    np.testing.assert_array_equal(models.mode_counts(samples, centres, 0.6), [2, 1, 0])
    assert models.modes_covered(samples, centres, 0.6) == 2
    assert models.modes_covered(samples, centres, 0.6, at_least=2) == 1
