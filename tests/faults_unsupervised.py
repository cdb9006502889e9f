# ruff: noqa: E501 - one fault a line
"""Faults to plant in clustering, components, rules, rankings, searches and ensembles."""

from __future__ import annotations

_LLOYD = "keras: unsupervised.lloyd, against scikit-learn"
_SEEDING = "keras: unsupervised.kmeans_plus_plus, frequencies against probabilities"
_PCA = "keras: unsupervised.PCA, against scikit-learn"
_COMPONENTS = "keras: unsupervised.principal_components, against the covariance matrix"
_SUBSETS = "keras: unsupervised.apriori, against all subsets"
_RULES = "keras: unsupervised.association_rules, against mlxtend"
_CLUSTERINGS = "keras: metrics of clusterings, against scikit-learn"
_RANKINGS = "keras: metrics of rankings, against scikit-learn"
_F1 = "keras: metrics.F1Score, average=None"
_CROSS = "keras: search.cross_validate, against scikit-learn"
_GRID = "keras: search.GridSearch, against scikit-learn"
_FOLDS = "keras: search.KFold, against scikit-learn"
_SAMPLER = "keras: search.ParameterSampler, against the distributions"
_BAGGING = "keras: ensembles.BaggingEnsemble, against scikit-learn"
_AMBIGUITY = "keras: ensembles.ambiguity, against the identity"
_BOOTSTRAP = "keras: ensembles.bootstrap_indices, frequencies against probabilities"
_NETWORKS = "keras: search.cross_validate, networks against a loop"

_KMEANS_FAULTS = [
    ("np.sum((x - centre) ** 2, axis=1) for", "np.sum(np.abs(x - centre), axis=1) for", _LLOYD),
    ("np.argmin(squared_distances(x, centres), axis=1)", "np.argmax(squared_distances(x, centres), axis=1)", _LLOYD),
    ("x[labels == cluster].mean(axis=0)", "np.median(x[labels == cluster], axis=0)", _LLOYD),
    ("labels = _without_empty_clusters(x, labels, centres)\n    return np.stack([x[labels == cluster].mean(axis=0) for cluster in range(len(centres))])", "return np.stack([x[labels == c].mean(axis=0) if np.any(labels == c) else centres[c] for c in range(len(centres))])", _LLOYD),
    ("np.argmax(np.where(sizes[labels] > 1, distance, -1))", "np.argmin(np.where(sizes[labels] > 1, distance, 99))", _LLOYD),
    ("* float(x.var(axis=0).mean())", "", _LLOYD),
    ("shift <= tolerance", "shift == 0", _LLOYD),
    ("step + 1, moved, shift", "step + 1, (moved + centres) / 2, shift", _LLOYD),
    ("p=weight / weight.sum()", "p=np.sqrt(weight) / np.sqrt(weight).sum()", _SEEDING),
    ("rows.append(rng.choice(len(x), p=weight / weight.sum()))", "rows.append(int(weight.argmax()))", _SEEDING),
    ("nearest = np.minimum(nearest, squared_distances(x, x[rows[-1:]])[:, 0])", "nearest = squared_distances(x, x[rows[-1:]])[:, 0]", _SEEDING),
    ("rows = [rng.integers(len(x))]", "rows = [0]", _SEEDING),
    ("run.inertia < best.inertia", "run.inertia > best.inertia", "keras: unsupervised.KMeans, against all partitions"),
    ("np.sqrt(squared_distances(self._checked(x), self.cluster_centers_))", "squared_distances(self._checked(x), self.cluster_centers_)", "keras: unsupervised.KMeans, against scikit-learn"),
    ("return self.history[-1]", "return self.history[0]", _LLOYD),
]  # fmt: skip

_PCA_FAULTS = [
    ("np.linalg.svd(x - mean,", "np.linalg.svd(x,", _COMPONENTS),
    ("singular_values**2 / (len(x) - 1)", "singular_values**2 / len(x)", _COMPONENTS),
    ("singular_values**2 / (len(x) - 1)", "singular_values / (len(x) - 1)", _COMPONENTS),
    ("flip_signs(components), ", "components, ", _PCA),
    ("components * np.sign(", "components * -np.sign(", _COMPONENTS),
    ("np.argmax(np.abs(components), axis=1)", "np.argmax(components, axis=1)", _COMPONENTS),
    ("((x - self.mean_) @", "(x @", _PCA),
    ("@ self.components_.T) / self._scale()", "@ self.components_.T) * self._scale()", _PCA),
    ("(z * self._scale()) @ self.components_ + self.mean_", "z @ self.components_ + self.mean_", _PCA),
    ("variances / variances.sum()", "variances / variances.max()", _PCA),
    ('side="right") + 1', 'side="right")', _PCA),
    ("np.sqrt(variances[:kept] * (len(x) - 1))", "np.sqrt(variances[:kept] * len(x))", _PCA),
]  # fmt: skip

