"""The fast engine's inner loop, compiled by numba: int64 throughout, and every sum is checked for overflow.

The residual stream of a position is integers over one positive denominator, 1 unless a head averaged. What a
layer adds is collected over a denominator of its own, and joined when the layer is done. If a sum may leave 64
bits the loop stops with OVERFLOW and says where; the caller goes on with the plain evaluator.
"""

from typing import NamedTuple

from constructions.engine._key_store import attend, insert
from constructions.engine._opcodes import (
    ANSWERED,
    COMMIT,
    FRACTION,
    GATED,
    GOING_ON,
    GROW,
    OVERFLOW,
    RECURRENCE,
)
from constructions.engine._records import Plan, Records
from constructions.engine._sums import LIMIT, Rows, divisor, dot, scatter
from constructions.numerics._jit_cache import Floats, Ints, compiled, inlined, uncounted

OWN, ADDED, EVER = 0, 1, 2
"""Denominators: of the residual stream, of what the layer adds, and whether one was ever above 1."""


class Network(NamedTuple):
    """A model as tables, see :class:`constructions.engine._program.Program`; ``answers`` end a transcript."""

    rows: Rows
    operations: Ints
    head_table: Ints
    roles: Ints
    number_row: Ints
    special_rows: Ints
    position_rows: Ints
    low: int
    high: int
    logit_rows: int
    answers: Ints


class Memory(NamedTuple):
    """What stays from token to token: records, state, and ``where`` it stopped, the operation and the row of it.

    The records of head h are those from ``bases[h]`` on, of which there are ``sizes[h]`` and room for
    ``capacities[h]``. ``scratch`` and ``scratch_sizes`` are room for vectors, so that none is allocated.
    """

    state: Ints
    table: Ints
    keys: Ints
    values: Ints
    order: Ints
    bases: Ints
    capacities: Ints
    sizes: Ints
    irregular: Ints
    hulls: Ints
    scratch: Ints
    scratch_sizes: Floats
    under: Ints
    where: Ints


@compiled
def best_number(a: int, b: int, c: int, low: int, high: int) -> tuple[int, int, float]:
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


@inlined
def _next(n: Network, x: Ints) -> int:
    """The id of the largest logit, the first if several are equal, or minus a status."""
    rows, logit_rows, specials, low, high = n.rows, n.logit_rows, n.special_rows.shape[0], n.low, n.high
    best, chosen = 0, -1
    for special in range(specials):
        value, size = dot(rows, logit_rows + 3 + special, x)
        if size > LIMIT:
            return -OVERFLOW
        if chosen < 0 or value > best:
            best, chosen = value, special
    if high >= low:
        a, size_a = dot(rows, logit_rows, x)
        b, size_b = dot(rows, logit_rows + 1, x)
        c, size_c = dot(rows, logit_rows + 2, x)
        if max(size_a, size_b, size_c) > LIMIT:
            return -OVERFLOW
        number, value, size = best_number(a, b, c, low, high)
        if size > LIMIT:
            return -OVERFLOW
        if chosen < 0 or value > best:
            chosen = specials + number - low
    return chosen


@inlined
def _embed(token: int, position: int, n: Network, x: Ints, sizes: Floats, change: Ints, sizes_change: Floats) -> None:
    number_row, special_rows, position_rows = n.number_row, n.special_rows, n.position_rows
    specials = special_rows.shape[0]
    for i in range(len(x)):
        if token < specials:
            x[i] = special_rows[token, i]
        else:
            k = token - specials + n.low
            x[i] = number_row[0, i] + number_row[1, i] * k + number_row[2, i] * k * k
        x[i] += position_rows[0, i] * position + position_rows[1, i] * position * position
        sizes[i] = abs(float(x[i]))
        change[i] = 0
        sizes_change[i] = 0.0


@compiled
def _join(denominator: int, change: Ints, sizes: Floats, under: Ints) -> int:
    """Bring what a layer adds to a multiple of a denominator; the factor for numerators over it, 0 if too large."""
    if under[ADDED] == denominator:
        return 1
    common = divisor(under[ADDED], denominator)
    factor, own = denominator // common, under[ADDED] // common
    if float(under[ADDED]) * float(factor) > LIMIT:
        return 0
    for i in range(len(change)):
        sizes[i] *= float(factor)
        if sizes[i] > LIMIT:
            return 0
        change[i] *= factor
    under[ADDED] *= factor
    return own  # type: ignore[no-any-return]


