"""The tasks by name."""

from collections.abc import Callable
from typing import Any

from constructions.errors import InputError, unknown
from constructions.tasks._completion import AssociativeRecall, CGram
from constructions.tasks._counting import Counting
from constructions.tasks._index import Index
from constructions.tasks._istree import IsTree
from constructions.tasks._retrieval import SEPARATOR, RetrievalTask
from constructions.tasks._task import Task

RETRIEVAL_TASKS = (Index.name, AssociativeRecall.name, CGram.name, Counting.name)
"""The names of the four tasks that ask about a sequence."""

TASKS: dict[str, Callable[..., Task[Any]]] = {
    kind.name: kind for kind in (Index, AssociativeRecall, CGram, Counting, IsTree)
}
"""What makes each task, by its name; those that the files of theorems bring are added by :func:`register`."""

NEIGHBOUR_TASKS: dict[str, Callable[..., Task[Any]]] = {}
"""What makes each task of the theorems of other papers, by its name."""


def register(made: Task[Any], *, apart: bool = False) -> None:
    """Add a task that a theorem's file brings; ``apart`` if it is a neighbour's.

    Raises:
        InputError: if another task has its name.
    """
    if made.name in TASKS | NEIGHBOUR_TASKS:
        raise InputError(f"two tasks are called {made.name!r}")
    (NEIGHBOUR_TASKS if apart else TASKS)[made.name] = lambda: made


def retrieval_task(name: str, c: int = 3) -> RetrievalTask:
    """The retrieval task with this name; ``c`` matters to c-gram only.

    Raises:
        InputError: if there is no such task, or c is not one of 2 .. 5.
    """
    found = task(name, c) if name in RETRIEVAL_TASKS else None
    if not isinstance(found, RetrievalTask):
        raise unknown("retrieval task", name, RETRIEVAL_TASKS)
    return found


def task(name: str, c: int = 3) -> Task[Any]:
    """The task with this name; ``c`` matters to c-gram only.

    Raises:
        InputError: if there is no such task, or c is not one of 2 .. 5.

    >>> task("c-gram", c=4).text_form
    '3 1 4 1 5 ? 1 4 1'
    """
    every = TASKS | NEIGHBOUR_TASKS
    if name not in every:
        raise unknown("task", name, every)
    return CGram(c) if name == CGram.name else every[name]()


def task_of_text(name: str, text: str) -> Task[Any]:
    """The task with this name that can read ``text``: for c-gram, c is one more than the query is long.

    Raises:
        InputError: if there is no such task, or the query has no or more than 4 tokens.

    >>> task_of_text("c-gram", "3 1 4 1 5 ? 1 4")
    CGram(3)
    """
    if name != CGram.name:
        return task(name)
    _, separator, query = text.rpartition(SEPARATOR)
    length = len(query.split()) if separator else 2
    if not 1 <= length <= 4:
        raise InputError(
            f"the query of c-gram has {length} tokens, expected c - 1 with c from 2 to 5; "
            f"{CGram.name} is written like `{CGram(3).text_form}`"
        )
    return CGram(length + 1)
