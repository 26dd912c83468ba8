"""Greedy decoding: run the prompt, write the most likely token, read it back, until an answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from constructions._lazy import Shown
from constructions.architectures import Attention, Cache, Evaluator, Model
from constructions.engine._head_plans import NotCompilable, Plan
from constructions.engine._runtime import Runtime
from constructions.errors import InputError, ResourceError
from constructions.numerics import Arithmetic, Exact
from constructions.vocabulary import Vocabulary

DEFAULT_MEMORY = 2 * 2**30
"""Bytes that a run may take unless the caller says otherwise: 2 GiB."""

# Scores of this many query-key pairs are held at once per head while the prompt is read.
_PAIRS_AT_ONCE = 2**22

Engine = Literal["auto", "fast", "plain"]

# Below so many tokens the plain evaluator is done before the compiled code is loaded.
_LONG_PROMPT = 400
_LONG_TRANSCRIPT = 1500

# Bytes of a token in a transcript: a text of its own, twice referred to while the list becomes a tuple.
_BYTES_WRITTEN = 96

# So many tokens are kept so that the plain evaluator can go on where the fast engine stops.
_MOST_KEPT = 100_000


def compiles() -> bool:
    """Whether there is a compiler; asked for only where one is of use, since numba takes a while to load."""
    from constructions.numerics._jit_cache import COMPILES

    return COMPILES


@dataclass(frozen=True)
class Transcript(Shown):
    """What a model wrote.

    ``tokens`` are all tokens written, what searches yielded and the answer included; ``answer`` is the
    last of them, or None if the decoding was cut off before an answer was written. ``diagnostics`` say
    what was wrong with searches that could not be read.
    """

    tokens: tuple[str, ...]
    answer: str | None
    diagnostics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """What was written: ``ids`` of shape (prompts, most), -1 behind the end, ``counts`` of shape (prompts,).

    A transcript that was cut off has ``most`` ids, the last of which is no answer.
    """

    ids: NDArray[np.int64]
    counts: NDArray[np.int64]

    def tokens(self, vocabulary: Vocabulary) -> list[tuple[str, ...]]:
        """Each transcript as tokens."""
        pairs = zip(self.ids.tolist(), self.counts.tolist(), strict=True)
        return [tuple(vocabulary.decode(ids[:count])) for ids, count in pairs]


def estimate_memory(model: Model, length: int) -> int:
    """Bytes that reading a prompt of ``length`` tokens takes at most with the plain evaluator, roughly.

    Counted are the tables with a row per token, the residual stream and the units of a chunk of the
    prompt, keys and values of all heads, and the scores of one head for a chunk; 8 bytes each, a few
    copies of what is being computed.
    """
    width, tables = len(model.coordinates), 4 * len(model.vocabulary) * len(model.coordinates)
    cached = sum(len(head.features) + len(head.reads) for head in model.heads)
    chunk = _chunk(length)
    units = max((len(getattr(layer, "units", ())) for layer in model.layers), default=0)
    return 8 * (tables + length * cached * 2 + chunk * (6 * width + 4 * units) + 4 * chunk * length + length)


def _chunk(length: int) -> int:
    """How many tokens of the prompt are read at once, so that scores stay below the limit."""
    return max(1, min(length, _PAIRS_AT_ONCE // max(length, 1)))


def decode(
    model: Model,
    tokens: str | Sequence[str | int],
    *,
    arithmetic: Arithmetic[Any] | None = None,
    engine: Engine = "auto",
    max_tokens: int | None = None,
    memory: int = DEFAULT_MEMORY,
    progress: Callable[[int], None] | None = None,
) -> Transcript:
    """Run a model on a prompt and return what it writes.

    Args:
        model: any model of :mod:`constructions.architectures`.
        tokens: the prompt, as tokens of the model's vocabulary; in one text they are set off by spaces, and a number
            may be an int.
        arithmetic: the number system; :class:`Exact` unless given.
        engine: ``"plain"``, the evaluator that follows the definitions; ``"fast"``, compiled code that
            finds what a head picks by structures read off the weights, for exact arithmetic; ``"auto"``, the
            fast one for long prompts. The tokens are the same.
        max_tokens: cut the decoding off after so many tokens. It is cut off in any case where the model's context
            ends, since nothing is known of what its weights do beyond.
        memory: refuse what is estimated to need more than this many bytes.
        progress: called with the number of tokens read or written so far.

    Raises:
        InputError: if a token is not in the vocabulary, or the prompt is empty.
        ResourceError: if the estimate exceeds ``memory``.
    """
    run = Decoding(
        model, tokens, arithmetic=arithmetic, engine=engine, memory=memory, limit=max_tokens, progress=progress,
        kept=_BYTES_WRITTEN,
    )  # fmt: skip
    written = tuple(run)
    return Transcript(written, written[-1] if run.ended else None, tuple(run.runtime.diagnostics))


def stream(
    model: Model,
    tokens: Sequence[str],
    *,
    arithmetic: Arithmetic[Any] | None = None,
    engine: Engine = "auto",
    memory: int = DEFAULT_MEMORY,
    limit: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[str]:
    """The tokens that a model writes, one by one; see :func:`decode`.

    ``limit`` is the most tokens that are written, without a limit unless given.
    """
    return iter(
        Decoding(model, tokens, arithmetic=arithmetic, engine=engine, memory=memory, limit=limit, progress=progress)
    )


class Decoding:
    """One decoding; iterating over it yields the tokens, after which ``ended`` says whether an answer was written, and
    ``stopped`` whether the fast engine left the rest to the plain evaluator.

    See :func:`decode` for the arguments; ``kept`` are the bytes that the caller keeps of each token written.
    """

    def __init__(
        self,
        model: Model,
        tokens: str | Sequence[str | int],
        *,
        arithmetic: Arithmetic[Any] | None = None,
        engine: Engine = "auto",
        memory: int = DEFAULT_MEMORY,
        limit: int | None = None,
        progress: Callable[[int], None] | None = None,
        kept: int = 0,
    ) -> None:
        words = _words(tokens)
        if not words:
            raise InputError("the prompt is empty; a model reads at least one token")
        if engine not in ("auto", "fast", "plain"):
            raise InputError(f"unknown engine {engine!r}; expected auto, fast or plain")
        self._exact = arithmetic is None or isinstance(arithmetic, Exact)
        if engine == "fast" and not self._exact:
            raise InputError("the fast engine computes exactly; with another number system use the plain one")
        self._model, self._arithmetic, self._engine = model, arithmetic, engine
        self._memory, self._limit, self._progress, self._kept = memory, limit, progress, kept
        self._ids = model.vocabulary.encode(words)
        if model.context is not None:  # the token written at the last position may still be an answer
            room = max(0, model.context + 2 - len(self._ids))
            self._limit = room if limit is None else min(limit, room)
        self._count, self.stopped = 0, False
        self.runtime = Runtime(model, self._ids)
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        for count, identifier in enumerate(self._written()):
            if count == self._limit:
                self.ended = False
                return
            yield self._model.vocabulary.token_of(identifier)

    def chunks(self) -> Iterator[NDArray[np.int64]]:
        """The ids that are written as arrays, thousands at a time where the fast engine runs; for very long runs."""
        count = 0
        for ids in self._arrays():
            rest = len(ids) if self._limit is None else min(len(ids), self._limit - count)
            if rest < len(ids):
                self.ended = False
            count += rest
            if rest:
                yield ids[:rest]
            if count == self._limit:
                return

    def _arrays(self) -> Iterator[NDArray[np.int64]]:
        if self._exact and self._engine != "plain":
            yield from self._fast()
            if not self.stopped:
                return
        for identifier in self._plain(None):
            yield np.array([identifier], dtype=np.int64)

    def _written(self) -> Iterator[int]:
        """Ids: short runs by the plain engine, long ones by the fast engine as far as it comes."""
        fast = self._exact and self._engine != "plain"
        if fast and self._engine == "auto" and len(self._ids) < _LONG_PROMPT:
            yield from self._plain(_LONG_TRANSCRIPT)
            if self.ended or len(self._ids) < _LONG_TRANSCRIPT:
                return
        if fast:
            for ids in self._fast():
                yield from ids.tolist()
        if not self.ended and (not fast or self.stopped):
            yield from self._plain(None)

    def _fast(self) -> Iterator[NDArray[np.int64]]:
        """What the fast engine writes; ``stopped`` says that the plain one must go on.

        So that it can, the context is kept; but no longer than the plain one could read it, so that what a long
        run takes does not grow with what was written.
        """
        if not compiles():
            self.stopped = True
            return
        from constructions.engine._fast import FastRun

        try:
            run = FastRun(self._model, self._ids, self._memory, self.runtime, self._kept)
        except NotCompilable:
            self.stopped = True  # the plain evaluator runs every model
            return
        rest = None if self._limit is None else self._limit - self._count
        for ids in run.chunks(rest, self._progress):
            self._count += len(ids)
            if self._count <= _MOST_KEPT and self._model.search is None:  # else the runtime has it already
                self._ids += ids.tolist()
            yield ids
        self.ended, self.stopped = run.ended, run.stopped is not None
        if self.stopped and self._count > _MOST_KEPT:
            raise ResourceError(
                f"after {self._count:,} tokens the fast engine stops, because {run.stopped}; a run of this length is "
                "out of reach for the plain one (for a machine, fewer --cells keep numbers small)"
            )
        if self.stopped and self._model.search is not None:
            self._ids = self.runtime.context.tolist()

    def _plain(self, longest: int | None) -> Iterator[int]:
        """The ids that the plain evaluator writes after those so far, until the context is ``longest`` or more."""
        model, prompt = self._model, list(self._ids)
        needed = estimate_memory(model, len(prompt))
        if needed > self._memory:
            raise ResourceError(
                f"a context of {len(prompt):,} tokens needs about {needed / 2**20:,.0f} MiB with this model, more than "
                f"the {self._memory / 2**20:,.0f} MiB that are allowed (--memory)"
            )
        evaluator = Evaluator(model, Exact() if self._arithmetic is None else self._arithmetic)
        cache: Cache[Any] = Cache()
        step = _chunk(len(prompt))
        x: Any = None
        for start in range(0, len(prompt), step):
            x, cache = evaluator.run(np.array(prompt[start : start + step], dtype=np.int64), cache, last=1)
            self._note(cache.length)
        while self._limit is None or self._count < self._limit:  # a token more might search, and say what is wrong
            identifier = int(evaluator.next_tokens(x)[-1])
            appended, self.ended = self.runtime.after(identifier)
            for new in (identifier, *appended):
                self._ids.append(new)
                self._count += 1
                yield new
            if self.ended or (longest is not None and len(self._ids) >= longest):
                return
            x, cache = evaluator.run(np.array([identifier, *appended], dtype=np.int64), cache, last=1)
            self._note(cache.length)

    def _note(self, length: int) -> None:
        if self._progress:
            self._progress(length)


def _words(tokens: str | Sequence[str | int]) -> list[str]:
    """The prompt as tokens."""
    return (
        tokens.split()
        if isinstance(tokens, str)
        else [token if isinstance(token, str) else str(token) for token in tokens]
    )


def decode_batch(
    model: Model,
    prompts: NDArray[np.int64],
    lengths: NDArray[np.int64] | None = None,
    *,
    arithmetic: Arithmetic[Any] | None = None,
    max_tokens: int,
) -> list[list[int]]:
    """Transcripts, as token ids, that a ``model`` writes after prompts.

    The ``prompts`` are ids of shape (batch, positions), the first ``lengths`` of each row, all unless given; the
    ``arithmetic`` is exact unless given. Entries that have not written an answer after ``max_tokens`` tokens are cut
    off there.
    """
    if lengths is None:
        lengths = np.full(len(prompts), prompts.shape[1], dtype=np.int64)
    evaluator = Evaluator(model, Exact() if arithmetic is None else arithmetic)
    start = int(lengths.min(initial=prompts.shape[1]))
    x, cache = evaluator.run(prompts[:, :start], last=1)
    runtimes = [Runtime(model, prompt[:length].tolist()) for prompt, length in zip(prompts, lengths, strict=True)]
    stops = np.zeros(len(model.vocabulary), dtype=np.bool_)
    stops[list(Runtime(model, ()).stops)] = True
    ends = lengths + max_tokens
    context = np.pad(prompts, ((0, 0), (0, max_tokens)))
    # All have read equally many tokens. Up to ``known`` they are those of the prompt, or what a search yielded.
    known, noted, alive = lengths.copy(), lengths.copy(), np.arange(len(prompts))
    alone = np.full(len(prompts), model.answers is None)  # outside of a search any token is the answer
    for place in range(start, context.shape[1]):
        fresh = known[alive] <= place
        following = np.where(fresh, evaluator.next_tokens(x)[..., -1], context[alive, place])
        context[alive, place] = following
        going = ends[alive] > place + 1
        known[alive] = np.maximum(known[alive], place + 1)
        for entry in np.flatnonzero(fresh & (stops[following] | alone[alive])).tolist():
            row, runtime = alive[entry], runtimes[alive[entry]]
            runtime.note(context[row, noted[row] : place].tolist())
            appended, ended = runtime.after(int(following[entry]))
            going[entry] &= not ended
            alone[row] = model.answers is None and not runtime.inside
            known[row] = noted[row] = place + 1 + len(appended)
            room = context[row, place + 1 : known[row]]
            room[:] = appended[: len(room)]
        if not going.any():
            break
        if not going.all():
            alive, following = alive[going], following[going]
            cache = cache.rows(evaluator.arithmetic, np.flatnonzero(going))
        x, cache = evaluator.run(following[:, None], cache, last=1)
    bounds = zip(lengths.tolist(), np.minimum(known, ends).tolist(), strict=True)
    return [row[first:last].tolist() for row, (first, last) in zip(context, bounds, strict=True)]


def positions_at_once(model: Model, length: int, suffixes: int) -> int:
    """How many prefixes of this length a ``model`` runs together, so that a batch stays within the caches.

    Each is continued in as many ways as ``suffixes`` says.
    """
    has_attention = any(isinstance(layer, Attention) for layer in model.layers)
    per_prefix = (length + suffixes) * (length if has_attention else 1) + suffixes * len(model.vocabulary)
    return max(1, 2**19 // max(per_prefix, 1))


def plan_of_model(model: Model) -> Plan:
    """How the fast engine finds what each head picks, and why; see docs/fast-engine.md.

    >>> from constructions.theorems import construction
    >>> print(plan_of_model(construction("transformer/index").at(4)))
    asked position: position look-up; keys on the lattice form in position with constant 1, recency below 1
    """
    from constructions.engine._program import compile_model

    try:
        return Plan(compile_model(model).plans)
    except NotCompilable as reason:
        return Plan((), str(reason))


def plans(model: Model) -> tuple[str, ...]:
    """The plan in words, a line per head; one line with the reason for a model that the fast engine cannot run."""
    return tuple(str(plan_of_model(model)).splitlines())
