"""The fast engine's inner loop, compiled by numba: int64 throughout, and every sum is watched.

Beside each integer sum of products its magnitudes are summed in float64. If those stay below LIMIT, the
true sum of magnitudes is below 2**63 (a relative error of 2**-52 per operation, over far fewer than 2**20
operations, cannot bridge from 9.0e18 to 9.22e18), so nothing has wrapped. Otherwise the kernel stops with
OVERFLOW and the caller goes on with the plain evaluator.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_Function = TypeVar("_Function", bound=Callable[..., object])


def _compiled(function: _Function) -> _Function:
    """The function compiled when it is first called; kept on disk, in the user's cache if need be."""
    return cast(_Function, numba.njit(cache=True)(function))


def _inlined(function: _Function) -> _Function:
    """The same, put into its callers."""
    return cast(_Function, numba.njit(cache=True, inline="always")(function))


LIMIT = 9.0e18

RUNNING, ANSWERED, GROW, FRACTION, OVERFLOW, RECENCY = range(6)

_GATED, _HEAD, _RECURRENCE = 0, 1, 2
_LATTICE, _RUNNING_MAXIMUM = 1, 2
_MATCH, _NORM = 0, 1

COUNT, POSITION = 0, 1
"""Columns of a record beside its values: how many positions it stands for, and the latest of them."""

MOST_IRREGULAR = 32


@_inlined
def _dot(start: Ints, column: Ints, weight: Ints, row: int, x: Ints) -> tuple[int, float]:
    total, size = 0, 0.0
    for place in range(start[row], start[row + 1]):
        product = weight[place] * x[column[place]]
        total += product
        size += abs(float(weight[place]) * float(x[column[place]]))
    return total, size


@_inlined
def _scatter(start: Ints, column: Ints, weight: Ints, row: int, amount: int, target: Ints, sizes: Floats) -> None:
    for place in range(start[row], start[row + 1]):
        target[column[place]] += weight[place] * amount
        sizes[column[place]] += abs(float(weight[place]) * float(amount))


@_inlined
def _hash(row: Ints, features: int, mask: int) -> np.int64:
    h = np.uint64(1469598103934665603)
    for f in range(features):
        h = (h ^ np.uint64(row[f])) * np.uint64(1099511628211)
        h ^= h >> np.uint64(29)
    return np.int64(h & np.uint64(mask))


@_compiled
def find(table: Ints, keys: Ints, row: Ints, features: int) -> tuple[np.int64, np.int64]:
    """The slot of a key row in the table, and the record there (-1 if the slot is free)."""
    mask = len(table) - 1
    slot = _hash(row, features, mask)
    while table[slot] >= 0:
        record = table[slot]
        same = True
        for f in range(features):
            if keys[record, f] != row[f]:
                same = False
                break
        if same:
            return slot, record
        slot = (slot + 1) & mask
    return slot, np.int64(-1)


@_compiled
def rebuild(table: Ints, keys: Ints, size: int, features: int) -> None:
    """Fill an empty table with the first ``size`` records."""
    for record in range(size):
        slot, _ = find(table, keys, keys[record], features)
        table[slot] = record


@_inlined
def _score(query: Ints, keys: Ints, record: int, features: int) -> tuple[int, float]:
    total, size = 0, 0.0
    for f in range(features):
        total += query[f] * keys[record, f]
        size += abs(float(query[f]) * float(keys[record, f]))
    return total, size


