"""The loop of :mod:`constructions.engine._batch_loop` for one model: its weights are constants in straight-line code.

Compiling takes seconds, so only runs over hundreds of thousands of prompts use it.
"""

import functools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from constructions.engine._codegen import Source, times, total
from constructions.engine._opcodes import GATED, HEAD, RECURRENCE
from constructions.engine._stream_loop import best_number
from constructions.engine._tables import Room, Tables
from constructions.numerics._jit_cache import Ints, compiled_source

_SMALLEST = -(2**62)
"""Below every score."""


def source_of(tables: Tables) -> str:
    """The source of ``read``: the next id if it is wanted, else -1; -2 if something is not as assumed."""
    t = tables
    still = ~np.any(t.tokens != t.tokens[:1], axis=0) & ~np.any(t.positions != 0, axis=0)
    s = Source(t, t.tokens.shape[1], {i: int(t.tokens[0, i]) for i in np.flatnonzero(still).tolist()}, 1)
    s.add(-1, "def read(tokens, positions, keys, values, states, token, position, wanted):")
    for i in s.moving:
        moves = f" + positions[position, {i}]" if np.any(t.positions[:, i]) else ""
        s.add(0, f"x{i} = tokens[token, {i}]{moves}")
    for place, op in enumerate(t.operations.tolist()):
        if op[0] == GATED:
            s.gates(op, place)
        elif op[0] == HEAD:
            _head(s, op, place)
        elif op[0] == RECURRENCE:
            _recurrence(s, op, place)
        else:
            s.commit(t.factors[op[1]].tolist())
    s.add(0, "if not wanted:")
    s.add(1, "return -1")
    s.decide(t.specials, 0)
    s.add(0, "return chosen")
    return s.text()


def _head(s: Source, op: list[int], place: int) -> None:
    features, reads, slope, factor, feature, read = op[1], op[6], op[7], op[8], op[9], op[10]
    score = [times(slope, "j")] if slope else []
    for f in range(features):
        s.add(0, f"keys[{feature + f}, position] = {s.row(op[3] + f)}")
        s.add(0, f"q{f} = {s.row(op[2] + f)}")
        score.append(f"q{f} * keys[{feature + f}, j]")
    for r in range(reads):
        s.add(0, f"values[{read + r}, position] = {s.row(op[4] + r)}")
    s.add(0, f"best, at, count = np.int64({_SMALLEST}), 0, 0")
    s.add(0, "for j in range(position + 1):")
    s.add(1, f"score = {total(score)}")
    if factor == 1:  # no two scores are equal
        s.add(1, "if score > best:")
        s.add(2, "best, at = score, j")
        for r in range(reads):
            s.add(0, f"r{place}_{r} = values[{read + r}, at]")
    else:
        s.add(1, "if score > best:")
        s.add(2, "best, at, count = score, j, 1")
        s.add(1, "elif score == best:")
        s.add(2, "count += 1")
        for r in range(reads):
            s.add(0, f"r{place}_{r} = values[{read + r}, at]")
        s.add(0, "if count > 1:")
        s.add(1, "for j in range(at + 1, position + 1):")
        s.add(2, f"if {total(score)} == best:")
        for r in range(reads):
            s.add(3, f"r{place}_{r} += values[{read + r}, j]")
        if not reads:
            s.add(3, "pass")
        if not factor:
            for r in range(reads):
                s.add(1, f"if r{place}_{r} % count != 0:")
                s.add(2, "return -2")
                s.add(1, f"r{place}_{r} //= count")
    for r in range(reads):
        if factor > 1:
            s.add(0, f"r{place}_{r} *= {factor} // count")
        s.scatter(op[5] + r, f"r{place}_{r}")


def _recurrence(s: Source, op: list[int], place: int) -> None:
    cells, first = op[1], op[4]
    for c in range(cells):
        s.add(0, f"s{place}_{c} = {s.row(op[3] + c)}")
    s.add(0, "if position > 0:")
    for c in range(cells):
        s.add(1, f"s{place}_{c} += {s.row(op[2] + c, lambda column: f'states[position - 1, {first + column}]')}")
    for u in range(op[6]):
        s.add(1, f"gate = {s.row(op[7] + u)}")
        s.add(1, "if gate > 0:")
        selected = s.row(op[7] + op[6] + u, lambda column: f"states[position - 1, {first + column}]")
        s.add(2, f"gate *= {selected}")
        for cell, weight in s.entries(op[7] + 2 * op[6] + u):
            s.add(2, f"s{place}_{cell} += {times(weight, 'gate')}")
    if not cells:
        s.add(1, "pass")
    for c in range(cells):
        if op[8]:
            s.add(0, f"if abs(s{place}_{c}) > {op[8]}:")
            s.add(1, "return -2")
        s.add(0, f"states[position, {first + c}] = s{place}_{c}")
        s.scatter(op[5] + c, f"s{place}_{c}")
    s.pass_through(op[5] + cells)


@functools.lru_cache(maxsize=4)
def _compiled_walk(source: str) -> Callable[..., bool]:
    read = compiled_source(source, "read", {"np": np, "best_number": best_number})

    def walk(t: Tables, room: Room, prompts: Ints, lengths: Ints, stops: Any, ids: Ints, counts: Ints) -> bool:
        tokens, positions, have = t.tokens, t.positions, 0
        keys, values, states, context = room.keys, room.values, room.states, room.context
        for p in range(len(prompts)):
            length, same = lengths[p], 0
            # The last token is always read again: it says what is written first.
            while same < have and same < length - 1 and context[same] == prompts[p, same]:
                same += 1
            chosen = np.int64(-1)  # of one type from the first: what is read is compiled for each
            for place in range(same, length):
                context[place] = prompts[p, place]
                last = place == length - 1
                chosen = read(tokens, positions, keys, values, states, context[place], place, last)
                if chosen == -2:
                    return False
            have = length
            while counts[p] < ids.shape[1]:
                ids[p, counts[p]] = chosen
                counts[p] += 1
                if stops[chosen] or counts[p] == ids.shape[1]:
                    break
                context[have] = chosen
                chosen = read(tokens, positions, keys, values, states, chosen, have, last)
                if chosen == -2:
                    return False
                have += 1
        return True

    compiled: Callable[..., bool] = numba.njit(error_model="numpy", nogil=True)(walk)
    return compiled


def specialised(t: Tables) -> Callable[..., bool]:
    """The loop for these tables, which does what the general one does."""
    return _compiled_walk(source_of(t))
