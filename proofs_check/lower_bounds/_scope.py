"""What a count is about: a task, a family of prefixes, and how an undefined query is read.

What lower bounds need to know about a task, its scope says: there is a subclass of :class:`Scope` for each task, in
``_tasks``, and nothing else asks which task it is.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, get_args

import numpy as np
import numpy.typing as npt

from constructions.errors import InputError, did_you_mean, unknown
from constructions.tasks import AssociativeRecall, CGram
from proofs_check.kernel._reference import TASKS

if TYPE_CHECKING:
    from proofs_check.lower_bounds._counts import Count, Counted
    from proofs_check.lower_bounds._machines import Machine

Convention = Literal["total", "promise"]
"""*total*: the answer to an undefined query is NONE. *promise*: undefined queries do not occur."""

CONVENTIONS: tuple[Convention, ...] = get_args(Convention)

Family = Literal["words", "distinct", "de-bruijn", "key-value", "edge-lists", "assignments", "row"]
"""The prefixes that occur; :data:`FAMILIES` describes them."""

Repeats = Literal["no", "ignored"]
"""IsTree under *total*: a repeated edge means that the answer is NO, or it is ignored."""

FAMILIES: dict[str, str] = {
    "words": "all words of length n over 1 .. k",
    "distinct": "words of n different letters of 1 .. k",
    "de-bruijn": "words of length n = k^m + m - 1 in which each of the k^m words of m = c - 1 letters occurs once",
    "key-value": "n pairs of a key (K of them) and a value (k of them), written one after the other",
    "edge-lists": "lists of edges between n nodes",
    "assignments": "the keys 1 .. n in order, each before one of k values",
    "row": "n points in a row, each with one of k labels",
}

Word = tuple[int, ...]
"""Letters; for istree the ends of the edges, two by two."""

Rows = npt.NDArray[Any]
"""Unsigned integers, shape [prefixes, queries]: 0 where a query is undefined, else a code of the answer."""


@dataclass(frozen=True)
class Scope(ABC):
    """A task with its sizes and conventions; made by :func:`scope_of`, which checks them.

    Attributes:
        task: the task's name.
        n: the length of the prefix in letters; in pairs for key-value; the number of nodes for istree.
        alphabet: the number k of letters; of values for key-value; n for istree.
        convention: how an undefined query is read.
        family: which prefixes occur.
        c: for c-gram, else None.
        keys: the number K of keys for key-value, else None.
        repeats: for istree under *total*, else None.
    """

    task: str
    n: int
    alphabet: int
    convention: Convention
    family: Family
    c: int | None = None
    keys: int | None = None
    repeats: Repeats | None = None

    families: ClassVar[tuple[Family, ...]]
    """Those that fit the task."""
    conventions: ClassVar[tuple[Convention, ...]] = CONVENTIONS
    """Those that fit it: one where no query is undefined."""
    listed_exactly: ClassVar[bool] = False
    """Whether ``certify`` writes that the number of states is exact, which takes a kernel of version 2."""
    least: ClassVar[int] = 1
    """The least n."""
    may_err: ClassVar[bool] = False
    """Whether bounds for machines that err are known."""
    one_token: ClassVar[bool] = True
    """Whether an answer is one token, as the adversary expects."""
    has_c: ClassVar[bool] = False
    """Whether the task is one for each c."""
    has_words: ClassVar[bool] = False
    """Whether all tokens of the task are letters, for which words may stand."""
    unseen: ClassVar[str] = ""
    """What is assumed of machines, if prefixes have different lengths."""
    how_attained: ClassVar[str] = "machines with exactly so many states are right on all prefixes and queries"
    """How a claim is checked that so many states are enough."""

    @property
    def query_length(self) -> int:
        """How many letters a query of associative recall or c-gram has (m in formulas)."""
        return 1 if self.c is None else self.c - 1

    @property
    def unit(self) -> int:
        """How many letters of a prefix belong together."""
        return 1

    @property
    def sizes(self) -> tuple[int, int]:
        """n and the number of letters, as certificates count them."""
        return self.n, self.alphabet

    def __str__(self) -> str:
        extra = f", c = {self.c}" if self.c is not None else f", K = {self.keys}" if self.keys is not None else ""
        sizes = f"n = {self.n}, k = {self.alphabet}{extra}"
        return f"{self.task}, {sizes}, {self.convention}, prefixes: {FAMILIES[self.family]}"

    # What may be asked for, before there is a scope

    @classmethod
    def checked_repeats(cls, convention: str, repeats: str | None) -> Repeats | None:
        """How repeated edges are read; None if the task has none, and InputError if they are asked for then."""
        if repeats is not None:
            raise InputError(f"repeats = {repeats!r} is given, but only istree under total reads repeated edges")
        return None

    @classmethod
    def checked_letters(cls, n: int, alphabet: int | None) -> int:
        """How many letters are meant: n unless another number is given, which is at least 1, or InputError."""
        letters = n if alphabet is None else alphabet
        if letters < 1:
            raise InputError(f"alphabet = {letters}: expected at least 1 letter")
        return letters

    @classmethod
    def default_family(cls, n: int, letters: int, c: int | None, keys: int | None) -> Family:
        """The prefixes that are meant where none are named."""
        return cls.families[0]

    # Inputs

    def text(self, word: Word) -> list[str]:
        """The tokens of a prefix or a query."""
        return list(map(str, word))

    @abstractmethod
    def prefixes(self) -> Iterator[Word]:
        """Every prefix."""

    @abstractmethod
    def inputs(self) -> Iterator[tuple[Word, Word]]:
        """Every legal pair of prefix and query."""

    @property
    @abstractmethod
    def input_count(self) -> int | None:
        """How many pairs of prefix and query there are at most; None if they have no end."""

    @abstractmethod
    def answer(self, prefix: Word, query: Word) -> str | None:
        """The right answer; None if the convention does not let this input occur."""

    @abstractmethod
    def is_answer(self, token: str) -> bool:
        """Whether a token is an answer; every other one is chain of thought."""

    # Where the adversary looks

    @abstractmethod
    def candidates(self, rng: np.random.Generator) -> Iterator[Word]:
        """Prefixes without end: extreme ones, then random ones, each with neighbours that differ early."""

    @abstractmethod
    def random_query(self, prefix: Word, rng: np.random.Generator) -> Word:
        """A query about a prefix; more often than not one that is defined and not trivial."""

    @abstractmethod
    def separating(self, one: Word, other: Word) -> Iterator[Word]:
        """Queries that are legal after both prefixes and have different answers."""

    @abstractmethod
    def occurs(self, prefix: Word) -> bool:
        """Whether a prefix made of one of the family by small changes belongs to it as well."""

    def shorter(self, prefixes: tuple[Word, ...], query: Word) -> Iterator[tuple[tuple[Word, ...], Word]]:
        """Inputs with a shorter prefix or query, if there are."""
        return iter(())

    def letters_asked(self, query: Word) -> int:
        """How many numbers at the beginning of a query are letters; the others are places and thresholds."""
        return len(query)

    def query_range(self, place: int) -> range:
        """What may stand at a place of a query; empty if the parts of queries depend on each other."""
        return range(1, (self.keys or self.alphabet) + 1)

    # Numbers of states, and what supports them

    @abstractmethod
    def formula(self) -> "Count | None":
        """The least number of states in closed form; None where none is known."""

    @abstractmethod
    def listed_states(self) -> "Counted | None":
        """The least number of states by listing what machines must tell apart; None if :meth:`table` must tell."""

    @abstractmethod
    def table(self) -> Rows:
        """The different rows of answers, 0 for undefined."""

    @abstractmethod
    def described(self) -> str | None:
        """The fooling set's name, if the kernel lists it itself."""

    def everything(self) -> str | None:
        """The name that the kernel has for all prefixes, if the number of states is that of different rows."""
        return None

    @abstractmethod
    def fooling(self) -> Iterator[Word]:
        """The prefixes of a fooling set."""

    @abstractmethod
    def machine(self) -> "Machine":
        """A machine with the least number of states, where that number is known."""

    @abstractmethod
    def attained(self) -> int:
        """How many states were seen to be enough, at a size where all inputs can be run."""

    # For a solver, under *total* NONE is an answer like any other

    @abstractmethod
    def problem(self) -> tuple[list[Word], Rows]:
        """Prefixes, one at least for each class of those that mean the same, and the row of answers after each."""

    @abstractmethod
    def representative(self, prefix: Word) -> Word:
        """The prefix of :meth:`problem` that means the same."""

    def ends(self, prefix: Word) -> bool:
        """Whether no letter can follow."""
        return False

    @abstractmethod
    def column(self, query: Word) -> int | None:
        """The column of a query in the rows of :meth:`problem`; None if its answer is that of code 0."""

    @abstractmethod
    def token(self, code: int) -> str:
        """The answer that an entry of the rows of :meth:`problem` stands for."""


