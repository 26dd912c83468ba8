"""The rung machine-checked is shown for the very weights that Coq saw, and for no others."""

from dataclasses import replace

import pytest

from constructions.theorems import CONSTRUCTIONS, construction
from proofs_check.evidence._proofs import machine_checked
from proofs_check.rocq import digest


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_construction_has_theorems_about_its_weights(name: str) -> None:
    blueprint = construction(name).blueprint
    (evidence,) = machine_checked(blueprint)
    assert evidence.kind == "machine-checked"
    assert "Wire_" in evidence.words
    assert digest(blueprint)[:16] in evidence.words
    assert "prove has it checked again" in evidence.words


def test_other_weights_have_none() -> None:
    blueprint = construction("transformer/index").blueprint
    matrix = blueprint.embedding["special"]
    place = next(iter(matrix.entries))
    wrong = replace(matrix, entries={**matrix.entries, place: matrix.entries[place] + 1})
    assert machine_checked(replace(blueprint, embedding={**blueprint.embedding, "special": wrong})) == ()
    assert machine_checked(construction("transformer/c-gram", c=4).blueprint) == ()
