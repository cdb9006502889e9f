"""Boltzmann machines and belief networks: against scikit-learn, all states, and Keras."""

from __future__ import annotations

import copy

import numpy as np

from glassnet import models, optimizers

from ..precision import float64, load_keras
from ..report import Report, compare_arrays
from .energy_cases import HIDDEN, VISIBLE, StateTable, all_states, frequencies
from .registry import case


class _Uniform:
    """The generator under the name by which scikit-learn asks it."""

    def __init__(self, rng):
        self.rng = rng

    def uniform(self, size):
        return self.rng.random(size)


def _scikit_twin(rbm, learning_rate, rng):
    """Return scikit-learn's machine with the same weights and random numbers."""
    from sklearn.neural_network import BernoulliRBM

    twin = BernoulliRBM(rbm.hidden_units, learning_rate=learning_rate)
    twin.components_ = rbm.params["kernel"].T.copy()
    twin.intercept_visible_ = rbm.params["visible_bias"].copy()
    twin.intercept_hidden_ = rbm.params["hidden_bias"].copy()
    twin.random_state_ = _Uniform(rng)
    twin.h_samples_ = np.zeros_like(rbm.particles)
    twin.n_features_in_ = rbm.visible_units
    return twin


def _compare_with_scikit(title, rbm, twin):
    pairs = zip(
        rbm.params.items(),
        (twin.components_.T, twin.intercept_visible_, twin.intercept_hidden_),
        strict=True,
    )
    rows = [compare_arrays(f"{title}{name}", ours, theirs) for (name, ours), theirs in pairs]
    return [*rows, compare_arrays(f"{title}particles", rbm.particles, twin.h_samples_, 0, 0)]


def _built(rng, *sizes):
    rbm = models.RBM(*(sizes or (VISIBLE, HIDDEN)))
    rbm.build(rng, np.float64)
    for value in rbm.params.values():
        value[...] = 0.5 * rng.standard_normal(value.shape)
    return rbm


@case("models.RBM.fit, persistent, against scikit-learn", "models.RBM", "models.UnsupervisedModel")
def _persistent(rng):
    rbm, x = _built(rng), (rng.random((28, VISIBLE)) < 0.4).astype(float)
    rbm.compile(optimizers.SGD(0.3), persistent=True)
    rbm.particles = np.zeros((7, HIDDEN))
    replay = copy.deepcopy(rng)
    twin, errors = _scikit_twin(rbm, 0.3, replay), []
    history = rbm.fit(x, batch_size=7, epochs=3, verbose=0).history["reconstruction_error"]
    for _ in range(3):
        order = replay.permutation(28)
        for batch in x[order].reshape(4, 7, VISIBLE):
            h = twin.transform(batch)
            v = 1 / (1 + np.exp(-(h @ twin.components_ + twin.intercept_visible_)))
            errors.append(np.mean((v - batch) ** 2))
            twin.partial_fit(batch)
    rows = _compare_with_scikit("", rbm, twin)
    rows.append(compare_arrays("errors", history, np.reshape(errors, (3, 4)).mean(axis=1)))
    v = rng.integers(0, 2, (9, VISIBLE)).astype(float)
    rows.append(compare_arrays("hidden probabilities", rbm.forward(v), twin.transform(v)))
    rows.append(compare_arrays("free energy", rbm.free_energy(v), twin._free_energy(v)))
    twin.random_state = 5
    flipped, unit = v.copy(), np.random.RandomState(5).randint(0, VISIBLE, 9)
    flipped[np.arange(9), unit] = 1 - flipped[np.arange(9), unit]
    likelier = rbm.free_energy(flipped) - rbm.free_energy(v)
    pseudo = -VISIBLE * np.logaddexp(0, -likelier)
    rows.append(compare_arrays("pseudo-likelihood", pseudo, twin.score_samples(v)))
    return Report("RBM", rows)


@case("models.RBM, CD-2 with momentum, replayed", "models.RBM")
def _plain_divergence(rng):
    rbm = _built(rng)
    rbm.compile(optimizers.SGD(0.2, momentum=0.8, weight_decay=0.1), k=2)
    x = rng.random((11, VISIBLE))
    rbm.start_from_means(x)
    mean = x.mean(axis=0)
    rows = [compare_arrays("bias", rbm.params["visible_bias"], np.log(mean) - np.log(1 - mean))]
    replay = copy.deepcopy(rng)
    weights = [value.copy() for value in rbm.params.values()]
    velocity = [np.zeros_like(value) for value in weights]

    def turn(values):
        return 1 / (1 + np.exp(-values))

    for _ in range(4):
        kernel, a, b = weights
        p0 = turn(x @ kernel + b)
        h = replay.random(p0.shape) < p0
        for _ in range(2):
            v = replay.random(x.shape) < turn(h @ kernel.T + a)
            p = turn(v @ kernel + b)
            h = replay.random(p.shape) < p
        uphill = (
            (np.einsum("ni,nj->ij", x, p0) - np.einsum("ni,nj->ij", v, p)) / 11,
            np.mean(x - v, axis=0),
            np.mean(p0 - p, axis=0),
        )
        velocity = [0.8 * u + 0.2 * g for u, g in zip(velocity, uphill, strict=True)]
        weights = [(1 - 0.02) * w + u for w, u in zip(weights, velocity, strict=True)]
        rbm.train_on_batch(x)
    rows += map(compare_arrays, rbm.params, rbm.params.values(), weights)
    rows.append(compare_arrays("gradient", rbm.gradients[0], -uphill[0]))
    return Report("RBM", rows)


