"""Contracts: what a gadget needs so that it does what it says, as inequalities between polynomials."""

from dataclasses import dataclass, field

from constructions.wiring._polynomial import Domain, Polynomial
from constructions.wiring._refusal import refused


@dataclass(frozen=True)
class Inequality:
    """``polynomial >= 0``, which is the same as ``statement``; ``remedy`` says what helps if it cannot be proved."""

    statement: str
    polynomial: Polynomial
    remedy: str = field(default="raise the least size (least=), or narrow the range with w.clamp", compare=False)


def at_most(small: Polynomial | int, large: Polynomial | int, what: str = "", remedy: str | None = None) -> Inequality:
    """The inequality ``small <= large``."""
    statement, difference = f"{what}{': ' if what else ''}{small} <= {large}", Polynomial.of(large) - small
    return Inequality(statement, difference) if remedy is None else Inequality(statement, difference, remedy)


@dataclass(frozen=True)
class Contract:
    """The contract of one gadget: what it needs, and what follows.

    ``needs`` are proved for all sizes when the construction is built. ``guarantees`` says in words
    what follows. For a head, ``gap`` is the least difference between the score of what it picks and
    any other; for an unembedding, between the logits. ``magnitude`` bounds every number that occurs
    inside (scores, logits, products).
    """

    name: str
    gadget: str
    needs: tuple[Inequality, ...]
    guarantees: str
    gap: Polynomial | None
    magnitude: Polynomial

    def prove(self, domain: Domain, construction: str) -> None:
        """Raise ContractError for the first inequality that cannot be proved."""
        for need in self.needs:
            if not domain.proves(need.polynomial):
                least = ", ".join(f"{name} >= {value}" for name, value in domain.minimum.items())
                scales = "".join(
                    f"; {name} is a power of two from {p} up to below {2 * p}"
                    for name, p in domain.scales.items()
                    if name in need.polynomial.variables
                )
                raise refused(
                    f"{construction}: {self.gadget} {self.name!r} cannot be proved exact for all {least}: it needs "
                    f"{need.statement}, that is {need.polynomial} >= 0, which has a negative coefficient{scales}",
                    need.remedy,
                )
