"""Each structure finds what comparing with every key finds: on the line, on hulls, by position, over averages."""

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Attention, Embedding, FeedForward, Head, Layer, Model, Unembedding
from constructions.engine import _decode, _hull, decode, plan_of_model, stream
from constructions.engine._fast import FastRun
from constructions.engine._opcodes import HULL, LATEST, LEVELS, RUNNING, SCAN
from constructions.engine._records import Best, Plan, Records
from constructions.engine._runtime import Runtime
from constructions.engine._sums import product_exceeds
from constructions.errors import ResourceError
from constructions.machines import champion
from constructions.numerics import Matrix
from constructions.theorems import construction
from constructions.vocabulary import Vocabulary

INT64 = st.integers(-(2**63), 2**63 - 1)


@given(INT64, INT64, INT64, INT64)
@settings(max_examples=300, deadline=None)
def test_products_are_compared_in_128_bits(a: int, b: int, c: int, d: int) -> None:
    for left, right in (((a, b), (c, d)), ((a, b), (b, a)), ((a, b), (a, max(b - 1, -(2**63))))):
        assert product_exceeds(*left, *right) == (left[0] * left[1] > right[0] * right[1])


# The hull alone, with and without faults


def hull_module(*faults: tuple[str, str]) -> ModuleType:
    """The hull's source as plain Python, with parts of it replaced."""
    source = Path(_hull.__file__).read_text().replace("@compiled\n", "")
    for good, bad in faults:
        assert source.count(good) == 1, good
        source = source.replace(good, bad)
    module = ModuleType("hull")
    exec(compile(source, "hull", "exec"), module.__dict__)  # noqa: S102  (our own source)
    return module


def hull_agrees(hull: Any, rng: np.random.Generator, slope: int, c: int, spread: int) -> bool:
    """Whether after every record every query gets the sum, the count and the recency of all best records."""
    count = int(rng.integers(1, 40))
    keys = np.unique(rng.integers(-spread, spread + 1, (count, 2)), axis=0)
    rng.shuffle(keys)
    values = np.zeros((len(keys), 3), dtype=np.int64)
    values[:, 0] = rng.integers(1, 4, len(keys))  # how many positions a record stands for
    values[:, LATEST] = rng.permutation(len(keys))
    values[:, 2] = rng.integers(-5, 6, len(keys))
    none, read = np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
    plan = Plan(HULL, slope, 1, c, 0, 1, none, 2, 1)
    order, state = np.zeros(2 * 64, dtype=np.int64), np.zeros(1 + LEVELS, dtype=np.int64)
    records = Records(none, keys, values, none, order, state)
    for size in range(1, len(keys) + 1):
        hull.add_to_hull(plan, records, size - 1)
        for q in (-3, -1, 0, 1, int(rng.integers(-spread, spread + 1))):
            query = np.array([q, c])
            best, recency, hits = hull.pick_from_hull(plan, records, query, read, Best(0, 0, 0))
            scores = keys[:size] @ query
            pairs = list(zip(scores.tolist(), (slope * values[:size, LATEST]).tolist(), strict=True))
            winners = [i for i, pair in enumerate(pairs) if pair == max(pairs)]
            if (int(best), int(recency)) != max(pairs):
                return False
            if (int(hits), int(read[0])) != (values[winners, 0].sum(), values[winners, 2].sum()):
                return False
    return True


def hull_survives(hull: Any, rounds: int) -> bool:
    rng = np.random.default_rng(2)
    choices = [(slope, c, spread) for slope in (0, 1, -1) for c in (1, 2, -3) for spread in (2, 6, 50)]
    return all(hull_agrees(hull, rng, *choices[k % len(choices)]) for k in range(rounds))


def test_the_hull_finds_all_that_is_best_and_nothing_else() -> None:
    assert hull_survives(_hull, 36)
    assert hull_survives(hull_module(), 27)


@pytest.mark.parametrize(
    "fault",
    [
        ("if not product_exceeds(run, y - y0, rise, x - x0):", "if product_exceeds(rise, x - x0, run, y - y0):"),
        ("if not product_exceeds(run, y - y0, rise, x - x0):", "if product_exceeds(run, y - y0, rise, x - x0):"),
        ("if there > here:", "if there >= here:"),
        ("if score < top:", "if place > low:"),
        ("higher = keys[a, up] > keys[b, up] if plan.c > 0 else keys[a, up] < keys[b, up]", "higher = False"),
        ("sign = 1 if plan.c > 0 else -1", "sign = 1"),
        ("if there > here:", "if there < here:"),
        ("hull[1 + lower] = 0", "pass"),
        ("own > best.recency", "own < best.recency"),
        ("read[r] += values[record, 2 + r]", "read[r] = values[record, 2 + r]"),
    ],
    ids=["edge", "inside", "tie", "lost", "equal", "sign", "bisection", "twice", "recency", "sum"],
)
def test_planted_faults_in_the_hull_are_found(fault: tuple[str, str]) -> None:
    try:
        survived = hull_survives(hull_module(fault), 300)
    except IndexError:
        return
    assert not survived


