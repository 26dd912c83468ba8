"""The picture that is drawn beside a transcript, by task."""

from collections.abc import Callable, Sequence
from typing import Any

from constructions.tasks import Task
from constructions.worked_examples._data import Token, Walk
from constructions.worked_examples._walks import walk_of

PICTURES: dict[str, Callable[[Any, Sequence[Token]], Walk | None]] = {"graph": walk_of}
"""How a picture is found from an instance and the tokens, by what a task reads; a task without an entry has none.

Another kind of picture is a class beside :class:`Walk`, an entry here, and its part of the templates. The tape of a
machine is a table, not a picture: see :mod:`constructions.worked_examples._tapes`.
"""


def picture_of(task: Task[Any], instance: Any, tokens: Sequence[Token]) -> Walk | None:
    """The picture, None if this task has none."""
    return PICTURES[task.reader](instance, tokens) if task.reader in PICTURES else None
