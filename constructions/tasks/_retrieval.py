"""What the four retrieval tasks share: a sequence, a query, and how both are written and enumerated.

An instance is written ``x1 ... xn ? query``; the model reads ``<s> x1 ... xn ? query``. Tokens are
integers from 1. An undefined query has the answer ``NONE`` (the *total* reading of the tasks).
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from constructions.errors import InputError, UsersCodeError, counted, shown
from constructions.tasks._ranking import Rows, require_positive, words
from constructions.tasks._task import START, Certified, Effort, Task
from constructions.vocabulary import number_of

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

SEPARATOR = "?"
"""The token between sequence and query."""

NONE = "NONE"
"""The answer to a query that the sequence does not define."""

NEAR = (0, 1, -1, 2, -2)
"""Steps from a number to its neighbours, where decisions are close."""

_ROWS_AT_A_TIME = 4096


@dataclass(frozen=True)
class Retrieval:
    """A sequence of tokens (integers from 1) and the query about it, whose meaning is the task's."""

    sequence: tuple[int, ...]
    query: tuple[int, ...]


class RetrievalTask(Task[Retrieval]):
    """A question about a sequence; several queries can be asked about the same one."""

    query_meaning: str
    """What the query holds, for messages."""

    zero_is_none = True
    """Whether 0 among the numbers of :meth:`answer_numbers` is NONE, not a token."""

    effort = Effort(5, 4, mutated=4)
    certified = Certified(
        ("words", "permutations"),
        asked=((4, 3, "words"),),
        kept=(5, 4, "words"),
        kept_searching=(4, 4, "words"),
        kept_softmax=(4, 3, "words"),
    )
    reader = "retrieval"

    @property
    def in_rows(self) -> "RetrievalTask":
        """This task itself."""
        return self

    @abstractmethod
    def query_fault(self, instance: Retrieval) -> str | None:
        """What is wrong with the query, given that its length is right; None if it is legal."""

    @abstractmethod
    def queries(self, n: int, alphabet: int) -> Rows:
        """All legal queries about sequences of length ``n`` over 1 .. alphabet, shape [Q, query_length]."""

    @abstractmethod
    def query_count(self, n: int, alphabet: int) -> int:
        """How many rows :meth:`queries` has, in closed form."""

    @abstractmethod
    def answers(self, sequence: Sequence[int] | Rows, queries: Sequence[Sequence[int]] | Rows) -> list[str]:
        """The answer to each of the queries about one sequence, which is read once."""

    @abstractmethod
    def answer_numbers(self, sequences: Rows, queries: Rows) -> Rows:
        """The answers as numbers, of many sequences at once; NONE is 0, where that is no token.

        Args:
            sequences: shape [B, n].
            queries: shape [Q, query_length].

        Returns:
            shape [B, Q].
        """

    @abstractmethod
    def _sample_query(self, rng: np.random.Generator, sequence: list[int], n: int) -> tuple[int, ...]:
        """A legal query with tokens up to ``n``; may change the end of ``sequence`` to make it telling."""

    @abstractmethod
    def _boundary_queries(self, sequence: tuple[int, ...], n: int) -> Iterable[tuple[int, ...]]:
        """Queries of the boundary instances over this sequence, not necessarily distinct."""

    @abstractmethod
    def _after_drop(self, instance: Retrieval, start: int, stop: int) -> Iterable[tuple[int, ...]]:
        """Queries to ask once positions start .. stop - 1 (from 0) are gone; not all need be legal."""

    @abstractmethod
    def _adversarial_queries(self, sequence: tuple[int, ...], n: int) -> Iterator[tuple[int, ...]]:
        """Queries whose decision is close, at the ends and in the middle of a sequence; not all need be legal."""

    @abstractmethod
    def _drawn_query(self, draw: "DrawFn", sequence: tuple[int, ...], max_n: int) -> tuple[int, ...]:
        """A legal query for Hypothesis to draw and to shrink."""

    @abstractmethod
    def _renamed(self, query: tuple[int, ...], names: Mapping[int, int]) -> tuple[int, ...]:
        """The query after tokens were renamed; those that ``names`` leaves out keep theirs."""

    # Reading and writing

    @property
    def longest_prompt(self) -> tuple[int, ...]:
        """n + 2 + query_length tokens, as coefficients of 1 and n: :meth:`prompt` with a sequence of length n."""
        return 2 + self.query_length, 1

    def parse(self, text: str) -> Retrieval:
        """Read an instance such as ``3 1 4 1 5 ? 4``.

        Raises:
            InputError: naming the offending token and its position, counted from 1 in the whole text.
        """
        tokens = text.split()
        if not tokens:
            raise InputError(f"empty input; {self._expectation}")
        separators = [place for place, token in enumerate(tokens) if token == SEPARATOR]
        if not separators:
            raise InputError(
                f"no token {SEPARATOR!r} stands between sequence and query, set off by spaces; {self._expectation}"
            )
        if len(separators) > 1:
            raise InputError(
                f"tokens {separators[0] + 1} and {separators[1] + 1} are both {SEPARATOR!r}, expected one; "
                f"{self._expectation}"
            )
        split = separators[0]
        instance = Retrieval(_numbers(tokens[:split], 1), _numbers(tokens[split + 1 :], split + 2))
        self.check(instance)
        return instance

    def check(self, instance: Retrieval) -> None:
        """Refuse what is no instance of this task.

        Raises:
            InputError: naming what is wrong.
        """
        if not instance.sequence:
            raise InputError(f"the sequence is empty, n must be at least 1; {self._expectation}")
        if min(instance.sequence) < 1:
            place = next(place for place, token in enumerate(instance.sequence, 1) if token < 1)
            raise InputError(
                f"token {place} of the sequence is {instance.sequence[place - 1]}: tokens are integers from 1"
            )
        if len(instance.query) != self.query_length:
            raise InputError(
                f"the query of {self.name} has {counted(len(instance.query), 'token')}, expected {self.query_length} "
                f"({self.query_meaning}); {self._expectation}"
            )
        fault = self.query_fault(instance)
        if fault is not None:
            raise InputError(f"{fault}; {self._expectation}")

    @property
    def _expectation(self) -> str:
        return f"{self.name} is written like `{self.text_form}`"

    def text(self, instance: Retrieval) -> str:
        """The printed form; :meth:`parse` reads it back."""
        return " ".join(self.prompt(instance)[1:])

    def size(self, instance: Retrieval) -> int:
        """max(n, largest token), the query's tokens included."""
        return max(len(instance.sequence), *instance.sequence, *instance.query)

    def length(self, instance: Retrieval) -> int:
        """The length of the sequence."""
        return len(instance.sequence)

    def prompt(self, instance: Retrieval) -> tuple[str, ...]:
        """``<s> x1 ... xn ? query``."""
        return (START, *map(str, instance.sequence), SEPARATOR, *map(str, instance.query))

    def answer(self, instance: Retrieval) -> str:
        """The right answer, as a token."""
        return self.right_answers(instance.sequence, [instance.query])[0]

    def right_answers(self, sequence: Sequence[int], queries: Sequence[tuple[int, ...]]) -> Sequence[str]:
        """What :meth:`answers` says, which may be a user's.

        Raises:
            UsersCodeError: if that is not one token for each query.
        """
        found: object = self.answers(sequence, queries)
        several = isinstance(found, list | tuple) and len(found) == len(queries)
        if not several or not all(isinstance(answer, str) for answer in found):  # type: ignore[attr-defined]
            raise UsersCodeError(
                f"the answers of the task {self.name} to {len(queries)} queries are {shown(found)}; expected a list of "
                "as many tokens, which are strings"
            )
        return found  # type: ignore[return-value]

    # All instances

    def sequences(self, n: int, alphabet: int, start: int = 0, stop: int | None = None) -> Rows:
        """Sequences of length ``n`` over 1 .. alphabet by lexicographic rank, shape [stop - start, n].

        Row r holds the digits of start + r in base ``alphabet``, plus 1. Ranks may exceed 64 bits.

        Raises:
            InputError: if n or alphabet is below 1, or the ranks are not within 0 .. alphabet**n.
            ResourceError: if the result would not fit in memory.
        """
        return words(n, alphabet, start, stop)

    def enumerate(self, n: int, alphabet: int | None = None) -> Iterator[Retrieval]:
        """Every sequence by rank, and with each every query, in the order of :meth:`queries`."""
        letters = n if alphabet is None else alphabet
        queries = [tuple(query) for query in self.queries(n, letters).tolist()]
        total = letters**n
        for start in range(0, total, _ROWS_AT_A_TIME):
            rows = self.sequences(n, letters, start, min(total, start + _ROWS_AT_A_TIME))
            for sequence in map(tuple, rows.tolist()):
                for query in queries:
                    yield Retrieval(sequence, query)

    def count(self, n: int, alphabet: int | None = None) -> int:
        """alphabet**n times the number of queries."""
        letters = n if alphabet is None else alphabet
        require_positive("n", n)
        require_positive("alphabet", letters)
        return int(letters**n) * self.query_count(n, letters)

    def letters(self, n: int) -> int:
        """The letters 1 .. n."""
        return n

    def rows(self, n: int, alphabet: int | None = None) -> Iterator[tuple[str | None, ...]]:
        """The answers to every query."""
        letters = n if alphabet is None else alphabet
        queries = self.queries(n, letters)
        for start in range(0, letters**n, _ROWS_AT_A_TIME):
            for sequence in self.sequences(n, letters, start, min(letters**n, start + _ROWS_AT_A_TIME)):
                yield tuple(self.answers(sequence, queries))

    def of_numbers(self, sequence: tuple[int, ...], query: tuple[int, ...]) -> Retrieval:
        """Sequence and query as they are."""
        return Retrieval(sequence, query)

    # Some instances

    def sample(self, rng: np.random.Generator, n: int) -> Retrieval:
        """A random instance of size at most ``n``: repeats, hits, misses and edge cases are all common."""
        require_positive("n", n)
        sequence = _sample_sequence(rng, n)
        query = self._sample_query(rng, sequence, n)
        return Retrieval(tuple(sequence), query)

    def boundary(self, n: int) -> Iterator[Retrieval]:
        """Instances of size exactly ``n`` at the edges of what is allowed, each once."""
        require_positive("n", n)
        seen: set[Retrieval] = set()
        for sequence in _boundary_sequences(n):
            for query in self._boundary_queries(sequence, n):
                instance = Retrieval(sequence, query)
                if instance not in seen and self._legal(instance) and self.size(instance) == n:
                    seen.add(instance)
                    yield instance

    def adversarial(self, n: int) -> Iterator[Retrieval]:
        """Instances that need many bits; those with a common sequence follow each other.

        What makes a number large is a late position and a large token; what makes a decision close is a neighbouring
        key, a neighbouring position, and a count next to the threshold. So the largest token stands everywhere, with
        and without another one at the end, and large tokens alternate, descend and ascend.
        """
        full, descending = (n,) * n, tuple(range(n, 0, -1))
        alternating = tuple(n - j % 2 for j in range(n))
        for sequence in ((*full[:-1], 1), full, descending, alternating, descending[::-1]):
            for query in self._adversarial_queries(sequence, n):
                instance = Retrieval(sequence, query)
                in_range = min(query) >= 0 and max(query) <= n
                if in_range and self.query_fault(instance) is None and self.size(instance) <= n:
                    yield instance

    def strategy(self, max_n: int) -> "SearchStrategy[Retrieval]":
        """A sequence over few letters, then a query about it; every instance can be drawn."""
        from hypothesis import strategies as st

        @st.composite
        def drawn(draw: "DrawFn") -> Retrieval:
            letters = draw(st.integers(1, max_n))
            sequence = tuple(draw(st.lists(st.integers(1, letters), min_size=1, max_size=max_n)))
            return Retrieval(sequence, self._drawn_query(draw, sequence, max_n))

        return drawn()

    def smaller(self, instance: Retrieval) -> Iterator[Retrieval]:
        """Legal instances with smaller (n, sum of the sequence, sum of the query), compared in this order.

        First runs of positions are dropped, long ones first; then letters are renamed everywhere; then
        single tokens are lowered; then the query.
        """
        for candidate in self._simpler(instance):
            if self._legal(candidate):
                yield candidate

    def _legal(self, instance: Retrieval) -> bool:
        return (
            len(instance.sequence) > 0
            and min(instance.sequence) >= 1
            and len(instance.query) == self.query_length
            and self.query_fault(instance) is None
        )

    def _simpler(self, instance: Retrieval) -> Iterator[Retrieval]:
        sequence, query = instance.sequence, instance.query
        n = len(sequence)
        width = n // 2
        while width:
            for start in range(0, n, width):
                stop = min(n, start + width)
                for changed in dict.fromkeys(self._after_drop(instance, start, stop)):
                    yield Retrieval(sequence[:start] + sequence[stop:], changed)
            width //= 2
        for old in sorted(set(sequence)):
            for new in _lower(old):
                renamed = tuple(new if token == old else token for token in sequence)
                yield Retrieval(renamed, self._renamed(query, {old: new}))
        # The most frequent letter becomes 1, the next 2, ...: of all ways to name the letters, the least sum.
        names = {old: new for new, (old, _) in enumerate(Counter(sequence).most_common(), 1)}
        named = tuple(names[token] for token in sequence)
        if sum(named) < sum(sequence):
            yield Retrieval(named, self._renamed(query, names))
        for place, old in enumerate(sequence):
            for new in _lower(old):
                yield Retrieval((*sequence[:place], new, *sequence[place + 1 :]), query)
        for place, old in enumerate(query):
            for new in (0, *_lower(old)):
                if new < old:
                    yield Retrieval(sequence, (*query[:place], new, *query[place + 1 :]))


