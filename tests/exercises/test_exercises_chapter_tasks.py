"""Exercises of the chapter on tasks: each reference against the package's and scikit-learn's."""

from __future__ import annotations

import numpy as np
from exercise_cases import each_case
from sklearn import decomposition
from sklearn import metrics as theirs

from glassnet import metrics, unsupervised


def test_r_squared_is_that_of_the_package():
    answers = []
    for (y, y_hat), answer in each_case("tasks.r_squared"):
        ours = metrics.R2Score()
        ours.update_state(y[:, np.newaxis], y_hat[:, np.newaxis])
        np.testing.assert_allclose(answer, ours.result(), rtol=1e-6)
        np.testing.assert_allclose(answer, theirs.r2_score(y, y_hat), rtol=1e-12)
        answers.append(answer)
    assert min(answers) < 0 < max(answers)


def test_precision_recall_f1_are_those_of_scikit_learn():
    nothing_called = 0
    for (y_true, y_pred), answer in each_case("tasks.precision_recall_f1"):
        *expected, _ = theirs.precision_recall_fscore_support(
            y_true, y_pred, average="binary", zero_division=0
        )
        np.testing.assert_allclose(answer, expected, rtol=1e-12)
        nothing_called += not y_pred.any()
    assert nothing_called


def test_auc_is_that_of_the_package():
    for (positive, negative), answer in each_case("tasks.auc"):
        labels = np.repeat([1, 0], [len(positive), len(negative)])
        expected = metrics.roc_auc_score(labels, np.append(positive, negative))
        np.testing.assert_allclose(answer, expected, rtol=1e-12)


def test_rule_measures_are_those_of_the_package():
    for (a, c), (support, confidence, lift) in each_case("tasks.rule_measures"):
        table = [("A",) * int(had) + ("C",) * int(got) for had, got in zip(a, c, strict=True)]
        (rule,) = (
            rule
            for rule in unsupervised.association_rules(
                unsupervised.apriori(table, 0.01), "lift", 0.0
            )
            if rule.antecedents == ("A",)
        )
        expected = rule.support, rule.confidence, rule.lift
        np.testing.assert_allclose((support, confidence, lift), expected, rtol=1e-12)


def test_lloyd_step_is_that_of_the_package_and_leaves_an_empty_centre():
    empty = 0
    for (x, centres), (labels, new) in each_case("tasks.lloyd_step"):
        np.testing.assert_array_equal(labels, unsupervised.assign(x, centres))
        used = np.unique(labels)
        expected = unsupervised.update_centres(
            x, np.unique(labels, return_inverse=True)[1], centres[used]
        )
        np.testing.assert_allclose(new[used], expected, rtol=1e-12)
        unused = np.setdiff1d(np.arange(len(centres)), used)
        np.testing.assert_array_equal(new[unused], centres[unused])
        empty += unused.size
    assert empty


def test_first_component_is_that_of_the_package_and_of_scikit_learn():
    for (x,), (direction, share) in each_case("tasks.first_component"):
        _, components, variances = unsupervised.principal_components(x)
        np.testing.assert_allclose(direction, components[0], rtol=1e-9)
        np.testing.assert_allclose(share, variances[0] / variances.sum(), rtol=1e-12)
        pca = decomposition.PCA(1, svd_solver="full").fit(x)
        np.testing.assert_allclose(share, pca.explained_variance_ratio_[0], rtol=1e-9)
