"""Autoencoders and their noise, against Keras, SciPy and exact solutions."""

from __future__ import annotations

import numpy as np

from glassnet import layers, losses, models, optimizers

from ..precision import float64, load_keras, make_exact
from ..report import Report, compare_arrays
from ..runs import fit, model
from ..twins import keras_twin, randomise_weights
from .registry import case

_TIGHT = {"rtol": 1e-10, "atol": 1e-12}


def _autoencoder(rng, optimizer=None, loss="mean_squared_error", last=None, **options):
    network = models.Autoencoder(
        [layers.Dense(5, "tanh"), layers.Dense(2)],
        [layers.Dense(4, "elu"), layers.Dense(6, last)],
        **options,
    )
    network.build((None, 6), rng, np.float64)
    for layer in network.layers:
        randomise_weights(layer, rng)
    network.compile(optimizer or optimizers.Adam(0.01), loss)
    return network


@case("models.Autoencoder, step by step", "models.Autoencoder")
def _steps(rng):
    network = _autoencoder(rng, loss=losses.BinaryCrossentropy(), last="sigmoid")
    x = rng.random((40, 6))
    weight = rng.uniform(0.1, 2.0, 40)
    return model(network, x, x, rng=rng, batch_size=13, steps=10, sample_weight=weight, **_TIGHT)


@case("models.Autoencoder.fit", "models.Autoencoder")
def _fit(rng):
    network = _autoencoder(rng, optimizers.SGD(0.1, momentum=0.5))
    x, held_out = rng.standard_normal((23, 6)), rng.standard_normal((7, 6))
    return fit(network, x, x, epochs=3, batch_size=5, validation_data=(held_out, held_out))


@case("models.Autoencoder, codes and errors", "models.Autoencoder")
def _codes(rng):
    _, keras = load_keras()
    network, x = _autoencoder(rng), rng.standard_normal((9, 6))
    held_out = rng.standard_normal((4, 6))
    with float64():
        encoder, decoder = keras_twin(network.encoder), keras_twin(network.decoder)
        codes = encoder(x).numpy()
        images = decoder(codes).numpy()
        errors = keras.losses.mean_squared_error(x, images).numpy()
        loss = keras.losses.MeanSquaredError()(held_out, decoder(encoder(held_out))).numpy()
    rows = [
        compare_arrays("codes", network.encode(x, 4), codes),
        compare_arrays("decoded", network.decode(codes, 4), images),
        compare_arrays("reconstruction error", network.reconstruction_error(x, 4), errors),
        compare_arrays("loss", network.evaluate(held_out, batch_size=3)["loss"], loss),
    ]
    return Report("Autoencoder", rows)


def tape_step(twin, optimizer, objective):
    """Return a compiled training step: loss and update of Keras' `twin`."""
    tensorflow, _ = load_keras()

    @tensorflow.function
    def step(*tensors):
        with tensorflow.GradientTape() as tape:
            loss = objective(*tensors)
        variables = twin.trainable_variables
        optimizer.apply(tape.gradient(loss, [v.value for v in variables]), variables)
        return loss

    optimizer.build(twin.trainable_variables)
    return lambda *arrays: step(*map(tensorflow.constant, arrays)).numpy()


@case("models.Autoencoder, denoising step by step", "models.Autoencoder")
def _denoising(rng):
    """The spoilt input goes in, the clean one is the target; without noise where it is used."""
    noise = []

    def corruption(x, rng):
        noise.append(rng.standard_normal(x.shape))
        return x + noise[-1]

    network = _autoencoder(rng, corruption=corruption)
    x, ours, theirs = rng.standard_normal((10, 11, 6)), [], []
    with float64():
        twin, loss = keras_twin(network), keras_twin(network.loss)
        optimizer = keras_twin(network.optimizer)
        note = make_exact(optimizer)
        step = tape_step(twin, optimizer, lambda spoilt, clean: loss(clean, twin(spoilt)))
        for batch in x:
            ours.append(network.train_on_batch(batch)["loss"])
            theirs.append(step(batch + noise[-1], batch))
        predictions = twin(x[0]).numpy()
    rows = [
        compare_arrays("loss of each of 10 steps", ours, theirs),
        compare_arrays("predictions afterwards", network.predict(x[0]), predictions),
    ]
    return Report("Autoencoder", rows, note)


