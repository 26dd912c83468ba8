"""All places of short sequences of tokens in a context that grows, and matches of ``X*? P Y* Q`` found with them.

A match begins with a place s of one of the choices of P before which nothing is excluded by X. A lazy star prefers
the first such place, a greedy one the last; at one place the choices are preferred in their order. With a tail some
place t of Q must follow, at the end e of P or later, such that Y excludes nothing from e up to t: t is at most
the first place from e on that Y excludes. Which t it is does not matter, as Q has no groups.

Both questions are answered by bisection in sorted lists of places, a list for each tuple of literals.
"""

import functools
import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple


class Item(NamedTuple):
    """One character of P: a literal id, or a class (``ids`` and whether they are excluded); and its group."""

    literal: int | None
    ids: frozenset[int]
    excluded: bool
    group: int | None


Sequences = tuple[tuple[Item, ...], ...]
"""A choice, in the order of preference."""

Shape = tuple[Item | None, ...]
"""Items with None for every literal, and no groups: what is listed together."""


@functools.lru_cache(maxsize=1 << 12)
def shape_of(items: tuple[Item, ...]) -> tuple[Shape, tuple[int, ...]]:
    """The shape of a sequence, and its literals."""
    shape = tuple(None if item.literal is not None else item._replace(group=None) for item in items)
    return shape, tuple(item.literal for item in items if item.literal is not None)


class _Listed:
    """For one shape: all places by the literals, in the context read so far."""

    def __init__(self, shape: Shape) -> None:
        self._shape, self.read = shape, 0
        self._literal = [i for i, item in enumerate(shape) if item is None]
        self._classes = [(i, item.ids, item.excluded) for i, item in enumerate(shape) if item is not None and item.ids]
        self.places: dict[tuple[int, ...], list[int]] = {}

    def update(self, context: Sequence[int], upto: int) -> None:
        """Read on, up to this many tokens."""
        for start in range(max(0, self.read - len(self._shape) + 1), upto - len(self._shape) + 1):
            for i, ids, excluded in self._classes:
                if (context[start + i] in ids) == excluded:
                    break
            else:
                self.places.setdefault(tuple([context[start + i] for i in self._literal]), []).append(start)
        self.read = upto


class Places:
    """The lists for all shapes that were asked for."""

    def __init__(self) -> None:
        self._shapes: dict[Shape, _Listed] = {}

    def match(
        self,
        barred: frozenset[int],
        lazy: bool,
        choices: Sequences,
        tail: tuple[frozenset[int], Sequences] | None,
        context: Sequence[int],
        upto: int,
    ) -> tuple[int, tuple[Item, ...]] | None:
        """The place of the preferred match and the choice that matches there; None if there is none.

        Only the first ``upto`` tokens are searched; later calls never search fewer.
        """
        last = self._next(barred, 0, context, upto)  # before a later place something is excluded
        candidates = [self._from(items, number, last, lazy, context, upto) for number, items in enumerate(choices)]
        for place, number in heapq.merge(*candidates, key=lambda found: (found[0] if lazy else -found[0], found[1])):
            if tail is None or self._goes_on(tail, place + len(choices[number]), context, upto):
                return place, choices[number]
        return None

    def _from(
        self, items: tuple[Item, ...], number: int, last: int, lazy: bool, context: Sequence[int], upto: int
    ) -> Iterable[tuple[int, int]]:
        """Places up to ``last``, in the order of preference, with the number of the choice."""
        places = self._list(items, context, upto)
        end = bisect_right(places, last)
        order: Iterator[int] = iter(range(end)) if lazy else iter(range(end - 1, -1, -1))
        return ((places[i], number) for i in order)

    def _goes_on(self, tail: tuple[frozenset[int], Sequences], end: int, context: Sequence[int], upto: int) -> bool:
        barred, choices = tail
        last = self._next(barred, end, context, upto)
        for items in choices:
            places = self._list(items, context, upto)
            at = bisect_left(places, end)
            if at < len(places) and places[at] <= last:
                return True
        return False

    def _next(self, barred: frozenset[int], start: int, context: Sequence[int], upto: int) -> int:
        """The first place from ``start`` on that holds one of these ids; ``upto`` if there is none."""
        found = upto
        for identifier in barred:
            places = self._list((Item(identifier, frozenset(), False, None),), context, upto)
            at = bisect_left(places, start)
            if at < len(places):
                found = min(found, places[at])
        return found

    def _list(self, items: tuple[Item, ...], context: Sequence[int], upto: int) -> list[int]:
        shape, literals = shape_of(items)
        listed = self._shapes.get(shape)
        if listed is None:
            listed = self._shapes[shape] = _Listed(shape)
        if listed.read < upto:
            listed.update(context, upto)
        return listed.places.get(literals, [])
