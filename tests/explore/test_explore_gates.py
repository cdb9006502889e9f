"""The scene gates: what the trained unit does, and what it does with a gate held."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import layers
from glassnet.explore.traces.gates import VALUES, gates_trace, held, latest, sequence, trained


@pytest.fixture(scope="module")
def weights():
    return trained(3).get_weights()


def says(weights, marks, **clamps):
    """What the unit says at each step, and what is true."""
    x, true = sequence(VALUES, marks)
    h, cache = layers.lstm_forward(x, *held(*weights[:3], **clamps))
    return (h[0] @ weights[3] + weights[4])[:, 0], true, cache.gates[:, 0]


def test_the_free_unit_remembers_the_latest_mark(weights):
    y, true, gates = says(weights, [3, 10])
    assert np.abs(y - true).max() < 0.15
    i, f = gates[:, 0], gates[:, 1]
    marked = np.isin(np.arange(1, 17), [3, 10])
    assert i[marked].min() > 0.6
    assert i[~marked].max() < 0.1
    assert f[marked].max() < 0.4
    assert f[~marked].min() > 0.9


def test_an_open_forget_gate_adds_and_a_shut_one_drops(weights):
    y, true, gates = says(weights, [3, 10], f="open")
    assert np.all(gates[:, 1] == 1)
    assert y[-1] > true[-1] + 0.4  # the first value is still in it
    y, _, _ = says(weights, [3, 10], f="shut")
    assert abs(y[2] - VALUES[2]) < 0.1  # it hears the mark ...
    assert abs(y[3]) < 0.1  # ... and has forgotten it a step later


def test_a_shut_input_gate_writes_nothing(weights):
    _, _, gates = says(weights, [3, 10], i="shut")
    assert gates[:, 0].max() < 1e-20
    y, _, _ = says(weights, [3, 10], i="shut")
    assert np.ptp(y) < 1e-9


def test_the_truth_is_the_value_at_the_latest_mark():
    values, marked = np.array([[1.0, 2, 3, 4]]), np.array([[False, True, False, True]])
    assert latest(values, marked).tolist() == [[0, 2, 2, 4]]


def test_unknown_clamps_raise():
    with pytest.raises(ValueError, match="forget"):
        gates_trace(forget="half")
