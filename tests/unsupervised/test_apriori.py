"""Frequent itemsets and rules: against counting everything, and as the theory has it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from glassnet import data
from glassnet.unsupervised import (
    apriori,
    association_rules,
    count_itemsets,
    encode_transactions,
    join_itemsets,
    prune_itemsets,
    rule_measures,
)

SHOP = [("bread", "milk"), ("bread", "butter", "milk"), ("butter",), ("bread", "butter")]


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


def brute_force(baskets, min_support):
    items = sorted(set().union(*map(set, baskets)))
    found = {}
    for size in range(1, len(items) + 1):
        for subset in itertools.combinations(items, size):
            share = sum(set(subset) <= set(basket) for basket in baskets) / len(baskets)
            if share >= min_support:
                found[subset] = share
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("min_support", [0.05, 0.2, 0.5, 1.0])
def test_nothing_is_missed_and_nothing_added(seed, min_support):
    rng = np.random.default_rng(seed)
    baskets = [tuple(np.flatnonzero(row)) for row in rng.uniform(size=(20, 6)) < 0.6]
    assert dict(apriori(baskets, min_support).support) == brute_force(baskets, min_support)


def test_by_hand():
    found = apriori(SHOP, 0.5)
    assert found.support == {
        ("bread",): 0.75,
        ("butter",): 0.75,
        ("milk",): 0.5,
        ("bread", "butter"): 0.5,
        ("bread", "milk"): 0.5,
    }
    # Two of three pairs are frequent, and joined; (butter, milk) is not, so nothing is counted.
    levels = [tuple(level) for level in found.levels]
    assert levels == [(1, 3, 3, 3, 3), (2, 3, 3, 3, 2), (3, 1, 1, 0, 0)]
    assert found.of_size(2) == {("bread", "butter"): 0.5, ("bread", "milk"): 0.5}


def test_support_falls_as_itemsets_grow():
    found = apriori(data.make_baskets(300, np.random.default_rng(0)), 0.02).support
    assert max(map(len, found)) >= 4
    for items, share in found.items():
        for part in itertools.combinations(items, len(items) - 1):
            assert not part or found[part] >= share


def test_join_and_prune_as_in_the_paper():
    """Agrawal and Srikant's own example."""
    frequent = [(1, 2, 3), (1, 2, 4), (1, 3, 4), (1, 3, 5), (2, 3, 4)]
    joined = join_itemsets(frequent)
    assert joined == [(1, 2, 3, 4), (1, 3, 4, 5)]
    assert prune_itemsets(joined, frequent) == [(1, 2, 3, 4)]


def test_pruning_saves_counting():
    found = apriori(data.make_baskets(500, np.random.default_rng(1)), 0.05)
    assert any(level.pruned > 0 for level in found.levels)
    for level in found.levels:
        assert level.frequent <= level.counted <= level.joined <= level.possible
        assert level.pruned == level.joined - level.counted
        assert len(found.of_size(level.size)) == level.frequent
    assert sum(level.counted for level in found.levels) < 2**11 / 4  # of all subsets


def test_order_of_transactions_and_items_does_not_matter():
    baskets = data.make_baskets(100, np.random.default_rng(2))
    shuffled = [tuple(reversed(basket)) * 2 for basket in reversed(baskets)]
    first, second = (apriori(b, 0.05) for b in (baskets, shuffled))
    assert list(first.support.items()) == list(second.support.items())
    sizes = [len(items) for items in first.support]
    assert sizes == sorted(sizes)
    assert association_rules(first, "lift", 1) == association_rules(second, "lift", 1)


def test_max_len():
    assert apriori(SHOP, 0.25, max_len=1).of_size(2) == {}
    assert max(map(len, apriori(SHOP, 0.25).support)) == 3
    assert max(map(len, apriori(SHOP, 0.25, max_len=2).support)) == 2


