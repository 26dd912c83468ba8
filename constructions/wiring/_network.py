"""The gadgets of a construction as plain data: what each layer is said to compute, in rows over coordinates.

The matrices of a blueprint are what runs; the network says what they were made of. A proof checker reads both and
decides whether the one computes the other. Nothing else in the project reads a network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, TypeAlias, Union

from constructions.architectures import Search
from constructions.wiring._board import Board, Feature
from constructions.wiring._decision import Choice, Output
from constructions.wiring._gates import GateGadget
from constructions.wiring._heads import HeadGadget
from constructions.wiring._memory import Memory
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._states import StateGadget
from constructions.wiring._value import Coordinate, Value

Row: TypeAlias = Mapping[int, Polynomial]
"""A linear form: coefficients by the place of a coordinate; place 0 is the constant 1."""

Argument: TypeAlias = Union[Row, "tuple[Argument, ...]", None]
"""What a gadget was given: a row, several (in pairs, say), or nothing."""


@dataclass(frozen=True)
class NetworkHead:
    """A head: the kind of gadget, what it was given, and the rows that it reads by the place that it writes."""

    name: str
    gadget: str
    arguments: tuple[Argument, ...]
    reads: tuple[tuple[int, Row], ...]


@dataclass(frozen=True)
class NetworkGate:
    """Gated units that write one place."""

    name: str
    gadget: str
    arguments: tuple[Argument, ...]
    place: int


@dataclass(frozen=True)
class NetworkCell:
    """A coordinate of the recurrent state: where it is shown (None: nowhere), what it keeps, what it reads."""

    name: str
    place: int | None
    before: tuple[tuple[int, int], ...]
    reads: Row


@dataclass(frozen=True)
class NetworkStates:
    """A recurrence that the input selects: cells with what they read, and what moves them.

    ``places`` are where the cells are shown. Of a move, where its flag is f > 0, f times the cell that each part begins
    with is added to the cells that it names, times their weights.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    reads: tuple[Row, ...]
    moves: tuple[tuple[Row, tuple[tuple[int, tuple[tuple[int, int], ...]], ...]], ...]


NetworkStage: TypeAlias = tuple[NetworkHead, ...] | tuple[NetworkGate, ...] | tuple[NetworkCell, ...] | NetworkStates

Gadgets: TypeAlias = Sequence[HeadGadget] | Sequence[GateGadget] | Sequence[StateGadget]
"""Those of a layer."""


@dataclass(frozen=True)
class NetworkOutput:
    """An alternative of what is written: a special token, a number, or the token of the nearest place."""

    what: str | Row | tuple[Mapping[str, tuple[int, ...]], tuple[Row, ...]]
    when: tuple[Row, ...]


@dataclass(frozen=True)
class Network:
    """The gadgets of a construction, layer by layer.

    ``features`` are the coordinates of the embedding from place 1 on, by name; ``squares`` are pairs of places
    of which the first holds the square of the second; ``sign`` is the value whose sign is written, if that decides.
    """

    features: Mapping[str, Feature]
    stages: tuple[NetworkStage, ...]
    squares: tuple[tuple[int, int], ...]
    outputs: tuple[NetworkOutput, ...]
    sign: Row | None


class Drawn(Board, Protocol):
    """A wiring, as it is laid out."""

    memory: Memory
    search: Search | None
    answers: tuple[str, ...] | None
    rules: tuple[tuple[str, str, str], ...]

    @property
    def sentences(self) -> dict[str, tuple[str, ...]]: ...

    def squares(self) -> list[tuple[Coordinate, Coordinate]]: ...


def network_of(
    wiring: Drawn,
    places: Mapping[Coordinate, int],
    layers: Sequence[Gadgets],
    outputs: Sequence[Output],
    sign: Value | None,
    remembers: bool,
) -> Network:
    """The network of a wiring whose gadgets were laid out in these layers.

    ``remembers``: before them there is a recurrence for windows and counters.
    """

    def row(value: Value) -> Row:
        constant = {0: value.constant} if value.constant else {}
        return {**constant, **{places[coordinate]: p for coordinate, p in value.terms.items()}}

    def argument(given: object) -> Argument:
        if isinstance(given, Value):
            return row(given)
        return tuple(map(argument, given)) if isinstance(given, tuple) else None

    def moved(gadgets: Sequence[StateGadget]) -> NetworkStates:
        cells = [cell for gadget in gadgets for cell in gadget.outputs]
        numbers = {cell: number for number, cell in enumerate(cells)}
        moves = []
        for gadget in gadgets:
            at = [numbers[cell] for cell in gadget.outputs]
            for flag, units in groupby(gadget.units, lambda unit: row(unit.flag)):
                parts = ((at[u.selected], tuple((at[cell], weight) for cell, weight in u.change)) for u in units)
                moves.append((flag, tuple(parts)))
        reads = tuple(row(value) for gadget in gadgets for value in gadget.reads)
        return NetworkStates(tuple(c.name for c in cells), tuple(places[c] for c in cells), reads, tuple(moves))

    def stage(gadgets: Gadgets) -> NetworkStage:
        states = [g for g in gadgets if isinstance(g, StateGadget)]
        if states:
            return moved(states)
        heads = [g for g in gadgets if isinstance(g, HeadGadget)]
        if heads:
            return tuple(
                NetworkHead(
                    g.name,
                    g.gadget,
                    tuple(map(argument, g.arguments)),
                    tuple((places[c], row(v)) for c, v in g.reads.items()),
                )
                for g in heads
            )
        gates = [g for g in gadgets if isinstance(g, GateGadget)]
        return tuple(
            NetworkGate(g.name, g.gadget, tuple(map(argument, g.arguments)), places[g.outputs[0]]) for g in gates
        )

    def output(alternative: Output) -> NetworkOutput:
        what = alternative.what
        if isinstance(what, Value):
            return NetworkOutput(row(what), tuple(map(row, alternative.when)))
        if isinstance(what, Choice):
            return NetworkOutput((what.places, tuple(map(row, what.values))), tuple(map(row, alternative.when)))
        return NetworkOutput(what, tuple(map(row, alternative.when)))

    cells = {cell: number for number, cell in enumerate(wiring.memory.cells)}
    recurrence = tuple(
        NetworkCell(
            cell.coordinate.name,
            places[cell.coordinate] if cell.written else None,
            tuple((cells[other], factor) for other, factor in cell.before.items()),
            row(cell.reads),
        )
        for cell in cells
    )
    return Network(
        {coordinate.name: feature for coordinate, feature in wiring.features.items()},
        ((recurrence,) if remembers else ()) + tuple(map(stage, layers)),
        tuple(sorted((places[c], places[base]) for base, c in wiring.squares())),
        tuple(map(output, outputs)),
        None if sign is None else row(sign),
    )
