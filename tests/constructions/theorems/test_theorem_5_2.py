"""Theorem 5.2: linear RNNs that search once write what the reference says, token by token.

At the end faults are planted in the rules, the search language and the matrices; the evidence finds each.
"""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import family
from constructions.engine import decode
from constructions.tasks import Retrieval, RetrievalTask
from constructions.tasks.strategies import instances
from constructions.theorems import THEOREMS, LogBound, variants
from constructions.theorems import _theorem_5_2 as module
from proofs_check.evidence import Subject, exhaustive, exhaustive_permutations, parameter_bits, sampled, shape
from proofs_check.evidence._runs import tally
from tests.planted_faults import Models, cell_keeps, cell_reads, rewired, searches_for
from tests.small_inputs import small_inputs

THEOREM = THEOREMS["5.2"]
VARIANTS = [variant for name in THEOREM.constructions for variant in variants(name)]
BY_LABEL = {variant.label: variant for variant in VARIANTS}

each_variant = pytest.mark.parametrize("label", BY_LABEL)


def retrieval_task(label: str) -> RetrievalTask:
    task = BY_LABEL[label].task
    assert isinstance(task, RetrievalTask)
    return task


def test_the_theorem_is_about_four_tasks_and_every_c() -> None:
    assert {variant.task.name for variant in VARIANTS} == {"index", "associative-recall", "c-gram", "counting"}
    assert [v.parameter for v in VARIANTS if v.parameter] == ["c = 2", "c = 3", "c = 4", "c = 5"]
    assert {claim.construction for claim in THEOREM.claims} == set(THEOREM.constructions)


@each_variant
def test_a_recurrence_gates_and_a_search_and_nothing_else(label: str) -> None:
    variant = BY_LABEL[label]
    first = shape(variant.at(1))
    for size in range(1, 41):
        model = variant.at(size)
        assert family(model) == "retrieval"
        assert type(model.layers[0]).__name__ == "Recurrence"
        assert {type(layer).__name__ for layer in model.layers[1:]} <= {"FeedForward"}
        assert model.heads == ()
        assert model.embedding.position.largest == 0
        assert shape(model) == first


@each_variant
def test_parameters_stay_within_the_claimed_bits(label: str) -> None:
    variant = BY_LABEL[label]
    (claim,) = [c for c in THEOREM.claims if c.construction == variant.name and c.quantity == "parameter bits"]
    assert isinstance(claim.bound, LogBound)
    assert all(claim.bound.allows(parameter_bits(variant.at(size)), size) for size in (*range(1, 41), 127, 128, 1000))


@each_variant
def test_all_small_inputs(label: str) -> None:
    run = exhaustive(Subject(BY_LABEL[label]), 3, 3)
    assert run.tally.failure is None
    assert run.tally.inputs == small_inputs(retrieval_task(label), 3)


def test_all_orders_of_distinct_tokens() -> None:
    assert exhaustive_permutations(Subject(BY_LABEL["retrieval/associative-recall"]), 4).tally.failure is None


@each_variant
def test_random_and_boundary_inputs(label: str) -> None:
    run = sampled(Subject(BY_LABEL[label]), (1, 2, 3, 7, 20), 250, seed=52)
    assert run.tally.failure is None
    assert run.tally.inputs >= 250
    assert set(run.tally.searches.values()) == {1}


@each_variant
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_input_in_the_model_of_its_own_size_on_both_engines(label: str, data: st.DataObject) -> None:
    variant = BY_LABEL[label]
    instance = data.draw(instances(retrieval_task(label), 6))
    model = variant.at(variant.size_for(instance))
    for engine in ("plain", "fast"):
        written = decode(model, variant.reads(instance), engine=engine).tokens
        assert written == variant.expected(instance)
        assert written[-1] == variant.task.answer(instance)


TOKENS = {
    "retrieval/index": 7,
    "retrieval/associative-recall": 7,
    **{f"retrieval/c-gram, c = {c}": c + 5 for c in range(2, 6)},
    "retrieval/counting": 15,
}


@each_variant
def test_the_number_of_tokens_is_the_same_on_every_input(label: str) -> None:
    run = sampled(Subject(BY_LABEL[label]), (1, 4, 9), 120, seed=1)
    assert {length for pair in run.tally.lengths.values() for length in pair} == {TOKENS[label]}
    assert BY_LABEL[label].longest.as_constant == TOKENS[label]


def test_a_long_sequence() -> None:
    """10,000 tokens and their positions, which the search finds by a repeat count."""
    sequence = tuple(1 + i * i % 9973 for i in range(10_000))
    subject = BY_LABEL["retrieval/index"]
    for i in (1, 2, 5_000, 10_000):
        assert Subject(subject).failure(Retrieval(sequence, (i,)), 10_000) is None


# What the Transformers of Theorem 4.6 were put to.


def all_of(label: str, n: int, alphabet: int, shard: int, shards: int) -> None:
    """All sequences of length n whose rank falls into the shard, with every query."""
    task, subject = retrieval_task(label), Subject(BY_LABEL[label])
    total = alphabet**n
    start, stop = total * shard // shards, total * (shard + 1) // shards
    queries = task.queries(n, alphabet).tolist()
    rows = (row for at in range(start, stop, 512) for row in task.sequences(n, alphabet, at, min(stop, at + 512)))
    run = tally(subject, n, (Retrieval(tuple(r.tolist()), tuple(q)) for r in rows for q in queries), 4096)
    assert run.failure is None
    assert run.inputs == (stop - start) * len(queries)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "largest", "alphabet"),
    [
        ("retrieval/index", 7, 4),
        ("retrieval/associative-recall", 8, 4),
        ("retrieval/c-gram, c = 3", 8, 3),
        ("retrieval/counting", 6, 4),
    ],
)
def test_all_inputs(label: str, largest: int, alphabet: int) -> None:
    assert exhaustive(Subject(BY_LABEL[label]), largest, alphabet).tally.failure is None


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(4))
def test_all_inputs_of_index_at_8(shard: int) -> None:
    all_of("retrieval/index", 8, 4, shard, 4)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(8))
