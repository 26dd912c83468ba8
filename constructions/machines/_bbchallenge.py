"""The text of the busy beaver challenge: ``1RB1LB_1LA1RZ``.

There is a row for each state, A, B, ..., and in it a cell for each symbol, 0, 1, ...; a cell is the symbol to write, L
or R, and the next state. The blank is 0, and the machine begins in A on an empty tape. A letter beyond the rows is a
halting state, and ``---`` a cell without a transition. The size is read off the rows. In lists of machines a number may
stand in front, and words behind; rows may be apart by blanks.
"""

import re
from collections.abc import Callable
from string import ascii_uppercase

from constructions.errors import InputError, shown
from constructions.machines._machine import Machine
from constructions.machines._machine_builder import Draft, fault

_CELL = re.compile(r"([0-9])([LR])([A-Z])|---", re.ASCII)
_CELLS = re.compile(r"(?:[0-9][LR][A-Z]|---|_)+", re.ASCII)
_INDEX = re.compile(r"[#(]?[0-9]{1,18}[.:,)]?", re.ASCII)
_PART = re.compile(r"[0-9][LR]|---|.*_", re.ASCII)
_UNDEFINED = "---"
_MOVES = {"L": -1, "R": 1}


def read_bbchallenge(text: str, say: Callable[[str], object] = lambda _: None) -> Machine:
    """Reads the machine of a text in this format; ``say`` is called with what stands around it.

    Raises:
        InputError: naming the line and what is wrong there.

    >>> machine = read_bbchallenge("1RB1LB_1LA1RZ")
    >>> machine.states, machine.symbols, machine.halting
    (('A', 'B', 'Z'), ('0', '1'), frozenset({2}))
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith(("#", "//", "%"))]
    if not lines:
        raise InputError("line 1: an empty text, expected rows such as `1RB1LB_1LA1RZ`")
    if len(lines) > 1:
        line, other = lines[1]
        fault(
            line,
            f"{shown(other)} after the machine on line {lines[0][0]}, expected one machine; @FILE:{line} chooses "
            "the one on this line",
        )
    line, content = lines[0]
    rows = _rows(content, line, say)
    if len(rows) > len(ascii_uppercase):
        fault(line, f"{len(rows)} rows, expected one for each of at most {len(ascii_uppercase)} states")
    draft = Draft()
    for state in ascii_uppercase[: len(rows)]:
        draft.state(state, line)
    for digit in range(_width(rows, line)):
        draft.symbol(str(digit), line)
    halting: set[str] = set()
    for state, row in zip(ascii_uppercase, rows, strict=False):
        for symbol in draft.symbols:
            place = f"row {state}, symbol {symbol}"
            cell = row[3 * int(symbol) :][:3]
            match = _CELL.fullmatch(cell)
            if match is None:
                fault(line, f"{place} is {cell!r}, expected such as `1RB`, or `---` for no transition")
            if cell == _UNDEFINED:
                continue
            write, move, target = match.groups()
            if write not in draft.symbols:
                fault(
                    line, f"{place} is {cell!r}: the symbol {write} is not defined, each row has {len(draft.symbols)}"
                )
            if target not in ascii_uppercase[: len(rows)]:
                halting.add(draft.state(target, line))
            draft.add(state, symbol, (write, _MOVES[move], target), line)
    return draft.machine("_".join(rows), "0", "A", halting)


def _rows(content: str, line: int, say: Callable[[str], object]) -> list[str]:
    """The rows of a machine, with an index in front, words behind, and blanks between the rows or the cells."""
    words = content.split()
    if len(words) > 1 and _INDEX.fullmatch(words[0]):
        say(f"line {line}: {shown(words.pop(0))} is read as the number of the machine")
    behind = next((place for place, word in enumerate(words) if place and not _PART.match(word)), len(words))
    parts, rest = words[:behind], words[behind:]
    if any(_PART.match(word) or _CELL.search(word) for word in rest):
        fault(line, f"{shown(content)}: expected the machine in one piece, with words only behind it")
    if rest:
        say(f"line {line}: {shown(' '.join(rest))} behind the machine is not read")
    if len(parts) > 1 and not all(map(_CELLS.fullmatch, parts)):
        fault(line, f"{shown(content)}: expected blanks only between rows or cells such as `1RB`")
    if "_" in "".join(parts):
        return "".join(parts).split("_")
    if len(parts) > 1 and len(parts[0]) == 3:
        fault(line, f"{shown(content)}: expected `_` between the rows where blanks stand between the cells")
    return parts


def _width(rows: list[str], line: int) -> int:
    """How many symbols there are, from the length of the rows."""
    for state, row in zip(ascii_uppercase, rows, strict=False):
        if not row or len(row) % 3:
            fault(line, f"row {state} is {shown(row)}: {len(row)} characters, expected a positive multiple of 3")
        if len(row) != len(rows[0]):
            fault(line, f"row {state} has {len(row) // 3} cells, row A has {len(rows[0]) // 3}; expected equally many")
    if len(rows[0]) > 30:
        fault(line, f"row A has {len(rows[0]) // 3} cells, expected at most 10, for the symbols 0 to 9")
    return len(rows[0]) // 3


def write_bbchallenge(machine: Machine) -> str:
    """The machine in this format; states and symbols lose their names but keep their order, start and blank first.

    Raises:
        InputError: if the machine stays in place somewhere, has an input, begins in a halting state, or has
            more states or symbols than there are letters or digits.

    >>> write_bbchallenge(read_bbchallenge("1RB---_1LA1RH"))
    '1RB---_1LA1RH'
    """
    if machine.input:
        raise InputError("the bbchallenge text has no place for an input: expected a machine without one")
    if machine.start in machine.halting:
        raise InputError("the bbchallenge text begins in state A: expected a start that is not halting")
    if len(machine.symbols) > 10:
        raise InputError(f"the bbchallenge text has the symbols 0 to 9, the machine has {len(machine.symbols)}")
    letters = _letters(machine)
    digits = [machine.blank, *(s for s in range(len(machine.symbols)) if s != machine.blank)]
    written = []
    for state in sorted(set(range(len(machine.states))) - machine.halting, key=lambda q: letters[q]):
        row = ""
        for symbol in digits:
            transition = machine.table.get((state, symbol))
            if transition is None:
                row += _UNDEFINED
            elif transition.move == 0:
                raise InputError(
                    f"the bbchallenge text moves with every step; state {machine.states[state]!r}, "
                    f"symbol {machine.symbols[symbol]!r} stays"
                )
            else:
                row += f"{digits.index(transition.write)}{'L?R'[transition.move + 1]}{letters[transition.state]}"
        written.append(row)
    return "_".join(written)


def _letters(machine: Machine) -> dict[int, str]:
    """A letter for every state: those with rows in order, halting ones their own name or one from the end."""
    if len(machine.states) > len(ascii_uppercase):
        raise InputError(f"the bbchallenge text has the states A to Z, the machine has {len(machine.states)}")
    rows = [machine.start]
    rows += [q for q in range(len(machine.states)) if q != machine.start and q not in machine.halting]
    letters = dict(zip(rows, ascii_uppercase, strict=False))
    free = list(reversed(ascii_uppercase[len(rows) :]))
    for state in sorted(machine.halting):
        name = machine.states[state]
        if name in free:
            letters[state] = name
            free.remove(name)
    for state in sorted(machine.halting - letters.keys()):
        letters[state] = free.pop(0)
    return letters