@case("models.RBM.sample and fill_in, all states", "models.RBM", "models.fill_in")
def _sampling(rng):
    rbm, n = _built(rng, 4, 3), 10_000
    table = StateTable(*rbm.params.values())
    tolerance = 3 / n**0.5
    v, p = rbm.sample(n, rng, steps=30)
    rows = [
        compare_arrays("samples", frequencies(v, table), table.p_v, 0, tolerance),
        compare_arrays("their probabilities", p.mean(axis=0), table.p_v @ table.v, 0, tolerance),
    ]
    x = np.array([1.0, np.nan, 0.0, np.nan])
    known = ~np.isnan(x)
    fitting = (table.v[:, known] == x[known]).all(axis=1)
    expected = table.p_v[fitting] @ table.v[fitting] / table.p_v[fitting].sum()
    filled = rbm.fill_in(np.tile(x, (n, 1)), known, 30, rng)
    rows.append(compare_arrays("gaps filled", filled.mean(axis=0), expected, 0, tolerance))
    once = rbm.fill_in(np.tile(x, (n, 1)), known, 1, rng).mean(axis=0)
    p_h = (table.p / table.p_v[:, None])[fitting].mean(axis=0)  # the gaps begin as coin tosses
    expected = np.where(known, x, p_h @ table.v_given_h)
    rows.append(compare_arrays("gaps after a step", once, expected, 0, tolerance))
    rows.append(
        compare_arrays(
            "reconstruction",
            rbm.reconstruct(table.v),
            rbm.visible_probabilities(table.h_given_v),
        )
    )
    rows.append(compare_arrays("log-likelihood", rbm.log_likelihood(table.v), np.log(table.p_v)))
    energies = rbm.energy(table.v[:8], table.h)
    rows.append(compare_arrays("energy", energies, table.energy[:8].diagonal()))
    return Report("RBM", rows, "Random: within some six standard errors.")


def _random_dbn(rng, units):
    dbn = models.DBN(units)
    dbn.build(rng, np.float64)
    for layer in dbn.layers:
        for value in layer.params.values():
            value[...] = 0.6 * rng.standard_normal(value.shape)
    return dbn


@case("models.DBN.fit, against scikit-learn level by level", "models.DBN")
def _greedy(rng):
    dbn, data = _random_dbn(rng, [6, 5, 3]), (rng.random((12, 6)) < 0.4).astype(float)
    dbn.compile(optimizers.SGD(0.2), persistent=True)
    for rbm in dbn.rbms:
        rbm.particles = np.zeros((4, rbm.hidden_units))
    replay, rows = copy.deepcopy(rng), []
    twins = [_scikit_twin(rbm, 0.2, replay) for rbm in dbn.rbms]
    dbn.fit(data, batch_size=4, epochs=2, verbose=0)
    x = data
    for level, (rbm, twin) in enumerate(zip(dbn.rbms, twins, strict=True)):
        for _ in range(2):
            order = replay.permutation(12)
            for start in (0, 4, 8):
                twin.partial_fit(x[order[start : start + 4]])
        rows += _compare_with_scikit(f"level {level}, ", rbm, twin)
        x = twin.transform(x)
    rows.append(compare_arrays("codes", dbn.transform(data), x))
    return Report("DBN", rows)


@case("models.DBN, turned into networks, against Keras", "models.DBN")
def _turned(rng):
    tensorflow, keras = load_keras()
    dbn, x = _random_dbn(rng, [6, 5, 3]), rng.random((7, 6))
    lower, upper = (list(rbm.params.values()) for rbm in dbn.rbms)
    network, unrolled = dbn.to_classifier(4), dbn.to_autoencoder()
    with float64():
        classifier = keras.Sequential(
            [keras.layers.Dense(5, "sigmoid"), keras.layers.Dense(3, "sigmoid")]
        )
        classifier.build((None, 6))
        classifier.set_weights([lower[0], lower[2], upper[0], upper[2]])
        codes = classifier(x).numpy()
        down = keras.Sequential(
            [keras.layers.Dense(5, "sigmoid"), keras.layers.Dense(6, "sigmoid")]
        )
        down.build((None, 3))
        down.set_weights([upper[0].T, upper[1], lower[0].T, lower[1]])
        images = down(codes).numpy()
        top = network.layers[-1].get_weights()
        scores = keras.ops.softmax(codes @ top[0] + top[1]).numpy()
        half = tensorflow.sigmoid(x @ lower[0] + lower[2]).numpy()
    rows = [
        compare_arrays("codes", dbn.predict(x), codes),
        compare_arrays("codes of one level", dbn.transform(x, 1), half),
        compare_arrays("reconstruction", dbn.reconstruct(x), images),
        compare_arrays("classifier", network.predict(x), scores),
        compare_arrays("autoencoder", unrolled.predict(x), images),
    ]
    return Report("DBN", rows)


@case("models.DBN.sample, all states", "models.DBN")
def _dbn_samples(rng):
    dbn, n = _random_dbn(rng, [4, 3, 2]), 10_000
    lower, upper = (list(rbm.params.values()) for rbm in dbn.rbms)
    top, below = StateTable(*upper), all_states(4)
    on = 1 / (1 + np.exp(-(top.v @ lower[0].T + lower[1])))  # of each visible unit, given h
    exact = top.p_v @ np.prod(np.where(below == 1, on[:, None], 1 - on[:, None]), axis=2)
    v, p = dbn.sample(n, rng, steps=30)
    shares = (v[:, None] == below).all(axis=2).mean(axis=0)
    rows = [
        compare_arrays("samples", shares, exact, 0, 3 / n**0.5),
        compare_arrays("their probabilities", p.mean(axis=0), top.p_v @ on, 0, 3 / n**0.5),
    ]
    return Report("DBN", rows, "Random: within some six standard errors.")
