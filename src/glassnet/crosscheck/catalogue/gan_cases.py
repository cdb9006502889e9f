"""Generative adversarial networks, against Keras; their theory against SciPy."""

from __future__ import annotations

import copy

import numpy as np

from glassnet import layers, models, optimizers

from ..comparisons import compare
from ..precision import float64, load_keras, make_exact
from ..report import Report, compare_arrays
from ..twins import keras_twin, randomise_weights
from .generative_cases import tape_step
from .registry import case


@case(
    "models.discriminator_loss and generator_loss",
    "models.discriminator_loss",
    "models.discriminator_loss_gradient",
    "models.generator_loss",
    "models.generator_loss_gradient",
)
def _losses(rng):
    """Cross-entropies with the labels real and fake, of Keras."""
    _, keras = load_keras()
    real, fake = 3 * rng.standard_normal((7, 1)), 3 * rng.standard_normal((5, 1))

    def entropy(label, logits):
        labels = keras.ops.full_like(logits, label)
        return keras.losses.BinaryCrossentropy(from_logits=True)(labels, logits)

    reports = [
        compare(
            models.discriminator_loss,
            lambda real, fake: entropy(1.0, real) + entropy(0.0, fake),
            real,
            fake,
            backward=lambda dy, real, fake: (
                dy * models.discriminator_loss_gradient(real, real=True),
                dy * models.discriminator_loss_gradient(fake, real=False),
            ),
            title="discriminator",
            rng=rng,
        ),
        compare(
            models.generator_loss,
            lambda fake: entropy(1.0, fake),
            fake,
            backward=lambda dy, fake: dy * models.generator_loss_gradient(fake),
            title="generator",
            rng=rng,
        ),
        compare(
            lambda fake: models.generator_loss(fake, saturating=True),
            lambda fake: -entropy(0.0, fake),
            fake,
            backward=lambda dy, fake: dy * models.generator_loss_gradient(fake, saturating=True),
            title="generator, saturating",
            rng=rng,
        ),
    ]
    return Report.join("losses", reports)


@case(
    "models.value_function at the best discriminator",
    "models.optimal_discriminator",
    "models.value_function",
    "models.jensen_shannon",
)
def _value(rng):
    """Against SciPy's divergence, the identity V = -log 4 + 2 JSD, and other discriminators."""
    from scipy.optimize import minimize_scalar
    from scipy.spatial.distance import jensenshannon

    p, q = rng.dirichlet(np.ones(9)), rng.dirichlet(np.ones(9))
    p[2], q[5] = 0.0, 0.0
    p, q = p / p.sum(), q / q.sum()
    best = models.optimal_discriminator(p, q)
    found = [
        minimize_scalar(
            lambda d, a=a, b=b: -a * np.log(d) - b * np.log(1 - d),
            bounds=(1e-12, 1 - 1e-12),
            method="bounded",
            options={"xatol": 1e-12},
        ).x
        for a, b in zip(p, q, strict=True)
    ]
    d = rng.uniform(0.1, 0.9, 9)
    plain = sum(a * np.log(c) + b * np.log(1 - c) for a, b, c in zip(p, q, d, strict=True))
    divergence = jensenshannon(p, q) ** 2
    apart = np.array([0.5, 0.5, 0.0, 0.0])
    rows = [
        compare_arrays("best discriminator", best, found, 0, 1e-6),
        compare_arrays("value", models.value_function(d, p, q), plain),
        compare_arrays("divergence", models.jensen_shannon(p, q), divergence),
        compare_arrays(
            "value at best", models.value_function(best, p, q), 2 * divergence - np.log(4)
        ),
        compare_arrays("nothing in common", models.jensen_shannon(apart, apart[::-1]), np.log(2)),
        compare_arrays(
            "nothing anywhere", models.optimal_discriminator([0, 1], [0, 3]), [0.5, 0.25]
        ),
    ]
    return Report("game", rows)


