"""Coq checks what the weights of the gallery and of neighbours compute; what it refuses is listed, with the reason."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from constructions.errors import ContractError
from constructions.gallery import GALLERY, from_gallery
from constructions.tasks import Index
from constructions.theorems import NEIGHBOURING, Construction, construction
from constructions.wiring import Wiring, n
from proofs_check.rocq import module_name
from proofs_check.rocq._network import network_text
from proofs_check.rocq._proofs import Proofs
from tests.proofs_check.rocq.coq_runs import prover

GATED = "a layer is a gated recurrence (LSTM or GRU), which proofs_check/rocq/theories/Model.v does not define"

REFUSED = {"gallery/gru-flip-flop": GATED, "gallery/lstm-counter": GATED}
"""By name, how what is said begins of a construction that is not printed for Coq."""


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_told_why(name: str) -> None:
    made = from_gallery(name)
    with pytest.raises(ContractError) as told:
        network_text(made.blueprint)
    assert str(told.value).startswith(f"{made.name}: {REFUSED[name]}")


@pytest.mark.system
@pytest.mark.parametrize(("names", "made"), [(GALLERY, from_gallery), (tuple(NEIGHBOURING), construction)])
def test_every_construction_is_accepted(rocq: Path, names: Sequence[str], made: Callable[[str], Construction]) -> None:
    shown = {made(name).name: name for name in names if name not in REFUSED}
    constructions = [made(name) for name in shown.values()]
    results = Proofs(constructions, shipped=()).run(prover(), rocq)
    assert {shown[r.theorem.constructions[0]]: r.faults or r.error for r in results if r.verdict != "VERIFIED"} == {}
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
