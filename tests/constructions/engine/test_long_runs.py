"""Long runs of the fast engine, re-decided here and there by plain attention over the full history.

How, and what is believed, is said in :mod:`tests.re_decided`. Faults are planted in the engine (a head that prefers
earlier records, an index that forgets a place), in one read, in one key and in one token, and are found.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from constructions.architectures import Attention, FeedForward, Model
from constructions.engine import Decoding, _fast
from constructions.engine._program import Program
from constructions.engine._search_index import SearchIndex
from constructions.machines import champion
from constructions.tasks import Graph
from constructions.theorems import construction
from tests.re_decided import DifferenceError, Ids, Replay, every, every_with_searches

Run = tuple[Model, Ids, int]


def transcript(model: Model, prompt: tuple[str, ...], limit: int) -> Run:
    """The model, all tokens of its run, and how many of them are the prompt; at most ``limit`` are written."""
    ids = [np.array(model.vocabulary.encode(prompt), dtype=np.int64)]
    ids += Decoding(model, prompt, engine="fast", limit=limit).chunks()
    return model, np.concatenate(ids), len(prompt)


def machine_run(family: str, tokens: int) -> Run:
    """The 5-state champion for so many tokens, prompt included."""
    subject = construction(f"{family}/turing", machine=champion("bb5").machine())
    prompt = subject.reads(())
    return transcript(subject.blueprint.at(tokens, s=2**12), prompt, tokens - len(prompt))


def tree_run(family: str, nodes: int) -> Run:
    """A random tree, to the answer."""
    rng = np.random.default_rng(8)
    edges = tuple((int(rng.integers(1, i)), i) for i in range(2, nodes + 1))
    subject = construction(f"{family}/istree")
    return transcript(subject.at(nodes), subject.reads(Graph(edges)), 80 * nodes)


RUNS: dict[str, tuple[Callable[[str, int], Run], int, int]] = {
    "transformer/turing": (machine_run, 3000, 10**6),
    "transformer/istree": (tree_run, 120, 200_000),
    "hybrid/turing": (machine_run, 20_000, 10**6),
    "hybrid/istree": (tree_run, 300, 83_334),
}
"""What is run: for so many tokens or nodes in the quick tests, and in the slow ones, which have 10^6 tokens."""

SEARCHING: dict[str, tuple[Callable[[str, int], Run], int, int]] = {
    "retrieval/turing": (machine_run, 8000, 10**6),
    "retrieval/istree": (tree_run, 60, 2_000),
}
"""Each search reads its whole context again, so that the tree is smaller: 1.5 * 10^5 tokens."""


def decided_again(name: str, size: int, step: int) -> tuple[int, int]:
    """How many tokens were decided again by plain attention, and how many the run has."""
    model, ids, prompt = RUNS[name][0](name.partition("/")[0], size)
    return every(Replay(model, ids, prompt), prompt, step), len(ids)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_re_decided(name: str) -> None:
    compared, tokens = decided_again(name, RUNS[name][1], 29)
    assert compared > 5
    assert tokens > 500


@pytest.mark.parametrize("name", SEARCHING)
def test_a_run_with_searches_is_re_decided(name: str) -> None:
    model, ids, prompt = SEARCHING[name][0]("retrieval", SEARCHING[name][1])
    tokens, searches = every_with_searches(model, ids, prompt, 29, 100)
    assert tokens > 100
    assert searches >= 100


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_every_5000th_token_of_a_million(name: str) -> None:
    compared, tokens = decided_again(name, RUNS[name][2], 5000)
    assert tokens > 999_000
    assert compared == {"transformer/istree": 80, "hybrid/istree": 151}.get(name, 200)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEARCHING)
def test_every_5000th_token_of_long_runs_with_searches(name: str) -> None:
    model, ids, prompt = SEARCHING[name][0]("retrieval", SEARCHING[name][2])
    tokens, searches = every_with_searches(model, ids, prompt, 5000, 200)
    assert len(ids) > (999_000 if name == "retrieval/turing" else 140_000)
    assert tokens > len(ids) // 10_000
    assert searches >= 200


def in_the_plan_of(monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[np.ndarray], None]) -> None:
    """Plant a fault in the engine: what it was told of the head with this name is changed."""
    compiled = _fast.compile_model

    def faulty(model: Model) -> Program:
        program = compiled(model)
        table = program.head_table.copy()
        change(table[[head.name for head in model.heads].index(name)])
        return replace(program, head_table=table)

    monkeypatch.setattr(_fast, "compile_model", faulty)


@pytest.mark.parametrize(("name", "head"), [("transformer/turing", "cell"), ("hybrid/turing", "cell")])
def test_an_engine_that_takes_the_earliest_record_is_found(
    name: str, head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def earliest(row: np.ndarray) -> None:
        row[1] = -row[1]

    in_the_plan_of(monkeypatch, head, earliest)
    model, ids, prompt = machine_run(name.partition("/")[0], 300)
    replay = Replay(model, ids, prompt)  # the faulty engine agrees with itself
    with pytest.raises(DifferenceError, match="something else comes out"):
        every(replay, prompt, 1)


def test_an_engine_that_misses_a_key_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def other_constant(row: np.ndarray) -> None:
        row[3] *= 2  # q // 2c is another key

    in_the_plan_of(monkeypatch, "record", other_constant)
    model, ids, prompt = tree_run("transformer", 12)
    with pytest.raises(DifferenceError):
        every(Replay(model, ids, prompt), prompt, 1)


def small_machine() -> tuple[Replay, int]:
    model, ids, prompt = machine_run("transformer", 400)
    return Replay(model, ids, prompt), prompt


def test_one_wrong_read_is_found_at_its_place_and_where_it_is_used() -> None:
    replay, _ = small_machine()
    written = np.flatnonzero(replay.written_by == 2)  # by the last attention layer
    replay.x[300, written[0]] += 1
    replay.decide(299)
    with pytest.raises(DifferenceError, match="position 300"):
        replay.decide(300)
    replay, prompt = small_machine()
    written = np.flatnonzero(replay.written_by == 0)  # by the first, from which keys and values are made
    replay.x[300, written[0]] += 1
    with pytest.raises(DifferenceError):
        every(replay, prompt, 1)
    replay, _ = small_machine()
    place, picked = next((i, j) for i in range(300, 399) for j in picked_by(replay, i) if j not in (0, i - 1, i))
    replay, _ = small_machine()
    replay.x[picked, written[0]] += 1
    with pytest.raises(DifferenceError):
        replay.decide(place)


def picked_by(replay: Replay, place: int) -> set[int]:
    """Which positions the heads of the last attention layer pick."""
    layer = replay.model.layers[2]
    assert isinstance(layer, Attention)
    return replay._attention(2, layer, place)


def test_one_wrong_key_is_found_at_any_position() -> None:
    """A gated unit came out differently at one position: all positions are computed again."""
    replay, _ = small_machine()
    assert isinstance(replay.model.layers[1], FeedForward)
    replay.check_positions()
    replay.x[123, np.flatnonzero(replay.written_by == 1)[0]] += 1
    with pytest.raises(DifferenceError, match="layer 1, position 123"):
        replay.check_positions()


@pytest.mark.parametrize("name", RUNS)
def test_a_tampered_token_is_found(name: str) -> None:
    make, size, _ = RUNS[name]
    model, ids, prompt = make(name.partition("/")[0], size)
    ids[len(ids) - 100] += 1
    with pytest.raises(DifferenceError, match="another token"):
        Replay(model, ids, prompt)


def test_an_index_that_forgets_a_place_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = SearchIndex.captured
    count = 0

    def forgetful(self, alternatives, context, upto):  # type: ignore[no-untyped-def]
        nonlocal count
        count += 1
        return None if count == 150 else right(self, alternatives, context, upto)

    monkeypatch.setattr(SearchIndex, "captured", forgetful)
    model, ids, prompt = machine_run("retrieval", 3000)
    assert count > 150
    with pytest.raises(DifferenceError, match="finds something else"):
        every_with_searches(model, ids, prompt, 29, 10**6)


def test_a_tampered_token_of_a_model_that_searches_is_found() -> None:
    model, ids, prompt = machine_run("retrieval", 1000)
    ids[-50] += 1
    with pytest.raises(DifferenceError):
        every_with_searches(model, ids, prompt, 1, 10**6)
