"""Apriori: which things occur together often, and which rules follow from that.

An itemset is a sorted tuple of items, a transaction a set of items. The support of an itemset is
the share of the transactions that contain all of it.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np

from glassnet._validation import one_of, positive_int, real_in

__all__ = [
    "FrequentItemsets",
    "Level",
    "Rule",
    "apriori",
    "association_rules",
    "count_itemsets",
    "encode_transactions",
    "join_itemsets",
    "prune_itemsets",
    "rule_measures",
]

MEASURES = ("support", "confidence", "lift", "leverage", "conviction")


class Level(NamedTuple):
    """How the search went among itemsets of one size."""

    size: int
    """Number of items."""
    possible: int
    """All itemsets of this size, which brute force would count."""
    joined: int
    """Candidates made of frequent itemsets of the size before."""
    counted: int
    """Candidates left after pruning, for which the transactions were searched."""
    frequent: int
    """Candidates that reached the support."""

    @property
    def pruned(self):
        """Candidates that were dropped without a look at the transactions."""
        return self.joined - self.counted


class FrequentItemsets(NamedTuple):
    """What `apriori` has found."""

    support: dict[tuple, float]
    """The support of every frequent itemset, small itemsets first, then in sorted order."""
    levels: tuple[Level, ...]
    """One for each size of itemset that there were candidates of."""

    def of_size(self, size):
        """Return the part of `support` with itemsets of `size` items, as a dict."""
        return {items: value for items, value in self.support.items() if len(items) == size}


class Rule(NamedTuple):
    """Who has the antecedents has the consequents, too: how often, and how surprisingly so."""

    antecedents: tuple
    """The items the rule starts from, A."""
    consequents: tuple
    """The items it leads to, C."""
    antecedent_support: float
    """Share of the transactions with A."""
    consequent_support: float
    """Share of the transactions with C."""
    support: float
    """Share of the transactions with both."""
    confidence: float
    """As lift, leverage and conviction, see `rule_measures`."""
    lift: float
    """P(C | A) / P(C)."""
    leverage: float
    """P(A, C) - P(A) P(C)."""
    conviction: float
    """P(A) P(not C) / P(A, not C)."""

    def __str__(self):
        left, right = (", ".join(map(str, side)) for side in self[:2])
        return f"{left} => {right}"


def encode_transactions(transactions):
    """Write transactions as a table of yes and no.

    Parameters
    ----------
    transactions : iterable of iterables
        The items of each; an item that is named twice counts once.

    Returns
    -------
    items : list
        All items that occur, sorted.
    table : ndarray of bool, shape (transactions, items)

    Raises
    ------
    ValueError
        If there is no transaction or no item, a transaction is a string, or items cannot be sorted.
    """
    baskets = [_basket(transaction) for transaction in transactions]
    try:
        items = sorted(set().union(*baskets))
    except TypeError as error:
        raise ValueError(
            f"Items must be of one kind that can be sorted. Received: {error}"
        ) from None
    if not items:
        raise ValueError(f"`transactions` must hold items. Received: {len(baskets)} without any")
    return items, np.array([[item in basket for item in items] for basket in baskets])


def join_itemsets(frequent):
    """Join every two itemsets that differ in their last item only.

    Parameters
    ----------
    frequent : sequence of tuple
        Itemsets of k items, each sorted, in sorted order.

    Returns
    -------
    list of tuple
        Itemsets of k + 1 items, sorted, each once.

    References
    ----------
    Agrawal and Srikant (1994), Fast algorithms for mining association rules
    (``agrawal1994fast``), section 2.1.1: the join step.
    """
    joined = []
    for i, first in enumerate(frequent):
        for second in frequent[i + 1 :]:
            if first[:-1] != second[:-1]:
                break  # in sorted order no later one begins like `first` either
            joined.append(first + second[-1:])
    return joined


def prune_itemsets(candidates, frequent):
    """Keep the candidates all of whose subsets with one item less are frequent.

    Support cannot grow with an itemset: who has all of it has every part of it. So a candidate with
    an infrequent part is infrequent, and need not be counted.

    Parameters
    ----------
    candidates : sequence of tuple
        Itemsets of k + 1 items.
    frequent : iterable of tuple
        All frequent itemsets of k items.

    Returns
    -------
    list of tuple

    References
    ----------
    As for `join_itemsets`: the prune step.
    """
    frequent = set(frequent)
    return [
        candidate
        for candidate in candidates
        if frequent.issuperset(itertools.combinations(candidate, len(candidate) - 1))
    ]


def count_itemsets(candidates, table):
    """Count the transactions that contain each candidate.

    Parameters
    ----------
    candidates : sequence of tuple of int
        Columns of `table`.
    table : ndarray of bool, shape (transactions, items)
        From `encode_transactions`.

    Returns
    -------
    list of int
    """
    columns = np.ascontiguousarray(table.T)
    return [int(np.count_nonzero(columns[list(items)].all(axis=0))) for items in candidates]


def apriori(transactions, min_support=0.5, max_len=None):
    """Find all itemsets that at least a given share of the transactions contain.

    Level by level: candidates of k + 1 items are made of the frequent itemsets of k items, pruned,
    and counted.

    Parameters
    ----------
    transactions : iterable of iterables
        See `encode_transactions`.
    min_support : float
        In (0, 1].
    max_len : int, optional
        Size of the largest itemsets to look for; by default there is no limit.

    Returns
    -------
    FrequentItemsets

    Raises
    ------
    ValueError
        If an argument does not fit.

    References
    ----------
    Agrawal and Srikant (1994), Fast algorithms for mining association rules
    (``agrawal1994fast``), section 2.1.
    """
    min_support = real_in(min_support, "min_support", 0, 1, open_low=True)
    limit = math.inf if max_len is None else positive_int(max_len, "max_len")
    items, table = encode_transactions(transactions)
    support, levels = {}, []
    joined = candidates = [(column,) for column in range(len(items))]
    while joined and len(joined[0]) <= limit:
        shares = [count / len(table) for count in count_itemsets(candidates, table)]
        found = {c: s for c, s in zip(candidates, shares, strict=True) if s >= min_support}
        size = len(joined[0])
        possible = math.comb(len(items), size)
        levels.append(Level(size, possible, len(joined), len(candidates), len(found)))
        support |= {tuple(items[i] for i in columns): share for columns, share in found.items()}
        joined = join_itemsets(list(found))
        candidates = prune_itemsets(joined, found)
    return FrequentItemsets(support, tuple(levels))


def rule_measures(support, antecedent_support, consequent_support):
    """Judge the rule A => C by three supports.

    Parameters
    ----------
    support : float
        Of A and C together.
    antecedent_support, consequent_support : float
        Of A and of C, both greater than 0.

    Returns
    -------
    confidence : float
        P(C | A), how often the rule holds where it applies.
    lift : float
        P(C | A) / P(C): 1 if A and C are independent.
    leverage : float
        P(A, C) - P(A) P(C): 0 if they are independent.
    conviction : float
        P(A) P(not C) / P(A, not C): 1 if they are independent, infinite if the rule always holds.

    References
    ----------
    Brin, Motwani, Ullman and Tsur (1997), Dynamic itemset counting (``brin1997dynamic``), for lift
    (called interest there) and conviction.
    """
    confidence = support / antecedent_support
    lift = confidence / consequent_support
    leverage = support - antecedent_support * consequent_support
    conviction = (1 - consequent_support) / (1 - confidence) if confidence < 1 else math.inf
    return confidence, lift, leverage, conviction


def association_rules(itemsets, metric="confidence", min_threshold=0.8):
    """Return all rules between parts of frequent itemsets that reach a threshold.

    Every frequent itemset is divided into antecedents and consequents in all ways.

    Parameters
    ----------
    itemsets : FrequentItemsets
    metric : str
        ``"support"``, ``"confidence"``, ``"lift"``, ``"leverage"`` or ``"conviction"``.
    min_threshold : float
        Smallest value of the metric.

    Returns
    -------
    list of Rule
        The largest value of the metric first; of equal ones, those from smaller itemsets.

    Raises
    ------
    ValueError
        If there is no such metric, or the threshold is no number.
    """
    one_of(metric, MEASURES, "metric")
    min_threshold = real_in(min_threshold, "min_threshold")
    supports, rules = itemsets.support, []
    for items, together in supports.items():
        for size in range(1, len(items)):
            for antecedents in itertools.combinations(items, size):
                consequents = tuple(item for item in items if item not in antecedents)
                parts = supports[antecedents], supports[consequents]
                measures = rule_measures(together, *parts)
                rule = Rule(antecedents, consequents, *parts, together, *measures)
                if getattr(rule, metric) >= min_threshold:
                    rules.append(rule)
    return sorted(rules, key=lambda rule: -getattr(rule, metric))


def _basket(transaction):
    if isinstance(transaction, (str, bytes)):
        raise ValueError(f"A transaction must be a list of items. Received: {transaction!r}")
    try:
        return frozenset(transaction)
    except TypeError:
        raise ValueError(
            f"A transaction must be a list of items that can be in a set. Received: {transaction!r}"
        ) from None
