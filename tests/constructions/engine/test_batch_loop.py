"""Many prompts by one compiled loop: the same transcripts as the plain evaluator, for models of every kind."""

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructions.architectures import Attention, FeedForward, Model
from constructions.engine import NotTabular, Written, decode_batch, decode_many
from constructions.engine._tables import tables_of
from constructions.numerics import Matrix
from constructions.theorems import construction
from tests import random_models

NAMES = [
    f"{family}/{task}"
    for family in ("transformer", "hybrid")
    for task in ("index", "associative-recall", "c-gram", "counting", "istree")
]


def prompts_of(name: str, n: int, count: int) -> tuple[Model, np.ndarray, np.ndarray, int]:
    """A model, encoded prompts of sampled instances with their neighbours in sorted order, and the most tokens."""
    made = construction(name)
    model, rng = made.at(n), np.random.default_rng(1)
    rows = sorted(model.vocabulary.encode(made.reads(made.task.sample(rng, n))) for _ in range(count))
    prompts = np.zeros((count, max(map(len, rows))), dtype=np.int64)
    for place, row in enumerate(rows):
        prompts[place, : len(row)] = row
    return model, prompts, np.array([len(row) for row in rows]), made.longest(n=n) + 1


def reference(model: Model, prompts: np.ndarray, lengths: np.ndarray, most: int) -> list[list[int]]:
    """One prompt after the other, by the evaluator that follows the definitions."""
    return [
        decode_batch(model, row[None, :length], max_tokens=most)[0]
        for row, length in zip(prompts, lengths, strict=True)
    ]


def listed(written: Written) -> list[list[int]]:
    return [row[:count].tolist() for row, count in zip(written.ids, written.counts, strict=True)]


@pytest.mark.parametrize("name", NAMES)
def test_transcripts_are_those_of_the_evaluator(name: str) -> None:
    model, prompts, lengths, most = prompts_of(name, 5, 12)
    assert listed(decode_many(model, prompts, lengths, most=most)) == reference(model, prompts, lengths, most)


@pytest.mark.parametrize("name", NAMES[:-1])  # the cells of the last would get different denominators
def test_an_embedding_with_several_denominators_is_brought_to_one(name: str) -> None:
    model, prompts, lengths, most = prompts_of(name, 5, 12)
    position = model.embedding.position
    embedding = dataclasses.replace(model.embedding, position=Matrix(position.numerators * 3, 3))
    written = decode_many(dataclasses.replace(model, embedding=embedding), prompts, lengths, most=most)
    assert listed(written) == reference(model, prompts, lengths, most)


@pytest.mark.parametrize("name", ["transformer/index"])
def test_a_loop_for_the_one_model_writes_the_same(name: str) -> None:
    model, prompts, lengths, most = prompts_of(name, 5, 40)
    general = decode_many(model, prompts, lengths, most=most)
    special = decode_many(model, prompts, lengths, most=most, specialise=True)
    assert listed(special) == listed(general)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_loop_for_one_model_writes_the_same(name: str) -> None:
    model, prompts, lengths, most = prompts_of(name, 6, 300)
    general = decode_many(model, prompts, lengths, most=most)
    special = decode_many(model, prompts, lengths, most=most, specialise=True)
    assert listed(special) == listed(general)


def random_case(data: st.DataObject) -> tuple[Model, np.ndarray]:
    """A model of random weights, fractions, ties and huge numbers among them, and prompts that begin alike."""
    model = data.draw(random_models.models())
    row = data.draw(st.lists(st.integers(0, len(model.vocabulary) - 1), min_size=5, max_size=5))
    changes = data.draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, len(model.vocabulary) - 1)), max_size=4))
    prompts = [row]
    for place, token in changes:
        prompts.append([*prompts[-1][:place], token, *prompts[-1][place + 1 :]])
    return model, np.array(prompts, dtype=np.int64)


