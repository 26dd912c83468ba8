"""Tasks and kind of version 2: against the tasks of constructions, and faults in every part of a certificate."""

import itertools
import json
from typing import Any

import pytest

from constructions import tasks, theorems
from proofs_check.certificates import Question, canonical_text, fooling_set, no_machine, state_count
from proofs_check.kernel import Verdict, _further, check
from proofs_check.kernel import _reference as reference
from proofs_check.kernel._columns import Columns
from proofs_check.kernel._families import prefixes
from proofs_check.kernel._reference import FURTHER
from proofs_check.kernel._reference import Question as KernelQuestion
from proofs_check.kernel._rows import Rows
from tests import certificate_corpus as corpus

Json = dict[str, Any]

SIZES = [
    *(("bounded-dyck", n, 4) for n in (1, 2, 3)),
    *(("copying", n, k) for n, k in ((1, 1), (3, 2), (2, 4))),
    *((name, n, 2) for name in ("disjointness", "equality") for n in (1, 2, 4)),
    *(("mqar", n, k) for n, k in ((1, 2), (2, 3), (4, 3), (5, 2))),
    *(("nearest-neighbour", n, 2) for n in (1, 2)),
]


def sequences(question: KernelQuestion) -> list[tuple[int, ...]]:
    """All that may be listed as prefixes."""
    unit = reference.unit(question)
    return list(itertools.product(*(range(1, most + 1) for most in unit * question.n)))


@pytest.mark.parametrize(("name", "n", "k"), SIZES)
def test_definitions_rows_and_columns_are_those_of_the_task(name: str, n: int, k: int) -> None:
    """The product's tasks were written apart; a label a or b of theirs is 1 or 2 here."""
    question, task = KernelQuestion(name, n, k), tasks.task(name)
    asked, rows, chosen = reference.queries(question), Rows(question), sequences(question)
    assert len(asked) == len(set(asked)) == reference.query_count(question)
    assert max(map(len, asked)) == reference.query_length(question)
    columns, table, labels = Columns(question, False, chosen), dict[int, tuple[str, ...]](), {"a": "1", "b": "2"}
    found = [columns.column(query) for query in asked]
    for place, sequence in enumerate(chosen):
        right = [" ".join(task.written(task.of_numbers(sequence, query))) for query in asked]
        right = [labels.get(answer, answer) for answer in right]
        assert [reference.answer(question, sequence, query) for query in asked] == right
        assert [column[place] for column in found] == right
        assert table.setdefault(rows.row(sequence), tuple(right)) == tuple(right)
    assert len(set(table.values())) == len(table)  # a row for each list of answers, and none for two


def test_every_further_task_is_compared_and_belongs_to_a_neighbour() -> None:
    assert {name for name, _, _ in SIZES} == set(FURTHER) == set(_further.TASKS)
    assert set(FURTHER) < set(tasks.NEIGHBOUR_TASKS)
    assert theorems.NEIGHBOURS


COUNTS = [
    *((Question(name, n, 2), "words", 2**n, 2**n) for name in ("equality", "disjointness") for n in (1, 4, 8)),
    *((Question("copying", n, k), "words", k**n, k**n) for n, k in ((1, 1), (2, 3), (8, 2), (5, 3))),
    *((Question("mqar", 2 * n, n + k), "assignments", k**n, k**n) for n, k in ((1, 2), (4, 2), (7, 2), (2, 3))),
    *((Question("nearest-neighbour", n, 2), "row", 2**n, 2**n) for n in (1, 2, 8)),
    *((Question("bounded-dyck", n, 4), "words", 4**n, 3 if n % 2 else 6) for n in (1, 2, 3, 4)),
    (Question("index", 4, 3), "words", 81, 81),
    (Question("counting", 4, 4, "promise"), "words", 256, 35),
    (Question("associative-recall", 5, 3), "words", 243, 41),
    (Question("associative-recall", 5, 5), "permutations", 120, 120),
]


def verdict_on(certificate: Json, **changes: Any) -> Verdict:
    return check(canonical_text({**certificate, **changes}).encode())