def _lower(token: int) -> list[int]:
    """Smaller tokens to try for this one, the smallest first."""
    return sorted({new for new in (1, token // 2, token - 1) if 1 <= new < token})


def _numbers(tokens: Sequence[str], first_place: int) -> tuple[int, ...]:
    """The integers that the tokens write; places in messages count from ``first_place``."""
    try:
        # What `int` reads and `str` writes back the same is plain decimal: faster than `number_of` on each,
        # which matters for a million tokens. Longer tokens than 18 digits go the slow way, to the message.
        if max(map(len, tokens), default=0) <= 18:
            numbers = tuple(map(int, tokens))
            if list(map(str, numbers)) == list(tokens):
                return numbers
    except ValueError:
        pass
    found = []
    for place, token in enumerate(tokens, first_place):
        number = number_of(token)
        if number is None:
            raise InputError(f"token {place} is {shown(token)}: expected an integer of at most 18 digits")
        found.append(number)
    return tuple(found)


def _sample_sequence(rng: np.random.Generator, n: int) -> list[int]:
    """Length 1 .. n (half the time n), from all equal to all distinct, tokens 1 .. n."""
    length = n if rng.random() < 0.5 else int(rng.integers(1, n + 1))
    kind = rng.random()
    if kind < 0.15:
        return [int(token) for token in rng.permutation(n)[:length] + 1]
    few = [letters for letters in (1, 2, 2, 3, 4) if letters <= n]
    letters = int(rng.choice(few)) if kind < 0.6 else int(rng.integers(1, n + 1))
    # Few letters must not mean small ones: half the time they are scattered over 1 .. n.
    names = np.arange(n) if rng.random() < 0.5 else rng.permutation(n)
    return [int(token) for token in names[rng.integers(0, letters, length)] + 1]


def _boundary_sequences(n: int) -> Iterator[tuple[int, ...]]:
    """Sequences over 1 .. n of length n or at most 2: equal, distinct, alternating, one odd out."""
    ones, tops = (1,) * n, (n,) * n
    yield from (ones, tops, tuple(range(1, n + 1)), tuple(range(n, 0, -1)))
    yield from ((*ones[1:], n), (n, *ones[1:]), (*tops[1:], 1), (1, *tops[1:]))
    yield from (
        tuple(1 if place % 2 else n for place in range(n)),
        tuple(place // 2 + 1 for place in range(n)),
    )
    yield (*ones[: n // 2], n, *ones[n // 2 + 1 :])
    yield from ((1,), (n,), (1, n), (n, 1), (n, n)) if n > 1 else ()
