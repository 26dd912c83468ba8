"""Families of inputs: how many there are, which one has rank r, and which k of N are drawn from a seed.

The canonical order is lexicographic: by sequence, then by query. Graphs as sorted lists of edges come in
the order of the numbers whose bit i says whether the i-th pair of nodes is an edge.
"""

import hashlib
import itertools
import math
from collections.abc import Callable, Iterator

from ._reference import Question, Word, edges_of, is_legal, query_count, query_length
from ._verdict import Incomplete, Malformed

MOST_NODES = 40

MODEL_FAMILIES = {
    "words": "all sequences over the alphabet",
    "permutations": "all orders of n different letters",
    "graphs": "all simple graphs without isolated nodes, edges sorted",
    "edge-lists": "all orders and directions of the edges of all simple graphs without isolated nodes",
}
"""Families of inputs of a model; the last two for istree."""

PREFIX_FAMILIES = ("words", "permutations", "rotations", "multisets", "partitions")
"""Families of prefixes: see :func:`prefixes`."""


class Inputs:
    """A family of inputs (sequence, query).

    ``count`` is the number of inputs, from a closed form. To draw one, :meth:`at` maps ``candidates``
    ranks to inputs, equally many to each; for graphs some ranks stand for no input (a node would be
    isolated). In edge lists the nodes are numbered as they appear, so n! ranks stand for the same one.
    """

    def __init__(self, question: Question, family: str) -> None:
        graphs = family in ("graphs", "edge-lists")
        if graphs != (question.task == "istree"):
            raise Malformed(f"the family {family!r} does not fit the task {question.task}")
        n, k = question.n, question.alphabet
        if family == "permutations" and k != n:
            raise Malformed(f"permutations of n = {n} letters need the alphabet {n}, not {k}")
        if graphs and n > MOST_NODES:
            raise Incomplete(f"families of graphs on {n} nodes: this kernel counts them up to {MOST_NODES} nodes")
        self.question, self.family = question, family
        self._queries = 1 if graphs else query_count(question)
        pairs = n * (n - 1) // 2
        if family == "words":
            self.candidates = self.count = k**n * self._queries
        elif family == "permutations":
            self.candidates = self.count = math.factorial(n) * self._queries
        elif family == "graphs":
            self.candidates = 2**pairs
            self.count = sum(_covering(n, edges) for edges in range(pairs + 1))
        else:
            self._arranged = [math.perm(pairs, edges) << edges for edges in range(pairs + 1)]
            self.candidates = sum(self._arranged)
            orders = [math.factorial(edges) << edges for edges in range(pairs + 1)]
            named = sum(_covering(n, edges) * orders[edges] for edges in range(pairs + 1))
            self.count = named // math.factorial(n)

    def at(self, rank: int) -> tuple[Word, Word] | None:
        """The input of this rank, None if the rank stands for none."""
        question = self.question
        n, k = question.n, question.alphabet
        if question.task == "istree":
            graph = self._graph(rank)
            if not is_legal(question, graph, ()):
                return None
            if self.family == "edge-lists":
                number = {node: place for place, node in enumerate(dict.fromkeys(graph), 1)}
                graph = tuple(number[node] for node in graph)
            return graph, ()
        first, last = divmod(rank, self._queries)
        if self.family == "words":
            sequence = _digits(first, [k] * n)
        else:
            left = list(range(1, n + 1))
            sequence = tuple(left.pop(digit - 1) for digit in _digits(first, list(range(n, 0, -1))))
        if question.task == "index":
            return sequence, (last + 1,)
        if question.task == "counting":
            return sequence, (last // (n + 1) + 1, last % (n + 1))
        return sequence, _digits(last, [k] * query_length(question))

    def _graph(self, rank: int) -> Word:
        pairs = list(itertools.combinations(range(1, self.question.n + 1), 2))
        if self.family == "graphs":
            return tuple(node for bit, pair in enumerate(pairs) if rank >> bit & 1 for node in pair)
        edges = 0
        while rank >= self._arranged[edges]:
            rank -= self._arranged[edges]
            edges += 1
        directed = sorted(pairs + [(v, u) for u, v in pairs])
        chosen: list[int] = []
        for digit in _digits(rank, [2 * (len(pairs) - place) for place in range(edges)]):
            u, v = directed[digit - 1]
            chosen += (u, v)
            directed = [pair for pair in directed if pair not in ((u, v), (v, u))]
        return tuple(chosen)

    def all(self) -> Iterator[tuple[Word, Word]]:
        """Every input, in canonical order."""
        if self.family == "edge-lists":
            return ((edges, ()) for edges in _edge_lists((), 0, self.question.n))
        return (found for rank in range(self.candidates) if (found := self.at(rank)) is not None)

    def drawn(self, wanted: int, seed: int) -> Iterator[tuple[Word, Word]]:
        """``wanted`` different inputs, at most ``count``, each equally likely.

        The j-th draw, j = 0, 1, 2, ..., takes the text "retrieval-gap sample SEED j b" for b = 0, 1, ...
        and puts the SHA-256 digests of these texts one after the other until they are more than 64 bits
        longer than ``candidates``; that number, big-endian, modulo ``candidates``, is the rank. A rank
        that stands for no input, or for one that was drawn before, is passed over.
        """
        seen: set[tuple[Word, Word]] = set()
        blocks = (self.candidates.bit_length() + 64) // 256 + 1
        for draw in itertools.count():
            if wanted == 0:
                return
            texts = (f"retrieval-gap sample {seed} {draw} {block}".encode() for block in range(blocks))
            digest = b"".join(hashlib.sha256(text).digest() for text in texts)
            rank = int.from_bytes(digest, "big") % self.candidates
            found = self.at(rank)
            if found is not None and found not in seen:
                seen.add(found)
                wanted -= 1
                yield found


def _digits(rank: int, radices: list[int]) -> Word:
    """The mixed radix digits of a rank, the first most significant, each plus 1."""
    digits = []
    for radix in reversed(radices):
        rank, digit = divmod(rank, radix)
        digits.append(digit + 1)
    return tuple(reversed(digits))


def _edge_lists(before: Word, used: int, nodes: int) -> Iterator[Word]:
    """All continuations of a list of edges in which the nodes 1 .. used have appeared, in this order."""
    if used == nodes:
        yield before
    present = set(edges_of(before))
    for u in range(1, min(used + 1, nodes) + 1):
        for v in range(1, min(max(used, u) + 1, nodes) + 1):
            if u != v and (u, v) not in present and (v, u) not in present:
                yield from _edge_lists((*before, u, v), max(used, u, v), nodes)


def _covering(nodes: int, edges: int) -> int:
    """Simple graphs with so many edges in which each of the nodes has one (inclusion and exclusion)."""
    return sum(
        (-1) ** isolated * math.comb(nodes, isolated) * math.comb(math.comb(nodes - isolated, 2), edges)
        for isolated in range(nodes + 1)
    )


def prefixes(question: Question, family: str, convention: str) -> tuple[int, Callable[[], Iterator[Word]]]:
    """How many prefixes a family has, and a function that lists them.

    ``words``: all of length n. ``permutations``: all orders of the letters 1 .. n. ``rotations``: those
    that begin with 1. ``multisets``: the words whose letters never decrease. ``partitions``, for istree:
    for each partition of the nodes the blocks as paths; under *total* also one edge twice; under
    *promise* partitions of the nodes 1 .. n - 1 into blocks of at least two.
    """
    n, letters = question.n, range(1, question.alphabet + 1)
    if (family == "partitions") != (question.task == "istree"):
        raise Malformed(f"the family {family!r} does not fit the task {question.task}")
    if family in ("permutations", "rotations") and question.alphabet != n:
        raise Malformed(f"{family} of n = {n} letters need the alphabet {n}, not {question.alphabet}")
    if family == "words":
        return len(letters) ** n, lambda: itertools.product(letters, repeat=n)
    if family == "permutations":
        return math.factorial(n), lambda: itertools.permutations(letters)
    if family == "rotations":
        return math.factorial(n - 1), lambda: ((1, *rest) for rest in itertools.permutations(letters[1:]))
    if family == "multisets":
        return math.comb(n + len(letters) - 1, n), lambda: itertools.combinations_with_replacement(letters, n)
    if convention == "total":
        if n > 10:
            raise Incomplete(f"the partitions of {n} nodes are too many for this kernel")
        twice = [(1, 2, 1, 2)]
        return _bell(n) + 1, lambda: itertools.chain(map(_paths, _partitions(n)), twice)
    if n > 11:
        raise Incomplete(f"the partitions of {n - 1} nodes are too many for this kernel")
    chosen = [part for part in _partitions(n - 1) if all(len(block) > 1 for block in part)]
    return len(chosen), lambda: map(_paths, chosen)


def _partitions(nodes: int) -> list[list[list[int]]]:
    """Every partition of 1 .. nodes, built by putting each node into a block or a new one."""
    found: list[list[list[int]]] = [[]]
    for node in range(1, nodes + 1):
        found = [
            [block + [node] * (place == here) for here, block in enumerate([*part, []][: max(len(part), place + 1)])]
            for part in found
            for place in range(len(part) + 1)
        ]
    return found


def _bell(nodes: int) -> int:
    """The number of partitions, by the recurrence over the block of the last node."""
    numbers = [1]
    for size in range(nodes):
        numbers.append(sum(math.comb(size, rest) * numbers[rest] for rest in range(size + 1)))
    return numbers[nodes]


def _paths(partition: list[list[int]]) -> Word:
    """The blocks of a partition as paths."""
    return tuple(node for block in partition for pair in itertools.pairwise(block) for node in pair)