@case("models.Autoencoder, linear, against the singular vectors", "models.Autoencoder")
def _principal(rng):
    """On centred data the subspace of the best linear code is that of the largest variances."""
    from scipy.linalg import subspace_angles

    deviations = np.array([3.0, 2.5, 2.0, 0.8, 0.7, 0.6])
    x = rng.standard_normal((60, 6)) * deviations @ np.linalg.qr(rng.standard_normal((6, 6)))[0]
    x -= x.mean(axis=0)
    network = models.Autoencoder(
        [layers.Dense(3, use_bias=False)], [layers.Dense(6, use_bias=False)]
    )
    network.build((None, 6), rng, np.float64)
    network.compile(optimizers.SGD(0.05, momentum=0.9), "mean_squared_error")
    network.fit(x, batch_size=60, epochs=1500, verbose=0)
    _, values, directions = np.linalg.svd(x, full_matrices=False)
    up, down = network.get_weights()
    best = directions[:3]
    rows = [
        compare_arrays("angles, decoder", subspace_angles(down.T, best.T), np.zeros(3), 0, 1e-6),
        compare_arrays("angles, encoder", subspace_angles(up, best.T), np.zeros(3), 0, 1e-6),
        compare_arrays("reconstruction", network.predict(x), x @ best.T @ best, 1e-6, 1e-6),
        compare_arrays(
            "error",
            network.reconstruction_error(x).sum() * 6,
            np.sum(values[3:] ** 2),
            1e-8,
        ),
    ]
    return Report("Autoencoder", rows, "Trained until nothing changes any more.")


@case("models.fill_in, linear, against the exact solution", "models.fill_in", "models.Autoencoder")
def _gaps(rng):
    """A projection P leaves the gaps u of (k, u) where u = P_uu u + P_uk k."""
    basis = np.linalg.qr(rng.standard_normal((6, 3)))[0]
    projection = basis @ basis.T
    network = models.Autoencoder(
        [layers.Dense(3, use_bias=False)], [layers.Dense(6, use_bias=False)]
    )
    network.build((None, 6), rng, np.float64)
    network.set_weights([basis, basis.T])
    x, known = rng.standard_normal((4, 6)), np.array([1, 1, 0, 1, 1, 0], bool)
    gap = ~known
    exact = x.copy()
    exact[:, gap] = np.linalg.solve(
        np.eye(2) - projection[np.ix_(gap, gap)], projection[np.ix_(gap, known)] @ x[:, known].T
    ).T
    twice = np.where(known, x, 0.3)
    for _ in range(2):
        twice = np.where(known, x, twice @ projection)
    with_gaps = np.where(known, x, np.nan)
    start = models.fill_in(lambda y: y @ projection, x, known, 2, start=0.3)
    rows = [
        compare_arrays("filled", network.fill_in(with_gaps, known, 20_000), exact, 1e-8, 1e-8),
        compare_arrays("after two steps", network.fill_in(with_gaps, known, 2, 0.3), twice),
        compare_arrays("the function itself", start, twice),
    ]
    return Report("Autoencoder", rows)


@case(
    "models.gaussian_noise, masking_noise and salt_and_pepper_noise, shares",
    "models.gaussian_noise",
    "models.masking_noise",
    "models.salt_and_pepper_noise",
)
def _noise(rng):
    """What is random by its distribution, the rest exactly."""
    from scipy import stats

    x, tolerance = rng.uniform(2, 3, (200, 150)), 3 / 30_000**0.5
    added = models.gaussian_noise(x, rng, 0.7) - x
    masked = models.masking_noise(x, rng, 0.2)
    spoilt = models.salt_and_pepper_noise(x, rng, 0.3, -1.0, 5.0)
    levels = np.array([0.05, 0.3, 0.5, 0.8, 0.95])
    below = [(added < stats.norm.ppf(level, 0, 0.7)).mean() for level in levels]
    counted = [(spoilt == -1).mean(), (spoilt == 5).mean(), (spoilt == x).mean()]
    rows = [
        compare_arrays("quantiles of the noise", below, levels, 0, tolerance),
        compare_arrays("masked", (masked == 0).mean(), 0.2, 0, tolerance),
        compare_arrays("what was kept", masked[masked != 0], x[masked != 0], 0, 0),
        compare_arrays("pepper, salt, kept", counted, [0.15, 0.15, 0.7], 0, tolerance),
        compare_arrays("rows masked alike", (masked == 0).mean(axis=1), np.full(200, 0.2), 0, 0.2),
    ]
    return Report("noise", rows, "Random: within some six standard errors.")
