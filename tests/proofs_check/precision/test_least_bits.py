"""The least number of bits: found by forcing, confirmed by decoding, with an input that breaks one bit less."""

import dataclasses
import itertools

import numpy as np
import pytest

from constructions import decode
from constructions.architectures import Model
from constructions.errors import InputError, PrecisionError
from constructions.numerics import Exact, Float
from constructions.tasks import AssociativeRecall
from constructions.theorems import CONSTRUCTIONS, Construction, construction
from proofs_check.mutations._faults import faults_of
from proofs_check.precision import LeastBits, least_bits
from proofs_check.precision._families import inputs
from proofs_check.precision._teacher_forcing import Group, first_wrong, groups_of, rows_of

SMALL = {name: 2 if name.endswith("istree") else 3 for name in CONSTRUCTIONS if not name.endswith("turing")}


def writes(subject: Construction, n: int, text: str, p: int) -> bool:
    """Whether plain decoding in Float(p) writes the reference, token by token."""
    instance = subject.task.parse(text)
    expected = subject.expected(instance, n)
    try:
        found = decode(subject.at(n), subject.reads(instance), arithmetic=Float(p), max_tokens=len(expected) + 1)
    except PrecisionError:
        return False
    return found.tokens == expected


@pytest.mark.parametrize("name", SMALL)
def test_the_breaking_input_breaks_one_bit_less_and_not_the_least(name: str) -> None:
    """By decoding, token by token, which shares nothing with forcing but the evaluator."""
    subject, n = construction(name), SMALL[name]
    found = least_bits(subject, n)
    assert found.bits is not None
    assert found.breaking_input is not None
    assert not writes(subject, n, found.breaking_input, found.bits - 1)
    assert writes(subject, n, found.breaking_input, found.bits)
    assert found.sufficient is not None
    assert found.bits <= found.sufficient
    assert found.tested == tuple(range(found.bits - 1, found.sufficient + 1))


def test_exhaustive_is_all_and_agrees_with_decoding() -> None:
    """Index at n = 3: each of the 81 inputs decoded at each p."""
    subject = construction("transformer/index")
    found = least_bits(subject, 3)
    assert (found.exhaustive, found.inputs) == (True, 81)
    texts = [subject.task.text(i) for i in subject.task.enumerate(3)]
    right = {p: all(writes(subject, 3, text, p) for text in texts) for p in range(2, 9)}
    assert found.bits == min(p for p in right if all(right[q] for q in range(p, 9)))


@pytest.mark.parametrize(
    ("name", "bits"),
    [("transformer/index", {16: 9, 64: 13, 256: 17}), ("transformer/associative-recall", {16: 15, 64: 21})],
)
def test_two_bits_for_a_doubled_position_and_three_for_the_latest_match(name: str, bits: dict[int, int]) -> None:
    """2 log2 n + 1 for a look-up by position, 3 log2 n + 3 for the latest match."""
    for n, p in bits.items():
        found = least_bits(construction(name), n)
        assert found.bits == p
        assert not found.exhaustive


def test_c_with_two_tokens_and_a_machine() -> None:
    assert least_bits(construction("transformer/c-gram", c=2), 8).bits is not None
    found = least_bits(construction("hybrid/turing"), 16)
    assert found.bits is not None
    assert found.bits < (found.sufficient or 0)


def test_with_softmax_the_bits_of_hard_attention_suffice_at_the_stated_temperature() -> None:
    hard, soft = (least_bits(construction("transformer/index"), 16, softmax=s) for s in (False, True))
    assert (hard.bits, soft.sufficient) == (9, hard.sufficient)
    assert soft.bits is not None
    assert soft.bits <= (soft.sufficient or 0)


def forced(subject: Construction, model: Model, n: int, arithmetic: object = None) -> str | None:
    _, instances = inputs(subject, n, 0)
    groups = groups_of(subject, rows_of(subject, model, n, instances), True)
    wrong = first_wrong(model, groups, Exact() if arithmetic is None else arithmetic)  # type: ignore[arg-type]
    return None if wrong is None else subject.task.text(wrong)


