"""Verdicts on claims and theorems, with the evidence for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from constructions.theorems import Claim, Construction, Theorem
from proofs_check.evidence._runs import Counterexample

VERIFIED, REFUTED, INCOMPLETE = "VERIFIED", "REFUTED", "INCOMPLETE"


@dataclass(frozen=True)
class Evidence:
    """How far something was established, and in words.

    ``kind`` is a rung: ``measured`` and ``sampled`` at some sizes; ``exhaustive`` on all inputs of some sizes;
    ``proved`` for all n, by inequalities or limits that a program repeats; ``machine-checked`` for all n, by a theorem
    that Coq accepted about these very matrices; ``argued`` for all n, by people, on a page
    that is named; ``assumed`` of what came from elsewhere. No rung is worded as another.
    ``inputs`` is the number of inputs that were run, where inputs were run. ``curve`` holds the numbers behind
    the words where they depend on n, as pairs (n, value) with n ascending: bits, tokens or states.
    ``largest`` is the size n up to which inputs were run.
    """

    kind: str
    words: str
    inputs: int | None = None
    curve: tuple[tuple[int, int], ...] = field(default=(), compare=False)
    largest: int | None = None


RUNGS = ("machine-checked", "proved", "argued", "exhaustive", "sampled", "measured", "assumed")
"""Kinds of evidence, the strongest first."""


@dataclass(frozen=True)
class ClaimResult:
    """A claim with its verdict and evidence; ``reason`` if it does not hold.

    ``construction`` is None for claims about all machines; those come with a ``certificate``.
    """

    claim: Claim
    construction: Construction | None
    verdict: str
    evidence: tuple[Evidence, ...]
    counterexample: Counterexample | None = None
    reason: str | None = None
    certificate: Mapping[str, Any] | None = None

    @property
    def subject(self) -> str:
        """What the claim is about: the construction's name, with its parameter if it has one."""
        return self.claim.construction if self.construction is None else self.construction.label

    @property
    def rung(self) -> str | None:
        """The kind of its strongest evidence, see :data:`RUNGS`; None if it has none."""
        kinds = {evidence.kind for evidence in self.evidence}
        return next((rung for rung in RUNGS if rung in kinds), None)

    @property
    def name(self) -> str:
        """The claim's name, with the construction's parameter if it has one."""
        return self.claim.name if self.construction is None else f"{self.subject}: {self.claim.quantity}"


@dataclass(frozen=True)
class Gap:
    """Bits of state about one task, on one axis of n.

    Attributes:
        task: its name.
        sizes: the axis, ascending.
        without: under each convention, bits that any machine needs which reads the prefix once and cannot search.
        exact: whether these are enough, too.
        with_search: by name, the bits that the states of constructions take which can search.
        in_context: by name, the bits of context that the runtime keeps for constructions that search or attend to it;
            an RNN that reads once keeps nothing but its state.
    """

    task: str
    sizes: tuple[int, ...]
    without: Mapping[str, tuple[int, ...]]
    exact: Mapping[str, tuple[bool, ...]]
    with_search: Mapping[str, tuple[int, ...]]
    in_context: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, tuple[str, ...]]]:
        """The rows to compare: a name and its bits, with >= where more may be needed."""
        any_machine = [
            (
                f"{self.task}, any RNN, {name}",
                tuple(f"{'' if enough else '>='}{b}" for b, enough in zip(bits, self.exact[name], strict=True)),
            )
            for name, bits in self.without.items()
        ]
        kept = {f"{name}, context": bits for name, bits in self.in_context.items()}
        ours = {**self.with_search, **kept}
        return any_machine + [(name, tuple(map(str, bits))) for name, bits in ours.items()]

    def first(self, name: str) -> int | None:
        """The least of the sizes from which on this construction takes fewer bits than any RNN without search."""
        least = [min(bits) for bits in zip(*self.without.values(), strict=True)]
        fewer = [ours < needed for ours, needed in zip(self.with_search[name], least, strict=True)]
        starts = [place for place in range(len(fewer)) if all(fewer[place:])]
        return self.sizes[starts[0]] if starts else None


@dataclass(frozen=True)
class TheoremResult:
    """A theorem is VERIFIED when every listed claim holds in its printed scope; ``gaps`` are its picture.

    ``seconds`` of processor time were spent on it.
    """

    theorem: Theorem
    claims: tuple[ClaimResult, ...]
    gaps: tuple[Gap, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def verdict(self) -> str:
        """REFUTED if some claim is, else INCOMPLETE if some claim is, else VERIFIED."""
        verdicts = {result.verdict for result in self.claims}
        return next((v for v in (REFUTED, INCOMPLETE) if v in verdicts), VERIFIED)

    def _repr_html_(self) -> str:
        """For notebooks: the claims with verdict and evidence."""
        from constructions.worked_examples import Table, card

        rows = [
            (
                claim.verdict,
                claim.subject,
                claim.claim.statement,
                "; ".join(f"{e.kind}: {e.words}" for e in claim.evidence),
            )
            for claim in self.claims
        ]
        claims = Table("claims", ("verdict", "of", "claim", "evidence"), rows, open=True)
        missing = Table("not checked", ("",), [(part,) for part in self.theorem.not_checked], open=True)
        title = f"{self.verdict}: Theorem {self.theorem.number}, {self.theorem.title}"
        return card(title, self.theorem.statement, [claims, missing])
