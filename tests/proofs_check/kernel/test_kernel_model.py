"""The kernel's interpreter against the evaluator of constructions, on random models of every kind."""

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import (
    Attention,
    Embedding,
    FeedForward,
    Gated,
    Head,
    Layer,
    Recurrence,
    Selective,
    Unembedding,
    family,
    gated_shapes,
)
from constructions.architectures import Model as PlainModel
from constructions.engine import decode
from constructions.errors import ModelError
from constructions.numerics import Matrix
from constructions.theorems import construction
from constructions.vocabulary import Vocabulary
from proofs_check.certificates import canonical_text, model_from_json, model_to_json
from proofs_check.kernel._inputs import Inputs
from proofs_check.kernel._layers import MOST_BITS
from proofs_check.kernel._model import Model
from proofs_check.kernel._reference import Question, answer
from proofs_check.kernel._verdict import Incomplete, Malformed
from tests.fraction_reference import residual


def _names(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{i}" for i in range(count))


@st.composite
def models(draw: st.DrawFn) -> PlainModel:
    width, specials = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    weights = st.sampled_from([0, 0, 0, 1, 1, -1, 2, -3, Fraction(1, 2), Fraction(-2, 3)])

    def matrix(rows: int, columns: int) -> Matrix:
        values = draw(st.lists(weights, min_size=rows * columns, max_size=rows * columns))
        return Matrix.from_entries((rows, columns), {divmod(i, columns): v for i, v in enumerate(values) if v})

    def head(name: str) -> Head:
        features, reads = draw(st.integers(1, 2)), draw(st.integers(1, 2))
        return Head(
            name,
            _names("f", features),
            matrix(features, width),
            matrix(features, width),
            _names("r", reads),
            matrix(reads, width),
            matrix(width, reads),
            draw(st.sampled_from([0, 0, 1, -1])),
        )

    def layer(kind: str) -> Layer:
        size = draw(st.integers(1, 2))
        if kind == "attention":
            return Attention(tuple(head(name) for name in _names("head", size)))
        if kind == "feed-forward":
            return FeedForward(_names("u", size), matrix(size, width), matrix(size, width), matrix(width, size))
        parts = matrix(size, size), matrix(size, width), matrix(width, size), matrix(width, width)
        if kind == "recurrence":
            return Recurrence(_names("s", size), *parts)
        units = draw(st.integers(0, 2))
        if kind == "gated":
            shapes = gated_shapes(size, 2, units, width)
            inner = {name: matrix(*shape) for name, shape in shapes.items()}
            return Gated(_names("s", size), inner=("i", "j"), units=_names("u", units), **inner)
        moving = matrix(units, width), matrix(units, size), matrix(size, units)
        return Selective(_names("s", size), *parts, _names("u", units), *moving)

    kinds = draw(
        st.lists(st.sampled_from(["attention", "feed-forward", "recurrence", "selective", "gated"]), max_size=3)
    )
    vocabulary = Vocabulary(("<s>", "?", "NONE")[:specials], draw(st.integers(-1, 1)), draw(st.integers(1, 3)))
    tokens = vocabulary.decode(range(len(vocabulary)))
    return PlainModel(
        "random",
        vocabulary,
        _names("x", width),
        Embedding(matrix(width, 3), matrix(width, specials), matrix(width, 2)),
        tuple(layer(kind) for kind in kinds),
        Unembedding(matrix(3, width), matrix(specials, width)),
        draw(st.none() | st.lists(st.sampled_from(tokens), max_size=3, unique=True).map(tuple)),
    )


def as_read(model: PlainModel) -> Any:
    return json.loads(canonical_text(model_to_json(model)))


@given(models(), st.data())
@settings(max_examples=150, deadline=None)
def test_the_kernel_writes_what_the_evaluator_writes(model: PlainModel, data: st.DataObject) -> None:
    """Several prompts after one another, so that what is kept from one to the next is tested too."""
    kernel_model = Model(as_read(model), "model")
    tokens = model.vocabulary.decode(range(len(model.vocabulary)))
    for _ in range(3):
        prompt = data.draw(st.lists(st.sampled_from(tokens), min_size=1, max_size=6))
        decoded = decode(model, prompt, max_tokens=4)
        try:
            written = kernel_model.transcript(prompt, 4)
        except Incomplete:  # units that square a state lead beyond its limit in a few steps
            vectors = list[list[Fraction]]()
            residual(model, model.vocabulary.encode([*prompt, *decoded.tokens]), vectors)
            numbers = (number for vector in vectors for number in vector)
            assert any(x.numerator.bit_length() + x.denominator.bit_length() > MOST_BITS for x in numbers)
            return
        assert written == (list(decoded.tokens), decoded.answer is not None)


@given(models())
@settings(deadline=None)
def test_models_come_back_from_json_unchanged(model: PlainModel) -> None:
    value = as_read(model)
    again = model_from_json(value)
    assert model_to_json(again) == value
    for mine, other in zip(_matrices(again), _matrices(model), strict=True):
        assert mine.equals(other)
    assert (again.name, again.vocabulary, again.coordinates, again.answers) == (
        model.name,
        model.vocabulary,
        model.coordinates,
        model.answers,
    )


def _matrices(model: PlainModel) -> list[Matrix]:
    parts: list[Any] = [model.embedding, model.unembedding]
    for layer in model.layers:
        parts += layer.heads if isinstance(layer, Attention) else [layer]
    return [value for part in parts for value in vars(part).values() if isinstance(value, Matrix)]


@given(models())
@settings(deadline=None)
def test_the_kernel_names_the_architecture_as_the_models_do(model: PlainModel) -> None:
    try:
        expected = family(model)
    except ModelError:
        expected = "other"
    assert Model(as_read(model), "model").architecture == expected


def test_recall_of_eight_symbols_is_answered_as_defined() -> None:
    model = Model(as_read(construction("transformer/associative-recall").at(8)), "model")
    question = Question("associative-recall", 8, 8)
    for sequence, query in Inputs(question, "words").drawn(200, 1):
        prompt = ["<s>", *map(str, sequence), "?", *map(str, query)]
        assert model.transcript(prompt, 1) == ([answer(question, sequence, query)], True)


def test_prefixes_are_shared_between_queries() -> None:
    model = Model(as_read(construction("transformer/index").at(6)), "model")
    steps: list[int] = []
    original = model.embedded
    model.embedded = lambda identifier, place: (steps.append(identifier), original(identifier, place))[1]  # type: ignore[assignment, func-returns-value]
    for query in range(1, 7):
        assert model.transcript(["<s>", *"654321", "?", str(query)], 1) == ([str(7 - query)], True)
    assert len(steps) == 9 + 5


def _small() -> dict[str, Any]:
    value: dict[str, Any] = as_read(construction("transformer/associative-recall").at(2))
    return value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("search",), 7, "expected an object"),
        (("search",), [], "expected an object"),
        (("search",), {}, "has no key"),
        (("architecture",), "hybrid", "not what its layers form"),
        (("architecture",), "recurrent", "expected one of"),
        (("vocabulary", "specials"), ["<s>", "<s>", "NONE"], "names something twice"),
        (("vocabulary", "specials"), ["<s>", "7", "NONE"], "is no number"),
        (("vocabulary", "specials"), ["<s>", "a b", "NONE"], "has no space"),
        (("vocabulary", "high"), True, "expected an integer"),
        (("answers",), ["9"], "not in the vocabulary"),
        (("layers", 0, "type"), "mlp", "expected an object of type"),
        (("layers", 0), None, "expected an object of type"),
        (("layers", 0, "heads", 0, "slope"), "1", "expected an integer"),
        (("layers", 0, "heads", 0, "query", "shape"), [2, True], "expected"),
        (("layers", 0, "heads", 0, "query", "entries", 0, 2), "2/4", "lowest terms"),
        (("layers", 0, "heads", 0, "query", "entries", 0, 2), 0, "nonzero"),
        (("layers", 0, "heads", 0, "query", "entries", 0, 0), 99, "from 0 to"),
        (("layers", 0, "heads", 0, "query", "entries", 0), [0, 0], "expected .row, column, value."),
        (("embedding", "polynomial", "shape"), [3, 3], "expected"),
    ],
)
def test_models_that_do_not_fit_together_are_malformed(path: tuple[Any, ...], value: object, message: str) -> None:
    model = _small()
    place: Any = model
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(Malformed, match=message):
        Model(model, "model")


