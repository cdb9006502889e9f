"""Regularisers and constraints: what they compute, what they refuse, how they are named."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import constraints, gradcheck, regularizers

RULES = [
    regularizers.L1(0.3),
    regularizers.L2(0.3),
    regularizers.L1L2(0.3, 0.2),
]
LIMITS = [
    constraints.NonNeg(),
    constraints.UnitNorm(1),
    constraints.MaxNorm(1.3, [0, 1]),
    constraints.MinMaxNorm(0.2, 0.7, 0.9, axis=-1),
]


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def same(a, b):
    return type(a) is type(b) and a.get_config() == b.get_config()


def test_the_penalties_are_sums():
    w = np.array([[1.0, -2.0], [0.0, 3.0]])
    assert regularizers.L1(0.5)(w) == 3.0
    assert regularizers.L2(0.5)(w) == 7.0
    assert regularizers.L1L2(0.5, 1.0)(w) == 17.0
    assert regularizers.L1L2()(w) == 0.0


def test_an_absolute_value_has_slope_0_at_0():
    gradient = regularizers.L1(0.5).gradient(np.array([-2.0, 0.0, -0.0, 1e-300]))
    np.testing.assert_array_equal(gradient, [-0.5, 0.0, 0.0, 0.5])


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_the_gradient_is_that_of_the_penalty(rule, rng):
    w = rng.standard_normal((4, 3))
    gradcheck.check_function(
        lambda w: np.asarray(rule(w)), lambda dy, w: dy * rule.gradient(w), w, rng
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule", RULES + LIMITS, ids=repr)
def test_dtype_and_weights_stay(rule, dtype, rng):
    w = rng.standard_normal((4, 3)).astype(dtype)
    before = w.copy()
    new = rule.gradient(w) if isinstance(rule, regularizers.Regularizer) else rule(w)
    assert new.dtype == dtype
    assert new.shape == w.shape
    np.testing.assert_array_equal(w, before)
    if isinstance(rule, regularizers.Regularizer):
        assert type(rule(w)) is float


def test_lengths_are_those_asked_for(rng):
    w = rng.standard_normal((5, 7)) * np.linspace(0.1, 3, 7)
    lengths = np.linalg.norm(w, axis=0)
    assert lengths.min() < 0.5 < 1.3 < lengths.max()

    def after(constraint):
        return np.linalg.norm(constraint(w), axis=0)

    np.testing.assert_allclose(after(constraints.UnitNorm()), 1, rtol=1e-6)
    np.testing.assert_allclose(after(constraints.MaxNorm(1.3)), np.minimum(lengths, 1.3), rtol=1e-6)
    np.testing.assert_allclose(
        after(constraints.MinMaxNorm(0.5, 1.3)), np.clip(lengths, 0.5, 1.3), rtol=1e-6
    )
    half = 0.5 * lengths + 0.5 * np.clip(lengths, 0.5, 1.3)
    np.testing.assert_allclose(after(constraints.MinMaxNorm(0.5, 1.3, 0.5)), half, rtol=1e-6)
    np.testing.assert_array_equal(constraints.NonNeg()(w), np.where(w > 0, w, 0))


@pytest.mark.parametrize("constraint", LIMITS, ids=repr)
def test_no_weights_at_all_stay_as_they_are(constraint):
    np.testing.assert_array_equal(constraint(np.zeros((3, 2))), np.zeros((3, 2)))


@pytest.mark.parametrize(
    ("module", "rules"), [(regularizers, RULES), (constraints, LIMITS)], ids=["rules", "limits"]
)
def test_get(module, rules):
    assert module.get(None) is None
    registry = getattr(module, module.__name__.rpartition(".")[2].upper())
    for name, cls in registry.items():
        assert type(module.get(name)) is type(module.get(cls.__name__)) is cls
    for rule in rules:
        assert module.get(rule) is rule
        config = {"class_name": type(rule).__name__, "config": rule.get_config()}
        assert same(module.get(config), rule)
        assert same(eval(repr(rule), vars(module)), rule)
    for unknown in ("l3", 5, {"class_name": "l3"}, {"class_name": "L1", "config": {"l9": 1}}):
        with pytest.raises(ValueError, match="Received"):
            module.get(unknown)


def test_the_defaults_are_those_of_keras():
    assert regularizers.L1().l1 == regularizers.L2().l2 == 0.01
    assert regularizers.L1L2(l2=0.1).get_config() == {"l1": 0.0, "l2": 0.1}
    assert constraints.MaxNorm().get_config() == {"max_value": 2, "axis": 0}


@pytest.mark.parametrize(
    "make",
    [
        lambda: regularizers.L1(-0.1),
        lambda: regularizers.L2(np.inf),
        lambda: regularizers.L2("a"),
        lambda: regularizers.L1L2(0.1, np.nan),
        lambda: constraints.MaxNorm(-1),
        lambda: constraints.MaxNorm(axis=0.5),
        lambda: constraints.UnitNorm(axis=[]),
        lambda: constraints.UnitNorm(axis=True),
        lambda: constraints.MinMaxNorm(2, 1),
        lambda: constraints.MinMaxNorm(rate=1.5),
    ],
)
def test_what_makes_no_sense_raises(make):
    with pytest.raises(ValueError, match="Received"):
        make()


@pytest.mark.parametrize("base", [regularizers.Regularizer, constraints.Constraint])
def test_the_bases_are_abstract(base):
    with pytest.raises(TypeError, match="abstract"):
        base()
