"""The functions of Boltzmann machines, which Keras has not: against sums over all states."""

from __future__ import annotations

import copy
import itertools

import numpy as np

from glassnet import models

from ..report import Report, compare_arrays
from .registry import case

VISIBLE, HIDDEN = 5, 3


def random_weights(rng, visible=VISIBLE, hidden=HIDDEN, scale=1.0):
    shapes = (visible, hidden), (visible,), (hidden,)
    return [scale * rng.standard_normal(shape) for shape in shapes]


def all_states(units):
    return np.array(list(itertools.product([0.0, 1.0], repeat=units)))


class StateTable:
    """The probability of every state of a machine, written down: rows are v, columns are h."""

    def __init__(self, kernel, visible_bias, hidden_bias):
        self.v, self.h = all_states(len(visible_bias)), all_states(len(hidden_bias))
        minus_energy = np.einsum("vi,ij,hj->vh", self.v, kernel, self.h)
        minus_energy += (self.v @ visible_bias)[:, None] + (self.h @ hidden_bias)[None]
        self.energy = -minus_energy
        self.z = np.exp(minus_energy).sum()
        self.p = np.exp(minus_energy) / self.z
        self.p_v, self.p_h = self.p.sum(axis=1), self.p.sum(axis=0)
        self.h_given_v = self.p @ self.h / self.p_v[:, None]
        self.v_given_h = self.p.T @ self.v / self.p_h[:, None]

    def statistics(self, p_v):
        """Means of v hᵀ, v and h where v has the distribution `p_v`, and h is as the model says."""
        products = np.einsum("v,vi,vj->ij", p_v, self.v, self.h_given_v)
        return products, p_v @ self.v, p_v @ self.h_given_v

    def transition(self):
        """Probability of every visible state, in columns, one Gibbs step after another, in rows."""
        return (self.p / self.p_v[:, None]) @ (self.p / self.p_h).T

    def gradient(self, data, negative):
        """Difference of the statistics of rows of data and of a distribution."""
        rows = (data[:, None] == self.v).all(axis=2).mean(axis=0)
        return [
            a - b for a, b in zip(self.statistics(rows), self.statistics(negative), strict=True)
        ]


def frequencies(v, table):
    return (v[:, None] == table.v).all(axis=2).mean(axis=0)


@case(
    "models.free_energy and conditionals, all states",
    "models.binary_states",
    "models.energy",
    "models.free_energy",
    "models.hidden_probabilities",
    "models.visible_probabilities",
)
def _conditionals(rng):
    kernel, a, b = weights = random_weights(rng)
    table = StateTable(*weights)
    v, h = (part.reshape(-1, part.shape[-1]) for part in _pairs(table))
    states = models.binary_states(VISIBLE)[:, ::-1]  # the product turns the last bit fastest
    rows = [
        compare_arrays("states", states, table.v, 0, 0),
        compare_arrays(
            "some states", models.binary_states(4, 3, 9), all_states(4)[3:9, ::-1], 0, 0
        ),
        compare_arrays("energy", models.energy(v, h, *weights), table.energy.ravel()),
        compare_arrays(
            "free energy",
            models.free_energy(table.v, *weights),
            -np.log(np.exp(-table.energy).sum(axis=1)),
        ),
        compare_arrays(
            "hidden given visible", models.hidden_probabilities(table.v, kernel, b), table.h_given_v
        ),
        compare_arrays(
            "visible given hidden",
            models.visible_probabilities(table.h, kernel, a),
            table.v_given_h,
        ),
    ]
    return Report("RBM", rows)


def _pairs(table):
    shape = len(table.v), len(table.h)
    return (
        np.broadcast_to(table.v[:, None], (*shape, VISIBLE)),
        np.broadcast_to(table.h[None], (*shape, HIDDEN)),
    )


@case(
    "models.likelihood_gradient, all states",
    "models.log_partition",
    "models.log_likelihood",
    "models.likelihood_gradient",
)
def _likelihood(rng):
    """With the fewer units on either side; the 13 units make more states than one block holds."""
    reports = []
    for sizes in ((5, 3), (3, 6), (13, 13)):
        weights = random_weights(rng, *sizes, scale=0.7)
        data = rng.integers(0, 2, (7, sizes[0])).astype(float)
        if sizes == (13, 13):  # a machine of two parts that do not know of each other
            weights[0][:6, 6:] = weights[0][6:, :6] = 0
            parts = [(weights[0][s, s], weights[1][s], weights[2][s]) for s in np.s_[:6, 6:]]
            tables = [StateTable(*part) for part in parts]
            rows = [
                compare_arrays(
                    "log Z",
                    models.log_partition(*weights),
                    sum(np.log(table.z) for table in tables),
                )
            ]
        else:
            table = StateTable(*weights)
            gradient = models.likelihood_gradient(data, *weights)
            exact = table.gradient(data, table.p_v)
            rows = [
                compare_arrays("log Z", models.log_partition(*weights), np.log(table.z)),
                compare_arrays(
                    "log-likelihood",
                    models.log_likelihood(table.v, *weights),
                    np.log(table.p_v),
                ),
                *map(compare_arrays, gradient, gradient.values(), exact),
                *_slopes(weights, data, gradient, rng),
            ]
        reports.append(Report(f"{sizes}", rows))
    return Report.join("RBM", reports)


