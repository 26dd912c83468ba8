"""From gadgets to layers: which layer can compute each gadget, and the matrices that do it."""

from collections.abc import Mapping, Sequence

from constructions.architectures import ONE
from constructions.errors import ContractError
from constructions.wiring._blueprint import (
    Blueprint,
    SymbolicAssumption,
    SymbolicAttention,
    SymbolicFeedForward,
    SymbolicGated,
    SymbolicHead,
    SymbolicLayer,
    SymbolicMatrix,
    SymbolicRecurrence,
    SymbolicSelective,
)
from constructions.wiring._cells import CellGadget
from constructions.wiring._contract import Contract
from constructions.wiring._decision import Choice, Output
from constructions.wiring._gates import GateGadget
from constructions.wiring._heads import HeadGadget
from constructions.wiring._memory import Memory
from constructions.wiring._network import Drawn, Gadgets, network_of
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._refusal import refused
from constructions.wiring._sentences import CHOICE, NUMBER, check_sentences
from constructions.wiring._states import StateGadget
from constructions.wiring._value import Coordinate, Range, Value

Gadget = HeadGadget | GateGadget | StateGadget

_ZERO = Polynomial.constant(0)
_ONE = "one"

_TURN: dict[type[Gadget], int] = {StateGadget: 1, CellGadget: 1, HeadGadget: 2, GateGadget: 0}
"""Which slots of three are for gadgets of a kind."""


def lay_out(
    wiring: Drawn,
    gadgets: Sequence[Gadget],
    outputs: Sequence[Output],
    sign: Value | None,
    decision: Contract,
) -> Blueprint:
    """Places each gadget in the earliest layer where its inputs are there, and writes all matrices.

    Slots are counted in threes: states, then heads, then gates; the embedding, and the memory of windows and
    counters, are slot 0. Empty slots are left out.
    """
    slots = _slots(wiring, gadgets)
    made = [coordinate for gadget in gadgets for coordinate in gadget.outputs]
    columns = _Columns([*wiring.features, *wiring.memory.coordinates, *made], wiring.name)
    states = [gadget for gadget in gadgets if isinstance(gadget, StateGadget)]
    gated = any(isinstance(gadget, CellGadget) for gadget in states)
    remembers = wiring.recurrent and bool(wiring.memory.cells or not states)
    layers: list[SymbolicLayer] = [_recurrence(columns, wiring.memory)] if remembers else []
    _check_family(wiring, gadgets, slots)
    spoken = [gadget.name for gadget in gadgets if isinstance(gadget, HeadGadget)]
    others = (*wiring.specials, NUMBER, CHOICE, *(f"rule {place}" for place in range(1, len(wiring.rules) + 1)))
    check_sentences(wiring.name, wiring.sentences, spoken, others, columns.names)
    stages: list[Gadgets] = []
    for slot in sorted(set(slots.values())):
        here = [gadget for gadget in gadgets if slots[id(gadget)] == slot]
        heads = [gadget for gadget in here if isinstance(gadget, HeadGadget)]
        gates = [gadget for gadget in here if isinstance(gadget, GateGadget)]
        moved = [gadget for gadget in here if type(gadget) is StateGadget]
        cells = [gadget for gadget in here if isinstance(gadget, CellGadget)]
        layers += [_selective(columns, moved)] if moved else []
        layers += [_gated(columns, cell) for cell in cells]
        layers += [_attention(columns, heads)] if heads else []
        layers += [_feed_forward(columns, gates)] if gates else []
        stages.append(moved or heads or gates)
    return Blueprint(
        name=wiring.name,
        search=wiring.search,
        calls=tuple(wiring.record.into),
        table=wiring.rules,
        assumed=tuple(wiring.assumed),
        assumptions=tuple(
            SymbolicAssumption(a.statement, a.line, columns.matrix([(v.label, v) for v in a.values]))
            for a in wiring.assumptions
        ),
        sentences=dict(wiring.sentences),
        domain=wiring.domain,
        specials=wiring.specials,
        numbers=wiring.numbers,
        context=wiring.context,
        coordinates=columns.names,
        ranges=columns.ranges(),
        embedding=_embedding(wiring, columns),
        layers=tuple(layers),
        unembedding=_sign_rows(wiring, columns, sign) if sign is not None else _rows(wiring, columns, outputs),
        contracts=(*(gadget.contract for gadget in gadgets), decision),
        answers=wiring.answers,
        network=None if gated else network_of(wiring, columns.places, stages, outputs, sign, remembers),
    )


