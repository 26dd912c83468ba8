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

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from constructions.architectures import identifier_of
from constructions.engine._search_places import Item, Places, Sequences, Shape, shape_of

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


class _NotIndexable(Exception):  # noqa: N818  (a reason, not an error)
    pass


class _Reader:
    """Reads a pattern of the form; anything else raises _NotIndexable."""

    def __init__(self, pattern: str) -> None:
        self._text, self._place, self._groups = pattern, 0, 0

    def alternatives(self) -> tuple[Alternative, ...]:
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
        return tuple(found)

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

    def _sequence(self) -> tuple[Item, ...]:
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
        if not items:
            raise _NotIndexable
        return tuple(items)

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
        return identifier_of(sign)

    def _accept(self, sign: str) -> bool:
        if not self._text.startswith(sign, self._place):
            return False
        self._place += len(sign)
        return True

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise _NotIndexable


def alternatives_of(pattern: str) -> tuple[Alternative, ...] | None:
    """The alternatives of a pattern of the form; None for any other pattern."""
    try:
        return _Reader(pattern).alternatives()
    except _NotIndexable:
        return None


@dataclass
class _Latest:
    """For one form of alternative: the latest place of P by its literals, in the context read so far."""

    barred: frozenset[int]
    shape: Shape
    read: int = 0
    first_barred: int | None = None
    places: dict[tuple[int, ...], int] = field(default_factory=dict)

    def update(self, context: Sequence[int], upto: int) -> None:
        """Read on, up to this many tokens."""
        length, literal = len(self.shape), [i for i, item in enumerate(self.shape) if item is None]
        classes = [(i, item.ids, item.excluded) for i, item in enumerate(self.shape) if item is not None and item.ids]
        for end in range(self.read, upto):
            start = end - length + 1
            if self.first_barred is None and context[end] in self.barred:
                self.first_barred = end
            if start < 0 or (self.first_barred is not None and start > self.first_barred):
                continue
            for i, ids, excluded in classes:
                if (context[start + i] in ids) == excluded:
                    break
            else:
                self.places[tuple([context[start + i] for i in literal])] = start
        self.read = max(self.read, upto)


class SearchIndex:
    """The places for all forms that were asked for, in one context that only grows."""

    def __init__(self) -> None:
        self._forms: dict[tuple[frozenset[int], Shape], _Latest] = {}
        self._places = Places()

    def captured(self, alternatives: Sequence[Alternative], context: Sequence[int], upto: int) -> int | None:
        """What the last group of the match captures, None if nothing matches or no group takes part.

        Only the first ``upto`` tokens of the context are searched; later calls never search fewer.
        """
        for alternative in alternatives:
            if alternative.simple:
                found = self._latest(alternative.barred, alternative.choices[0], context, upto)
            else:
                found = self._places.match(
                    alternative.barred, alternative.lazy, alternative.choices, alternative.tail, context, upto
                )
            if found is not None:
                place, items = found
                groups = [i for i, item in enumerate(items) if item.group is not None]
                return context[place + groups[-1]] if groups else None
        return None

    def _latest(
        self, barred: frozenset[int], items: tuple[Item, ...], context: Sequence[int], upto: int
    ) -> tuple[int, tuple[Item, ...]] | None:
        shape, literals = shape_of(items)
        form = self._forms.get((barred, shape))
        if form is None:
            form = self._forms[barred, shape] = _Latest(barred, shape)
        form.update(context, upto)
        place = form.places.get(literals)
        return None if place is None else (place, items)
