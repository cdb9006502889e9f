"""Chapters 01 to 05, 07, 08: a claim's cell fails when its component is replaced by a wrong one."""

from __future__ import annotations

import pytest
from claims_held import claims_of, hold


@pytest.mark.parametrize("claim", claims_of(*range(1, 6), 7, 8))
def test_the_cell_of_a_claim_notices_a_wrong_component(claim):
    hold(claim)
