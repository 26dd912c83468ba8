"""The fast engine: the same tokens as the plain evaluator, by structures that are read off the weights."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Model
from constructions.engine._program import NotCompilable, Program, compile_model
from constructions.errors import ResourceError

Ints = NDArray[np.int64]

_TOKENS_AT_ONCE = 4096
_FIRST_CAPACITY = 64

_RUNNING, _ANSWERED, _GROW = 0, 1, 2
REASONS = {
    3: "a head reads a fraction",
    4: "a number may exceed 64 bits",
    5: "the recency term is not below the unit of the scores",
}
"""Why the compiled loop stops before the end, by its status."""


class FastRun:
    """One decoding in progress.

    After :meth:`tokens` ends, ``stopped`` says why the rest must be left to the plain evaluator, or is
    None if an answer was written or the limit reached.
    """

    def __init__(self, model: Model, prompt: Sequence[int], memory: int) -> None:
        program = compile_model(model)
        self.program = program
        self.stopped: str | None = None
        self._given = np.array(prompt, dtype=np.int64)
        self._answers = np.array(
            [] if model.answers is None else model.vocabulary.encode(model.answers), dtype=np.int64
        )
        self._at_once = model.answers is None
        self._memory = memory
        heads = len(program.plans)
        self._features = max((len(plan.features) for plan in program.plans), default=1)
        reads = program.operations[:, 7].max(initial=1)
        self._reads = int(reads)
        self._state = np.zeros(program.states, dtype=np.int64)
        self._sizes = np.zeros(heads, dtype=np.int64)
        self._irregular = np.zeros((heads, 40), dtype=np.int64)
        self._bases = self._capacities = np.zeros(heads, dtype=np.int64)
        self._table = np.zeros(0, dtype=np.int64)
        self._keys = self._values = np.zeros((0, 0), dtype=np.int64)
        self._allocate(np.full(heads, _FIRST_CAPACITY, dtype=np.int64))

    @property
    def records(self) -> int:
        """How many records all heads together hold."""
        return int(self._sizes.sum())

    def _allocate(self, capacities: Ints) -> None:
        """Make room for so many records of each head, and move what is there."""
        from constructions.engine._kernel import rebuild

        total = int(capacities.sum())
        needed = 8 * total * (2 + self._features + 2 + self._reads)
        if needed > self._memory:
            raise ResourceError(
                f"the records of the heads need {needed / 2**20:,.0f} MiB, more than the "
                f"{self._memory / 2**20:,.0f} MiB that are allowed (--memory)"
            )
        bases = np.concatenate([[0], np.cumsum(capacities)[:-1]]).astype(np.int64)
        table = np.full(2 * total, -1, dtype=np.int64)
        keys = np.zeros((total, self._features), dtype=np.int64)
        values = np.zeros((total, 2 + self._reads), dtype=np.int64)
        for head, size in enumerate(self._sizes.tolist()):
            if size:
                old, new = self._bases[head], bases[head]
                keys[new : new + size] = self._keys[old : old + size]
                values[new : new + size] = self._values[old : old + size]
                own = table[2 * new : 2 * (new + capacities[head])]
                rebuild(own, keys[new : new + size], size, len(self.program.plans[head].features))
        self._bases, self._capacities = bases, capacities
        self._table, self._keys, self._values = table, keys, values

    def tokens(self, limit: int | None, progress: Callable[[int], None] | None = None) -> Iterator[int]:
        """The ids that the model writes, until an answer, the limit, or a reason to stop."""
        from constructions.engine._kernel import advance

        p, given, first, count = self.program, self._given, 0, 0
        while limit is None or count < limit:
            room = 1 if self._at_once else _TOKENS_AT_ONCE
            written = np.zeros(room if limit is None else min(room, limit - count), dtype=np.int64)
            if first + _TOKENS_AT_ONCE * 2 > p.most_positions:
                self.stopped = f"positions beyond {p.most_positions:,} may exceed 64 bits"
                return
            reading = given[:_TOKENS_AT_ONCE]
            rest = given[_TOKENS_AT_ONCE:]
            status, steps, made = advance(
                p.start, p.column, p.weight, p.operations, p.head_table, p.roles, p.number_row, p.special_rows,
                p.position_rows, p.low, p.high, p.logit_rows, self._answers, reading,
                written[:0] if len(rest) else written, first, self._state, self._table, self._keys, self._values,
                self._bases, self._capacities, self._sizes, self._irregular,
            )  # fmt: skip
            yield from written[:made].tolist()
            count += made
            first += steps
            if progress:
                progress(first)
            if status == _ANSWERED or (self._at_once and made):
                return
            unread = reading[steps:] if steps < len(reading) else written[made - 1 : made]
            given = np.concatenate([unread, rest])
            if status == _GROW:
                full = self._sizes == self._capacities
                self._allocate(np.where(full, 2 * self._capacities, self._capacities))
            elif status != _RUNNING:
                self.stopped = REASONS[status]
                return


__all__ = ["FastRun", "NotCompilable", "Program"]