@pytest.mark.parametrize(("question", "family", "many", "states"), COUNTS, ids=map(str, range(len(COUNTS))))
def test_counts_are_verified_and_wrong_ones_are_not(question: Question, family: str, many: int, states: int) -> None:
    certificate = state_count(question, family, many, states)
    verdict = verdict_on(certificate)
    assert verdict.word == "VERIFIED"
    assert f" is exactly {states:,}, " in verdict.message
    for wrong in (states - 1, states + 1):
        bits = max(wrong - 1, 0).bit_length()
        assert verdict_on(certificate, states=wrong, bits=bits).word == "REJECTED"
    assert verdict_on(certificate, prefixes=many + 1).word == "REJECTED"
    assert verdict_on(certificate, bits=certificate["bits"] + 1).word == "REJECTED"


def listed(certificate: Json) -> Json:
    """The fooling set of a count in which every prefix has a row of its own."""
    question = KernelQuestion(certificate["task"], certificate["n"], certificate["alphabet"])
    chosen = list(prefixes(question, certificate["family"], "total")[1]())
    return fooling_set(Question(question.task, question.n, question.alphabet), chosen, len(chosen))


@pytest.mark.parametrize("name", [name for name in FURTHER if name != "bounded-dyck"])
def test_rows_that_are_dropped_doubled_or_changed(name: str) -> None:
    """Every prefix of a small certificate in turn."""
    question, family, many, states = next(c for c in COUNTS if c[0].task == name and 2 <= c[3] <= 16)
    certificate = listed(state_count(question, family, many, states))
    assert verdict_on(certificate).word == "VERIFIED"
    rows = certificate["prefixes"]
    for place in range(states):
        others = rows[:place] + rows[place + 1 :]
        assert verdict_on(certificate, prefixes=others).word == "REJECTED"  # dropped, and still counted
        assert verdict_on(certificate, prefixes=[*rows, rows[place]]).word == "REJECTED"
        doubled = {"prefixes": [*rows, rows[place]], "states": states + 1, "bits": states.bit_length()}
        assert verdict_on(certificate, **doubled).word == "REJECTED"
        changed = [*rows[:place], rows[place - 1], *rows[place + 1 :]]
        assert verdict_on(certificate, prefixes=changed).word == "REJECTED"
        short = [*rows[:place], rows[place][:-1], *rows[place + 1 :]]
        assert verdict_on(certificate, prefixes=short).word == "MALFORMED"
        large = [*rows[:place], [*rows[place][:-1], question.alphabet + 1], *rows[place + 1 :]]
        assert verdict_on(certificate, prefixes=large).word == "MALFORMED"


SHARED = [
    ("bounded-dyck", 2, 4, (1, 2), (3, 4)),  # nothing is open after both
    ("bounded-dyck", 3, 4, (1, 1, 1), (2, 1, 2)),  # both failed
    ("mqar", 5, 2, (1, 1, 2, 1, 2), (1, 2, 1, 1, 2)),  # 2 follows 1 and 1 follows 2 in the end
    ("nearest-neighbour", 2, 2, (1, 1, 1, 1, 1, 2), (1, 1, 2, 1, 1, 2)),  # the later of two at one place counts
    ("nearest-neighbour", 2, 2, (1, 1, 1, 2, 2, 1), (1, 2, 1, 2, 1, 1)),  # one label everywhere
]
"""Pairs that no continuation tells apart."""


