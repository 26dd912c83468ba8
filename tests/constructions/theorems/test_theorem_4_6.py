"""Theorem 4.6: constant shape, bits within their bounds, right answers; and wrong models are found out.

The wrong models are made by hand, one change of the matrices each. Both kinds of evidence must refute them,
with a counterexample that cannot be made simpler and that a second evaluator confirms.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Attention, Embedding, FeedForward, Head, Model
from constructions.numerics import Matrix
from constructions.theorems import THEOREMS, LogBound, construction, variants
from constructions.wiring import Polynomial, n
from proofs_check.evidence import (
    InputEvidence,
    Subject,
    exhaustive,
    exhaustive_permutations,
    parameter_bits,
    sampled,
    shape,
)
from tests.fraction_reference import decoded
from tests.small_inputs import small_inputs

THEOREM = THEOREMS["4.6"]
VARIANTS = [variant for name in THEOREM.constructions for variant in variants(name)]
BY_LABEL = {variant.label: variant for variant in VARIANTS}
SIZES = range(1, 41)

each_variant = pytest.mark.parametrize("label", BY_LABEL)


def test_the_theorem_is_about_four_tasks_and_every_c() -> None:
    assert {variant.task.name for variant in VARIANTS} == {"index", "associative-recall", "c-gram", "counting"}
    assert [v.parameter for v in VARIANTS if v.parameter] == ["c = 2", "c = 3", "c = 4", "c = 5"]
    assert {claim.construction for claim in THEOREM.claims} == set(THEOREM.constructions)


@each_variant
def test_the_shape_is_the_same_for_every_n(label: str) -> None:
    variant = BY_LABEL[label]
    first = shape(variant.at(1))
    assert sum(len(places) for _, places in first) == variant.blueprint.parameters
    for size in SIZES:
        assert shape(variant.at(size)) == first


@each_variant
def test_parameters_stay_within_the_claimed_bits(label: str) -> None:
    variant = BY_LABEL[label]
    (claim,) = [c for c in THEOREM.claims if c.construction == variant.name and c.quantity == "parameter bits"]
    bound = claim.bound
    assert isinstance(bound, LogBound)
    assert all(bound.allows(parameter_bits(variant.at(size)), size) for size in [*SIZES, 127, 128, 129, 1000])


@each_variant
def test_all_small_inputs(label: str) -> None:
    run = exhaustive(Subject(BY_LABEL[label]), 3, 3)
    assert run.tally.failure is None
    assert run.tally.inputs == small_inputs(BY_LABEL[label].task, 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "largest", "alphabet", "queries"),
    [
        # How many queries there are: positions; letters; pairs of letters; letters times thresholds 0 .. n.
        ("transformer/index", 8, 4, lambda n, k: n),
        ("transformer/associative-recall", 8, 4, lambda n, k: k),
        ("transformer/c-gram, c = 3", 8, 3, lambda n, k: k**2),
        ("transformer/counting", 7, 4, lambda n, k: k * (n + 1)),
    ],
)
def test_all_larger_inputs(label: str, largest: int, alphabet: int, queries: Callable[[int, int], int]) -> None:
    run = exhaustive(Subject(BY_LABEL[label]), largest, alphabet).tally
    assert run.failure is None
    assert run.inputs == sum(alphabet**n * queries(n, alphabet) for n in range(1, largest + 1))


@pytest.mark.slow
def test_all_orders_of_eight_distinct_tokens() -> None:
    run = exhaustive_permutations(Subject(BY_LABEL["transformer/associative-recall"]), 8).tally
    assert (run.failure, run.inputs) == (None, sum(n * math.factorial(n) for n in range(1, 9)))


@each_variant
def test_random_inputs(label: str) -> None:
    run = sampled(Subject(BY_LABEL[label]), (1, 2, 3, 7, 20), 250, seed=46)
    assert run.tally.failure is None
    assert run.tally.inputs >= 250


# Bounds on bits.


@given(st.integers(0, 4), st.integers(0, 12), st.one_of(st.integers(1, 5000), st.integers(0, 60).map(lambda k: 2**k)))
@settings(max_examples=200, deadline=None)
def test_a_bound_on_bits_allows_exactly_the_floor(factor: int, constant: int, size: int) -> None:
    most = constant + (size**factor).bit_length() - 1  # constant + floor(factor * log2 size)
    bound = LogBound(factor, constant)
    assert bound.allows(most, size)
    assert not bound.allows(most + 1, size)


@pytest.mark.parametrize(
    ("bound", "fits", "too_large"),
    [
        (LogBound(0, 4), Polynomial.constant(4), Polynomial.constant(5)),
        (LogBound(1, 5), 8 * n, 8 * n + 1),
        (LogBound(2, 3), 2 * n * n, 2 * n * n + 1),
        (LogBound(2, 4), n * n + 2 * n + 1, 4 * n * n + 1),
        (LogBound(1, 30), 2**28 * n, n * n),
    ],
)
def test_covering_at_the_edge(bound: LogBound, fits: Polynomial, too_large: Polynomial) -> None:
    blueprint = construction("transformer/index").blueprint
    assert bound.covers(fits, blueprint)
    assert not bound.covers(too_large, blueprint)
    for size in (*SIZES, 2**10, 2**10 + 1):  # what is covered is allowed: the digits and the sign fit
        assert bound.allows(fits(n=size).bit_length() + 1, size)


# Models with one fault.


def at_head(name: str, change: Callable[[Head, Model], Head]) -> Callable[[Model], Model]:
    """A fault in the head of this name."""

    def faulty(model: Model) -> Model:
        assert any(head.name == name for head in model.heads)
        layers = [
            Attention(tuple(change(head, model) if head.name == name else head for head in layer.heads))
            if isinstance(layer, Attention)
            else layer
            for layer in model.layers
        ]
        return replace(model, layers=tuple(layers))

    return faulty


def query_weight(head: str, feature: int, coordinate: str, value: int) -> Callable[[Model], Model]:
    return at_head(
        head, lambda h, model: replace(h, query=h.query.replaced(feature, model.coordinates.index(coordinate), value))
    )


def key_weight(head: str, feature: str, coordinate: str, value: int) -> Callable[[Model], Model]:
    return at_head(
        head,
        lambda h, m: replace(h, key=h.key.replaced(h.features.index(feature), m.coordinates.index(coordinate), value)),
    )


def dropped(head: str) -> Callable[[Model], Model]:
    """The head writes nothing."""
    return at_head(head, lambda h, _: replace(h, output=Matrix.from_entries(h.output.shape, {})))


def slope(head: str, value: int) -> Callable[[Model], Model]:
    return at_head(head, lambda h, _: replace(h, slope=value))


def unit_constant(value: int) -> Callable[[Model], Model]:
    """Another constant in the gate of the only unit."""

    def faulty(model: Model) -> Model:
        *before, layer = model.layers
        assert isinstance(layer, FeedForward)
        return replace(model, layers=(*before, replace(layer, gate=layer.gate.replaced(0, 0, value))))

    return faulty


def shifted(model: Model) -> Model:
    """Positions count from 1: i becomes i + 1 and i^2 becomes i^2 + 2 i + 1, for every token."""
    old = model.embedding
    first, second = (model.coordinates.index(name) for name in ("position", "position^2"))
    polynomial, special, position = old.polynomial, old.special, old.position
    for row in (first, second):
        polynomial = polynomial.replaced(row, 0, 1)
        for column in range(special.shape[1]):
            special = special.replaced(row, column, 1)
    return replace(model, embedding=Embedding(polynomial, special, position.replaced(second, 0, 2)))


INDEX, RECALL, COUNTING = "transformer/index", "transformer/associative-recall", "transformer/counting"
C_GRAM = "transformer/c-gram, c = 3"

FAULTS: dict[str, tuple[str, Callable[[Model], Model], int]] = {
    "index, positions shifted": (INDEX, shifted, 2),
    "index, a weight of the query": (INDEX, query_weight("asked position", 0, "token", 3), 3),
    "index, one position too far": (INDEX, query_weight("asked position", 0, "one", 2), 2),
    "index, the head dropped": (INDEX, dropped("asked position"), 1),
    "recall, two back": (RECALL, query_weight("previous", 0, "one", -4), 3),
    "recall, the first head dropped": (RECALL, dropped("previous"), 2),
    "recall, the second head dropped": (RECALL, dropped("found"), 1),
    "recall, the earliest": (RECALL, slope("found", -1), 3),
    "recall, no recency": (RECALL, slope("found", 0), 3),
    "recall, the separator is a record": (RECALL, key_weight("found", "norm", "is ?", 0), 1),
    "3-gram, a head dropped": (C_GRAM, dropped("2 back"), 3),
    "3-gram, a weight of the key": (C_GRAM, key_weight("found", "norm", "2 back.token^2", 0), 4),
    "counting, at least instead of more than": (COUNTING, unit_constant(1), 1),
    "counting, one too many": (COUNTING, unit_constant(5), 1),
    "counting, the sink dropped": (COUNTING, dropped("matches"), 1),
    "counting, the query counts itself": (COUNTING, dropped("one back"), 2),
}
"""Which construction, what is changed, and the length of the shortest sequence that shows it, at most."""


def wrong(fault: str) -> tuple[Subject, int]:
    label, change, longest = FAULTS[fault]
    original = BY_LABEL[label]
    return Subject(original, model_at=lambda size: change(original.at(size))), longest


def examine(run: InputEvidence, subject: Subject, longest: int) -> None:
    """The run is refuted by a counterexample that is real, short and as simple as its neighbours allow."""
    found, task = run.tally.failure, subject.construction.task
    assert found is not None
    instance = task.parse(found.input)
    assert len(instance.sequence) <= longest
    model = subject.model(found.n)
    prompt = model.vocabulary.encode(subject.construction.reads(instance))
    assert model.vocabulary.decode(decoded(model, prompt, 1)) == list(found.written)
    assert found.expected == (task.answer(instance),) != found.written
    assert all(subject.failure(simpler) is None for simpler in task.smaller(instance))


@pytest.mark.parametrize("fault", FAULTS)
def test_exhaustive_evidence_refutes_a_wrong_model(fault: str) -> None:
    subject, longest = wrong(fault)
    examine(exhaustive(subject, 4, 3), subject, longest)


@pytest.mark.parametrize("fault", FAULTS)
def test_sampled_evidence_refutes_a_wrong_model(fault: str) -> None:
    subject, longest = wrong(fault)
    examine(sampled(subject, (1, 2, 3, 5, 8, 13), 600, seed=0), subject, longest)


def test_a_change_that_changes_nothing_is_not_refuted() -> None:
    """Associative recall looks at differences of positions alone: where they start does not matter."""
    original = BY_LABEL[RECALL]
    subject = Subject(original, model_at=lambda size: shifted(original.at(size)))
    assert not shifted(original.at(3)).embedding.position.equals(original.at(3).embedding.position)
    assert exhaustive(subject, 4, 3).tally.failure is None
    assert sampled(subject, (2, 5, 9), 200, seed=0).tally.failure is None
