"""Circuits of AND gates and inverters, as ASCII AIGER files (``aag``) have them.

A. Biere, "The AIGER and-inverter graph (AIG) format", 2007: a header ``aag M I L O A``; then I lines with an input, O
lines with an output and A lines with a gate and the two literals that it reads. Literal 2v is variable v, 2v + 1 its
negation, variable 0 is false. Gates may stand in any order. L lines with a latch, what it holds next and, if that is
not 0, what it holds at first stand behind the inputs. What version 1.9 adds is refused by name.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple, NoReturn

from constructions.errors import InputError, ResourceError

_MOST = 200_000
_NUMBER = re.compile(r"[0-9]{1,9}\Z")
_SYMBOL = re.compile(r"[ilobcjf][0-9]{1,9}(?: |\Z)")
_ADDED = "bad states, constraints, justice and fairness"


class Circuit(NamedTuple):
    """Variables 1 .. ``inputs`` are inputs; gate k, from 1, is variable ``inputs + k`` and reads literals before it."""

    inputs: int
    gates: tuple[tuple[int, int], ...]
    outputs: tuple[int, ...]

    @property
    def text(self) -> str:
        """The file, with semicolons in the place of line ends."""
        first = self.inputs + 1
        header = f"aag {self.inputs + len(self.gates)} {self.inputs} 0 {len(self.outputs)} {len(self.gates)}"
        gates = (f"{2 * variable} {a} {b}" for variable, (a, b) in enumerate(self.gates, first))
        return " ; ".join([header, *(str(2 * v) for v in range(1, first)), *map(str, self.outputs), *gates])


class Sequential(NamedTuple):
    """A circuit with latches: its first inputs are what they hold, its first outputs what they hold next.

    ``initial`` has the bit that each latch holds at first.
    """

    circuit: Circuit
    initial: tuple[int, ...]

    @property
    def text(self) -> str:
        """The file, with semicolons in the place of line ends; inputs come first there, and so do their numbers."""
        (inputs, gates, outputs), latches = self.circuit, len(self.initial)
        header = f"aag {inputs + len(gates)} {inputs - latches} {latches} {len(outputs) - latches} {len(gates)}"
        held = [f"{2 * v} {outputs[v - 1]} {bit}" for v, bit in enumerate(self.initial, 1)]
        lines = self.circuit.text.split(" ; ")
        return " ; ".join([header, *lines[1 + latches : 1 + inputs], *held, *lines[1 + inputs + latches :]])


def read_circuit(text: str) -> Circuit:
    """The circuit of an ``aag`` file, its variables numbered anew so that each gate reads earlier ones.

    Inputs keep their order, and so do gates where they are in order already. A semicolon ends a line, too.

    Raises:
        InputError: naming the line, and what was expected there; if there are latches.
        ResourceError: if it has more than 200,000 variables or outputs.

    >>> read_circuit("aag 3 2 0 1 1; 2; 4; 7; 6 2 5")
    Circuit(inputs=2, gates=((2, 5),), outputs=(7,))
    """
    found, latches = read_sequential(text)
    if latches:
        raise InputError(
            f"line 1 of the circuit is {_lines(text)[0][:60]!r}: {len(latches)} latches; only combinational circuits "
            "are read"
        )
    return found


def read_sequential(text: str) -> Sequential:
    """The circuit of an ``aag`` file that may have latches; see :func:`read_circuit`.

    >>> read_sequential("aag 2 1 1 1 0; 2; 4 3 1; 4")
    Sequential(circuit=Circuit(inputs=2, gates=(), outputs=(5, 2)), initial=(1,))
    """
    lines = _lines(text)
    most, *counts = _header(lines[0])
    starts = list(accumulate(counts, initial=1))
    _require_end(lines, starts[-1])
    read, held, asked, made = (
        [_literals(lines, place, widths, 2 * most + 1, what) for place in range(start, start + count)]
        for start, count, (widths, what) in zip(starts, counts, _PARTS, strict=False)
    )
    defines = [
        (place, row[0])
        for part, rows in ((0, read), (1, held), (3, made))
        for place, row in enumerate(rows, starts[part])
    ]
    defined = _defined(lines, defines)
    uses = [(place, row[1:2]) for place, row in enumerate(held, starts[1])]
    uses += [*enumerate(asked, starts[2]), *((place, row[1:]) for place, row in enumerate(made, starts[3]))]
    for place, used in uses:
        unknown = next((literal for literal in used if literal > 1 and literal - literal % 2 not in defined), None)
        if unknown is not None:
            _refuse(lines, place, f"literal {unknown} is read, but nothing defines it")
    for place, row in enumerate(held, starts[1]):
        if len(row) > 2 and row[2] > 1:
            _refuse(lines, place, f"the latch holds {row[2]} at first; expected 0 or 1")
    leaves, following = [row[0] for row in held + read], [row[1] for row in held] + [row[0] for row in asked]
    circuit = _numbered(leaves, following, {left: (a, b) for left, a, b in made})
    return Sequential(circuit, tuple(row[2] if len(row) > 2 else 0 for row in held))


_PARTS = (
    ((1,), "an input: 1 integer"),
    ((2, 3), "a latch, what it holds next and at first: 2 or 3 integers"),
    ((1,), "an output: 1 integer"),
    ((3,), "a gate and the two literals that it reads: 3 integers"),
)
"""How many integers the lines of each part have, and what they are."""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\n;]", text.replace("\r", ""))]


def _defined(lines: Sequence[str], defines: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The literals that are defined, each once, with their lines."""
    defined: dict[int, int] = {}
    for place, literal in defines:
        if literal < 2 or literal % 2:
            _refuse(lines, place, f"literal {literal} is defined; expected an even number from 2")
        if literal in defined:
            _refuse(lines, place, f"literal {literal} is defined in line {defined[literal]} already")
        defined[literal] = place + 1
    return defined


