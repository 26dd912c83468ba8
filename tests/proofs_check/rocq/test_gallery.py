"""Coq checks what the weights of the gallery and of neighbours compute; what it refuses is listed, with the reason."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from constructions.gallery import GALLERY, from_gallery
from constructions.theorems import NEIGHBOURING, Construction, construction
from proofs_check.rocq import module_name
from proofs_check.rocq._proofs import Proofs
from tests.proofs_check.rocq.coq_runs import prover

REFUSED: dict[str, str] = {}
"""By name, what Coq says of a construction that it does not accept."""


@pytest.mark.system
@pytest.mark.parametrize(("names", "made"), [(GALLERY, from_gallery), (tuple(NEIGHBOURING), construction)])
def test_every_construction_is_accepted(rocq: Path, names: Sequence[str], made: Callable[[str], Construction]) -> None:
    constructions = [made(name) for name in names]
    shown = {c.name: name for name, c in zip(names, constructions, strict=True)}
    results = Proofs(constructions, shipped=()).run(prover(), rocq)
    assert {result.verdict for result in results} <= {"VERIFIED", "REJECTED"}
    refused = {
        shown[result.theorem.constructions[0]]: "; ".join(result.faults) or result.error
        for result in results
        if result.verdict != "VERIFIED"
    }
    assert refused == {name: said for name, said in REFUSED.items() if name in names}
    assert {name for r in results for name in r.theorem.constructions} == set(shown)


def test_modules_of_the_gallery_have_different_names() -> None:
    assert len({module_name(from_gallery(name).name) for name in GALLERY}) == len(GALLERY)
