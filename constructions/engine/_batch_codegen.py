"""The loop of :mod:`constructions.engine._batch_loop` for one model: its weights are constants in straight-line code.

Rows become expressions, coordinates become variables, and what is zero for every token and position is left out until
a layer writes it. Compiling takes seconds, so only runs over hundreds of thousands of prompts use it.

The source is made of integers and of names that stand in this file; no text of a user gets into it.
"""

import functools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from constructions.engine._stream_loop import best_number
from constructions.engine._tables import GATED, HEAD, RECURRENCE, Tables
from constructions.numerics._jit_cache import Ints

_SMALLEST = -(2**62)
"""Below every score."""


class _Source:
    """The lines of the function that reads one token."""

    def __init__(self, tables: Tables) -> None:
        self.t = tables
        self.lines: list[str] = []
        moving = np.any(tables.tokens != 0, axis=0) | np.any(tables.positions != 0, axis=0)
        self.live: set[int] = set(np.flatnonzero(moving).tolist())
        self.change: dict[int, list[str]] = {}

    def add(self, indent: int, line: str) -> None:
        """One line."""
        self.lines.append("    " * indent + line)

    def entries(self, row: int) -> list[tuple[int, int]]:
        """Columns and weights of a row."""
        t = self.t
        places = slice(int(t.start[row]), int(t.start[row + 1]))
        return list(zip(t.column[places].tolist(), t.weight[places].tolist(), strict=True))

    def row(self, row: int, state: int | None = None) -> str:
        """A row times the residual stream, or times the state before whose first cell is ``state``."""
        terms = []
        for column, weight in self.entries(row):
            if state is not None:
                terms.append(_times(weight, f"states[position - 1, {state + column}]"))
            elif column in self.live:
                terms.append(_times(weight, f"x{column}"))
        return _sum(terms)

    def scatter(self, row: int, amount: str) -> None:
        """Note that ``amount`` times a row is added to the residual stream."""
        for column, weight in self.entries(row):
            self.change.setdefault(column, []).append(_times(weight, amount))

    def commit(self, factors: list[int]) -> None:
        """Add what the layer adds, all at once."""
        for column in sorted(self.live | set(self.change)):
            own = [_times(factors[column], f"x{column}")] if column in self.live else []
            terms = own + self.change.get(column, [])
            if terms != [f"x{column}"]:
                self.add(1, f"y{column} = {_sum(terms)}")
        for column in sorted(self.live | set(self.change)):
            if column in self.change or factors[column] != 1:
                self.add(1, f"x{column} = y{column}")
        self.live |= set(self.change)
        self.change = {}


def _times(weight: int, name: str) -> str:
    return name if weight == 1 else f"-{name}" if weight == -1 else f"{weight} * {name}"


