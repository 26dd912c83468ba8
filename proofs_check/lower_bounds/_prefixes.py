"""The prefixes of each family, many at a time, as arrays of letters."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from constructions.errors import ResourceError
from constructions.tasks import permutations, words
from proofs_check.lower_bounds._scope import Scope, Word

Letters = npt.NDArray[np.int64]

MOST_PREFIXES = 20_000_000
"""More prefixes than this are not enumerated: it would take many minutes."""

_AT_A_TIME = 1 << 15


def prefix_count(scope: Scope) -> int:
    """How many prefixes the family has, in closed form; not for istree.

    >>> from proofs_check.lower_bounds._scope import scope_of
    >>> prefix_count(scope_of("associative-recall", 4)), prefix_count(scope_of("c-gram", 5, 2))
    (24, 4)
    """
    n, k, m = scope.n, scope.alphabet, scope.query_length
    if scope.family == "distinct":
        return math.perm(k, n)
    if scope.family == "de-bruijn":
        # Each is an Eulerian circuit of the de Bruijn graph, cut open: van Aardenne-Ehrenfest and de Bruijn 1951.
        return int(math.factorial(k) ** (k ** (m - 1)))
    if scope.family == "key-value":
        return int(((scope.keys or 0) * k) ** n)
    return int(k**n)


def prefix_batches(scope: Scope) -> Iterator[Letters]:
    """All prefixes in lexicographic order, in arrays of shape [B, length]; not for istree.

    Raises:
        ResourceError: if there are more than ``MOST_PREFIXES``.
    """
    total = prefix_count(scope)
    if total > MOST_PREFIXES:
        raise ResourceError(f"{scope}: {number(total)} prefixes are too many to enumerate, at most {MOST_PREFIXES:,}")
    n, k = scope.n, scope.alphabet
    if scope.family == "words" or (scope.family == "distinct" and k == n):
        for start in range(0, total, _AT_A_TIME):
            stop = min(total, start + _AT_A_TIME)
            yield permutations(n, start, stop) if scope.family == "distinct" else words(n, k, start, stop)
        return
    listed = words_of(scope)
    while rows := list(itertools.islice(listed, _AT_A_TIME)):
        yield np.array(rows, dtype=np.int64)


def words_of(scope: Scope) -> Iterator[Word]:
    """All prefixes in lexicographic order, one by one; not for istree."""
    k = scope.alphabet
    if scope.family == "distinct":
        return itertools.permutations(range(1, k + 1), scope.n)
    if scope.family == "de-bruijn":
        return de_bruijn_words(k, scope.query_length)
    if scope.family == "key-value":
        first = (scope.keys or 0) + 1
        return itertools.product(*([range(1, first), range(first, first + k)] * scope.n))
    return itertools.product(range(1, k + 1), repeat=scope.n)


def number(count: int) -> str:
    """A count for a message."""
    return f"{count:,}" if count < 10**15 else f"more than 2^{count.bit_length() - 1}"


def all_prefixes(scope: Scope) -> list[tuple[int, ...]]:
    """All prefixes as tuples, in lexicographic order; not for istree."""
    return [tuple(word) for batch in prefix_batches(scope) for word in batch.tolist()]


def de_bruijn_words(k: int, m: int) -> Iterator[Word]:
    """Words over 1 .. k in which each word of m letters occurs exactly once, in lexicographic order.

    >>> list(de_bruijn_words(2, 1)), next(de_bruijn_words(2, 2))
    ([(1, 2), (2, 1)], (1, 1, 2, 2, 1))
    """
    length = int(k**m) + m - 1

    def extend(word: tuple[int, ...], seen: frozenset[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
        if len(word) == length:
            yield word
            return
        for letter in range(1, k + 1):
            longer = (*word, letter)
            gram = longer[-m:]
            if len(longer) < m:
                yield from extend(longer, seen)
            elif gram not in seen:
                yield from extend(longer, seen | {gram})

    return extend((), frozenset())


def distinct_rows(rows: npt.NDArray[Any]) -> set[bytes]:
    """The different rows of a matrix, each as its bytes."""
    if rows.shape[1] == 0:
        return {b""} if len(rows) else set()
    plain = np.ascontiguousarray(rows)
    packed = plain.view(np.dtype((np.void, plain.shape[1] * plain.itemsize)))[:, 0]
    return {bytes(row) for row in np.unique(packed)}
