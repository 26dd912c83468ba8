"""The tasks of upper and lower halves are the same: each statement is proved, has an instance and a refuted variant."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from proofs_check.rocq import SHIPPED
from proofs_check.rocq._sources import theories
from tests.proofs_check.rocq.coq_runs import build, library

STATEMENTS, SANITY = "StatementsTasks", "SanityTasks"
TABLE = [theorem for theorem in SHIPPED if theorem.module == "SameTasks"]


def test_each_theorem_proves_the_statement_of_its_name() -> None:
    stated = re.findall(r"^Definition statement_(\w+) : Prop :=", theories()[STATEMENTS].text, re.MULTILINE)
    proved = re.findall(r"^Theorem (\w+) : statement_(\w+)\.$", theories()["SameTasks"].text, re.MULTILINE)
    assert sorted(proved) == sorted((name, name) for name in stated)
    assert sorted(stated) == sorted(theorem.lemma for theorem in TABLE)


def test_the_statements_hold_no_proof() -> None:
    assert "Proof" not in theories()[STATEMENTS].text


def test_there_are_instances_and_refuted_variants() -> None:
    examples = re.findall(r"^Example (\w+) : (~)?", theories()[SANITY].text, re.MULTILINE)
    assert [name for name, refuted in examples if not refuted] == [
        "index_asked",
        "counting_asked",
        "c_gram_asked",
        "path_is_a_tree_of_both",
        "copying_asked",
        "equality_asked",
        "disjointness_asked",
        "mqar_asked",
        "nearest_asked",
    ]
    assert len([name for name, refuted in examples if refuted]) == 7


@pytest.mark.system
def test_coq_accepts_them_without_axioms(rocq: Path) -> None:
    builder, compiled = build(rocq, library(), "SameTasks", SANITY)
    assert {module: result.error for module, result in compiled.items() if result.error} == {}
    axioms = builder.assumptions(TABLE).axioms
    assert axioms == {theorem.name: [] for theorem in TABLE}


@pytest.mark.system
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("k <= n -> m <= n -> Lower.prefix", "m <= n -> Lower.prefix"),
        ("statement_c_gram_tasks : Prop := forall c, 2 <= c ->", "statement_c_gram_tasks : Prop := forall c,"),
        ("Lower.edges n es -> Lower.covers n es ->", "Lower.edges n es ->"),
        (
            "same_decision NearLower.disjointness NearUpper.disjoint",
            "same_decision NearLower.disjointness NearUpper.same",
        ),
        ("2 * n <= size -> n + 2 <= size ->", "2 * n <= size ->"),
        ("if snd p then Lower.YES else Lower.NO", "if snd p then Lower.NO else Lower.YES"),
    ],
)
def test_a_false_statement_is_refused(rocq_copy: Path, right: str, wrong: str) -> None:
    statements = theories()[STATEMENTS]
    assert statements.text.count(right) == 1
    false = replace(statements, text=statements.text.replace(right, wrong))
    _, compiled = build(rocq_copy, dict(library()) | {STATEMENTS: false}, "SameTasks")
    assert [name for name, result in compiled.items() if result.refused] == ["SameTasks"]
