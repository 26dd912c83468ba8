"""The adversary: finds the input on which a model with too few states is wrong.

After two prefixes that leave a model in the same state it writes the same, whatever the query is. If the
right answers to some query differ, one of the two is wrong. So the adversary reads many prefixes, looks
for equal states, and runs both inputs from the start; whatever it reports was run in full.

States of floating-point numbers are hardly ever equal, however few bits would do. So a few inputs are run before, and
half of what may be spent is for running inputs.
"""

import contextlib
import copy
import itertools
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.errors import InputError, UsersCodeError, counted, words_of
from constructions.tasks import NO, NONE, SEPARATOR, YES
from proofs_check.lower_bounds._candidates import (
    Word,
    candidate_prefixes,
    random_query,
    right_answer,
    separating_query,
)
from proofs_check.lower_bounds._inputs import all_inputs, input_count, prefixes_of, text_of
from proofs_check.lower_bounds._keys import NoKeyError, state_key
from proofs_check.lower_bounds._randomised import unlikely
from proofs_check.lower_bounds._scope import Scope

_FIRST_INPUTS = 100


@dataclass(frozen=True)
class Budget:
    """What the adversary may spend: calls of ``step`` and ``output``, and seconds."""

    calls: int = 2_000_000
    seconds: float = 60.0


@dataclass(frozen=True)
class Replay:
    """One input run from the start: what is right, what was written.

    ``given`` is the first answer token; None if there is none, and ``fault`` says why.
    """

    input: str
    expected: str
    given: str | None
    fault: str | None
    written: tuple[str, ...]

    @property
    def wrong(self) -> bool:
        """Whether the right answer was not given."""
        return self.given != self.expected

    def __str__(self) -> str:
        given = self.given if self.given is not None else f"no answer ({self.fault})"
        return f"{self.input}: right is {self.expected}, given is {given}"


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
    """

    verdict: str
    prefixes: tuple[str, ...]
    query: str | None
    answers: tuple[Replay, ...]
    inputs: int
    read: int
    reason: str
    states: int | None = None


class _TimeUpError(BaseException):
    """Not an Exception, so that a model's own error handling lets it pass."""


class _OutOfCallsError(Exception):
    pass


