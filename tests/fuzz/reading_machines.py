"""Readers of machines, and what must hold of what they accept."""

import re

from constructions.machines import (
    Machine,
    library,
    read_machine,
    shipped,
    simulate,
    write_bbchallenge,
    write_yaml,
)
from tests.fuzz.faults import accepted, require
from tests.fuzz.second_readings import keys_of

_JFLAP = """<?xml version="1.0" encoding="UTF-8"?><structure><type>turing</type><automaton>
<state id="0" name="q0"><initial/></state><state id="1" name="q1"><final/></state>
<transition><from>0</from><to>1</to><read>a</read><write>b</write><move>R</move></transition>
<transition><from>0</from><to>0</to><read/><write>a</write><move>L</move></transition>
</automaton></structure>"""

_MORPHETT = "; a comment\n0 1 0 r 0\n0 _ * l 1\n1 * * * halt ! ; stops\n1 0 1 r halt-accept\n"

_YAML = """input: '1011'
blank: ' '
start state: right
table:
  right:
    [1,0]: R
    ' '  : {L: carry}
  carry:
    1      : {write: 0, L}
    [0,' ']: {write: 1, L: done}
  done:
"""


def machine_seeds(form: str) -> list[bytes]:
    ours = [shipped(name) for name in library()[:4]]
    texts = {
        "bbchallenge": [
            "1RB1LB_1LA1RZ",
            "1RB1LB_1LA0LC_1RZ1LD_1RD0RA",
            "1RB---_1LA1RB",
            "1RB2LB1RZ_2LA2RB1LB",
            "7: 1RB1LB 1LA1RZ ends",
        ],
        "yaml": [_YAML, *map(write_yaml, ours)],
        "morphett": [_MORPHETT, "0 * * r 0", "0 a b l 0 !\n"],
        "jflap": [_JFLAP],
        "septuple": ["#Q = {0,end}\n#S = {1}\n#G = {1,_}\n#q0 = 0\n#B = _\n#F = {end}\n#N = 1\n0 1 1 r 0\n0 _ 1 * end"],
    }[form]
    return [text.encode() for text in texts]


def try_machine(form: str | None, data: bytes) -> bool:
    text = data.decode("utf-8", "surrogateescape")
    found = accepted(lambda: read_machine(text, form))
    if found is None:
        return False
    _require_machine(found)
    if len(found.table) < 200:
        written = write_yaml(found)
        again = read_machine(written, "yaml")
        require(_essence(again) == _essence(found), "the YAML that is written is another machine")
        simulate(found, None, 50)
    if form == "bbchallenge":
        lines = [
            line for line in text.removeprefix("\ufeff").splitlines() if not line.strip().startswith(("#", "//", "%"))
        ]
        cells = "".join(re.findall(r"[0-9][LR][A-Z]|---", " ".join(lines)))
        require(write_bbchallenge(found).replace("_", "") == cells, "another machine than the text says")
    again = keys_of(form or "", text)
    if again is not None:
        keys = {(found.states[q], found.symbols[a]) for q, a in found.table}
        same = len(keys) == len(again) if form == "jflap" else keys == again  # its states have names beside their ids
        require(same, f"rules for {sorted(keys)}, and a second reader finds them for {sorted(again)}")
    return True


def _require_machine(machine: Machine) -> None:
    states, symbols = range(len(machine.states)), range(len(machine.symbols))
    for (state, symbol), step in machine.table.items():
        fits = state in states and symbol in symbols and step.state in states and step.write in symbols
        require(fits and step.move in (-1, 0, 1) and state not in machine.halting, "an entry that cannot be")
    require(machine.start in states and machine.blank in symbols, "a start or blank that is not there")
    require(len(set(machine.states)) == len(machine.states), "two states of one name")
    require(len(set(machine.symbols)) == len(machine.symbols), "two symbols of one name")


def _essence(machine: Machine) -> object:
    """What a machine does, by names: formats list states and symbols in orders of their own."""
    state, symbol = machine.states, machine.symbols
    table = {
        (state[q], symbol[a]): (symbol[step.write], step.move, state[step.state])
        for (q, a), step in machine.table.items()
    }
    used = {state[machine.start], *(name for (name, _) in table), *(entry[2] for entry in table.values())}
    halting = {state[q] for q in machine.halting} & used
    return table, state[machine.start], symbol[machine.blank], halting, tuple(symbol[a] for a in machine.input)