def _header(line: str) -> tuple[int, int, int, int, int]:
    """M, I, L, O and A."""
    kind, *words = line.split() or [""]
    if kind == "aig":
        raise InputError("the circuit is a binary AIGER file (aig); aigtoaig FILE.aig FILE.aag writes the ASCII form")
    if kind != "aag" or not 5 <= len(words) <= 9 or not all(map(_NUMBER.match, words)):
        raise InputError(f"line 1 of the circuit is {line[:60]!r}; expected a header `aag M I L O A` of an AIGER file")
    most, inputs, latches, outputs, gates, *added = map(int, words)
    begin = f"line 1 of the circuit is {line[:60]!r}"
    if any(added):
        raise InputError(f"{begin}: {_ADDED} are not read")
    if max(most, outputs) > _MOST:
        raise ResourceError(f"{begin}; at most {_MOST:,} variables and outputs are read")
    if inputs + latches + gates > most:
        raise InputError(f"{begin}: M = {most} is less than I + L + A = {inputs + latches + gates}")
    return most, inputs, latches, outputs, gates


def _require_end(lines: Sequence[str], needed: int) -> None:
    """Behind the gates stand names of inputs and outputs, and after a line ``c`` a comment."""
    if len(lines) < needed:
        raise InputError(f"the circuit has {len(lines)} lines; its header promises {needed} of them, itself included")
    for place in range(needed, len(lines)):
        if lines[place] == "c":
            return
        if lines[place] and not _SYMBOL.match(lines[place]):
            _refuse(lines, place, "expected a symbol such as `i0 name`, the line `c` before a comment, or the end")


def _literals(lines: Sequence[str], place: int, counts: tuple[int, ...], most: int, what: str) -> list[int]:
    words = lines[place].split()
    if len(words) not in counts or not all(map(_NUMBER.match, words)):
        _refuse(lines, place, f"expected {what}")
    found = [int(word) for word in words]
    if max(found) > most:
        _refuse(lines, place, f"expected literals up to 2 M + 1 = {most}")
    return found


def _refuse(lines: Sequence[str], place: int, why: str) -> NoReturn:
    raise InputError(f"line {place + 1} of the circuit is {lines[place][:60]!r}: {why}")


def _numbered(read: Sequence[int], asked: Sequence[int], made: Mapping[int, tuple[int, int]]) -> Circuit:
    """Gates after what they read: each is entered once what it reads has its number.

    Raises:
        InputError: if a gate reads itself, through others or not.
    """
    number = {0: 0} | {literal: 2 * place for place, literal in enumerate(read, 1)}
    gates: list[tuple[int, int]] = []
    for wanted in made:
        path, waiting = [wanted], {wanted}
        while path:
            gate = path[-1]
            missing = next((x - x % 2 for x in made[gate] if gate not in number and x - x % 2 not in number), None)
            if missing is not None:
                if missing in waiting:
                    raise InputError(f"the gates of the circuit form a cycle through literal {missing}")
                path.append(missing)
                waiting.add(missing)
                continue
            path.pop()
            if gate not in number:
                a, b = (number[x - x % 2] + x % 2 for x in made[gate])
                gates.append((a, b))
                number[gate] = 2 * (len(read) + len(gates))
    return Circuit(len(read), tuple(gates), tuple(number[x - x % 2] + x % 2 for x in asked))
