"""Associative recall (Definition 4.3) and c-gram retrieval (Definition 4.4): what follows the query?

Where the query occurs several times, its latest occurrence with a successor inside the sequence counts;
this and the answer NONE to a query without such an occurrence are this project's conventions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from constructions.errors import InputError
from constructions.tasks._ranking import Rows, require_positive, words
from constructions.tasks._retrieval import NEAR, NONE, SEPARATOR, Retrieval, RetrievalTask
from constructions.tasks._task import Certified, Effort

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn


class CompletionTask(RetrievalTask):
    """The token that follows the latest occurrence of the query (of ``query_length`` tokens)."""

    def query_fault(self, instance: Retrieval) -> str | None:
        """Any tokens may be asked for, whether they occur or not."""
        low = min(instance.query)
        return None if low >= 1 else f"the query holds {low}: tokens are integers from 1"

    def queries(self, n: int, alphabet: int) -> Rows:
        """All words of ``query_length`` letters 1 .. alphabet, by lexicographic rank."""
        require_positive("n", n)
        return words(self.query_length, alphabet)

    def query_count(self, n: int, alphabet: int) -> int:
        """alphabet ** query_length."""
        return int(alphabet**self.query_length)

    def answers(self, sequence: Sequence[int] | Rows, queries: Sequence[Sequence[int]] | Rows) -> list[str]:
        """What follows each of the queries; NONE where nothing does."""
        tokens = _plain(sequence)
        # zip stops at the shortest: the last occurrence that it sees still has a successor. Later
        # entries of the dictionary overwrite earlier ones, so the latest occurrence remains.
        grams = zip(*(tokens[shift:] for shift in range(self.query_length)), strict=False)
        follower = dict(zip(grams, tokens[self.query_length :], strict=False))
        return [
            NONE if found is None else str(found) for found in (follower.get(tuple(query)) for query in _plain(queries))
        ]

    def answer_numbers(self, sequences: Rows, queries: Rows) -> Rows:
        """The tokens that follow, 0 for NONE; shape [B, Q]."""
        found = np.zeros((len(sequences), len(queries)), dtype=np.int64)
        for end in range(self.query_length, sequences.shape[1]):
            grams = sequences[:, None, end - self.query_length : end]
            # A later occurrence overwrites an earlier one.
            np.copyto(found, sequences[:, end, None], where=(grams == queries).all(axis=2))
        return found

    def _sample_query(self, rng: np.random.Generator, sequence: list[int], n: int) -> tuple[int, ...]:
        m = self.query_length
        kind = rng.random()
        length = len(sequence)
        if kind < 0.45 and length > m:
            start = int(rng.integers(0, length - m))
            gram = sequence[start : start + m]
            if kind < 0.1:  # a near miss: one token is another one
                gram[int(rng.integers(0, m))] = int(rng.integers(1, n + 1))
            return tuple(gram)
        if kind < 0.75 and length >= m:  # the end of the sequence, which has no successor
            if kind < 0.6:  # ... and, if a token is left over, occurs nowhere else
                sequence[-1] = _absent(rng, sequence, n)
            return tuple(sequence[-m:])
        if kind < 0.85:
            letters = [*sequence, _absent(rng, sequence, n)]
            return (*(letters[int(rng.integers(0, len(letters)))] for _ in range(m - 1)), letters[-1])
        letters = sequence if kind < 0.95 else list(range(1, n + 1))
        return tuple(letters[int(rng.integers(0, len(letters)))] for _ in range(m))

    def _boundary_queries(self, sequence: tuple[int, ...], n: int) -> Iterable[tuple[int, ...]]:
        m = self.query_length
        first, last, before_last = sequence[:m], sequence[-m:], sequence[-m - 1 : -1]
        middle = sequence[len(sequence) // 2 :][:m]
        yield from (first, before_last, last, middle, last[::-1], (1,) * m, (n,) * m)
        yield (*first[:-1], n)
        yield (1, *last[1:])
        yield (*(1,) * (m - 1), n)
        yield (n, *(1,) * (m - 1))

    def _adversarial_queries(self, sequence: tuple[int, ...], n: int) -> Iterator[tuple[int, ...]]:
        m = self.query_length
        for place in dict.fromkeys((end + step) % n for end in (0, n - m - 1, n // 2) for step in (0, 1, 2, -1)):
            gram = tuple(sequence[(place + d) % n] for d in range(m))
            for step in NEAR:
                yield (*gram[:-1], gram[-1] + step)
                yield (gram[0] + step, *gram[1:])

    def _drawn_query(self, draw: "DrawFn", sequence: tuple[int, ...], max_n: int) -> tuple[int, ...]:
        from hypothesis import strategies as st

        m = self.query_length
        if len(sequence) >= m and draw(st.booleans()):
            start = draw(st.integers(0, len(sequence) - m))
            return sequence[start : start + m]
        return draw(st.tuples(*[st.integers(1, max_n)] * m))

    def _after_drop(self, instance: Retrieval, start: int, stop: int) -> Iterable[tuple[int, ...]]:
        return [instance.query]

    def _renamed(self, query: tuple[int, ...], names: Mapping[int, int]) -> tuple[int, ...]:
        return tuple(names.get(token, token) for token in query)


class AssociativeRecall(CompletionTask):
    """The token after the latest occurrence of the query token that has one.

    >>> recall = AssociativeRecall()
    >>> [recall.answer(recall.parse(text)) for text in ("3 1 4 1 5 ? 1", "3 1 4 1 5 ? 5", "2 2 ? 2")]
    ['5', 'NONE', '2']
    """

    name = "associative-recall"
    statement = "Which token follows the query token, at its latest occurrence that is not the last token?"
    text_form = "3 1 4 1 5 ? 4"
    query_length = 1
    query_meaning = "a token"
    effort = replace(CompletionTask.effort, permuted=5)
    title = "What came after the last {q}?"
    forgotten = "3 1 4 1 5 9 2 6 ? 3"
    tries = ("3 1 4 1 5 9 2 1 6 ? 1", "3 1 4 1 5 ? 5", "3 1 4 1 5 9 ? 7", "2 2 2 2 ? 2")


class CGram(CompletionTask):
    """The token that completes the query, c - 1 tokens, to c tokens in a row of the sequence; 2 <= c <= 5.

    >>> CGram(3).answer(CGram(3).parse("3 1 4 1 5 ? 1 4"))
    '1'
    """

    name = "c-gram"
    statement = "Which token follows the query's c - 1 tokens, at their latest occurrence before the end?"
    certified = Certified(
        ("words", "permutations"),
        asked=((3, 2, "words"), (5, 2, "words")),
        kept=(5, 3, "words"),
        kept_searching=(5, 2, "words"),
        kept_softmax=(4, 2, "words"),
    )
    title = "What came after the last {q}?"

    def __init__(self, c: int = 3) -> None:
        if not 2 <= c <= 5:
            raise InputError(f"c = {c}: c-gram retrieval is offered for c from 2 to 5, queries of 1 to 4 tokens")
        self.c: int = c
        self.query_length = c - 1
        self.query_meaning = f"{c - 1} token{'s' * (c > 2)}, for c = {c}"
        query = " ".join("1415"[: c - 1])
        self.text_form = f"3 1 4 1 5 ? {query}"
        self.tries = (self.text_form, f"{query} 9 {query} 2 ? {query}", f"5 6 7 8 9 ? {query}")
        self.forgotten = f"{query} 9 5 6 7 8 ? {query}"
        self.effort = Effort(5, 3, mutated=4 if self.query_length <= 2 else 3)

    def __repr__(self) -> str:
        return f"CGram({self.c})"

    def told_by(self, text: str) -> dict[str, int]:
        """c is one more than the query is long; nothing is told by a query that no c has."""
        _, found, query = text.partition(SEPARATOR)
        c = len(query.split()) + 1
        return {"c": c} if found and 2 <= c <= 5 else {}


def _plain(values: Sequence[int] | Sequence[Sequence[int]] | Rows) -> list:  # type: ignore[type-arg]
    """The values as Python integers, which hash and print as the reader expects."""
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def _absent(rng: np.random.Generator, sequence: list[int], n: int) -> int:
    """A token of 1 .. n that is not in the sequence, or any token if all are."""
    used = set(sequence)
    for _ in range(8):
        token = int(rng.integers(1, n + 1))
        if token not in used:
            return token
    return next((token for token in range(n, 0, -1) if token not in used), n)
