r"""Regular expressions over tokens: what the first match of one captures, by the simulation of Thompson and Pike.

An expression is a list in which a string is one sign of the expression and an integer is a token, which
stands for itself. This is all of the syntax; anything else is refused, so that nothing is misread:

* ``\A`` is the start of the context; ``.`` is any token; a token is itself; ``[...]`` is one of the tokens
  in it and ``[^...]`` any other token;
* ``X*`` and ``X*?``, for X one of these but ``\A``, is X as often as possible, or as seldom as possible;
* ``X{k}`` is X exactly k times; ``(...)`` is a group that captures, ``(?:...)`` one that does not; ``A|B`` is
  A, or else B.

The first match begins as far left as possible. Of the ways to match from there the one counts that would
be found first if at each choice one tried what is written first, or one more repetition for ``*``, or none
for ``*?``. The matcher never goes back. It reads the context once and keeps all ways side by side, the
preferred first; of two that have come to the same instruction the later can no longer win and is dropped.
So the work is at most the number of instructions times that of tokens.
"""

from collections.abc import Sequence

from ._verdict import Incomplete, shown

MOST_INSTRUCTIONS = 20_000
"""Instructions that an expression may have; X{k} has k times those of X."""

DEEPEST = 20
"""Groups within groups."""

SIGNS = frozenset("\\A.[]^()?:|*{}0123456789")
"""The signs of the syntax above."""

Instruction = tuple[str, int, int, frozenset[int]]
"""One of these, with a way to the next that counts instructions from here, so that code can be repeated:

* ("one", 1, a, tokens): pass one of these tokens; ("one", 1, 0, tokens): pass any other token;
* ("fork", a, b, -): go on a further or, less preferred, b further; ("go", a, 0, -): go on a further;
* ("mark", 1, m, -): note the place as mark m; ("start", 1, 0, -): go on if nothing has been read.

What comes to the end has matched. Group g begins at mark 2g and ends at mark 2g + 1.
"""

Code = list[Instruction]
NOTHING = frozenset[int]()


