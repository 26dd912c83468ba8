"""Running a construction on many instances, and the counterexamples that come of it."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from constructions.architectures import Model
from constructions.engine import padded, run_many
from constructions.errors import InputError
from constructions.numerics import Arithmetic, Exact
from constructions.theorems import Construction

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many inputs are done, and how many there are."""

# Tokens of the simpler inputs that are tried while a counterexample is shrunk; a second or two.
_SHRINKING = 2**16


@dataclass(frozen=True)
class Counterexample:
    """An input on which a model does not write what it must."""

    construction: str
    n: int
    input: str
    expected: tuple[str, ...]
    written: tuple[str, ...]
    overrun: str | None = None
    """What does not fit the context, in words, if that is why."""

    def __str__(self) -> str:
        return (
            f"on input {self.input!r} (n = {self.n}) it writes {_shown(self.written)} instead of "
            f"{_shown(self.expected)}{f': {self.overrun}' if self.overrun else ''}"
        )


def _shown(tokens: Sequence[str]) -> str:
    if len(tokens) > 12:
        return f"{' '.join(tokens[:8])} ... {tokens[-1]} ({len(tokens)} tokens)"
    return " ".join(tokens) or "nothing"


@dataclass(frozen=True)
class Subject:
    """What is put to the test: a construction, its number system, and where its matrices come from.

    ``model_at`` stands in for the construction's own matrices when faults are planted.
    """

    construction: Construction
    arithmetic: Arithmetic[Any] | None = None
    model_at: Callable[[int], Model] | None = None

    def model(self, n: int) -> Model:
        """The model of size n."""
        return self.construction.at(n) if self.model_at is None else self.model_at(n)

    def transcripts(self, n: int, instances: Sequence[Any]) -> list[tuple[str, ...]]:
        """What the model of size n writes on each instance, cut off one token after the longest allowed.

        It is cut off where the context ends, too, as it is when a user runs the model.
        """
        model, construction = self.model(n), self.construction
        prompts, lengths = padded([model.vocabulary.encode(construction.reads(instance)) for instance in instances])
        limit = construction.longest(n=n) + 1
        ran = run_many(model, prompts, lengths, most=limit, arithmetic=self.arithmetic)
        written = ran.tokens(model.vocabulary)
        if model.context is None:
            return written
        # The token written at the last position is not read any more.
        rooms = [max(0, model.context + 2 - length) for length in lengths.tolist()]
        return [tokens[:room] for tokens, room in zip(written, rooms, strict=True)]

    @property
    def exact(self) -> bool:
        """Whether nothing is rounded."""
        return self.arithmetic is None or isinstance(self.arithmetic, Exact)

    def references(self, n: int, cases: int, seed: int) -> list[tuple[list[int], list[int]]]:
        """Prompts and what must be written, as ids, of so many boundary inputs and as many random ones.

        Inputs are left out whose reference the model has no token for: it is refuted where answers are compared.
        """
        construction, vocabulary = self.construction, self.model(n).vocabulary
        rng = np.random.default_rng([seed, n])
        instances = list(construction.task.boundary(n))[:cases]
        instances += [construction.task.sample(rng, n) for _ in range(cases)]
        found = []
        for instance in instances:
            try:
                written = vocabulary.encode(construction.expected(instance, n))
            except InputError:
                continue
            found.append((vocabulary.encode(construction.reads(instance)), written))
        return found

    def failure(self, instance: object, n: int | None = None) -> Counterexample | None:
        """The counterexample that this one instance is, if it is one."""
        size = self.construction.size_for(instance) if n is None else n
        (written,) = self.transcripts(size, [instance])
        return self.judged(size, instance, written)

    def judged(self, n: int, instance: object, written: tuple[str, ...]) -> Counterexample | None:
        """Compare a transcript, whole, with the reference."""
        expected, most = self.construction.expected(instance, n), self.construction.longest(n=n)
        # A run is cut off after one token more than are declared. For a machine that goes on this is as it should be.
        too_many = len(written) > most and self.construction.task.machine is None
        if written == expected and not too_many:
            return None
        text = self.construction.task.text(instance)
        overrun = self._overrun(n, instance, len(expected))
        if too_many and overrun is None:
            overrun = f"at most {most} tokens are declared, and more are written"
        return Counterexample(self.construction.name, n, text, expected, written, overrun)

    def _overrun(self, n: int, instance: object, tokens: int) -> str | None:
        """What does not fit the context of the model of size n, None if prompt and so many tokens do."""
        context, prompt = self.model(n).context, len(self.construction.reads(instance))
        if context is None or prompt + tokens - 2 <= context:
            return None
        return (
            f"the {prompt} tokens of the prompt and {tokens} more reach position {prompt + tokens - 2}, and the "
            f"context ends with position {context}"
        )

    def shrunk(self, instance: object, n: int) -> Counterexample:
        """The counterexample at the end of a walk to simpler and simpler ones.

        Each step takes the first simpler instance that fails in the model of its own size; if the first
        instance fails only in the model of size n, it is the counterexample itself. The walk ends early when
        instances with ``_SHRINKING`` tokens together were run.

        Raises:
            ValueError: if the instance does not fail.
        """
        best = self.failure(instance)
        if best is None:
            at_given_size = self.failure(instance, n)
            if at_given_size is None:
                raise ValueError(f"not a counterexample: {self.construction.task.text(instance)}")
            return at_given_size
        found, left = True, _SHRINKING
        while found and left > 0:
            found = False
            for simpler in self.construction.task.smaller(instance):
                left -= len(self.construction.reads(simpler))
                failure = self.failure(simpler)
                if failure is not None:
                    instance, best, found = simpler, failure, True
                if found or left <= 0:
                    break
        return best


