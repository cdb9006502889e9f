"""No public component without a cross-check, and no cross-check that only says so."""

from __future__ import annotations

import inspect
import sys
import time

import pytest

import glassnet
from glassnet import layers, losses
from glassnet.crosscheck import catalogue

TIME = 180  # seconds of computing for the whole catalogue
PACKAGE = str(glassnet.__path__[0])


@pytest.fixture(scope="session")
def results():
    """Every report, what was called on the way, and the seconds it took."""
    called, classes = set(), set()

    def note(frame, event, argument):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE):
            called.add(code)
            if code.co_argcount and code.co_varnames[0] == "self":
                classes.add(type(frame.f_locals["self"]))

    start = time.process_time()
    sys.setprofile(note)
    try:
        reports = catalogue.run_all()
    finally:
        sys.setprofile(None)
    return (
        {report.title: report for report in reports},
        called,
        classes,
        time.process_time() - start,
    )


def test_every_public_component_has_a_case():
    assert catalogue.uncovered() == []


@pytest.mark.parametrize("name", catalogue.CASES)
def test_case_agrees(name, results):
    results[0][name].require()


def test_the_catalogue_is_quick(results):
    assert results[3] < TIME


def test_cases_cover_only_what_exists():
    named = {name for case in catalogue.CASES.values() for name in case.covers}
    assert named <= set(catalogue.public_components())


@pytest.mark.parametrize("name", catalogue.public_components())
def test_a_covered_component_is_really_called(name, results):
    _, called, classes, _ = results
    component = catalogue.public_components()[name]
    if inspect.isclass(component):
        used = any(issubclass(cls, component) for cls in classes)
        used = used or hasattr(component, "_fields")  # a tuple of values, it computes nothing
    else:
        used = inspect.unwrap(component).__code__ in called
    assert used


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
