"""The records of one head, and how it finds among them what it picks.

A record is a key row with the sum of the values of the positions it stands for, their number and the latest of
them. Which structure finds the arg max is read off the weights, see :mod:`._head_plans`; that the records are of
the form it needs is checked here, record by record.
"""

import numpy as np

from constructions.engine._hull import add_to_hull, consider, pick_from_hull
from constructions.engine._opcodes import (
    COUNT,
    EQUAL_KEYS,
    HULL,
    LATEST,
    MATCH,
    MOST_IRREGULAR,
    NORM,
    OVERFLOW,
    POSITION,
    RECENCY,
    RUNNING,
)
from constructions.engine._sums import LIMIT, score_of
from constructions.numerics._jit_cache import Ints, compiled, inlined

_EXACT_IN_FLOAT = 2.0**52


@inlined
def _hash(row: Ints, features: int, mask: int) -> np.int64:
    h = np.uint64(1469598103934665603)
    for f in range(features):
        h = (h ^ np.uint64(row[f])) * np.uint64(1099511628211)
        h ^= h >> np.uint64(29)
    return np.int64(h & np.uint64(mask))


@compiled
def _is_key(keys: Ints, record: int, row: Ints, features: int) -> bool:
    for f in range(features):  # noqa: SIM110  (numba compiles no generators)
        if keys[record, f] != row[f]:
            return False
    return True


@compiled
def find(table: Ints, keys: Ints, row: Ints, features: int) -> tuple[np.int64, np.int64]:
    """The slot of a key row in the table, and the record there (-1 if the slot is free)."""
    mask = len(table) - 1
    slot = _hash(row, features, mask)
    while table[slot] >= 0:
        if _is_key(keys, table[slot], row, features):
            return slot, table[slot]
        slot = (slot + 1) & mask
    return slot, np.int64(-1)


@compiled
def rebuild(table: Ints, keys: Ints, size: int, features: int) -> None:
    """Fill an empty table with the first ``size`` records."""
    for record in range(size):
        slot, _ = find(table, keys, keys[record], features)
        table[slot] = record


@compiled
def _is_regular(roles: Ints, features: int, key: Ints) -> bool:
    """Whether the default keys are 0 and e = -m - |k|^2 is not negative."""
    square, size_of_square, norm = 0, 0.0, 0
    for f in range(features):
        if roles[f] == MATCH:
            square += key[f] * key[f]
            size_of_square += float(key[f]) * float(key[f])
        elif roles[f] == NORM:
            norm = key[f]
        elif key[f] != 0:
            return False
    return bool(size_of_square < LIMIT / 4 and norm > -LIMIT / 4 and -norm - square >= 0)


@compiled
def _keep(record: int, slope: int, reads: int, value: Ints, position: int, values: Ints, alone: bool) -> None:
    """Let a position stand for a record alone, or together with those before it."""
    if alone:
        for r in range(reads):
            values[record, 2 + r] = value[r]
        values[record, LATEST] = position
        values[record, COUNT] = 1
    elif slope == 0:
        for r in range(reads):
            values[record, 2 + r] += value[r]
        values[record, COUNT] += 1


@compiled
def _lead(  # noqa: PLR0913  (in named tuples the loop made for one model was a fifth slower)
    slope: int, features: int, reads: int, query: Ints, key: Ints, value: Ints, position: int, keys: Ints, values: Ints,
    size: int,
) -> int:  # fmt: skip
    """Keep the record in the lead for a query that is always the same; its key row is the score alone."""
    score, magnitude = 0, 0.0
    for f in range(features):
        score += query[f] * key[f]
        magnitude += abs(float(query[f]) * float(key[f]))
    if magnitude > LIMIT:
        return -OVERFLOW
    if size == 0 or score > keys[0, 0] or (score == keys[0, 0] and slope > 0):
        keys[0, 0] = score
        _keep(0, slope, reads, value, position, values, True)
    elif score == keys[0, 0]:
        _keep(0, slope, reads, value, position, values, False)
    return 1


@compiled
def insert(  # noqa: PLR0913  (in named tuples the loop made for one model was a fifth slower)
    kind: int, slope: int, roles: Ints, features: int, reads: int, query: Ints, key: Ints, value: Ints, position: int,
    table: Ints, keys: Ints, values: Ints, size: int, irregular: Ints,
) -> int:  # fmt: skip
    """Add a record, or let it take the place of one with the same key row.

    Returns the number of records, or minus a status. ``irregular[0]`` counts the entries that follow it.
    """
    if kind == RUNNING:
        return _lead(slope, features, reads, query, key, value, position, keys, values, size)
    slot, record = np.int64(0), np.int64(-1)
    if kind != POSITION:  # where the keys are positions no two are the same
        slot, record = find(table, keys, key, features)
    new = record < 0
    if new:
        record = np.int64(size)
        if kind != POSITION:
            table[slot] = record
        for f in range(features):
            keys[record, f] = key[f]
        if kind in (EQUAL_KEYS, POSITION) and not _is_regular(roles, features, key):
            if irregular[0] < MOST_IRREGULAR:
                irregular[1 + irregular[0]] = record
            irregular[0] += 1
    _keep(record, slope, reads, value, position, values, new or slope > 0)  # type: ignore[arg-type]  # int64
    return size + 1 if new else size


