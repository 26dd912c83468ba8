"""A model of the user's is run: token by token, within a budget of calls and seconds."""

import contextlib
import copy
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from constructions.errors import InputError, UsersCodeError, counted, words_of
from constructions.tasks import NONE, SEPARATOR
from proofs_check.lower_bounds._keys import NoKeyError, state_key
from proofs_check.lower_bounds._networks import adapted
from proofs_check.lower_bounds._scope import KINDS, Scope, Word


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


class TimeUpError(BaseException):
    """Not an Exception, so that a model's own error handling lets it pass."""


class OutOfCallsError(Exception):
    pass


def model_of(factory: Callable[..., Any], scope: Scope) -> Any:
    """What a factory makes, or the adapter of a network that it makes.

    Raises:
        InputError: if that is no model.
        UsersCodeError: if the factory fails.
    """
    try:
        model = factory(scope.n, scope.alphabet)
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise UsersCodeError(
            f"the factory raised {shown(error)} for n = {scope.n}, alphabet = {scope.alphabet}, with which it is called"
        ) from error
    model = adapted(model, scope.n, scope.alphabet)
    missing = [name for name in ("initial", "step", "output") if not callable(getattr(model, name, None))]
    if missing:
        raise InputError(f"the factory gave an object of type {type(model).__name__} without {', '.join(missing)}()")
    return model


def check_words(words: Sequence[str], scope: Scope) -> None:
    """Check that every letter has a word of its own.

    Raises:
        InputError: if the task has tokens that are no letters, or the words do not fit.
    """
    if not scope.has_words:
        those = " and ".join(name for name, kind in KINDS.items() if kind.has_words)
        raise InputError(f"words are given, but tokens of {scope.task} are not all letters; only {those} have words")
    letters = (scope.keys or 0) + scope.alphabet
    if len(words) != letters or len(set(words)) != letters:
        raise InputError(
            f"{len(words)} words, {len(set(words))} of them different; expected a different one for each of {letters} "
            f"letters{' (keys, then values)' if scope.keys else ''}"
        )
    for word in words:
        if word in (SEPARATOR, NONE) or word.split() != [word]:
            raise InputError(
                f"the word {cut(repr(word))}: expected one token without blanks, other than {SEPARATOR} and {NONE}"
            )


class Runner:
    """Runs one model and counts what that costs.

    Attributes:
        limit: the most calls, and ``until`` the time by which it stops with OutOfCallsError; for a part of the search.
        inputs: how many inputs were run in full.
        has_keys: whether equal states are known to be equal.
        words: what the model reads and writes instead of the letters 1, 2, ...; empty if it reads these.
    """

    def __init__(self, model: Any, scope: Scope, max_cot: int, budget: Budget, words: Sequence[str] | None) -> None:
        self.model, self.scope, self.max_cot, self.budget = model, scope, max_cot, budget
        self.calls = self.inputs = 0
        self.limit = budget.calls
        self.ends = self.until = time.monotonic() + budget.seconds
        self.has_keys = True
        self.words = {str(letter): word for letter, word in enumerate(words or (), 1)}

    def initial(self) -> Any:
        """The first state, and a copy: a model may hand out one object and change it in step."""
        state = self.model.initial()
        with contextlib.suppress(Exception):
            state = copy.deepcopy(state)
        return state

    def spend(self) -> None:
        """Count a call that is about to be made."""
        self.calls += 1
        now = time.monotonic()
        if now > self.ends:  # where no signal does this
            raise TimeUpError
        if self.calls > self.limit or now > self.until:
            raise OutOfCallsError

    def read_all(self, tokens: list[str]) -> Any:
        """The state after some tokens."""
        state = self.initial()
        for token in tokens:
            self.spend()
            state = self.model.step(state, token)
        return state

    def tokens_of(self, prefix: Word, query: Word) -> list[str]:
        """An input as the model reads it."""
        return [*self.text(prefix), SEPARATOR, *self.text(query)]

    def text(self, word: Word) -> list[str]:
        """The tokens of a prefix or a query as the model reads them."""
        return [self.words.get(token, token) for token in self.scope.text(word)]

    def is_answer(self, token: str) -> bool:
        """Whether a token is an answer; every other one is chain of thought."""
        return token == NONE or token in self.words.values() if self.words else self.scope.is_answer(token)

    def replay(self, prefix: Word, query: Word) -> Replay:
        """Run one input from the start; an exception, a loop or a missing answer is a wrong answer."""
        tokens = self.tokens_of(prefix, query)
        expected = self.scope.answer(prefix, query)
        if expected is None:
            raise ValueError(f"the query {query} is not legal after {prefix}")
        return self.replayed(tokens, self.words.get(expected, expected))

    def replayed(self, tokens: list[str], expected: str) -> Replay:
        """Run tokens from the start, and say what was expected."""
        written: list[str] = []
        given, fault = None, None
        try:
            given, fault = self._decode(tokens, written)
        except OutOfCallsError:
            raise
        except (Exception, SystemExit) as error:
            fault = f"it raised {shown(error)}"
        self.inputs += 1
        return Replay(" ".join(tokens), expected, given, fault, tuple(written))

    def _decode(self, tokens: list[str], written: list[str]) -> tuple[str | None, str | None]:
        state = self.read_all(tokens)
        states = set()
        while True:
            self.spend()
            token = self.model.output(state)
            if not isinstance(token, str):
                return None, f"the output is {cut(repr(token))}, of type {type(token).__name__} and not a string"
            written.append(token)
            if self.is_answer(token):
                return token, None
            with contextlib.suppress(NoKeyError):
                key = state_key(state)
                if key in states and self.has_keys:
                    return None, f"it loops: a state came back after {counted(len(written) - 1, 'token')}"
                states.add(key)
            if len(written) > self.max_cot:
                return None, f"no answer within {counted(self.max_cot, 'token')}"
            self.spend()
            state = self.model.step(state, token)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt what runs after so many seconds, even inside the model's own code, where the system can."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    armed = True

    def ring(*_: object) -> None:
        if armed:
            raise TimeUpError

    before = signal.signal(signal.SIGALRM, ring)
    # It rings again: code that swallows everything would otherwise never stop.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def shown(error: BaseException) -> str:
    """An exception in a line."""
    return cut(f"{type(error).__name__}: {words_of(error)}")


def cut(text: str) -> str:
    """A text in a line of at most 120 characters."""
    plain = " ".join(text.split())
    return plain if len(plain) <= 120 else plain[:117] + "..."
