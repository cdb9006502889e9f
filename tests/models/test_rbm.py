"""The class RBM: contract, bad input, learning, chains."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import callbacks, gradcheck, models, optimizers
from glassnet.models import RBM
from glassnet.models.rbm import Connections

BARS = np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]])


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def built(rng, dtype=np.float64, units=(6, 4), **options):
    rbm = RBM(*units)
    rbm.build(rng, dtype)
    rbm.compile(options.pop("optimizer", "sgd"), **options)
    return rbm


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("persistent", [False, True])
def test_dtype_is_kept(rng, dtype, persistent):
    rbm = built(rng, dtype, persistent=persistent)
    rbm.fit(BARS, batch_size=2, verbose=0)
    results = [
        rbm.free_energy(BARS),
        rbm.log_likelihood(BARS),
        rbm.energy(BARS, np.ones((3, 4))),
        rbm.reconstruct(BARS),
        *rbm.gibbs(BARS, 2, rng),
        *rbm.sample(3, rng, steps=2),
        rbm.fill_in(BARS, BARS > 0, 2, rng),
        rbm.predict(BARS),
        *rbm.params.values(),
        *rbm.grads.values(),
    ]
    assert {each.dtype for each in results} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    ("rate", "options"),
    [(0.2, {}), (0.2, {"k": 3}), (0.05, {"persistent": True, "particles": 60})],
)
@pytest.mark.parametrize("seed", range(3))
def test_it_learns_the_bars(rate, options, seed):
    """Three patterns, each a third of the time: no model can give them more than -log 3."""
    rng = np.random.default_rng(seed)
    rbm = built(rng, optimizer=optimizers.SGD(rate, momentum=0.5), **options)
    before = rbm.log_likelihood(BARS).mean()
    rbm.fit(np.repeat(BARS, 20, axis=0), batch_size=20, epochs=300, verbose=0)
    after = rbm.log_likelihood(BARS).mean()
    assert before == pytest.approx(6 * np.log(0.5), abs=0.1)
    assert -2 < after <= -np.log(3)
    v, _ = rbm.sample(200, rng, steps=200)
    assert np.mean([any((row == bar).all() for bar in BARS) for row in v]) > 0.4  # of 64 states


def test_free_energy_falls_on_data_against_noise(rng):
    rbm = built(rng, optimizer=optimizers.SGD(0.2))
    noise = rng.integers(0, 2, (50, 6))
    gap = rbm.free_energy(noise).mean() - rbm.free_energy(BARS).mean()
    rbm.fit(np.repeat(BARS, 20, axis=0), batch_size=10, epochs=100, verbose=0)
    assert rbm.free_energy(noise).mean() - rbm.free_energy(BARS).mean() > gap + 1


def test_gaps_are_filled_with_what_was_learnt(rng):
    rbm = built(rng, optimizer=optimizers.SGD(0.2, momentum=0.5))
    rbm.fit(np.repeat(BARS, 20, axis=0), batch_size=20, epochs=300, verbose=0)
    x = np.where(np.arange(6) % 2 == 0, BARS, np.nan)
    known = ~np.isnan(x)
    filled = np.mean([rbm.fill_in(x, known, 10, rng) for _ in range(50)], axis=0)
    np.testing.assert_array_equal(filled[known], BARS[known])
    np.testing.assert_array_equal(filled > 0.5, BARS > 0.5)


def test_means_are_met_by_the_biases(rng):
    rbm = built(rng)
    x = rng.random((200, 6)) < [0.1, 0.5, 0.9, 0.3, 0.0, 1.0]
    rbm.start_from_means(x)
    rbm.params["kernel"][...] = 0
    p = rbm.visible_probabilities(np.zeros((1, 4)))[0]
    np.testing.assert_allclose(p[:4], x.mean(axis=0)[:4], rtol=1e-12)
    np.testing.assert_allclose(p[4:], [0.0025, 0.9975], rtol=1e-12)


def test_same_seed_same_weights():
    runs = []
    for _ in range(2):
        rbm = built(np.random.default_rng(8), persistent=True)
        rbm.fit(BARS, batch_size=2, epochs=3, verbose=0)
        runs.append(rbm.get_weights())
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_particles_are_kept_and_forgotten(rng):
    rbm = built(rng, persistent=True, particles=7)
    assert rbm.particles is None
    rbm.train_on_batch(BARS)
    assert rbm.particles.shape == (7, 4)
    rbm.train_on_batch(BARS[:1])
    assert rbm.particles.shape == (7, 4)
    rbm.compile("sgd", persistent=True)
    assert rbm.particles is None
    rbm.train_on_batch(BARS)
    assert rbm.particles.shape == (3, 4)
    rbm.compile("sgd", persistent=False)
    rbm.train_on_batch(BARS)
    assert rbm.particles is None


def test_callbacks_and_history(rng):
    rbm, seen = built(rng), []
    stop = callbacks.EarlyStopping(monitor="reconstruction_error", patience=0, min_delta=10)
    note = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    history = rbm.fit(BARS, batch_size=2, epochs=9, callbacks=[stop, note], verbose=0)
    assert history.epoch == [0, 1]
    assert list(history.history) == ["reconstruction_error"]
    assert seen == [0, 1, 0, 1]


def test_the_progress_is_shown(rng, capsys):
    built(rng).fit(BARS, epochs=2, verbose=2)
    assert capsys.readouterr().out.count("reconstruction_error") == 2


def test_the_averages_come_at_the_end(rng):
    rbm = built(rng, optimizer=optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9))
    rbm.fit(BARS, epochs=4, verbose=0)
    np.testing.assert_array_equal(rbm.get_weights()[0], rbm.optimizer.averages[0])


def test_weights_go_to_a_file_and_back(rng, tmp_path):
    rbm, other = built(rng), built(rng)
    rbm.save_weights(tmp_path / "w.npz")
    other.load_weights(tmp_path / "w.npz")
    np.testing.assert_array_equal(rbm.free_energy(BARS), other.free_energy(BARS))
    assert rbm.count_params() == 6 * 4 + 6 + 4


@pytest.mark.parametrize("units", [(0, 3), (3, 0), (2.5, 3), (3, True)])
def test_units(units):
    with pytest.raises(ValueError, match="Received"):
        RBM(*units)


@pytest.mark.parametrize(
    "x", [np.ones((3, 5)), np.ones(6), 2 * BARS, BARS - 1, BARS * np.nan, np.empty((0, 6))]
)
def test_bad_data_changes_nothing(rng, x):
    rbm = built(rng)
    before = rbm.get_weights()
    for call in (rbm.fit, rbm.train_on_batch, rbm.free_energy, rbm.hidden_probabilities):
        with pytest.raises(ValueError, match="Received"):
            call(x)
    for one, other in zip(before, rbm.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_failed_step_is_named_and_changes_nothing(rng):
    rbm = built(rng)
    rbm.train_on_batch(BARS)
    rbm.optimizer.learning_rate = 0.1
    before = rbm.get_weights()
    rbm.layers[0].params["visible_bias"][0] = np.inf
    before[1][0] = np.inf
    rbm.optimizer.apply = lambda grads, params: (_ for _ in ()).throw(ValueError("not finite"))
    with pytest.raises(ValueError, match=r"Epoch 1, step 1: not finite"):
        rbm.fit(BARS, verbose=0)
    for one, other in zip(before, rbm.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "arguments",
    [{"k": 0}, {"particles": 0}, {"optimizer": "nothing"}],
)
def test_bad_choices(rng, arguments):
    with pytest.raises(ValueError, match="Received"):
        built(rng, **arguments)


@pytest.mark.parametrize("arguments", [{"batch_size": 0}, {"epochs": 0}, {"verbose": 3}])
def test_bad_arguments_of_fit(rng, arguments):
    with pytest.raises(ValueError, match="Received"):
        built(rng).fit(BARS, **arguments)


def test_order_of_calls(rng):
    rbm = RBM(6, 4)
    for call in (rbm.free_energy, rbm.fit, rbm.reconstruct):
        with pytest.raises(ValueError, match="call `build` first"):
            call(BARS)
    with pytest.raises(ValueError, match="call `build` first"):
        rbm.sample(2, rng)
    rbm.build(rng)
    with pytest.raises(ValueError, match="call `compile` first"):
        rbm.fit(BARS)
    with pytest.raises(TypeError, match="no targets"):
        rbm.evaluate(BARS, BARS)


def test_bad_states_and_generators(rng):
    rbm = built(rng)
    with pytest.raises(ValueError, match=r"batch, 4.*Received: \(3, 5\)"):
        rbm.visible_probabilities(np.ones((3, 5)))
    with pytest.raises(ValueError, match="as many rows"):
        rbm.energy(BARS, np.ones((2, 4)))
    with pytest.raises(ValueError, match="Received: steps=0"):
        rbm.gibbs(BARS, 0, rng)
    with pytest.raises(ValueError, match="Received: rng=7"):
        rbm.gibbs(BARS, 1, 7)
    with pytest.raises(ValueError, match="Received: n=0"):
        rbm.sample(0, rng)


def test_bad_gaps(rng):
    rbm = built(rng)
    with pytest.raises(ValueError, match="True and False"):
        rbm.fill_in(BARS, BARS * 2, 3, rng)
    with pytest.raises(ValueError, match="Received: shape"):
        rbm.fill_in(BARS, np.ones(5, bool), 3, rng)
    with pytest.raises(ValueError, match="What is known of `x` must be finite"):
        rbm.fill_in(BARS * np.nan, np.ones(6, bool), 3, rng)
    with pytest.raises(ValueError, match="Received: steps=0"):
        rbm.fill_in(BARS, np.ones(6, bool), 0, rng)


def test_an_unsupervised_model_must_define_its_step():
    with pytest.raises(TypeError, match=r"optimizers.*train_step"):
        models.UnsupervisedModel()


def test_the_gradient_through_the_hidden_units():
    layer = Connections(3)
    layer.build((None, 5), np.random.default_rng(0), np.float64)
    x = np.random.default_rng(1).random((4, 5))
    gradcheck.check_layer(layer, x, np.random.default_rng(2))
