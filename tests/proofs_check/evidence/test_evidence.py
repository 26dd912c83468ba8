"""Evidence says what was run, counts it right, and refutes what is wrong; a claim that promises too much falls."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from constructions.architectures import Attention, Model
from constructions.numerics import Matrix
from constructions.tasks import Effort, Index, Retrieval
from constructions.theorems import THEOREMS, Claim, Construction, LogBound, Theorem, construction, variants
from constructions.wiring import Inequality, Polynomial, Wiring, n
from proofs_check.evidence import (
    INCOMPLETE,
    REFUTED,
    VERIFIED,
    ClaimResult,
    Counterexample,
    Evidence,
    Examiner,
    Plan,
    Subject,
    Tally,
    TheoremResult,
    activation_bits,
    exhaustive,
    exhaustive_permutations,
    parameter_bits,
    sampled,
    tally,
)
from proofs_check.report import overall, summary_row, theorem_text, theorems_json

INDEX = construction("transformer/index")
RECALL = construction("transformer/associative-recall")
COUNTING = construction("transformer/counting")
ISTREE = construction("transformer/istree")

LITTLE = {
    "index": Effort(2, 2, sizes=(1, 2, 4), far=(), measured=(1, 4)),
    "istree": Effort(3, 0, sizes=(2, 4), far=(), measured=(2, 4)),
}


def examiner(seed: int = 0) -> Examiner:
    return Examiner(Plan(LITTLE, cases=30, seed=seed))


class Recorder:
    """A subject that notes which instances were run."""

    def __init__(self, construction: Construction) -> None:
        self.seen: list[tuple[int, Any]] = []
        recorder = self

        class Recording(Subject):
            def judged(self, n: int, instance: object, written: tuple[str, ...]) -> Counterexample | None:
                recorder.seen.append((n, instance))
                return super().judged(n, instance, written)

        self.subject = Recording(construction)


# Which inputs are run.


@pytest.mark.parametrize("subject", [INDEX, COUNTING, ISTREE], ids=lambda c: c.name)
def test_sampled_evidence_runs_as_many_as_it_says_and_every_boundary_case(subject: Construction) -> None:
    recorder = Recorder(subject)
    run = sampled(recorder.subject, (1, 3, 6), 101, seed=5)
    assert len(recorder.seen) == run.tally.inputs >= 101
    assert f"{run.tally.inputs:,} random and boundary inputs, n up to 6, seed 5" == run.words
    sizes = {size for size, _ in recorder.seen}
    assert sizes == {size for size in (1, 3, 6) if size >= subject.blueprint.least}
    texts = {(size, subject.task.text(instance)) for size, instance in recorder.seen}
    for size in sizes:
        assert {(size, subject.task.text(instance)) for instance in subject.task.boundary(size)} <= texts
    assert all(subject.task.size(instance) <= size for size, instance in recorder.seen)


def test_the_seed_decides_what_is_sampled() -> None:
    seen = []
    for seed in (1, 1, 2):
        recorder = Recorder(RECALL)
        sampled(recorder.subject, (5,), 80, seed)
        seen.append(recorder.seen)
    assert seen[0] == seen[1] != seen[2]


def test_a_construction_for_large_n_alone_is_sampled_at_its_least_size() -> None:
    blueprint = replace(INDEX.blueprint, domain=replace(INDEX.blueprint.domain, minimum={"n": 50}))
    run = sampled(Subject(replace(INDEX, blueprint=blueprint)), (1, 2), 30, seed=0)
    assert run.tally.inputs >= 30
    assert "n up to 50" in run.words


def test_exhaustive_evidence_counts_in_closed_form() -> None:
    run = exhaustive(Subject(INDEX), 4, 3)
    over_three = sum(length * 3**length for length in (1, 2, 3, 4))
    of_small_models = sum(length * size**length for size in (1, 2) for length in range(1, size + 1))
    assert run.tally.inputs == over_three + of_small_models
    assert run.words == (
        f"all {over_three} inputs with n = 1 .. 4 over 3 letters in the models of size 3, 4; "
        f"all {of_small_models} inputs of the models of size 1, 2"
    )
    assert set(run.tally.reach) == {1, 2, 3, 4}
    assert (
        exhaustive(Subject(INDEX), 1, 1).words == "the one input with n = 1 .. 1 over 1 letter in the model of size 1"
    )
    run = exhaustive(Subject(ISTREE), 3, 0)
    assert run.tally.inputs == sum(ISTREE.task.count(size) for size in (2, 3))
    assert run.words.endswith("inputs with n = 2 .. 3, each in the model of its size")


def test_permutations_are_counted_in_closed_form() -> None:
    run = exhaustive_permutations(Subject(RECALL), 4)
    assert run.tally.inputs == sum(size * math.factorial(size) for size in (1, 2, 3, 4))


class Forgetful(Index):
    """Its counts are right and its enumeration leaves a query out."""

    def queries(self, n: int, alphabet: int) -> np.ndarray:
        return super().queries(n, alphabet)[1:] if n > 1 else super().queries(n, alphabet)


def test_an_enumeration_that_leaves_inputs_out_is_noticed() -> None:
    with pytest.raises(RuntimeError, match="9 inputs were run at n = 2, but there are 18"):
        exhaustive(Subject(replace(INDEX, task=Forgetful())), 3, 3)


@pytest.mark.parametrize(
    ("subject", "least", "alphabet"), [(RECALL, 1, 2), (ISTREE, 2, None)], ids=["recall", "istree"]
)
def test_both_ways_of_running_everything_agree(subject: Construction, least: int, alphabet: int | None) -> None:
    """Continuing shared prefixes, and one prompt after the other in odd batches."""
    instances = [instance for size in range(least, 4) for instance in subject.task.enumerate(size, alphabet)]
    run = tally(Subject(subject), 3, instances, batch=7)
    assert run.failure is None
    every = exhaustive(Subject(subject), 3, 2)
    own = 0 if alphabet is None else 1  # the model of size 1 runs the one input that it reads
    assert run.inputs == len(instances) == every.tally.inputs - own


def test_transcripts_come_back_in_the_order_of_the_instances() -> None:
    instances = [Retrieval(tuple(range(1, length + 1)), (length,)) for length in (5, 1, 3, 5, 2, 1)]
    written = Subject(INDEX).transcripts(5, instances)
    assert written == [("5",), ("1",), ("3",), ("5",), ("2",), ("1",)]


# What a wrong model leads to.


def no_output(model: Model) -> Model:
    """No head of the last attention layer writes anything."""
    layers = list(model.layers)
    place = max(i for i, layer in enumerate(layers) if isinstance(layer, Attention))
    layer = layers[place]
    assert isinstance(layer, Attention)
    heads = tuple(replace(h, output=Matrix.from_entries(h.output.shape, {})) for h in layer.heads)
    layers[place] = Attention(heads)
    return replace(model, layers=tuple(layers))


@pytest.mark.parametrize("subject", [INDEX, RECALL, COUNTING, ISTREE], ids=lambda c: c.name)
@pytest.mark.parametrize("kind", ["exhaustive", "sampled"])
def test_a_wrong_model_stops_the_run_with_a_counterexample(kind: str, subject: Construction) -> None:
    wrong = Subject(subject, model_at=lambda size: no_output(subject.at(size)))
    run = exhaustive(wrong, 4, 3) if kind == "exhaustive" else sampled(wrong, (3, 6), 100, seed=0)
    found = run.tally.failure
    assert found is not None
    assert found.written != found.expected == subject.expected(subject.task.parse(found.input))
    assert wrong.failure(subject.task.parse(found.input)) == found


class OneOff(Index):
    """The reference answer to a single question is another one."""

    def __init__(self, odd: Retrieval) -> None:
        self.odd = odd

    def answers(self, sequence: Any, queries: Any) -> list[str]:
        right = super().answers(sequence, queries)
        if tuple(map(int, sequence)) != self.odd.sequence:
            return right
        return ["0" if tuple(map(int, q)) == self.odd.query else a for q, a in zip(queries, right, strict=True)]


def test_a_fault_on_any_single_input_is_found() -> None:
    """No input is run without being compared, the first and the last of a batch included."""
    instances = [instance for size in (1, 2, 3) for instance in Index().enumerate(size, 2)]
    for odd in instances:
        found = exhaustive(Subject(replace(INDEX, task=OneOff(odd))), 3, 2).tally.failure
        assert found is not None
        assert found.input == Index().text(odd)
    orders = [Retrieval(order, (place,)) for order in [(1, 2, 3), (2, 3, 1), (3, 2, 1)] for place in (1, 3)]
    for odd in orders:
        found = exhaustive_permutations(Subject(replace(INDEX, task=OneOff(odd))), 3).tally.failure
        assert found is not None
        assert found.input == Index().text(odd)


@pytest.mark.parametrize("place", [0, 1, -2, -1])
def test_one_wrong_token_of_a_transcript_is_found(place: int) -> None:
    """A right answer after a wrong chain of thought is a failure."""
    graph = ISTREE.task.parse("1-2 2-3 3-4")
    reference = ISTREE.expected(graph)
    changed = list(reference)
    changed[place] = "~"
    assert Subject(ISTREE).failure(graph) is None
    found = Subject(replace(ISTREE, transcript=lambda *_: tuple(changed))).failure(graph)
    assert found is not None
    assert found.written == reference


def test_a_fault_of_one_size_alone_is_kept_at_that_size() -> None:
    """It cannot be shrunk, since smaller instances are read by smaller models, which are right."""
    wrong = Subject(INDEX, model_at=lambda size: no_output(INDEX.at(size)) if size == 6 else INDEX.at(size))
    run = sampled(wrong, (3, 6), 100, seed=0)
    assert run.tally.failure is not None
    assert run.tally.failure.n == 6


def test_what_is_right_cannot_be_shrunk() -> None:
    with pytest.raises(ValueError, match="not a counterexample: 2 1"):
        Subject(INDEX).shrunk(Retrieval((2, 1), (1,)), 2)


def test_a_model_that_never_answers_is_cut_off() -> None:
    endless = Subject(ISTREE, model_at=lambda size: replace(ISTREE.at(size), answers=("~",)))
    graph = ISTREE.task.parse("1-2 2-3")
    found = endless.failure(graph)
    assert found is not None
    assert len(found.written) == ISTREE.longest(n=3) + 1


def test_long_transcripts_are_shortened_in_messages() -> None:
    long = tuple(map(str, range(100)))
    found = Counterexample("mine", 3, "1 ? 1", long, ())
    assert str(found) == ("on input '1 ? 1' (n = 3) it writes nothing instead of 0 1 2 3 4 5 6 7 ... 99 (100 tokens)")


def test_tallies_add_up() -> None:
    first, second = Tally(), Tally()
    failure = Counterexample("mine", 1, "1 ? 1", ("1",), ("2",))
    first.inputs, second.inputs, second.failure = 3, 4, failure
    first.add(second)
    assert (first.inputs, first.failure) == (7, failure)


# Claims.


def claim(quantity: str, bound: LogBound | Polynomial | None = None, **more: str) -> Claim:
    name = "transformer/istree" if quantity in ("transcript", "tokens") else "transformer/index"
    return Claim(f"{name}: {quantity}", "a statement", name, quantity, bound, "a scope", **more)  # type: ignore[arg-type]


CLAIMS: dict[str, tuple[Construction, Claim, str | None]] = {
    "answers": (INDEX, claim("answers"), None),
    "transcript": (ISTREE, claim("transcript"), None),
    "tokens": (ISTREE, claim("tokens", 2 * n), None),
    "tokens, attained": (ISTREE, claim("tokens", 2 * n, attained_by="YES"), None),
    "too few tokens": (ISTREE, claim("tokens", 2 * n - 1), "tokens are written with answer YES, not"),
    "not attained": (ISTREE, claim("tokens", 2 * n + 1, attained_by="YES"), "tokens are written with answer YES, not"),
    "shape": (INDEX, claim("shape"), None),
    "parameter bits": (INDEX, claim("parameter bits", LogBound(0, 4)), None),
    "parameter bits, too few measured": (INDEX, claim("parameter bits", LogBound(0, 2)), "3 bits were measured at n"),
    "activation bits": (INDEX, claim("activation bits", LogBound(2, 7)), None),
    "activation bits, too few": (INDEX, claim("activation bits", LogBound(1, 3)), "bits were measured at n ="),
    "activation bits, too few for all n": (
        INDEX,
        claim("activation bits", LogBound(1, 20)),
        "are not covered by it",
    ),
    "contracts": (INDEX, claim("contracts"), None),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_is_verified_or_refuted_with_the_reason(name: str) -> None:
    subject, made, reason = CLAIMS[name]
    result = examiner().about(made, subject)
    assert result.verdict == (VERIFIED if reason is None else REFUTED)
    if reason is None:
        assert result.reason is None
        assert result.evidence
    else:
        assert result.reason is not None
        assert reason in result.reason


def test_a_wrong_answer_leaves_open_how_many_tokens_are_written() -> None:
    wrong = replace(ISTREE, transcript=lambda *_: ("NO",))
    refuted = examiner().about(claim("transcript"), wrong)
    assert refuted.verdict == REFUTED
    assert refuted.counterexample is not None
    for quantity, what in (("tokens", "tokens are written"), ("searches", "searches are made")):
        result = examiner().about(claim(quantity, 2 * n), wrong)
        assert result.verdict == INCOMPLETE
        assert result.reason == f"some input has a wrong transcript, and how many {what} is not known then"


def test_too_many_tokens_are_refuted_beside_a_wrong_answer() -> None:
    """Another input has a right transcript that is longer than what is claimed."""
    wrong = replace(ISTREE, transcript=lambda graph, size: ISTREE.expected(graph, size) if size < 4 else ("NO",))
    result = examiner().about(claim("tokens", 2 * n - 1), wrong)
    assert result.verdict == REFUTED
    assert "tokens are written with answer YES, not" in str(result.reason)


class Growing:
    """A blueprint whose models gain a weight at n = 4."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def at(self, size: int) -> Model:
        model: Model = self._original.at(size)
        if size < 4:
            return model
        special = model.unembedding.special.replaced(0, 1, 7)
        return replace(model, unembedding=replace(model.unembedding, special=special))