@compiled
def _lattice_point(c: int, roles: Ints, features: int, query: Ints, wanted: Ints) -> int:
    """The key row that matches the query, into ``wanted``; returns |q|^2, or -1 if it may be too large."""
    square, size_of_square = 0, 0.0
    for f in range(features):
        wanted[f] = 0
        if roles[f] == MATCH:
            wanted[f] = query[f] // (2 * c)
            square += wanted[f] * wanted[f]
            size_of_square += float(wanted[f]) * float(wanted[f])
    if size_of_square * float(c) > LIMIT / 4:
        return -1
    for f in range(features):
        if roles[f] == NORM:
            wanted[f] = -square
    return square


@compiled
def _match(kind: int, along: int, features: int, table: Ints, keys: Ints, size: int, wanted: Ints) -> int:
    """The record with the wanted key row, or -1; where keys are positions, by its distance from the first."""
    if kind != POSITION:
        return find(table, keys, wanted, features)[1]  # type: ignore[return-value]  # to numba both are int64
    first = keys[0, along]
    record = 0
    if size > 1:
        stride = keys[1, along] - first
        record = (wanted[along] - first) // stride
    if 0 <= record < size and _is_key(keys, record, wanted, features):
        return record
    return -1


@compiled
def _extend_hull(  # noqa: PLR0913  (in named tuples the loop made for one model was a fifth slower)
    kind: int, roles: Ints, c: int, along: int, up: int, features: int, keys: Ints, size: int, order: Ints, hull: Ints
) -> bool:
    """Bring the hull up to date: it is only kept where it was needed. False if it cannot serve."""
    while 0 <= hull[0] < size:
        record = hull[0]
        hull[0] += 1
        regular = kind == HULL or _is_regular(roles, features, keys[record])
        if regular and not add_to_hull(order, hull, record, keys, along, up, c):
            hull[0] = -1
    return bool(hull[0] >= 0)


@compiled
def attend(  # noqa: PLR0913  (in named tuples the loop made for one model was a fifth slower)
    kind: int, slope: int, unit: int, c: int, along: int, up: int, roles: Ints, features: int, reads: int,
    query: Ints, position: int, table: Ints, keys: Ints, values: Ints, size: int, irregular: Ints, order: Ints,
    hull: Ints, read: Ints, wanted: Ints,
) -> int:  # fmt: skip
    """Sum of the values over the arg max into ``read``; returns the count, or minus a status; ``wanted`` is scratch.

    ``along`` and ``up`` are the features by which a hull is kept; ``along`` is -1 where none serves.
    """
    # Positions run from 0 to this one. Below 2**52 the product is exact in float64.
    reach = abs(float(slope)) * float(position)
    if reach >= _EXACT_IN_FLOAT or reach >= float(unit):
        return -RECENCY
    best, recency, count = 0, 0, 0
    if kind == RUNNING:
        for r in range(reads):
            read[r] = values[0, 2 + r]
        return values[0, COUNT]  # type: ignore[no-any-return]
    lattice = kind in (EQUAL_KEYS, POSITION) and irregular[0] <= MOST_IRREGULAR
    if lattice:
        square = _lattice_point(c, roles, features, query, wanted)
        if square < 0:
            return -OVERFLOW
        found = _match(kind, along, features, table, keys, size, wanted)
        if found >= 0:
            best, recency, count = consider(found, c * square, slope, reads, values, read, best, recency, count)
        for place in range(irregular[0]):
            score, magnitude = score_of(query, keys, irregular[1 + place], features)
            if magnitude > LIMIT:
                return -OVERFLOW
            best, recency, count = consider(
                irregular[1 + place], score, slope, reads, values, read, best, recency, count
            )  # fmt: skip
        if count > 0 and best > c * square - c:  # regular records that do not match have at most this
            return count  # always so if a match was found
    if along >= 0 and (lattice or kind == HULL) and _extend_hull(
        kind, roles, c, along, up, features, keys, size, order, hull
    ):  # fmt: skip
        best, recency, count = pick_from_hull(
            order, hull, query, features, slope, reads, keys, values, read, best, recency, count
        )  # fmt: skip
        return count if count >= 0 else -OVERFLOW
    count = 0
    for record in range(size):
        score, magnitude = score_of(query, keys, record, features)
        if magnitude > LIMIT:
            return -OVERFLOW
        best, recency, count = consider(record, score, slope, reads, values, read, best, recency, count)
    return count
