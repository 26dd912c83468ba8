"""For which blueprints Coq has accepted which theorems: a table that is shipped, and what it says of one in memory."""

import json
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path

from constructions.wiring import Blueprint
from proofs_check._files import write_text
from proofs_check.rocq._export import digest
from proofs_check.rocq._proofs import Proofs
from proofs_check.rocq._run import Outcome, Prover


def record(proofs: Proofs, results: Iterable[Outcome], prover: Prover) -> None:
    """Write the table: after a run in which every theorem was accepted without axioms."""
    blueprints: dict[str, dict[str, object]] = {}
    for name, found in sorted(proofs.digests().items()):
        theorems = [r.theorem.name for r in results if name in r.theorem.constructions and r.verdict == "VERIFIED"]
        if theorems:
            blueprints[found] = {"construction": name, "theorems": theorems}
    document = {"prover": f"Coq {prover.version}", "blueprints": blueprints}
    write_text(Path(__file__).parent / "proved.json", json.dumps(document, indent=2) + "\n")


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    file = resources.files("proofs_check.rocq") / "proved.json"
    found: dict[str, dict[str, list[str]]] = json.loads(file.read_text(encoding="utf-8"))["blueprints"]
    return found


def proved_theorems(blueprint: Blueprint) -> tuple[str, ...]:
    """The names of the theorems that Coq accepted about exactly these weights, when the table was written.

    A blueprint of which one entry is another has another digest, and none.
    """
    entry = _table().get(digest(blueprint))
    return () if entry is None else tuple(entry["theorems"])