@dataclass
class Tally:
    """How many inputs were run, how many tokens were written on them, and the first failure, shrunk.

    ``lengths`` maps (size of the model, size of the input, answer) to the least and the largest number of
    tokens written; ``searches`` maps the size of the model to the largest number of searches; ``prompts`` maps the
    size of the input to the most tokens of a prompt and an input that has so many, ``reach`` the size of the model
    to the last position that was read.
    """

    inputs: int = 0
    lengths: dict[tuple[int, int, str], tuple[int, int]] = field(default_factory=dict)
    searches: dict[int, int] = field(default_factory=dict)
    prompts: dict[int, tuple[int, str]] = field(default_factory=dict)
    reach: dict[int, int] = field(default_factory=dict)
    failure: Counterexample | None = None

    def read(self, n: int, size: int, prompt: int, tokens: int, text: Callable[[], str]) -> None:
        """Record that the model of size n read so many tokens of a prompt and wrote ``tokens``."""
        if size not in self.prompts or prompt > self.prompts[size][0]:
            self.prompts[size] = prompt, text()
        self.reach[n] = max(self.reach.get(n, 0), prompt + tokens - 2)

    def note(self, n: int, size: int, written: tuple[str, ...], closing: str | None = None) -> None:
        """Record one transcript of the model of size n on an input of this size; ``closing`` ends a search."""
        key, tokens = (n, size, written[-1] if written else ""), len(written)
        if closing is not None:
            self.searches[n] = max(self.searches.get(n, 0), written.count(closing))
        least, most = self.lengths.get(key, (tokens, tokens))
        self.lengths[key] = (min(least, tokens), max(most, tokens))

    def add(self, other: "Tally") -> None:
        """Take over what another tally has seen."""
        self.inputs += other.inputs
        self.failure = self.failure or other.failure
        for key, (least, most) in other.lengths.items():
            low, high = self.lengths.get(key, (least, most))
            self.lengths[key] = (min(low, least), max(high, most))
        for size, longest in other.prompts.items():
            self.prompts[size] = max(self.prompts.get(size, longest), longest, key=lambda pair: pair[0])
        for mine, theirs in ((self.searches, other.searches), (self.reach, other.reach)):
            for n, most in theirs.items():
                mine[n] = max(mine.get(n, 0), most)


def tally(subject: Subject, n: int, instances: Iterable[object], batch: int = 512) -> Tally:
    """Run instances through the model of size n, in batches, until all are done or one fails."""
    total = Tally()
    search = subject.construction.blueprint.search
    closing = None if search is None else search.closing
    answers, construction = subject.construction.blueprint.answers, subject.construction
    task = construction.task
    source = iter(instances)
    while waiting := list(itertools.islice(source, batch)):
        for instance, written in zip(waiting, subject.transcripts(n, waiting), strict=True):
            total.inputs += 1
            if subject.judged(n, instance, written) is not None:
                total.failure = subject.shrunk(instance, n)
                return total
            size = task.size(instance)
            total.read(n, size, len(construction.reads(instance)), len(written), partial(task.text, instance))
            if answers is None or (written and written[-1] in answers):  # else it was cut off while it went on
                total.note(n, size, written, closing)
    return total
