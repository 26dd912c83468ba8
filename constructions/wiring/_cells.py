"""LSTM and GRU cells as gadgets, whose gates are integers: open from 1 on, shut at 0 and below.

A gate of a trained cell is hardsigmoid(x) of a sum x of what is read and of the state before. For x = 6 m - 3 with an
integer m that is min(max(m, 0), 1): no gate is half open, so integers stay integers. What is given here is m.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from constructions.architectures import GATES, ONE, TANH, CellKind, Recipe, asked, long_term, recipe
from constructions.wiring._board import Board
from constructions.wiring._contract import Contract, at_most
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._refusal import refused, shown
from constructions.wiring._states import StateGadget, square
from constructions.wiring._value import FLAG, Coordinate, Operand, Range, Value, own, require_integer

_ONE, _ZERO = Polynomial.constant(1), Polynomial.constant(0)
_SIGNS = Range(-_ONE, _ONE)


@dataclass(eq=False)
class CellGadget(StateGadget):
    """Cells of one gated recurrence; ``values`` are what inner numbers read, ``hidden`` what of the state before.

    ``held`` and ``inner`` are the ranges of the state and of the inner numbers.
    """

    recipe: Recipe
    values: Mapping[str, Value]
    hidden: Mapping[tuple[str, str], int]
    held: Mapping[str, Range]
    inner: Mapping[str, Range]


def cells(
    wiring: Board,
    name: str,
    kind: CellKind,
    given: Mapping[str, Sequence[Operand] | None],
    hidden: Mapping[str, Sequence[Sequence[int]]] | None,
) -> CellGadget:
    """The cells of one layer: what each gate reads, a value for each cell, and matrices over the h before.

    A gate that is not given is open; only z of a GRU, which keeps, is shut then.
    """
    by, main = f"{wiring.name}: {kind} {name!r}", "g" if kind == "LSTM" else "n"
    if not wiring.recurrent:
        raise refused(f"{by} needs a recurrence", "build a recurrent model, with recurrent=True")
    for gate, listed in given.items():
        if not isinstance(listed, list | tuple | None):
            raise refused(f"{by}: {gate}= was given {shown(listed)}", f"give {gate}= a list with a value for each cell")
    size = len(given[main] or ())
    if not size:
        raise refused(f"{by} has no cells", f"give {main}= a list with a value for each cell")
    labels = [name] if size == 1 else [f"{name}.{place}" for place in range(size)]
    if not isinstance(hidden, Mapping | None):
        raise refused(f"{by}: hidden= was given {shown(hidden)}", f"name a gate, such as {{{main!r}: [[1]]}}")
    hidden = hidden or {}
    for gate in hidden:
        if gate not in GATES[kind]:
            raise refused(f"{by}: hidden= has no gate {gate!r}", f"name one of {', '.join(GATES[kind])}")
    matrices = {g: square(by, m, size, "hidden=") for g, m in hidden.items()}
    values, before = dict[str, Value](), dict[tuple[str, str], int]()
    for gate in GATES[kind]:
        operands = given[gate]
        if operands is None:
            operands = [0 if gate == "z" else 1] * size
        if len(operands) != size:
            raise refused(
                f"{by}: {gate}= has {len(operands)} values, but {main}= has {size}", "give a value for each cell"
            )
        for row, (label, operand) in enumerate(zip(labels, operands, strict=True)):
            value = values[asked(gate, label)] = own(wiring.domain, operand, by)
            require_integer(value, f"{kind} {name!r}")
            inner = asked("m" if gate == "n" else gate, label)
            before |= {
                (inner, labels[j]): w for j, w in enumerate(matrices[gate][row] if gate in matrices else ()) if w
            }
    return _with_ranges(wiring, name, kind, labels, values, before)


def _with_ranges(
    wiring: Board,
    name: str,
    kind: CellKind,
    labels: Sequence[str],
    values: Mapping[str, Value],
    hidden: Mapping[tuple[str, str], int],
) -> CellGadget:
    """Ranges by induction: cells that take in nothing negative hold nothing negative, and c grows by at most 1."""
    domain, main = wiring.domain, "g" if kind == "LSTM" else "n"
    made = recipe(kind, labels)

    def recalled(inner: str, signed: set[str]) -> tuple[int, int]:
        row = [(w, cell in signed) for (target, cell), w in hidden.items() if target == inner]
        low = sum(-abs(w) if signs else min(w, 0) for w, signs in row)
        return low, sum(abs(w) if signs else max(w, 0) for w, signs in row)

    def taken_in(cell: str, signed: set[str]) -> Polynomial:
        """The least that a cell takes in; r multiplies what is recalled of n by 0 or 1."""
        return values[asked(main, cell)].range.low + min(
            0, recalled(asked("m" if kind == "GRU" else main, cell), signed)[0]
        )

    signed = set[str]()
    while more := {cell for cell in labels if not domain.proves(taken_in(cell, signed))} - signed:
        signed |= more
    needs = [at_most(0, taken_in(c, signed), f"what {c} takes in is not negative") for c in labels if c not in signed]
    inner = {ONE: Range(_ONE, _ONE)}
    for target, value in values.items():
        low, high = recalled(target, signed)
        inner[target] = Range(value.range.low + low, value.range.high + high)
    longest = wiring.context + 1
    held = {cell: _SIGNS if cell in signed else FLAG for cell in labels}
    for cell in labels:
        for part in "ifo" if kind == "LSTM" else "rz":
            inner[f"{cell}.{part}"] = FLAG
        for part in (main, "t", "h'"):
            inner[f"{cell}.{part}"] = held[cell]
        if kind == "LSTM":
            held[long_term(cell)] = Range(-longest if cell in signed else _ZERO, longest)
            inner |= dict.fromkeys((f"{cell}.c before", f"{cell}.c'"), held[long_term(cell)])
        else:
            low, high = recalled(asked("m", cell), signed)
            inner[asked("m", cell)] = Range(Polynomial.constant(low), Polynomial.constant(high))
            inner[f"{cell}.h"] = held[cell]
            reads = inner[asked("n", cell)]
            inner[asked("n", cell)] = Range(reads.low + min(low, 0), reads.high + max(high, 0))
    inner = {part: inner[part] for part in made.inner}

    def size(parts: Mapping[str, int]) -> Polynomial:
        sizes = (abs(w) * domain.upper(domain.maximum(inner[p].high, -inner[p].low)) for p, w in parts.items())
        return sum(sizes, _ZERO)

    products = (size(unit.opens) * size(unit.carries) for unit in made.units)
    magnitude = sum(products, size(dict.fromkeys(made.inner, 1)))
    text = (
        "a cell keeps what it holds where f >= 1, takes in g, cut off at -1 and 1, where i >= 1, and shows what it "
        "holds, cut off, where o >= 1; each token moves it by at most 1"
        if kind == "LSTM"
        else "a cell keeps what it holds where z >= 1, else it holds n, cut off at -1 and 1"
    )
    outputs = [Coordinate(cell, held[cell], _first(kind, cell, values)) for cell in labels]
    contract = Contract(name, kind, tuple(needs), text, None, magnitude)
    return CellGadget(name, kind, tuple(values.values()), (), contract, outputs, made, values, hidden, held, inner)


def _first(kind: CellKind, cell: str, values: Mapping[str, Value]) -> Polynomial | None:
    """What a cell shows at the first token, before which all is 0."""
    starts = [values[asked(gate, cell)].start for gate in GATES[kind]]
    known = [None if start is None else start.as_constant for start in starts]
    if None in known:
        return None
    signs = [gate in TANH for gate in GATES[kind]]
    cut = [max(-1 if sign else 0, min(1, int(m or 0))) for m, sign in zip(known, signs, strict=True)]
    if kind == "LSTM":
        i, _, g, o = cut
        return Polynomial.constant(i * g * o)
    _, z, n = cut
    return Polynomial.constant((1 - z) * n)
