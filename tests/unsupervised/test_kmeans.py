"""K-means: what it promises, what it refuses, and that chance comes from the generator alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.cluster import KMeans as Reference

from glassnet import data, metrics
from glassnet.unsupervised import (
    KMeans,
    assign,
    inertia_curve,
    kmeans_plus_plus,
    lloyd,
    squared_distances,
    update_centres,
)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def x(rng):
    return data.make_blobs(90, 0.5, rng, centres=4)[0]


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


def scatter(x, labels):
    """The inertia with the best centres for these labels."""
    groups = [x[np.array(labels) == k] for k in set(labels)]
    return sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups)


@pytest.mark.parametrize("seed", range(6))
def test_the_inertia_never_rises(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((80, 3))
    fit = lloyd(x, x[:7], tol=0)
    assert fit.converged
    assert len(fit.history) == fit.steps + 1 > 3
    assert np.all(np.diff(fit.history) <= 1e-12 * fit.history[0])
    assert fit.inertia == fit.history[-1] == metrics.inertia(x, fit.labels, fit.centres)


@pytest.mark.parametrize("seed", range(6))
def test_at_the_end_centres_are_means_and_labels_nearest(seed):
    x = np.random.default_rng(seed).standard_normal((50, 2))
    fit = lloyd(x, x[:5], tol=0)
    np.testing.assert_array_equal(assign(x, fit.centres), fit.labels)
    for k in range(5):
        np.testing.assert_allclose(fit.centres[k], x[fit.labels == k].mean(axis=0), atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("clusters", [1, 2, 3])
def test_the_best_of_many_runs_is_the_best_of_all_partitions(seed, clusters):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((7, 2))
    best = min(scatter(x, labels) for labels in itertools.product(range(clusters), repeat=7))
    fit = KMeans(clusters, n_init=30).fit(x, rng)
    assert fit.inertia_ == pytest.approx(best, rel=1e-12)


def test_one_run_may_end_in_a_worse_optimum():
    """Else several runs would be of no use."""
    x = np.array([[0.0, 0], [0, 1], [4, 0], [4, 1]])
    flat = lloyd(x, np.array([[2.0, 0], [2, 1]]))
    assert flat.converged
    assert flat.inertia == 16
    assert lloyd(x, np.array([[0.0, 0.5], [4, 0.5]])).inertia == 1


@pytest.mark.parametrize("tol", [0, 1e-4, 0.05])
def test_the_same_as_scikit_learn_from_the_same_centres(x, rng, tol):
    start = x[rng.choice(len(x), 6, replace=False)]
    ours = KMeans(6, init=start, tol=tol).fit(x, rng)
    theirs = Reference(6, init=start, n_init=1, tol=tol).fit(x)
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-10)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.inertia_ == pytest.approx(theirs.inertia_)
    assert ours.n_iter_ == theirs.n_iter_


def test_max_iter_stops_and_says_so(x):
    fit = lloyd(x, x[:6], max_iter=2, tol=0)
    assert (fit.steps, fit.converged, len(fit.history)) == (2, False, 3)
    theirs = Reference(6, init=x[:6], n_init=1, tol=0, max_iter=2).fit(x)
    np.testing.assert_allclose(fit.centres, theirs.cluster_centers_)
    np.testing.assert_array_equal(fit.labels, theirs.labels_)


def test_an_empty_cluster_gets_the_farthest_example():
    x = np.array([[0.0], [1.0], [2.0], [10.0]])
    centres = np.array([[1.0], [50.0]])
    labels = assign(x, centres)
    assert set(labels) == {0}
    np.testing.assert_array_equal(update_centres(x, labels, centres), [[1.0], [10.0]])
    np.testing.assert_array_equal(labels, [0, 0, 0, 0])  # not written to


def test_several_empty_clusters_get_different_examples():
    x = np.array([[0.0], [1.0], [7.0], [10.0]])
    centres = np.array([[0.0], [50.0], [60.0]])
    moved = update_centres(x, assign(x, centres), centres)
    np.testing.assert_array_equal(moved, [[0.5], [10.0], [7.0]])


def test_more_clusters_than_different_examples(rng):
    x = np.repeat([[0.0, 1.0], [2.0, 3.0]], 3, axis=0)
    fit = KMeans(4).fit(x, rng)
    assert fit.inertia_ == 0
    assert len(np.unique(fit.labels_)) == 2
    assert KMeans(6).fit(x, rng).cluster_centers_.shape == (6, 2)


def test_seeding_by_hand():
    """After the first of 0, 1, 3, the others have the odds 1 : 9 and so on."""
    x = np.array([[0.0], [1.0], [3.0]])
    seen = {}
    for seed in range(600):
        _, rows = kmeans_plus_plus(x, 2, np.random.default_rng(seed))
        seen[tuple(rows.tolist())] = seen.get(tuple(rows.tolist()), 0) + 1
    assert set(seen) == {(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)}
    expected = {(0, 1): 1 / 30, (0, 2): 9 / 30, (1, 0): 1 / 15, (1, 2): 4 / 15}
    for rows, share in expected.items():
        assert abs(seen[rows] / 600 - share) < 4 * np.sqrt(share * (1 - share) / 600)


def test_seeding_draws_every_example_at_most_once(rng):
    x = np.repeat([[0.0], [1.0]], 4, axis=0)
    centres, rows = kmeans_plus_plus(x, 8, rng)
    assert sorted(rows) == list(range(8))
    assert rows.dtype == np.int64
    np.testing.assert_array_equal(centres, x[rows])


def test_seeding_keeps_its_promise_on_average():
    """Arthur and Vassilvitskii: at most 8 (ln k + 2) times the optimum, in expectation."""
    rng = np.random.default_rng(0)
    x = data.make_blobs(60, 0.05, rng, centres=5)[0]
    best = KMeans(5, n_init=20).fit(x, rng).inertia_
    drawn = [kmeans_plus_plus(x, 5, rng)[0] for _ in range(200)]
    mean = np.mean([squared_distances(x, centres).min(axis=1).sum() for centres in drawn])
    uniform = [x[rng.choice(60, 5, replace=False)] for _ in range(200)]
    worse = np.mean([squared_distances(x, centres).min(axis=1).sum() for centres in uniform])
    assert mean < 8 * (np.log(5) + 2) * best
    assert worse > 3 * mean


def test_on_step_sees_every_frame(x):
    frames = []
    fit = lloyd(x, x[:4], on_step=lambda *frame: frames.append(frame))
    assert [step for step, *_ in frames] == list(range(fit.steps + 1))
    assert [frame[3] for frame in frames] == fit.history
    np.testing.assert_array_equal(frames[0][1], x[:4])
    for (_, centres, labels, _), (_, moved, _, _) in itertools.pairwise(frames):
        np.testing.assert_array_equal(assign(x, centres), labels)
        np.testing.assert_array_equal(update_centres(x, labels, centres), moved)
    np.testing.assert_array_equal(frames[-1][1], fit.centres)


def test_predict_and_transform(x, rng):
    fit = KMeans(4).fit(x, rng)
    np.testing.assert_array_equal(fit.predict(x), fit.labels_)
    distances = fit.transform(x)
    assert (distances.min(axis=1) ** 2).sum() == pytest.approx(fit.inertia_)
    np.testing.assert_allclose(
        distances[3, 2], np.linalg.norm(x[3] - fit.cluster_centers_[2]), rtol=1e-12
    )


def test_more_clusters_leave_less_inertia(rng):
    x = data.make_blobs(90, 0.2, rng, centres=4)[0]
    curve = inertia_curve(x, range(1, 9), rng, n_init=5)
    assert curve.dtype == np.float64
    assert np.all(np.diff(curve) < 0)
    assert curve[0] == pytest.approx(len(x) * x.var(axis=0).sum())
    drops = -np.diff(curve)
    assert drops[2] > 3 * drops[3]  # four clouds: the elbow


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_the_same_seed_gives_the_same_clusters(x, init):
    fits = [KMeans(5, init, n_init=2).fit(x, np.random.default_rng(s)) for s in (1, 1, 2)]
    np.testing.assert_array_equal(fits[0].cluster_centers_, fits[1].cluster_centers_)
    assert not np.array_equal(fits[0].cluster_centers_, fits[2].cluster_centers_)


def test_nothing_is_written_to(x, rng):
    before, start = x.copy(), x[:4].copy()
    KMeans(4, init=start).fit(x, rng)
    lloyd(x, start)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(start, before[:4])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(x, rng, dtype):
    x = x.astype(dtype)
    fit = KMeans(3).fit(x, rng)
    assert fit.cluster_centers_.dtype == fit.transform(x).dtype == dtype
    assert fit.labels_.dtype == np.int64
    assert type(fit.inertia_) is float
    seen = set()
    lloyd(x, x[:3].astype(np.float64), on_step=lambda step, centres, *_: seen.add(centres.dtype))
    assert seen == {np.dtype(dtype)}
    assert kmeans_plus_plus(x, 3, rng)[0].dtype == dtype


def test_whole_numbers_become_floats(rng):
    fit = KMeans(2).fit([[0, 0], [0, 1], [8, 8], [8, 9]], rng)
    assert sorted(fit.cluster_centers_.tolist()) == [[0, 0.5], [8, 8.5]]


def test_bad_input(x, rng):
    for clusters in (0, -1, 2.5, True, "3"):
        refused(KMeans, clusters, match="n_clusters")
        refused(kmeans_plus_plus, x, clusters, rng, match="clusters")
    refused(KMeans, 3, init="best", match="init")
    refused(KMeans, 3, n_init=0, match="n_init")
    refused(KMeans, 3, max_iter=0, match="max_iter")
    refused(KMeans, 3, tol=-1, match="tol")
    refused(KMeans(3).fit, x[:2], rng, match="2 examples")
    refused(KMeans(3, "random").fit, x[:2], rng, match="2 examples")
    refused(KMeans(3).fit, x[:, 0], rng, match="(90,)")
    refused(KMeans(3).fit, x[:0], rng, match="(0, 2)")
    refused(KMeans(3).fit, np.where(x == x[0, 0], np.nan, x), rng, match="nan")
    refused(KMeans(3).fit, x, 0, match="rng")
    refused(KMeans(3, init=x[:2]).fit, x, rng, match="3 centres")
    refused(KMeans(3, init=np.ones((3, 5))).fit, x, rng, match="(3, 5)")
    refused(lloyd, x, np.ones((3, 1)), match="(3, 1)")
    refused(lloyd, x[:2], x[:3], match="2 examples")
    refused(KMeans(3).fit(x, rng).predict, np.ones((2, 3)), match="(2, 3)")


def test_a_failed_fit_leaves_the_last_one(x, rng):
    fit = KMeans(3).fit(x, rng)
    before = fit.cluster_centers_.copy()
    refused(fit.fit, x[:2], rng)
    np.testing.assert_array_equal(fit.cluster_centers_, before)


def test_before_fit(x):
    for method in (KMeans(3).predict, KMeans(3).transform):
        with pytest.raises(RuntimeError, match="before `fit`"):
            method(x)