KINDS: dict[str, type[Scope]] = {}
"""What lower bounds know about each task, by its name; the files in ``_tasks`` register themselves."""

_Kind = TypeVar("_Kind", bound=type[Scope])


def registered(*names: str) -> Callable[[_Kind], _Kind]:
    """A decorator for the scopes of the tasks with these names."""

    def register(kind: _Kind) -> _Kind:
        KINDS.update(dict.fromkeys(names, kind))
        return kind

    return register


def scope_of(
    task: str,
    n: int,
    alphabet: int | None = None,
    convention: str = "total",
    *,
    c: int | None = None,
    family: str | None = None,
    keys: int | None = None,
    repeats: str | None = None,
) -> Scope:
    """A checked :class:`Scope`; what is left out is chosen as the lower bounds of the theorems need it.

    Associative recall and c-gram are about n different letters if the alphabet has n letters or more;
    with fewer, c-gram is about linear de Bruijn words where n allows them, and both about all words.

    Raises:
        InputError: naming the parameter that is out of range or does not fit the task.

    >>> scope_of("associative-recall", 4).family, scope_of("associative-recall", 4, 2).family
    ('distinct', 'words')
    """
    if task not in KINDS:
        raise unknown("task", task, (*TASKS, *(name for name in KINDS if name not in TASKS)))
    if convention not in CONVENTIONS:
        raise unknown("convention", convention, CONVENTIONS)
    kind = KINDS[task]
    if convention not in kind.conventions:
        raise InputError(f"convention {convention!r}: no query of {task} is undefined; leave the convention out")
    if n < kind.least:
        raise InputError(f"n = {n}: expected at least {kind.least} for {task}")
    letters, c = kind.checked_letters(n, alphabet), _checked_c(kind, c)
    chosen = kind.default_family(n, letters, c, keys) if family is None else family
    if chosen not in kind.families:
        near = did_you_mean(chosen, kind.families)
        raise InputError(f"family {family!r} does not fit {task}; {near}expected {' or '.join(kind.families)}")
    if keys is not None and chosen != "key-value":
        raise InputError(f"keys = {keys} is given, but only the family key-value of {AssociativeRecall.name} has keys")
    if chosen == "key-value":
        keys = n if keys is None else keys
        if keys < 1:
            raise InputError(f"keys = {keys}: expected at least 1 key")
    if chosen == "distinct" and letters < n:
        raise InputError(f"n = {n} different letters do not exist in an alphabet of {letters}")
    if chosen == "de-bruijn" and c is not None and n != de_bruijn_length(letters, c - 1):
        raise InputError(
            f"n = {n}: words with each of the {letters}^{c - 1} queries once have the length "
            f"k^m + m - 1 = {de_bruijn_length(letters, c - 1)} for k = {letters}, m = {c - 1}"
        )
    repeated = kind.checked_repeats(convention, repeats)
    return kind(task, n, letters, convention, chosen, c, keys, repeated)


def _checked_c(kind: type[Scope], c: int | None) -> int | None:
    if kind.has_c:
        return CGram(3 if c is None else c).c
    if c is not None and c != 3:  # 3 is what callers pass who have one default for all tasks
        raise InputError(f"c = {c} is given, but only {CGram.name} has a c")
    return None


def de_bruijn_length(k: int, m: int) -> int:
    """The length k^m + m - 1 of a word in which each word of m letters over 1 .. k occurs once."""
    return int(k**m) + m - 1
