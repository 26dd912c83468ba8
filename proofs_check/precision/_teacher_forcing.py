"""Teacher forcing: whether a model writes what it must, in a number system that rounds.

Nothing is decoded token by token: the model reads prompt and reference transcript at once, and at every place where it
writes, the token that it would write is compared with the next one. It agrees everywhere exactly if it would write the
reference by itself. What a search returns is read, not written, so those places are not compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, Cache, Evaluator, FeedForward, Model
from constructions.errors import PrecisionError
from constructions.numerics import Arithmetic, Float
from constructions.theorems import Construction

_PAIRS_AT_ONCE, _POSITIONS_AT_ONCE = 2**18, 2**14
"""Of a query and a key, where all are scored: the arrays that are made stay near the processor. Else of positions."""

_PAIRS_IN_ALL = 3 * 10**7
"""Inputs are dropped from the end of the list beyond that, but never the first ones."""

_SEARCH = 512
"""So many pairs take as long as a query that is searched for among many keys."""

_ALWAYS = 2

_FIRST_PIECE = 2**11

_LONG = 48
"""Tokens that several inputs begin with, from which on it pays to read them once."""

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """An instance: all tokens that are read and written, and at which places the next one is the model's own."""

    instance: Any
    ids: Ids
    own: NDArray[np.bool_]


@dataclass(frozen=True)
class Group:
    """Rows that are run together: ``prefix`` is read once, then the rest of each, padded at the end."""

    prefix: Ids
    rows: tuple[Row, ...]

    def pairs(self, searched: bool) -> int:
        """About how many pairs of a query and a key are scored, in units of what a pair takes among many.

        If long contexts are ``searched``, a query costs at most about as much as _SEARCH pairs.
        """
        before, longest = len(self.prefix), max(len(row.ids) for row in self.rows)
        own = longest - before
        most = _SEARCH if searched else longest
        return before * min(before, most) + len(self.rows) * own * min(longest, most)


def rows_of(construction: Construction, model: Model, n: int, instances: Sequence[Any]) -> list[Row]:
    """The instances, encoded; of chains of thought no more than the first ones that are :func:`affordable`."""
    encode, made = model.vocabulary.encode, list[Row]()
    chains, tokens = not construction.task.query_length, 0
    closing = None if model.search is None else model.vocabulary.id_of(model.search.closing)
    for instance in instances:
        if chains and len(made) >= _ALWAYS and tokens * _SEARCH > _PAIRS_IN_ALL:
            break
        prompt, expected = encode(construction.reads(instance)), encode(construction.expected(instance, n))
        ids = np.array(prompt + expected, dtype=np.int64)
        own = np.arange(len(ids) - 1) >= len(prompt) - 1
        if closing is not None:
            own &= ids[:-1] != closing
        made.append(Row(instance, ids, own))
        tokens += len(ids) if len(ids) > _SEARCH else 0
    return made


def groups_of(construction: Construction, rows: Sequence[Row], searched: bool) -> list[Group]:
    """Long common sequences are read once; everything else goes together as it comes."""
    query = construction.task.query_length
    if not query:
        return _together(rows, searched)

    def sequence(row: Row) -> bytes:
        prompt = int(np.argmax(row.own)) + 1
        return row.ids[: prompt - query].tobytes()

    groups: list[Group] = []
    for key, found in groupby(rows, sequence):
        members = tuple(found)
        prefix = np.frombuffer(key, dtype=np.int64)
        if len(prefix) >= _LONG and len(members) > 1:
            groups.append(Group(prefix, members))
        else:
            groups.extend(_together(members, searched) if len(prefix) >= _LONG else [Group(prefix[:0], members)])
    if all(not len(group.prefix) for group in groups):
        return _together([row for group in groups for row in group.rows], searched)
    return groups


def _together(rows: Sequence[Row], searched: bool) -> list[Group]:
    """Neighbours of about the same length, so many that there is some work in it."""
    groups: list[Group] = []
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: -len(row.ids)) if len(rows) > 64 else rows:
        if kept and len(kept) >= _at_once(max(len(row.ids), len(kept[0].ids)), 0, searched):
            groups.append(Group(row.ids[:0], tuple(kept)))
            kept = []
        kept.append(row)
    return [*groups, Group(rows[0].ids[:0], tuple(kept))] if kept else groups


