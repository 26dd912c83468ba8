"""What a count is about: a task, a family of prefixes, and how an undefined query is read."""

from dataclasses import dataclass
from typing import Literal, get_args

from constructions.errors import InputError, did_you_mean, unknown
from constructions.tasks import RETRIEVAL_TASKS, AssociativeRecall, CGram, IsTree, RetrievalTask, retrieval_task
from proofs_check.kernel._reference import TASKS

Convention = Literal["total", "promise"]
"""*total*: the answer to an undefined query is NONE. *promise*: undefined queries do not occur."""

CONVENTIONS: tuple[Convention, ...] = get_args(Convention)

Family = Literal["words", "distinct", "de-bruijn", "key-value", "edge-lists"]
"""The prefixes that occur; :data:`FAMILIES` describes them."""

Repeats = Literal["no", "ignored"]
"""IsTree under *total*: a repeated edge means that the answer is NO, or it is ignored."""

FAMILIES: dict[str, str] = {
    "words": "all words of length n over 1 .. k",
    "distinct": "words of n different letters of 1 .. k",
    "de-bruijn": "words of length n = k^m + m - 1 in which each of the k^m words of m = c - 1 letters occurs once",
    "key-value": "n pairs of a key (K of them) and a value (k of them), written one after the other",
    "edge-lists": "lists of edges between n nodes",
}

_OFFERED: dict[str, tuple[str, ...]] = {
    "index": ("words",),
    "counting": ("words",),
    "associative-recall": ("distinct", "words", "key-value"),
    "c-gram": ("de-bruijn", "distinct", "words"),
    "istree": ("edge-lists",),
}


@dataclass(frozen=True)
class Scope:
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

    @property
    def query_length(self) -> int:
        """How many letters a query of associative recall or c-gram has (m in formulas)."""
        return 1 if self.c is None else self.c - 1

    @property
    def may_err(self) -> bool:
        """Whether bounds for machines that err are known."""
        return self.task == "index"

    @property
    def reference(self) -> RetrievalTask:
        """The task that gives the right answers; not for istree."""
        return retrieval_task(self.task, self.c or 3)

    def __str__(self) -> str:
        sizes = f"n = {self.n}, k = {self.alphabet}"
        if self.task == IsTree.name:
            repeats = {"no": ", a repeated edge means NO", "ignored": ", repeated edges ignored", None: ""}
            return f"istree on {self.n} nodes, {self.convention}{repeats[self.repeats]}"
        extra = f", c = {self.c}" if self.c is not None else f", K = {self.keys}" if self.keys is not None else ""
        return f"{self.task}, {sizes}{extra}, {self.convention}, prefixes: {FAMILIES[self.family]}"


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
    if task not in TASKS:
        raise unknown("task", task, TASKS)
    if convention not in get_args(Convention):
        raise unknown("convention", convention, get_args(Convention))
    letters = n if alphabet is None else alphabet
    least = 2 if task == IsTree.name else 1
    if n < least:
        raise InputError(f"n = {n}: expected at least {least} for {task}")
    if letters < 1:
        raise InputError(f"alphabet = {letters}: expected at least 1 letter")
    if task == IsTree.name and letters != n:
        raise InputError(f"alphabet = {letters}: the letters of istree are its n = {n} nodes; leave it out")
    c = _checked_c(task, c)
    chosen = _default_family(task, n, letters, c, keys) if family is None else family
    if chosen not in _OFFERED[task]:
        near = did_you_mean(chosen, _OFFERED[task])
        raise InputError(f"family {family!r} does not fit {task}; {near}expected {' or '.join(_OFFERED[task])}")
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
    return Scope(
        task,
        n,
        letters,
        convention,  # type: ignore[arg-type]
        chosen,  # type: ignore[arg-type]
        c,
        keys,
        _checked_repeats(task, convention, repeats),
    )


def de_bruijn_length(k: int, m: int) -> int:
    """The length k^m + m - 1 of a word in which each word of m letters over 1 .. k occurs once."""
    return int(k**m) + m - 1


def _checked_c(task: str, c: int | None) -> int | None:
    if task != CGram.name:
        if c is not None and c != 3:  # 3 is what callers pass who have one default for all tasks
            raise InputError(f"c = {c} is given, but only {CGram.name} has a c")
        return None
    return CGram(3 if c is None else c).c


def _checked_repeats(task: str, convention: str, repeats: str | None) -> Repeats | None:
    if task != IsTree.name or convention == "promise":
        if repeats is not None:
            raise InputError(f"repeats = {repeats!r} is given, but only istree under total reads repeated edges")
        return None
    if repeats not in (None, "no", "ignored"):
        raise InputError(f"repeats = {repeats!r}: expected no (a repeated edge means NO) or ignored")
    return "ignored" if repeats == "ignored" else "no"


def _default_family(task: str, n: int, letters: int, c: int | None, keys: int | None) -> str:
    if task not in (AssociativeRecall.name, CGram.name):
        return "edge-lists" if task not in RETRIEVAL_TASKS else "words"
    if keys is not None:
        return "key-value"
    if letters >= n:
        return "distinct"
    return "de-bruijn" if c is not None and n == de_bruijn_length(letters, c - 1) else "words"
