"""Cross-validation and searches: no leakage, no dependence on the order, errors explained."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import data, metrics
from glassnet.layers import Dense, Input
from glassnet.models import Functional, Sequential
from glassnet.search import (
    GridSearch,
    KFold,
    RandomSearch,
    StratifiedKFold,
    cross_validate,
    log_uniform,
)


@pytest.fixture
def rng():
    return np.random.default_rng(8)


@pytest.fixture
def regression(rng):
    x = rng.standard_normal((31, 3)) * [1, 5, 20]
    return x, x @ [1.0, 0.2, -0.05] + rng.standard_normal(31)


@pytest.fixture
def moons(rng):
    return data.make_moons(60, 0.2, rng)


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


def network(units=4, rate=0.05, epochs=2):
    model = Sequential([Dense(units, activation="tanh"), Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.optimizer.learning_rate = rate
    return model, {"epochs": epochs, "batch_size": 16}


class Spy:
    """Remembers what it is shown, and always says the mean."""

    seen: list

    def fit(self, x, y):
        Spy.seen.append(x)
        self.mean = y.mean()

    def predict(self, x):
        return np.full(len(x), self.mean)


@pytest.mark.parametrize("scoring", ["mean_squared_error", "mean_absolute_error", "r2_score"])
@pytest.mark.parametrize("prepare", [None, data.standardise])
def test_the_scores_of_scikit_learn(regression, rng, scoring, prepare):
    x, y = regression
    folds = KFold(5, rng).split(x)
    ours = cross_validate(Ridge, x, y, folds, rng, scoring, prepare, {"alpha": 2.0})
    model = Ridge(2.0) if prepare is None else make_pipeline(StandardScaler(), Ridge(2.0))
    name = "r2" if scoring == "r2_score" else f"neg_{scoring}"
    theirs = cross_val_score(model, x, y, cv=folds, scoring=name)
    np.testing.assert_allclose(ours, theirs if name == "r2" else -theirs, rtol=1e-9)


def test_the_test_part_is_never_seen(regression, rng):
    """Not by `prepare` while it learns, and not by the model."""
    x, y = regression
    folds, calls = KFold(4, rng).split(x), []
    Spy.seen = []

    def prepare(train, test):
        calls.append((train, test))
        return train + 1000, test + 1000

    cross_validate(Spy, x, y, folds, rng, "mean_squared_error", prepare)
    for (train, test), call, seen in zip(folds, calls, Spy.seen, strict=True):
        np.testing.assert_array_equal(call[0], x[train])
        np.testing.assert_array_equal(call[1], x[test])
        np.testing.assert_array_equal(seen, x[train] + 1000)


def test_a_leak_would_be_seen():
    """Choosing the best of many random features before the folds are made looks like skill."""

    def best(x, y):
        return np.argsort(-np.abs(x.T @ (y - y.mean())))[:10]

    class Honest(Ridge):
        def fit(self, x, y):
            self.columns = best(x, y)
            return super().fit(x[:, self.columns], y)

        def predict(self, x):
            return super().predict(x[:, self.columns])

    scores = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x, y = rng.standard_normal((50, 500)), rng.standard_normal(50)
        leaky = cross_validate(Ridge, x[:, best(x, y)], y, KFold(5), rng, "r2_score")
        honest = cross_validate(Honest, x, y, KFold(5), rng, "r2_score")
        scores.append((leaky.mean(), honest.mean()))
    leaky, honest = np.mean(scores, axis=0)
    assert leaky > 0.2
    assert honest < 0


def test_networks_get_new_weights_in_every_fold_and_the_same_from_the_same_seed(moons):
    x, y = moons
    folds = StratifiedKFold(3).split(x, y)
    first, again, other = (
        cross_validate(network, x, y, folds, np.random.default_rng(s), "loss") for s in (0, 0, 1)
    )
    assert first.dtype == np.float64
    assert first.shape == (3,)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_networks_are_built_in_the_dtype_of_the_data(dtype, rng):
    built = []

    def build():
        model, options = network()
        built.append(model)
        return model, options

    x, y = rng.integers(0, 5, (20, 2)).astype(dtype), rng.integers(0, 2, 20)
    cross_validate(build, x, y, KFold(2), rng, "loss")
    expected = np.float32 if dtype is np.int64 else dtype
    assert {model.dtype for model in built} == {np.dtype(expected)}


def test_a_functional_model_too(moons, rng):
    def build():
        inputs = Input((2,))
        model = Functional(inputs, Dense(1, activation="sigmoid")(inputs))
        model.compile("adam", "binary_crossentropy")
        return model

    assert cross_validate(build, *moons, KFold(3, rng), rng, "accuracy").shape == (3,)


def test_scoring_by_name_callable_and_metric(moons, rng):
    x, y = moons
    folds, seed = StratifiedKFold(3).split(x, y), 5
    by_name, by_callable, by_metric = (
        cross_validate(network, x, y, folds, np.random.default_rng(seed), scoring)
        for scoring in (
            "accuracy",
            lambda y_true, y_pred: np.mean((y_pred[:, 0] > 0.5) == y_true),
            metrics.BinaryAccuracy(),
        )
    )
    np.testing.assert_allclose(by_name, by_callable)
    np.testing.assert_allclose(by_name, by_metric)
    area = cross_validate(network, x, y, folds, np.random.default_rng(seed), "auc")
    assert np.all(area > 0)


def test_grid_search_as_in_scikit_learn(regression, rng):
    x, y = regression
    folds, grid = KFold(4, rng).split(x), {"alpha": [500.0, 1.0, 30.0], "fit_intercept": [True]}
    theirs = GridSearchCV(Ridge(), grid, cv=folds, scoring="neg_mean_squared_error").fit(x, y)
    ours = GridSearch(Ridge, grid, folds, "mean_squared_error").fit(x, y, rng)
    assert ours.best_params == theirs.best_params_
    assert ours.best_index == theirs.best_index_
    assert ours.best_score == pytest.approx(-theirs.best_score_)
    assert [row["params"] for row in ours.results] == theirs.cv_results_["params"]
    np.testing.assert_allclose(
        [row["mean"] for row in ours.results], -theirs.cv_results_["mean_test_score"]
    )
    np.testing.assert_allclose(
        [row["std"] for row in ours.results], theirs.cv_results_["std_test_score"]
    )
    assert {len(row["scores"]) for row in ours.results} == {4}
    assert {row["error"] for row in ours.results} == {None}


def test_a_result_depends_on_its_parameters_only(moons):
    """Not on the order of the candidates, nor on which others there are."""
    x, y = moons
    folds = StratifiedKFold(3).split(x, y)

    def scores(*units):
        search = GridSearch(network, {"units": units}, folds, "loss")
        search.fit(x, y, np.random.default_rng(1))
        return {row["params"]["units"]: row["scores"] for row in search.results}

    forward, backward, alone = scores(2, 3, 5), scores(5, 3, 2), scores(5)
    assert forward == backward
    assert alone[5] == forward[5]
    assert len({tuple(row) for row in forward.values()}) == 3


def test_random_search(moons):
    x, y = moons

    def run(seed):
        search = RandomSearch(
            network,
            {"rate": log_uniform(1e-4, 1e-1), "units": [2, 6]},
            4,
            KFold(2),
            "accuracy",
        )
        return search.fit(x, y, np.random.default_rng(seed))

    first, again, other = run(0), run(0), run(1)
    assert first.results == again.results
    assert [r["params"] for r in first.results] != [r["params"] for r in other.results]
    assert len(first.results) == 4
    assert first.best_score == max(row["mean"] for row in first.results)
    assert first.best_params == first.results[first.best_index]["params"]


def test_mode():
    for scoring, mode in [
        ("loss", "min"),
        ("mse", "min"),
        ("mean_absolute_error", "min"),
        ("accuracy", "max"),
        ("r2_score", "max"),
        ("auc", "max"),
        (metrics.RootMeanSquaredError(), "min"),
    ]:
        assert GridSearch(Ridge, {"alpha": [1]}, KFold(2), scoring).mode == mode
    assert GridSearch(Ridge, {"alpha": [1]}, KFold(2), max, "min").mode == "min"
    refused(GridSearch, Ridge, {"alpha": [1]}, KFold(2), max, match="scoring=")
    refused(GridSearch, Ridge, {"alpha": [1]}, KFold(2), "something", match="something")
    refused(GridSearch, Ridge, {"alpha": [1]}, KFold(2), "loss", "best", match="best")


def broken(alpha):
    if alpha == 2:
        raise ValueError("no such thing")
    return Ridge(alpha)


def test_an_error_names_the_candidate(regression, rng):
    grid = {"alpha": [1, 2, 3]}
    search = GridSearch(broken, grid, KFold(3), "mean_squared_error")
    with pytest.raises(RuntimeError, match=r"'alpha': 2.*fold 0.*ValueError: no such thing"):
        search.fit(*regression, rng)
    assert not hasattr(search, "best_params")


def test_an_error_can_be_a_score(regression, rng):
    grid = {"alpha": [1, 2, 3]}
    kept = GridSearch(broken, grid, KFold(3), "mean_squared_error", error_score=np.nan)
    kept.fit(*regression, rng)
    assert "no such thing" in kept.results[1]["error"]
    assert np.isnan(kept.results[1]["mean"])
    assert kept.best_params["alpha"] in (1, 3)
    punished = GridSearch(broken, grid, KFold(3), "mean_squared_error", error_score=np.inf)
    assert punished.fit(*regression, rng).best_params == kept.best_params
    tempting = GridSearch(broken, grid, KFold(3), "r2_score", error_score=np.inf)
    assert tempting.fit(*regression, rng).best_params["alpha"] in (1, 3)
    all_fail = GridSearch(broken, {"alpha": [2]}, KFold(3), "mse", error_score=np.nan)
    with pytest.raises(RuntimeError, match="no such thing"):
        all_fail.fit(*regression, rng)
    refused(GridSearch, broken, grid, KFold(3), "mse", error_score="ignore", match="ignore")


def test_a_network_that_explodes_is_reported_with_its_parameters(rng):
    x, y = rng.standard_normal((20, 2)), rng.standard_normal((20, 1))

    def build(rate):
        model = Sequential([Dense(1)])
        model.compile("sgd", "mse")
        model.optimizer.learning_rate = rate
        return model, {"epochs": 200}

    grid = {"rate": [1e-3, 1e30]}
    search = GridSearch(build, grid, KFold(2), "loss", error_score=np.nan).fit(x, y, rng)
    assert search.best_params == {"rate": 1e-3}
    assert "must be finite" in search.results[1]["error"]


def test_models_must_be_new(moons, rng):
    model, _ = network()
    model.build((None, 2), rng)
    refused(cross_validate, lambda: model, *moons, KFold(2), rng, "loss", match="built Sequential")
    refused(cross_validate, lambda: 3, *moons, KFold(2), rng, "loss", match="3")


def test_bad_input(regression, rng):
    x, y = regression
    refused(cross_validate, Ridge, x, y[:5], KFold(3), rng, "mse", match="(5,)")
    refused(cross_validate, Ridge, x, y, [], rng, "mse", match="none")
    overlapping = [(np.arange(20), np.arange(19, 31))]
    refused(cross_validate, Ridge, x, y, overlapping, rng, "mse", match="1 in both")
    refused(cross_validate, Ridge, x, y, [([], [1])], rng, "mse", match="0 to train")
    refused(cross_validate, Ridge, x, y, KFold(3), 0, "mse", match="rng")
    refused(cross_validate, Ridge, x, y, KFold(3), rng, "nothing", match="nothing")
    refused(GridSearch, Ridge, {"alpha": []}, KFold(3), "mse", match="alpha=[]")
    refused(RandomSearch, Ridge, {"alpha": [1]}, 0, KFold(3), "mse", match="n_iter")


def test_nothing_is_written_to(regression, rng):
    x, y = regression
    before = x.copy(), y.copy()
    cross_validate(Ridge, x, y, KFold(3, rng), rng, "mse", data.standardise)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(y, before[1])
