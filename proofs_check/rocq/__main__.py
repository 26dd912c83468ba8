"""For maintainers: ``python -m proofs_check.rocq`` writes ``generated/`` and ``_CoqProject`` anew.

With ``--prove`` Coq then checks everything, and ``proved.json`` records for which blueprints.
"""

import sys
from pathlib import Path

from constructions.theorems import construction
from proofs_check._commands._ending import ended
from proofs_check.rocq._proofs import Proofs
from proofs_check.rocq._proved import record
from proofs_check.rocq._run import INSTALL, find_prover
from proofs_check.rocq._theorems import PRINTED

_HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Write what is printed from the constructions; 1 if Coq refuses something, 3 if it is missing."""
    proofs = Proofs([construction(name) for name in PRINTED])
    for stale in (_HERE / "generated").glob("*.v"):
        stale.unlink()
    proofs.write(_HERE, unneeded=True)
    if "--prove" not in arguments:
        return 0
    prover = find_prover(None)
    if prover is None:
        print(f"Coq is not there; install it ({INSTALL})")
        return 3
    results = proofs.run(prover, None, lambda file, done, total: print(f"{done} of {total}  {file}"))
    refused = [result for result in results if result.verdict != "VERIFIED"]
    for result in refused:
        print(f"{result.theorem.name}: {result.axioms or result.error}")
    if not refused:
        record(proofs, results, prover)
    return 1 if refused else 0


if __name__ == "__main__":
    ended(lambda: main(sys.argv[1:]))
