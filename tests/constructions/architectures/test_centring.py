"""Positions counted from the middle: the same tokens, other numbers."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Attention, Evaluator, Model, centred
from constructions.errors import ModelError
from constructions.numerics import Exact
from constructions.theorems import CONSTRUCTIONS, construction
from tests.batched_runs import transcripts

NAMES = [name for name in CONSTRUCTIONS if name.startswith("transformer/")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("centre", [-3, 1, 5, 40])
def test_not_one_token_differs(name: str, centre: int) -> None:
    subject = construction(name)
    rng = np.random.default_rng(centre + 3)
    prompts = [subject.reads(subject.task.sample(rng, 5)) for _ in range(8)]
    model = subject.at(5)
    assert transcripts(centred(model, centre), prompts, 60, plain=True) == transcripts(model, prompts, 60, plain=True)


def positional(model: Model) -> list[tuple[int, int]]:
    """Places (layer, head) whose keys are smaller when positions are counted from the middle."""
    moved = centred(model, 5)
    return [
        (i, j)
        for i, layer in enumerate(model.layers)
        if isinstance(layer, Attention)
        for j, head in enumerate(layer.heads)
        if moved.layers[i].heads[j].key.equals(head.key) and "position" in head.features  # type: ignore[union-attr]
    ]


def test_heads_that_look_positions_up_keep_their_keys_by_name_and_lose_the_largest_scores() -> None:
    """Weights stay, on i - c and (i - c)^2; scores are within (L/2)^2 instead of L^2."""
    model = construction("transformer/index").at(30)
    assert positional(model) == [(0, 0)]
    rng, largest = np.random.default_rng(0), list[int]()
    ids = np.array(model.vocabulary.encode(["<s>", *map(str, rng.integers(1, 31, 30)), "?", "30"]))
    for subject in (model, centred(model, 16)):
        scores: list[int] = []

        def watch(layer: str, quantity: str, array: Any, scores: list[int] = scores) -> None:
            if quantity.endswith(".query"):
                scores.append(int(abs(array.numerators).max()))

        Evaluator(subject, Exact()).run(ids, observe=watch)
        largest.append(max(scores))
    assert largest == [2 * 30, 2 * 16]


@pytest.mark.parametrize(("row", "change"), [(0, 1), (0, -2), (1, 1)])
def test_a_head_that_is_moved_wrongly_is_seen(row: int, change: int) -> None:
    """The planted fault: query or key off by little."""
    subject = construction("transformer/index")
    model, rng = subject.at(6), np.random.default_rng(1)
    prompts = [subject.reads(subject.task.sample(rng, 6)) for _ in range(20)]
    moved = centred(model, 3)
    (layer,) = moved.layers
    assert isinstance(layer, Attention)
    (head,) = layer.heads
    one = moved.coordinates.index("one")
    place = moved.coordinates.index("position")
    if row == 0:
        head = replace(head, query=head.query.replaced(0, one, head.query[0, one] + change))
    else:
        head = replace(head, key=head.key.replaced(1, place, head.key[1, place] + change))
    spoiled = replace(moved, layers=(Attention((head,)),))
    assert transcripts(spoiled, prompts, 60, plain=True) != transcripts(model, prompts, 60, plain=True)


@given(st.data(), st.integers(-4, 9))
@settings(max_examples=60, deadline=None)
def test_changed_models_write_the_same(data: st.DataObject, centre: int) -> None:
    """Weights anywhere, fractions too: heads that look nothing up, coordinates that mix, rows that miss the form."""
    model = construction("transformer/associative-recall").at(4)
    places = [(i, j) for i, layer in enumerate(model.layers) for j in range(len(getattr(layer, "heads", ())))]
    for _ in range(data.draw(st.integers(0, 4))):
        i, j = data.draw(st.sampled_from(places))
        heads = list(model.layers[i].heads)  # type: ignore[union-attr]
        name = data.draw(st.sampled_from(["query", "key", "value"]))
        matrix = getattr(heads[j], name)
        row = data.draw(st.integers(0, matrix.shape[0] - 1))
        column = data.draw(st.integers(0, 4))  # one, position, its square, token, is ?
        weight = data.draw(st.integers(-3, 3) | st.fractions(-2, 2, max_denominator=4))
        heads[j] = replace(heads[j], **{name: matrix.replaced(row, column, weight)})
        model = replace(model, layers=(*model.layers[:i], Attention(tuple(heads)), *model.layers[i + 1 :]))
    ids = np.array(data.draw(st.lists(st.integers(0, len(model.vocabulary) - 1), min_size=1, max_size=6)))
    logits = []
    for subject in (model, centred(model, centre)):
        evaluator = Evaluator(subject, Exact())
        x, _ = evaluator.run(ids)
        found = evaluator.logits(x)
        ones = [1] * len(found.numerators) if found.denominators is None else found.denominators
        logits.append([[Fraction(int(a), int(d)) for a in row] for row, d in zip(found.numerators, ones, strict=True)])
    assert logits[0] == logits[1]


@pytest.mark.parametrize("name", ["hybrid/index", "retrieval/index"])
def test_a_model_without_positions_has_nothing_to_centre(name: str) -> None:
    with pytest.raises(ModelError, match="so nothing can be centred"):
        centred(construction(name).at(4), 2)
