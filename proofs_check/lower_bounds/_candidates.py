"""Where the adversary looks: words that small states tend to merge."""

import itertools
from collections.abc import Iterator

import numpy as np

from proofs_check.lower_bounds._scope import Scope, Word


def candidate_words(scope: Scope, rng: np.random.Generator) -> Iterator[Word]:
    """Words of the family without end: extreme ones, then random ones, each with neighbours that differ early."""
    if scope.family == "words":
        yield from random_words(scope, rng)
    elif scope.family == "distinct":
        yield from _arrangements(scope, rng)
    elif scope.family == "key-value":
        yield from _pairs(scope, rng)
    else:
        while True:
            word = _de_bruijn_word(scope.alphabet, scope.query_length, rng)
            yield word
            yield from itertools.islice(_exchanged(word, scope.query_length), 6)


def random_words(scope: Scope, rng: np.random.Generator) -> Iterator[Word]:
    """Words of n letters 1 .. k without end, extreme ones first."""
    n, k, m = scope.n, scope.alphabet, scope.query_length

    def letters(count: int, among: int) -> Word:
        return tuple(int(letter) for letter in rng.integers(1, among + 1, count))

    for a in rng.permutation(k)[:20].tolist():
        b = (a + 1) % k
        places = {0, 1, 2, n // 4, n // 2, 3 * n // 4, n - 2, n - 1, n}
        yield from ((a + 1,) * i + (b + 1,) * (n - i) for i in sorted(places) if 0 <= i <= n)
        yield ((a + 1, b + 1) * n)[:n]
    while True:
        # Random words over few letters have large counts; over all letters, many queries.
        few = rng.permutation(k)[: int(rng.integers(1, min(k, 4) + 1))]
        names = few if rng.random() < 0.5 else np.arange(k)
        base = tuple(int(names[letter - 1]) + 1 for letter in letters(n, len(names)))
        yield base
        for place in [0, *rng.permutation(n)[:6].tolist()]:
            yield (*base[:place], *letters(1, k), *base[place + 1 :])
        for early in range(1, min(n, m + 3) + 1):  # only the beginning matters
            tail = base[early:] if rng.random() < 0.5 else base[:1] * (n - early)
            yield (*letters(early, k), *tail)
            yield (*letters(early, min(k, 3)), *tail)
        yield (*sorted(base),)
        yield (*base[1:], base[0])


def _arrangements(scope: Scope, rng: np.random.Generator) -> Iterator[Word]:
    n, k, m = scope.n, scope.alphabet, scope.query_length
    while True:
        drawn = [int(letter) + 1 for letter in rng.permutation(k)]
        base, unused = drawn[:n], drawn[n:]
        yield tuple(base)
        swaps = [tuple(rng.integers(0, n, 2).tolist()) for _ in range(4)]
        for i, j in swaps + [(i, i + 1) for i in range(min(n - 1, m + 3))]:
            swapped = list(base)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            yield tuple(swapped)
        for early in range(2, min(n, m + 4) + 1):  # the first letters in another order
            yield (*rng.permutation(base[:early]).tolist(), *base[early:])
        for place in range(min(n, m + 2) if unused else 0):
            yield (*base[:place], unused[0], *base[place + 1 :])


def _pairs(scope: Scope, rng: np.random.Generator) -> Iterator[Word]:
    n, k, keys = scope.n, scope.alphabet, scope.keys or 0
    while True:
        base = [letter for _ in range(n)
                for letter in (int(rng.integers(1, keys + 1)), int(rng.integers(keys + 1, keys + k + 1)))]  # fmt: skip
        yield tuple(base)
        for place in range(0, min(2 * n, 8), 2):
            yield (*base[: place + 1], int(rng.integers(keys + 1, keys + k + 1)), *base[place + 2 :])


def _de_bruijn_word(k: int, m: int, rng: np.random.Generator) -> Word:
    """A circuit through all edges of the graph whose nodes are words of m - 1 letters (Hierholzer)."""
    start = tuple(int(letter) for letter in rng.integers(1, k + 1, m - 1))
    unused: dict[Word, list[int]] = {}
    path: list[tuple[Word, int]] = [(start, 0)]  # a node, and the letter by which it was reached
    letters: list[int] = []
    while path:
        node, reached = path[-1]
        left = unused.setdefault(node, [int(letter) + 1 for letter in rng.permutation(k)])
        if left:
            letter = left.pop()
            path.append(((*node, letter)[1:] if m > 1 else (), letter))
        else:
            path.pop()
            letters.append(reached)
    return (*start, *letters[-2::-1])


def _exchanged(word: Word, m: int) -> Iterator[Word]:
    """Circuits in which two stretches of the given one are exchanged, early ones first.

    Where the circuit passes through nodes x, y, x, y in this order, the two ways from x to y can be exchanged.
    """
    nodes = [word[i : i + m - 1] for i in range(len(word) - m + 2)]
    for last in range(3, len(nodes)):
        for second in (j for j in range(1, last - 1) if nodes[j] == nodes[last]):
            for third in range(second + 1, last):
                first = next((i for i in range(second) if nodes[i] == nodes[third]), None)
                if first is not None:
                    ways = word[third:last] + word[second:third] + word[first:second]
                    yield word[:first] + ways + word[last:]
