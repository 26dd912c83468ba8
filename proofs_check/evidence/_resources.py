"""Sizes: what is proved about them for all n, and what is measured at some n."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import (
    Attention,
    Embedding,
    Evaluator,
    FeedForward,
    Head,
    Model,
    Recurrence,
    Unembedding,
)
from constructions.engine import positions_at_once
from constructions.numerics import Exact, Matrix, Rationals, Segment
from constructions.theorems import Construction, LogBound
from proofs_check.evidence._runs import Subject


@dataclass(frozen=True)
class Measured:
    """A number of bits (sign included) at one size."""

    n: int
    bits: int


def matrices(model: Model) -> list[Matrix]:
    """Every matrix of a model."""
    found: list[Matrix] = []
    for part in (model.embedding, *model.layers, model.unembedding):
        found += _matrices_of(part)
    return found


def _matrices_of(part: Embedding | Unembedding | Attention | FeedForward | Recurrence | Head) -> list[Matrix]:
    if isinstance(part, Attention):
        return [matrix for head in part.heads for matrix in _matrices_of(head)]
    return [value for value in vars(part).values() if isinstance(value, Matrix)]


def parameter_bits(model: Model) -> int:
    """Bits of the largest parameter, with its sign; numerator and denominator are counted each."""
    return 1 + max(max(m.largest, m.denominator if m.denominator > 1 else 0).bit_length() for m in matrices(model))


def shape(model: Model) -> list[tuple[tuple[int, int], frozenset[tuple[int, int]]]]:
    """Shapes and nonzero places of all matrices."""
    return [(m.shape, frozenset((i, j) for i, j, _ in m.entries())) for m in matrices(model)]


def activation_bits(subject: Subject, n: int, seed: int, cases: int = 20) -> Measured:
    """Bits of the largest number that occurs anywhere while boundary and random inputs run.

    Seen are the residual stream after every layer, gates, units, queries, scores, what heads read, and
    logits; of a fraction, numerator and denominator in lowest terms.
    """
    model = subject.model(n)
    watch = _Watch()
    evaluator = Evaluator(model, watch)
    alike: dict[tuple[int, int], list[list[int]]] = {}
    for prompt, answer in subject.references(n, cases, seed):
        alike.setdefault((len(prompt), len(prompt) + len(answer) - 1), []).append(prompt + answer[:-1])
    for (prompt_length, length), rows in alike.items():
        step = positions_at_once(model, length, 0)
        for start in range(0, len(rows), step):
            x, _ = evaluator.run(np.array(rows[start : start + step], dtype=np.int64), observe=watch.see)
            written = watch.take(x, prompt_length - 1, length)
            watch.see("unembedding", "logits", evaluator.logits(written))
    return Measured(n, 1 + watch.magnitude.bit_length())


class _Watch(Exact):
    """An observer that keeps the largest magnitude that it sees; scores it sees where they are computed."""

    def __init__(self) -> None:
        super().__init__()
        self.magnitude = 0

    def see(self, layer: str, quantity: str, seen: object) -> None:
        """Called by the evaluator with every intermediate result but scores."""
        if isinstance(seen, Rationals):
            self._note(seen.largest_part())

    def scores(
        self, query: Rationals, segments: Sequence[Segment[Rationals]], slope: int, first: int
    ) -> tuple[list[NDArray[Any]], int]:
        """The scores, which are looked at; where keys are fractions, those of each prompt as if it were alone."""
        found, hidden = super().scores(query, segments, slope, first)
        if all(segment.key.denominators is None for segment in segments):
            self._look(found, hidden)
        else:
            for row in range(len(query.numerators)):
                of_row = partial(self.rows, index=np.array([row]))
                alone = [replace(s, key=of_row(s.key), value=of_row(s.value)) for s in segments]
                self._look(*super().scores(of_row(query), alone, slope, first))
        return found, hidden

    def _look(self, scores: list[NDArray[Any]], hidden: int) -> None:
        for array in scores:
            real = array[array != hidden]
            self._note(max(int(real.max(initial=0)), -int(real.min(initial=0))))

    def _note(self, magnitude: int) -> None:
        self.magnitude = max(self.magnitude, magnitude)


def fits(bound: LogBound, measured: Measured) -> bool:
    """Whether the measured bits obey the bound at their size."""
    return bound.allows(measured.bits, measured.n)


def unproved_contracts(construction: Construction) -> list[str]:
    """The names of contracts whose inequalities cannot be proved for all sizes (none, if it was built)."""
    domain = construction.blueprint.domain
    return [
        contract.name
        for contract in construction.blueprint.contracts
        if not all(domain.proves(need.polynomial) for need in contract.needs)
    ]
