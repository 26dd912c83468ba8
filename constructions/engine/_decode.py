"""Greedy decoding: run the prompt, write the most likely token, read it back, until an answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, Cache, Evaluator, Model
from constructions.errors import InputError, ResourceError
from constructions.numerics import Arithmetic, Exact

DEFAULT_MEMORY = 2 * 2**30
"""Bytes that a run may take unless the caller says otherwise: 2 GiB."""

# Scores of this many query-key pairs are held at once per head while the prompt is read.
_PAIRS_AT_ONCE = 2**22

Engine = Literal["auto", "fast", "plain"]

# Below so many tokens of prompt the plain evaluator is done before the compiled code is loaded.
_LONG_PROMPT = 400


@dataclass(frozen=True)
class Transcript:
    """What a model wrote.

    ``tokens`` are all tokens written, the answer included; ``answer`` is the last of them, or None if
    the decoding was cut off before an answer was written.
    """

    tokens: tuple[str, ...]
    answer: str | None


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
    tokens: Sequence[str],
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
        tokens: the prompt, as tokens of the model's vocabulary.
        arithmetic: the number system; :class:`Exact` unless given.
        engine: ``"plain"``, the evaluator that follows the definitions; ``"fast"``, compiled code that
            finds what a head picks by structures read off the weights, for exact arithmetic; ``"auto"``, the
            fast one for long prompts. The tokens are the same.
        max_tokens: cut the decoding off after so many tokens.
        memory: refuse what is estimated to need more than this many bytes.
        progress: called with the number of tokens read or written so far.

    Raises:
        InputError: if a token is not in the vocabulary, or the prompt is empty.
        ResourceError: if the estimate exceeds ``memory``.
    """
    written = list(
        stream(
            model,
            tokens,
            arithmetic=arithmetic,
            engine=engine,
            memory=memory,
            limit=max_tokens,
            progress=progress,
        )
    )
    done = bool(written) and (model.answers is None or written[-1] in model.answers)
    return Transcript(tuple(written), written[-1] if done else None)


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
    """The tokens that a model writes, one by one; see :func:`decode`."""
    if not tokens:
        raise InputError("the prompt is empty; a model reads at least one token")
    if engine not in ("auto", "fast", "plain"):
        raise InputError(f"unknown engine {engine!r}; expected auto, fast or plain")
    exact = arithmetic is None or isinstance(arithmetic, Exact)
    if engine == "fast" and not exact:
        raise InputError("the fast engine computes exactly; with another number system use the plain one")
    prompt = model.vocabulary.encode(tokens)
    count = 0
    if exact and (engine == "fast" or (engine == "auto" and len(tokens) >= _LONG_PROMPT)):
        from constructions.engine._fast import FastRun, NotCompilable

        try:
            run = FastRun(model, prompt, memory)
        except NotCompilable:
            pass  # the plain evaluator runs every model
        else:
            for identifier in run.tokens(limit, progress):
                prompt.append(identifier)
                count += 1
                yield model.vocabulary.token_of(identifier)
            if run.stopped is None:
                return
    rest = None if limit is None else limit - count
    for identifier in _plain(model, prompt, arithmetic, memory, rest, progress):
        yield model.vocabulary.token_of(identifier)


def _plain(
    model: Model,
    prompt: Sequence[int],
    arithmetic: Arithmetic[Any] | None,
    memory: int,
    limit: int | None,
    progress: Callable[[int], None] | None,
) -> Iterator[int]:
    """The ids that the plain evaluator writes after these ids."""
    needed = estimate_memory(model, len(prompt))
    if needed > memory:
        raise ResourceError(
            f"a context of {len(prompt):,} tokens needs about {needed / 2**20:,.0f} MiB with this model, more than "
            f"the {memory / 2**20:,.0f} MiB that are allowed (--memory)"
        )
    evaluator = Evaluator(model, Exact() if arithmetic is None else arithmetic)
    ids = np.array(prompt, dtype=np.int64)
    answers = None if model.answers is None else set(model.vocabulary.encode(model.answers))
    cache: Cache[Any] = Cache()
    step = _chunk(len(ids))
    x: Any = None
    for start in range(0, len(ids), step):
        x, cache = evaluator.run(ids[start : start + step], cache, last=1)
        if progress:
            progress(cache.length)
    count = 0
    while limit is None or count < limit:
        identifier = int(evaluator.next_tokens(x)[-1])
        count += 1
        yield identifier
        if answers is None or identifier in answers:
            return
        x, cache = evaluator.run(np.array([identifier]), cache, last=1)
        if progress:
            progress(cache.length)


def decode_batch(
    model: Model, prompts: NDArray[np.int64], *, arithmetic: Arithmetic[Any] | None = None, max_tokens: int
) -> list[list[int]]:
    """Transcripts, as token ids, of prompts of equal length: ids of shape (batch, positions).

    Entries that have not written an answer after ``max_tokens`` tokens are cut off there.
    """
    evaluator = Evaluator(model, Exact() if arithmetic is None else arithmetic)
    answers = None if model.answers is None else np.array(model.vocabulary.encode(model.answers))
    written: list[list[int]] = [[] for _ in range(len(prompts))]
    alive = np.arange(len(prompts))
    x, cache = evaluator.run(prompts, last=1)
    for count in range(1, max_tokens + 1):
        following = evaluator.next_tokens(x)[..., -1]
        for place, identifier in zip(alive.tolist(), following.tolist(), strict=True):
            written[place].append(identifier)
        if answers is None or count == max_tokens:
            break
        going = np.flatnonzero(~np.isin(following, answers))
        if not going.size:
            break
        if going.size < alive.size:
            alive, following = alive[going], following[going]
            cache = cache.rows(evaluator.arithmetic, going)
        x, cache = evaluator.run(following[:, None], cache, last=1)
    return written


def answer_grid(
    model: Model,
    prefixes: NDArray[np.int64],
    suffixes: NDArray[np.int64],
    *,
    arithmetic: Arithmetic[Any] | None = None,
) -> NDArray[np.int64]:
    """The first token written after every prefix followed by every suffix, as ids.

    Args:
        model: a model that writes its answer at once.
        prefixes: token ids of shape (prefixes, positions); each is run once.
        suffixes: token ids of shape (suffixes, positions).
        arithmetic: the number system; :class:`Exact` unless given.

    Returns:
        ids of shape (prefixes, suffixes).
    """
    evaluator = Evaluator(model, Exact() if arithmetic is None else arithmetic)
    _, cache = evaluator.run(prefixes, last=0)
    grid = np.broadcast_to(suffixes, (len(prefixes), *suffixes.shape))
    x, _ = evaluator.run(grid, cache.shared(evaluator.arithmetic), last=1)
    return evaluator.next_tokens(x)[..., -1]


def positions_at_once(model: Model, length: int, suffixes: int) -> int:
    """How many prefixes of this length to run together, so that a batch stays within the caches."""
    has_attention = any(isinstance(layer, Attention) for layer in model.layers)
    per_prefix = (length + suffixes) * (length if has_attention else 1) + suffixes * len(model.vocabulary)
    return max(1, 2**19 // max(per_prefix, 1))