def test_random_models_agree_or_are_refused() -> None:
    seen = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        model, prompts = random_case(data)
        lengths = np.full(len(prompts), 5)
        try:
            written = decode_many(model, prompts, lengths, most=3)
        except NotTabular:
            return
        seen.append(model)
        assert listed(written) == reference(model, prompts, lengths, 3)

    compare()
    assert len(seen) > 20  # about 58 of 150; it is no use if nearly all are refused


@pytest.mark.slow
def test_loops_for_random_models_agree() -> None:
    seen = []

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        model, prompts = random_case(data)
        lengths = np.full(len(prompts), 5)
        try:
            written = decode_many(model, prompts, lengths, most=3, specialise=True)
        except NotTabular:
            return
        seen.append(model)
        assert listed(written) == reference(model, prompts, lengths, 3)

    compare()
    assert len(seen) > 5


def test_what_two_prompts_share_is_not_taken_for_more() -> None:
    """Longer, shorter, equal and diverging prompts in any order."""
    made = construction("transformer/istree")
    model, task = made.at(4), made.task
    texts = ["1-2", "1-2 2-3", "1-2", "1-2", "1-2 2-3 3-4", "1-2 2-3 3-1", "1-2 1-3", "1-2 2-3 3-4"]
    rows = [model.vocabulary.encode(made.reads(task.parse(text))) for text in texts]
    prompts = np.full((len(rows), max(map(len, rows))), 0, dtype=np.int64)
    for place, row in enumerate(rows):
        prompts[place, : len(row)] = row
    lengths = np.array([len(row) for row in rows])
    assert listed(decode_many(model, prompts, lengths, most=9)) == reference(model, prompts, lengths, 9)


def test_a_transcript_that_is_cut_off_has_the_most_tokens() -> None:
    made = construction("transformer/istree")
    model = made.at(3)
    row = np.array([model.vocabulary.encode(made.reads(made.task.parse("1-2 2-3")))])
    written = decode_many(model, row, np.array([row.shape[1]]), most=3)
    assert written.counts.tolist() == [3]
    assert model.vocabulary.token_of(int(written.ids[0, 2])) not in (model.answers or ())


def test_numbers_that_may_leave_64_bits_are_refused() -> None:
    model = construction("transformer/index").at(4)
    layer = model.layers[0]
    assert isinstance(layer, Attention)
    head = layer.heads[0]
    huge = dataclasses.replace(head, key=head.key.replaced(0, 0, 2**61))
    spoilt = dataclasses.replace(model, layers=(Attention((huge,)),))
    with pytest.raises(NotTabular, match="bits"):
        tables_of(spoilt, 10)


def test_models_that_search_are_refused() -> None:
    with pytest.raises(NotTabular, match="searches"):
        tables_of(construction("retrieval/index").at(3), 10)


def test_a_fraction_without_room_for_denominators_is_not_rounded() -> None:
    """Averages over up to 60 positions have denominators that no factor of 64 bits clears."""
    made = construction("transformer/counting")
    model = made.at(60)
    row = np.array([model.vocabulary.encode(made.reads(made.task.parse(f"{'1 2 ' * 30}? 1 29")))])
    with pytest.raises(NotTabular, match="fraction"):
        decode_many(model, row, np.array([row.shape[1]]), most=1)


def test_halved_gates_change_nothing_that_is_not_halved() -> None:
    """Weights that are fractions are put over a denominator."""
    made = construction("transformer/counting")
    model, prompts, lengths, most = prompts_of("transformer/counting", 4, 20)
    place = next(i for i, layer in enumerate(model.layers) if isinstance(layer, FeedForward))
    layer = model.layers[place]
    assert isinstance(layer, FeedForward)
    halved = Matrix(layer.gate.numerators, 2 * layer.gate.denominator)
    doubled = Matrix(2 * layer.output.numerators, layer.output.denominator)
    layers = list(model.layers)
    layers[place] = dataclasses.replace(layer, gate=halved, output=doubled)
    changed = dataclasses.replace(made.at(4), layers=tuple(layers))
    written = decode_many(changed, prompts, lengths, most=most)
    assert listed(written) == listed(decode_many(model, prompts, lengths, most=most))
    assert listed(written) == reference(changed, prompts, lengths, most)
