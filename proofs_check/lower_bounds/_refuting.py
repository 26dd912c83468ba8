"""The adversary: finds the input on which a model with too few states is wrong.

After two prefixes that leave a model in the same state it writes the same, whatever the query is. If the
right answers to some query differ, one of the two is wrong. So the adversary reads many prefixes, looks
for equal states, and runs both inputs from the start; whatever it reports was run in full.

States of floating-point numbers are hardly ever equal, however few bits would do. So a few inputs are run before, and
half of what may be spent is for running inputs.
"""

import contextlib
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.errors import InputError
from constructions.tasks import SEPARATOR
from proofs_check.lower_bounds._keys import NoKeyError, state_key
from proofs_check.lower_bounds._randomised import unlikely
from proofs_check.lower_bounds._running import (
    Budget,
    OutOfCallsError,
    Replay,
    Runner,
    TimeUpError,
    check_words,
    model_of,
    time_limit,
)
from proofs_check.lower_bounds._scope import Scope, Word
from proofs_check.lower_bounds._shrinking import Failure, Smaller, shrunk
from proofs_check.lower_bounds._wrapper import check_wrapper

_FIRST_INPUTS = 100


@dataclass(frozen=True)
class Refutation:
    """What the adversary found.

    Attributes:
        verdict: REFUTED, VERIFIED (all prefixes and queries were run) or INCOMPLETE.
        prefixes: the two that the model merges; one if the model is wrong without merging.
        query: legal after each of them.
        answers: the replays.
        inputs: how many inputs were run in full, and ``read`` how many prefixes were read.
        reason: in words.
        states: in how many states these prefixes left the model; None if its states could not be compared.
        minimal: for REFUTED, whether no smaller neighbour of this input, or pair of prefixes, fails as well
            (:func:`proofs_check.lower_bounds._shrinking.shrunk` says what neighbours are).
    """

    verdict: str
    prefixes: tuple[str, ...]
    query: str | None
    answers: tuple[Replay, ...]
    inputs: int
    read: int
    reason: str
    states: int | None = None
    minimal: bool = False


def refute(
    factory: Callable[..., Any],
    scope: Scope,
    *,
    max_cot: int = 1000,
    budget: Budget | None = None,
    seed: int = 0,
    error: Fraction | None = None,
    words: Sequence[str] | None = None,
) -> Refutation:
    """Look for an input on which a model fails; or, with ``error``, for more of them than it claims.

    Args:
        factory: ``factory(n, alphabet)`` gives a model with ``initial()``, ``step(state, token)`` and
            ``output(state)``. It is called once; what it prints goes to standard error.
        scope: task, sizes, convention.
        max_cot: the most tokens that may be written before the answer.
        budget: what may be spent.
        seed: of the random prefixes.
        error: for index, the model claims to be wrong on at most this part of all words and places. If all of them
            fit in the budget they are counted; else inputs are drawn, and REFUTED says how surprising they are.

        words: for associative recall and c-gram, the tokens that stand for the letters 1, 2, ...

    Raises:
        InputError: if the factory does not give such a model; if the error is none, or the task another; if the words
            do not fit.
        UsersCodeError: if the factory fails.
    """
    budget = budget or Budget()
    if error is not None and (not scope.may_err or not 0 <= error <= 1):
        raise InputError(f"error = {error}: expected a fraction from 0 to 1, such as 1/8, and the task index")
    if not scope.one_token:
        raise InputError(f"an answer of {scope.task} has several tokens, and the adversary compares one")
    if words is not None:
        check_words(words, scope)
    with contextlib.redirect_stdout(sys.stderr):
        adversary: _Adversary | None = None
        try:
            with time_limit(budget.seconds):
                adversary = _Adversary(model_of(factory, scope), scope, max_cot, budget, seed, words)
                adversary.check_wrapper()
                return adversary.search() if error is None else adversary.search_errors(error)
        except TimeUpError:
            if adversary is None:
                raise InputError(f"the factory took more than {budget.seconds:g} seconds") from None
            if adversary.failure is not None:
                return adversary.refuted(adversary.failure, minimal=False)
            return adversary.undecided(f"not refuted in {budget.seconds:g} seconds")