@case("models.mode_counts, against SciPy", "models.mode_counts", "models.modes_covered")
def _modes(rng):
    from scipy.spatial import cKDTree

    samples, centres = rng.uniform(-1, 1, (60, 3)), rng.uniform(-1, 1, (11, 3))
    distances, nearest = cKDTree(centres).query(samples, distance_upper_bound=0.4)
    counts = [np.sum(nearest[distances < 0.4] == mode) for mode in range(11)]
    covered = sum(count >= 3 for count in counts)
    rows = [
        compare_arrays(
            "samples of each mode", models.mode_counts(samples, centres, 0.4), counts, 0, 0
        ),
        compare_arrays("modes", models.modes_covered(samples, centres, 0.4, 3), covered, 0, 0),
    ]
    return Report("modes", rows)


def _gan(rng, **options):
    gan = models.GAN(
        [layers.Dense(6, "tanh"), layers.Dense(4, "elu"), layers.Dense(2)],
        [layers.Dense(7, "tanh"), layers.Dense(3, "sigmoid"), layers.Dense(1)],
        latent_dim=5,
    )
    gan.build(rng, np.float64)
    for layer in gan.layers:
        randomise_weights(layer, rng)
    gan.compile(**options)
    return gan


def _compare_gan(gan, rng, steps=10):
    """Train a GAN and its twin on the same batches and the same noise."""
    _, keras = load_keras()
    x, ours, theirs = rng.standard_normal((steps, 9, 2)), [], []
    with float64():
        generator, discriminator = keras_twin(gan.generator), keras_twin(gan.discriminator)
        optimizer_of_d, optimizer_of_g = (keras_twin(pair[0]) for pair in gan.optimizers)
        notes = {make_exact(each) for each in (optimizer_of_d, optimizer_of_g)}
        entropy = keras.losses.BinaryCrossentropy(from_logits=True)

        def of_discriminator(x, z):
            real, fake = discriminator(x), discriminator(generator(z))
            return entropy(keras.ops.ones_like(real), real) + entropy(
                keras.ops.zeros_like(fake), fake
            )

        def of_generator(z):
            fake = discriminator(generator(z))
            if gan.saturating:
                return -entropy(keras.ops.zeros_like(fake), fake)
            return entropy(keras.ops.ones_like(fake), fake)

        step_of_d = tape_step(discriminator, optimizer_of_d, of_discriminator)
        step_of_g = tape_step(generator, optimizer_of_g, of_generator)
        for batch in x:
            replay = copy.deepcopy(rng)
            logs = gan.train_step(batch, rng)
            ours.append((logs["discriminator_loss"], logs["generator_loss"]))
            noise = replay.standard_normal((2, 9, 5))
            fake = discriminator(generator(noise[0])).numpy(), discriminator(batch).numpy()
            scores = [np.mean(1 / (1 + np.exp(-logits))) for logits in fake]
            theirs.append((step_of_d(batch, noise[0]), step_of_g(noise[1])))
        samples = generator(replay.standard_normal((8, 5))).numpy()
        judged = keras.ops.sigmoid(discriminator(samples)).numpy()[:, 0]
        weights = generator.get_weights() + discriminator.get_weights()
    drawn = gan.sample(8, rng)
    rows = [
        *map(
            compare_arrays, ("discriminator", "generator"), np.transpose(ours), np.transpose(theirs)
        ),
        compare_arrays("scores", [logs["fake_score"], logs["real_score"]], scores),
        compare_arrays("samples", drawn, samples),
        compare_arrays("judged", gan.discriminate(drawn), judged),
    ]
    rows += [
        compare_arrays(f"weight {i} {b.shape}", a, b)
        for i, (a, b) in enumerate(zip(gan.get_weights(), weights, strict=True))
    ]
    return Report("GAN", rows, " ".join(sorted(notes)).strip())


@case("models.GAN, step by step", "models.GAN")
def _game(rng):
    gan = _gan(
        rng,
        generator_optimizer=optimizers.Adam(0.02, beta_1=0.5),
        discriminator_optimizer=optimizers.Adam(0.03, beta_1=0.5),
    )
    return _compare_gan(gan, rng)


@case("models.GAN, saturating loss step by step", "models.GAN")
def _saturating_game(rng):
    gan = _gan(
        rng,
        generator_optimizer=optimizers.SGD(0.1, momentum=0.5),
        discriminator_optimizer=optimizers.RMSprop(0.01),
        generator_loss="saturating",
    )
    return _compare_gan(gan, rng)
