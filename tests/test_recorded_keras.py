"""What the tests themselves lean on: Keras' values looked up instead of computed again."""

from __future__ import annotations

import numpy as np
import pytest
import recorded_keras
from recorded_keras import Memory, keras_once

from glassnet.crosscheck import comparisons, recording, storage

INPUTS = {"input": np.arange(6.0).reshape(2, 3), "cotangent": [np.ones((2, 4))]}
ABOUT = {"layer": "Dense(4)"}


@pytest.fixture
def computed(monkeypatch):
    """Keras is replaced by a list of what it was asked for; it answers with its length."""
    asked = []

    def keras_values(kind, about, inputs, compute, recordable=True):
        asked.append(about)
        return {"outputs": [np.array(float(len(asked)))]}, "note"

    monkeypatch.setattr(recording, "keras_values", keras_values)
    return asked


def ask(memory, about=ABOUT, recordable=True, **inputs):
    values, _ = memory.keras_values("layer", about, {**INPUTS, **inputs}, None, recordable)
    return float(values["outputs"][0])


def test_the_same_is_computed_once(computed):
    memory = Memory()
    assert [ask(memory), ask(memory)] == [1, 1]
    assert (memory.computed, memory.found, len(computed)) == (1, 1, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"about": {"layer": "Dense(4, use_bias=False)"}},
        {"input": INPUTS["input"] * (1 + 1e-6)},
        {"input": INPUTS["input"].T},
        {"cotangent": [np.ones((4, 2))]},  # our output has a wrong shape
        {"cotangent": []},
        {"recordable": False},  # Keras' part is not named
    ],
)
def test_anything_else_is_computed(computed, other):
    memory = Memory()
    assert [ask(memory), ask(memory, **other)] == [1, 2]
    assert ask(memory) == 1


def test_what_a_faulty_run_computes_is_not_kept(computed):
    memory = Memory()
    with keras_once(memory, faulty=True):
        values, _ = comparisons.keras_values("layer", ABOUT, INPUTS, None)
    assert float(values["outputs"][0]) == 1
    with keras_once(memory):
        assert ask(memory) == 2
    assert comparisons.keras_values is not memory.keras_values


def test_what_a_page_recorded_is_found_and_nothing_else(computed, tmp_path, monkeypatch):
    texts, prints = recording._texts(ABOUT), recording._fingerprints(INPUTS)
    monkeypatch.setattr(recorded_keras, "cache_folder", lambda root: root / "cache-1")
    assert recorded_keras.recorded(tmp_path) == []
    for state, value in (("cache-0", 6.0), ("cache-1", 7.0)):
        folder = tmp_path / state / "keras-values/chapters/appendix/crosscheck_layers"
        values = {"outputs": [np.array(value)]}
        storage.store(folder, storage.Record("layer", texts, prints, "Keras", "", values))
    memory = Memory(recorded_keras.recorded(tmp_path))
    assert ask(memory) == 7  # of this state of the package
    assert ask(memory, about={"layer": "Dense(5)"}) == 1