class _Adversary(Runner):
    def __init__(
        self, model: Any, scope: Scope, max_cot: int, budget: Budget, seed: int, words: Sequence[str] | None
    ) -> None:
        super().__init__(model, scope, max_cot, budget, words)
        self.rng, self.rng_of_first = np.random.default_rng(seed), np.random.default_rng([seed, 1])
        self.read = 0
        self.failure: Failure | None = None
        self.seen: dict[bytes, list[Word]] = {}

    @property
    def states(self) -> int | None:
        """How many states were met after the prefixes that were read."""
        return len(self.seen) if self.has_keys and self.read else None

    def check_wrapper(self) -> None:
        """Refuse a model that is wrapped wrongly, before it is blamed for that."""
        inputs = itertools.islice(self._drawn(np.random.default_rng(0)), 4)
        with contextlib.suppress(OutOfCallsError):
            check_wrapper(self, [self.tokens_of(*given) for given in inputs])

    def search(self) -> Refutation:
        """Some inputs first; merged prefixes, by brute force if all inputs fit in the budget; then wrong answers.

        A merged pair says more than a wrong answer, so that it is looked for even where an answer is wrong already,
        but not for long.
        """
        everything = self.scope.input_count
        longest = (len(self.scope.text(next(self.scope.prefixes()))) + 8) if everything is not None else 0
        exhaustive = everything is not None and everything * longest <= self.budget.calls
        if not exhaustive:
            first = itertools.islice(self._drawn(self.rng_of_first), _FIRST_INPUTS)
            self.failure = self._within(0.1, lambda: self._wrong(first))
        prefixes = self.scope.prefixes() if exhaustive else self.scope.candidates(self.rng)
        share = 0.5 if self.failure is None else 0.05
        self.failure = self._within(share, lambda: self._merged(prefixes)) or self.failure
        if self.failure is None:
            inputs = self.scope.inputs() if exhaustive else self._drawn(self.rng)
            self.limit, self.until = self.budget.calls, self.ends
            try:
                self.failure = self._wrong(inputs)
            except OutOfCallsError:
                return self.undecided("not refuted in this budget")
        if self.failure is not None:
            found = self.failure
            minimal = self._within(0.05, lambda: self._shrunk(found)) is not None
            return self.refuted(self.failure, minimal)
        words = f"all {self.inputs:,} inputs of this size were run, and every answer is right"
        return Refutation("VERIFIED", (), None, (), self.inputs, self.read, words, self.states)

    def _within(self, share: float, work: Callable[[], Failure | None]) -> Failure | None:
        """What the work finds before it has spent this share of the calls and of the time."""
        self.limit = min(self.calls + int(share * self.budget.calls), self.budget.calls)
        self.until = min(time.monotonic() + share * self.budget.seconds, self.ends)
        try:
            return work()
        except OutOfCallsError:
            return None

    def _shrunk(self, found: Failure) -> Failure | None:
        raised = any(replay.given is None for replay in found.answers)
        for smaller in shrunk(self.scope, found, lambda candidate: self._fails(candidate, raised)):
            self.failure = smaller  # stays if time runs out
        return self.failure

    def _fails(self, smaller: Smaller, raised: bool) -> Failure | None:
        """A failure of the same kind: answers that are wrong stay answers."""
        prefixes, query = smaller
        if len(prefixes) == 1:
            failure = self._if_wrong(prefixes[0], query)
        else:
            try:
                one, other = (state_key(self.read_all(self.text(prefix))) for prefix in prefixes)
            except (NoKeyError, SystemExit):
                return None
            except OutOfCallsError:
                raise
            except Exception:  # not the failure that is made smaller
                return None
            failure = self._both(*prefixes) if one == other else None
        if failure is None or any(replay.given is None for replay in failure.answers) != raised:
            return None
        return failure

    def search_errors(self, error: Fraction) -> Refutation:
        """Count the wrong answers: on all inputs if they fit in the budget, else on drawn ones."""
        total = self.scope.input_count or 0
        exhaustive = total * (self.scope.n + 3) <= self.budget.calls
        wrong: list[Replay] = []
        drawn = 0
        try:
            for prefix, query in self.scope.inputs() if exhaustive else self._uniform():
                replay, drawn = self.replay(prefix, query), drawn + 1
                if replay.wrong:
                    wrong.append(replay)
                if exhaustive and len(wrong) > error * total:
                    words = f"{len(wrong):,} of the {total:,} inputs are wrong already, more than {error} of them"
                    return self._too_wrong(wrong, words)
                # A power of two: at most 64 looks, so the chance of a wrong verdict is at most 64 times 10^-12.
                if not exhaustive and drawn >= 16 and drawn & (drawn - 1) == 0 and unlikely(drawn, len(wrong), error):
                    words = (
                        f"{len(wrong):,} of {drawn:,} inputs drawn are wrong: if at most {error} of all were, "
                        "the chance of so many would be below 10^-12"
                    )
                    return self._too_wrong(wrong, words)
        except OutOfCallsError:
            found = f"{len(wrong):,} of {drawn:,} inputs drawn were wrong, {error} of all are claimed"
            return self.undecided(f"not refuted in this budget; {found}")
        words = f"all {total:,} inputs were run, {len(wrong):,} are wrong: {Fraction(len(wrong), total)} <= {error}"
        return Refutation("VERIFIED", (), None, tuple(wrong[:1]), self.inputs, self.read, words)

    def _uniform(self) -> Iterator[tuple[Word, Word]]:
        n, k = self.scope.n, self.scope.alphabet
        while True:
            word = tuple(int(letter) for letter in self.rng.integers(1, k + 1, n))
            yield word, (int(self.rng.integers(1, n + 1)),)

    def _too_wrong(self, wrong: list[Replay], reason: str) -> Refutation:
        prefix, query = wrong[0].input.split(f" {SEPARATOR} ")
        return Refutation("REFUTED", (prefix,), query, (wrong[0],), self.inputs, self.read, reason)

    def undecided(self, reason: str) -> Refutation:
        """INCOMPLETE, with what was tried."""
        tried = f"{reason}: {self.read:,} prefixes were read, {self.inputs:,} inputs run"
        without = "" if self.has_keys else "; states could not be compared, only answers"
        return Refutation("INCOMPLETE", (), None, (), self.inputs, self.read, tried + without, self.states)

    def refuted(self, failure: Failure, minimal: bool) -> Refutation:
        """REFUTED, with a failure and all that was counted."""
        prefixes, query, answers = failure.prefixes, failure.query, failure.answers
        texts = tuple(" ".join(self.text(prefix)) for prefix in prefixes)
        asked = " ".join(self.text(query))
        reason = "both prefixes leave the model in the same state" if len(prefixes) == 2 else "the answer is wrong"
        return Refutation("REFUTED", texts, asked, answers, self.inputs, self.read, reason, self.states, minimal)

    def _merged(self, prefixes: Iterator[Word]) -> Failure | None:
        for prefix in prefixes:
            if not self.has_keys:
                return None
            try:
                key = state_key(self.read_all(self.text(prefix)))
            except NoKeyError:
                self.has_keys = False
                return None
            except (OutOfCallsError, KeyboardInterrupt):
                raise
            except (Exception, SystemExit):  # found again, and reported, when inputs are run
                return None
            self.read += 1
            found = self._against(key, prefix)
            if found is not None:
                return found
        return None

    def _against(self, key: bytes, prefix: Word) -> Failure | None:
        earlier = self.seen.setdefault(key, [])
        for other in earlier:
            if next(self.scope.separating(other, prefix), None) is not None:
                failure = self._both(other, prefix)
                # Both may be right: the model remembers what its state does not show. Keys mean nothing then.
                self.has_keys = failure is not None
                return failure
        if len(earlier) < 4 and prefix not in earlier:
            earlier.append(prefix)
        return None

    def _both(self, one: Word, other: Word) -> Failure | None:
        """Two merged prefixes and the first query that separates them, if an answer is wrong."""
        query = next(self.scope.separating(one, other), None)
        if query is None:
            return None
        answers = (self.replay(one, query), self.replay(other, query))
        return Failure((one, other), query, answers) if any(replay.wrong for replay in answers) else None

    def _drawn(self, rng: np.random.Generator) -> Iterator[tuple[Word, Word]]:
        for prefix in self.scope.candidates(rng):
            for _ in range(3):
                query = self.scope.random_query(prefix, rng)
                if self.scope.answer(prefix, query) is not None:
                    yield prefix, query

    def _wrong(self, chosen: Iterator[tuple[Word, Word]]) -> Failure | None:
        return next((failure for given in chosen if (failure := self._if_wrong(*given)) is not None), None)

    def _if_wrong(self, prefix: Word, query: Word) -> Failure | None:
        if self.scope.answer(prefix, query) is None:
            return None
        replay = self.replay(prefix, query)
        return Failure((prefix,), query, (replay,)) if replay.wrong else None
