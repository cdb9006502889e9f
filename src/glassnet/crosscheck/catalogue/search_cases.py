"""Candidates, folds, searches and ensembles, against scikit-learn and exact solutions."""

from __future__ import annotations

import itertools

import numpy as np

from glassnet import data, ensembles, search
from glassnet.layers import Dense
from glassnet.models import Sequential

from ..report import Report, compare_arrays
from .registry import case


class _Ridge:
    """Linear regression with a penalty, solved exactly."""

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def fit(self, x, y):
        """Solve the normal equations of the centred data."""
        self.x_mean, self.y_mean = x.mean(axis=0), y.mean(axis=0)
        x, y = x - self.x_mean, y - self.y_mean
        self.weights = np.linalg.solve(x.T @ x + self.alpha * np.eye(x.shape[1]), x.T @ y)

    def predict(self, x):
        """Return the predictions."""
        return (x - self.x_mean) @ self.weights + self.y_mean


def _regression(rng, n=47):
    x = rng.standard_normal((n, 3)) * [1, 5, 20]
    return x, x @ [1.0, 0.2, -0.05] + 0.5 * rng.standard_normal(n)


@case("search.ParameterGrid, against scikit-learn", "search.ParameterGrid")
def _grid(rng):
    from sklearn.model_selection import ParameterGrid

    grid = [{"units": [8, 16], "rate": [0.1, 0.2, 0.3]}, {"depth": [1, 2]}]
    ours, theirs = search.ParameterGrid(grid), list(ParameterGrid(grid))
    rows = [
        compare_arrays("the same, in the same order", [list(ours) == theirs], [True], 0, 0),
        compare_arrays("number", len(ours), len(theirs), 0, 0),
    ]
    return Report("grid", rows)


@case(
    "search.ParameterSampler, against the distributions",
    "search.ParameterSampler",
    "search.uniform",
    "search.log_uniform",
    "search.integers",
)
def _sampler(rng):
    """Kolmogorov and Smirnov's largest distance to the distribution function, chi-square."""
    from scipy import stats

    n = 2000
    drawn = list(
        search.ParameterSampler(
            {
                "rate": search.log_uniform(1e-4, 1e-1),
                "share": search.uniform(-1, 3),
                "units": search.integers(2, 6),
                "kind": ["a", "b", "c"],
            },
            n,
            rng,
        )
    )
    column = {name: np.array([params[name] for params in drawn]) for name in drawn[0]}
    units, kinds = (np.unique(column[name], return_counts=True) for name in ("units", "kind"))
    p_values = {
        "log_uniform": stats.kstest(column["rate"], stats.loguniform(1e-4, 1e-1).cdf).pvalue,
        "uniform": stats.kstest(column["share"], stats.uniform(-1, 4).cdf).pvalue,
        "integers": stats.chisquare(units[1]).pvalue,
        "list": stats.chisquare(kinds[1]).pvalue,
    }
    rows = [
        compare_arrays(f"{name}, p-value not below 0.001", [p > 0.001], [True], 0, 0)
        for name, p in p_values.items()
    ]
    rows.append(compare_arrays("integers", units[0], [2, 3, 4, 5, 6], 0, 0))
    every = list(search.ParameterSampler({"a": [1, 2], "b": [3, 4, 5]}, 6, rng))
    pairs = sorted((params["a"], params["b"]) for params in every)
    rows.append(
        compare_arrays(
            "lists without repetition", pairs, list(itertools.product((1, 2), (3, 4, 5))), 0, 0
        )
    )
    return Report("sampler", rows)


@case("search.KFold, against scikit-learn", "search.KFold", "search.StratifiedKFold")
def _folds(rng):
    """Without shuffling the folds are the same; shuffled, they keep their sizes and shares."""
    from sklearn import model_selection as reference

    x, y = np.zeros((53, 2)), rng.choice([3, 1, 2], 53, p=[0.2, 0.5, 0.3])
    y[:3] = 3, 1, 2  # not in the order of the numbers
    rows = []
    for name, splits in [
        ("KFold", 5),
        ("KFold", 7),
        ("StratifiedKFold", 3),
        ("StratifiedKFold", 4),
    ]:
        ours = getattr(search, name)(splits).split(x, y)
        theirs = list(getattr(reference, name)(splits).split(x, y))
        shuffled = getattr(search, name)(splits, rng).split(x, y)
        for part in (0, 1):
            rows.append(
                compare_arrays(
                    f"{name}({splits}), part {part}",
                    np.concatenate([split[part] for split in ours]),
                    np.concatenate([split[part] for split in theirs]),
                    0,
                    0,
                )
            )
        rows += [
            compare_arrays(
                f"{name}({splits}), shuffled: every row once",
                np.sort(np.concatenate([test for _, test in shuffled])),
                np.arange(53),
                0,
                0,
            ),
            compare_arrays(
                f"{name}({splits}), shuffled: sizes",
                [len(test) for _, test in shuffled],
                [len(test) for _, test in theirs],
                0,
                0,
            ),
        ]
    counts = [[np.count_nonzero(y[test] == k) for k in (1, 2, 3)] for _, test in shuffled]
    known = [[np.count_nonzero(y[test] == k) for k in (1, 2, 3)] for _, test in theirs]
    rows.append(compare_arrays("shuffled: classes", counts, known, 0, 0))
    return Report("folds", rows)


