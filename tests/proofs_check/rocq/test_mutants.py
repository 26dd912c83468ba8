"""No model with a fault passes the checker: one wrong entry, slope, unit, head, layer or logit."""

import itertools
import re
from pathlib import Path

import pytest

from constructions.gallery import from_gallery
from constructions.theorems import CONSTRUCTIONS, construction
from constructions.wiring import Blueprint, SymbolicFeedForward, SymbolicMatrix
from proofs_check.rocq import module_name
from proofs_check.rocq._network import judged_by, subject_of
from tests.proofs_check.rocq.coq_runs import evaluated

ENTRIES = ("plus_one", "doubled", "negated", "moved", "deleted", "times_n")
OTHERS = ("dropped_units", "slopes 1", "slopes (-1)", "slopes 2", "dropped_heads", "dropped_layers", "swapped_logits")

MANY, AT_ONCE = 200, 100
"""So many nonzero parameters has a model whose faults are judged in several runs, so many models in each."""

QUICK = (
    "transformer/index",
    "transformer/associative-recall",
    "transformer/counting",
    "hybrid/index",
    "retrieval/index",
    "gallery/histogram",
    "gallery/most-frequent",
    "gallery/linear-automaton",
)


def built(name: str) -> Blueprint:
    return (from_gallery(name) if name.startswith("gallery/") else construction(name)).blueprint


def judged(directory: Path, name: str) -> dict[str, tuple[int, int]]:
    """By kind of fault, how many models there are, and how many of them pass."""
    blueprint = built(name)
    check = f"check_{judged_by(blueprint)} domain_ M {subject_of(blueprint)} ranges_"
    models = [
        *(f"mutants {kind} blueprint" for kind in ENTRIES),
        *(f"{k.split()[0]} blueprint {' '.join(k.split()[1:])}" for k in OTHERS),
    ]
    kinds = (*ENTRIES, *OTHERS)
    if blueprint.parameters < MANY:
        return dict(zip(kinds, judged_by_coq(directory, blueprint, check, models), strict=True))
    found = {}
    for kind, listed in zip(kinds, models, strict=True):
        # Coq is stopped after some minutes, so of large models it judges some at a time.
        made = passed = 0
        while made % AT_ONCE == 0:
            some = f"firstn {AT_ONCE} (skipn {made} ({listed}))"
            ((more, again),) = judged_by_coq(directory, blueprint, check, [some])
            made, passed = made + more, passed + again
            if more == 0:
                break
        found[kind] = made, passed
    return found


def judged_by_coq(directory: Path, blueprint: Blueprint, check: str, models: list[str]) -> list[tuple[int, int]]:
    module = module_name(blueprint.name)
    text = (
        "From Coq Require Import ZArith List.\n"
        "From RetrievalGap Require Import Model Network NetTop NetRange NetFull NetMean NetMixed Mutants.\n"
        f"From RetrievalGap.Generated Require Import Gen_{module} Wire_{module}.\n"
        "Import ListNotations.\nOpen Scope Z_scope.\n"
        f"Definition passes (M : model) : bool := {check}.\n"
        "Definition judged (l : list model) : list Z := [Z.of_nat (length l); Z.of_nat (length (filter passes l))].\n"
        f"Eval vm_compute in (passes blueprint, map judged [{'; '.join(models)}]).\n"
    )
    (found,) = evaluated(directory, text, [blueprint])
    assert found.startswith("(true,")
    numbers = [int(word) for word in re.findall(r"\d+", found.removeprefix("(true,"))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def all_refused(directory: Path, name: str) -> None:
    found = judged(directory, name)
    blueprint = built(name)
    survivors = {kind: passed for kind, (_, passed) in found.items() if passed}
    # Tokens that are never written have equal logits, and to swap those of two changes nothing; nor does it to read
    # the unit that stands next, where that computes the same.
    logits = rows(blueprint.unembedding["special"])
    same = {"swapped_logits": sum(a == b for a, b in itertools.pairwise(logits)), "moved": twins(blueprint)}
    assert survivors == {kind: count for kind, count in same.items() if count}
    assert all(made > 0 for kind, (made, _) in found.items() if kind in ENTRIES)


def rows(matrix: SymbolicMatrix) -> list[dict[int, object]]:
    found: list[dict[int, object]] = [{} for _ in matrix.rows]
    for (i, j), entry in matrix.entries.items():
        found[i][j] = entry
    return found


def twins(blueprint: Blueprint) -> int:
    """How many entries of outputs stand before a unit that is the same as their own."""
    count = 0
    for layer in blueprint.layers:
        if isinstance(layer, SymbolicFeedForward):
            units = list(zip(rows(layer.gate), rows(layer.value), strict=True))
            taken = set(layer.output.entries)
            count += sum(j + 1 < len(units) and units[j] == units[j + 1] and (i, j + 1) not in taken for i, j in taken)
    return count


@pytest.mark.system
@pytest.mark.parametrize("name", QUICK)
def test_every_fault_is_refused(rocq: Path, name: str) -> None:
    all_refused(rocq, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*CONSTRUCTIONS, "gallery/linear-dyck-1", "gallery/sorting"])
def test_every_fault_of_every_construction_is_refused(rocq: Path, name: str) -> None:
    all_refused(rocq, name)