@pytest.mark.parametrize("name", ["transformer/associative-recall", "hybrid/counting", "transformer/istree"])
def test_forcing_finds_planted_faults(name: str) -> None:
    """It tells exactly the same faults from none as plain decoding of the same inputs."""
    subject, n = construction(name), 2
    model = subject.at(n)
    _, instances = inputs(subject, n, 0)
    assert forced(subject, model, n) is None
    faults = [fault for fault in faults_of(subject) if fault.kind == "weight"][::31] or faults_of(subject)[::31]
    found = 0
    for fault in faults:
        broken = fault.apply(model)
        decoded = next((subject.task.text(i) for i in instances if not right(subject, broken, n, i)), None)
        wrong = forced(subject, broken, n)
        assert (wrong is None) == (decoded is None), fault.text
        found += wrong is not None
    assert found >= 3


def right(subject: Construction, model: Model, n: int, instance: object) -> bool:
    expected = subject.expected(instance, n)
    return decode(model, subject.reads(instance), max_tokens=len(expected)).tokens == expected


def test_forcing_agrees_with_decoding_on_every_input_and_p() -> None:
    """Padding, shared prefixes and masks lose nothing: which inputs fail is the same one by one."""
    subject, n = construction("retrieval/counting"), 2
    model = subject.at(n)
    instances = [*subject.task.enumerate(n)]
    rows = rows_of(subject, model, n, instances)
    for p, row in itertools.product((3, 4, 5, 6), rows[::3]):
        alone = first_wrong(model, [Group(row.ids[:0], (row,))], Float(p)) is None
        assert alone == writes(subject, n, subject.task.text(row.instance), p)


def test_a_long_prefix_is_read_once_and_gives_the_same() -> None:
    subject, n = construction("transformer/associative-recall"), 56
    model = subject.at(n)
    rows = rows_of(subject, model, n, list(subject.task.adversarial(n)))
    for searched, p in itertools.product((True, False), (19, 20, 21)):
        groups = groups_of(subject, rows, searched)
        assert any(len(group.prefix) > 50 for group in groups)
        together = {id(first_wrong(model, [group], Float(p))) for group in groups}
        alone = {id(first_wrong(model, [Group(row.ids[:0], (row,))], Float(p))) for row in rows}
        assert together <= alone
        assert (together == {id(None)}) == (alone == {id(None)})


def test_a_tree_of_many_nodes_in_seconds() -> None:
    """Transcripts of more than a thousand tokens; one bit less than the least fails on the input that is named."""
    subject, n = construction("transformer/istree"), 150
    found = least_bits(subject, n)
    assert found.bits is not None
    assert found.breaking_input is not None
    assert found.longest > 1000
    assert found.bits in found.tested
    assert found.bits - 1 in found.tested
    assert not writes(subject, n, found.breaking_input, found.bits - 1)
    assert writes(subject, n, found.breaking_input, found.bits)


def test_a_construction_that_is_wrong_is_an_error_not_a_number_of_bits() -> None:
    class Contrary(AssociativeRecall):
        def answers(self, sequence, queries):  # type: ignore[no-untyped-def]
            return ["1"] * len(queries)

    wrong = dataclasses.replace(construction("transformer/associative-recall"), task=Contrary())
    with pytest.raises(InputError, match=r"wrong at n = 2 on input .* it would be wrong in exact arithmetic"):
        least_bits(wrong, 2)


def test_adversarial_inputs_are_legal_and_hold_the_extremes() -> None:
    for name in ("index", "associative-recall", "c-gram", "counting"):
        task = construction(f"transformer/{name}").task
        found = list(task.adversarial(40))
        assert all(task.size(instance) <= 40 for instance in found)
        assert any(set(instance.sequence) == {40} for instance in found)
        assert any(40 in instance.query for instance in found)
    assert not list(construction("transformer/istree").task.adversarial(5))


def test_results_do_not_depend_on_what_ran_before() -> None:
    subject = construction("transformer/counting")
    first = least_bits(subject, 12, seed=3)
    np.random.default_rng(0).random()
    assert least_bits(subject, 12, seed=3) == first
    assert isinstance(first, LeastBits)
