"""Arithmetic that rounds every step, against float64 NumPy.

Run with ``python -m tests.benchmarks.bench_rounding``. Ratios are medians over rounds in which both sides run in turn.
A product here rounds each term and each partial sum; NumPy's side is the same sum in float64, term by term
(``np.matmul`` with BLAS adds in blocks and rounds nothing to p bits: its ratio is printed too).

Aims: at most 6 for single operations, at most 10 for products. Reached on two cores with AVX2 and FMA: 1 to 2 for
single operations of every Float (3.5 for a gated unit in fixed point, whose products have 128 bits), 0.3 to 0.5 for
products. Against BLAS products take 5 to 6 times as long, and 9 to 10 times from 26 to 51 digits, where results half
way between two numbers are watched for. Where one is met the sum is computed again with its errors, as it always is
with 52 digits: that alone takes 18 times as long, and fixed point 60 times where products are too large for float64.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

from constructions.numerics import Fixed, Float, Matrix

ROUNDS = 15
ENTRIES = 1 << 18
SIZE = 64
POSITIONS = 2048


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ratio(mine: Callable[[], object], theirs: Callable[[], object]) -> float:
    """The median of mine over theirs, after one round that is not counted."""
    mine(), theirs()
    return statistics.median(seconds(mine) / seconds(theirs) for _ in range(ROUNDS))


def main() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.integers(-1000, 1000, ENTRIES).astype(np.float64) for _ in range(2))
    dense = rng.integers(1, 100, (SIZE, SIZE))
    matrix, x = Matrix.from_rows(dense.tolist()), rng.integers(1, 100, (POSITIONS, SIZE))
    weights = dense.T.astype(np.float64)

    def by_terms(values: np.ndarray) -> np.ndarray:
        total = np.zeros((POSITIONS, SIZE))
        for column in range(SIZE):
            total += values[:, column, None] * weights[column]
        return total

    floats = x.astype(np.float64)

    def line(number: Float | Fixed) -> str:
        u, v = (number.lift(values.astype(np.int64), 1, (1000,)) for values in (a, b))
        y = number.lift(x, 1, (100,))
        return (
            f"{number.name:<14}{ratio(lambda: number.add(u, v), lambda: a + b):>8.1f}"
            f"{ratio(lambda: number.gated(u, v), lambda: np.maximum(a, 0) * b):>8.1f}"
            f"{ratio(lambda: number.linear(matrix, y), lambda: by_terms(floats)):>9.1f}"
            f"{ratio(lambda: number.linear(matrix, y), lambda: floats @ weights):>9.1f}"
        )

    print(f"{'':<14}{'add':>8}{'gated':>8}{'product':>9}{'of BLAS':>9}   times float64 NumPy")
    for p in (8, 11, 24, 40, 53):
        print(line(Float(p)))
    print(line(Fixed(36, 8)))


if __name__ == "__main__":
    main()
