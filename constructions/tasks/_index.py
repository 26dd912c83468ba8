"""Index: the token at a given position (Definition 4.2)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from constructions.tasks._ranking import Rows, require_positive
from constructions.tasks._retrieval import NEAR, Retrieval, RetrievalTask

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn


class Index(RetrievalTask):
    """The i-th token of the sequence, 1 <= i <= n.

    >>> Index().answer(Index().parse("3 1 4 1 5 ? 3"))
    '4'
    """

    name = "index"
    statement = "Which token stands at position i?"
    text_form = "3 1 4 1 5 ? 3"
    query_length = 1
    query_meaning = "a position of the sequence"
    title = "Which token stands at position {q}?"
    forgotten = "3 1 4 1 5 9 2 6 ? 2"
    tries = ("3 1 4 1 5 9 2 6 ? 5", "3 1 4 1 5 9 2 6 ? 1", "7 7 7 7 ? 4")

    def query_fault(self, instance: Retrieval) -> str | None:
        """The position must be one of 1 .. n."""
        position, n = instance.query[0], len(instance.sequence)
        if 1 <= position <= n:
            return None
        return f"position {position} is not in the sequence, whose positions are 1 to {n}"

    def queries(self, n: int, alphabet: int) -> Rows:
        """The positions 1 .. n, shape [n, 1]."""
        require_positive("n", n)
        return np.arange(1, n + 1, dtype=np.int64)[:, None]

    def query_count(self, n: int, alphabet: int) -> int:
        """The number of positions, n."""
        return n

    def answers(self, sequence: Sequence[int] | Rows, queries: Sequence[Sequence[int]] | Rows) -> list[str]:
        """The tokens at the positions asked for."""
        return [str(sequence[position - 1]) for (position,) in queries]

    def answer_numbers(self, sequences: Rows, queries: Rows) -> Rows:
        """The tokens at the positions asked for, shape [B, Q]."""
        return sequences[:, queries[:, 0] - 1]

    def _sample_query(self, rng: np.random.Generator, sequence: list[int], n: int) -> tuple[int, ...]:
        edge = rng.random()
        length = len(sequence)
        if edge < 0.3:
            return (1 if edge < 0.15 else length,)
        return (int(rng.integers(1, length + 1)),)

    def _boundary_queries(self, sequence: tuple[int, ...], n: int) -> Iterable[tuple[int, ...]]:
        length = len(sequence)
        return [(1,), (2,), ((length + 1) // 2,), (length // 2 + 1,), (length - 1,), (length,)]

    def _adversarial_queries(self, sequence: tuple[int, ...], n: int) -> Iterator[tuple[int, ...]]:
        for end in (n, 1, n // 2):
            yield from ((end + step,) for step in NEAR)

    def _drawn_query(self, draw: "DrawFn", sequence: tuple[int, ...], max_n: int) -> tuple[int, ...]:
        from hypothesis import strategies as st

        return (draw(st.integers(1, len(sequence))),)

    def _after_drop(self, instance: Retrieval, start: int, stop: int) -> Iterable[tuple[int, ...]]:
        position = instance.query[0]
        if position > start:
            yield (max(start + 1, position - (stop - start)),)
        yield (position,)

    def _renamed(self, query: tuple[int, ...], names: Mapping[int, int]) -> tuple[int, ...]:
        return query
