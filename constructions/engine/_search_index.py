"""Searches of a simple form, answered from an index instead of by reading the whole context again.

The form is ``\\A X* P`` or ``\\A(?:X* P|X* P|...)``, where X is ``.`` or a negated class and P a few single
characters, classes and dots, each perhaps a group. The star is greedy, so what matches is the *latest* place
of P before which no character is excluded by X; and of several alternatives the first that matches
anywhere counts. Which characters are literal differs from search to search, the rest does not. So for each form
and each tuple of literals the latest place is kept, and the context is read once, as it grows.

Everything else (lazy stars, repeat counts, nested groups) is left to the expression itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from constructions.architectures import identifier_of

_SIGNS = frozenset("\\()[]{}|*+?.^$-,:<>=!")


class Item(NamedTuple):
    """One character of P: a literal id, or a class (``ids`` and whether they are excluded); and its group."""

    literal: int | None
    ids: frozenset[int]
    excluded: bool
    group: int | None


class Alternative(NamedTuple):
    """``X* P``: the ids that X excludes, and the items of P."""

    barred: frozenset[int]
    items: tuple[Item, ...]


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
        star = self._single(None)
        self._expect("*")
        if star.literal is not None or not star.excluded or self._text.startswith(("?", "+"), self._place):
            raise _NotIndexable
        items: list[Item] = []
        while self._place < len(self._text) and self._text[self._place] not in "|)":
            if self._accept("("):
                self._groups += 1
                items.append(self._single(self._groups))
                self._expect(")")
            else:
                items.append(self._single(None))
        if not items:
            raise _NotIndexable
        return Alternative(star.ids, tuple(items))

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
    shape: tuple[Item | None, ...]
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
            if all((context[start + i] in ids) != excluded for i, ids, excluded in classes):
                self.places[tuple(context[start + i] for i in literal)] = start
        self.read = max(self.read, upto)


class SearchIndex:
    """The latest places for all forms that were asked for, in one context that only grows."""

    def __init__(self) -> None:
        self._forms: dict[tuple[frozenset[int], tuple[Item | None, ...]], _Latest] = {}

    def captured(self, alternatives: Sequence[Alternative], context: Sequence[int], upto: int) -> int | None:
        """What the last group of the match captures, None if nothing matches or no group takes part.

        Only the first ``upto`` tokens of the context are searched; later calls never search fewer.
        """
        for barred, items in alternatives:
            shape = tuple(None if item.literal is not None else item._replace(group=None) for item in items)
            form = self._forms.setdefault((barred, shape), _Latest(barred, shape))
            form.update(context, upto)
            place = form.places.get(tuple(item.literal for item in items if item.literal is not None))
            if place is not None:
                groups = [i for i, item in enumerate(items) if item.group is not None]
                return context[place + groups[-1]] if groups else None
        return None