def _slots(wiring: Drawn, gadgets: Sequence[Gadget]) -> dict[int, int]:
    """The slot of each gadget, by its identity: the first where its inputs are there.

    The heads of a hybrid all wait for the last of them. If no head needs another, that changes no input of a
    head, and all share its layer; else some are later still.
    """
    slots = _earliest(wiring, gadgets, 0)
    heads = [slots[id(gadget)] for gadget in gadgets if isinstance(gadget, HeadGadget)]
    return _earliest(wiring, gadgets, max(heads)) if wiring.recurrent and heads else slots


def _earliest(wiring: Drawn, gadgets: Sequence[Gadget], floor: int) -> dict[int, int]:
    """Slots with no head before ``floor``; reads may refer to gadgets that were made later."""
    ready: dict[Coordinate, int] = dict.fromkeys([*wiring.features, *wiring.memory.coordinates], 0)
    slots: dict[int, int] = {}
    waiting = list(gadgets)
    while waiting:
        placed = [g for g in waiting if all(c in ready for value in g.inputs for c in value.terms)]
        if not placed:
            raise _in_a_circle(wiring, waiting)
        for gadget in placed:
            after = max((ready[c] for value in gadget.inputs for c in value.terms), default=0)
            slot = after + 1 + (_TURN[type(gadget)] - after - 1) % 3
            slot = max(slot, floor) if isinstance(gadget, HeadGadget) else slot
            slots[id(gadget)] = slot
            ready.update(dict.fromkeys(gadget.outputs, slot))
        waiting = [gadget for gadget in waiting if id(gadget) not in slots]
    return slots


def _in_a_circle(wiring: Drawn, waiting: Sequence[Gadget]) -> ContractError:
    """Each of the waiting gadgets waits for another; from one to the next until one comes twice.

    Gadgets that only wait for the circle are not named.
    """
    makers = {coordinate: gadget for gadget in waiting for coordinate in gadget.outputs}
    path = [waiting[0]]
    while path.count(path[-1]) < 2:
        missing = (c for value in path[-1].inputs for c in value.terms if c in makers)
        path.append(makers[next(missing)])
    circle = path[path.index(path[-1]) :]
    names = " needs ".join(gadget.name for gadget in circle)
    lines = ", ".join(f"{gadget.name} on {wiring.lines[gadget.name]}" for gadget in circle[:-1])
    return refused(
        f"{wiring.name}: the gadgets need each other's results in a circle: {names} (made: {lines})",
        "use a second head for what is read last, with the same match and another name",
    )


def _check_family(wiring: Drawn, gadgets: Sequence[Gadget], slots: Mapping[int, int]) -> None:
    """A linear RNN has no attention, a hybrid exactly one attention layer, a Transformer any number."""
    heads = [gadget for gadget in gadgets if isinstance(gadget, HeadGadget)]
    layers = sorted({slots[id(head)] for head in heads})
    if wiring.recurrent and len(layers) > 1:
        shown = "; ".join(", ".join(h.name for h in heads if slots[id(h)] == slot) for slot in layers)
        raise refused(
            f"{wiring.name}: a hybrid has exactly one attention layer, but these heads need {len(layers)}, one after "
            f"the other: {shown}",
            "let the recurrence remember what the later ones match (w.back, w.count), or build a Transformer",
        )


class _Columns:
    """The residual stream's coordinates in their order, and values as rows over them."""

    def __init__(self, coordinates: Sequence[Coordinate], construction: str) -> None:
        self._coordinates = coordinates
        self.names = (_ONE, *(coordinate.name for coordinate in coordinates))
        repeated = {name for name in self.names if self.names.count(name) > 1}
        if repeated:
            raise refused(
                f"{construction}: coordinates share the names {', '.join(sorted(repeated))}",
                "give the gadgets that write them names of their own (name=)",
            )
        self.places = {coordinate: index for index, coordinate in enumerate(coordinates, 1)}

    def ranges(self) -> dict[str, Range]:
        """Ranges by name."""
        one = Polynomial.constant(1)
        return {_ONE: Range(one, one), **{c.name: c.range for c in self._coordinates}}

    def place(self, coordinate: Coordinate) -> int:
        """The index of a coordinate."""
        return self.places[coordinate]

    def row(self, value: Value) -> dict[int, Polynomial]:
        """The nonzero entries of the row that computes a value."""
        entries = {self.places[coordinate]: c for coordinate, c in value.terms.items()}
        if value.constant:
            entries[0] = value.constant
        return entries

    def matrix(self, rows: Sequence[tuple[str, Value]]) -> SymbolicMatrix:
        """A matrix that computes these values."""
        entries = {(i, j): p for i, (_, value) in enumerate(rows) for j, p in self.row(value).items()}
        return SymbolicMatrix(tuple(name for name, _ in rows), self.names, entries)

    def writing(self, sources: Sequence[tuple[str, Coordinate, int]]) -> SymbolicMatrix:
        """A matrix that adds ``factor`` times each source to a coordinate."""
        entries = {
            (self.places[target], j): Polynomial.constant(factor) for j, (_, target, factor) in enumerate(sources)
        }
        return SymbolicMatrix(self.names, tuple(name for name, _, _ in sources), entries)


