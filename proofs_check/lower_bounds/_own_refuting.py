"""The adversary for a task of one's own: all words of a length, each with every query, until an answer is wrong."""

import contextlib
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from constructions.errors import InputError
from constructions.tasks import Task, Word
from proofs_check.lower_bounds._keys import NoKeyError, state_key
from proofs_check.lower_bounds._refuting import Refutation, require_runnable
from proofs_check.lower_bounds._running import (
    Budget,
    OutOfCallsError,
    Replay,
    Runner,
    TimeUpError,
    model_of,
    time_limit,
)
from proofs_check.lower_bounds._scope import Scope


def refute_own(
    factory: Callable[..., Any],
    task: Task[Any],
    n: int,
    alphabet: int | None = None,
    *,
    max_cot: int = 1000,
    budget: Budget | None = None,
) -> Refutation:
    """Look for a word of length n on which a model fails, in the order of the words.

    The model reads the letters of the word, and then, if the task has queries, a question mark and the query; its
    answer is the first token that is an answer to some word of this length. If an earlier word left the model in the
    same state and has another answer, both are reported, for one of them must be wrong.

    Args:
        factory: as for :func:`refute`.
        task: made of a function.
        n: the length of the words.
        alphabet: for letters that are numbers, how many there are; n unless given.
        max_cot: the most tokens that may be written before the answer.
        budget: what may be spent.

    Raises:
        InputError: if the task is not made of a function, or the factory gives no model.
        ResourceError: if n or the number of letters is too large.
    """
    require_runnable(n=n, alphabet=alphabet)
    if not all(hasattr(next(task.enumerate(n, alphabet), None), part) for part in ("sequence", "query")):
        raise InputError(
            f"the task {task.name} has no words of length {n} with queries; it is no FunctionTask, perhaps"
        )
    budget = budget or Budget()
    # A runner is made for a scope, of which only the sizes are read here.
    sizes = SimpleNamespace(n=n, alphabet=alphabet or task.letters(n) or len(getattr(task, "own", None) or ()))
    scope = cast(Scope, sizes)
    with contextlib.redirect_stdout(sys.stderr):
        adversary: _Own | None = None
        try:
            with time_limit(budget.seconds):
                adversary = _Own(model_of(factory, scope), scope, task, alphabet, max_cot, budget)
                return adversary.search()
        except (TimeUpError, OutOfCallsError):
            inputs = adversary.inputs if adversary is not None else 0
            words = f"not refuted within {budget.calls:,} calls and {budget.seconds:g} seconds"
            return Refutation("INCOMPLETE", (), None, (), inputs, inputs, words)


class _Own(Runner):
    def __init__(
        self, model: Any, scope: Scope, task: Task[Any], alphabet: int | None, max_cot: int, budget: Budget
    ) -> None:
        super().__init__(model, scope, max_cot, budget, None)
        self._task, self._letters = task, alphabet
        self._answers: frozenset[str] = frozenset()
        self._seen: dict[tuple[bytes, tuple[str | int, ...]], Word] = {}

    def is_answer(self, token: str) -> bool:
        """Whether some word of this length has this answer."""
        return token in self._answers

    def search(self) -> Refutation:
        """All words; the first that is answered wrongly."""
        task, n = self._task, self.scope.n
        self._answers = frozenset(task.answer(word) for word in task.enumerate(n, self._letters))
        for word in task.enumerate(n, self._letters):
            earlier = self._merged(word)
            replay = self._replayed(word)
            if earlier is not None and task.answer(earlier) != task.answer(word):
                both = (self._replayed(earlier), replay)
                return self._refuted((earlier, word), both, "two words leave the model in the same state")
            if replay.wrong:
                return self._refuted((word,), (replay,), "a word is answered wrongly")
        words = f"all {self.inputs:,} inputs of this size were run, and every answer is right"
        return Refutation("VERIFIED", (), None, (), self.inputs, self.inputs, words)

    def _merged(self, word: Word) -> Word | None:
        """The first word with this query that left the model in the same state."""
        try:
            key = state_key(self.read_all([str(letter) for letter in word.sequence]))
        except OutOfCallsError:
            raise
        except (NoKeyError, Exception, SystemExit):
            return None
        earlier = self._seen.setdefault((key, word.query), word)
        return None if earlier is word else earlier

    def _replayed(self, word: Word) -> Replay:
        return self.replayed(self._task.text(word).split(), self._task.answer(word))

    def _refuted(self, words: tuple[Word, ...], replays: tuple[Replay, ...], reason: str) -> Refutation:
        prefixes = tuple(" ".join(map(str, word.sequence)) for word in words)
        query = " ".join(map(str, words[0].query)) or None
        return Refutation("REFUTED", prefixes, query, replays, self.inputs, self.inputs, reason)
