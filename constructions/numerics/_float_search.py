"""Hard attention over many keys, or the largest of many logits, by branch and bound over a k-d tree of the keys.

Most keys are never looked at, and the result is the same to the last bit: for a query, a node is left out if no key in
it can have a rounded score as large as the best one found so far. That rests on two bounds, for a node and a query q,
both from the numbers themselves:

* *Exact scores in the node are at most u.* Within a node every feature is written as a multiple of one of them, the
  pivot, plus a rest; the intervals of pivot and rests are kept. A score is linear in them, so its largest value over
  the intervals bounds it. The multiples matter where a feature is the square of another one: over a short interval a
  square is nearly linear, and the rests are nearly equal.
* *A rounded score differs from the exact one by at most e.* It is a sum of m products, rounded step by step from
  left to right, so the error is at most m u' / (1 - m u') times the sum of the magnitudes of the products, where
  u' = 2^-p (Higham 2002, section 3.1); numbers below 2^-960, which become 0, add less than 2^-900.

These bounds are themselves computed in float64. All of it is less than a hundred operations, each of which errs by
less than 2^-53 of the magnitudes in it, and 2^-44 of the magnitudes is added for them. A key that is not left out is
scored by the same rounded steps as everywhere; of equal scores the keys are added up in the order of their positions.

The tree splits at the feature that makes the scores differ most, at its median, down to a few keys. A node knows its
first position, so that nodes that lie in a query's future are left out; of two children the one with the larger bound
is visited first.
"""

from typing import NamedTuple

import numpy as np

from constructions.numerics._float_rounding import Numbers
from constructions.numerics._float_steps import plus, times
from constructions.numerics._jit_cache import Floats, Ints, compiled

_LEAF = 8
"""A node with no more keys than that is not split."""

_SLACK = 2.0**-44
_TINY = 2.0**-900
_DEPTH = 64  # of the stack: two nodes a level, and a level halves the keys
_START, _STOP, _PIVOT, _FIRST = range(4)  # what a node is in whole numbers
_LOW, _HIGH, _SLOPE, _LARGEST, _REACH = range(5)  # and for each feature; of the pivot its own interval, slope 0
_FIELDS = 5


@compiled
def _bounded(key: Floats, order: Ints, start: int, stop: int, pivot: int, box: Floats) -> None:
    """The intervals of a node: of the pivot itself, of the rests of all others."""
    first, last = order[start], order[stop - 1]
    run = key[last, pivot] - key[first, pivot]
    for g in range(key.shape[1]):
        largest, low, high = 0.0, np.inf, -np.inf
        for place in range(start, stop):
            value = key[order[place], g]
            largest = max(largest, abs(value))
            low, high = min(low, value), max(high, value)
        box[g, _LARGEST], box[g, _SLOPE], box[g, _LOW], box[g, _HIGH] = largest, 0.0, low, high
        slope = 0.0 if g == pivot or run == 0.0 else (key[last, g] - key[first, g]) / run
        if slope == 0.0 or not np.isfinite(slope):
            continue
        rest_low, rest_high = np.inf, -np.inf
        for place in range(start, stop):
            rest = key[order[place], g] - slope * key[order[place], pivot]
            rest_low, rest_high = min(rest_low, rest), max(rest_high, rest)
        if rest_high - rest_low < high - low:
            box[g, _SLOPE], box[g, _LOW], box[g, _HIGH] = slope, rest_low, rest_high
    for g in range(key.shape[1]):  # the magnitudes that a bound is computed from
        box[g, _REACH] = box[g, _LARGEST] + abs(box[g, _SLOPE]) * box[pivot, _LARGEST]


@compiled
def _widest(key: Floats, order: Ints, start: int, stop: int, weight: Floats) -> int:
    """The feature that makes scores differ most."""
    best, pivot = -1.0, 0
    for g in range(key.shape[1]):
        low, high = np.inf, -np.inf
        for place in range(start, stop):
            low, high = min(low, key[order[place], g]), max(high, key[order[place], g])
        if (high - low) * weight[g] > best:
            best, pivot = (high - low) * weight[g], g
    return pivot


@compiled
def _build(key: Floats, weight: Floats, order: Ints, nodes: Ints, boxes: Floats) -> int:
    """Fill the tree over the keys, shape (keys, features); node k has the children 2 k + 1 and 2 k + 2.

    ``order`` becomes the keys in the order of the leaves; the number of levels is returned.
    """
    for place in range(order.size):
        order[place] = place
    nodes[0, _START], nodes[0, _STOP] = 0, order.size
    levels, begin, end = 1, 0, 1
    while True:
        split = False
        for k in range(begin, end):
            start, stop = nodes[k, _START], nodes[k, _STOP]
            pivot = _widest(key, order, start, stop, weight)
            keys = np.empty(stop - start)
            for place in range(start, stop):
                keys[place - start] = key[order[place], pivot]
            by_pivot = np.argsort(keys, kind="mergesort")  # stable: equal keys stay in the order of positions
            order[start:stop] = order[start:stop][by_pivot]
            nodes[k, _PIVOT], nodes[k, _FIRST] = pivot, order[start:stop].min()
            _bounded(key, order, start, stop, pivot, boxes[k])
            split = split or stop - start > _LEAF
        if not split:
            return levels
        for k in range(begin, end):
            start, stop = nodes[k, _START], nodes[k, _STOP]
            middle = (start + stop) // 2
            nodes[2 * k + 1, _START], nodes[2 * k + 1, _STOP] = start, middle
            nodes[2 * k + 2, _START], nodes[2 * k + 2, _STOP] = middle, stop
        levels, begin, end = levels + 1, end, 2 * end + 1