def test_a_shape_that_depends_on_n_is_refuted() -> None:
    result = examiner().about(claim("shape"), replace(INDEX, blueprint=Growing(INDEX.blueprint)))  # type: ignore[arg-type]
    assert result.verdict == REFUTED
    assert result.reason == "the nonzero places at n = 1 are not those at some n of [4]"


def test_a_contract_that_is_not_proved_is_refuted() -> None:
    contracts = list(INDEX.blueprint.contracts)
    contracts[0] = replace(contracts[0], needs=(*contracts[0].needs, Inequality("2 <= n", n - 2)))
    result = examiner().about(
        claim("contracts"), replace(INDEX, blueprint=replace(INDEX.blueprint, contracts=tuple(contracts)))
    )
    assert result.verdict == REFUTED
    assert result.reason == "not proved: asked position"


@pytest.mark.parametrize("quantity", ["tokens", "parameter bits", "activation bits"])
def test_a_claim_with_a_bound_of_the_wrong_kind_is_a_mistake_of_the_program(quantity: str) -> None:
    with pytest.raises(TypeError, match="needs a"):
        examiner().about(claim(quantity), ISTREE if quantity == "tokens" else INDEX)


def test_every_construction_of_every_theorem_has_claims_about_answers_and_resources() -> None:
    """A theorem without claims would be verified by nothing."""
    for theorem in THEOREMS.values():
        assert theorem.constructions
        for name in theorem.constructions:
            assert variants(name)
            quantities = {made.quantity for made in theorem.claims if made.construction == name}
            assert {"answers", "tokens", "shape", "parameter bits", "activation bits", "contracts"} <= quantities


