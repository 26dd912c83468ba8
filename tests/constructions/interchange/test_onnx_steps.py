"""Decoding steps in onnxruntime give the tokens of exact arithmetic: all architectures, types, kinds of attention."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructions.architectures import Evaluator
from constructions.errors import ContractError, InputError, ModelError
from constructions.interchange import (
    AttentionKind,
    NumberType,
    OnnxDecoder,
    fractional_coordinates,
    largest_size,
    onnx_bytes,
    require_guarantee,
    same_model,
)
from constructions.interchange._step import planned
from constructions.numerics import Exact
from constructions.tasks import RetrievalTask
from constructions.theorems import CONSTRUCTIONS, Construction, construction
from proofs_check.evidence._inputs import prefix_ids
from tests.random_models import prompts
from tests.step_operations import SMALL_MODELS, run

SETTINGS: list[tuple[NumberType, AttentionKind]] = [
    ("float64", "argmax"),
    ("int64", "argmax"),
    ("float32", "argmax"),
    ("float64", "softmax"),
    ("float32", "softmax"),
]
IDS = ["-".join(setting) for setting in SETTINGS]
RETRIEVAL = [name for name in CONSTRUCTIONS if not name.endswith(("istree", "turing"))]


def exported(subject: Construction, n: int, type_name: NumberType, attention: AttentionKind) -> OnnxDecoder:
    require_guarantee(subject, n, type_name, attention)
    return OnnxDecoder(onnx_bytes(subject.at(n), type_name, attention, fractional_coordinates(subject.blueprint)))


def failures(subject: Construction, n: int, decoder: OnnxDecoder, instances: Sequence[Any]) -> list[Any]:
    found = []
    for instance in instances:
        expected = subject.expected(instance, n)
        if decoder.decode(subject.reads(instance), len(expected) + 1)[: len(expected)] != expected:
            found.append(instance)
    return found


def evidence_inputs(subject: Construction, n: int, random: int, seed: int = 0) -> list[Any]:
    """What sampled evidence runs: the boundary family, then random inputs."""
    rng = np.random.default_rng([seed, n])
    return [*subject.task.boundary(n), *(subject.task.sample(rng, n) for _ in range(random))]


def grid_of_answers(decoder: OnnxDecoder, task: RetrievalTask, n: int, alphabet: int) -> tuple[Any, Any]:
    """Written and expected answers, as ids, on all sequences of n of the letters 1 .. alphabet with every query."""
    vocabulary = decoder.model.vocabulary
    rows = np.array(np.meshgrid(*[np.arange(1, alphabet + 1)] * n, indexing="ij"), dtype=np.int64).reshape(n, -1).T
    queries = [tuple(map(int, query)) for query in task.queries(n, alphabet)]
    suffixes = np.array(queries, dtype=np.int64) + (vocabulary.first_number_id - vocabulary.low)
    prefixes = prefix_ids(vocabulary, rows)
    batch = np.concatenate([np.repeat(prefixes, len(queries), axis=0), np.tile(suffixes, (len(prefixes), 1))], axis=1)
    written, _ = decoder.step(batch, decoder.empty(len(batch)))
    expected = [vocabulary.id_of(answer) for row in rows.tolist() for answer in task.answers(row, queries)]
    return written, np.array(expected)


@pytest.mark.parametrize(("type_name", "attention"), SETTINGS, ids=IDS)
@pytest.mark.parametrize("name", [name for name in RETRIEVAL if not name.startswith("retrieval/")])
def test_every_input_of_the_retrieval_tasks_is_answered(
    name: str, type_name: NumberType, attention: AttentionKind
) -> None:
    subject = construction(name)
    assert isinstance(subject.task, RetrievalTask)
    decoder = exported(subject, 4, type_name, attention)
    for n in (1, 2, 3, 4):
        if n >= (subject.task.c or 1) - 1:
            written, expected = grid_of_answers(decoder, subject.task, n, min(n, 3))
            assert np.array_equal(written, expected)


@pytest.mark.parametrize("type_name", ["float64", "int64"])
@pytest.mark.parametrize("name", list(CONSTRUCTIONS))
def test_transcripts_on_evidence_inputs(name: str, type_name: NumberType) -> None:
    subject = construction(name)
    n = 5
    decoder = exported(subject, n, type_name, "argmax")
    instances = evidence_inputs(subject, n, 2)
    chosen = instances[:: max(1, len(instances) // 5)] if "istree" in name or "turing" in name else instances[-12:]
    assert failures(subject, n, decoder, chosen) == []


@pytest.mark.parametrize(("type_name", "attention"), SETTINGS[2:], ids=IDS[2:])
@pytest.mark.parametrize("name", ["transformer/istree", "hybrid/istree", "hybrid/counting", "transformer/turing"])
def test_transcripts_by_softmax_and_in_float32(name: str, type_name: NumberType, attention: AttentionKind) -> None:
    subject = construction(name)
    n = 4
    decoder = exported(subject, n, type_name, attention)
    assert failures(subject, n, decoder, evidence_inputs(subject, n, 3)[-4:]) == []


@pytest.mark.slow
@pytest.mark.parametrize(("type_name", "attention"), SETTINGS, ids=IDS)
@pytest.mark.parametrize("name", list(CONSTRUCTIONS))
def test_many_evidence_inputs(name: str, type_name: NumberType, attention: AttentionKind) -> None:
    subject = construction(name)
    cases = 300 if "istree" in name or "turing" in name else 2000
    for n in (4, 12):
        if n > (largest_size(subject, type_name, attention) or 0):
            continue  # hybrid/istree in float32: up to 5
        decoder = exported(subject, n, type_name, attention)
        assert failures(subject, n, decoder, evidence_inputs(subject, n, cases)) == []


@pytest.mark.parametrize("name", ["transformer/counting", "hybrid/istree", "retrieval/turing"])
def test_the_prompt_may_be_read_in_any_pieces(name: str) -> None:
    subject = construction(name)
    n = 5
    decoder = exported(subject, n, "int64", "argmax")
    instance = evidence_inputs(subject, n, 1)[-1]
    ids = decoder.model.vocabulary.encode(subject.reads(instance))
    whole, caches = decoder.step(np.array([ids]), decoder.empty())
    pieces = decoder.empty()
    for place, identifier in enumerate(ids):
        one, pieces = decoder.step(np.array([[identifier]]), pieces, place)
    assert one == whole
    for name_of, array in caches.items():
        assert np.array_equal(array, pieces[name_of])


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
@given(st.data())
def test_random_models_step_by_step(data: st.DataObject) -> None:
    """Any ties, any order of layers: the step in onnxruntime, in int64, writes what the evaluator's argmax says."""
    model = data.draw(SMALL_MODELS)
    ids = data.draw(prompts(model))
    evaluator = Evaluator(model, Exact())
    x, _ = evaluator.run(np.array(ids, dtype=np.int64))
    expected = evaluator.next_tokens(x)
    _, next_tokens, _, largest = run(planned(model, "int64", "argmax"), np.array([ids]))
    assert np.array_equal(next_tokens[0], expected)
    if largest < 2**53:
        for type_name in ("int64", "float64"):
            decoder = OnnxDecoder(onnx_bytes(model, type_name))
            assert same_model(decoder.model, model)
            first = data.draw(st.integers(0, len(ids)))
            caches = decoder.empty()
            if first:
                _, caches = decoder.step(np.array([ids[:first]]), caches)
            if first < len(ids):
                following, _ = decoder.step(np.array([ids[first:]]), caches, first)
                assert following == expected[-1]


