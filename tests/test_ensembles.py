"""Ensembles: the identities they obey, bootstrap samples, and the out-of-bag estimate."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import BaggingRegressor
from sklearn.neighbors import KNeighborsRegressor

from glassnet import data, metrics
from glassnet.ensembles import (
    AveragingEnsemble,
    BaggingEnsemble,
    ambiguity,
    ambiguity_decomposition,
    average_predictions,
    bootstrap_indices,
    expected_distinct_share,
    out_of_bag,
    out_of_bag_average,
)
from glassnet.layers import Dense
from glassnet.models import Sequential


@pytest.fixture
def rng():
    return np.random.default_rng(9)


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


class Constant:
    """Learns the mean of the targets, and remembers what it was shown."""

    def fit(self, x, y):
        self.x, self.mean = x, y.mean()

    def predict(self, x):
        return np.full(len(x), self.mean)


def network():
    model = Sequential([Dense(3, activation="tanh"), Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    return model, {"epochs": 2}


@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 3), (2, 3, 4)])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_error_of_the_average_is_the_average_error_less_the_ambiguity(shape, weighted, rng):
    y_true, predictions = rng.standard_normal(shape), rng.standard_normal((5, *shape))
    weights = rng.uniform(0, 2, 5) if weighted else None
    shares = np.full(5, 0.2) if weights is None else weights / weights.sum()
    ensemble, members, disagreement = ambiguity_decomposition(y_true, predictions, weights)
    average = sum(share * p for share, p in zip(shares, predictions, strict=True))
    assert ensemble == pytest.approx(np.mean((average - y_true) ** 2), rel=1e-12)
    own = [np.mean((p - y_true) ** 2) for p in predictions]
    assert members == pytest.approx(shares @ own, rel=1e-12)
    spread = [np.mean((p - average) ** 2) for p in predictions]
    assert disagreement == pytest.approx(shares @ spread, rel=1e-12)
    assert ensemble == pytest.approx(members - disagreement, rel=1e-12)
    assert ensemble < members


def test_ambiguity_is_the_variance(rng):
    predictions = rng.standard_normal((7, 4, 2))
    np.testing.assert_allclose(ambiguity(predictions), predictions.var(axis=0))
    np.testing.assert_allclose(ambiguity(predictions[:1]), 0)
    np.testing.assert_allclose(average_predictions(predictions), predictions.mean(axis=0))


def test_targets_as_a_column_or_not(rng):
    y_true, predictions = rng.standard_normal(6), rng.standard_normal((3, 6, 1))
    assert ambiguity_decomposition(y_true, predictions) == ambiguity_decomposition(
        y_true[:, np.newaxis], predictions
    )


def test_averages_of_probabilities_are_probabilities(rng):
    scores = rng.uniform(size=(4, 9, 3))
    average = average_predictions(scores / scores.sum(axis=2, keepdims=True), [1, 2, 0, 5])
    np.testing.assert_allclose(average.sum(axis=1), 1)
    np.testing.assert_allclose(average_predictions(scores, [0, 3, 0, 0]), scores[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(dtype, rng):
    predictions = rng.standard_normal((4, 5, 2)).astype(dtype)
    for weights in (None, [1, 2, 3, 4]):
        assert average_predictions(predictions, weights).dtype == dtype
        assert ambiguity(predictions, weights).dtype == dtype
    outside = rng.uniform(size=(4, 5)) < 0.5
    assert out_of_bag_average(predictions, outside).dtype == dtype


def test_bootstrap_samples_are_the_generator_s():
    ours = bootstrap_indices(20, np.random.default_rng(3))
    np.testing.assert_array_equal(ours, np.random.default_rng(3).integers(20, size=20))
    assert ours.dtype == np.int64


@pytest.mark.parametrize("n", [1, 2, 10, 200])
def test_share_of_distinct_examples(n, rng):
    shares = [len(np.unique(bootstrap_indices(n, rng))) / n for _ in range(600)]
    error = np.std(shares) / np.sqrt(600)
    assert abs(np.mean(shares) - expected_distinct_share(n)) <= 4 * error + 1e-12
    assert expected_distinct_share(n, 1) == pytest.approx(1 / n)


def test_share_of_distinct_examples_of_many():
    assert expected_distinct_share(10**7) == pytest.approx(1 - np.exp(-1), abs=1e-7)
    shares = [expected_distinct_share(n) for n in (1, 2, 5, 50)]
    assert shares == sorted(shares, reverse=True)


def test_out_of_bag_by_hand():
    outside = out_of_bag([[0, 0, 1], [2, 2, 2]], 4)
    np.testing.assert_array_equal(outside, [[0, 0, 1, 1], [1, 1, 0, 1]])
    votes = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    np.testing.assert_array_equal(out_of_bag_average(votes, outside), [5, 6, 3, 6])
    np.testing.assert_array_equal(
        out_of_bag_average(votes, [[0, 1, 1, 1], [0, 1, 0, 1]]), [np.nan, 4, 3, 6]
    )


def test_averaging_ensemble(rng):
    members = []
    for mean in (1.0, 2.0, 6.0):
        member = Constant()
        member.fit(np.zeros((1, 1)), np.array([mean]))
        members.append(member)
    x = np.zeros((4, 1))
    np.testing.assert_array_equal(AveragingEnsemble(members).predict(x), [3.0] * 4)
    np.testing.assert_array_equal(AveragingEnsemble(members, [1, 1, 2]).predict(x), [3.75] * 4)
    assert AveragingEnsemble(members).member_predictions(x).shape == (3, 4)


def test_bagging_as_in_scikit_learn_with_its_samples(rng):
    x, new = rng.standard_normal((30, 2)), rng.standard_normal((8, 2))
    y = x[:, 0] ** 2 + 0.1 * rng.standard_normal(30)
    theirs = BaggingRegressor(KNeighborsRegressor(3), 20, oob_score=True, random_state=1).fit(x, y)
    ours = BaggingEnsemble(lambda: KNeighborsRegressor(3), 20)
    ours.fit(x, y, rng, samples=theirs.estimators_samples_)
    np.testing.assert_allclose(ours.predict(new), theirs.predict(new))
    np.testing.assert_allclose(ours.oob_prediction, theirs.oob_prediction_)
    score = metrics.R2Score()
    score.update_state(y, ours.oob_prediction)
    assert score.result() == pytest.approx(theirs.oob_score_)


def test_members_see_their_samples_and_nothing_else(rng):
    x, y = rng.standard_normal((12, 2)), rng.standard_normal(12)
    bagging = BaggingEnsemble(Constant, 6).fit(x, y, rng)
    assert bagging.samples.shape == (6, 12)
    for model, sample in zip(bagging.models, bagging.samples, strict=True):
        np.testing.assert_array_equal(model.x, x[sample])
        assert model.mean == y[sample].mean()
    for n in range(12):
        means = [m.mean for m, s in zip(bagging.models, bagging.samples, strict=True) if n not in s]
        assert bagging.oob_prediction[n] == pytest.approx(np.mean(means)) or not means


def test_a_member_depends_on_its_number_only():
    """More members leave the first ones as they are."""
    x, y = data.make_moons(40, 0.2, np.random.default_rng(0))
    small, large = (BaggingEnsemble(network, n).fit(x, y, np.random.default_rng(1)) for n in (2, 4))
    np.testing.assert_array_equal(small.samples, large.samples[:2])
    np.testing.assert_array_equal(small.member_predictions(x), large.member_predictions(x)[:2])
    other = BaggingEnsemble(network, 2).fit(x, y, np.random.default_rng(2))
    assert not np.array_equal(small.predict(x), other.predict(x))
    assert not np.array_equal(*small.member_predictions(x))


def test_bagging_lowers_the_error_of_an_unstable_learner():
    """One neighbour alone follows the noise."""
    gains = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        x = rng.uniform(-2, 2, (80, 1))
        y = np.sin(2 * x[:, 0]) + 0.5 * rng.standard_normal(80)
        new = np.linspace(-2, 2, 200)[:, np.newaxis]
        truth = np.sin(2 * new[:, 0])
        bagging = BaggingEnsemble(lambda: KNeighborsRegressor(1), 15).fit(x, y, rng)
        alone = KNeighborsRegressor(1).fit(x, y).predict(new)
        gains.append(np.mean((alone - truth) ** 2) - np.mean((bagging.predict(new) - truth) ** 2))
    assert min(gains) > 0


def test_bad_input(rng):
    refused(AveragingEnsemble, [], match="[]")
    refused(AveragingEnsemble, [3], match="[3]")
    for weights in ([1, 2], [1, -1, 1], [0, 0, 0], [1, np.nan, 1], [1, np.inf, 1]):
        refused(AveragingEnsemble, [Constant()] * 3, weights, match="weights")
        refused(average_predictions, np.ones((3, 4)), weights, match="weights")
    refused(average_predictions, np.ones(3), match="(3,)")
    refused(ambiguity_decomposition, np.ones(4), np.ones((3, 5)), match="same shape")
    refused(out_of_bag_average, np.ones((3, 4)), np.ones((4, 3), bool), match="(4, 3)")
    refused(bootstrap_indices, 0, rng, match="n=0")
    refused(bootstrap_indices, 3, 1, match="rng")
    refused(expected_distinct_share, 0, match="n=0")
    refused(expected_distinct_share, 3, 0, match="draws=0")
    refused(BaggingEnsemble, Constant, 0, match="n_estimators")
    x, y = np.ones((4, 1)), np.ones(4)
    bagging = BaggingEnsemble(Constant, 2)
    refused(bagging.fit, x, y[:3], rng, match="(3,)")
    refused(bagging.fit, x, y, 5, match="rng")
    for samples in ([[0, 1]], [[0, 4], [1, 2]], [[0, -1], [1, 2]], [[0.5, 1], [1, 2]], [[], []]):
        refused(bagging.fit, x, y, rng, samples=samples, match="row numbers")
    refused(BaggingEnsemble(lambda: None, 2).fit, x, y, rng, match="None")


def test_a_failed_fit_leaves_the_last_one(rng):
    x, y, models = rng.standard_normal((5, 1)), rng.standard_normal(5), []

    def build():
        if len(models) == 3:
            raise MemoryError
        models.append(Constant())
        return models[-1]

    bagging = BaggingEnsemble(build, 2).fit(x, y, rng)
    before = bagging.samples.copy(), bagging.predict(x)
    with pytest.raises(MemoryError):
        bagging.fit(x, y, rng)
    np.testing.assert_array_equal(bagging.samples, before[0])
    np.testing.assert_array_equal(bagging.predict(x), before[1])


def test_before_fit():
    with pytest.raises(RuntimeError, match="before `fit`"):
        BaggingEnsemble(Constant).predict(np.ones((2, 1)))
