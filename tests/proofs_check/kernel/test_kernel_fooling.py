"""Fooling sets: the published counts are certified, and nothing that is not one is."""

import itertools
import json
import math
import random
import time
from typing import Any

import pytest

from constructions import tasks
from proofs_check.certificates import Question, canonical_text, fooling_set
from proofs_check.kernel import Verdict, _fooling, check
from proofs_check.kernel._reference import Question as KernelQuestion
from proofs_check.kernel._reference import answer, is_legal, queries

BELL = [3, 6, 16, 53, 204]


def verdict_on(certificate: dict[str, Any], **changes: Any) -> Verdict:
    return check(canonical_text({**certificate, **changes}).encode())


def de_bruijn_words(k: int, m: int) -> list[tuple[int, ...]]:
    """Words of length k^m + m - 1 in which every word of length m occurs once."""
    found: list[tuple[int, ...]] = []

    def extend(word: tuple[int, ...], seen: frozenset[tuple[int, ...]]) -> None:
        if len(word) == k**m + m - 1:
            found.append(word)
        for letter in range(1, k + 1):
            gram = (*word, letter)[-m:]
            if len(word) + 1 < m or gram not in seen:
                extend((*word, letter), seen | {gram} if len(gram) == m else seen)

    extend((), frozenset())
    return found


GOOD = [
    *((Question("index", n, k), "words", k**n) for n, k in [(1, 1), (1, 2), (4, 2), (3, 3), (9, 2)]),
    *((Question("index", n, 2, "promise"), "words", 2**n) for n in (1, 5)),
    *((Question("counting", n, n), "multisets", math.comb(2 * n - 1, n)) for n in (2, 3, 4, 5, 6)),
    *((Question("counting", n, n, "promise"), "multisets", math.comb(2 * n - 1, n)) for n in (2, 4)),
    *((Question("associative-recall", n, n), "permutations", math.factorial(n)) for n in (2, 3, 4, 5, 6)),
    *((Question("associative-recall", n, n, "promise"), "rotations", math.factorial(n - 1)) for n in (2, 3, 4, 5, 6)),
    *((Question("istree", n, n), "partitions", bell) for n, bell in enumerate(BELL, 2)),
    *((Question("istree", n, n, "promise"), "partitions", s) for n, s in enumerate([1, 4, 11, 41], 4)),
    *(
        (Question("c-gram", k**m + m - 1, k, "total", m + 1), de_bruijn_words(k, m), size)
        for k, m, size in [(2, 1, 2), (2, 2, 4), (2, 3, 16), (3, 1, 6), (3, 2, 216)]
    ),
]


@pytest.mark.parametrize(("question", "prefixes", "states"), GOOD, ids=map(str, range(len(GOOD))))
def test_published_counts_are_verified(question: Question, prefixes: Any, states: int) -> None:
    verdict = verdict_on(fooling_set(question, prefixes, states))
    assert verdict.word == "VERIFIED"
    assert f"at least {states:,} state" in verdict.message
    assert f"convention {question.convention}" in verdict.message
    for wrong in {states - 1, states + 1, 2 * states}:
        assert verdict_on(fooling_set(question, prefixes, max(wrong, 1))).word == ("REJECTED" if wrong else "VERIFIED")
    bits = (states - 1).bit_length()
    assert verdict_on(fooling_set(question, prefixes, states), bits=bits + 1).word == "REJECTED"


@pytest.mark.parametrize("convention", ["total", "promise"])
def test_prefixes_that_share_a_state_are_rejected(convention: str) -> None:
    words = [(1, 2, 1), (2, 1, 1)]  # the same counts
    certificate = fooling_set(Question("counting", 3, 2, convention), words, 2)  # type: ignore[arg-type]
    verdict = verdict_on(certificate)
    assert verdict.word == "REJECTED"
    assert "[1, 2, 1]" in verdict.message
    assert "[2, 1, 1]" in verdict.message


def test_the_convention_matters() -> None:
    """Rotations of a permutation differ only on queries that are undefined after one of them."""
    rotations = [(1, 2, 3), (2, 3, 1), (3, 1, 2)]
    assert verdict_on(fooling_set(Question("associative-recall", 3, 3, "total"), rotations, 3)).word == "VERIFIED"
    assert verdict_on(fooling_set(Question("associative-recall", 3, 3, "promise"), rotations, 3)).word == "REJECTED"
    everything = fooling_set(Question("associative-recall", 3, 3, "promise"), "permutations", 6)
    assert verdict_on(everything).word == "REJECTED"