# Bits.


def test_bits_of_a_parameter_count_sign_numerator_and_denominator() -> None:
    model = INDEX.at(1)
    for value, bits in [(3, 3), (-4, 4), (Fraction(1, 1000), 11), (Fraction(5000, 3), 14)]:
        unembedding = replace(model.unembedding, special=model.unembedding.special.replaced(0, 1, value))
        assert parameter_bits(replace(model, unembedding=unembedding)) == bits
    alone = Matrix.from_entries(model.unembedding.special.shape, {(0, 1): Fraction(1, 1024)})
    assert parameter_bits(replace(model, unembedding=replace(model.unembedding, special=alone))) == 12


@pytest.mark.parametrize("subject", [INDEX, RECALL, COUNTING, ISTREE], ids=lambda c: c.name)
def test_measured_bits_lie_below_what_is_proved(subject: Construction) -> None:
    for size in (2, 7, 16):
        measured = activation_bits(Subject(subject), size, seed=0)
        assert 3 <= measured.bits <= 1 + subject.blueprint.largest_activation(n=size).bit_length()


def test_a_large_weight_is_seen_in_the_activations() -> None:
    def heavy(size: int) -> Model:
        model = INDEX.at(size)
        return replace(
            model, unembedding=replace(model.unembedding, special=Matrix.from_entries(shape, {(0, 0): 2**70}))
        )

    shape = INDEX.at(3).unembedding.special.shape
    assert activation_bits(Subject(INDEX, model_at=heavy), 3, seed=0).bits == 72


