"""From a model's matrices to a program for the fast engine: sparse rows, and a structure per head.

Everything here is read off the weights. For a head with query rows Q_f, key rows K_f and slope a, the score
of the key at position j is sum_f Q_f K_f + a j. Let g be the greatest common divisor of all query weights,
so that the score is g A + a j with an integer A. While |a| j stays below g, scores compare like the pairs
(A, a j): first by A, then by recency.

A row Q_f is *constant* if it reads only coordinates that no token, position or layer changes. The head has
*lattice form* if exactly one row is constant, with value c > 0 in units of g; of the others, those whose
weights are all divisible by 2 c are *match* rows, with q_f = Q_f / 2 c; the rest are *default* rows. A record
with keys k_f, norm m (the key of the constant row) and zero keys in the default rows has

    A = c (2 q.k + m) = c |q|^2 - c (|q - k|^2 + e),    e = -m - |k|^2,

and is *regular* if e >= 0. So a regular record has A = c |q|^2 exactly if k = q and e = 0, and at most
c |q|^2 - c otherwise: the match is found by hashing. Records that are not regular (default records are
such) are few and are compared one by one. A record whose key row equals an earlier one replaces it if a > 0,
since it has the same A for every query and a later position; if a = 0 both always tie and are kept as a sum.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, FeedForward, Head, Model, Recurrence
from constructions.numerics import Matrix

Ints = NDArray[np.int64]

GATED, HEAD, RECURRENCE, COMMIT = range(4)
SCAN, LATTICE, RUNNING_MAXIMUM = range(3)
MATCH, NORM, DEFAULT = range(3)

_LARGEST_WEIGHT = 2**62


class NotCompilable(Exception):  # noqa: N818  (a reason, not an error)
    """Why a model cannot run in the fast engine."""


@dataclass(frozen=True)
class HeadPlan:
    """The structure by which a head finds its arg max, as read off the weights.

    ``kind`` is one of SCAN, LATTICE, RUNNING_MAXIMUM; ``unit`` is g, ``norm_weight`` is c, ``roles`` say what each
    feature is.
    """

    name: str
    kind: int
    slope: int
    unit: int
    norm_weight: int
    roles: tuple[int, ...]
    features: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        kinds = {SCAN: "all distinct keys", LATTICE: "hash of equal keys", RUNNING_MAXIMUM: "running maximum"}
        return f"{self.name}: {kinds[self.kind]}; {self.why}"


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
        NotCompilable: if a weight is a fraction or too large.
    """
    parts = [model.embedding, model.unembedding, *model.layers, *model.heads]
    matrices = [value for part in parts for value in vars(part).values() if isinstance(value, Matrix)]
    if any(matrix.denominator != 1 for matrix in matrices):
        raise NotCompilable("a weight is a fraction")
    rows, operations = _Rows(), list[list[int]]()
    constants = _constant_coordinates(model)
    plans, head_table, roles = list[HeadPlan](), list[list[int]](), list[list[int]]()
    states = 0
    for layer in model.layers:
        if isinstance(layer, FeedForward):
            numbers = [rows.matrix(layer.gate), rows.matrix(layer.value), rows.columns(layer.output)]
            operations.append([GATED, len(layer.units), *numbers, 0, 0, 0])
        elif isinstance(layer, Recurrence):
            numbers = [rows.matrix(layer.transition), rows.matrix(layer.input), rows.columns(layer.output)]
            feedthrough = rows.columns(layer.feedthrough)
            operations.append([RECURRENCE, len(layer.state), *numbers, feedthrough, states, 0])
            states += len(layer.state)
        elif isinstance(layer, Attention):
            for head in layer.heads:
                plan = plan_of(head, constants)
                numbers = [rows.matrix(head.query, plan.unit), rows.matrix(head.key), rows.matrix(head.value)]
                output = rows.columns(head.output)
                operations.append([HEAD, len(plans), *numbers, output, len(head.features), len(head.reads)])
                plans.append(plan)
                head_table.append([plan.kind, plan.slope, plan.unit, plan.norm_weight])
                roles.append(list(plan.roles))
        operations.append([COMMIT] + [0] * 7)
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
        head_table=_ints(head_table).reshape(-1, 4),
        roles=_ints([r + [0] * (widest - len(r)) for r in roles]).reshape(len(roles), widest),
        number_row=_dense(model.embedding.polynomial),
        special_rows=_dense(model.embedding.special),
        position_rows=_dense(model.embedding.position),
        low=model.vocabulary.low,
        high=model.vocabulary.high,
        logit_rows=logit_rows,
        states=states,
        most_positions=_most_positions(model),
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


def _constant_coordinates(model: Model) -> dict[int, int]:
    """Coordinates with one value for all tokens and positions, which no layer writes to."""
    written = set[int]()
    for layer in model.layers:
        outputs = [h.output for h in layer.heads] if isinstance(layer, Attention) else [layer.output]
        if isinstance(layer, Recurrence):
            outputs.append(layer.feedthrough)
        for output in outputs:
            written |= {target for target, row in enumerate(output.sparse_rows) if row}
    embedding, constants = model.embedding, dict[int, int]()
    has_numbers = model.vocabulary.high >= model.vocabulary.low
    for place in range(len(model.coordinates)):
        number = [int(v) for v in embedding.polynomial.numerators[place]]
        values = {int(v) for v in embedding.special.numerators[place]} | ({number[0]} if has_numbers else set())
        moving = any(number[1:]) or embedding.position.sparse_rows[place]
        if place not in written and not moving and len(values) == 1:
            constants[place] = values.pop()
    return constants


def plan_of(head: Head, constants: dict[int, int]) -> HeadPlan:
    """Read a head's structure off its weights."""
    rows = head.query.sparse_rows
    unit = gcd(*(weight for row in rows for _, weight in row)) or 1
    fixed = [f for f, row in enumerate(rows) if all(column in constants for column, _ in row)]
    values = [sum(weight * constants[column] for column, weight in rows[f]) // unit for f in fixed]

    def plan(kind: int, why: str, c: int = 0, roles: Sequence[int] = ()) -> HeadPlan:
        chosen = tuple(roles) or (MATCH,) * len(rows)
        return HeadPlan(head.name, kind, head.slope, unit, c, chosen, head.features, why)

    if len(fixed) == len(rows):
        return plan(RUNNING_MAXIMUM, "no query depends on the position, so one record leads for all")
    if len(fixed) != 1 or values[0] <= 0:
        return plan(SCAN, f"{len(fixed)} query rows are constant; the lattice form has one, and it is positive")
    c = values[0]
    roles = [
        NORM if f in fixed else MATCH if all(weight % (2 * c * unit) == 0 for _, weight in row) else DEFAULT
        for f, row in enumerate(rows)
    ]
    if MATCH not in roles:
        return plan(SCAN, f"no query row is divisible by twice the constant {c}")
    matched = [name for name, role in zip(head.features, roles, strict=True) if role == MATCH]
    why = f"keys on the lattice form in {', '.join(matched)} with constant {c}, recency below {unit}"
    return plan(LATTICE, why, c, roles)
