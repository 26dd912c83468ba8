"""Every operation of exact arithmetic on both sides of every limit, against Fractions.

A *case* is one operation on inputs chosen so that some number that occurs, a sum of two or a product, is
exactly the target; targets stand on both sides of 2^53 and of 2^63. The same cases with a wrong limit
planted must fail.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.numerics import Exact, Matrix, Rationals, Segment, rung
from constructions.numerics import _exact as exact_module
from constructions.numerics import _rationals as rationals_module

EXAMPLES = settings(max_examples=80, deadline=None)

FLOAT64, INT64 = 2**53, 2**63
TARGETS = [limit + step for limit in (FLOAT64, INT64) for step in (-2, -1, 0, 1, 2, 3)]

Rows = Sequence[Sequence[int]]
Values = list[list[Fraction]]
Case = tuple[str, Callable[[], Values], Values]


def rationals(rows: Rows, below: Sequence[int] | None = None, slack: int = 0) -> Rationals:
    """Numerators with one denominator per position; bounds that are ``slack`` above what occurs.

    The dtype is chosen here and not by the code under test, which may have a wrong limit planted.
    """
    largest = max((abs(v) for row in rows for v in row), default=0)
    dtype = np.float64 if largest <= FLOAT64 else np.int64 if largest < INT64 else object
    numerators = np.array(rows, dtype=object).astype(dtype)
    bounds = tuple(max(abs(v) for v in column) + slack for column in zip(*rows, strict=True))
    if below is None:
        return Rationals(numerators, None, bounds)
    return Rationals(numerators, np.array(below, dtype=np.int64), bounds, max(below))


def values(x: Rationals) -> Values:
    """The values of an array of two dimensions; its bounds are checked on the way."""
    result = []
    for i, row in enumerate(x.numerators):
        denominator = 1 if x.denominators is None else int(x.denominators[i])
        assert 0 < denominator <= x.denominator_bound
        assert all(abs(int(v)) <= bound for v, bound in zip(row, x.bounds, strict=True))
        result.append([Fraction(int(v), denominator) for v in row])
    return result


def fractions(rows: Rows, below: Sequence[int] | None = None) -> Values:
    return [[Fraction(v, 1 if below is None else below[i]) for v in row] for i, row in enumerate(rows)]


def scores_by_definition(query: Values, key: Values, slope: int, first: int) -> Values:
    """The scores of the keys that each query sees; keys start at position 0, queries at ``first``."""
    return [
        [sum((a * b for a, b in zip(q, key[j], strict=True)), Fraction(slope * j)) for j in range(first + i + 1)]
        for i, q in enumerate(query)
    ]


def average_by_definition(scores: Values, value: Values) -> Values:
    result = []
    for row in scores:
        picked = [value[j] for j, score in enumerate(row) if score == max(row)]
        result.append([sum(column, Fraction(0)) / len(picked) for column in zip(*picked, strict=True)])
    return result


def scores_of(query: Rationals, key: Rationals, slope: int, first: int) -> Values:
    """What ``Exact.scores`` says of one segment, as values; hidden keys are checked and left out."""
    segment = Segment(key, key, 0, len(key.numerators))
    (array,), hidden = Exact().scores(query, [segment], slope, first)
    below = [1] * len(array) if query.denominators is None else [int(d) for d in query.denominators]
    common = 1 if key.denominators is None else int(np.lcm.reduce(key.denominators))
    result = []
    for i, row in enumerate(array.tolist()):
        assert all(int(s) > hidden for s in row[: first + i + 1])
        assert all(int(s) == hidden for s in row[first + i + 1 :])
        result.append([Fraction(int(s), below[i] * common) for s in row[: first + i + 1]])
    return result


def factors(target: int) -> tuple[int, int]:
    """Two factors of the target, both above 1 where there are such."""
    small = next((p for p in (2, 3, 5, 7, 11, 13, 6361) if target % p == 0), 1)
    return small, target // small


def linear_cases(target: int) -> Iterator[Case]:
    root = int(target**0.5)
    rows: dict[str, tuple[list[int], list[int]]] = {
        "sum": ([target - 1, 1], [1, 1]),
        "products": ([root, target - root * root], [root, 1]),
        "cancelling": ([target, -target, 1], [1, 1, 1]),
        "a large weight": ([target, 1], [0, 3]),
        "a large activation": ([0, 1], [target, 3]),
        "negative": ([-target + 1, 1], [1, -1]),
    }
    for name, (weights, x) in rows.items():
        expected = sum(w * v for w, v in zip(weights, x, strict=True))
        for slack in (0, 1):

            def run(weights: list[int] = weights, x: list[int] = x, slack: int = slack) -> Values:
                return values(Exact().linear(Matrix.from_rows([weights]), rationals([x], slack=slack)))

            yield f"linear, {name}, bounds + {slack}", run, [[Fraction(expected)]]


def add_cases(target: int) -> Iterator[Case]:
    for sign in (1, -1):
        rows: tuple[Rows, Rows] = [[sign * (target - 1), 0]], [[sign, 1]]

        def run(rows: tuple[Rows, Rows] = rows) -> Values:
            return values(Exact().add(rationals(rows[0]), rationals(rows[1])))

        yield "add", run, [[Fraction(sign * target), Fraction(1)]]
    # 1/3 of (target - 1), plus 1 (numerators over 3), and over different denominators
    third = target - 3

    def over_three() -> Values:
        return values(Exact().add(rationals([[third]], [3]), rationals([[1]])))

    yield "add, one fraction", over_three, [[Fraction(third, 3) + 1]]
    half = (target - 3) // 2

    def two_fractions() -> Values:
        return values(Exact().add(rationals([[half]], [3]), rationals([[1]], [2])))

    yield "add, two fractions", two_fractions, [[Fraction(half, 3) + Fraction(1, 2)]]


def gated_cases(target: int) -> Iterator[Case]:
    small, large = factors(target)
    for gate, value in ((small, large), (large, -small), (-large, small), (1, target), (target, 1), (target, 0)):
        for below in (None, [3]):

            def run(gate: int = gate, value: int = value, below: list[int] | None = below) -> Values:
                return values(Exact().gated(rationals([[gate]], below), rationals([[value]])))

            yield f"gated, {gate} and {value}", run, [[Fraction(max(gate, 0) * value, 1 if below is None else 3)]]


def attention_cases(target: int) -> Iterator[Case]:
    """Scores that differ by 1 at the target, and ties whose values add up to it."""
    small, large = factors(target)
    keys: dict[str, tuple[list[int], Rows, int]] = {
        "one product": ([1], [[target - 1], [target], [target - 2]], 0),
        "factors": ([small], [[large], [large - 1], [0]], 0),
        "two products": ([small, 1], [[large, -1], [large, 0], [large - 1, small - 1]], 0),
        "slope": ([1], [[target - 2], [target - 2], [target - 2]], 1),
        "negative": ([-1], [[target], [target - 1], [target]], 0),
    }
    marks = [[1], [2], [4]]
    for name, (query, key, slope) in keys.items():
        for below in (None, [1, 2, 1]):
            expected = scores_by_definition(fractions([query]), fractions(key, below), slope, 2)

            def scored(
                query: list[int] = query, key: Rows = key, slope: int = slope, below: list[int] | None = below
            ) -> Values:
                return scores_of(rationals([query]), rationals(key, below), slope, 2)

            def read(
                query: list[int] = query, key: Rows = key, slope: int = slope, below: list[int] | None = below
            ) -> Values:
                segment = Segment(rationals(key, below), rationals(marks), 0, 3)
                return values(Exact().attend(rationals([query]), [segment], slope, 2))

            yield f"scores, {name}", scored, expected
            yield f"attend, {name}", read, average_by_definition(expected, fractions(marks))
    for split in (1, target // 2):
        value = [[target - split], [split]]

        def tied(value: Rows = value) -> Values:
            segment = Segment(rationals([[0], [0]]), rationals(value), 0, 2)
            return values(Exact().attend(rationals([[1]]), [segment], 0, 1))

        yield "attend, a tie", tied, [[Fraction(target, 2)]]


CASES = {"linear": linear_cases, "add": add_cases, "gated": gated_cases, "attention": attention_cases}


def faults(operation: str, targets: Sequence[int] = TARGETS) -> list[str]:
    """The cases in which an operation does not give the values of the definition."""
    found = []
    for target in targets:
        for name, run, expected in CASES[operation](target):
            try:
                right = run() == expected
            except (AssertionError, OverflowError):
                right = False
            if not right:
                found.append(f"{name} at {target}")
    return found


@pytest.mark.parametrize("operation", CASES)
def test_both_sides_of_every_limit(operation: str) -> None:
    assert faults(operation) == []


@pytest.mark.parametrize("operation", CASES)
def test_a_wrong_limit_of_float64_is_found(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (exact_module, rationals_module):
        monkeypatch.setattr(module, "FLOAT64_LIMIT", 2**54)
    assert faults(operation, TARGETS[:6]) != []


@pytest.mark.parametrize("operation", CASES)
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_a_wrong_limit_of_int64_is_found(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (exact_module, rationals_module):
        monkeypatch.setattr(module, "INT64_LIMIT", 2**64)
    assert faults(operation, TARGETS[6:]) != []


@pytest.mark.parametrize(
    ("bound", "dtype"),
    [(0, "float64"), (FLOAT64, "float64"), (FLOAT64 + 1, "int64"), (INT64 - 1, "int64"), (INT64, "object")],
)
def test_the_cheapest_rung_is_taken(bound: int, dtype: str) -> None:
    """A limit that is too low costs time, which no comparison of values would show."""
    assert rung(bound) == np.dtype(dtype)
    assert Exact().linear(Matrix.from_rows([[1]]), rationals([[bound]])).numerators.dtype == np.dtype(dtype)


def test_a_bound_that_is_too_large_is_measured_before_the_rung_is_left() -> None:
    x = rationals([[5]], slack=2**80)
    assert Exact().linear(Matrix.from_rows([[2]]), x).numerators.dtype == np.float64
    assert Exact().gated(x, x).numerators.dtype == np.float64
    assert Exact().add(x, x).numerators.dtype == np.float64


@pytest.mark.parametrize("denominator", [3, 2**62 + 1, 2**70 + 1, 2**2000])
@pytest.mark.parametrize("numerator", [0, 1, 2**54 + 1, 2**60 + 1])
def test_a_denominator_may_be_on_a_higher_rung_than_the_numerators(numerator: int, denominator: int) -> None:
    x = rationals([[numerator]])
    x = Rationals(x.numerators, np.array([denominator], dtype=object), x.bounds, denominator)
    expected = Fraction(numerator, denominator)
    for other in (rationals([[0]]), rationals([[1]], [3])):
        ((third,),) = values(other)
        assert values(Exact().add(x, other)) == values(Exact().add(other, x)) == [[expected + third]]
        assert values(Exact().gated(x, other)) == [[expected * third]]
    assert values(Exact().settle(x)) == [[expected]]


EDGES = st.one_of(
    st.integers(-4, 4),
    *(st.integers(edge - 3, edge + 3) for b in (26, 27, 31, 32, 52, 53, 62, 63, 64) for edge in (2**b, -(2**b))),
)


@st.composite
def arrays(draw: st.DrawFn, positions: int, features: int) -> tuple[Rationals, Values]:
    """An array with entries at powers of two, and its values."""
    row = st.lists(EDGES, min_size=features, max_size=features)
    rows = draw(st.lists(row, min_size=positions, max_size=positions))
    below = draw(st.none() | st.lists(st.sampled_from([1, 2, 3, 2**31 + 1]), min_size=positions, max_size=positions))
    return rationals(rows, below, draw(st.sampled_from([0, 1, 2**60]))), fractions(rows, below)


@given(st.data())
@EXAMPLES
def test_random_sums_and_products(data: st.DataObject) -> None:
    (x, x_values), (y, y_values) = data.draw(arrays(2, 2)), data.draw(arrays(2, 2))
    pairs = [list(zip(a, b, strict=True)) for a, b in zip(x_values, y_values, strict=True)]
    assert values(Exact().add(x, y)) == [[a + b for a, b in row] for row in pairs]
    assert values(Exact().gated(x, y)) == [[max(a, Fraction(0)) * b for a, b in row] for row in pairs]
    assert values(Exact().settle(x)) == x_values


@given(st.data())
@EXAMPLES
def test_random_attention(data: st.DataObject) -> None:
    features, length, cut = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 4)), data.draw(st.integers(0, 3))
    query, query_values = data.draw(arrays(1, features))
    key, key_values = data.draw(arrays(length, features))
    value, value_values = data.draw(arrays(length, 2))
    slope, exact = data.draw(st.sampled_from([-1, 0, 1, 2**40])), Exact()
    expected = scores_by_definition(query_values, key_values, slope, length - 1)
    assert scores_of(query, key, slope, length - 1) == expected
    ends = sorted({0, min(cut, length), length})  # one segment, or two
    segments = [Segment(exact.take(key, a, b), exact.take(value, a, b), a, b - a) for a, b in pairwise(ends)]
    average = values(exact.attend(query, segments, slope, length - 1))
    assert average == average_by_definition(expected, value_values)


@pytest.mark.parametrize("first_rung", ["float64", "int64", "integers"])
def test_queries_do_not_see_later_keys(first_rung: str) -> None:
    exact, length = Exact(first_rung), 4
    key = value = rationals([[j * j] for j in range(length)])
    segment = Segment(key, value, 0, length)
    query = rationals([[1]] * length)
    assert values(exact.attend(query, [segment], 0, 0)) == [[Fraction(j * j)] for j in range(length)]


@pytest.mark.parametrize("largest", [9, FLOAT64 - 1, INT64 - 1])
@pytest.mark.parametrize(
    ("kind", "dimensions", "chosen"), [("few columns", 2, 2), ("an entry a row", 1, 40), ("all", 2, 60)]
)
def test_products_do_not_depend_on_which_entries_are_chosen(
    kind: str, dimensions: int, chosen: int, largest: int
) -> None:
    """A matrix of which little is not 0 is multiplied in another way; in each a weight less is found."""
    rng = np.random.default_rng(largest % 101)
    places = {
        "few columns": lambda i: [5, 17],
        "an entry a row": lambda i: [11 * i % 60] if i else [],
        "all": lambda i: range(60),
    }[kind]
    entries = {(i, j): int(rng.integers(1, 9)) * int(rng.choice([-1, 1])) for i in range(40) for j in places(i)}
    rows = [[int(rng.integers(-largest, largest + 1, dtype=np.int64)) for _ in range(60)] for _ in range(3)]
    right = [[sum(entries.get((i, j), 0) * x for j, x in enumerate(row)) for i in range(40)] for row in rows]
    matrix = Matrix.from_entries((40, 60), entries)
    picked, weights = matrix.steps
    assert (weights.ndim, 60 if isinstance(picked, slice) else len(picked)) == (dimensions, chosen)
    for first in ("float64", "int64", "integers"):
        assert values(Exact(first).linear(matrix, rationals(rows))) == fractions(right)
    less = matrix.replaced(*max(entries), 0)
    assert values(Exact().linear(less, rationals(rows))) != fractions(right)
