"""Coq checks what the weights of the gallery and of neighbours compute; what it refuses is listed, with the reason."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from constructions.gallery import GALLERY, from_gallery
from constructions.tasks import Index
from constructions.theorems import NEIGHBOURING, Construction, construction
from constructions.wiring import Wiring, n
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


def many() -> Construction:
    """Gadgets that look up, compare, divide, count and add up, in one network."""
    w = Wiring("mine/many", specials=("<s>", "?", "a", "b"), numbers=(0, 9), context=n + 4)
    largest, near = w.largest("largest", w.token), w.nearest("near", [(w.token, w.token)], excluding=w.is_token("?"))
    smallest = w.smallest("smallest", w.token, where=[(w.is_number, w.one)])
    third = w.mod(w.token, 3, name="third")
    looked = w.table(w.token, {1: 2, 2: 5, 7: 1}, otherwise=0, name="looked")
    delta = {(0, 0): 1, (1, 1): 2, (2, 0): 0}
    step = w.transition(third, w.equal(looked, 5), delta, otherwise=1, name="step")
    numbers = w.average("numbers", [(w.is_number, w.one)])
    few = w.clamp(numbers.count() + numbers.total(w.is_token("a")), 0, 9, "few")
    found = ((w.equal(third, 1), largest[w.token]), (w.equal(looked, 2), smallest[w.token]), (w.equal(step, 2), few))
    w.write(w.cases(*found, otherwise=near[w.token], name="choice"))
    return Construction(w.name, Index(), w.finish(), "")


@pytest.mark.system
def test_every_kind_of_gadget_is_accepted(rocq: Path) -> None:
    results = Proofs([many()], shipped=()).run(prover(), rocq)
    assert [(r.verdict, r.faults) for r in results] == [("VERIFIED", []), ("VERIFIED", [])]


def test_modules_of_the_gallery_have_different_names() -> None:
    assert len({module_name(from_gallery(name).name) for name in GALLERY}) == len(GALLERY)