@_compiled
def _insert(
    kind: int, slope: int, roles: Ints, features: int, reads: int, query: Ints, key: Ints, value: Ints, position: int,
    table: Ints, keys: Ints, values: Ints, size: int, irregular: Ints,
) -> int:  # fmt: skip
    """Add a record, or let it take the place of one with the same key row; returns the number of records.

    ``irregular[0]`` counts the entries that follow it. For a running maximum the first of them is the
    record in the lead, and a count above 1 says that others may tie with it.
    """
    slot, record = find(table, keys, key, features)
    new = record < 0
    if new:
        record = size  # type: ignore[assignment]  # to numba both are int64
        table[slot] = record
        for f in range(features):
            keys[record, f] = key[f]
        values[record, COUNT] = 0
        for r in range(reads):
            values[record, 2 + r] = 0
        values[record, POSITION] = position
    if slope > 0 or new:
        for r in range(reads):
            values[record, 2 + r] = value[r]
        values[record, POSITION] = position
        values[record, COUNT] = 1
    elif slope == 0:
        for r in range(reads):
            values[record, 2 + r] += value[r]
        values[record, COUNT] += 1
    if kind == _RUNNING_MAXIMUM:
        _lead(slope, features, query, record, keys, values, irregular)  # type: ignore[arg-type]
    elif new and kind == _LATTICE and not _is_regular(roles, features, key):
        if irregular[0] < MOST_IRREGULAR:
            irregular[1 + irregular[0]] = record
        irregular[0] += 1
    return size + 1 if new else size


@_compiled
def _is_regular(roles: Ints, features: int, key: Ints) -> bool:
    """Whether the default keys are 0 and e = -m - |k|^2 is not negative."""
    square, size_of_square, norm = 0, 0.0, 0
    for f in range(features):
        if roles[f] == _MATCH:
            square += key[f] * key[f]
            size_of_square += float(key[f]) * float(key[f])
        elif roles[f] == _NORM:
            norm = key[f]
        elif key[f] != 0:
            return False
    return bool(size_of_square < LIMIT / 4 and norm > -LIMIT / 4 and -norm - square >= 0)


@_compiled
def _lead(slope: int, features: int, query: Ints, record: int, keys: Ints, values: Ints, irregular: Ints) -> None:
    """Keep the record in the lead for a query that is always the same."""
    if irregular[0] == 0:
        irregular[0], irregular[1] = 1, record
        return
    leader = irregular[1]
    score, size = _score(query, keys, record, features)
    best, size_of_best = _score(query, keys, leader, features)
    recency, best_recency = slope * values[record, POSITION], slope * values[leader, POSITION]
    if max(size, size_of_best) > LIMIT:
        irregular[0] = MOST_IRREGULAR + 1
    elif score > best or (score == best and recency > best_recency):
        irregular[1] = record
        if irregular[0] == 2:
            irregular[0] = 1
    elif score == best and recency == best_recency and record != leader and irregular[0] == 1:
        irregular[0] = 2


@_compiled
def _attend(
    kind: int, slope: int, unit: int, c: int, roles: Ints, features: int, reads: int, query: Ints, position: int,
    table: Ints, keys: Ints, values: Ints, size: int, irregular: Ints, read: Ints, wanted: Ints,
) -> int:  # fmt: skip
    """Sum of the values over the arg max into ``read``; returns the count, or minus a status; ``wanted`` is scratch."""
    # Positions run from 0 to this one. Below 2**52 the product is exact in float64.
    reach = abs(float(slope)) * float(position)
    if reach >= 2.0**52 or reach >= float(unit):
        return -RECENCY
    if kind == _RUNNING_MAXIMUM and irregular[0] == 1:
        record = irregular[1]
        for r in range(reads):
            read[r] = values[record, 2 + r]
        return values[record, COUNT]  # type: ignore[no-any-return]
    best, best_recency, count = 0, 0, 0
    complete = False
    if kind == _LATTICE and irregular[0] <= MOST_IRREGULAR:
        square, size_of_square = 0, 0.0
        for f in range(features):
            wanted[f] = 0
            if roles[f] == _MATCH:
                wanted[f] = query[f] // (2 * c)
                square += wanted[f] * wanted[f]
                size_of_square += float(wanted[f]) * float(wanted[f])
        if size_of_square * float(c) > LIMIT / 4:
            return -OVERFLOW
        for f in range(features):
            if roles[f] == _NORM:
                wanted[f] = -square
        _, found = find(table, keys, wanted, features)
        if found >= 0:
            best, best_recency, count = c * square, slope * values[found, POSITION], values[found, COUNT]
            for r in range(reads):
                read[r] = values[found, 2 + r]
        for place in range(irregular[0]):
            record = irregular[1 + place]
            score, magnitude = _score(query, keys, record, features)
            if magnitude > LIMIT:
                return -OVERFLOW
            recency = slope * values[record, POSITION]
            if count == 0 or score > best or (score == best and recency > best_recency):
                best, best_recency, count = score, recency, values[record, COUNT]
                for r in range(reads):
                    read[r] = values[record, 2 + r]
            elif score == best and recency == best_recency:
                count += values[record, COUNT]
                for r in range(reads):
                    read[r] += values[record, 2 + r]
        # regular records that do not match have at most c square - c
        complete = count > 0 and best > c * square - c
    if not complete:
        count = 0
        for record in range(size):
            score, magnitude = _score(query, keys, record, features)
            if magnitude > LIMIT:
                return -OVERFLOW
            recency = slope * values[record, POSITION]
            if count == 0 or score > best or (score == best and recency > best_recency):
                best, best_recency, count = score, recency, values[record, COUNT]
                for r in range(reads):
                    read[r] = values[record, 2 + r]
            elif score == best and recency == best_recency:
                count += values[record, COUNT]
                for r in range(reads):
                    read[r] += values[record, 2 + r]
    return count