def test_a_large_score_is_seen_in_the_activations() -> None:
    def heavy(size: int) -> Model:
        model = INDEX.at(size)
        (layer,) = model.layers
        assert isinstance(layer, Attention)
        (head,) = layer.heads
        sharp = replace(head, query=times(head.query, 2**40), key=times(head.key, 2**40))
        return replace(model, layers=(Attention((sharp,)),))

    def times(matrix: Matrix, factor: int) -> Matrix:
        return Matrix.from_entries(matrix.shape, {(i, j): factor * value for i, j, value in matrix.entries()})

    usual = activation_bits(Subject(INDEX), 3, seed=0).bits
    assert activation_bits(Subject(INDEX, model_at=heavy), 3, seed=0).bits >= usual + 78


# Reports.


def results(verdicts: list[str]) -> TheoremResult:
    theorem = Theorem("0.0", "A title", "A statement.", ("transformer/index",), (), ("the other half",))
    found = Counterexample("transformer/index", 2, "1 2 ? 1", ("1",), ("2",))
    claims = tuple(
        ClaimResult(
            claim("answers"),
            INDEX,
            verdict,
            (Evidence("sampled", "17 random inputs", 17),),
            found if verdict == REFUTED else None,
            "it was stopped" if verdict == INCOMPLETE else None,
        )
        for verdict in verdicts
    )
    return TheoremResult(theorem, claims)


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        ([VERIFIED], VERIFIED),
        ([VERIFIED, INCOMPLETE], INCOMPLETE),
        ([INCOMPLETE, REFUTED, VERIFIED], REFUTED),
        ([VERIFIED, REFUTED], REFUTED),
    ],
)
def test_the_worst_verdict_is_that_of_the_whole(verdicts: list[str], verdict: str) -> None:
    assert results(verdicts).verdict == verdict
    assert overall([results([VERIFIED]), results(verdicts), results([VERIFIED])]) == verdict
    assert overall([results([single]) for single in verdicts]) == verdict
    assert theorems_json([results(verdicts)])["verdict"] == verdict
    assert theorem_text(results(verdicts)).splitlines()[-1].startswith(f"{verdict}  Theorem 0.0: ")
    assert summary_row(results(verdicts)).split()[1] == verdict


