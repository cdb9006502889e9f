"""Autoencoders: contract, bad input, noise, gaps, anomalies."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from glassnet import callbacks, gradcheck, layers, models, optimizers
from glassnet.models import Autoencoder, Sequential, fill_in


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def built(rng, dtype=np.float64, **options):
    network = Autoencoder(
        [layers.Dense(5, "tanh"), layers.Dense(2)],
        [layers.Dense(5, "tanh"), layers.Dense(6)],
        **options,
    )
    network.build((None, 6), rng, dtype)
    network.compile(optimizers.Adam(0.01), "mean_squared_error")
    return network


def on_a_line(rng, n):
    """Points of six features that two numbers describe."""
    return rng.standard_normal((n, 2)) @ rng.standard_normal((2, 6))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "corruption",
    [None, models.gaussian_noise, models.masking_noise, models.salt_and_pepper_noise],
)
def test_dtype_is_kept(rng, dtype, corruption):
    network, x = built(rng, dtype, corruption=corruption), rng.random((9, 6))
    network.fit(x, batch_size=4, verbose=0)
    results = [
        network.encode(x),
        network.decode(network.encode(x)),
        network.predict(x),
        network.reconstruction_error(x),
        network.fill_in(x, x > 0.5, 2),
        *network.get_weights(),
    ]
    assert {each.dtype for each in results} == {np.dtype(dtype)}
    assert network.reconstruction_error(x).shape == (9,)
    if corruption is not None:
        assert corruption(x.astype(dtype), rng).dtype == dtype
        assert corruption([[1, 0]], rng).dtype == np.float64


def test_the_gradient_goes_through_both_parts(rng):
    network, x = built(rng), rng.standard_normal((4, 6))

    def backward(dy, x):
        network.forward(x)
        return network.backward(dy)

    gradcheck.check_function(network.forward, backward, x, rng)


def test_parts_may_be_models(rng):
    encoder, decoder = Sequential([layers.Dense(2)]), Sequential([layers.Dense(6)])
    network = Autoencoder(encoder, decoder)
    encoder.build((None, 6), rng)
    assert not network.built
    decoder.build((None, 2), rng)
    network.compile("sgd", "mean_squared_error")
    before = network.reconstruction_error(x := rng.random((20, 6)))
    network.fit(x, epochs=30, verbose=0)
    assert network.reconstruction_error(x).mean() < before.mean()
    assert network.count_params() == 6 * 2 + 2 + 2 * 6 + 6


def test_images_go_through(rng):
    network = Autoencoder(
        [layers.Conv2D(3, 3, padding="same"), layers.Flatten(), layers.Dense(4)],
        [layers.Dense(40), layers.Reshape((4, 5, 2))],
    )
    network.build((None, 4, 5, 2), rng)
    network.compile("adam", "mean_squared_error")
    x = rng.random((7, 4, 5, 2))
    network.fit(x, verbose=0)
    assert network.encode(x).shape == (7, 4)
    assert network.reconstruction_error(x).shape == (7,)
    assert network.fill_in(x, np.ones((4, 5, 2), bool)).shape == x.shape


def test_targets_validation_and_callbacks(rng):
    network, x = built(rng), on_a_line(rng, 40)
    stop = callbacks.EarlyStopping(monitor="val_loss", patience=0, min_delta=1e9)
    history = network.fit(x, validation_data=x[:10], epochs=5, callbacks=[stop], verbose=0)
    assert list(history.history) == ["loss", "val_loss"]
    assert len(history.epoch) == 2
    given = built(np.random.default_rng(0)).fit(x, x, epochs=2, verbose=0).history
    assert given == built(np.random.default_rng(0)).fit(x, epochs=2, verbose=0).history
    other = built(np.random.default_rng(0)).fit(x, 2 * x, epochs=2, verbose=0).history
    assert other != given
    assert network.evaluate(x)["loss"] == pytest.approx(network.reconstruction_error(x).mean())


def test_noise_is_drawn_in_training_only(rng):
    noisy = functools.partial(models.gaussian_noise, stddev=5.0)
    network, x = built(rng, corruption=noisy), on_a_line(rng, 30)
    np.testing.assert_array_equal(network.predict(x), network.predict(x))
    clean = built(np.random.default_rng(4)).train_on_batch(x)["loss"]
    assert built(np.random.default_rng(4), corruption=noisy).train_on_batch(x)["loss"] != clean


def test_denoising_takes_noise_away(rng):
    mixing = rng.standard_normal((2, 6))
    x, new = (rng.standard_normal((n, 2)) @ mixing for n in (300, 100))
    network = built(rng, corruption=functools.partial(models.gaussian_noise, stddev=0.5))
    network.fit(x, epochs=60, verbose=0)
    spoilt = models.gaussian_noise(new, rng, 0.5)
    assert np.mean((network.predict(spoilt) - new) ** 2) < 0.6 * np.mean((spoilt - new) ** 2)


def test_anomalies_are_reconstructed_badly(rng):
    mixing = rng.standard_normal((2, 6))
    usual, new = (rng.standard_normal((n, 2)) @ mixing for n in (300, 100))
    network = built(rng)
    network.fit(usual, epochs=60, verbose=0)
    strange = rng.permuted(new, axis=1)
    threshold = np.quantile(network.reconstruction_error(usual), 0.95)
    assert np.mean(network.reconstruction_error(new) > threshold) < 0.15
    assert np.mean(network.reconstruction_error(strange) > threshold) > 0.6


@pytest.mark.parametrize("seed", range(3))
def test_gaps_are_filled_and_the_rest_is_kept(seed):
    """With noise in training: a plain autoencoder may carry the gaps far away."""
    rng = np.random.default_rng(seed)
    mixing = rng.standard_normal((2, 6))
    x, new = (rng.standard_normal((n, 2)) @ mixing for n in (400, 100))
    network = built(rng, corruption=functools.partial(models.gaussian_noise, stddev=0.5))
    network.fit(x, epochs=60, verbose=0)
    gap = np.abs(mixing).sum(axis=0).argmax()
    known = np.arange(6) != gap
    filled = network.fill_in(np.where(known, new, np.nan), known, 200)
    np.testing.assert_array_equal(filled[:, known], new[:, known])
    assert np.mean((filled - new)[:, gap] ** 2) < 0.2 * np.mean(new[:, gap] ** 2)


def test_same_seed_same_run(rng):
    x = on_a_line(rng, 30)
    runs = []
    for _ in range(2):
        network = built(np.random.default_rng(2), corruption=models.masking_noise)
        network.fit(x, epochs=2, verbose=0)
        runs.append(network.get_weights())
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_go_to_a_file_and_back(rng, tmp_path):
    network, other = built(rng), built(rng)
    network.save_weights(tmp_path / "w.npz")
    other.load_weights(tmp_path / "w.npz")
    x = rng.random((3, 6))
    np.testing.assert_array_equal(network.predict(x), other.predict(x))


def test_bad_parts(rng):
    shared = layers.Dense(3)
    for arguments in ([[shared], [shared]], [[3], [shared]]):
        with pytest.raises(ValueError, match="Received"):
            Autoencoder(*arguments)
    with pytest.raises(ValueError, match="`corruption` must be callable"):
        Autoencoder([shared], [layers.Dense(6)], corruption=0.3)
    network = Autoencoder([shared], [layers.Dense(5)])
    with pytest.raises(ValueError, match=r"shape of the input.*Received: \(None, 5\)"):
        network.build((None, 6), rng)
    assert not network.built
    with pytest.raises(ValueError, match="call `build` first"):
        network.fill_in(np.ones((2, 6)), np.ones((2, 6), bool))


def test_backward_before_forward(rng):
    with pytest.raises(RuntimeError, match="backward called before forward"):
        built(rng).backward(np.ones((2, 6)))


def test_a_corruption_must_keep_the_shape(rng):
    network = built(rng, corruption=lambda x, rng: x[:1])
    before = network.get_weights()
    with pytest.raises(ValueError, match=r"Epoch 1, step 1: .*keep the shape"):
        network.fit(rng.random((5, 6)), verbose=0)
    for one, other in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("x", [np.ones((3, 5)), np.full((3, 6), np.nan), np.empty((0, 6))])
def test_bad_data(rng, x):
    network = built(rng)
    for call in (network.fit, network.encode, network.reconstruction_error, network.evaluate):
        with pytest.raises(ValueError, match="Received"):
            call(x)


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (models.gaussian_noise, {"stddev": -1}),
        (models.masking_noise, {"rate": 1.5}),
        (models.salt_and_pepper_noise, {"rate": -0.1}),
        (models.salt_and_pepper_noise, {"low": "dark"}),
    ],
)
def test_bad_noise(rng, function, options):
    with pytest.raises(ValueError, match="Received"):
        function(np.ones((2, 3)), rng, **options)


def test_noise_leaves_the_original_alone(rng):
    x = rng.random((5, 4))
    copied = x.copy()
    for function in (models.gaussian_noise, models.masking_noise, models.salt_and_pepper_noise):
        assert not np.array_equal(function(x, rng), x)
        np.testing.assert_array_equal(x, copied)


def test_bad_filling():
    x, known = np.ones((2, 3)), np.ones((2, 3), bool)
    with pytest.raises(ValueError, match="Received: steps=0"):
        fill_in(lambda y: y, x, known, 0)
    with pytest.raises(ValueError, match=r"shape of the data, \(2, 3\). Received: \(2,\)"):
        fill_in(lambda y: y[:, 0], x, known, 1)
