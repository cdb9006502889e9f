"""Clusters, components and rules, against scikit-learn, mlxtend, and counting all there is."""

from __future__ import annotations

import itertools
import warnings
from collections import Counter

import numpy as np

from glassnet import data, metrics, unsupervised

from ..report import Report, compare_arrays
from .registry import case


def _clouds(rng, n=120, features=3, clusters=4):
    """Clouds that overlap, so that the algorithm has work to do."""
    centres = 2 * rng.standard_normal((clusters, features))
    return data.make_blobs(n, 1.0, rng, centres)[0]


@case(
    "unsupervised.lloyd, against scikit-learn",
    "unsupervised.lloyd",
    "unsupervised.KMeansFit",
    "unsupervised.assign",
    "unsupervised.squared_distances",
    "unsupervised.update_centres",
    "metrics.inertia",
)
def _lloyd(rng):
    from sklearn.cluster import KMeans

    x = 20 * _clouds(rng, 300)
    rows = []
    for title, start, tol in [
        ("from examples", x[rng.choice(len(x), 5, replace=False)], 0.0),
        ("tol=0.01", x[:5], 0.01),
        ("one centre far away", np.append(x[:4], [[900.0, 900, 900]], axis=0), 0.0),
    ]:
        ours = unsupervised.lloyd(x, start, tol=tol)
        theirs = KMeans(5, init=start, n_init=1, tol=tol, algorithm="lloyd").fit(x)
        rows += [
            compare_arrays(f"{title}: centres", ours.centres, theirs.cluster_centers_),
            compare_arrays(f"{title}: labels", ours.labels, theirs.labels_, 0, 0),
            compare_arrays(f"{title}: inertia", ours.inertia, theirs.inertia_),
            compare_arrays(f"{title}: steps", ours.steps, theirs.n_iter_, 0, 0),
        ]
    drops = np.maximum(np.diff(ours.history), 0)
    rows.append(compare_arrays("rise of the inertia", drops, np.zeros_like(drops), 0, 1e-9))
    return Report("k-means", rows)


@case("unsupervised.KMeans, against scikit-learn", "unsupervised.KMeans")
def _kmeans(rng):
    from sklearn.cluster import KMeans

    x, new = _clouds(rng), rng.standard_normal((7, 3))
    start = x[:4]
    ours = unsupervised.KMeans(4, init=start).fit(x, rng)
    theirs = KMeans(4, init=start, n_init=1).fit(x)
    best = unsupervised.KMeans(4, n_init=8).fit(x, rng)
    rows = [
        compare_arrays("centres", ours.cluster_centers_, theirs.cluster_centers_),
        compare_arrays("transform", ours.transform(new), theirs.transform(new)),
        compare_arrays("predict", ours.predict(new), theirs.predict(new), 0, 0),
        compare_arrays(
            "best of several runs",
            best.inertia_,
            KMeans(4, n_init=30, random_state=0).fit(x).inertia_,
            1e-3,  # runs end in optima that are not all the same
        ),
    ]
    return Report("k-means", rows)


@case("unsupervised.KMeans, against all partitions", "unsupervised.KMeans")
def _all_partitions(rng):
    x = rng.standard_normal((8, 2))
    smallest = np.inf
    for labels in itertools.product(range(3), repeat=8):
        groups = [x[np.array(labels) == k] for k in set(labels)]
        smallest = min(smallest, sum(((g - g.mean(axis=0)) ** 2).sum() for g in groups))
    fit = unsupervised.KMeans(3, n_init=30).fit(x, rng)
    return Report("k-means", [compare_arrays("inertia", fit.inertia_, smallest)])


@case(
    "unsupervised.kmeans_plus_plus, frequencies against probabilities",
    "unsupervised.kmeans_plus_plus",
)
def _plus_plus(rng):
    """Every ordered choice of three of five points, with the probability that the paper gives."""
    x = np.array([[0.0], [1.0], [1.5], [4.0], [9.0]])
    expected = {}
    for order in itertools.permutations(range(5), 3):
        probability = 1 / 5
        for chosen in (order[:1], order[:2]):
            nearest = ((x - x[list(chosen)].T) ** 2).min(axis=1)
            probability *= nearest[order[len(chosen)]] / nearest.sum()
        expected[order] = probability
    draws, seen = 4000, Counter()
    for _ in range(draws):
        centres, rows = unsupervised.kmeans_plus_plus(x, 3, rng)
        seen[tuple(rows.tolist())] += 1  # 0 for those that never come
    shares = np.array([seen[order] / draws for order in expected])
    chances = np.array(list(expected.values()))
    deviations = (shares - chances) / np.sqrt(chances * (1 - chances) / draws)
    return Report(
        "seeding",
        [
            compare_arrays("sum of the probabilities", chances.sum(), 1.0),
            compare_arrays("standard errors", deviations, np.zeros_like(deviations), 0, 4.5),
            compare_arrays("the centres are the rows", centres, x[rows], 0, 0),
        ],
    )


