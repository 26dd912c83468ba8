"""Every operation of Float(p) against MPFR (gmpy2), which rounds correctly by its own means."""

from fractions import Fraction
from typing import Any

import gmpy2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from constructions.architectures import Cache, Evaluator
from constructions.errors import InputError, PrecisionError
from constructions.numerics import Fixed, Float, Matrix, Segment
from constructions.numerics import _float_rounding as rounding
from constructions.numerics import _float_steps as steps
from constructions.theorems import construction
from tests.batched_runs import transcripts
from tests.random_models import models, prompts

Floats = NDArray[np.float64]
OPERATIONS = {"add": steps.ADD, "mul": steps.MULTIPLY, "div": steps.DIVIDE}
EXAMPLES = settings(max_examples=150, deadline=None)


def by_mpfr(p: int, operation: str, a: Floats, b: Floats) -> Floats:
    act = getattr(gmpy2.context(precision=p), operation)
    numbers = {x: gmpy2.mpfr(x, 53) for x in {*a.tolist(), *b.tolist()}}  # there are fewer than pairs
    left, right = (map(numbers.__getitem__, x.tolist()) for x in (a, b))
    return np.fromiter(map(act, left, right), dtype=np.float64, count=a.size)


def by_float(p: int, operation: str, a: Floats, b: Floats) -> Floats:
    return Float(p)._each(OPERATIONS[operation], a, b)


def grid(p: int, exponents: tuple[int, ...]) -> Floats:
    """All numbers with p digits and these exponents of the last digit, with both signs."""
    significands = np.arange(2 ** (p - 1), 2**p, dtype=np.float64)
    values = np.concatenate([significands * 2.0**e for e in exponents])
    return np.concatenate([values, -values])


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("p", range(2, 7))
def test_all_pairs_of_short_significands(p: int, operation: str) -> None:
    """Adding p + 2 places apart is where double rounding and sticky digits matter."""
    left = grid(p, (0,))
    right = grid(p, (0, 1, -1, -p + 1, -p, -p - 1, -p - 2) if operation == "add" else (0,))
    a, b = (np.ascontiguousarray(x.ravel()) for x in np.meshgrid(left, right))
    assert np.array_equal(by_float(p, operation, a, b), by_mpfr(p, operation, a, b))


def adversarial(p: int) -> Floats:
    """Numbers with p digits whose sums, products and quotients lie at or next to the middle of two."""
    one, last = 1.0, 2.0 ** (1 - p)
    near = [one, one + last, 2 - last, 1.5, 1.5 + last, 1.5 - last, one + 2 * last, 4 / 3, 5 / 3, 1.1, 1.9]
    base = np.array(near)
    base = Float(p).lift(np.array([int(x * 2**60) for x in base], dtype=object)[:, None], 2**60, (2**62,)).ravel()
    shifts = [0, -1, 1, -p + 1, -p, -p - 1, -p - 2, -53 + p, -52, -53, -54, 200]
    values = np.concatenate([base * 2.0**s for s in shifts])
    return np.concatenate([values, -values])


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("p", [7, 8, 11, 12, 16, 23, 24, 25, 26, 27, 28, 32, 40, 50, 51, 52, 53])
def test_adversarial_pairs(p: int, operation: str) -> None:
    values = adversarial(p)
    a, b = (np.ascontiguousarray(x.ravel()) for x in np.meshgrid(values, values))
    assert np.array_equal(by_float(p, operation, a, b), by_mpfr(p, operation, a, b))


