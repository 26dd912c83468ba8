"""Counts and totals in the exported step: layers after an average that look at other positions, with planted faults."""

import functools
import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from constructions.architectures import Evaluator
from constructions.errors import InputError, ModelError
from constructions.gallery import GALLERY, from_gallery
from constructions.interchange import (
    AttentionKind,
    NumberType,
    OnnxDecoder,
    fractional_coordinates,
    largest_size,
    model_from_onnx,
    onnx_bytes,
    require_guarantee,
    same_model,
)
from constructions.interchange._onnx import parsed
from constructions.interchange._step import Step, planned
from constructions.numerics import Exact
from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n
from tests.batched_runs import transcripts
from tests.step_operations import run

SETTINGS: list[tuple[NumberType, AttentionKind]] = [
    ("float32", "argmax"),
    ("float64", "argmax"),
    ("int64", "argmax"),
    ("float32", "softmax"),
    ("float64", "softmax"),
]


def summed() -> Construction:
    """The last number times how often it occurs: a total is asked for, and keys are counts."""
    task = FunctionTask("sum-of-same", None, lambda word: word[-1] * word.count(word[-1]))
    w = Wiring("transformer/sum-of-same", specials=task.tokens, numbers=(0, n * n), context=n)
    same = w.average("same", [(w.token, w.token)])
    total = w.clamp(same.total(w.token), 0, n * n, "sum")
    w.write(w.latest("there", [(same.count(), same.count()), (total, total)])[total])
    return Construction(w.name, task, w.finish(), "The total of what a head averages, by its key.")


def counting() -> dict[str, Construction]:
    found = {name: from_gallery(name) for name in GALLERY}
    return {name: subject for name, subject in found.items() if fractional_coordinates(subject.blueprint)} | {
        "sum-of-same": summed()
    }


SUBJECTS = counting()


def exported(name: str, size: int, type_name: NumberType, attention: AttentionKind = "argmax") -> OnnxDecoder:
    subject = SUBJECTS[name]
    require_guarantee(subject, size, type_name, attention)
    data = onnx_bytes(subject.at(size), type_name, attention, fractional_coordinates(subject.blueprint))
    decoder = OnnxDecoder(data)
    assert same_model(decoder.model, subject.at(size))
    return decoder


def differing(name: str, size: int, decoder: OnnxDecoder, instances: Iterable[Any]) -> list[Any]:
    """Inputs on which onnxruntime does not write the tokens of the plain evaluator."""
    listed = list(instances)
    reads = tuple(tuple(SUBJECTS[name].reads(instance)) for instance in listed)
    runs = zip(listed, reads, evaluated(name, size, reads), strict=True)
    return [instance for instance, read, written in runs if decoder.decode(read, 60) != written]


