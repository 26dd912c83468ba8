"""A linear recurrence by doubling is the one that runs in order, on every rung, and both follow the definition.

The definition stands here in Fractions. Which representation the numbers have on the way, float64, int64 or
Python integers, is read off the arrays, so that a rung that is never reached is noticed.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.errors import ModelError
from constructions.numerics import Exact, Matrix, Rationals
from constructions.numerics._scan import scan_by_doubling, scan_in_order
from tests.fraction_reference import Vector, times

EXAMPLES = settings(max_examples=150, deadline=None)

SCANS = {"in order": scan_in_order, "by doubling": scan_by_doubling}


def arrays(rows: Sequence[Vector]) -> Rationals:
    """Rows of fractions as integers over one denominator per row."""
    below = [int(np.lcm.reduce([x.denominator for x in row])) for row in rows]
    integers = [[int(x * d) for x in row] for row, d in zip(rows, below, strict=True)]
    bounds = tuple(max(map(abs, column)) for column in zip(*integers, strict=True))
    largest = max(bounds)
    dtype = np.float64 if largest <= 2**53 else np.int64 if largest < 2**63 else object
    numerators = np.array(integers, dtype=object).astype(dtype)
    if set(below) == {1}:
        return Rationals(numerators, None, bounds)
    return Rationals(numerators, np.array(below, dtype=np.int64), bounds, max(below))


def values(x: Rationals) -> list[Vector]:
    """The fractions of an array of two dimensions; that its bounds hold is checked on the way."""
    result = []
    for i, row in enumerate(x.numerators.tolist()):
        below = 1 if x.denominators is None else int(x.denominators[i])
        assert 0 < below <= x.denominator_bound
        assert all(abs(int(v)) <= bound for v, bound in zip(row, x.bounds, strict=True))
        result.append([Fraction(int(v), below) for v in row])
    return result


def by_definition(transition: Matrix, inputs: Sequence[Vector], state: Vector | None) -> list[Vector]:
    """s_t = A s_{t-1} + x_t."""
    states, held = [], state or [Fraction(0)] * len(inputs[0])
    for x in inputs:
        held = [a + b for a, b in zip(times(transition, held), x, strict=True)]
        states.append(held)
    return states


def differing(transition: Matrix, inputs: Sequence[Vector], state: Vector | None) -> list[str]:
    """Which of the two scans does not give what the definition says."""
    expected = by_definition(transition, inputs, state)
    before = None if state is None else arrays([state])
    return [
        name
        for name, scan in SCANS.items()
        if values(scan(Exact(), transition, arrays(inputs), len(inputs), before)) != expected
    ]


def rungs(transition: Matrix, inputs: Sequence[Vector]) -> set[str]:
    """The representation of the last states, by each of the scans."""
    found = {scan(Exact(), transition, arrays(inputs), len(inputs), None).numerators.dtype for scan in SCANS.values()}
    return {str(dtype) for dtype in found}


integers = st.integers(-3, 3).map(Fraction)
rationals = st.sampled_from(sorted({Fraction(a, b) for b in range(1, 5) for a in range(-2 * b, 2 * b + 1)}, key=abs))


@st.composite
def recurrences(draw: st.DrawFn, entries: st.SearchStrategy[Fraction]) -> tuple[Matrix, list[Vector], Vector | None]:
    """A transition of up to 4 coordinates, some nilpotent; up to 9 inputs; sometimes a state from before."""
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(entries, min_size=width, max_size=width), min_size=width, max_size=width))
    if draw(st.booleans()):  # strictly lower triangular: A^width = 0, the doubling is over early
        rows = [[x if j < i else Fraction(0) for j, x in enumerate(row)] for i, row in enumerate(rows)]
    vector = st.lists(entries, min_size=width, max_size=width)
    inputs = draw(st.lists(vector, min_size=1, max_size=9))
    return Matrix.from_rows(rows), inputs, draw(st.none() | vector)


@given(recurrences(integers))
@EXAMPLES
def test_integer_matrices(case: tuple[Matrix, list[Vector], Vector | None]) -> None:
    assert differing(*case) == []


@given(recurrences(rationals))
@EXAMPLES
def test_rational_matrices(case: tuple[Matrix, list[Vector], Vector | None]) -> None:
    assert differing(*case) == []


@pytest.mark.parametrize(
    ("base", "length", "dtype"), [(2, 50, "float64"), (3, 37, "int64"), (2, 300, "object"), (-3, 200, "object")]
)
def test_powers_climb_every_rung(base: int, length: int, dtype: str) -> None:
    """s_t = base s_{t-1} + x_t with x = 1, 0, 0, .. is base^t, beside a window that stays small."""
    transition = Matrix.from_rows([[base, 0, 0], [0, 0, 0], [0, 1, 0]])
    inputs = [[Fraction(t == 0), Fraction(t % 7), Fraction(0)] for t in range(length)]
    assert differing(transition, inputs, None) == []
    assert differing(transition, inputs, [Fraction(0), Fraction(5), Fraction(6)]) == []
    assert rungs(transition, inputs) == {dtype}


def test_inputs_that_are_large_to_begin_with() -> None:
    for size in (2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**200):
        inputs = [[Fraction(size), Fraction(-size)], [Fraction(1), Fraction(2)], [Fraction(-size), Fraction(size)]]
        assert differing(Matrix.from_rows([[1, 1], [0, 1]]), inputs, None) == []
        assert differing(Matrix.from_rows([[1, 1], [0, 1]]), inputs, [Fraction(-size), Fraction(1)]) == []


def test_denominators_that_grow_without_end() -> None:
    inputs = [[Fraction(1, 3), Fraction(t)] for t in range(70)]
    assert differing(Matrix.from_rows([[Fraction(1, 2), Fraction(-1, 3)], [0, 1]]), inputs, None) == []


def test_a_nilpotent_transition_needs_few_passes() -> None:
    """A window of 3 tokens has A^4 = 0: two passes, whatever the length."""
    taken: list[Matrix] = []

    class Counting(Exact):
        def linear(self, matrix: Matrix, x: Rationals) -> Rationals:
            taken.append(matrix)
            return super().linear(matrix, x)

    window = Matrix.from_rows([[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    inputs = [[Fraction(t), Fraction(0), Fraction(0)] for t in range(1000)]
    found = scan_by_doubling(Counting(), window, arrays(inputs), 1000, None)
    assert values(found)[-1] == [Fraction(999), Fraction(998), Fraction(997)]
    assert len(taken) == 2
    assert [m.largest for m in taken] == [1, 1]


def test_a_batch_is_scanned_row_by_row() -> None:
    rng = np.random.default_rng(0)
    transition = Matrix.from_rows([[1, 0, 0], [1, 0, 0], [2, 1, -1]])
    batch = rng.integers(-5, 6, (3, 4, 11, 3))
    x = Rationals(batch.astype(np.float64), None, (5, 5, 5))
    states = [scan(Exact(), transition, x, 11, None).numerators for scan in SCANS.values()]
    assert np.array_equal(*states)
    for i, j in np.ndindex(3, 4):
        inputs = [[Fraction(int(v)) for v in row] for row in batch[i, j]]
        assert [[Fraction(int(v)) for v in row] for row in states[1][i, j]] == by_definition(transition, inputs, None)


def test_scanning_in_pieces_is_scanning_at_once() -> None:
    transition = Matrix.from_rows([[1, 0, 0], [0, 0, 0], [Fraction(1, 2), 1, -1]])
    inputs = [[Fraction(t % 3), Fraction(t), Fraction(1, t + 1)] for t in range(13)]
    whole = by_definition(transition, inputs, None)
    for scan in SCANS.values():
        for cut in range(1, 13):
            head = scan(Exact(), transition, arrays(inputs[:cut]), cut, None)
            last = Exact().take(head, cut - 1, cut)
            tail = scan(Exact(), transition, arrays(inputs[cut:]), 13 - cut, last)
            assert values(head) + values(tail) == whole


def test_exact_arithmetic_scans_by_doubling() -> None:
    inputs = [[Fraction(t)] for t in range(5)]
    found = Exact().scan(Matrix.from_rows([[2]]), arrays(inputs), 5, None)
    assert values(found) == by_definition(Matrix.from_rows([[2]]), inputs, None)


@pytest.mark.parametrize(
    "rows", [[[0]], [[2, 1], [0, 3]], [[Fraction(1, 2), 3], [Fraction(-1, 3), 0]], [[10**12, 1], [1, 10**12]]]
)
def test_the_square_of_a_matrix(rows: list[list[int | Fraction]]) -> None:
    matrix = Matrix.from_rows(rows)
    for place in np.ndindex(matrix.shape):
        i, j = place
        assert matrix.squared[i, j] == sum(matrix[i, k] * matrix[k, j] for k in range(len(rows)))


def test_only_square_matrices_have_a_square() -> None:
    with pytest.raises(ModelError, match=r"matrices of shapes \(1, 2\) and \(1, 2\) have no product"):
        _ = Matrix.from_rows([[1, 2]]).squared


# Faults that the comparison above must find.


def planted(kind: str, transition: Matrix, inputs: Rationals, length: int, state: Rationals | None) -> Rationals:
    """A scan by doubling with a slip of the pen."""
    arithmetic = Exact()
    if state is not None and kind != "forgets the state":
        first = arithmetic.add(arithmetic.linear(transition, state), arithmetic.take(inputs, 0, 1))
        inputs = first if length == 1 else arithmetic.concatenate([first, arithmetic.take(inputs, 1, length)])
    distance, power = 1, transition
    while distance < length - (kind == "one pass too few"):
        earlier = arithmetic.linear(power, arithmetic.take(inputs, 0, length - distance))
        later = arithmetic.settle(arithmetic.add(arithmetic.take(inputs, distance, length), earlier))
        inputs = arithmetic.concatenate([arithmetic.take(inputs, 0, distance), later])
        distance, power = 2 * distance, transition if kind == "does not square" else power.squared
    return arithmetic.settle(inputs)


@pytest.mark.parametrize("kind", ["forgets the state", "one pass too few", "does not square"])
def test_a_planted_fault_is_found(kind: str) -> None:
    transition = Matrix.from_rows([[1, 0], [1, 1]])
    wrong = 0
    for length in range(1, 10):
        inputs = [[Fraction(1), Fraction(t)] for t in range(length)]
        for state in (None, [Fraction(1), Fraction(3)]):
            before = None if state is None else arrays([state])
            right = by_definition(transition, inputs, state)
            assert values(planted("none", transition, arrays(inputs), length, before)) == right
            wrong += values(planted(kind, transition, arrays(inputs), length, before)) != right
    assert wrong > 0


@pytest.mark.parametrize("state_shape", [(2, 1, 1, 1), (2, 3, 1, 1)])
def test_a_state_that_continuations_share_may_have_a_denominator(state_shape: tuple[int, ...]) -> None:
    """Numerators are then spread over the continuations, while one denominator still serves them all."""
    rng = np.random.default_rng(0)
    inputs = rng.integers(-5, 6, (2, 3, 4, 1)).astype(np.float64)
    held = rng.integers(-5, 6, state_shape).astype(np.float64)
    below = rng.integers(1, 6, state_shape[:-1])
    state = Rationals(held, below, (5,), 5)
    found = Exact().scan(Matrix.from_rows([[2]]), Rationals(inputs, None, (5,)), 4, state)
    assert found.denominators is not None
    for i, j in np.ndindex(2, 3):
        shared = (i, min(j, state_shape[1] - 1), 0)
        before = [Fraction(int(held[(*shared, 0)]), int(below[shared]))]
        expected = by_definition(Matrix.from_rows([[2]]), [[Fraction(int(v))] for v in inputs[i, j, :, 0]], before)
        denominators = np.broadcast_to(found.denominators, found.numerators.shape[:-1])
        rows = zip(found.numerators[i, j, :, 0], denominators[i, j], strict=True)
        assert [[Fraction(int(v), int(d))] for v, d in rows] == expected


def test_products_of_matrices_are_exact_and_never_those_of_machine_integers() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        rows, inner, columns = rng.integers(0, 5, 3).tolist()
        left, right = (
            Matrix.from_rows([[Fraction(int(k), 6) for k in row] for row in rng.integers(-9, 10, shape)], shape[1])
            for shape in ((rows, inner), (inner, columns))
        )
        product = left @ right
        assert (product.shape, len(product)) == ((rows, columns), rows)
        for i in range(rows):
            for j in range(columns):
                assert product[i, j] == sum(left[i, k] * right[k, j] for k in range(inner))
        assert list(product) == [tuple(product[i, j] for j in range(columns)) for i in range(rows)]
    large = Matrix.from_rows([[2**62]])
    assert (large @ large)[0, 0] == 2**124
    for other in (np.array([[2**62]]), [[2**62]]):
        with pytest.raises(TypeError, match=r"unsupported operand|does not support ufuncs"):
            large @ other  # type: ignore[operator]
        with pytest.raises(TypeError, match=r"unsupported operand|does not support ufuncs"):
            other @ large  # type: ignore[operator]