def test_repeated_edges_mean_no_under_total_and_do_not_occur_under_promise() -> None:
    prefixes = [(1, 2), (1, 2, 2, 1)]
    assert verdict_on(fooling_set(Question("istree", 3, 3, "total"), prefixes, 2)).word == "VERIFIED"
    assert verdict_on(fooling_set(Question("istree", 3, 3, "promise"), prefixes, 2)).word == "REJECTED"


def test_forests_with_the_same_components_share_a_state() -> None:
    prefixes = [(1, 2, 2, 3), (1, 3, 3, 2)]
    assert verdict_on(fooling_set(Question("istree", 4, 4), prefixes, 2)).word == "REJECTED"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prefixes": [[1, 2]]}, "has 2 letters, expected n = 3"),
        ({"prefixes": [[1, 2, 3]]}, "expected from 1 to 2"),
        ({"prefixes": [[1, 2, 0]]}, "expected from 1 to 2"),
        ({"prefixes": [[1, 2, True]]}, "expected an integer"),
        ({"prefixes": [1, 2]}, "expected a list"),
        ({"prefixes": []}, "there are no prefixes"),
        ({"prefixes": "words"}, "expected a list"),
        ({"prefixes": {"family": "wrods"}}, "expected one of"),
        ({"prefixes": {"family": "words", "n": 3}}, "unknown key"),
        ({"prefixes": {"family": "partitions"}}, "does not fit"),
        ({"prefixes": {"family": "permutations"}}, "need the alphabet 3"),
        ({"states": True}, "expected an integer"),
        ({"states": 0}, "expected from 1"),
        ({"n": 0}, "expected from 1"),
        ({"alphabet": 0}, "expected from 1"),
        ({"convention": "partial"}, "expected one of total, promise"),
        ({"task": "sorting"}, "expected one of"),
        ({"c": 3}, "unknown key 'c'"),
        ({"version": 0}, "expected from 1 to 2"),
        ({"version": 3}, "expected from 1 to 2"),
        ({"version": True}, "expected an integer"),
        ({"format": "other"}, "expected one of retrieval-gap-certificate"),
        ({"kind": "fooling"}, "expected one of"),
    ],
)
def test_malformed_fooling_sets(changes: dict[str, Any], message: str) -> None:
    verdict = verdict_on(fooling_set(Question("index", 3, 2), "words", 8), **changes)
    assert verdict.word == "MALFORMED"
    assert message in verdict.message


def test_malformed_fooling_sets_of_istree() -> None:
    question = Question("istree", 3, 3)
    for prefix in [(1,), (1, 1), (1, 4), (1, 2, 3)]:
        assert verdict_on(fooling_set(question, [prefix], 1)).word == "MALFORMED"
    assert verdict_on(fooling_set(Question("istree", 3, 4), "partitions", 6)).word == "MALFORMED"
    assert verdict_on(fooling_set(Question("istree", 1, 1), [()], 1)).word == "MALFORMED"


def test_claims_beyond_the_limits_are_incomplete_at_once() -> None:
    before = time.process_time()
    for question, family, states in [
        (Question("index", 20, 2), "words", 2**20),
        (Question("index", 1000, 2), "words", 1),
        (Question("associative-recall", 12, 12), "permutations", math.factorial(12)),
        (Question("istree", 30, 30), "partitions", 5),
        (Question("c-gram", 4, 1000, "total", 4), "words", 10),
    ]:
        assert verdict_on(fooling_set(question, family, states)).word == "INCOMPLETE"
    assert time.process_time() - before < 2


def _random_question(rng: random.Random) -> KernelQuestion:
    task = rng.choice(["index", "associative-recall", "counting", "c-gram", "istree"])
    if task == "istree":
        n = rng.randint(2, 4)
        return KernelQuestion(task, n, n)
    return KernelQuestion(task, rng.randint(1, 4), rng.randint(1, 3), rng.randint(2, 3))


