"""Certificates that no machine has so few states, and spot checks of described families."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from proofs_check.certificates import Question, canonical_text, no_machine, spot_check
from proofs_check.kernel import check
from proofs_check.kernel._inputs import PREFIX_FAMILIES, prefixes
from proofs_check.kernel._no_machine import asked, formula
from proofs_check.kernel._reference import Question as KernelQuestion
from proofs_check.kernel._spots import Family, pair
from proofs_check.kernel._verdict import Malformed

Json = dict[str, Any]

# Recall of three letters under promise: with one state, 1 2 3 and 1 3 2 would have to agree on what follows 1.
ONE_STATE = no_machine(Question("associative-recall", 3, 3, "promise"), [(1, 2, 3), (1, 3, 2)], 1, [], [])
# Three words of one letter in two states: neither lemma is needed if two of them are pinned.
THREE = Question("index", 1, 3)
TWO_STATES = no_machine(THREE, [(1,), (2,), (3,)], 2, [], [[1]])
PINNED = no_machine(THREE, [(1,), (2,), (3,)], 2, [0, 1], [])
SPOTS = spot_check(Question("istree", 12, 12), "partitions", 23, 50, 3)


def word(certificate: Json) -> str:
    return check(canonical_text(certificate).encode()).line


@pytest.mark.parametrize("certificate", [ONE_STATE, TWO_STATES, PINNED, SPOTS])
def test_verified(certificate: Json) -> None:
    assert word(certificate).startswith(f"VERIFIED {certificate['kind']}: ")


def test_sentences_say_what_was_checked_and_no_more() -> None:
    assert "no machine that reads the prefix once is right with 2 states, so at least 3 are needed" in word(TWO_STATES)
    line = word(SPOTS)
    assert "50 pairs of prefixes of the family partitions" in line
    assert "whether all of its pairs do was not checked" in line
    assert "any machine" not in line


def changed(certificate: Json, **fields: Any) -> Json:
    return {**copy.deepcopy(certificate), **fields}


@pytest.mark.parametrize(
    ("certificate", "line"),
    [
        (changed(TWO_STATES, too_few=3), "REJECTED no-machine: step 1 of the proof, [1], does not"),
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
        (changed(SPOTS, bits=22), "REJECTED spot-check: bits is 22"),
        (changed(SPOTS, family="words"), "MALFORMED spot-check: the family 'words' does not fit"),
        (changed(SPOTS, checked=0), "MALFORMED spot-check: certificate.checked is 0"),
        (changed(SPOTS, checked=10**6), "INCOMPLETE spot-check: 1,000,000 pairs"),
        (changed(SPOTS, n=65, alphabet=65), "INCOMPLETE spot-check: partitions are made"),
        (spot_check(Question("index", 3, 1), "words", 0, 1, 0), "REJECTED spot-check: the family has a single prefix"),
        # Words are no fooling set for counting: two orders of the same letters need no two states.
        (spot_check(Question("counting", 4, 2), "words", 4, 40, 0), "REJECTED spot-check: no query was found"),
        # Permutations are none under promise: rotations of each other agree wherever both are asked.
        (
            spot_check(Question("associative-recall", 3, 3, "promise"), "permutations", 3, 60, 0),
            "REJECTED spot-check: no query was found",
        ),
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


@pytest.mark.parametrize("family", PREFIX_FAMILIES)
@pytest.mark.parametrize("convention", ["total", "promise"])
def test_ranks_go_through_the_family(family: str, convention: str) -> None:
    task, sizes = ("istree", [2, 3, 4, 5, 6]) if family == "partitions" else ("index", [1, 2, 3, 4])
    for n in sizes:
        for k in (n,) if family in ("partitions", "permutations", "rotations") else (1, 2, 3):
            question = KernelQuestion(task, n, k)
            ranked, (_, listing) = Family(question, family, convention), prefixes(question, family, convention)
            listed = [prefix for prefix in listing() if family != "partitions" or prefix != (1, 2, 1, 2)]
            made = [ranked.at(rank) for rank in range(ranked.count)]
            assert len(set(made)) == len(made)
            assert sorted(made) == sorted(listed)


def test_pairs_are_different_and_every_second_one_is_of_neighbours() -> None:
    for count in (2, 3, 10**40):
        for draw in range(20):
            one, other = pair(count, 7, draw)
            assert 0 <= one < count
            assert 0 <= other < count
            assert one != other
            assert draw % 2 == 0 or other == (one + 1) % count
    assert pair(10**6, 1, 0) != pair(10**6, 2, 0)


@pytest.mark.parametrize(
    "make", [lambda: Family(KernelQuestion("index", 3, 2), "permutations", "total")], ids=["permutations"]
)
def test_families_that_do_not_fit(make: Callable[[], Family]) -> None:
    with pytest.raises(Malformed, match="need the alphabet 3"):
        make()
