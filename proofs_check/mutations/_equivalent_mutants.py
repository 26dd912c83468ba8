"""Equivalent mutants: why a mutant that no evidence finds is right, by checks that run, the strongest first.

*Never read* and *contract* hold for all n. The others were established on all inputs of one size and say so; on
inputs that are only some of those, nothing is concluded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import product
from typing import Any

import numpy as np

from constructions.architectures import Model
from constructions.numerics import Exact, Rationals
from constructions.theorems import Construction
from constructions.wiring import Blueprint, Inequality, Polynomial, SymbolicAttention, SymbolicHead
from proofs_check.mutations._faults import ONE, Fault, Site
from proofs_check.mutations._inputs import Batch, InputSet
from proofs_check.mutations._structure import never_read

_MOST_POINTS = 200_000

KINDS = {
    "same model": "what is built is the same, entry by entry, for all n",
    "never read": "nothing reads what is changed, shown on the nonzero places of the matrices, for all n",
    "contract": "the head's contract holds with the changed number, as inequalities between polynomials, for all n",
    "slack": "with all values in the declared ranges, at the given size, the same token leads by at least 1",
    "no difference": "no residual stream differs after any layer, on all inputs of the given size",
    "no decision": "streams differ, but not in what the unembedding reads where a token is written, on all inputs "
    "of the given size",
    "margin": "what decides differs, but every right token still leads by at least 1 (or a fraction that is given), "
    "on all inputs of the given size",
    "tie": "some right token ties with tokens of higher ids, and the rule that the lowest id wins decides, on all "
    "inputs of the given size",
}
"""What each kind of reason means."""


@dataclass(frozen=True)
class Reason:
    """Why a survivor is right: ``kind`` is one of :data:`KINDS`, ``words`` give the scope and the numbers."""

    kind: str
    words: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of reason; there are {', '.join(KINDS)}")


def reason_for(construction: Construction, original: Model, fault: Fault, inputs: InputSet, n: int) -> Reason | None:
    """The strongest reason that a check supports, None if there is none.

    Args:
        construction: what the fault was planted into.
        original: its model of size n, without the fault.
        fault: the fault, which no evidence finds.
        inputs: those of size n that the mutant gets right; they count only if they are all.
        n: the size at which what does not hold for all n is checked.
    """
    mutant = fault.apply(original)
    if never_read(original, mutant, fault):
        return Reason("never read", "for all n: nothing reads what is changed")
    held = _contract(construction.blueprint, fault)
    if held is not None:
        return Reason("contract", f"for all n: {held}")
    points = _same_token_in_ranges(construction, original, mutant, fault, n)
    if points is not None:
        return Reason("slack", f"at n = {n}: the same token leads for all {points:,} values in the declared ranges")
    if not inputs.complete:
        return None
    return _on_all_inputs(original, mutant, inputs, n)


def reason_for_built(blueprint: Blueprint, mutant: Blueprint, inputs: InputSet, n: int) -> Reason | None:
    """Why a mutant that was built with its fault is right, None if no check says so; shapes may differ.

    Args:
        blueprint: without the fault.
        mutant: with it; no evidence finds the fault.
        inputs: those of size n; they count only if they are all.
        n: the size at which what does not hold for all n is checked.
    """
    if _same_model(blueprint, mutant):
        return Reason("same model", "for all n: the same matrices, entry by entry")
    if not inputs.complete:
        return None
    model = mutant.at(n)
    leads = [_least_lead(batch, model, batch.run(model)) for batch in inputs.batches]
    return _margin(leads, f"at n = {n}, on {inputs.words}")


def _same_model(one: Blueprint, other: Blueprint) -> bool:
    """Whether all matrices, slopes and scales are equal as polynomials."""
    if (one.domain, one.coordinates, one.answers) != (other.domain, other.coordinates, other.answers):
        return False
    slopes = [
        [head.slope for layer in b.layers if isinstance(layer, SymbolicAttention) for head in layer.heads]
        for b in (one, other)
    ]
    mine, its = ([(name, m.rows, m.columns, dict(m.entries)) for name, m in b.matrices] for b in (one, other))
    return slopes[0] == slopes[1] and mine == its


def _contract(blueprint: Blueprint, fault: Fault) -> str | None:
    """The default record of a match-latest head with default, if what its score falls short by is all that changes.

    With 2 S |q|^2 - c for the default, a match at position j >= 1 has 2 S |q|^2 + j and wins if c >= 0; a miss has
    at most 2 S |q|^2 - 2 S + T, T the largest position, and loses if c + T + 1 <= 2 S. (c is S as built.)
    """
    if len(fault.edits) != 1 or fault.exchanged is not None:
        return None
    edit = fault.edits[0]
    head = _head_of(blueprint, edit.site)
    if head is None or edit.site.matrix != "query":
        return None
    contract = next(c for c in blueprint.contracts if c.name == head.name)
    name, column = head.query.rows[edit.row], head.query.columns[edit.column]
    if contract.gadget != "match-latest with default" or (name, column) != ("default", ONE):
        return None
    old = head.query.entries.get((edit.row, edit.column), Polynomial.constant(0))
    short = -{"+1": old + 1, "-1": old - 1, "0": Polynomial.constant(0), "flip": -old}[edit.change]
    scale = Polynomial.variable("S")
    needs = [
        Inequality(f"0 <= {short}", short),
        Inequality(f"{short} + {blueprint.context + 1} <= 2 S", 2 * scale - short - blueprint.context - 1),
    ]
    if all(blueprint.domain.proves(need.polynomial) for need in needs):
        return " and ".join(need.statement for need in needs)
    return None


def _head_of(blueprint: Blueprint, site: Site) -> SymbolicHead | None:
    if site.head < 0:
        return None
    layer = blueprint.layers[int(site.part)]
    return layer.heads[site.head] if isinstance(layer, SymbolicAttention) else None


def _same_token_in_ranges(
    construction: Construction, original: Model, mutant: Model, fault: Fault, n: int
) -> int | None:
    """Over how many values of what the unembedding reads it decides as before, by at least 1; None if not on all.

    The values run over the declared ranges, which the contracts of the gadgets before guarantee.
    """
    if any(site.part != "unembedding" for site in fault.sites):
        return None
    tables = [original.unembedding_table, mutant.unembedding_table]
    read = sorted({column for table in tables for _, column, _ in table.entries()})
    blueprint = construction.blueprint
    sizes = dict.fromkeys(blueprint.domain.minimum, n)
    sizes |= blueprint.domain.scale_values(**sizes)
    extents = [blueprint.ranges[blueprint.coordinates[column]] for column in read]
    if any(extent.denominator.as_constant != 1 for extent in extents):
        return None
    ends = [(extent.low(**sizes), extent.high(**sizes)) for extent in extents]
    points = 1
    for low, high in ends:
        points *= high - low + 1
    if points > _MOST_POINTS or any(table.denominator != 1 for table in tables):
        return None
    values = np.array(list(product(*(range(low, high + 1) for low, high in ends))), dtype=object)
    old, new = (values.dot(table.numerators[:, read].T.astype(object)) for table in tables)
    chosen = np.argmax(old, axis=1)
    lead = new[np.arange(len(new)), chosen][:, None] - new
    lead[np.arange(len(new)), chosen] = 1
    return points if (lead >= 1).all() else None


def _on_all_inputs(original: Model, mutant: Model, inputs: InputSet, n: int) -> Reason | None:
    """How far a difference comes on all inputs that the model of size n reads."""
    scope = f"at n = {n}, on {inputs.words}"
    same_table = original.unembedding is mutant.unembedding
    columns = sorted({column for m in (original, mutant) for _, column, _ in m.unembedding_table.entries()})
    streams = decisions = same_table
    least: tuple[int, int] | None = None
    for batch in inputs.batches:
        ours, its = _streams(batch, original), _Streams(batch, mutant)
        streams = streams and ours.digests == its.digests
        decisions = decisions and _same(ours.final, its.final, columns)
        lead = _least_lead(batch, mutant, its.final)
        least = lead if least is None or lead[0] * least[1] < least[0] * lead[1] else least
    if streams:
        return Reason("no difference", f"{scope}: no residual stream differs after any layer{_picked(original)}")
    if decisions:
        return Reason("no decision", f"{scope}: nothing differs in what decides where a token is written")
    return None if least is None else _margin([least], scope)


def _margin(leads: Sequence[tuple[int, int]], scope: str) -> Reason | None:
    """By how much every right token leads, from the least leads of several batches; None if one does not."""
    least = leads[0]
    for lead in leads:
        least = lead if lead[0] * least[1] < least[0] * lead[1] else least
    if least[0] < 0:
        return None
    if least[0] == 0:
        return Reason("tie", f"{scope}: the rule for ties, which the lowest id wins, decides for the right token")
    shown = str(least[0]) if least[1] == 1 else f"{least[0]}/{least[1]}"
    return Reason("margin", f"{scope}: every right token leads, by at least {shown}")


def _picked(model: Model) -> str:
    return "; what heads read is the same" if model.heads else ""


class _Streams:
    """A digest of the residual stream after every layer, for all inputs of a batch, and what decides."""

    def __init__(self, batch: Batch, model: Model) -> None:
        self.digests: list[bytes] = []
        self.final = batch.run(model, self._see)

    def _see(self, _layer: str, quantity: str, found: object) -> None:
        if quantity == "residual" and isinstance(found, Rationals):
            self.digests.append(_digest(found))


@lru_cache(maxsize=256)
def _streams(batch: Batch, model: Model) -> _Streams:
    """The residual streams of a model on a batch, cached: the original is compared with many mutants."""
    return _Streams(batch, model)


def _digest(x: Rationals) -> bytes:
    """A digest of the rational numbers themselves: in lowest terms, whatever the type that holds them."""
    numbers = _exactly(x)
    if x.denominators is not None:
        below = _below(x)[..., 0]
        common = np.gcd(np.gcd.reduce(numbers.astype(object), axis=-1), below)
        numbers = np.concatenate([numbers.astype(object) // common[..., None], (below // common)[..., None]], axis=-1)
    else:
        numbers = np.concatenate([numbers, np.ones_like(numbers[..., :1])], axis=-1)
    if numbers.dtype == object and max(abs(int(numbers.min())), abs(int(numbers.max()))) < 2**63:
        numbers = numbers.astype(np.int64)
    raw = numbers.tobytes() if numbers.dtype == np.int64 else repr(numbers.tolist()).encode()
    return blake2b(raw, digest_size=32).digest()


def _same(one: Rationals, other: Rationals, columns: list[int]) -> bool:
    """Whether two arrays hold the same rational numbers in these columns."""
    a, b = _exactly(one)[..., columns], _exactly(other)[..., columns]
    if one.denominators is None and other.denominators is None:
        return bool((a == b).all())
    return bool((a.astype(object) * _below(other) == b.astype(object) * _below(one)).all())


def _exactly(x: Rationals) -> Any:
    return x.numerators if x.numerators.dtype == object else x.numerators.astype(np.int64)


def _below(x: Rationals) -> Any:
    if x.denominators is None:
        return 1
    return x.denominators.astype(np.int64).astype(object)[..., None]


def _least_lead(batch: Batch, model: Model, final: Rationals) -> tuple[int, int]:
    """The least lead of a token that must be written over any other, as numerator and denominator.

    It is -1 where another token is written: also one that ties and has a lower id.
    """
    logits = Exact().linear(model.unembedding_table, final)
    if (Exact().argmax(logits) != batch.wanted).any():
        return -1, 1
    numbers = _exactly(logits).astype(object)
    rows = np.arange(len(batch.wanted))
    right = numbers[rows, batch.wanted]
    numbers[rows, batch.wanted] = numbers.min(axis=1) - 1
    leads = right - numbers.max(axis=1)
    below = np.ones(len(rows), dtype=object) if logits.denominators is None else logits.denominators
    pairs = {(int(lead), int(d)) for lead, d in zip(leads, below, strict=True)}
    best = next(iter(pairs))
    for pair in pairs:
        best = pair if pair[0] * best[1] < best[0] * pair[1] else best
    return best


__all__ = ["KINDS", "Reason", "reason_for", "reason_for_built"]
