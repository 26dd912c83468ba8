"""A model as integer tables for contexts of bounded length, so that nothing can overflow while it runs.

Fractions are cleared before anything runs. Every coordinate of the residual stream has a fixed denominator, the
same at all positions: what is stored is the coordinate times its denominator, an integer. A row of a matrix reads
coordinates over a common denominator, a gated unit multiplies two of them. A head that may pick several positions
at once divides by their number, which is at most the length of the context; so what it reads gets the least common
multiple of 1 .. length as a factor, and the division comes out even. Scores of one query are compared with each
other, logits with each other: a common positive factor of each changes nothing.

Denominators and a bound of every number come first (:mod:`constructions.engine._bounds`); tables are made of them. All
must stay below 2**62, or the model is refused for this length.
"""

import functools
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, Bound, FeedForward, Head, Model, Recurrence, Selective
from constructions.engine._bounds import WATCHED, Integers, NotTabular, checked, cleared
from constructions.engine._opcodes import COMMIT, GATED, HEAD, RECURRENCE
from constructions.errors import ModelError
from constructions.numerics import Matrix

Ints = NDArray[np.int64]

COLUMNS = 11
"""Of an operation, see :mod:`constructions.engine._opcodes`."""

_OUTPUT = 5

_Source = tuple[list[int], Matrix, int, int]
"""Something that a layer adds: operation, output matrix, its column, and the denominator of what it multiplies."""


class Tables(NamedTuple):
    """What the compiled loop reads, which numba takes as it is; ``places`` is the longest context of the bounds."""

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


class Room(NamedTuple):
    """What the loops write: by position, what later ones need; the last position's scores, stream and what is added."""

    keys: Ints
    values: Ints
    states: Ints
    context: Ints
    scores: Ints
    x: Ints
    change: Ints


def room_for(t: Tables) -> Room:
    """Room for one run of the longest context."""
    width = t.tokens.shape[1]
    shapes = ((t.features, t.places), (t.reads, t.places), (t.places, t.states), t.places, t.places, width, width)
    return Room(*(np.zeros(shape, np.int64) for shape in shapes))


@functools.lru_cache(maxsize=16)
def tables_of(model: Model, places: int) -> Tables:
    """The tables of a model for contexts of at most ``places`` tokens.

    Raises:
        NotTabular: if the model searches, or a number may leave 64 bits.
    """
    if model.search is not None:
        raise NotTabular("it searches")
    if model.assumptions:
        raise NotTabular("it assumes something, which the evaluator checks")
    try:
        return _Compiler(model, places, fractions=True).tables()
    except NotTabular:
        # Many heads that could read fractions never do. Without factors for them the loop looks at each division,
        # and stops at one that does not come out even.
        return _Compiler(model, places, fractions=False).tables()


