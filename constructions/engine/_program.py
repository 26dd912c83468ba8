"""From a model's matrices to a program for the fast engine: sparse rows, and a structure per head."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, FeedForward, Gated, Model, Recurrence, Selective, names_of
from constructions.engine._bounds import GATED_ALONE
from constructions.engine._head_plans import HeadPlan, NotCompilable, affine_coordinates, plan_of
from constructions.engine._opcodes import COMMIT, GATED, HEAD, MOST_FEATURES, MOST_READS, RECURRENCE
from constructions.numerics import Matrix

Ints = NDArray[np.int64]

_LARGEST_WEIGHT = 2**62


@dataclass(frozen=True)
class Program:
    """Sparse rows (``start``, ``column``, ``weight``) and the operations on them; see the kernel."""

    width: int
    start: Ints
    column: Ints
    weight: Ints
    operations: Ints
    plans: tuple[HeadPlan, ...]
    head_table: Ints
    roles: Ints
    number_row: Ints
    special_rows: Ints
    position_rows: Ints
    low: int
    high: int
    logit_rows: int
    states: int
    most_positions: int
    layers: tuple[tuple[str, str], ...]
    """For each operation its layer, and the head or nothing."""
    coordinates: tuple[str, ...]
    units: tuple[tuple[str, ...], ...]
    """For each operation the names of its rows, where they are gated units or cells of a state."""

    def quantity(self, operation: int, row: int) -> str:
        """What is computed there, in words: for messages."""
        if operation >= len(self.operations):
            return "a logit"
        op, (layer, head) = self.operations[operation].tolist(), self.layers[operation]
        if op[0] == HEAD:
            plan = self.plans[op[7]]
            if 0 <= row < len(plan.features):
                return f"query or key {plan.features[row]!r} of head {head!r} in {layer}"
            return f"a {'score' if row < 0 else 'sum of values'} of head {head!r} in {layer}"
        row = max(row, 0)
        if op[0] == COMMIT:
            return f"coordinate {self.coordinates[row]!r} after {layer}"
        return f"{'unit' if op[0] == GATED else 'state'} {self.units[operation][row]!r} of {layer}"


class _Rows:
    """Collects sparse rows."""

    def __init__(self) -> None:
        self.start, self.column, self.weight = [0], list[int](), list[int]()

    def add(self, row: Sequence[tuple[int, int]]) -> int:
        """Append a row of (column, weight); its number."""
        for column, weight in row:
            if abs(weight) > _LARGEST_WEIGHT:
                raise NotCompilable(f"a weight of {abs(weight).bit_length()} bits does not fit 62")
            self.column.append(column)
            self.weight.append(weight)
        self.start.append(len(self.column))
        return len(self.start) - 2

    def matrix(self, matrix: Matrix, divisor: int = 1) -> int:
        """Append all rows of an integer matrix, divided by a common divisor; the number of the first."""
        first = len(self.start) - 1
        for row in matrix.sparse_rows:
            self.add([(column, weight // divisor) for column, weight in row])
        return first

    def columns(self, matrix: Matrix) -> int:
        """Append the columns of a matrix as rows: what one source adds to which target."""
        first = len(self.start) - 1
        listed: list[list[tuple[int, int]]] = [[] for _ in range(matrix.shape[1])]
        for target, row in enumerate(matrix.sparse_rows):
            for source, weight in row:
                listed[source].append((target, weight))
        for row_of_source in listed:
            self.add(row_of_source)
        return first


@functools.lru_cache(maxsize=16)
def compile_model(model: Model) -> Program:
    """The program of a model; kept, as many inputs run through the same model.

    Raises:
        NotCompilable: if a weight is a fraction or too large, or something is assumed.
    """
    if model.assumptions:
        raise NotCompilable("it assumes something, which the plain evaluator checks at every position")
    if any(isinstance(layer, Gated) for layer in model.layers):
        raise NotCompilable(GATED_ALONE)
    parts = [model.embedding, model.unembedding, *model.layers, *model.heads]
    matrices = [value for part in parts for value in vars(part).values() if isinstance(value, Matrix)]
    if any(matrix.denominator != 1 for matrix in matrices):
        raise NotCompilable("a weight is a fraction")
    rows, operations = _Rows(), list[list[int]]()
    affine = affine_coordinates(model)
    layers, units = list[tuple[str, str]](), list[tuple[str, ...]]()
    plans, head_table, roles = list[HeadPlan](), list[list[int]](), list[list[int]]()
    states = 0
    for layer, name in zip(model.layers, names_of(model.layers), strict=True):
        if isinstance(layer, FeedForward):
            numbers = [rows.matrix(layer.gate), rows.matrix(layer.value), rows.columns(layer.output)]
            operations.append([GATED, len(layer.units), numbers[0], numbers[1], 0, numbers[2], 0, 0])
            layers.append((name, ""))
            units.append(layer.units)
        elif isinstance(layer, Recurrence):
            numbers = [rows.matrix(layer.transition), rows.matrix(layer.input), rows.columns(layer.output)]
            rows.columns(layer.feedthrough)
            moving = [0, 0]
            if isinstance(layer, Selective):
                moving = [len(layer.units), rows.matrix(layer.selector)]
                rows.matrix(layer.selected)
                rows.columns(layer.change)
            operations.append([RECURRENCE, len(layer.state), numbers[0], numbers[1], states, numbers[2], *moving])
            states += len(layer.state)
            layers.append((name, ""))
            units.append(layer.state)
        elif isinstance(layer, Attention):
            for head in layer.heads:
                if len(head.features) > MOST_FEATURES or len(head.reads) > MOST_READS:
                    most = f"{MOST_FEATURES} features or {MOST_READS} reads"
                    raise NotCompilable(f"head {head.name!r} has more than {most}")
                plan = plan_of(head, affine, layer=name)
                numbers = [rows.matrix(head.query, plan.unit), rows.matrix(head.key), rows.matrix(head.value)]
                output = rows.columns(head.output)
                operations.append([HEAD, len(head.features), *numbers, output, len(head.reads), len(plans)])
                plans.append(plan)
                head_table.append([plan.kind, plan.slope, plan.unit, plan.constant, plan.along, plan.up])
                roles.append(list(plan.roles))
                layers.append((name, head.name))
                units.append(())
        operations.append([COMMIT] + [0] * 7)
        layers.append((name, ""))
        units.append(())
    logit_rows = rows.matrix(model.unembedding.polynomial)
    rows.matrix(model.unembedding.special)
    widest = max((len(r) for r in roles), default=0)
    return Program(
        width=len(model.coordinates),
        start=_ints(rows.start),
        column=_ints(rows.column),
        weight=_ints(rows.weight),
        operations=_ints(operations).reshape(-1, 8),
        plans=tuple(plans),
        head_table=_ints(head_table).reshape(-1, 6),
        roles=_ints([r + [0] * (widest - len(r)) for r in roles]).reshape(len(roles), widest),
        number_row=_dense(model.embedding.polynomial),
        special_rows=_dense(model.embedding.special),
        position_rows=_dense(model.embedding.position),
        low=model.vocabulary.low,
        high=model.vocabulary.high,
        logit_rows=logit_rows,
        states=states,
        most_positions=_most_positions(model),
        layers=tuple(layers),
        coordinates=model.coordinates,
        units=tuple(units),
    )


def _most_positions(model: Model) -> int:
    """So many positions can be embedded, whatever the token, with every term below 2**62.

    Raises:
        NotCompilable: if not even 2**16 can.
    """
    embedding, reach = model.embedding, max(abs(model.vocabulary.low), abs(model.vocabulary.high))
    if embedding.polynomial.largest * (1 + reach + reach * reach) + embedding.special.largest >= 2**61:
        raise NotCompilable(f"the embedding of a number up to {reach} may exceed 64 bits")
    positions = 2**40
    while embedding.position.largest * (positions + positions * positions) >= 2**61:
        positions //= 2
    if positions < 2**16:
        raise NotCompilable("the embedding of positions exceeds 64 bits early")
    return positions


def _ints(values: object) -> Ints:
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError as error:
        raise NotCompilable("a weight does not fit 64 bits") from error


def _dense(matrix: Matrix) -> Ints:
    return _ints(matrix.numerators.T.tolist()).reshape(matrix.shape[1], matrix.shape[0])
