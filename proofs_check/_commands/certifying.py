"""``check`` and what ``verify --out`` writes: certificates for the kernel, and the report."""

import re
from collections.abc import Sequence
from pathlib import Path

from constructions.tasks import TASKS
from constructions.theorems import Construction
from constructions.wiring import SymbolicAttention
from proofs_check._commands._shared import make_directory, print_json
from proofs_check.certificates import certify_exhaustive, certify_precision, contracts, save
from proofs_check.evidence import VERIFIED, TheoremResult
from proofs_check.kernel import check_file

Size = tuple[int, int | None, str]
"""The n, the number of letters and the family of inputs of an exhaustive certificate."""

CERTIFIED: dict[str, Size] = {
    "index": (5, 4, "words"),
    "associative-recall": (5, 4, "words"),
    "c-gram": (5, 3, "words"),
    "counting": (4, 4, "words"),
    "istree": (4, None, "edge-lists"),
}
"""Per task what ``verify --out`` certifies."""

CERTIFIED_SEARCHES: dict[str, Size] = {
    "index": (4, 4, "words"),
    "associative-recall": (4, 4, "words"),
    "c-gram": (5, 2, "words"),
    "counting": (3, 3, "words"),
    "istree": (4, None, "graphs"),
}
"""The same for models that search: they write more, and the kernel takes seconds where a head takes none."""

CERTIFIED_PRECISION: dict[str, Size] = {
    "index": (4, 3, "words"),
    "associative-recall": (4, 3, "words"),
    "c-gram": (4, 2, "words"),
    "counting": (3, 3, "words"),
    "istree": (3, None, "graphs"),
}
"""The same for what a softmax does; bounding errors takes the kernel some milliseconds an input."""


def check(path: Path, json: bool) -> int:
    """Run the kernel on a file; its exit code."""
    verdict = check_file(str(path))
    if json:
        print_json({"verdict": verdict.word, "message": verdict.message})
    else:
        print(verdict.line)
    return verdict.exit_code


def write_certificates(results: Sequence[TheoremResult], directory: Path) -> dict[str, list[str]]:
    """Certificates for every construction whose claims hold, and for bounds: file names by what they are about.

    Raises:
        InputError: if the directory cannot be written.
    """
    written: dict[str, list[str]] = {}
    make_directory(directory)
    for result in results:
        constructions = {claim.subject: claim.construction for claim in result.claims}
        for label, construction in constructions.items():
            holds = all(c.verdict == VERIFIED for c in result.claims if c.subject == label)
            if construction is not None and holds and label not in written:
                written[label] = _certify(construction, directory)
        for claim in result.claims:
            if claim.certificate is not None and claim.verdict == VERIFIED:
                name = f"{_stem(claim.name)}-n{claim.certificate['n']}.fooling-set.json"
                save(claim.certificate, directory / name)
                written.setdefault(claim.subject, []).append(name)
    return written


def _stem(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", label).strip("-")


def _certify(construction: Construction, directory: Path) -> list[str]:
    stem = _stem(construction.label)
    names = [f"{stem}.contracts.json"]
    save(contracts(construction.blueprint), directory / names[0])
    task = construction.task.name
    if task in TASKS:
        searches = construction.blueprint.search is not None
        n, alphabet, family = (CERTIFIED_SEARCHES if searches else CERTIFIED)[task]
        names.append(f"{stem}.exhaustive-n{n}.json")
        save(certify_exhaustive(construction, n, alphabet, family=family), directory / names[-1])
        if any(isinstance(layer, SymbolicAttention) for layer in construction.blueprint.layers):
            n, alphabet, family = CERTIFIED_PRECISION[task]
            names.append(f"{stem}.precision-n{n}.json")
            save(certify_precision(construction, n, alphabet, family=family), directory / names[-1])
    return names
