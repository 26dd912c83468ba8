"""The top rung, *machine-checked*: theorems that Coq accepted about exactly these weights.

Coq does not run here. What it accepted stands in a table that is shipped, by the digest of the blueprint; a blueprint
with another digest, if only one entry is another, has no entry there.
"""

from collections.abc import Iterable

from constructions.wiring import Blueprint
from proofs_check.evidence._results import Evidence
from proofs_check.rocq import SHIPPED, digest
from proofs_check.rocq._proved import proved_in_the_library, proved_theorems


def machine_checked_theorems(names: Iterable[str]) -> tuple[Evidence, ...]:
    """Evidence by theorems about no particular weights, such as lower bounds.

    There is none for a theorem of which it is not recorded that Coq accepted it, with the library as it is shipped.
    """
    known = {theorem.name: theorem.statement for theorem in SHIPPED if theorem.name in proved_in_the_library()}
    return tuple(
        Evidence("machine-checked", f"{known[name]} ({name}; Coq accepted it, without axioms, when it was recorded)")
        for name in names
        if name in known
    )


def machine_checked(blueprint: Blueprint, *, solves: bool) -> tuple[Evidence, ...]:
    """The evidence that is recorded for these weights: one entry, or none.

    Args:
        blueprint: the weights.
        solves: theorems that say that the task is solved; else those that say what the weights compute.
    """
    if blueprint.network is None:
        return ()
    names = [name for name in proved_theorems(blueprint) if name.startswith("Wire_") != solves]
    if not names:
        return ()
    words = (
        f"Coq accepted {' and '.join(names)}, for all sizes and without axioms, when the blueprint with the digest "
        f"{digest(blueprint)[:16]} was recorded; retrieval-gap prove has it checked again"
    )
    return (Evidence("machine-checked", words),)