@compiled
def _highest(query: Floats, node: Ints, box: Floats, error: float) -> float:
    """No rounded score in the node is larger."""
    pivot, top, along, magnitude, reach = node[_PIVOT], 0.0, 0.0, 0.0, 0.0
    for g in range(query.size):
        q = query[g]
        along += q * (1.0 if g == pivot else box[g, _SLOPE])
        if g != pivot:
            top += q * (box[g, _HIGH] if q > 0 else box[g, _LOW])
        magnitude += abs(q) * box[g, _LARGEST]
        reach += abs(q) * box[g, _REACH]
    top += along * (box[pivot, _HIGH] if along > 0 else box[pivot, _LOW])
    return float(top + error * magnitude + _SLACK * reach + _TINY)


@compiled
def _score(query: Floats, key: Floats, biased: bool, mode: int, f: Numbers) -> float:
    """The steps of ``scores`` in :mod:`constructions.numerics._float_steps`; the last feature is the bias, if any."""
    total = 0.0
    for g in range(query.size - biased):
        if query[g] != 0.0:
            total = plus(total, times(query[g], key[g], mode, f), mode, f)
    return plus(total, key[query.size - 1], mode, f) if biased else total


class Scoring(NamedTuple):
    """How scores are computed.

    Attributes:
        biased: whether the last feature is what a head adds to its scores; it is 1 in the queries.
        error: of a rounded score, as a share of the magnitudes of the products.
        mode: how is rounded, and ``f`` the numbers for it; not FAST.
    """

    biased: bool
    error: float
    mode: int
    f: Numbers


class _Tree(NamedTuple):
    """The keys, and the tree over them; the nodes from ``leaves`` on are leaves."""

    key: Floats
    order: Ints
    nodes: Ints
    boxes: Floats
    leaves: int


@compiled
def _winners(query: Floats, last: int, tree: _Tree, how: Scoring, won: Ints) -> int:
    """The keys at positions up to ``last`` with the largest rounded score, into ``won``; how many."""
    key, order, nodes, boxes, leaves = tree
    stack, bounds = np.empty(_DEPTH, dtype=np.int64), np.empty(_DEPTH)
    stack[0], bounds[0], size = 0, np.inf, 1
    best, count = -np.inf, 0
    while size:
        size -= 1
        k = stack[size]
        if bounds[size] < best:
            continue
        if k >= leaves:
            for place in range(nodes[k, _START], nodes[k, _STOP]):
                j = order[place]
                if j <= last:
                    score = _score(query, key[j], how.biased, how.mode, how.f)
                    if score > best:
                        best, count = score, 0
                    if score == best:
                        won[count] = j
                        count += 1
            continue
        left, right = 2 * k + 1, 2 * k + 2
        first = _highest(query, nodes[left], boxes[left], how.error) if nodes[left, _FIRST] <= last else -np.inf
        second = _highest(query, nodes[right], boxes[right], how.error) if nodes[right, _FIRST] <= last else -np.inf
        if first > second:  # the better one is looked at first, so it goes on top
            left, right, first, second = right, left, second, first
        for child, bound in ((left, first), (right, second)):
            if bound > -np.inf and bound >= best:
                stack[size], bounds[size] = child, bound
                size += 1
    return count


@compiled
def attend(
    query: Floats, key: Floats, value: Floats, weight: Floats, first: int, how: Scoring, total: Floats, counts: Floats
) -> None:
    """For each query, which sees the keys up to ``first`` + its place: the sum of the picked values, and how many.

    Args:
        query, key, value: of shape (arrays, positions, features).
        weight: the largest magnitude of each feature of a query.
        first: how many keys the first query sees, less one.
        how: scores are computed.
        total: to be filled, 0 before.
        counts: to be filled, of shape (arrays, positions, 1).
    """
    keys, features = key.shape[1:]
    size = 4 * (keys // _LEAF + 1)
    order, won = np.empty(keys, dtype=np.int64), np.empty(keys, dtype=np.int64)
    nodes, boxes = np.zeros((size, 4), dtype=np.int64), np.empty((size, features, _FIELDS))
    for b in range(query.shape[0]):
        tree = _Tree(key[b], order, nodes, boxes, 2 ** (_build(key[b], weight, order, nodes, boxes) - 1) - 1)
        for i in range(query.shape[1]):
            count = _winners(query[b, i], first + i, tree, how, won)
            counts[b, i, 0] = count
            for j in np.sort(won[:count]):
                for v in range(value.shape[2]):
                    total[b, i, v] = plus(total[b, i, v], times(1.0, value[b, j, v], how.mode, how.f), how.mode, how.f)


@compiled
def best(query: Floats, key: Floats, weight: Floats, how: Scoring, found: Ints) -> None:
    """For each query, shape (positions, features), the first of the keys with the largest score, into ``found``."""
    keys, features = key.shape
    size = 4 * (keys // _LEAF + 1)
    order, won = np.empty(keys, dtype=np.int64), np.empty(keys, dtype=np.int64)
    nodes, boxes = np.zeros((size, 4), dtype=np.int64), np.empty((size, features, _FIELDS))
    tree = _Tree(key, order, nodes, boxes, 2 ** (_build(key, weight, order, nodes, boxes) - 1) - 1)
    for i in range(query.shape[0]):
        count = _winners(query[i], keys, tree, how, won)
        found[i] = won[:count].min()


__all__ = ["Scoring", "attend", "best"]
