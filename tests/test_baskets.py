"""Generated baskets: as likely as announced, and the same from the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.data import BASKET_ITEMS, BASKET_RULES, make_baskets

N = 20_000


def share(baskets, *items):
    return np.mean([set(items) <= set(basket) for basket in baskets])


def within(value, expected, n):
    """Four standard errors."""
    return abs(value - expected) < 4 * np.sqrt(expected * (1 - expected) / n)


@pytest.fixture(scope="module")
def baskets():
    return make_baskets(N, np.random.default_rng(0))


def test_popularity_of_items_without_a_rule(baskets):
    consequents = {name for _, right, _ in BASKET_RULES for name in right}
    for name in set(BASKET_ITEMS) - consequents:
        assert within(share(baskets, name), BASKET_ITEMS[name], N)
    pair = BASKET_ITEMS["apples"] * BASKET_ITEMS["tea"]
    assert within(share(baskets, "apples", "tea"), pair, N)  # independent


@pytest.mark.parametrize("rule", BASKET_RULES, ids=str)
def test_confidence_of_the_planted_rules(baskets, rule):
    left, right, probability = rule
    having = [basket for basket in baskets if set(left) <= set(basket)]
    own = BASKET_ITEMS[right[0]]
    assert within(share(having, *right), probability + (1 - probability) * own, len(having))


def test_form(baskets):
    assert len(baskets) == N
    assert all(type(basket) is tuple for basket in baskets)
    assert all(list(basket) == sorted(set(basket)) for basket in baskets)
    assert set().union(*baskets) == set(BASKET_ITEMS)


def test_own_items_and_rules():
    rng = np.random.default_rng(0)
    assert make_baskets(3, rng, {"a": 1.0, "b": 0.0}) == [("a",)] * 3
    assert make_baskets(3, rng, {"a": 1, "b": 0}, [(("a",), ("b",), 1)]) == [("a", "b")] * 3
    assert make_baskets(2, rng, {"a": 0, "b": 0}, [(("a",), ("b",), 1)]) == [(), ()]
    chain = [(("a",), ("b",), 1), (("b",), ("c",), 1)]
    assert make_baskets(1, rng, {"a": 1, "b": 0, "c": 0}, chain) == [("a", "b", "c")]
    assert make_baskets(1, rng, {"a": 1, "b": 0, "c": 0}, chain[::-1]) == [("a", "b")]


def test_the_same_seed_gives_the_same_baskets():
    first, again, other = (make_baskets(50, np.random.default_rng(s)) for s in (1, 1, 2))
    assert first == again != other


def test_bad_input():
    rng = np.random.default_rng(0)
    for args in [
        (0, rng),
        (2.5, rng),
        (3, 0),
        (3, rng, {"a": 1.5}),
        (3, rng, {"a": 0.5}, [(("b",), ("a",), 0.5)]),
        (3, rng, {"a": 0.5, "b": 0.1}, [(("a",), ("b",), 2)]),
        (3, rng, {"a": 0.5, "b": 0.1}, [("a", ("b",), 0.5)]),
        (3, rng, {"a": 0.5, "b": 0.1}, [((), ("b",), 0.5)]),
    ]:
        with pytest.raises(ValueError, match="Received"):
            make_baskets(*args)