def test_the_exponential_of_what_is_not_picked_leaves_no_more_than_is_claimed() -> None:
    """LEAKS, as onnxruntime computes it: Softmax and Exp at -1024 and far below, beside 0."""
    import onnx
    import onnxruntime

    from constructions.interchange._guarantee import LEAKS

    helper = onnx.helper
    for type_name in ("float32", "float64"):
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(type_name))
        for operation in ("Softmax", "Exp"):
            node = helper.make_node(operation, ["x"], ["y"])
            ends = [helper.make_tensor_value_info(name, kind, [1, None]) for name in ("x", "y")]
            graph = helper.make_graph([node], "one", ends[:1], ends[1:])
            proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
            session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
            for length in (2, 9, 100):
                x = np.full((1, length), -1024, dtype=type_name)
                x[0, 2:] -= 1024 * np.arange(length - 2)
                x[0, 0] = 0
                (y,) = session.run(None, {"x": x})
                assert y[0, 0] == 1
                assert np.all((y[0, 1:] >= 0) & (y[0, 1:] <= np.ldexp(np.array(1, dtype=type_name), -LEAKS[type_name])))


@pytest.mark.parametrize("name", ["transformer/associative-recall", "hybrid/istree", "retrieval/index"])
def test_a_fault_in_the_weights_is_seen(name: str) -> None:
    subject, n = construction(name), 4
    model = subject.at(n)
    row, column, value = next(model.unembedding.polynomial.entries())
    unembedding = replace(model.unembedding, polynomial=model.unembedding.polynomial.replaced(row, column, value + 99))
    decoder = OnnxDecoder(onnx_bytes(replace(model, unembedding=unembedding), fractions=()))
    assert failures(subject, n, decoder, evidence_inputs(subject, n, 5)[-5:])


def test_softmax_has_no_place_in_integers() -> None:
    with pytest.raises(InputError, match="attention by softmax has no place in int64"):
        onnx_bytes(construction("transformer/index").at(3), "int64", "softmax")


def test_a_layer_after_an_average_is_refused() -> None:
    model = construction("transformer/associative-recall").at(3)
    with pytest.raises(
        ModelError, match=r"head 'found' reads 'previous\.token', which may be a fraction, at other positions"
    ):
        onnx_bytes(model)
    assert same_model(OnnxDecoder(onnx_bytes(model, fractions=())).model, model)


def test_what_a_type_cannot_hold_is_refused() -> None:
    subject = construction("transformer/associative-recall")
    with pytest.raises(InputError, match="holds numbers that float32 cannot hold exactly"):
        onnx_bytes(subject.at(5000), "float32", fractions=())
    with pytest.raises(ContractError, match="guaranteed exact in float32 with attention by argmax up to n = 125"):
        require_guarantee(subject, 126, "float32", "argmax")


def test_only_averages_and_what_follows_from_them_are_fractions() -> None:
    found = {name: fractional_coordinates(construction(name).blueprint) for name in CONSTRUCTIONS}
    assert {name: names for name, names in found.items() if names} == {
        "transformer/counting": {"matches.is <s>", "(2 t + 3) w"},
        "hybrid/counting": {"matches.is <s>", "(2 t + 3) w"},
    }
