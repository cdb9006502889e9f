"""Functions of Boltzmann machines: dtypes, extreme values, limits, more and more steps."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import models


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def weights(rng, visible=5, hidden=3, dtype=np.float64, scale=1.0):
    shapes = (visible, hidden), (visible,), (hidden,)
    return [(scale * rng.standard_normal(shape)).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sizes", [(5, 3), (3, 5)])
def test_dtype_is_kept(rng, dtype, sizes):
    kernel, a, b = machine = weights(rng, *sizes, dtype=dtype)
    v = rng.integers(0, 2, (4, sizes[0])).astype(dtype)
    h = models.sample_bits(models.hidden_probabilities(v, kernel, b), rng)
    results = [
        h,
        models.energy(v, h, *machine),
        models.free_energy(v, *machine),
        models.visible_probabilities(h, kernel, a),
        *models.gibbs_step(h, *machine, rng),
        models.log_likelihood(v, *machine),
        *models.likelihood_gradient(v, *machine).values(),
        models.binary_states(3, dtype=dtype),
    ]
    grads, chains = models.contrastive_divergence(v, *machine, rng=rng)
    assert {each.dtype for each in [*results, *grads.values(), chains]} == {np.dtype(dtype)}
    assert isinstance(models.log_partition(*machine), float)


def test_bits_are_certain_at_the_ends(rng):
    p = np.repeat([[0.0, 1.0]], 5000, axis=0)
    np.testing.assert_array_equal(models.sample_bits(p, rng), p)


def test_nothing_overflows(rng):
    kernel, a, b = (1e4 * part for part in weights(rng))
    v = models.binary_states(5)
    p = models.hidden_probabilities(v, kernel, b)
    assert np.isfinite(models.free_energy(v, kernel, a, b)).all()
    assert np.isfinite(models.log_partition(kernel, a, b))
    assert p.min() >= 0
    assert p.max() <= 1


def test_probabilities_sum_to_one(rng):
    machine = weights(rng)
    p = np.exp(models.log_likelihood(models.binary_states(5), *machine))
    assert p.sum() == pytest.approx(1, rel=1e-12)


def test_the_larger_side_may_be_as_large_as_it_likes(rng):
    kernel, a, b = weights(rng, 90, 3)
    whole = models.log_partition(kernel, a, b)
    assert whole == pytest.approx(models.log_partition(kernel.T, b, a), rel=1e-12)
    with pytest.raises(ValueError, match="Received: 21 visible and 22 hidden"):
        models.log_partition(*weights(rng, 21, 22))


@pytest.mark.parametrize("seed", range(3))
def test_more_steps_come_closer_to_the_exact_gradient(seed):
    rng = np.random.default_rng(seed)
    machine = weights(rng, 6, 4, scale=3.0)
    data = np.repeat(rng.integers(0, 2, (3, 6)), 4000, axis=0).astype(float)
    exact = models.likelihood_gradient(data, *machine)["kernel"]
    errors = []
    for k in (1, 2, 50):
        grads, _ = models.contrastive_divergence(data, *machine, rng=rng, k=k)
        errors.append(np.abs(grads["kernel"] - exact).max())
    assert errors[0] > 0.1  # biased
    assert errors[1] < 0.5 * errors[0]
    assert errors[2] < 0.02  # what chance leaves of it


def test_gradient_uphill_raises_the_likelihood(rng):
    machine = weights(rng)
    data = rng.integers(0, 2, (6, 5)).astype(float)
    before = models.log_likelihood(data, *machine).mean()
    for part, grad in zip(
        machine, models.likelihood_gradient(data, *machine).values(), strict=True
    ):
        part += 0.01 * grad
    assert models.log_likelihood(data, *machine).mean() > before


def test_nothing_is_written_to(rng):
    machine, v = weights(rng), rng.integers(0, 2, (6, 5)).astype(float)
    start = rng.integers(0, 2, (4, 3)).astype(float)
    copies = [each.copy() for each in (*machine, v, start)]
    models.contrastive_divergence(v, *machine, rng=rng, k=2, start=start)
    models.likelihood_gradient(v, *machine)
    for each, copied in zip((*machine, v, start), copies, strict=True):
        np.testing.assert_array_equal(each, copied)


def test_same_seed_same_result(rng):
    machine, v = weights(rng), rng.integers(0, 2, (6, 5)).astype(float)
    runs = [
        models.contrastive_divergence(v, *machine, rng=np.random.default_rng(1), k=3)[0]["kernel"]
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*runs)


@pytest.mark.parametrize("k", [0, -1, 1.5, True])
def test_number_of_steps(rng, k):
    with pytest.raises(ValueError, match="Received: k="):
        models.contrastive_divergence(np.ones((2, 5)), *weights(rng), rng=rng, k=k)


def test_annealing_meets_the_exact_value(rng):
    machine = weights(rng, 12, 9)
    log_z, spread = models.annealed_log_partition(*machine, rng, temperatures=400, runs=200)
    assert spread < 0.1
    assert log_z == pytest.approx(models.log_partition(*machine), abs=5 * spread)
    with pytest.raises(ValueError, match="Received: runs=0"):
        models.annealed_log_partition(*machine, rng, runs=0)
