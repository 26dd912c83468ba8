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
from constructions.engine._records import Best, Plan, Records
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


@inlined
def _is_key(keys: Ints, record: int, row: Ints, features: int) -> bool:
    for f in range(features):  # noqa: SIM110  (numba compiles no generators)
        if keys[record, f] != row[f]:
            return False
    return True


@inlined
def find(table: Ints, keys: Ints, row: Ints, features: int) -> tuple[np.int64, np.int64]:
    """The slot of a key row in the table, and the record there (-1 if the slot is free).

    A slot holds the number of its record from 1, or 0 if it is free: zeros that nobody wrote take no memory.
    """
    mask = len(table) - 1
    slot = _hash(row, features, mask)
    while table[slot] > 0:
        record = table[slot] - 1
        if _is_key(keys, record, row, features):
            return slot, record
        slot = (slot + 1) & mask
    return slot, np.int64(-1)


@compiled
def rebuild(table: Ints, keys: Ints, size: int, features: int) -> None:
    """Fill an empty table with the first ``size`` records."""
    for record in range(size):
        slot, _ = find(table, keys, keys[record], features)
        table[slot] = record + 1


@inlined
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


@inlined
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


@inlined
def _lead(plan: Plan, records: Records, size: int, query: Ints, key: Ints, value: Ints, position: int) -> int:
    """Keep the record in the lead for a query that is always the same; its key row is the score alone."""
    score, magnitude, keys = 0, 0.0, records.keys
    for f in range(plan.features):
        score += query[f] * key[f]
        magnitude += abs(float(query[f]) * float(key[f]))
    if magnitude > LIMIT:
        return -OVERFLOW
    if size == 0 or score > keys[0, 0] or (score == keys[0, 0] and plan.slope > 0):
        keys[0, 0] = score
        _keep(0, plan.slope, plan.reads, value, position, records.values, True)
    elif score == keys[0, 0]:
        _keep(0, plan.slope, plan.reads, value, position, records.values, False)
    return 1


@inlined
def insert(plan: Plan, records: Records, size: int, query: Ints, key: Ints, value: Ints, position: int) -> int:
    """Add a record, or let it take the place of one with the same key row: how many there are, or minus a status."""
    kind, features, table, keys, irregular = plan.kind, plan.features, records.table, records.keys, records.irregular
    if kind == RUNNING:
        return _lead(plan, records, size, query, key, value, position)
    slot, record = np.int64(0), np.int64(-1)
    if kind != POSITION:  # where the keys are positions no two are the same
        slot, record = find(table, keys, key, features)
    new = record < 0
    if new:
        record = np.int64(size)
        if kind != POSITION:
            table[slot] = record + 1
        for f in range(features):
            keys[record, f] = key[f]
        if kind in (EQUAL_KEYS, POSITION) and not _is_regular(plan.roles, features, key):
            if irregular[0] < MOST_IRREGULAR:
                irregular[1 + irregular[0]] = record
            irregular[0] += 1
    _keep(record, plan.slope, plan.reads, value, position, records.values, new or plan.slope > 0)  # type: ignore[arg-type]  # int64
    return size + 1 if new else size


@inlined
def _lattice_point(plan: Plan, query: Ints, wanted: Ints) -> int:
    """The key row that matches the query, into ``wanted``; returns |q|^2, or -1 if it may be too large."""
    c, roles, features = plan.c, plan.roles, plan.features
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


@inlined
def _match(plan: Plan, records: Records, size: int, wanted: Ints) -> int:
    """The record with the wanted key row, or -1; where keys are positions, by its distance from the first."""
    keys, along = records.keys, plan.along
    if plan.kind != POSITION:
        return find(records.table, keys, wanted, plan.features)[1]  # type: ignore[return-value]  # to numba both are int64
    first = keys[0, along]
    record = 0
    if size > 1:
        stride = keys[1, along] - first
        record = (wanted[along] - first) // stride
    if 0 <= record < size and _is_key(keys, record, wanted, plan.features):
        return record
    return -1


@compiled
def _extend_hull(plan: Plan, records: Records, size: int) -> bool:
    """Bring the hull up to date: it is only kept where it was needed. False if it cannot serve."""
    hull = records.hull
    while 0 <= hull[0] < size:
        record = hull[0]
        hull[0] += 1
        regular = plan.kind == HULL or _is_regular(plan.roles, plan.features, records.keys[record])
        if regular and not add_to_hull(plan, records, record):
            hull[0] = -1
    return bool(hull[0] >= 0)


@inlined
def attend(plan: Plan, records: Records, size: int, query: Ints, position: int, read: Ints, wanted: Ints) -> int:
    """Sum of the values over the arg max into ``read``; returns the count, or minus a status; ``wanted`` is scratch."""
    kind, c, features = plan.kind, plan.c, plan.features
    keys, values, irregular = records.keys, records.values, records.irregular
    # Positions run from 0 to this one. Below 2**52 the product is exact in float64.
    reach = abs(float(plan.slope)) * float(position)
    if reach >= _EXACT_IN_FLOAT or reach >= float(plan.unit):
        return -RECENCY
    if kind == RUNNING:
        for r in range(plan.reads):
            read[r] = values[0, 2 + r]
        return values[0, COUNT]  # type: ignore[no-any-return]
    none = Best(0, 0, 0)
    best = none
    lattice = kind in (EQUAL_KEYS, POSITION) and irregular[0] <= MOST_IRREGULAR
    if lattice:
        square = _lattice_point(plan, query, wanted)
        if square < 0:
            return -OVERFLOW
        found = _match(plan, records, size, wanted)
        if found >= 0:
            best = consider(found, c * square, plan, values, read, best)
        for place in range(irregular[0]):
            score, magnitude = score_of(query, keys, irregular[1 + place], features)
            if magnitude > LIMIT:
                return -OVERFLOW
            best = consider(irregular[1 + place], score, plan, values, read, best)
        if best.number > 0 and best.score > c * square - c:  # regular records that do not match have at most this
            return best.number  # always so if a match was found
    if plan.along >= 0 and (lattice or kind == HULL) and _extend_hull(plan, records, size):
        best = pick_from_hull(plan, records, query, read, best)
        return best.number if best.number >= 0 else -OVERFLOW
    best = none
    for record in range(size):
        score, magnitude = score_of(query, keys, record, features)
        if magnitude > LIMIT:
            return -OVERFLOW
        best = consider(record, score, plan, values, read, best)
    return best.number