def _at_once(length: int, before: int, searched: bool) -> int:
    """How many rows of so many tokens go together, of which the first so many have been read before."""
    if searched and length >= _LONG:
        return max(1, _POSITIONS_AT_ONCE // max(1, length - before))
    return max(1, _PAIRS_AT_ONCE // (length * max(1, length - before)))


def affordable(groups: Sequence[Group], searched: bool) -> list[Group]:
    """The first groups, and further ones as long as all together are not too much work; see :meth:`Group.pairs`."""
    kept: list[Group] = []
    pairs = 0
    for place, group in enumerate(groups):
        more = group.pairs(searched)
        if place < _ALWAYS or pairs + more <= _PAIRS_IN_ALL:
            kept.append(group)
            pairs += more
    return kept


def first_wrong(model: Model, groups: Sequence[Group], arithmetic: Arithmetic[Any]) -> Any:
    """The first instance that is not written as it must be; None if there is none."""
    evaluator = Evaluator(model, arithmetic)
    for group in groups:
        for instance in _wrong(evaluator, group):
            return instance
    return None


def _searched(evaluator: Evaluator[Any]) -> bool:
    """Whether attention searches among the keys of a long context; a softmax gives some weight to all of them."""
    return isinstance(evaluator.arithmetic, Float) and evaluator.arithmetic.inverse_temperature is None


def _wrong(evaluator: Evaluator[Any], group: Group) -> Iterator[Any]:
    try:
        cache: Cache[Any] = Cache()
        for ids in _pieces(group.prefix, 0, _searched(evaluator)):
            _, cache = evaluator.run(ids, cache, last=0)
        shared = cache.shared(evaluator.arithmetic) if cache.length else Cache[Any]()
        yield from _wrong_rows(evaluator, group, shared)
    except PrecisionError:  # a number that the format cannot hold
        if len(group.rows) == 1:
            yield group.rows[0].instance
        for row in group.rows if len(group.rows) > 1 else ():
            yield from _wrong(evaluator, Group(row.ids[:0], (row,)))


def _wrong_rows(evaluator: Evaluator[Any], group: Group, shared: Cache[Any]) -> Iterator[Any]:
    """Padding stands at the end, where causal attention does not look back from."""
    begin, arithmetic, searched = len(group.prefix), evaluator.arithmetic, _searched(evaluator)
    mixers = [layer for layer in evaluator.model.layers if not isinstance(layer, FeedForward)]
    trims = bool(mixers) and isinstance(mixers[-1], Attention)  # only attention can leave out positions
    longest = max(len(row.ids) for row in group.rows)
    at_once = _at_once(longest, begin, searched)
    for start in range(0, len(group.rows), at_once):
        rows = group.rows[start : start + at_once]
        width = max(len(row.ids) for row in rows)
        ids = np.stack([np.pad(row.ids, (0, width - len(row.ids)), mode="edge") for row in rows])
        own = np.stack([np.pad(row.own, (0, width - len(row.ids))) for row in rows])
        if len(rows) == 1 and not begin:
            ids, own = ids[0], own[0]
        cache, done = shared, begin
        for piece in _pieces(ids[..., begin:-1], begin, searched):
            end = done + piece.shape[-1]
            here = own[..., done:end].reshape(-1, end - done).any(axis=0)
            needed = int(np.argmax(here)) if here.any() else end - done
            last = end - done - needed if trims and end == width - 1 else None
            x, cache = evaluator.run(piece, cache, last=last)
            if needed < end - done:
                tail = arithmetic.take(x, needed, end - done) if last is None else x
                written = evaluator.next_tokens(tail)
                wrong = (written != ids[..., done + needed + 1 : end + 1]) & own[..., done + needed : end]
                if wrong.any():
                    yield rows[int(np.flatnonzero(wrong.reshape(len(rows), -1).any(axis=1))[0])].instance
                    return
            done = end


def _pieces(ids: Ids, before: int, searched: bool) -> Iterator[Ids]:
    """Pieces along the last axis.

    Where all pairs of a query and a key are scored, such that their number stays in bounds. Else each as long as all
    before it: a wrong token near the begin is found soon, and a search among the keys pays.
    """
    length = ids.shape[-1]
    rows = ids.size // length if length else 1
    start = 0
    while start < length:
        step = max(16, _PAIRS_AT_ONCE // (rows * (before + length + 1)))
        if searched:
            step = max(step, _FIRST_PIECE, before + start)
        yield ids[..., start : start + step]
        start += step
