"""Families of inputs: how many there are, which one has rank r, and which k of N are drawn from a seed.

The canonical order is lexicographic: by sequence, then by query. Graphs as sorted lists of edges come in
the order of the numbers whose bit i says whether the i-th pair of nodes is an edge.
"""

import hashlib
import itertools
import math
from collections.abc import Iterator

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
        self.longest_prompt = 2 + (3 * pairs if graphs else n + query_length(question))
        self.steps = max(n, pairs if graphs else 0) ** 2
        """How many digits are looked at, at most, to find the input of a rank."""
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
            directed.remove((u, v))
            directed.remove((v, u))
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
        for draw in range(100 * wanted + 1_000):  # to draw all of 10^7 takes 17 draws for each, by expectation
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
        if wanted:
            raise Incomplete("the draws do not come to so many different inputs")


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
