"""Tasks of neighbours: every prefix with every query, answered one by one. No query is undefined."""

import functools
import itertools
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from constructions.errors import InputError, ResourceError
from constructions.tasks import Task, task
from proofs_check.lower_bounds._candidates import random_words
from proofs_check.lower_bounds._counts import Count, Counted, power
from proofs_check.lower_bounds._machines import Reader, State, check_machine
from proofs_check.lower_bounds._scope import Family, Rows, Word, registered
from proofs_check.lower_bounds._tasks._sequences import SameLength

_MOST_ANSWERS = 2_000_000


class Listed(SameLength):
    """A prefix is made from a word of n values 1 .. k; in most tasks it is that word."""

    families: ClassVar[tuple[Family, ...]] = ("words",)
    conventions = ("total",)
    listed_exactly = True
    values: ClassVar[int | None] = 2
    """How many values there are unless another number is given; None: n."""
    any_values: ClassVar[bool] = False
    """Whether another number can be given."""
    answers_are: ClassVar[tuple[str, ...]] = ()
    """What may be answered, where an answer is one token."""

    @classmethod
    def checked_letters(cls, n: int, alphabet: int | None) -> int:
        """The number of values."""
        if alphabet is not None and alphabet != cls.values and not cls.any_values:
            raise InputError(f"alphabet = {alphabet}: this task has {cls.values} letters; leave it out")
        return super().checked_letters(n, cls.values if alphabet is None else alphabet)

    @functools.cached_property
    def reference(self) -> Task[Any]:
        """The task that gives the right answers."""
        import constructions.theorems  # noqa: F401  (whose files register their tasks)

        return task(self.task)

    # What a task says of itself

    @abstractmethod
    def queries(self) -> Iterator[Word]:
        """All queries."""

    @property
    @abstractmethod
    def query_count(self) -> int:
        """How many there are."""

    def made(self, values: Word) -> Word:
        """The prefix of these values."""
        return values

    def values_of(self, prefix: Word) -> Word:
        """The values from which a prefix would be made."""
        return prefix

    def likely(self, one: Word, other: Word) -> Iterator[Word]:
        """Queries that tell most prefixes apart."""
        return iter(())

    # What follows from that

    def prefixes(self) -> Iterator[Word]:
        """In lexicographic order."""
        return map(self.made, itertools.product(range(1, self.alphabet + 1), repeat=self.n))

    def inputs(self) -> Iterator[tuple[Word, Word]]:
        """Every prefix with every query."""
        return ((prefix, query) for prefix in self.prefixes() for query in self.queries())

    @property
    def input_count(self) -> int:
        """The product of the two numbers."""
        return int(self.alphabet**self.n) * self.query_count

    def answer(self, prefix: Word, query: Word) -> str:
        """All that the reference writes."""
        return " ".join(self.reference.written(self.reference.of_numbers(prefix, query)))

    def answers(self, prefix: Word) -> list[str | None]:
        """Those to all queries."""
        return [self.answer(prefix, query) for query in self.queries()]

    def is_answer(self, token: str) -> bool:
        """Whether it is one of those that the task has."""
        return token in self.answers_are

    def candidates(self, rng: np.random.Generator) -> Iterator[Word]:
        """Made from words that small states tend to merge."""
        return map(self.made, random_words(self, rng))

    def random_query(self, prefix: Word, rng: np.random.Generator) -> Word:
        """Any of a thousand, or of those that ask for the prefix itself."""
        asked = [*itertools.islice(self.queries(), 1_000), *itertools.islice(self.likely(prefix, prefix), 1_000)]
        return asked[int(rng.integers(len(asked)))]

    def separating(self, one: Word, other: Word) -> Iterator[Word]:
        """The likely ones first."""
        asked = itertools.chain(self.likely(one, other), self.queries())
        return (query for query in asked if self.answer(one, query) != self.answer(other, query))

    def occurs(self, prefix: Word) -> bool:
        """Whether it is made of values."""
        values = self.values_of(prefix)
        return self.made(values) == prefix and all(1 <= value <= self.alphabet for value in values)

    # Numbers of states, and what supports them

    def formula(self) -> Count:
        """A state for each prefix."""
        return Count(power(self.alphabet, self.n), True, "k**n")

    @functools.cached_property
    def _rows(self) -> dict[tuple[str | None, ...], Word]:
        """The different rows of answers, each with the first prefix that has it."""
        if self.input_count > _MOST_ANSWERS:
            raise ResourceError(f"{self}: more than {_MOST_ANSWERS:,} answers, too many to list")
        found: dict[tuple[str | None, ...], Word] = {}
        for prefix in self.prefixes():
            found.setdefault(tuple(self.answers(prefix)), prefix)
        return found

    def listed_states(self) -> Counted:
        """The number of rows."""
        found = len(self._rows)
        return Counted(found, found, "different rows")

    def table(self) -> Rows:
        """The rows, with a number for each answer."""
        return self._coded(list(self._rows))

    def _coded(self, rows: list[tuple[str | None, ...]]) -> Rows:
        codes = {answer: code for code, answer in enumerate(self._said, 1)}
        return np.array([[codes[str(answer)] for answer in row] for row in rows], dtype=np.int64)

    @functools.cached_property
    def _said(self) -> list[str]:
        """All that is ever answered."""
        return sorted({str(answer) for row in self._rows for answer in row})

    def described(self) -> str | None:
        """All prefixes, if each needs a state."""
        return self.family if self.formula().states == self.alphabet**self.n else None

    def everything(self) -> str:
        """The kernel has the families under the same names."""
        return self.family

    def fooling(self) -> Iterator[Word]:
        """The first prefix with each row."""
        return iter(self._rows.values())

    def machine(self) -> "_Keeper":
        """It keeps the row."""
        return _Keeper(self)

    def attained(self) -> int:
        """The states of that machine, which is run on all inputs."""
        return check_machine(self, self.machine())

    # For a solver

    def problem(self) -> tuple[list[Word], Rows]:
        """All prefixes."""
        words = list(self.prefixes())
        return words, self._coded([tuple(self.answers(word)) for word in words])

    def column(self, query: Word) -> int:
        """The place of the query among all."""
        return self._columns[query]

    @functools.cached_property
    def _columns(self) -> dict[Word, int]:
        return {query: column for column, query in enumerate(self.queries())}

    def token(self, code: int) -> str:
        """The answer that a number of :meth:`table` stands for."""
        return self._said[code - 1]