def _slopes(weights, data, gradient, rng, step=1e-5):
    """The gradient along random directions, against differences of the log-likelihood."""
    for i, (name, grad) in enumerate(gradient.items()):
        direction = rng.standard_normal(grad.shape)
        values = []
        for sign in (1, -1):
            moved = [part.copy() for part in weights]
            moved[i] += sign * step * direction
            table = StateTable(*moved)
            values.append(np.log(table.p_v[(data[:, None] == table.v).all(axis=2).argmax(1)]))
        slope = np.mean(values[0] - values[1]) / (2 * step)
        yield compare_arrays(f"slope of {name}", np.vdot(grad, direction), slope, 1e-6, 1e-8)


@case("models.sample_bits and gibbs_step", "models.sample_bits", "models.gibbs_step")
def _gibbs_step(rng):
    """The same random numbers, one after the other; and the model's distribution stays as it is."""
    kernel, a, b = weights = random_weights(rng)
    table, n = StateTable(*weights), 20_000
    h = table.h[rng.choice(len(table.h), n, p=table.p_h)]
    replay = copy.deepcopy(rng)
    v, p, new = models.gibbs_step(h, *weights, rng)
    v_replayed = replay.random((n, VISIBLE)) < 1 / (1 + np.exp(-(h @ kernel.T + a)))
    p_replayed = 1 / (1 + np.exp(-(v_replayed @ kernel + b)))
    h_replayed = replay.random((n, HIDDEN)) < p_replayed
    p_bits = np.array([0.0, 0.2, 0.7, 1.0])
    share = models.sample_bits(np.tile(p_bits, (n, 1)), rng).mean(axis=0)
    rows = [
        compare_arrays("visible", v, v_replayed, 0, 0),
        compare_arrays("probabilities", p, p_replayed),
        compare_arrays("hidden", new, h_replayed, 0, 0),
        compare_arrays("distribution of v", frequencies(v, table), table.p_v, 0, 3 / n**0.5),
        compare_arrays("share of ones", share, p_bits, 0, 3 / n**0.5),
    ]
    return Report("RBM", rows)


@case("models.contrastive_divergence, all states", "models.contrastive_divergence")
def _contrastive_divergence(rng):
    """Its mean is that of the data less that of the data k Gibbs steps later; exact for large k."""
    weights = random_weights(rng)
    table, n, rows = StateTable(*weights), 20_000, []
    data = rng.integers(0, 2, (4, VISIBLE)).astype(float)
    v0 = np.tile(data, (n // 4, 1))
    exact = models.likelihood_gradient(data, *weights)
    for k in (1, 3, 40):
        p_k = frequencies(data, table) @ np.linalg.matrix_power(table.transition(), k)
        grads, _ = models.contrastive_divergence(v0, *weights, rng=rng, k=k)
        for (name, grad), expected in zip(grads.items(), table.gradient(data, p_k), strict=True):
            rows.append(compare_arrays(f"k={k}, {name}", grad, expected, 0, 3 / n**0.5))
            if k == 40:
                rows.append(compare_arrays(f"limit, {name}", exact[name], expected, 1e-4, 1e-5))
    start = table.h[rng.choice(len(table.h), n, p=table.p_h)]  # as persistent chains should be
    grads, _ = models.contrastive_divergence(data, *weights, rng=rng, start=start)
    rows += [
        compare_arrays(f"persistent, {name}", grads[name], exact[name], 0, 3 / n**0.5)
        for name in exact
    ]
    return Report("RBM", rows, "Random: within some six standard errors.")


@case("models.annealed_log_partition, all states", "models.annealed_log_partition")
def _annealed(rng):
    weights = random_weights(rng, scale=1.5)
    log_z, spread = models.annealed_log_partition(*weights, rng, temperatures=300, runs=400)
    exact = np.log(StateTable(*weights).z)
    rows = [
        compare_arrays("log Z", log_z, exact, 0, 5 * spread),
        compare_arrays("spread", spread, 0, 0, 0.05),
    ]
    return Report("RBM", rows, "Random: within five standard errors.")
