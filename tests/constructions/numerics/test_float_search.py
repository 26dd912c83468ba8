"""Attention that searches among the keys gives what scoring all of them gives, bit for bit."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from constructions.errors import PrecisionError
from constructions.numerics import Float, Matrix, Segment
from constructions.numerics import _float as module
from constructions.numerics import _float_search as search
from constructions.numerics._scan import scan_in_order

Floats = NDArray[np.float64]

EXAMPLES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PRECISIONS = (4, 8, 13, 25, 26, 31, 52, 53)
KINDS = ("positions", "labels", "small", "floats", "powers", "constant")


def parabola(k: NDArray[Any]) -> NDArray[Any]:
    return np.stack([k, k * k, np.ones_like(k)], axis=-1)


def drawn(kind: str, keys: int, queries: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Queries and keys, (positions, 3 features): look-ups as in constructions, and things that are none."""
    if kind in ("positions", "labels"):
        held = np.arange(keys) if kind == "positions" else rng.integers(0, keys // 3 + 2, keys)
        asked = rng.integers(0, keys + 2, queries)
        asking = np.stack([2 * asked, -np.ones(queries, dtype=int), rng.integers(-2, 3, queries)], axis=-1)
        return asking.astype(float) * rng.choice([1.0, 37.0]), parabola(held).astype(float)
    if kind == "floats":
        return rng.normal(size=(queries, 3)), rng.normal(size=(keys, 3))
    if kind == "powers":  # magnitudes that have nothing to do with each other
        return 2.0 ** rng.integers(-30, 30, (queries, 3)), -(2.0 ** rng.integers(-30, 30, (keys, 3)))
    if kind == "constant":
        return rng.integers(-1, 2, (queries, 3)).astype(float), np.ones((keys, 3))
    return rng.integers(-2, 3, (queries, 3)).astype(float), rng.integers(-2, 3, (keys, 3)).astype(float)


def attended(
    system: Float, query: Floats, key: Floats, value: Floats, slope: int, first: int, cut: int, *, searched: bool
) -> Floats:
    """By one of the two ways, with the keys in two segments."""
    segments = [
        Segment(key[..., start:stop, :], value[..., start:stop, :], start, stop - start)
        for start, stop in ((0, cut), (cut, key.shape[-2]))
        if stop > start
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_SEARCHED", 1 if searched else 2**60)
        patched.setattr(module, "_FEW", 1)
        patched.setattr(module, "_SCORES_AT_ONCE", 500)
        return system.attend(query, segments, slope, first)


def both(kind: str, p: int, slope: int, queries: int, before: int, seed: int) -> tuple[Floats, Floats]:
    rng, system, keys = np.random.default_rng(seed), Float(p), before + queries
    rounded = np.vectorize(lambda v: float(system.format.round(v)))
    query, key = (rounded(x) for x in drawn(kind, keys, queries, rng))
    value = rng.integers(-3, 4, (keys, 2)).astype(float)
    cut = int(rng.integers(0, keys + 1))
    one, other = (
        attended(system, query, key, value, slope, before, cut, searched=searched) for searched in (True, False)
    )
    return one, other


CASES = given(
    st.sampled_from(KINDS),
    st.sampled_from(PRECISIONS),
    st.sampled_from((0, 1, -1, 3)),
    st.integers(1, 70),
    st.integers(0, 90),
    st.integers(0, 2**20),
)


@CASES
@example("labels", 8, 1, 70, 90, 0)
@EXAMPLES
def test_searching_gives_what_scoring_all_gives(
    kind: str, p: int, slope: int, queries: int, before: int, seed: int
) -> None:
    one, other = both(kind, p, slope, queries, before, seed)
    assert np.array_equal(one, other)


def test_a_search_looks_at_few_keys() -> None:
    """Else it would be right and useless: of 3,000 keys a look-up scores some dozens, counted by steps of the loop."""
    keys = parabola(np.arange(3000)).astype(float)
    weight = np.array([6000.0, 1.0, 1.0])
    size = 4 * (3000 // search._LEAF + 1)
    order, nodes = np.empty(3000, dtype=np.int64), np.zeros((size, 4), dtype=np.int64)
    boxes = np.empty((size, 3, search._FIELDS))
    levels = search._build(keys, weight, order, nodes, boxes)
    leaves = range(2 ** (levels - 1) - 1, 2**levels - 1)
    query, best = np.array([2.0 * 1700, -1.0, 0.0]), 1700.0**2
    reached = [leaf for leaf in leaves if search._highest(query, nodes[leaf], boxes[leaf], 4 * 2.0**-40) >= best]
    assert 1 <= len(reached) <= 3
    assert sorted(order) == list(range(3000))


@given(
    st.sampled_from(KINDS), st.sampled_from(PRECISIONS), st.integers(1, 90), st.integers(1, 40), st.integers(0, 2**20)
)
@EXAMPLES
def test_the_first_of_the_largest_logits(kind: str, p: int, rows: int, positions: int, seed: int) -> None:
    """Tables of tokens: as many rows as numbers, of which the nearest has the largest logit; ties go to the first."""
    rng, system = np.random.default_rng(seed), Float(p)
    x, table = drawn(kind, rows, positions, rng)
    scaled = [[int(v) for v in row] for row in np.round(table * 4)]
    matrix, rounded = Matrix.from_rows(scaled), np.vectorize(lambda v: float(system.format.round(v)))(x)
    found = []
    for searched in (1, 2**60):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(module, "_SEARCHED", searched)
            patched.setattr(module, "_FEW", 1)
            patched.setattr(module, "_SCORES_AT_ONCE", 64)
            found.append(system.largest(matrix, rounded))
    assert np.array_equal(*found)
    assert np.array_equal(found[1], system.argmax(system.linear(matrix, rounded)))


def test_a_search_for_the_last_of_the_largest_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = search.best

    def last(query: Any, key: Any, *rest: Any) -> None:
        honest(query, key[::-1].copy(), *rest)
        rest[-1][:] = len(key) - 1 - rest[-1]

    monkeypatch.setattr(module.search, "best", last)
    monkeypatch.setattr(module, "_SEARCHED", 1)
    monkeypatch.setattr(module, "_FEW", 1)
    system, x = Float(8), np.ones((5, 1))
    matrix = Matrix.from_rows([[1], [1], [0]])
    assert not np.array_equal(system.largest(matrix, x), system.argmax(system.linear(matrix, x)))


def test_several_arrays_at_once() -> None:
    rng, system = np.random.default_rng(0), Float(12)
    query = rng.integers(-9, 10, (2, 3, 40, 2)).astype(float)
    key, value = (rng.integers(-9, 10, (2, 3, 40, 2)).astype(float) for _ in range(2))
    one, other = (attended(system, query, key, value, 1, 0, 17, searched=searched) for searched in (True, False))
    assert one.shape == (2, 3, 40, 2)
    assert np.array_equal(one, other)


def test_scores_out_of_range_are_found_both_ways() -> None:
    query, key, value = np.full((1, 1), 2.0**600), np.full((1, 1), 2.0**600), np.zeros((1, 1))
    for searched in (True, False):
        with pytest.raises(PrecisionError, match="a score is beyond the range"):
            attended(Float(20), query, key, value, 0, 0, 1, searched=searched)


def faulty(plant: Callable[[list[Any]], None]) -> Callable[..., None]:
    honest = search.attend

    def changed(*arguments: Any) -> None:
        given_ = list(arguments)
        plant(given_)
        honest(*given_)

    return changed


def _no_error(arguments: list[Any]) -> None:
    arguments[5] = arguments[5]._replace(error=0.0)


def _sees_the_next(arguments: list[Any]) -> None:
    arguments[4] += 1


def _no_bias(arguments: list[Any]) -> None:
    arguments[5] = arguments[5]._replace(biased=not arguments[5].biased)


@pytest.mark.parametrize("plant", [_no_error, _sees_the_next, _no_bias])
def test_planted_faults_are_found(plant: Callable[[list[Any]], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound that forgets rounding, a key of the future, a bias that is multiplied."""
    monkeypatch.setattr(module.search, "attend", faulty(plant))

    @CASES
    @settings(EXAMPLES, max_examples=1000, phases=[Phase.generate], database=None, derandomize=True)
    def compared(kind: str, p: int, slope: int, queries: int, before: int, seed: int) -> None:
        one, other = both(kind, p, slope, queries, before, seed)
        assert np.array_equal(one, other)

    with pytest.raises((AssertionError, ExceptionGroup)):
        compared()


@pytest.mark.parametrize("p", PRECISIONS)
def test_a_recurrence_in_one_loop_is_the_one_in_steps(p: int) -> None:
    rng, system = np.random.default_rng(p), Float(p)
    transition = Matrix.from_rows([[1, 0, 0], [1, 0, -1], [2, 1, 0]])
    inputs = rng.integers(-5, 6, (2, 3, 11, 3)).astype(float)
    for state in (
        None,
        rng.integers(-5, 6, (2, 3, 1, 3)).astype(float),
        rng.integers(-5, 6, (2, 1, 1, 3)).astype(float),
    ):
        one = system.scan(transition, inputs, 11, state)
        assert np.array_equal(one, scan_in_order(system, transition, inputs, 11, state))
    with pytest.raises(PrecisionError, match="a state of a recurrence is beyond the range"):
        system.scan(Matrix.from_rows([[2**40]]), np.ones((50, 1)), 50, None)
