"""Models that search: the language in which they write searches, and what a search yields.

Between the tokens ``opening`` and ``closing`` a model writes a regular expression. A *fragment* is a special
token that stands for a piece of an expression, in which a token in backquotes stands for itself; any other
token stands for itself, too. But a number that follows a fragment which ends with ``{`` stands for its digits;
there must be one, and after it a fragment that begins with ``}``.

When ``closing`` is written, the expression is searched for in everything before the opening. Appended is
what the group with the highest number of those that captured something captured, or the token ``failed``:
if there is no match, or no group captured anything, or there was no opening since the last closing.
"""

from collections.abc import Callable, Sequence

from ._matcher import SIGNS, Expression, captured
from ._reading import Fields, items, text
from ._verdict import Incomplete, Malformed, shown

MOST_STEPS = 30_000_000
"""Steps of all searches of a run together."""

MOST_STEPS_ON_ONE = 1_000_000
"""Steps of all searches on one input."""


class Search:
    """The searches of one model.

    Args:
        value: from the certificate.
        where: how messages name it.
        specials: the special tokens of the model, whose ids are their places.
        number: the number that an id stands for; ids of special tokens are not asked for.
    """

    def __init__(self, value: object, where: str, specials: Sequence[str], number: Callable[[int], int]) -> None:
        fields = Fields(value, where, ("closing", "failed", "fragments", "opening"))
        self._specials, self._number, self._left = specials, number, MOST_STEPS
        self.begin()
        self.opening, self.closing, self.failed = (
            self._special(fields[key], fields.place(key)) for key in ("opening", "closing", "failed")
        )
        self._fragments: dict[int, list[str | int]] = {}
        listed = fields.items("fragments", 1_000)
        for place, fragment in enumerate(listed):
            here = f"{fields.place('fragments')}[{place}]"
            parts = items(fragment, here, 2)
            if len(parts) != 2:
                raise Malformed(f"{here} is {shown(fragment)}, expected [token, piece of an expression]")
            self._fragments[self._special(parts[0], here)] = self._piece(text(parts[1], here), here)
        if len({self.opening, self.closing, self.failed, *self._fragments}) < 3 + len(listed):
            raise Malformed(f"{where}: a token has two meanings")

    def begin(self) -> None:
        """Another input begins."""
        self._least = max(0, self._left - MOST_STEPS_ON_ONE)

    def _special(self, value: object, where: str) -> int:
        """The id of a special token."""
        if not isinstance(value, str) or value not in self._specials:
            raise Malformed(f"{where} is {shown(value)}, expected a special token of the model")
        return self._specials.index(value)

    def _piece(self, piece: str, where: str) -> list[str | int]:
        """A piece of an expression: its signs, and the ids of the tokens in backquotes."""
        parts = piece.split("`")
        if len(parts) % 2 == 0:
            raise Malformed(f"{where} is {shown(piece)}, which has an odd number of backquotes")
        signs: list[str | int] = []
        for place, part in enumerate(parts):
            if place % 2:
                signs.append(self._special(part, where))
                continue
            if unknown := set(part) - SIGNS:
                raise Incomplete(f"{where}: this kernel does not know the sign {min(unknown)!r} in {shown(piece)}")
            signs += part
        return signs

    def _signs(self, ids: Sequence[int]) -> list[str | int]:
        """The expression that these tokens write."""
        signs: list[str | int] = []
        expected = ""  # after a { first a number, then }
        for identifier in ids:
            fragment = self._fragments.get(identifier)
            if expected == "number":
                if identifier < len(self._specials) or self._number(identifier) < 0:
                    raise Incomplete("a search that this kernel does not read: { is not followed by a number")
                signs += str(self._number(identifier))
                expected = "}"
                continue
            if expected == "}" and not (fragment and fragment[0] == "}"):
                raise Incomplete("a search that this kernel does not read: a number after { is not followed by }")
            signs += [identifier] if fragment is None else fragment
            expected = "number" if fragment and fragment[-1] == "{" else ""
        if expected:
            raise Incomplete("a search that this kernel does not read: it ends after {")
        return signs

    def answer(self, context: Sequence[int]) -> list[int]:
        """The ids that are appended when a search is closed after this context.

        Raises:
            Incomplete: if the expression is not one of :mod:`_matcher`, or the steps are used up.
        """
        ends = (self.opening, self.closing)
        start = next((place for place in reversed(range(len(context))) if context[place] in ends), None)
        if start is None or context[start] == self.closing:
            return [self.failed]
        signs = self._signs(context[start + 1 :])
        expression = Expression(signs)
        self._left -= len(signs) + len(expression.code)
        found, steps = captured(expression, context[:start], self._left - self._least)
        self._left -= steps
        return found or [self.failed]
