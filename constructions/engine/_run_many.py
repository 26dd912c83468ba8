"""Runs many prompts through one model in the way that is quickest for that model and these prompts.

There are four ways, and they write the same tokens: the compiled loop from prompt to prompt, which keeps what
neighbours have in common; the same compiled for the one model; the fast engine on one prompt after the other; the
evaluator on batches of prompts, for every number system and every model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Evaluator, Model
from constructions.engine._bounds import NotTabular
from constructions.engine._decode import Decoding, Written, compiles, decode_batch
from constructions.numerics import Arithmetic, Exact

Ints = NDArray[np.int64]

# Up to this many tokens the loop from prompt to prompt, which compares with every key, is the quickest way; measured
# by python -m tests.benchmarks.bench_evidence.
_MOST_WALKED = 256

# So few steps of batches with so few tokens are done before compiled code is loaded.
_FEW_STEPS, _FEW_TOKENS = 4, 2**14

# Pairs of positions held at once while a batch is read, and rows, so that what a step computes stays in the caches.
_PAIRS_AT_ONCE, _MOST_AT_ONCE = 2**20, 2**9


def padded(prompts: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Ids as an array with a row for each prompt, filled up with 0, and the lengths of the prompts.

    >>> rows, lengths = padded([[3, 1], [2]])
    >>> rows.tolist(), lengths.tolist()
    ([[3, 1], [2, 0]], [2, 1])
    """
    lengths = np.array([len(prompt) for prompt in prompts], dtype=np.int64)
    rows = np.zeros((len(prompts), lengths.max(initial=0)), dtype=np.int64)
    for row, prompt in zip(rows, prompts, strict=True):
        row[: len(prompt)] = prompt
    return rows, lengths


def run_many(
    model: Model,
    prompts: Ints,
    lengths: Ints,
    *,
    most: int,
    arithmetic: Arithmetic[Any] | None = None,
    specialise: bool = False,
) -> Written:
    """What a model writes on many prompts, by the way that is quickest; see :func:`padded`.

    Args:
        model: any model. Its context is not looked at.
        prompts: ids of shape (prompts, longest), rows filled up with anything; best if neighbours begin alike.
        lengths: how many ids of each row are its prompt, at least 1.
        most: cut transcripts off after so many tokens.
        arithmetic: the number system; :class:`Exact` unless given.
        specialise: there are so many prompts, these and others, that a loop for this one model pays, which takes
            seconds to compile and is kept.
    """
    if _by_loop(model, lengths, most, arithmetic, specialise):
        from constructions.engine._batch_loop import decode_many

        try:
            return decode_many(model, prompts, lengths, most=most, specialise=specialise)
        except NotTabular:
            pass
    ids = np.full((len(prompts), most), -1, dtype=np.int64)
    counts = np.zeros(len(prompts), dtype=np.int64)
    done = 0
    if _is_exact(arithmetic) and _one_by_one(model, lengths, most) and compiles():
        done = _run_alone(model, prompts, lengths, Written(ids, counts))
    for near in _together(lengths[done:], most):
        chosen = done + near
        longest = int(lengths[chosen[-1]])
        written = decode_batch(
            model, prompts[chosen, :longest], lengths[chosen], arithmetic=arithmetic, max_tokens=most
        )
        for row, tokens in zip(chosen.tolist(), written, strict=True):
            ids[row, : len(tokens)], counts[row] = tokens, len(tokens)
    return Written(ids, counts)