class _Keeper(Reader):
    """Keeps the letters, and after the last of them nothing but the answers to all queries."""

    scope: Listed

    def read(self, summary: Any, letter: int) -> State:
        letters = (*summary, letter)
        return tuple(self.scope.answers(letters)) if self.scope.ends(letters) else letters

    def answer(self, summary: Any, query: Word) -> str:
        return str(summary[self.scope.column(query)])


@registered("equality", "disjointness")
class TwoWordsScope(Listed):
    """A second word is asked about."""

    answers_are = ("yes", "no")

    def queries(self) -> Iterator[Word]:
        """All words."""
        return self.prefixes()

    @property
    def query_count(self) -> int:
        """As many as prefixes."""
        return int(self.alphabet**self.n)

    def likely(self, one: Word, other: Word) -> Iterator[Word]:
        """One of the two, or a word with a single 2."""
        yield from (one, other)
        yield from ((1,) * place + (2,) + (1,) * (self.n - 1 - place) for place in range(self.n))


@registered("bounded-dyck")
class BracketsScope(Listed):
    """It may go on with up to n brackets; what is open, or that it failed, is enough."""

    values = 4
    answers_are = ("yes", "no")

    def queries(self) -> Iterator[Word]:
        """The shortest first."""
        letters = range(1, self.alphabet + 1)
        return itertools.chain(*(itertools.product(letters, repeat=length) for length in range(self.n + 1)))

    @property
    def query_count(self) -> int:
        """A geometric sum."""
        return int(4 ** (self.n + 1) - 1) // 3

    def formula(self) -> Count:
        """After an odd number one bracket is open, after an even one none or two."""
        return Count(3 if self.n % 2 else 6, True, "6 - 3*Mod(n, 2)")


@registered("copying")
class CopyingScope(Listed):
    """Nothing is asked: the word is written."""

    one_token = False
    any_values = True

    def queries(self) -> Iterator[Word]:
        """The empty one."""
        return iter([()])

    @property
    def query_count(self) -> int:
        """One."""
        return 1


@registered("mqar")
class QueriesScope(Listed):
    """n keys, each before one of k values; three letters are asked for."""

    one_token = False
    families = ("assignments",)
    any_values = True

    @property
    def unit(self) -> int:
        """A key and its value belong together."""
        return 2

    @property
    def sizes(self) -> tuple[int, int]:
        """All are letters of one alphabet."""
        return 2 * self.n, self.n + self.alphabet

    def made(self, values: Word) -> Word:
        """The keys in order."""
        return tuple(x for key, value in enumerate(values, 1) for x in (key, self.n + value))

    def values_of(self, prefix: Word) -> Word:
        """Behind the keys."""
        return tuple(letter - self.n for letter in prefix[1::2])

    def queries(self) -> Iterator[Word]:
        """Three letters."""
        return itertools.product(range(1, self.sizes[1] + 1), repeat=3)

    @property
    def query_count(self) -> int:
        """All triples."""
        return int(self.sizes[1] ** 3)

    def query_range(self, place: int) -> range:
        """Keys and values."""
        return range(1, self.sizes[1] + 1)


@registered("nearest-neighbour")
class NearestScope(Listed):
    """n points in a row, with labels; a point of the grid is asked about."""

    families = ("row",)
    answers_are = ("a", "b")

    @property
    def unit(self) -> int:
        """Coordinates and label."""
        return 3

    def made(self, values: Word) -> Word:
        """The points (1, 1), (2, 1), ..."""
        return tuple(number for x, label in enumerate(values, 1) for number in (x, 1, label))

    def values_of(self, prefix: Word) -> Word:
        """The labels."""
        return prefix[2::3]

    def queries(self) -> Iterator[Word]:
        """The grid."""
        return itertools.product(range(1, self.n + 1), repeat=2)

    @property
    def query_count(self) -> int:
        """n times n."""
        return self.n**2

    def letters_asked(self, query: Word) -> int:
        """Coordinates are no letters."""
        return 0

    def query_range(self, place: int) -> range:
        """A coordinate."""
        return range(1, self.n + 1)
