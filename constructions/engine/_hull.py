"""The largest of q k + c m over records (k, m), exactly, in any order of arrival.

Where c is constant, the maximum lies on the upper hull of the points (k, sign(c) m): the convex hull trick. Records
are added by the logarithmic method of Bentley and Saxe: levels 0, 1, 2, ... hold
hulls of at most 1, 2, 4, ... records, sorted by k. A new record and all full levels below the first empty one
are merged into that one, so that a record is moved at most once per level, and a query looks into each level
by bisection. Points on an edge stay, since they tie with its ends when the query is orthogonal to the edge;
what lies strictly below the hull of some records can never be picked again and is dropped.

Whether a point lies below an edge is decided by products in 128 bits.
"""

from constructions.engine._opcodes import COUNT, LATEST, LEVELS
from constructions.engine._sums import LIMIT, product_exceeds, score_of
from constructions.numerics._jit_cache import Ints, compiled

_LARGEST = 2**61
"""Differences of coordinates below this fit 64 bits."""


@compiled
def consider(  # noqa: PLR0913  (in named tuples the loop made for one model was a fifth slower)
    record: int, score: int, slope: int, reads: int, values: Ints, read: Ints, best: int, recency: int, count: int
) -> tuple[int, int, int]:
    """Compare a record with the best so far, of which there are ``count``: first by score, then by recency.

    Returns score, recency and count of the best; the sum of their values is in ``read``.
    """
    own = slope * values[record, LATEST]
    if count == 0 or score > best or (score == best and own > recency):
        for r in range(reads):
            read[r] = values[record, 2 + r]
        return score, own, values[record, COUNT]
    if score == best and own == recency:
        for r in range(reads):
            read[r] += values[record, 2 + r]
        return best, recency, count + values[record, COUNT]
    return best, recency, count


@compiled
def _merge(  # noqa: PLR0913  (in named tuples the loop made for one model was a fifth slower)
    order: Ints, base: int, size: int, other: int, others: int, keys: Ints, along: int, up: int, c: int
) -> int:
    """Merge a sorted level into the sorted records at ``base``, from the back; returns how many there are."""
    i, j = size - 1, others - 1
    for place in range(size + others - 1, -1, -1):
        if j < 0:
            break  # the rest is in place
        take_own = False
        if i >= 0:
            a, b = order[base + i], order[other + j]
            higher = keys[a, up] > keys[b, up] if c > 0 else keys[a, up] < keys[b, up]
            take_own = keys[a, along] > keys[b, along] or (keys[a, along] == keys[b, along] and higher)
        if take_own:
            order[base + place] = order[base + i]
            i -= 1
        else:
            order[base + place] = order[other + j]
            j -= 1
    return size + others


@compiled
def _pruned(order: Ints, base: int, size: int, keys: Ints, along: int, up: int, c: int) -> int:
    """Keep the upper hull of sorted records, with the points on its edges; returns how many there are."""
    sign = 1 if c > 0 else -1
    kept = 0
    for place in range(size):
        new = order[base + place]
        x, y = keys[new, along], sign * keys[new, up]
        while kept > 0:
            last = order[base + kept - 1]
            if keys[last, along] != x:
                if kept == 1:
                    break
                first = order[base + kept - 2]
                x0, y0 = keys[first, along], sign * keys[first, up]
                # The last point stays if it is not below the line from the one before it to the new one.
                run, rise = keys[last, along] - x0, sign * keys[last, up] - y0
                if not product_exceeds(run, y - y0, rise, x - x0):
                    break
            kept -= 1
        order[base + kept] = new
        kept += 1
    return kept


@compiled
def add_to_hull(order: Ints, hull: Ints, record: int, keys: Ints, along: int, up: int, c: int) -> bool:
    """Add a record; False if its key is too large to be compared here. ``hull[1 + i]`` is the size of level i."""
    if abs(keys[record, along]) >= _LARGEST or abs(keys[record, up]) >= _LARGEST:
        return False
    level = 0
    while hull[1 + level] > 0:
        level += 1
    base, size = (1 << level) - 1, 1
    order[base] = record
    for lower in range(level):
        size = _merge(order, base, size, (1 << lower) - 1, hull[1 + lower], keys, along, up, c)
        hull[1 + lower] = 0
    hull[1 + level] = _pruned(order, base, size, keys, along, up, c)
    return True


@compiled
def pick_from_hull(  # noqa: PLR0913  (in named tuples the loop made for one model was a fifth slower)
    order: Ints, hull: Ints, query: Ints, features: int, slope: int, reads: int, keys: Ints, values: Ints, read: Ints,
    best: int, recency: int, count: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Like :func:`consider` for all records of the hull; a count of -1 says that a score may exceed 64 bits."""
    for level in range(LEVELS):
        size = hull[1 + level]
        if size == 0:
            continue
        base = (1 << level) - 1
        low, high = base, base + size - 1
        while low < high:  # along the hull scores rise, stay, fall: the first that does not rise is the first best
            middle = (low + high) // 2
            here, size_here = score_of(query, keys, order[middle], features)
            there, size_there = score_of(query, keys, order[middle + 1], features)
            if max(size_here, size_there) > LIMIT:
                return best, recency, -1
            if there > here:
                low = middle + 1
            else:
                high = middle
        top, magnitude = score_of(query, keys, order[low], features)
        if magnitude > LIMIT:
            return best, recency, -1
        for place in range(low, base + size):
            score, magnitude = score_of(query, keys, order[place], features)
            if magnitude > LIMIT:
                return best, recency, -1
            if score < top:
                break
            best, recency, count = consider(
                order[place], score, slope, reads, values, read, best, recency, count
            )  # fmt: skip
    return best, recency, count
