"""What the tests of claims against wrong components share; they are two files for two workers."""

from __future__ import annotations

import functools
from pathlib import Path

import claims
import claims_about_concepts
import claims_about_models
import claims_about_sequences
import claims_about_training
from claims_wrong import Outcome, examine_notebook

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = claims.load_claims(ROOT / claims.DATA_FILE)
TABLES = (
    claims_about_concepts,
    claims_about_training,
    claims_about_models,
    claims_about_sequences,
)
COMPONENTS = {
    claim: cells for module in TABLES for table in module.TABLES for claim, cells in table.items()
}


def fact_check(claim: str) -> Path:
    """The notebook of a claim."""
    (path,) = (ROOT / "chapters").glob(f"[0-9][0-9]_{CLAIMS[claim]['chapter']}/fact_check.ipynb")
    return path


def claims_of(*chapters: int) -> list[str]:
    """The claims of some chapters, in the order of the chapters."""
    places = {claim: int(fact_check(claim).parent.name[:2]) for claim in CLAIMS}
    return sorted((c for c in CLAIMS if places[c] in chapters), key=lambda c: (places[c], c))


@functools.cache
def _outcomes(path: Path) -> dict[str, list[Outcome]] | Exception:
    """What came of a notebook; an error is kept too, or every claim would run it again."""
    try:
        return examine_notebook(path, COMPONENTS)
    except Exception as error:
        return error


def hold(claim: str) -> None:
    """Fail unless each cell of the claim passes as it is and fails with what is wrong."""
    outcomes = _outcomes(fact_check(claim))
    if isinstance(outcomes, Exception):
        raise outcomes
    for outcome in outcomes[claim]:
        where = f"{claim}, code cell {outcome.cell}"
        assert not outcome.right, f"{where} fails as it stands: {outcome.right}"
        assert outcome.tried, f"{where}: no wrong component is named"
        passed = ", ".join(outcome.survivors)
        assert not passed, f"{where} is true all the same with a wrong version of: {passed}"
