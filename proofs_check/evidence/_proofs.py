"""The top rung, *machine-checked*: theorems that Coq accepted about exactly these weights.

Coq does not run here. What it accepted stands in a table that is shipped, by the digest of the blueprint; a blueprint
with another digest, if only one entry is another, has no entry there.
"""

from constructions.wiring import Blueprint
from proofs_check.evidence._results import Evidence
from proofs_check.rocq import digest
from proofs_check.rocq._proved import proved_theorems


def machine_checked(blueprint: Blueprint) -> tuple[Evidence, ...]:
    """The evidence that is recorded for these weights: one entry, or none."""
    if blueprint.network is None:
        return ()
    names = proved_theorems(blueprint)
    if not names:
        return ()
    words = (
        f"Coq accepted {' and '.join(names)}, for all sizes and without axioms, when the blueprint with the digest "
        f"{digest(blueprint)[:16]} was recorded; retrieval-gap prove has it checked again"
    )
    return (Evidence("machine-checked", words),)
