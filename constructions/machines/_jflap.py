"""Turing machines of JFLAP, as .jff files.

States are ``state`` or, since JFLAP 7, ``block`` elements; final ones are halting, so that a transition from one
is never taken and left out here, and what is not defined stops the run. An empty ``read`` or ``write`` is the
blank, called ``□`` here. Only what has a meaning for one deterministic tape is read: several tapes, building
blocks that hold machines, and JFLAP's abbreviations (``!x``, ``~``, variables) are refused, as is any document
type definition: so no entity can be defined.
"""

from dataclasses import dataclass, field

from constructions._xml import walk_xml
from constructions.errors import shown
from constructions.machines._machine import Machine
from constructions.machines._machine_builder import Draft, fault

BLANK = "□"
"""The blank as JFLAP shows it; its files write nothing."""

_MOVES = {"L": -1, "R": 1, "S": 0}


@dataclass
class _Element:
    """An element of the file."""

    name: str
    attributes: dict[str, str]
    line: int
    children: "list[_Element]" = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces).strip()

    def all(self, *names: str) -> "list[_Element]":
        return [child for child in self.children if child.name in names]


def read_jflap(text: str) -> Machine:
    """Reads the machine of a JFLAP file.

    >>> machine = read_jflap('''<structure><type>turing</type><automaton>
    ... <state id="0" name="q0"><initial/></state> <state id="1" name="q1"><final/></state>
    ... <transition><from>0</from><to>1</to><read/><write>1</write><move>R</move></transition>
    ... </automaton></structure>''')
    >>> machine.states, machine.symbols, machine.halting
    (('q0', 'q1'), ('□', '1'), frozenset({1}))
    """
    root = _parse(text)
    if root.name != "structure":
        fault(root.line, f"the element {shown(root.name)}, expected `structure`")
    kind = _one(root, "type").text.lower()
    if kind != "turing":
        fault(_one(root, "type").line, f"the type {shown(kind)}, expected `turing`")
    for tapes in root.all("tapes"):
        if tapes.text != "1":
            fault(tapes.line, f"{shown(tapes.text)} tapes, a multi-tape machine: expected one tape")
    # Older files have their states directly in `structure`.
    holder = root.all("automaton")[0] if root.all("automaton") else root
    draft = Draft()
    draft.symbol(BLANK, 1)
    names = _states(draft, holder)
    start, final = _marked(holder, names)
    for transition in holder.all("transition"):
        _transition(draft, transition, names, final)
    return draft.machine("machine", BLANK, start, final)


def _states(draft: Draft, holder: _Element) -> dict[str, str]:
    """Declares the states; their names by id."""
    names: dict[str, str] = {}
    blocks = {child.name for child in holder.children if child.children} - {"state", "block", "transition", "note"}
    for element in holder.all("state", "block"):
        identifier = element.attributes.get("id", "")
        if not identifier or identifier in names:
            fault(element.line, f"a state with the id {shown(identifier)}, expected an id of its own")
        for tag in element.all("tag"):
            if tag.text in blocks:
                fault(tag.line, f"the building block {shown(tag.text)}: expected plain states")
        name = element.attributes.get("name") or identifier
        if name in draft.states:
            fault(element.line, f"a second state {shown(name)}, expected each name once")
        names[identifier] = draft.state(name, element.line)
    if not names:
        fault(holder.line, "no states")
    return names


def _marked(holder: _Element, names: dict[str, str]) -> tuple[str, set[str]]:
    """The start and the final states."""
    states = holder.all("state", "block")
    starts = [state for state in states if state.all("initial")]
    if len(starts) != 1:
        where = starts[1].line if starts else holder.line
        fault(where, f"{len(starts)} initial states, expected one")
    final = {names[state.attributes["id"]] for state in states if state.all("final")}
    return names[starts[0].attributes["id"]], final


def _transition(draft: Draft, element: _Element, names: dict[str, str], final: set[str]) -> None:
    for part in element.all("read", "write", "move"):
        if part.attributes.get("tape", "1") != "1":
            fault(part.line, f"tape {shown(part.attributes['tape'])} of a multi-tape machine: expected one tape")
    ends = []
    for end in ("from", "to"):
        part = _one(element, end)
        if part.text not in names:
            fault(part.line, f"the state with the id {shown(part.text)} is not defined")
        ends.append(names[part.text])
    state, target = ends
    read, write = (_symbol(_one(element, which)) for which in ("read", "write"))
    move = _one(element, "move")
    if move.text not in _MOVES:
        fault(move.line, f"the move {shown(move.text)}, expected L, R or S")
    draft.symbol(read, element.line)
    draft.symbol(write, element.line)
    if state in final:
        return  # JFLAP accepts as soon as a final state is entered
    draft.add(state, read, (write, _MOVES[move.text], target), element.line)


def _symbol(part: _Element) -> str:
    text = part.text
    if text == "~" or (len(text) > 1 and (text[0] == "!" or "}" in text)):
        fault(part.line, f"the symbol {shown(text)} is an abbreviation of JFLAP, expected one transition a symbol")
    if len(text) > 1:
        fault(part.line, f"the symbol {shown(text)}, expected one character")
    return text or BLANK


def _one(element: _Element, name: str) -> _Element:
    found = element.all(name)
    if len(found) != 1:
        fault(
            found[1].line if found else element.line,
            f"{len(found)} elements `{name}` in `{element.name}`, expected one",
        )
    return found[0]


def _parse(text: str) -> _Element:
    """The outermost element."""
    root = _Element("", {}, 1)
    stack = [root]

    def begin(name: str, attributes: dict[str, str], line: int) -> None:
        element = _Element(name, attributes, line)
        stack[-1].children.append(element)
        stack.append(element)

    def characters(data: str) -> None:
        stack[-1].pieces.append(data)

    walk_xml(text, begin, lambda _: stack.pop(), characters)
    return root.children[0]
