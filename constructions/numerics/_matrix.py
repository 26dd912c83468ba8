"""Exact matrices: integers over one positive denominator."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions._lazy import Shown
from constructions.errors import ModelError

_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, eq=False)
class Matrix(Shown):
    """An immutable rational matrix, ``numerators / denominator``.

    ``numerators`` is a read-only two-dimensional array, int64 where every entry fits and Python
    integers (dtype object) otherwise. Build one with :meth:`from_entries` or :meth:`from_rows`.

    >>> half = Matrix.from_rows([[1, Fraction(1, 2)], [0, 3]])
    >>> half.denominator, half.numerators.tolist()
    (2, [[2, 1], [0, 6]])
    >>> half[0, 1]
    Fraction(1, 2)
    """

    numerators: NDArray[Any]
    denominator: int = 1

    def __post_init__(self) -> None:
        if self.numerators.ndim != 2 or self.denominator < 1:
            raise ModelError("a matrix needs two dimensions and a positive denominator")
        if self.numerators.dtype not in (np.dtype(np.int64), np.dtype(object)):
            raise ModelError(f"a matrix holds integers (int64 or object), not {self.numerators.dtype}")
        self.numerators.setflags(write=False)

    @classmethod
    def from_entries(cls, shape: tuple[int, int], entries: Mapping[tuple[int, int], int | Fraction]) -> "Matrix":
        """A matrix of this shape, zero but for ``entries``: (row, column) -> value."""
        different = set(entries.values())  # of tens of thousands, some hundreds
        denominator = math.lcm(*(Fraction(value).denominator for value in different))
        scaled = {value: int(value * denominator) for value in different}
        fits = all(-_INT64_MAX <= value <= _INT64_MAX for value in scaled.values())
        numerators: NDArray[Any] = np.zeros(shape, dtype=np.int64 if fits else object)
        for place, value in entries.items():
            numerators[place] = scaled[value]
        return cls(numerators, denominator)

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[int | Fraction]], columns: int | None = None) -> "Matrix":
        """A matrix from nested sequences; ``columns`` is needed only when there are no rows.

        Raises:
            ModelError: if the rows differ in length.
        """
        width = columns if columns is not None else (len(rows[0]) if rows else 0)
        if any(len(row) != width for row in rows):
            raise ModelError(f"rows of a matrix differ in length; expected {width} columns in each")
        entries = {(i, j): value for i, row in enumerate(rows) for j, value in enumerate(row) if value}
        return cls.from_entries((len(rows), width), entries)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.numerators.shape
        return rows, columns

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[tuple[Fraction, ...]]:
        return (tuple(self[i, j] for j in range(self.shape[1])) for i in range(self.shape[0]))

    def __getitem__(self, place: tuple[int, int]) -> Fraction:
        return Fraction(int(self.numerators[place]), self.denominator)

    def entries(self) -> Iterator[tuple[int, int, Fraction]]:
        """Row, column and value of each nonzero entry, row by row."""
        for row, nonzero in enumerate(self.sparse_rows):
            for column, numerator in nonzero:
                yield row, column, Fraction(numerator, self.denominator)

    @cached_property
    def sparse_rows(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each row, the pairs (column, numerator) of its nonzero entries, as Python integers."""
        rows, columns = np.nonzero(self.numerators)
        pairs = tuple(zip(columns.tolist(), map(int, self.numerators[rows, columns].tolist()), strict=True))
        ends = np.searchsorted(rows, np.arange(len(self) + 1)).tolist()
        return tuple(pairs[first:end] for first, end in itertools.pairwise(ends))

    @cached_property
    def largest(self) -> int:
        """The largest magnitude of a numerator (0 for an empty matrix)."""
        return max((abs(value) for row in self.sparse_rows for _, value in row), default=0)

    @cached_property
    def steps(self) -> tuple[slice | NDArray[np.int64], NDArray[Any]]:
        """The quicker way to a product with many vectors: which of their entries, and the integers for these.

        The integers are transposed rows, without columns of zeros if that saves more products than it costs to choose
        entries, each as long as 30. They have one dimension, and are multiplied one by one, if each row has one entry.
        """
        there = self.numerators != 0
        rows, columns = self.shape
        chosen = np.flatnonzero(there.any(axis=0))
        if rows * (columns - len(chosen)) > 30 * len(chosen):
            return chosen, self.numerators.T[chosen]
        if len(chosen) > 30 and there.sum(axis=1).max() <= 1:
            places = there.argmax(axis=1)
            return places, self.numerators[np.arange(rows), places]
        return slice(None), self.numerators.T

    @cached_property
    def float64_steps(self) -> tuple[slice | NDArray[np.int64], NDArray[np.float64]]:
        """``steps`` with floats, exact only if ``largest`` is at most 2**53."""
        return self.steps[0], np.ascontiguousarray(self.steps[1].astype(np.float64))

    @property
    def T(self) -> "Matrix":  # noqa: N802  (as NumPy calls it)
        """The transpose."""
        return Matrix(np.ascontiguousarray(self.numerators.T), self.denominator)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """For NumPy: integers as they are, else Fractions; floats only if they are asked for."""
        if self.denominator == 1:
            return np.array(self.numerators, dtype=dtype)
        fractions = [[Fraction(int(value), self.denominator) for value in row] for row in self.numerators]
        return np.array(fractions, dtype=object if dtype is None else dtype).reshape(self.shape)

    def __matmul__(self, other: "Matrix") -> "Matrix":
        """The exact product of two matrices.

        Raises:
            ModelError: if the columns of the first are not as many as the rows of the second.
        """
        if not isinstance(other, Matrix):
            return NotImplemented
        if self.shape[1] != other.shape[0]:
            raise ModelError(f"matrices of shapes {self.shape} and {other.shape} have no product")
        entries: dict[tuple[int, int], int] = {}
        for i, row in enumerate(self.sparse_rows):
            for k, left in row:
                for j, right in other.sparse_rows[k]:
                    entries[i, j] = entries.get((i, j), 0) + left * right
        over = self.denominator * other.denominator
        shape = self.shape[0], other.shape[1]
        return Matrix.from_entries(shape, {place: Fraction(value, over) for place, value in entries.items() if value})

    __array_ufunc__ = None
    """NumPy leaves ``array @ matrix`` alone, which it would compute in machine integers that overflow silently."""

    @cached_property
    def squared(self) -> "Matrix":
        """The product of a square matrix with itself.

        Raises:
            ModelError: if the matrix is not square.
        """
        return self @ self

    def replaced(self, row: int, column: int, value: int | Fraction) -> "Matrix":
        """A copy of the matrix in which the entry in this ``row`` and ``column`` has another value."""
        entries = {(i, j): old for i, j, old in self.entries()}
        entries[row, column] = Fraction(value)
        return Matrix.from_entries(self.shape, entries)

    def equals(self, other: "Matrix") -> bool:
        """Whether both have the same shape and the same rational entries."""
        return self.shape == other.shape and list(self.entries()) == list(other.entries())