@pytest.mark.parametrize(("name", "n", "k", "one", "other"), SHARED)
def test_prefixes_that_no_continuation_tells_apart(
    name: str, n: int, k: int, one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    verdict = verdict_on(fooling_set(Question(name, n, k), [one, other], 2))
    assert verdict.word == "REJECTED"
    assert "no query was found that separates" in verdict.message


@pytest.mark.parametrize("task", ["equality", "disjointness", "nearest-neighbour", "mqar", "bounded-dyck"])
def test_without_the_continuations_that_tell_apart_nothing_is_verified(
    task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that asks one query only, and that one many times: the rows of all prefixes fall together."""
    question, family, many, states = next(c for c in COUNTS if c[0].task == task and c[3] > 2)
    certificate = state_count(question, family, many, states)
    entry = _further.TASKS[task]

    def one_query(q: KernelQuestion) -> list[tuple[int, ...]]:
        return entry.queries(q)[:1] * entry.count(q)

    assert verdict_on(certificate).word == "VERIFIED"
    monkeypatch.setitem(_further.TASKS, task, entry._replace(queries=one_query))
    assert verdict_on(certificate).word in ("REJECTED", "INCOMPLETE")


@pytest.mark.parametrize("task", FURTHER)
def test_two_ways_that_disagree_verify_nothing(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in one of the two ways alone, either of them."""
    question, family, many, states = next(c for c in COUNTS if c[0].task == task and c[3] > 2)
    certificate, entry = state_count(question, family, many, states), _further.TASKS[task]
    for fault in (entry._replace(row=lambda q, s, a: 0), entry._replace(answer=lambda s, q: "yes")):
        monkeypatch.setitem(_further.TASKS, task, fault)
        verdict = verdict_on(certificate)
        assert verdict.word == "INCOMPLETE"
        assert "fault of the kernel" in verdict.message
        monkeypatch.setitem(_further.TASKS, task, entry)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 1}, "certificate.kind is 'state-count'"),
        ({"kind": "fooling-set"}, "unknown key 'family'"),
        ({"task": "sorting"}, "expected one of index"),
        ({"convention": "promise"}, "expected one of total"),
        ({"task": "associative-recall", "convention": "promise"}, "can be undefined"),
        ({"family": "rotations"}, "expected one of words"),
        ({"family": "row"}, "'row' does not fit the task equality"),
        ({"family": "assignments"}, "'assignments' does not fit"),
        ({"family": "permutations", "n": 3}, "need the alphabet 3"),
        ({"task": "nearest-neighbour"}, "'words' does not fit"),
        ({"task": "nearest-neighbour", "family": "row", "alphabet": 3}, "expected 2, the letters"),
        ({"task": "mqar", "family": "assignments", "n": 3}, "pairs of one of n/2 keys"),
        ({"task": "mqar", "family": "assignments", "n": 4}, "pairs of one of n/2 keys"),
        ({"task": "istree", "alphabet": 2}, "'words' does not fit"),
        ({"alphabet": 3}, "certificate.alphabet is 3, expected 2"),
        ({"states": "4"}, "expected an integer"),
        ({"prefixes": [[1, 1]]}, "expected an integer"),
    ],
)
def test_malformed_counts(changes: Json, message: str) -> None:
    verdict = verdict_on(state_count(Question("equality", 2, 2), "words", 4, 4), **changes)
    assert verdict.word == "MALFORMED"
    assert message in verdict.message


@pytest.mark.parametrize("task", FURTHER)
def test_version_1_and_models_do_not_know_the_tasks(task: str) -> None:
    fixed = _further.TASKS[task].letters
    question = Question(task, 2, fixed or 2)
    first = (1,) * (6 if task == "nearest-neighbour" else 2)
    for certificate in (fooling_set(question, [first], 1), no_machine(question, [first, first], 1, [], [])):
        assert certificate["version"] == 2
        verdict = verdict_on(certificate, version=1)
        assert verdict.word == "MALFORMED"
        assert verdict.message.endswith("expected one of index, associative-recall, c-gram, counting, istree")
    assert verdict_on(fooling_set(question, [first], 1)).word == "VERIFIED"
    model = {**corpus.good()["index model"], "task": task, "version": 2}
    assert check(canonical_text(model).encode()).word == "MALFORMED"


def test_version_2_says_what_version_1_says_in_the_same_words() -> None:
    old = fooling_set(Question("counting", 3, 3), "multisets", 10)
    assert old["version"] == 1
    assert verdict_on(old, version=2) == verdict_on(old)
    assert json.loads(canonical_text(old)) == old


def test_counts_beyond_the_limits_are_incomplete_at_once() -> None:
    for question, family in [
        (Question("equality", 9, 2), "words"),
        (Question("disjointness", 1_000, 2), "words"),
        (Question("nearest-neighbour", 10, 2), "row"),
        (Question("bounded-dyck", 5, 4), "words"),
        (Question("bounded-dyck", 1_000, 4), "words"),
        (Question("mqar", 16, 10), "assignments"),
        (Question("copying", 1_000, 100_000), "words"),
        (Question("index", 17, 2), "words"),
    ]:
        assert verdict_on(state_count(question, family, 1, 1)).word == "INCOMPLETE"