@functools.cache
def evaluated(name: str, size: int, reads: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    """What the plain evaluator writes; the same for every kind of export."""
    return transcripts(SUBJECTS[name].at(size), reads, 60, plain=True)


@pytest.mark.parametrize("name", SUBJECTS)
def test_all_small_inputs_and_samples(name: str) -> None:
    """All inputs of the least sizes; then random ones, up to the largest size that is guaranteed."""
    task, rng = SUBJECTS[name].task, np.random.default_rng(5)
    for type_name, attention in SETTINGS:
        large = min(largest_size(SUBJECTS[name], type_name) or 0, 14)
        few = min(large, 3)
        small = exported(name, few, type_name, attention)
        inputs = [one for size in range(task.least, few + 1) for one in task.enumerate(size)]
        assert len(inputs) > (10 if few == 3 else 4)
        assert differing(name, few, small, inputs) == []
        decoder = exported(name, large, type_name, attention)
        assert differing(name, large, decoder, [task.sample(rng, large) for _ in range(8)]) == []


@pytest.mark.parametrize("name", SUBJECTS)
def test_answers_at_the_limit_of_float32(name: str) -> None:
    """What is written at the largest size is what the reference says, on a long input."""
    subject = SUBJECTS[name]
    size = min(largest_size(subject, "float32") or 0, 60)
    decoder, rng = exported(name, size, "float32"), np.random.default_rng(6)
    for _ in range(3):
        instance = subject.task.sample(rng, size)
        expected = subject.expected(instance, size)
        assert decoder.decode(subject.reads(instance), 300)[: len(expected)] == expected


def test_all_that_count_are_exported() -> None:
    short = ("bfs", "double-histogram", "dyck-k-ptf", "histogram", "majority", "most-frequent", "sorting")
    assert set(SUBJECTS) == {*(f"gallery/{name}" for name in short), "sum-of-same"}


@pytest.mark.parametrize("name", ["gallery/double-histogram", "gallery/histogram", "gallery/sorting", "sum-of-same"])
def test_every_division_is_exact(name: str) -> None:
    """In integers without limit, where an inexact division is an error."""
    subject, rng = SUBJECTS[name], np.random.default_rng(7)
    model = subject.at(6)
    plan = planned(model, "int64", "argmax", fractional_coordinates(subject.blueprint))
    summing = replace(plan, flow=replace(plan.flow, averaging=frozenset()))
    same = []
    for _ in range(12):
        instance = subject.task.sample(rng, 6)
        tokens = [*subject.reads(instance), *subject.expected(instance, 6)[:-1]]
        ids = np.array([model.vocabulary.encode(tokens)])
        evaluator = Evaluator(model, Exact())
        following = evaluator.next_tokens(evaluator.run(ids)[0])
        assert np.array_equal(run(plan, ids)[1], following)
        same.append(np.array_equal(run(summing, ids)[1], following))
    assert name != "gallery/histogram" or not all(same)  # which asks for a share; of a total, sums are as good


@pytest.mark.parametrize("name", ["gallery/double-histogram", "sum-of-same"])
def test_an_inexact_division_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Had the step one denominator too many, the integers of the test would say so."""
    subject = SUBJECTS[name]
    model = subject.at(6)
    plan = planned(model, "int64", "argmax", fractional_coordinates(subject.blueprint))
    ids = np.array([model.vocabulary.encode(subject.reads(subject.task.sample(np.random.default_rng(1), 6)))])
    monkeypatch.setattr(Step, "_over", lambda self, integers, denominator: integers)
    with pytest.raises(AssertionError, match="does not divide"):
        run(plan, ids)


@pytest.fixture
def written() -> bytes:
    subject = SUBJECTS["gallery/double-histogram"]
    return onnx_bytes(subject.at(4), "int64", "argmax", fractional_coordinates(subject.blueprint))


def altered(data: bytes, change: Any) -> bytes:
    proto = parsed(data)
    change(proto)
    return bytes(proto.SerializeToString())


def metadata(old: str, new: str) -> Any:
    def change(proto: Any) -> None:
        (entry,) = proto.metadata_props
        assert old in entry.value
        entry.value = entry.value.replace(old, new, 1)

    return change


def node(kind: str, other: str) -> Any:
    def change(proto: Any) -> None:
        next(node for node in proto.graph.node if node.op_type == kind).op_type = other

    return change


def swapped(kind: str) -> Any:
    def change(proto: Any) -> None:
        found = next(node for node in proto.graph.node if node.op_type == kind)
        first, second = found.input
        found.input[:] = [second, first]

    return change


def without_fractions(proto: Any) -> None:
    (entry,) = proto.metadata_props
    document = json.loads(entry.value)
    assert document["fractions"]
    entry.value = json.dumps(document | {"fractions": []}, ensure_ascii=False)


FAULTS: dict[str, tuple[Any, str]] = {
    "a division is a product": (node("Div", "Mul"), "graph is not what its metadata give"),
    "a division is turned around": (swapped("Div"), "graph is not what its metadata give"),
    "a count is left out": (node("ReduceSum", "ReduceMax"), "graph is not what its metadata give"),
    "no coordinate is said to hold fractions": (without_fractions, "graph is not what its metadata give"),
    "a coordinate that is not there": (metadata('"fractions": ["', '"fractions": ["x'), "no coordinate is called 'x"),
    "fractions are no list": (metadata('"fractions": [', '"fractions": 3, "x": ['), "unknown key 'x'"),
    "an older version": (metadata('"version": 2', '"version": 1'), "expected 'retrieval-gap decoding step' version 2"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_files_with_faults_are_refused(written: bytes, fault: str) -> None:
    change, words = FAULTS[fault]
    assert same_model(model_from_onnx(written), SUBJECTS["gallery/double-histogram"].at(4))
    with pytest.raises(InputError, match=re.escape(words)):
        model_from_onnx(altered(written, change))


def test_fractions_at_other_positions_are_refused() -> None:
    """A head that looks up an average: positions have denominators of their own."""
    w = Wiring("transformer/mean-there", specials=("<s>",), numbers=(0, n), context=n)
    mean = w.average("mean", [])[w.is_token("<s>")]
    w.write_sign(w.latest("there", [(w.token, w.token)])[mean])
    blueprint = w.finish()
    with pytest.raises(
        ModelError, match=r"head 'there' reads 'mean\.is <s>', which may be a fraction, at other positions"
    ):
        onnx_bytes(blueprint.at(n=3), fractions=fractional_coordinates(blueprint))


def test_a_recurrence_after_an_average_reads_integers() -> None:
    """Whether most is a, or anything once b came behind an a: a state that reads a head, beside the share of a."""
    w = Wiring("hybrid/before-a", specials=("<s>", "a", "b"), numbers=(0, 1), context=n, recurrent=True)
    hit = w.latest("there", [(w.is_token("a"), 1)], default=True).hit
    share = w.average("all", [])[w.is_token("a")]
    w.write_sign(2 * share - w.state(1, {w.both(hit, w.is_token("b")): 0}, name="not yet"))
    blueprint, size = w.finish(), 6
    model, fractions = blueprint.at(n=size), fractional_coordinates(blueprint)
    assert [type(layer).__name__ for layer in model.layers].index("Attention") < len(model.layers) - 1
    evaluator = Evaluator(model, Exact())
    for type_name in ("float64", "int64"):
        decoder, found = OnnxDecoder(onnx_bytes(model, type_name, fractions=fractions)), set()
        for word in itertools.product("ab", repeat=size):
            ids = np.array([model.vocabulary.encode(["<s>", *word])])
            first, caches = decoder.step(ids[:, :3], decoder.empty())
            last, _ = decoder.step(ids[:, 3:], caches, 3)
            following = evaluator.next_tokens(evaluator.run(ids)[0])[0]
            assert (first[0], last[0]) == (following[2], following[-1])
            found.add(int(last[0]))
        assert len(found) == 2
