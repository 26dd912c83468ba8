"""Many prompts, one after the other, by one compiled loop that reuses what each has in common with the one before.

The prompts of exhaustive runs come in lexicographic order, so most of what one reads, the one before has read: the loop
walks through the trie of the prompts depth first. All that later positions need of an earlier one (keys, values,
states) is stored by position: going back to the common beginning of two prompts costs nothing. The arithmetic is int64
on :mod:`constructions.engine._tables`, which bounds every number beforehand; attention is computed as it is defined, a
score for each position.
"""

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Model
from constructions.engine._bounds import NotTabular
from constructions.engine._decode import Written
from constructions.engine._opcodes import GATED, HEAD, RECURRENCE
from constructions.engine._stream_loop import best_number
from constructions.engine._sums import Rows
from constructions.engine._tables import Room, Tables, room_for, tables_of
from constructions.numerics._jit_cache import COMPILES, Ints, compiled, inlined, uncounted

Bools = NDArray[np.bool_]


def decode_many(model: Model, prompts: Ints, lengths: Ints, *, most: int, specialise: bool = False) -> Written:
    """What a model writes on many prompts, in exact arithmetic; fastest if neighbours begin alike.

    Args:
        model: any model that does not search.
        prompts: ids of shape (prompts, longest), rows filled up with anything.
        lengths: how many ids of each row are its prompt, at least 1.
        most: cut transcripts off after so many tokens.
        specialise: compile a loop for this model first, which takes seconds and is kept; the tokens are the same.

    Raises:
        NotTabular: if the model searches, a number may leave 64 bits, or a head reads a fraction although there is no
            room for denominators; then :func:`constructions.engine.decode_batch` runs it.
    """
    tables = tables_of(model, prompts.shape[1] + most)
    stops = np.zeros(len(model.vocabulary), dtype=np.bool_)
    stops[sorted(model.answer_ids) if model.answer_ids is not None else slice(None)] = True
    ids = np.full((len(prompts), most), -1, dtype=np.int64)
    counts = np.zeros(len(prompts), dtype=np.int64)
    walk = _walk
    if specialise and COMPILES:
        from constructions.engine._batch_codegen import specialised

        walk = specialised(tables)
    even = walk(tables, room_for(tables), prompts, lengths, stops, ids, counts)
    if not even:
        raise NotTabular("a head reads a fraction, or a state gets too large")
    return Written(ids, counts)


@inlined
def _dot(rows: Rows, row: int, x: Ints) -> int:
    start, column, weight = rows
    total = 0
    for place in range(start[row], start[row + 1]):
        total += weight[place] * x[column[place]]
    return total


@inlined
def _scatter(rows: Rows, row: int, amount: int, target: Ints) -> None:
    start, column, weight = rows
    for place in range(start[row], start[row + 1]):
        target[column[place]] += weight[place] * amount


@inlined
def _attend(rows: Rows, room: Room, op: Ints, position: int) -> bool:
    """One head at the last position; whether the division came out even."""
    keys, values, scores, x, change = room.keys, room.values, room.scores, room.x, room.change
    features, reads, slope, factor, feature, read = op[1], op[6], op[7], op[8], op[9], op[10]
    for r in range(reads):
        values[read + r, position] = _dot(rows, op[4] + r, x)
    for j in range(position + 1):
        scores[j] = slope * j
    for f in range(features):
        keys[feature + f, position] = _dot(rows, op[3] + f, x)
        query = _dot(rows, op[2] + f, x)
        if query != 0:
            for j in range(position + 1):
                scores[j] += query * keys[feature + f, j]
    best = scores[0]
    for j in range(1, position + 1):
        best = max(best, scores[j])
    count = 0
    for j in range(position + 1):
        count += scores[j] == best
    for r in range(reads):
        total = 0
        for j in range(position + 1):
            if scores[j] == best:
                total += values[read + r, j]
        if factor > 0:
            # The factor is 1 only if no two scores are equal, else a multiple of every count.
            total *= factor // count
        elif count > 1:
            if total % count != 0:
                return False
            total //= count
        if total != 0:
            _scatter(rows, op[5] + r, total, change)
    return True