@inlined
def _commit(x: Ints, sizes: Floats, change: Ints, sizes_change: Floats, under: Ints) -> int:
    """Add what a layer adds; the first coordinate that may leave 64 bits, or -1."""
    common = divisor(under[OWN], under[ADDED])
    factor, factor_change = under[ADDED] // common, under[OWN] // common
    if float(under[OWN]) * float(factor) > LIMIT:
        return 0
    for i in range(len(x)):
        sizes[i] = abs(float(x[i])) * float(factor) + sizes_change[i] * float(factor_change)
        if sizes[i] > LIMIT:
            return i
        x[i] = x[i] * factor + change[i] * factor_change
        change[i] = 0
        sizes_change[i] = 0.0
    whole = under[OWN] * factor
    under[ADDED] = 1
    if whole > 1:
        under[EVER] = 1
        common = whole
        for i in range(len(x)):
            common = divisor(common, abs(x[i]))
        for i in range(len(x)):
            x[i] //= common
        whole //= common
    under[OWN] = whole
    return -1


@inlined
def _gates(op: Ints, rows: Rows, x: Ints, change: Ints, sizes: Floats, under: Ints, where: Ints) -> int:
    """Gated units; the denominators of gate and value multiply."""
    factor = 1
    if under[OWN] > 1:
        if float(under[OWN]) ** 2 > LIMIT:
            return OVERFLOW
        factor = _join(under[OWN] * under[OWN], change, sizes, under)
    for u in range(op[1]):
        where[1] = u
        gate, size = dot(rows, op[2] + u, x)
        if size > LIMIT or factor == 0:
            return OVERFLOW
        if gate > 0:
            amount, size = dot(rows, op[3] + u, x)
            if size * float(gate) * float(factor) > LIMIT or size > LIMIT:
                return OVERFLOW
            scatter(rows, op[5] + u, gate * amount * factor, change, sizes)
    return GOING_ON


@compiled
def _recur(op: Ints, rows: Rows, memory: Memory, x: Ints, change: Ints, sizes: Floats) -> int:
    """A recurrence; its state is written once nothing can overflow."""
    state, fresh, fed, where = memory.state, memory.scratch[7], memory.scratch_sizes[2], memory.where
    for s in range(op[1]):
        where[1] = s
        fresh[s], size = dot(rows, op[2] + s, state[op[4] : op[4] + op[1]])
        more, size_more = dot(rows, op[3] + s, x)
        fed[s] = size + size_more
        if fed[s] > LIMIT:
            return OVERFLOW
        fresh[s] += more
    for u in range(op[6]):
        gate, size = dot(rows, op[7] + u, x)
        if size > LIMIT:
            return OVERFLOW
        if gate > 0:
            amount, size = dot(rows, op[7] + op[6] + u, state[op[4] : op[4] + op[1]])
            if size * float(gate) > LIMIT or size > LIMIT:
                return OVERFLOW
            scatter(rows, op[7] + 2 * op[6] + u, gate * amount, fresh, fed)
    for s in range(op[1]):
        where[1] = s
        if fed[s] > LIMIT:
            return OVERFLOW
    for s in range(op[1]):
        state[op[4] + s] = fresh[s]
        scatter(rows, op[5] + s, fresh[s], change, sizes)
    for i in range(len(x)):
        scatter(rows, op[5] + op[1] + i, x[i], change, sizes)
    return GOING_ON


@inlined
def _project(op: Ints, rows: Rows, position: int, x: Ints, query: Ints, key: Ints, value: Ints, where: Ints) -> int:
    """Query, key and value of a head; the sum of the values of all positions must fit as well."""
    for f in range(op[1]):
        where[1] = f
        query[f], size = dot(rows, op[2] + f, x)
        key[f], size_key = dot(rows, op[3] + f, x)
        if max(size, size_key) > LIMIT:
            return OVERFLOW
    for r in range(op[6]):
        where[1] = op[1] + r
        value[r], size = dot(rows, op[4] + r, x)
        if size * float(position + 1) > LIMIT:
            return OVERFLOW
    where[1] = -1
    return GOING_ON


