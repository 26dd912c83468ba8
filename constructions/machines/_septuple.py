"""Machines as courses write them: the parts of the tuple, then the transitions.

============== ======================================================================================
``#Q = {0,h}`` the states; also ``#S`` (symbols of inputs), ``#G`` (all symbols) and ``#F`` (final states)
``#q0 = 0``    the start state
``#B = _``     the blank
``#N = 1``     the number of tapes, which must be 1
``0 1 0 r 0``  state, symbol read, symbol written, move ``l``, ``r`` or ``*`` (stay), next state; ``#D`` may stand
               in front, and ``;`` begins a comment
============== ======================================================================================

A final state ends the run, and so does one without transitions. Programs differ on what ``*`` stands for as a symbol,
and on transitions out of a final state: both are refused.
"""

import re

from constructions.errors import InputError, shown
from constructions.machines._machine import Machine
from constructions.machines._machine_builder import Draft, fault

_PART = re.compile(r"#(Q|S|G|q0|B|F|N)\s*=\s*(.*)")
_MOVES = {"l": -1, "r": 1, "*": 0}


def read_septuple(text: str) -> Machine:
    """Reads the machine of a text in this module's format.

    Raises:
        InputError: naming the line and what is wrong there.

    >>> machine = read_septuple("#Q = {0,end}\\n#S = {1}\\n#G = {1,_}\\n#q0 = 0\\n#B = _\\n#F = {end}\\n#N = 1\\n"
    ... "0 1 1 r 0\\n0 _ 1 * end  ; one more")
    >>> machine.states, machine.symbols, sorted(machine.halting)
    (('0', 'end'), ('_', '1'), [1])
    """
    parts, rules = _split(text)
    for name in ("Q", "G", "q0", "B", "F"):
        if name not in parts:
            raise InputError(f"line 1: `#{name} = ...` is missing: a machine has #Q, #S, #G, #q0, #B, #F and #N")
    tapes, line = parts.get("N", ("1", 1))
    if tapes != "1":
        fault(line, f"#N = {shown(tapes)} tapes, a multi-tape machine: expected one tape")
    draft = Draft()
    draft.symbol(*parts["B"])
    for name, declare in (("Q", draft.state), ("G", draft.symbol)):
        for word in _listed(*parts[name]):
            declare(word, parts[name][1])
    final = set(_listed(*parts["F"]))
    for name, words, known in (
        ("F", final, draft.states),
        ("q0", {parts["q0"][0]}, draft.states),
        ("S", set(_listed(*parts.get("S", ("{}", 1)))), draft.symbols),
    ):
        for word in sorted(words - known.keys()):
            fault(parts[name][1], f"#{name} names {shown(word)}, which is not in #{'G' if name == 'S' else 'Q'}")
    for line, fields in rules:
        _enter(draft, line, fields, final)
    ruled = {state for state, _ in draft.rules}
    return draft.machine("machine", parts["B"][0], parts["q0"][0], {s for s in draft.states if s not in ruled})


def _split(text: str) -> tuple[dict[str, tuple[str, int]], list[tuple[int, list[str]]]]:
    """The parts by name, each with its line, and the fields of the transitions."""
    parts: dict[str, tuple[str, int]] = {}
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        content = line.partition(";")[0].strip()
        part = _PART.fullmatch(content)
        if part is not None:
            if part[1] in parts:
                fault(number, f"#{part[1]} a second time, the first is on line {parts[part[1]][1]}")
            parts[part[1]] = part[2].strip(), number
        elif content:
            fields = content.split()
            rules.append((number, fields[1:] if fields[0] == "#D" else fields))
    return parts, rules


def _listed(text: str, line: int) -> list[str]:
    if not (text.startswith("{") and text.endswith("}")):
        fault(line, f"{shown(text)}: expected a list such as {{a,b}}")
    return [word.strip() for word in text[1:-1].split(",") if word.strip()]


def _enter(draft: Draft, line: int, fields: list[str], final: set[str]) -> None:
    if len(fields) != 5:
        fault(line, f"{len(fields)} fields, expected five: state, symbol read, symbol written, move, next state")
    state, read, write, move, target = fields
    for name in (state, target):
        if name not in draft.states:
            fault(line, f"the state {shown(name)} is not in #Q")
    for symbol in (read, write):
        if symbol == "*":
            fault(line, "the symbol `*`: programs differ on what it stands for, expected a transition for each symbol")
        if symbol not in draft.symbols:
            fault(line, f"the symbol {shown(symbol)} is not in #G")
    if move.lower() not in _MOVES:
        fault(line, f"move {shown(move)}: expected l, r or * (stay)")
    if state in final:
        fault(line, f"a transition out of the final state {shown(state)}: programs differ on whether it is taken")
    draft.add(state, read, (write, _MOVES[move.lower()], target), line)
