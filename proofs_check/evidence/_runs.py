"""Running a construction on many instances, and the counterexamples that come of it."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from constructions.architectures import Model
from constructions.engine import NotTabular, decode, decode_batch, decode_many
from constructions.numerics import Arithmetic, Exact
from constructions.tasks import Simulation
from constructions.theorems import Construction

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many inputs are done, and how many there are."""

# Pairs of positions held at once while a batch is read.
_PAIRS_AT_ONCE = 2**20

# Tokens of the simpler inputs that are tried while a counterexample is shrunk; a second or two.
_SHRINKING = 2**16

# Up to this many tokens the loop from prompt to prompt, which compares with every key, is the quickest way; measured
# by python -m tests.benchmarks.bench_evidence.
_MOST_WALKED = 256


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
        prompts = [model.vocabulary.encode(construction.reads(instance)) for instance in instances]
        written = self._written(model, prompts, instances, construction.longest(n=n) + 1)
        if model.context is None:
            return written
        # The token written at the last position is not read any more.
        rooms = [max(0, model.context + 2 - len(prompt)) for prompt in prompts]
        return [tokens[:room] for tokens, room in zip(written, rooms, strict=True)]

    def _written(
        self, model: Model, prompts: Sequence[Sequence[int]], instances: Sequence[Any], limit: int
    ) -> list[tuple[str, ...]]:
        construction = self.construction
        walked = self._walked(model, prompts, limit)
        if walked is not None:
            return walked
        by_length: dict[int, list[int]] = {}
        for place, prompt in enumerate(prompts):
            by_length.setdefault(len(prompt), []).append(place)
        if self._one_by_one(by_length, limit):
            return [self._alone(model, construction.reads(instance), limit) for instance in instances]
        written: list[tuple[str, ...]] = [()] * len(instances)
        for length, places in by_length.items():
            step = max(1, _PAIRS_AT_ONCE // length**2)
            for start in range(0, len(places), step):
                chosen = places[start : start + step]
                ids = np.array([prompts[place] for place in chosen], dtype=np.int64)
                for place, tokens in zip(
                    chosen, decode_batch(model, ids, arithmetic=self.arithmetic, max_tokens=limit), strict=True
                ):
                    written[place] = tuple(model.vocabulary.decode(tokens))
        return written

    @property
    def exact(self) -> bool:
        """Whether nothing is rounded."""
        return self.arithmetic is None or isinstance(self.arithmetic, Exact)

    def _walked(self, model: Model, prompts: Sequence[Sequence[int]], limit: int) -> list[tuple[str, ...]] | None:
        """All transcripts by the compiled loop; None if another way is quicker, or the loop cannot run the model."""
        lengths = np.array([len(prompt) for prompt in prompts], dtype=np.int64)
        fits = lengths.max(initial=0) + limit <= _MOST_WALKED
        if not (self.exact and fits and model.heads and model.search is None):
            return None
        rows = np.zeros((len(prompts), lengths.max(initial=0)), dtype=np.int64)
        for row, prompt in zip(rows, prompts, strict=True):
            row[: len(prompt)] = prompt
        try:
            written = decode_many(model, rows, lengths, most=limit)
        except NotTabular:
            return None
        pairs = zip(written.ids.tolist(), written.counts.tolist(), strict=True)
        return [tuple(model.vocabulary.decode(ids[:count])) for ids, count in pairs]

    def _one_by_one(self, by_length: Mapping[int, Sequence[int]], limit: int) -> bool:
        """Whether the fast engine, one instance after the other, takes less time than batches of equal length.

        A step of a batch takes about as long as 200 tokens of the fast engine, and each of its rows two more.
        """
        if not self.exact:
            return False
        if max(by_length, default=0) + limit > _MOST_WALKED:  # a batch compares all pairs of positions
            return True
        rows = sum(map(len, by_length.values()))
        batches = limit * (200 * len(by_length) + 2 * rows)
        alone = sum((length + limit) * len(places) for length, places in by_length.items())
        return batches > 100_000 and alone < batches

    def _alone(self, model: Model, prompt: Sequence[str], limit: int) -> tuple[str, ...]:
        return decode(model, prompt, arithmetic=self.arithmetic, engine="fast", max_tokens=limit).tokens

    def failure(self, instance: object, n: int | None = None) -> Counterexample | None:
        """The counterexample that this one instance is, if it is one."""
        size = self.construction.size_for(instance) if n is None else n
        (written,) = self.transcripts(size, [instance])
        return self.judged(size, instance, written)

    def judged(self, n: int, instance: object, written: tuple[str, ...]) -> Counterexample | None:
        """Compare a transcript, whole, with the reference."""
        expected, most = self.construction.expected(instance, n), self.construction.longest(n=n)
        # A run is cut off after one token more than are declared. For a machine that goes on this is as it should be.
        too_many = len(written) > most and not isinstance(self.construction.task, Simulation)
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