# Whole models


def model_of(heads: tuple[Head, ...], units: tuple[Layer, ...], logits: Matrix, position: dict[Any, int]) -> Model:
    """Coordinates: one, number, square, position, square of it, and what the heads read."""
    width = 7
    return Model(
        "structures",
        Vocabulary(("<s>", "default"), -60, 60),
        ("one", "number", "square", "position", "position square", "read", "gated"),
        Embedding(
            Matrix.from_entries((width, 3), {(0, 0): 1, (1, 1): 1, (2, 2): 1}),
            Matrix.from_entries((width, 2), {(0, 0): 1, (0, 1): 1, (2, 1): -1}),
            Matrix.from_entries((width, 2), position),
        ),
        (Attention(heads), *units),
        Unembedding(logits, Matrix.from_entries((2, width), {(0, 0): -(10**9), (1, 0): -(10**9)})),
        ("default",),
    )


def row(width: int, entries: dict[tuple[int, int], int], rows: int) -> Matrix:
    return Matrix.from_entries((rows, width), entries)


@st.composite
def structured(draw: st.DrawFn) -> Model:
    """A head on the line, on a hull, by position, or with a query that is always the same; ties and huge keys."""
    scale = draw(st.sampled_from([1, 64, 4096]))
    c = draw(st.sampled_from([1, 1, 2, -1, 3]))
    key = draw(st.sampled_from([(1, 1), (1, 1), (3, 1), (3, 2), (1, 5), (1, 2**24)]))  # of number or position
    norm = draw(st.sampled_from([(2, -1), (2, -1), (4, -1), (4, 1), (1, 3), (5, 0), (2, -(2**20))]))
    asks = draw(st.sampled_from([(1, 2), (1, 2), (1, 3), (1, -2), (3, 2), (1, 0), (0, 1)]))
    query = {(0, asks[0]): scale * asks[1], (1, 0): scale * c}
    if draw(st.booleans()):
        query[0, 0] = scale * draw(st.integers(-9, 9))
    head = Head(
        "head",
        ("k", "norm"),
        row(7, query, 2),
        row(7, {(0, key[0]): key[1], (1, norm[0]): norm[1]}, 2),
        ("value",),
        row(7, {(0, draw(st.sampled_from([1, 3]))): draw(st.sampled_from([1, 2, -1]))}, 1),
        Matrix.from_entries((7, 1), {(5, 0): 1}),
        draw(st.sampled_from([0, 0, 1, -1])),
    )
    layers: tuple[Layer, ...] = ()
    if draw(st.booleans()):  # products of averages, in which denominators multiply
        values, gates = {(0, 5): 1, (0, 1): 1, (1, 5): 2}, {(0, 5): 3, (1, 0): 1}
        layers = (FeedForward(("u", "v"), row(7, gates, 2), row(7, values, 2), row(2, {(0, 1): 1}, 7)),)
    pull = draw(st.sampled_from([{(1, 5): 2, (2, 0): -1}, {(1, 5): 1, (1, 6): 2, (2, 0): -3}, {(1, 5): 7, (2, 0): -2}]))
    position = draw(st.sampled_from([{(3, 0): 1, (4, 1): 1}, {(3, 0): 2, (4, 1): 4}, {(3, 0): -1, (4, 1): 1}]))
    return model_of((head,), layers, row(7, pull, 3), position)


