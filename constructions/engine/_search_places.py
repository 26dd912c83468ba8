"""All places of short sequences of tokens in a context that grows, and matches of ``X*? P Y* Q`` found with them.

A match begins with a place s of one of the choices of P before which nothing is excluded by X. A lazy star prefers
the first such place, a greedy one the last; at one place the choices are preferred in their order. With a tail some
place t of Q must follow, at the end e of P or later, such that Y excludes nothing from e up to t: t is at most
the first place from e on that Y excludes. Which t it is does not matter, as Q has no groups.

All questions are answered by bisection in sorted lists of places, a list for each tuple of literals. A candidate
that fails tells which others fail with it. With e its end and t the first place of Q from e on, Y excludes something
between them; then no end before that can go on to t or to a later place, and no end before e can go on to t. So
candidates are passed over in leaps, not more of them than the rarer of P and Q has places.

Lists are made only as far as a match can reach: what lies behind a token that X or Y excludes may be never read. They
are found by tables of places, four bytes a slot: what stands at a place is read off the context.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Item(NamedTuple):
    """One character of P: an id, or a class (``ids`` and whether they are excluded); and its group.

    In the form of a search ``~k`` stands for the id that the search has at place k of its tokens.
    """

    literal: int | None
    ids: frozenset[int]
    excluded: bool
    group: int | None


Shape = tuple[Item | None, ...]
"""Items without groups, with None for every literal that differs from search to search: what is listed together."""


class Piece(NamedTuple):
    """A sequence of P or Q: its shape, the ids of its None, and the place of its last group."""

    shape: Shape
    literals: tuple[int, ...]
    group: int | None


Sequences = tuple[Piece, ...]
"""A choice, in the order of preference."""


def piece_of(items: Sequence[Item]) -> Piece:
    """The piece of a form; its literals are ``~k``."""
    groups = [place for place, item in enumerate(items) if item.group is not None]
    own = [None if item.literal is not None and item.literal < 0 else item._replace(group=None) for item in items]
    literals = [item.literal for item in items if item.literal is not None and item.literal < 0]
    return Piece(tuple(own), tuple(literals), groups[-1] if groups else None)


_FREE = -(2**31)


class Table:
    """From literals to the places where they stand in a context.

    A slot holds the one place of its literals, or ``~k`` where the places are those of ``several[k]``; literals are
    hashed, and compared with what the context has at the place.
    """

    def __init__(self, offsets: Sequence[int]) -> None:
        self._offsets, self._used, self._more = offsets, 0, 0
        self._slots = array("i", [_FREE] * 16)
        self._several: list[array[int]] = []

    @property
    def bytes(self) -> int:
        """How much memory the table takes, while it grows."""
        return 2 * self._slots.itemsize * (len(self._slots) + self._more) + 128 * len(self._several)

    def get(self, literals: tuple[int, ...], context: Sequence[int]) -> Sequence[int]:
        """The places of these literals, in the order in which they were added."""
        found = self._slots[self._slot(literals, context)]
        return () if found == _FREE else (found,) if found >= 0 else self._several[~found]

    def add(self, literals: tuple[int, ...], place: int, context: Sequence[int]) -> None:
        """One more place; all before it are smaller."""
        slot = self._slot(literals, context)
        found = self._slots[slot]
        if found == _FREE:
            self._fill(slot, place, context)
        elif found < 0:
            self._several[~found].append(place)
            self._more += 1
        else:
            self._slots[slot] = ~len(self._several)
            self._several.append(array("i", (found, place)))

    def replace(self, literals: tuple[int, ...], place: int, context: Sequence[int]) -> None:
        """The only place of these literals from now on."""
        slot = self._slot(literals, context)
        if self._slots[slot] == _FREE:
            self._fill(slot, place, context)
        else:
            self._slots[slot] = place

    def _slot(self, literals: tuple[int, ...], context: Sequence[int]) -> int:
        slots, mask = self._slots, len(self._slots) - 1
        slot = hash(literals) & mask
        while (found := slots[slot]) != _FREE:
            place = found if found >= 0 else self._several[~found][0]
            if self._at(place, context) == literals:
                break
            slot = (slot + 1) & mask
        return slot

    def _at(self, place: int, context: Sequence[int]) -> tuple[int, ...]:
        return tuple([context[place + i] for i in self._offsets])

    def _fill(self, slot: int, place: int, context: Sequence[int]) -> None:
        self._slots[slot] = place
        self._used += 1
        if 3 * self._used > 2 * len(self._slots):
            before, self._slots = self._slots, array("i", [_FREE]) * (2 * len(self._slots))
            for found in before:
                if found != _FREE:
                    first = found if found >= 0 else self._several[~found][0]
                    self._slots[self._slot(self._at(first, context), context)] = found


class Listed:
    """For one shape: all places by the literals, in the context read so far."""

    def __init__(self, shape: Shape) -> None:
        self._shape, self.read = shape, 0
        self._literal = [i for i, item in enumerate(shape) if item is None]
        known = [(i, item.literal) for i, item in enumerate(shape) if item is not None and item.literal is not None]
        self._sought = known[0] if known else None
        self._classes = [(i, frozenset((literal,)), False) for i, literal in known[1:]]
        self._classes += [(i, item.ids, item.excluded) for i, item in enumerate(shape) if item is not None and item.ids]
        self.places = Table(self._literal)

    def update(self, context: Sequence[int], upto: int) -> None:
        """Read on, up to this many tokens."""
        first, end = max(0, self.read - len(self._shape) + 1), upto - len(self._shape) + 1
        for literals, start in self._found(context, first, end):
            self.places.add(literals, start, context)
        self.read = upto

    def _found(self, context: Sequence[int], start: int, end: int) -> Iterator[tuple[tuple[int, ...], int]]:
        """Those from ``start`` to before ``end``; where an id is the same for all, only its places are looked at."""
        while start < end:
            if self._sought is not None:
                offset, literal = self._sought
                try:
                    start = context.index(literal, start + offset, end + offset) - offset
                except ValueError:
                    return
            for i, ids, excluded in self._classes:
                if (context[start + i] in ids) == excluded:
                    break
            else:
                yield tuple([context[start + i] for i in self._literal]), start
            start += 1


Tail = tuple[frozenset[int], Sequences]
"""The ids that Y excludes, and the choices of Q."""


class Places:
    """The lists for all shapes that were asked for."""

    def __init__(self) -> None:
        self._shapes: dict[Shape, Listed] = {}
        self._tokens = Listed((None,))

    @property
    def bytes(self) -> int:
        """How much memory the lists take."""
        return sum(listed.places.bytes for listed in (self._tokens, *self._shapes.values()))

    def match(
        self,
        barred: frozenset[int],
        lazy: bool,
        choices: Sequences,
        tail: Tail | None,
        context: Sequence[int],
        upto: int,
    ) -> tuple[int, Piece] | None:
        """The place of the preferred match and the choice that matches there; None if there is none.

        Only the first ``upto`` tokens are searched; later calls never search fewer.
        """
        last = self._next(barred, 0, context, upto)  # before a later place something is excluded
        best: tuple[int, int] | None = None
        for number, piece in enumerate(choices):
            length = len(piece.shape)
            places = self._list(piece, context, min(upto, last + length))
            count = bisect_right(places, last)
            at: int | None = 0 if lazy else count - 1
            if tail is not None and count:
                at = self._preferred(places, count, length, lazy, tail, context, upto)
            if count and at is not None and (best is None or (places[at] < best[0] if lazy else places[at] > best[0])):
                best = places[at], number
        return None if best is None else (best[0], choices[best[1]])

    def _preferred(
        self, places: Sequence[int], count: int, length: int, lazy: bool, tail: Tail, context: Sequence[int], upto: int
    ) -> int | None:
        """Of ``count`` places of P the first, or unless lazy the last, behind which the tail goes on; its index."""
        barred, choices = tail
        limit = self._next(barred, places[count - 1] + length, context, upto)  # no match has its Q at a later place
        lists = [self._list(piece, context, min(upto, limit + len(piece.shape))) for piece in choices]
        at = 0 if lazy else count - 1
        while 0 <= at < count:
            end = places[at] + length
            found = min((own[i] for own in lists if (i := bisect_left(own, end)) < len(own)), default=limit + 1)
            if found <= self._next(barred, end, context, upto):
                return at
            if lazy and found > limit:
                return None
            if lazy:
                at = bisect_left(places, self._previous(barred, found, context) + 1 - length, at + 1)
            else:
                before = max((own[i - 1] for own in lists if (i := bisect_left(own, end))), default=-1)
                at = bisect_right(places, before - length, 0, at) - 1
        return None

    def _next(self, barred: frozenset[int], start: int, context: Sequence[int], upto: int) -> int:
        """The first place from ``start`` on that holds one of these ids; ``upto`` if there is none."""
        while barred:
            lists = [self._tokens.places.get((identifier,), context) for identifier in barred]
            found = min((own[i] for own in lists if (i := bisect_left(own, start)) < len(own)), default=upto)
            if found < upto or self._tokens.read >= upto:
                return found
            self._tokens.update(context, min(upto, max(2 * self._tokens.read, start + 64)))
        return upto

    def _previous(self, barred: frozenset[int], place: int, context: Sequence[int]) -> int:
        """The last place before one that holds one of these ids; there is one, and it is listed."""
        lists = [self._tokens.places.get((identifier,), context) for identifier in barred]
        return max(own[i - 1] for own in lists if (i := bisect_left(own, place)))

    def _list(self, piece: Piece, context: Sequence[int], upto: int) -> Sequence[int]:
        listed = self._shapes.get(piece.shape)
        if listed is None:
            listed = self._shapes[piece.shape] = Listed(piece.shape)
        if listed.read < upto:
            listed.update(context, upto)
        return listed.places.get(piece.literals, context)
