"""``check`` and what ``verify --out`` writes: certificates for the kernel, and the report."""

import re
from collections.abc import Sequence
from pathlib import Path

from constructions.tasks import TASKS
from constructions.theorems import Construction
from proofs_check._commands._shared import make_directory, print_json
from proofs_check.certificates import certify_exhaustive, contracts, save
from proofs_check.evidence import VERIFIED, TheoremResult
from proofs_check.kernel import check_file

CERTIFIED: dict[str, tuple[int, int | None]] = {
    "index": (5, 4),
    "associative-recall": (5, 4),
    "c-gram": (5, 3),
    "counting": (4, 4),
    "istree": (4, None),
}
"""Per task the n and the number of letters of the exhaustive certificate that ``verify --out`` writes."""


def check(path: Path, json: bool) -> int:
    """Run the kernel on a file; its exit code."""
    verdict = check_file(str(path))
    if json:
        print_json({"verdict": verdict.word, "message": verdict.message})
    else:
        print(verdict.line)
    return verdict.exit_code


def write_certificates(results: Sequence[TheoremResult], directory: Path) -> dict[str, list[str]]:
    """Certificates for every construction whose claims hold: file names by the construction's label.

    Raises:
        InputError: if the directory cannot be written.
    """
    written: dict[str, list[str]] = {}
    make_directory(directory)
    for result in results:
        constructions = {claim.construction.label: claim.construction for claim in result.claims}
        for label, construction in constructions.items():
            holds = all(c.verdict == VERIFIED for c in result.claims if c.construction.label == label)
            if holds and label not in written:
                written[label] = _certify(construction, directory)
    return written


def _certify(construction: Construction, directory: Path) -> list[str]:
    stem = re.sub(r"[^A-Za-z0-9]+", "-", construction.label).strip("-")
    names = [f"{stem}.contracts.json"]
    save(contracts(construction.blueprint), directory / names[0])
    task = construction.task.name
    if task in TASKS:
        n, alphabet = CERTIFIED[task]
        names.append(f"{stem}.exhaustive-n{n}.json")
        save(certify_exhaustive(construction, n, alphabet), directory / names[1])
    return names
