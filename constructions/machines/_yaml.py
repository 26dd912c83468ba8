"""The YAML of turingmachine.io: blank, start state, input, and a table of states, symbols and instructions.

An instruction is ``R``, ``L`` or ``N``, a synonym, or a mapping such as ``{write: 1, R: state}``; without
``write`` the cell keeps its symbol, without a state the machine keeps its state. A list of symbols as a key
stands for each of them. A state without instructions is halting. Other keys beside these are not read by the site, nor
here; one that is nearly a known one is refused.

Two keys are ours, written only where the rest does not say it: ``symbols``, all symbols in order, and
``halting``, the states that halt, for machines in which some state without instructions does not.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterator

from constructions.errors import InputError, shown
from constructions.machines._machine import Machine
from constructions.machines._machine_builder import Draft, fault
from constructions.machines._yaml_nodes import Mapping, Node, Scalar, Sequence, parse

_KEYS = ("name", "input", "blank", "start state", "synonyms", "table", "symbols", "halting")
_DOCUMENT_KEYS = ("name", "source code", "positions", "editor contents")
_MOVES = {"L": -1, "N": 0, "R": 1}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_NUMBER = re.compile(
    r"[-+]?(?:0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?)",
    re.ASCII,
)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def read_yaml(text: str, say: Callable[[str], object] = lambda _: None) -> Machine:
    """Reads the machine of a text in this format, or of a document of the site, with the machine under ``source code``.

    ``say`` is called with the keys that are not read.

    Raises:
        InputError: naming the line and what is wrong there.

    >>> machine = read_yaml('''
    ... input: 101
    ... blank: ' '
    ... start state: right
    ... table:
    ...   right:
    ...     [0, 1]: R
    ...     ' ': {write: x, L: done}
    ...   done:
    ... ''')
    >>> machine.states, machine.symbols, machine.text(machine.input)
    (('right', 'done'), (' ', '0', '1', 'x'), '101')
    """
    root = parse(text)
    if root is None or (isinstance(root, Scalar) and root.null):
        raise InputError("line 1: an empty text, expected the keys `blank`, `start state` and `table`")
    top = _fields(root, "the machine")
    name = "machine"
    if "name" in top and not _null(top["name"]):
        name = _text(top["name"], "the name")
        if not name.isprintable():
            fault(top["name"].line, f"the name {shown(name)}: expected printable characters")
    if "source code" in top and "table" not in top:
        _ignored(top, _DOCUMENT_KEYS, "a document of turingmachine.io", say)
        source = top["source code"]
        # The text of a block begins on the line after its `|`: blank lines in front keep the lines' numbers.
        shift = source.line - (0 if "\n" in _text(source, "the source code") else 1)
        root = parse("\n" * shift + _text(source, "the source code"))
        if root is None:
            fault(source.line, "the source code is empty")
        top = _fields(root, "the machine")
    _ignored(top, _KEYS, "a machine", say)
    for key in ("blank", "start state", "table"):
        if key not in top or _null(top[key]):
            fault(root.line, f"the key `{key}` is missing: a machine has `blank`, `start state` and `table`")
    return _Reading(top).machine(name)


class _Reading:
    """A machine that is being read."""

    def __init__(self, top: dict[str, Node]) -> None:
        self.top = top
        self.draft = Draft()
        self.synonyms: dict[str, tuple[str | None, int, str | None]] = {}

    def machine(self, name: str) -> Machine:
        top, draft = self.top, self.draft
        for node in _items(top.get("symbols")):
            draft.symbol(_text(node, "a symbol"), node.line)
        blank = draft.symbol(_text(top["blank"], "the blank"), top["blank"].line)
        table = _fields(top["table"], "the table")
        if not table:
            fault(top["table"].line, "the table has no states")
        lines = {_word(key): key.line for key, _ in _pairs(top["table"])}
        for state in table:
            draft.state(state, lines[state])
        start = _text(top["start state"], "the start state")
        if start not in draft.states:
            fault(top["start state"].line, f"the start state {shown(start)} is not in the table")
        if "synonyms" in top and not _null(top["synonyms"]):
            for synonym, node in _fields(top["synonyms"], "the synonyms").items():
                self.synonyms[synonym] = self._instruction(node)
        halting = {state for state, row in table.items() if not self._row(state, row)}
        if "halting" in top:
            halting = {self._halting(node, halting) for node in _items(top["halting"])}
        content = ""
        if "input" in top and not _null(top["input"]):
            content = _text(top["input"], "the input")
            for character in content:
                draft.symbol(character, top["input"].line)
        return draft.machine(name, blank, start, halting, content)

    def _halting(self, node: Node, empty: set[str]) -> str:
        state = _text(node, "a halting state")
        if state not in empty:
            fault(node.line, f"the halting state {shown(state)}: expected a state of the table without instructions")
        return state

    def _row(self, state: str, row: Node) -> bool:
        """Enters the instructions of a state; whether there are any."""
        if _null(row):
            return False
        if not isinstance(row, Mapping):
            fault(row.line, f"state {shown(state)} has {_kind(row)}, expected symbols with their instructions")
        for key, value in row.pairs:
            keys = key.items if isinstance(key, Sequence) else [key]
            if not keys:
                fault(key.line, "an empty list of symbols")
            write, move, target = self._instruction(value)
            for item in keys:
                symbol = self.draft.symbol(_text(item, "a symbol"), item.line)
                rule = symbol if write is None else write, move, state if target is None else target
                self.draft.add(state, symbol, rule, item.line)
        return bool(row.pairs)

    def _instruction(self, node: Node) -> tuple[str | None, int, str | None]:
        """What to write, where to go, which state to enter; None where nothing changes."""
        if isinstance(node, Scalar) and not node.null:
            if node.text in _MOVES:
                return None, _MOVES[node.text], None
            if node.text in self.synonyms:
                return self.synonyms[node.text]
            fault(node.line, f"the instruction {shown(node.text)}: expected L, R, N, a synonym or a mapping")
        if not isinstance(node, Mapping):
            fault(node.line, f"{_kind(node)} as an instruction: expected L, R, N, a synonym or a mapping")
        fields = _fields(node, "the instruction")
        _only(fields, (*_MOVES, "write"), "an instruction")
        moves = [key for key in fields if key in _MOVES]
        if len(moves) != 1:
            fault(node.line, f"an instruction with {len(moves)} moves, expected one of L, R and N")
        written = fields.get("write")
        write = None if written is None else self.draft.symbol(_text(written, "a symbol"), written.line)
        state = fields[moves[0]]
        target = None if _null(state) else _text(state, "a state")
        if target is not None and target not in self.draft.states:
            fault(state.line, f"enters the state {shown(target)}, which is not in the table")
        return write, _MOVES[moves[0]], target


def _word(node: Node) -> str:
    """The text of a scalar.

    YAML reads an unquoted 0011 as a number whose text is another. Nobody who writes it as an input means that,
    and programs do not agree on which number: it is refused.
    """
    if not isinstance(node, Scalar):
        fault(node.line, f"{_kind(node)}, expected a word")
    if not node.quoted and _NUMBER.fullmatch(node.text) and not _INTEGER.fullmatch(node.text):
        fault(node.line, f"YAML reads {shown(node.text)} as a number; in quotes it is a text")
    return node.text


def _text(node: Node, what: str) -> str:
    if _null(node):
        fault(node.line, f"{what} is empty; a space or a tilde is written in quotes")
    if not isinstance(node, Scalar):
        fault(node.line, f"{what} is {_kind(node)}, expected a word")
    return _word(node)


def _null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.null


def _kind(node: Node) -> str:
    if isinstance(node, Scalar):
        return "nothing" if node.null else f"the word {shown(node.text)}"
    return "a list" if isinstance(node, Sequence) else "a mapping"


def _pairs(node: Node) -> list[tuple[Node, Node]]:
    return node.pairs if isinstance(node, Mapping) else []


def _items(node: Node | None) -> Iterator[Node]:
    if node is not None and not _null(node):
        if not isinstance(node, Sequence):
            fault(node.line, f"{_kind(node)}, expected a list")
        yield from node.items


def _fields(node: Node, what: str) -> dict[str, Node]:
    """A mapping with words as keys, each once."""
    if not isinstance(node, Mapping):
        fault(node.line, f"{what} is {_kind(node)}, expected a mapping")
    fields: dict[str, Node] = {}
    for key, value in node.pairs:
        word = _text(key, "a key")
        if word in fields:
            fault(key.line, f"the key {shown(word)} a second time")
        fields[word] = value
    return fields


def _only(fields: dict[str, Node], known: tuple[str, ...], what: str) -> None:
    for key, node in fields.items():
        if key not in known:
            fault(node.line, f"the key {shown(key)}: {what} has {', '.join(known)}")


def _ignored(fields: dict[str, Node], known: tuple[str, ...], what: str, say: Callable[[str], object]) -> None:
    """Refuse keys that are nearly known ones, and say which others are not read."""
    others = {key: node for key, node in fields.items() if key not in known}
    _only({key: node for key, node in others.items() if difflib.get_close_matches(key, known)}, known, what)
    for key, node in others.items():
        say(f"line {node.line}: the key {shown(key)} is not read; {what} has {', '.join(known)}")


def write_yaml(machine: Machine) -> str:
    """The machine in this format; reading it gives the same machine back.

    >>> from constructions.machines._bbchallenge import read_bbchallenge
    >>> print(write_yaml(read_bbchallenge("1RB---_1LA1RH")))
    name: "1RB---_1LA1RH"
    blank: "0"
    start state: A
    table:
      A:
        "0": {write: "1", R: B}
      B:
        "0": {write: "1", L: A}
        "1": {R: H}
      H:
    <BLANKLINE>
    """
    names = [_quoted(name) for name in machine.states]
    symbols = [_quoted(name) for name in machine.symbols]
    lines = [f"name: {_quoted(machine.name)}"]
    if machine.input:
        lines.append(f"input: {_quoted(machine.text(machine.input))}")
    lines += [f"blank: {symbols[machine.blank]}", f"start state: {names[machine.start]}", "table:"]
    empty = set()
    for state, name in enumerate(names):
        lines.append(f"  {name}:")
        row = [symbol for symbol in range(len(symbols)) if (state, symbol) in machine.table]
        if not row:
            empty.add(state)
        for symbol in row:
            transition = machine.table[state, symbol]
            write = "" if transition.write == symbol else f"write: {symbols[transition.write]}, "
            target = "" if transition.state == state else f": {names[transition.state]}"
            move = "LNR"[transition.move + 1]
            short = not write and not target
            lines.append(f"    {symbols[symbol]}: " + (move if short else f"{{{write}{move}{target}}}"))
    if list(machine.symbols) != _seen(machine):
        lines.append(f"symbols: [{', '.join(symbols)}]")
    if empty != machine.halting:
        lines.append(f"halting: [{', '.join(names[state] for state in sorted(machine.halting))}]")
    return "\n".join([*lines, ""])


def _seen(machine: Machine) -> list[str]:
    """The symbols in the order in which a reader meets them."""
    seen = [machine.blank]
    for (_, symbol), transition in sorted(machine.table.items()):
        seen += [transition.write, symbol]
    seen += machine.input
    return [machine.symbols[symbol] for symbol in dict.fromkeys(seen)]


def _quoted(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)
