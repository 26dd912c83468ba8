"""``OPENBLAS_NUM_THREADS=1 python -m proofs_check.mutations [NAME[:LIMIT[:N]] ...]``: a Markdown table.

With ``--verifier`` instead of names, the table of faults in the verifier.
"""

import sys
from collections.abc import Sequence

from constructions.theorems import construction
from proofs_check._commands._ending import ended
from proofs_check.mutations import KINDS, BuildFault, Report, VerifierOutcome, judge_all, mutate

DEFAULT = (
    *(f"{family}/{task}" for family in ("transformer", "hybrid") for task in ("index", "associative-recall")),
    *(f"{family}/{task}" for family in ("transformer", "hybrid") for task in ("c-gram", "counting")),
    *(f"retrieval/{task}" for task in ("index", "associative-recall", "c-gram")),
    "retrieval/counting:200",
    "transformer/istree",
    "transformer/istree:120:4",
    "hybrid/istree",
    "retrieval/istree:400",
    *(f"{family}/turing" for family in ("transformer", "hybrid", "retrieval", "rnn")),
)
"""What docs/mutations.md has rows for."""

_COLUMNS = (
    "construction",
    "planted",
    "before contracts",
    "n",
    "inputs",
    "contracts",
    "sampled",
    "exhaustive",
    "found",
    "transcript only",
    *KINDS,
    "unexplained",
)


def row(report: Report) -> str:
    """One row of the table."""
    planted = f"{len(report.outcomes):,}"
    if len(report.outcomes) < report.possible:
        planted += f" of {report.possible:,}"
    cells = [
        report.construction.label,
        planted,
        sum(isinstance(outcome.fault, BuildFault) for outcome in report.outcomes),
        report.n,
        f"{report.sampled.count:,}; {report.exhaustive.count:,}",
        sum(outcome.refused is not None for outcome in report.outcomes),
        sum(outcome.sampled is not None for outcome in report.outcomes),
        sum(outcome.exhaustive is not None for outcome in report.outcomes),
        report.found,
        sum(outcome.transcript_only for outcome in report.outcomes),
        *(len(report.explained_by(kind)) for kind in KINDS),
        len(report.unexplained),
    ]
    shown = [f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells]
    return f"| {' | '.join(shown)} |"


def verifier_row(outcome: VerifierOutcome) -> str:
    """One row of the table of faults in the verifier."""
    fault = outcome.fault
    places = ", ".join(f"`{place.partition(':')[2]}`" for place in fault.patched)
    return f"| {fault.name} | {places} | `{fault.check_name}` | {'found' if outcome.explained else 'UNEXPLAINED'} |"


def _verifier() -> int:
    code = 0
    print("| fault | patched | check | |\n|---|---|---|---|")
    for outcome in judge_all():
        print(verifier_row(outcome), flush=True)
        code = code if outcome.explained else 3
    return code


def main(arguments: Sequence[str]) -> int:
    """Print the table; 3 if some survivor is unexplained."""
    if list(arguments) == ["--verifier"]:
        return _verifier()
    code = 0
    print(f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}")
    for argument in arguments or DEFAULT:
        name, *numbers = argument.split(":")
        limit, size = ([int(number) if number.isdecimal() else None for number in numbers] + [None, None])[:2]
        report = mutate(construction(name), size, limit=limit)
        print(row(report), flush=True)
        code = 3 if report.unexplained else code
    return code


if __name__ == "__main__":
    ended(lambda: main(sys.argv[1:]))