def _recurrence(columns: _Columns, memory: Memory) -> SymbolicRecurrence:
    """s_t = A s_{t-1} + B x_t; what is shown is copied from the state into the residual stream."""
    cells = memory.cells
    names = tuple(cell.coordinate.name for cell in cells)
    place = {cell: index for index, cell in enumerate(cells)}
    transition = {
        (place[cell], place[other]): Polynomial.constant(factor)
        for cell in cells
        for other, factor in cell.before.items()
    }
    shown = {(columns.place(cell.coordinate), place[cell]): Polynomial.constant(1) for cell in cells if cell.written}
    return SymbolicRecurrence(
        transition=SymbolicMatrix(names, names, transition),
        input=columns.matrix([(cell.coordinate.name, cell.reads) for cell in cells]),
        output=SymbolicMatrix(columns.names, names, shown),
        feedthrough=SymbolicMatrix(columns.names, columns.names, {}),
        ranges={cell.coordinate.name: cell.coordinate.range for cell in cells},
    )


def _selective(columns: _Columns, gadgets: Sequence[StateGadget]) -> SymbolicSelective:
    """s_t = s_{t-1} + what the open units add + B x_t; every cell is copied into the residual stream."""
    cells = [cell for gadget in gadgets for cell in gadget.outputs]
    names, one = tuple(cell.name for cell in cells), Polynomial.constant(1)
    places = {cell: place for place, cell in enumerate(cells)}
    units = [(unit, gadget.outputs) for gadget in gadgets for unit in gadget.units]
    labels = tuple(unit.name for unit, _ in units)
    selected = {(row, places[own[unit.selected]]): one for row, (unit, own) in enumerate(units)}
    change = {
        (places[own[cell]], column): Polynomial.constant(weight)
        for column, (unit, own) in enumerate(units)
        for cell, weight in unit.change
    }
    reads = [value for gadget in gadgets for value in gadget.reads]
    return SymbolicSelective(
        transition=SymbolicMatrix(names, names, {(place, place): one for place in places.values()}),
        input=columns.matrix(list(zip(names, reads, strict=True))),
        output=columns.writing([(cell.name, cell, 1) for cell in cells]),
        feedthrough=SymbolicMatrix(columns.names, columns.names, {}),
        ranges={cell.name: cell.range for cell in cells},
        selector=columns.matrix([(unit.name, unit.flag) for unit, _ in units]),
        selected=SymbolicMatrix(labels, names, selected),
        change=SymbolicMatrix(names, labels, change),
    )


def _gated(columns: _Columns, gadget: CellGadget) -> SymbolicGated:
    """The cells of an LSTM or GRU; what each shows is copied into the residual stream."""
    recipe, state = gadget.recipe, tuple(gadget.held)
    units = tuple(unit.name for unit in recipe.units)
    before = dict.fromkeys(recipe.carried.items(), 1) | dict(gadget.hidden)
    places = {(recipe.inner.index(name), state.index(h)): weight for (name, h), weight in before.items()}
    shown = {(columns.place(cell), state.index(cell.name)): 1 for cell in gadget.outputs}
    zero = gadget.reads[0] * 0
    values = {ONE: zero + 1, **gadget.values}
    entries = {**recipe.places(), "transition": places, "output": shown, "feedthrough": {}}

    def matrix(part: str, rows: Sequence[str], names: Sequence[str]) -> SymbolicMatrix:
        made = {place: Polynomial.constant(weight) for place, weight in entries[part].items()}
        return SymbolicMatrix(tuple(rows), tuple(names), made)

    return SymbolicGated(
        transition=matrix("transition", recipe.inner, state),
        input=columns.matrix([(name, values.get(name, zero)) for name in recipe.inner]),
        output=matrix("output", columns.names, state),
        feedthrough=matrix("feedthrough", columns.names, columns.names),
        ranges=gadget.held,
        opens=matrix("opens", units, recipe.inner),
        carries=matrix("carries", units, recipe.inner),
        adds=matrix("adds", recipe.inner, units),
        kept=matrix("kept", state, recipe.inner),
        inner=gadget.inner,
    )


def _attention(columns: _Columns, heads: Sequence[HeadGadget]) -> SymbolicAttention:
    return SymbolicAttention(
        tuple(
            SymbolicHead(
                name=head.name,
                query=columns.matrix([(f.name, f.query) for f in head.features]),
                key=columns.matrix([(f.name, f.key) for f in head.features]),
                value=columns.matrix([(coordinate.name, value) for coordinate, value in head.reads.items()]),
                output=columns.writing([(c.name, c, 1) for c in head.reads]),
                slope=head.slope,
            )
            for head in heads
        )
    )