@_compiled
def _best_number(a: int, b: int, c: int, low: int, high: int) -> tuple[int, int, float]:
    """The least k in low .. high with the largest a + b k + c k^2, and that value; size of what was computed."""
    if c < 0:
        # The vertex is at -b / 2c; the best integer is one of the two around it, inside the range.
        around = b // (-2 * c)
        first = min(max(around, low), high)
        second = min(first + 1, high)
    else:
        first, second = low, high
    bound = float(max(abs(low), abs(high)))
    size = abs(float(a)) + abs(float(b)) * bound + abs(float(c)) * bound * bound
    best, number = a + b * first + c * first * first, first
    other = a + b * second + c * second * second
    if other > best:
        best, number = other, second
    return number, best, size


@_compiled
def _next(start: Ints, column: Ints, weight: Ints, logit_rows: int, specials: int, low: int, high: int, x: Ints) -> int:
    """The id of the largest logit, the first if several are equal, or minus a status."""
    best, chosen = 0, -1
    for special in range(specials):
        value, size = _dot(start, column, weight, logit_rows + 3 + special, x)
        if size > LIMIT:
            return -OVERFLOW
        if chosen < 0 or value > best:
            best, chosen = value, special
    if high >= low:
        a, size_a = _dot(start, column, weight, logit_rows, x)
        b, size_b = _dot(start, column, weight, logit_rows + 1, x)
        c, size_c = _dot(start, column, weight, logit_rows + 2, x)
        if max(size_a, size_b, size_c) > LIMIT:
            return -OVERFLOW
        number, value, size = _best_number(a, b, c, low, high)
        if size > LIMIT:
            return -OVERFLOW
        if chosen < 0 or value > best:
            chosen = specials + number - low
    return chosen