def test_entries_out_of_order_are_malformed() -> None:
    model = _small()
    model["embedding"]["special"]["entries"].reverse()
    with pytest.raises(Malformed, match="in order of row and column"):
        Model(model, "model")


def test_numbers_that_square_themselves_are_stopped() -> None:
    """Thirty layers that square a coordinate would need 2^30 digits."""
    one = Matrix.from_rows([[1]])
    square = FeedForward(("u",), one, one, one)
    embedding = Embedding(Matrix.from_rows([[9, 0, 0]]), one, Matrix.from_rows([[0, 0]]))
    unembedding = Unembedding(Matrix.from_rows([[1], [0], [0]]), one)
    model = PlainModel("squares", Vocabulary(("<s>",), 1, 2), ("x",), embedding, (square,) * 30, unembedding)
    with pytest.raises(Incomplete, match="more than 1,000 bits"):
        Model(as_read(model), "model").transcript(["1"], 1)


def test_ties_between_logits_go_to_the_lowest_id() -> None:
    nothing = Matrix.from_rows([[0]])
    embedding = Embedding(Matrix.from_rows([[0, 0, 0]]), nothing, Matrix.from_rows([[0, 0]]))
    unembedding = Unembedding(Matrix.from_rows([[0], [0], [0]]), nothing)
    model = PlainModel("silent", Vocabulary(("<s>",), 1, 2), ("x",), embedding, (), unembedding)
    assert Model(as_read(model), "model").transcript(["2"], 1) == (["<s>"], True)
    assert decode(model, ["2"]).tokens == ("<s>",)


def test_the_tokens_of_a_model_are_those_of_its_vocabulary() -> None:
    model = Model(as_read(construction("transformer/counting").at(12)), "model")
    vocabulary = construction("transformer/counting").at(12).vocabulary
    for token in ["<s>", "?", "0", "12", "13", "-1", "-0", "01", "007", "x", "", "-", "٣", "1" * 19]:
        if token in ("<s>", "?", "0", "12"):
            assert model.id_of(token) == vocabulary.id_of(token)
        else:
            with pytest.raises(LookupError):
                model.id_of(token)
    assert [model.token_of(i) for i in range(len(vocabulary))] == vocabulary.decode(np.arange(len(vocabulary)).tolist())