class _Compiler:
    """One pass over the layers; ``over[i]`` is the denominator of coordinate i.

    Of a head, the factor is 0 if divisions are looked at. A COMMIT names the layer, whose factors multiply the old
    residual stream.
    """

    def __init__(self, model: Model, places: int, *, fractions: bool) -> None:
        self.model, self.places, self.bounds = model, places, Integers(places, fractions=fractions)
        self.width = len(model.coordinates)
        self.start, self.column, self.weight = [0], list[int](), list[int]()
        self.operations, self.factors = list[list[int]](), list[list[int]]()
        self.features = self.reads = self.states = 0

    def tables(self) -> Tables:
        """Everything, or NotTabular."""
        model = self.model
        tokens, positions = self._embedded()
        self.heads = iter(self.bounds.factors)
        for number, layer in enumerate(model.layers):
            self.over = self.bounds.over[number]
            self._layer(number, layer, self.bounds.over[number + 1])
        self.over = self.bounds.over[-1]
        logit_rows = self._logits()
        return Tables(
            places=self.places,
            tokens=tokens.astype(np.int64),
            positions=positions.astype(np.int64),
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

    def _embedded(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Rows of all tokens and all positions, over one denominator; what follows on them is bounded."""
        table, position = self.model.token_table, self.model.embedding.position
        over = math.lcm(table.denominator, position.denominator)
        by_token, by_place = over // table.denominator, over // position.denominator
        most = max(max(table.largest, 1) * by_token, 2 * max(position.largest, 1) * by_place * self.places**2)
        exact = np.int64 if most < 2**62 else object
        tokens = table.numerators.astype(exact) * by_token
        linear, square = position.numerators.T.astype(exact) * by_place
        place = np.arange(self.places).astype(exact)
        positions = np.multiply.outer(place, linear) + np.multiply.outer(place * place, square)
        sizes = np.abs(tokens).max(axis=0, initial=0) + np.abs(positions).max(axis=0)
        self.bounds.run(self.model, [Bound(size, 0, over) for size in sizes.tolist()])
        return tokens, positions

    def _row(self, entries: Sequence[tuple[int, int]]) -> int:
        """Append a row; its number."""
        for column, weight in entries:
            self.column.append(column)
            self.weight.append(weight)
            checked(abs(weight))
        self.start.append(len(self.column))
        return len(self.start) - 2

    def _layer(self, number: int, layer: Attention | FeedForward | Recurrence, over: Sequence[int]) -> None:
        """What the layer adds, each source brought to the denominators ``over`` of the coordinates that it adds to."""
        if isinstance(layer, FeedForward):
            sources = self._gated(layer)
        elif isinstance(layer, Recurrence):
            sources = self._recurrence(number, layer)
        else:
            sources = [source for head in layer.heads for source in self._head(head)]
        for operation, matrix, place, denominator in sources:
            row = self._row(
                [
                    (target, weight * _quotient(over[target], denominator * matrix.denominator))
                    for target, weight in _column_of(matrix, place)
                ]
            )
            if operation[_OUTPUT] < 0:  # the rows of one operation follow each other
                operation[_OUTPUT] = row
        self.operations.append([COMMIT, len(self.factors)])
        self.factors.append([checked(_quotient(new, old)) for new, old in zip(over, self.over, strict=True)])

    def _rows(self, rows: Iterable[Sequence[tuple[int, int]]]) -> int:
        """Append rows; the number of the first."""
        first = len(self.start) - 1
        for row in rows:
            self._row(row)
        return first

    def _gated(self, layer: FeedForward) -> list[_Source]:
        gates, over_gate = cleared(layer.gate, self.over)
        values, over_value = cleared(layer.value, self.over)
        operation = [GATED, len(layer.units), self._rows(gates), self._rows(values), 0, -1]
        self.operations.append(operation)
        return [(operation, layer.output, unit, over_gate * over_value) for unit in range(len(gates))]

    def _head(self, head: Head) -> list[_Source]:
        queries, over_query = cleared(head.query, self.over)
        keys, over_key = cleared(head.key, self.over)
        values, over_value = cleared(head.value, self.over)
        slope, factor = head.slope * over_query * over_key, next(self.heads)
        operation = [
            HEAD, len(head.features), self._rows(queries), self._rows(keys), self._rows(values), -1, len(head.reads),
            slope, factor, self.features, self.reads,
        ]  # fmt: skip
        self.operations.append(operation)
        self.features += len(head.features)
        self.reads += len(head.reads)
        return [(operation, head.output, read, over_value * max(factor, 1)) for read in range(len(values))]

    def _recurrence(self, number: int, layer: Recurrence) -> list[_Source]:
        inputs, over = cleared(layer.input, self.over)
        operation = [
            RECURRENCE, len(layer.state), self._rows(layer.transition.sparse_rows), self._rows(inputs), self.states, -1,
        ]  # fmt: skip
        if isinstance(layer, Selective):  # gates are integers, or the bounds refuse
            operation += [len(layer.units), self._rows(cleared(layer.selector, self.over)[0])]
            operation.append(WATCHED if number in (self.bounds.watched or ()) else 0)
            self._rows(layer.selected.sparse_rows)
            self._rows(_column_of(layer.change, unit) for unit in range(len(layer.units)))
        self.operations.append(operation)
        self.states += len(layer.state)
        cells = [(operation, layer.output, cell, over) for cell in range(len(layer.state))]
        return cells + [(operation, layer.feedthrough, i, self.over[i]) for i in range(self.width)]

    def _logits(self) -> int:
        """Rows of the logits, all over one denominator: 1, k, k^2 of the numbers, then the special tokens."""
        parts = [
            cleared(matrix, self.over) for matrix in (self.model.unembedding.polynomial, self.model.unembedding.special)
        ]
        common = math.lcm(*(over for _, over in parts))
        return self._rows([(c, w * (common // over)) for c, w in row] for rows, over in parts for row in rows)


def _quotient(new: int, old: int) -> int:
    """By what the numerators over one denominator are multiplied to be over another, as the bounds have it."""
    if new % old:
        raise ModelError(f"bounds and tables disagree: a denominator of {old} does not divide {new}")
    return new // old


def _column_of(matrix: Matrix, source: int) -> list[tuple[int, int]]:
    """The nonzero entries (row, numerator) of a column."""
    return [(row, weight) for row, entries in enumerate(matrix.sparse_rows) for c, weight in entries if c == source]


def _array(rows: Sequence[Sequence[int]], columns: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(len(rows), columns)
