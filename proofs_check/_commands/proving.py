"""``prove``: theorems for all sizes, checked by Coq about the weights that run."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from constructions.errors import InputError
from constructions.theorems import (
    NEIGHBOURING,
    NEIGHBOURS,
    Construction,
    construction,
    user_construction,
)
from proofs_check._commands._ending import EXIT
from proofs_check._commands._shared import (
    clear_progress,
    make_directory,
    print_json,
    progress_on_terminal,
)
from proofs_check.rocq import INSTALL, PRINTED, SHIPPED, Outcome, Proofs, find_prover, unproved


def prove(names: Sequence[str], user_file: str | None, out: Path | None, coqc: str | None, json: bool) -> int:
    """Have theorems checked and print what became of them."""
    if user_file is not None and names:
        raise InputError("--construction brings its own theorems; name none beside it")
    asked = [of for name in names for of in (*(NEIGHBOURS[name].constructions if name in NEIGHBOURS else ()), name)]
    constructions = _constructions(user_file, asked)
    proofs = Proofs(constructions, asked) if user_file is None else Proofs(constructions, shipped=())
    if out is not None:
        make_directory(out)
    prover = find_prover(coqc)
    if prover is None:
        if out is not None:
            proofs.write(out)
        return _missing(proofs, json)
    missing = unproved(proofs.theorems, SHIPPED if user_file is None else ())
    started = time.monotonic()
    results = proofs.run(prover, out, progress_on_terminal(), lambda line: print(line, file=sys.stderr, flush=True))
    clear_progress()
    verdict = "VERIFIED" if all(result.verdict == "VERIFIED" for result in results) else "REJECTED"
    if json:
        print_json(
            {
                "verdict": verdict,
                "prover": f"Coq {prover.version}",
                "results": [_entry(proofs, result) for result in results],
                "not_proved": list(missing),
            }
        )
    else:
        print("\n".join(_lines(result) for result in results))
        accepted = sum(result.verdict == "VERIFIED" for result in results)
        print(
            f"{verdict}: {accepted} of {len(results)} theorems, by Coq {prover.version} in "
            f"{time.monotonic() - started:.1f} s"
        )
        for name in missing:
            print(f"not proved  that what {name} writes solves its task: that is no theorem here")
    return EXIT[verdict]


def _constructions(user_file: str | None, asked: Sequence[str]) -> list[Construction]:
    """Those whose weights are shipped, and those of neighbours that are asked for."""
    if user_file is not None:
        return [user_construction(user_file)]
    nearby = (name for name in NEIGHBOURING if name in asked and name not in PRINTED)
    return [construction(name) for name in (*PRINTED, *nearby)]


def _entry(proofs: Proofs, result: Outcome) -> dict[str, object]:
    return {
        "name": result.theorem.name,
        "theorem": result.theorem.number,
        "statement": result.theorem.statement,
        "verdict": result.verdict,
        "axioms": result.axioms,
        "seconds": round(result.seconds, 2),
        "digest": proofs.digest(result.theorem),
        **({"error": result.error, "faults": result.faults} if result.error else {}),
    }


def _lines(result: Outcome) -> str:
    theorem = result.theorem
    about = f"{result.verdict}  {theorem.statement}: {theorem.name}, "
    if result.axioms == []:
        return f"{about}no axioms, {result.seconds:.1f} s"
    if result.axioms:
        return f"{about}which rests on {', '.join(result.axioms)}"
    reasons = result.faults or [result.error]
    return "\n".join([f"{about}which Coq refuses", *(f"  {reason}" for reason in reasons)])


def _missing(proofs: Proofs, json: bool) -> int:
    words = f"Coq is not there, so nothing was proved; install it ({INSTALL}) or name it by --coqc"
    if json:
        results = [
            {
                "name": theorem.name,
                "theorem": theorem.number,
                "statement": theorem.statement,
                "verdict": "INCOMPLETE",
                "axioms": None,
                "seconds": 0.0,
                "digest": proofs.digest(theorem),
            }
            for theorem in proofs.theorems
        ]
        print_json({"verdict": "INCOMPLETE", "prover": None, "reason": words, "results": results})
        return EXIT["INCOMPLETE"]
    for theorem in proofs.theorems:
        print(f"INCOMPLETE  {theorem.statement}: {theorem.name}, not checked")
    print(f"INCOMPLETE: {words}", file=sys.stdout)
    return EXIT["INCOMPLETE"]
