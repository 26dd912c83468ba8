"""For which blueprints Coq has accepted which theorems: a table that is shipped, and what it says of one in memory.

It holds for the library with which it was written, and says nothing beside another one.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from constructions.wiring import Blueprint
from proofs_check._atomic_write import write_text
from proofs_check.rocq._export import digest
from proofs_check.rocq._proofs import Proofs
from proofs_check.rocq._run import Outcome, Prover
from proofs_check.rocq._sources import theories_digest


def record(proofs: Proofs, results: Sequence[Outcome], prover: Prover) -> None:
    """Write the table: after a run in which every theorem was accepted without axioms."""
    blueprints: dict[str, dict[str, object]] = {}
    for name, found in sorted(proofs.digests().items()):
        theorems = [r.theorem.name for r in results if name in r.theorem.constructions and r.verdict == "VERIFIED"]
        if theorems:
            blueprints[found] = {"construction": name, "theorems": theorems}
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