def test_beyond_25_digits_float64_followed_by_rounding_is_wrong() -> None:
    """So the other mode is needed, and the adversarial pairs see it."""
    p = 28
    values = adversarial(p)
    a, b = (np.ascontiguousarray(x.ravel()) for x in np.meshgrid(values, values))
    planted, out = Float(p), np.empty(a.size)
    wrong = 0
    for operation in OPERATIONS.values():
        steps.elementwise(operation, a, b, steps.FULL, planted._numbers, out)
        wrong += int((out != planted._each(operation, a, b)).sum())
    assert wrong > 0


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("p", [26, 27, 33, 40, 46, 51, 52, 53])
def test_next_to_the_middle_of_two_at_the_ends_of_float64(p: int, operation: str) -> None:
    """Results that are half way but for an error in either direction, large, small, and next to powers of two."""
    rng = np.random.default_rng(p)
    odd = 2 * rng.integers(2 ** (p - 2), 2 ** (p - 1), 400) + 1.0
    few = np.array([2.0 ** (p - 1), 2.0 ** (p - 1) + 1, 2.0**p - 1, 3 * 2.0 ** (p - 2)])
    a = np.concatenate([odd, few])
    if operation == "add":  # half a unit in the last place, and half of it or far less, more or less
        half = rng.choice([0.5, 1.5, -0.5], len(a))
        b = np.concatenate([half + s * 2.0**-e for s in (-1, 0, 1) for e in (2, p - 2, 53 - p + 1)])
        b = Float(p).lift((b * 2.0**54).astype(object)[:, None], 1, (2**60,)).ravel() / 2.0**54
        tiny = np.repeat([2.0**-200, -(2.0**-200), 2.0**-900], len(a))
        a, b = np.tile(a, 12), np.concatenate([b, tiny])
    else:
        a, b = (x.ravel() for x in np.meshgrid(a, few))
    for shift in (0, 960 - p, -940):
        x, y = (a, b) if operation != "add" or not shift else (a * 2.0**shift, b * 2.0**shift)
        x, y = (a * 2.0**shift, b * 2.0**-p) if operation == "mul" else (x, y)
        x, y = (a * 2.0**shift, b) if operation == "div" and shift > -940 else (x, y)
        expected = by_mpfr(p, operation, x, y)
        expected = np.where(np.abs(expected) < 2.0**-960, 0.0, expected)
        assert np.isfinite(expected).all()
        assert np.array_equal(by_float(p, operation, x, y), expected)


