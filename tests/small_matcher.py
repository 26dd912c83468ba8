"""A small matcher of regular expressions, to check the one that answers searches and to count steps.

It knows what the searches of the constructions are made of and refuses the rest: characters, ``.``, classes
without ranges, ``*`` and ``*?`` after one of these, ``{k}`` after anything, alternatives, groups with and
without capture, ``\\A``. The leftmost match is found, of these the one that prefers first alternatives, and
longer repetitions for ``*``, shorter ones for ``*?``; this is also what Python's ``re`` promises.

A pattern becomes a program (characters, forks, marks) that is run by trying the preferred way first
and going back where it fails. With ``remember`` no pair of instruction and place is tried twice, so
that the time is bounded by their number; without it the steps are those of plain backtracking, and
their growth tells a linear pattern from a quadratic one.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

SIGNS = frozenset("\\.[]()*?{}|^$+")


class Instruction(NamedTuple):
    """One of ``one`` (a character that is, or with ``negated`` is not, in ``signs``), ``start``, ``mark``,
    ``fork`` (go on at ``first``, later at ``second``), ``jump`` and ``found``.
    """

    kind: str
    signs: frozenset[str] = frozenset()
    negated: bool = False
    first: int = 0
    second: int = 0


# What a pattern is parsed to: (kind, ...) tuples.
Node = tuple[object, ...]


@dataclass
class _Parser:
    text: str
    place: int = 0
    groups: int = 0

    def peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def take(self, expected: str) -> bool:
        """Whether this stands next, which is then passed."""
        if not self.text.startswith(expected, self.place):
            return False
        self.place += len(expected)
        return True

    def refuse(self, what: str) -> ValueError:
        return ValueError(f"{what} at {self.place} of {self.text!r}")

    def alternatives(self) -> Node:
        nodes = [self.sequence()]
        while self.take("|"):
            nodes.append(self.sequence())
        return nodes[0] if len(nodes) == 1 else ("either", nodes)

    def sequence(self) -> Node:
        nodes: list[Node] = []
        while self.peek() not in ("", "|", ")"):
            nodes.append(self.repeated())
        return ("all", nodes)

    def repeated(self) -> Node:
        node = self.atom()
        if self.take("*"):
            if node[0] != "one":
                raise self.refuse("only a character may be repeated without a number")
            node = ("many", node, not self.take("?"))
        elif self.take("{"):
            end = self.text.find("}", self.place)
            digits = self.text[self.place : end]
            if end < 0 or not (digits.isascii() and digits.isdecimal()):
                raise self.refuse("expected a number and }")
            self.place = end + 1
            node = ("times", node, int(digits))
        if self.peek() in ("*", "?", "+", "{"):
            raise self.refuse("a repetition is repeated")
        return node

    def atom(self) -> Node:
        if self.take("\\A"):
            return ("start",)
        if self.take("(?:") or self.take("("):
            number = None
            if self.text[self.place - 1] == "(":
                self.groups += 1
                number = self.groups
            inner = self.alternatives()
            if not self.take(")"):
                raise self.refuse("expected )")
            return inner if number is None else ("group", number, inner)
        if self.take("["):
            negated = self.take("^")
            end = self.text.find("]", self.place)
            signs = frozenset(self.text[self.place : end])
            if end <= self.place or signs & {"[", "\\", "-", "^"}:
                raise self.refuse("expected a class of plain characters")
            self.place = end + 1
            return ("one", signs, negated)
        if self.take("."):
            return ("one", frozenset("\n"), True)
        sign = self.peek()
        if sign in SIGNS:
            raise self.refuse(f"unexpected {sign!r}")
        self.place += 1
        return ("one", frozenset(sign), False)


@dataclass
class Program:
    """A pattern in a form that can be run."""

    pattern: str
    code: list[Instruction] = field(default_factory=list)
    groups: int = 0

    def __post_init__(self) -> None:
        parser = _Parser(self.pattern)
        node = parser.alternatives()
        if parser.place < len(self.pattern):
            raise parser.refuse("unbalanced )")
        self.groups = parser.groups
        self._emit(node)
        self.code.append(Instruction("found"))

    def _emit(self, node: Node) -> None:
        code, kind = self.code, node[0]
        if kind == "all":
            for part in node[1]:  # type: ignore[attr-defined]
                self._emit(part)
        elif kind == "either":
            self._emit_either(node[1])  # type: ignore[arg-type]
        elif kind == "times":
            for _ in range(node[2]):  # type: ignore[call-overload]
                self._emit(node[1])  # type: ignore[arg-type]
        elif kind == "many":
            fork = len(code)
            code.append(Instruction("fork"))
            self._emit(node[1])  # type: ignore[arg-type]
            code.append(Instruction("jump", first=fork))
            inside, after = fork + 1, len(code)
            first, second = (inside, after) if node[2] else (after, inside)
            code[fork] = Instruction("fork", first=first, second=second)
        elif kind == "group":
            code.append(Instruction("mark", first=2 * node[1] - 2))  # type: ignore[operator]
            self._emit(node[2])  # type: ignore[arg-type]
            code.append(Instruction("mark", first=2 * node[1] - 1))  # type: ignore[operator]
        elif kind == "one":
            code.append(Instruction("one", node[1], node[2]))  # type: ignore[arg-type]
        else:
            code.append(Instruction("start"))

    def _emit_either(self, nodes: list[Node]) -> None:
        jumps = []
        for node in nodes[:-1]:
            fork = len(self.code)
            self.code.append(Instruction("fork"))
            self._emit(node)
            jumps.append(len(self.code))
            self.code.append(Instruction("jump"))
            self.code[fork] = Instruction("fork", first=fork + 1, second=len(self.code))
        self._emit(nodes[-1])
        for jump in jumps:
            self.code[jump] = Instruction("jump", first=len(self.code))


class Outcome(NamedTuple):
    """``groups`` are the captures (None where a group took no part), None if nothing matches."""

    groups: tuple[str | None, ...] | None
    steps: int

    @property
    def capture(self) -> str | None:
        """What the group with the highest number of those that captured something captured."""
        return next((group for group in reversed(self.groups or ()) if group), None)


def run(program: Program, text: str, *, remember: bool = True) -> Outcome:
    """Search ``text`` from left to right; ``steps`` counts the instructions that were tried."""
    code, steps, size = program.code, 0, len(text)
    tried: set[tuple[int, int]] = set()
    nowhere = (-1,) * (2 * program.groups)
    for begin in range(size + 1):
        stack = [(0, begin, nowhere)]
        while stack:
            at, place, marks = stack.pop()
            while not (remember and (at, place) in tried):
                if remember:
                    tried.add((at, place))
                kind, signs, negated, first, second = code[at]
                steps += 1
                if kind == "one":
                    if place == size or (text[place] in signs) is negated:
                        break
                    at, place = at + 1, place + 1
                elif kind == "fork":
                    stack.append((second, place, marks))
                    at = first
                elif kind == "jump":
                    at = first
                elif kind == "mark":
                    at, marks = at + 1, (*marks[:first], place, *marks[first + 1 :])
                elif kind == "start":
                    if place:
                        break
                    at += 1
                else:
                    ends = zip(marks[::2], marks[1::2], strict=True)
                    return Outcome(tuple(None if b < 0 else text[a:b] for a, b in ends), steps)
    return Outcome(None, steps)


def search(pattern: str, text: str, *, remember: bool = True) -> Outcome:
    """What ``pattern`` finds in ``text``.

    Raises:
        ValueError: if the pattern has a sign that this matcher does not know.
    """
    return run(Program(pattern), text, remember=remember)
