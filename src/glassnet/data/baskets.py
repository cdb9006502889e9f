"""Shopping baskets with rules that are known, since they were put in."""

from __future__ import annotations

import numpy as np

from .._validation import positive_int, real_in
from .preparation import as_generator

__all__ = ["BASKET_ITEMS", "BASKET_RULES", "make_baskets"]

BASKET_ITEMS = {
    "apples": 0.25,
    "bread": 0.4,
    "butter": 0.12,
    "cheese": 0.2,
    "coffee": 0.25,
    "eggs": 0.3,
    "flour": 0.2,
    "jam": 0.06,
    "milk": 0.35,
    "sugar": 0.1,
    "tea": 0.15,
}
"""The items of the shop, and how likely each is to be bought for its own sake."""

BASKET_RULES = (
    (("bread",), ("butter",), 0.5),
    (("bread", "butter"), ("jam",), 0.4),
    (("coffee",), ("milk",), 0.6),
    (("eggs", "flour"), ("sugar",), 0.75),
)
"""Who has the first items takes the second as well, with this probability."""


def make_baskets(n, rng, items=None, rules=None):
    """Draw shopping baskets, with associations planted among items that are else independent.

    Every item comes into a basket with its own probability. Then the rules are gone through in
    their order: a basket that holds all antecedents gets the consequents with the probability p of
    the rule. If an item with the probability q is the consequent of one rule only, the confidence
    of that rule is ``p + (1 - p) q``.

    Parameters
    ----------
    n : int
        Number of baskets; some may be empty.
    rng : numpy.random.Generator
    items : dict of str to float, optional
        The probability of each item; by default ``BASKET_ITEMS``.
    rules : sequence of (antecedents, consequents, probability), optional
        By default ``BASKET_RULES`` if the items are the default ones, else none.

    Returns
    -------
    list of tuple of str
        The items of each basket, sorted.

    Raises
    ------
    ValueError
        If a probability is not in [0, 1], or a rule names an item that there is not.
    """
    n, rng = positive_int(n, "n"), as_generator(rng)
    if rules is None:
        rules = BASKET_RULES if items is None else ()
    items = BASKET_ITEMS if items is None else items
    names = sorted(items)
    chances = np.array([real_in(items[name], name, 0, 1) for name in names], np.float64)
    bought = rng.random((n, len(names))) < chances
    for antecedents, consequents, probability in rules:
        left, right = _columns(antecedents, names), _columns(consequents, names)
        probability = real_in(probability, "probability", 0, 1)
        follows = bought[:, left].all(axis=1) & (rng.random(n) < probability)
        bought[np.ix_(follows, right)] = True
    return [tuple(name for name, yes in zip(names, row, strict=True) if yes) for row in bought]


def _columns(wanted, names):
    unknown = [name for name in wanted if name not in names]
    if isinstance(wanted, str) or not wanted or unknown:
        raise ValueError(
            f"A rule must name items of {', '.join(map(str, names))}. Received: {wanted!r}"
        )
    return [names.index(name) for name in wanted]
