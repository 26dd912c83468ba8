"""What is drawn beside a transcript, by task."""

from collections.abc import Callable, Sequence
from typing import Any

from constructions.tasks import IsTree, Task
from constructions.worked_examples._data import Token, Walk
from constructions.worked_examples._walks import walk_of

PICTURES: dict[type[Task[Any]], Callable[[Any, Sequence[Token]], Walk | None]] = {IsTree: walk_of}
"""How the picture of a task is found, from an instance and the tokens; a task without an entry has none.

Another kind of picture is a class beside :class:`Walk`, an entry here, and its part of the templates. The tape of a
machine is a table, not a picture: see :mod:`constructions.worked_examples._tapes`.
"""


def picture_of(task: Task[Any], instance: Any, tokens: Sequence[Token]) -> Walk | None:
    """The picture, None if this task has none."""
    return next((make(instance, tokens) for kind, make in PICTURES.items() if isinstance(task, kind)), None)
