"""The answers to all queries after one sequence: what :mod:`_reference` defines, one sequence at a time.

A row is one number: its digit j, from the lowest, is the answer to the j-th query that
:func:`._reference.queries` lists. A digit is the letter, or 0 for NONE; for counting and istree it is 1 for the
answers 1 and YES and 0 for the others. Further tasks make their rows themselves. :mod:`_columns` goes the other
way, from one query to all sequences.
"""

import functools
from collections import Counter
from collections.abc import Iterable

from ._reference import FURTHER, Question, Word, edges_of, further, queries, query_length

_KEPT_BITS = 10_000
"""Larger shares are made anew each time: there may be as many as letters in all sequences."""

Fact = tuple[Word | int, int]


class Rows:
    """Rows of the table of answers; ``digit_bits`` is the length of a digit."""

    def __init__(self, question: Question) -> None:
        letters = question.task not in ("counting", "istree")
        self.digit_bits = question.alphabet.bit_length() if letters else 1
        self._question, self._queries = question, queries(question)
        self._shares = _Shares(question, self._queries, self.digit_bits)
        self._gram = query_length(question)
        self._lowest = sum(1 << self.digit_bits * place for place in range(len(self._queries)))

    def row(self, sequence: Word) -> int:
        """The answers after this sequence."""
        facts: Iterable[Fact]
        if self._question.task == "istree":
            return _completions(self._question.n, edges_of(sequence), self._queries)
        if self._question.task in FURTHER:
            return further(self._question.task).row(self._question, sequence, self._queries)
        if self._question.task == "index":
            facts = enumerate(sequence, 1)
        elif self._question.task == "counting":
            facts = Counter(sequence).items()
        else:
            gram = self._gram
            grams: Iterable[Word | int] = sequence
            if gram > 1:
                grams = zip(*[sequence[first:] for first in range(gram)], strict=False)
            facts = dict(zip(grams, sequence[gram:], strict=False)).items()  # forwards: later occurrences overwrite
        return sum(map(self._shares.__getitem__, facts))

    def legal(self, sequence: Word, row: int) -> int:
        """All bits of the digits of the queries that the convention *promise* allows after this sequence."""
        if self._question.task == "istree":
            return _legal_completions(self._question.n, sequence, len(self._queries))
        defined = -1
        if self._question.task not in ("index", "counting"):
            defined = row
            for shift in range(1, self.digit_bits):
                defined |= row >> shift
        # The lowest bit of a digit of ``defined`` says whether the query is defined; the product fills the digit.
        return (defined & self._lowest) * ((1 << self.digit_bits) - 1)


class _Shares(dict[Fact, int]):
    """What one fact about a sequence adds to its row: each concerns other digits, so that the sum carries nothing.

    A fact is (place, letter) for index, (gram or its one letter, the letter after it) for completion, and (letter,
    occurrences) for counting, whose queries (q, 0), (q, 1), ... are neighbours: the first count(q) of them have the
    answer 1.
    """

    def __init__(self, question: Question, asked: list[Word], bits: int) -> None:
        self._question, self._bits = question, bits
        self._place: dict[Word | int, int] = {}
        for place, query in enumerate(asked):
            self._place[query[0] if len(query) == 1 else query] = place

    def __missing__(self, fact: Fact) -> int:
        about, number = fact
        if self._question.task == "counting" and isinstance(about, int):
            share = ((1 << number) - 1) << self._place[about, 0]
        else:
            share = number << self._bits * self._place[about]
        if share.bit_length() <= _KEPT_BITS:
            self[fact] = share
        return share


def _legal_completions(nodes: int, sequence: Word, width: int) -> int:
    """The set of the queries that repeat no edge, after edges of which none is repeated, and leave no node out."""
    edges = {frozenset(edge) for edge in edges_of(sequence)}
    if len(edges) < len(sequence) // 2:
        return 0
    legal = (1 << width) - 1
    missing = set(range(1, nodes + 1)).difference(*edges)
    with_edge = _by_edge(nodes)  # every edge is a query of its own, so that none is missing here
    for edge in edges:
        legal &= ~with_edge[edge]
    for node in missing:
        covered = 0
        for edge, bits in with_edge.items():
            covered |= bits if node in edge else 0
        legal &= covered
    return legal


@functools.lru_cache(maxsize=1)
def _by_edge(nodes: int) -> dict[frozenset[int], int]:
    """For each edge, the set of the queries about so many nodes that hold it; the same for all prefixes."""
    result: dict[frozenset[int], int] = {}
    for bit, query in enumerate(queries(Question("istree", nodes, nodes))):
        for edge in edges_of(query):
            result[frozenset(edge)] = result.get(frozenset(edge), 0) | 1 << bit
    return result


def _completions(nodes: int, edges: list[tuple[int, int]], asked: list[Word]) -> int:
    """The set of the queries that complete the edges to a tree, all computed side by side.

    A graph on n nodes with n - 1 edges, repetitions counted, is a tree exactly if it is connected. So
    ``reached[v]`` grows to the set of the queries with which v is reached from node 1.
    """
    everything = (1 << len(asked)) - 1
    wanted = nodes - 1 - len(edges)
    links = _by_edge(nodes) | {frozenset(edge): everything for edge in edges}
    reached = {node: everything if node == 1 else 0 for node in range(1, nodes + 1)}
    grown = True
    while grown:
        grown = False
        for edge, bits in links.items():
            u, v = min(edge), max(edge)
            both = (reached[u] | reached[v]) & bits
            if both & ~reached[u] or both & ~reached[v]:
                reached[u] |= both
                reached[v] |= both
                grown = True
    result = sum(1 << bit for bit, query in enumerate(asked) if len(query) == 2 * wanted)
    for bits in reached.values():
        result &= bits
    return result
