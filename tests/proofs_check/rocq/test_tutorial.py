"""The tutorial on proving a construction of one's own: its theorem holds without axioms, and not of another network."""

import runpy
from pathlib import Path

import pytest

from constructions.wiring import Blueprint
from proofs_check.rocq._run import Builder
from proofs_check.rocq._sources import Source, printed
from tests.proofs_check.rocq.coq_runs import build, library, prover

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
PROOF = (EXAMPLES / "BeginsWith.v").read_text("utf-8")


def weights(tmp_path: Path, right: str, other: str) -> Blueprint:
    """The tutorial's weights, after a change in its file."""
    text = (EXAMPLES / "begins_with.py").read_text("utf-8")
    assert text.count(right) == 1
    file = tmp_path / "begins_with.py"
    file.write_text(text.replace(right, other), "utf-8")
    found: Blueprint = runpy.run_path(str(file))["begins_with"]().blueprint
    return found


def refused(directory: Path, blueprint: Blueprint, proof: str = PROOF) -> list[str]:
    """The files that Coq does not accept."""
    mine = {source.module: source for source in (*printed(blueprint), Source("generated", "BeginsWith", proof))}
    _, compiled = build(directory, dict(library()) | mine, "BeginsWith")
    return [module for module, result in compiled.items() if result.refused]


@pytest.mark.system
def test_the_theorem_holds_without_axioms(rocq: Path, tmp_path: Path) -> None:
    right = 'w.at("first", 1)'
    whole = weights(tmp_path, right, right)
    assert refused(rocq, whole) == []
    asked = Source("generated", "BeginsWith", PROOF)
    assert Builder(rocq, prover()).coqc(asked.path).stdout.strip() == "Closed under the global context"


@pytest.mark.system
@pytest.mark.parametrize(
    ("right", "other"),
    [('w.at("first", 1)', 'w.at("first", 2)'), ("w.equal(first, w.token", "w.equal(first, w.token + 1")],
)
def test_it_does_not_hold_of_another_network(rocq_copy: Path, tmp_path: Path, right: str, other: str) -> None:
    assert refused(rocq_copy, weights(tmp_path, right, other)) == ["BeginsWith"]


@pytest.mark.system
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            "/\\ query = [q] /\\ t = Number (if x =? q then 1 else 0) |}.",
            "/\\ query = [q] /\\ t = Number (if x =? q then 0 else 1) |}.",
        ),
        ("xs <> [] /\\ exists q", "exists q"),
    ],
)
def test_a_false_statement_is_refused(rocq_copy: Path, tmp_path: Path, right: str, wrong: str) -> None:
    assert PROOF.count(right) == 1
    whole = weights(tmp_path, 'w.at("first", 1)', 'w.at("first", 1)')
    assert refused(rocq_copy, whole, PROOF.replace(right, wrong)) == ["BeginsWith"]
