"""The test of the claims' cells is tested itself: a weak cell is reported, a careless table too."""

from __future__ import annotations

import math

import pytest
from claims_held import CLAIMS, COMPONENTS, fact_check
from claims_wreckers import constant, doubled, instead
from claims_wrong import Datum, Wrong, code_cells, examine, in_place, with_datum

from glassnet import activations, layers, losses

SETUP = "import numpy as np\nfrom glassnet import activations, layers\nx = np.linspace(-3, 3, 7)"


def examined(cell: str, *wrong: Wrong | Datum, before: str = SETUP):
    (outcome,) = examine([(before, None), (cell, "S9.99")], {"S9.99": [list(wrong)]})["S9.99"]
    return outcome


def test_every_claim_has_a_wrong_component_for_each_of_its_cells():
    assert sorted(COMPONENTS) == sorted(CLAIMS)
    for claim, lists in COMPONENTS.items():
        own = [cell for cell in code_cells(fact_check(claim)) if cell[1] == claim]
        assert len(lists) == len(own), claim
        assert all(lists), f"{claim}: a cell without a wrong component"


@pytest.mark.parametrize(
    "weak",
    [
        "y = activations.tanh(x)\nassert y.shape == x.shape",
        "y = activations.tanh(x)\nassert np.all(np.sign(y) == np.sign(x))",
        "assert np.all(activations.tanh(x) == activations.tanh(x))",
    ],
)
def test_a_cell_that_does_not_notice_is_reported(weak):
    outcome = examined(weak, Wrong("activations.tanh", doubled))
    assert outcome.survivors == ["activations.tanh"]
    assert not outcome.right
    assert outcome.tried == 1


def test_a_cell_that_notices_is_not_reported():
    cell = "assert np.allclose(activations.tanh(x), np.tanh(x))"
    assert examined(cell, Wrong("activations.tanh", doubled)).survivors == []


def test_an_assertion_that_fails_anyway_is_reported():
    outcome = examined("assert activations.tanh(x).max() > 1", Wrong("activations.tanh", doubled))
    assert "line 1" in outcome.right


def test_a_claim_that_is_not_in_the_table_is_reported():
    outcomes = examine([("assert 1 + 1 == 2", "S9.99")], {})
    assert outcomes["S9.99"][0].tried == 0


def test_a_component_that_only_crashes_is_no_proof():
    crash = Wrong("activations.tanh", constant(None))
    (survivor,) = examined("assert activations.tanh(x).max() < 1", crash).survivors
    assert survivor.startswith("activations.tanh, which only crashes with AttributeError")
    expected = crash._replace(raises=AttributeError)
    assert examined("assert activations.tanh(x).max() < 1", expected).survivors == []


def test_the_wrong_one_is_in_place_wherever_it_has_been_imported():
    right = activations.sigmoid(0.0), losses.mean_squared_error([0.0], [2.0])
    wrong = Wrong("activations.sigmoid", doubled), Wrong("losses.mean_squared_error", doubled)
    with in_place(wrong[0], {}), in_place(wrong[1], {}):
        assert activations.saturating.sigmoid(0.0) == 2 * right[0]
        assert activations.get("sigmoid").forward(0.0) == 2 * right[0]
        assert losses.MeanSquaredError()([[0.0]], [[2.0]]) == 2 * right[1]
    assert (activations.sigmoid(0.0), losses.mean_squared_error([0.0], [2.0])) == right


def test_a_method_and_a_constant_come_back_too():
    inherited = layers.Dense.count_params
    with in_place(Wrong("layers.Dense.count_params", constant(7)), {}):
        assert layers.Dense(3).count_params() == 7
    assert layers.Dense.count_params is inherited
    assert "count_params" not in vars(layers.Dense)
    own = layers.Dense.forward
    with in_place(Wrong("layers.Dense.forward", constant(7)), {}):
        assert layers.Dense.forward is not own
    assert layers.Dense.forward is own
    with in_place(Wrong("numpy.pi", instead(3)), {}):
        assert math.pi != __import__("numpy").pi
    assert math.pi == __import__("numpy").pi


def test_what_a_wrong_run_changes_does_not_last():
    before = (
        "import numpy as np\nrng = np.random.default_rng(0)\nbox = {'n': np.zeros(2)}\n"
        "def fill():\n    box['n'] += 1\n    return box['n']"
    )
    cell = "first = rng.random()\nfill()\nassert np.all(box['n'] == 1) and step == 1"
    wrong = Wrong("step", instead(2))
    cells = [
        (before + "\nstep = 1", None),
        (cell, "S9.99"),
        ("assert first == 0.6369616873214543", None),
    ]
    (outcome,) = examine(cells, {"S9.99": [[wrong, wrong]]})["S9.99"]
    assert outcome.survivors == []
    assert not outcome.right


def test_a_datum_must_stand_once_and_in_no_assertion():
    cell = "year = 1958\nassert year > 1943"
    assert with_datum(cell, Datum("1958", "1900")).startswith("year = 1900")
    assert examined(cell, Datum("1958", "1900")).survivors == []
    with pytest.raises(LookupError, match="in an assertion"):
        with_datum(cell, Datum("1943", "1999"))
    with pytest.raises(LookupError, match="2 times"):
        with_datum(cell, Datum("year", "age"))


def test_an_earlier_cell_runs_again_where_the_component_has_done_its_work():
    before = SETUP + "\nscale = 2"
    cells = [(before, None), ("y = scale * x", None), ("assert y[-1] == 6", "S9.99")]
    wrong = Wrong("scale", instead(3))
    for rerun, survivors in ((0, ["scale"]), (1, [])):
        table = {"S9.99": [[wrong._replace(rerun=rerun)]]}
        assert examine(cells, table)["S9.99"][0].survivors == survivors
