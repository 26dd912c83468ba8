"""A failure is made smaller, step by step, as long as the model still fails: what is left is easier to read."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from proofs_check.kernel._reference import edges_of
from proofs_check.lower_bounds._candidates import Word
from proofs_check.lower_bounds._inputs import prefixes_of
from proofs_check.lower_bounds._running import Replay
from proofs_check.lower_bounds._scope import Scope


@dataclass(frozen=True)
class Failure:
    """Prefixes that the model merges, or one of which it is wrong; a query; what was written."""

    prefixes: tuple[Word, ...]
    query: Word
    answers: tuple[Replay, ...]


Smaller = tuple[tuple[Word, ...], Word]
"""Prefixes and a query that are earlier in the order of :func:`rank`, and may fail or not."""


def rank(prefixes: tuple[Word, ...], query: Word) -> tuple[int, int, tuple[Word, ...], Word]:
    """The order of failures: fewer letters, fewer places where two prefixes differ, then as in a dictionary."""
    letters = sum(map(len, prefixes)) + len(query)
    return letters, sum(a != b for a, b in zip(prefixes[0], prefixes[-1], strict=False)), prefixes, query


def shrunk(scope: Scope, failure: Failure, still_fails: Callable[[Smaller], Failure | None]) -> Iterator[Failure]:
    """Ever smaller failures. At the end no neighbour of the last one is smaller and fails as well.

    Neighbours have one letter smaller, one edge fewer, or two letters or two places exchanged, in one prefix or in
    both; or another letter in the query, which may be about the first prefix of all then.

    Args:
        scope: neighbours are inputs of its family.
        failure: where to begin.
        still_fails: runs the model; None if it does not fail.
    """
    while True:
        least = rank(failure.prefixes, failure.query)
        found = None
        for candidate in _neighbours(scope, failure):
            if rank(*candidate) < least and all(_occurs(scope, prefix) for prefix in candidate[0]):
                found = still_fails(candidate)
                if found is not None and rank(found.prefixes, found.query) < least:
                    break
                found = None
        if found is None:
            return
        failure = found
        yield failure


def _neighbours(scope: Scope, failure: Failure) -> Iterator[Smaller]:
    prefixes, query = failure.prefixes, failure.query
    unit = 2 if scope.task == "istree" or scope.family == "key-value" else 1
    if scope.task == "istree":
        yield from ((prefixes, shorter) for shorter in _without_one(query))
        for place, prefix in enumerate(prefixes):
            yield from ((_put(prefixes, place, shorter), query) for shorter in _without_one(prefix))
    if len(prefixes) == 2:
        yield (prefixes[1], prefixes[0]), query
    for a, b in itertools.combinations(sorted(set(itertools.chain(*prefixes))), 2):
        renamed = {a: b, b: a}
        letters = {"index": 0, "counting": 1}.get(scope.task, len(query))  # what follows are places and thresholds
        asked = (*(renamed.get(letter, letter) for letter in query[:letters]), *query[letters:])
        yield tuple(tuple(renamed.get(letter, letter) for letter in prefix) for prefix in prefixes), asked
    for change in itertools.chain(_exchanges(len(prefixes[0]), unit), *(_smaller(scope, word) for word in prefixes)):
        changed = tuple(map(change, prefixes))
        yield changed, query
        if len(prefixes) == 2:
            yield from ((_put(prefixes, place, changed[place]), query) for place in (0, 1))
    if scope.task != "istree" and len(prefixes) == 1:  # merged prefixes get the first query that separates them
        first = next(prefixes_of(scope))
        for place, letter in enumerate(query):
            threshold = (scope.task, place) == ("counting", 1)
            least = 0 if threshold else 1
            most = scope.n if threshold or scope.task == "index" else scope.keys or scope.alphabet
            others = [(*query[:place], other, *query[place + 1 :]) for other in range(least, most + 1)]
            yield from ((prefixes, other) for other in others[: letter - least])
            yield from (((first,), other) for other in others)


def _without_one(edges: Word) -> Iterator[Word]:
    return (edges[:place] + edges[place + 2 :] for place in range(0, len(edges), 2))


def _put(prefixes: tuple[Word, ...], place: int, word: Word) -> tuple[Word, ...]:
    return (*prefixes[:place], word, *prefixes[place + 1 :])


def _exchanges(length: int, unit: int) -> Iterator[Callable[[Word], Word]]:
    for i, j in itertools.combinations(range(0, length, unit), 2):

        def exchanged(word: Word, i: int = i, j: int = j) -> Word:
            if j + unit > len(word):
                return word
            return word[:i] + word[j : j + unit] + word[i + unit : j] + word[i : i + unit] + word[j + unit :]

        yield exchanged


def _smaller(scope: Scope, word: Word) -> Iterator[Callable[[Word], Word]]:
    least = 1 if scope.keys is None else scope.keys + 1
    for place, letter in enumerate(word):
        for smaller in range(1 if scope.keys is None or place % 2 == 0 else least, letter):

            def changed(word: Word, place: int = place, smaller: int = smaller) -> Word:
                return (*word[:place], smaller, *word[place + 1 :])[: len(word)]

            yield changed


def _occurs(scope: Scope, prefix: Word) -> bool:
    """Whether a prefix made of one of the family belongs to it as well."""
    if scope.task == "istree":
        return all(u != v for u, v in edges_of(prefix))
    if scope.family == "distinct":
        return len(set(prefix)) == len(prefix)
    if scope.family == "key-value":
        return all((letter <= (scope.keys or 0)) == (place % 2 == 0) for place, letter in enumerate(prefix))
    if scope.family == "de-bruijn":
        m = scope.query_length
        return len({prefix[i : i + m] for i in range(len(prefix) - m + 1)}) == len(prefix) - m + 1
    return True
