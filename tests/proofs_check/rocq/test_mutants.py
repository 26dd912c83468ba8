"""No model with a fault passes the checker: one wrong entry, slope, unit, head, layer or logit."""

import itertools
from pathlib import Path

import pytest

from constructions.theorems import CONSTRUCTIONS, construction
from proofs_check.rocq import module_name
from tests.proofs_check.rocq.coq_runs import evaluated

ENTRIES = ("plus_one", "doubled", "negated", "moved", "deleted", "times_n")
OTHERS = ("dropped_units", "slopes 1", "slopes (-1)", "slopes 2", "dropped_heads", "dropped_layers", "swapped_logits")

QUICK = (
    "transformer/index",
    "transformer/associative-recall",
    "transformer/counting",
    "hybrid/index",
    "retrieval/index",
)


def judged(directory: Path, name: str) -> dict[str, tuple[int, int]]:
    """By kind of fault, how many models there are, and how many of them pass."""
    blueprint = construction(name).blueprint
    module = module_name(name)
    means = blueprint.network is not None and blueprint.network.sign is not None
    check = "check_mean domain_ M means ranges_" if means else "check_all domain_ M wiring ranges_"
    models = [
        *(f"mutants {kind} blueprint" for kind in ENTRIES),
        *(f"{k.split()[0]} blueprint {' '.join(k.split()[1:])}" for k in OTHERS),
    ]
    text = (
        "From Coq Require Import ZArith List.\n"
        "From RetrievalGap Require Import Model Network NetTop NetRange NetFull NetMean Mutants.\n"
        f"From RetrievalGap.Generated Require Import Gen_{module} Wire_{module}.\n"
        "Import ListNotations.\nOpen Scope Z_scope.\n"
        f"Definition passes (M : model) : bool := {check}.\n"
        "Definition judged (l : list model) : list Z := [Z.of_nat (length l); Z.of_nat (length (filter passes l))].\n"
        f"Eval vm_compute in (passes blueprint, map judged [{'; '.join(models)}]).\n"
    )
    (found,) = evaluated(directory, text, [blueprint])
    assert found.startswith("(true,")
    numbers = [
        int(word)
        for word in found.removeprefix("(true,")
        .replace("[", " ")
        .replace("]", " ")
        .replace(")", " ")
        .replace(";", " ")
        .split()
    ]
    return dict(zip((*ENTRIES, *OTHERS), zip(numbers[::2], numbers[1::2], strict=True), strict=True))


def all_refused(directory: Path, name: str) -> None:
    found = judged(directory, name)
    survivors = {kind: passed for kind, (_, passed) in found.items() if passed}
    # Tokens that are never written have equal logits: to swap those of two changes nothing.
    logits = [dict(row) for row in construction_logits(name)]
    same = sum(a == b for a, b in itertools.pairwise(logits))
    assert survivors == ({"swapped_logits": same} if same else {})
    assert all(made > 0 for kind, (made, _) in found.items() if kind in ENTRIES)


def construction_logits(name: str) -> list[dict[int, object]]:
    matrix = construction(name).blueprint.unembedding["special"]
    rows: list[dict[int, object]] = [{} for _ in matrix.rows]
    for (i, j), entry in matrix.entries.items():
        rows[i][j] = entry
    return rows


@pytest.mark.system
@pytest.mark.parametrize("name", QUICK)
def test_every_fault_is_refused(rocq: Path, name: str) -> None:
    all_refused(rocq, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_fault_of_every_construction_is_refused(rocq: Path, name: str) -> None:
    all_refused(rocq, name)