_APRIORI_FAULTS = [
    ("if s >= min_support", "if s > min_support", _SUBSETS),
    ("if first[:-1] != second[:-1]:", "if first[:1] != second[:1]:", _SUBSETS),
    ("for second in frequent[i + 1 :]", "for second in frequent[i + 2 :]", _SUBSETS),
    ("itertools.combinations(candidate, len(candidate) - 1)", "itertools.combinations(candidate, 1)", _SUBSETS),
    (".all(axis=0)", ".any(axis=0)", _SUBSETS),
    ("math.comb(len(items), size)", "math.comb(len(items), size - 1)", _SUBSETS),
    ("return self.joined - self.counted", "return self.counted", _SUBSETS),
    ("len(joined[0]) <= limit", "len(joined[0]) < limit", "keras: unsupervised.apriori, against mlxtend"),
    ("confidence = support / antecedent_support", "confidence = support / consequent_support", _RULES),
    ("lift = confidence / consequent_support", "lift = confidence / antecedent_support", _RULES),
    ("leverage = support - antecedent_support", "leverage = confidence - antecedent_support", _RULES),
    ("(1 - consequent_support) / (1 - confidence)", "(1 - confidence) / (1 - consequent_support)", _RULES),
    ("range(1, len(items))", "range(1, len(items) - 1)", _RULES),
    ("key=lambda rule: -getattr", "key=lambda rule: getattr", _RULES),
]  # fmt: skip

_METRIC_FAULTS = [
    ("clustering", "np.maximum(sizes[codes] - 1, 1)", "np.maximum(sizes[codes], 1)", _CLUSTERINGS),
    ("clustering", "np.where(own, np.inf, sums / sizes)", "(sums / sizes)", _CLUSTERINGS),
    ("clustering", "np.where(sizes[codes] > 1, silhouette, 0)", "silhouette", _CLUSTERINGS),
    ("clustering", "np.sqrt(np.sum((x - row) ** 2, axis=1))", "np.sum((x - row) ** 2, axis=1)", _CLUSTERINGS),
    ("clustering", "2 * (together * everything - in_true * in_pred)", "2 * together * everything", _CLUSTERINGS),
    ("clustering", "(in_true + in_pred) * everything - 2 * in_true * in_pred", "2 * in_true * everything - 2 * in_true * in_pred", _CLUSTERINGS),
    ("clustering", "clusters * rows + columns", "rows + classes * columns", _CLUSTERINGS),
    ("clustering", "(x - centres[labels]) ** 2", "np.abs(x - centres[labels])", _LLOYD),
    ("ranking", "np.argsort(-y_score[counted]", "np.argsort(y_score[counted]", _RANKINGS),
    ("ranking", "np.diff(y_score) != 0, True", "np.diff(y_score) != 9, True", _RANKINGS),
    ("ranking", "counted = weight > 0", "counted = weight >= 0", _RANKINGS),
    ("ranking", "prepend=0) / 2\n", "prepend=0)\n", _RANKINGS),
    ("ranking", "called = counts.true_positives + counts.false_positives", "called = counts.true_positives + 2 * counts.false_positives", _RANKINGS),
    ("ranking", "np.append(np.inf, counts.thresholds)", "np.append(1, counts.thresholds)", _RANKINGS),
    ("ranking", "np.diff(recall, prepend=0) * precision", "np.diff(recall, prepend=0) * precision[0]", _RANKINGS),
    ("ranking", "ranks = np.cumsum(ties) - (ties - 1) / 2", "ranks = np.cumsum(ties)", "keras: metrics.rank_auc, against all pairs"),
    ("ranking", "positives * (positives + 1) / 2", "positives * (positives - 1) / 2", "keras: metrics.rank_auc, against all pairs"),
    ("ranking", "self._batches = []", "self._batches = getattr(self, '_batches', [])", "keras: metrics.AUC"),
    ("ranking", "return _area(counts) / pairs if", "return _area(counts) if", "keras: metrics.AUC"),
    ("scores", "hits + missed + EPSILON", "hits + wrong + EPSILON", _F1),
    ("scores", "(np.abs(y_pred) > 1e-9)", "(np.abs(y_pred) > -1)", _F1),
    ("scores", "self.beta**2 * precision + recall", "precision + self.beta**2 * recall", "keras: metrics.FBetaScore, average=weighted, beta=2.0"),
    ("scores", "present = hits + missed", "present = hits + wrong", "keras: metrics.FBetaScore, average=weighted, beta=2.0"),
    ("scores", "(1 + self.beta**2) * precision", "(1 + self.beta) * precision", "keras: metrics.FBetaScore, average=None, beta=0.5, threshold=0.4"),
    ("scores", "np.sum(hits), np.sum(wrong), np.sum(missed)", "hits, wrong, missed", "keras: metrics.F1Score, average=micro"),
    ("scores", "self.total += shift**2 * self.count", "self.total += 0 * shift", "keras: metrics.R2Score"),
    ("scores", "1 - _quotient(self.residual", "_quotient(self.residual", "keras: metrics.R2Score"),
    ("scores", "np.sum(self.total * scores)", "np.sum(scores)", "keras: metrics.R2Score, class_aggregation=variance_weighted_average"),
    ("scores", "weight * (y_true - mean) ** 2", "(y_true - mean) ** 2", "keras: metrics.R2Score, class_aggregation=None"),
]  # fmt: skip

