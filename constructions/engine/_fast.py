"""The fast engine: the same tokens as the plain evaluator, by structures that are read off the weights."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Model
from constructions.engine._bounds import NotTabular
from constructions.engine._head_plans import NotCompilable
from constructions.engine._opcodes import (
    ANSWERED,
    EQUAL_KEYS,
    FRACTION,
    GOING_ON,
    GROW,
    HEAD,
    HULL,
    LEVELS,
    MOST_FEATURES,
    MOST_READS,
    OVERFLOW,
    RECENCY,
    RUNNING,
    SCAN,
)
from constructions.engine._program import Program, compile_model
from constructions.engine._runtime import Runtime
from constructions.errors import ResourceError

if TYPE_CHECKING:
    from constructions.engine._stream_loop import Memory, Network

Ints = NDArray[np.int64]

_TOKENS_AT_ONCE = 4096
_MANY_TOKENS_AT_ONCE = 2**16

# From so many positions on it pays to compile a loop for the one model.
_LONG_RUN = 2**20
_FIRST_CAPACITY = 64

_BYTES_READ = 160
"""Of a token of the prompt: its word, its id, and copies of both."""

_HASHED = (SCAN, EQUAL_KEYS, HULL)
"""Structures that find equal keys in a table; the others have one record, or one for each position."""

REASONS = {
    FRACTION: "a head or a recurrence reads a fraction",
    OVERFLOW: "a number may exceed 64 bits",
    RECENCY: "the recency term is not below the unit of the scores",
}
"""Why the compiled loop stops before the end, by its status."""


class FastRun:
    """One decoding in progress.

    After :meth:`tokens` ends, ``stopped`` says why the rest must be left to the plain evaluator, or is
    None if an answer was written or the limit reached. ``memory`` bounds the bytes of all that grows with the run:
    the records, the prompt, and the tokens written, of which the caller keeps ``kept`` bytes each.
    """

    def __init__(self, model: Model, prompt: Sequence[int], memory: int, runtime: Runtime, kept: int = 0) -> None:
        program = compile_model(model)
        self._model, self.program = model, program
        self.stopped: str | None = None
        self.ended = False
        self._runtime = runtime
        self._given = np.array(prompt, dtype=np.int64)
        self._stops = np.array(sorted(runtime.stops), dtype=np.int64)
        self._at_once = model.answers is None
        self._searches = model.search is not None
        self._special: Callable[..., tuple[int, int, int]] | None = None
        self._bounded_to = 0
        self._parts: tuple[Network, Memory] | None = None
        self._memory, self._kept, self._count, self._allocated = memory, kept, 0, 0
        heads = len(program.plans)
        self._features = max((len(plan.features) for plan in program.plans), default=1) or 1
        self._reads = max((int(op[6]) for op in program.operations if op[0] == HEAD), default=1)
        self._state = np.zeros(program.states, dtype=np.int64)
        self._sizes = np.zeros(heads, dtype=np.int64)
        self._irregular = np.zeros((heads, 40), dtype=np.int64)
        self._bases = self._capacities = np.zeros(heads, dtype=np.int64)
        self._table = self._order = np.zeros(0, dtype=np.int64)
        self._hulls = np.zeros((heads, 1 + LEVELS), dtype=np.int64)
        widest = max(program.width, program.states, MOST_FEATURES, MOST_READS)
        self._scratch, self._scratch_sizes = np.zeros((8, widest), dtype=np.int64), np.zeros((3, widest))
        self._under, self._where = np.array([1, 1, 0], dtype=np.int64), np.zeros(2, dtype=np.int64)
        self._keys = self._values = np.zeros((0, 0), dtype=np.int64)
        # Most heads keep a record per position: room for the prompt at once saves moving it many times.
        first = max(_FIRST_CAPACITY, 1 << len(prompt).bit_length())
        alone = [plan.kind == RUNNING for plan in program.plans]  # one record, and it is never full
        self._allocate(np.where(alone, 2, first).astype(np.int64))

    @property
    def records(self) -> int:
        """How many records all heads together hold."""
        return int(self._sizes.sum())

    def _allocate(self, capacities: Ints) -> None:
        """Make room for so many records of each head, and move what is there."""
        from constructions.engine._key_store import rebuild

        total, before = int(capacities.sum()), self._allocated
        self._allocated = 8 * total * (2 + 2 + self._features + 2 + self._reads)
        self._check_memory(before)  # what is moved is there twice meanwhile
        bases = np.concatenate([[0], np.cumsum(capacities)[:-1]]).astype(np.int64)
        table = np.zeros(2 * total, dtype=np.int64)
        keys = np.zeros((total, self._features), dtype=np.int64)
        values = np.zeros((total, 2 + self._reads), dtype=np.int64)
        order = np.empty(2 * total, dtype=np.int64)  # not touched, and so not in memory, before a hull is needed
        self._hulls[:] = np.minimum(self._hulls, 0)  # hulls are made again when they are asked for
        for head, size in enumerate(self._sizes.tolist()):
            if size:
                old, new = self._bases[head], bases[head]
                keys[new : new + size] = self._keys[old : old + size]
                values[new : new + size] = self._values[old : old + size]
                own = table[2 * new : 2 * (new + capacities[head])]
                if self.program.plans[head].kind in _HASHED:
                    rebuild(own, keys[new : new + size], size, len(self.program.plans[head].features))
        self._bases, self._capacities = bases, capacities
        self._table, self._keys, self._values, self._order = table, keys, values, order
        self._parts = None

    def _check_memory(self, besides: int = 0) -> None:
        tokens = len(self._given) + self._count
        needed = self._allocated + besides + _BYTES_READ * len(self._given) + self._kept * self._count
        needed += self._runtime.bytes
        if needed > self._memory:
            raise ResourceError(
                f"with {tokens:,} tokens, the records of the heads need {needed / 2**20:,.0f} MiB, more than the "
                f"{self._memory / 2**20:,.0f} MiB that are allowed (--memory)"
            )

    def tokens(self, limit: int | None, progress: Callable[[int], None] | None = None) -> Iterator[int]:
        """The ids that the model writes, until an answer, the limit, or a reason to stop."""
        for ids in self.chunks(limit, progress):
            yield from ids.tolist()

    def chunks(self, limit: int | None, progress: Callable[[int], None] | None = None) -> Iterator[Ints]:
        """The ids that the model writes, as arrays of up to several thousand; they end as in :meth:`tokens`."""
        given, first, count = self._given, 0, 0
        while limit is None or count < limit:
            # Outside of a search the first token may be the answer; inside, the closing token stops the loop.
            alone = self._at_once and not self._runtime.inside
            at_once = 1 if alone else _TOKENS_AT_ONCE if self._special is None else _MANY_TOKENS_AT_ONCE
            written = np.empty(at_once if limit is None else min(at_once, limit - count), dtype=np.int64)
            if first + at_once + _TOKENS_AT_ONCE > self.program.most_positions:
                self.stopped = f"positions beyond {self.program.most_positions:,} may exceed 64 bits"
                return
            reading, rest = given[:_TOKENS_AT_ONCE], given[_TOKENS_AT_ONCE:]
            status, steps, made = self._advance(reading, written[:0] if len(rest) else written, first)
            new = written[:made]
            appended: list[int] = []
            if made and (status == ANSWERED or alone):
                self._runtime.note(new[:-1].tolist())
                appended, self.ended = self._runtime.after(int(new[-1]))
            else:
                self._runtime.note(new.tolist() if self._searches else [])
            self._count += made + len(appended)
            self._check_memory()
            yield new
            if appended:
                yield np.array(appended, dtype=np.int64)
            count += made + len(appended)
            first += steps
            if progress:
                progress(first)
            if self.ended:
                return
            unread = reading[steps:] if steps < len(reading) else new[-1:]
            given = np.concatenate([unread, np.array(appended, dtype=np.int64), rest])
            if status == GROW:
                full = 2 * self._sizes >= self._capacities  # whatever is moved, all is; so make room for others, too
                self._allocate(np.where(full, 2 * self._capacities, self._capacities))
            elif status not in (GOING_ON, ANSWERED):
                self.stopped = self._reason(status, first)
                return

    def _advance(self, reading: Ints, written: Ints, first: int) -> tuple[int, int, int]:
        """Read and write by the general kernel, or after many tokens by one made for this model."""
        from constructions.engine._stream_loop import advance

        if self._parts is None:
            self._parts = self.parts()
        network, memory = self._parts
        # Where fractions occur the general loop stays: the other computes with integers alone.
        if first >= _LONG_RUN and first >= self._bounded_to and not self._under[2]:
            self._specialise(first)
        if self._special is not None:
            return self._special(network, reading, written, first, memory, self._near)
        return advance(network, reading, written, first, memory)

    def parts(self) -> "tuple[Network, Memory]":
        """What the compiled loops take: the model's tables, and what this run remembers."""
        from constructions.engine._stream_loop import Memory, Network
        from constructions.engine._sums import Rows

        p = self.program
        network = Network(
            Rows(p.start, p.column, p.weight), p.operations, p.head_table, p.roles, p.number_row, p.special_rows,
            p.position_rows, p.low, p.high, p.logit_rows, self._stops,
        )  # fmt: skip
        return network, Memory(
            self._state, self._table, self._keys, self._values, self._order, self._bases, self._capacities, self._sizes,
            self._irregular, self._hulls, self._scratch, self._scratch_sizes, self._under, self._where,
        )  # fmt: skip

    def _reason(self, status: int, position: int) -> str:
        """Why the loop stopped, with the quantity and the position."""
        if self._special is not None:
            return f"{REASONS[status]} at position {position:,}"
        quantity = self.program.quantity(*self._where.tolist())
        return f"{REASONS[status]}: {quantity}, from position {position:,} on"

    def _specialise(self, first: int) -> None:
        """Compile a loop for this model, for many times as many positions as there are, if that can be."""
        from constructions.engine._stream_codegen import reach_of, specialised

        self._special = None
        reaches = [reach_of(self.program, head) for head in range(len(self.program.plans))]
        self._near = np.full((len(reaches), 2 * (2 * max(reaches, default=0) + 1)), -1, dtype=np.int64)
        for factor in (64, 16, 4, 2):
            try:
                self._special = specialised(self._model, self.program, factor * first)
            except NotTabular:
                continue
            self._bounded_to = factor * first - 2 * _MANY_TOKENS_AT_ONCE
            return
        self._bounded_to = 2 * first


__all__ = ["FastRun", "NotCompilable", "Program"]