@inlined
def _give(op: Ints, rows: Rows, hits: int, read: Ints, change: Ints, sizes: Floats, under: Ints) -> int:
    """Add the average of what a head picked: the sum in ``read`` over the number of hits, in lowest terms."""
    denominator, factor = hits, 1
    if hits > 1:
        for r in range(op[6]):
            denominator = divisor(denominator, abs(read[r]))
        common, denominator = denominator, hits // denominator
        for r in range(op[6]):
            read[r] //= common
    if denominator > 1 or under[ADDED] > 1:
        factor = _join(denominator, change, sizes, under)
        if factor == 0:
            return OVERFLOW
    for r in range(op[6]):
        if abs(float(read[r])) * float(factor) > LIMIT:
            return OVERFLOW
        scatter(rows, op[5] + r, read[r] * factor, change, sizes)
    return GOING_ON


@compiled
def advance(n: Network, given: Ints, written: Ints, first: int, memory: Memory) -> tuple[int, int, int]:
    """Read the ``given`` tokens, then write into ``written`` until it is full or an answer is written.

    Returns (status, tokens read, tokens written); ``first`` is the position of the first token given. After
    GROW, OVERFLOW, FRACTION or RECENCY the last token counted as read was not read.
    """
    n, memory = uncounted(n), uncounted(memory)
    width, under, where = n.number_row.shape[1], memory.under, memory.where
    scratch, scratch_sizes = memory.scratch, memory.scratch_sizes
    query, key, wanted, value, read = scratch[2], scratch[3], scratch[4], scratch[5], scratch[6]
    sizes, bases, capacities = memory.sizes, memory.bases, memory.capacities
    table, keys, values, order = memory.table, memory.keys, memory.values, memory.order
    irregular, hulls, operations, heads, roles = (
        memory.irregular, memory.hulls, n.operations, n.head_table, n.roles,
    )  # fmt: skip
    x, change, sizes_x, sizes_change = (
        scratch[0, :width], scratch[1, :width], scratch_sizes[0, :width], scratch_sizes[1, :width],
    )  # fmt: skip
    rows, total = n.rows, len(given) + len(written)
    token, count = 0, 0
    for step in range(total):
        if step < len(given):
            token = given[step]
        for h in range(len(sizes)):
            if sizes[h] == capacities[h]:
                return GROW, step, count
        position = first + step
        _embed(token, position, n, x, sizes_x, change, sizes_change)
        under[OWN] = under[ADDED] = 1
        for o in range(len(operations)):
            op = operations[o]
            where[0] = o
            status = GOING_ON
            if op[0] == GATED:
                status = _gates(op, rows, x, change, sizes_change, under, where)
            elif op[0] == COMMIT:
                where[1] = _commit(x, sizes_x, change, sizes_change, under)
                if where[1] >= 0:
                    status = OVERFLOW
            elif under[OWN] > 1:
                status = FRACTION
            elif op[0] == RECURRENCE:
                status = _recur(op, rows, memory, x, change, sizes_change)
            else:
                status = _project(op, rows, position, x, query, key, value, where)
                if status != GOING_ON:
                    return status, step, count
                h = op[7]
                kind, slope, unit, c = heads[h, 0], heads[h, 1], heads[h, 2], heads[h, 3]
                plan = Plan(kind, slope, unit, c, heads[h, 4], heads[h, 5], roles[h], op[1], op[6])
                a, b = bases[h], bases[h] + capacities[h]
                records = Records(
                    table[2 * a : 2 * b], keys[a:b], values[a:b], irregular[h], order[2 * a : 2 * b], hulls[h]
                )  # fmt: skip
                size = insert(plan, records, sizes[h], query, key, value, position)
                if size < 0:
                    return -size, step, count
                sizes[h] = size
                hits = attend(plan, records, size, query, position, read, wanted)
                if hits < 0:
                    return -hits, step, count
                status = _give(op, rows, hits, read, change, sizes_change, under)
            if status != GOING_ON:
                return status, step, count
        if step >= len(given) - 1 and count < len(written):
            where[0] = len(operations)
            chosen = _next(n, x)
            if chosen < 0:
                return -chosen, step, count
            written[count] = chosen
            count += 1
            token = chosen
            for place in range(len(n.answers)):
                if n.answers[place] == chosen:
                    return ANSWERED, step + 1, count
            if count == len(written):
                return GOING_ON, step + 1, count
    return GOING_ON, total, count
