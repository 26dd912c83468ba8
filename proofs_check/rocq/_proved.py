"""For which blueprints Coq has accepted which theorems: a table that is shipped, and what it says of one in memory.

It holds for the library with which it was written, and says nothing beside another one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from constructions.wiring import Blueprint
from proofs_check._atomic_write import write_text
from proofs_check.rocq._export import digest
from proofs_check.rocq._proofs import Proofs
from proofs_check.rocq._retrieval import variants
from proofs_check.rocq._run import Outcome, Prover
from proofs_check.rocq._sources import theories_digest


def record(proofs: Proofs, results: Sequence[Outcome], prover: Prover) -> None:
    """Write the table: after a run in which every theorem was accepted without axioms."""
    accepted = [r.theorem for r in results if r.verdict == "VERIFIED"]
    blueprints: dict[str, dict[str, object]] = {}
    for name, found in sorted(proofs.digests().items()):
        theorems = [theorem.name for theorem in accepted if name in theorem.constructions]
        if theorems:
            blueprints[found] = {"construction": name, "theorems": theorems}
    for blueprint in variants():
        name = blueprint.name.rpartition(" ")[0]  # the theorem is about these weights too; those of Wire_ are not
        about = [t.name for t in accepted if name in t.constructions and not t.module.startswith("Wire_")]
        if about:
            found = digest(replace(blueprint, name=name))
            blueprints[found] = {"construction": blueprint.name, "theorems": about}
    about_none = sorted(r.theorem.name for r in results if not r.theorem.constructions and r.verdict == "VERIFIED")
    document = {
        "prover": f"Coq {prover.version}",
        "theories": theories_digest(),
        "library": about_none,
        "blueprints": blueprints,
    }
    write_text(Path(__file__).parent / "proved.json", json.dumps(document, indent=2) + "\n")


@cache
def _table() -> Mapping[str, Any]:
    """The table; empty where the library's files are not those that Coq saw."""
    found = json.loads((resources.files("proofs_check.rocq") / "proved.json").read_text(encoding="utf-8"))
    return found if found["theories"] == theories_digest() else {"library": [], "blueprints": {}}


def proved_in_the_library() -> frozenset[str]:
    """The names of the theorems about no particular weights that Coq accepted when the table was written."""
    return frozenset(_table()["library"])


def proved_theorems(blueprint: Blueprint) -> tuple[str, ...]:
    """The names of the theorems that Coq accepted about exactly these weights, when the table was written.

    A blueprint of which one entry is another has another digest, and none.
    """
    entry = _table()["blueprints"].get(digest(blueprint))
    return () if entry is None else tuple(entry["theorems"])
