"""What lower bounds know about the retrieval tasks together: words of letters, and queries about them."""

import functools
from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from constructions.tasks import NONE, RetrievalTask, retrieval_task
from proofs_check.lower_bounds._candidates import candidate_words
from proofs_check.lower_bounds._counts import Counted
from proofs_check.lower_bounds._machines import check_machine
from proofs_check.lower_bounds._prefixes import Letters, all_prefixes, prefix_count, words_of
from proofs_check.lower_bounds._rows import distinct_row_set, row_matrix
from proofs_check.lower_bounds._scope import Rows, Scope, Word


class SameLength(Scope):
    """All prefixes are of one length, and each stands for itself."""

    def representative(self, prefix: Word) -> Word:
        """The prefix itself."""
        return prefix

    def ends(self, prefix: Word) -> bool:
        """Whether it is as long as all prefixes are."""
        return len(prefix) == self.unit * self.n


class Sequences(SameLength):
    """A prefix is a word of letters; a query is a few numbers, each of which may be asked after each prefix."""

    can_fail: ClassVar[bool] = False
    """Whether some query is undefined after some prefix; if not, the two conventions are the same."""

    @property
    def reference(self) -> RetrievalTask:
        """The task that gives the right answers."""
        return retrieval_task(self.task, self.c or 3)

    @functools.cached_property
    def _asked(self) -> tuple[RetrievalTask, list[Word]]:
        """The reference and all queries: they are the same after every prefix."""
        return self.reference, self.queries()

    @abstractmethod
    def queries(self) -> list[Word]:
        """The queries, in the order of the columns of :meth:`answer_rows`."""

    @abstractmethod
    def answer_rows(self, prefixes: Letters) -> Rows:
        """The answers after each of the prefixes, shape [B, Q], in the least unsigned type that holds them.

        Written apart from the tasks' references and tested against them.
        """

    def answer_token(self, code: int) -> str:
        """The answer that an entry of :meth:`answer_rows` stands for."""
        return NONE if code == 0 else str(code)

    def prefixes(self) -> Iterator[Word]:
        """The words of the family, in lexicographic order."""
        return words_of(self)

    def inputs(self) -> Iterator[tuple[Word, Word]]:
        """Every prefix with every query that is legal after it."""
        queries = self.queries()
        for prefix in self.prefixes():
            for query in queries:
                if self.convention == "total" or self.answer(prefix, query) is not None:
                    yield prefix, query

    @property
    def input_count(self) -> int:
        """The number of prefixes times that of queries."""
        return prefix_count(self) * self.reference.query_count(self.n, self.keys or self.alphabet)

    def answers(self, prefix: Word) -> list[str]:
        """The reference's answers to all queries."""
        task, queries = self._asked
        return task.answers(prefix, queries)

    def everything(self) -> str | None:
        """All words, or all orders of n of n letters, where no query is undefined."""
        if self.can_fail and self.convention == "promise":
            return None
        names: dict[str, str] = {"words": "words"} | ({"distinct": "permutations"} if self.alphabet == self.n else {})
        return names.get(self.family)

    def answer(self, prefix: Word, query: Word) -> str | None:
        """The reference's answer."""
        found = self.reference.answers(prefix, [query])[0]
        return None if self.convention == "promise" and found == NONE else found

    def is_answer(self, token: str) -> bool:
        """A letter, or NONE."""
        return token == NONE or (token.isascii() and token.isdecimal())

    def candidates(self, rng: np.random.Generator) -> Iterator[Word]:
        """Words of the family."""
        return candidate_words(self, rng)

    def occurs(self, prefix: Word) -> bool:
        """Whether its letters are as the family wants them."""
        if self.family == "distinct":
            return len(set(prefix)) == len(prefix)
        if self.family == "key-value":
            return all((letter <= (self.keys or 0)) == (place % 2 == 0) for place, letter in enumerate(prefix))
        if self.family == "de-bruijn":
            m = self.query_length
            return len({prefix[i : i + m] for i in range(len(prefix) - m + 1)}) == len(prefix) - m + 1
        return True

    def listed_states(self) -> Counted | None:
        """Under *total* two prefixes may share a state exactly if their rows are the same."""
        if self.convention == "promise" and self.can_fail:
            return None
        found = len(distinct_row_set(self))
        return Counted(found, found, "different rows")

    def table(self) -> Rows:
        """The rows of all prefixes."""
        return row_matrix(self, distinct_row_set(self))

    def fooling(self) -> Iterator[Word]:
        """None is listed here: the kernel knows the family by its name."""
        raise NotImplementedError(self.task)

    def attained(self) -> int:
        """The states of the least machine, which is run on all inputs."""
        return check_machine(self, self.machine())

    @property
    def _shift(self) -> int:
        return int(self.convention == "total")

    def problem(self) -> tuple[list[Word], Rows]:
        """All words, in lexicographic order."""
        words = all_prefixes(self)
        return words, self.answer_rows(np.array(words)).astype(np.int64) + self._shift

    def column(self, query: Word) -> int:
        """The place of the query among all."""
        return self.queries().index(query)

    def token(self, code: int) -> str:
        """The token of an answer."""
        return self.answer_token(code - self._shift)