def _feed_forward(columns: _Columns, gates: Sequence[GateGadget]) -> SymbolicFeedForward:
    units = [(unit, gadget.outputs[0]) for gadget in gates for unit in gadget.units]
    return SymbolicFeedForward(
        gate=columns.matrix([(unit.name, unit.gate) for unit, _ in units]),
        value=columns.matrix([(unit.name, unit.value) for unit, _ in units]),
        output=columns.writing([(unit.name, target, unit.factor) for unit, target in units]),
    )


def _embedding(wiring: Drawn, columns: _Columns) -> dict[str, SymbolicMatrix]:
    polynomial = {(0, 0): 1}
    special = {(0, j): Polynomial.constant(1) for j in range(len(wiring.specials))}
    position: dict[tuple[int, int], int] = {}
    for coordinate, feature in wiring.features.items():
        i = columns.place(coordinate)
        polynomial |= {(i, power): c for power, c in enumerate(feature.number)}
        position |= {(i, power): c for power, c in enumerate(feature.position)}
        special |= {(i, wiring.specials.index(name)): value for name, value in feature.specials}

    def matrix(names: Sequence[str], entries: Mapping[tuple[int, int], Polynomial | int]) -> SymbolicMatrix:
        kept = {place: Polynomial.of(c) for place, c in entries.items() if c}
        return SymbolicMatrix(columns.names, tuple(names), kept)

    return {
        "polynomial": matrix(("1", "k", "k^2"), polynomial),
        "special": matrix(wiring.specials, special),
        "position": matrix(("i", "i^2"), position),
    }


def _rows(wiring: Drawn, columns: _Columns, outputs: Sequence[Output]) -> dict[str, SymbolicMatrix]:
    """Logits W (sum of the flags - (k - 1)) with W = M, 2 M, .. from the last; numbers and choices add their part."""
    special: dict[tuple[int, int], Polynomial] = {}
    polynomial: dict[tuple[int, int], Polynomial] = {}
    alone = len(outputs) == 1 and isinstance(outputs[0].what, Value)
    if alone:
        special = _below_every_number(wiring)
    for weight, output in enumerate(reversed(outputs), 1):
        applies = sum(output.when, wiring.zero) - (len(output.when) - 1)
        row = columns.row(applies * (wiring.logit_scale * weight))
        if isinstance(output.what, Value):
            polynomial |= {} if alone else {(0, j): p for j, p in row.items()}
            polynomial |= {(1, j): p for j, p in columns.row(2 * output.what).items()}
            polynomial[2, 0] = Polynomial.constant(-1)
        elif isinstance(output.what, Choice):
            # Twice the product of a token's place and the values, less its square: the nearest token has the largest.
            doubled = [columns.row(2 * value) for value in output.what.values]
            for token, place in output.what.places.items():
                i = wiring.specials.index(token)
                logit = {**row, 0: row.get(0, _ZERO) - sum(c * c for c in place)}
                for c, values in zip(place, doubled, strict=True):
                    if c:
                        logit |= {j: logit[j] + p * c if j in logit else p * c for j, p in values.items()}
                special |= {(i, j): p for j, p in logit.items()}
        else:
            special |= {(wiring.specials.index(output.what), j): p for j, p in row.items()}
    return _unembedding(wiring, columns, polynomial, special)


def _sign_rows(wiring: Drawn, columns: _Columns, value: Value) -> dict[str, SymbolicMatrix]:
    """Logits value * k - 3 k (k - 1); special tokens stay below the larger of 0 and the value."""
    minus_three = wiring.constant(-3)
    linear = columns.row(value - minus_three)
    polynomial = {(1, j): p for j, p in linear.items()} | {(2, 0): Polynomial.constant(-3)}
    return _unembedding(wiring, columns, polynomial, _below_every_number(wiring))


def _below_every_number(wiring: Drawn) -> dict[tuple[int, int], Polynomial]:
    """Logit -1 for each special token, where the largest logit of a number is never negative."""
    return {(i, 0): Polynomial.constant(-1) for i in range(len(wiring.specials))}


def _unembedding(
    wiring: Drawn,
    columns: _Columns,
    polynomial: Mapping[tuple[int, int], Polynomial],
    special: Mapping[tuple[int, int], Polynomial],
) -> dict[str, SymbolicMatrix]:
    return {
        "polynomial": SymbolicMatrix(("1", "k", "k^2"), columns.names, {k: p for k, p in polynomial.items() if p}),
        "special": SymbolicMatrix(wiring.specials, columns.names, {k: p for k, p in special.items() if p}),
    }
