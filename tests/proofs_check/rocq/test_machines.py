"""Trees and Turing machines: Coq accepts the theorems without axioms, and refuses them about other weights."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from constructions.errors import InputError
from constructions.machines import Machine, Transition
from constructions.theorems import construction
from constructions.theorems._turing import EXAMPLES
from proofs_check.rocq._machines import MACHINES, SANITY, STATEMENTS, agreement
from proofs_check.rocq._proved import proved_theorems
from proofs_check.rocq._retrieval import RETRIEVAL
from proofs_check.rocq._sources import Source, needed, printed, theories
from proofs_check.rocq._theorems import ProvedTheorem
from tests.proofs_check.rocq.coq_runs import build, library

UNPROVED = re.compile(r"\b(Admitted|admit|Axioms?|Parameters?|Conjectures?)\b")
COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)
SEARCHING = ("retrieval/istree", "retrieval/turing")
TABLE = [ProvedTheorem(*row) for row in (*MACHINES, *(row for row in RETRIEVAL if set(row[4]) <= set(SEARCHING)))]


MODULES = [source.module for source in needed([*(theorem.module for theorem in TABLE), *SANITY], library())]


def unproved(text: str) -> list[str]:
    """Words by which a file holds what is not proved."""
    return UNPROVED.findall(COMMENT.sub("", text))


def test_each_theorem_proves_the_statement_of_its_name() -> None:
    texts = [theories()[file].text for file in (*STATEMENTS, "StatementsSearches")]
    # One that another statement says besides is proved with that one.
    parts = {name for text in texts for name in re.findall(r"/\\ statement_(\w+)\.", text)}
    stated = [name for t in texts for name in re.findall(r"^Definition statement_(\w+) : Prop :=", t, re.MULTILINE)]
    stated = [name for name in stated if name not in parts]
    proved = [
        (module, lemma)
        for module in MODULES
        for lemma, statement in re.findall(r"^Theorem (\w+) : statement_(\w+)\.$", library()[module].text, re.MULTILINE)
        if lemma == statement
    ]
    assert sorted(stated) == sorted(theorem.lemma for theorem in TABLE)
    assert sorted(proved) == sorted((theorem.module, theorem.lemma) for theorem in TABLE)


@pytest.mark.parametrize(("file", "equalities"), [(STATEMENTS[0], 1), (STATEMENTS[1], 2)])
def test_the_statements_hold_no_proof_but_that_equality_is_decided(file: str, equalities: int) -> None:
    text = COMMENT.sub("", theories()[file].text)
    assert re.findall(r"\b(?:Lemma|Theorem|Example|Fact|Remark)\b", text) == []
    assert text.count("Proof. decide equality") == text.count("Proof.") == equalities


def test_the_pages_name_every_theorem() -> None:
    named: set[str] = set()
    for page in ("istree", "turing-machines"):
        text = (Path(__file__).parents[3] / "docs" / f"{page}.md").read_text("utf-8")
        section = text.partition("\n## Checked by machine, for all ")[2].partition("\n## ")[0]
        named |= {name for name in re.findall(r"`(\w+\.\w+)`", section) if not name.endswith(".v")}
    assert named == {theorem.name for theorem in TABLE}


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_assumed(module: str) -> None:
    assert unproved(library()[module].text) == []


@pytest.mark.parametrize("planted", ["Axiom cheat : False.", "Parameter n : nat.", "Lemma a : False. Admitted."])
def test_an_assumption_is_found(planted: str) -> None:
    text = theories()["Graphs"].text
    assert unproved(f"{text}\n{planted}\n") != []
    assert unproved(f"{text}\n(* {planted} *)\n") == []


@pytest.mark.system
def test_coq_accepts_every_theorem_and_finds_no_axiom(rocq: Path) -> None:
    builder, compiled = build(rocq, library(), *(theorem.module for theorem in TABLE), *SANITY)
    assert {module: result.error for module, result in compiled.items() if result.error} == {}
    instances = [
        ProvedTheorem(file, name, "", "")
        for file in SANITY
        for name in re.findall(r"^Example (\w+) :", theories()[file].text, re.MULTILINE)
    ]
    axioms = builder.assumptions([*TABLE, *instances]).axioms
    assert axioms == {theorem.name: [] for theorem in (*TABLE, *instances)}


@pytest.mark.system
@pytest.mark.parametrize(
    ("weights", "right", "wrong", "module", "refused"),
    [
        ("Gen_IsTree", "slope := 1", "slope := 2", "SolvesIsTree", "Wire_IsTree"),
        ("Gen_RnnTuring", "(17%nat, [(4, [", "(17%nat, [(3, [", "SolvesExportedTuring", "SolvesExportedTuring"),
        ("Gen_RetrievalTuring", "Chr (Special 10); ", "", "SolvesExportedTuring", "SolvesExportedTuring"),
        ("Gen_Turing", "slope := 1", "slope := 2", "SolvesExportedTuring", "SolvesExportedTuring"),
        (
            "Gen_HybridTuring",
            "(10%nat, [(2, [])])",
            "(10%nat, [(3, [])])",
            "SolvesExportedTuring",
            "SolvesExportedTuring",
        ),
    ],
)
def test_a_wrong_weight_is_refused(
    rocq_copy: Path, weights: str, right: str, wrong: str, module: str, refused: str
) -> None:
    files = dict(library())
    source = files[weights]
    assert right in source.text
    files[weights] = replace(source, text=source.text.replace(right, wrong, 1))
    _, compiled = build(rocq_copy, files, module)
    assert [name for name, result in compiled.items() if result.refused] == [refused]
    assert compiled[module].error


def exported(machine: Machine, number: int, family: str) -> tuple[Source, ...]:
    """What is printed for a machine, and what is proved of it; rnn/turing on as many cells as the number says."""
    cells = number + 1 if family == "rnn" else None
    subject = construction(f"{family}/turing", machine=machine, cells=cells)
    blueprint = replace(subject.blueprint, name=f"{family}/turing {number}")
    return (*printed(blueprint), agreement(blueprint, machine, cells))


@pytest.mark.system
@pytest.mark.parametrize("family", ["transformer", "hybrid", "rnn", "retrieval"])
def test_exports_of_other_machines_simulate_them(rocq: Path, family: str) -> None:
    proofs = [exported(machine, number, family) for number, machine in enumerate(EXAMPLES)]
    modules = [proof.module for *_, proof in proofs]
    files = dict(library()) | {source.module: source for proof in proofs for source in proof}
    builder, compiled = build(rocq, files, *modules)
    assert {module: compiled[module].error for module in modules} == dict.fromkeys(modules, "")
    theorems = [ProvedTheorem(module, "simulated", "", "") for module in modules]
    axioms = builder.assumptions(theorems).axioms
    assert axioms == {theorem.name: [] for theorem in theorems}


@pytest.mark.system
@pytest.mark.parametrize("family", ["transformer", "rnn", "retrieval"])
def test_the_export_of_another_machine_is_refused(rocq: Path, family: str) -> None:
    first, second, *_ = EXAMPLES
    cells = 1 if family == "rnn" else None
    weights, network, _ = exported(first, 0, family)
    blueprint = replace(construction(f"{family}/turing").blueprint, name=f"{family}/turing 0")
    proof = replace(agreement(blueprint, second, cells), module=f"AgreesWrong{family}")
    files = dict(library()) | {source.module: source for source in (weights, network, proof)}
    _, compiled = build(rocq, files, proof.module)
    assert [name for name, result in compiled.items() if result.refused] == [proof.module]


STILL = Machine(
    "never moves",
    ("on", "off"),
    ("_", "1"),
    0,
    0,
    frozenset({1}),
    {(0, 0): Transition(1, 0, 0), (0, 1): Transition(1, 0, 1)},
)
"""Several of its features have the same values everywhere, and it never moves: the compiler leaves things out."""


@pytest.mark.system
@pytest.mark.parametrize(
    ("family", "equal"), [("transformer", False), ("hybrid", False), ("rnn", True), ("retrieval", False)]
)
def test_what_the_compiler_leaves_out_is_refused_where_the_function_keeps_it(
    rocq: Path, family: str, *, equal: bool
) -> None:
    weights, network, proof = exported(STILL, 9, family)
    files = dict(library()) | {source.module: source for source in (weights, network, proof)}
    _, compiled = build(rocq, files, proof.module)
    assert compiled[proof.module].refused != equal
    assert not equal or compiled[proof.module].error == ""


@pytest.mark.parametrize("family", ["transformer", "hybrid", "rnn", "retrieval"])
def test_no_theorem_is_claimed_of_a_machine_for_which_coq_did_not_compare_the_weights(family: str) -> None:
    name = f"{family}/turing"
    assert any("Solves" in theorem for theorem in proved_theorems(construction(name).blueprint))
    for machine in (STILL, *EXAMPLES[1:]):
        assert proved_theorems(construction(name, machine=machine).blueprint) == ()


def test_no_theorem_is_claimed_of_another_number_of_cells() -> None:
    assert proved_theorems(construction("rnn/turing", cells=11).blueprint) == ()


def test_agreement_needs_a_family_and_the_blank_first_and_cells() -> None:
    machine = EXAMPLES[0]
    with pytest.raises(InputError, match="gallery/turing: expected a construction of a family of transformer, hybrid"):
        agreement(replace(construction("transformer/index").blueprint, name="gallery/turing"), machine)
    with pytest.raises(InputError, match="the blank of busy beaver, 4 states is symbol 1, expected symbol 0"):
        agreement(construction("transformer/turing").blueprint, replace(machine, blank=1))
    with pytest.raises(InputError, match="rnn/turing: expected the number of its cells, got none"):
        agreement(construction("rnn/turing").blueprint, machine)


@pytest.mark.system
@pytest.mark.parametrize(
    ("module", "right", "wrong"),
    [
        (
            "SolvesIsTree",
            "(length tour + 1 <= 2 * length (nodes es))%nat /\\ (b = true <-> tree es)",
            "(length tour + 2 <= 2 * length (nodes es))%nat /\\ (b = true <-> tree es)",
        ),
        ("SolvesHybridIsTree", "+ 1 <= 9 * n - 4)%Z", "+ 1 <= 9 * n - 5)%Z"),
        ("Transcripts", "else if s <? Z.abs (head_at c + move)", "else if s <=? Z.abs (head_at c + move)"),
        ("RowDecoding", "else if Z.of_nat S <=? head_at c'", "else if Z.of_nat S <? head_at c'"),
        (
            "SolvesRnnTuring",
            "| Begin => row_of 2 [(row_at_ cells is_wall, (2, 0)%Z)]",
            "| Begin => row_of 2 [(row_at_ cells is_wall, (1, 0)%Z)]",
        ),
        ("SearchingRule", "(7, of_signs (leads_to m));", "(6, of_signs (leads_to m));"),
    ],
)
def test_a_false_statement_is_refused(rocq_copy: Path, module: str, right: str, wrong: str) -> None:
    files = dict(library())
    (file,) = (file for file in STATEMENTS if files[file].text.count(right) == 1)
    files[file] = replace(files[file], text=files[file].text.replace(right, wrong))
    _, compiled = build(rocq_copy, files, module)
    assert compiled[module].error
    assert [name for name, result in compiled.items() if result.refused] != []
