"""Chapters 06, 09 to 15: a claim's cell fails when its component is replaced by a wrong one."""

from __future__ import annotations

import pytest
from claims_held import claims_of, hold


@pytest.mark.parametrize("claim", claims_of(6, *range(9, 16)))
def test_the_cell_of_a_claim_notices_a_wrong_component(claim):
    hold(claim)
