"""What the tables of the scenes must show, computed afresh from the layers, not from the trace.

A module for each scene: ``CASES``, a list of (step, {control: value}), and ``rows(step, values)``,
which returns the numbers of the table row by row without the label; None where there is no number.
"""

from __future__ import annotations

import importlib
from functools import cache

import numpy as np

from glassnet.explore import make_trace

RTOL, ATOL = 1e-6, 1e-9


def module(scene):
    """Return the module of a scene."""
    return importlib.import_module(f"{__name__}.{scene}")


@cache
def first_values(scene):
    """Return the first values of all controls; a trace is made by running layers, so only once."""
    return {control["name"]: control["value"] for control in make_trace(scene)["controls"]}


def full_values(scene, values):
    """Return the values of all controls: the first ones, unless `values` names others."""
    first = first_values(scene)
    assert values.keys() <= first.keys(), f"{scene} has no control {values.keys() - first.keys()}"
    return first | values


def assert_rows(shown, expected, where):
    """Compare the numbers of a table with those computed afresh."""
    assert len(shown) == len(expected), f"{where}: {len(shown)} rows, not {len(expected)}"
    for number, (row, wanted) in enumerate(zip(shown, expected, strict=True)):
        assert len(row) == len(wanted), f"{where}, row {number}: {row} for {wanted}"
        for value, want in zip(row, wanted, strict=True):
            if want is None:
                assert not isinstance(value, (int, float)), f"{where}, row {number}: {value}"
            else:
                np.testing.assert_allclose(
                    float(value), want, rtol=RTOL, atol=ATOL, err_msg=f"{where}, row {number}"
                )
