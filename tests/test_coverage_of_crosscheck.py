"""No public component without a cross-check, and no cross-check that only says so."""

from __future__ import annotations

import inspect
import time

import pytest
from recorded_keras import keras_once
from watched import watched

import glassnet
from glassnet import layers, losses
from glassnet.crosscheck import catalogue

TIME = 180  # seconds of computing for the whole catalogue


@pytest.fixture(scope="session")
def results():
    """Every report, what was called on the way, and the seconds it took."""
    start = time.process_time()
    with keras_once(), watched() as calls:
        reports = catalogue.run_all()
    return {report.title: report for report in reports}, calls, time.process_time() - start


def test_every_public_component_has_a_case():
    assert catalogue.uncovered() == []


@pytest.mark.parametrize("name", catalogue.CASES)
def test_case_agrees(name, results):
    results[0][name].require()


def test_the_catalogue_is_quick(results):
    assert results[2] < TIME


def test_cases_cover_only_what_exists():
    named = {name for case in catalogue.CASES.values() for name in case.covers}
    assert named <= set(catalogue.public_components())


@pytest.mark.parametrize("name", catalogue.public_components())
def test_a_covered_component_is_really_called(name, results):
    component = catalogue.public_components()[name]
    holds_values = hasattr(component, "_fields")  # a tuple, which computes nothing
    assert holds_values or results[1].uses(component)


def test_what_is_not_called_is_noticed():
    used, unused = losses.huber, losses.log_cosh
    with watched() as calls:
        assert losses.Huber(delta=0.5)([1.0], [3.0]) == used([1.0], [3.0], delta=0.5) == 0.875
    assert [calls.uses(c) for c in (used, unused, losses.Huber, losses.Loss)] == [1, 0, 1, 1]
    assert not calls.uses(losses.LogCosh)
    assert not calls.uses(layers.Dense)
    assert not hasattr(losses.Huber.__init__, "__wrapped__")


def test_no_two_functions_are_taken_for_each_other():
    components = catalogue.public_components().values()
    functions = {inspect.unwrap(c) for c in components if not inspect.isclass(c)}
    assert len({function.__code__ for function in functions}) == len(functions)


@pytest.mark.parametrize("module", [losses, layers])
def test_a_new_component_would_be_noticed(module, monkeypatch):
    class BrandNew:
        pass

    monkeypatch.setattr(module, "BrandNew", BrandNew, raising=False)
    monkeypatch.setattr(module, "__all__", [*module.__all__, "BrandNew"])
    assert catalogue.uncovered() == [f"{module.__name__.partition('.')[2]}.BrandNew"]


def test_a_new_component_of_a_submodule_would_be_noticed(monkeypatch):
    from glassnet.layers import core

    monkeypatch.setattr(core, "brand_new", lambda x: x, raising=False)
    monkeypatch.setattr(core, "__all__", [*core.__all__, "brand_new"])
    assert catalogue.uncovered() == ["layers.brand_new"]


def test_a_removed_case_would_be_noticed(monkeypatch):
    left = {
        name: case for name, case in catalogue.CASES.items() if "losses.Huber" not in case.covers
    }
    monkeypatch.setattr("glassnet.crosscheck.catalogue.registry.CASES", left)
    assert catalogue.uncovered() == ["losses.Huber"]


def test_what_is_not_compared_exists_and_has_a_reason():
    for name, reason in catalogue.NOT_COMPARED.items():
        assert reason
        value = glassnet
        for part in name.split("."):
            value = getattr(value, part)
    assert len(catalogue.NOT_COMPARED) <= 20


def test_case_names_are_unique():
    name = next(iter(catalogue.CASES))
    with pytest.raises(ValueError, match="unique"):
        catalogue.case(name)(lambda rng: None)


def test_a_case_gives_the_same_numbers_every_time():
    case = catalogue.CASES["losses.huber, delta=0.6"]
    assert case.run().rows == case.run().rows
