"""How many inputs exhaustive evidence over 3 letters runs."""

from typing import Any

from constructions.tasks import Task


def small_inputs(task: Task[Any], largest: int) -> int:
    """Sequences of up to ``largest`` of 3 letters, and for the models of size 1 and 2 all that they read themselves."""
    by_three_letters = sum(task.count(n, 3) for n in range(1, largest + 1))
    return by_three_letters + sum(task.count(n, size) for size in (1, 2) for n in range(1, size + 1))