@case("unsupervised.inertia_curve, against all partitions", "unsupervised.inertia_curve")
def _inertia_curve(rng):
    """On a line the best clusters are runs of neighbours, so that few partitions are left."""
    x = rng.standard_normal((9, 1))
    ordered, best = np.sort(x[:, 0]), []
    for clusters in (1, 2, 3, 4):
        cuts = itertools.combinations(range(1, 9), clusters - 1)
        best.append(min(_scatter(np.split(ordered, list(cut))) for cut in cuts))
    ours = unsupervised.inertia_curve(x, (1, 2, 3, 4), rng, n_init=20)
    return Report("elbow", [compare_arrays("inertia", ours, best)])


def _scatter(groups):
    return sum(((group - group.mean()) ** 2).sum() for group in groups)


@case(
    "metrics of clusterings, against scikit-learn",
    "metrics.adjusted_rand_score",
    "metrics.contingency_matrix",
    "metrics.silhouette_samples",
    "metrics.silhouette_score",
)
def _clusterings(rng):
    from sklearn import metrics as reference

    x, labels, others = _clouds(rng, 40), rng.integers(0, 4, 40), rng.integers(0, 3, 40)
    labels[7] = 4  # alone in its cluster
    names = np.array(["c", "a", "b"])[others]
    noisy = np.where(rng.uniform(size=40) < 0.3, others, labels)
    rows = [
        compare_arrays(
            "silhouettes",
            metrics.silhouette_samples(x, labels),
            reference.silhouette_samples(x, labels),
        ),
        compare_arrays(
            "mean silhouette",
            metrics.silhouette_score(x, others),
            reference.silhouette_score(x, others),
        ),
        compare_arrays(
            "contingency",
            metrics.contingency_matrix(labels, names),
            reference.cluster.contingency_matrix(labels, names),
            0,
            0,
        ),
    ]
    for title, other in [("strangers", names), ("relatives", noisy), ("the same", 3 - labels)]:
        rows.append(
            compare_arrays(
                f"adjusted Rand index, {title}",
                metrics.adjusted_rand_score(labels, other),
                reference.adjusted_rand_score(labels, other),
            )
        )
    return Report("clusterings", rows)


def _varied(rng, n=30, features=6):
    return rng.standard_normal((n, features)) @ rng.standard_normal((features, features)) + 3


@case("unsupervised.PCA, against scikit-learn", "unsupervised.PCA")
def _pca(rng):
    from sklearn.decomposition import PCA

    x, new = _varied(rng), rng.standard_normal((4, 6))
    rows = []
    for kept, whiten in itertools.product((None, 2, 0.9), (False, True)):
        ours = unsupervised.PCA(kept, whiten=whiten).fit(x)
        theirs = PCA(kept, whiten=whiten, svd_solver="full").fit(x)
        title = f"n_components={kept}, whiten={whiten}"
        number = [ours.n_components_], [theirs.n_components_]
        rows.append(compare_arrays(f"{title}: number", *number, 0, 0))
        if number[0] != number[1]:
            continue  # nothing else has the same shape
        z = rng.standard_normal((4, theirs.n_components_))
        rows += [
            compare_arrays(f"{title}: components", ours.components_, theirs.components_),
            compare_arrays(
                f"{title}: variances", ours.explained_variance_, theirs.explained_variance_
            ),
            compare_arrays(
                f"{title}: shares",
                ours.explained_variance_ratio_,
                theirs.explained_variance_ratio_,
            ),
            compare_arrays(
                f"{title}: singular values", ours.singular_values_, theirs.singular_values_
            ),
            compare_arrays(f"{title}: transform", ours.transform(new), theirs.transform(new)),
            compare_arrays(
                f"{title}: back", ours.inverse_transform(z), theirs.inverse_transform(z)
            ),
        ]
    return Report("PCA", rows)


@case(
    "unsupervised.principal_components, against the covariance matrix",
    "unsupervised.principal_components",
    "unsupervised.flip_signs",
)
def _principal_components(rng):
    """Eigenvectors are compared as projections, which have no sign."""
    x = _varied(rng)
    mean, components, variances = unsupervised.principal_components(x)
    eigenvalues, vectors = np.linalg.eigh(np.cov(x.T))
    ours = np.einsum("ki,kj->kij", components, components)
    theirs = np.einsum("ik,jk->kij", vectors[:, ::-1], vectors[:, ::-1])
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
    fit = unsupervised.PCA(2).fit(x)
    lost = ((fit.inverse_transform(fit.transform(x)) - x) ** 2).sum() / (len(x) - 1)
    rows = [
        compare_arrays("mean", mean, np.mean(x, axis=0)),
        compare_arrays("variances", variances, eigenvalues[::-1]),
        compare_arrays("projections", ours, theirs),
        compare_arrays("sign of the largest entry", np.sign(largest), np.ones((6, 1)), 0, 0),
        compare_arrays("error with 2 of 6", lost, eigenvalues[:4].sum()),
    ]
    return Report("principal components", rows)


def _mlxtend(table, items, min_support, max_len=None):
    """The frequent itemsets of mlxtend, as a table of its kind."""
    from mlxtend.frequent_patterns import apriori
    from pandas import DataFrame

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return apriori(DataFrame(table, columns=items), min_support, True, max_len)