@_compiled
def advance(
    start: Ints, column: Ints, weight: Ints, operations: Ints, head_table: Ints, roles: Ints, number_row: Ints,
    special_rows: Ints, position_rows: Ints, low: int, high: int, logit_rows: int, answers: Ints, given: Ints,
    written: Ints, first: int, state: Ints, table: Ints, keys: Ints, values: Ints, bases: Ints, capacities: Ints,
    sizes: Ints, irregular: Ints,
) -> tuple[int, int, int]:  # fmt: skip
    """Read the ``given`` tokens, then write into ``written`` until it is full or an answer is written.

    Returns (status, tokens read, tokens written); ``first`` is the position of the first token given. After
    GROW, OVERFLOW, FRACTION or RECENCY the last token counted as read was not read.
    """
    width, specials = number_row.shape[1], special_rows.shape[0]
    x, change = np.empty(width, np.int64), np.empty(width, np.int64)
    sizes_x, sizes_change = np.empty(width, np.float64), np.empty(width, np.float64)
    query, key = np.empty(64, np.int64), np.empty(64, np.int64)
    value, read = np.empty(256, np.int64), np.empty(256, np.int64)
    wanted = np.empty(64, np.int64)
    fresh = np.empty(state.shape[0], np.int64)
    total = len(given) + len(written)
    token, count = 0, 0
    for step in range(total):
        if step < len(given):
            token = given[step]
        for h in range(len(sizes)):
            if sizes[h] == capacities[h]:
                return GROW, step, count
        position = first + step
        for i in range(width):
            if token < specials:
                x[i] = special_rows[token, i]
            else:
                k = token - specials + low
                x[i] = number_row[0, i] + number_row[1, i] * k + number_row[2, i] * k * k
            x[i] += position_rows[0, i] * position + position_rows[1, i] * position * position
            change[i] = 0
            sizes_change[i] = 0.0
            sizes_x[i] = abs(float(x[i]))
        for o in range(len(operations)):
            op = operations[o]
            if op[0] == _GATED:
                for u in range(op[1]):
                    gate, size = _dot(start, column, weight, op[2] + u, x)
                    if size > LIMIT:
                        return OVERFLOW, step, count
                    if gate > 0:
                        amount, size = _dot(start, column, weight, op[3] + u, x)
                        if size * float(gate) > LIMIT or size > LIMIT:
                            return OVERFLOW, step, count
                        _scatter(start, column, weight, op[4] + u, gate * amount, change, sizes_change)
            elif op[0] == _HEAD:
                h, features, reads = op[1], op[6], op[7]
                kind, slope, unit, c = head_table[h, 0], head_table[h, 1], head_table[h, 2], head_table[h, 3]
                for f in range(features):
                    query[f], size = _dot(start, column, weight, op[2] + f, x)
                    key[f], size_key = _dot(start, column, weight, op[3] + f, x)
                    if max(size, size_key) > LIMIT:
                        return OVERFLOW, step, count
                for r in range(reads):
                    value[r], size = _dot(start, column, weight, op[4] + r, x)
                    # sums of values over all positions must fit as well
                    if size * float(position + 1) > LIMIT:
                        return OVERFLOW, step, count
                low_end, high_end = bases[h], bases[h] + capacities[h]
                own_table = table[2 * low_end : 2 * high_end]
                own_keys, own_values = keys[low_end:high_end], values[low_end:high_end]
                sizes[h] = _insert(
                    kind, slope, roles[h], features, reads, query, key, value, position, own_table, own_keys,
                    own_values, sizes[h], irregular[h],
                )  # fmt: skip
                hits = _attend(
                    kind, slope, unit, c, roles[h], features, reads, query, position, own_table, own_keys, own_values,
                    sizes[h], irregular[h], read, wanted,
                )  # fmt: skip
                if hits < 0:
                    return -hits, step, count
                for r in range(reads):
                    if hits > 1:
                        if read[r] % hits != 0:
                            return FRACTION, step, count
                        read[r] //= hits
                    _scatter(start, column, weight, op[5] + r, read[r], change, sizes_change)
            elif op[0] == _RECURRENCE:
                for s in range(op[1]):
                    fresh[s], size = _dot(start, column, weight, op[2] + s, state[op[6] : op[6] + op[1]])
                    more, size_more = _dot(start, column, weight, op[3] + s, x)
                    if size + size_more > LIMIT:
                        return OVERFLOW, step, count
                    fresh[s] += more
                for s in range(op[1]):
                    state[op[6] + s] = fresh[s]
                    _scatter(start, column, weight, op[4] + s, fresh[s], change, sizes_change)
                for i in range(width):
                    _scatter(start, column, weight, op[5] + i, x[i], change, sizes_change)
            else:
                for i in range(width):
                    sizes_x[i] = abs(float(x[i])) + sizes_change[i]
                    if sizes_x[i] > LIMIT:
                        return OVERFLOW, step, count
                    x[i] += change[i]
                    change[i] = 0
                    sizes_change[i] = 0.0
        if step >= len(given) - 1 and count < len(written):
            chosen = _next(start, column, weight, logit_rows, specials, low, high, x)
            if chosen < 0:
                return -chosen, step, count
            written[count] = chosen
            count += 1
            token = chosen
            for a in range(len(answers)):
                if answers[a] == chosen:
                    return ANSWERED, step + 1, count
            if count == len(written):
                return RUNNING, step + 1, count
    return RUNNING, total, count