def refute(
    factory: Callable[..., Any],
    scope: Scope,
    *,
    max_cot: int = 1000,
    budget: Budget | None = None,
    seed: int = 0,
    error: Fraction | None = None,
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

    Raises:
        InputError: if the factory does not give such a model; if the error is none, or the task another.
        UsersCodeError: if the factory fails.
    """
    budget = budget or Budget()
    if error is not None and (not scope.may_err or not 0 <= error <= 1):
        raise InputError(f"error = {error}: expected a fraction from 0 to 1, such as 1/8, and the task index")
    with contextlib.redirect_stdout(sys.stderr):
        adversary: _Adversary | None = None
        try:
            with _time_limit(budget.seconds):
                adversary = _Adversary(_model(factory, scope), scope, max_cot, budget, seed)
                return adversary.search() if error is None else adversary.search_errors(error)
        except _TimeUpError:
            if adversary is not None and adversary.wrong is not None:
                return adversary.wrong
            if adversary is None:
                raise InputError(f"the factory took more than {budget.seconds:g} seconds") from None
            return adversary.undecided(f"not refuted in {budget.seconds:g} seconds")


def _model(factory: Callable[..., Any], scope: Scope) -> Any:
    try:
        model = factory(scope.n, scope.alphabet)
    except (Exception, SystemExit) as error:
        raise UsersCodeError(
            f"the factory raised {_shown(error)} for n = {scope.n}, alphabet = {scope.alphabet}"
        ) from error
    missing = [name for name in ("initial", "step", "output") if not callable(getattr(model, name, None))]
    if missing:
        raise InputError(f"the factory gave an object of type {type(model).__name__} without {', '.join(missing)}()")
    return model


class _Adversary:
    def __init__(self, model: Any, scope: Scope, max_cot: int, budget: Budget, seed: int) -> None:
        self.model, self.scope, self.max_cot, self.budget = model, scope, max_cot, budget
        self.rng, self.rng_of_first = np.random.default_rng(seed), np.random.default_rng([seed, 1])
        self.calls = self.inputs = self.read = 0
        self.limit = budget.calls
        self.ends = self.until = time.monotonic() + budget.seconds
        self.wrong: Refutation | None = None
        self.has_keys = True
        self.seen: dict[bytes, list[Word]] = {}

    @property
    def states(self) -> int | None:
        """How many states were met after the prefixes that were read."""
        return len(self.seen) if self.has_keys and self.read else None

    # Running the model

    def _spend(self) -> None:
        self.calls += 1
        now = time.monotonic()
        if now > self.ends:  # where no signal does this
            raise _TimeUpError
        if self.calls > self.limit or now > self.until:
            raise _OutOfCallsError

    def _read(self, tokens: list[str]) -> Any:
        state = self.model.initial()
        with contextlib.suppress(Exception):  # a model may hand out one object and change it in step
            state = copy.deepcopy(state)
        for token in tokens:
            self._spend()
            state = self.model.step(state, token)
        return state

    def replay(self, prefix: Word, query: Word) -> Replay:
        """Run one input from the start; an exception, a loop or a missing answer is a wrong answer."""
        tokens = [*text_of(self.scope, prefix), SEPARATOR, *text_of(self.scope, query)]
        expected = right_answer(self.scope, prefix, query)
        if expected is None:
            raise ValueError(f"the query {query} is not legal after {prefix}")
        written: list[str] = []
        given, fault = None, None
        try:
            given, fault = self._decode(tokens, written)
        except _OutOfCallsError:
            raise
        except (Exception, SystemExit) as error:
            fault = f"it raised {_shown(error)}"
        self.inputs += 1
        return Replay(" ".join(tokens), expected, given, fault, tuple(written))

    def _decode(self, tokens: list[str], written: list[str]) -> tuple[str | None, str | None]:
        state = self._read(tokens)
        states = set()
        while True:
            self._spend()
            token = self.model.output(state)
            if not isinstance(token, str):
                return None, f"the output is {_cut(repr(token))}, of type {type(token).__name__} and not a string"
            written.append(token)
            if is_answer(self.scope, token):
                return token, None
            with contextlib.suppress(NoKeyError):
                key = state_key(state)
                if key in states and self.has_keys:
                    return None, f"it loops: a state came back after {counted(len(written) - 1, 'token')}"
                states.add(key)
            if len(written) > self.max_cot:
                return None, f"no answer within {counted(self.max_cot, 'token')}"
            self._spend()
            state = self.model.step(state, token)

    # The search

    def search(self) -> Refutation:
        """Some inputs first; merged prefixes, by brute force if all inputs fit in the budget; then wrong answers.

        A merged pair says more than a wrong answer, so that it is looked for even where an answer is wrong already,
        but not for long.
        """
        everything = input_count(self.scope)
        longest = (len(text_of(self.scope, next(prefixes_of(self.scope)))) + 8) if everything is not None else 0
        exhaustive = everything is not None and everything * longest <= self.budget.calls
        if not exhaustive:
            first = itertools.islice(self._drawn(self.rng_of_first), _FIRST_INPUTS)
            self.wrong = self._within(0.1, lambda: self._wrong(first))
        prefixes = prefixes_of(self.scope) if exhaustive else candidate_prefixes(self.scope, self.rng)
        found = self._within(0.5 if self.wrong is None else 0.05, lambda: self._merged(prefixes)) or self.wrong
        self.limit, self.until = self.budget.calls, self.ends
        try:
            found = found or self._wrong(all_inputs(self.scope) if exhaustive else self._drawn(self.rng))
        except _OutOfCallsError:
            return self.undecided("not refuted in this budget")
        if found is not None:
            return found
        words = f"all {self.inputs:,} inputs of this size were run, and every answer is right"
        return Refutation("VERIFIED", (), None, (), self.inputs, self.read, words, self.states)

    def _within(self, share: float, work: Callable[[], Refutation | None]) -> Refutation | None:
        """What the work finds before it has spent this share of the calls and of the time."""
        self.limit = self.calls + int(share * self.budget.calls)
        self.until = time.monotonic() + share * self.budget.seconds
        try:
            return work()
        except _OutOfCallsError:
            return None

    def search_errors(self, error: Fraction) -> Refutation:
        """Count the wrong answers: on all inputs if they fit in the budget, else on drawn ones."""
        total = input_count(self.scope) or 0
        exhaustive = total * (self.scope.n + 3) <= self.budget.calls
        wrong: list[Replay] = []
        drawn = 0
        try:
            for prefix, query in all_inputs(self.scope) if exhaustive else self._uniform():
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
        except _OutOfCallsError:
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
        tried = (
            f"{reason}: {counted(self.read, 'prefix was', 'prefixes were')} read, {counted(self.inputs, 'input')} run"
        )
        without = "" if self.has_keys else "; states could not be compared, only answers"
        return Refutation("INCOMPLETE", (), None, (), self.inputs, self.read, tried + without, self.states)

    def _merged(self, prefixes: Iterator[Word]) -> Refutation | None:
        for prefix in prefixes:
            if not self.has_keys:
                return None
            try:
                key = state_key(self._read(text_of(self.scope, prefix)))
            except NoKeyError:
                self.has_keys = False
                return None
            except (_OutOfCallsError, KeyboardInterrupt):
                raise
            except (Exception, SystemExit):  # found again, and reported, when inputs are run
                return None
            self.read += 1
            found = self._against(key, prefix)
            if found is not None:
                return found
        return None

    def _against(self, key: bytes, prefix: Word) -> Refutation | None:
        earlier = self.seen.setdefault(key, [])
        for other in earlier:
            query = separating_query(self.scope, other, prefix)
            if query is None:
                continue
            answers = (self.replay(other, query), self.replay(prefix, query))
            if any(replay.wrong for replay in answers):
                reason = "both prefixes leave the model in the same state"
                return self._refuted((other, prefix), query, answers, reason)
            # Both are right: the model remembers what its state does not show. Keys mean nothing then.
            self.has_keys = False
            return None
        if len(earlier) < 4 and prefix not in earlier:
            earlier.append(prefix)
        return None

    def _drawn(self, rng: np.random.Generator) -> Iterator[tuple[Word, Word]]:
        for prefix in candidate_prefixes(self.scope, rng):
            for _ in range(3):
                query = random_query(self.scope, prefix, rng)
                if right_answer(self.scope, prefix, query) is not None:
                    yield prefix, query

    def _wrong(self, chosen: Iterator[tuple[Word, Word]]) -> Refutation | None:
        for prefix, query in chosen:
            replay = self.replay(prefix, query)
            if replay.wrong:
                return self._refuted((prefix,), query, (replay,), "the answer is wrong")
        return None

    def _refuted(self, prefixes: tuple[Word, ...], query: Word, answers: tuple[Replay, ...], reason: str) -> Refutation:
        texts = tuple(" ".join(text_of(self.scope, prefix)) for prefix in prefixes)
        asked = " ".join(text_of(self.scope, query))
        return Refutation("REFUTED", texts, asked, answers, self.inputs, self.read, reason, self.states)


def is_answer(scope: Scope, token: str) -> bool:
    """Whether a token is an answer; every other one is chain of thought."""
    if scope.task == "istree":
        return token in (YES, NO)
    if scope.task == "counting":
        return token in ("0", "1")
    return token == NONE or (token.isascii() and token.isdecimal())


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt what runs after so many seconds, even inside the model's own code, where the system can."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    armed = True

    def ring(*_: object) -> None:
        if armed:
            raise _TimeUpError

    before = signal.signal(signal.SIGALRM, ring)
    # It rings again: code that swallows everything would otherwise never stop.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _shown(error: BaseException) -> str:
    return _cut(f"{type(error).__name__}: {words_of(error)}")


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 120 else plain[:117] + "..."
