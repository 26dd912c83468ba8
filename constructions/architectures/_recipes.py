"""LSTM and GRU with hard gates as gated units, one after the other, over an inner vector.

``hardsigmoid(x) = clip(x / 6 + 1/2)`` with ``clip(y) = max(y, 0) - max(y - 1, 0)``, so what stands under the name of a
gate with a question mark is y. ``hardtanh(x) = max(x + 1, 0) - max(x - 1, 0) - 1``. Gates are never negative, so they
multiply as units do.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

CellKind = Literal["LSTM", "GRU"]

ONE = "one"
"""The inner number that is 1."""

GATES: dict[CellKind, str] = {"LSTM": "ifgo", "GRU": "rzn"}
"""The gates in PyTorch's order."""

TANH = "gn"
"""The gates that are cut off by hardtanh, the others by hardsigmoid."""


class Unit(NamedTuple):
    """``factor * max(opens, 0) * carries`` is added to an inner number; both are sums of inner numbers."""

    name: str
    opens: Mapping[str, int]
    carries: Mapping[str, int]
    target: str
    factor: int


class Recipe(NamedTuple):
    """The inner numbers of some cells, units, which inner numbers become the state, and which ones begin as it."""

    inner: tuple[str, ...]
    units: tuple[Unit, ...]
    kept: Mapping[str, str]
    carried: Mapping[str, str]

    def places(self) -> dict[str, Mapping[tuple[int, int], int]]:
        """The entries of the matrices of a :class:`Gated` layer that do not depend on its weights, by their names."""
        inner = {part: place for place, part in enumerate(self.inner)}
        units = list(enumerate(self.units))
        return {
            "opens": {(u, inner[part]): w for u, unit in units for part, w in unit.opens.items()},
            "carries": {(u, inner[part]): w for u, unit in units for part, w in unit.carries.items()},
            "adds": {(inner[unit.target], u): unit.factor for u, unit in units},
            "kept": {(row, inner[part]): 1 for row, part in enumerate(self.kept.values())},
        }


def asked(gate: str, cell: str) -> str:
    """The inner number that a ``gate`` of a ``cell`` is made of; of a GRU's ``m`` what r multiplies."""
    return f"{cell}.{gate}" if gate == "m" else f"{cell}.{gate}?"


def long_term(cell: str) -> str:
    """The name of an LSTM's c."""
    return f"{cell}.c"


def recipe(kind: CellKind, cells: Sequence[str]) -> Recipe:
    """The units of cells with these names; h of a cell has its name, and c that of :func:`long_term`."""
    stages = [stage for cell in cells for stage in enumerate((_lstm if kind == "LSTM" else _gru)(cell))]
    units = tuple(unit for _, stage in sorted(stages, key=lambda pair: pair[0]) for unit in stage)
    kept = {cell: f"{cell}.h'" for cell in cells}
    carried = {f"{cell}.h": cell for cell in cells} if kind == "GRU" else {}
    if kind == "LSTM":
        kept |= {long_term(cell): f"{cell}.c'" for cell in cells}
        carried = {f"{cell}.c before": long_term(cell) for cell in cells}
    gates = GATES[kind] + ("m" if kind == "GRU" else "")
    made = dict.fromkeys(unit.target for unit in units)
    first = dict.fromkeys([ONE, *(asked(gate, cell) for cell in cells for gate in gates), *carried])
    return Recipe(tuple(first | made), units, kept, carried)


def _lstm(cell: str) -> Iterator[list[Unit]]:
    yield [unit for gate in "ifgo" for unit in _cut(asked(gate, cell), f"{cell}.{gate}", gate in TANH)]
    i, f, g, o, after = (f"{cell}.{part}" for part in ("i", "f", "g", "o", "c'"))
    yield [
        Unit(f"{cell} keeps", {f: 1}, {f"{cell}.c before": 1}, after, 1),
        Unit(f"{cell} takes in", {i: 1}, {g: 1}, after, 1),
    ]
    yield _cut(after, f"{cell}.t", tanh=True)
    yield [Unit(f"{cell} shows", {o: 1}, {f"{cell}.t": 1}, f"{cell}.h'", 1)]


def _gru(cell: str) -> Iterator[list[Unit]]:
    r, z, n, before, after = (f"{cell}.{part}" for part in ("r", "z", "n", "h", "h'"))
    yield [unit for gate in "rz" for unit in _cut(asked(gate, cell), f"{cell}.{gate}", tanh=False)]
    yield [Unit(f"{cell} recalls", {r: 1}, {asked("m", cell): 1}, asked("n", cell), 1)]
    yield _cut(asked("n", cell), n, tanh=True)
    yield [
        Unit(f"{cell} keeps", {z: 1}, {before: 1}, after, 1),
        Unit(f"{cell} takes in", {ONE: 1, z: -1}, {n: 1}, after, 1),
    ]


def _cut(what: str, to: str, tanh: bool) -> list[Unit]:
    """Cut off at 0 and 1, or at -1 and 1."""
    low = {what: 1, ONE: 1} if tanh else {what: 1}
    units = [Unit(f"{to} up", low, {ONE: 1}, to, 1), Unit(f"{to} down", {what: 1, ONE: -1}, {ONE: 1}, to, -1)]
    return [*units, Unit(f"{to} less 1", {ONE: 1}, {ONE: 1}, to, -1)] if tanh else units