def _sum(terms: list[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ") or "np.int64(0)"


def source_of(tables: Tables) -> str:
    """The source of ``read``: the next id if it is wanted, else -1; -2 if a division did not come out even."""
    s = _Source(tables)
    s.add(0, "def read(tokens, positions, keys, values, states, token, position, wanted):")
    for i in sorted(s.live):
        moves = f" + positions[position, {i}]" if np.any(tables.positions[:, i]) else ""
        s.add(1, f"x{i} = tokens[token, {i}]{moves}")
    for place, op in enumerate(tables.operations.tolist()):
        if op[0] == GATED:
            _gates(s, op, place)
        elif op[0] == HEAD:
            _head(s, op, place)
        elif op[0] == RECURRENCE:
            _recurrence(s, op, place)
        else:
            s.commit(tables.factors[op[1]].tolist())
    _decide(s)
    return "\n".join(s.lines) + "\n"


def _gates(s: _Source, op: list[int], place: int) -> None:
    for u in range(op[1]):
        s.add(1, f"u{place}_{u} = np.int64(0)")
        s.add(1, f"gate = {s.row(op[2] + u)}")
        s.add(1, "if gate > 0:")
        s.add(2, f"u{place}_{u} = gate * ({s.row(op[3] + u)})")
        s.scatter(op[5] + u, f"u{place}_{u}")


def _head(s: _Source, op: list[int], place: int) -> None:
    features, reads, slope, factor, feature, read = op[1], op[6], op[7], op[8], op[9], op[10]
    score = [_times(slope, "j")] if slope else []
    for f in range(features):
        s.add(1, f"keys[{feature + f}, position] = {s.row(op[3] + f)}")
        s.add(1, f"q{f} = {s.row(op[2] + f)}")
        score.append(f"q{f} * keys[{feature + f}, j]")
    for r in range(reads):
        s.add(1, f"values[{read + r}, position] = {s.row(op[4] + r)}")
    s.add(1, f"best, at, count = np.int64({_SMALLEST}), 0, 0")
    s.add(1, "for j in range(position + 1):")
    s.add(2, f"score = {_sum(score)}")
    if factor == 1:  # no two scores are equal
        s.add(2, "if score > best:")
        s.add(3, "best, at = score, j")
        for r in range(reads):
            s.add(1, f"r{place}_{r} = values[{read + r}, at]")
    else:
        s.add(2, "if score > best:")
        s.add(3, "best, at, count = score, j, 1")
        s.add(2, "elif score == best:")
        s.add(3, "count += 1")
        for r in range(reads):
            s.add(1, f"r{place}_{r} = values[{read + r}, at]")
        s.add(1, "if count > 1:")
        s.add(2, "for j in range(at + 1, position + 1):")
        s.add(3, f"if {_sum(score)} == best:")
        for r in range(reads):
            s.add(4, f"r{place}_{r} += values[{read + r}, j]")
        if not reads:
            s.add(4, "pass")
        if not factor:
            for r in range(reads):
                s.add(2, f"if r{place}_{r} % count != 0:")
                s.add(3, "return -2")
                s.add(2, f"r{place}_{r} //= count")
    for r in range(reads):
        if factor > 1:
            s.add(1, f"r{place}_{r} *= {factor} // count")
        s.scatter(op[5] + r, f"r{place}_{r}")


def _recurrence(s: _Source, op: list[int], place: int) -> None:
    cells, first = op[1], op[4]
    for c in range(cells):
        s.add(1, f"s{place}_{c} = {s.row(op[3] + c)}")
    s.add(1, "if position > 0:")
    for c in range(cells):
        s.add(2, f"s{place}_{c} += {s.row(op[2] + c, first)}")
    if not cells:
        s.add(2, "pass")
    for c in range(cells):
        s.add(1, f"states[position, {first + c}] = s{place}_{c}")
        s.scatter(op[5] + c, f"s{place}_{c}")
    for i in sorted(s.live):
        s.scatter(op[5] + cells + i, f"x{i}")


def _decide(s: _Source) -> None:
    t = s.t
    s.add(1, "if not wanted:")
    s.add(2, "return -1")
    s.add(1, "best, chosen = np.int64(0), -1")
    for special in range(t.specials):
        s.add(1, f"logit = {s.row(t.logit_rows + 3 + special)}")
        s.add(1, "if chosen < 0 or logit > best:")
        s.add(2, f"best, chosen = logit, {special}")
    if t.high >= t.low:
        rows = ", ".join(f"np.int64({s.row(t.logit_rows + power)})" for power in range(3))
        s.add(1, f"number, logit, _ = best_number({rows}, {t.low}, {t.high})")
        s.add(1, "if chosen < 0 or logit > best:")
        s.add(2, f"chosen = {t.specials} + number - {t.low}")
    s.add(1, "return chosen")


@functools.lru_cache(maxsize=4)
def _compiled_walk(source: str) -> Callable[..., bool]:
    names: dict[str, Any] = {"np": np, "best_number": best_number}
    exec(compile(source, "<a model's weights>", "exec"), names)  # noqa: S102  (integers and our own names)
    read = numba.njit(error_model="numpy", nogil=True)(names["read"])

    def walk(
        tokens: Ints, positions: Ints, keys: Ints, values: Ints, states: Ints, context: Ints, prompts: Ints,
        lengths: Ints, stops: Any, ids: Ints, counts: Ints,
    ) -> bool:  # fmt: skip
        have = 0
        for p in range(len(prompts)):
            length, same = lengths[p], 0
            # The last token is always read again: it says what is written first.
            while same < have and same < length - 1 and context[same] == prompts[p, same]:
                same += 1
            chosen = -1
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
                chosen = read(tokens, positions, keys, values, states, chosen, have, True)
                if chosen == -2:
                    return False
                have += 1
        return True

    compiled: Callable[..., bool] = numba.njit(error_model="numpy", nogil=True)(walk)
    return compiled


def walk_specialised(t: Tables, prompts: Ints, lengths: Ints, stops: Any, ids: Ints, counts: Ints) -> bool:
    """Fill ``ids`` and ``counts`` as the general loop does; False if a division did not come out even."""
    room = [np.zeros(shape, np.int64) for shape in ((t.features, t.places), (t.reads, t.places), (t.places, t.states))]
    walk = _compiled_walk(source_of(t))
    return walk(t.tokens, t.positions, *room, np.zeros(t.places, np.int64), prompts, lengths, stops, ids, counts)
