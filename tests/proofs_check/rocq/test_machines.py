"""Trees and Turing machines: Coq accepts the theorems without axioms, and refuses them about other weights."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from constructions.theorems import construction
from proofs_check.rocq._machines import MACHINES, SANITY, STATEMENTS
from proofs_check.rocq._run import Builder, Compiled, Prover, find_prover
from proofs_check.rocq._sources import Source, needed, printed, theories
from proofs_check.rocq._theorems import ProvedTheorem

UNPROVED = re.compile(r"\b(Admitted|admit|Axioms?|Parameters?|Conjectures?)\b")
COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)
TABLE = [ProvedTheorem(*row) for row in MACHINES]
NAMES = list(dict.fromkeys(name for theorem in TABLE for name in theorem.constructions))


def sources() -> dict[str, Source]:
    """The library, and the files that are printed for the constructions of the table."""
    files = (source for name in NAMES for source in printed(construction(name).blueprint))
    return dict(theories()) | {source.module: source for source in files}


MODULES = [source.module for source in needed([*(theorem.module for theorem in TABLE), SANITY], sources())]


def unproved(text: str) -> list[str]:
    """Words by which a file holds what is not proved."""
    return UNPROVED.findall(COMMENT.sub("", text))


@pytest.fixture(scope="module")
def prover() -> Prover:
    found = find_prover(None)
    assert found is not None, "coqc is not installed; install it to run the tests marked system"
    return found


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all tests build, so that the library is compiled once."""
    return tmp_path_factory.mktemp("rocq")


def build(directory: Path, prover: Prover, files: dict[str, Source], *modules: str) -> tuple[Builder, dict[str, Compiled]]:
    order = needed(modules, files)
    builder = Builder(directory, prover)
    builder.write(order)
    return builder, builder.compile(order)


def test_each_theorem_proves_the_statement_of_its_name() -> None:
    stated = re.findall(r"^Definition statement_(\w+) : Prop :=", theories()[STATEMENTS].text, re.MULTILINE)
    proved = [
        (module, lemma)
        for module in MODULES
        for lemma, statement in re.findall(r"^Theorem (\w+) : statement_(\w+)\.$", sources()[module].text, re.MULTILINE)
        if lemma == statement
    ]
    assert sorted(stated) == sorted(theorem.lemma for theorem in TABLE)
    assert sorted(proved) == sorted((theorem.module, theorem.lemma) for theorem in TABLE)


def test_the_statements_hold_no_proof_but_that_equality_is_decided() -> None:
    text = COMMENT.sub("", theories()[STATEMENTS].text)
    assert re.findall(r"\b(?:Lemma|Theorem|Example|Fact|Remark)\b", text) == []
    assert text.count("Proof.") == 1


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_assumed(module: str) -> None:
    assert unproved(sources()[module].text) == []


@pytest.mark.parametrize("planted", ["Axiom cheat : False.", "Parameter n : nat.", "Lemma a : False. Admitted."])
def test_an_assumption_is_found(planted: str) -> None:
    text = theories()["Graphs"].text
    assert unproved(f"{text}\n{planted}\n") != []
    assert unproved(f"{text}\n(* {planted} *)\n") == []


@pytest.mark.system
def test_coq_accepts_every_theorem_and_finds_no_axiom(directory: Path, prover: Prover) -> None:
    builder, compiled = build(directory, prover, sources(), *(theorem.module for theorem in TABLE), SANITY)
    assert {module: result.error for module, result in compiled.items() if result.error} == {}
    examples = re.findall(r"^Example (\w+) :", theories()[SANITY].text, re.MULTILINE)
    instances = [ProvedTheorem(SANITY, name, "", "") for name in examples]
    axioms, _ = builder.assumptions([*TABLE, *instances])
    assert axioms == {theorem.name: [] for theorem in (*TABLE, *instances)}


@pytest.mark.system
@pytest.mark.parametrize(
    ("weights", "right", "wrong", "module", "refused"),
    [
        ("Gen_IsTree", "(2, [(0%nat, 1%nat)]); (1, [])", "(2, [(0%nat, 1%nat)]); (2, [])", "SolvesIsTree", "SolvesIsTree"),
        ("Gen_IsTree", "slope := 1", "slope := 2", "SolvesIsTree", "Wire_IsTree"),
        ("Gen_Turing", "slope := 1", "slope := 2", "SolvesExportedTuring", "SolvesExportedTuring"),
        ("Gen_HybridTuring", "(10%nat, [(2, [])])", "(10%nat, [(3, [])])", "SolvesExportedTuring", "SolvesExportedTuring"),
    ],
)
def test_a_wrong_weight_is_refused(
    directory: Path, prover: Prover, weights: str, right: str, wrong: str, module: str, refused: str
) -> None:
    files = sources()
    source = files[weights]
    assert right in source.text
    files[weights] = replace(source, text=source.text.replace(right, wrong, 1))
    _, compiled = build(directory, prover, files, module)
    assert [name for name, result in compiled.items() if result.refused] == [refused]
    assert compiled[module].error


@pytest.mark.system
@pytest.mark.parametrize(
    ("module", "right", "wrong"),
    [
        ("SolvesIsTree", "(length tour + 1 <= 2 * length (nodes es))", "(length tour + 2 <= 2 * length (nodes es))"),
        ("SolvesTransformerTuring", "(length l <= 2 * T + 1)", "(length l <= 2 * T)"),
        ("SolvesTransformerTuring", "else if s <? Z.abs (head_at c + move)", "else if s <=? Z.abs (head_at c + move)"),
    ],
)
def test_a_false_statement_is_refused(
    tmp_path: Path, directory: Path, prover: Prover, module: str, right: str, wrong: str
) -> None:
    files = sources()
    statements = files[STATEMENTS]
    assert statements.text.count(right) == 1
    files[STATEMENTS] = replace(statements, text=statements.text.replace(right, wrong))
    _, compiled = build(directory, prover, files, module)
    assert compiled[module].error
    assert [name for name, result in compiled.items() if result.refused] != []
