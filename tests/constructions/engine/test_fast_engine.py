"""The fast engine writes the tokens of the plain evaluator, for any model, ours or not."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import (
    Attention,
    Embedding,
    FeedForward,
    Head,
    Layer,
    Model,
    Recurrence,
    Unembedding,
)
from constructions.engine import _fast, _stream_loop, decode, decode_batch
from constructions.engine._fast import FastRun, NotCompilable
from constructions.engine._head_plans import plan_of
from constructions.engine._opcodes import EQUAL_KEYS, POSITION, RUNNING, SCAN
from constructions.engine._program import compile_model
from constructions.engine._runtime import Runtime
from constructions.errors import ResourceError
from constructions.numerics import Matrix
from constructions.theorems import CONSTRUCTIONS, construction, variants
from constructions.vocabulary import Vocabulary
from constructions.wiring import Wiring, n

LENGTH = 24


def matrix(draw: st.DrawFn, rows: int, columns: int, entries: st.SearchStrategy[int]) -> Matrix:
    filled = draw(st.lists(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1), entries), max_size=6))
    return Matrix.from_entries((rows, columns), {(i, j): value for i, j, value in filled})


@st.composite
def lattice_heads(draw: st.DrawFn, width: int, name: str) -> Head:
    """A head in or near lattice form: one entry may be off by one, the scale may be too small."""
    scale = draw(st.sampled_from([1, 2, 8, 32, 1024]))
    default = draw(st.booleans())
    features = draw(st.integers(1, 2))
    columns = draw(st.lists(st.integers(1, width - 1), min_size=2 * features, max_size=2 * features))
    query, key = {}, {}
    factor = 2 if default else 1
    for f in range(features):
        query[f, columns[2 * f]] = 2 * factor * scale
        key[f, columns[2 * f + 1]] = 1
    query[features, 0] = factor * scale
    for f in range(features):  # squares are not at hand: a flag is its own square, other keys make e odd
        key[features, columns[2 * f + 1]] = -1
    if default:
        query[features + 1, 0] = draw(st.integers(-2, 2)) * scale
        key[features + 1, width - 1] = 1
    rows = features + 1 + default
    if draw(st.booleans()):
        place = draw(st.tuples(st.integers(0, rows - 1), st.integers(0, width - 1)))
        key[place] = key.get(place, 0) + draw(st.sampled_from([-1, 1]))
    return Head(
        name=name,
        features=tuple(f"f{i}" for i in range(rows)),
        query=Matrix.from_entries((rows, width), query),
        key=Matrix.from_entries((rows, width), key),
        reads=("a", "b"),
        value=matrix(draw, 2, width, st.integers(-2, 2)),
        output=matrix(draw, width, 2, st.integers(-1, 1)),
        slope=draw(st.integers(-1, 2)),
    )


@st.composite
def any_heads(draw: st.DrawFn, width: int, name: str) -> Head:
    rows = draw(st.integers(1, 3))
    weights = st.one_of(st.integers(-3, 3), st.sampled_from([2**20, -(2**40), 2**61]))
    return Head(
        name=name,
        features=tuple(f"f{i}" for i in range(rows)),
        query=matrix(draw, rows, width, weights),
        key=matrix(draw, rows, width, weights),
        reads=("a", "b"),
        value=matrix(draw, 2, width, st.integers(-2, 2)),
        output=matrix(draw, width, 2, st.integers(-1, 1)),
        slope=draw(st.integers(-1, 1)),
    )


@st.composite
def models(draw: st.DrawFn) -> Model:
    width, specials = draw(st.integers(4, 7)), 3
    vocabulary = Vocabulary(("<s>", "a", "end"), draw(st.integers(-2, 0)), draw(st.integers(1, 4)))
    number = {(0, 0): 1, (1, 1): 1, (2, 2): 1}
    special = {(0, j): 1 for j in range(specials)} | {(width - 1, 0): 1, (3, 1): 1}
    layers: list[Layer] = []
    if draw(st.booleans()):
        recurrence = Recurrence(
            ("s", "t"),
            Matrix.from_rows([[0, 1], [0, 0]]) if draw(st.booleans()) else Matrix.from_rows([[1, 0], [0, 1]]),
            matrix(draw, 2, width, st.integers(-1, 1)),
            matrix(draw, width, 2, st.integers(-1, 1)),
            matrix(draw, width, width, st.integers(-1, 1)),
        )
        layers.append(recurrence)
    for layer in range(draw(st.integers(1, 3))):
        strategy = st.one_of(lattice_heads(width, f"h{layer}"), any_heads(width, f"h{layer}"))
        layers.append(Attention((draw(strategy),)))
        if draw(st.booleans()):
            units = draw(st.integers(1, 3))
            layers.append(
                FeedForward(
                    tuple(f"u{i}" for i in range(units)),
                    matrix(draw, units, width, st.integers(-2, 2)),
                    matrix(draw, units, width, st.integers(-2, 2)),
                    matrix(draw, width, units, st.integers(-1, 1)),
                )
            )
    position = draw(st.sampled_from([{}, {(3, 0): 1}, {(3, 0): 1, (2, 1): 1}]))
    return Model(
        "random",
        vocabulary,
        tuple(f"x{i}" for i in range(width)),
        Embedding(
            Matrix.from_entries((width, 3), number),
            Matrix.from_entries((width, specials), special),
            Matrix.from_entries((width, 2), position),
        ),
        tuple(layers),
        Unembedding(matrix(draw, 3, width, st.integers(-3, 3)), matrix(draw, specials, width, st.integers(-3, 3))),
        ("end",),
    )


@given(models(), st.data())
@settings(max_examples=150, deadline=None)
def test_tokens_are_those_of_the_plain_evaluator(model: Model, data: st.DataObject) -> None:
    prompt = data.draw(st.lists(st.integers(0, len(model.vocabulary) - 1), min_size=1, max_size=10))
    tokens = model.vocabulary.decode(prompt)
    fast = decode(model, tokens, engine="fast", max_tokens=LENGTH)
    assert fast == decode(model, tokens, engine="plain", max_tokens=LENGTH)
    (batch,) = decode_batch(model, np.array([prompt]), max_tokens=LENGTH)
    assert tuple(model.vocabulary.decode(batch)) == fast.tokens


@pytest.mark.parametrize("label", [c.label for name in CONSTRUCTIONS for c in variants(name)])
def test_constructions_agree_with_the_plain_evaluator_and_never_leave_the_fast_engine(label: str) -> None:
    subject = next(c for name in CONSTRUCTIONS for c in variants(name) if c.label == label)
    rng = np.random.default_rng(5)
    for size in (2, 5, 11):
        model = subject.at(size)
        instances = [*list(subject.task.boundary(size))[:20], *(subject.task.sample(rng, size) for _ in range(20))]
        for instance in instances:
            prompt_ids = model.vocabulary.encode(subject.reads(instance))
            run = FastRun(model, prompt_ids, 2**30, Runtime(model, prompt_ids))
            written = tuple(model.vocabulary.decode(list(run.tokens(subject.longest(n=size) + 1))))
            assert run.stopped is None
            assert written == subject.expected(instance, size)


def test_a_long_tree_is_decided_with_the_reference_tour() -> None:
    subject = construction("transformer/istree")
    rng = np.random.default_rng(7)
    graph = subject.task.parse(" ".join(f"{int(rng.integers(1, i))}-{i}" for i in range(2, 3001)))
    written = decode(subject.at(3000), subject.reads(graph), engine="fast", max_tokens=6001)
    assert written.tokens == subject.expected(graph)


def heads_of(scale: int) -> Head:
    """Look for the latest number that is one more than the current one; squares are in coordinate 2."""
    return Head(
        "latest",
        ("k", "norm"),
        Matrix.from_rows([[2 * scale, 2 * scale, 0, 0], [scale, 0, 0, 0]]),
        Matrix.from_rows([[0, 1, 0, 0], [0, 0, -1, 0]]),
        ("p",),
        Matrix.from_rows([[0, 0, 0, 1]]),
        Matrix.from_rows([[0], [0], [0], [1]]),
        1,
    )


def test_structures_are_read_off_the_weights() -> None:
    one = {0: (0, 1)}
    assert plan_of(heads_of(64), one).kind == EQUAL_KEYS
    assert plan_of(heads_of(64), {}).kind == SCAN
    assert plan_of(heads_of(64), {0: (1, 1)}).kind == SCAN  # a coordinate that moves with the position
    plan = plan_of(heads_of(64), one)
    assert (plan.unit, plan.constant, plan.slope) == (64, 1, 1)
    assert "recency below 64" in str(plan)
    subject = construction("transformer/istree").at(9)
    kinds = {plan.name: plan.kind for plan in compile_model(subject).plans}
    assert kinds.pop("end of edges") == RUNNING
    assert {kinds.pop(f"{k} back") for k in range(1, 5)} == {POSITION}
    assert set(kinds.values()) == {EQUAL_KEYS}


def recency_model(scale: int, context: int) -> Model:
    """Writes twice the position of the latest token that is one more, if the scale exceeds the context."""
    return Model(
        "recency",
        Vocabulary(("<s>",), 0, context),
        ("one", "number", "square", "position"),
        Embedding(
            Matrix.from_rows([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]),
            Matrix.from_rows([[1], [0], [0], [0]]),
            Matrix.from_rows([[0, 0], [0, 0], [0, 0], [1, 0]]),
        ),
        (Attention((heads_of(scale),)),),
        Unembedding(Matrix.from_rows([[0, 0, 0, 0], [0, 0, 0, 2], [-1, 0, 0, 0]]), Matrix.from_rows([[-1, 0, 0, 0]])),
    )


@pytest.mark.parametrize(("scale", "leaves"), [(64, False), (33, False), (32, False), (31, True), (7, True)])
def test_a_recency_range_that_is_too_large_is_left_to_the_plain_evaluator(scale: int, leaves: bool) -> None:
    model = recency_model(scale, 100)
    prompt = ["<s>", *(str(k % 5) for k in range(31))]  # positions 0 .. 31
    prompt_ids = model.vocabulary.encode(prompt)
    run = FastRun(model, prompt_ids, 2**30, Runtime(model, prompt_ids))
    list(run.tokens(1))
    assert (run.stopped is not None) == leaves
    assert decode(model, prompt, engine="fast") == decode(model, prompt, engine="plain")


def test_without_the_recency_check_a_wrong_token_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    # The planted fault: pretend that the unit is large. Then the pairs (A, recency) compare wrongly.
    model = recency_model(2, 100)
    prompt = ["<s>", "4", *["3"] * 20]
    assert decode(model, prompt, engine="fast") == decode(model, prompt, engine="plain")
    original = _fast.compile_model

    def tampered(tampered_model: Model) -> object:
        program = original(tampered_model)
        program.head_table[:, 2] = 2**40
        return program

    monkeypatch.setattr(_fast, "compile_model", tampered)
    assert decode(model, prompt, engine="fast") != decode(model, prompt, engine="plain")


def test_a_fractional_weight_is_not_compiled_and_gives_the_same_token() -> None:
    model = recency_model(64, 50)
    head = model.heads[0]
    half = Head(
        head.name,
        head.features,
        head.query.replaced(0, 1, Fraction(257, 2)),
        head.key,
        head.reads,
        head.value,
        head.output,
        1,
    )
    changed = Model(
        "half",
        model.vocabulary,
        model.coordinates,
        model.embedding,
        (Attention((half,)),),
        model.unembedding,
    )
    with pytest.raises(NotCompilable, match="fraction"):
        compile_model(changed)
    prompt = ["<s>", "4", "2", "4", "1", "2"]
    assert decode(changed, prompt, engine="fast") == decode(changed, prompt, engine="plain")


def test_numbers_beyond_64_bits_are_left_to_the_plain_evaluator() -> None:
    w = Wiring("wide", specials=("<s>", "?"), numbers=(0, n), context=n + 2)
    there = w.at("asked", w.token)
    big = there[w.token]
    for k in range(3):
        big = w.product(big, big, name=f"power {k}")
    small = w.equal(big, 0, name="is zero")
    w.write(w.select(1 - small, there[w.token], name="answer"))
    model = w.finish().at(10**3)
    prompt = ["<s>", "999", "7", "?", "1"]
    prompt_ids = model.vocabulary.encode(prompt)
    run = FastRun(model, prompt_ids, 2**30, Runtime(model, prompt_ids))
    assert list(run.tokens(1)) == []
    assert run.stopped is not None
    assert run.stopped.startswith("a number may exceed 64 bits: unit ")
    assert decode(model, prompt, engine="fast").answer == decode(model, prompt, engine="plain").answer == "999"


def test_records_beyond_the_memory_are_refused_before_they_are_allocated() -> None:
    subject = construction("transformer/associative-recall")
    prompt = ["<s>", *(str(k) for k in range(1, 2001)), "?", "5"]
    with pytest.raises(ResourceError, match=r"records of the heads need .* MiB, more than the 0 MiB"):
        decode(subject.at(2000), prompt, engine="fast", memory=2**17)


@given(*[st.integers(-(2**20), 2**20)] * 3, st.integers(-50, 0), st.integers(0, 50))
def test_the_best_number_is_that_of_the_whole_table(a: int, b: int, c: int, low: int, high: int) -> None:
    c %= 64
    for curvature in (c, -c):
        values = [a + b * k + curvature * k * k for k in range(low, high + 1)]
        number, best, _ = _stream_loop.best_number(a, b, curvature, low, high)
        assert (number, best) == (low + values.index(max(values)), max(values))
