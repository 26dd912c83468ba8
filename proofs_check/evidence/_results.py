"""Verdicts on claims and theorems, with the evidence for them."""

from dataclasses import dataclass

from constructions.theorems import Claim, Construction, Theorem
from proofs_check.evidence._runs import Counterexample

VERIFIED, REFUTED, INCOMPLETE = "VERIFIED", "REFUTED", "INCOMPLETE"


@dataclass(frozen=True)
class Evidence:
    """How far something was established: ``sampled``, ``exhaustive``, ``proved`` or ``measured``, and in words.

    ``inputs`` is the number of inputs that were run, where inputs were run.
    """

    kind: str
    words: str
    inputs: int | None = None


@dataclass(frozen=True)
class ClaimResult:
    """A claim about one construction with its verdict and evidence; ``reason`` if it does not hold."""

    claim: Claim
    construction: Construction
    verdict: str
    evidence: tuple[Evidence, ...]
    counterexample: Counterexample | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """The claim's name, with the construction's parameter if it has one."""
        return f"{self.construction.label}: {self.claim.quantity}"


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