@case("search.cross_validate, against scikit-learn", "search.cross_validate")
def _cross_validate(rng):
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = _regression(rng)
    folds = search.KFold(6, rng).split(x)
    rows = []
    for title, prepare, model in [
        ("as they are", None, Ridge(3.0)),
        ("standardised", data.standardise, make_pipeline(StandardScaler(), Ridge(3.0))),
    ]:
        for scoring, theirs, sign in [
            ("mean_squared_error", "neg_mean_squared_error", -1),
            ("r2_score", "r2", 1),
        ]:
            ours = search.cross_validate(_Ridge, x, y, folds, rng, scoring, prepare, {"alpha": 3.0})
            reference = sign * cross_val_score(model, x, y, cv=folds, scoring=theirs)
            rows.append(compare_arrays(f"{title}: {scoring}", ours, reference))
    return Report("cross-validation", rows)


@case("search.GridSearch, against scikit-learn", "search.GridSearch", "search.RandomSearch")
def _grid_search(rng):
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV

    x, y = _regression(rng)
    folds = search.KFold(4, rng).split(x)
    grid = {"alpha": [0.01, 3.0, 40.0, 900.0]}
    theirs = GridSearchCV(Ridge(), grid, cv=folds, scoring="neg_mean_squared_error").fit(x, y)
    rows = []
    for title, ours in [
        ("grid", search.GridSearch(_Ridge, grid, folds, "mean_squared_error")),
        ("random, all four", search.RandomSearch(_Ridge, grid, 4, folds, "mean_squared_error")),
    ]:
        ours.fit(x, y, rng)
        table = sorted(ours.results, key=lambda row: row["params"]["alpha"])
        rows += [
            compare_arrays(
                f"{title}: means",
                [row["mean"] for row in table],
                -theirs.cv_results_["mean_test_score"],
            ),
            compare_arrays(
                f"{title}: deviations",
                [row["std"] for row in table],
                theirs.cv_results_["std_test_score"],
            ),
            compare_arrays(f"{title}: best score", ours.best_score, -theirs.best_score_),
            compare_arrays(
                f"{title}: best alpha",
                ours.best_params["alpha"],
                theirs.best_params_["alpha"],
                0,
                0,
            ),
        ]
    return Report("search", rows)


@case("search.GridSearch, the largest score", "search.GridSearch")
def _largest_score(rng):
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV

    x, y = _regression(rng)
    folds, grid = search.KFold(4).split(x), {"alpha": [900.0, 0.1, 40.0]}
    theirs = GridSearchCV(Ridge(), grid, cv=folds, scoring="r2").fit(x, y)
    ours = search.GridSearch(_Ridge, grid, folds, "r2_score").fit(x, y, rng)
    rows = [
        compare_arrays("best score", ours.best_score, theirs.best_score_),
        compare_arrays("its place", ours.best_index, theirs.best_index_, 0, 0),
    ]
    return Report("search", rows)


