"""Partial evaluation: straight-line code for one model, with expressions for rows and constants for weights.

Both compiled loops are specialised so, the one over a transcript as it grows and the one over many prompts. What
is the same for every token and position is a number here, until a layer adds to it; what is zero is left out.

The source is made of integers and of names that stand in these files; no text of a user gets into it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Rows(Protocol):
    """Sparse rows, and where those of the logits begin."""

    @property
    def start(self) -> Ints:
        """Where each row begins."""

    @property
    def column(self) -> Ints:
        """The columns of their entries."""

    @property
    def weight(self) -> Ints:
        """The entries."""

    @property
    def logit_rows(self) -> int:
        """The row of the constant part of a number's logit; two more follow, and one for each special token."""

    @property
    def low(self) -> int:
        """The least number of the vocabulary."""

    @property
    def high(self) -> int:
        """The largest."""


class Source:
    """The lines of a function, and what is known of the residual stream where they end.

    ``fixed`` are the coordinates that are the same number everywhere; all others are variables ``x0``, ``x1``, ...
    """

    def __init__(self, rows: Rows, width: int, fixed: Mapping[int, int], indent: int) -> None:
        self.rows, self.width, self.indent = rows, width, indent
        self.lines: list[str] = []
        self.fixed = dict(fixed)
        self._change: dict[int, list[str]] = {}

    def add(self, indent: int, line: str) -> None:
        """One line, at so many steps below the body of the loop."""
        self.lines.append("    " * (self.indent + indent) + line)

    def text(self) -> str:
        """The whole source."""
        return "\n".join(self.lines) + "\n"

    @property
    def moving(self) -> list[int]:
        """The coordinates that are variables."""
        return [i for i in range(self.width) if i not in self.fixed]

    def entries(self, row: int) -> list[tuple[int, int]]:
        """Columns and weights of a row."""
        rows = self.rows
        places = slice(int(rows.start[row]), int(rows.start[row + 1]))
        return list(zip(rows.column[places].tolist(), rows.weight[places].tolist(), strict=True))

    def row(self, row: int, cells: Callable[[int], str] | None = None, divisor: int = 1) -> str:
        """A row times the residual stream, or times ``cells``; its weights are multiples of the divisor."""
        constant, terms = 0, list[str]()
        for column, weight in self.entries(row):
            if cells is not None:
                terms.append(times(weight // divisor, cells(column)))
            elif column in self.fixed:
                constant += weight // divisor * self.fixed[column]
            else:
                terms.append(times(weight // divisor, f"x{column}"))
        return total(terms, constant)

    def scatter(self, row: int, amount: str) -> None:
        """Note that ``amount`` times a row is added to the residual stream by this layer."""
        for column, weight in self.entries(row):
            self._change.setdefault(column, []).append(times(weight, amount))

    def pass_through(self, row: int) -> None:
        """Note that the residual stream is added to itself, coordinate i by the i-th row from this one on."""
        for i in range(self.width):
            if self.fixed.get(i) != 0 and self.entries(row + i):
                self.scatter(row + i, f"np.int64({self.fixed[i]})" if i in self.fixed else f"x{i}")

    def commit(self, factors: Sequence[int] | None = None) -> None:
        """Add what the layer adds to the old stream times its factors, all at once."""
        changed = []
        for i in range(self.width):
            factor = 1 if factors is None else factors[i]
            added = self._change.get(i, [])
            if i in self.fixed:
                self.fixed[i] *= factor
            if not added and (i in self.fixed or factor == 1):
                continue
            own = [] if i in self.fixed else [times(factor, f"x{i}")]
            self.add(0, f"y{i} = {total([*own, *added], self.fixed.get(i, 0))}")
            changed.append(i)
        for i in changed:
            self.add(0, f"x{i} = y{i}")
            self.fixed.pop(i, None)
        self._change = {}

    def gates(self, op: Sequence[int], place: int) -> None:
        """Gated units."""
        for u in range(op[1]):
            self.add(0, f"u{place}_{u} = np.int64(0)")
            self.add(0, f"gate = {self.row(op[2] + u)}")
            self.add(0, "if gate > 0:")
            self.add(1, f"u{place}_{u} = gate * ({self.row(op[3] + u)})")
            self.scatter(op[5] + u, f"u{place}_{u}")

    def decide(self, specials: int, indent: int) -> None:
        """The id of the largest logit, the lowest among equals, into ``chosen``."""
        rows = self.rows
        first = self.row(rows.logit_rows + 3) if specials else "0"
        self.add(indent, f"best, chosen = np.int64({first}), {0 if specials else -1}")
        for special in range(1, specials):
            self.add(indent, f"logit = {self.row(rows.logit_rows + 3 + special)}")
            self.add(indent, "if logit > best:")
            self.add(indent + 1, f"best, chosen = logit, {special}")
        if rows.high >= rows.low:
            three = ", ".join(self.row(rows.logit_rows + power) for power in range(3))
            self.add(indent, f"number, logit, _ = best_number({three}, {rows.low}, {rows.high})")
            self.add(indent, "if chosen < 0 or logit > best:")
            self.add(indent + 1, f"chosen = {specials} + number - {rows.low}")


def times(weight: int, name: str) -> str:
    """A term."""
    return name if weight == 1 else f"-{name}" if weight == -1 else f"{weight} * {name}"


def total(terms: Sequence[str], constant: int = 0) -> str:
    """A sum."""
    whole = [*terms, *([str(constant)] if constant else [])]
    return " + ".join(whole).replace("+ -", "- ") if terms else f"np.int64({constant})"
