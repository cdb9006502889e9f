"""Grids in a known order, samples from the announced distributions, folds without overlap."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import model_selection as reference

from glassnet.search import (
    KFold,
    ParameterGrid,
    ParameterSampler,
    StratifiedKFold,
    integers,
    log_uniform,
    uniform,
)


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


@pytest.mark.parametrize(
    "grid",
    [
        {"b": [1, 2], "a": ["x", "y", "z"]},
        [{"a": [1]}, {"c": [None, (2, 3)], "a": [4, 5]}],
        {},
        {"a": np.array([0.1, 0.2])},
    ],
)
def test_grid_as_in_scikit_learn(grid):
    ours, theirs = ParameterGrid(grid), reference.ParameterGrid(grid)
    assert list(ours) == list(ours) == list(theirs)  # twice: it can be gone through again
    assert len(ours) == len(theirs)


def test_grid_refuses():
    refused(ParameterGrid, {"a": []}, match="a=[]")
    refused(ParameterGrid, {"a": "adam"}, match="a='adam'")
    refused(ParameterGrid, {"a": 3}, match="a=3")
    refused(ParameterGrid, [[1, 2]], match="[1, 2]")


def test_log_uniform_gives_every_power_of_ten_its_share(rng):
    draw = log_uniform(1e-5, 1e-1)
    values = np.array([draw(rng) for _ in range(4000)])
    assert 1e-5 <= values.min() < values.max() <= 1e-1
    counts = np.histogram(np.log10(values), bins=[-5, -4, -3, -2, -1])[0]
    assert np.all(np.abs(counts - 1000) < 4 * np.sqrt(4000 * 0.25 * 0.75))


def test_uniform_and_integers(rng):
    draw = uniform(-2, 3)
    values = np.array([draw(rng) for _ in range(2000)])
    assert -2 <= values.min() < values.max() < 3
    assert abs(values.mean() - 0.5) < 4 * 5 / math.sqrt(12 * 2000)
    assert {integers(3, 5)(rng) for _ in range(100)} == {3, 4, 5}
    assert type(uniform(0, 1)(rng)) is type(log_uniform(1, 2)(rng)) is float
    assert type(integers(0, 1)(rng)) is int


def test_distributions_refuse():
    refused(log_uniform, 0, 1, match="low")
    refused(log_uniform, -1, 1, match="low")
    refused(log_uniform, 2, 1, match="high")
    refused(uniform, 1, 1, match="high")
    refused(uniform, 0, np.inf, match="high")
    refused(integers, 1.5, 3, match="low=1.5")
    refused(integers, 1, True, match="high=True")
    refused(integers, 4, 2, match="high")


def test_sampler_draws_once_and_shows_it_again(rng):
    sampler = ParameterSampler({"rate": log_uniform(1e-3, 1), "units": [4, 8]}, 6, rng)
    first = list(sampler)
    assert first == list(sampler)
    assert len(sampler) == len(first) == 6
    assert [list(params) for params in first] == [["rate", "units"]] * 6
    first[0]["rate"] = None
    assert next(iter(sampler))["rate"] is not None
    again = ParameterSampler(
        {"units": [4, 8], "rate": log_uniform(1e-3, 1)}, 6, np.random.default_rng(6)
    )
    assert list(again) == list(sampler)  # the order of the names does not matter


def test_sampler_does_not_repeat_combinations_of_lists(rng):
    grid = {"a": [1, 2, 3], "b": [4, 5]}
    every = list(ParameterSampler(grid, 6, rng))
    assert sorted(map(str, every)) == sorted(map(str, ParameterGrid(grid)))
    assert len({str(params) for params in ParameterSampler(grid, 4, rng)}) == 4
    refused(ParameterSampler, grid, 7, rng, match="only 6")


def test_sampler_refuses(rng):
    refused(ParameterSampler, {"a": [1]}, 0, rng, match="n_iter")
    refused(ParameterSampler, {"a": []}, 1, rng, match="a=[]")
    refused(ParameterSampler, {"a": 0.1, "b": uniform(0, 1)}, 1, rng, match="a=0.1")
    refused(ParameterSampler, [{"a": [1]}], 1, rng, match="dict")
    refused(ParameterSampler, {"a": [1]}, 1, 0, match="rng")


@pytest.mark.parametrize("n", [5, 6, 9, 23, 100])
@pytest.mark.parametrize("splits", [2, 3, 5])
@pytest.mark.parametrize("shuffled", [False, True])
def test_folds(n, splits, shuffled):
    folds = KFold(splits, np.random.default_rng(0) if shuffled else None).split(np.zeros((n, 2)))
    assert len(folds) == splits
    for train, test in folds:
        assert len(np.intersect1d(train, test)) == 0
        np.testing.assert_array_equal(np.union1d(train, test), np.arange(n))
        assert np.all(np.diff(train) > 0)
    np.testing.assert_array_equal(
        np.sort(np.concatenate([test for _, test in folds])), np.arange(n)
    )
    theirs = list(reference.KFold(splits).split(np.zeros((n, 2))))
    assert [len(test) for _, test in folds] == [len(test) for _, test in theirs]
    if not shuffled:
        for (_, test), (_, other) in zip(folds, theirs, strict=True):
            np.testing.assert_array_equal(test, other)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("splits", [2, 3, 4])
def test_stratified_folds(seed, splits):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(["c", "a", "b"], [5, 11, 30]))
    x = np.zeros((46, 1))
    for test, other in zip(
        StratifiedKFold(splits).split(x, y),
        reference.StratifiedKFold(splits).split(x, y),
        strict=True,
    ):
        np.testing.assert_array_equal(test[1], other[1])
    folds = StratifiedKFold(splits, rng).split(x, y)
    np.testing.assert_array_equal(
        np.sort(np.concatenate([test for _, test in folds])), np.arange(46)
    )
    counts = np.array([[np.sum(y[test] == label) for label in "abc"] for _, test in folds])
    assert np.all(np.ptp(counts, axis=0) <= 1)
    assert np.ptp(counts.sum(axis=1)) <= 1


def test_shuffling_comes_from_the_generator_alone():
    x, y = np.zeros((30, 1)), np.arange(30) % 3
    for kind in (KFold, StratifiedKFold):
        first, again, other = (
            kind(3, np.random.default_rng(seed)).split(x, y)[0][1] for seed in (0, 0, 1)
        )
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)
        folds = kind(3, np.random.default_rng(0))
        assert not np.array_equal(folds.split(x, y)[0][1], folds.split(x, y)[0][1])


def test_folds_refuse():
    refused(KFold, 1, match="n_splits=1")
    refused(KFold, 2.5, match="n_splits")
    refused(KFold, 2, 7, match="rng")
    refused(KFold(5).split, np.zeros((4, 1)), match="(4, 1)")
    refused(StratifiedKFold(3).split, np.zeros((6, 1)), [0, 0, 0, 0, 1, 1], match="2 of 1")
    refused(StratifiedKFold(2).split, np.zeros((6, 1)), [0, 1], match="(2,)")
    refused(StratifiedKFold(2).split, np.zeros((0, 1)), [], match="none")
