"""Metrics of clusterings, against scikit-learn and against counting pairs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn import metrics as reference

from glassnet import metrics


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


@pytest.mark.parametrize("clusters", [2, 3, 9])
def test_silhouettes_agree_with_scikit_learn(rng, clusters):
    x, labels = rng.standard_normal((30, 3)), rng.integers(0, clusters, 30)
    np.testing.assert_allclose(
        metrics.silhouette_samples(x, labels), reference.silhouette_samples(x, labels), atol=1e-10
    )
    mean = metrics.silhouette_score(x, labels)
    assert type(mean) is float
    assert mean == pytest.approx(reference.silhouette_score(x, labels))


def test_silhouettes_by_hand():
    x = np.array([[0.0], [1.0], [10.0], [30.0]])
    ours = metrics.silhouette_samples(x, ["a", "a", "b", "c"])
    np.testing.assert_allclose(ours, [(10 - 1) / 10, (9 - 1) / 9, 0, 0])
    ours = metrics.silhouette_samples(np.zeros((4, 1)), [0, 0, 1, 1])
    np.testing.assert_array_equal(ours, 0)


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_rand_index_by_counting_pairs(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 3, 14), rng.integers(0, 4, 14)
    pairs = [(a[i] == a[j], b[i] == b[j]) for i, j in itertools.combinations(range(14), 2)]
    same_a, same_b = (sum(column) for column in zip(*pairs, strict=True))
    expected = same_a * same_b / len(pairs)
    together = sum(x and y for x, y in pairs)
    index = (together - expected) / ((same_a + same_b) / 2 - expected)
    assert metrics.adjusted_rand_score(a, b) == pytest.approx(index)
    assert index == pytest.approx(reference.adjusted_rand_score(a, b))


def test_adjusted_rand_index_of_extremes(rng):
    labels = rng.integers(0, 3, 50)
    assert metrics.adjusted_rand_score(labels, 9 - labels) == 1
    assert metrics.adjusted_rand_score(labels, np.array(["x", "y", "z"])[labels]) == 1
    for a, b in [([0, 0, 0], [5, 5, 5]), ([0, 1, 2], [2, 0, 1]), ([0], [0])]:
        assert metrics.adjusted_rand_score(a, b) == reference.adjusted_rand_score(a, b) == 1
    assert metrics.adjusted_rand_score([0, 0, 0, 0], [0, 1, 2, 3]) == 0
    assert metrics.adjusted_rand_score([0, 0, 1, 1], [0, 1, 0, 1]) == -0.5


def test_adjusted_rand_index_is_0_on_average(rng):
    labels = np.repeat([0, 1, 2], [10, 20, 30])
    drawn = [metrics.adjusted_rand_score(labels, rng.permutation(labels)) for _ in range(400)]
    assert abs(np.mean(drawn)) < 4 * np.std(drawn) / 20


def test_large_counts_do_not_overflow():
    """The product of two numbers of pairs is beyond 64 bits here; three in four agree."""
    a, b = np.repeat([0, 1], 2**17), np.tile([0, 0, 0, 1], 2**15)
    b = np.concatenate([b, 1 - b])
    assert metrics.adjusted_rand_score(a, b) == pytest.approx(0.25, abs=1e-5)
    assert metrics.adjusted_rand_score(a, a[::-1]) == 1


def test_contingency(rng):
    a, b = rng.choice([2, 5, 9], 40), rng.choice(["q", "p"], 40)
    ours = metrics.contingency_matrix(a, b)
    assert ours.dtype == np.int64
    np.testing.assert_array_equal(ours, reference.cluster.contingency_matrix(a, b))
    np.testing.assert_array_equal(metrics.contingency_matrix(b, a), ours.T)


def test_inertia():
    x = np.array([[0.0, 0], [3, 4], [1, 1]])
    assert metrics.inertia(x, [0, 0, 1], [[0.0, 0], [1, 2]]) == 26
    assert type(metrics.inertia(x.astype(np.float32), [0, 0, 0], x[:1])) is float


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(rng, dtype):
    x = rng.standard_normal((20, 2)).astype(dtype)
    assert metrics.silhouette_samples(x, rng.integers(0, 3, 20)).dtype == dtype


def test_bad_input(rng):
    x, labels = rng.standard_normal((6, 2)), [0, 0, 1, 1, 2, 2]
    f = metrics.silhouette_samples
    refused(f, x, [0] * 6, match="from 2 to 5")
    refused(f, x, range(6), match="Received: 6")
    refused(f, x, labels[:5], match="(5,)")
    refused(f, x[:, 0], labels, match="(6,)")
    refused(f, np.where(x == x[0, 0], np.nan, x), labels, match="nan")
    refused(metrics.adjusted_rand_score, [0, 1], [0, 1, 2], match="(3,)")
    refused(metrics.contingency_matrix, [], [], match="(0,)")
    refused(metrics.contingency_matrix, [0, np.nan], [0, 1], match="nan")
    refused(metrics.contingency_matrix, [[0, 1]], [[0, 1]], match="(1, 2)")
    refused(metrics.inertia, x, labels, x[:2], match="0 to 2")
    refused(metrics.inertia, x, labels[:2], x[:3], match="(2,)")
    refused(metrics.inertia, x, np.array(labels) - 1, x[:3], match="-1")
    refused(metrics.inertia, x, np.array(labels) / 2, x[:3], match="float64")
    refused(metrics.inertia, x, labels, x[:3, :1], match="(3, 1)")