class Expression:
    """An expression that is ready to search; one that is not of the syntax above is refused."""

    def __init__(self, signs: Sequence[str | int]) -> None:
        self._signs, self._place, self._groups = signs, 0, 0
        self.code = self._alternatives(0)
        if self._place < len(signs):
            raise self._refused("a ) that closes nothing")

    def _refused(self, what: str) -> Incomplete:
        written = "".join(sign if isinstance(sign, str) else "`" for sign in self._signs)
        return Incomplete(f"a search that this kernel does not read: {what} in {shown(written)} (` is a token)")

    def _peek(self) -> str | int | None:
        return self._signs[self._place] if self._place < len(self._signs) else None

    def _take(self, signs: str) -> bool:
        """Whether these signs stand next, which are then passed."""
        found = list(self._signs[self._place : self._place + len(signs)]) == list(signs)
        self._place += len(signs) * found
        return found

    def _alternatives(self, depth: int) -> Code:
        choices = [self._sequence(depth)]
        while self._take("|"):
            choices.append(self._sequence(depth))
            if sum(map(len, choices)) > MOST_INSTRUCTIONS:
                raise self._too_long()
        last, code = choices.pop(), Code()
        total = sum(len(choice) + 2 for choice in choices) + len(last)
        for choice in choices:
            code += [("fork", 1, len(choice) + 2, NOTHING), *choice]
            code.append(("go", total - len(code), 0, NOTHING))
        return self._limited(code + last)

    def _sequence(self, depth: int) -> Code:
        code = Code()
        while self._peek() not in (None, "|", ")"):
            code += self._repeated(depth)
            self._limited(code)
        return code

    def _repeated(self, depth: int) -> Code:
        code = self._atom(depth)
        if self._take("*"):
            if [name for name, *_ in code] != ["one"]:
                raise self._refused("a * after something else than one token")
            ways = (3, 1) if self._take("?") else (1, 3)  # the end is three further
            code = [("fork", *ways, NOTHING), *code, ("go", -2, 0, NOTHING)]
        elif self._take("{"):
            if code and code[0][0] == "start":
                raise self._refused("a repetition of the start")
            count = self._count()
            if count * len(code) > MOST_INSTRUCTIONS:
                raise self._too_long()
            code = code * count if code else code  # nothing, however often, is nothing
        if self._peek() in ("*", "?", "{"):
            raise self._refused("a repetition of a repetition")
        return code

    def _count(self) -> int:
        digits = ""
        while isinstance(sign := self._peek(), str) and sign.isdigit():
            digits += sign
            self._place += 1
        if not 1 <= len(digits) <= 9 or not self._take("}"):
            raise self._refused("a { without a number and }")
        return int(digits)

    def _atom(self, depth: int) -> Code:
        if self._take("\\A"):
            return [("start", 1, 0, NOTHING)]
        if self._take("."):
            return [("one", 1, 0, NOTHING)]
        if self._take("["):
            return [self._class()]
        if self._take("("):
            return self._group(depth + 1)
        sign = self._peek()
        if not isinstance(sign, int):
            raise self._refused(f"an unexpected {sign}")
        self._place += 1
        return [("one", 1, 1, frozenset([sign]))]

    def _class(self) -> Instruction:
        inside = not self._take("^")
        first = self._place
        while isinstance(self._peek(), int):
            self._place += 1
        tokens = frozenset(sign for sign in self._signs[first : self._place] if isinstance(sign, int))
        if not tokens or not self._take("]"):
            raise self._refused("a class of something else than tokens")
        return "one", 1, int(inside), tokens

    def _group(self, depth: int) -> Code:
        if depth > DEEPEST:
            raise self._refused(f"groups more than {DEEPEST} deep")
        captures = not self._take("?:")
        number = self._groups
        self._groups += captures
        code = self._alternatives(depth)
        if not self._take(")"):
            raise self._refused("a ( that is not closed")
        marks: Code = [("mark", 1, 2 * number, NOTHING), ("mark", 1, 2 * number + 1, NOTHING)]
        return [marks[0], *code, marks[1]] if captures else code

    def _limited(self, code: Code) -> Code:
        if len(code) > MOST_INSTRUCTIONS:
            raise self._too_long()
        return code

    def _too_long(self) -> Incomplete:
        return Incomplete(f"a search has more than {MOST_INSTRUCTIONS:,} instructions")

    def search(self, context: Sequence[int], most: int) -> tuple[dict[int, int] | None, int]:
        """The marks of the first match, None if there is none; and how many instructions were visited.

        Raises:
            Incomplete: if these would be more than ``most``.
        """
        best: dict[int, int] | None = None
        ways: list[tuple[int, dict[int, int]]] = []
        steps, came = 0, set[int]()
        for place in range(len(context) + 1):
            if best is None:  # to begin here is less preferred than to have begun before
                steps += self._follow(0, place, {}, came, ways)
            if steps > most:
                raise Incomplete(f"the searches take more than the {most:,} steps that are left to them")
            arrived, ways, came = ways, [], set()
            for at, marks in arrived:
                if at == len(self.code):
                    best = marks
                    break  # whatever comes later is less preferred
                _, further, inside, tokens = self.code[at]
                if place < len(context) and (context[place] in tokens) == inside:
                    steps += self._follow(at + further, place + 1, marks, came, ways)
            if best is not None and not ways:
                break
        return best, steps

    def _follow(
        self, at: int, place: int, marks: dict[int, int], came: set[int], ways: list[tuple[int, dict[int, int]]]
    ) -> int:
        """Go on to all instructions that pass a token, and to the end; how many were visited, with what was copied."""
        waiting, steps = [(at, marks)], 0
        while waiting:
            at, marks = waiting.pop()
            steps += 1
            if at in came:
                continue
            came.add(at)
            name, a, b, _ = self.code[at] if at < len(self.code) else ("one", 0, 0, NOTHING)
            if name == "one":
                ways.append((at, marks))
            elif name == "fork":
                waiting += ((at + b, marks), (at + a, marks))
            elif name == "mark":
                steps += len(marks)
                waiting.append((at + a, {**marks, b: place}))
            elif name == "go" or place == 0:
                waiting.append((at + a, marks))
        return steps


def captured(expression: Expression, context: Sequence[int], most: int) -> tuple[list[int], int]:
    """What the group with the highest number of those that captured something captured, and the steps."""
    marks, steps = expression.search(context, most)
    for begin in sorted((mark for mark in marks or () if mark % 2 == 0), reverse=True):
        found = list(context[marks[begin] : marks[begin + 1]]) if marks else []
        if found:
            return found, steps
    return [], steps
