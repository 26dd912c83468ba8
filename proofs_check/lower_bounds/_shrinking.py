"""A failure is made smaller, step by step, as long as the model still fails: what is left is easier to read."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from proofs_check.lower_bounds._running import Replay
from proofs_check.lower_bounds._scope import Scope, Word


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
            if rank(*candidate) < least and all(map(scope.occurs, candidate[0])):
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
    yield from scope.shorter(prefixes, query)
    if len(prefixes) == 2:
        yield (prefixes[1], prefixes[0]), query
    for a, b in itertools.combinations(sorted(set(itertools.chain(*prefixes))), 2):
        renamed = {a: b, b: a}
        letters = scope.letters_asked(query)
        asked = (*(renamed.get(letter, letter) for letter in query[:letters]), *query[letters:])
        yield tuple(tuple(renamed.get(letter, letter) for letter in prefix) for prefix in prefixes), asked
    for change in itertools.chain(
        _exchanges(len(prefixes[0]), scope.unit), *(_smaller(scope, word) for word in prefixes)
    ):
        changed = tuple(map(change, prefixes))
        yield changed, query
        if len(prefixes) == 2:
            yield from ((_put(prefixes, place, changed[place]), query) for place in (0, 1))
    if len(prefixes) == 1:  # merged prefixes get the first query that separates them
        first = next(scope.prefixes())
        for place, letter in enumerate(query):
            others = [(*query[:place], other, *query[place + 1 :]) for other in scope.query_range(place)]
            yield from ((prefixes, other) for other in others if other[place] < letter)
            yield from (((first,), other) for other in others)


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
