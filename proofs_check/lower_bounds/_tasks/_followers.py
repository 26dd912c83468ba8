"""Associative recall and c-gram: what follows which query must be known, as far as it may be asked."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from constructions.errors import ResourceError
from constructions.tasks import NONE, AssociativeRecall, CGram
from proofs_check.lower_bounds._conflicts import least_classes
from proofs_check.lower_bounds._counts import MOST_NODES_SUMMED, Count, arrangements
from proofs_check.lower_bounds._machines import Reader, State
from proofs_check.lower_bounds._prefixes import Letters, de_bruijn_words, prefix_batches
from proofs_check.lower_bounds._rows import narrow
from proofs_check.lower_bounds._scope import Family, Rows, Word, de_bruijn_length, registered
from proofs_check.lower_bounds._tasks._index import Words
from proofs_check.lower_bounds._tasks._sequences import Sequences

Table = tuple[tuple[Word, int], ...]
"""What follows which query, sorted by query."""


class _Followers(Sequences):
    """The letter after the latest occurrence of a query."""

    has_words = True
    can_fail = True

    @property
    def unit(self) -> int:
        """A key and its value belong together."""
        return 2 if self.family == "key-value" else 1

    @property
    def sizes(self) -> tuple[int, int]:
        """A key and its value are two letters."""
        return self.n * self.unit, self.alphabet + (self.keys or 0)

    @classmethod
    def default_family(cls, n: int, letters: int, c: int | None, keys: int | None) -> Family:
        """Key and value where keys are given; different letters if there are enough; de Bruijn words if n allows."""
        if keys is not None:
            return "key-value"
        if letters >= n:
            return "distinct"
        return "de-bruijn" if c is not None and n == de_bruijn_length(letters, c - 1) else "words"

    def queries(self) -> list[Word]:
        """All words of m letters; for key-value the keys."""
        if self.family == "key-value":
            return [(key,) for key in range(1, (self.keys or 0) + 1)]
        return list(itertools.product(range(1, self.alphabet + 1), repeat=self.query_length))

    def answer_rows(self, prefixes: Letters) -> Rows:
        """The letter that follows each query, 0 if none does.

        >>> from proofs_check.lower_bounds import scope_of
        >>> scope_of("associative-recall", 3, 3, family="words").answer_rows(np.array([[1, 3, 1]])).tolist()
        [[3, 0, 1]]
        """
        # The rank of the query that ends at each place, in base k; later occurrences overwrite earlier ones.
        m, base = self.query_length, self.alphabet + (self.keys or 0)
        modulus = base**m
        rows = np.zeros((len(prefixes), modulus), dtype=narrow(self))
        everyone = np.arange(len(prefixes))
        rank = np.zeros(len(prefixes), dtype=np.int64)
        for place, column in enumerate(prefixes.T):
            if place >= m:
                rows[everyone, rank] = column
            rank = (rank * base + column - 1) % modulus
        return rows[:, : modulus if self.keys is None else self.keys]

    def random_query(self, prefix: Word, rng: np.random.Generator) -> Word:
        """Most often one that occurs and is followed by a letter."""
        m = self.query_length
        if len(prefix) > m and rng.random() < 0.8:
            starts = range(0, len(prefix) - m, self.unit)
            start = starts[int(rng.integers(0, len(starts)))]
            return prefix[start : start + m]
        return tuple(int(letter) for letter in rng.integers(1, (self.keys or self.alphabet) + 1, m))

    def separating(self, one: Word, other: Word) -> Iterator[Word]:
        """Queries that are followed by different letters."""
        m = self.query_length
        tables = [{word[i : i + m]: word[i + m] for i in range(len(word) - m)} for word in (one, other)]
        for query in sorted({*tables[0], *tables[1]}):
            found = [table.get(query) for table in tables]
            known = self.convention == "total" or None not in found
            asked = self.keys is None or query[0] <= self.keys
            if found[0] != found[1] and known and asked:
                yield query

    # Closed forms

    def formula(self) -> Count | None:
        """By family."""
        families = {
            "distinct": self._distinct,
            "words": self._words,
            "key-value": self._key_value,
            "de-bruijn": self._de_bruijn,
        }
        return families[self.family]()

    def _distinct(self) -> Count:
        n, k, m = self.n, self.alphabet, self.query_length
        if n <= m:
            return Count(1, True, "1")
        if self.convention == "total":
            return Count(arrangements(k, n), True, "factorial(n)" if k == n else "factorial(k)/factorial(k - n)")
        attained = n == m + 1 or (m == 1 and k <= n + 1)
        formula = "factorial(n - m)" if k == n else "factorial(k - m)/factorial(k - n)"
        return Count(arrangements(k - m, n - m), attained, formula)

    def _words(self) -> Count | None:
        """All words: known where the words are long enough, or too short."""
        n, k, m = self.n, self.alphabet, self.query_length
        if n <= m:
            return Count(1, True, "1")
        if m > 1 or n < 2 * k - 1:
            return None
        if k > MOST_NODES_SUMMED:
            raise ResourceError(f"{self}: the sum over {k} letters is computed up to {MOST_NODES_SUMMED:,}")
        cyclic = "Sum(factorial({0})/factorial({0} - j)*{0}**({0} - j - 1), (j, 1, {0}))"
        if self.convention == "promise":
            return Count(_one_cycle(k), True, cyclic.format("k"))
        states = sum(math.comb(k, a) * ((k - a) * a ** (a - 1) + _one_cycle(a)) for a in range(1, k + 1))
        return Count(states, True, f"Sum(binomial(k, a)*((k - a)*a**(a - 1) + {cyclic.format('a')}), (a, 1, k))")

    def _key_value(self) -> Count:
        n, k, keys = self.n, self.alphabet, self.keys or 0
        if self.convention == "total":
            states = sum(math.comb(keys, j) * k**j for j in range(1, min(n, keys) + 1))
            return Count(states, True, "Sum(binomial(K, j)*k**j, (j, 1, Min(n, K)))")
        return Count(k ** min(n, keys), n >= keys or n == 1 or k == 1, "k**Min(n, K)")

    def _de_bruijn(self) -> Count:
        k, m = self.alphabet, self.query_length
        states = math.factorial(k) ** (k ** (m - 1))
        if self.convention == "total":
            return Count(states, True, "factorial(k)**(k**(m - 1))")
        return Count(states // k**m, True, "factorial(k)**(k**(m - 1))/k**m")

    # Fooling sets

    def described(self) -> str | None:
        """Permutations or rotations, where words of n of n different letters occur."""
        if self.family != "distinct" or not self.alphabet == self.n > self.query_length:
            return None
        if self.convention == "total":
            return "permutations"
        return "rotations" if self.query_length == 1 else None

    def fooling(self) -> Iterator[Word]:
        """By family; under *promise* of words that begin alike."""
        n, k, m = self.n, self.alphabet, self.query_length
        if self.family == "distinct":
            if n <= m:
                return iter([tuple(range(1, n + 1))])
            every: Iterator[Word] = itertools.permutations(range(1, k + 1), n)
            # Two words that begin alike differ first after a query that both have.
            begin = tuple(range(1, m + 1))
            return every if self.convention == "total" else (word for word in every if word[:m] == begin)
        if self.family == "de-bruijn":
            every = de_bruijn_words(k, m)
            if self.convention == "total":
                return every
            return itertools.takewhile(lambda word: set(word[:m]) == {1}, every)
        return self._assignments() if self.family == "key-value" else self._by_rows()

    def _assignments(self) -> Iterator[Word]:
        """One word for each assignment of values to keys that occurs; under promise to the first keys."""
        first = (self.keys or 0) + 1
        keys, values = range(1, first), range(first, first + self.alphabet)
        most = min(self.n, len(keys))
        for size in [most] if self.convention == "promise" else range(1, most + 1):
            for chosen in [keys[:size]] if self.convention == "promise" else itertools.combinations(keys, size):
                for assigned in itertools.product(values, repeat=size):
                    pairs = list(zip(chosen, assigned, strict=True))
                    yield tuple(letter for pair in [pairs[0]] * (self.n - size) + pairs for letter in pair)

    def _by_rows(self) -> Iterator[Word]:
        """All words: the first with each row; under promise those of a clique."""
        first: dict[bytes, Word] = {}
        for batch in prefix_batches(self):
            for word, row in zip(batch.tolist(), self.answer_rows(batch), strict=True):
                first.setdefault(row.tobytes(), tuple(word))
        words = [first[row] for row in sorted(first)]  # the order in which brute force takes the rows
        if self.convention == "promise":
            clique = least_classes(self.answer_rows(np.array(words))).clique
            words = [words[place] for place in sorted(clique)]
        return iter(words)

    def machine(self) -> Reader:
        """It keeps the table; for words of m + 1 different letters under promise, of which one query is asked, a rank.

        >>> from proofs_check.lower_bounds import scope_of
        >>> type(scope_of("associative-recall", 2, 5, "promise").machine()).__name__
        '_Ranks'
        """
        one_query = self.convention == "promise" and self.family == "distinct" and self.n == self.query_length + 1
        return _Ranks(self) if one_query else _Tables(self)


@registered(AssociativeRecall.name)
class RecallScope(_Followers):
    """The letter after the latest occurrence of a letter."""

    families = ("distinct", "words", "key-value")


@registered(CGram.name)
class CGramScope(_Followers):
    """The letter after the latest occurrence of c - 1 letters."""

    families = ("de-bruijn", "distinct", "words")
    has_c = True


def _one_cycle(a: int) -> int:
    """Functions from a named points to themselves whose graph is connected: 1, 3, 17, 142, 1569, ..."""
    return sum(math.perm(a, j) * int(a ** (a - j)) for j in range(1, a + 1)) // a


class _Tables(Reader):
    """What follows which query.

    While it reads it keeps the number of letters, the table, the last letters and the first ones; with
    the last letter of the prefix all but the table is forgotten, and under *promise* the table is
    extended to one that serves many prefixes.
    """

    def empty(self) -> State:
        return (0, (), ())

    def read(self, summary: Any, letter: int) -> State:
        count, table, letters = summary
        scope, m = self.scope, self.scope.query_length
        letters, count = (*letters, letter), count + 1
        if count > m and count % scope.unit == 0:
            known = dict(table)
            known[letters[-m - 1 : -1]] = letter
            table = tuple(sorted(known.items()))
        if count == scope.unit * scope.n:
            return table if scope.convention == "total" else self._extended(dict(table), letters)
        return (count, table, letters)

    def answer(self, summary: Any, query: Word) -> str:
        return str(dict(summary).get(query, NONE))

    def _extended(self, table: dict[Word, int], word: Word) -> Table:
        """A table that answers at least what this one does; as few different ones as the count says."""
        scope = self.scope
        n, k, m = scope.n, scope.alphabet, scope.query_length
        if scope.family == "key-value":
            fill = word[1] if n == 1 else (scope.keys or 0) + 1
            table = {(key,): table.get((key,), fill) for key in range(1, (scope.keys or 0) + 1)}
        elif n <= m:
            table = {}
        elif scope.family == "words":
            table = _connected(table, word[-2], k)
        elif scope.family == "de-bruijn":
            table = {**table, word[len(word) - m :]: word[m - 1]}
        else:  # recall of n different letters out of n or n + 1: close the circle
            circle = (*word, *(set(range(1, k + 1)) - set(word)))
            table = {(one,): following for one, following in zip(circle, (*circle[1:], circle[0]), strict=True)}
        return tuple(sorted(table.items()))


class _Ranks(Words):
    """Words of m + 1 different letters under promise: the rank of the last one among the k - m others."""

    def read(self, summary: Any, letter: int) -> State:
        word = (*summary, letter)
        return (self._others(word[:-1]).index(letter),) if len(word) == self.scope.n else word

    def answer(self, summary: Any, query: Word) -> str:
        return str(self._others(query)[summary[0]])

    def _others(self, letters: Word) -> list[int]:
        return [letter for letter in range(1, self.scope.alphabet + 1) if letter not in letters]


def _connected(table: dict[Word, int], root: int, k: int) -> dict[Word, int]:
    """A function on all k letters whose graph is connected.

    From every letter of the table the path leads to ``root``, the letter before the last one. So it is
    enough to send every other letter to it, the last one among them if it never occurred before.
    """
    return {(letter,): table.get((letter,), root) for letter in range(1, k + 1)}
