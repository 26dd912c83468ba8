"""Four ways in which compilers from programs to weights fail without a word, and what stands here instead."""

from fractions import Fraction

import numpy as np
import pytest

from constructions import decode
from constructions.errors import ContractError, PrecisionError
from constructions.numerics import Ball, Exact, Float, Segment
from constructions.theorems import construction
from constructions.wiring import Wiring, bounds_at, n


def wiring() -> Wiring:
    return Wiring("a test", specials=("<s>", "?"), numbers=(0, n), context=n + 3)


def test_a_ramp_steeper_than_its_constant() -> None:
    """A step as the difference of two ramps with slope K = 20 reads 1/9 > 1/10 as neither yes nor no."""

    def step(x: Fraction, k: int = 20) -> Fraction:
        return max(k * x, Fraction(0)) - max(k * x - 1, Fraction(0))

    assert step(Fraction(1, 2) - Fraction(1, 3)) == 1
    assert 0 < step(Fraction(1, 9) - Fraction(1, 10)) < Fraction(1, 4)
    w = wiring()
    back = w.offset("back", 1)
    mean = w.average("matches", [(w.token, back[w.token])], excluding=w.is_token("?"))[w.start]
    with pytest.raises(ContractError, match="needs an integer"):
        w.at_least(mean, 1)
    subject = construction("transformer/counting")
    for count in (9, 10, 40):
        instance = subject.task.parse(f"{'1 ' * count}? 1 9")
        assert decode(subject.at(60), subject.reads(instance)).tokens == (str(int(count > 9)),)


def test_a_temperature_that_decays_with_the_size_of_keys() -> None:
    """Keys scaled by 1/n^2, as a normalisation would: b = 20 reads the right value at n = 4, not at n = 64."""

    def read(size: int, scale: Fraction, b: Fraction) -> float:
        positions = np.arange(size)
        wanted = size // 2
        scores = np.array([float(scale * b * (2 * wanted * int(j) - int(j) ** 2)) for j in positions])
        weights = np.exp(scores - scores.max())
        return float((weights * (positions % 2)).sum() / weights.sum())

    assert read(4, Fraction(1, 4), Fraction(20)) == pytest.approx(0, abs=0.1)
    assert read(64, Fraction(1, 64**2), Fraction(20)) == pytest.approx(0.5, abs=0.1)
    subject = construction("transformer/index")
    for size in (4, 64):
        here = bounds_at(subject.blueprint, size)
        assert here is not None
        text = " ".join(str(j % 2 + 1) for j in range(size)) + f" ? {size // 2}"
        instance = subject.task.parse(text)
        soft = Float(24, here.temperature(24))
        assert decode(subject.at(size), subject.reads(instance), arithmetic=soft).tokens == subject.expected(instance)


def test_ties_averaged_in_floats() -> None:
    """Ten ties of weight 0.1 do not add up to 1 in floats; exactly they do."""
    assert sum([0.1] * 10) != 1.0
    exact = Exact()
    key = exact.lift(np.zeros((10, 1), dtype=np.int64), 1, (0,))
    value = exact.lift(np.ones((10, 1), dtype=np.int64), 1, (1,))
    query = exact.lift(np.ones((1, 1), dtype=np.int64), 1, (1,))
    read = exact.attend(query, (Segment(key, value, 0, 10),), 0, 9)
    ones = read.numerators if read.denominators is None else read.numerators / read.denominators
    assert np.asarray(ones).reshape(-1).tolist() == [1]


def test_an_absolute_tolerance_at_an_arg_max() -> None:
    """With rtol-free 1e-6 two scores of 2^60 that differ by 64 would not tie, yet floats hold both as one; here the
    comparison is exact, or is refused."""
    large, other = 2**60, 2**60 + 64
    assert float(large) == float(other)
    exact = Exact()
    assert exact.argmax(exact.lift(np.array([[large, other]], dtype=object), 1, (other, other))).tolist() == [1]
    small = Fraction(1, 10**7)
    assert abs(float(small) - float(2 * small)) < 1e-6  # a tolerance would call these a tie
    assert exact.argmax(exact.lift(np.array([[1, 2]]), 10**7, (1, 2))).tolist() == [1]
    narrow = Ball(20)
    third = narrow.lift(np.array([[1, 1]]), 3, (1, 1))
    with pytest.raises(PrecisionError, match="overlap"):
        narrow.argmax(third)
