"""The tasks by name."""

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

TASKS = (*RETRIEVAL_TASKS, IsTree.name)
"""The names of all tasks."""


def retrieval_task(name: str, c: int = 3) -> RetrievalTask:
    """The retrieval task with this name; ``c`` matters to c-gram only.

    Raises:
        InputError: if there is no such task, or c is not one of 2 .. 5.
    """
    if name == CGram.name:
        return CGram(c)
    for kind in (Index, AssociativeRecall, Counting):
        if name == kind.name:
            return kind()
    raise unknown("retrieval task", name, RETRIEVAL_TASKS)


def task(name: str, c: int = 3) -> Task[Any]:
    """The task with this name; ``c`` matters to c-gram only.

    Raises:
        InputError: if there is no such task, or c is not one of 2 .. 5.

    >>> task("c-gram", c=4).text_form
    '3 1 4 1 5 ? 1 4 1'
    """
    if name not in TASKS:
        raise unknown("task", name, TASKS)
    return IsTree() if name == IsTree.name else retrieval_task(name, c)


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
