"""Heads that pick the nearest, the largest or the smallest key: match-latest, read as what it does without a match.

A head that looks for the latest key equal to q picks the latest of the nearest ones if none is equal. So *nearest*
needs no new head. The *largest* key is the nearest to an upper bound of all keys, the *smallest* the nearest to a lower
one. What is excluded lies farther away than any key can.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import isqrt

from constructions.wiring._board import Board
from constructions.wiring._heads import HeadGadget, latest
from constructions.wiring._operands import pairs
from constructions.wiring._polynomial import Polynomial
from constructions.wiring._record import recording
from constructions.wiring._refusal import refused
from constructions.wiring._value import Operand, Value, own, require_flag, require_integer

MOST_STEPS = 64
"""The most values of a key that are compared one by one."""


@recording("nearest", "largest", "smallest")
class NearestHeads:
    """What a wiring offers of such heads."""

    def nearest(
        self: Board, name: str, where: Sequence[tuple[Operand, Operand]], *, excluding: Operand | None = None
    ) -> HeadGadget:
        """A head that picks the key with the least squared distance from the query, the latest of several.

        Args:
            name: of the head.
            where: pairs (key, query) of integers; their squared differences are added up.
            excluding: a flag; positions where it is 1 are picked only if there are no others, and then ``hit`` is 0.
        """
        owned = pairs(self.domain, where, f"{self.name}: head {name!r}")
        words = " and ".join(f"{key.label} nearest to {query.label}" for key, query in owned)
        return _picking(self, name, owned, excluding, words)

    def largest(
        self: Board,
        name: str,
        key: Operand,
        *,
        below: Operand | None = None,
        where: Sequence[tuple[Operand, Operand]] = (),
        excluding: Operand | None = None,
    ) -> HeadGadget:
        """A head that picks the largest key, the latest of several.

        Args:
            name: of the head.
            key: an integer.
            below: an integer of this position; keys that are not less are picked only if there are no others. The
                key must have few values, whatever n is.
            where: pairs (key, query); among the positions where they are nearest the largest key is picked.
            excluding: as for ``nearest``.
        """
        return _extreme(self, name, key, 1, below, where, excluding)

    def smallest(
        self: Board,
        name: str,
        key: Operand,
        *,
        above: Operand | None = None,
        where: Sequence[tuple[Operand, Operand]] = (),
        excluding: Operand | None = None,
    ) -> HeadGadget:
        """A head that picks the smallest key, the latest of several; ``above`` and the rest as for ``largest``."""
        return _extreme(self, name, key, -1, above, where, excluding)


def _extreme(
    wiring: Board,
    name: str,
    key: Operand,
    sign: int,
    bound: Operand | None,
    where: Sequence[tuple[Operand, Operand]],
    excluding: Operand | None,
) -> HeadGadget:
    """The largest of ``sign * key``: the nearest to its upper bound.

    The pairs ``where`` are multiplied by m, so that a distance there outweighs all keys: m^2 > (largest - smallest)^2.
    """
    by = f"{wiring.name}: head {name!r}"
    given = own(wiring.domain, key, by)
    require_integer(given, by)
    end = own(wiring.domain, given.range.high if sign > 0 else given.range.low, by)
    width, first = given.range.high - given.range.low, pairs(wiring.domain, where, by)
    words, last, factor = f"the {'largest' if sign > 0 else 'smallest'} {given.label}", [(given, end)], width + 1
    if bound is not None:
        limit = own(wiring.domain, bound, by)
        words += f" {'below' if sign > 0 else 'above'} {limit.label}, if there is one"
        few = _few(wiring, name, given, limit)
        # The steps take at most 1 for each value; doubling the key makes one value more worth at least 4 - 1.
        last, weight = [(2 * given, 2 * end)], 4 * few * few + few + 1
        last += _steps(wiring, name, given, limit, sign, weight)
        factor = Polynomial.constant(isqrt(4 * few * few + few + 2 * weight) + 1)
    words += "".join(f" where {k.label} is nearest to {query.label}" for k, query in first)
    scaled = [(factor * k, factor * query) for k, query in first]
    return _picking(wiring, name, [*scaled, *last], excluding, words)


def _few(wiring: Board, name: str, key: Value, limit: Value) -> int:
    """How many steps there are between the values of a key."""
    low, high = (end.as_constant for end in (key.range.low, key.range.high))
    if low is None or high is None or high - low >= MOST_STEPS:
        raise refused(
            f"{wiring.name}: head {name!r} compares {key.label} with {limit.label}, but {key.label} has range "
            f"{key.range}: the score of a head is a sum of products of a fixed number, here one for each value of the "
            f"key and at most {MOST_STEPS}, so it cannot tell smaller from larger keys among n",
            "narrow the key with w.clamp to a range without n, compare where the key is read (w.at_least), or take "
            "the nearest key (w.nearest)",
        )
    return high - low


def _steps(wiring: Board, name: str, key: Value, limit: Value, sign: int, weight: int) -> list[tuple[Value, Value]]:
    """Pairs whose score falls by 2 ``weight`` where a key k of few values is not below the limit q.

    Keys are flags [k >= t], queries -weight [q = t], for each value t but the least: the sum of the products is
    -weight [k >= q], except where no key is below q, or all are.
    """
    require_integer(limit, f"head {name!r}")
    low, high = (end.as_constant or 0 for end in (key.range.low, key.range.high))
    found = []
    for t in range(low + 1, high + 1) if sign > 0 else range(low, high):
        reached = wiring.at_least(key, t) if sign > 0 else wiring.at_least(t, key)
        found.append((reached, -weight * wiring.equal(limit, t)))
    return found


def _picking(
    wiring: Board, name: str, where: Sequence[tuple[Value, Value]], excluding: Operand | None, words: str
) -> HeadGadget:
    """The head that picks the nearest; what is excluded is farther than every distance.

    A distance (q - k)^2 lies between 0 and the square of the largest difference that the ranges allow.
    """
    flag = None if excluding is None else own(wiring.domain, excluding, f"{wiring.name}: head {name!r}")
    penalty = None
    if flag is not None:
        require_flag(flag, f"{wiring.name}: what head {name!r} excludes")
        farthest = Polynomial.constant(1)
        for key, query in where:
            most = wiring.domain.maximum(query.range.high - key.range.low, key.range.high - query.range.low)
            farthest = farthest + most * most
        penalty = flag * farthest
    gadget = latest(wiring, name, where, penalty, False)
    spared = "" if flag is None else f", of those without {flag.label} if there are any"
    gadget.contract = replace(gadget.contract, guarantees=f"picks {words}, the latest of several{spared}")
    gadget.excluded = flag
    kept: HeadGadget = wiring._keep(gadget)
    return kept
