"""A model as integer tables for contexts of bounded length, so that nothing needs watching while it runs.

Fractions are cleared before anything runs. Every coordinate of the residual stream has a fixed denominator, the
same at all positions: what is stored is the coordinate times its denominator, an integer. A row of a matrix reads
coordinates over a common denominator, a gated unit multiplies two of them. A head that may pick several positions
at once divides by their number, which is at most the length of the context; so what it reads gets the least common
multiple of 1 .. length as a factor, and the division comes out even. Scores of one query are compared with each
other, logits with each other: a common positive factor of each changes nothing.

Beside the denominators the same pass derives a bound for the magnitude of every number and of every partial sum
(absolute weights times bounds of what they meet). All must stay below 2**62, or the model is refused for this
length.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, FeedForward, Head, Model, Recurrence
from constructions.engine._opcodes import COMMIT, GATED, HEAD, RECURRENCE
from constructions.numerics import Matrix

Ints = NDArray[np.int64]

COLUMNS = 11
"""Of an operation, see :mod:`constructions.engine._opcodes`."""

_OUTPUT = 5
_LIMIT = 2**62

_Source = tuple[list[int], Matrix, int, int, int]
"""Something that a layer adds: operation, output matrix, its column, denominator and bound of what it multiplies."""


class NotTabular(Exception):  # noqa: N818  (a reason, not an error)
    """Why a model cannot run from tables at this length."""


@dataclass(frozen=True)
class Tables:
    """What the compiled loop reads; ``places`` is the longest context that the bounds cover."""

    places: int
    tokens: Ints
    positions: Ints
    start: Ints
    column: Ints
    weight: Ints
    operations: Ints
    factors: Ints
    logit_rows: int
    specials: int
    low: int
    high: int
    features: int
    reads: int
    states: int


@functools.lru_cache(maxsize=16)
def tables_of(model: Model, places: int) -> Tables:
    """The tables of a model for contexts of at most ``places`` tokens.

    Raises:
        NotTabular: if the model searches, or a number may leave 64 bits.
    """
    if model.search is not None:
        raise NotTabular("it searches")
    try:
        return _Compiler(model, places, fractions=True).tables()
    except NotTabular:
        # Many heads that could read fractions never do. Without factors for them the loop looks at each division,
        # and stops at one that does not come out even.
        return _Compiler(model, places, fractions=False).tables()


def _checked(bound: int) -> int:
    if bound >= _LIMIT:
        raise NotTabular(f"a number may take {bound.bit_length()} bits")
    return bound


class _Compiler:
    """One pass over the layers; ``over[i]`` and ``bound[i]`` are denominator and largest magnitude of coordinate i.

    Of a head, the factor is 0 if divisions are looked at. A COMMIT names the layer, whose factors multiply the old
    residual stream.
    """

    def __init__(self, model: Model, places: int, *, fractions: bool) -> None:
        self.model, self.places, self.fractions = model, places, fractions
        self.width = len(model.coordinates)
        self.start, self.column, self.weight = [0], list[int](), list[int]()
        self.operations, self.factors = list[list[int]](), list[list[int]]()
        self.features = self.reads = self.states = 0

    def tables(self) -> Tables:
        """Everything, or NotTabular."""
        model = self.model
        tokens, positions = self._embedded()
        for layer in model.layers:
            self._layer(layer)
        logit_rows = self._logits()
        return Tables(
            places=self.places,
            tokens=_array(tokens, self.width),
            positions=_array(positions, self.width),
            start=np.array(self.start, dtype=np.int64),
            column=np.array(self.column, dtype=np.int64),
            weight=np.array(self.weight, dtype=np.int64),
            operations=_array([op + [0] * (COLUMNS - len(op)) for op in self.operations], COLUMNS),
            factors=_array(self.factors, self.width),
            logit_rows=logit_rows,
            specials=len(model.vocabulary.specials),
            low=model.vocabulary.low,
            high=model.vocabulary.high,
            features=self.features,
            reads=self.reads,
            states=self.states,
        )

    def _embedded(self) -> tuple[list[list[int]], list[list[int]]]:
        """Rows of all tokens and all positions, over one denominator."""
        table, position = self.model.token_table, self.model.embedding.position
        over = math.lcm(table.denominator, position.denominator)
        scale = over // table.denominator
        tokens = [[value * scale for value in row] for row in table.numerators.tolist()]
        scale = over // position.denominator
        weights = position.numerators.tolist()
        positions = [[scale * (a * i + b * i * i) for a, b in weights] for i in range(self.places)]
        self.over = [over] * self.width
        self.bound = [
            _checked(max((abs(row[i]) for row in tokens), default=0) + max(abs(row[i]) for row in positions))
            for i in range(self.width)
        ]
        return tokens, positions

    def _row(self, entries: Sequence[tuple[int, int]]) -> int:
        """Append a row; its number."""
        for column, weight in entries:
            self.column.append(column)
            self.weight.append(weight)
            _checked(abs(weight))
        self.start.append(len(self.column))
        return len(self.start) - 2

    def _reading(self, matrix: Matrix, over: Sequence[int] | None = None) -> tuple[list[list[tuple[int, int]]], int]:
        """The rows of a matrix over one common denominator, which comes second."""
        own = self.over if over is None else over
        columns = {column for row in matrix.sparse_rows for column, _ in row}
        common = math.lcm(1, *(own[column] for column in columns))
        rows = [[(column, weight * (common // own[column])) for column, weight in row] for row in matrix.sparse_rows]
        return rows, common * matrix.denominator

    def _bound_of(self, row: Sequence[tuple[int, int]], bound: Sequence[int] | None = None) -> int:
        own = self.bound if bound is None else bound
        return _checked(sum(abs(weight) * own[column] for column, weight in row))

    def _layer(self, layer: Attention | FeedForward | Recurrence) -> None:
        """What the layer adds, each source brought to the denominators of the coordinates that it adds to."""
        if isinstance(layer, FeedForward):
            sources = self._gated(layer)
        elif isinstance(layer, Recurrence):
            sources = self._recurrence(layer)
        else:
            sources = [source for head in layer.heads for source in self._head(head)]
        over = list(self.over)
        for _, matrix, place, denominator, _ in sources:
            for target, _ in _column_of(matrix, place):
                over[target] = math.lcm(over[target], denominator * matrix.denominator)
        factors = [new // old for new, old in zip(over, self.over, strict=True)]
        bound = [_checked(size * factor) for size, factor in zip(self.bound, factors, strict=True)]
        for operation, matrix, place, denominator, size in sources:
            scaled = [
                (target, weight * (over[target] // (denominator * matrix.denominator)))
                for target, weight in _column_of(matrix, place)
            ]
            number = self._row(scaled)
            if operation[_OUTPUT] < 0:  # the rows of one operation follow each other
                operation[_OUTPUT] = number
            for target, weight in scaled:
                bound[target] = _checked(bound[target] + abs(weight) * size)
        self.operations.append([COMMIT, len(self.factors)])
        self.factors.append([_checked(factor) for factor in factors])
        self.over, self.bound = over, bound

    def _rows(self, rows: Sequence[Sequence[tuple[int, int]]]) -> int:
        """Append rows; the number of the first."""
        first = len(self.start) - 1
        for row in rows:
            self._row(row)
        return first

    def _gated(self, layer: FeedForward) -> list[_Source]:
        gates, over_gate = self._reading(layer.gate)
        values, over_value = self._reading(layer.value)
        operation = [GATED, len(layer.units), self._rows(gates), self._rows(values), 0, -1]
        self.operations.append(operation)
        return [
            (operation, layer.output, unit, over_gate * over_value, _checked(self._bound_of(gate) * self._bound_of(v)))
            for unit, (gate, v) in enumerate(zip(gates, values, strict=True))
        ]

    def _head(self, head: Head) -> list[_Source]:
        queries, over_query = self._reading(head.query)
        keys, over_key = self._reading(head.key)
        values, over_value = self._reading(head.value)
        slope = head.slope * over_query * over_key
        products = sum(self._bound_of(q) * self._bound_of(k) for q, k in zip(queries, keys, strict=True))
        _checked(products + _checked(abs(slope) * self.places))
        # Scores without the slope are multiples of the divisor that all query weights share. If the slope's part is
        # smaller than that, no two positions have the same score.
        unit = math.gcd(*(weight for row in queries for _, weight in row)) or 1
        alone = slope != 0 and abs(slope) * self.places < unit
        factor = 1 if alone else math.lcm(*range(1, self.places + 1)) if self.fractions else 0
        _checked(factor)
        operation = [
            HEAD, len(head.features), self._rows(queries), self._rows(keys), self._rows(values), -1, len(head.reads),
            slope, factor, self.features, self.reads,
        ]  # fmt: skip
        self.operations.append(operation)
        self.features += len(head.features)
        self.reads += len(head.reads)
        sizes = [self._bound_of(row) for row in values]
        for size in sizes:
            _checked(size * self.places)
        return [
            (operation, head.output, read, over_value * max(factor, 1), _checked(size * max(factor, 1)))
            for read, size in enumerate(sizes)
        ]

    def _recurrence(self, layer: Recurrence) -> list[_Source]:
        if layer.transition.denominator != 1:
            raise NotTabular("the transition of a recurrence has fractions")
        inputs, over = self._reading(layer.input)
        sizes, steps = [0] * len(layer.state), [self._bound_of(row) for row in inputs]
        for _ in range(self.places):
            sizes = [
                _checked(self._bound_of(row, sizes) + step)
                for row, step in zip(layer.transition.sparse_rows, steps, strict=True)
            ]
        operation = [
            RECURRENCE, len(layer.state), self._rows(layer.transition.sparse_rows), self._rows(inputs), self.states, -1,
        ]  # fmt: skip
        self.operations.append(operation)
        self.states += len(layer.state)
        cells = [(operation, layer.output, cell, over, size) for cell, size in enumerate(sizes)]
        through = [(operation, layer.feedthrough, i, self.over[i], self.bound[i]) for i in range(self.width)]
        return cells + through

    def _logits(self) -> int:
        """Rows of the logits, all over one denominator: 1, k, k^2 of the numbers, then the special tokens."""
        unembedding, vocabulary = self.model.unembedding, self.model.vocabulary
        polynomial, over_polynomial = self._reading(unembedding.polynomial)
        special, over_special = self._reading(unembedding.special)
        common = math.lcm(over_polynomial, over_special)
        first = len(self.start) - 1
        sizes = []
        for rows, over in ((polynomial, over_polynomial), (special, over_special)):
            for row in rows:
                scaled = [(column, weight * (common // over)) for column, weight in row]
                self._row(scaled)
                sizes.append(self._bound_of(scaled))
        reach = max(abs(vocabulary.low), abs(vocabulary.high))
        _checked(4 * (sizes[0] + sizes[1] * (reach + 1) + sizes[2] * (reach + 1) ** 2))
        return first


def _column_of(matrix: Matrix, source: int) -> list[tuple[int, int]]:
    """The nonzero entries (row, numerator) of a column."""
    return [(row, weight) for row, entries in enumerate(matrix.sparse_rows) for c, weight in entries if c == source]


def _array(rows: Sequence[Sequence[int]], columns: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(len(rows), columns)