def test_a_report_says_what_was_found_and_what_was_not_checked() -> None:
    text = theorem_text(results([VERIFIED, REFUTED, INCOMPLETE]))
    assert "sampled: 17 random inputs" in text
    assert "counterexample: on input '1 2 ? 1' (n = 2) it writes 2 instead of 1" in text
    assert "because it was stopped" in text
    assert "not checked  the other half" in text
    assert "1 of 3 claims hold" in text
    assert "proved" not in text
    (theorem,) = theorems_json([results([VERIFIED, REFUTED])])["theorems"]
    assert theorem["claims"][0]["evidence"] == [{"kind": "sampled", "words": "17 random inputs", "inputs": 17}]
    assert theorem["claims"][1]["counterexample"]["written"] == ["2"]


def wirings() -> Iterator[Callable[[], Construction]]:
    """Two constructions of one name and no parameter, one of which is wrong."""
    for step in (0, 1):

        def build(step: int = step) -> Construction:
            w = Wiring("mine", specials=("<s>", "?"), numbers=(0, n), context=n + 2)
            there = w.at("there", w.token - step)
            w.write(there[w.token])
            return Construction(w.name, Index(), w.finish(), "It looks there.")

        yield build


def test_the_examiner_does_not_confuse_constructions_of_one_name() -> None:
    """Runs serve several claims, but only about the same construction."""
    shared = examiner()
    right, wrong = (build() for build in wirings())
    assert shared.about(claim("answers"), right).verdict == VERIFIED
    assert shared.about(claim("answers"), wrong).verdict == REFUTED
