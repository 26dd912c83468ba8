"""Products that take a shorter way give what the longer one gives, bit for bit: each way has a condition."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.errors import PrecisionError
from constructions.numerics import Fixed, Float, Matrix, Segment
from constructions.numerics import _fixed_steps as fixed_steps
from constructions.numerics import _float as float_module
from constructions.numerics import _float_steps as float_steps
from constructions.numerics._float_rounding import fast, half_way

EXAMPLES = settings(max_examples=60, deadline=None)


def numbers(system: Float, rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """All digits of p used, exponents near each other: sums are often half way."""
    p = system.format.precision
    whole = rng.integers(2 ** (p - 1), 2**p, shape) * rng.choice([-1, 1], shape)
    return whole.astype(np.float64) * 2.0 ** (rng.integers(-3, 4, shape) - p)


def products(system: Float, seed: int) -> tuple[Any, Any]:
    """A linear map and scores."""
    rng = np.random.default_rng(seed)
    x = numbers(system, rng, (300, 5))
    weights = numbers(system, rng, (4, 5)) * 2.0**system.format.precision
    matrix = Matrix.from_rows([[int(w * 2**6) for w in row] for row in weights])
    query, key = numbers(system, rng, (7, 5)), numbers(system, rng, (40, 5))
    scores, _ = system.scores(query, [Segment(key, key, 0, 40)], 3, 50)
    return system.linear(matrix, x), scores


@given(st.integers(26, 51), st.integers(0, 2**20))
@EXAMPLES
def test_trying_first_and_looking_for_half_way_results(p: int, seed: int) -> None:
    system = Float(p)
    quick = products(system, seed)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(float_steps, "TRIED", float_steps.WIDE)
        slow = products(system, seed)
    for one, other in zip(quick, slow, strict=True):
        assert np.array_equal(one, other)


def test_half_way_results_do_occur() -> None:
    """Without looking for them these sums would differ: with 51 digits every fourth float64 number is half way."""
    p, rng = 51, np.random.default_rng(0)
    system, scale = Float(p), 1.5 * 2.0 ** (53 - p)
    x, y = (numbers(system, rng, (2000,)) for _ in range(2))
    exact = system._each(float_steps.MULTIPLY, x, y)
    differs = [fast(a * b, scale) != c for a, b, c in zip(x, y, exact, strict=True)]
    found = [half_way(a * b, fast(a * b, scale), scale) for a, b in zip(x, y, strict=True)]
    assert sum(differs) > 50
    assert all(there for wrong, there in zip(differs, found, strict=True) if wrong)


def test_zeros_are_not_half_way() -> None:
    """They are exact and everywhere: each would have its sum computed again."""
    scale = 1.5 * 2.0**13
    assert not half_way(0.0, fast(0.0, scale), scale)
    assert not half_way(-0.0, fast(-0.0, scale), scale)
    assert half_way(2.0**40 + 1.0, fast(2.0**40 + 1.0, scale), scale)


def test_the_quick_way_is_taken_where_it_may_be() -> None:
    small, tiny = np.array([1.0, 2.0**-700]), np.array([1.0, 2.0**-950])
    for p, mode in ((25, float_steps.FAST), (26, float_steps.TRIED), (51, float_steps.TRIED), (52, float_steps.WIDE)):
        assert Float(p)._mode_for(1.0, small) == mode
        assert Float(p)._mode_for(1.0, tiny) not in (float_steps.FAST, float_steps.TRIED)


def fixed_products(system: Fixed, size: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x, query, key = (rng.integers(-size, size + 1, shape) for shape in ((300, 5), (7, 5), (40, 5)))
    matrix = Matrix.from_rows(rng.integers(-9, 10, (4, 5)).tolist())
    scores, _ = system.scores(query, [Segment(key, key, 0, 40)], 3, 20)
    return system.linear(matrix, x), scores


@given(st.integers(0, 20), st.sampled_from((3, 300, 2**20, 2**26, 2**30)), st.integers(0, 2**20))
@EXAMPLES
def test_fixed_point_in_float64_where_it_fits(fraction: int, size: int, seed: int) -> None:
    """Saturated where a sum leaves the range, so that the two ways must agree there as well."""
    for bits in (12, 40):
        system = Fixed(bits, fraction, saturate=True)
        quick = fixed_products(system, size, seed)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(fixed_steps, "SMALL_PRODUCT", 0)
            slow = fixed_products(system, size, seed)
        for one, other in zip(quick, slow, strict=True):
            assert np.array_equal(one, other)


def test_fixed_point_takes_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    for name in ("linear", "linear_small"):
        honest = getattr(fixed_steps, name)
        monkeypatch.setattr(fixed_steps, name, lambda *a, n=name, h=honest: (taken.append(n), h(*a)))
    system, matrix = Fixed(36, 8), Matrix.from_rows([[1, 1]])
    system.linear(matrix, np.array([[256, 256]]))
    system.linear(matrix, np.array([[2**43 - 1, -(2**43)]]))
    assert taken == ["linear_small", "linear"]
    with pytest.raises(PrecisionError, match="a sum in a linear map leaves the range"):
        system.linear(matrix, np.array([[2**43 - 1, 2**43 - 1]]))


def _range_forgotten(system: Fixed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(system), "_small", lambda *_: True)


def _unit_doubled(_: Fixed, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = fixed_steps.linear_small
    monkeypatch.setattr(fixed_steps, "linear_small", lambda s, c, w, x, unit, out: honest(s, c, w, x, 2 * unit, out))


@pytest.mark.parametrize("plant", [_range_forgotten, _unit_doubled])
def test_planted_faults_in_fixed_point_are_found(
    plant: Callable[[Fixed, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    system = Fixed(12, 6, saturate=True)
    right = [fixed_products(system, size, 0) for size in (300, 2**16)]
    plant(system, monkeypatch)
    wrong = [fixed_products(system, size, 0) for size in (300, 2**16)]
    assert any(
        not np.array_equal(a, b)
        for one, other in zip(right, wrong, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def test_sums_that_ignore_half_way_results_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """FAST at 51 digits is TRIED that does not look."""
    system = Float(51)
    right = products(system, 0)
    monkeypatch.setattr(float_module.Float, "_mode_for", lambda *_: float_steps.FAST)
    assert not all(np.array_equal(a, b) for a, b in zip(right, products(system, 0), strict=True))
