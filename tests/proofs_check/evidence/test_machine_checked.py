"""The rung machine-checked is shown for the very weights that Coq saw, and for no others."""

from dataclasses import replace

import pytest

from constructions.machines import champion
from constructions.theorems import CONSTRUCTIONS, construction
from proofs_check.evidence._proofs import machine_checked
from proofs_check.rocq import digest


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_construction_has_theorems_about_its_weights(name: str) -> None:
    blueprint = construction(name).blueprint
    (evidence,) = machine_checked(blueprint, solves=False)
    solved = machine_checked(blueprint, solves=True)
    assert evidence.kind == "machine-checked"
    assert "Wire_" in evidence.words
    assert solved
    assert all("Solves" in found.words and "Wire_" not in found.words for found in solved)
    for found in (evidence, *solved):
        assert digest(blueprint)[:16] in found.words
        assert "prove has it checked again" in found.words


def test_other_weights_have_none() -> None:
    blueprint = construction("transformer/index").blueprint
    matrix = blueprint.embedding["special"]
    place = next(iter(matrix.entries))
    wrong = replace(matrix, entries={**matrix.entries, place: matrix.entries[place] + 1})
    changed = replace(blueprint, embedding={**blueprint.embedding, "special": wrong})
    for solves in (False, True):
        assert machine_checked(changed, solves=solves) == ()
        assert (
            machine_checked(construction("hybrid/turing", machine=champion("bb5").machine()).blueprint, solves=solves)
            == ()
        )
