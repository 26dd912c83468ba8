"""Searches of simple forms, answered from an index instead of by reading the whole context again.

The forms are ``\\A X* P`` and ``\\A(?:X* P|X* P|...)``, where X is ``.`` or a negated class and P a few single
characters, classes and dots, each perhaps a group. The star is greedy, so what matches is the *latest* place
of P before which no character is excluded by X; and of several alternatives the first that matches
anywhere counts. Which characters are literal differs from search to search, the rest does not. So for each form
and each tuple of literals the latest place is kept, and the context is read once, as it grows.

The star may be lazy, P may be a choice ``(?:P|P|...)``, and it may be followed by ``Y* Q``, Y a negated class, Q like P
without groups. For these all places are kept: :mod:`constructions.engine._search_places`.

Everything else (repeat counts, nested groups) is left to the expression itself.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from constructions.architectures import Searcher, identifier_of
from constructions.engine._search_places import Item, Listed, Piece, Places, Sequences, Shape, piece_of

_MOST_FORMS = 1 << 12
"""A model that writes ever new forms must not fill the memory with them."""

_SIGNS = frozenset("\\()[]{}|*+?.^$-,:<>=!")


class Alternative(NamedTuple):
    """``X* P``, or ``X*? P Y* Q``: the ids that X excludes, whether its star is lazy, P; and the same of Y, and Q."""

    barred: frozenset[int]
    lazy: bool
    choices: Sequences
    tail: tuple[frozenset[int], Sequences] | None

    @property
    def simple(self) -> bool:
        """Whether the latest place of one sequence answers it."""
        return not self.lazy and len(self.choices) == 1 and self.tail is None

    def of(self, ids: Sequence[int]) -> "Alternative":
        """The alternative of a search with these tokens, from that of its form."""
        tail = None if self.tail is None else (_ids_of(self.tail[0], ids), _pieces_of(self.tail[1], ids))
        return Alternative(_ids_of(self.barred, ids), self.lazy, _pieces_of(self.choices, ids), tail)


def _ids_of(found: frozenset[int], ids: Sequence[int]) -> frozenset[int]:
    return found if not found or min(found) >= 0 else frozenset([ids[~i] if i < 0 else i for i in found])


def _pieces_of(choices: Sequences, ids: Sequence[int]) -> Sequences:
    return tuple([Piece(shape, tuple([ids[~k] for k in literals]), group) for shape, literals, group in choices])


class _NotIndexable(Exception):  # noqa: N818  (a reason, not an error)
    pass


class _Reader:
    """Reads a pattern of the form; anything else raises _NotIndexable.

    What the pattern has at the places in ``differing`` differs from search to search.
    """

    def __init__(self, pattern: str, differing: Mapping[int, int]) -> None:
        self._text, self._differing, self._place, self._groups = pattern, differing, 0, 0

    def alternatives(self) -> list[Alternative]:
        self._expect("\\A")
        if not self._accept("(?:"):
            found = [self._alternative()]
        else:
            found = [self._alternative()]
            while self._accept("|"):
                found.append(self._alternative())
            self._expect(")")
        if self._place != len(self._text):
            raise _NotIndexable
        return found

    def _alternative(self) -> Alternative:
        barred = self._star()
        lazy, choices, tail, groups = self._accept("?"), self._choices(), None, self._groups
        if self._place < len(self._text) and self._text[self._place] not in "|)":
            tail = self._star(), self._choices()
        if self._groups > groups:  # what a group behind Y* captures depends on how far the star goes
            raise _NotIndexable
        return Alternative(barred, lazy, choices, tail)

    def _star(self) -> frozenset[int]:
        """``.*`` or a negated class and a star; the ids that are excluded."""
        star = self._single(None)
        self._expect("*")
        if star.literal is not None or not star.excluded or self._text.startswith(("*", "+"), self._place):
            raise _NotIndexable
        return star.ids

    def _choices(self) -> Sequences:
        if not self._accept("(?:"):
            return (self._sequence(),)
        found = [self._sequence()]
        while self._accept("|"):
            found.append(self._sequence())
        self._expect(")")
        if self._text.startswith(("*", "+", "?", "{"), self._place):
            raise _NotIndexable
        return tuple(found)

    def _sequence(self) -> Piece:
        """Items up to a bar, a bracket, the end, or what has a star."""
        items: list[Item] = []
        while self._place < len(self._text) and self._text[self._place] not in "|)":
            before = self._place
            if self._accept("("):
                self._groups += 1
                items.append(self._single(self._groups))
                self._expect(")")
            else:
                items.append(self._single(None))
                if self._text.startswith("*", self._place):
                    self._place = before
                    items.pop()
                    break
            if self._text.startswith(("*", "+", "?", "{"), self._place):
                raise _NotIndexable
        if not items or any(i < 0 for item in items for i in item.ids):  # places are listed for each class
            raise _NotIndexable
        return piece_of(items)

    def _single(self, group: int | None) -> Item:
        if self._accept("."):
            return Item(None, frozenset(), True, group)
        if not self._accept("["):
            return Item(self._character(), frozenset(), False, group)
        excluded, ids = self._accept("^"), set[int]()
        while not self._accept("]"):
            ids.add(self._character())
        if not ids:
            raise _NotIndexable
        return Item(None, frozenset(ids), excluded, group)

    def _character(self) -> int:
        sign = self._text[self._place : self._place + 1]
        if not sign or sign in _SIGNS or ord(sign) < 0x100:
            raise _NotIndexable
        self._place += 1
        number = self._differing.get(self._place - 1)
        return identifier_of(sign) if number is None else ~number

    def _accept(self, sign: str) -> bool:
        if not self._text.startswith(sign, self._place):
            return False
        self._place += len(sign)
        return True

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise _NotIndexable


def alternatives_of(pattern: str, differing: Mapping[int, int] = MappingProxyType({})) -> list[Alternative] | None:
    """The alternatives of a pattern of the form; None for any other pattern.

    With ``differing``, from places of the pattern to places among the tokens of the search, they are those of all
    searches that differ there alone: what can be read does not depend on which tokens stand there.
    """
    try:
        return _Reader(pattern, differing).alternatives()
    except _NotIndexable:
        return None


class _Latest(Listed):
    """For one form of alternative: the latest place of P by its literals, in the context read so far."""

    def __init__(self, barred: frozenset[int], shape: Shape) -> None:
        super().__init__(shape)
        self._barred, self._last = barred, -1

    def update(self, context: Sequence[int], upto: int) -> None:
        """Read on, up to this many tokens, but no further than the first that X excludes."""
        if self._last < 0 and self._barred:
            self._last = next((i for i in range(self.read, upto) if context[i] in self._barred), -1)
        end = upto - len(self._shape) + 1
        end = end if self._last < 0 else min(end, self._last + 1)
        for literals, start in self._found(context, max(0, self.read - len(self._shape) + 1), end):
            self.places.replace(literals, start, context)
        self.read = max(self.read, upto)


class SearchIndex:
    """The places for all forms that were asked for, in one context that only grows."""

    def __init__(self) -> None:
        self._read: dict[tuple[int, ...], list[Alternative] | None] = {}
        self._latest: dict[tuple[frozenset[int], Shape], _Latest] = {}
        self._places = Places()

    @property
    def bytes(self) -> int:
        """How much memory the places take."""
        return self._places.bytes + sum(latest.places.bytes for latest in self._latest.values())

    def alternatives(self, searcher: Searcher, ids: Sequence[int]) -> list[Alternative] | None:
        """The alternatives that these tokens write, None if the index does not answer them; each form is read once."""
        form = searcher.form(ids)
        if form not in self._read:
            if len(self._read) == _MOST_FORMS:
                self._read.clear()
            try:
                self._read[form] = alternatives_of(searcher.pattern(ids), searcher.differing(ids))
            except ValueError:
                self._read[form] = None  # a repeat count: no expression with a brace is of the form
        found = self._read[form]
        return None if found is None else [alternative.of(ids) for alternative in found]

    def captured(self, alternatives: Sequence[Alternative], context: Sequence[int], upto: int) -> int | None:
        """What the last group of the match captures, None if nothing matches or no group takes part.

        Only the first ``upto`` tokens of the context are searched; later calls never search fewer.
        """
        for alternative in alternatives:
            if alternative.simple:
                found = self._last(alternative.barred, alternative.choices[0], context, upto)
            else:
                found = self._places.match(
                    alternative.barred, alternative.lazy, alternative.choices, alternative.tail, context, upto
                )
            if found is not None:
                place, piece = found
                return None if piece.group is None else context[place + piece.group]
        return None

    def _last(
        self, barred: frozenset[int], piece: Piece, context: Sequence[int], upto: int
    ) -> tuple[int, Piece] | None:
        latest = self._latest.get((barred, piece.shape))
        if latest is None:
            latest = self._latest[barred, piece.shape] = _Latest(barred, piece.shape)
        latest.update(context, upto)
        places = latest.places.get(piece.literals, context)
        return (places[0], piece) if places else None
