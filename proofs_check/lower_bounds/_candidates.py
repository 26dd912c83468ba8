"""Where the adversary looks: prefixes that small states tend to merge, and queries that expose it."""

import itertools
from collections.abc import Iterator

import numpy as np

from constructions.tasks import NONE
from proofs_check.kernel._reference import Question as KernelQuestion
from proofs_check.kernel._reference import answer as kernel_answer
from proofs_check.kernel._reference import edges_of, is_legal
from proofs_check.lower_bounds._scope import Scope

Word = tuple[int, ...]
"""Letters; for istree the ends of the edges, two by two."""


def right_answer(scope: Scope, prefix: Word, query: Word) -> str | None:
    """The answer; None if the convention does not let this input occur."""
    if scope.task == "istree":
        question = KernelQuestion("istree", scope.n, scope.n)
        if scope.convention == "promise" and not is_legal(question, prefix, query):
            return None
        return kernel_answer(question, prefix, query)
    found = scope.reference.answers(prefix, [query])[0]
    return None if scope.convention == "promise" and found == NONE else found


def separating_query(scope: Scope, one: Word, other: Word) -> Word | None:
    """A query that is legal after both prefixes and has different answers; None if none was found.

    For the retrieval tasks none exists then. For istree the stars through the blocks of a prefix are
    tried, which is enough under *total*.
    """
    return next(iter(_separating(scope, one, other)), None)


def _separating(scope: Scope, one: Word, other: Word) -> Iterator[Word]:
    if scope.task == "index":
        yield from ((place,) for place, (a, b) in enumerate(zip(one, other, strict=True), 1) if a != b)
    elif scope.task == "counting":
        for letter in sorted({*one, *other}):
            if one.count(letter) != other.count(letter):
                yield letter, min(one.count(letter), other.count(letter))
    elif scope.task == "istree":
        for query in itertools.chain(_completions(scope.n, one, other), _completions(scope.n, other, one)):
            answers = right_answer(scope, one, query), right_answer(scope, other, query)
            if None not in answers and answers[0] != answers[1]:
                yield query
    else:
        yield from _different_followers(scope, one, other)


def _different_followers(scope: Scope, one: Word, other: Word) -> Iterator[Word]:
    m = scope.query_length
    tables = [{word[i : i + m]: word[i + m] for i in range(len(word) - m)} for word in (one, other)]
    for query in sorted({*tables[0], *tables[1]}):
        found = [table.get(query) for table in tables]
        known = scope.convention == "total" or None not in found
        asked = scope.keys is None or query[0] <= scope.keys
        if found[0] != found[1] and known and asked:
            yield query


def blocks_of(nodes: int, edges: Word) -> list[list[int]] | None:
    """The components of a forest; None if there is a cycle or a repeated edge."""
    label = list(range(nodes + 1))
    for u, v in edges_of(edges):
        if label[u] == label[v]:
            return None
        label = [label[u] if here == label[v] else here for here in label]
    return [[node for node in range(1, nodes + 1) if label[node] == name] for name in sorted(set(label[1:]))]


def _completions(nodes: int, prefix: Word, other: Word) -> Iterator[Word]:
    """Stars that make a tree of the prefix, best those that close a cycle in the other one."""
    blocks = blocks_of(nodes, prefix)
    if blocks is None:
        return
    joined = [(u, v) for block in blocks_of(nodes, other) or [] for u, v in itertools.combinations(block, 2)]
    home = {node: place for place, block in enumerate(blocks) for node in block}
    used = {frozenset(edge) for edge in edges_of(prefix + other)}
    tips: list[tuple[int, int | None]] = [(u, v) for u, v in joined if home[u] != home[v]]
    tips += [(v, u) for u, v in tips if u is not None and v is not None]
    for centre, end in [*tips[:200], *((node, None) for node in range(1, nodes + 1))]:
        query: list[int] = []
        for place, block in enumerate(blocks):
            if place != home[centre]:
                free = [node for node in block if frozenset((centre, node)) not in used] or block
                query += (centre, end if end is not None and home[end] == place else free[0])
        yield tuple(query)


def candidate_prefixes(scope: Scope, rng: np.random.Generator) -> Iterator[Word]:
    """Prefixes without end: extreme ones, then random ones, each with neighbours that differ early."""
    if scope.task == "istree":
        yield from _edge_lists(scope, rng)
    elif scope.family == "words":
        yield from _words(scope, rng)
    elif scope.family == "distinct":
        yield from _arrangements(scope, rng)
    elif scope.family == "key-value":
        yield from _pairs(scope, rng)
    else:
        while True:
            word = _de_bruijn_word(scope.alphabet, scope.query_length, rng)
            yield word
            yield from itertools.islice(_exchanged(word, scope.query_length), 6)


def _words(scope: Scope, rng: np.random.Generator) -> Iterator[Word]:
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


def _edge_lists(scope: Scope, rng: np.random.Generator) -> Iterator[Word]:
    n = scope.n
    yield from ((1, 2), (), (1, 2, 2, 1)) if scope.convention == "total" else ((1, 2), ())
    while True:
        order = [int(node) + 1 for node in rng.permutation(n)]
        cuts = rng.random() * rng.random()
        edges: list[tuple[int, int]] = []
        for place in range(1, n):
            if rng.random() >= cuts:
                edges.append((order[place], order[int(rng.integers(0, place))]))
        yield tuple(itertools.chain(*edges))
        for place in range(min(len(edges), 4)):
            u, v = edges[place]
            moved = next((w for w in rng.permutation(n).tolist() if w + 1 not in (u, v)), None)
            if moved is not None:
                changed = [*edges[:place], (u, moved + 1), *edges[place + 1 :]]
                if scope.convention == "total" or len(set(map(frozenset, changed))) == len(changed):
                    yield tuple(itertools.chain(*changed))
            yield tuple(itertools.chain(*edges[:place], *edges[place + 1 :]))


def random_query(scope: Scope, prefix: Word, rng: np.random.Generator) -> Word:
    """A query about a prefix; more often than not one that is defined and not trivial."""
    if scope.task == "index":
        return (int(rng.integers(1, scope.n + 1)),)
    if scope.task == "counting":
        letter = (
            prefix[int(rng.integers(0, len(prefix)))]
            if rng.random() < 0.8
            else int(rng.integers(1, scope.alphabet + 1))
        )
        near = prefix.count(letter) + int(rng.integers(-1, 2))
        return letter, min(max(near, 0), scope.n)
    if scope.task == "istree":
        found = list(_completions(scope.n, prefix, ())) or [()]
        query = found[int(rng.integers(0, len(found)))]
        return query[2:] if rng.random() < 0.2 and scope.convention == "total" else query
    m = scope.query_length
    if len(prefix) > m and rng.random() < 0.8:
        starts = range(0, len(prefix) - m, 2) if scope.family == "key-value" else range(len(prefix) - m)
        start = starts[int(rng.integers(0, len(starts)))]
        return prefix[start : start + m]
    letters = scope.keys or scope.alphabet
    return tuple(int(letter) for letter in rng.integers(1, letters + 1, m))