@given(structured(), st.lists(st.integers(0, 121), min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_tokens_are_those_of_comparing_with_every_key(model: Model, prompt: list[int]) -> None:
    tokens = model.vocabulary.decode(prompt)
    fast = decode(model, tokens, engine="fast", max_tokens=20)
    assert fast == decode(model, tokens, engine="plain", max_tokens=20)


def run_of(model: Model, length: int, seed: int = 1) -> FastRun:
    """A run that has read so many random numbers, without having left the compiled loop."""
    rng = np.random.default_rng(seed)
    prompt = [0, *(2 + rng.integers(0, 121, length)).tolist()]
    run = FastRun(model, prompt, 2**30, Runtime(model, prompt))
    list(run.tokens(3))
    assert run.stopped is None
    return run


def hull_head(asks: dict[Any, int], key: dict[Any, int], slope: int = 0) -> Head:
    value, output = row(7, {(0, 1): 1}, 1), Matrix.from_entries((7, 1), {(5, 0): 1})
    return Head("head", ("k", "norm"), row(7, asks, 2), row(7, key, 2), ("value",), value, output, slope)


NEAREST = row(7, {(1, 5): 2, (2, 0): -1}, 3)
AT = {(3, 0): 1, (4, 1): 1}


def test_time_of_a_line_without_matches_grows_like_its_length(benchmark_seconds: Callable[..., float]) -> None:
    """Queries of which none matches. One step for each key would take a hundred times as long on ten times as many."""
    asks, key = {(0, 3): 2, (0, 0): 1, (1, 0): 1}, {(0, 3): 2, (1, 4): -4}  # even keys, queries between them
    model = model_of((hull_head(asks, key),), (), NEAREST, AT)
    assert benchmark_seconds(model, 100_000) < 40 * benchmark_seconds(model, 10_000)


@pytest.fixture
def benchmark_seconds() -> Callable[[Model, int], float]:
    import time

    def seconds(model: Model, length: int) -> float:
        times = []
        for _ in range(3):
            began = time.process_time()
            run_of(model, length)
            times.append(time.process_time() - began)
        return min(times)

    seconds(model_of((hull_head({(0, 1): 2, (1, 0): 1}, {(0, 1): 1, (1, 2): -1}),), (), NEAREST, AT), 3)
    return seconds


def test_a_running_average_needs_one_record() -> None:
    head = hull_head({(0, 0): 1, (1, 0): 1}, {(0, 0): 1})
    model = model_of((head,), (), NEAREST, AT)
    (plan,) = plan_of_model(model).heads
    assert (plan.kind, plan.words) == (RUNNING, "running average")
    assert run_of(model, 500).records == 1


def test_which_structure_a_head_gets() -> None:
    def kind(asks: dict[Any, int], key: dict[Any, int]) -> int:
        (plan,) = plan_of_model(model_of((hull_head(asks, key),), (), NEAREST, AT)).heads
        return plan.kind

    number, place = {(0, 1): 1, (1, 2): -1}, {(0, 3): 1, (1, 4): -1}
    words = {}
    for name, key in (("number", number), ("place", place)):
        (plan,) = plan_of_model(model_of((hull_head({(0, 1): 2, (1, 0): 1}, key),), (), NEAREST, AT)).heads
        words[name] = (plan.words, plan.otherwise)
    assert words["number"] == ("all equal keys", "nearest key on a line")
    assert words["place"] == ("position look-up", "nearest key on a line")
    assert kind({(0, 1): 1, (1, 0): 1}, number) == HULL  # off by one: not divisible by twice the constant
    assert kind({(0, 1): 2, (1, 0): -1}, number) == HULL
    assert kind({(0, 1): 2, (1, 1): 1}, number) == SCAN


@pytest.mark.parametrize("off", [-1, 1])
def test_a_key_that_is_off_by_one_gives_the_same_tokens(off: int) -> None:
    """The norm is the square of the key, but for one token that is off by one: e = 1, or irregular with e = -1."""
    head = hull_head({(0, 1): 2, (1, 0): 1}, {(0, 1): 1, (1, 2): -1, (1, 6): off})
    base = model_of((head,), (), NEAREST, AT)
    special = Matrix.from_entries((7, 2), {(0, 0): 1, (0, 1): 1, (6, 1): 1})
    model = replace(base, embedding=replace(base.embedding, special=special), answers=())
    for prompt in ("<s> 3 default 0", "<s> default 5 default 3 0 4", "default 0 0"):
        tokens = prompt.split()
        assert decode(model, tokens, engine="fast", max_tokens=9) == decode(
            model, tokens, engine="plain", max_tokens=9
        )  # fmt: skip


def test_a_message_names_the_quantity_and_the_position() -> None:
    head = hull_head({(0, 3): 2**30, (1, 0): 3}, {(0, 4): 2**20})
    run = FastRun(model := model_of((head,), (), NEAREST, AT), [0] * 400, 2**30, Runtime(model, [0] * 400))
    list(run.tokens(1))
    assert run.stopped is not None
    assert run.stopped.startswith("a number may exceed 64 bits: a score of head 'head' in attention 1, from position ")
    place = int(run.stopped.split("position ")[1].split()[0])
    assert 2**30 * place * 2**20 * place**2 > 9.0e18 / 2
    assert 2**30 * (place - 1) * 2**20 * (place - 1) ** 2 < 9.3e18


def test_a_long_run_that_must_stop_names_the_quantity(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of((hull_head({(0, 3): 2**30, (1, 0): 3}, {(0, 4): 2**20}),), (), NEAREST, AT)
    plainly = decode(model, ["<s>"], engine="plain", max_tokens=60)
    assert decode(model, ["<s>"], engine="fast", max_tokens=60) == plainly
    monkeypatch.setattr(_decode, "_MOST_KEPT", 10)
    with pytest.raises(ResourceError, match=r"after \d\d tokens .* a score of head 'head' .* from position \d\d on"):
        decode(model, ["<s>"], engine="fast", max_tokens=60)


def test_what_a_stream_takes_does_not_grow_with_what_was_written() -> None:
    subject = construction("hybrid/turing", machine=champion("bb5").machine())
    model, taken = subject.blueprint.at(10**6, s=2**12), []
    tracemalloc.start()
    try:
        for count, _ in enumerate(stream(model, subject.reads(()), engine="fast", limit=260_000), 1):
            if count in (130_000, 260_000):
                taken.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert abs(taken[1] - taken[0]) < 2**18  # a token more in a list would be a megabyte
