"""States for a task of one's own: how many sequences must be told apart, by listing what can be asked after each."""

from typing import Any

from constructions.errors import ResourceError, in_words
from constructions.tasks import Task
from proofs_check.lower_bounds._counts import Count

_MOST_ANSWERS = 2_000_000


def count_rows(task: Task[Any], n: int, alphabet: int | None = None) -> Count:
    """How many states a machine needs that reads a sequence of length n once and then is asked anything.

    Without queries, what may be asked is any continuation of up to n letters. Two sequences may share a state only if
    no question has different answers after them. If everything may be asked after every sequence, the number of
    different rows of answers is exact: a machine may keep the row. Else it is a lower bound: so many sequences were
    found of which no two may share a state.

    Raises:
        InputError: if the task asks nothing after a sequence.
        ResourceError: if there are too many sequences to list.
    """
    rows: dict[tuple[str | None, ...], None] = {}
    answers = 0
    for row in task.rows(n, alphabet):
        rows[row] = None
        answers += len(row)
        if answers > _MOST_ANSWERS:
            raise ResourceError(f"n = {in_words(n)}: more than {_MOST_ANSWERS:,} answers, too many to list")
    if all(answer is not None for row in rows for answer in row):
        return Count(len(rows), True, "the number of different rows of answers, listed")
    kept: list[tuple[str | None, ...]] = []
    for row in rows:
        if all(_conflict(row, other) for other in kept):
            kept.append(row)
    return Count(len(kept), False, "sequences of which no two may share a state, found one after the other")


def _conflict(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> bool:
    """Whether some question has two answers."""
    return any(x is not None and y is not None and x != y for x, y in zip(one, other, strict=True))
