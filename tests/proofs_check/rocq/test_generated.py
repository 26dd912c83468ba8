"""What is printed for Coq: the repository's files are those of the constructions; one entry changes a digest."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from constructions.errors import ContractError
from constructions.theorems import construction
from constructions.wiring import Blueprint
from proofs_check.rocq import PRINTED, SHIPPED, Proofs, _proved, blueprint_text, digest, network_text
from proofs_check.rocq._proved import proved_in_the_library, proved_theorems
from proofs_check.rocq._retrieval import variants
from proofs_check.rocq._sources import needed, printed, theories

FOLDER = Path(__file__).parents[3] / "proofs_check" / "rocq"


def _blueprints() -> list[Blueprint]:
    return [*(construction(name).blueprint for name in PRINTED), *variants()]


@pytest.mark.parametrize("name", PRINTED)
def test_files_in_the_repository_are_those_of_the_constructions(name: str) -> None:
    for source in printed(construction(name).blueprint):
        assert (FOLDER / source.path).read_text() == source.text, f"run python -m proofs_check.rocq ({source.path})"


def test_no_file_is_left_over_and_the_order_is_complete() -> None:
    expected = {source.module for blueprint in _blueprints() for source in printed(blueprint)}
    assert {path.stem for path in (FOLDER / "generated").glob("*.v")} == expected
    listed = [line for line in (FOLDER / "_CoqProject").read_text().splitlines() if line.endswith(".v")]
    assert sorted(listed) == sorted(str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*.v"))
    assert len(set(listed)) == len(listed)


def test_nothing_is_assumed_in_the_library() -> None:
    for source in theories().values():
        words = source.text.replace(".", " ").split()
        for word in ("Admitted", "admit", "Axiom", "Axioms", "Parameter", "Parameters", "Conjecture"):
            assert word not in words, f"{source.path} holds {word}"


def test_the_table_of_proved_theorems_is_about_these_weights() -> None:
    table = json.loads((FOLDER / "proved.json").read_text())["blueprints"]
    made = {name: construction(name).blueprint for name in PRINTED}
    assert {entry["construction"] for entry in table.values()} == {*made, *(other.name for other in variants())}
    for name, blueprint in made.items():
        assert digest(blueprint) in table, f"{name} changed: run python -m proofs_check.rocq --prove"
        expected = {t.name for t in Proofs([construction(n) for n in PRINTED]).theorems if name in t.constructions}
        assert set(proved_theorems(blueprint)) == expected
    assert proved_in_the_library() == {theorem.name for theorem in SHIPPED if not theorem.constructions}
    assert all(theorem.constructions == () or set(theorem.constructions) <= set(made) for theorem in SHIPPED)


def test_one_entry_changes_the_digest_and_nothing_is_said_of_it() -> None:
    blueprint = construction("transformer/index").blueprint
    matrix = blueprint.unembedding["special"]
    place = next(iter(matrix.entries))
    wrong = replace(matrix, entries={**matrix.entries, place: matrix.entries[place] + 1})
    changed = replace(blueprint, unembedding={**blueprint.unembedding, "special": wrong})
    assert digest(changed) != digest(blueprint)
    assert proved_theorems(blueprint)
    assert proved_theorems(changed) == ()


def test_beside_another_library_nothing_is_said_to_be_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_proved, "theories_digest", lambda: "0" * 64)
    _proved._table.cache_clear()
    try:
        assert proved_theorems(construction("transformer/index").blueprint) == ()
        assert proved_in_the_library() == frozenset()
    finally:
        monkeypatch.undo()
        _proved._table.cache_clear()
    assert proved_in_the_library()


def test_names_cannot_leave_their_comments() -> None:
    blueprint = construction("transformer/index").blueprint
    evil = replace(blueprint, name='x *) Axiom f : False. (* "', coordinates=("*)", *blueprint.coordinates[1:]))
    text = blueprint_text(evil)
    assert text.count("*)") == blueprint_text(blueprint).count("*)")


def test_a_blueprint_without_a_network_is_refused() -> None:
    with pytest.raises(ContractError, match="does not say of which gadgets"):
        network_text(replace(construction("transformer/index").blueprint, network=None))


def test_each_file_comes_after_what_it_loads() -> None:
    sources = dict(theories()) | {source.module: source for b in _blueprints() for source in printed(b)}
    seen: set[str] = set()
    for source in needed(sources, sources):
        assert set(source.requires) <= seen
        seen.add(source.module)
