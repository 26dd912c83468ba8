"""Counting: does a token occur more often than a threshold says (Definition 4.5)?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from constructions.tasks._ranking import Rows, require_positive
from constructions.tasks._retrieval import NEAR, Retrieval, RetrievalTask
from constructions.tasks._task import Certified

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn


class Counting(RetrievalTask):
    """1 if the query token q occurs more than t times, else 0; 0 <= t <= n.

    >>> counting = Counting()
    >>> [counting.answer(counting.parse(f"1 2 1 1 ? 1 {threshold}")) for threshold in (2, 3)]
    ['1', '0']
    """

    name = "counting"
    statement = "Does the token q occur more than t times?"
    text_form = "1 2 1 1 ? 1 2"
    query_length = 2
    zero_is_none = False
    query_meaning = "a token and a threshold"
    certified = Certified(
        ("words", "permutations"),
        asked=((3, 3, "words"),),
        kept=(4, 4, "words"),
        kept_searching=(3, 3, "words"),
        kept_softmax=(3, 3, "words"),
    )
    title = "Does {q} occur more than {t} times?"
    forgotten = "1 2 1 1 3 1 2 2 ? 1 3"
    tries = ("1 2 1 1 3 1 ? 1 3", "1 2 1 1 3 1 ? 1 4", "2 2 2 ? 1 0")

    def query_fault(self, instance: Retrieval) -> str | None:
        """The token is an integer from 1, the threshold one of 0 .. n."""
        token, threshold = instance.query
        n = len(instance.sequence)
        if token < 1:
            return f"the query token is {token}: tokens are integers from 1"
        if not 0 <= threshold <= n:
            return f"the threshold is {threshold}: expected 0 to {n}, the length of the sequence"
        return None

    def queries(self, n: int, alphabet: int) -> Rows:
        """The pairs (token, threshold), tokens 1 .. alphabet, thresholds 0 .. n; shape [Q, 2]."""
        require_positive("n", n)
        require_positive("alphabet", alphabet)
        pairs = np.indices((alphabet, n + 1), dtype=np.int64).reshape(2, -1).T
        return np.ascontiguousarray(pairs + np.array([1, 0]))

    def query_count(self, n: int, alphabet: int) -> int:
        """alphabet * (n + 1)."""
        return alphabet * (n + 1)

    def answers(self, sequence: Sequence[int] | Rows, queries: Sequence[Sequence[int]] | Rows) -> list[str]:
        """1 or 0 for each pair of token and threshold."""
        occurrences = dict(Counter(sequence.tolist() if isinstance(sequence, np.ndarray) else sequence))
        asked = queries.tolist() if isinstance(queries, np.ndarray) else queries
        return ["1" if occurrences.get(token, 0) > threshold else "0" for token, threshold in asked]

    def answer_numbers(self, sequences: Rows, queries: Rows) -> Rows:
        """1 or 0, shape [B, Q]."""
        counts = np.zeros((len(sequences), len(queries)), dtype=np.int64)
        for column in sequences.T:
            counts += column[:, None] == queries[:, 0]
        return (counts > queries[:, 1]).astype(np.int64)

    def _sample_query(self, rng: np.random.Generator, sequence: list[int], n: int) -> tuple[int, ...]:
        length = len(sequence)
        token = sequence[int(rng.integers(0, length))] if rng.random() < 0.8 else int(rng.integers(1, n + 1))
        if rng.random() < 0.2:
            return token, int(rng.integers(0, length + 1))
        count = sequence.count(token)
        threshold = int(rng.choice([count - 1, count - 1, count, count, count + 1, 0, length]))
        return token, min(max(threshold, 0), length)

    def _boundary_queries(self, sequence: tuple[int, ...], n: int) -> Iterable[tuple[int, ...]]:
        length = len(sequence)
        for token in dict.fromkeys((sequence[0], sequence[-1], sequence[length // 2], 1, n, (n + 1) // 2)):
            count = sequence.count(token)
            for threshold in (0, 1, count - 1, count, count + 1, length - 1, length):
                yield token, threshold

    def _adversarial_queries(self, sequence: tuple[int, ...], n: int) -> Iterator[tuple[int, ...]]:
        for token in dict.fromkeys((sequence[0], sequence[-1], n, 1)):
            for end in (sequence.count(token), n, 0):
                yield from ((token, end + step) for step in NEAR)

    def _drawn_query(self, draw: "DrawFn", sequence: tuple[int, ...], max_n: int) -> tuple[int, ...]:
        from hypothesis import strategies as st

        token = draw(st.one_of(st.sampled_from(sequence), st.integers(1, max_n)))
        n, count = len(sequence), sequence.count(token)
        near = st.sampled_from([threshold for threshold in (count - 1, count, count + 1) if 0 <= threshold <= n])
        return token, draw(st.one_of(st.integers(0, n), near))

    def _after_drop(self, instance: Retrieval, start: int, stop: int) -> Iterable[tuple[int, ...]]:
        token, threshold = instance.query
        yield token, threshold - instance.sequence[start:stop].count(token)
        yield token, threshold
        yield token, min(threshold, len(instance.sequence) - (stop - start))

    def _renamed(self, query: tuple[int, ...], names: Mapping[int, int]) -> tuple[int, ...]:
        token, threshold = query
        return names.get(token, token), threshold
