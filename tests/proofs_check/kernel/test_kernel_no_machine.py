"""Certificates that no machine has so few states."""

import copy
import itertools
from typing import Any

import pytest

from proofs_check.certificates import Question, canonical_text, no_machine
from proofs_check.kernel import check
from proofs_check.kernel._no_machine import asked, formula
from proofs_check.kernel._reference import Question as KernelQuestion

Json = dict[str, Any]

# Recall of three letters under promise: with one state, 1 2 3 and 1 3 2 would have to agree on what follows 1.
ONE_STATE = no_machine(Question("associative-recall", 3, 3, "promise"), [(1, 2, 3), (1, 3, 2)], 1, [], [])
# Three words of one letter in two states: neither lemma is needed if two of them are pinned.
THREE = Question("index", 1, 3)
TWO_STATES = no_machine(THREE, [(1,), (2,), (3,)], 2, [], [[1]])
THREE_STATES = no_machine(Question("index", 1, 4), [(1,), (2,), (3,), (4,)], 3, [], [])
PINNED = no_machine(THREE, [(1,), (2,), (3,)], 2, [0, 1], [])


def word(certificate: Json) -> str:
    return check(canonical_text(certificate).encode()).line


@pytest.mark.parametrize("certificate", [ONE_STATE, TWO_STATES, PINNED])
def test_verified(certificate: Json) -> None:
    assert word(certificate).startswith(f"VERIFIED {certificate['kind']}: ")


def test_sentences_say_what_was_checked_and_no_more() -> None:
    assert "no machine that reads the prefix once is right with 2 states, so at least 3 are needed" in word(TWO_STATES)


def changed(certificate: Json, **fields: Any) -> Json:
    return {**copy.deepcopy(certificate), **fields}


@pytest.mark.parametrize(
    ("certificate", "line"),
    [
        (changed(TWO_STATES, too_few=3), "REJECTED no-machine: 3 states can tell 3 prefixes apart"),
        (changed(TWO_STATES, prefixes=[], proof=[]), "REJECTED no-machine: 2 states can tell 0 prefixes apart"),
        (changed(THREE_STATES, proof=[[1]]), "REJECTED no-machine: step 1 of the proof, [1], does not"),
        (changed(TWO_STATES, proof=[]), "REJECTED no-machine: the proof ends before"),
        (changed(TWO_STATES, proof=[[]]), "REJECTED no-machine: step 1 of the proof"),
        (
            changed(TWO_STATES, proof=[[1], []]),
            "REJECTED no-machine: the proof has 2 steps, and the formula is refuted",
        ),
        (changed(TWO_STATES, proof=[[7]]), "MALFORMED no-machine: certificate.proof[0][0] is 7"),
        (changed(TWO_STATES, proof=[[1, 0]]), "MALFORMED no-machine: certificate.proof[0] is [1, 0]"),
        (changed(TWO_STATES, proof=[[0]]), "MALFORMED no-machine: certificate.proof[0] is [0]"),
        (changed(TWO_STATES, proof=[[1, -1]]), "MALFORMED no-machine: certificate.proof[0] is [1, -1]"),
        (changed(TWO_STATES, proof=[[0, 5], [1]]), "REJECTED no-machine: step 1 of the proof deletes"),
        (changed(TWO_STATES, prefixes=[[1], [2], [2]]), "REJECTED no-machine: "),
        (changed(TWO_STATES, prefixes=[[1], [2], [4]]), "MALFORMED no-machine: certificate.prefixes[2][0] is 4"),
        (changed(TWO_STATES, convention="both"), "MALFORMED no-machine: "),
        (changed(PINNED, pinned=[0, 0]), "REJECTED no-machine: the prefixes 0 and 0 are pinned"),
        (changed(PINNED, pinned=[0, 3]), "MALFORMED no-machine: certificate.pinned[1] is 3"),
        (changed(PINNED, pinned=[0, 1, 2]), "MALFORMED no-machine: certificate.pinned has 3 entries"),
        (changed(PINNED, pinned=[0, 1], prefixes=[[1], [1], [3]]), "REJECTED no-machine: the prefixes 0 and 1 are"),
        (changed(ONE_STATE, prefixes=[[1, 2, 3], [2, 3, 1]]), "REJECTED no-machine: the proof ends before"),
    ],
)
def test_planted_faults(certificate: Json, line: str) -> None:
    assert word(certificate).startswith(line), word(certificate)


def test_the_formula_is_that_of_a_colouring() -> None:
    """Its assignments, by brute force, are exactly the ways to colour: 3 prefixes that conflict, 3 states, 6 ways."""
    clauses = formula([{1, 2}, {0, 2}, {0, 1}], 3, [])
    exactly_one = 0
    for chosen in itertools.product(range(3), repeat=3):
        true = {prefix * 3 + s + 1 for prefix, s in enumerate(chosen)}
        exactly_one += all(any((x in true) if x > 0 else (-x not in true) for x in clause) for clause in clauses)
    assert exactly_one == 6
    assert formula([set()], 2, [0]) == [[1, 2], [1]]


def test_all_sets_of_edges_are_asked_about_few_nodes() -> None:
    assert len(asked(KernelQuestion("istree", 4, 4))) == len(set(asked(KernelQuestion("istree", 4, 4)))) == 64
    assert len(asked(KernelQuestion("istree", 5, 5))) == 5 * 15 - 10 + 1