@case("search.cross_validate, networks against a loop", "search.cross_validate")
def _networks(rng):
    """The same networks, built and trained by hand from the generators that the folds get."""
    x, y = data.make_moons(60, 0.2, rng)
    folds = search.StratifiedKFold(3).split(x, y)

    def build(units):
        model = Sequential([Dense(units, activation="tanh"), Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model, {"epochs": 2, "batch_size": 16}

    seed = int(rng.integers(1000))
    ours = search.cross_validate(
        build, x, y, folds, np.random.default_rng(seed), "loss", data.standardise, {"units": 5}
    )
    expected = []
    for (train, test), child in zip(
        folds, np.random.default_rng(seed).integers(2**63, size=3), strict=True
    ):
        model, options = build(5)
        mean, deviation = x[train].mean(axis=0), x[train].std(axis=0)
        model.build((None, 2), np.random.default_rng(child), np.float64)
        model.fit((x[train] - mean) / deviation, y[train], verbose=0, **options)
        yes = model.predict((x[test] - mean) / deviation)[:, 0]
        expected.append(-np.mean(np.log(np.where(y[test] == 1, yes, 1 - yes))))
    return Report("networks", [compare_arrays("losses", ours, expected)])


@case(
    "ensembles.AveragingEnsemble, against scikit-learn",
    "ensembles.AveragingEnsemble",
    "ensembles.average_predictions",
)
def _averaging(rng):
    from sklearn.ensemble import VotingRegressor
    from sklearn.linear_model import Ridge

    x, y = _regression(rng)
    members = [Ridge(alpha).fit(x, y) for alpha in (0.1, 30.0, 9000.0)]
    rows = []
    for weights in (None, [0.5, 1.0, 3.5]):
        theirs = VotingRegressor([(str(i), m) for i, m in enumerate(members)], weights=weights)
        theirs.fit(x, y)
        ours = ensembles.AveragingEnsemble(members, weights)
        rows.append(compare_arrays(f"weights={weights}", ours.predict(x), theirs.predict(x)))
    return Report("averages", rows)


@case(
    "ensembles.ambiguity, against the identity",
    "ensembles.ambiguity",
    "ensembles.ambiguity_decomposition",
)
def _ambiguity(rng):
    """Half the mean squared difference of two members drawn by weight is their variance."""
    y_true, predictions = rng.standard_normal((7, 3)), rng.standard_normal((4, 7, 3))
    rows = []
    for weights in (None, rng.uniform(0.1, 2, 4)):
        shares = np.full(4, 0.25) if weights is None else weights / weights.sum()
        pairs = sum(
            shares[i] * shares[j] * (predictions[i] - predictions[j]) ** 2 / 2
            for i, j in itertools.product(range(4), repeat=2)
        )
        title = "weighted " if weights is not None else ""
        ensemble, members, disagreement = ensembles.ambiguity_decomposition(
            y_true, predictions, weights
        )
        average = sum(w * p for w, p in zip(shares, predictions, strict=True))
        own = sum(w * np.mean((p - y_true) ** 2) for w, p in zip(shares, predictions, strict=True))
        rows += [
            compare_arrays(f"{title}ambiguity", ensembles.ambiguity(predictions, weights), pairs),
            compare_arrays(f"{title}error", ensemble, np.mean((average - y_true) ** 2)),
            compare_arrays(f"{title}error of the members", members, own),
            compare_arrays(f"{title}identity", ensemble, members - disagreement),
        ]
    return Report("ambiguity", rows)


@case(
    "ensembles.BaggingEnsemble, against scikit-learn",
    "ensembles.BaggingEnsemble",
    "ensembles.out_of_bag",
    "ensembles.out_of_bag_average",
)
def _bagging(rng):
    """With scikit-learn's samples, and neighbours that are counted as often as they were drawn."""
    from sklearn.ensemble import BaggingClassifier
    from sklearn.neighbors import KNeighborsClassifier

    x, new = rng.standard_normal((40, 2)), rng.standard_normal((9, 2))
    y = (x[:, 0] + rng.standard_normal(40) > 0).astype(int)
    theirs = BaggingClassifier(KNeighborsClassifier(5), 15, oob_score=True, random_state=0)
    theirs.fit(x, y)

    class Neighbours(KNeighborsClassifier):
        predict = KNeighborsClassifier.predict_proba

    ours = ensembles.BaggingEnsemble(lambda: Neighbours(5), 15)
    ours.fit(x, y, rng, samples=np.stack(theirs.estimators_samples_))
    rows = [
        compare_arrays("probabilities", ours.predict(new), theirs.predict_proba(new)),
        compare_arrays("out of bag", ours.oob_prediction, theirs.oob_decision_function_),
    ]
    return Report("bagging", rows)


@case(
    "ensembles.bootstrap_indices, frequencies against probabilities",
    "ensembles.bootstrap_indices",
    "ensembles.expected_distinct_share",
)
def _bootstrap(rng):
    """All 27 samples of three of three, and the share of distinct ones among them."""
    draws, seen = 5400, np.zeros((3, 3, 3))
    for _ in range(draws):
        seen[tuple(ensembles.bootstrap_indices(3, rng))] += 1
    deviations = (seen / draws - 1 / 27) / np.sqrt(26 / 27**2 / draws)
    everything = list(itertools.product(range(3), repeat=3))
    shares = [len(set(sample)) / 3 for sample in everything]
    pairs = [len(set(sample)) / 4 for sample in itertools.product(range(4), repeat=2)]
    rows = [
        compare_arrays("standard errors", deviations, np.zeros((3, 3, 3)), 0, 4.5),
        compare_arrays("3 of 3", ensembles.expected_distinct_share(3), np.mean(shares)),
        compare_arrays("2 of 4", ensembles.expected_distinct_share(4, 2), np.mean(pairs)),
        compare_arrays("many", ensembles.expected_distinct_share(10**6), 1 - np.exp(-1), 1e-5),
    ]
    return Report("bootstrap", rows)