@case(
    "unsupervised.apriori, against mlxtend",
    "unsupervised.apriori",
    "unsupervised.encode_transactions",
    "unsupervised.FrequentItemsets",
)
def _apriori(rng):
    from mlxtend.preprocessing import TransactionEncoder

    baskets = data.make_baskets(400, rng)
    encoder = TransactionEncoder()
    their_table = encoder.fit_transform(baskets)
    items, table = unsupervised.encode_transactions(baskets)
    rows = [
        compare_arrays("table", table, their_table, 0, 0),
        compare_arrays("items", [items == encoder.columns_], [True], 0, 0),
    ]
    for min_support, max_len in [(0.03, None), (0.1, None), (0.03, 2)]:
        theirs = _mlxtend(their_table, encoder.columns_, min_support, max_len)
        expected = {
            tuple(sorted(i)): s for i, s in zip(theirs.itemsets, theirs.support, strict=True)
        }
        found = unsupervised.apriori(baskets, min_support, max_len)
        title = f"support {min_support}, max_len={max_len}"
        same = sorted(found.support) == sorted(expected)
        rows += [
            compare_arrays(f"{title}: the same itemsets", [same], [True], 0, 0),
            compare_arrays(
                f"{title}: supports",
                [found.support[key] for key in sorted(found.support)],
                [expected[key] for key in sorted(expected)],
            ),
            compare_arrays(
                f"{title}: pairs",
                len(found.of_size(2)),
                sum(len(key) == 2 for key in expected),
                0,
                0,
            ),
        ]
    return Report("apriori", rows)


@case(
    "unsupervised.apriori, against all subsets",
    "unsupervised.apriori",
    "unsupervised.Level",
    "unsupervised.count_itemsets",
    "unsupervised.join_itemsets",
    "unsupervised.prune_itemsets",
)
def _all_subsets(rng):
    """Every subset of seven items is looked for in every transaction."""
    baskets = [tuple(np.flatnonzero(row)) for row in rng.uniform(size=(50, 7)) < 0.5]
    support = {}
    for size in range(1, 8):
        for items in itertools.combinations(range(7), size):
            support[items] = sum(set(items) <= set(basket) for basket in baskets) / 50
    expected = {items: share for items, share in support.items() if share >= 0.2}
    ours = unsupervised.apriori(baskets, 0.2)
    rows = [
        compare_arrays("the same itemsets", [list(ours.support) == list(expected)], [True], 0, 0),
        compare_arrays("supports", list(ours.support.values()), list(expected.values()), 0, 0),
    ]
    for level in ours.levels[1:]:
        before = {items for items in expected if len(items) == level.size - 1}
        counted = [
            items
            for items in support
            if len(items) == level.size
            and before.issuperset(itertools.combinations(items, level.size - 1))
        ]
        joined = {
            a + b[-1:] for a, b in itertools.combinations(sorted(before), 2) if a[:-1] == b[:-1]
        }
        frequent = sum(len(items) == level.size for items in expected)
        possible = sum(len(items) == level.size for items in support)
        numbers = [level.possible, level.joined, level.counted, level.frequent, level.pruned]
        known = [possible, len(joined), len(counted), frequent, len(joined) - len(counted)]
        rows.append(compare_arrays(f"level {level.size}", numbers, known, 0, 0))
    return Report("apriori", rows)


@case(
    "unsupervised.association_rules, against mlxtend",
    "unsupervised.association_rules",
    "unsupervised.rule_measures",
    "unsupervised.Rule",
)
def _association_rules(rng):
    from mlxtend.frequent_patterns import association_rules

    baskets = data.make_baskets(300, rng)
    items, table = unsupervised.encode_transactions(baskets)
    itemsets = unsupervised.apriori(baskets, 0.04)
    theirs = _mlxtend(table, items, 0.04)
    columns = ("antecedent support", "consequent support", "support", "confidence")
    columns += ("lift", "leverage", "conviction")
    rows = []
    for metric, threshold in [("confidence", 0.45), ("lift", 1.3), ("leverage", 0.02)]:
        ours = unsupervised.association_rules(itemsets, metric, threshold)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table_of_rules = association_rules(theirs, metric=metric, min_threshold=threshold)
        expected = {
            ", ".join(sorted(row["antecedents"]))
            + " => "
            + ", ".join(sorted(row["consequents"])): [row[column] for column in columns]
            for _, row in table_of_rules.iterrows()
        }
        found = {str(rule): rule[2:] for rule in ours}
        values = [getattr(rule, metric) for rule in ours]
        title = f"{metric} from {threshold}"
        rows += [
            compare_arrays(f"{title}: rules", [sorted(found) == sorted(expected)], [True], 0, 0),
            compare_arrays(
                f"{title}: measures",
                [found[key] for key in sorted(found)],
                [expected[key] for key in sorted(expected)],
                atol=1e-9,  # 1 - confidence loses digits near 1
            ),
            compare_arrays(f"{title}: order", values, sorted(values, reverse=True), 0, 0),
        ]
    return Report("association rules", rows)
