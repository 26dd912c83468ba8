"""Sizes: what is proved about them for all n, and what is measured at some n."""

from dataclasses import dataclass

import numpy as np

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
from constructions.numerics import Exact, Matrix, Rationals
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
    watch = _Watch(model)
    evaluator = Evaluator(model, watch.arithmetic)
    for prompt, written in subject.references(n, cases, seed):
        ids = np.array(prompt + written[:-1], dtype=np.int64)
        x, _ = evaluator.run(ids, observe=watch.see)
        watch.see("unembedding", "logits", evaluator.logits(evaluator.arithmetic.take(x, len(prompt) - 1, len(ids))))
    return Measured(n, 1 + watch.largest.bit_length())


class _Watch:
    """An observer that keeps the largest magnitude that it sees."""

    def __init__(self, model: Model) -> None:
        self.largest = 0
        self.arithmetic = Exact()
        self._slopes = {head.name: head.slope for head in model.heads}
        self._query: Rationals | None = None

    def see(self, layer: str, quantity: str, seen: object) -> None:
        """Called by the evaluator with every intermediate result."""
        if isinstance(seen, Rationals):
            self._note(_largest_in_lowest_terms(seen))
            self._query = seen
        elif quantity.endswith(".segments") and isinstance(seen, tuple) and self._query is not None:
            slope = self._slopes[quantity.removesuffix(".segments")]
            scores, hidden = self.arithmetic.scores(self._query, seen, slope, 0)
            for array in scores:
                real = array[array != hidden]
                self._note(max(int(real.max(initial=0)), -int(real.min(initial=0))))

    def _note(self, magnitude: int) -> None:
        self.largest = max(self.largest, magnitude)


def _largest_in_lowest_terms(x: Rationals) -> int:
    """The largest numerator or denominator of an entry."""
    if x.denominators is None:
        return x.measured().bound
    whole = x.numerators.astype(np.int64 if x.numerators.dtype != object else object)
    below = x.denominators.astype(whole.dtype)[..., None]
    divisor = np.gcd(whole, below)
    return max(int(np.abs(whole // divisor).max(initial=0)), int((below // divisor).max(initial=1)))


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