_SEARCH_FAULTS = [
    ("candidates", "names = sorted(grid)\n", "names = sorted(grid)[::-1]\n", "keras: search.ParameterGrid, against scikit-learn"),
    ("candidates", "sum(math.prod(map(len", "max(math.prod(map(len", "keras: search.ParameterGrid, against scikit-learn"),
    ("candidates", "math.exp(rng.uniform(start, stop))", "rng.uniform(low, high)", _SAMPLER),
    ("candidates", "rng.integers(low, high, endpoint=True)", "rng.integers(low, high)", _SAMPLER),
    ("candidates", "rng.choice(len(grid), n_iter, replace=False)", "rng.choice(len(grid), n_iter)", _SAMPLER),
    ("folds", "fold = np.sort(np.arange(len(x)) % self.n_splits)", "fold = np.arange(len(x)) % self.n_splits", _FOLDS),
    ("folds", "dealt += len(members)", "dealt += 0", _FOLDS),
    ("folds", "np.flatnonzero(fold != number), np.flatnonzero(fold == number)", "np.flatnonzero(fold == number), np.flatnonzero(fold != number)", _FOLDS),
    ("folds", "classes[np.argsort(first)]", "classes", _FOLDS),
    ("validation", "    train, test = split\n", "    test, train = split\n", _CROSS),
    ("validation", "fitted(build, x_train, y[train]", "fitted(build, x_train, y[train][::-1]", _CROSS),
    ("validation", "prepare(x_train, x_test)\n    model", "prepare(x, x_test)[0][train], prepare(x, x_test)[1]\n    model", _CROSS),
    ("validation", "np.nanargmax(means) if", "np.nanargmin(means) if", "keras: search.GridSearch, the largest score"),
    ("validation", "else np.nanargmin(means)", "else np.nanargmax(means)", _GRID),
    ("validation", "float(np.std(scores))", "float(np.var(scores))", _GRID),
    ("validation", "zip(splits, seeds, strict=True)\n    ]", "zip(splits, seeds[::-1], strict=True)\n    ]", _NETWORKS),
]  # fmt: skip

_ENSEMBLE_FAULTS = [
    ("(weights / weights.sum()).astype", "np.asarray(weights).astype", "keras: ensembles.AveragingEnsemble, against scikit-learn"),
    ("around = predictions - average_predictions(predictions, weights)", "around = predictions - average_predictions(predictions)", _AMBIGUITY),
    ("around**2, axes=1", "np.abs(around), axes=1", _AMBIGUITY),
    ("_shares(weights, predictions) @ errors.mean(axis=1)", "errors.mean()", _AMBIGUITY),
    ("integers(n, size=n)", "permutation(n)", _BOOTSTRAP),
    ("1 - (1 - 1 / n) ** draws", "(1 - 1 / n) ** draws", _BOOTSTRAP),
    ("draws = n if draws is None else positive_int(draws, \"draws\")", "draws = n", _BOOTSTRAP),
    ("np.isin(rows, sample, invert=True)", "np.isin(rows, sample)", _BAGGING),
    ("(weight * predictions).sum(axis=0), weight.sum(axis=0)", "(weight * predictions).sum(axis=0), len(weight) + 0 * weight.sum(axis=0)", _BAGGING),
    ("fitted(self.build, x[sample], y[sample], child)", "fitted(self.build, x[sample], y, child)", _BAGGING),
    ("fitted(self.build, x[sample], y[sample], child)", "fitted(self.build, x[np.unique(sample)], y[np.unique(sample)], child)", _BAGGING),
]  # fmt: skip

_FITTING_FAULTS = [
    ("np.float32)\n        if", "np.float32)\n        dtype = np.dtype(np.float32)\n        if", _NETWORKS),
    ('{"verbose": 0, **options}', '{"verbose": 0}', _NETWORKS),
    ("model.build((None, *x.shape[1:]), rng, dtype)", "model.build((None, *x.shape[1:]), np.random.default_rng(0), dtype)", _NETWORKS),
]  # fmt: skip

FAULTS = [
    *(("unsupervised/kmeans.py", *fault) for fault in _KMEANS_FAULTS),
    *(("unsupervised/pca.py", *fault) for fault in _PCA_FAULTS),
    *(("unsupervised/apriori.py", *fault) for fault in _APRIORI_FAULTS),
    *((f"metrics/{file}.py", *fault) for file, *fault in _METRIC_FAULTS),
    *((f"search/{file}.py", *fault) for file, *fault in _SEARCH_FAULTS),
    *(("ensembles.py", *fault) for fault in _ENSEMBLE_FAULTS),
    *(("_fitting.py", *fault) for fault in _FITTING_FAULTS),
]
