"""The answers to one query after each of many sequences: what :mod:`_reference` defines, one query at a time.

:class:`Columns` reads each sequence once, as a string where that makes it fast to search, and then works from
the definitions: the latest occurrence, the number of occurrences. :mod:`_rows` goes the other way, from
one sequence to all queries.
"""

import itertools
from collections.abc import Sequence

from ._reference import FURTHER, Question, Word, answer, edges_of, query_length


class Columns:
    """Columns of the table of answers; ``promise`` says whether queries that are not legal are left out."""

    def __init__(self, question: Question, promise: bool, sequences: Sequence[Word]) -> None:
        self._question, self._promise, self._sequences = question, promise, sequences
        self._graphs: list[tuple[set[frozenset[int]], set[int]] | None] = []
        self._texts: list[str] = []
        self._after: list[tuple[int | None, ...]] = []
        if question.task == "istree":
            self._graphs = [_simple(sequence) for sequence in sequences] if promise else []
        elif question.task not in ("index", "counting", *FURTHER):
            length, none = query_length(question), None if promise else 0
            n, text = question.n, "".join(map(chr, itertools.chain.from_iterable(sequences)))
            self._texts = [text[first : first + n - 1] for first in range(0, n * len(sequences), n)]
            self._after = [(none, *sequence[length:]) for sequence in sequences]

    def column(self, query: Word) -> list[str | int | None]:
        """For each sequence something that is equal where answers are equal; None if the query is not legal."""
        question, sequences = self._question, self._sequences
        if question.task == "index":
            return [sequence[query[0] - 1] for sequence in sequences]
        if question.task == "counting":
            letter, threshold = query
            return [sequence.count(letter) > threshold for sequence in sequences]
        if question.task not in ("istree", *FURTHER):
            return self._followers(query)
        if not self._promise:
            return [answer(question, sequence, query) for sequence in sequences]
        added, result = _simple(query), list[str | int | None]()
        for sequence, graph in zip(sequences, self._graphs, strict=True):
            legal = graph and added and graph[0].isdisjoint(added[0]) and len(graph[1] | added[1]) == question.n
            result.append(answer(question, sequence, query) if legal else None)
        return result

    def _followers(self, query: Word) -> list[str | int | None]:
        """What follows the latest occurrence of the query that has a successor; 0 for NONE.

        The texts end before the last letter, so that an occurrence has a successor; at the place p its successor
        is letter p + 1 of ``_after``, whose letter 0 is what ``rfind`` leads to when there is no occurrence.
        """
        sought = "".join(map(chr, query))
        return [after[text.rfind(sought) + 1] for text, after in zip(self._texts, self._after, strict=True)]


def _simple(word: Word) -> tuple[set[frozenset[int]], set[int]] | None:
    """Edges and their nodes, None if an edge is repeated or a loop."""
    edges = [frozenset(edge) for edge in edges_of(word)]
    simple = len(set(edges)) == len(edges) and all(len(edge) == 2 for edge in edges)
    return (set(edges), set(word)) if simple else None
