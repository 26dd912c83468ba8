"""What the tests of ``refute`` have in common."""

from pathlib import Path
from typing import Any

from constructions.tasks import NONE, task
from proofs_check.lower_bounds import Budget, Refutation, Scope, scope_of

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples" / "small_states.py"

QUICK = Budget(calls=100_000, seconds=20)


def confirmed(found: Refutation, scope: Scope) -> Refutation:
    """The report agrees with the task's own parser and reference, written elsewhere."""
    assert found.verdict == "REFUTED"
    assert any(replay.wrong for replay in found.answers)
    assert len(found.answers) == len(found.prefixes)
    for prefix, replay in zip(found.prefixes, found.answers, strict=True):
        assert replay.input == f"{prefix} ? {found.query}".strip()
        if scope.task != "istree" and scope.keys is None:
            reference = task(scope.task, scope.c or 3)
            assert reference.answer(reference.parse(replay.input)) == replay.expected
            assert scope.convention == "total" or replay.expected != NONE
    return found


RIGHT = [
    scope_of("index", 4, 2), scope_of("counting", 3), scope_of("associative-recall", 4),
    scope_of("associative-recall", 4, None, "promise"), scope_of("associative-recall", 5, 3),
    scope_of("associative-recall", 2, 2, keys=2), scope_of("c-gram", 10, 3, c=3), scope_of("c-gram", 4, c=3),
    scope_of("c-gram", 10, 2, "promise", c=4), scope_of("istree", 3, None, "promise"),
]  # fmt: skip


class Base:
    """Index, right; the tests break it in one place."""

    def __init__(self, n: int, alphabet: int) -> None:
        self.n, self.alphabet = n, alphabet

    def initial(self) -> Any:
        return ()

    def step(self, state: Any, token: str) -> Any:
        return (*state, token)

    def output(self, state: Any) -> Any:
        return state[int(state[-1]) - 1]