def answer_grid(
    model: Model,
    prefixes: Ints,
    suffixes: Ints,
    *,
    arithmetic: Arithmetic[Any] | None = None,
) -> Ints:
    """The first token written after every prefix followed by every suffix, as ids; a prefix is read once.

    Args:
        model: a model that writes its answer at once.
        prefixes: token ids of shape (prefixes, positions).
        suffixes: token ids of shape (suffixes, positions).
        arithmetic: the number system; :class:`Exact` unless given.

    Returns:
        ids of shape (prefixes, suffixes).
    """
    shape = len(prefixes), len(suffixes)
    lengths = np.full(shape[0] * shape[1], prefixes.shape[1] + suffixes.shape[1], dtype=np.int64)
    if _by_loop(model, lengths, 1, arithmetic):
        prompts = np.hstack([np.repeat(prefixes, len(suffixes), axis=0), np.tile(suffixes, (len(prefixes), 1))])
        return run_many(model, prompts, lengths, most=1).ids.reshape(shape)
    evaluator = Evaluator(model, Exact() if arithmetic is None else arithmetic)
    _, cache = evaluator.run(prefixes, last=0)
    grid = np.broadcast_to(suffixes, (len(prefixes), *suffixes.shape))
    x, _ = evaluator.run(grid, cache.shared(evaluator.arithmetic), last=1)
    return evaluator.next_tokens(x)[..., -1]


def _is_exact(arithmetic: Arithmetic[Any] | None) -> bool:
    return arithmetic is None or isinstance(arithmetic, Exact)


def _by_loop(
    model: Model, lengths: Ints, most: int, arithmetic: Arithmetic[Any] | None, specialise: bool = False
) -> bool:
    """Whether the compiled loop from prompt to prompt may run the model, and is wanted or the quickest way."""
    able = _is_exact(arithmetic) and model.search is None
    return able and (specialise or _walks(model, lengths, most)) and compiles()


def _walks(model: Model, lengths: Ints, most: int) -> bool:
    """Whether the loop is the quickest way; without heads batches have nothing to compare."""
    if not model.heads or lengths.max(initial=0) + most > _MOST_WALKED:
        return False
    steps = len(set(lengths.tolist())) * (1 if model.answers is None else most)
    return steps > _FEW_STEPS or int(lengths.sum()) > _FEW_TOKENS


def _together(lengths: Ints, most: int) -> Iterator[Ints]:
    """Places of prompts that make a batch, by length; what one has more than the shortest is read token by token."""
    order = np.argsort(lengths, kind="stable")
    while len(order):
        near = order[lengths[order] <= lengths[order[0]] + most][:_MOST_AT_ONCE]
        pairs = np.arange(1, len(near) + 1) * lengths[near] ** 2  # of a batch that ends with each of them
        count = max(1, int(np.searchsorted(pairs, _PAIRS_AT_ONCE, side="right")))
        yield order[:count]
        order = order[count:]


def _one_by_one(model: Model, lengths: Ints, most: int) -> bool:
    """Whether the fast engine, one prompt after the other, takes less time than batches.

    To begin takes it as long as 70 tokens; a step of a batch takes as long as 100, and each of its rows one more.
    """
    if model.heads and lengths.max(initial=0) + most > _MOST_WALKED:  # a batch compares all pairs of positions
        return True
    alone = 70 * len(lengths) + int(lengths.sum()) + most * len(lengths)
    batches = sum(
        (most + int(lengths[near[-1]] - lengths[near[0]])) * (100 + len(near)) for near in _together(lengths, most)
    )
    return batches > 100_000 and alone < batches


def _run_alone(model: Model, prompts: Ints, lengths: Ints, written: Written) -> int:
    """Run one prompt after the other with the fast engine, and say how many were run.

    Where it leaves most to the plain evaluator, as with a model that reads averages again, the others go in batches.
    """
    endless, left = replace(model, context=None), 0
    for row, (prompt, length) in enumerate(zip(prompts, lengths, strict=True)):
        words = model.vocabulary.decode(prompt[:length].tolist())
        run = Decoding(endless, words, engine="fast", limit=written.ids.shape[1])
        for chunk in run.chunks():
            written.ids[row, written.counts[row] : written.counts[row] + len(chunk)] = chunk
            written.counts[row] += len(chunk)
        left += run.stopped
        if 2 * left > row + 1:
            return row + 1
    return len(prompts)
