"""Fixed point against Fractions: every operation by its definition, range and ties included."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from constructions.errors import InputError, PrecisionError
from constructions.numerics import Fixed, Matrix, Segment
from constructions.theorems import construction
from tests.batched_runs import transcripts

EXAMPLES = settings(max_examples=150, deadline=None)
FORMATS = [(4, 0), (1, 3), (3, 2), (8, 8), (16, 15), (31, 0), (31, 30), (2, 60), (62, 0), (1, 61)]


class Reference:
    """The definition, in Fractions; ``left`` says whether the range was left."""

    def __init__(self, integer_bits: int, fraction_bits: int) -> None:
        self.unit = Fraction(1, 2**fraction_bits)
        self.least, self.most = -(Fraction(2) ** (integer_bits - 1)), Fraction(2) ** (integer_bits - 1) - self.unit
        self.left = False

    def kept(self, value: Fraction) -> Fraction:
        rounded = round(value / self.unit) * self.unit  # Python rounds Fractions to even
        self.left |= not self.least <= rounded <= self.most
        return min(max(rounded, self.least), self.most)

    def dot(self, a: list[Fraction], b: list[Fraction], start: Fraction = Fraction(0)) -> Fraction:
        for x, y in zip(a, b, strict=True):
            start = self.kept(start + self.kept(x * y))
        return start


@st.composite
def cases(draw: st.DrawFn, count: int) -> tuple[Fixed, Reference, list[int]]:
    """A format and integers that are numbers of it, in units: the ends, small ones, and any."""
    i, f = draw(st.sampled_from(FORMATS))
    end = 2 ** (i + f - 1)
    any_number = st.integers(-end, end - 1)
    edges = st.sampled_from([-end, end - 1, 0, min(1, end - 1), -1, 1 << f if 1 << f < end else 0, end >> 1, -end >> 1])
    root = st.integers(-int((end << f) ** 0.5), int((end << f) ** 0.5)).map(lambda v: max(-end, min(end - 1, v)))
    numbers = draw(st.lists(any_number | edges | root, min_size=count, max_size=count))
    return Fixed(i, f, saturate=True), Reference(i, f), numbers


def agrees(saturating: Fixed, reference: Reference, run: Callable[[Fixed], object], expected: object) -> None:
    """The saturated values agree, and without saturation it raises exactly if the range is left."""
    assert run(saturating) == expected
    strict = Fixed(saturating.integer_bits, saturating.fraction_bits, saturating.inverse_temperature)
    if reference.left:
        with pytest.raises(PrecisionError, match=r"range|outside"):
            run(strict)
    else:
        assert run(strict) == expected


@example((Fixed(62, 0, saturate=True), Reference(62, 0), [1_844_674_407_370_955_162, 0, 0, 5, 0, 0]))  # 2^63 + 2
@example((Fixed(40, 0, saturate=True), Reference(40, 0), [439_125_228_929, 0, 0, 42_007_935, 0, 0]))  # 2^64 - 1
@example((Fixed(61, 1, saturate=True), Reference(61, 1), [1_085_102_592_571_150_095, 0, 0, 17, 0, 0]))  # 2^64 - 1
@given(cases(6))
@EXAMPLES
def test_sums_products_and_linear_maps(case: tuple[Fixed, Reference, list[int]]) -> None:
    fixed, reference, numbers = case
    x, y = np.array([numbers[:3]]), np.array([numbers[3:]])
    (xs,), (ys,) = fixed.values(x), fixed.values(y)
    sums = [[reference.kept(a + b) for a, b in zip(xs, ys, strict=True)]]
    agrees(fixed, reference, lambda s: s.values(s.add(x, y)), sums)
    reference.left = False
    gated = [[reference.kept(max(a, Fraction(0)) * b) for a, b in zip(xs, ys, strict=True)]]
    agrees(fixed, reference, lambda s: s.values(s.gated(x, y)), gated)
    reference.left = False
    kept = [(a, b) for a, b in zip(xs, ys, strict=True) if a]
    dot = [[reference.dot([a for a, _ in kept], [b for _, b in kept])]]
    matrix = Matrix.from_rows([xs])
    agrees(fixed, reference, lambda s: s.values(s.linear(matrix, y)), dot)


@given(st.lists(st.fractions(-3, 3, max_denominator=64), min_size=1, max_size=5), st.sampled_from([(3, 0), (2, 3)]))
@EXAMPLES
def test_numbers_are_rounded_once(values: list[Fraction], bits: tuple[int, int]) -> None:
    fixed, reference = Fixed(*bits, saturate=True), Reference(*bits)
    over = np.array([[int(v * 64 * 63 * 61) for v in values]], dtype=object)
    values = [Fraction(int(v), 64 * 63 * 61) for v in over[0]]
    expected = [[reference.kept(v) for v in values]]
    agrees(fixed, reference, lambda s: s.values(s.lift(over, 64 * 63 * 61, (10**7,))), expected)


def weight_by_definition(reference: Reference, exponent: Fraction) -> Fraction:
    """e^x for x <= 0, from its series: with 60 terms after halving x often enough, far beyond 61 bits."""
    if not exponent:
        return reference.kept(Fraction(1))
    halvings = max(0, int(-exponent).bit_length() + 4)
    x, term, total = exponent / 2**halvings, Fraction(1), Fraction(1)
    for k in range(1, 45):
        term = term * x / k
        total += term
    total = Fraction(round(total * 2**300), 2**300)
    for _ in range(halvings):
        total = Fraction(round(total * total * 2**300), 2**300)
    return reference.kept(total)


@given(st.data(), st.sampled_from([(8, 2), (8, 8), (12, 16), (20, 31), (12, 45)]), st.sampled_from([None, 1, "4.2"]))
@EXAMPLES
def test_attention(data: st.DataObject, bits: tuple[int, int], b: str | int | None) -> None:
    fixed, reference = Fixed(*bits, b, saturate=True), Reference(*bits)
    length, unit = data.draw(st.integers(1, 6)), 2 ** bits[1]
    small = st.integers(-3, 3).map(lambda v: v * unit // 2)
    query = data.draw(st.lists(small, min_size=2, max_size=2))
    keys = [data.draw(st.lists(small, min_size=2, max_size=2)) for _ in range(length)]
    values, slope = data.draw(st.lists(small, min_size=length, max_size=length)), data.draw(st.sampled_from([0, 1]))
    asked, value = fixed.values(np.array(keys)), [Fraction(v, unit) for v in values]
    scores = [
        reference.kept(reference.dot(fixed.values(np.array([query]))[0], key) + slope * j)
        for j, key in enumerate(asked)
    ]
    best = max(scores)
    if b is None:
        picked, total = [v for v, score in zip(value, scores, strict=True) if score == best], Fraction(0)
        for v in picked:
            total = reference.kept(total + v)
        expected = reference.kept(total / len(picked))
    else:
        weights = [weight_by_definition(reference, Fraction(b) * reference.kept(s - best)) for s in scores]
        total = Fraction(0)
        for weight in weights:
            total = reference.kept(total + weight)
        weights = [reference.kept(weight / total) for weight in weights]
        expected = reference.dot(weights, value)
    arrays = np.array([query]), np.array(keys), np.array(values)[:, None]

    def run(system: Fixed) -> object:
        segment = Segment(arrays[1], arrays[2], 0, length)
        return system.values(system.attend(arrays[0], [segment], slope, length - 1))

    agrees(fixed, reference, run, [[expected]])


def test_later_keys_are_not_seen() -> None:
    key = np.array([[1], [2], [3]]) << 8
    for b in (None, 50):
        read = Fixed(8, 8, b).attend(np.full((3, 1), 256), [Segment(key, key, 0, 3)], 0, 0)
        assert (read >> 8).ravel().tolist() == [1, 2, 3]


def test_what_leaves_the_range_is_named() -> None:
    fixed = Fixed(4, 4)
    x = np.array([[127]])
    with pytest.raises(PrecisionError, match=r"fixed:4.4: a sum in the residual stream .* -8 to 127/16"):
        fixed.add(x, x)
    with pytest.raises(PrecisionError, match="a gated unit"):
        fixed.gated(x, x)
    with pytest.raises(PrecisionError, match="a number of the model or its input is 8, outside"):
        fixed.lift(np.array([[8]]), 1, (8,))
    with pytest.raises(PrecisionError, match="a parameter is 9"):
        fixed.linear(Matrix.from_rows([[9]]), x)
    with pytest.raises(PrecisionError, match="a score"):
        fixed.attend(x, [Segment(x, x, 0, 1)], 0, 0)
    assert fixed.add(x, -x).tolist() == [[0]]  # nothing is remembered of an earlier failure


@pytest.mark.parametrize("bits", [(0, 4), (1, -1), (40, 23), (63, 0)])
def test_other_formats_are_refused(bits: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="expected at least 1 bit before the point"):
        Fixed(*bits)


@pytest.mark.parametrize("name", ["index", "associative-recall", "counting"])
def test_constructions_write_the_tokens_of_exact(name: str) -> None:
    made = construction(f"transformer/{name}")
    model, rng = made.at(4), np.random.default_rng(0)
    instances = [*made.task.boundary(4), *(made.task.sample(rng, 4) for _ in range(20))]
    for number_system in (Fixed(20, 20), Fixed(40, 20, 30), Fixed(14, 12, "9.02")):
        written = transcripts(model, [made.reads(instance) for instance in instances], 2, number_system)
        assert written == [made.expected(instance, 4) for instance in instances]


@pytest.mark.parametrize("p", [4, 8, 16])
def test_with_b_above_p_plus_1_times_ln_2_a_softmax_is_hard(p: int) -> None:
    """e^-b is then below half a unit in the last place, so every weight but those of the largest score is 0."""
    j = np.arange(12)
    key, query = np.stack([j, -(j**2)], axis=-1) << p, np.stack([2 * j, j**0], axis=-1) << p
    segment = Segment(key, (j << p)[:, None], 0, 12)

    def softmax(b: str) -> list[int]:
        read: list[int] = Fixed(20, p, b).attend(query, [segment], 0, 11).ravel().tolist()
        return read

    hard = Fixed(20, p).attend(query, [segment], 0, 11).ravel().tolist()
    assert softmax(f"{(p + 2) * 0.6931471806 + 1e-9:.9f}") == hard
    assert softmax(f"{(p + 1) * 0.6931471806 + 1e-9:.9f}") == hard
    assert softmax(f"{(p + 1) * 0.6931471805 - 1e-3:.9f}") != hard