def test_a_support_on_the_threshold_counts():
    for n in (3, 7, 10, 30):
        for hits in range(1, n):
            baskets = [("a", "b")] * hits + [("b",)] * (n - hits)
            assert ("a", "b") in apriori(baskets, hits / n).support


def test_table():
    items, table = encode_transactions(iter([("b", "a"), (), {"c"}, ["a", "a"]]))
    assert items == ["a", "b", "c"]
    assert table.dtype == bool
    np.testing.assert_array_equal(table, [[1, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 0]])
    assert count_itemsets([(0,), (0, 1), (1, 2)], table) == [2, 1, 0]


def test_measures_by_hand():
    """Of 100: A 40, C 50, both 30."""
    confidence, lift, leverage, conviction = rule_measures(0.3, 0.4, 0.5)
    assert confidence == pytest.approx(0.75)
    assert lift == pytest.approx(1.5)
    assert leverage == pytest.approx(0.1)
    assert conviction == pytest.approx(2.0)
    assert rule_measures(0.4, 0.4, 0.5)[3] == math.inf
    assert rule_measures(0.2, 0.4, 0.5) == pytest.approx((0.5, 1, 0, 1))  # independent


def test_rules_by_hand():
    rules = association_rules(apriori(SHOP, 0.5), "confidence", 0.6)
    assert [str(rule) for rule in rules] == [
        "milk => bread",
        "bread => butter",
        "butter => bread",
        "bread => milk",
    ]
    milk = rules[0]
    assert (milk.confidence, milk.support, milk.conviction) == (1, 0.5, math.inf)
    assert milk.lift == pytest.approx(4 / 3)
    assert association_rules(apriori(SHOP, 0.5), "lift", 1.2) == [
        rule for rule in association_rules(apriori(SHOP, 0.5), "lift", 0) if rule.lift >= 1.2
    ]


@pytest.mark.parametrize("metric", ["support", "confidence", "lift", "leverage", "conviction"])
def test_all_rules_of_all_itemsets(metric):
    found = apriori(data.make_baskets(200, np.random.default_rng(3)), 0.05)
    rules = association_rules(found, metric, -1)
    assert len(rules) == sum(2 ** len(items) - 2 for items in found.support)
    assert len({(rule.antecedents, rule.consequents) for rule in rules}) == len(rules)
    values = [getattr(rule, metric) for rule in rules]
    assert values == sorted(values, reverse=True)
    for rule in rules:
        items = tuple(sorted(rule.antecedents + rule.consequents))
        assert rule.support == found.support[items]
        assert rule.antecedent_support == found.support[rule.antecedents]
        assert rule.consequent_support == found.support[rule.consequents]
    threshold = values[len(values) // 2]
    kept = association_rules(found, metric, threshold)
    assert kept == [rule for rule in rules if getattr(rule, metric) >= threshold]


def test_planted_rules_are_found():
    found = apriori(data.make_baskets(3000, np.random.default_rng(0)), 0.03)
    rules = {str(rule): rule for rule in association_rules(found, "lift", 1.5)}
    assert {"bread => butter", "coffee => milk", "eggs, flour => sugar"} <= set(rules)
    assert "bread, butter => jam" in rules
    assert "apples => cheese" not in rules
    assert rules["eggs, flour => sugar"].lift > 4


def test_bad_input():
    for min_support in (0, -0.1, 1.1, "a", np.nan):
        refused(apriori, SHOP, min_support, match="min_support")
    refused(apriori, SHOP, 0.5, 0, match="max_len")
    refused(apriori, [], match="0 without any")
    refused(apriori, [(), ()], match="2 without any")
    refused(apriori, ["bread", "milk"], match="'bread'")
    refused(apriori, [[1, "a"]], match="kind")
    refused(apriori, [[[1], [2]]], match="[[1], [2]]")
    refused(apriori, [3], match="3")
    found = apriori(SHOP, 0.5)
    refused(association_rules, found, "certainty", match="certainty")
    refused(association_rules, found, "lift", "high", match="min_threshold")
