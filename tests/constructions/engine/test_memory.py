"""What ``memory`` allows is not exceeded: what a run has allocated at most is measured by tracemalloc."""

import functools
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from constructions.architectures import Model
from constructions.engine import Decoding, decode
from constructions.engine._fast import FastRun
from constructions.engine._runtime import Runtime
from constructions.errors import ResourceError
from constructions.machines import champion
from constructions.theorems import construction
from tests.benchmarks.bench_istree import tree

CASES = ("transformer/istree", "hybrid/istree", "transformer/turing", "retrieval/istree")


@functools.cache
def case(name: str) -> tuple[Model, list[str], int]:
    """A model, a prompt, and the tokens that are written: thousands more than the first allocation has room for."""
    if name == "transformer/turing":
        subject = construction(name, machine=champion("bb5").machine())
        return subject.at(5000), list(subject.reads(())), 10_000
    subject, graph = construction(name), tree(800, 3)
    return subject.at(800), list(subject.reads(graph)), 100_000


def peak(run: Callable[[], object]) -> int:
    """The most bytes that a call has allocated at once."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def run(name: str, memory: int = 2**32) -> None:
    model, prompt, most = case(name)
    if model.search is None:
        decode(model, prompt, engine="fast", max_tokens=most, memory=memory)
    else:  # what is kept of each token is the context of its searches; words would hide it
        for _ in Decoding(model, prompt, engine="fast", limit=most, memory=memory).chunks():
            pass


@functools.cache
def taken(name: str) -> int:
    """The bytes that a run takes which may take them all."""
    run(name)  # loads compiled code
    return peak(lambda: run(name))


def exceeded(name: str, whole: int) -> Iterator[str]:
    """The limits that a run passed although it took more; at least one limit must be passed, and one refused."""
    passed, refused = 0, 0
    for limit in [whole * percent // 100 for percent in (20, 80, 95, 105, 120, 300)]:
        try:
            used = peak(lambda limit=limit: run(name, limit))  # type: ignore[misc]
        except ResourceError:
            refused += 1
            continue
        passed += 1
        if used > limit:
            yield f"{used:,} bytes are taken, {limit:,} are allowed"
    assert passed, f"{whole:,} bytes are taken, and three times as many are refused"
    assert refused


@pytest.mark.parametrize("name", CASES)
def test_no_run_takes_more_than_it_is_allowed(name: str) -> None:
    assert list(exceeded(name, taken(name))) == []


def test_a_count_without_what_is_moved_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    check, whole = FastRun._check_memory, taken("transformer/turing")
    monkeypatch.setattr(FastRun, "_check_memory", lambda self, besides=0: check(self))
    assert any(exceeded("transformer/turing", whole))


def test_a_count_without_what_searches_keep_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = taken("retrieval/istree")
    monkeypatch.setattr(Runtime, "bytes", 0)
    assert any(exceeded("retrieval/istree", whole))