def test_ties_decided_by_a_wrong_sign_are_seen() -> None:
    """The planted fault: errors with the sign turned, or left out."""
    p = 40
    values = adversarial(p)
    a, b = (np.ascontiguousarray(x.ravel()) for x in np.meshgrid(values, values))
    expected, numbers = by_mpfr(p, "mul", a, b), Float(p)._numbers
    rounded = [rounding.product_error(x, y, x * y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    for factor, same in ((1.0, True), (-1.0, False), (0.0, False)):
        found = [rounding.wide(x * y, factor * e, numbers) for x, y, e in zip(a, b, rounded, strict=True)]
        assert (found == expected.tolist()) is same


def numbers_of(p: int) -> st.SearchStrategy[float]:
    significand = st.integers(2 ** (p - 1), 2**p - 1) | st.sampled_from([2 ** (p - 1), 2**p - 1, 2 ** (p - 1) + 1])
    return st.builds(lambda s, e, sign: sign * s * 2.0**e, significand, st.integers(-60, 60), st.sampled_from([1, -1]))


@given(st.data(), st.integers(2, 53), st.sampled_from(sorted(OPERATIONS)))
@EXAMPLES
def test_random_pairs(data: st.DataObject, p: int, operation: str) -> None:
    pairs = data.draw(st.lists(st.tuples(numbers_of(p), numbers_of(p)), min_size=1, max_size=30))
    a, b = (np.array(column) for column in zip(*pairs, strict=True))
    assert np.array_equal(by_float(p, operation, a, b), by_mpfr(p, operation, a, b))


@given(st.lists(st.integers(-(2**70), 2**70), min_size=1), st.integers(1, 2**60), st.integers(2, 53))
@EXAMPLES
def test_integers_and_fractions_are_rounded_once(values: list[int], denominator: int, p: int) -> None:
    lifted = Float(p).lift(np.array([values], dtype=object), denominator, (2**70,) * len(values))
    with gmpy2.context(precision=p):
        expected = [float(gmpy2.mpfr(gmpy2.mpq(v, denominator))) for v in values]
    assert lifted.tolist() == [expected]


def test_sums_run_from_left_to_right() -> None:
    eight = Float(8)
    rows = Matrix.from_rows([[1, 1, 1], [1, 0, 0]])
    forward = eight.linear(rows, np.array([[256.0, 1.0, 1.0]]))
    backward = eight.linear(rows, np.array([[1.0, 1.0, 256.0]]))
    assert forward[0, 0] == 256.0  # each 1 is half a unit in the last place: it is lost, twice
    assert backward[0, 0] == 258.0


@given(st.data(), st.sampled_from([3, 8, 11, 24, 25, 26, 33, 52, 53]))
@EXAMPLES
def test_linear_maps_step_by_step(data: st.DataObject, p: int) -> None:
    weights = data.draw(st.lists(st.integers(-300, 300), min_size=4, max_size=4))
    x = data.draw(st.lists(numbers_of(p), min_size=4, max_size=4))
    with gmpy2.context(precision=p):
        total = gmpy2.mpfr(0)
        for w, v in zip(weights, x, strict=True):
            total = total + gmpy2.mpfr(w) * gmpy2.mpfr(v, 53)
    assert Float(p).linear(Matrix.from_rows([weights]), np.array([x])).tolist() == [[float(total)]]


@pytest.mark.parametrize("p", [2, 5, 8, 11, 24, 25, 26, 40, 53])
def test_exponentials_are_those_of_mpfr(p: int) -> None:
    rng = np.random.default_rng(p)
    d = -np.concatenate([rng.integers(0, 60, 60) / 2.0**4, rng.integers(1, 40, 20) * 2.0**-p, np.arange(40.0)])
    for b in (1, Fraction(3, 2), "6.93"):
        number_system = Float(p, inverse_temperature=b)
        found = number_system.exponentials(d)
        expected = []
        for difference in d.tolist():
            exact = Fraction(b) * Fraction(difference)
            with gmpy2.context(precision=400):
                wide = gmpy2.exp(gmpy2.mpfr(gmpy2.mpq(exact.numerator, exact.denominator)))
            with gmpy2.context(precision=p):
                expected.append(float(gmpy2.mpfr(wide)))
        assert found.tolist() == expected


def attention_by_mpfr(
    p: int, b: Fraction | None, query: list[float], keys: list[list[float]], values: list[float], slope: int
) -> float:
    """One query over all keys, one value each, step by step."""
    with gmpy2.context(precision=p):
        scores = []
        for j, key in enumerate(keys):
            score = gmpy2.mpfr(0)
            for q, k in zip(query, key, strict=True):
                score = score + gmpy2.mpfr(q) * gmpy2.mpfr(k)
            scores.append(score + gmpy2.mpfr(slope * j) if slope else score)
        best, total, sum_of_weights = max(scores), gmpy2.mpfr(0), gmpy2.mpfr(0)
        if b is None:
            for score, value in zip(scores, values, strict=True):
                total = total + gmpy2.mpfr(value) if score == best else total
            return float(total / gmpy2.mpfr(scores.count(best)))
        weights = []
        for score in scores:
            exponent = b * Fraction(*(score - best).as_integer_ratio())
            with gmpy2.context(precision=400):
                wide = gmpy2.exp(gmpy2.mpfr(gmpy2.mpq(exponent.numerator, exponent.denominator)))
            weights.append(gmpy2.mpfr(wide))
            sum_of_weights = sum_of_weights + weights[-1]
        for weight, value in zip(weights, values, strict=True):
            total = total + (weight / sum_of_weights) * gmpy2.mpfr(value)
        return float(total)


@given(
    st.data(), st.sampled_from([2, 4, 8, 11, 25, 30, 53]), st.sampled_from([None, Fraction(1, 2), Fraction(693, 100)])
)
@EXAMPLES
def test_attention_step_by_step(data: st.DataObject, p: int, b: Fraction | None) -> None:
    small = st.integers(-3, 3).map(float)
    length, cut = data.draw(st.integers(1, 7)), data.draw(st.integers(0, 7))
    query = data.draw(st.lists(small, min_size=2, max_size=2))
    keys = [data.draw(st.lists(small, min_size=2, max_size=2)) for _ in range(length)]
    values, slope = data.draw(st.lists(small, min_size=length, max_size=length)), data.draw(st.sampled_from([0, 1, -2]))
    cut = min(cut, length)
    segments = [
        Segment(np.array(keys[i:j]), np.array(values[i:j])[:, None], i, j - i)
        for i, j in ((0, cut), (cut, length))
        if i < j
    ]
    found = Float(p, inverse_temperature=b).attend(np.array([query]), segments, slope, length - 1)
    assert found.tolist() == [[attention_by_mpfr(p, b, query, keys, values, slope)]]


def test_later_keys_are_not_seen() -> None:
    key = np.array([[1.0], [2.0], [3.0]])
    for b in (None, 50):
        read = Float(8, b).attend(np.ones((3, 1)), [Segment(key, key, 0, 3)], 0, 0)
        assert read.ravel().tolist() == [1.0, 2.0, 3.0]


def test_small_results_become_0_and_large_ones_raise() -> None:
    for p in (8, 30, 53):
        tiny = Float(p)._each(steps.MULTIPLY, np.array([2.0**-479, 2.0**-481]), np.array([2.0**-480, 2.0**-480]))
        assert tiny.tolist() == [2.0**-959, 0.0]
        x = np.array([[2.0**900]])
        with pytest.raises(PrecisionError, match="beyond the range of float64"):
            Float(p).gated(x, x)
    both = Matrix.from_rows([[1, 1]])
    assert Float(8).linear(both, np.array([[2.0**-950 * (1 + 2**-7), -(2.0**-950)]])).tolist() == [[2.0**-957]]
    assert Float(8).linear(both, np.array([[2.0**-955 * (1 + 2**-7), -(2.0**-955)]])).tolist() == [[0.0]]


@pytest.mark.parametrize("p", [1, 54, 0, -3])
def test_other_precisions_are_refused(p: int) -> None:
    with pytest.raises(InputError, match="expected 2 to 53"):
        Float(p)


@pytest.mark.parametrize("b", [0, -1, "warm", float("nan"), float("inf"), "1/0"])
def test_other_temperatures_are_refused(b: object) -> None:
    with pytest.raises(InputError, match="inverse temperature"):
        Float(8, b)  # type: ignore[arg-type]


@pytest.mark.parametrize(("p", "last"), [(8, 16), (11, 45), (12, 64)])
def test_position_look_up_is_exact_up_to_the_root_of_2_to_the_p(p: int, last: int) -> None:
    """Keys (j, -j^2), query (2 i, 1), for i, j up to 2^(p/2): j^2 needs p bits, and the rest follows."""

    def exact(positions: int) -> bool:
        j = np.arange(positions + 1)
        number_system = Float(p)
        key = number_system.lift(np.stack([j, -(j**2)], axis=-1), 1, (2**40, 2**40))
        query = number_system.lift(np.stack([2 * j, j**0], axis=-1), 1, (2**40, 2**40))
        value = np.arange(positions + 1.0)[:, None]
        read = number_system.attend(query, [Segment(key, value, 0, positions + 1)], 0, positions)
        return bool((read.ravel() == j).all())

    assert exact(last)
    assert not exact(last + 1)


NAMES = ["index", "associative-recall", "c-gram", "counting"]


@pytest.mark.parametrize("family", ["transformer", "hybrid"])
@pytest.mark.parametrize("name", NAMES)
def test_constructions_write_the_tokens_of_exact_with_enough_bits_and_not_with_few(family: str, name: str) -> None:
    made = construction(f"{family}/{name}")
    model = made.at(4)
    rng = np.random.default_rng(0)
    instances = [*made.task.boundary(4), *(made.task.sample(rng, 4) for _ in range(20))]

    def wrong(number_system: Float) -> int:
        written = transcripts(model, [made.reads(i) for i in instances], 2, number_system)
        return sum(tokens != made.expected(i, 4) for tokens, i in zip(written, instances, strict=True))

    assert wrong(Float(24)) == wrong(Float(40)) == wrong(Float(53)) == 0
    assert wrong(Float(24, inverse_temperature=60)) == 0
    assert wrong(Float(2)) > 0


@given(st.data(), st.sampled_from([Float(4), Float(11, 2), Float(30), Float(53), Fixed(40, 4), Fixed(30, 8, "1.5")]))
@EXAMPLES
def test_batches_and_caches_give_what_one_position_at_a_time_gives(data: st.DataObject, system: Float | Fixed) -> None:
    """Random models, also without features or reads; what is too large may raise, but then in both."""
    model = data.draw(models())
    ids = np.array(data.draw(prompts(model)))
    evaluator = Evaluator(model, system)
    try:
        whole, _ = evaluator.run(np.stack([ids, ids[::-1]]))
    except PrecisionError:
        return
    for row, order in enumerate((ids, ids[::-1])):
        cache: Cache[NDArray[Any]] = Cache()
        for place, token in enumerate(order):
            x, cache = evaluator.run(np.array([token]), cache)
            assert np.array_equal(x[0], whole[row, place], equal_nan=True)
