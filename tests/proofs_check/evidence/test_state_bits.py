"""The claim about the recurrent state: its ranges cover what is reached, its bound covers the ranges."""

import math
from dataclasses import replace

import numpy as np
import pytest

from constructions.architectures import Evaluator
from constructions.gallery import from_gallery
from constructions.numerics import Exact, Rationals
from constructions.theorems import THEOREMS, LogBound, claims_of, construction, variants
from constructions.wiring import Range, SymbolicRecurrence
from proofs_check.evidence import Examiner, Plan, Subject
from proofs_check.evidence._state import possible_states, states_reached

SUBJECTS = {
    v.label: v for number in ("5.2", "5.3", "5.6") for name in THEOREMS[number].constructions for v in variants(name)
}
CLAIMS = {
    c.construction: c for number in ("5.2", "5.3", "5.6") for c in THEOREMS[number].claims if c.quantity == "state bits"
}


@pytest.mark.parametrize("label", SUBJECTS)
def test_the_bound_covers_the_ranges_and_the_ranges_what_is_reached(label: str) -> None:
    subject = SUBJECTS[label]
    bound, states = CLAIMS[subject.name].bound, possible_states(subject)
    assert isinstance(bound, LogBound)
    for n in (subject.blueprint.least, 3, 7, 40):
        scales = {"n": n, **subject.blueprint.domain.scale_values(n=n)}
        product = math.prod(r.high(**scales) - r.low(**scales) + 1 for r in subject.blueprint.state.values())
        assert product <= states(n=n) <= 2**bound.constant * n**bound.factor
        if n < 10:
            reached = states_reached(Subject(subject), n, seed=0, cases=15)
            assert 1 < reached.states <= product
            assert 2 ** (reached.bits - 1) < reached.states <= 2**reached.bits


def test_states_of_a_window_are_counted_like_pairs_of_tokens() -> None:
    """Associative recall holds the last two numbers: the pairs that occur in the same transcripts."""
    subject = SUBJECTS["hybrid/associative-recall"]
    rng = np.random.default_rng([0, 5])
    chosen = [*list(subject.task.boundary(5))[:20], *(subject.task.sample(rng, 5) for _ in range(20))]
    pairs = set()
    for instance in chosen:
        tokens = [*subject.reads(instance), *subject.expected(instance, 5)]
        numbers = [int(token) if token.isdigit() else 0 for token in tokens]
        pairs |= set(zip([0, *numbers], numbers, strict=False))
    assert states_reached(Subject(subject), 5, seed=0, cases=20).states == len(pairs)


def test_each_coordinate_stays_in_its_range_on_istree() -> None:
    for name in ("hybrid/istree", "retrieval/istree"):
        subject = construction(name)
        model, extents = subject.at(5), list(subject.blueprint.state.values())
        for graph in list(subject.task.boundary(5))[::6]:
            tokens = [*subject.reads(graph), *subject.expected(graph, 5)]
            held: list[Rationals] = []
            Evaluator(model, Exact()).run(
                np.array(model.vocabulary.encode(tokens)),
                observe=lambda _l, q, x, held=held: held.append(x) if q == "state" else None,  # type: ignore[misc]
            )
            for column, extent in zip(held[0].numerators.T, extents, strict=True):
                assert extent.low(n=5) <= column.min() <= column.max() <= extent.high(n=5)


def test_a_bound_too_small_and_a_range_too_narrow_are_refuted() -> None:
    subject = SUBJECTS["hybrid/associative-recall"]
    claim = CLAIMS[subject.name]
    examiner = Examiner(Plan(cases=10))
    assert examiner.about(claim, subject).verdict == "VERIFIED"
    small = examiner.about(replace(claim, bound=LogBound(1, 2)), subject)
    assert small.verdict == "REFUTED"
    assert "is not covered by it" in (small.reason or "")
    first = subject.blueprint.layers[0]
    assert isinstance(first, SymbolicRecurrence)
    narrow = {name: Range(extent.low, extent.low + 1) for name, extent in first.ranges.items()}
    layers = (replace(first, ranges=narrow), *subject.blueprint.layers[1:])
    planted = replace(subject, blueprint=replace(subject.blueprint, layers=layers))
    refuted = examiner.about(claim, planted)
    assert refuted.verdict == "REFUTED"
    assert "more than the ranges allow" in (refuted.reason or "")


def test_the_state_of_stacked_recurrences_is_that_of_all_of_them() -> None:
    """Depths and latches come in pairs: a positive depth with both, and each is told from the others."""
    subject, pairs = from_gallery("gallery/linear-dyck-1"), set()
    rng = np.random.default_rng([0, 6])
    chosen = [*list(subject.task.boundary(6))[:8], *(subject.task.sample(rng, 6) for _ in range(8))]
    for instance in chosen:
        depth, latch = 0, 1
        pairs.add((depth, latch))
        for letter in subject.reads(instance)[1:]:
            depth += 1 if letter == "(" else -1
            latch *= depth >= 0
            pairs.add((depth, latch))
    found = states_reached(Subject(subject), 6, seed=0, cases=8)
    assert found.inputs == len(chosen)
    assert found.states == len(pairs) > 9


def test_the_family_of_stacked_recurrences_is_not_claimed_as_one() -> None:
    subject = from_gallery("gallery/linear-dyck-1")
    (claim,) = (claim for claim in claims_of(subject, kernel=False) if claim.quantity == "family")
    assert claim.statement.startswith("linear recurrences, then gated layers; no attention")
    assert Examiner(Plan()).about(claim, subject).verdict == "VERIFIED"
    one = replace(claim, statement="one linear recurrence, then gated layers; no attention, no positions and no search")
    refuted = Examiner(Plan()).about(one, subject)
    assert refuted.verdict == "REFUTED"
    assert "not one and the first" in str(refuted.reason)
    assert Examiner(Plan()).about(one, from_gallery("gallery/linear-s5")).verdict == "VERIFIED"