@pytest.mark.parametrize("convention", ["total", "promise"])
def test_both_checkers_agree_with_the_definition(convention: str) -> None:
    """Random lists of prefixes, small enough that a missing separation is as common as a complete one."""
    rng, found = random.Random(11), set()  # noqa: S311
    for _ in range(400):
        question = _random_question(rng)
        letters = list(range(1, question.alphabet + 1))
        directed = list(itertools.permutations(letters, 2))
        chosen = []
        for _ in range(rng.randint(1, 4)):
            if question.task == "istree":
                edges = [rng.choice(directed) for _ in range(rng.randint(0, 3))]
                chosen.append(tuple(node for edge in edges for node in edge))
            else:
                chosen.append(tuple(rng.choice(letters) for _ in range(question.n)))
        separated = all(
            any(
                answer(question, a, query) != answer(question, b, query)
                for query in queries(question)
                if convention == "total" or (is_legal(question, a, query) and is_legal(question, b, query))
            )
            for a, b in itertools.combinations(chosen, 2)
        )
        rows = _fooling.unseparated_by_rows(question, convention, chosen)
        columns = _fooling.unseparated_by_columns(question, convention, chosen)
        assert (rows is None) == (columns is None) == separated
        found.add(separated)
    assert found == {True, False}


def test_for_istree_stars_separate_whatever_any_query_separates() -> None:
    """Over all edge lists with up to three edges on three nodes, and all queries of up to three edges."""
    question = KernelQuestion("istree", 3, 3)
    pairs = list(itertools.combinations((1, 2, 3), 2))
    lists = [
        tuple(node for edge in edges for node in edge)
        for length in range(4)
        for edges in itertools.product(pairs, repeat=length)
    ]
    rows = {prefix: tuple(answer(question, prefix, query) for query in lists) for prefix in lists}
    stars = {prefix: tuple(answer(question, prefix, query) for query in queries(question)) for prefix in lists}
    for a, b in itertools.combinations(lists, 2):
        assert (rows[a] != rows[b]) == (stars[a] != stars[b])
    assert len(set(rows.values())) == 6  # Bell(3) + 1


def test_if_the_two_checkers_disagree_nothing_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    good = fooling_set(Question("index", 3, 2), "words", 8)
    monkeypatch.setattr(_fooling, "unseparated_by_rows", lambda *_: (0, 1))
    assert verdict_on(good).word == "INCOMPLETE"
    monkeypatch.undo()
    monkeypatch.setattr(_fooling, "unseparated_by_columns", lambda *_: (0, 1))
    assert verdict_on(good).word == "INCOMPLETE"


def test_all_pairs_of_5040_prefixes_are_told_apart() -> None:
    """88,895,520 cells of the matrix of all pairs of prefixes and queries, with bit rows."""
    certificate = fooling_set(Question("associative-recall", 7, 7), "permutations", 5040)
    assert verdict_on(certificate).word == "VERIFIED"


def test_the_certified_queries_agree_with_the_tasks() -> None:
    """A pair that the kernel separates is separated by the task's own reference."""
    task = tasks.retrieval_task("associative-recall")
    rows = {p: tuple(task.answers(p, [(q,) for q in range(1, 5)])) for p in itertools.permutations((1, 2, 3, 4))}
    assert len(set(rows.values())) == 24
    assert json.loads(canonical_text(fooling_set(Question("index", 1, 1), [(1,)], 1)))["prefixes"] == [[1]]


def test_prefixes_of_different_lengths_are_about_machines_that_do_not_see_the_position() -> None:
    """On two nodes a machine that sees the position needs one state, and three prefixes are pairwise separated."""
    unseen = "and does not see the position needs at least"
    verdict = verdict_on(fooling_set(Question("istree", 2, 2), "partitions", 3))
    assert verdict.word == "VERIFIED"
    assert unseen in verdict.message
    same_length = verdict_on(fooling_set(Question("index", 2, 2), "words", 4))
    assert same_length.word == "VERIFIED"
    assert "reads the prefix once needs at least" in same_length.message
    one_edge_each = verdict_on(fooling_set(Question("istree", 3, 3), [(1, 2), (2, 3)], 2))
    assert one_edge_each.word == "VERIFIED"
    assert unseen not in one_edge_each.message