def test_all_inputs_of_counting_at_7(shard: int) -> None:
    all_of("retrieval/counting", 7, 4, shard, 8)


@pytest.mark.slow
def test_all_orders_of_eight_distinct_tokens() -> None:
    assert exhaustive_permutations(Subject(BY_LABEL["retrieval/associative-recall"]), 8).tally.failure is None


# Faults.

INDEX, RECALL, COUNTING = "retrieval/index", "retrieval/associative-recall", "retrieval/counting"
C_GRAM = "retrieval/c-gram, c = 3"


def index(*changes: tuple[str, str]) -> tuple[str, Models]:
    return INDEX, rewired(module, "index", *changes)


def recall(*changes: tuple[str, str]) -> tuple[str, Models]:
    return RECALL, rewired(module, "associative_recall", *changes)


def c_gram(*changes: tuple[str, str]) -> tuple[str, Models]:
    return C_GRAM, rewired(module, "c_gram", *changes, arguments=(3,))


def counting(*changes: tuple[str, str]) -> tuple[str, Models]:
    return COUNTING, rewired(module, "counting", *changes)


def searching(label: str, **fragments: str) -> tuple[str, Models]:
    return label, searches_for(BY_LABEL[label], fragments)


SKIP, CAPTURE = r"\A[^?]*", "([^?])"

FAULTS: dict[str, Callable[[], tuple[str, Models]]] = {
    "index, i instead of i - 1": lambda: index(("{ i-1 }", "{ i }")),
    "index, i - 2": lambda: index(("{ i-1 }", "{ i-2 }")),
    "index, the start is not skipped": lambda: searching(INDEX, **{r"\A<s>[^?]{": "\\A[^`?`]{"}),
    "index, anywhere": lambda: searching(INDEX, **{r"\A<s>[^?]{": "[^`?`]{", "}([^?])": "}([^`?`])$"}),
    "index, up to so many": lambda: searching(INDEX, **{"}([^?])": ",}([^`?`])"}),
    "index, the last rule dropped": lambda: index(('    program.rule("</search> x", "x", says=_CAPTURED)\n', "")),
    "index, the rule of the query dropped": lambda: index(
        ('    program.rule("? i", r"<search> \\A<s>[^?]{ i-1 }([^?]) </search>", says=says)\n', "")
    ),
    "recall, the earliest": lambda: searching(RECALL, **{SKIP: "\\A[^`?`]*?"}),
    "recall, the separator may be captured": lambda: searching(RECALL, **{CAPTURE: "(.)"}),
    "recall, no repeat": lambda: searching(RECALL, **{SKIP: "\\A[^`?`]"}),
    "recall, no group": lambda: searching(RECALL, **{CAPTURE: "[^`?`]"}),
    "recall, the match is captured too": lambda: searching(RECALL, **{SKIP: "\\A[^`?`]*(", CAPTURE: "[^`?`])"}),
    "recall, FAILED is not answered": lambda: recall(
        ('    program.rule("</search> FAILED", NONE, says=_FAILED)\n', "")
    ),
    "recall, a cell adds the code of now": lambda: (
        RECALL,
        cell_reads(BY_LABEL[RECALL], "1 back.code", {"code": 1}),
    ),
    "recall, the window is never shifted": lambda: (RECALL, cell_keeps(BY_LABEL[RECALL], "1 back.code", {})),
    "recall, the window is never emptied": lambda: (
        RECALL,
        cell_keeps(BY_LABEL[RECALL], "now.code", {"now.code": 1}),
    ),
    "recall, a cell reads twice the code": lambda: (RECALL, cell_reads(BY_LABEL[RECALL], "now.code", {"code": 2})),
    "3-gram, the query turned round": lambda: c_gram((r"<search> \A[^?]* {query} ", r"<search> \A[^?]* r q ")),
    "3-gram, one token of the query": lambda: c_gram((r"<search> \A[^?]* {query} ", r"<search> \A[^?]* r ")),
    "3-gram, the earliest": lambda: searching(C_GRAM, **{SKIP: "\\A[^`?`]*?"}),
    "counting, t - 1": lambda: counting(("{ t }", "{ t-1 }")),
    "counting, t + 1": lambda: counting(("{ t }", "{ t+1 }")),
    "counting, the two numbers swapped": lambda: counting(('"? q t"', '"? t q"')),
    "counting, the answers swapped": lambda: counting(('{"0": w.zero, "1": w.one}', '{"1": w.zero, "0": w.one}')),
    "counting, no group": lambda: searching(COUNTING, **{"]*(": "]*(?:"}),
    "counting, the query counts itself": lambda: searching(COUNTING, **{"}[^?": "}[^"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    label, models = FAULTS[fault]()
    subject = Subject(BY_LABEL[label], model_at=models)
    run = exhaustive(subject, 4, 2)
    assert run.tally.failure is not None
    instance = retrieval_task(label).parse(run.tally.failure.input)
    assert len(instance.sequence) <= 4
    assert sampled(subject, (1, 2, 3, 5, 8), 300, seed=0).tally.failure is not None


def test_without_a_fault_nothing_is_found() -> None:
    for label, models in (index(), recall(), c_gram(), counting()):
        assert exhaustive(Subject(BY_LABEL[label], model_at=models), 3, 2).tally.failure is None
