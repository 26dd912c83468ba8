"""Circuits of AND gates and inverters, as ASCII AIGER files (``aag``) have them.

A. Biere, "The AIGER and-inverter graph (AIG) format", 2007: a header ``aag M I L O A``; then I lines with an input, O
lines with an output and A lines with a gate and the two literals that it reads. Literal 2v is variable v, 2v + 1 its
negation, variable 0 is false. Gates may stand in any order. Latches and what version 1.9 adds are refused by name.
"""

import re
from collections.abc import Mapping, Sequence
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


def read_circuit(text: str) -> Circuit:
    """The circuit of an ``aag`` file, its variables numbered anew so that each gate reads earlier ones.

    Inputs keep their order, and so do gates where they are in order already. A semicolon ends a line, too.

    Raises:
        InputError: naming the line, and what was expected there.
        ResourceError: if it has more than 200,000 variables or outputs.

    >>> read_circuit("aag 3 2 0 1 1; 2; 4; 7; 6 2 5")
    Circuit(inputs=2, gates=((2, 5),), outputs=(7,))
    """
    lines = [line.strip() for line in re.split(r"[\n;]", text.replace("\r", ""))]
    most, inputs, outputs, gates = _header(lines[0])
    _require_end(lines, 1 + inputs + outputs + gates)

    def literals(first: int, count: int, each: int, what: str) -> list[list[int]]:
        return [_literals(lines, place, each, 2 * most + 1, what) for place in range(first, first + count)]

    read = [found for (found,) in literals(1, inputs, 1, "an input")]
    asked = [found for (found,) in literals(1 + inputs, outputs, 1, "an output")]
    made = literals(1 + inputs + outputs, gates, 3, "a gate and the two literals that it reads")
    defined: dict[int, int] = {}
    for place, literal in enumerate([*read, *(left for left, _, _ in made)]):
        line = 2 + place + (outputs if place >= inputs else 0)
        if literal < 2 or literal % 2:
            _refuse(lines, line - 1, f"literal {literal} is defined; expected an even number from 2")
        if literal in defined:
            _refuse(lines, line - 1, f"literal {literal} is defined in line {defined[literal]} already")
        defined[literal] = line
    uses = [(1 + inputs + place, [literal]) for place, literal in enumerate(asked)]
    uses += [(1 + inputs + outputs + place, pair) for place, (_, *pair) in enumerate(made)]
    for place, used in uses:
        unknown = next((literal for literal in used if literal > 1 and literal - literal % 2 not in defined), None)
        if unknown is not None:
            _refuse(lines, place, f"literal {unknown} is read, but no input and no gate defines it")
    return _numbered(read, asked, {left: (a, b) for left, a, b in made})


def _header(line: str) -> tuple[int, int, int, int]:
    """M, I, O and A."""
    kind, *words = line.split() or [""]
    if kind == "aig":
        raise InputError("the circuit is a binary AIGER file (aig); aigtoaig FILE.aig FILE.aag writes the ASCII form")
    if kind != "aag" or not 5 <= len(words) <= 9 or not all(map(_NUMBER.match, words)):
        raise InputError(f"line 1 of the circuit is {line[:60]!r}; expected a header `aag M I L O A` of an AIGER file")
    most, inputs, latches, outputs, gates, *added = map(int, words)
    if latches or any(added):
        what = f"{latches} latches" if latches else _ADDED
        raise InputError(f"line 1 of the circuit is {line[:60]!r}: {what}; only combinational circuits are read")
    if max(most, outputs) > _MOST:
        raise ResourceError(f"line 1 of the circuit is {line[:60]!r}; at most {_MOST:,} variables and outputs are read")
    if inputs + gates > most:
        raise InputError(
            f"line 1 of the circuit is {line[:60]!r}: M = {most} is less than I + L + A = {inputs + gates}"
        )
    return most, inputs, outputs, gates


def _require_end(lines: Sequence[str], needed: int) -> None:
    """Behind the gates stand names of inputs and outputs, and after a line ``c`` a comment."""
    if len(lines) < needed:
        raise InputError(f"the circuit has {len(lines)} lines; its header promises {needed} of them, itself included")
    for place in range(needed, len(lines)):
        if lines[place] == "c":
            return
        if lines[place] and not _SYMBOL.match(lines[place]):
            _refuse(lines, place, "expected a symbol such as `i0 name`, the line `c` before a comment, or the end")


def _literals(lines: Sequence[str], place: int, count: int, most: int, what: str) -> list[int]:
    words = lines[place].split()
    if len(words) != count or not all(map(_NUMBER.match, words)):
        _refuse(lines, place, f"expected {what}: {count} integers")
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
