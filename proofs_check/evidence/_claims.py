"""From a claim to a verdict: which evidence is gathered for which quantity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from constructions.numerics import Arithmetic
from constructions.theorems import Claim, Construction, LogBound, Theorem, construction
from constructions.wiring import Polynomial
from proofs_check.evidence._inputs import InputEvidence, exhaustive, sampled
from proofs_check.evidence._resources import (
    activation_bits,
    fits,
    parameter_bits,
    shape,
    unproved_contracts,
)
from proofs_check.evidence._runs import Counterexample, Progress, Subject

VERIFIED, REFUTED, INCOMPLETE = "VERIFIED", "REFUTED", "INCOMPLETE"


@dataclass(frozen=True)
class Evidence:
    """How far something was established: ``sampled``, ``exhaustive``, ``proved`` or ``measured``, and in words."""

    kind: str
    words: str
    inputs: int | None = None


@dataclass(frozen=True)
class ClaimResult:
    """A claim with its verdict, the evidence, and a counterexample if it is refuted."""

    claim: Claim
    verdict: str
    evidence: tuple[Evidence, ...]
    counterexample: Counterexample | None = None
    reason: str | None = None


@dataclass(frozen=True)
class TheoremResult:
    """A theorem is VERIFIED when every listed claim holds in its printed scope."""

    theorem: Theorem
    claims: tuple[ClaimResult, ...]

    @property
    def verdict(self) -> str:
        """REFUTED if some claim is, else INCOMPLETE if some claim is, else VERIFIED."""
        verdicts = {result.verdict for result in self.claims}
        return next((v for v in (REFUTED, INCOMPLETE) if v in verdicts), VERIFIED)


@dataclass(frozen=True)
class Plan:
    """How much evidence to gather.

    ``exhaustive`` maps a task to the largest n and the number of letters for which all inputs are run;
    ``sizes`` are the model sizes of sampled evidence, ``cases`` the least number of sampled inputs,
    ``measured`` the sizes at which bits are measured.
    """

    exhaustive: Mapping[str, tuple[int, int]]
    sizes: Sequence[int] = (1, 2, 3, 5, 8, 13, 34, 89)
    cases: int = 2000
    seed: int = 0
    measured: Sequence[int] = (4, 16, 64, 256)
    arithmetic: Arithmetic[Any] | None = None
    progress: Progress | None = field(default=None, compare=False)


DEFAULT_EXHAUSTIVE: dict[str, tuple[int, int]] = {
    "index": (5, 4),
    "associative-recall": (5, 4),
    "c-gram": (5, 3),
    "counting": (5, 4),
}
"""Largest n and number of letters per task, for the default ``verify``."""


def variants(name: str) -> list[Construction]:
    """The constructions that a name stands for: c-gram retrieval with c from 2 to 5, or just one."""
    if name.endswith("/c-gram"):
        return [construction(name, c) for c in range(2, 6)]
    return [construction(name)]


@dataclass(frozen=True)
class _InputRuns:
    evidence: tuple[InputEvidence, ...]

    @property
    def counterexample(self) -> Counterexample | None:
        return next((e.counterexample for e in self.evidence if e.counterexample is not None), None)


class Examiner:
    """Evaluates claims; inputs are run once and serve every claim about what is written."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._runs: dict[str, _InputRuns] = {}

    def theorem(self, theorem: Theorem) -> TheoremResult:
        """All claims of a theorem."""
        return TheoremResult(theorem, tuple(self.claim(claim) for claim in theorem.claims))

    def claim(self, claim: Claim) -> ClaimResult:
        """One claim."""
        return self.about(claim, variants(claim.construction))

    def about(self, claim: Claim, constructions: Sequence[Construction]) -> ClaimResult:
        """One claim about the given constructions (the variants of one name)."""
        if claim.quantity in ("answers", "tokens"):
            return self._inputs(claim, constructions)
        if claim.quantity == "contracts":
            return self._contracts(claim, constructions)
        if claim.quantity == "shape":
            return self._shape(claim, constructions)
        return self._bits(claim, constructions)

    def _inputs(self, claim: Claim, constructions: Sequence[Construction]) -> ClaimResult:
        if claim.construction not in self._runs:
            runs = [evidence for c in constructions for evidence in self._run(Subject(c, self.plan.arithmetic))]
            self._runs[claim.construction] = _InputRuns(tuple(runs))
        runs = self._runs[claim.construction]
        evidence = _merged(runs.evidence)
        verdict = VERIFIED if runs.counterexample is None else REFUTED
        return ClaimResult(claim, verdict, evidence, runs.counterexample)

    def _run(self, subject: Subject) -> list[InputEvidence]:
        plan, task = self.plan, subject.construction.task.name
        gathered = []
        if task in plan.exhaustive:
            largest, alphabet = plan.exhaustive[task]
            gathered.append(exhaustive(subject, largest, alphabet, plan.progress))
        if not gathered or gathered[0].counterexample is None:
            gathered.append(sampled(subject, plan.sizes, plan.cases, plan.seed, plan.progress))
        return gathered

    def _contracts(self, claim: Claim, constructions: Sequence[Construction]) -> ClaimResult:
        missing = [name for c in constructions for name in unproved_contracts(c)]
        count = sum(len(c.blueprint.contracts) for c in constructions)
        needs = sum(len(contract.needs) for c in constructions for contract in c.blueprint.contracts)
        words = f"{count} contracts, {needs} inequalities between polynomials in n, for all n"
        if missing:
            return ClaimResult(claim, REFUTED, (Evidence("proved", words),), reason=f"not proved: {', '.join(missing)}")
        return ClaimResult(claim, VERIFIED, (Evidence("proved", words),))

    def _shape(self, claim: Claim, constructions: Sequence[Construction]) -> ClaimResult:
        evidence = []
        for c in constructions:
            shapes = [shape(c.at(n)) for n in self.plan.measured if n >= c.blueprint.least]
            if any(s != shapes[0] for s in shapes):
                return ClaimResult(claim, REFUTED, (), reason=f"the shape of {c.name} changes with n")
            blueprint = c.blueprint
            heads = sum(len(getattr(layer, "heads", ())) for layer in blueprint.layers)
            evidence.append(
                f"{blueprint.parameters} nonzero parameters, {len(blueprint.coordinates)} coordinates, "
                f"{heads} heads, {len(blueprint.layers)} layers"
            )
        sizes = ", ".join(map(str, self.plan.measured))
        return ClaimResult(
            claim,
            VERIFIED,
            (
                Evidence("proved", "one symbolic model for all n: " + "; ".join(evidence)),
                Evidence("measured", f"the same places are nonzero at n = {sizes}"),
            ),
        )

    def _bits(self, claim: Claim, constructions: Sequence[Construction]) -> ClaimResult:
        bound = claim.bound
        if not isinstance(bound, LogBound):
            raise TypeError(f"claim {claim.name!r} needs a bound c log2 n + d")
        parameters = claim.quantity == "parameter bits"
        evidence = []
        for c in constructions:
            largest = c.blueprint.largest_parameter if parameters else c.blueprint.largest_activation
            if not bound.covers(largest, c.blueprint):
                reason = f"{c.name}: magnitudes up to {largest} are not covered by {bound} bits"
                return ClaimResult(claim, REFUTED, (), reason=reason)
            measured = [self._measured(c, n, parameters) for n in self.plan.measured if n >= c.blueprint.least]
            excess = [m for m in measured if not fits(bound, m)]
            if excess:
                reason = f"{c.name}: {excess[0].bits} bits at n = {excess[0].n} exceed {bound}"
                return ClaimResult(claim, REFUTED, (), reason=reason)
            evidence.append(", ".join(f"{m.bits} at n = {m.n}" for m in measured))
        return ClaimResult(
            claim,
            VERIFIED,
            (
                Evidence("proved", f"magnitudes are at most {_listed(constructions, parameters)}, for all n"),
                Evidence("measured", "bits: " + "; ".join(evidence)),
            ),
        )

    def _measured(self, c: Construction, n: int, parameters: bool) -> Any:
        from proofs_check.evidence._resources import Measured

        if parameters:
            return Measured(n, parameter_bits(c.at(n)))
        return activation_bits(Subject(c), n, self.plan.seed)


def _listed(constructions: Sequence[Construction], parameters: bool) -> str:
    polynomials: list[Polynomial] = [
        c.blueprint.largest_parameter if parameters else c.blueprint.largest_activation for c in constructions
    ]
    return " or ".join(dict.fromkeys(map(str, polynomials)))


def _merged(runs: Sequence[InputEvidence]) -> tuple[Evidence, ...]:
    """Evidence of the same kind in one line; the words of different variants side by side."""
    merged = []
    for kind in ("exhaustive", "sampled"):
        same = [run for run in runs if run.kind == kind]
        if same:
            words = "; ".join(dict.fromkeys(run.words for run in same))
            merged.append(Evidence(kind, words, sum(run.inputs for run in same)))
    return tuple(merged)
