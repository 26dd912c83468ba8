"""Running one shard: all inputs of its ranks, each compared with the reference, and the digest of them all."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from constructions.engine import run_many
from constructions.numerics._jit_cache import Ints, compiled
from constructions.theorems import users_code
from proofs_check.evidence import Subject
from proofs_check.sweeps._job import Block, Job, Reader, reader_of

_AT_ONCE = 2**14


@dataclass(frozen=True)
class Failure:
    """An input on which the model does not write what it must; ``rank`` is where it was found.

    The input is a simpler one if that fails too.
    """

    rank: int
    input: str
    expected: tuple[str, ...]
    written: tuple[str, ...]


@dataclass(frozen=True)
class Shard:
    """The outcome on the inputs of ranks ``first`` .. first + count - 1.

    ``inputs`` were run, all unless there is a failure. The digest is the SHA-256 of a line
    "PROMPT -> REFERENCE -> WRITTEN" per input; ``seconds`` is the time that it took, and no part of the result.
    """

    first: int
    count: int
    inputs: int
    longest: int
    digest: str
    seconds: float
    failure: Failure | None = None


def run_shards(job: Job, ranges: Sequence[tuple[int, int]]) -> list[Shard]:
    """Run shards given as (first, count), up to the first that fails; what an executor is asked to do."""
    done = []
    with users_code(None if job.source is None else job.construction):
        for first, count in ranges:
            done.append(run_shard(job, first, count))
            if done[-1].failure is not None:
                break
    return done


def run_shard(job: Job, first: int, count: int, *, long: bool | None = None) -> Shard:
    """Run one shard, up to its first failure; ``long`` says whether a loop for the model pays, else the job does."""
    began = time.perf_counter()
    reader, lines = reader_of(job), hashlib.sha256()
    text = _Lines(reader)
    longest = inputs = 0
    for start in range(first, first + count, _AT_ONCE):
        block = reader.block(start, min(_AT_ONCE, first + count - start))
        specialise = reader.long if long is None else long
        written = run_many(reader.model, block.prompts, block.lengths, most=job.most, specialise=specialise)
        ids, counts = written.ids, written.counts
        wrong = _wrong(reader, block, ids, counts)
        if wrong is not None:
            failure = _failure(reader, block, wrong, start + wrong, ids[wrong, : counts[wrong]])
            return Shard(first, count, inputs + wrong + 1, longest, "", time.perf_counter() - began, failure)
        inputs += len(ids)
        longest = max(longest, int(counts.max()))
        lines.update(text.of(block, ids, counts).data)
    return Shard(first, count, inputs, longest, lines.hexdigest(), time.perf_counter() - began)


def _wrong(reader: Reader, block: Block, ids: Ints, counts: Ints) -> int | None:
    """The first row that is not what it must be; whole transcripts where there is a reference for them."""
    rows = np.arange(len(ids))
    if reader.job.transcript != "answer":
        width = min(ids.shape[1], block.references.shape[1])
        same = (ids[:, :width] == block.references[:, :width]).all(axis=1)
        faults = ~same | (counts != block.reference_lengths)
    else:
        faults = ids[rows, counts - 1] != block.references[:, 0]
        if reader.model.answers is None and reader.model.search is None:
            faults |= counts != 1
    faults |= _cut_off(reader, ids, counts)
    first = int(np.argmax(faults)) if faults.any() else None
    if reader.bulk or first == 0:
        return first
    vocabulary, construction = reader.model.vocabulary, reader.construction
    assert construction is not None  # noqa: S101  (or the references would come in bulk)
    for row in range(len(ids) if first is None else first):
        if tuple(vocabulary.decode(ids[row, : counts[row]].tolist())) != construction.expected(
            block.instance(row, reader.job.asked), reader.size
        ):
            return row
    return first


def _cut_off(reader: Reader, ids: Ints, counts: Ints) -> NDArray[np.bool_]:
    """Rows that do not end with an answer, where the answers are listed."""
    answers = reader.model.answer_ids
    last = ids[np.arange(len(ids)), counts - 1]
    return np.zeros(len(ids), dtype=np.bool_) if answers is None else ~np.isin(last, sorted(answers))


def _failure(reader: Reader, block: Block, place: int, rank: int, written: Ints) -> Failure:
    """The failure, or a simpler input on which the construction fails."""
    instance, construction = block.instance(place, reader.job.asked), reader.construction
    vocabulary = reader.model.vocabulary
    n = reader.size
    if construction is not None:
        subject = Subject(construction, model_at=lambda size: reader.model if size == n else construction.at(size))
        try:
            found = subject.shrunk(instance, n)
            return Failure(rank, found.input, found.expected, found.written)
        except ValueError:
            pass  # it is right where it runs alone: said as it was found
    task = reader.job.asked
    reference = block.references[place, : block.reference_lengths[place]].tolist()
    expected = vocabulary.decode(reference) if min(reference) >= 0 else [task.answer(instance)]
    return Failure(rank, task.text(instance), tuple(expected), tuple(vocabulary.decode(written.tolist())))


class _Lines:
    """Writes the lines that are hashed, in bulk."""

    def __init__(self, reader: Reader) -> None:
        vocabulary = reader.model.vocabulary
        tokens = [vocabulary.token_of(i).encode() for i in range(len(vocabulary))]
        self._bytes = np.frombuffer(b"".join(tokens), dtype=np.uint8)
        self._starts = np.concatenate([[0], np.cumsum([len(token) for token in tokens])]).astype(np.int64)
        self._widest = max(map(len, tokens)) + 1

    def of(self, block: Block, ids: Ints, counts: Ints) -> NDArray[np.uint8]:
        """The lines of a block whose rows are all right."""
        width = block.prompts.shape[1] + block.references.shape[1] + ids.shape[1]
        out: NDArray[np.uint8] = np.empty(len(ids) * (width * self._widest + 8), dtype=np.uint8)
        prompts, references = _Part(block.prompts, block.lengths), _Part(block.references, block.reference_lengths)
        size = _write(prompts, references, _Part(ids, counts), self._bytes, self._starts, out)
        return out[:size]


class _Part(NamedTuple):
    """Ids, one row for each line, and how many of each row there are."""

    ids: Ints
    counts: Ints


@compiled
def _put(part: _Part, line: int, text: Any, starts: Ints, out: Any, size: int) -> int:
    row = part.ids[line]
    for place in range(part.counts[line]):
        if place > 0:
            out[size] = 32
            size += 1
        for byte in range(starts[row[place]], starts[row[place] + 1]):
            out[size] = text[byte]
            size += 1
    return size


@compiled
def _arrow(out: Any, size: int) -> int:
    for place, byte in enumerate((32, 45, 62, 32)):
        out[size + place] = byte
    return size + 4


@compiled
def _write(prompts: _Part, references: _Part, written: _Part, text: Any, starts: Ints, out: Any) -> int:
    """One line a row, " -> " between its parts."""
    size = 0
    for line in range(len(written.ids)):
        size = _put(prompts, line, text, starts, out, size)
        size = _put(references, line, text, starts, out, _arrow(out, size))
        size = _put(written, line, text, starts, out, _arrow(out, size))
        out[size] = 10
        size += 1
    return size
