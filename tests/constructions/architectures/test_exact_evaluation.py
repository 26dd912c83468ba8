"""Exact arithmetic gives the values of the definitions, on every rung, in whatever pieces a context is read."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Cache, Evaluator, Model
from constructions.architectures import _evaluate as evaluate_module
from constructions.engine import answer_grid, decode, decode_batch, padded
from constructions.numerics import Exact, Rationals
from constructions.numerics import _exact as exact_module
from constructions.numerics import _rationals as rationals_module
from tests.fraction_reference import decoded, next_token, residual
from tests.random_models import models, prompts

EXAMPLES = settings(max_examples=60, deadline=None)


def fractions(x: Rationals) -> list[list[Fraction]]:
    """The values of an array of two dimensions."""
    rows = []
    for i, row in enumerate(x.numerators):
        below = 1 if x.denominators is None else int(x.denominators[i])
        assert below > 0
        rows.append([Fraction(int(value), below) for value in row])
    return rows


@pytest.mark.parametrize("rung", ["float64", "int64", "integers"])
@given(st.data())
@EXAMPLES
def test_the_residual_stream_is_that_of_the_definitions(rung: str, data: st.DataObject) -> None:
    model = data.draw(models())
    ids = data.draw(prompts(model))
    x, _ = Evaluator(model, Exact(rung)).run(np.array(ids))
    assert fractions(x) == residual(model, ids)
    for feature, bound in enumerate(x.bounds):
        assert all(abs(int(row[feature])) <= bound for row in x.numerators)


@given(st.data())
@EXAMPLES
def test_reading_in_pieces_changes_nothing(data: st.DataObject) -> None:
    model = data.draw(models())
    ids = np.array(data.draw(prompts(model)))
    evaluator = Evaluator(model, Exact())
    whole, _ = evaluator.run(ids)
    cache: Cache[Rationals] = Cache()
    parts = []
    start = 0
    while start < len(ids):
        stop = data.draw(st.integers(start + 1, len(ids)))
        x, cache = evaluator.run(ids[start:stop], cache)
        parts += fractions(x)
        start = stop
    assert parts == fractions(whole)
    last = data.draw(st.integers(1, len(ids)))
    for cut in (0, len(ids) - last):
        _, cache = evaluator.run(ids[:cut], last=0) if cut else (None, Cache())
        x, _ = evaluator.run(ids[cut:], cache, last=last)
        assert fractions(x)[-last:] == fractions(whole)[-last:]


@given(st.data())
@EXAMPLES
def test_a_batch_holds_what_its_entries_give_alone(data: st.DataObject) -> None:
    model = data.draw(models())
    row = st.lists(st.integers(0, len(model.vocabulary) - 1), min_size=1, max_size=4)
    batch = data.draw(st.lists(row, min_size=1, max_size=3))
    written = decode_batch(model, *padded(batch), max_tokens=3)
    assert written == [decoded(model, ids, 3) for ids in batch]
    for ids, expected in zip(batch, written, strict=True):
        transcript = decode(model, model.vocabulary.decode(ids), engine="plain", max_tokens=3)
        assert model.vocabulary.encode(transcript.tokens) == expected


@given(st.data())
@EXAMPLES
def test_continuations_that_share_a_prefix_are_as_if_alone(data: st.DataObject) -> None:
    model = data.draw(models())
    token = st.integers(0, len(model.vocabulary) - 1)
    prefixes = data.draw(st.lists(st.tuples(token, token, token), min_size=1, max_size=3))
    suffixes = data.draw(st.lists(st.tuples(token, token), min_size=1, max_size=3))
    grid = answer_grid(model, np.array(prefixes), np.array(suffixes))
    expected = [[next_token(model, residual(model, [*p, *s])[-1]) for s in suffixes] for p in prefixes]
    assert grid.tolist() == expected


def adversary() -> Model:
    """Found by the tests above in fractions of a second if the float64 rung may hold what it cannot."""
    from constructions.architectures import Embedding, FeedForward, Unembedding
    from constructions.numerics import Matrix
    from constructions.vocabulary import Vocabulary

    odd = 2**27 + 1
    return Model(
        "adversary",
        Vocabulary(("<s>",), 0, 1),
        ("a", "b"),
        Embedding(
            Matrix.from_rows([[odd, 0, 0], [0, 0, 0]]),
            Matrix.from_rows([[odd], [0]]),
            Matrix.from_rows([[0, 0], [0, 0]]),
        ),
        (FeedForward(("u",), Matrix.from_rows([[1, 0]]), Matrix.from_rows([[1, 0]]), Matrix.from_rows([[0], [1]])),),
        Unembedding(Matrix.from_rows([[0, 0], [0, 0], [0, 0]]), Matrix.from_rows([[0, 0]])),
    )


def positional(linear: int, square: int) -> Model:
    """One coordinate, which holds ``linear * i + square * i**2`` at position i."""
    from constructions.architectures import Embedding, Unembedding
    from constructions.numerics import Matrix
    from constructions.vocabulary import Vocabulary

    nothing = Matrix.from_rows([[0]])
    embedding = Embedding(Matrix.from_rows([[0, 0, 0]]), nothing, Matrix.from_rows([[linear, square]]))
    unembedding = Unembedding(Matrix.from_rows([[0]] * 3), nothing)
    return Model("positional", Vocabulary(("<s>",), 0, 0), ("a",), embedding, (), unembedding)


def wrong_positions(linear: int, square: int, length: int = 10) -> bool:
    """Whether a position holds another number than by definition; they are read one after the other, and at once."""
    evaluator, cache = Evaluator(positional(linear, square), Exact()), Cache[Rationals]()
    ids, one_by_one = np.zeros(length, dtype=np.int64), list[list[Fraction]]()
    for place in range(length):
        x, cache = evaluator.run(ids[place : place + 1], cache)
        one_by_one += fractions(x)
    expected = [[Fraction(linear * i + square * i * i)] for i in range(length)]
    return not expected == one_by_one == fractions(evaluator.run(ids)[0])


def test_positions_are_exact_up_to_where_they_leave_64_bits_and_beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = [(2**k + 1, s * 2**m - 1) for k in range(50, 66) for m in range(40, 64) for s in (-1, 1)]
    assert not any(wrong_positions(linear, square) for linear, square in weights)
    monkeypatch.setattr(evaluate_module, "rung", lambda _: np.dtype(np.int64))  # the planted fault
    assert wrong_positions(0, 2**59)


def test_a_wrong_limit_of_the_float64_rung_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    model, ids = adversary(), [0]
    x, _ = Evaluator(model, Exact()).run(np.array(ids))
    assert fractions(x) == residual(model, ids)
    assert x.numerators.dtype == np.int64
    for module in (exact_module, rationals_module):
        monkeypatch.setattr(module, "FLOAT64_LIMIT", 2**60)  # the planted fault
    x, _ = Evaluator(model, Exact()).run(np.array(ids))
    assert fractions(x) != residual(model, ids)


def test_a_wrong_limit_of_the_int64_rung_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from constructions.numerics import Matrix

    matrix = Matrix.from_rows([[2**62, 2**62]])
    values = np.array([[1, 1]], dtype=np.int64)
    exact = Exact()
    right = exact.linear(matrix, exact.lift(values, 1, (1, 1)))
    assert [int(v) for v in right.numerators[0]] == [2**63]
    for module in (exact_module, rationals_module):
        monkeypatch.setattr(module, "INT64_LIMIT", 2**64)
    wrong = exact.linear(matrix, exact.lift(values, 1, (1, 1)))
    assert [int(v) for v in wrong.numerators[0]] != [2**63]
