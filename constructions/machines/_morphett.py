"""The format of Anthony Morphett's simulator: one rule on each line, ``state read write move next``.

============ ========================================================================================
``_``        the blank
``l r *``    move left, right, stay
``*``        as the symbol that is read or the state: any that has no rule of its own; of two such rules
             the one for the state goes first; as what is written or entered: no change
``halt...``  a state that begins so, in any case, is halting; so is one that is entered and has no rule
``;``        begins a comment; ``; $INITIAL_TAPE: 101`` gives an input, with or without the colon; a space in it
             is a blank
``!``        a sixth field, a breakpoint, which does not matter here
============ ========================================================================================

The machine begins in state ``0``, or in the state of the first rule if there is no ``0``. Its symbols are those
that the text or the word on the tape names: a ``*`` stands for these. Where no rule applies the run ends, undefined.
"""

import re
from typing import NamedTuple

from constructions.errors import InputError, ResourceError, shown
from constructions.machines._machine import Machine
from constructions.machines._machine_builder import Draft, fault

_ANY = "*"
_BLANK = "_"
_MOST_CELLS = 2**22
_MOVES = {"l": -1, "r": 1, "*": 0}
_TAPE = re.compile(r"\$INITIAL_TAPE\b\s*:?(.*)")


class _Line(NamedTuple):
    state: str
    read: str
    write: str
    move: int
    target: str
    line: int


def read_morphett(text: str, word: str = "") -> Machine:
    """Reads the machine of a text; ``word`` is what it will run on, whose symbols ``*`` stands for too.

    Raises:
        InputError: naming the line and what is wrong there.
        ResourceError: for more rules than are read.

    >>> machine = read_morphett("0 * * r 0  ; to the right\\n0 _ 1 * halt\\n;$INITIAL_TAPE:11")
    >>> machine.states, machine.symbols, len(machine.table)
    (('0', 'halt'), ('_', '1'), 2)
    """
    rules, tape = _rules(text)
    draft = Draft()
    draft.symbol(_BLANK, 1)
    for rule in rules.values():
        if rule.state != _ANY:
            draft.state(rule.state, rule.line)
        for symbol in {rule.read: None, rule.write: None}:
            if symbol != _ANY:
                draft.symbol(symbol, rule.line)
    content, tape_line = tape
    for symbol in content:
        draft.symbol(symbol, tape_line)
    if any(rule.read == _ANY for rule in rules.values()):
        for symbol in word:
            draft.symbol(symbol, 1)
    start = "0" if "0" in draft.states or not draft.states else next(iter(draft.states))
    draft.state(start, 1)
    _targets(draft, rules)
    if len(draft.states) * len(draft.symbols) > _MOST_CELLS:
        raise ResourceError(f"{len(draft.states)} states and {len(draft.symbols)} symbols: more than are read")
    for_all = any(rule.state == _ANY for rule in rules.values())
    ruled = {rule.state for rule in rules.values()}
    halting = {state for state in draft.states if _halts(state) or not (for_all or state in ruled)}
    for state in draft.states:
        if state in halting:
            continue
        for symbol in draft.symbols:
            options = ((state, symbol), (state, _ANY), (_ANY, symbol), (_ANY, _ANY))
            chosen = next((rules[option] for option in options if option in rules), None)
            if chosen is not None:
                write = symbol if chosen.write == _ANY else chosen.write
                target = state if chosen.target == _ANY else chosen.target
                draft.add(state, symbol, (write, chosen.move, target), chosen.line)
    return draft.machine("machine", _BLANK, start, halting, content)


def _targets(draft: Draft, rules: dict[tuple[str, str], _Line]) -> None:
    """Declares the states that are entered."""
    for rule in rules.values():
        if rule.target != _ANY:
            draft.state(rule.target, rule.line)


def _halts(state: str) -> bool:
    return state[:4].lower() == "halt"


def _rules(text: str) -> tuple[dict[tuple[str, str], _Line], tuple[str, int]]:
    """The rules by state and symbol, wildcards as they stand, and the input with its line."""
    rules: dict[tuple[str, str], _Line] = {}
    tape = ("", 1)
    _refuse_rules_of_two_lines(text)
    for number, line in enumerate(text.splitlines(), 1):
        content, _, comment = line.partition(";")
        given = _TAPE.search(comment)
        if given is not None:
            tape = (_tape(given.group(1).strip(), number), number)
        fields = content.split()
        if not fields:
            continue
        rule = _rule(fields, number)
        key = rule.state, rule.read
        if key in rules and rules[key][2:5] != rule[2:5]:
            fault(
                number,
                f"a second rule for state {shown(rule.state)} and symbol {rule.read!r}, the first is on line "
                f"{rules[key].line}; expected a deterministic machine",
            )
        rules.setdefault(key, rule)
    if not rules:
        raise InputError("line 1: no rule, expected lines such as `0 1 0 r halt`")
    return rules, tape


def _refuse_rules_of_two_lines(text: str) -> None:
    """Refuse the format with headings `init:` and `accept:`, and `q0,a` above `q1,b,>` as a rule."""
    if all(re.search(rf"^{heading}\s*:", text, re.MULTILINE | re.IGNORECASE) for heading in ("init", "accept")):
        for number, line in enumerate(text.splitlines(), 1):
            if (tapes := line.count(",")) and ":" not in line:
                multi = f", of a multi-tape machine with {tapes} tapes" if tapes > 1 else ""
                fault(number, f"a rule in two lines{multi}: expected lines such as `0 1 0 r halt` (one tape)")


def _rule(fields: list[str], number: int) -> _Line:
    if len(fields) == 6 and fields[5] == "!":
        fields = fields[:5]
    if len(fields) != 5:
        tapes, rest = divmod(len(fields) - 2, 3)
        multi = f", as a multi-tape machine with {tapes} tapes has" if tapes > 1 and not rest else ""
        fault(
            number,
            f"{len(fields)} fields{multi}, expected five: state, symbol read, symbol written, move, next state "
            "(one tape)",
        )
    state, read, write, move, target = fields
    each = [re.sub(r"[\[\](),]", "", field) for field in (read, write, move)]
    if len({*map(len, each)}) == 1 < len(each[0]) and all(way in _MOVES for way in each[2].lower()):
        fault(
            number, f"symbols {shown(read)}, as a multi-tape machine with {len(each[0])} tapes reads; expected one tape"
        )
    for symbol in (read, write):
        if len(symbol) != 1:
            fault(number, f"symbol {shown(symbol)}: expected one character")
    if move.lower() not in _MOVES:
        fault(number, f"move {shown(move)}: expected l, r or * (stay)")
    if _halts(state):
        fault(number, f"a rule for the halting state {shown(state)}")
    return _Line(state, read, write, _MOVES[move.lower()], target, number)


def _tape(content: str, number: int) -> str:
    """The input; a star marks where the head begins, which here is the first cell."""
    if "*" in content[1:]:
        fault(number, "the tape marks a cell other than the first with `*`: the head begins at the first cell")
    return content.removeprefix("*").replace(" ", _BLANK)