@inlined
def _read(t: Tables, room: Room, token: int, position: int) -> bool:
    """Read one token: its residual stream into the room's ``x``, and what later positions need of it.

    False if a division did not come out even, or a state that is watched got too large.
    """
    tokens, positions, operations, factors = t.tokens, t.positions, t.operations, t.factors
    rows = Rows(t.start, t.column, t.weight)
    x, change, states = room.x, room.change, room.states
    for i in range(len(x)):
        x[i] = tokens[token, i] + positions[position, i]
        change[i] = 0
    for o in range(len(operations)):
        op = operations[o]
        if op[0] == GATED:
            for u in range(op[1]):
                gate = _dot(rows, op[2] + u, x)
                if gate > 0:
                    amount = gate * _dot(rows, op[3] + u, x)
                    _scatter(rows, op[5] + u, amount, change)
        elif op[0] == HEAD:
            if not _attend(rows, room, op, position):
                return False
        elif op[0] == RECURRENCE:
            before = states[max(position - 1, 0), op[4] : op[4] + op[1]]
            for s in range(op[1]):
                fresh = _dot(rows, op[3] + s, x)
                if position > 0:
                    fresh += _dot(rows, op[2] + s, before)
                states[position, op[4] + s] = fresh
            for u in range(op[6] if position > 0 else 0):
                gate = _dot(rows, op[7] + u, x)
                if gate > 0:
                    amount = gate * _dot(rows, op[7] + op[6] + u, before)
                    cells = states[position, op[4] : op[4] + op[1]]
                    _scatter(rows, op[7] + 2 * op[6] + u, amount, cells)
            for s in range(op[1]):
                if 0 < op[8] < abs(states[position, op[4] + s]):
                    return False
                _scatter(rows, op[5] + s, states[position, op[4] + s], change)
            for i in range(len(x)):
                _scatter(rows, op[5] + op[1] + i, x[i], change)
        else:
            for i in range(len(x)):
                x[i] = x[i] * factors[op[1], i] + change[i]
                change[i] = 0
    return True


@inlined
def _next(t: Tables, x: Ints) -> int:
    """The id of the largest logit, the lowest among equals."""
    rows, first = Rows(t.start, t.column, t.weight), t.logit_rows
    best, chosen = 0, -1
    for special in range(t.specials):
        logit = _dot(rows, first + 3 + special, x)
        if chosen < 0 or logit > best:
            best, chosen = logit, special
    if t.high >= t.low:
        a = _dot(rows, first, x)
        b = _dot(rows, first + 1, x)
        c = _dot(rows, first + 2, x)
        number, logit, _ = best_number(a, b, c, t.low, t.high)
        if chosen < 0 or logit > best:
            chosen = t.specials + number - t.low
    return chosen


@compiled
def _walk(t: Tables, room: Room, prompts: Ints, lengths: Ints, stops: Bools, ids: Ints, counts: Ints) -> bool:
    """Fill ``ids`` and ``counts``; False if a division did not come out even."""
    t, room = uncounted(t), uncounted(room)
    context, have = room.context, 0
    for p in range(len(prompts)):
        length, same = lengths[p], 0
        # The last token is always read again: what is written first depends on its residual stream.
        while same < have and same < length - 1 and context[same] == prompts[p, same]:
            same += 1
        for place in range(same, length):
            context[place] = prompts[p, place]
            if not _read(t, room, context[place], place):
                return False
        have = length
        while counts[p] < ids.shape[1]:
            chosen = _next(t, room.x)
            ids[p, counts[p]] = chosen
            counts[p] += 1
            if stops[chosen] or counts[p] == ids.shape[1]:
                break
            context[have] = chosen
            if not _read(t, room, chosen, have):
                return False
            have += 1
    return True
